"""A fitted rater model: severity, fair scores, ranks, components, figures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy import stats

from sim.errors import KinerjaError
from sim.inference.models.crossed import CrossedModel, Effects, Solution, Term
from sim.inference.models.mixed import Array
from sim.inference.models.mixed_fit import Fit
from sim.inference.models.mixed_profile import component, profile_interval
from sim.inference.ratings.identification import Identification
from sim.inference.result import Lang, Result, forest, interval
from sim.language.numbers import number, p_value, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Method = Literal["profile", "wald"]
PROFILE_UP_TO = 5000  # ratings; beyond it the likelihood is quadratic enough for Wald intervals of log sd


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class RaterModel(Result):
    """A fitted rater model.

    Attributes
    ----------
    table : DataFrame
        part ("fixed", "sd" or "correlation"), term, estimate, se, df (Satterthwaite), low, high, p, method.
    engine : CrossedModel
    fit : Fit
        The engine's result; `fit.log_likelihood` is comparable with lme4's.
    frame : DataFrame
        The ratings used.
    design : DataFrame
        Columns of the fixed effects.
    identification : Identification
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
    identification: Identification
    score: str
    ratee: str
    rater: str
    level: float = 0.95

    @property
    def log_likelihood(self) -> float:
        return self.fit.log_likelihood

    @property
    def converged(self) -> bool:
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
        return self.engine.solve(self.fit.theta, reml=self.fit.reml)

    @cached_property
    def fitted(self) -> Array:
        return self.solution.fitted(self.design.to_numpy(float))

    @cached_property
    def residuals(self) -> Array:
        return self.frame[self.score].to_numpy(float) - self.fitted

    def random_effects(self, group: str, coefficient: str = "intercept") -> pd.DataFrame:
        """Predicted effects of every level of a grouping factor: level, n, estimate, se, low, high."""
        term = self._term(group)
        if coefficient not in term.coefficients:
            raise KinerjaError(f"{group} has no random {coefficient}; it has {', '.join(term.coefficients)}.")
        effects = self.solution.effects(group, term.coefficients.index(coefficient))
        return self._effects_table(term, effects)

    @cached_property
    def severity(self) -> pd.DataFrame:
        """Severity of every rater, in points of the score: how much lower than the average rater.

        Columns: the rater, n (ratings given), estimate, se, low, high, identified. Sorted, most severe first.
        """
        table = self.random_effects(self.rater)
        table["estimate"], table["low"], table["high"] = -table["estimate"], -table["high"], -table["low"]
        table["identified"] = self.identification.severity_identified
        return table.sort_values("estimate", ascending=False, kind="stable").reset_index(drop=True)

    @cached_property
    def fair_scores(self) -> pd.DataFrame:
        """What each ratee would score from the average rater, fixed effects held at their means.

        Columns: the ratee, n, raw (mean of the ratings), estimate, se, low, high. Effects of groups in which
        ratees are nested (a unit) are part of the score.
        """
        term = self._term(self.ratee)
        table = self._effects_table(term, self._fair(term))
        raw = self.frame.groupby(self.ratee, observed=True)[self.score].mean()
        table.insert(2, "raw", raw.reindex(term.levels).to_numpy())
        return table

    def ranks(self, draws: int = 2000, seed: int = 0) -> pd.DataFrame:
        """Ranks of the fair scores (1 = best) with intervals.

        Parameters
        ----------
        draws : int
            Joint draws of the fair scores given the data; the interval holds the middle ones.
        seed : int

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
        """Standard deviations and correlations with intervals, see `components_table`."""
        return components_table(self.fit, method, self.level)

    def share(self, group: str) -> float:
        """Share of a group's intercept variance in the variance of one rating."""
        sds = self.sds
        variance = sds.loc[sds["part"] == "sd", "estimate"] ** 2
        return float(
            variance[group] / variance[[t for t in variance.index if ":" not in t or t == group]].sum()
        )

    def diagnostics(self, figure: Figure | None = None) -> Figure:
        """Four panels: residuals against fitted, and normal quantiles of residuals, raters and ratees."""
        if figure is None:
            import matplotlib.pyplot as plt

            figure = plt.figure(figsize=(9, 7), layout="constrained")
        axes = figure.subplots(2, 2).ravel()
        axes[0].plot(self.fitted, self.residuals, ".", ms=2, alpha=0.4)
        axes[0].axhline(0.0, color="0.7", lw=1)
        axes[0].set(xlabel="fitted", ylabel="residual")
        values = {"residual": self.residuals}
        values |= {g: self.random_effects(g)["estimate"].to_numpy() for g in (self.rater, self.ratee)}
        for ax, (name, value) in zip(axes[1:], values.items(), strict=True):
            (at, ordered), (slope, start, _) = stats.probplot(value)
            ax.plot(at, ordered, ".", ms=3)
            ax.plot(at, start + slope * at, color="0.6", lw=1)
            ax.set(xlabel="normal quantile", ylabel=name)
        return figure

    def prose(self, lang: Lang) -> str:
        sd = self.sds["estimate"]
        rater, ratee, rest = sd[self.rater], sd[self.ratee], sd["residual"]
        part = percent(self.share(self.rater), lang=lang), percent(self.share(self.ratee), lang=lang)
        n = [
            number(v, 0, lang=lang)
            for v in (len(self.frame), self.identification.ratees, self.identification.raters)
        ]
        gap = number(2.0 * stats.norm.ppf(0.9) * rater, 2, lang=lang)
        if lang == "id":
            text = (
                f"{n[0]} penilaian atas {n[1]} pegawai oleh {n[2]} penilai. Dari keragaman satu penilaian, "
                f"{part[0]} berasal dari penilai (simpangan baku {number(rater, 2, lang=lang)}) dan {part[1]} dari "
                f"pegawai yang dinilai ({number(ratee, 2, lang=lang)}); simpangan baku sisanya {number(rest, 2, lang=lang)}. "
                f"Pegawai yang sama berbeda {gap} poin antara penilai di persentil 10 dan 90."
            )
        else:
            text = (
                f"{n[0]} ratings of {n[1]} ratees by {n[2]} raters. Of the variance of one rating, {part[0]} "
                f"comes from the rater (sd {number(rater, 2, lang=lang)}) and {part[1]} from the ratee "
                f"({number(ratee, 2, lang=lang)}); the residual sd is {number(rest, 2, lang=lang)}. The same ratee differs "
                f"by {gap} points between raters at the 10th and the 90th percentile."
            )
        for term, row in self.fixed.iterrows():
            if term != "Intercept":
                est = number(row["estimate"], 2, lang=lang)
                span = interval(row["low"], row["high"], level=self.level, lang=lang)
                text += f" {term}: {est} {span}, {p_value(row['p'], lang=lang)}."
        return text

    def _draw_on(self, ax: Axes) -> None:
        table = self.severity
        if len(table) > 40:
            table = pd.concat([table.head(20), table.tail(20)])
        forest(ax, table, self.rater, zero=0.0)
        ax.set_xlabel(f"severity ({self.score})")

    def _term(self, group: str) -> Term:
        for term in self.engine.terms:
            if term.name == group:
                return term
        have = ", ".join(t.name for t in self.engine.terms)
        raise KinerjaError(f"{group} is not a grouping factor of this model; it has {have}.")

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


