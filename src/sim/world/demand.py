"""Requests of citizens, with all random numbers drawn on arrival, so that every policy meets the same citizens."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sim.agency import implied_utilisation
from sim.agency.demand import profile
from sim.agency.desks.work import Work, work_of
from sim.agency.routes import ATTEMPTS
from sim.agency.spec import Agency, Service
from sim.calendar import TICKS_PER_MINUTE, Calendar
from sim.desk import NEVER, Requests
from sim.errors import KinerjaError, _
from sim.streams import Streams
from sim.world.officers import Float
from sim.world.scenario import Scenario
from sim.world.steps.layout import ANSWER_CV

MAX_EXTRA = 0.5
"""A policy can increase demand by at most half (model.md section 3)."""
COMPLAINT_DELAY_DAYS = 2.0
"""Mean working days before a citizen complains (assumption)."""
MAX_ERROR = 0.5
"""Upper bound of an officer's error probability (assumption)."""
MAX_COMPLAINING = 0.5
"""Upper bound of the probability that a citizen complains after any outcome of a case (assumption)."""
EASE_FLOOR = 0.2
"""Readiness of the hardest case to go online, where that of an average one is 1.2: harder cases stay (assumption)."""
ONLINE_WORK = 0.8
"""Work content of an online request, relative to one at the counter (assumption)."""
ANSWER = Work("lognormal", ANSWER_CV, np.empty(0))
"""Distribution of the work a complaint takes (assumption)."""


@dataclass(frozen=True)
class Days:
    """Demand of a service over the days of a calendar.

    Attributes
    ----------
    daily : float64[days]
        Mean requests on each working day.
    hourly : float64[8]
        Share of a day's requests in each eighth of the working day.
    work : Work
        Distribution of their work.
    """

    daily: Float
    hourly: Float
    work: Work


Columns = dict[str, np.ndarray]


def days(agency: Agency, service: Service, calendar: Calendar, scale: float) -> Days:
    """Return demand by day and hour from the factors of the agency's demand table, times `scale`."""
    factors = profile(agency, service.service)
    months = calendar.dates.astype("datetime64[M]").astype(np.int64) % 12
    lebaran = np.concatenate([[1.0], factors.after_lebaran])
    daily = factors.month[months] * factors.weekday[calendar.weekday] * lebaran[calendar.week_after_lebaran]
    daily *= service.demand * scale * factors.hour.mean()
    return Days(daily, factors.hour / factors.hour.sum(), work_of(agency, service.service))


def demand_scales(agency: Agency, scenario: Scenario) -> dict[str, float]:
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


def draw_month(
    streams: Streams,
    calendar: Calendar,
    month: int,
    service: Service,
    number: int,
    shape: Days,
    shares: Float,
    complaint_work: Float,
    keep: float,
    online: tuple[int, float] | None = None,
) -> list[Columns]:
    """Draw the requests of one service in one calendar month, as columns for :func:`join`.

    Parameters
    ----------
    month : int
        Calendar month, from 0.
    number : int
        Index of the service in its unit; its queue is ``2 * number``.
    shares, complaint_work : float64[C]
        Shares of the complaint classes, and mean minutes each takes.
    keep : float
        Demand under this policy relative to demand without it, 0 to 1.5. The n-th citizen is the same at any value.
    online : (int, float), optional
        Queue of the unit's online service and the share of requests that go there instead of to the counter; the easy
        ones first.
    """
    if service.demand_sd:
        shape = _uneven(streams, calendar, month, service, shape)
    parts = [
        _draw(streams, calendar, month, service, number, shape, shares, complaint_work, min(keep, 1.0), 0)
    ]
    if keep > 1:
        extra = replace(shape, daily=shape.daily * MAX_EXTRA)
        share = (keep - 1) / MAX_EXTRA
        parts.append(
            _draw(streams, calendar, month, service, number, extra, shares, complaint_work, share, 1)
        )
    if online is not None:
        for extra_, part in enumerate(parts):
            _go_online(streams, month, service, part, extra_, *online)
    return parts


def _uneven(streams: Streams, calendar: Calendar, month: int, service: Service, shape: Days) -> Days:
    """Multiply the demand of each day of a month by a gamma factor of mean 1."""
    first, last = (int(d) for d in calendar.month_first_day[month : month + 2])
    k = service.demand_sd**-2
    daily = shape.daily.copy()
    daily[first:last] *= streams.generator("request.day", service.service, month).gamma(
        k, 1 / k, last - first
    )
    return replace(shape, daily=daily)


def _go_online(
    streams: Streams, month: int, service: Service, part: Columns, extra: int, queue: int, share: float
) -> None:
    """Move some citizens from the counter to the online queue, where they neither wait in the room nor give up."""
    if not len(part["id"]):
        return
    ease = np.clip(2 - part["work"][:, 0] / (service.work * TICKS_PER_MINUTE), 0.0, 2.0) + EASE_FLOOR
    number = part["id"] & 0xFFFFFFFF
    draws = streams.generator("request.channel", service.service, month, extra).random(int(number.max()) + 1)
    moves = draws[number] < np.minimum(1.0, share * ease / ease.mean())
    part["queue"] = np.where(moves, queue, part["queue"])
    part["work"] = np.where(moves[:, None], part["work"] * ONLINE_WORK, part["work"])
    part["patience"] = np.where(moves, NEVER, part["patience"])


