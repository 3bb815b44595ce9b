"""Attendance: shifts, absence, days away at courses, and minutes that practices take from the working day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from sim.agency.desks.duty import Duty
from sim.agency.spec import Agency
from sim.calendar import TICKS_PER_MINUTE, Calendar
from sim.errors import KinerjaError, _
from sim.streams import Streams
from sim.world.officers import NOBODY, Bool, Float, Int, Officers

SPELL_GOES_ON = 0.5
"""Chance that an absence continues for another day: spells of two days on average (assumption)."""
UNEXCUSED = 0.5
"""Share of absence that is unexcused (teachers in 2003, "nearly half": SMERU)."""
DISCIPLINE_LOGIT = 0.6
"""Logits of presence per SD of discipline (assumption)."""


@dataclass
class _Part:
    """Units whose working days are the same; a unit with shifts is a part of its own.

    `rows` are its officers, `same_day` the working day of government offices on the date of each of its own (-1: none);
    it is `usual` where these are the same and all are on duty from opening to closing. `block` has the uniforms of
    calendar year `year`.
    """

    calendar: Calendar
    units: list[int]
    rows: Any
    same_day: Int
    usual: bool
    duty: Duty | None
    year: int = -1
    block: Float = field(default_factory=lambda: np.empty((2, 0, 0)))


class Roster:
    """The agency's attendance, month by month.

    Parameters
    ----------
    agency, officers, calendar, streams
    calendars : list of Calendar, optional
        Working days of each unit; by default all have those of government offices, `calendar`.

    Attributes
    ----------
    away : dict
        Working day -> persons (see :attr:`~sim.world.officers.Officers.person`) away on duty (courses) that day.
    minutes : float64[n]
        Minutes taken from the working days of the month about to start.
    present : float64[n]
        Ticks at the desk or at other work in the latest month.
    duty_days : float64[n]
        Days of the latest month on which the officer was to be on duty.
    absent_days, unexcused_days : float64[n]
        Days of them in the latest month.
    year_unexcused : float64[n]
        Unexcused days since 1 January, recorded or not.
    longest : int64[n]
        Longest unexcused spell of the latest month, in days.
    """

    def __init__(
        self,
        agency: Agency,
        officers: Officers,
        calendar: Calendar,
        streams: Streams,
        calendars: list[Calendar] | None = None,
    ) -> None:
        n = len(officers)
        self._officers, self._calendar, self._streams = officers, calendar, streams
        base = np.array([unit.absence for unit in agency.units])[officers.unit]
        # the mean over officers of differing discipline must be the unit's: stretch the logit (probit-logit rule)
        stretch = 1.0 if officers.alike else np.sqrt(1 + (DISCIPLINE_LOGIT / 1.702) ** 2)
        self._logit = logit(np.clip(base, 1e-9, 1 - 1e-9)) * stretch
        self.away: dict[int, Int] = {}
        self.minutes = np.zeros(n)
        each = calendars or [calendar] * len(agency.units)
        self._parts = list(_parts(agency, officers, calendar, each))
        self._ill = np.zeros(n, np.bool_)
        self._excused = np.zeros(n, np.bool_)
        self.present, self.duty_days = np.zeros(n), np.zeros(n)
        self.absent_days = np.zeros(n)
        self.unexcused_days = np.zeros(n)
        self.year_unexcused = np.zeros(n)
        self.longest = np.zeros(n, np.int64)

    def send_away(self, who: npt.ArrayLike, first_day: int, days: int) -> None:
        """Take some officers off their desks for whole working days, whatever post they then hold.

        `first_day` is a working day of government offices; ``world.clock.day`` is today.
        """
        if not all(isinstance(x, (int, np.integer)) and x >= 0 for x in (first_day, days)):
            raise KinerjaError(
                _(
                    "send_away: day {first_day!r} for {days!r} days; both are whole numbers from 0.",
                    first_day=first_day,
                    days=days,
                )
            )
        persons = self._officers.person[self._officers.mask(who) & self._officers.there]
        for day in range(first_day, min(first_day + days, self._calendar.days)):
            self.away[day] = np.append(self.away.get(day, persons[:0]), persons)

    def swap(self, one: int, other: int) -> None:
        """Exchange two officers' posts, with their attendance; how often officers are absent is usual in the unit."""
        for values in self._personal():
            values[[one, other]] = values[[other, one]]

    def end(self, who: Bool) -> None:
        """End the attendance of officers who leave: their absence, and minutes taken from them."""
        for values in self._personal():
            values[who] = 0

    def _personal(self) -> tuple[np.ndarray, ...]:
        """Return the state that belongs to the person, not to the post."""
        return (
            self.minutes,
            self._ill,
            self._excused,
            self.absent_days,
            self.unexcused_days,
            self.year_unexcused,
            self.longest,
        )

    def take_minutes(self, who: Bool, minutes: npt.ArrayLike) -> None:
        """Take minutes from some officers, spread over the days of the month about to start."""
        self.minutes[who] += np.broadcast_to(minutes, self.minutes.shape)[who]

    def absence(self, presence: Float) -> Float:
        """Return the chance of being absent on a day, given the effects on presence in logits; float64[n]."""
        return np.asarray(expit(self._logit - DISCIPLINE_LOGIT * self._officers.discipline - presence))

    def draw_month(self, month: int, presence: Float) -> list[Int]:
        """Draw attendance in a calendar month.

        Parameters
        ----------
        presence : float64[n]
            Effects on presence, logits.

        Returns
        -------
        list of int64[days, officers] or int64[days, officers, turns]
            For each unit and day that it is open, the tick at which each officer leaves, the day's opening when absent;
            of units with shifts all ticks at which they leave and come, in turns.
        """
        calendar = self._calendar
        first, last = (int(d) for d in calendar.month_first_day[month : month + 2])
        p = self.absence(presence)
        starts = np.clip(p * (1 - SPELL_GOES_ON) / (1 - p), 0, 1)
        for values in (self.present, self.duty_days, self.absent_days, self.unexcused_days, self.longest):
            values[:] = 0
        until: dict[int, Int] = {}
        for part in self._parts:
            times, column = self._draw(part, month, starts[part.rows]), 0
            for unit in part.units:
                rows = self._officers.slices[unit]
                size = rows.stop - rows.start
                until[unit] = np.ascontiguousarray(times[:, column : column + size])
                column += size
        for day in range(first, last):
            self.away.pop(day, None)
        if str(calendar.dates[first])[5:7] == "01":
            self.year_unexcused[:] = 0
        self.year_unexcused += self.unexcused_days
        self.minutes[:] = 0
        return [until[unit] for unit in range(len(self._officers.slices))]

    def _draw(self, part: _Part, month: int, starts: Float) -> Int:
        """Draw the attendance of a part of the agency, and add its days and ticks to the records."""
        rows, days = part.rows, part.calendar
        first, last = (int(d) for d in days.month_first_day[month : month + 2])
        coming, reason = self._uniforms(part, month)
        opening, closing = days.day_start[first:last], days.day_start[first + 1 : last + 1]
        minutes, person = self.minutes[rows], self._officers.person[rows]
        vacant = person == NOBODY
        if part.usual:
            shortest = (closing - opening).min() if last > first else 0
            short = np.minimum(minutes / max(1, last - first) * TICKS_PER_MINUTE, shortest)
            until = closing[:, None] - short.astype(np.int64)
            on_duty = np.ones(until.shape, np.bool_)
        else:
            until = _turns(part, first, last)
            on_duty = np.asarray((until[:, :, 2::2] > until[:, :, 1::2]).any(axis=2))
            _take(until, minutes / np.maximum(1, on_duty.sum(axis=0)) * TICKS_PER_MINUTE)
        ill, excused = self._ill[rows].copy(), self._excused[rows].copy()
        absent_days, unexcused_days = np.zeros(len(ill)), np.zeros(len(ill))
        run, longest = np.zeros(len(ill), np.int64), np.zeros(len(ill), np.int64)
        for k in range(last - first):
            fresh = ~ill
            ill = coming[k] < np.where(ill, SPELL_GOES_ON, starts)
            excused = np.where(fresh, reason[k] >= UNEXCUSED, excused)
            away = self.away.get(int(part.same_day[first + k]))
            out = vacant if away is None else vacant | np.isin(person, away)
            absent = ill & ~out & on_duty[k]
            unexcused = absent & ~excused
            absent_days += absent
            unexcused_days += unexcused
            run = np.where(on_duty[k], np.where(unexcused, run + 1, 0), run)
            np.maximum(longest, run, out=longest)
            if part.usual:
                until[k, absent | out] = opening[k]
            else:
                until[k, absent | out, 1:] = closing[k]
        self._ill[rows], self._excused[rows] = ill, excused
        self.absent_days[rows], self.unexcused_days[rows] = absent_days, unexcused_days
        self.longest[rows], self.duty_days[rows] = longest, on_duty.sum(axis=0)
        if part.usual:
            self.present[rows] = (until - opening[:, None]).sum(axis=0)
        else:
            self.present[rows] = (until[:, :, 2::2] - until[:, :, 1::2]).sum(axis=(0, 2))
        return until

    def _uniforms(self, part: _Part, month: int) -> tuple[Float, Float]:
        """Return uniforms of a month for absence and for its reason, [days, n]; drawn by unit and calendar year."""
        edges = part.calendar.month_first_day
        year = month // 12
        begin = int(edges[12 * year])
        if year != part.year:
            days = int(edges[min(12 * year + 12, part.calendar.months)]) - begin
            slices, part.year = self._officers.slices, year
            sizes = {unit: slices[unit].stop - slices[unit].start for unit in part.units}
            part.block = self._streams.once(
                ("absence", year, *part.units), lambda own: _year_of_absence(own, year, days, sizes)
            )
        days_of_month = slice(int(edges[month]) - begin, int(edges[month + 1]) - begin)
        return part.block[0, days_of_month], part.block[1, days_of_month]


