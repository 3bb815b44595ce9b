"""One run, looked at officer by officer: the tables of units do not know people.

Officers are seen after every appraisal of the study, before anyone acts on it, and at its end. One who holds a post
under two policies is the same person in both (same random numbers), identified by what is drawn once per person.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.agency import Agency
from sim.levers import Appraisal, Policy
from sim.runs.beside import alone, in_steps
from sim.runs.run import RunTables, make_world
from sim.world import Scenario

if TYPE_CHECKING:
    from sim.world import World
    from sim.world.past import Beside


def people_steps(
    agency: Agency, policy: Policy, *, beside: Beside | None = None, **given: Any
) -> Generator[None, None, RunTables]:
    """Run as :func:`simulate_people` does, beside other policies."""
    world = make_world(agency, policy, beside=beside, **given)
    seen: list[pd.DataFrame] = []
    appraisal = next((lever for lever in policy.levers if isinstance(lever, Appraisal)), None)
    if appraisal is not None:
        world.watch(_watch(world, appraisal.every, seen))
    yield from world.steps()
    seen.append(_look(world, end=True))
    people = pd.concat(seen, ignore_index=True)
    return RunTables(people, world.recorder.summary(), world.ledger.table())


@in_steps(people_steps)
def simulate_people(
    agency: Agency, policy: Policy, *, seed: int, replication: int, months: int, scenario: Scenario
) -> RunTables:
    """As :func:`sim.runs.run.simulate`, but ``outcomes`` has one row per officer and moment.

    Returns
    -------
    RunTables
        ``outcomes``: ``month, unit, end, supervisor, pns, age, tenure, closeness, person, performance, motivation,
        workload, rating, level, gap``. `end` distinguishes the end of the study (no rating; `workload` is cases
        relative to the unit's mean since the last appraisal) from the appraisals after its first month (`level`: 0
        Sangat Kurang
        ... 4 Sangat Baik; `gap`: rating minus true performance, both standardised over the agency).
    """
    given: dict[str, Any] = {"seed": seed, "replication": replication, "months": months, "scenario": scenario}
    return alone(people_steps(agency, policy, **given))


def _watch(world: World, every: str, seen: list[pd.DataFrame]) -> Generator[Any, Any, None]:
    """Look at everybody right after each appraisal, before anyone acts on it."""
    while True:
        yield world.clock.next(every, phase="feedback")
        # what is rated in the first month is work before the study
        if world.clock.month > 1 and "appraisal.score" in world.officers.own:
            seen.append(_look(world, end=False))


def _look(world: World, *, end: bool) -> pd.DataFrame:
    officers, n = world.officers, len(world.officers)
    nothing = np.full(n, np.nan)
    there = officers.there  # a vacant post is nobody
    mean = world.by_unit(world.service.jobs)[officers.unit]
    load = np.divide(world.service.jobs, mean, out=nothing.copy(), where=mean > 0)
    rating = nothing if end else officers.column("appraisal.score").copy()
    people = pd.DataFrame(
        {
            "month": np.full(n, world.months if end else world.clock.month),
            "unit": np.array([unit.unit for unit in world.agency.units], object)[officers.unit],
            "end": np.full(n, end),
            "supervisor": officers.is_supervisor,
            "pns": officers.pns.copy(),
            "age": officers.age.copy(),
            "tenure": officers.tenure.copy(),
            "closeness": officers.closeness.copy(),
            "person": officers.severity.copy(),  # drawn once per person and never changed, so it identifies people
            "performance": world.people.truth.copy(),
            "motivation": world.people.motivation.copy(),
            "workload": load if end else nothing,
            "rating": rating,
            "level": nothing if end else officers.column("appraisal.predikat").copy(),
            "gap": nothing if end else _standard(rating, there) - _standard(world.people.truth, there),
        }
    )
    return people[there]


def _standard(x: np.ndarray, there: np.ndarray) -> np.ndarray:
    sd = x[there].std() if there.any() else 0.0
    return np.asarray((x - x[there].mean()) / sd) if sd > 0 else np.zeros(len(x))
