"""Intraclass correlations: of raters (six forms) and of members of a unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from sim.errors import KinerjaError, Problem, Problems
from sim.inference.data.checks import check_complete, check_ratings, repeated_notes, rows_of
from sim.inference.models.mixed import Array
from sim.inference.ratings.generalisability import g_study
from sim.inference.ratings.identification import disconnected_notes, identification
from sim.inference.result import Lang, Note, Result, forest, interval
from sim.language.numbers import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MEANING = {
    "ICC(1,1)": ("satu penilai, penilai acak per pegawai", "one rater, other raters for every ratee"),
    "ICC(2,1)": ("satu penilai, kesepakatan", "one rater, agreement"),
    "ICC(3,1)": ("satu penilai, konsistensi", "one rater, consistency"),
    "ICC(1,k)": ("rata-rata k penilai, penilai acak per pegawai", "mean of k, other raters for every ratee"),
    "ICC(2,k)": ("rata-rata k penilai, kesepakatan", "mean of k, agreement"),
    "ICC(3,k)": ("rata-rata k penilai, konsistensi", "mean of k, consistency"),
    "ICC(1)": ("satu anggota mewakili unitnya", "one member stands for the unit"),
    "ICC(2)": ("rata-rata unit", "the unit's mean"),
    "alpha": ("alfa Cronbach", "Cronbach's alpha"),
    "omega": ("omega McDonald", "McDonald's omega"),
    "kappa": ("kappa Fleiss", "Fleiss' kappa"),
    "krippendorff": ("alfa Krippendorff", "Krippendorff's alpha"),
    "halo": ("halo: korelasi sisaan antarkriteria", "halo: correlation of residuals across criteria"),
}


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class Reliability(Result):
    """Reliability coefficients with intervals.

    Attributes
    ----------
    table : DataFrame
        coefficient, estimate, low, high, method.
    ratees : int
        Objects that were rated (people, units).
    raters : float
        Ratings of each (harmonic mean where they differ), or items of a scale.
    level : float
    """

    ratees: int
    raters: float
    level: float = 0.95

    def __getitem__(self, coefficient: str) -> float:
        return float(self.estimates.set_index("coefficient")["estimate"][coefficient])

    def prose(self, lang: Lang) -> str:
        k = number(self.raters, 0 if float(self.raters).is_integer() else 1, lang=lang)
        n = number(self.ratees, 0, lang=lang)
        head = f"n = {n}, k = {k}. "
        rows = []
        for row in self.estimates.itertuples():
            name = MEANING[row.coefficient][0 if lang == "id" else 1]
            label = f"{row.coefficient} ({name})" if row.coefficient.startswith("ICC") else name
            span = interval(row.low, row.high, level=self.level, lang=lang)
            rows.append(f"{label}: {number(row.estimate, 2, lang=lang)} {span}")
        return head + "; ".join(rows) + "."

    def _draw_on(self, ax: Axes) -> None:
        forest(ax, self.estimates, "coefficient", zero=0.0)
        ax.set_xlim(right=1.0)


def wide(
    ratings: pd.DataFrame, *, ratee: str, rater: str, score: str, where: str = "ratings"
) -> pd.DataFrame:
    """Ratees by raters; a pair that occurs twice is refused, a pair that does not occur is NaN."""
    frame = ratings[[ratee, rater, score]].dropna()
    twice = frame.duplicated([ratee, rater])
    if twice.any():
        full = ratings.duplicated([ratee, rater]) & ratings[[ratee, rater, score]].notna().all(axis=1)
        what = (
            f"{int(twice.sum()):,} pairs of {ratee} and {rater} occur more than once (rows {rows_of(full)})."
        )
        do = "Analyse one criterion or occasion at a time, average them, or use g_study."
        raise Problems([Problem(where, None, None, what, do)])
    return frame.set_index([ratee, rater])[score].unstack()  # noqa: PD010, pairs are known to be unique


def icc(ratings: pd.DataFrame, *, ratee: str, rater: str, score: str, level: float = 0.95) -> Reliability:
    """Six intraclass correlations of Shrout and Fleiss (1979) with intervals.

    Parameters
    ----------
    ratings : DataFrame
        Long format, at most one rating a pair of ratee and rater.
    ratee, rater, score : str
        Column names.
    level : float

    Returns
    -------
    Reliability
        ICC(1,1), (2,1), (3,1) for one rating and (1,k), (2,k), (3,k) for the mean of k.

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
    frame, notes = check_ratings(ratings, score=score, ratee=ratee, rater=rater)
    notes += disconnected_notes(identification(frame, ratee=ratee, rater=rater))
    table = wide(frame, ratee=ratee, rater=rater, score=score)
    values = table.to_numpy(float)
    if np.isnan(values).any():
        rows, k = _icc_reml(frame, ratee, rater, score, level)
    else:
        rows, k = _icc_anova(values, level), float(values.shape[1])
    out = pd.DataFrame(rows, columns=["coefficient", "estimate", "low", "high", "method"])
    return Reliability(estimates=out, notes=notes, ratees=len(table), raters=k, level=level)


