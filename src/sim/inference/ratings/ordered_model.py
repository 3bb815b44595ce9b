"""Fit ordered models of the predikat: what it depends on, predicted mixes, what moves an officer up."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.polynomial.hermite import hermgauss
from numpy.typing import NDArray
from scipy import linalg, optimize, special, stats
from statsmodels.miscmodels.ordinal_model import OrderedModel

from sim.errors import KinerjaError, Problem, Problems, _
from sim.inference.data.checks import check_complete, repeated_notes
from sim.inference.data.scales import in_order
from sim.inference.models.formulas import FixedEffects, fixed_effects, read_formula, variables
from sim.inference.models.mixed import Array
from sim.inference.models.ordinal import OrdinalModel
from sim.inference.ratings.identification import grouping_term
from sim.inference.result import Note, Result, convergence_notes, forest
from sim.language.numbers import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes


STEP = 1e-5  # relative, for derivatives of probabilities in the parameters


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class OrderedModelResult(Result):
    """A fitted proportional odds model: slopes, predicted mixes, marginal effects.

    Attributes
    ----------
    estimates : DataFrame
        part ("slope", "threshold" or "sd"), term, estimate, se, low, high, p. Slopes are log odds of a higher level.
    levels : tuple
        Levels of the score, lowest first.
    params : float array (K - 1 + p [+ 1],)
        Thresholds, slopes and, with a random rater, its standard deviation.
    covariance : float array
        Of `params`.
    log_likelihood : float
    converged : bool
    raters : DataFrame or None
        Severity of every rater on the logit scale: the rater, n, estimate, se, low, high.
    frame : DataFrame
        Rows used.
    fixed : FixedEffects
    score, rater : str
        Column names; `rater` is None where the model has none.
    level : float
        Of the intervals.
    """

    levels: tuple[object, ...]
    params: Array
    covariance: Array
    log_likelihood: float
    converged: bool
    raters: pd.DataFrame | None
    frame: pd.DataFrame
    fixed: FixedEffects
    score: str
    rater: str | None
    level: float

    @cached_property
    def slopes(self) -> pd.DataFrame:
        """The slopes, in log odds of a higher level, indexed by term."""
        return self.estimates[self.estimates["part"] == "slope"].set_index("term")

    def mix(self, data: pd.DataFrame | None = None) -> pd.DataFrame:
        """Predict the mix of levels, averaged over raters.

        Parameters
        ----------
        data : DataFrame, optional
            Rows to predict for; those used in the fit by default.

        Returns
        -------
        DataFrame
            level, share, se, low, high.
        """
        X = self._columns(self.frame if data is None else data)
        share, se = self._delta(lambda p: self._probabilities(p, X).mean(axis=0))
        return self._shares(share, se)

    def effects(self, of: object | None = None) -> pd.DataFrame:
        """Estimate average marginal effects: how the probability of every level moves with every variable.

        Parameters
        ----------
        of : level, optional
            Only officers who have this level now (``"Baik"``); everyone by default.

        Returns
        -------
        DataFrame
            variable, change (which comparison), level, estimate (a difference in probability), se, low, high, p. A
            variable with two values is moved from the lower to the higher, a category from the first to each other, a
            measure by a small step, expressed per unit.
        """
        frame = self.frame
        if of is not None:
            if of not in self.levels:
                raise KinerjaError(
                    _(
                        "{level} is not a level of {score}; the levels are {levels}.",
                        level=of,
                        score=self.score,
                        levels=", ".join(map(str, self.levels)),
                    )
                )
            frame = frame[frame[self.score] == of]
        z = stats.norm.ppf(0.5 + self.level / 2.0)
        rows = []
        for variable in self.fixed.variables:
            for change, low, high, size in _contrasts(frame, self.frame[variable], variable):
                below, above = self._columns(low), self._columns(high)

                def difference(p: Array, a: Array = above, b: Array = below, h: float = size) -> Array:
                    return (self._probabilities(p, a) - self._probabilities(p, b)).mean(axis=0) / h

                estimate, se = self._delta(difference)
                for k, name in enumerate(self.levels):
                    e, s = float(estimate[k]), float(se[k])
                    p = float(2.0 * stats.norm.sf(abs(e) / s)) if s > 0.0 else float("nan")
                    rows.append((variable, change, name, e, s, e - z * s, e + z * s, p))
        names = ["variable", "change", "level", "estimate", "se", "low", "high", "p"]
        return pd.DataFrame(rows, columns=names)

    def sentences(self) -> list[str]:
        effects = self.effects()
        effects = effects[effects["level"] == self.levels[-1]]
        changes = "; ".join(
            f"{row.variable} ({row.change}): {percent(row.estimate)} ({percent(row.low)}, {percent(row.high)})"
            for row in effects.itertuples()
        )
        said = [
            _(
                "{n:,} ratings. Average change in the probability of {level}: {changes}.",
                n=len(self.frame),
                level=self.levels[-1],
                changes=changes,
            )
        ]
        sd = self.estimates.loc[self.estimates["part"] == "sd", "estimate"]
        if len(sd):
            said.append(
                _(
                    "A rater one standard deviation more lenient multiplies the odds of a higher level by "
                    "{ratio:,.1f}.",
                    ratio=np.exp(sd.iloc[0]),
                )
            )
        return [str(message) for message in said]

    def _draw_on(self, ax: Axes) -> None:
        table = self.effects()
        table = table[table["level"] == self.levels[-1]]
        table = table.assign(label=table["variable"] + " " + table["change"])
        forest(ax, table, "label", zero=0.0)
        ax.set_xlabel(f"P({self.score} = {self.levels[-1]})")

    def _columns(self, data: pd.DataFrame) -> Array:
        built = self.fixed.rebuild(data)
        return built.drop(columns="Intercept", errors="ignore").to_numpy(float)

    def _probabilities(self, params: Array, X: Array) -> Array:
        """Return the probability of every level (rows, K), integrated over raters."""
        k = len(self.levels) - 1
        eta = (X @ params[k : k + X.shape[1]])[:, None]
        weights = np.ones(1)
        if self.rater is not None:
            nodes, weights = hermgauss(30)
            eta = eta + params[-1] * np.sqrt(2.0) * nodes
            weights = weights / np.sqrt(np.pi)
        reach = special.expit(params[:k] - eta[..., None])  # P(level <= k)
        return np.diff((reach * weights[:, None]).sum(axis=1), axis=1, prepend=0.0, append=1.0)

    def _delta(self, function: Callable[[Array], Array]) -> tuple[Array, Array]:
        """Return the value of a vector function of the estimates and its standard errors (delta method)."""
        value = function(self.params)
        jacobian = np.empty((len(value), len(self.params)))
        for j, at in enumerate(self.params):
            shift = np.zeros(len(self.params))
            shift[j] = STEP * max(1.0, abs(float(at)))
            jacobian[:, j] = (function(self.params + shift) - function(self.params - shift)) / (
                2.0 * shift[j]
            )
        variance = np.einsum("ij,jk,ik->i", jacobian, self.covariance, jacobian)
        return value, np.sqrt(np.maximum(variance, 0.0))

    def _shares(self, share: Array, se: Array) -> pd.DataFrame:
        """Tabulate shares with intervals of the logit, so that they stay between 0 and 1."""
        z = stats.norm.ppf(0.5 + self.level / 2.0) * se / np.maximum(share * (1.0 - share), 1e-300)
        low, high = special.expit(special.logit(share) - z), special.expit(special.logit(share) + z)
        return pd.DataFrame({"level": list(self.levels), "share": share, "se": se, "low": low, "high": high})


def ordered_model(
    data: pd.DataFrame,
    *,
    score: str,
    fixed: str,
    rater: str | None = None,
    levels: Sequence[object] | None = None,
    nodes: int = 10,
    level: float = 0.95,
) -> OrderedModelResult:
    """Fit a proportional odds model of an ordered score, optionally with a random rater.

    Parameters
    ----------
    data : DataFrame
        One rating per row.
    score : str
        Ordered column: an ordered categorical, numbers, words of a known scale (predikat, Likert), or any labels
        whose order `levels` gives.
    fixed : str
        Formula of what it depends on; no intercept (the thresholds take its place).
    rater : str, optional
        Column of the rater: a normal effect on the logit scale, integrated out by adaptive Gauss-Hermite quadrature.
    levels : sequence, optional
        Levels, lowest first.
    nodes : int
        Quadrature points.
    level : float

    Returns
    -------
    OrderedModelResult

    Raises
    ------
    KinerjaError
        Levels without an order, one level only, covariates that separate the levels perfectly, collinear columns.

    Notes
    -----
    Without a rater: statsmodels' OrderedModel. With one: `sim.inference.models.ordinal`, which
    reproduces R's ordinal::clmm.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame({"trained": np.repeat([0, 1], 100)})
    >>> data["predikat"] = pd.cut(rng.logistic(data.trained, 1), [-99, -2, 2, 99],
    ...                           labels=["Butuh Perbaikan", "Baik", "Sangat Baik"])
    >>> ordered_model(data, score="predikat", fixed="trained").levels
    ('Butuh Perbaikan', 'Baik', 'Sangat Baik')
    """
    formula = read_formula(fixed)
    needed = [score, *variables(formula), *([rater] if rater else [])]
    frame, notes = check_complete(data, needed)
    notes += repeated_notes(data, needed)
    order, codes, more = ordered_codes(frame[score], levels)
    notes += more
    built = fixed_effects(formula, frame)
    X = built.matrix.drop(columns="Intercept", errors="ignore")
    if X.shape[1] == 0 and rater is None:
        raise KinerjaError(_("The model is empty: name a variable, or a rater."))
    largest = float(np.abs(X).max().max() or 1)
    if linalg.svdvals(np.column_stack([X, np.ones(len(X))])).min() < 1e-9 * max(1.0, largest):
        raise KinerjaError(_("A combination of the variables is constant; leave one of them out."))
    _refuse_separation(codes, len(order), X)
    spread: tuple[float, float] | None = None
    if rater is None:
        estimates, covariance, value, converged = _fixed_fit(codes, X)
        raters = None
    else:
        term = grouping_term(frame, rater)
        if len(term.levels) < 2:
            raise KinerjaError(_("There is one {rater} only; leave it out of the model.", rater=rater))
        engine = OrdinalModel(codes, len(order), X.to_numpy(float), term.codes, nodes=nodes)
        fitted = engine.fit()
        spread = engine.sd_interval(fitted, level)
        estimates = np.concatenate([fitted.cuts, fitted.beta, [fitted.sd]])
        covariance, value, converged = fitted.covariance, fitted.log_likelihood, fitted.converged
        half = stats.norm.ppf(0.5 + level / 2.0) * fitted.spreads
        raters = pd.DataFrame({
            rater: term.levels,
            "n": np.bincount(term.codes),
            "estimate": -fitted.modes,
            "se": fitted.spreads,
            "low": -fitted.modes - half,
            "high": -fitted.modes + half,
        })  # fmt: skip
        if fitted.at_boundary:
            notes += (Note("boundary", _("The variance of {rater} is estimated at zero.", rater=rater)),)
    notes += convergence_notes(converged)
    return OrderedModelResult(
        estimates=_table(order, list(X.columns), estimates, covariance, rater, spread, level),
        notes=notes,
        levels=tuple(order),
        params=estimates,
        covariance=covariance,
        log_likelihood=value,
        converged=converged,
        raters=raters,
        frame=frame,
        fixed=built,
        score=score,
        rater=rater,
        level=level,
    )


def ordered_codes(
    column: pd.Series, levels: Sequence[object] | None
) -> tuple[list[object], NDArray[np.int64], tuple[Note, ...]]:
    """Return the levels that occur, the place of each score among them, and notes; see :func:`ordered_levels`."""
    order, notes = ordered_levels(column, levels)
    places = {value: k for k, value in enumerate(order)}
    return order, column.astype(object).map(places).to_numpy(np.int64), notes


def ordered_levels(
    column: pd.Series, levels: Sequence[object] | None
) -> tuple[list[object], tuple[Note, ...]]:
    """Return the levels that occur, lowest first, with a note on levels that do not.

    Parameters
    ----------
    column : Series
    levels : sequence, optional
        The order; by default that of an ordered categorical, of numbers, or of a known scale in words (`SCALES`).

    Raises
    ------
    Problems
        Levels without an order, or not among those given; one level only.
    """
    known, present = in_order(column, levels), set(column)
    used = [v for v in known if v in present]
    if len(used) < 2:
        what, do = _("All scores are equal."), _("There is nothing to explain; check the column.")
        raise Problems([Problem("data", None, str(column.name), what, do)])
    gone = _listed([v for v in known if v not in present])
    notes = (
        Note("empty_levels", _("Nobody has {levels}.", levels=gone)),
    ) if gone else ()  # fmt: skip
    return used, notes


def _contrasts(
    frame: pd.DataFrame, whole: pd.Series, variable: str
) -> list[tuple[str, pd.DataFrame, pd.DataFrame, float]]:
    """List the comparisons that a variable allows: name, rows before and after, and the size of the step."""
    values = sorted(whole.unique().tolist())
    if len(values) == 1:
        return []
    if pd.api.types.is_numeric_dtype(whole) and not pd.api.types.is_bool_dtype(whole) and len(values) > 2:
        half = 1e-4 * float(whole.std())
        return [("+1", frame.assign(**{variable: frame[variable] - half}),
                 frame.assign(**{variable: frame[variable] + half}), 2.0 * half)]  # fmt: skip
    first = _same(frame, variable, values[0])
    return [(f"{values[0]} → {v}", first, _same(frame, variable, v), 1.0) for v in values[1:]]


def _same(frame: pd.DataFrame, variable: str, value: object) -> pd.DataFrame:
    constant = pd.Series([value] * len(frame), index=frame.index)
    return frame.assign(**{variable: constant.astype(frame[variable].dtype)})


def _refuse_separation(codes: NDArray[np.int64], levels: int, X: pd.DataFrame) -> None:
    """Refuse covariates that separate the levels: the likelihood then has no maximum."""
    if X.shape[1] == 0 or not _separating(codes, levels, X):
        return
    alone = [str(name) for name in X.columns if _separating(codes, levels, X[[name]])]
    guilty = alone or _separating(codes, levels, X)
    raise KinerjaError(
        _(
            "{names} separates the levels of the score perfectly, so its effect has no finite estimate. Merge "
            "levels or categories, or leave it out.",
            names=_listed(guilty),
        )
    )


def _separating(codes: NDArray[np.int64], levels: int, X: pd.DataFrame) -> list[str]:
    """Name the columns of a direction (d, c) that leaves no rating less likely and some more so.

    `c[y] - x d >= 0` and `c[y - 1] - x d <= 0` for all ratings; a linear programme shows whether one exists.
    """
    scale = X.abs().max().replace(0.0, 1.0)
    Z, k = (X / scale).to_numpy(float), levels - 1
    upper, lower = codes < k, codes > 0
    cuts = np.eye(k)
    slack = np.vstack(
        [np.hstack([cuts[codes[upper]], -Z[upper]]), np.hstack([-cuts[codes[lower] - 1], Z[lower]])]
    )
    solved = optimize.linprog(
        -slack.sum(axis=0), A_ub=-slack, b_ub=np.zeros(len(slack)), bounds=(-1.0, 1.0), method="highs"
    )
    if solved.status != 0 or -solved.fun < 1e-6:
        return []
    return [str(name) for name, d in zip(X.columns, solved.x[k:], strict=True) if abs(d) > 1e-6]


def _fixed_fit(codes: NDArray[np.int64], X: pd.DataFrame) -> tuple[Array, Array, float, bool]:
    """Fit statsmodels' OrderedModel, its thresholds turned back from logarithms of increments."""
    model = OrderedModel(codes, X.to_numpy(float), distr="logit")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # convergence is read from the result
        fitted = model.fit(method="bfgs", disp=False, gtol=1e-7, maxiter=500, skip_hessian=True)
    p = X.shape[1]
    params, slopes = np.asarray(fitted.params), np.arange(p)
    steps = params[p:]
    cuts = np.asarray(model.transform_threshold_params(params))[1:-1]
    jacobian = np.zeros((len(params), len(params)))
    jacobian[len(steps) + slopes, slopes] = 1.0
    jacobian[: len(steps), p] = 1.0
    for j in range(1, len(steps)):
        jacobian[j : len(steps), p + j] = np.exp(steps[j])
    inverse = np.linalg.inv(-np.asarray(model.hessian(params)))
    covariance = jacobian @ inverse @ jacobian.T
    score = np.asarray(model.score(params))
    decrement = float(score @ inverse @ score)
    estimates = np.concatenate([cuts, params[:p]])
    return estimates, covariance, float(fitted.llf), abs(decrement) < 1e-4


def _table(
    order: Sequence[object],
    slopes: list[str],
    estimates: Array,
    covariance: Array,
    rater: str | None,
    spread: tuple[float, float] | None,
    level: float,
) -> pd.DataFrame:
    names = [f"{a} | {b}" for a, b in pairwise(order)]
    part = ["threshold"] * len(names) + ["slope"] * len(slopes) + (["sd"] if rater else [])
    se = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    z = stats.norm.ppf(0.5 + level / 2.0)
    low, high = estimates - z * se, estimates + z * se
    if spread is not None:
        low[-1], high[-1] = spread
    p = np.where(np.array(part) == "slope", 2.0 * stats.norm.sf(np.abs(estimates) / se), np.nan)
    terms = [*names, *slopes, *([rater] if rater else [])]
    table = pd.DataFrame(
        {"part": part, "term": terms, "estimate": estimates, "se": se, "low": low, "high": high, "p": p}
    )
    return table.sort_values(
        "part", key=lambda s: s.map({"slope": 0, "threshold": 1, "sd": 2}), kind="stable"
    ).reset_index(drop=True)


def _listed(names: Sequence[object]) -> str:
    return ", ".join(map(str, names))
