"""One run: an agency under a policy. SimPy runs what people decide and do; desks are advanced in between."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from datetime import date
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import simpy

from sim.agency import calendar_of
from sim.agency.spec import Agency
from sim.calendar import Calendar
from sim.errors import KinerjaError, _
from sim.evidence import Effect, Evidence, Finding
from sim.names import Fixed
from sim.outcomes import Outcome
from sim.streams import Streams
from sim.world.calibration import usual_waits
from sim.world.citizens.surveys import REMEMBERED
from sim.world.climate import Climate
from sim.world.clock import Clock
from sim.world.demand import demand_scales
from sim.world.effects import EffectBook, Entry
from sim.world.ledger import Ledger
from sim.world.mechanism import Mechanism, Plan
from sim.world.newcomers import Merit, Newcomers
from sim.world.office import Office
from sim.world.officers import NOBODY, SINCE, Bool, Float, hire
from sim.world.past import Beside, Past
from sim.world.people import People
from sim.world.recorder import Recorder
from sim.world.roster import Roster
from sim.world.scenario import Scenario
from sim.world.service import ServiceBook, outcomes_of

PILOT_SEED = 1
"""Random numbers of the year from which an agency that was not calibrated learns what its citizens are used to."""


class World(Fixed):
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
    usual : float64[units]
        The wait that citizens are used to, in doublings of what is published.
    service : ServiceBook
        Results of cases by officer and by unit, for appraisals and feedback.
    ledger : Ledger
        Costs.
    recorder : Recorder
        Outcome columns.
    evidence : Evidence
        The evidence table as the scenario reads it.
    kept : dict
        What levers keep for the run and is no column of officers.
    remembered : dict
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
        self._streams, self._lever = streams, ""
        self._beside = beside
        past = None if beside is None else beside.past(policy.before_levers)
        self.evidence = Evidence.load(scenario.preset)
        self.env = simpy.Environment(0 if past is None else past.tick)
        first = scenario.start.year * 12 + scenario.start.month - 1 - scenario.burn_in
        self.calendar = Calendar.indonesia(date(first // 12, first % 12 + 1, 1), scenario.burn_in + months)
        self.calendars = [
            calendar_of(agency, unit.unit, self.calendar.start, self.calendar.months) for unit in agency.units
        ]
        self.clock = Clock(self.env, self.calendar, scenario.burn_in)
        self._running: dict[str, tuple[Mechanism, Generator[Any, Any, None] | None]] = {}
        self._processes: dict[str, simpy.Process] = {}
        self._followed: list[simpy.Process] = []
        self._watching: list[simpy.Process] = []
        if past is None:
            self._begin()
        else:
            past.restore(self)
        levers = dict.fromkeys((*policy.before_levers, *policy.levers))
        own = [outcome for lever in levers for outcome in lever.outcomes if isinstance(outcome, Outcome)]
        self.recorder.know([*outcomes_of(agency), *own])
        self._first = np.array([rows.start for rows in self.officers.slices])
        self._heart = self.env.process(self._months(past))
        self._fix()

    def _begin(self) -> None:
        """Hire everybody; nothing has happened yet."""
        agency, scenario, streams = self.agency, self.scenario, self.streams
        self._sizes: dict[str, Effect] = {}
        self.kept: dict[str, Any] = {}
        self.remembered: dict[str, SimpleNamespace] = {}
        self.officers = hire(agency, streams)
        self.effects = EffectBook(self.officers, streams, drawn=scenario.future is not None)
        self.climate = Climate.reference(len(self.officers))
        self.people = People(agency, self.officers, self.effects)
        self.roster = Roster(agency, self.officers, self.calendar, streams, self.calendars)
        self.ledger = Ledger()
        self._newcomers = Newcomers(self.officers, streams)
        self.recorder = Recorder(agency, self.months)
        scales = demand_scales(agency, scenario)
        self.offices = [
            Office(agency, index, self.calendars[index], scales[unit.unit])
            for index, unit in enumerate(agency.units)
            if unit.kind == "service"
        ]
        self.usual = usual_waits(agency, scenario.usual)
        fits = np.array([unit.kind != "service" for unit in agency.units]) | ~np.isnan(self.usual)
        if not fits.all():
            self.usual = np.where(fits, self.usual, usual_of(agency))
        self.service = ServiceBook(self)
        self.recorder.count("cost", "feedback_hours", "seats_used", "desk_days_lost", "sanctions")
        for name in ("seats_waiting", "jp20"):
            self.recorder.state(name, np.zeros(len(agency.units)))
        self.practices: list[str] = []

    @property
    def streams(self) -> Streams:
        """Named random streams; those of a lever with a tag are its own."""
        return self._streams.of(self._lever) if self._lever else self._streams

    @property
    def vacant(self) -> Bool:
        """Mask of posts without an officer, bool[n]."""
        return ~self.officers.there

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
                self._streams.common = self._beside.draws  # the draws of a burn-in are not wanted again
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
            Key of the evidence table; the scenario may change numbers of its effect.
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
                deviate = float(self._streams.future("evidence", key).standard_normal())
            size = self.expected_size(key)
            self._sizes[key] = size if deviate is None else size.drawn(deviate)
        return self._sizes[key]

    def expected_size(self, key: str) -> Effect:
        """Return the effect of a row before it is drawn, with what the scenario changes in it."""
        size = self.evidence[key].changed(self.scenario.effects.get(key, {}))
        # data do not separate spread between studies from spread between persons: the scenario divides it
        return size.divided(self.scenario.between_share) if size.between and size.spread else size

    def pay(self, rupiah: float) -> None:
        """Book money for the acting lever; units bear it by the number of officers there."""
        if not np.isfinite(rupiah):
            raise KinerjaError(_("pay: {rupiah!r} is no amount of money.", rupiah=float(rupiah)))
        self.ledger.pay(self.effects.acting, self.clock.month, rupiah)
        there = self.officers.there
        borne = self.sum_by_unit(there if there.any() else ~there)
        self.recorder.flow("cost", rupiah * (borne / borne.sum()))

    def spend(self, who: npt.ArrayLike, minutes: npt.ArrayLike) -> None:
        """Take minutes of this month from some officers, and book them as working days of the acting lever.

        A vacant post has no time to give.

        Parameters
        ----------
        who : bool[n], int or sequence of int
        minutes : float or float64[n]
            Not negative.
        """
        chosen = self.officers.mask(who) & self.officers.there
        taken = np.asarray(minutes, np.float64)
        if (
            taken.shape not in ((), chosen.shape)
            or not (np.broadcast_to(taken, chosen.shape)[chosen] >= 0).all()
        ):
            raise KinerjaError(
                _(
                    "spend: minutes are one number, or one for each of {n} officers, and not negative.",
                    n=len(chosen),
                )
            )
        self.roster.take_minutes(chosen, minutes)
        total = float(np.broadcast_to(minutes, chosen.shape)[chosen].sum())
        self.ledger.spend_days(self.effects.acting, self.clock.month, total / 450)

    def dismiss(self, who: npt.ArrayLike) -> Bool:
        """Let some officers go; their posts are vacant until somebody is hired or promoted into them.

        Any number of levers may dismiss, hire, promote and swap at one time. The careers lever fills vacancies as they
        come, whoever made them; in a policy without it they stay until a lever fills them.

        Parameters
        ----------
        who : bool[n], int or sequence of int
            Officers; a post that is vacant already stays so.

        Returns
        -------
        bool[n]
            Those who left.
        """
        left = self.officers.mask(who) & self.officers.there
        self._end(left)
        self.officers.person[left] = NOBODY
        self.officers.column(SINCE)[left] = self.clock.month
        return left

    def hire(
        self,
        who: npt.ArrayLike,
        *,
        pns: npt.ArrayLike | None = None,
        candidates: int = 1,
        merit: Merit | None = None,
    ) -> None:
        """Put newcomers in vacant posts: new traits, no history, no training, at the start of the learning curve.

        Who comes depends on the post and the time only: the same people come under every policy.

        Parameters
        ----------
        who : bool[n], int or sequence of int
            Vacant posts, such as ``world.vacant``.
        pns : bool or bool[n], optional
            Whether they are PNS (else PPPK); by default as their predecessors.
        candidates : int
            People among whom the lever chooses for each post; the first is who comes without a choice.
        merit : callable, optional
            ``merit(candidates)`` returns how good the lever finds each, float64[candidates, n]; see
            :class:`sim.world.newcomers.Candidates`. The best is hired.

        Raises
        ------
        KinerjaError
            A post is not vacant, or `candidates` and `merit` do not fit.
        """
        chosen = self.officers.mask(who)
        taken = np.flatnonzero(chosen & self.officers.there)
        if len(taken):
            raise KinerjaError(
                _(
                    "hire: {n} of these posts are not vacant (the first is {first}); dismiss who is there, or use "
                    "world.replace.",
                    n=len(taken),
                    first=int(taken[0]),
                )
            )
        self._bring(chosen, pns, candidates, merit)

    def replace(
        self,
        who: npt.ArrayLike,
        *,
        pns: npt.ArrayLike | None = None,
        candidates: int = 1,
        merit: Merit | None = None,
    ) -> None:
        """Put newcomers in posts at once, whoever is there; parameters as those of :meth:`hire`."""
        self._bring(self.officers.mask(who), pns, candidates, merit)

    def promote(self, officer: int, post: int) -> None:
        """Move an officer to a vacant post, in any unit, with their whole state; their own post becomes vacant.

        Parameters
        ----------
        officer, post : int
            Rows; ``world.officers.supervisor[officer]`` is the post of their supervisor.

        Raises
        ------
        KinerjaError
            The post is not vacant, or nobody is in the officer's own.
        """
        one, other = self.officers.row(officer), self.officers.row(post)
        if not self.officers.there[one]:
            raise KinerjaError(
                _("promote: post {officer} is vacant; there is nobody to promote.", officer=one)
            )
        if self.officers.there[other]:
            raise KinerjaError(
                _(
                    "promote: post {post} is not vacant; dismiss who is there first, or use world.swap.",
                    post=other,
                )
            )
        self.swap(one, other)

    def swap(self, one: int, other: int) -> None:
        """Exchange two officers' posts, with their whole state; a vacancy moves likewise."""
        one, other = self.officers.row(one), self.officers.row(other)
        for part in (self.officers, self.effects, self.roster, self.service):
            part.swap(one, other)

    def _end(self, who: Bool) -> None:
        """End what belongs to the officers who leave some posts."""
        self.roster.end(who)
        self.service.end(who)

    def by_unit(self, values: npt.ArrayLike) -> Float:
        """Return the mean of an officers' column over those there, by unit; float64[units], NaN where nobody is."""
        there = self.officers.there
        officers = self.sum_by_unit(there)
        total = self.sum_by_unit(np.where(there, self._of_officers(values), 0.0))
        return np.divide(total, officers, out=np.full(len(total), np.nan), where=officers > 0)

    def sum_by_unit(self, values: npt.ArrayLike) -> Float:
        """Return the sum of an officers' column by unit, vacant posts included; float64[units]."""
        return np.add.reduceat(self._of_officers(values), self._first, dtype=np.float64)

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
        return self.remembered.setdefault(self.effects.acting, SimpleNamespace(**start))

    @property
    def in_force(self) -> list[Mechanism]:
        """Levers in force, in the order in which they were started."""
        return [lever for lever, __ in self._running.values()]

    def _bring(self, who: Bool, pns: npt.ArrayLike | None, candidates: int, merit: Merit | None) -> None:
        for part, when, traits in self._newcomers.arrive(who, self.clock.now, candidates, merit):
            self._end(part)
            # one person per post, time and turn, so that a newcomer has the same number under every policy
            n, now, turn = len(who), self.clock.now, int(when[1]) if len(when) > 1 else 0
            person = n * (1 + now) + np.arange(n, dtype=np.int64) + turn * 2**48
            self.officers.replace(part, traits, person)
            self.effects.replace(part, *when)
        self.officers.column("careers.months")[who] = 0.0
        if pns is not None:
            self.officers.pns[who] = np.broadcast_to(pns, who.shape)[who]
        self.recorder.count("newcomers")
        self.recorder.flow("newcomers", self.sum_by_unit(who))

    def _of_officers(self, values: npt.ArrayLike) -> np.ndarray:
        column = np.asarray(values)
        if column.shape != (len(self.officers),):
            raise KinerjaError(
                _(
                    "a column of officers has {n} values, one for each; these have the shape {shape}.",
                    n=len(self.officers),
                    shape=str(column.shape),
                )
            )
        return column

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
                self.people.settle()
                self.service.start()
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
                self.remembered.pop(key, None)
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
        self._lever = lever.key if ":" in lever.key else ""
        try:
            return act(argument)
        finally:
            self.effects.acting, self.clock.phase, self._lever = "", "practice", ""

    def _settle(self, month: int) -> None:
        """Update officers' state, draw attendance, and hand the month to the desks."""
        self.effects.fade()
        self.people.settle()
        until = self.roster.draw_month(month, self.effects.total("presence"))
        if month < self.scenario.burn_in:
            return
        attention = np.exp(self.by_unit(self.effects.total("attention")))
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
                float(attention[office.index]),
            )

    def _close(self, month: int) -> None:
        """Serve to the end of a month and record it."""
        if month >= 1:
            self.service.close(month)
        self.recorder.close(month)


