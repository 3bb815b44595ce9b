"""What the compiled desk is measured against: the same models as one would write them in SimPy, a process a request.

A counter where everyone may serve everyone is a `simpy.Resource`. An office where not everyone may is a dispatcher of
its own: deques of tickets, a sorted list of idle officers, and no search that the event at hand does not call for.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Generator
from dataclasses import dataclass, field

import simpy

from sim.desk import NEVER


def counter(arrival: list[int], service: list[int], servers: int) -> list[int]:
    """Start of every service, first come first served."""
    env = simpy.Environment()
    desk = simpy.Resource(env, servers)
    start = [0] * len(arrival)

    def citizen(i: int) -> Generator:
        with desk.request() as turn:
            yield turn
            start[i] = env.now
            yield env.timeout(service[i])

    def source() -> Generator:
        for i, tick in enumerate(arrival):
            yield env.timeout(tick - env.now)
            env.process(citizen(i))

    env.process(source())
    env.run()
    return start


@dataclass(frozen=True, slots=True)
class Request:
    """A request and its luck."""

    id: int
    queue: int
    arrival: int
    patience: int
    returns: bool
    rework_delay: int
    work: list[float]
    u_error: list[float]


@dataclass(eq=False, slots=True)
class Ticket:
    """A place in a queue; `officer` is -1 until one calls."""

    called: simpy.Event
    joined: int
    queue: int
    returns: bool
    waiting: bool = True
    officer: int = -1
    sent_home: int = 0


@dataclass(frozen=True)
class People:
    """O officers and what they do at Q queues, the last of which is files."""

    present: list[list[bool]]  # by day
    eligible: list[list[bool]]  # [O][Q]
    rate: list[list[list[float]]]  # by month, [O][Q]
    p_error: float


@dataclass(eq=False)
class Office:
    """Counters, first come first served, sent home at closing; then files, which are suspended when officers go."""

    env: simpy.Environment
    day_start: list[int]
    days_a_month: int
    people: People
    day: int = 0
    jobs: list[tuple[int, int, int, int, int]] = field(
        default_factory=list
    )  # id, attempt, officer, start, finish
    gone: list[tuple[int, int, int]] = field(default_factory=list)  # id, tick, times sent home

    def __post_init__(self) -> None:
        officers, queues = len(self.people.eligible), len(self.people.eligible[0])
        self.files = queues - 1
        self.lines: list[deque[Ticket]] = [deque() for _ in range(queues)]
        self.idle: list[tuple[int, int]] = []  # (since, officer)
        self.last_end = [0] * officers
        self.busy = [False] * officers

    def join(self, queue: int, returns: bool) -> Ticket:
        """Take a place; the eligible officer idle longest calls at once."""
        ticket = Ticket(self.env.event(), self.env.now, queue, returns)
        for place, (_, officer) in enumerate(self.idle):
            if self.people.eligible[officer][queue]:
                del self.idle[place]
                self.call(officer, ticket)
                return ticket
        self.lines[queue].append(ticket)
        return ticket

    def call(self, officer: int, ticket: Ticket) -> None:
        self.busy[officer] = True
        ticket.waiting, ticket.officer = False, officer
        ticket.called.succeed()

    def next_for(self, officer: int) -> Ticket | None:
        """The citizen at the counters who came first, else the first file."""
        best = None
        for queue, may in enumerate(self.people.eligible[officer]):
            line = self.lines[queue]
            while line and not line[0].waiting:
                line.popleft()
            if may and line and (best is None or (queue < self.files and line[0].joined < best.joined)):
                best = line[0]
        return best

    def release(self, officer: int) -> None:
        """An officer is free: calls the next, or is idle; after closing, is off."""
        self.busy[officer] = False
        self.last_end[officer] = self.env.now
        if self.env.now < self.day_start[self.day + 1]:
            ticket = self.next_for(officer)
            if ticket is None:
                insort(self.idle, (self.env.now, officer))
            else:
                self.call(officer, ticket)

    def days(self) -> Generator:
        """Closing and opening, after whatever ends with the day."""
        for day, tick in enumerate(self.day_start[:-1]):
            yield self.env.timeout(tick - self.env.now)
            yield self.env.timeout(0)
            for line in self.lines[: self.files]:
                for ticket in line:
                    if ticket.waiting:
                        ticket.sent_home += 1
                        if not ticket.returns:
                            ticket.waiting = False
                            ticket.called.succeed()
            self.day = day
            self.idle = sorted(
                (end, officer)
                for officer, end in enumerate(self.last_end)
                if self.people.present[day][officer] and not self.busy[officer]
            )
            self.open()

    def open(self) -> None:
        """Call whom the idle officers can serve, in the order of the queues."""
        counters = sorted(
            (t for line in self.lines[: self.files] for t in line), key=lambda ticket: ticket.joined
        )
        for ticket in [*counters, *self.lines[self.files]]:
            if not self.idle:
                return
            if ticket.waiting:
                for place, (_, officer) in enumerate(self.idle):
                    if self.people.eligible[officer][ticket.queue]:
                        del self.idle[place]
                        self.call(officer, ticket)
                        break

    def serve(self, officer: int, queue: int, work: float) -> Generator:
        """Counter work that lasts past closing ends, on this clock, at closing; file work goes on another day."""
        rate = self.people.rate[self.day // self.days_a_month][officer][queue]
        left, day = max(1, int(work / rate + 0.5)), self.day
        while left:
            here = min(left, self.day_start[day + 1] - self.env.now)
            yield self.env.timeout(here)
            left = left - here if queue == self.files else 0
            if left:
                days = range(day + 1, len(self.people.present))
                day = next((d for d in days if self.people.present[d][officer]), -1)
                if day < 0:
                    yield self.env.event()  # not before the end of time
                yield self.env.timeout(self.day_start[day] - self.env.now)

    def citizen(self, request: Request) -> Generator:
        queue, sent_home = request.queue, 0
        for attempt, (work, luck) in enumerate(zip(request.work, request.u_error, strict=True), start=1):
            ticket = self.join(queue, request.returns)
            if request.patience == NEVER or not ticket.waiting:
                yield ticket.called
            else:
                yield ticket.called | self.env.timeout(request.patience)
            sent_home += ticket.sent_home
            if ticket.officer < 0:
                ticket.waiting = False
                self.gone.append((request.id, self.env.now, sent_home))
                return
            start = self.env.now
            yield from self.serve(ticket.officer, queue, work)
            self.jobs.append((request.id, attempt, ticket.officer, start, self.env.now))
            self.release(ticket.officer)
            if luck >= self.people.p_error:
                return
            queue = self.files
            yield self.env.timeout(request.rework_delay)


def office(day_start: list[int], days_a_month: int, people: People, requests: list[Request]) -> Office:
    """Run an office to the end of time; its jobs and who left are in it."""
    env = simpy.Environment()
    unit = Office(env, day_start, days_a_month, people)

    def source() -> Generator:
        for request in requests:
            yield env.timeout(request.arrival - env.now)
            env.process(unit.citizen(request))

    env.process(unit.days())
    env.process(source())
    env.run(until=day_start[-1])
    return unit
