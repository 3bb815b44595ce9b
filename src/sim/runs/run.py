"""Run one agency under one policy, and give back tidy tables."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from sim.agency.load import as_agency
from sim.agency.spec import Agency
from sim.errors import KinerjaError, Wrong, _, refuse
from sim.levers.policy import Policy, as_policy
from sim.names import known_arguments, nearest
from sim.runs.beside import alone, in_steps
from sim.streams import Streams
from sim.world.past import Beside
from sim.world.scenario import Scenario, wrong_units
from sim.world.service import requests_table
from sim.world.steps.journeys import steps_table
from sim.world.world import World

WHOLE = {"seed": (0, 2**63 - 1), "replication": (0, 2**32 - 1), "months": (1, 720)}
"""Range of the whole numbers of a run, both ends included."""


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
    """Run as :func:`run_model` does, beside other policies, and stop at the start of each month for their turn."""
    streams = Streams(seed, replication, scenario.future)
    world = World(agency, policy, streams, scenario, months, beside)
    yield from world.steps()
    return RunTables(world.recorder.outcomes(), world.recorder.summary(), world.ledger.table())


@in_steps(steps)
@known_arguments()
def simulate(
    agency: Agency | str | Path,
    policy: Policy | str | Path,
    *,
    seed: int = 1,
    replication: int = 0,
    months: int = 36,
    scenario: Scenario | None = None,
) -> RunTables:
    """Run once: burn-in under what was in force before, then the policy.

    Parameters
    ----------
    agency : Agency, str or path
        An agency, the name of one that ships, a folder or a workbook.
    policy : Policy, str or path
        A policy, the name of one that ships, or a YAML file.
    seed, replication : int
        Random numbers: two policies with the same two meet the same citizens and officers.
    months : int
        Length of the study.
    scenario : Scenario, optional

    Raises
    ------
    KinerjaError
        With everything wrong in the agency or policy, or in the other arguments, before anything runs.

    Examples
    --------
    >>> tables = simulate("contoh", "status_quo", months=2)
    >>> sorted(tables.outcomes["month"].unique().tolist())
    [1, 2]
    """
    world = make_world(agency, policy, seed=seed, replication=replication, months=months, scenario=scenario)
    world.run()
    return RunTables(world.recorder.outcomes(), world.recorder.summary(), world.ledger.table())


@in_steps(steps)
def run_model(
    agency: Agency, policy: Policy, *, seed: int, replication: int, months: int, scenario: Scenario
) -> RunTables:
    """Run once, as :func:`simulate` does, with arguments that were checked when the study was specified."""
    return alone(steps(agency, policy, seed=seed, replication=replication, months=months, scenario=scenario))


@known_arguments()
def make_world(
    agency: Agency | str | Path,
    policy: Policy | str | Path,
    *,
    seed: int = 1,
    replication: int = 0,
    months: int = 36,
    scenario: Scenario | None = None,
    beside: Beside | None = None,
) -> World:
    """Make a world that has not run yet, to look into while it does (``world.env.run(until=...)``) or after."""
    place, plan = as_agency(agency), as_policy(policy)
    circumstances = Scenario() if scenario is None else scenario
    refuse(_wrong({"seed": seed, "replication": replication, "months": months}, circumstances, place))
    streams = Streams(seed, replication, circumstances.future)
    return World(place, plan, streams, circumstances, months, beside)


def _wrong(numbers: dict[str, Any], scenario: Any, agency: Agency) -> Wrong:
    """Report what is wrong with the arguments of a run."""
    for key, value in numbers.items():
        low, high = WHOLE[key]
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or not low <= value <= high:
            yield (
                key,
                _("{value!r} is not a whole number from {low} to {high}.", value=value, low=low, high=high),
                _("Write one."),
            )
    if isinstance(scenario, Scenario):
        yield from wrong_units(scenario, agency)
    else:
        yield "scenario", _("{value!r} is no scenario.", value=scenario), _("Write sim.Scenario(...).")


@known_arguments()
def trace(
    agency: Agency | str | Path,
    policy: Policy | str | Path,
    unit: str,
    *,
    seed: int = 1,
    replication: int = 0,
    months: int = 36,
    scenario: Scenario | None = None,
    by: Literal["case", "step"] = "case",
) -> pd.DataFrame:
    """Run one replication again and return every case of one unit, or every step of every case.

    Parameters
    ----------
    agency, policy, seed, replication, months, scenario
        As for :func:`simulate`.
    unit : str
        Code of a service unit.
    by : {"case", "step"}
        One row per case, or one per step that a case went through.

    Returns
    -------
    DataFrame
        By case: one row per case that ended, in order of arrival: id, service, queue, arrival, first_start, finish
        (ticks of working time and, in columns ending in ``_at``, dates), officer (slot of the unit), attempts, errors,
        status, sent_home (times), due, parent (the request a complaint is about, else -1).

        By step: one row per step of such a case, in the order of its steps: id, service, step (empty for a service of
        one step), place (counter, file, online, complaint; settled for the delay after the work), queue, round (from 1;
        each error that sends back begins another), came (to the step), joined (its queue, once it was noticed), start,
        finish (ticks, and ``_at``), officer (-1: none), minutes (of work), overtime (minutes), error, parent.

    Raises
    ------
    KinerjaError
        The unit serves no requests; `by` is neither.

    Examples
    --------
    >>> from sim import load_agency, status_quo, trace
    >>> steps = trace(load_agency("contoh"), status_quo(), "dukcapil", months=1, by="step")
    >>> bool((steps["start"] >= steps["joined"]).all())
    True
    """
    if by not in ("case", "step"):
        raise KinerjaError(_("by: {by!r} is neither 'case' nor 'step'.", by=by))
    place = as_agency(agency)
    codes = [u.unit for u in place.units if u.kind == "service"]
    if unit not in codes:
        raise KinerjaError(
            _(
                "unit {unit!r} serves no requests{hint}; those that do are {codes}.",
                unit=unit,
                hint=nearest(str(unit), codes),
                codes=", ".join(codes),
            )
        )
    world = make_world(place, policy, seed=seed, replication=replication, months=months, scenario=scenario)
    world.service.traced = (unit, [])
    world.run()
    office = next(o for o in world.offices if o.unit.unit == unit)
    if by == "step":
        return steps_table(office, world.service.traced[1], world.service.traced_jobs)
    return requests_table(office, world.service.traced[1])
