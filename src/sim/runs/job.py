"""A job: one run, described by plain data, and the tables it returns."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import pandas as pd

from sim.runs.worker import memory_given_back

if TYPE_CHECKING:
    from sim.agency import Agency
    from sim.levers import Policy
    from sim.world import Scenario


class RunTables(Protocol):
    """What a run returns: see :func:`sim.runs.run.simulate`."""

    @property
    def outcomes(self) -> pd.DataFrame: ...
    @property
    def summary(self) -> pd.DataFrame: ...
    @property
    def costs(self) -> pd.DataFrame: ...


Simulate = Callable[..., RunTables]
"""``simulate(agency, policy, *, seed, replication, months, scenario) -> RunTables``."""


class Key(NamedTuple):
    """One run of a study: position of the policy, and the replication."""

    policy: int
    replication: int


@dataclass(frozen=True)
class Tables:
    """The tables of a whole study; the first two columns are ``policy`` and ``replication``.

    Attributes
    ----------
    outcomes : DataFrame
        One row per policy, replication, month and unit; one float64 column per outcome.
    summary : DataFrame
        One row per policy, replication, window and unit (``*`` is the agency).
    costs : DataFrame
        One row per policy, replication, lever and year: ``rupiah``, ``officer_days``.
    """

    outcomes: pd.DataFrame
    summary: pd.DataFrame
    costs: pd.DataFrame


ORDER = {
    "outcomes": ("policy", "replication", "month", "unit"),
    "summary": ("policy", "replication", "window", "unit"),
    "costs": ("policy", "replication", "lever", "year"),
}
"""Key columns of each table, which also order its rows."""


@dataclass(frozen=True)
class Job:
    """A run described by plain data.

    Attributes
    ----------
    key : tuple
        The caller's own name of the run, different from all others of the same call.
    agency, policy, seed, replication, months, scenario
        What decides its tables: see :func:`sim.runs.run.simulate`.
    """

    key: tuple[Any, ...]
    agency: Agency
    policy: Policy
    seed: int
    replication: int
    months: int
    scenario: Scenario


Compute = Callable[[Iterable[Job]], Generator[tuple[Job, RunTables, float]]]
"""Runs jobs and yields each with its tables and seconds."""


def run_job(simulate: Simulate, job: Job) -> tuple[RunTables, float]:
    """Run a job in this process; return its tables and the seconds it took."""
    began = time.perf_counter()
    with memory_given_back():
        tables = simulate(
            job.agency,
            job.policy,
            seed=job.seed,
            replication=job.replication,
            months=job.months,
            scenario=job.scenario,
        )
    return tables, time.perf_counter() - began
