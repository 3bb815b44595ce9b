"""Agreement of raters on categories: Fleiss' kappa and Krippendorff's alpha."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import krippendorff
import numpy as np
import pandas as pd
from statsmodels.stats.inter_rater import fleiss_kappa as kappa_of_table

from sim.errors import KinerjaError, _
from sim.inference.data.checks import check_ratings
from sim.inference.models.mixed import Array
from sim.inference.ratings.identification import disconnected_notes, identification
from sim.inference.ratings.reliability import COLUMNS, ReliabilityResult, wide
from sim.inference.result import Note

MOST_VALUES = 200  # distinct values; beyond it the score is a measure: use icc


def fleiss_kappa(
    ratings: pd.DataFrame,
    *,
    ratee: str,
    rater: str,
    score: str,
    level: float = 0.95,
    draws: int = 1000,
    seed: int = 0,
) -> ReliabilityResult:
    """Estimate Fleiss' kappa (statsmodels), with a bootstrap interval over ratees.

    Parameters
    ----------
    ratings : DataFrame
        Every ratee has the same number of ratings, not necessarily by the same raters.
    ratee, rater, score : str
        Column names; `score` is a category, its order is not used.
    level : float
        Of the interval.
    draws : int
        Bootstrap samples.
    seed : int
        Of the samples.

    Returns
    -------
    ReliabilityResult

    Raises
    ------
    KinerjaError
        Ratees with different numbers of ratings, or one only; ratings that no model can use (see `check_ratings`).
    """
    counts, __, notes = _counts(ratings, ratee, rater, score)
    sizes = counts.sum(axis=1)
    if not (sizes == sizes[0]).all() or sizes[0] < 2:
        raise KinerjaError(
            _(
                "Fleiss' kappa needs the same number of ratings for every {ratee}, at least two; "
                "here there are {fewest} to {most}. Use krippendorff_alpha.",
                ratee=ratee,
                fewest=int(sizes.min()),
                most=int(sizes.max()),
            )
        )

    def kappa(table: Array) -> float:
        used = table.sum(axis=0) > 0
        return float(kappa_of_table(table)) if used.sum() > 1 else float("nan")

    return _bootstrap("kappa", kappa, counts, level, draws, seed, notes)


def krippendorff_alpha(
    ratings: pd.DataFrame,
    *,
    ratee: str,
    rater: str,
    score: str,
    measurement: Literal["nominal", "ordinal", "interval", "ratio"] = "ordinal",
    level: float = 0.95,
    draws: int = 1000,
    seed: int = 0,
) -> ReliabilityResult:
    """Estimate Krippendorff's alpha (package `krippendorff`), with a bootstrap interval over ratees.

    Parameters
    ----------
    ratings : DataFrame
        Any number of raters per ratee; ratees with one rating carry no information.
    ratee, rater, score : str
        Column names. An ordered categorical keeps its order.
    measurement : {"nominal", "ordinal", "interval", "ratio"}
    level : float
        Of the interval.
    draws : int
        Bootstrap samples.
    seed : int
        Of the samples.

    Returns
    -------
    ReliabilityResult

    Raises
    ------
    KinerjaError
        No ratee was rated twice; `measurement` does not suit the score; ratings that no model can use.
    """
    counts, values, notes = _counts(ratings, ratee, rater, score)
    pairable = counts[counts.sum(axis=1) >= 2]
    if not len(pairable):
        raise KinerjaError(_("No {ratee} was rated twice; agreement cannot be measured.", ratee=ratee))
    if measurement in ("interval", "ratio") and not all(isinstance(v, (int, float)) for v in values):
        raise KinerjaError(_('{score} is not a number; use measurement="ordinal" or "nominal".', score=score))
    numeric = measurement in ("interval", "ratio")
    domain = np.array(values, dtype=float) if numeric else np.arange(len(values), dtype=float)

    def alpha(table: Array) -> float:
        if (table.sum(axis=0) > 0).sum() < 2:
            return float("nan")
        return float(
            krippendorff.alpha(value_counts=table, value_domain=domain, level_of_measurement=measurement)
        )

    return _bootstrap("krippendorff", alpha, pairable, level, draws, seed, notes)


def _counts(
    ratings: pd.DataFrame, ratee: str, rater: str, score: str
) -> tuple[Array, list[object], tuple[Note, ...]]:
    """Return ratees by values (counts), the values in order, and cautions."""
    frame, notes = check_ratings(ratings, ratee=ratee, rater=rater, score=score, ordered=True)
    wide(frame, ratee=ratee, rater=rater, score=score)  # refuses repeated pairs
    notes += disconnected_notes(identification(frame, ratee=ratee, rater=rater))
    column = frame[score]
    if isinstance(column.dtype, pd.CategoricalDtype):
        present = set(column)
        values = [v for v in column.cat.categories if v in present]
    else:
        values = sorted(column.unique().tolist())
    if len(values) > MOST_VALUES:
        raise KinerjaError(
            _(
                "{score} has {n:,} distinct values: it is a measure; use icc.",
                score=score,
                n=len(values),
            )
        )
    table = pd.crosstab(frame[ratee], column.astype(object))[values]
    return table.to_numpy(float), [v.item() if hasattr(v, "item") else v for v in values], notes


def _bootstrap(
    name: str,
    statistic: Callable[[Array], float],
    counts: Array,
    level: float,
    draws: int,
    seed: int,
    notes: tuple[Note, ...],
) -> ReliabilityResult:
    rng = np.random.default_rng(seed)
    n = len(counts)
    again = [statistic(counts[rng.integers(0, n, n)]) for __ in range(draws)]
    tail = (1.0 - level) / 2.0
    low, high = np.nanquantile(again, [tail, 1.0 - tail])
    row = (name, statistic(counts), float(low), float(high), "bootstrap")
    table = pd.DataFrame([row], columns=COLUMNS)
    sizes = counts.sum(axis=1)
    return ReliabilityResult(
        estimates=table, notes=notes, ratees=n, raters=float(n / (1.0 / sizes).sum()), level=level
    )
