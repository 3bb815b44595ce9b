"""The working-time clock of an Indonesian government office, and its dates.

Time is an integer count of ticks of *working* time: it has no nights, breaks, weekends, holidays or joint leave.
Hours are data (``data/calendar/hours.csv``, or an office's own); holidays come from the library ``holidays``, Ramadan
from ``hijridate``. All periods are half-open: the closing of a day is the opening of the next.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from sim.errors import KinerjaError, _
from sim.paths import data_table

TICKS_PER_SECOND = 1_000
TICKS_PER_MINUTE = 60 * TICKS_PER_SECOND
TICKS_PER_HOUR = 60 * TICKS_PER_MINUTE
TICKS_PER_DAY = 24 * TICKS_PER_HOUR

EVERY = ("day", "week", "month", "quarter", "year")
LEBARAN_WEEKS = 12
_LAST_YEAR = 2076  # hijridate knows the Umm al-Qura calendar up to November 2077
_DAY = np.timedelta64(1, "D")

Int = npt.NDArray[np.int64]


REGIMES = ("normal", "ramadan")
"""Kinds of hours: of ordinary days, and of days in Ramadan."""


def minutes_of(clock: str) -> int:
    """Return the minutes from midnight to a time of day.

    Examples
    --------
    >>> minutes_of("07:30"), minutes_of("24:00")
    (450, 1440)
    """
    hour, minute = clock.split(":")
    return 60 * int(hour) + int(minute)


@lru_cache(maxsize=1)
def standard_hours() -> Int:
    """Return the hours of a government office, minutes by [regime, weekday, what].

    Returns
    -------
    int64[2, 7, 4]
        Regimes of :data:`REGIMES`; weekdays from Monday; opening, work, work before the break, break. A day without
        work is closed.
    """
    table = np.zeros((2, 7, 4), np.int64)
    for row in data_table("calendar", "hours.csv"):
        opening, pause = minutes_of(row["open"]), minutes_of(row["break_start"])
        table[REGIMES.index(row["regime"]), int(row["weekday"])] = (
            opening,
            int(row["minutes"]),
            pause - opening,
            int(row["break_minutes"]),
        )
    table.setflags(write=False)
    return table


def _holidays(years: range) -> tuple[set[date], list[date]]:
    """Return the days on which offices are closed, and the days of Eid al-Fitr, in these years."""
    from holidays.countries import Indonesia  # takes 70 ms, so only when a calendar is made

    public = Indonesia(years=years, categories=("public",), language="en_US")
    joint = Indonesia(years=years, categories=("government",), language="en_US")
    closed = {*public, *joint}
    decreed = {day.year for day in joint}
    pattern = {
        row["holiday"]: (int(row["before"]), int(row["after"]))
        for row in data_table("calendar", "joint_leave.csv")
    }

    named = [
        (day, name.removesuffix(" (estimated)")) for day in sorted(public) for name in public.get_list(day)
    ]
    for day, name in named:
        if day.year not in decreed and name in pattern:
            for count, step in zip(pattern[name], (-1, 1), strict=True):
                leave = day
                for __ in range(count):
                    while leave in closed or leave == day or leave.weekday() > 4:
                        leave += timedelta(step)
                    closed.add(leave)
    return closed, [day for day, name in named if name == "Eid al-Fitr"]


def _ramadan_start(eid: date) -> date:
    """Return the first day of the Ramadan that ends the day before `eid` (Indonesia may begin a day after Mecca)."""
    from hijridate import Gregorian, Hijri

    year = Gregorian.fromdate(eid).to_hijri().year
    mecca = Hijri(year, 9, 1).to_gregorian()
    return max(date(mecca.year, mecca.month, mecca.day), eid - timedelta(30))


@dataclass(frozen=True, eq=False)
class Calendar:
    """Working days of some months, as ticks and as dates; make one with :meth:`indonesia` or :meth:`of`.

    Attributes
    ----------
    start : date
        First day of the first month.
    months : int
        Months covered.
    day_start : int64[days + 1]
        Tick at which each working day opens; the last is the end of time. Tick 0 opens the first working day.
    dates : datetime64[D][days]
        Date of each working day.
    weekday : int64[days]
        0 Monday ... 6 Sunday.
    month : int64[days]
        Months since `start`, from 0.
    month_first_day : int64[months + 1]
        First working day of each month; the last is `days`.
    ramadan : bool[days]
        Ramadan hours apply.
    week_after_lebaran : int64[days]
        0, or which week (1 to 12) since work resumed after Eid al-Fitr.
    opening, before_break, pause : int64[days]
        Ticks from midnight to opening, from opening to the break, and of the break.

    Examples
    --------
    >>> clock = Calendar.indonesia(date(2026, 1, 1), months=3)
    >>> clock.to_datetime(0)
    datetime.datetime(2026, 1, 2, 7, 30)
    >>> int(clock.to_tick(date(2026, 1, 5)) / TICKS_PER_MINUTE)
    390
    """

    start: date
    months: int
    day_start: Int
    dates: npt.NDArray[np.datetime64]
    weekday: Int
    month: Int
    month_first_day: Int
    ramadan: npt.NDArray[np.bool_]
    week_after_lebaran: Int
    opening: Int
    before_break: Int
    pause: Int

    @classmethod
    @lru_cache(maxsize=16)
    def indonesia(cls, start: date, months: int) -> Calendar:
        """Make the calendar of government offices; it is made once and shared.

        A year for which joint leave has not been decreed gets the assumed pattern of
        ``data/calendar/joint_leave.csv``; Islamic holidays of such years are the library's estimates.

        Raises
        ------
        KinerjaError
            `start` is not the first of a month, `months` is below 1, or the years are beyond 1990-2076.
        """
        return cls.of(start, months, standard_hours())

    @classmethod
    def of(
        cls,
        start: date,
        months: int,
        hours: npt.ArrayLike,
        *,
        holidays: bool = True,
        closed: Collection[date] = (),
    ) -> Calendar:
        """Make the calendar of an office with hours of its own.

        Parameters
        ----------
        start : date
            The first of a month.
        months : int
            How many months it covers.
        hours : int64[2, 7, 4]
            Minutes, as :func:`standard_hours` has them.
        holidays : bool
            Whether the office is closed on Indonesian public holidays and days of joint leave.
        closed : collection of date
            Further days on which it is closed.

        Raises
        ------
        KinerjaError
            `start` is not the first of a month, `months` is below 1, the years are beyond 1990-2076, hours do not fit
            into a day, or the office is never open.

        Examples
        --------
        >>> all_day = np.zeros((2, 7, 4), int)
        >>> all_day[:, :, 1:3] = 24 * 60
        >>> clinic = Calendar.of(date(2026, 1, 1), 1, all_day, holidays=False, closed=[date(2026, 1, 2)])
        >>> clinic.days, clinic.to_datetime(clinic.to_tick(date(2026, 1, 2)))
        (30, datetime.datetime(2026, 1, 3, 0, 0))
        """
        if start.day != 1:
            raise KinerjaError(
                _("A calendar starts on the first of a month, not on {start}. Use day 1.", start=start)
            )
        if months < 1:
            raise KinerjaError(_("A calendar needs at least one month, not {months}.", months=months))
        month_starts = np.datetime64(start, "M") + np.arange(months + 1)
        first, last = (month_starts[[0, -1]].astype("M8[D]")).astype(object)
        if first.year < 1990 or last.year > _LAST_YEAR:
            raise KinerjaError(
                _(
                    "The calendar covers 1990 to {year}, not {first} to {last}. Choose other dates.",
                    year=_LAST_YEAR,
                    first=first,
                    last=last,
                )
            )

        public, eids = _holidays(range(first.year - 1, last.year + 2))
        national = np.array(sorted(public), "M8[D]")
        table = np.asarray(hours, np.int64)
        if (
            table.shape != (2, 7, 4)
            or (table < 0).any()
            or (table[..., [0, 1, 3]].sum(axis=2) > 24 * 60).any()
        ):
            raise KinerjaError(
                _(
                    "hours: give minutes [2 regimes, 7 weekdays, 4]; opening, work and break fit into a day of 1440."
                )
            )
        table = table * TICKS_PER_MINUTE
        dates = np.arange(first, last, dtype="M8[D]")
        ramadan = np.zeros(len(dates), bool)
        lebaran = np.zeros(len(dates), np.int64)
        for eid in eids:
            ramadan |= (dates >= np.datetime64(_ramadan_start(eid))) & (dates < np.datetime64(eid))
            back = np.busday_offset(np.datetime64(eid), 0, roll="forward", holidays=national)
            week = (dates - back) // (7 * _DAY) + 1
            lebaran = np.where((week >= 1) & (week <= LEBARAN_WEEKS), week, lebaran)

        weekday = (dates.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
        worked = table[ramadan.astype(int), weekday, 1] > 0
        worked &= ~np.isin(dates, np.array(sorted(closed), "M8[D]"))
        if holidays:
            worked &= ~np.isin(dates, national)
        if not worked.any():
            raise KinerjaError(
                _(
                    "No day from {first} to {last} is a working day. Check hours and closed days.",
                    first=first,
                    last=last,
                )
            )
        dates, ramadan, lebaran, weekday = (x[worked] for x in (dates, ramadan, lebaran, weekday))
        opening, working, before, pause = np.moveaxis(table[ramadan.astype(int), weekday], -1, 0)
        arrays = {
            "day_start": np.concatenate([[0], np.cumsum(working)]),
            "dates": dates,
            "weekday": weekday,
            "month": dates.astype("M8[M]").astype(np.int64) - month_starts[0].astype(np.int64),
            "month_first_day": np.searchsorted(dates, month_starts.astype("M8[D]")).astype(np.int64),
            "ramadan": ramadan,
            "week_after_lebaran": lebaran.astype(np.int64),
            "opening": opening.copy(),
            "before_break": before.copy(),
            "pause": pause.copy(),
        }
        for array in arrays.values():
            array.setflags(write=False)  # one calendar is shared by every run
        return cls(start, months, **arrays)

    @property
    def days(self) -> int:
        """Number of working days."""
        return len(self.dates)

    @property
    def end(self) -> int:
        """Tick at which the last working day closes: the end of time."""
        return int(self.day_start[-1])

    @property
    def month_start(self) -> Int:
        """Tick at which each month's first working day opens (int64[months + 1]; last: the end of time)."""
        return self.day_start[self.month_first_day]

    @property
    def shuts(self) -> npt.NDArray[np.bool_]:
        """Whether the office is shut before each working day starts, bool[days + 1]; the last is the end of time.

        It is not between two dates of which one closes at midnight and the next opens then.
        """
        closing = self.opening + np.diff(self.day_start) + self.pause
        through = (closing[:-1] == TICKS_PER_DAY) & (self.opening[1:] == 0) & (np.diff(self.dates) == _DAY)
        return np.concatenate([[True], ~through, [True]])

    def day_of(self, ticks: npt.ArrayLike) -> Any:
        """Return the working day, from 0, that each tick falls in (int64, the shape of `ticks`).

        A tick before 0 gives -1, one at or after the end of time gives `days`.
        """
        return np.searchsorted(self.day_start, ticks, side="right") - 1

    def datetimes(self, ticks: npt.ArrayLike) -> npt.NDArray[np.datetime64]:
        """Return the date and time (datetime64[ms], local) of each tick in [0, end of time).

        Raises
        ------
        ValueError
            A tick is outside the calendar.
        """
        ticks = np.asarray(ticks, np.int64)
        if ticks.size and (ticks.min() < 0 or ticks.max() >= self.end):
            raise ValueError(f"ticks outside the calendar [0, {self.end})")
        day = self.day_of(ticks)
        worked = ticks - self.day_start[day]
        clock = self.opening[day] + worked + np.where(worked >= self.before_break[day], self.pause[day], 0)
        return self.dates[day].astype("M8[ms]") + clock.astype("m8[ms]")

    def ticks(self, moments: npt.ArrayLike) -> Int:
        """Return the tick of each date or datetime64; a moment out of hours maps to the next working moment.

        Raises
        ------
        ValueError
            A moment is before the first month or after the last.
        """
        moments = np.asarray(moments, "M8[ms]")
        last = np.datetime64(self.start, "M") + self.months
        if moments.size and (moments.min() < np.datetime64(self.start) or moments.max() >= last):
            raise ValueError(f"moments outside the calendar [{self.start}, {last.astype('M8[D]')})")
        date_ = moments.astype("M8[D]")
        day = np.searchsorted(self.dates, date_)
        here = np.minimum(day, self.days - 1)
        working_day = (day < self.days) & (self.dates[here] == date_)
        at = self.tick_at(here, (moments - date_).astype(np.int64))
        return np.where(working_day, at, self.day_start[day])

    def tick_at(self, day: npt.ArrayLike, clock: npt.ArrayLike) -> Int:
        """Return the tick of a time of day; out of hours it is the nearest working moment of that day.

        Parameters
        ----------
        day : int64
            Working day, from 0.
        clock : int64
            Ticks since midnight; it may lie beyond the day.
        """
        day = np.asarray(day, np.int64)
        past = np.asarray(clock, np.int64) - self.opening[day]
        before = np.minimum(past, self.before_break[day])
        after = np.maximum(past - self.before_break[day] - self.pause[day], 0)
        return self.day_start[day] + np.clip(before + after, 0, self.day_start[day + 1] - self.day_start[day])

    def to_datetime(self, tick: int) -> datetime:
        """Return the date and time of one tick; see :meth:`datetimes`."""
        return cast(datetime, self.datetimes(tick).item())

    def to_tick(self, moment: date | datetime) -> int:
        """Return the tick of one date (its opening) or datetime; see :meth:`ticks`."""
        return int(self.ticks(np.datetime64(moment)))

    def starts(self, every: str) -> Int:
        """Return the tick of the first working moment of each calendar day, week, month, quarter or year.

        A period cut off by the calendar's start begins at tick 0; a week with no working day has none.

        Raises
        ------
        KinerjaError
            `every` is not one of `EVERY`.
        """
        months = self.dates.astype("M8[M]").astype(np.int64)
        periods = {
            "day": self.dates.astype(np.int64),
            "week": (self.dates.astype(np.int64) + 3) // 7,
            "month": months,
            "quarter": months // 3,
            "year": months // 12,
        }
        if every not in periods:
            raise KinerjaError(
                _(
                    "No period is called {every!r}. Use one of {known}.",
                    every=every,
                    known=list(EVERY),
                )
            )
        return self.day_start[np.unique(periods[every], return_index=True)[1]]
