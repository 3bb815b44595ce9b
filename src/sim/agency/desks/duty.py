"""Who of a service unit's officers is on duty, and how busy that makes its desk."""

from __future__ import annotations

from math import gcd

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.agency.desks.hours import opening_hours, work_until
from sim.agency.spec import GROUPS, Agency, Shift
from sim.agency.staffing import MINUTES_A_DAY, daily_work, serving
from sim.calendar import minutes_of

DAY = 24 * 60
"""Minutes of a date."""

Int = npt.NDArray[np.int64]


class Duty:
    """Who of a unit's officers is on duty, and when, by the table of shifts.

    A shift takes its people from a group: all officers at the desk, PNS, PPPK, or those who serve one service. The
    shifts of a day that draw on the same group take their people one after another in the order of the file, and after
    the last officer the first again; the group is mixed so that neighbours in it serve different services. They take
    turns: each week the count starts where the first of these shifts ended the week before. An officer on no shift is
    off duty; those who serve nothing at the desk or only sign, such as most supervisors, keep the opening hours.

    Parameters
    ----------
    agency : Agency
    unit : str
        Code of a service unit with shifts.
    """

    def __init__(self, agency: Agency, unit: str) -> None:
        row = agency.unit(unit)
        services = agency.services_of(unit)
        can = serving(agency, unit, signing=False)
        self.desk: npt.NDArray[np.bool_] = np.asarray(can.any(axis=1))
        slot = np.arange(row.officers)
        masks = dict(zip(GROUPS, (self.desk, slot < row.pns, slot >= row.pns), strict=True))
        masks |= {s.service: can[:, k] for k, s in enumerate(services)}
        self.groups = {name: np.flatnonzero(mask & self.desk) for name, mask in masks.items()}
        self._shifts = [shift for shift in agency.shifts if shift.unit == unit]
        self._days: dict[tuple[tuple[int, ...], ...], Int] = {}

    def shifts_on(self, weekday: int) -> list[Shift]:
        """Return the shifts of a weekday (0 Monday), in file order."""
        own = {shift.shift for shift in self._shifts if shift.weekday == weekday + 1}
        return [
            shift
            for shift in self._shifts
            if shift.weekday == weekday + 1 or (shift.weekday is None and shift.shift not in own)
        ]

    def windows(self, weekday: int, week: int, before: tuple[int, int] | None = None) -> Int:
        """Return when each officer is on duty on a date, minutes since midnight, int64[officers, windows, 2].

        Parameters
        ----------
        weekday, week : int
            Weekday (0 Monday), and number of the week.
        before : (int, int), optional
            Those of the day before, where the unit was open: its night shifts end today.

        Returns
        -------
        int64[officers, windows, 2]
            Beginning and end of each window, which do not overlap; windows without minutes fill up the rows.
        """
        turns = [self._turn(*day) for day in ((weekday, week), *(() if before is None else (before,)))]
        key = tuple(turns)
        if key not in self._days:
            spans = self._spans(*turns[0])
            for late, early in zip(self._spans(*turns[1]), spans, strict=True) if before else ():
                early += [(max(start - DAY, 0), end - DAY) for start, end in late if end > DAY]
            self._days[key] = _merged(spans)
        return self._days[key]

    def _turn(self, weekday: int, week: int) -> tuple[int, ...]:
        """Return the weekday, and whose turn it is in each group: where its first shift ended the week before."""
        first: dict[str, int] = {}
        for shift in self.shifts_on(weekday):
            people = len(self.groups[shift.who])
            first.setdefault(shift.who, week * size_of(shift, people) % max(1, people))
        return weekday, *first.values()

    def _spans(self, weekday: int, *starts: int) -> list[list[tuple[int, int]]]:
        spans: list[list[tuple[int, int]]] = [[] if desk else [(0, DAY)] for desk in self.desk]
        shifts = self.shifts_on(weekday)
        at = dict(zip(dict.fromkeys(shift.who for shift in shifts), starts, strict=True))
        for shift in shifts:
            group = self.groups[shift.who]
            n = size_of(shift, len(group))
            for officer in _mixed(group)[(at[shift.who] + np.arange(n)) % max(1, len(group))]:
                spans[officer] += _pieces(shift)
            at[shift.who] += n
        return spans


def size_of(shift: Shift, people: int) -> int:
    """Return how many of so many people a shift takes."""
    if shift.number is not None:
        return min(shift.number, people)
    return people if shift.share is None else min(people, max(1, int(shift.share * people + 0.5)))