def components_table(fitted: Fit, method: Method | Literal["none"], level: float) -> pd.DataFrame:
    """Standard deviations and correlations with intervals.

    Wald intervals are of the logarithm (of Fisher's z for correlations); where the standard error exceeds a
    quarter of the estimate the likelihood is far from quadratic and the interval is profiled in any case.
    """
    rows = []
    errors = fitted.standard_errors()
    z = stats.norm.ppf(0.5 + level / 2.0) * np.array([-1.0, 1.0])
    for name, value in fitted.sds().items():
        correlation, se = name in fitted.model.correlations, errors[name]
        quadratic = se < 0.25 * (1.0 - value**2 if correlation else value)
        how = "wald" if method == "wald" and quadratic else "profile"
        if method == "none" or np.isnan(value) or not fitted.converged:
            low, high, how = np.nan, np.nan, "none"
        elif how == "profile":
            low, high = profile_interval(fitted, component(fitted.model, name), value, level)
        elif correlation:
            low, high = np.tanh(np.arctanh(value) + z * se / (1.0 - value**2))
        else:
            low, high = value * np.exp(z * se / value)
        part = "correlation" if correlation else "sd"
        rows.append((part, name, value, se, np.nan, low, high, np.nan, how))
    columns = ["part", "term", "estimate", "se", "df", "low", "high", "p", "method"]
    return pd.DataFrame(rows, columns=columns)
