"""A service unit at work: its desk, the rules of its queues, and the cases it completes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.agency.spec import DOMAINS, Agency
from sim.agency.staffing import ATTEMPTS, eligibility
from sim.calendar import Calendar
from sim.desk import DISCARDED, DONE, LEFT, LOST, Cases, Desk, Jobs, Queues, Requests
from sim.streams import Streams
from sim.world.demand import ANSWER_CV, MAX_COMPLAINING, MAX_ERROR, Days, days, draw_month, join
from sim.world.officers import Float

PACE = 0.2
"""One SD of performance is 20 % of mean output (Schmidt & Hunter 1983)."""
_LOG_PACE = float(np.log1p(PACE))
PACE_LOG, PACE_MEAN = _LOG_PACE, _LOG_PACE**2 / 2
"""Log-rate per SD of pace, and the shift that preserves the mean duration: .182 and .0166."""
CARE_LOGIT = 0.4
"""Logits of the chance of an error per SD of care (assumption)."""
COMPLAINT_MIX = (0.3, 0.0, 0.5, 0.2)
"""Skills a complaint takes: technical, ICT, communication, time management (assumption)."""
COMPLAINT_ERROR = 0.1
"""Chance that an answer to a complaint does not settle it (assumption)."""
COMPLAINT_CLASS = 1
STATUS = [
    name for _, name in sorted({DONE: "done", LEFT: "left", LOST: "lost", DISCARDED: "discarded"}.items())
]


@dataclass
class Rules:
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


class Office:
    """One service unit.

    Queues are, for service k: 2k its requests, 2k + 1 its rework; then one per class of complaints.
    """

    def __init__(self, agency: Agency, index: int, calendar: Calendar, scale: float) -> None:
        self.index = index
        self.unit = agency.units[index]
        self.services = agency.services_of(self.unit.unit)
        self.calendar = calendar
        self.shares = np.array([c.share for c in agency.complaints])
        self.complaint_work = np.array([c.work for c in agency.complaints])
        self.clock = np.array([c.clock for c in agency.complaints], np.int64)
        self.can = np.ascontiguousarray(eligibility(self.unit, self.services))
        self.on_desk = self.can.any(axis=1)
        self.days: list[Days] = [days(agency, s, calendar, scale) for s in self.services]
        self.rules = Rules(COMPLAINT_CLASS, False, 0.0, 1.0, {})
        self.complaining = tuple(agency.fact(f"complain_{how}") for how in ("fine", "error", "left"))
        self._first = 2 * len(self.services)
        self.queues = self._first + len(self.clock)
        self.is_counter = np.array([s.channel == "counter" for s in self.services])
        channels = [s.channel for s in self.services]
        self.online_service = channels.index("online") if "online" in channels else None
        self.mix = self._mix()
        self.base_error = np.array([e for s in self.services for e in (s.error, s.error)])
        self.base_error = np.append(self.base_error, np.full(len(self.clock), COMPLAINT_ERROR))
        self.content = np.append(np.repeat([s.work for s in self.services], 2), self.complaint_work)
        self.content_cv = np.append(
            np.repeat([s.work_cv for s in self.services], 2), np.full(len(self.clock), ANSWER_CV)
        )
        self.arrived = 0
        self._desk: Desk | None = None

    @property
    def desk(self) -> Desk:
        """The desk, which does not exist during the burn-in."""
        if self._desk is None:
            raise RuntimeError(f"the desk of {self.unit.unit!r} opens when the study starts")
        return self._desk

    def service_of(self, queue: np.ndarray) -> np.ndarray:
        """Return the index of the service of each queue; for complaints, the number of services."""
        return np.minimum(queue // 2, len(self.services))

    def open(self) -> None:
        """Open the desk under the present rules."""
        self._order = self.rules.complaint_priority, self.rules.by_due
        self._desk = Desk(self.calendar.day_start, self._queues(), self.unit.officers, ATTEMPTS)

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
        return join(
            [
                part
                for number, service in enumerate(self.services)
                for part in draw_month(
                    streams,
                    self.calendar,
                    month,
                    service,
                    number,
                    self.days[number],
                    self.shares,
                    self.complaint_work,
                    keep[number],
                    online[number],
                )
            ]
        )

    def begin(self, month: int, requests: Requests, until: np.ndarray, pace: Float, care: Float) -> None:
        """Start a month: hand rules, people, roster and requests to the desk.

        Parameters
        ----------
        until : int64[days, officers]
            When each officer leaves on each day of the month.
        pace, care : float64[officers, queues]
            Performance SDs.
        """
        order = self.rules.complaint_priority, self.rules.by_due
        if order != self._order:
            self._order, queues = order, self._queues()
            self.desk.set_order(queues.klass, queues.by_due)
        self.desk.set_people(*self.rates(pace, care), self._eligible())
        self.desk.set_complaining(self._complaining(), self.rules.discard)
        self.desk.set_roster(int(self.calendar.month_first_day[month]), until)
        self.desk.feed(requests)
        self.arrived = len(requests)

    def rates(self, pace: Float, care: Float) -> tuple[Float, Float]:
        """Return service rate and chance of an error, float64[officers, queues], from pace and care."""
        rate = np.exp(PACE_LOG * pace + PACE_MEAN)
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
        last = self.calendar.end - 1
        for name in ("arrival", "first_start", "finish"):
            ticks = getattr(cases, name)
            # a case that ends at closing ends on that day, though the same tick opens the next
            shown = ticks - 1 if name == "finish" else ticks
            dates = self.calendar.datetimes(np.clip(shown, 0, last)).astype("datetime64[s]")
            frame[f"{name}_at"] = np.where(ticks < 0, np.datetime64("NaT"), dates)
        return frame

    def _mix(self) -> Float:
        rows: list[np.ndarray] = []
        for service in self.services:
            weights = np.array([getattr(service, domain) for domain in DOMAINS])
            rows += [weights / weights.sum()] * 2
        rows += [np.array(COMPLAINT_MIX)] * len(self.clock)
        return np.array(rows)

    def _eligible(self) -> np.ndarray:
        can = np.zeros((self.unit.officers, self.queues), np.bool_)
        can[:, : self._first : 2] = self.can
        can[:, 1 : self._first : 2] = self.can
        desk = np.flatnonzero(self.on_desk)
        if self.online_service is not None:
            many = round(self.rules.online_staff * len(desk))
            can[desk[len(desk) - many :], 2 * self.online_service : 2 * self.online_service + 2] = True
        some = max(1, round(self.rules.complaint_staff * len(desk)))
        can[desk[:some], self._first :] = True
        return can

    def _queues(self) -> Queues:
        n, classes = len(self.services), len(self.clock)
        priority = np.array([p for s in self.services for p in (s.priority, s.priority)], np.int64)
        counter = np.repeat(self.is_counter, 2)
        rework = np.repeat(np.arange(n) * 2 + 1, 2)
        late = np.arange(self._first, self.queues)
        # a class has one order: complaints by due date come just before the services of their class
        complaint = 2 * self.rules.complaint_priority + (not self.rules.by_due)
        return Queues(
            klass=np.append(2 * priority + 1, np.full(classes, complaint)),
            by_due=np.append(np.zeros(2 * n, np.bool_), np.full(classes, self.rules.by_due)),
            suspends=np.append(~counter, np.ones(classes, np.bool_)),
            sent_home=np.append(counter, np.zeros(classes, np.bool_)),
            rework=np.append(rework, late),
            complaint_base=self._first,
            complaint_clock=self.clock,
        )

    def _online(self, number: int) -> tuple[int, float] | None:
        """Return the queue to which citizens of a counter move online, and their share."""
        if self.online_service is None or not self.is_counter[number] or not self.rules.online:
            return None
        return 2 * self.online_service, self.rules.online

    def _complaining(self) -> Float:
        p = np.zeros((self.queues, 3))
        p[: self._first] = np.minimum(np.array(self.complaining) * self.rules.complain, MAX_COMPLAINING)
        return p
