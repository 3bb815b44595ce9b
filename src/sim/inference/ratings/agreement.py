"""Agreement of raters on categories: Cohen, Fleiss, Gwet, Brennan and Prediger, Krippendorff."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, get_args

import numpy as np
import pandas as pd
from statsmodels.stats.inter_rater import fleiss_kappa as kappa_of_table

from sim.errors import KinerjaError, _
from sim.inference.data.checks import check_ratings
from sim.inference.data.scales import in_order
from sim.inference.models.mixed import Array
from sim.inference.ratings.identification import disconnected_notes, identification
from sim.inference.ratings.reliability import COLUMNS, ReliabilityResult, wide
from sim.inference.result import Note

Measurement = Literal["nominal", "ordinal", "interval", "ratio"]

ORDER_CURE = _(
    "Give `levels`, lowest first, or an ordered categorical; where there is no order, use the nominal level."
)

Weights = Literal["none", "linear", "quadratic"]

MOST_VALUES = 200  # distinct values; beyond it the score is a measure: use icc


def fleiss_kappa(
    ratings: pd.DataFrame,
    *,
    ratee: str,
    rater: str,
    score: str,
    same_codes: bool | None = None,
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
    same_codes : bool, optional
        Whether equal codes of ratee and rater are one person (True) or two numberings (False); by default only where
        they are not short numbers, see `self_ratings`.
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
    counts, __, notes = _counts(ratings, ratee, rater, score, same_codes=same_codes)
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
    measurement: Measurement = "ordinal",
    levels: Sequence[object] | None = None,
    same_codes: bool | None = None,
    level: float = 0.95,
    draws: int = 1000,
    seed: int = 0,
) -> ReliabilityResult:
    """Estimate Krippendorff's alpha, with a bootstrap interval over ratees.

    Parameters
    ----------
    ratings : DataFrame
        Any number of raters per ratee; ratees with one rating carry no information.
    ratee, rater, score : str
        Column names. At the ordinal level scores are numbers, an ordered categorical, words of a known scale
        (predikat, Likert) or labels whose order `levels` gives.
    measurement : {"nominal", "ordinal", "interval", "ratio"}
    levels : sequence, optional
        Levels of the score, lowest first.
    same_codes : bool, optional
        Whether equal codes of ratee and rater are one person (True) or two numberings (False); by default only where
        they are not short numbers, see `self_ratings`.
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
        No ratee was rated twice; `measurement` does not suit the score; words whose order is not known; ratings
        that no model can use.

    Notes
    -----
    Source: Krippendorff (2011), Computing Krippendorff's alpha-reliability. Our own function: the package
    krippendorff, with which it agrees to 1e-12, is under the GPL.

    Examples
    --------
    >>> data = pd.DataFrame({"who": list("aabbccdd"), "by": list("xy") * 4,
    ...     "score": ["Baik", "Baik", "Cukup", "Kurang", "Kurang", "Kurang", "Sangat Baik", "Baik"]})
    >>> round(krippendorff_alpha(data, ratee="who", rater="by", score="score", draws=50)["krippendorff"], 3)
    0.816
    """
    if measurement not in get_args(Measurement):
        known = ", ".join(get_args(Measurement))
        raise KinerjaError(_("measurement is {measurement!r}; choose one of {known}.",
                             measurement=measurement, known=known))  # fmt: skip
    counts, values, notes = _counts(
        ratings, ratee, rater, score, ordered=measurement == "ordinal", levels=levels, same_codes=same_codes
    )
    pairable = counts[counts.sum(axis=1) >= 2]
    if not len(pairable):
        raise KinerjaError(_("No {ratee} was rated twice; agreement cannot be measured.", ratee=ratee))
    numeric = measurement in ("interval", "ratio")
    if numeric and not all(isinstance(v, (int, float)) for v in values):
        raise KinerjaError(_('{score} is not a number; use measurement="ordinal" or "nominal".', score=score))
    domain = np.array(values, dtype=float) if numeric else np.arange(len(values), dtype=float)
    if measurement == "ratio" and (domain < 0).any():
        raise KinerjaError(
            _('{score} has numbers below zero, so zero is not none; use measurement="interval".', score=score)
        )

    def alpha(table: Array) -> float:
        return alpha_of_counts(table, domain, measurement)

    return _bootstrap("krippendorff", alpha, pairable, level, draws, seed, notes)


def agreement(
    ratings: pd.DataFrame,
    *,
    ratee: str,
    rater: str,
    score: str,
    weights: Weights = "none",
    levels: Sequence[object] | None = None,
    same_codes: bool | None = None,
    level: float = 0.95,
    draws: int = 1000,
    seed: int = 0,
) -> ReliabilityResult:
    """Estimate all usual measures of agreement on categories, with bootstrap intervals over ratees.

    Parameters
    ----------
    ratings : DataFrame
        Any number of raters per ratee; missing ratings are allowed.
    ratee, rater, score : str
        Column names.
    weights : {"none", "linear", "quadratic"}
        Credit for near misses: none, or falling with the distance of two levels or its square. With weights the
        score is ordered, as in `krippendorff_alpha`: numbers by their distance, words by their place.
    levels : sequence, optional
        Levels of the score, lowest first, those included that nobody has: `ac`, `brennan_prediger` count them.
    same_codes : bool, optional
        Whether equal codes of ratee and rater are one person (True) or two numberings (False); by default only where
        they are not short numbers, see `self_ratings`.
    level : float
        Of the intervals.
    draws : int
        Bootstrap samples, the same for all measures.
    seed : int
        Of the samples.

    Returns
    -------
    ReliabilityResult
        percent (weighted share of agreeing pairs), cohen (where there are two raters; weighted kappa with weights),
        fleiss, ac (Gwet's AC1, AC2 with weights), brennan_prediger, krippendorff (with these weights: nominal
        without, interval with quadratic ones; the ordinal alpha is that of `krippendorff_alpha`).

    Raises
    ------
    KinerjaError
        No ratee was rated twice; one value only; words whose order is not known; ratings that no model can use.

    Notes
    -----
    Source: Gwet (2014), Handbook of Inter-Rater Reliability, ch. 2-4, with its treatment of missing ratings.

    Examples
    --------
    >>> data = pd.DataFrame({"who": list("aabbccdd"), "by": list("xy") * 4, "score": [1, 1, 1, 2, 2, 2, 2, 2]})
    >>> agreement(data, ratee="who", rater="by", score="score", draws=50).table()["estimate"].round(2).tolist()
    [0.75, 0.5, 0.47, 0.53, 0.5, 0.53]
    """
    if weights not in get_args(Weights):
        known = ", ".join(get_args(Weights))
        raise KinerjaError(_("weights is {weights!r}; choose one of {known}.", weights=weights, known=known))
    frame, values, order, notes = _categories(
        ratings, ratee, rater, score, ordered=weights != "none", levels=levels, same_codes=same_codes
    )
    who = pd.factorize(frame[ratee], sort=True)[0]
    by, raters = pd.factorize(frame[rater], sort=True)
    at = {v: k for k, v in enumerate(order)}
    level_of = np.array([at[v] for v in values])
    counts = np.zeros((who.max() + 1, len(order)))
    np.add.at(counts, (who, level_of), 1.0)
    if not (counts.sum(axis=1) >= 2).any():
        raise KinerjaError(_("No {ratee} was rated twice; agreement cannot be measured.", ratee=ratee))
    both = None
    if len(raters) == 2:
        both = np.zeros((len(counts), 2, len(order)))
        both[who, by, level_of] = 1.0
    numeric = all(isinstance(v, (int, float)) for v in order)
    place = np.array(order if numeric else range(len(order)), dtype=float)
    far = np.abs(place[:, None] - place[None, :]) / max(float(np.ptp(place)), 1e-300)
    credit = {"none": np.eye(len(order)), "linear": 1.0 - far, "quadratic": 1.0 - far**2}[weights]

    def measures(rows: np.ndarray) -> dict[str, float]:
        return _chance_corrected(counts[rows], None if both is None else both[rows], credit)

    n = len(counts)
    found = measures(np.arange(n))
    if not all(np.isfinite(v) for v in found.values()):
        raise KinerjaError(
            _("All ratings that can be compared are the same value; agreement beyond chance is not defined.")
        )
    rng = np.random.default_rng(seed)
    again = pd.DataFrame([measures(rng.integers(0, n, n)) for __ in range(draws)])
    tail = (1.0 - level) / 2.0
    rows = [
        (name, value, *np.nanquantile(again[name], [tail, 1.0 - tail]).tolist(), "bootstrap")
        for name, value in found.items()
    ]
    sizes = counts.sum(axis=1)
    return ReliabilityResult(
        estimates=pd.DataFrame(rows, columns=COLUMNS),
        notes=notes,
        ratees=n,
        raters=float(n / (1.0 / sizes).sum()),
        level=level,
    )


def _chance_corrected(counts: Array, both: Array | None, credit: Array) -> dict[str, float]:
    """Return agreement and what is left of it beyond chance.

    Parameters
    ----------
    counts : array, shape (ratees, levels)
    both : array, shape (ratees, 2, levels), optional
        0/1, where there are two raters.
    credit : array, shape (levels, levels)
        1 on the diagonal.
    """
    size = counts.sum(axis=1)
    several = size >= 2
    r, of = counts[several], size[several]
    seen = ((r * (r @ credit - 1.0)).sum(axis=1) / (of * (of - 1.0))).mean() if several.any() else np.nan
    q = len(credit)
    share = (counts / size[:, None]).mean(axis=0)
    chance = {
        "fleiss": share @ credit @ share,
        "ac": credit.sum() / (q * (q - 1.0)) * (share * (1.0 - share)).sum(),
        "brennan_prediger": credit.sum() / q**2,
    }
    found = {"percent": float(seen)}
    if both is not None:
        given = both.sum(axis=0)
        one, other = given / np.maximum(given.sum(axis=1, keepdims=True), 1.0)
        chance = {"cohen": one @ credit @ other, **chance}
    for name, by_chance in chance.items():
        found[name] = (
            float((seen - by_chance) / (1.0 - by_chance)) if by_chance < 1.0 - 1e-12 else float("nan")
        )
    together = (r / (of - 1.0)[:, None]).T @ r - np.diag((r / (of - 1.0)[:, None]).sum(axis=0))
    each, apart = together.sum(axis=1), 1.0 - credit
    expected = float(each @ apart @ each)
    total = each.sum()
    found["krippendorff"] = (
        float(1.0 - (total - 1.0) * (together * apart).sum() / expected) if expected > 0.0 else float("nan")
    )
    return found


def alpha_of_counts(counts: Array, domain: Array, measurement: Measurement) -> float:
    """Return Krippendorff's alpha of a table of ratees by values; NaN where one value only occurs in pairs.

    Parameters
    ----------
    counts : array, shape (ratees, values)
        How often each ratee was given each value; ratees with one rating are left out.
    domain : array, shape (values,)
        The values; at the nominal and the ordinal level only their order in the table counts.
    measurement : {"nominal", "ordinal", "interval", "ratio"}

    Examples
    --------
    >>> round(alpha_of_counts(np.array([[2.0, 0], [1, 1], [0, 2]]), np.arange(2.0), "nominal"), 3)
    0.444
    """
    size = counts.sum(axis=1)
    used = counts[size >= 2]
    share = used / (size[size >= 2] - 1.0)[:, None]
    together = share.T @ used - np.diag(share.sum(axis=0))  # coincidences of values within ratees
    each = together.sum(axis=1)
    total = each.sum()
    apart = _distance(each, domain, measurement)
    expected = float(each @ apart @ each)
    if expected <= 0.0:
        return float("nan")
    return float(1.0 - (total - 1.0) * (together * apart).sum() / expected)


def _distance(each: Array, domain: Array, measurement: Measurement) -> Array:
    """Return the squared differences between values: `each` is how often they occur."""
    a, b = domain[:, None], domain[None, :]
    if measurement == "nominal":
        return 1.0 - np.eye(len(domain))
    if measurement == "ordinal":  # ratings between two values, and half of those at them
        middle = np.cumsum(each) - 0.5 * each
        return (middle[:, None] - middle[None, :]) ** 2
    if measurement == "interval":
        return (a - b) ** 2
    return ((a - b) / np.where(a + b > 0.0, a + b, 1.0)) ** 2


def _counts(
    ratings: pd.DataFrame,
    ratee: str,
    rater: str,
    score: str,
    *,
    ordered: bool = False,
    levels: Sequence[object] | None = None,
    same_codes: bool | None = None,
) -> tuple[Array, list[object], tuple[Note, ...]]:
    """Return ratees by values that occur (counts), the values in order, and cautions."""
    frame, values, order, notes = _categories(
        ratings, ratee, rater, score, ordered=ordered, levels=levels, same_codes=same_codes
    )
    present = set(values)
    used = [v for v in order if v in present]
    table = pd.crosstab(frame[ratee].to_numpy(), pd.Series(values, dtype=object))[used]
    return table.to_numpy(float), used, notes


def _categories(
    ratings: pd.DataFrame,
    ratee: str,
    rater: str,
    score: str,
    *,
    ordered: bool,
    levels: Sequence[object] | None,
    same_codes: bool | None,
) -> tuple[pd.DataFrame, list[object], list[object], tuple[Note, ...]]:
    """Return checked ratings, their values, the levels in order (without `ordered` any will do), and cautions."""
    frame, notes = check_ratings(
        ratings, ratee=ratee, rater=rater, score=score, ordered=True, same_codes=same_codes
    )
    wide(frame, ratee=ratee, rater=rater, score=score)  # refuses repeated pairs
    notes += disconnected_notes(identification(frame, ratee=ratee, rater=rater))
    column = frame[score]
    values = [v.item() if hasattr(v, "item") else v for v in column.tolist()]
    if ordered or levels is not None:
        order = in_order(column, levels, where="ratings", cure=ORDER_CURE)
    elif isinstance(column.dtype, pd.CategoricalDtype):
        order = column.cat.categories.tolist()
    else:
        order = sorted(set(values), key=lambda v: (isinstance(v, str), v))
    if len(set(values)) > MOST_VALUES:
        raise KinerjaError(
            _(
                "{score} has {n:,} distinct values: it is a measure; use icc.",
                score=score,
                n=len(set(values)),
            )
        )
    return frame, values, [v.item() if hasattr(v, "item") else v for v in order], notes


def _bootstrap(
    name: str,
    statistic: Callable[[Array], float],
    counts: Array,
    level: float,
    draws: int,
    seed: int,
    notes: tuple[Note, ...],
) -> ReliabilityResult:
    estimate = statistic(counts)
    if not np.isfinite(estimate):
        raise KinerjaError(
            _("All ratings that can be compared are the same value; agreement beyond chance is not defined.")
        )
    rng = np.random.default_rng(seed)
    n = len(counts)
    again = [statistic(counts[rng.integers(0, n, n)]) for __ in range(draws)]
    tail = (1.0 - level) / 2.0
    low, high = np.nanquantile(again, [tail, 1.0 - tail])
    row = (name, estimate, float(low), float(high), "bootstrap")
    table = pd.DataFrame([row], columns=COLUMNS)
    sizes = counts.sum(axis=1)
    return ReliabilityResult(
        estimates=table, notes=notes, ratees=n, raters=float(n / (1.0 / sizes).sum()), level=level
    )
