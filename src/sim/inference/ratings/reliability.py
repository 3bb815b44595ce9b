"""Estimate intraclass correlations: of raters (six forms) and of members of a unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from sim.errors import KinerjaError, Message, Problem, Problems, _
from sim.inference.data.checks import check_complete, check_ratings, distinct_columns, repeated_notes, rows_of
from sim.inference.models.mixed import Array
from sim.inference.ratings.generalisability import g_study
from sim.inference.ratings.identification import disconnected_notes, identification
from sim.inference.result import Note, Result, forest, interval
from sim.language.numbers import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MEANING: dict[str, Message] = {
    "ICC(1,1)": _("one rater, other raters for every ratee"),
    "ICC(2,1)": _("one rater, agreement"),
    "ICC(3,1)": _("one rater, consistency"),
    "ICC(1,k)": _("mean of k raters, other raters for every ratee"),
    "ICC(2,k)": _("mean of k raters, agreement"),
    "ICC(3,k)": _("mean of k raters, consistency"),
    "ICC(1)": _("one member represents the unit"),
    "ICC(2)": _("the unit's mean"),
    "alpha": _("Cronbach's alpha"),
    "omega": _("McDonald's omega"),
    "kappa": _("Fleiss' kappa"),
    "krippendorff": _("Krippendorff's alpha"),
    "percent": _("share of agreeing pairs"),
    "cohen": _("Cohen's kappa"),
    "fleiss": _("Fleiss' kappa"),
    "ac": _("Gwet's AC"),
    "brennan_prediger": _("Brennan and Prediger's kappa"),
}
"""What every coefficient says; Shrout and Fleiss (1979) name the first six."""

COLUMNS = ["coefficient", "estimate", "low", "high", "method"]


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class ReliabilityResult(Result):
    """Reliability coefficients with their intervals.

    Attributes
    ----------
    estimates : DataFrame
        coefficient (see `MEANING`), estimate, low, high, method.
    ratees : int
        Objects that were rated (people, units).
    raters : float
        Ratings of each (harmonic mean where they differ), or items of a scale.
    level : float
        Of the intervals.
    """

    ratees: int
    raters: float
    level: float = 0.95

    def __getitem__(self, coefficient: str) -> float:
        return float(self.estimates.set_index("coefficient")["estimate"][coefficient])

    def sentences(self) -> list[str]:
        k = number(self.raters, 0 if float(self.raters).is_integer() else 1)
        parts = []
        for row in self.estimates.itertuples():
            name = str(MEANING[row.coefficient])
            label = f"{row.coefficient} ({name})" if row.coefficient.startswith("ICC") else name
            parts.append(
                f"{label}: {number(row.estimate, 2)} {interval(row.low, row.high, level=self.level)}"
            )
        return [f"n = {number(self.ratees, 0)}, k = {k}. {'; '.join(parts)}."]

    def _draw_on(self, ax: Axes) -> None:
        forest(ax, self.estimates, "coefficient", zero=0.0)
        ax.set_xlim(right=1.0)


def wide(
    ratings: pd.DataFrame, *, ratee: str, rater: str, score: str, where: str = "ratings"
) -> pd.DataFrame:
    """Spread ratings as ratees by raters; a pair that occurs twice is refused, one that does not occur is NaN."""
    frame = ratings[[ratee, rater, score]].dropna()
    twice = frame.duplicated([ratee, rater])
    if twice.any():
        full = ratings.duplicated([ratee, rater]) & ratings[[ratee, rater, score]].notna().all(axis=1)
        what = _(
            "{n:,} pairs of {ratee} and {rater} occur more than once (rows {rows}).",
            n=int(twice.sum()),
            ratee=ratee,
            rater=rater,
            rows=rows_of(full),
        )
        do = _("Analyse one criterion or occasion at a time, average them, or use g_study.")
        raise Problems([Problem(where, None, None, what, do)])
    return frame.set_index([ratee, rater])[score].unstack()  # noqa: PD010, pairs are known to be unique


def icc(
    ratings: pd.DataFrame,
    *,
    ratee: str,
    rater: str,
    score: str,
    same_codes: bool | None = None,
    level: float = 0.95,
) -> ReliabilityResult:
    """Estimate the six intraclass correlations of Shrout and Fleiss (1979), with intervals.

    Parameters
    ----------
    ratings : DataFrame
        Long format, at most one rating per pair of ratee and rater.
    ratee, rater, score : str
        Column names.
    same_codes : bool, optional
        Whether equal codes of ratee and rater are one person (True) or two numberings (False); by default only where
        they are not short numbers, see `self_ratings`.
    level : float

    Returns
    -------
    ReliabilityResult
        ICC(1,1), (2,1), (3,1) for one rating and (1,k), (2,k), (3,k) for the mean of k.

    Raises
    ------
    KinerjaError
        Ratings that no model can use (see `check_ratings`), pairs that occur twice, raters who agree perfectly.

    Notes
    -----
    Every rater rated every ratee: mean squares and F intervals (McGraw and Wong 1996 for agreement). Otherwise:
    REML variance components and profile likelihood intervals, k being the harmonic mean number of raters.

    Examples
    --------
    >>> data = pd.DataFrame({"who": list("aabbcc"), "by": list("xyxyxy"), "score": [1, 2, 3, 5, 7, 8]})
    >>> round(icc(data, ratee="who", rater="by", score="score")["ICC(3,1)"], 3)
    0.982
    """
    frame, notes = check_ratings(ratings, score=score, ratee=ratee, rater=rater, same_codes=same_codes)
    notes += disconnected_notes(identification(frame, ratee=ratee, rater=rater))
    table = wide(frame, ratee=ratee, rater=rater, score=score)
    values = table.to_numpy(float)
    if np.isnan(values).any():
        rows, k = _icc_reml(frame, ratee, rater, score, level)
    else:
        rows, k = _icc_anova(values, level), float(values.shape[1])
    out = pd.DataFrame(rows, columns=COLUMNS)
    return ReliabilityResult(estimates=out, notes=notes, ratees=len(table), raters=k, level=level)


def _icc_anova(values: Array, level: float) -> list[tuple[str, float, float, float, str]]:
    n, k = values.shape
    grand, rows, columns = values.mean(), values.mean(axis=1), values.mean(axis=0)
    between = k * ((rows - grand) ** 2).sum() / (n - 1)
    within = ((values - rows[:, None]) ** 2).sum() / (n * (k - 1))
    judges = n * ((columns - grand) ** 2).sum() / (k - 1)
    error = ((values - rows[:, None] - columns + grand) ** 2).sum() / ((n - 1) * (k - 1))
    if error <= 1e-12 * max(between, judges):
        raise KinerjaError(_("Raters agree perfectly up to their severity; an interval does not exist."))
    q = 0.5 + level / 2.0

    def f_limits(f: float, df: float) -> tuple[float, float]:
        return f / stats.f.ppf(q, n - 1, df), f * stats.f.ppf(q, df, n - 1)

    def single(f: float) -> float:
        return (f - 1.0) / (f + k - 1.0)

    one, three = between / within, between / error
    one_low, one_high = f_limits(one, n * (k - 1))
    three_low, three_high = f_limits(three, (n - 1) * (k - 1))
    rho = (between - error) / (between + (k - 1) * error + k * (judges - error) / n)
    fj = judges / error
    share = n * (1.0 + (k - 1) * rho) - k * rho
    df = (k - 1) * (n - 1) * (k * rho * fj + share) ** 2 / ((n - 1) * (k * rho * fj) ** 2 + share**2)
    lower, upper = stats.f.ppf(q, n - 1, df), stats.f.ppf(q, df, n - 1)
    noise = k * judges + (k * n - k - n) * error
    two_low = n * (between - lower * error) / (lower * noise + n * between)
    two_high = n * (upper * between - error) / (noise + n * upper * between)

    def mean_of_k(r: float) -> float:
        return k * r / (1.0 + (k - 1) * r)

    forms = {
        "ICC(1,1)": (single(one), single(one_low), single(one_high)),
        "ICC(2,1)": (rho, two_low, two_high),
        "ICC(3,1)": (single(three), single(three_low), single(three_high)),
        "ICC(1,k)": (1.0 - 1.0 / one, 1.0 - 1.0 / one_low, 1.0 - 1.0 / one_high),
        "ICC(2,k)": (mean_of_k(rho), mean_of_k(two_low), mean_of_k(two_high)),
        "ICC(3,k)": (1.0 - 1.0 / three, 1.0 - 1.0 / three_low, 1.0 - 1.0 / three_high),
    }
    return [(name, *row, "anova") for name, row in forms.items()]


def _icc_reml(
    frame: pd.DataFrame, ratee: str, rater: str, score: str, level: float
) -> tuple[list[tuple[str, float, float, float, str]], float]:
    two_way = g_study(
        frame, score=score, ratee=ratee, facets=[rater], intervals=False, same_codes=False, level=level
    )
    if rater not in set(two_way.table()["component"]):
        raise KinerjaError(
            _("Every {rater} rated once, so only a one-way design is possible: use unit_icc.", rater=rater)
        )
    k = two_way.observed[rater]
    # One-way: a rater facet that is confounded with error, hence one level per row.
    single = frame.assign(**{rater: np.arange(len(frame))})
    one_way = g_study(
        single, score=score, ratee=ratee, facets=[rater], intervals=False, same_codes=False, level=level
    )
    rows = []
    for name, n in (("1", 1.0), ("k", k)):
        forms = [(one_way, False), (two_way, True), (two_way, False)]
        for number_, (study, absolute) in enumerate(forms, start=1):
            rows.append((f"ICC({number_},{name})", *study.coefficient({rater: n}, absolute=absolute), "reml"))
    return rows, k


def unit_icc(data: pd.DataFrame, *, unit: str, score: str, level: float = 0.95) -> ReliabilityResult:
    """Estimate how alike members of a unit are, ICC(1), and how reliable the unit's mean is, ICC(2).

    Parameters
    ----------
    data : DataFrame
        One person (or rating) per row.
    unit, score : str
        Column names.
    level : float

    Returns
    -------
    ReliabilityResult

    Raises
    ------
    KinerjaError
        Fewer than two units, no unit with two members, scores that are not numbers or do not vary within units.

    Notes
    -----
    One-way analysis of variance; for units of unequal size the effective size is
    `(N - sum n^2 / N) / (G - 1)` and the F interval approximate. ICC(2) below zero is reported as zero.
    Source: Bliese (2000).
    """
    frame, notes = check_complete(data, [unit, score])
    distinct_columns(unit=unit, score=score)
    if not pd.api.types.is_numeric_dtype(frame[score]):
        raise Problems([Problem("data", None, score, _("Scores are not numbers."), _("Convert them."))])
    notes += repeated_notes(data, [unit, score])
    groups = frame.groupby(unit, observed=True)[score]
    sizes = groups.size().to_numpy(float)
    g, total = len(sizes), float(sizes.sum())
    if g < 2 or total <= g:
        raise KinerjaError(
            _(
                "{unit}: at least two units are needed, one of them with two members; there are {n} units.",
                unit=unit,
                n=g,
            )
        )
    grand = float(frame[score].mean())
    between = float((sizes * (groups.mean() - grand) ** 2).sum()) / (g - 1)
    within = float(((frame[score] - groups.transform("mean")) ** 2).sum()) / (total - g)
    if within == 0.0:
        raise KinerjaError(
            _("Scores are constant within every {unit}; there is nothing to estimate.", unit=unit)
        )
    k = (total - float((sizes**2).sum()) / total) / (g - 1)
    f, q = between / within, 0.5 + level / 2.0
    limits = [f, f / stats.f.ppf(q, g - 1, total - g), f * stats.f.ppf(q, total - g, g - 1)]
    rows = [
        ("ICC(1)", *[float((v - 1.0) / (v + k - 1.0)) for v in limits], "anova"),
        ("ICC(2)", *[max(0.0, float(1.0 - 1.0 / v)) for v in limits], "anova"),
    ]
    if f < 1.0:
        notes += (
            Note(
                "no_unit_differences",
                _("Units differ by less than chance alone would make them; the mean of a unit says nothing."),
            ),
        )
    alone = int((sizes == 1).sum())
    if alone:
        notes += (Note("single_member", _("{n:,} units have one member only.", n=alone)),)
    out = pd.DataFrame(rows, columns=COLUMNS)
    return ReliabilityResult(estimates=out, notes=notes, ratees=g, raters=k, level=level)
