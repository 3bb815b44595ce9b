"""Fit rater effects: severity, fair scores and relationship bias where raters and ratees cross."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy import linalg, stats

from sim.errors import KinerjaError, _
from sim.inference.data.checks import check_ratings
from sim.inference.models.crossed import CrossedModel, Effects, Solution, Term
from sim.inference.models.formulas import fixed_effects, read_formula, variables
from sim.inference.models.mixed import Array
from sim.inference.models.mixed_fit import Fit, fit
from sim.inference.models.variance_components import PROFILE_UP_TO, Method, boundary_message, components_table
from sim.inference.ratings.identification import (
    IdentificationResult,
    confounded,
    disconnected_notes,
    grouping_term,
    identification,
    require_connected,
)
from sim.inference.result import Note, Result, convergence_notes, forest, interval, largest
from sim.language import speaking
from sim.language.numbers import p_value, scaled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class RaterModelResult(Result):
    """A fitted rater model: severity, fair scores, ranks, variance components.

    Attributes
    ----------
    estimates : DataFrame
        part ("fixed", "sd" or "correlation"), term, estimate, se, df (Satterthwaite), low, high, p, method.
    engine : CrossedModel
    fit : Fit
        The engine's result; `fit.log_likelihood` is comparable with lme4's.
    frame : DataFrame
        The ratings used.
    design : DataFrame
        Columns of the fixed effects.
    identification : IdentificationResult
        What the pattern of ratings identifies.
    score, ratee, rater : str
        Column names.
    level : float
        Of every interval.
    """

    engine: CrossedModel
    fit: Fit
    frame: pd.DataFrame
    design: pd.DataFrame
    identification: IdentificationResult
    score: str
    ratee: str
    rater: str
    level: float = 0.95

    @property
    def log_likelihood(self) -> float:
        """Log-likelihood, restricted where `method` was "reml"; comparable with lme4's."""
        return self.fit.log_likelihood

    @property
    def converged(self) -> bool:
        """Whether the optimiser reached the maximum."""
        return self.fit.converged

    @property
    def singular(self) -> bool:
        """Whether a variance or correlation is at the edge of what is possible."""
        return bool(self.fit.boundary)

    @property
    def fixed(self) -> pd.DataFrame:
        """The fixed effects, indexed by term."""
        return self.estimates[self.estimates["part"] == "fixed"].set_index("term")

    @property
    def sds(self) -> pd.DataFrame:
        """Standard deviations and correlations of the random effects, indexed by term."""
        return self.estimates[self.estimates["part"] != "fixed"].set_index("term")

    @cached_property
    def solution(self) -> Solution:
        """Estimates and predictions at the optimum."""
        return self.engine.solve(self.fit.theta, reml=self.fit.reml)

    @cached_property
    def fitted(self) -> Array:
        """Fitted value of every rating, (n,), in points of the score."""
        return self.solution.fitted(self.design.to_numpy(float))

    @cached_property
    def residuals(self) -> Array:
        """Residual of every rating, (n,), in points of the score."""
        return self.frame[self.score].to_numpy(float) - self.fitted

    def random_effects(self, group: str, coefficient: str = "intercept") -> pd.DataFrame:
        """Predict the effect of every level of a grouping factor, in points of the score.

        Parameters
        ----------
        group : str
            Grouping factor, as in `groups` of `rater_model`.
        coefficient : str
            "intercept", or the column of a random slope.

        Returns
        -------
        DataFrame
            The level, n (ratings), estimate, se, low, high.
        """
        term = self._term(group)
        if coefficient not in term.coefficients:
            raise KinerjaError(
                _(
                    "{group} has no random {coefficient}; it has: {coefficients}.",
                    group=group,
                    coefficient=coefficient,
                    coefficients=", ".join(term.coefficients),
                )
            )
        effects = self.solution.effects(group, term.coefficients.index(coefficient))
        return self._effects_table(term, effects)

    @cached_property
    def severity(self) -> pd.DataFrame:
        """Severity of every rater, in points of the score: how much lower they rate than the average rater.

        Columns: the rater, n (ratings given), estimate, se, low, high, identified. Sorted, most severe first.
        """
        table = self.random_effects(self.rater)
        table["estimate"], table["low"], table["high"] = -table["estimate"], -table["high"], -table["low"]
        table["identified"] = self.identification.severity_identified
        return table.sort_values("estimate", ascending=False, kind="stable").reset_index(drop=True)

    @cached_property
    def fair_scores(self) -> pd.DataFrame:
        """Score that each ratee would get from the average rater, fixed effects held at their means.

        Columns: the ratee, n, raw (mean of the ratings), estimate, se, low, high. Effects of groups in which
        ratees are nested (a unit) are part of the score.
        """
        term = self._term(self.ratee)
        table = self._effects_table(term, self._fair(term))
        raw = self.frame.groupby(self.ratee, observed=True)[self.score].mean()
        table.insert(2, "raw", raw.reindex(term.levels).to_numpy())
        return table

    def ranks(self, draws: int = 2000, seed: int = 0) -> pd.DataFrame:
        """Rank the fair scores (1 = best), with intervals.

        Parameters
        ----------
        draws : int
            Joint draws of the fair scores given the data; the interval holds the middle ones.
        seed : int
            Of the draws.

        Returns
        -------
        DataFrame
            The ratee, rank (of the fair score), raw_rank (of the plain mean), low, high.
        """
        term = self._term(self.ratee)
        effects = self._fair(term)
        rng = np.random.default_rng(seed)
        ranks = np.empty((len(term.levels), draws), dtype=np.int32)
        for a in range(0, draws, 250):
            part = self.solution.draws(effects, min(250, draws - a), rng)
            ranks[:, a : a + part.shape[1]] = (-part).argsort(axis=0).argsort(axis=0) + 1
        tail = (1.0 - self.level) / 2.0
        low, high = np.quantile(ranks, [tail, 1.0 - tail], axis=1, method="closest_observation")
        raw = self.fair_scores["raw"].rank(ascending=False)
        return pd.DataFrame({
            self.ratee: term.levels,
            "rank": (-effects.predicted).argsort().argsort() + 1,
            "raw_rank": raw.to_numpy(),
            "low": low.astype(int),
            "high": high.astype(int),
        })  # fmt: skip

    def variance_components(self, method: Method = "profile") -> pd.DataFrame:
        """Tabulate standard deviations and correlations with intervals, see `components_table`."""
        return components_table(self.fit, method, self.level)

    def share(self, group: str) -> float:
        """Return the share of a group's intercept variance in the variance of one rating."""
        sds = self.sds
        variance = sds.loc[sds["part"] == "sd", "estimate"] ** 2
        return float(
            variance[group] / variance[[t for t in variance.index if ":" not in t or t == group]].sum()
        )

    def diagnostics(self, *, lang: str | None = None, ax: Axes | None = None) -> Figure:
        """Draw four panels: residuals against fitted, and normal quantiles of residuals, raters and ratees.

        Parameters
        ----------
        lang : {"id", "en"}, optional
            The session's language by default.
        ax : Axes, optional
            Axes that make room for it.
        """
        from sim.picture import canvas, local_numbers  # matplotlib is slow to import

        with speaking(lang):
            figure, grid = canvas((9, 7), 2, 2, ax=ax)
            axes = grid.ravel()
            axes[0].plot(self.fitted, self.residuals, ".", ms=2, alpha=0.4)
            axes[0].axhline(0.0, color="0.7", lw=1)
            axes[0].set(xlabel=str(_("fitted")), ylabel=str(_("residual")))
            values = [(str(_("residual")), self.residuals)]
            values += [(g, self.random_effects(g)["estimate"].to_numpy()) for g in (self.rater, self.ratee)]
            for panel, (name, value) in zip(axes[1:], values, strict=True):
                (at, ordered), (slope, start, __) = stats.probplot(value)
                panel.plot(at, ordered, ".", ms=3)
                panel.plot(at, start + slope * at, color="0.6", lw=1)
                panel.set(xlabel=str(_("normal quantile")), ylabel=name)
            for panel in axes:
                local_numbers(panel)
        root = figure.get_figure(root=True)
        assert root is not None
        return root

    def sentences(self) -> list[str]:
        sd = self.sds["estimate"]
        like = largest(*sd[[self.rater, self.ratee, "residual"]])
        main = _(
            "{ratings:,} ratings of {ratees:,} ratees by {raters:,} raters. Of the variance of one rating, "
            "{rater_share:.1%} comes from the rater (standard deviation {rater}) and {ratee_share:.1%} from the "
            "ratee ({ratee}); the residual standard deviation is {residual}. The same ratee differs by "
            "{gap} points between raters at the 10th and the 90th percentile.",
            ratings=len(self.frame),
            ratees=self.identification.ratees,
            raters=self.identification.raters,
            rater_share=self.share(self.rater),
            rater=scaled(sd[self.rater], 2, like),
            ratee_share=self.share(self.ratee),
            ratee=scaled(sd[self.ratee], 2, like),
            residual=scaled(sd["residual"], 2, like),
            gap=scaled(2.0 * stats.norm.ppf(0.9) * sd[self.rater], 2, like),
        )
        effects = [
            f"{term}: {scaled(row['estimate'], 2, largest(row['estimate'], row['low'], row['high']))} "
            f"{interval(row['low'], row['high'], level=self.level)}, {p_value(row['p'])}."
            for term, row in self.fixed.iterrows()
            if term != "Intercept"
        ]
        return [str(main), *effects]

    def _draw_on(self, ax: Axes) -> None:
        table = self.severity
        if len(table) > 40:
            table = pd.concat([table.head(20), table.tail(20)])
        forest(ax, table, self.rater, zero=0.0)
        ax.set_xlabel(str(_("severity ({score})", score=self.score)))

    def _term(self, group: str) -> Term:
        for term in self.engine.terms:
            if term.name == group:
                return term
        have = ", ".join(t.name for t in self.engine.terms)
        raise KinerjaError(
            _("{group} is not a grouping factor of this model; it has: {groups}.", group=group, groups=have)
        )

    def _effects_table(self, term: Term, effects: Effects) -> pd.DataFrame:
        se = self.solution.standard_errors(effects)
        half = stats.norm.ppf(0.5 + self.level / 2.0) * se
        names = term.levels.to_frame(index=False)
        names.columns = pd.Index(term.name.split(":"))
        names["n"] = np.bincount(term.codes, minlength=len(term.levels))
        return names.assign(
            estimate=effects.predicted, se=se, low=effects.predicted - half, high=effects.predicted + half
        )

    def _fair(self, term: Term) -> Effects:
        solution = self.solution
        mean = solution.effects(term.name, at=self.design.to_numpy(float).mean(axis=0))
        predicted, own, rows = mean.predicted, mean.own, mean.rows
        for other in self.engine.terms:
            if (
                other.name in (self.ratee, self.rater)
                or ":" in other.name
                or "intercept" not in other.coefficients
            ):
                continue
            pairs = pd.DataFrame({"ratee": term.codes, "group": other.codes}).drop_duplicates()
            if len(pairs) == len(term.levels):  # every ratee in one group only: nested
                there = pairs.sort_values("ratee")["group"].to_numpy()
                group = solution.effects(other.name)
                predicted = predicted + group.predicted[there]
                own, rows = own + group.own[there], rows + group.rows[there]
        return Effects(predicted, own, rows)


