"""The reference desk on SimPy, one process per request: slow and simple, and the compiled desk is proven equal to it.

It shares no code with the kernel and implements every rule in another way: the waiting line is sorted again at each
dispatch, idle officers are searched, file work is always suspended at closing. It does not check its input; `Desk`
does.

Within a tick SimPy handles events by priority, so each phase of the tick has a priority. What an event triggers
immediately (SimPy's own priorities 0 and 1) happens before the next phase.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field, fields, replace
from math import floor
from typing import Any

import numpy as np
import numpy.typing as npt
import simpy

from sim.desk.kernel import COMPLAINT_BIT, DISCARDED, DONE, LEFT, LONGEST, LOST, NEVER, UNIT
from sim.desk.records import Cases, Ints, Jobs, Queues, Requests

Steps = Generator[simpy.Event, Any, None]

COMPLETION, CLOSING, OPENING, ARRIVAL, PATIENCE, DISPATCH = range(2, 8)


class Moment(simpy.Event):
    """An event in a given phase of a given tick."""

    def __init__(self, env: simpy.Environment, tick: int, phase: int) -> None:
        super().__init__(env)
        self._ok, self._value = True, None
        env.schedule(self, phase, tick - env.now)  # type: ignore[arg-type]  # any integer is a priority


@dataclass(eq=False)
class Case:
    """A request or a complaint in progress."""

    id: int
    queue: int
    arrival: int
    due: int
    patience: int
    returns: bool
    rework_delay: int
    work: list[float]
    u_error: list[float]
    u_branch: list[float]
    attention: list[float]
    first_queue: int = field(init=False)
    joined: int = field(init=False)
    called: simpy.Event = field(init=False)  # its value is the officer who calls, None where the case is lost
    first_start: int = -1
    first_officer: int = -1
    attempts: int = 0
    errors: int = 0
    round: int = 0
    flawed: bool = False
    sent_home: int = 0

    def __post_init__(self) -> None:
        self.first_queue = self.queue


@dataclass(eq=False)
class Officer:
    """An officer; `service` is the process of the case in service, `back` the event that resumes a suspended one."""

    index: int
    present: bool = False
    turns: tuple[int, ...] = ()
    last_end: int = 0
    case: Case | None = None
    service: Any = None
    back: simpy.Event | None = None


class ReferenceDesk:
    """A service desk with the interface of `sim.desk.Desk` and, to the tick, its behaviour."""

    def __init__(
        self,
        day_start: npt.ArrayLike,
        queues: Queues,
        officers: int,
        attempts: int = 3,
        shuts: npt.ArrayLike = True,
    ) -> None:
        self.env = simpy.Environment()
        self.queues = queues
        self.day_start: list[int] = np.asarray(day_start).tolist()
        self.shuts: list[bool] = np.broadcast_to(np.asarray(shuts, bool), len(self.day_start)).tolist()
        self.day = -1
        self.attempts = attempts
        self.officers = [Officer(i) for i in range(officers)]
        self.line: list[Case] = []
        self.away = np.zeros(len(queues), np.int64)
        self.held = np.zeros(len(queues), np.int64)
        self.attention = np.full(len(queues), UNIT, np.int64)
        self.attention_changed = self.env.event()
        self.roster: dict[tuple[int, int], tuple[int, ...]] = {}
        self.rate = np.ones((officers, len(queues)))
        self.p_error = np.zeros((officers, len(queues)))
        self.eligible = np.ones((officers, len(queues)), bool)
        self.p_complain = np.zeros((len(queues), 3))
        self.p_discard = 0.0
        self.dispatching = False
        self.cases: list[tuple[int, ...]] = []
        self.jobs: list[tuple[int, ...]] = []
        self.env.process(self._days())

    @property
    def now(self) -> int:
        """Tick before which everything has happened."""
        return int(self.env.now)

    def set_people(self, rate: npt.ArrayLike, p_error: npt.ArrayLike, eligible: npt.ArrayLike) -> None:
        """As `Desk.set_people`."""
        self.rate, self.p_error, self.eligible = np.array(rate), np.array(p_error), np.array(eligible)
        self._wake()

    def set_roster(self, first_day: int, until: npt.ArrayLike) -> None:
        """As `Desk.set_roster`."""
        for d, day in enumerate(np.asarray(until).tolist()):
            for o, turns in enumerate(day):
                self.roster[first_day + d, o] = tuple(turns) if isinstance(turns, list) else (turns,)
        if first_day == self.day:
            Moment(self.env, self.now, OPENING).callbacks.append(lambda _: self._attend())

    def set_complaining(self, p: npt.ArrayLike, p_discard: float) -> None:
        """As `Desk.set_complaining`."""
        self.p_complain, self.p_discard = np.array(p), float(p_discard)

    def set_attention(self, rate: npt.ArrayLike) -> None:
        """As `Desk.set_attention`."""
        self.attention = np.rint(np.broadcast_to(rate, len(self.queues)) * UNIT).astype(np.int64)
        changed, self.attention_changed = self.attention_changed, self.env.event()
        changed.succeed()

    def set_order(self, klass: npt.ArrayLike, by_due: npt.ArrayLike) -> None:
        """As `Desk.set_order`."""
        self.queues = replace(self.queues, klass=np.asarray(klass), by_due=np.asarray(by_due))

    def feed(self, requests: Requests) -> None:
        """As `Desk.feed`."""
        names = [f.name for f in fields(requests) if f.init]
        columns = {name: self._by_job(getattr(requests, name)).tolist() for name in names}
        for values in zip(*columns.values(), strict=True):
            self.env.process(self._request(dict(zip(columns, values, strict=True))))

    def _by_job(self, column: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Draws by step and round, where fewer stand for several."""
        if column.ndim == 1:
            return column
        jobs = self.attempts * self.queues.steps
        return np.tile(column, jobs // column.shape[1])

    def advance(self, to: int) -> None:
        """As `Desk.advance`."""
        if to > self.now:
            self.env.run(until=to)

    def collect(self) -> tuple[Cases, Jobs]:
        """As `Desk.collect`."""
        cases = Cases.of(np.array(self.cases, np.int64).reshape(-1, 11).T)
        jobs = Jobs.of(np.array(self.jobs, np.int64).reshape(-1, 10).T)
        self.cases, self.jobs = [], []
        return cases, jobs

    def waiting(self) -> Ints:
        """As `Desk.waiting`."""
        return self._count(self.line)

    def in_service(self) -> Ints:
        """As `Desk.in_service`."""
        return self._count([officer.case for officer in self.officers if officer.case])

    def pending(self) -> Ints:
        """As `Desk.pending`."""
        return self.away.copy()

    def unnoticed(self) -> Ints:
        """As `Desk.unnoticed`."""
        return self.held.copy()

    def _count(self, cases: list[Case]) -> Ints:
        return np.bincount(np.array([case.queue for case in cases], np.int64), minlength=len(self.queues))

    # ---- a request, its complaint, a case

    def _request(self, r: dict[str, Any]) -> Steps:
        yield Moment(self.env, r["arrival"], ARRIVAL)
        born_with = (
            "id", "queue", "arrival", "due", "patience", "returns", "rework_delay", "work", "u_error", "u_branch",
            "attention",
        )  # fmt: skip
        request = Case(**{name: r[name] for name in born_with})
        ended = yield from self._case(request)
        if r["u_complain"] >= self.p_complain[request.first_queue, ended]:
            return
        queue = self.queues.complaint_base + r["complaint_class"]
        yield from self._away(queue, r["complaint_delay"])
        closed = self.day + int(self.queues.complaint_clock[r["complaint_class"]]) + 1
        complaint = Case(
            id=r["id"] | COMPLAINT_BIT,
            queue=queue,
            arrival=self.now,
            due=self.day_start[min(closed, len(self.day_start) - 1)],
            patience=NEVER,
            returns=True,
            rework_delay=r["rework_delay"],
            work=r["complaint_work"],
            u_error=r["complaint_u_error"],
            u_branch=r["complaint_u_branch"],
            attention=r["complaint_attention"],
        )
        if r["u_triage"] < self.p_discard:
            self._log(complaint, DISCARDED)
        else:
            yield from self._case(complaint)

    def _away(self, queue: int, delay: int) -> Steps:
        self.away[queue] += 1
        yield Moment(self.env, self.now + delay, ARRIVAL)
        self.away[queue] -= 1

    def _case(self, case: Case) -> Generator[simpy.Event, Any, int]:
        """Serve a case, step by step, until it is right; return how it ended: 0 well, 1 with an error, 2 not served."""
        while True:
            queue = case.queue
            job = int(self.queues.step[queue]) * self.attempts + case.round
            if self.queues.holds[queue] and case.attention[job] > 0:
                yield from self._unnoticed(case, case.attention[job])
            case.joined, error = self.now, False
            if self.queues.staffed[queue]:
                officer, lost = yield from self._wait(case)
                if officer is None:
                    self._log(case, lost)
                    return 2
                error = yield from self._serve(case, officer, job)
            else:
                case.attempts += 1
                self.jobs.append(
                    (case.id, queue, case.round + 1, -1, self.now, self.now, self.now, 0, 0, False)
                )
            rework = int(self.queues.rework[queue])
            if error and rework >= 0 and case.round + 1 < self.attempts:
                case.round += 1
                case.queue = rework
                yield from self._away(rework, case.rework_delay)
                continue
            case.flawed |= error
            ways = np.cumsum(self.queues.branch[queue])[:-1]
            to = int(self.queues.next[queue, int((ways <= case.u_branch[job]).sum())])
            if to < 0:
                self._log(case, DONE)
                return int(case.flawed)
            case.queue = to
            yield from self._away(to, int(self.queues.hand_off[queue]))

    def _unnoticed(self, case: Case, needed: float) -> Steps:
        """Wait until enough attention was given; its rate may change meanwhile."""
        queue, left = case.queue, UNIT * int(needed)
        self.held[queue] += 1
        if needed >= LONGEST:
            yield self.env.event()  # never
        moment: simpy.Event
        noticed = False
        while not noticed:
            since, rate = self.now, int(self.attention[queue])
            changed = self.attention_changed
            if left <= 0:
                moment = Moment(self.env, since, ARRIVAL)
            elif rate > 0:
                moment = Moment(self.env, since - (-left // rate), ARRIVAL)
            else:
                moment = self.env.event()
            yield moment | changed
            left -= rate * (self.now - since)
            noticed = moment.processed
        self.held[queue] -= 1

    def _wait(self, case: Case) -> Generator[simpy.Event, Any, tuple[Officer | None, np.integer]]:
        """Wait for an officer; None and why, where none served."""
        case.called = self.env.event()
        self.line.append(case)
        self._wake()
        if case.patience < NEVER and self.queues.impatient[case.queue]:
            yield case.called | Moment(self.env, case.joined + case.patience, PATIENCE)
        else:
            yield case.called
        if not case.called.triggered:
            self.line.remove(case)
            return None, LEFT
        return case.called.value, LOST

    def _serve(self, case: Case, officer: Officer, job: int) -> Generator[simpy.Event, Any, bool]:
        start, queue = self.now, case.queue
        if case.first_start < 0:
            case.first_start, case.first_officer = start, officer.index
        service = max(1, floor(case.work[job] / float(self.rate[officer.index, queue]) + 0.5))
        officer.service = self.env.active_process
        left, overtime = service, 0
        while left > 0:
            since = self.now
            try:
                yield Moment(self.env, since + left, COMPLETION)
                left = 0
            except simpy.Interrupt:
                left -= self.now - since
                if self.queues.suspends[queue]:
                    officer.back = self.env.event()
                    yield officer.back
                    officer.back = None
                else:
                    left, overtime = 0, left
        error = bool(case.u_error[job] < self.p_error[officer.index, queue])
        case.attempts += 1
        case.errors += error
        self.jobs.append((case.id, queue, case.round + 1, officer.index, case.joined, start, self.now, overtime,
                          service, error))  # fmt: skip
        officer.case, officer.last_end = None, self.now
        self._wake()
        return error

    def _log(self, case: Case, status: np.integer) -> None:
        self.cases.append((case.id, case.first_queue, case.arrival, case.due, case.sent_home, case.first_start,
                           case.first_officer, case.attempts, case.errors, self.now, int(status)))  # fmt: skip

    # ---- the day

    def _days(self) -> Steps:
        for day, tick in enumerate(self.day_start):
            yield Moment(self.env, tick, CLOSING)
            if self.shuts[day] or tick in (0, self.day_start[-1]):
                self._close()
            yield Moment(self.env, tick, OPENING)
            self.day = day
            self._attend()

    def _close(self) -> None:
        """Counter jobs in hand become overtime, file work is suspended, and citizens go home."""
        for officer in self.officers:
            if officer.case and not officer.back:
                officer.service.interrupt()
        for case in [c for c in self.line if self.queues.sent_home[c.queue]]:
            case.sent_home += 1
            if not case.returns:
                self.line.remove(case)
                case.called.succeed(None)

    def _attend(self) -> None:
        end = len(self.day_start) - 1
        for officer in self.officers:
            if self.day == end:
                officer.turns = (self.now,)
            else:
                officer.turns = self.roster.get((self.day, officer.index), ())
            self._look(officer)
            for tick in officer.turns:
                if self.day < end and self.now < tick < self.day_start[self.day + 1]:
                    self.env.process(self._turn(officer, officer.turns, tick))

    def _turn(self, officer: Officer, turns: tuple[int, ...], tick: int) -> Steps:
        yield Moment(self.env, tick, OPENING)
        if officer.turns is turns:  # the roster was not changed meanwhile
            self._look(officer)

    def _look(self, officer: Officer) -> None:
        """Update whether an officer is present; file work in service continues or is suspended."""
        officer.present = sum(tick <= self.now for tick in officer.turns) % 2 == 0
        if officer.case and self.queues.suspends[officer.case.queue]:
            if officer.present and officer.back:
                officer.back.succeed()
            elif not officer.present and not officer.back:
                officer.service.interrupt()
        self._wake()

    # ---- dispatch

    def _wake(self) -> None:
        if not self.dispatching:
            self.dispatching = True
            Moment(self.env, self.now, DISPATCH).callbacks.append(self._dispatch)

    def _dispatch(self, _: simpy.Event) -> None:
        self.dispatching = False
        for case in sorted(self.line, key=self._rank):
            free = [
                officer
                for officer in self.officers
                if officer.present and not officer.case and self.eligible[officer.index, case.queue]
            ]
            if free:
                officer = min(free, key=lambda o: (o.last_end, o.index))
                officer.case = case
                self.line.remove(case)
                case.called.succeed(officer)

    def _rank(self, case: Case) -> tuple[int, ...]:
        by_due = self.queues.by_due[case.queue]
        return int(self.queues.klass[case.queue]), case.due if by_due else 0, case.joined, case.id
