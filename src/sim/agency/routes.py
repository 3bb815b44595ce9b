"""Routes: the steps of a service, with what their rows leave empty filled in, and how often each is gone through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim.agency.spec import DOMAINS, Agency, Service, Step

FIXED_CV = {"exponential": 1.0, "constant": 0.0}
"""Kind of work -> its coefficient of variation, where there is one only."""
ATTEMPTS = 3
"""A case goes through its steps at most this often before it ends, errors or not."""


def route(service: Service, rows: Sequence[Step]) -> tuple[Step, ...]:
    """Return the steps of a service, each cell filled in; none where the service has no rows.

    Parameters
    ----------
    service : Service
    rows : sequence of Step
        Rows of the steps table for this service, in file order.

    Returns
    -------
    tuple of Step
        Without empty cells, but for `staff` (see :func:`sim.agency.eligibility`) and what waits for attention. A step
        that an error sends back to itself names itself in `returns_to`; in the last step all end.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from sim.agency import Step, load_agency
    >>> ktp = load_agency("contoh").services[0]
    >>> row = Step(service="ktp", step="sign", label_id="Tanda tangan", label_en="Signature", place="file",
    ...            who="supervisor", work=2, source="assumed", status="A")
    >>> route(ktp, [row])[0].error == ktp.error, route(ktp, [row])[0].ends
    (True, 1.0)
    """
    own = {name: getattr(service, name) for name in ("error", *DOMAINS)}

    def filled(row: Step) -> Step:
        kind = row.work_kind or service.work_kind
        cv = FIXED_CV.get(kind, service.work_cv) if row.work_cv is None else row.work_cv
        return replace(
            row,
            work_kind=kind,
            work_cv=cv,
            returns_to=row.returns_to or row.step,
            ends=1.0 if row is rows[-1] else row.ends,
            **{name: value for name, value in own.items() if getattr(row, name) is None},
        )

    return tuple(filled(row) for row in rows)


def routes_of(agency: Agency, unit: str) -> tuple[tuple[Step, ...], ...]:
    """Return :func:`route` of each service of a unit, in file order."""
    return tuple(route(s, agency.steps_of(s.service)) for s in agency.services_of(unit))


def ways(steps: Sequence[Step]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return where requests go from each step of a route, and with what probability.

    Returns
    -------
    to : int64[S, 3]
        The next step, the one skipped to, and the end (-1), as places in the route.
    share : float64[S, 3]
        Each row sums to 1.
    """
    place = {step.step: n for n, step in enumerate(steps)}
    to = np.array([[n + 1, place.get(s.skips_to, -1), -1] for n, s in enumerate(steps)], np.int64)
    to[-1, 0] = -1
    share = np.array([[max(0.0, 1 - s.skips - s.ends), s.skips, s.ends] for s in steps])
    return to, share / share.sum(axis=1, keepdims=True)


@dataclass(frozen=True, slots=True)
class Flow:
    """How requests go through a route, on average.

    Attributes
    ----------
    visits : float64[S]
        Times that a request is worked on in each step, repeats after errors included.
    reach : float64[S]
        Probability that a request without errors comes to each step.
    wrong : float
        Probability that it ends with an error.
    flawless : float
        Probability that it goes through without any error.
    """

    visits: NDArray[np.float64]
    reach: NDArray[np.float64]
    wrong: float
    flawless: float


def flow(steps: Sequence[Step], attempts: int = ATTEMPTS) -> Flow:
    """Follow the probabilities of a route through its steps and rounds.

    Parameters
    ----------
    steps : sequence of Step
        As :func:`route` returns them.
    attempts : int
        Rounds: an error sends back in all but the last, in which it stays.
    """
    to, share = ways(steps)
    place = {step.step: n for n, step in enumerate(steps)}
    errors = np.array([s.error for s in steps], float)
    back = np.array([place[s.returns_to] for s in steps])

    def pass_through(start: NDArray[np.float64], error: NDArray[np.float64]) -> NDArray[np.float64]:
        """Visits in one round, from who begins it where; those with an error leave the round."""
        visits = start.copy()
        for n in range(len(steps)):
            for k in range(3):
                if to[n, k] >= 0:
                    visits[to[n, k]] += visits[n] * (1 - error[n]) * share[n, k]
        return visits

    def ended_right(visits: NDArray[np.float64]) -> float:
        return float((visits * (1 - errors) * (share * (to < 0)).sum(axis=1)).sum())

    start = np.zeros(len(steps))
    start[0] = 1.0
    flawless = ended_right(pass_through(start, errors))
    reach = pass_through(start, np.zeros(len(steps)))
    total = np.zeros(len(steps))
    for _round in range(attempts - 1):
        visits = pass_through(start, errors)
        total += visits
        start = np.zeros(len(steps))
        np.add.at(start, back, visits * errors)
    last = pass_through(start, np.zeros(len(steps)))
    # in the last round an error stays: who ends right has made none from where the round began
    wrong = float(start.sum()) - ended_right(pass_through(start, errors))
    return Flow(total + last, reach, wrong, flawless)
