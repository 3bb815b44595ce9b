"""A study whose runs are arithmetic, so that tests of what is kept of it are quick; and small ways to look at it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from sim.agency import Agency, load_agency
from sim.levers import Policy
from sim.runs.run import RunTables
from sim.study import CompareStudy
from sim.world import Scenario

TABLES = ("outcomes.parquet", "summary.parquet", "costs.parquet")


def fixed(
    agency: Agency, policy: Policy, *, seed: int, replication: int, months: int, scenario: Scenario
) -> RunTables:
    """A run made of its arguments alone, with everything awkward that a column may hold."""
    luck = np.random.Generator(np.random.PCG64([seed, replication, *policy.name.encode()])).normal(
        size=months
    )
    units = [unit.unit for unit in agency.units]
    outcomes = pd.DataFrame({"month": np.repeat(range(1, months + 1), len(units)), "unit": units * months})
    outcomes["waiting_minutes"] = np.where(
        outcomes["month"] % 5 == 0, np.nan, np.repeat(luck, len(units)) / 3 * scenario.demand
    )
    outcomes["served"] = -0.0
    summary = pd.DataFrame({"window": f"1-{months}", "unit": [*units, "*"], "waiting_minutes": luck.mean()})
    costs = pd.DataFrame([("feedback", 2026, 1e6 / 3, 0.1)] if policy.name != "base" else [])
    costs = costs.reindex(columns=range(4)).set_axis(["lever", "year", "rupiah", "officer_days"], axis=1)
    return RunTables(outcomes, summary, costs)


def study(**design: object) -> CompareStudy:
    """Three policies and four replications of the small agency, a year."""
    policies = tuple(Policy(name) for name in ("base", "better", "worse"))
    given = {"agency": load_agency("contoh"), "policies": policies, "years": 1, "replications": 4}
    return CompareStudy(**{**given, **design})


def contents(folder: Path) -> dict[str, bytes]:
    """The bytes of the tables of a saved result."""
    return {name: (folder / name).read_bytes() for name in TABLES}
