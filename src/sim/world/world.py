"""One run: an agency under a policy. SimPy runs what people decide and do; desks are advanced in between."""

from __future__ import annotations

from collections.abc import Generator
from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np
import simpy

from sim.agency import implied_utilisation
from sim.agency.spec import Agency
from sim.calendar import Calendar
from sim.errors import KinerjaError, _
from sim.evidence import Effect, Evidence, Finding
from sim.streams import Streams
from sim.world.climate import Climate
from sim.world.clock import Clock, Moment
from sim.world.effects import EffectBook, Entry
from sim.world.ledger import Ledger
from sim.world.mechanism import Mechanism, Plan
from sim.world.office import Office
from sim.world.officers import Float, hire, newcomers
from sim.world.past import Beside, Past
from sim.world.people import People
from sim.world.recorder import Recorder
from sim.world.roster import Roster
from sim.world.scenario import Scenario
from sim.world.service import ServiceBook


class World:
    """Everything a lever may read and do. Make one with :func:`sim.runs.run.simulate`.

    Attributes
    ----------
    agency, scenario : Agency, Scenario
    env : simpy.Environment
        Time is ticks of working time.
    clock : Clock
        Wait with ``yield world.clock.next("month")``.
    officers : Officers
        Traits; columns of a lever's own with ``officers.column(name)``.
    people : People
        This month's skill, motivation, pace, care, courtesy and truth.
    effects : EffectBook
        The only way to change behaviour.
    practices : list of str
        Levers that officers adopt one by one, because they started with the study or changed in it.
    climate : Climate
        Shared state of levers: stakes, clarity, trust, ...
    roster : Roster
        Absence, days away, minutes taken.
    offices : list of Office
        Service units, with the rules of their queues.
    service : ServiceBook
        Results of cases by officer and by unit, for appraisals and feedback.
    ledger : Ledger
        Costs.
    recorder : Recorder
        Outcome columns.
    streams : Streams
        Named random streams.
    evidence : Evidence
        The evidence table as the scenario reads it.
    kept : dict
        Lever -> what it remembers, see :meth:`remember`.
    """

    def __init__(
        self,
        agency: Agency,
        policy: Plan,
        streams: Streams,
        scenario: Scenario,
        months: int,
        beside: Beside | None = None,
    ) -> None:
        self.agency, self.policy, self.scenario, self.months = agency, policy, scenario, months
        for lever in (*policy.before_levers, *policy.levers):
            lever.check(agency)
        self.streams = streams
        self._beside = beside
        past = None if beside is None else beside.past(policy.before_levers)
        self.evidence = Evidence.load(scenario.preset)
        self.env = simpy.Environment(0 if past is None else past.tick)
        first = scenario.start.year * 12 + scenario.start.month - 1 - scenario.burn_in
        self.calendar = Calendar.indonesia(date(first // 12, first % 12 + 1, 1), scenario.burn_in + months)
        self.clock = Clock(self.env, self.calendar, scenario.burn_in)
        self._running: dict[str, tuple[Mechanism, Generator[Any, Any, None] | None]] = {}
        self._processes: dict[str, simpy.Process] = {}
        self._followed: list[simpy.Process] = []
        self._watching: list[simpy.Process] = []
        if past is None:
            self._begin()
        else:
            past.restore(self)
        sizes = np.array([rows.stop - rows.start for rows in self.officers.slices])
        self._posts, self._headcount = sizes, sizes / len(self.officers)
        self._first = np.array([rows.start for rows in self.officers.slices])
        self._heart = self.env.process(self._months(past))

    def _begin(self) -> None:
        """Hire everybody; nothing has happened yet."""
        agency, scenario, streams = self.agency, self.scenario, self.streams
        self._sizes: dict[str, Effect] = {}
        self.kept: dict[str, SimpleNamespace] = {}
        self.officers = hire(agency, streams)
        self.effects = EffectBook(self.officers, streams, drawn=scenario.future is not None)
        self.climate = Climate.reference(len(self.officers))
        self.people = People(agency, self.officers, self.effects)
        self.roster = Roster(agency, self.officers, self.calendar, streams)
        self.ledger = Ledger()
        self.recorder = Recorder(agency, self.months)
        scales = _demand_scales(agency, scenario)
        self.offices = [
            Office(agency, index, self.calendar, scales[unit.unit])
            for index, unit in enumerate(agency.units)
            if unit.kind == "service"
        ]
        self.service = ServiceBook(self)
        self.recorder.count("cost", "feedback_hours", "seats_used", "desk_days_lost", "sanctions")
        for name in ("seats_waiting", "jp20"):
            self.recorder.state(name, np.zeros(len(agency.units)))
        self.practices: list[str] = []

    def run(self) -> None:
        """Burn in, then run the study to its end."""
        for _month in self.steps():
            pass

    def steps(self) -> Generator[None]:
        """Run as :meth:`run` does, and stop at the start of every month of the study for others to have a turn."""
        for tick in self.calendar.month_start[self.scenario.burn_in :]:
            if tick > self.env.now:
                self.env.run(until=int(tick))
            if self.clock.month == 1 and self._beside is not None:
                self._beside.keep(self)
                self.streams.common = self._beside.draws  # the draws of a burn-in are not wanted again
            if tick < self.calendar.end:
                yield
        self._close(self.months)

    def effect(
        self, channel: str, finding: str, *, part: str = "", half_life_days: float | None = None
    ) -> Entry:
        """Return the acting lever's entry in the effect book for a row of the evidence table.

        Parameters
        ----------
        channel : str
            See :data:`sim.world.effects.CHANNELS`.
        finding : str
            Key of the evidence table; the scenario may replace its effect.
        part : str
            Distinguishes entries of one lever on one channel.
        half_life_days : float, optional
            By default the finding's own.
        """
        row = self.finding(finding)
        fade = row.half_life_days if half_life_days is None else half_life_days
        return self.effects.entry(
            channel, self.effect_size(finding), finding=finding, half_life_days=fade, part=part
        )

    def finding(self, key: str) -> Finding:
        """Return a row of the evidence table, as the scenario's preset reads it."""
        return self.evidence[key]

    def effect_size(self, key: str) -> Effect:
        """Return the effect of a row of the evidence table in this world, drawn once where the run has a future."""
        if key not in self._sizes:
            deviate = self.scenario.draws.get(key)
            if deviate is None and self.scenario.future is not None:
                deviate = float(self.streams.future("evidence", key).standard_normal())
            size = self.expected_size(key)
            self._sizes[key] = size if deviate is None else size.drawn(deviate)
        return self._sizes[key]

    def expected_size(self, key: str) -> Effect:
        """Return the effect of a row before it is drawn: that of the evidence, or its replacement in the scenario."""
        size = self.scenario.effects.get(key, self.evidence[key].effect)
        # data do not separate spread between studies from spread between persons: the scenario divides it
        return size.divided(self.scenario.between_share) if size.between and size.spread else size

    def pay(self, rupiah: float) -> None:
        """Book money for the acting lever; units bear it by headcount."""
        self.ledger.pay(self.effects.acting, self.clock.month, rupiah)
        self.recorder.flow("cost", rupiah * self._headcount)

    def spend(self, who: np.ndarray, minutes: Float | float) -> None:
        """Take minutes of this month from some officers, and book them as working days of the acting lever."""
        self.roster.take_minutes(who, minutes)
        total = float(np.broadcast_to(minutes, who.shape)[who].sum())
        self.ledger.spend_days(self.effects.acting, self.clock.month, total / 450)

    def replace(self, who: np.ndarray) -> None:
        """Put newcomers in some officers' slots, at most once per tick: new traits, no history, no training."""
        self.officers.replace(who, newcomers(self.officers, self.streams, self.clock.now))
        self.effects.replace(who, self.clock.now)

    def swap(self, one: int, other: int) -> None:
        """Exchange two officers' posts, with their whole state."""
        self.officers.swap(one, other)
        self.effects.swap(one, other)
        self.roster.swap(one, other)

    def by_unit(self, values: np.ndarray) -> Float:
        """Return the mean of an officers' column by unit; float64[units]."""
        return np.add.reduceat(values, self._first, dtype=np.float64) / self._posts

    def sum_by_unit(self, values: np.ndarray) -> Float:
        """Return the sum of an officers' column by unit; float64[units]."""
        return np.add.reduceat(values, self._first, dtype=np.float64)

    def follow(self, lever: Mechanism, steps: Generator[Any, Any, None]) -> simpy.Process:
        """Start a further process of a lever, e.g. one per class of a course."""
        process = self.env.process(self._drive(lever, steps))
        self._followed.append(process)
        return process

    def watch(self, steps: Generator[Any, Any, None]) -> None:
        """Start a process that only looks: it changes nothing in the world, and may as well start with the study."""
        self._watching.append(self.env.process(steps))

    def remember(self, **start: Any) -> SimpleNamespace:
        """Return what the acting lever remembers from month to month, at first these values; forgotten when it ends.

        A lever that keeps its past here and in columns of officers, not in variables of its process, resumes
        (:mod:`sim.world.past`).
        """
        return self.kept.setdefault(self.effects.acting, SimpleNamespace(**start))

    @property
    def in_force(self) -> list[Mechanism]:
        """Levers in force, in the order in which they were started."""
        return [lever for lever, __ in self._running.values()]

    def awaited(self) -> dict[str, tuple[int, int] | None] | None:
        """Return when levers act next.

        Returns
        -------
        dict or None
            Keys of levers under way, in the order in which they asked for their next events -> tick and phase, None
            for never. None instead where anything else is under way, of which it cannot be said.
        """
        self._followed = [process for process in self._followed if process.is_alive]
        awaited: dict[str, Any] = {
            key: process.target for key, process in self._processes.items() if process.is_alive
        }
        turns = {event: turn for *__, turn, event in self.env._queue if event.callbacks}
        known = {*awaited.values(), *(process.target for process in (self._heart, *self._watching))}
        # an event of another kind, or one in the world's own phase, could have another turn in a copy
        clear = all(
            isinstance(event, Moment) and event.due[1] > 0 for event in awaited.values() if event in turns
        )
        if self._followed or not clear or not turns.keys() <= known:
            return None
        order = sorted(awaited, key=lambda key: turns.get(awaited[key], -1))
        return {key: getattr(awaited[key], "due", None) for key in order}

    def _resume(self, past: Past) -> None:
        """Call the levers of the past, which go on from there."""
        for lever in past.levers:
            steps = self._acting(lever, lever.run, self) if lever.key in past.due else None
            self._running[lever.key] = (lever, steps)
        for key in past.due:
            self._start(*self._running[key])

    def _check_resumed(self, past: Past) -> None:
        """Check that every lever that was called again waits for what it waited for."""
        for key, due in past.due.items():
            if getattr(self._processes[key].target, "due", None) != due:
                raise KinerjaError(
                    _(
                        "lever {key!r} says that it resumes, but called again in a copy of the world it waits for "
                        "another moment; keep its past in world.remember(...) or columns of officers, or set "
                        "resumes = False.",
                        key=key,
                    )
                )

    def _start(self, lever: Mechanism, steps: Generator[Any, Any, None] | None) -> None:
        if steps is not None:
            self._processes[lever.key] = self.env.process(self._drive(lever, steps))

    def _months(self, past: Past | None) -> Generator[simpy.Event, Any, None]:
        burn_in = self.scenario.burn_in
        if past is not None:
            self._resume(past)
        for month, start in enumerate(self.calendar.month_start[:-1]):
            if start < self.env.now:
                continue
            yield self.clock.at(int(start), "observe")
            if past is not None and month == burn_in:
                self._check_resumed(past)
            if month:
                self._close(month - burn_in)
            if month == 0 and burn_in:
                self._switch(self.policy.before_levers)
            if month == burn_in:
                self.effects.recentre()
            if month >= burn_in:
                self._switch(self._due(month - burn_in + 1))
            yield self.clock.at(int(start), "record")
            self._settle(month)

    def _due(self, month: int) -> tuple[Mechanism, ...]:
        """Return the levers in force in a month of the study; a lever of before stays until its successor starts."""
        started = {lever.key: lever for lever in self.policy.levers if lever.start <= month}
        waiting = {lever.key for lever in self.policy.levers} - started.keys()
        kept = {lever.key: lever for lever in self.policy.before_levers if lever.key in waiting}
        return tuple(sorted((started | kept).values(), key=lambda lever: lever.sort_key))

    def _switch(self, levers: tuple[Mechanism, ...]) -> None:
        """Stop the levers that are no longer in force or have changed, and start the new ones."""
        wanted = {lever.key: lever for lever in levers}
        for key, (lever, steps) in list(self._running.items()):
            if wanted.get(key) != lever:
                if steps is not None:
                    steps.close()
                if key not in wanted:
                    self.effects.end(key)
                del self._running[key]
                self._processes.pop(key, None)
                self.kept.pop(key, None)
        for key, lever in wanted.items():
            if key not in self._running:
                steps = self._acting(lever, lever.run, self)
                self._running[key] = (lever, steps)
                if self.clock.month >= 1 and lever.practice and not self._is_routine(lever):
                    self.practices.append(key)
                self._start(lever, steps)

    def _is_routine(self, lever: Mechanism) -> bool:
        """Tell whether a lever was in force, unchanged, before the study."""
        return lever in self.policy.before_levers

    def _drive(self, lever: Mechanism, steps: Generator[Any, Any, None]) -> Generator[Any, Any, None]:
        """Run a lever's process, so that all its effects and costs carry its name."""
        value = None
        while True:
            try:
                event = self._acting(lever, steps.send, value)
            except StopIteration:
                return
            value = yield event

    def _acting(self, lever: Mechanism, act: Any, argument: Any) -> Any:
        self.effects.acting, self.clock.phase = lever.key, lever.phase
        try:
            return act(argument)
        finally:
            self.effects.acting, self.clock.phase = "", "practice"

    def _settle(self, month: int) -> None:
        """Update officers' state, draw attendance, and hand the month to the desks."""
        self.effects.fade()
        self.people.settle()
        until = self.roster.draw_month(month, self.effects.total("presence"))
        if month < self.scenario.burn_in:
            return
        for office in self.offices:
            rows = self.officers.slices[office.index]
            ability = self.people.perform(office.mix[None], rows)
            if month == self.scenario.burn_in:
                office.open()
            office.begin(
                month,
                office.month(self.streams, month),
                np.ascontiguousarray(until[:, rows]),
                np.ascontiguousarray(ability[:, :, 0]),
                np.ascontiguousarray(ability[:, :, 1]),
            )
        self.service.begin(month, until)

    def _close(self, month: int) -> None:
        """Serve to the end of a month and record it."""
        if month >= 1:
            self.service.close(month)
        self.recorder.close(month)


def _demand_scales(agency: Agency, scenario: Scenario) -> dict[str, float]:
    """Return factors on demand by unit, so that each desk has the utilisation of its unit or of the scenario."""
    implied = implied_utilisation(agency)
    scales = {}
    for unit in agency.units:
        if unit.kind == "service":
            wanted = scenario.utilisation if scenario.utilisation is not None else unit.utilisation
            scales[unit.unit] = scenario.demand * (
                1.0 if wanted is None else wanted / float(implied[unit.unit])
            )
    return scales