def _mixed(group: Int) -> Int:
    """Put the members of a group in an order in which any few neighbours are spread over it."""
    n = len(group)
    step = max(1, round(n * 0.618))
    while gcd(step, n) > 1:
        step += 1
    return group[np.arange(n) * step % n] if n else group


def _pieces(shift: Shift) -> list[tuple[int, int]]:
    """Return the parts of a shift before and after its break, minutes since midnight; beyond 24:00 is tomorrow."""
    start, end = minutes_of(shift.start), minutes_of(shift.end)
    end += DAY * (end <= start)
    if not shift.break_start:
        return [(start, end)]
    away, back = minutes_of(shift.break_start), minutes_of(shift.break_end)
    away += DAY * (away < start)
    back += DAY * (back < away)
    return [(start, away), (back, end)]


def _merged(spans: list[list[tuple[int, int]]]) -> Int:
    """Join windows that touch or overlap, and fill up the rows with empty ones at the end of the day."""
    rows = []
    for given in spans:
        row: list[tuple[int, int]] = []
        for start, end in sorted((start, min(end, DAY)) for start, end in given if start < DAY):
            if row and start <= row[-1][1]:
                row[-1] = (row[-1][0], max(end, row[-1][1]))
            else:
                row.append((start, end))
        rows.append(row)
    wide = max([len(row) for row in rows], default=0) or 1
    return np.array([row + [(DAY, DAY)] * (wide - len(row)) for row in rows], np.int64).reshape(-1, wide, 2)


def duty_minutes(agency: Agency, unit: str) -> npt.NDArray[np.float64]:
    """Return the minutes that each officer is on duty on an average working day of an ordinary week.

    Returns
    -------
    float64[officers]
        450 (37.5 hours a week over five days, Perpres 21/2023) where the unit has neither hours nor shifts of its own;
        the mean over the weekdays that it is open, and over as many weeks as there are officers, where it has.
    """
    officers = agency.unit(unit).officers
    own = any(row.unit == unit for row in agency.hours)
    shifts = any(row.unit == unit for row in agency.shifts)
    if not own and not shifts:
        return np.full(officers, MINUTES_A_DAY)
    hours = opening_hours(agency, unit)[0]
    weekdays = np.flatnonzero(hours[:, 1])
    if not shifts:
        return np.full(officers, hours[weekdays, 1].mean())
    return week_minutes(agency, unit).sum(axis=1).mean(axis=0) / len(weekdays)


def week_minutes(agency: Agency, unit: str) -> npt.NDArray[np.float64]:
    """Return the minutes that each officer of a unit with shifts is on duty, by week and weekday.

    Returns
    -------
    float64[weeks, 7, officers]
        As many weeks as there are officers at the desk, at most 20: by then they have taken turns.
    """
    duty = Duty(agency, unit)
    hours = opening_hours(agency, unit)[0]
    weeks = min(20, max(1, int(duty.desk.sum())))
    minutes = np.zeros((weeks, 7, len(duty.desk)))
    for week in range(weeks):
        for weekday in np.flatnonzero(hours[:, 1]):
            yesterday = (int(weekday) - 1) % 7
            before = (yesterday, week - (weekday == 0)) if hours[yesterday, 1] else None
            done = work_until(hours[weekday], duty.windows(int(weekday), week, before))
            minutes[week, weekday] = (done[:, :, 1] - done[:, :, 0]).sum(axis=1)
    return minutes


def implied_utilisation(agency: Agency) -> pd.Series:
    """Utilisation of the desk of each service unit on an ordinary day, implied by demand, work and staff.

    :func:`daily_work` over the minutes that the officers who serve at all (:func:`serving`) are on duty
    (:func:`duty_minutes`), times their presence (1 - absence). The weeks after Lebaran, courses and meetings are left
    out.

    Returns
    -------
    Series of float64
        Index: code of each service unit. Share of the desk's time; infinite where nobody is ever on duty.

    Examples
    --------
    >>> from sim.agency import load_agency
    >>> implied_utilisation(load_agency("contoh")).between(0.75, 0.95).all()
    np.True_
    """
    work = daily_work(agency)
    busy = {}
    for unit in agency.units:
        services = agency.services_of(unit.unit)
        if services:
            desk = serving(agency, unit.unit).any(axis=1)
            load = work[[s.service for s in services]].sum()
            able = duty_minutes(agency, unit.unit)[desk].sum() * (1 - unit.absence)
            busy[unit.unit] = load / able if able else np.inf
    return pd.Series(busy, name="utilisation", dtype=float).rename_axis("unit")
