"""The clock of a run: SimPy events at the start of days, weeks, months, quarters and years.

At one tick the phases follow one another in a fixed order, so that nobody is appraised on work that has not
been observed, or trained on an appraisal that has not been made.
"""

from __future__ import annotations

import numpy as np
import simpy

from sim.calendar import EVERY, Calendar
from sim.errors import KinerjaError, _
from sim.names import nearest

PHASES = ("observe", "appraise", "feedback", "reward", "train", "adopt", "practice", "record")
"""Order of events at one tick. ``observe`` and ``record`` belong to the world: it closes the past month before levers
act, and updates the officers' state after they have acted."""


class Moment(simpy.Event):
    """An event at a tick, after those of earlier phases at the same tick."""

    def __init__(self, env: simpy.Environment, delay: int, phase: int) -> None:
        super().__init__(env)
        self.due = int(env.now) + delay, phase
        self._ok = True
        self._value = phase
        # SimPy's own events have priorities 0 and 1, so they precede the phases of their tick
        env.schedule(self, priority=simpy.events.EventPriority(2 + phase), delay=delay)


class Clock:
    """The clock that levers wait on.

    Parameters
    ----------
    env : simpy.Environment
        Its time is ticks of working time.
    calendar : Calendar
        Covers burn-in and study.
    first_month : int
        Calendar month in which the study starts; months before it are burn-in.

    Attributes
    ----------
    latest : (int, int)
        Tick and phase of the latest event.
    """

    def __init__(self, env: simpy.Environment, calendar: Calendar, first_month: int) -> None:
        self.env = env
        self.calendar = calendar
        self.first_month = first_month
        self.phase = "practice"
        self.latest = (-1, -1)
        self._starts = {every: calendar.starts(every) for every in EVERY}

    @property
    def now(self) -> int:
        """Ticks since the start of the calendar."""
        return int(self.env.now)

    @property
    def month(self) -> int:
        """Month of the study: 1 is its first, 0 and below are burn-in."""
        return self.month_of(self.now)

    def month_of(self, tick: int) -> int:
        """Return the month of the study in which a tick falls."""
        month = np.searchsorted(self.calendar.month_start, tick, side="right") - 1
        return int(month) - self.first_month + 1

    @property
    def month_of_year(self) -> int:
        """Month of the year: 1 = January ... 12 = December."""
        return int(str(self.calendar.dates[self.day])[5:7])

    @property
    def day(self) -> int:
        """Index of the working day."""
        return int(self.calendar.day_of(self.now))

    def next(self, every: str, times: int = 1, phase: str | None = None) -> simpy.Event:
        """Return an event at the start of the next day, week, month, quarter or year.

        Where a period starts now and the phase is still to come, that start is the next.

        Parameters
        ----------
        every : str
            ``"day"``, ``"week"``, ``"month"``, ``"quarter"`` or ``"year"``.
        times : int
            1 is the next start, 2 the one after it, ...
        phase : str, optional
            One of :data:`PHASES`; by default that of the calling lever.

        Returns
        -------
        simpy.Event
            It never occurs where the calendar ends before.
        """
        if every not in self._starts:
            raise KinerjaError(
                _(
                    "clock.next({every!r}): must be one of {known}{hint}.",
                    every=every,
                    known=list(EVERY),
                    hint=nearest(str(every), EVERY),
                )
            )
        if not (isinstance(times, (int, np.integer)) and times >= 1):
            raise KinerjaError(_("clock.next: times is {times!r}; it is a whole number from 1.", times=times))
        starts = self._starts[every]
        to_come = (self.now, self._place(phase)) > self.latest
        at = int(np.searchsorted(starts, self.now, side="left" if to_come else "right")) + times - 1
        return self.at(int(starts[at]), phase) if at < len(starts) else self.env.event()

    def after(self, days: float, phase: str | None = None) -> simpy.Event:
        """Return an event at the opening of the working day `days` (rounded up, at least 1) after today."""
        day = self.day + max(1, int(np.ceil(days)))
        if day >= self.calendar.days:
            return self.env.event()
        return self.at(int(self.calendar.day_start[day]), phase)

    def at(self, tick: int, phase: str | None = None) -> simpy.Event:
        """Return an event at a tick that has not passed, in a phase."""
        if tick < self.now:
            raise KinerjaError(
                _("clock.at({tick}): that time has passed; it is {now}.", tick=tick, now=self.now)
            )
        moment = Moment(self.env, tick - self.now, self._place(phase))
        moment.callbacks.append(self._note)
        return moment

    def _place(self, phase: str | None) -> int:
        """Return the place of a phase, by default that of the calling lever, in the order of phases."""
        phase = phase or self.phase
        if phase not in PHASES:
            raise KinerjaError(
                _(
                    "no phase {phase!r}{hint}; there are {phases}.",
                    phase=phase,
                    hint=nearest(str(phase), PHASES),
                    phases=", ".join(PHASES),
                )
            )
        return PHASES.index(phase)

    def _note(self, moment: simpy.Event) -> None:
        self.latest = (self.now, int(str(moment.value)))
