"""Staffing: officers shared out, which of them may serve which services, and the utilisation that follows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.agency.demand import profile
from sim.agency.routes import ATTEMPTS, flow, route, routes_of
from sim.agency.spec import Agency, Service, Step, Unit

MINUTES_A_DAY = 450.0
"""37.5 hours a week over five days (Perpres 21/2023)."""


def share_out(total: int, weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Split a whole number in proportion to weights; the parts are whole and sum to it.

    Parameters
    ----------
    total : int
    weights : float64[n]
        Not negative; where all are zero, the parts are equal.

    Returns
    -------
    int64[n]
        The largest remainders are rounded up; ties go to the first.

    Examples
    --------
    >>> share_out(100, np.array([1.0, 1.0, 1.0])).tolist()
    [34, 33, 33]
    """
    whole = float(weights.sum())
    exact = total * (weights / whole if whole > 0 else np.full(len(weights), 1 / len(weights)))
    parts = np.floor(exact).astype(np.int64)
    left = total - int(parts.sum())
    parts[np.argsort(parts - exact, kind="stable")[:left]] += 1
    return parts


def eligibility(
    unit: Unit, services: Sequence[Service], routes: Sequence[Sequence[Step]] = ()
) -> NDArray[np.bool_]:
    """Assign the officers of a unit to its services, and to the steps of those that are routes.

    Services take officers in blocks, in file order: the first service takes the first ``staff`` officers, the next
    service those after them, and so on. After the last officer comes the first again, so that blocks overlap where
    the services need more officers than there are. The unit's first officer is its supervisor and is skipped,
    unless one service needs every officer of the unit.

    A route takes a block for its front line, which does all steps that have no `staff` of their own, then one for each
    front-line step that has, then one for each step of verifiers, who are never the front line of the same service.
    Steps of the supervisor are done by the first officer, or by the first `staff` officers.

    Parameters
    ----------
    unit : Unit
        With `officers` >= 1.
    services : sequence of Service
        The unit's services, each with ``staff <= unit.officers``.
    routes : sequence of sequences of Step, optional
        The steps of each service (:func:`sim.agency.routes.routes_of`); none for a service of one step.

    Returns
    -------
    bool[officers, stations]
        True where the officer may serve the service or step; a column per service, or per step of a route. Row 0 is
        the supervisor.

    Examples
    --------
    >>> from sim.agency import load_agency
    >>> agency = load_agency("contoh")
    >>> may = eligibility(agency.unit("dukcapil"), agency.services_of("dukcapil"))
    >>> bool(may[0].any()), may.sum(axis=0).tolist()
    (False, [6, 4, 4, 2])
    """
    routes = routes or [()] * len(services)
    blocks = [
        s.staff if step is None or step.staff is None else step.staff
        for s, steps in zip(services, routes, strict=True)
        for step in steps or (None,)
        if step is None or step.who == "front"
    ]
    supervisor_serves = any(staff > unit.officers - 1 for staff in blocks)
    ring = np.arange(0 if supervisor_serves else 1, unit.officers)
    may = np.zeros((unit.officers, sum(len(steps) or 1 for steps in routes)), dtype=bool)
    start = column = 0

    def block(staff: int, barred: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
        """Return the next officers in turn, without those who are barred."""
        nonlocal start
        if not len(ring):
            return ring
        turn = (start + np.arange(max(staff, len(ring)))) % len(ring)
        if barred is not None:
            turn = turn[: len(ring)][~barred[ring[turn[: len(ring)]]]]
        turn = turn[:staff]
        start = int(turn[-1]) + 1 if len(turn) else start
        return ring[turn]

    for service, steps in zip(services, routes, strict=True):
        if not steps:
            may[block(service.staff), column] = True
        here = column + np.arange(len(steps))
        front = [n for n, step in enumerate(steps) if step.who == "front"]
        shared = [n for n in front if steps[n].staff is None]
        if shared:
            may[np.ix_(block(service.staff), here[shared])] = True
        for n in front:
            if n not in shared:
                may[block(steps[n].staff or 1), here[n]] = True
        for n, step in enumerate(steps):
            if step.who == "verifier":
                at_front: NDArray[np.bool_] = np.any(may[:, here[front]], axis=1)
                may[block(step.staff or 1, at_front), here[n]] = True
            elif step.who == "supervisor":
                may[: step.staff or 1, here[n]] = True
        column += len(steps) or 1
    return may


def serving(agency: Agency, unit: str, *, signing: bool = True) -> NDArray[np.bool_]:
    """Return which officers of a unit serve which of its services, in any of its steps; bool[officers, services].

    Without `signing`, a signature is not counted as serving.
    """
    services, steps = agency.services_of(unit), routes_of(agency, unit)
    return by_service(eligibility(agency.unit(unit), services, steps), steps, signing=signing)


def by_service(
    able: NDArray[np.bool_], routes: Sequence[Sequence[Step]], *, signing: bool
) -> NDArray[np.bool_]:
    """Bring who may do which step (:func:`eligibility`) together by service; bool[officers, services]."""
    out = np.zeros((len(able), len(routes)), np.bool_)
    column = 0
    for k, steps in enumerate(routes):
        for step in steps or (None,):
            if signing or step is None or step.who != "supervisor":
                out[:, k] |= able[:, column]
            column += 1
    return out


def daily_work(agency: Agency) -> pd.Series:
    """Minutes of work that an ordinary day brings, by service.

    Counts requests, every step of those that are routes, their repeats after an error (at most three attempts), and
    the resulting complaints that are not discarded at triage. Assumes that nobody gives up and that complaints are
    answered without error.

    Returns
    -------
    Series of float64
        Index: service code. Minutes per working day.
    """
    minutes = {s.service: 0.0 for s in agency.services}
    for (service, _step), more in step_work(agency).items():
        minutes[service] += more
    return pd.Series(minutes, name="minutes", dtype=float).rename_axis("service")


def step_work(agency: Agency) -> dict[tuple[str, str], float]:
    """Minutes of work that an ordinary day brings, by service and step, as :func:`daily_work` counts them.

    Returns
    -------
    dict of (str, str) to float
        (service, step) -> minutes per working day; the step is ``""`` for a service of one step with its complaints,
        ``"*"`` for the complaints about a route.
    """
    kept = 1 - agency.fact("discard_share")
    complaint_minutes = kept * sum(c.share * c.work for c in agency.complaints)
    after_error, after_fine = agency.fact("complain_error"), agency.fact("complain_fine")
    minutes = {}
    for s in agency.services:
        daily = s.demand * profile(agency, s.service).mean
        steps = route(s, agency.steps_of(s.service))
        if not steps:
            attempts = sum(s.error**k for k in range(ATTEMPTS))
            complaints = s.error * after_error + (1 - s.error) * after_fine
            minutes[s.service, ""] = daily * (s.work * attempts + complaints * complaint_minutes)
            continue
        found = flow(steps)
        for step, visits in zip(steps, found.visits, strict=True):
            minutes[s.service, step.step] = daily * float(visits) * step.work
        complaints = found.wrong * after_error + (1 - found.wrong) * after_fine
        minutes[s.service, "*"] = daily * complaints * complaint_minutes
    return minutes
