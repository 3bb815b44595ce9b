"""When a service unit is open: its hours, and the calendar of its working days."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from sim.agency.spec import Agency, Hours
from sim.calendar import REGIMES, Calendar, minutes_of, standard_hours

Int = npt.NDArray[np.int64]


def opening_hours(agency: Agency, unit: str) -> Int:
    """Return the hours of a unit, minutes by [regime, weekday, what] as :func:`sim.calendar.standard_hours` has them.

    Examples
    --------
    >>> from sim.agency import load_agency
    >>> opening_hours(load_agency("contoh"), "dukcapil")[0, :, 1].tolist()
    [465, 465, 465, 465, 390, 0, 0]
    """
    return _table(tuple(row for row in agency.hours if row.unit == unit))


@lru_cache(maxsize=256)
def _table(rows: tuple[Hours, ...]) -> Int:
    if not rows:
        return standard_hours()
    table = np.zeros((2, 7, 4), np.int64)
    for row in rows:
        opening, closing = minutes_of(row.open), minutes_of(row.close)
        start, end = (minutes_of(at) if at else closing for at in (row.break_start, row.break_end))
        table[REGIMES.index(row.regime), row.weekday - 1] = (
            opening,
            closing - opening - (end - start),
            start - opening,
            end - start,
        )
    if all(row.regime == "normal" for row in rows):
        table[1] = table[0]
    table.setflags(write=False)
    return table


def calendar_of(agency: Agency, unit: str, start: date, months: int) -> Calendar:
    """Return the working days of a unit; units with the usual hours and days share one calendar.

    Examples
    --------
    >>> from sim.agency import load_agency
    >>> agency = load_agency("contoh")
    >>> one, other = (calendar_of(agency, code, date(2026, 1, 1), 3) for code in ("dukcapil", "puskesmas"))
    >>> one is other
    True
    """
    hours = tuple(row for row in agency.hours if row.unit == unit)
    closed = tuple(sorted({row.date for row in agency.closed_days if row.unit in ("*", unit)}))
    national = agency.unit(unit).holidays == "national"
    if not hours and not closed and national:
        return Calendar.indonesia(start, months)
    return _calendar(hours, closed, national, start, months)


@lru_cache(maxsize=64)
def _calendar(
    hours: tuple[Hours, ...], closed: tuple[str, ...], national: bool, start: date, months: int
) -> Calendar:
    days = [date.fromisoformat(day) for day in closed]
    return Calendar.of(start, months, _table(hours), holidays=national, closed=days)


def work_until(hours: Int, minute: npt.ArrayLike) -> Int:
    """Return the minutes of work from opening up to a time of day.

    Parameters
    ----------
    hours : int64[4]
        Opening, work, work before the break, break: a row of :func:`opening_hours`.
    minute : int64
        Since midnight.
    """
    opening, work, before, pause = hours
    past = np.asarray(minute, np.int64) - opening
    return np.clip(np.minimum(past, before) + np.maximum(past - before - pause, 0), 0, work)
