"""One run: an agency under a policy. SimPy runs what people decide and do; desks are advanced in between."""

from __future__ import annotations

from collections.abc import Generator
from datetime import date
from typing import Any

import numpy as np
import simpy

from sim.agency import calendar_of, implied_utilisation
from sim.agency.spec import Agency
from sim.calendar import Calendar
from sim.errors import KinerjaError, _
from sim.evidence import Effect, Evidence, Finding
from sim.streams import Streams
from sim.world.climate import Climate
from sim.world.clock import Clock
from sim.world.effects import EffectBook, Entry
from sim.world.ledger import Ledger
from sim.world.mechanism import Mechanism, Plan
from sim.world.office import Office
from sim.world.officers import Float, hire, newcomers
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
    calendar, calendars : Calendar, list of Calendar
        Working days of government offices, by which months pass and levers act; and of each unit.
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
    """

    def __init__(
        self, agency: Agency, policy: Plan, streams: Streams, scenario: Scenario, months: int
    ) -> None:
        self.agency, self.policy, self.scenario, self.months = agency, policy, scenario, months
        for lever in (*policy.before_levers, *policy.levers):
            lever.check(agency)
        self.streams = streams
        self.evidence = Evidence.load(scenario.preset)
        self._sizes: dict[str, Effect] = {}
        self.env = simpy.Environment()
        first = scenario.start.year * 12 + scenario.start.month - 1 - scenario.burn_in
        self.calendar = Calendar.indonesia(date(first // 12, first % 12 + 1, 1), scenario.burn_in + months)
        self.calendars = [
            calendar_of(agency, unit.unit, self.calendar.start, self.calendar.months) for unit in agency.units
        ]
        self.clock = Clock(self.env, self.calendar, scenario.burn_in)
        self.officers = hire(agency, streams)
        self.effects = EffectBook(self.officers, streams, drawn=scenario.future is not None)
        self.climate = Climate.reference(len(self.officers))
        self.people = People(agency, self.officers, self.effects)
        self.roster = Roster(agency, self.officers, self.calendar, streams, self.calendars)
        self.ledger = Ledger()
        self.recorder = Recorder(agency, months)
        scales = _demand_scales(agency, scenario)
        self.offices = [
            Office(agency, index, self.calendars[index], scales[unit.unit])
            for index, unit in enumerate(agency.units)
            if unit.kind == "service"
        ]
        self.service = ServiceBook(self)
        self.recorder.count("cost", "feedback_hours", "seats_used", "desk_days_lost", "sanctions")
        for name in ("seats_waiting", "jp20"):
            self.recorder.state(name, np.zeros(len(agency.units)))
        self._posts = np.bincount(self.officers.unit)
        self._first = np.array([rows.start for rows in self.officers.slices])
        self._headcount = self._posts / len(self.officers)
        self.practices: list[str] = []
        self._running: dict[str, tuple[Mechanism, Generator[Any, Any, None] | None]] = {}
        self.env.process(self._months())

    def run(self) -> None:
        """Burn in, then run the study to its end."""
        self.env.run(until=self.calendar.end)
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
        return self.env.process(self._drive(lever, steps))

    def _months(self) -> Generator[simpy.Event, Any, None]:
        burn_in = self.scenario.burn_in
        for month, start in enumerate(self.calendar.month_start[:-1]):
            yield self.clock.at(int(start), "observe")
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
        for key, lever in wanted.items():
            if key not in self._running:
                steps = self._acting(lever, lever.run, self)
                self._running[key] = (lever, steps)
                if self.clock.month >= 1 and lever.practice and not self._is_routine(lever):
                    self.practices.append(key)
                if steps is not None:
                    self.follow(lever, steps)

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
                until[office.index],
                np.ascontiguousarray(ability[:, :, 0]),
                np.ascontiguousarray(ability[:, :, 1]),
            )

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
            if not np.isfinite(implied[unit.unit]):
                raise KinerjaError(
                    _(
                        "Nobody who serves at the desk of {unit} is ever on duty. Check the tables shifts and hours.",
                        unit=unit.unit,
                    )
                )
            scales[unit.unit] = scenario.demand * (
                1.0 if wanted is None else wanted / float(implied[unit.unit])
            )
    return scales
