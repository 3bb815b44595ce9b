"""A run made of arithmetic: the answers of a study of it are known beforehand."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from sim.agency import Agency
from sim.levers import Policy
from sim.world import Scenario

EFFECT = {"base": 0.0, "better": -3.0, "worse": 1.0}
"""What a policy does to waiting."""


class Run(NamedTuple):
    """The tables of a run."""

    outcomes: pd.DataFrame
    summary: pd.DataFrame
    costs: pd.DataFrame


def luck(seed: int, replication: int, policy: str = "") -> float:
    """Standard normal: the same for every policy, or a policy's own."""
    key = (replication, *policy.encode())
    return float(np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key))).normal())


def run(
    agency: Agency, policy: Policy, *, seed: int, replication: int, months: int, scenario: Scenario
) -> Run:
    """Waiting is 30 + 5 x shared luck + 0.5 x own luck + effect, in every month and unit."""
    waiting = (
        30 + 5 * luck(seed, replication) + 0.5 * luck(seed, replication, policy.name) + EFFECT[policy.name]
    )
    units = [unit.unit for unit in agency.units]
    months_ = np.repeat(np.arange(1, months + 1), len(units))
    outcomes = pd.DataFrame(
        {
            "month": months_,
            "unit": units * months,
            "served": 100.0,
            "served_counter": 80.0,
            "waiting_minutes": waiting,
        }
    )
    windows = [f"1-{months}", f"{months - 11}-{months}"] if months > 12 else [f"1-{months}"]
    rows = [(window, unit) for window in windows for unit in [*units, "*"]]
    summary = pd.DataFrame(rows, columns=["window", "unit"])
    summary["served"], summary["waiting_minutes"] = 100.0 * months, waiting
    levers = [] if policy.name == "base" else [("feedback", 2026, 1e6 + replication, 2.0)]
    levers = [("audit", 2026, 1e5, 1.0)] * (policy.name == "worse") + levers
    costs = pd.DataFrame(levers, columns=["lever", "year", "rupiah", "officer_days"])
    # backwards: the order a run writes its rows in must not matter
    return Run(outcomes[::-1], summary[::-1] if months < 13 else summary, costs)


def policies(*names: str) -> tuple[Policy, ...]:
    """Policies without levers, told apart by name."""
    return tuple(Policy(name) for name in names or EFFECT)