def _icc_anova(values: Array, level: float) -> list[tuple[str, float, float, float, str]]:
    n, k = values.shape
    grand, rows, columns = values.mean(), values.mean(axis=1), values.mean(axis=0)
    between = k * ((rows - grand) ** 2).sum() / (n - 1)
    within = ((values - rows[:, None]) ** 2).sum() / (n * (k - 1))
    judges = n * ((columns - grand) ** 2).sum() / (k - 1)
    error = ((values - rows[:, None] - columns + grand) ** 2).sum() / ((n - 1) * (k - 1))
    if error <= 1e-12 * max(between, judges):
        raise KinerjaError("Raters agree perfectly up to their severity; an interval does not exist.")
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

    found = {
        "ICC(1,1)": (single(one), single(one_low), single(one_high)),
        "ICC(2,1)": (rho, two_low, two_high),
        "ICC(3,1)": (single(three), single(three_low), single(three_high)),
        "ICC(1,k)": (1.0 - 1.0 / one, 1.0 - 1.0 / one_low, 1.0 - 1.0 / one_high),
        "ICC(2,k)": (mean_of_k(rho), mean_of_k(two_low), mean_of_k(two_high)),
        "ICC(3,k)": (1.0 - 1.0 / three, 1.0 - 1.0 / three_low, 1.0 - 1.0 / three_high),
    }
    return [(name, *row, "anova") for name, row in found.items()]


def _icc_reml(
    frame: pd.DataFrame, ratee: str, rater: str, score: str, level: float
) -> tuple[list[tuple[str, float, float, float, str]], float]:
    two_way = g_study(frame, score=score, ratee=ratee, facets=[rater], intervals=False, level=level)
    if rater not in set(two_way.table()["component"]):
        raise KinerjaError(f"Every {rater} rated once, so only a one-way design is possible: use unit_icc.")
    k = two_way.observed[rater]
    # One-way: a rater facet that is confounded with error, hence one level a row.
    single = frame.assign(**{rater: np.arange(len(frame))})
    one_way = g_study(single, score=score, ratee=ratee, facets=[rater], intervals=False, level=level)
    rows = []
    for name, n in (("1", 1.0), ("k", k)):
        forms = [(one_way, False), (two_way, True), (two_way, False)]
        for number_, (study, absolute) in enumerate(forms, start=1):
            rows.append((f"ICC({number_},{name})", *study.coefficient({rater: n}, absolute=absolute), "reml"))
    return rows, k


def unit_icc(data: pd.DataFrame, *, unit: str, score: str, level: float = 0.95) -> Reliability:
    """How much members of a unit resemble each other, ICC(1), and how reliable the unit's mean is, ICC(2).

    Parameters
    ----------
    data : DataFrame
        One person (or rating) a row.
    unit, score : str
        Column names.
    level : float

    Returns
    -------
    Reliability

    Notes
    -----
    One-way analysis of variance; for units of unequal size the effective size is
    `(N - sum n^2 / N) / (G - 1)` and the F interval approximate. ICC(2) below zero is given as zero. Bliese (2000).
    """
    frame, notes = check_complete(data, [unit, score])
    if not pd.api.types.is_numeric_dtype(frame[score]):
        raise Problems([Problem("data", None, score, "Scores are not numbers.", "Convert them.")])
    notes += repeated_notes(data, [unit, score])
    groups = frame.groupby(unit, observed=True)[score]
    sizes = groups.size().to_numpy(float)
    g, total = len(sizes), float(sizes.sum())
    if g < 2 or total <= g:
        raise KinerjaError(
            f"{unit}: at least two units are needed, one with two members; there are {g} units."
        )
    grand = float(frame[score].mean())
    between = float((sizes * (groups.mean() - grand) ** 2).sum()) / (g - 1)
    within = float(((frame[score] - groups.transform("mean")) ** 2).sum()) / (total - g)
    if within == 0.0:
        raise KinerjaError(f"Scores are constant within every {unit}; there is nothing to estimate.")
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
                "beda antarunit lebih kecil daripada karena kebetulan saja; rata-rata unit tidak bermakna.",
                "units differ by less than chance alone would make them; the mean of a unit says nothing.",
            ),
        )
    alone = int((sizes == 1).sum())
    if alone:
        notes += (
            Note(
                "single_member",
                f"{alone} unit hanya beranggota satu orang.",
                f"{alone} units have one member only.",
            ),
        )
    out = pd.DataFrame(rows, columns=["coefficient", "estimate", "low", "high", "method"])
    return Reliability(estimates=out, notes=notes, ratees=g, raters=k, level=level)