def rater_model(
    ratings: pd.DataFrame,
    *,
    score: str,
    ratee: str,
    rater: str,
    fixed: str = "1",
    groups: Sequence[str] = (),
    slopes: Mapping[str, str] | None = None,
    method: Literal["reml", "ml"] = "reml",
    disconnected: Literal["refuse", "assume"] = "refuse",
    intervals: Method | Literal["none"] | None = None,
    same_codes: bool | None = None,
    level: float = 0.95,
) -> RaterModelResult:
    """Fit a linear mixed model of ratings with crossed random effects of ratee and rater.

    Parameters
    ----------
    ratings : DataFrame
        One rating per row; unbalanced and incomplete designs are normal.
    score, ratee, rater : str
        Column names.
    fixed : str
        Formula of the fixed effects, as in ``"1 + same_unit + C(purpose)"``.
    groups : sequence of str
        Further grouping factors, nested or crossed: ``"unit"``, or interactions ``"ratee:rater"``.
    slopes : mapping of str to str
        Random slope of a column by a grouping factor, correlated with its intercept:
        ``{"rater": "closeness"}``.
    method : {"reml", "ml"}
    disconnected : {"refuse", "assume"}
        What to do when parts of the design never meet: refuse and name them, or treat their effects as random
        draws of one population, which is an assumption that no data can check.
    intervals : {"profile", "wald", "none"}, optional
        Of the standard deviations: profile likelihood, Wald of the logarithm, or none (quickest). By default
        profile up to 5,000 ratings; beyond, Wald where the likelihood is close to quadratic, else profile.
    same_codes : bool, optional
        Whether equal codes of ratee and rater are one person (True) or two numberings (False); by default only where
        they are not short numbers, see `self_ratings`.
    level : float
        Of the intervals.

    Returns
    -------
    RaterModelResult

    Raises
    ------
    KinerjaError
        Anything that would make the numbers meaningless: see `check_ratings`; collinear fixed effects;
        variance components that the design cannot separate; a disconnected design.

    Notes
    -----
    Intervals of fixed effects use Satterthwaite's degrees of freedom. Log-likelihoods are those of lme4.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame({"officer": np.repeat(np.arange(30), 4), "rater": np.arange(120) % 11})
    >>> data["score"] = rng.normal(size=30)[data.officer] + rng.normal(size=120)
    >>> model = rater_model(data, score="score", ratee="officer", rater="rater")
    >>> model.converged, len(model.severity)
    (True, 11)
    """
    if method not in ("reml", "ml"):
        raise KinerjaError(_('method is "{method}"; use "reml" or "ml".', method=method))
    slopes = dict(slopes or {})
    formula = read_formula(fixed)
    names = [c for g in groups for c in g.split(":")] + list(slopes.values())
    names += variables(formula)
    frame, notes = check_ratings(
        ratings, score=score, ratee=ratee, rater=rater, columns=names, same_codes=same_codes
    )
    report = identification(frame, ratee=ratee, rater=rater)
    if disconnected == "refuse":
        require_connected(report, ratee, rater)
    X = fixed_effects(formula, frame).matrix
    terms = [grouping_term(frame, g, slopes.pop(g, None)) for g in dict.fromkeys([ratee, rater, *groups])]
    if slopes:
        raise KinerjaError(
            _(
                "slopes: {names} is not a grouping factor; add it to groups.",
                names=", ".join(slopes),
            )
        )
    _require_separable(terms, X)
    model = CrossedModel(frame[score].to_numpy(float), X.to_numpy(float), terms)
    fitted = fit(model, reml=method == "reml")
    if intervals not in (None, "profile", "wald", "none"):
        raise KinerjaError(
            _('intervals is "{intervals}"; use "profile", "wald" or "none".', intervals=intervals)
        )
    how = intervals or ("profile" if len(frame) <= PROFILE_UP_TO else "auto")
    parts = [_fixed_table(fitted, list(X.columns), level), components_table(fitted, how, level)]
    table = pd.concat(parts, ignore_index=True)
    return RaterModelResult(
        estimates=table,
        notes=notes + _cautions(fitted, report, how),
        engine=model,
        fit=fitted,
        frame=frame,
        design=X,
        identification=report,
        score=score,
        ratee=ratee,
        rater=rater,
        level=level,
    )


