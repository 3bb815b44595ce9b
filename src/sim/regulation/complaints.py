"""Time limits for complaints: how many days an answer may take."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.errors import KinerjaError, _
from sim.regulation._tables import rows

CLOCKS = tuple(row["clock"] for row in rows("complaints"))


def clock_days(clock: str) -> int:
    """Return the days allowed by a clock, one of :data:`CLOCKS`.

    Raises
    ------
    KinerjaError
        No such clock.

    Examples
    --------
    >>> [clock_days(c) for c in ("light", "normative", "non_supervisory", "supervisory")]
    [2, 5, 14, 60]
    """
    days = {row["clock"]: int(row["days"]) for row in rows("complaints")}
    if clock not in days:
        raise KinerjaError(
            _("No complaint clock is called {clock!r}. Use {known}.", clock=clock, known=list(days))
        )
    return days[clock]


def within_clock(days: npt.ArrayLike, clock: str | npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Tell which answers came in time.

    Parameters
    ----------
    days : array_like of float
        Days from arrival to answer, of the clock's kind; the day of arrival is 0. NaN (never answered) is not in
        time: leave out complaints that are still open and within their time limit.
    clock : str, or array_like of int
        A clock's name, or the days allowed for each complaint.

    Examples
    --------
    >>> within_clock([0, 5, 6, float("nan")], "normative").tolist()
    [True, True, False, False]
    """
    allowed = clock_days(clock) if isinstance(clock, str) else np.asarray(clock)
    return np.asarray(days, float) <= allowed
