"""Staffing: officers shared out, which of them may serve which services, and the utilisation that follows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.agency.demand import profile
from sim.agency.spec import Agency, Service, Unit

MINUTES_A_DAY = 450.0
"""37.5 hours a week over five days (Perpres 21/2023)."""

ATTEMPTS = 3
"""A case is processed at most this often before it ends, errors or not."""


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


def eligibility(unit: Unit, services: Sequence[Service]) -> NDArray[np.bool_]:
    """Assign the officers of a unit to its services.

    Services take officers in blocks, in file order: the first service takes the first ``staff`` officers, the next
    service those after them, and so on. After the last officer comes the first again, so that blocks overlap where
    the services need more officers than there are. The unit's first officer is its supervisor and is skipped,
    unless one service needs every officer of the unit.

    Parameters
    ----------
    unit : Unit
        With `officers` >= 1.
    services : sequence of Service
        The unit's services, each with ``staff <= unit.officers``.

    Returns
    -------
    bool[officers, services]
        True where the officer may serve the service. Row 0 is the supervisor.

    Examples
    --------
    >>> from sim.agency import load_agency
    >>> agency = load_agency("contoh")
    >>> may = eligibility(agency.unit("dukcapil"), agency.services_of("dukcapil"))
    >>> bool(may[0].any()), may.sum(axis=0).tolist()
    (False, [6, 4, 4, 2])
    """
    supervisor_serves = any(s.staff > unit.officers - 1 for s in services)
    ring = np.arange(0 if supervisor_serves else 1, unit.officers)
    may = np.zeros((unit.officers, len(services)), dtype=bool)
    start = 0
    for column, service in enumerate(services):
        may[ring[(start + np.arange(service.staff)) % len(ring)], column] = True
        start += service.staff
    return may


def daily_work(agency: Agency) -> pd.Series:
    """Minutes of work that an ordinary day brings, by service.

    Counts requests, their repeats after an error (at most three attempts), and the resulting complaints that are not
    discarded at triage. Assumes that nobody gives up and that complaints are answered without error.

    Returns
    -------
    Series of float64
        Index: service code. Minutes per working day.
    """
    kept = 1 - agency.fact("discard_share")
    complaint_minutes = kept * sum(c.share * c.work for c in agency.complaints)
    after_error, after_fine = agency.fact("complain_error"), agency.fact("complain_fine")
    minutes = {}
    for s in agency.services:
        attempts = sum(s.error**k for k in range(ATTEMPTS))
        complaints = s.error * after_error + (1 - s.error) * after_fine
        per_request = s.work * attempts + complaints * complaint_minutes
        minutes[s.service] = s.demand * profile(agency, s.service).mean * per_request
    return pd.Series(minutes, name="minutes", dtype=float).rename_axis("service")