def _require_separable(terms: Sequence[Term], X: pd.DataFrame) -> None:
    """Refuse variance components that the design cannot separate."""
    basis = linalg.qr(X.to_numpy(float), mode="economic")[0]
    sets = confounded(terms, basis)
    if sets:
        alone = [names[0] for names in sets if len(names) == 1]
        if alone:
            raise KinerjaError(
                _(
                    "Not identified: the variance of {names} is taken up by the fixed effects (a factor with one "
                    "level, or one that is also in the formula). Leave it out of one of them.",
                    names=", ".join(alone),
                )
            )
        listed = "; ".join(" + ".join(names) for names in sets)
        raise KinerjaError(
            _(
                "Not identified: the variances of {names} cannot be separated in this design (for instance with one "
                "rating per ratee, or one supervisor per unit). Leave one of them out, or add ratings that cross "
                "them.",
                names=listed,
            )
        )


def _fixed_table(fitted: Fit, names: list[str], level: float) -> pd.DataFrame:
    solution = fitted.solution
    se, df = np.sqrt(np.diag(solution.covariance)), fitted.degrees_of_freedom()
    half = stats.t.ppf(0.5 + level / 2.0, df) * se
    return pd.DataFrame({
        "part": "fixed",
        "term": names,
        "estimate": solution.beta,
        "se": se,
        "df": df,
        "low": solution.beta - half,
        "high": solution.beta + half,
        "p": 2.0 * stats.t.sf(np.abs(solution.beta) / se, df),
        "method": "satterthwaite",
    })  # fmt: skip


def _cautions(fitted: Fit, report: IdentificationResult, how: str) -> tuple[Note, ...]:
    notes = list(convergence_notes(fitted.converged))
    if fitted.boundary:
        notes.append(Note("boundary", boundary_message(fitted)))
        if how == "wald":
            none = _('There is no Wald interval at the boundary; intervals="profile" gives one.')
            notes.append(Note("no_wald_interval", none))
    return (*notes, *disconnected_notes(report))