class _NoPlan:
    """Nobody decides anything."""

    levers: tuple[Mechanism, ...] = ()
    before_levers: tuple[Mechanism, ...] = ()


def usual_of(agency: Agency) -> Float:
    """Return the waits that citizens of an agency that was not calibrated are used to, from a year of its own.

    A year of its desks with average officers and no policy is run once in a process; what citizens then experience
    belongs to the IKM of the agency's table.

    Returns
    -------
    float64[units]
        Doublings of what is published (see :func:`sim.world.citizens.satisfaction.doublings`); zero for programme
        units.
    """
    # nobody retires in that year: futures that differ in retirement alone share it
    return _year_of(replace(agency, units=tuple(replace(unit, retiring=0.0) for unit in agency.units)))


@lru_cache(maxsize=16)
def _year_of(agency: Agency) -> Float:
    nothing_yet = Scenario(burn_in=0, usual={unit.unit: 0.0 for unit in agency.units})
    pilot = World(agency, _NoPlan(), Streams(PILOT_SEED, 0), nothing_yet, REMEMBERED)
    # drawn officers of a small unit are quick or slow by luck, and so would be what is usual there
    for trait in (pilot.officers.skill, pilot.officers.motivation, pilot.officers.specific):
        trait[:] = 0.0
    pilot.people.settle()
    pilot.run()
    out = np.zeros(len(agency.units))
    for index, citizens in pilot.service.respondents.items():
        found = citizens.usual()
        out[index] = 0.0 if np.isnan(found) else found
    return out