def _year_of_absence(streams: Streams, year: int, days: int, sizes: dict[int, int]) -> Float:
    """Draw uniforms of a year; float64[2, days, officers], which cannot be changed, so that runs may share them."""
    blocks = [streams.generator("absence", unit, year).random((2, days, n)) for unit, n in sizes.items()]
    year_of = np.concatenate(blocks, axis=2)
    year_of.flags.writeable = False
    return year_of


def _parts(
    agency: Agency, officers: Officers, calendar: Calendar, calendars: list[Calendar]
) -> Iterator[_Part]:
    """Put together the units that have no shifts and share a calendar."""
    alike: dict[Any, list[int]] = {}
    for index, unit in enumerate(agency.units):
        shifts = any(row.unit == unit.unit for row in agency.shifts)
        alike.setdefault((index, 0) if shifts else (-1, id(calendars[index])), []).append(index)
    for (index, __), units in alike.items():
        days = calendars[units[0]]
        rows: Any = slice(None)
        if len(alike) > 1 or days is not calendar:
            rows = np.concatenate(
                [np.arange(*officers.slices[unit].indices(len(officers))) for unit in units]
            )
        at = np.minimum(np.searchsorted(calendar.dates, days.dates), calendar.days - 1)
        same_day = np.where(calendar.dates[at] == days.dates, at, -1)
        duty = None if index < 0 else Duty(agency, agency.units[index].unit)
        yield _Part(days, units, rows, same_day, days is calendar and duty is None, duty)


