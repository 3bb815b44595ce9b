"""Columns of officers that levers share: what each lever that ships keeps about officers, and where it starts.

A lever reads those of others by name. A column of its own has another name, and is made with its start.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

import numpy as np

from sim.errors import KinerjaError, _
from sim.names import nearest

SHARED: dict[str, float | bool] = {
    "appraisal.score": 0.0,  # latest rating, in SDs
    "appraisal.predikat": 3.0,  # latest predikat, 0 Sangat Kurang ... 4 Sangat Baik
    "appraisal.forced": False,  # has met a forced distribution
    "appraisal.berorientasi_pelayanan": 0.0,  # latest rating on each of the seven values
    "appraisal.akuntabel": 0.0,
    "appraisal.kompeten": 0.0,
    "appraisal.harmonis": 0.0,
    "appraisal.loyal": 0.0,
    "appraisal.adaptif": 0.0,
    "appraisal.kolaboratif": 0.0,
    "appraisal.draw.*": np.nan,  # raters' habits and views, kept while an officer holds a post
    "careers.months": 12.0,  # months in service, as far as they matter for pace
    "careers.lead": 0.0,  # talent for leading, SDs
    "careers.vacant_until": np.nan,  # month of the study in which a vacancy is over
    "change.adopted.*": 0.0,  # has adopted a practice
    "discipline.recorded_days": 0.0,  # unexcused days on record this year
    "discipline.level": 0.0,  # highest sanction due this year
    "discipline.felt": 0.0,  # chance of a sanction, as officers feel it
    "discipline.cut": 0.0,  # share of the allowance that a sanction withholds
    "discipline.cut_until": -np.inf,  # month of the study in which it ends
    "kpi.speed": 1 / 3,  # shares of an officer's KPI
    "kpi.accuracy": 1 / 3,
    "kpi.courtesy": 1 / 3,
    "leadership.last": -np.inf,  # month of the last course for leaders
    "needs.gap.*": 0.0,  # assessed gap of a skill domain, SDs
    "recognition": 0.0,  # 0 to 1, from awards
    "reward.gaming": 0.0,  # SDs that an indicator exceeds performance
    "reward.known.*": 0.0,  # how far officers believe in a reward
    "training.jp": 0.0,  # lesson hours this year
    "training.last.*": -np.inf,  # month of the last place on a course
    "training.peak.*": 0.0,  # highest dose once learnt in a domain
    "vacant.since": -np.inf,  # month of the study from which on a vacant post has been so
}
"""Column -> its start for a newcomer; ``*`` stands for a course, a domain or the like."""

_ALIKE = 0.85
"""Names more alike than this are taken for one name misspelt."""


def start_of(name: str, start: float | bool | None, made: Iterable[str]) -> float | bool:
    """Return the start of a column that is not there yet.

    Parameters
    ----------
    name : str
    start : float or bool, optional
        Start that the caller gives.
    made : iterable of str
        Columns that are there.

    Raises
    ------
    KinerjaError
        Nobody has made a column of this name, or it looks like a shared one misspelt.

    Examples
    --------
    >>> start_of("training.last.ict", None, [])
    -inf
    >>> start_of("apraisal.score", 0.0, [])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    sim.errors.KinerjaError: no column 'apraisal.score' (did you mean 'appraisal.score'?); ...
    """
    for shared, first in SHARED.items():
        if name == shared or (shared.endswith(".*") and name.startswith(shared[:-1])):
            return first
    owners = {shared.partition(".")[0] for shared in SHARED}
    if start is None or difflib.get_close_matches(name.partition(".")[0], owners, 1, _ALIKE):
        there = sorted({*SHARED, *made})
        raise KinerjaError(
            _(
                "no column {name!r}{hint}; there are {there}. A lever makes one of its own with its start, under "
                "another name: column('coffee.cups', 0.0).",
                name=name,
                hint=nearest(name, there),
                there=", ".join(there),
            )
        )
    return start
