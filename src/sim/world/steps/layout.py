"""The queues of an office: services, steps of routes, delays until work is settled, complaints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from sim.agency.routes import flow, routes_of, ways
from sim.agency.spec import DOMAINS, Agency, Complaint, Service, Step
from sim.calendar import TICKS_PER_MINUTE
from sim.world.officers import Float

COMPLAINT_MIX = (0.3, 0.0, 0.5, 0.2)
"""Skills a complaint takes: technical, ICT, communication, time management (assumption)."""
COMPLAINT_ERROR = 0.1
"""Chance that an answer to a complaint does not settle it (assumption)."""
ANSWER_CV = 1.0
"""Coefficient of variation of the work a complaint takes (assumption)."""


@dataclass(frozen=True)
class Delay:
    """How long cases wait for attention before, or after, the work of a step.

    Attributes
    ----------
    place : int
        Step of the desk (`sim.desk.Queues.step`) that holds them.
    never : float
        Share that is never noticed.
    median : float
        Working days.
    spread : float
        SD of the logarithm.
    """

    place: int
    never: float
    median: float
    spread: float


@dataclass(frozen=True)
class Stop:
    """A step of a route at the desk: its row, its place in the desk's steps, and its delays.

    Attributes
    ----------
    step : Step
        With its cells filled in.
    place : int
        Step of the desk.
    delays : tuple of Delay
    """

    step: Step
    place: int
    delays: tuple[Delay, ...]


@dataclass
class _Columns:
    """Columns of the queues while they are laid out."""

    service: list[int] = field(default_factory=list)
    station: list[int] = field(default_factory=list)
    name: list[str] = field(default_factory=list)
    step: list[int] = field(default_factory=list)
    klass: list[int] = field(default_factory=list)
    counter: list[bool] = field(default_factory=list)
    impatient: list[bool] = field(default_factory=list)
    rework: list[int] = field(default_factory=list)
    to: list[tuple[int, int, int]] = field(default_factory=list)
    share: list[tuple[float, float, float]] = field(default_factory=list)
    hand_off: list[int] = field(default_factory=list)
    staffed: list[bool] = field(default_factory=list)
    holds: list[bool] = field(default_factory=list)
    error: list[float] = field(default_factory=list)
    content: list[float] = field(default_factory=list)
    cv: list[float] = field(default_factory=list)
    mix: list[Float] = field(default_factory=list)

    def add(self, **values: object) -> int:
        """Append a queue and return its number; columns not named get the value of a queue of one step."""
        n = len(self.service)
        usual = {"name": "", "step": 0, "impatient": True, "rework": n, "to": (-1, -1, -1)}
        usual |= {"share": (1.0, 0.0, 0.0), "hand_off": 0, "staffed": True, "holds": False}
        for name, value in (usual | values).items():
            getattr(self, name).append(value)
        return n

    def add_delay(self, after: int, step: int) -> int:
        """Append a queue without staff, in which cases wait until they are settled after the work of another."""
        kept = {name: getattr(self, name)[after] for name in ("service", "name", "klass", "mix")}
        n = self.add(
            **kept, station=-1, step=step, counter=False, impatient=False, staffed=False, holds=True,
            error=0.0, content=0.0, cv=0.0, rework=-1,
        )  # fmt: skip
        self.to[after], self.share[after] = (n, -1, -1), (1.0, 0.0, 0.0)
        return n


class Layout:
    """The queues of a unit.

    A service of one step has two queues, of requests and of rework. A route has one per step, and one after it where
    settling takes time. Classes of complaints follow, and then what they wait in until they are settled.

    Parameters
    ----------
    agency : Agency
    unit : str
        Code of a service unit.

    Attributes
    ----------
    first : int64[services]
        Queue where the requests of a service begin.
    routes : list of tuple of Stop
        Of each service; none for a service of one step.
    complaints : int
        Queue of the first class of complaints.
    complaint_delays : list of tuple of Delay
        Of each class.
    service, station : int64[Q]
        Index of the service (for complaints their number), and column of eligibility (-1: complaints, delays).
    name : list of str
        Code of the step; empty for a service of one step and for complaints.
    klass, step, rework, hand_off : int64[Q]
        Queue class of services (complaints: 0), and columns of `sim.desk.Queues`.
    to, share : [Q, 1 or 3]
        Its columns ``next`` and ``branch``.
    counter, impatient, staffed, holds : bool[Q]
        The citizen waits in the room; further columns of `sim.desk.Queues`.
    error, content, cv : float64[Q]
        Chance of an error, mean minutes of work and their coefficient of variation.
    usual_error : float64[Q]
        Of the first queue of a request: the chance of an error anywhere on its way.
    mix : float64[Q, 4]
        Weights of skills, summing to 1.
    """

    def __init__(self, agency: Agency, unit: str) -> None:
        services = agency.services_of(unit)
        columns, station = _Columns(), 0
        self.first = np.zeros(len(services), np.int64)
        self.routes: list[tuple[Stop, ...]] = []
        for number, (service, steps) in enumerate(zip(services, routes_of(agency, unit), strict=True)):
            self.first[number] = len(columns.service)
            if steps:
                self.routes.append(_route(columns, number, service, steps, station))
            else:
                self.routes.append(())
                _one_step(columns, number, service, station)
            station += len(steps) or 1
        self.complaints = len(columns.service)
        self.complaint_delays = _complaints(columns, len(services), agency.complaints)
        self.service = np.array(columns.service, np.int64)
        self.station = np.array(columns.station, np.int64)
        self.name = columns.name
        self.klass = np.array(columns.klass, np.int64)
        self.step = np.array(columns.step, np.int64)
        self.rework = np.array(columns.rework, np.int64)
        self.hand_off = np.array(columns.hand_off, np.int64)
        wide = 3 if any(self.routes) else 1
        self.to = np.array(columns.to, np.int64)[:, :wide]
        self.share = np.array(columns.share)[:, :wide]
        self.counter, self.impatient, self.staffed, self.holds = (
            np.array(column, np.bool_)
            for column in (columns.counter, columns.impatient, columns.staffed, columns.holds)
        )
        self.error, self.content, self.cv = map(np.array, (columns.error, columns.content, columns.cv))
        self.mix = np.array(columns.mix)
        self.usual_error = self.error.copy()
        for queue, stops in zip(self.first, self.routes, strict=True):
            if stops:
                self.usual_error[queue] = 1 - flow([stop.step for stop in stops]).flawless

    def __len__(self) -> int:
        return len(self.service)

    @property
    def steps(self) -> int:
        """Steps of the desk: 1 where no service is a route and nothing waits to be settled."""
        return int(self.step.max()) + 1

    @property
    def is_plain(self) -> bool:
        """Whether every case is one step that is noticed at once."""
        return self.steps == 1 and not self.holds.any() and not any(self.routes)


def _weights(row: Service | Step) -> Float:
    weights = np.array([getattr(row, domain) for domain in DOMAINS])
    return np.asarray(weights / weights.sum())


def _one_step(columns: _Columns, number: int, service: Service, station: int) -> None:
    """Lay out two queues: requests and their rework, which comes back to the second."""
    again = len(columns.service) + 1
    for _queue in range(2):
        columns.add(
            service=number, station=station, klass=service.priority, counter=service.channel == "counter",
            rework=again, error=service.error, content=service.work, cv=service.work_cv, mix=_weights(service),
        )  # fmt: skip


def _route(
    columns: _Columns, number: int, service: Service, steps: Sequence[Step], station: int
) -> tuple[Stop, ...]:
    to, share = ways(steps)
    first: dict[str, int] = {}
    last: list[int] = []
    stops = []
    place = 0
    for n, row in enumerate(steps):
        delays = []
        if row.unnoticed or row.noticed:
            delays.append(Delay(place, row.unnoticed or 0.0, row.noticed or 0.0, row.noticed_spread or 0.0))
        queue = columns.add(
            service=number, station=station + n, name=row.step, step=place, klass=service.priority,
            counter=row.place == "counter", impatient=row.place == "counter" or n == 0, holds=bool(delays),
            error=row.error, content=row.work, cv=row.work_cv, mix=_weights(row),
        )  # fmt: skip
        first[row.step] = queue
        columns.rework[queue] = first[row.returns_to]
        stop = place
        if row.settled:
            place += 1
            queue = columns.add_delay(queue, place)
            delays.append(Delay(place, 0.0, row.settled, row.settled_spread or 0.0))
        last.append(queue)
        columns.hand_off[queue] = round(row.hand_off * TICKS_PER_MINUTE)
        stops.append(Stop(row, stop, tuple(delays)))
        place += 1
    queues = np.append([first[row.step] for row in steps], -1)
    for queue, ends, shares in zip(last, to, share, strict=True):
        columns.to[queue], columns.share[queue] = tuple(queues[ends].tolist()), tuple(shares.tolist())
    return tuple(stops)


def _complaints(columns: _Columns, services: int, classes: Sequence[Complaint]) -> list[tuple[Delay, ...]]:
    first, delays = len(columns.service), []
    for row in classes:
        found = []
        if row.unnoticed or row.noticed:
            found.append(Delay(0, row.unnoticed or 0.0, row.noticed or 0.0, row.noticed_spread or 0.0))
        columns.add(
            service=services, station=-1, klass=0, counter=False, holds=bool(found), error=COMPLAINT_ERROR,
            content=row.work, cv=ANSWER_CV, mix=np.array(COMPLAINT_MIX),
        )  # fmt: skip
        delays.append(found)
    for n, row in enumerate(classes):
        if row.settled:
            columns.add_delay(first + n, 1)
            delays[n].append(Delay(1, 0.0, row.settled, row.settled_spread or 0.0))
    return [tuple(found) for found in delays]