def _turns(part: _Part, first: int, last: int) -> Int:
    """Return when each officer leaves and comes on some days, int64[days, officers, turns].

    Everyone is away at opening; the turns after that come in pairs, of which some have no ticks in between.
    """
    calendar, duty = part.calendar, part.duty
    if duty is None:
        until = np.empty((last - first, len(part.rows), 3), np.int64)
        until[:, :, :2] = calendar.day_start[first:last, None, None]
        until[:, :, 2] = calendar.day_start[first + 1 : last + 1, None]
        return until
    dates = calendar.dates.astype(np.int64)
    week = (dates + 3) // 7  # 1970-01-01 was a Thursday
    windows = []
    for day in range(first, last):
        before = None
        if day and dates[day] - dates[day - 1] == 1:
            before = (int(calendar.weekday[day - 1]), int(week[day - 1]))
        windows.append(duty.windows(int(calendar.weekday[day]), int(week[day]), before))
    wide = max([w.shape[1] for w in windows], default=1)
    until = np.empty((last - first, len(duty.desk), 1 + 2 * wide), np.int64)
    for k, found in enumerate(windows):
        day = first + k
        until[k, :, 0] = calendar.day_start[day]
        until[k, :, 1:] = calendar.day_start[day + 1]
        ticks = calendar.tick_at(day, found * TICKS_PER_MINUTE)
        until[k, :, 1 : 1 + 2 * found.shape[1]] = ticks.reshape(len(ticks), -1)
    return until


def _take(until: Int, ticks: Float) -> None:
    """Take ticks from each officer's time on duty, the last ones of a day first.

    Each day gives the same; what a short day cannot give, the others do in proportion to what is left of them.
    """
    on_duty = (until[:, :, 2::2] - until[:, :, 1::2]).sum(axis=2)
    each = np.broadcast_to(ticks.astype(np.int64), on_duty.shape) * (on_duty > 0)
    taken = np.minimum(each, on_duty)
    short, spare = (each - taken).sum(axis=0), (on_duty - taken).sum(axis=0)
    if short.any():
        taken += ((on_duty - taken) * np.minimum(1.0, short / np.maximum(spare, 1))).astype(np.int64)
    for end in range(until.shape[2] - 1, 0, -2):
        part = np.minimum(taken, until[:, :, end] - until[:, :, end - 1])
        until[:, :, end] -= part
        taken -= part
