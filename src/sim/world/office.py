"""A service unit at work: its desk, the rules of its queues, and the cases it completes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.agency.routes import ATTEMPTS, routes_of
from sim.agency.spec import Agency
from sim.agency.staffing import MINUTES_A_DAY, eligibility
from sim.calendar import TICKS_PER_MINUTE, Calendar
from sim.desk import DISCARDED, DONE, LEFT, LOST, Cases, Desk, Jobs, Queues, Requests
from sim.names import Fixed
from sim.streams import Streams
from sim.world.demand import MAX_COMPLAINING, MAX_ERROR, Days, days, draw_month, join
from sim.world.officers import Float
from sim.world.steps.draws import StepDraws
from sim.world.steps.layout import Layout

DAY = MINUTES_A_DAY * TICKS_PER_MINUTE
"""A mean working day of government offices."""
PACE = 0.2
"""One SD of performance is 20 % of mean output (Schmidt & Hunter 1983)."""
_LOG_PACE = float(np.log1p(PACE))
PACE_LOG, PACE_MEAN = _LOG_PACE, _LOG_PACE**2 / 2
"""Log-rate per SD of pace, and the shift that preserves the mean duration: .182 and .0166."""
CARE_LOGIT = 0.4
"""Logits of the chance of an error per SD of care (assumption)."""
COMPLAINT_CLASS = 1
MOST_ATTENTION = 64.0
"""Highest rate of attention that the desk takes."""
STATUS = [
    name for _, name in sorted({DONE: "done", LEFT: "left", LOST: "lost", DISCARDED: "discarded"}.items())
]


@dataclass
class Rules(Fixed):
    """Rules of an office's queues; levers set them, the office applies them at the start of a month.

    Attributes
    ----------
    complaint_priority : int
        Queue class of complaints; requests have that of their service.
    by_due : bool
        Answer complaints in order of their due date, else of arrival.
    discard : float
        Share of complaints discarded at triage.
    complaint_staff : float
        Share of the desk's officers who answer complaints, at least one.
    keep : dict
        Service -> demand under the policy relative to demand without it.
    online : float
        Share of requests at the counter that come online instead, where the unit has an online service.
    online_staff : float
        Share of the desk's officers who serve online, once requests move there; at least those qualified.
    complain : float
        Multiplies the chance that a citizen complains, e.g. where a platform makes it easy.
    expected : float
        Multiplies the waiting that citizens expect, e.g. where a standard is published: perception, not service.
    """

    complaint_priority: int
    by_due: bool
    discard: float
    complaint_staff: float
    keep: dict[str, float]
    online: float = 0.0
    online_staff: float = 0.0
    complain: float = 1.0
    expected: float = 1.0

    def __post_init__(self) -> None:
        self._fix()


class Office:
    """One service unit.

    Attributes
    ----------
    layout : Layout
        Its queues: of services, of the steps of routes, of complaints.
    can : bool[officers, stations]
        Who may do which service or step, see :func:`sim.agency.eligibility`.
    on_desk : bool[officers]
        Who serves at all, signatures included.
    is_counter : bool[services]
        Services of one step at a counter, whose waiting ends when service begins. A route is waited for to its end.
    comes_to_counter : bool[services]
        Routes with a step at a counter.
    """

    def __init__(self, agency: Agency, index: int, calendar: Calendar, scale: float) -> None:
        self.index = index
        self.unit = agency.units[index]
        self.services = agency.services_of(self.unit.unit)
        self.calendar = calendar
        own = any(row.unit == self.unit.unit for row in agency.hours)
        self.day = float(np.diff(calendar.day_start).mean()) if own else DAY
        self.shares = np.array([c.share for c in agency.complaints])
        self.complaint_work = np.array([c.work for c in agency.complaints])
        self.clock = np.array([c.clock for c in agency.complaints], np.int64)
        self.layout = Layout(agency, self.unit.unit)
        self.can = np.ascontiguousarray(
            eligibility(self.unit, self.services, routes_of(agency, self.unit.unit))
        )
        self.on_desk = self.can.any(axis=1)
        self.signatures = np.array(
            [
                stop is not None and stop.step.who == "supervisor"
                for stops in self.layout.routes
                for stop in stops or (None,)
            ]
        )
        self.days: list[Days] = [days(agency, s, calendar, scale) for s in self.services]
        self.rules = Rules(COMPLAINT_CLASS, False, 0.0, 1.0, {})
        self._alike = bool(agency.fact("officers_alike"))
        self.complaining = tuple(agency.fact(f"complain_{how}") for how in ("fine", "error", "left"))
        self._first = self.layout.complaints
        self.queues = len(self.layout)
        is_route = np.array([bool(stops) for stops in self.layout.routes])
        self.is_counter = np.array([s.channel == "counter" for s in self.services]) & ~is_route
        self.comes_to_counter = np.array(
            [any(stop.step.place == "counter" for stop in stops) for stops in self.layout.routes]
        )
        channels = [s.channel for s in self.services]
        self.online_service = channels.index("online") if "online" in channels else None
        self.mix = self.layout.mix
        self.base_error = self.layout.error
        self.usual_error = self.layout.usual_error
        self.content = self.layout.content
        self.content_cv = self.layout.cv
        self.arrived = self.could_go_online = self.went_online = 0
        self._desk: Desk | None = None

    @property
    def desk(self) -> Desk:
        """The desk, which does not exist during the burn-in."""
        if self._desk is None:
            raise RuntimeError(f"the desk of {self.unit.unit!r} opens when the study starts")
        return self._desk

    def service_of(self, queue: np.ndarray) -> np.ndarray:
        """Return the index of the service of each queue; for complaints, the number of services."""
        return self.layout.service[queue]

    def open(self) -> None:
        """Open the desk under the present rules."""
        calendar = self.calendar
        self._order = self.rules.complaint_priority, self.rules.by_due
        self._desk = Desk(calendar.day_start, self._queues(), self.unit.officers, ATTEMPTS, calendar.shuts)

    def month(self, streams: Streams, month: int) -> Requests:
        """Draw the requests of a calendar month under the present rules; policies with the same rules share them."""
        keep = tuple(self.rules.keep.get(service.service, 1.0) for service in self.services)
        online = tuple(self._online(number) for number in range(len(self.services)))
        return streams.once(
            ("month", self.index, month, keep, online), lambda own: self._draw(own, month, keep, online)
        )

    def _draw(
        self,
        streams: Streams,
        month: int,
        keep: tuple[float, ...],
        online: tuple[tuple[int, float] | None, ...],
    ) -> Requests:
        plain = self.layout.is_plain
        steps = StepDraws(streams, self.layout, self.services, self.day)
        parts = []
        for number, service in enumerate(self.services):
            move = online[number]
            queue = None if move is None else (int(self.layout.first[move[0]]), move[1])
            drawn = draw_month(
                streams,
                self.calendar,
                month,
                service,
                number,
                self.days[number],
                self.shares,
                self.complaint_work,
                keep[number],
                queue if plain else None,
            )
            parts += drawn if plain else steps.of(drawn, number, month, move)
        return join(parts)

    def begin(
        self,
        month: int,
        requests: Requests,
        until: np.ndarray,
        pace: Float,
        care: Float,
        attention: float = 1.0,
    ) -> None:
        """Start a month: hand rules, people, roster and requests to the desk.

        Parameters
        ----------
        until : int64[days, officers] or int64[days, officers, turns]
            When each officer leaves, and comes back, on each day of the month that the unit is open.
        pace, care : float64[officers, queues]
            Performance SDs.
        attention : float
            Rate at which the unit notices what waits for attention; 1 at the start of the study.
        """
        order = self.rules.complaint_priority, self.rules.by_due
        if order != self._order:
            self._order, queues = order, self._queues()
            self.desk.set_order(queues.klass, queues.by_due)
        self.desk.set_people(*self.rates(pace, care), self._eligible())
        self.desk.set_complaining(self._complaining(), self.rules.discard)
        if self.layout.holds.any():
            self.desk.set_attention(min(attention, MOST_ATTENTION))
        if len(until):
            self.desk.set_roster(int(self.calendar.month_first_day[month]), until)
        self.desk.feed(requests)
        self.arrived = len(requests)
        if self.online_service is not None:
            at_counter = np.array([service.channel == "counter" for service in self.services])
            came_for = at_counter[requests.id >> 52]
            online = self.service_of(requests.queue) == self.online_service
            self.could_go_online, self.went_online = int(came_for.sum()), int((came_for & online).sum())

    def rates(self, pace: Float, care: Float) -> tuple[Float, Float]:
        """Return service rate and chance of an error, float64[officers, queues], from pace and care."""
        rate = np.exp(PACE_LOG * pace + (0.0 if self._alike else PACE_MEAN))
        odds = self.base_error / (1 - self.base_error) * np.exp(-CARE_LOGIT * care)
        return rate, np.minimum(odds / (1 + odds), MAX_ERROR)

    def close(self, to: int) -> tuple[Cases, Jobs]:
        """Serve everything before tick `to`, and return what ended since the last call."""
        self.desk.advance(to)
        return self.desk.collect()

    def case_table(self, cases: Cases) -> pd.DataFrame:
        """Return cases for people to read, with names of services and statuses, and dates; for traces."""
        names = [s.service for s in self.services] + ["complaint"]
        frame = cases.frame()
        frame.insert(1, "service", np.array(names, object)[self.service_of(cases.queue)])
        frame["status"] = np.array(STATUS, object)[cases.status]
        for name in ("arrival", "first_start", "finish"):
            frame[f"{name}_at"] = self.dates(getattr(cases, name), ends=name == "finish")
        return frame

    def dates(self, ticks: np.ndarray, *, ends: bool = False) -> np.ndarray:
        """Return the dates and times of ticks, NaT for a negative one.

        What `ends` at closing ends on that day, though the same tick opens the next.
        """
        shown = np.clip(ticks - ends, 0, self.calendar.end - 1)
        return np.where(
            ticks < 0, np.datetime64("NaT"), self.calendar.datetimes(shown).astype("datetime64[s]")
        )

    def _eligible(self) -> np.ndarray:
        can = np.zeros((self.unit.officers, self.queues), np.bool_)
        worked = self.layout.station >= 0
        can[:, worked] = self.can[:, self.layout.station[worked]]
        # who only signs neither serves online nor answers complaints
        desk = np.flatnonzero(self.can[:, ~self.signatures].any(axis=1))
        if self.online_service is not None:
            many = round(self.rules.online_staff * len(desk))
            online = (self.layout.service == self.online_service) & worked
            can[np.ix_(desk[len(desk) - many :], online)] = True
        some = max(1, round(self.rules.complaint_staff * len(desk)))
        can[desk[:some], self._first : self._first + len(self.clock)] = True
        return can

    def _queues(self) -> Queues:
        layout, n = self.layout, self._first
        # a class has one order: complaints by due date come just before the services of their class
        complaint = 2 * self.rules.complaint_priority + (not self.rules.by_due)
        is_request = np.arange(self.queues) < n
        return Queues(
            klass=np.where(is_request, 2 * layout.klass + 1, complaint),
            by_due=~is_request & self.rules.by_due,
            suspends=~layout.counter,
            sent_home=layout.counter,
            rework=layout.rework,
            step=layout.step,
            next=layout.to,
            branch=layout.share,
            hand_off=layout.hand_off,
            impatient=layout.impatient,
            staffed=layout.staffed,
            holds=layout.holds,
            complaint_base=n,
            complaint_clock=self.clock,
        )

    def _online(self, number: int) -> tuple[int, float] | None:
        """Return the service to which citizens of a counter move online, and their share."""
        at_counter = self.services[number].channel == "counter"
        if self.online_service is None or not at_counter or not self.rules.online:
            return None
        return self.online_service, self.rules.online

    def _complaining(self) -> Float:
        p = np.zeros((self.queues, 3))
        p[: self._first] = np.minimum(np.array(self.complaining) * self.rules.complain, MAX_COMPLAINING)
        return p
