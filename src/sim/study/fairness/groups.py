"""Groups of officers and their measures: gains and harm, workload, accuracy and fairness of ratings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from sim.outcomes import Better
from sim.regulation import PREDIKAT
from sim.world.ratings import PAR, published_mix

if TYPE_CHECKING:
    from sim.agency import Agency

Rows = Mapping[str, np.ndarray]
"""Columns of officers of one run (see :func:`sim.study.fairness.people.simulate_people`), as arrays, for speed."""

NEWCOMER = 2.0
"""Years in office below which an officer is a newcomer (our convention)."""
AGES = (35, 50)
"""Bounds of the age bands, years (our convention)."""
FELT = 0.01
"""SDs by which motivation must differ for an officer to count as better or worse off: less is rounding."""

EVERYONE = "everyone"
"""The split that has one group."""

SPLITS: dict[str, tuple[str, ...]] = {
    EVERYONE: (EVERYONE,),
    "closeness": ("close", "not_close"),
    "contract": ("pns", "pppk"),
    "tenure": ("newcomer", "settled"),
    "age": ("young", "middle", "older"),
    "unit": (),
}
"""How officers can be split -> the groups; those of ``unit`` are the agency's."""

MEASURES: dict[str, Better] = {
    "performance": "high",
    "motivation": "high",
    "better_off": "high",
    "worse_off": "low",
    "workload": "none",
    "rating_gap": "none",
    "rating_validity": "high",
    "favouritism": "low",
    "false_below": "low",
    "missed_below": "low",
    "false_top": "low",
}
"""Measures of a group, and which way is better; see :meth:`sim.study.fairness.result.FairnessResult.table`."""

SHARES = ("better_off", "worse_off", "false_below", "missed_below", "false_top")
"""Measures that are a share of officers, 0..1."""

OFF = ("better_off", "worse_off")
"""Shares that are zero under the baseline, where each officer is compared with the same officer."""

RATINGS = ("rating_gap", "rating_validity", "favouritism", "false_below", "missed_below", "false_top")
"""Measures of the ratings a group is given."""

PAIRED = ("performance", "motivation")
"""Measures whose change is that of the same people: their level has a column ``<measure>_before``."""


def groups_of(agency: Agency, by: str) -> tuple[str, ...]:
    """Return the groups of a split, in order.

    Examples
    --------
    >>> from sim.agency import load_agency
    >>> groups_of(load_agency("contoh"), "contract")
    ('pns', 'pppk')
    """
    return SPLITS[by] or tuple(unit.unit for unit in agency.units)


def members(rows: Rows, by: str) -> np.ndarray:
    """Return the group of each row; "" where it belongs to none (supervisors have no supervisor here)."""
    if by == "unit":
        return np.asarray(rows["unit"], object)
    names = np.array(SPLITS[by], object)
    if by == EVERYONE:
        return np.repeat(names, len(rows["end"]))
    if by == "age":
        return names[np.digitize(rows["age"], AGES)]
    first = {
        "contract": rows["pns"],
        "closeness": rows["closeness"] > 0,
        "tenure": rows["tenure"] < NEWCOMER,
    }[by]
    found = names[np.where(first, 0, 1)]
    return np.where(rows["supervisor"], "", found) if by == "closeness" else found


def value(measure: str, rows: Rows) -> float:
    """Return a measure of some officers of one run; NaN for an empty group."""
    return _MEASURED[measure](rows)


def change(measure: str, rows: Rows) -> tuple[float, float]:
    """Return the means of a measure of :data:`PAIRED` at the end of a run, here and under the baseline.

    Both are of the officers who hold a post in both.
    """
    before = rows[f"{measure}_before"]
    known = ~np.isnan(before)
    return _average(rows[measure][known]), _average(before[known])


def _average(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else np.nan


def _mean(name: str, end: bool) -> Callable[[Rows], float]:
    def measured(rows: Rows) -> float:
        values = rows[name][rows["end"] == end]
        return _average(values[~np.isnan(values)])

    return measured


def _off(sign: int) -> Callable[[Rows], float]:
    """Share of officers whose motivation is above (1) or below (-1) the same person's under the baseline."""

    def measured(rows: Rows) -> float:
        moved = sign * (rows["motivation"] - rows["motivation_before"])
        return _average(moved[~np.isnan(moved)] > FELT)

    return measured


def _validity(rows: Rows) -> float:
    rated = ~np.isnan(rows["rating"])
    rating, truth = rows["rating"][rated], rows["performance"][rated]
    vary = len(rating) > 2 and rating.std() > 0 and truth.std() > 0
    return float(np.corrcoef(rating, truth)[0, 1]) if vary else np.nan


def _favouritism(rows: Rows) -> float:
    rated = ~np.isnan(rows["rating"])
    if rated.sum() < 5:
        return np.nan
    x = np.column_stack([np.ones(rated.sum()), rows["performance"][rated], rows["closeness"][rated]])
    return float(np.linalg.lstsq(x, rows["rating"][rated], rcond=None)[0][2])


def _share(
    event: Callable[[Rows], np.ndarray], among: Callable[[Rows], np.ndarray]
) -> Callable[[Rows], float]:
    def measured(rows: Rows) -> float:
        return _average(event(rows)[~np.isnan(rows["rating"]) & among(rows)])

    return measured


_BAIK, _TOP = PREDIKAT.index("baik"), PREDIKAT.index("sangat_baik")

_MEASURED: dict[str, Callable[[Rows], float]] = {
    "performance": _mean("performance", end=True),
    "motivation": _mean("motivation", end=True),
    "better_off": _off(1),
    "worse_off": _off(-1),
    "workload": _mean("workload", end=True),
    "rating_gap": _mean("gap", end=False),
    "rating_validity": _validity,
    "favouritism": _favouritism,
    "false_below": _share(lambda x: x["level"] < _BAIK, lambda x: x["performance"] >= PAR),
    "missed_below": _share(lambda x: x["level"] >= _BAIK, lambda x: x["performance"] < PAR),
    "false_top": _share(
        lambda x: x["performance"] < ndtri(1 - published_mix()["sangat_baik"]), lambda x: x["level"] == _TOP
    ),
}
"""Measure -> its value in the rows of one group in one run; the words for below, best and top are the recorder's."""
