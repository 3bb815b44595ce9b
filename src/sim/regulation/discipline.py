"""Sanctions for absence without reason (PP 94/2021), and the allowance that they cut."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from sim.regulation._tables import Float, Int, norm, rows

LEVELS = ("none", "light", "moderate", "heavy")


@dataclass(frozen=True, eq=False)
class Ladder:
    """The ladder of sanctions, one entry per step; index 0 is no sanction.

    Attributes
    ----------
    names : tuple of str
        ``"none"``, ``"oral"``, ... ``"dismissal"``.
    days : int64[k]
        Days of absence without reason in a year from which the step applies.
    level : int64[k]
        Codes of :data:`LEVELS`.
    tukin_cut : float64[k]
        Share of the performance allowance withheld.
    months : int64[k]
        For how many months a cut or a lower post lasts.
    outcome : tuple of str
        ``"demoted"``, ``"stripped"``, ``"dismissed"`` or nothing.
    """

    names: tuple[str, ...]
    days: Int
    level: Int
    tukin_cut: Float
    months: Int
    outcome: tuple[str, ...]


@cache
def ladder() -> Ladder:
    """Return the ladder of PP 94/2021 as arrays, indexed by the codes of :func:`sanction`."""
    steps = sorted(rows("sanctions"), key=lambda row: int(row["days"]))
    return Ladder(
        names=("none", *(row["sanction"] for row in steps)),
        days=np.array([0, *(int(row["days"]) for row in steps)], np.int64),
        level=np.array([0, *(LEVELS.index(row["level"]) for row in steps)], np.int64),
        tukin_cut=np.array([0, *(float(row["tukin_cut"]) for row in steps)]),
        months=np.array([0, *(int(row["months"]) for row in steps)], np.int64),
        outcome=("", *(row["outcome"] for row in steps)),
    )


def sanction(days: npt.ArrayLike, consecutive: npt.ArrayLike = 0, pns: npt.ArrayLike = True) -> Int:
    """Return the step of the ladder that is due for absence without reason.

    Parameters
    ----------
    days : array_like of int
        Unexcused working days in the year so far.
    consecutive : array_like of int
        Longest run of such days; ten or more is dismissal.
    pns : array_like of bool
        Permanent civil servants. For PPPK the ladder does not apply (their contract does): always 0.

    Returns
    -------
    int64, shape of the broadcast
        Index into the arrays of :func:`ladder`.

    Examples
    --------
    >>> [ladder().names[step] for step in sanction([2, 5, 12, 30])]
    ['none', 'written', 'cut_6', 'dismissal']
    >>> [ladder().names[step] for step in sanction(10, [9, 10])]
    ['dissatisfaction', 'dismissal']
    """
    steps = np.searchsorted(ladder().days, np.asarray(days), side="right") - 1
    if np.any(steps < 0):
        raise ValueError("days: must not be negative")
    run = np.asarray(consecutive) >= norm("consecutive_absence")
    steps = np.where(run, len(ladder().days) - 1, steps)
    return np.where(np.asarray(pns, bool), steps, 0)


def tpp(
    allowance: npt.ArrayLike,
    performance: npt.ArrayLike,
    attendance: npt.ArrayLike,
    performance_share: float | None = None,
    cut: npt.ArrayLike = 0.0,
) -> Float:
    """Return the allowance (TPP) paid: part by performance, part by attendance, less the cut of a sanction.

    Parameters
    ----------
    allowance : array_like of float
        Full allowance, rupiah per month.
    performance, attendance : array_like of float
        Shares achieved, 0 to 1.
    performance_share : float, optional
        Part that depends on performance; by default 60 %, a regency's rule.
    cut : array_like of float
        ``ladder().tukin_cut`` of the sanction in force.

    Examples
    --------
    >>> float(tpp(5_000_000, performance=0.9, attendance=1.0))
    4700000.0
    """
    share = norm("tpp_performance") if performance_share is None else performance_share
    earned = share * np.asarray(performance, float) + (1 - share) * np.asarray(attendance, float)
    return np.asarray(allowance, float) * earned * (1 - np.asarray(cut, float))
