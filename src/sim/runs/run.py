"""Run one agency under one policy, and give back tidy tables."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from sim.agency.spec import Agency
from sim.errors import KinerjaError, _
from sim.runs.beside import alone, in_steps
from sim.streams import Streams
from sim.world.past import Beside
from sim.world.scenario import Scenario
from sim.world.service import requests_table
from sim.world.world import World

if TYPE_CHECKING:
    from sim.levers.policy import Policy


@dataclass(frozen=True)
class RunTables:
    """The tables of a run.

    Attributes
    ----------
    outcomes : DataFrame
        month (1, 2, ...), unit, and one float64 column per outcome (see :mod:`sim.outcomes`).
    summary : DataFrame
        window ("1-36", "25-36"), unit ("*" is the agency), and the same columns; percentiles are over single cases.
    costs : DataFrame
        lever, year, rupiah, officer_days.
    """

    outcomes: pd.DataFrame
    summary: pd.DataFrame
    costs: pd.DataFrame


def steps(
    agency: Agency,
    policy: Policy,
    *,
    seed: int,
    replication: int,
    months: int,
    scenario: Scenario,
    beside: Beside | None = None,
) -> Generator[None, None, RunTables]:
    """Run as :func:`simulate` does, beside other policies, and stop at the start of each month for their turn."""
    world = make_world(
        agency, policy, seed=seed, replication=replication, months=months, scenario=scenario, beside=beside
    )
    yield from world.steps()
    return RunTables(world.recorder.outcomes(), world.recorder.summary(), world.ledger.table())


@in_steps(steps)
def simulate(
    agency: Agency,
    policy: Policy,
    *,
    seed: int = 1,
    replication: int = 0,
    months: int = 36,
    scenario: Scenario | None = None,
) -> RunTables:
    """Run once: burn-in under what was in force before, then the policy.

    Parameters
    ----------
    agency : Agency
    policy : Policy
    seed, replication : int
        Random numbers: two policies with the same two meet the same citizens and officers.
    months : int
        Length of the study.
    scenario : Scenario, optional

    Examples
    --------
    >>> from sim import load_agency, status_quo
    >>> tables = simulate(load_agency("contoh"), status_quo(), months=2)
    >>> sorted(tables.outcomes["month"].unique().tolist())
    [1, 2]
    """
    scenario = Scenario() if scenario is None else scenario
    return alone(steps(agency, policy, seed=seed, replication=replication, months=months, scenario=scenario))


def make_world(
    agency: Agency,
    policy: Policy,
    *,
    seed: int = 1,
    replication: int = 0,
    months: int = 36,
    scenario: Scenario | None = None,
    beside: Beside | None = None,
) -> World:
    """Make a world that has not run yet, to look into while it does (``world.env.run(until=...)``) or after."""
    scenario = Scenario() if scenario is None else scenario
    if months < 1:
        raise KinerjaError(_("a study of {months} months is too short; give at least 1.", months=months))
    return World(agency, policy, Streams(seed, replication, scenario.future), scenario, months, beside)


def trace(
    agency: Agency,
    policy: Policy,
    unit: str,
    *,
    seed: int = 1,
    replication: int = 0,
    months: int = 36,
    scenario: Scenario | None = None,
) -> pd.DataFrame:
    """Run one replication again and return every case of one unit.

    Returns
    -------
    DataFrame
        One row per case that ended, in order of arrival: id, service, queue, arrival, first_start, finish (ticks of
        working time and, in columns ending in ``_at``, dates), officer (slot of the unit), attempts, errors, status,
        sent_home (times), due, parent (the request a complaint is about, else -1).
    """
    codes = [u.unit for u in agency.units if u.kind == "service"]
    if unit not in codes:
        raise KinerjaError(
            _(
                "unit {unit!r} serves no requests; those that do are {codes}.",
                unit=unit,
                codes=", ".join(codes),
            )
        )
    world = make_world(agency, policy, seed=seed, replication=replication, months=months, scenario=scenario)
    world.service.traced = (unit, [])
    world.run()
    office = next(o for o in world.offices if o.unit.unit == unit)
    return requests_table(office, world.service.traced[1])
