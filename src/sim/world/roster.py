"""Attendance: absence, days away at courses, and minutes that practices take from the working day."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit

from sim.agency.spec import Agency
from sim.calendar import TICKS_PER_MINUTE, Calendar
from sim.streams import Streams
from sim.world.officers import Bool, Float, Officers

SPELL_GOES_ON = 0.5
"""Chance that an absence continues for another day: spells of two days on average (assumption)."""
UNEXCUSED = 0.5
"""Share of absence that is unexcused (teachers in 2003, "nearly half": SMERU)."""
DISCIPLINE_LOGIT = 0.6
"""Logits of presence per SD of discipline (assumption)."""


class Roster:
    """The agency's attendance, month by month.

    Attributes
    ----------
    away : dict
        Working day -> mask of officers away on duty (courses) that day.
    minutes : float64[n]
        Minutes taken from the working days of the month about to start.
    absent_days, unexcused_days : float64[n]
        Days in the latest month.
    year_unexcused : float64[n]
        Unexcused days since 1 January, recorded or not.
    vacant : bool[n]
        Vacant posts.
    longest : int64[n]
        Longest unexcused spell of the latest month, in days.
    """

    def __init__(self, agency: Agency, officers: Officers, calendar: Calendar, streams: Streams) -> None:
        n = len(officers)
        self._officers, self._calendar, self._streams = officers, calendar, streams
        base = np.array([unit.absence for unit in agency.units])[officers.unit]
        # the mean over officers of differing discipline must be the unit's: stretch the logit (probit-logit rule)
        stretch = np.sqrt(1 + (DISCIPLINE_LOGIT / 1.702) ** 2)
        self._logit = logit(np.clip(base, 1e-9, 1 - 1e-9)) * stretch
        self.away: dict[int, Bool] = {}
        self.minutes = np.zeros(n)
        self.vacant = np.zeros(n, np.bool_)
        self._year, self._block = -1, np.empty((2, 0, n))
        self._ill = np.zeros(n, np.bool_)
        self._excused = np.zeros(n, np.bool_)
        self.absent_days = np.zeros(n)
        self.unexcused_days = np.zeros(n)
        self.year_unexcused = np.zeros(n)
        self.longest = np.zeros(n, np.int64)

    def send_away(self, who: Bool, first_day: int, days: int) -> None:
        """Take some officers off their desks for whole working days from `first_day`."""
        for day in range(first_day, min(first_day + days, self._calendar.days)):
            self.away[day] = self.away.get(day, np.zeros(len(self._officers), np.bool_)) | who

    def swap(self, one: int, other: int) -> None:
        """Exchange two officers' posts, with their attendance."""
        for values in (
            self._logit,
            self._ill,
            self._excused,
            self.absent_days,
            self.unexcused_days,
            self.year_unexcused,
            self.longest,
        ):
            values[[one, other]] = values[[other, one]]

    def take_minutes(self, who: Bool, minutes: Float | float) -> None:
        """Take minutes from some officers, spread over the days of the month about to start."""
        self.minutes[who] += np.broadcast_to(minutes, self.minutes.shape)[who]

    def absence(self, presence: Float) -> Float:
        """Return the chance of being absent on a day, given the effects on presence in logits; float64[n]."""
        return np.asarray(expit(self._logit - DISCIPLINE_LOGIT * self._officers.discipline - presence))

    def draw_month(self, month: int, presence: Float) -> np.ndarray:
        """Draw attendance in a calendar month.

        Parameters
        ----------
        presence : float64[n]
            Effects on presence, logits.

        Returns
        -------
        int64[days, n]
            Tick at which each officer leaves on each day; the day's opening when absent.
        """
        calendar = self._calendar
        first, last = (int(d) for d in calendar.month_first_day[month : month + 2])
        p = self.absence(presence)
        starts = np.clip(p * (1 - SPELL_GOES_ON) / (1 - p), 0, 1)
        coming, reason = self._uniforms(month)
        opening, closing = calendar.day_start[first:last], calendar.day_start[first + 1 : last + 1]
        short = np.minimum(self.minutes / max(1, last - first) * TICKS_PER_MINUTE, (closing - opening).min())
        until = closing[:, None] - short.astype(np.int64)
        self.absent_days[:] = 0
        self.unexcused_days[:] = 0
        run = np.zeros(len(p), np.int64)
        self.longest[:] = 0
        for k in range(last - first):
            fresh = ~self._ill
            self._ill = coming[k] < np.where(self._ill, SPELL_GOES_ON, starts)
            self._excused = np.where(fresh, reason[k] >= UNEXCUSED, self._excused)
            away = self.away.pop(first + k, None)
            absent = self._ill & ~self.vacant if away is None else self._ill & ~away & ~self.vacant
            unexcused = absent & ~self._excused
            self.absent_days += absent
            self.unexcused_days += unexcused
            run = np.where(unexcused, run + 1, 0)
            np.maximum(self.longest, run, out=self.longest)
            gone = absent | self.vacant
            until[k, gone if away is None else gone | away] = opening[k]
        if str(calendar.dates[first])[5:7] == "01":
            self.year_unexcused[:] = 0
        self.year_unexcused += self.unexcused_days
        self.minutes[:] = 0
        return until

    def _uniforms(self, month: int) -> tuple[Float, Float]:
        """Return uniforms of a month for absence and for its reason, [days, n]; drawn by unit and calendar year."""
        edges = self._calendar.month_first_day
        year = month // 12
        begin = int(edges[12 * year])
        if year != self._year:
            days = int(edges[min(12 * year + 12, self._calendar.months)]) - begin
            sizes = [r.stop - r.start for r in self._officers.slices]
            self._year, self._block = (
                year,
                self._streams.once(("absence", year), lambda own: _year_of_absence(own, year, days, sizes)),
            )
        days_of_month = slice(int(edges[month]) - begin, int(edges[month + 1]) - begin)
        return self._block[0, days_of_month], self._block[1, days_of_month]


def _year_of_absence(streams: Streams, year: int, days: int, sizes: list[int]) -> Float:
    """Draw uniforms of a year; float64[2, days, officers], which cannot be changed, so that runs may share them."""
    blocks = [
        streams.generator("absence", unit, year).random((2, days, size)) for unit, size in enumerate(sizes)
    ]
    year_of = np.concatenate(blocks, axis=2)
    year_of.flags.writeable = False
    return year_of