def join(parts: list[Columns]) -> Requests:
    """Join requests of several services into one batch in order of arrival, ties in the order of the parts."""
    whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.argsort(whole["arrival"], kind="stable")
    return Requests(**{name: array[order] for name, array in whole.items()})


def _draw(
    streams: Streams,
    calendar: Calendar,
    month: int,
    service: Service,
    number: int,
    shape: Days,
    shares: Float,
    complaint_work: Float,
    accept: float,
    extra: int,
) -> Columns:
    """Draw the citizens of a month, the same for every policy, and keep those who come under this one."""
    columns = streams.once(
        ("requests", service.service, month, extra),
        lambda own: _citizens(own, calendar, month, service, number, shape, shares, complaint_work, extra),
    )
    if accept == 1:
        return dict(columns)
    thin = streams.generator("request.thin", service.service, month, extra)
    accepted = thin.random(len(columns["id"])) < accept
    return {name: array[accepted] for name, array in columns.items()}


def _citizens(
    streams: Streams,
    calendar: Calendar,
    month: int,
    service: Service,
    number: int,
    shape: Days,
    shares: Float,
    complaint_work: Float,
    extra: int,
) -> Columns:
    def stream(name: str) -> np.random.Generator:
        return streams.generator(f"request.{name}", service.service, month, extra)

    first, last = calendar.month_first_day[month], calendar.month_first_day[month + 1]
    dates = np.arange(first, last)
    counts = stream("count").poisson(shape.daily[first:last])
    n = int(counts.sum())
    start = np.repeat(calendar.day_start[dates], counts)
    length = np.repeat(np.diff(calendar.day_start)[dates], counts)
    edges = np.concatenate([[0.0], np.cumsum(shape.hourly)])
    share_of_day = np.interp(stream("moment").random(n), edges, np.linspace(0, 1, len(edges)))
    arrival = start + np.minimum((share_of_day * length).astype(np.int64), length - 1)

    # most cases are right at the first attempt: only those that may have a second need random numbers for it
    u_error = np.ones((n, ATTEMPTS))
    u_error[:, 0] = stream("error").random(n)
    again = np.flatnonzero(u_error[:, 0] < MAX_ERROR)
    rework = stream("rework")
    u_error[again, 1:] = rework.random((len(again), ATTEMPTS - 1))
    noise = np.zeros((n, ATTEMPTS))
    noise[:, 0] = shape.work.draw(stream("work").standard_normal(n))
    noise[again, 1:] = shape.work.draw(rework.standard_normal((len(again), ATTEMPTS - 1)))
    work = noise * (service.work * TICKS_PER_MINUTE)
    if service.patience is None:
        patience = np.full(n, NEVER)
    else:
        patience = 1 + (stream("patience").exponential(service.patience * TICKS_PER_MINUTE, n)).astype(
            np.int64
        )
    returns = stream("return").random(n) < service.returns
    day = float(np.diff(calendar.day_start).mean())
    u_complain = stream("complain").random(n)
    # only citizens who may file a complaint need random numbers for it
    may = np.flatnonzero(u_complain < MAX_COMPLAINING)
    complaint = stream("complaint")
    klass = np.zeros(n, np.int64)
    klass[may] = np.minimum(np.searchsorted(np.cumsum(shares), complaint.random(len(may))), len(shares) - 1)
    delay = np.ones(n, np.int64)
    delay[may] = 1 + complaint.exponential(COMPLAINT_DELAY_DAYS * day, len(may)).astype(np.int64)
    answer = np.ones((n, ATTEMPTS))
    answer[may] = ANSWER.draw(complaint.standard_normal((len(may), ATTEMPTS)))
    answer *= complaint_work[klass][:, None] * TICKS_PER_MINUTE
    answer_error = np.ones((n, ATTEMPTS))
    answer_error[may] = complaint.random((len(may), ATTEMPTS))
    triage = np.ones(n)
    triage[may] = complaint.random(len(may))

    ids = (np.int64(number) << 52) + (np.int64(extra) << 51) + (np.int64(month) << 32) + np.arange(n)
    return {
        "id": ids,
        "queue": np.full(n, 2 * number),
        "arrival": arrival,
        "due": arrival + np.int64(service.published_wait * TICKS_PER_MINUTE),
        "work": work,
        "u_error": u_error,
        "patience": patience,
        "returns": returns,
        "rework_delay": np.full(n, max(1, int(service.rework_days * day))),
        "u_complain": u_complain,
        "complaint_class": klass,
        "complaint_delay": delay,
        "complaint_work": answer,
        "complaint_u_error": answer_error,
        "u_triage": triage,
    }
