"""Ordered models of the predikat: what it depends on, predicted mixes, what moves an officer up."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import linalg, optimize, stats
from statsmodels.miscmodels.ordinal_model import OrderedModel

from sim.errors import KinerjaError, Problem, Problems
from sim.inference.data.checks import check_complete, repeated_notes
from sim.inference.models.formulas import fixed_effects, read_formula, variables
from sim.inference.models.mixed import Array
from sim.inference.models.ordinal import OrdinalModel
from sim.inference.ratings.identification import grouping_term
from sim.inference.ratings.ordered_result import OrderedResult
from sim.inference.result import Note
from sim.regulation import PREDIKAT


def ordered_model(
    data: pd.DataFrame,
    *,
    score: str,
    fixed: str,
    rater: str | None = None,
    levels: Sequence[object] | None = None,
    nodes: int = 10,
    level: float = 0.95,
) -> OrderedResult:
    """Proportional odds model of an ordered score, optionally with a random rater.

    Parameters
    ----------
    data : DataFrame
        One rating a row.
    score : str
        Ordered column: an ordered categorical, numbers, predikat (their names order them), or any labels whose
        order `levels` gives.
    fixed : str
        Formula of what it depends on; no intercept (the thresholds are one).
    rater : str, optional
        Column of the rater: a normal effect on the logit scale, integrated out by adaptive Gauss-Hermite quadrature.
    levels : sequence, optional
        Levels, lowest first.
    nodes : int
        Quadrature points.
    level : float

    Returns
    -------
    OrderedResult

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
    order, more = ordered_levels(frame[score], levels)
    notes += more
    codes = frame[score].astype(object).map({v: k for k, v in enumerate(order)}).to_numpy(np.int64)
    built = fixed_effects(formula, frame)
    X = built.matrix.drop(columns="Intercept", errors="ignore")
    if X.shape[1] == 0 and rater is None:
        raise KinerjaError("There is nothing to explain the score with; name a variable, or a rater.")
    if linalg.svdvals(np.column_stack([X, np.ones(len(X))])).min() < 1e-9 * max(
        1.0, float(np.abs(X).max().max() or 1)
    ):
        raise KinerjaError("A combination of the variables is constant; leave one of them out.")
    _refuse_separation(codes, len(order), X)
    spread: tuple[float, float] | None = None
    if rater is None:
        estimates, covariance, value, converged = _fixed_fit(codes, X)
        raters = None
    else:
        term = grouping_term(frame, rater)
        if len(term.levels) < 2:
            raise KinerjaError(f"There is one {rater} only; leave it out of the model.")
        engine = OrdinalModel(codes, len(order), X.to_numpy(float), term.codes, nodes=nodes)
        found = engine.fit()
        spread = engine.sd_interval(found, level)
        estimates = np.concatenate([found.cuts, found.beta, [found.sd]])
        covariance, value, converged = found.covariance, found.log_likelihood, found.converged
        half = stats.norm.ppf(0.5 + level / 2.0) * found.spreads
        raters = pd.DataFrame({
            rater: term.levels,
            "n": np.bincount(term.codes),
            "estimate": -found.modes,
            "se": found.spreads,
            "low": -found.modes - half,
            "high": -found.modes + half,
        })  # fmt: skip
        if found.at_boundary:
            notes += (
                Note(
                    "boundary",
                    f"Ragam {rater} ditaksir nol.",
                    f"The variance of {rater} is estimated at zero.",
                ),
            )
    if not converged:
        notes += (
            Note(
                "not_converged",
                "Taksiran tidak konvergen; jangan dipakai.",
                "The fit did not converge; do not use it.",
            ),
        )
    return OrderedResult(
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


def ordered_levels(
    column: pd.Series, levels: Sequence[object] | None
) -> tuple[list[object], tuple[Note, ...]]:
    """Levels that occur, lowest first."""
    present = set(column)
    if levels is not None:
        known = list(levels)
    elif isinstance(column.dtype, pd.CategoricalDtype) and column.cat.ordered:
        known = column.cat.categories.tolist()
    elif pd.api.types.is_numeric_dtype(column):
        known = sorted(present)
    else:
        names = {v: str(v).strip().lower().replace(" ", "_") for v in present}
        if not set(names.values()) <= set(PREDIKAT):
            what = f"The levels {_listed(sorted(map(str, present))[:8])} have no order."
            raise Problems([Problem("data", None, str(column.name), what, "Give `levels`, lowest first.")])
        known = sorted(present, key=lambda v: PREDIKAT.index(names[v]))
    strange = present - set(known)
    if strange:
        what = f"{_listed(sorted(map(str, strange))[:5])} is not among the levels given."
        raise Problems([Problem("data", None, str(column.name), what, "Correct the column or the levels.")])
    used = [v for v in known if v in present]
    if len(used) < 2:
        raise Problems(
            [Problem("data", None, str(column.name), "All scores are equal.", "There is nothing to explain.")]
        )
    gone = _listed([v for v in known if v not in present])
    notes = (
        Note("empty_levels", f"Tidak ada yang mendapat {gone}.", f"Nobody has {gone}."),
    ) if gone else ()  # fmt: skip
    return used, notes


def _refuse_separation(codes: NDArray[np.int64], levels: int, X: pd.DataFrame) -> None:
    """Refuse covariates that separate the levels: the likelihood then has no maximum."""
    if X.shape[1] == 0 or not _separating(codes, levels, X):
        return
    alone = [str(name) for name in X.columns if _separating(codes, levels, X[[name]])]
    guilty = alone or _separating(codes, levels, X)
    raise KinerjaError(
        f"{_listed(guilty)} separates the levels of the score perfectly, so its effect has no finite estimate. Merge "
        "levels or categories, or leave it out."
    )


def _separating(codes: NDArray[np.int64], levels: int, X: pd.DataFrame) -> list[str]:
    """Columns of a direction (d, c) that leaves no rating less likely and some more so.

    `c[y] - x d >= 0` and `c[y - 1] - x d <= 0` for all ratings; a linear programme finds whether one exists.
    """
    scale = X.abs().max().replace(0.0, 1.0)
    Z, k = (X / scale).to_numpy(float), levels - 1
    upper, lower = codes < k, codes > 0
    cuts = np.eye(k)
    slack = np.vstack(
        [np.hstack([cuts[codes[upper]], -Z[upper]]), np.hstack([-cuts[codes[lower] - 1], Z[lower]])]
    )
    found = optimize.linprog(
        -slack.sum(axis=0), A_ub=-slack, b_ub=np.zeros(len(slack)), bounds=(-1.0, 1.0), method="highs"
    )
    if found.status != 0 or -found.fun < 1e-6:
        return []
    return [str(name) for name, d in zip(X.columns, found.x[k:], strict=True) if abs(d) > 1e-6]


def _fixed_fit(codes: NDArray[np.int64], X: pd.DataFrame) -> tuple[Array, Array, float, bool]:
    """statsmodels' OrderedModel, its thresholds turned back from logarithms of increments."""
    model = OrderedModel(codes, X.to_numpy(float), distr="logit")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # convergence is read from the result
        found = model.fit(method="bfgs", disp=False, gtol=1e-7, maxiter=500, skip_hessian=True)
    p = X.shape[1]
    params, slopes = np.asarray(found.params), np.arange(p)
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
    return estimates, covariance, float(found.llf), abs(decrement) < 1e-4


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
