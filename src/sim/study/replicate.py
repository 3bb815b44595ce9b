"""Run policies and replications on all cores, and put the tables together in key order.

A run is told by plain data (agency, policy, seed, replication, months, scenario) and returns plain frames, so
it may happen in this process, in another, or on another machine, in any order: the tables are the same bytes.
"""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
import pandas as pd
from joblib import Parallel, cpu_count, delayed, parallel_config
from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.process_executor import TerminatedWorkerError

from sim.errors import KinerjaError
from sim.study.worker import leave_with, memory_given_back

if TYPE_CHECKING:
    from distributed import Client

    from sim.agency import Agency
    from sim.levers import Policy
    from sim.study.runs import Compute
    from sim.world import Scenario


class RunTables(Protocol):
    """What a run returns: see :func:`sim.world.simulate`."""

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
        A row per policy, replication, month and unit; a float64 column an outcome.
    summary : DataFrame
        A row per policy, replication, window and unit (``*`` is the agency).
    costs : DataFrame
        A row per policy, replication, lever and year: ``rupiah``, ``officer_days``.
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
    """One run wanted, told by plain data.

    Attributes
    ----------
    key : tuple
        The caller's own name of the run, told apart from all others of the same call.
    agency, policy, seed, replication, months, scenario
        What decides its tables: see :func:`sim.world.simulate`.
    """

    key: tuple[Any, ...]
    agency: Agency
    policy: Policy
    seed: int
    replication: int
    months: int
    scenario: Scenario


class Store(Protocol):
    """Where finished runs are kept: those that are there come first, the others are computed."""

    def share(
        self, jobs: Iterable[Job], compute: Compute, simulate: Simulate | None = None
    ) -> Generator[tuple[Job, RunTables, float]]: ...


@dataclass(frozen=True)
class Surroundings:
    """Where runs are kept and computed; see :func:`using`."""

    store: Store | None = None
    client: Client | None = None


_HERE = Surroundings()
_surroundings: ContextVar[Surroundings] = ContextVar("surroundings", default=_HERE)


@contextmanager
def using(**changes: Any) -> Iterator[Surroundings]:
    """Whatever runs jobs inside, a study of any kind, does so with these surroundings.

    Parameters
    ----------
    store : Store, optional
        Runs it holds are not run again, and finished ones are kept there.
    client : distributed.Client, optional
        Runs are done on its cluster; see :func:`sim.study.cluster.connected`.

    Examples
    --------
    ::

        with using(store=RunStore("half-done")):
            result = study.run()
    """
    inside = replace(_surroundings.get(), **changes)
    token = _surroundings.set(inside)
    try:
        yield inside
    finally:
        _surroundings.reset(token)


def at_a_time(workers: int | None = None) -> int:
    """Runs done at a time: by so many processes, by the cluster in use, or by every core."""
    client = _surroundings.get().client
    if client is None:
        return workers or cpu_count()
    from sim.study.cluster import threads

    return threads(client)


def run_jobs(
    jobs: Iterable[Job],
    *,
    workers: int = 1,
    code: str = "",
    simulate: Simulate | None = None,
) -> Iterator[tuple[Job, RunTables, float]]:
    """Run each job and yield it with its tables and the seconds it took, as it finishes, in any order.

    Parameters
    ----------
    jobs : iterable of Job
        Inside :func:`using` a store, those that are there come first, and took 0 seconds.
    workers : int
        Processes; 1 stays in this process. Each does linear algebra on one thread. Inside :func:`using` a client, its
        cluster does the runs instead.
    code : str
        Digest of the user's own code in files (:attr:`sim.study.identity.Description.files`); when it changes,
        workers that imported the old are replaced.
    simulate : callable, optional
        By default :func:`sim.world.simulate`.

    Examples
    --------
    ::

        jobs = [Job((r,), agency, policy, 1, r, 12, Scenario()) for r in range(10)]
        done = {job.key: tables for job, tables, _ in run_jobs(jobs, workers=2)}
    """
    store, client = _surroundings.get().store, _surroundings.get().client
    if client is None:
        compute = partial(_compute, workers=workers, code=code, simulate=simulate)
    else:
        from sim.study.cluster import compute_on

        compute = partial(compute_on, client, simulate=simulate)
    with closing(compute(jobs) if store is None else store.share(jobs, compute, simulate)) as runs:
        yield from runs


def _compute(
    jobs: Iterable[Job], *, workers: int, code: str, simulate: Simulate | None
) -> Generator[tuple[Job, RunTables, float]]:
    run = simulate or _the_model()
    if workers == 1:
        for job in jobs:
            tables, seconds = run_job(run, job)
            yield job, tables, seconds
        return
    _renew_workers(code)
    # where memory cannot be given back a worker that grew is replaced, and its job done again
    warnings.filterwarnings("ignore", "A worker stopped while some jobs", UserWarning)
    out: dict[int, Job] = {}  # handed out; a worker sends back the number, not the whole job
    watching: dict[str, Any] = {"initializer": leave_with, "initargs": (os.getpid(),)}
    with parallel_config(backend="loky", n_jobs=workers, inner_max_num_threads=1, **watching):
        pool = Parallel(return_as="generator_unordered", batch_size=1)
    try:
        with closing(pool(_tasks(run, jobs, out))) as results:
            for number, tables, seconds in results:
                yield out.pop(number), tables, seconds
    except TerminatedWorkerError as error:
        raise KinerjaError(
            "a worker process was killed, perhaps because memory ran out; take fewer workers. Runs that were "
            "finished are kept where the result is to be saved: the same command goes on from there."
        ) from error


def _tasks(run: Simulate, jobs: Iterable[Job], out: dict[int, Job]) -> Iterator[Any]:
    for number, job in enumerate(jobs):
        out[number] = job
        yield delayed(_numbered)(number, run, job)


def _numbered(number: int, simulate: Simulate, job: Job) -> tuple[int, RunTables, float]:
    return number, *run_job(simulate, job)


def run_job(simulate: Simulate, job: Job) -> tuple[RunTables, float]:
    """Run a job here; its tables and the seconds it took."""
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


def replicate(
    agency: Agency,
    policies: Sequence[Policy],
    keys: Iterable[Key],
    *,
    seed: int,
    months: int,
    scenario: Scenario,
    **how: Any,
) -> Iterator[tuple[Key, RunTables, float]]:
    """Runs of policies on one agency: each key with its tables and seconds, as it finishes, in any order.

    Parameters
    ----------
    agency, policies, seed, months, scenario
        What a run is made of.
    keys : iterable of Key
        The runs wanted.
    **how
        As in :func:`run_jobs`.
    """
    jobs = (Job(key, agency, policies[key.policy], seed, key.replication, months, scenario) for key in keys)
    for job, tables, seconds in run_jobs(jobs, **how):
        yield Key(*job.key), tables, seconds


def _the_model() -> Simulate:
    from sim.desk import warm
    from sim.world import simulate

    warm()  # compiled once, here; workers read the cache
    return simulate


_code_of_workers = ""


def _renew_workers(code: str) -> None:
    """Worker processes outlive a study and keep the modules they imported: an edit would pass them by."""
    global _code_of_workers
    if code != _code_of_workers:
        get_reusable_executor(reuse=True).shutdown(wait=True)
    _code_of_workers = code


def assemble(agency: Agency, policies: Sequence[Policy], runs: Mapping[Key, RunTables]) -> Tables:
    """One frame a table from the tables of single runs, in key order whatever the order of `runs`.

    Raises
    ------
    ValueError
        Where runs of one study have different columns, or a unit the agency does not have.
    """
    names = [policy.name for policy in policies]
    levers = dict.fromkeys(lever.key for policy in policies for lever in policy.levers)
    spent = {key for run in runs.values() for key in run.costs["lever"]}
    categories = {
        "policy": names,
        "unit": [*(unit.unit for unit in agency.units), "*"],
        "lever": [*levers, *sorted(spent - set(levers))],
    }
    frames: dict[str, pd.DataFrame] = {}
    for table, order in ORDER.items():
        parts = [getattr(run, table) for run in runs.values()]
        first = {key.policy: part.columns for key, part in reversed(list(zip(runs, parts, strict=True)))}
        for key, part in zip(runs, parts, strict=True):
            if list(part.columns) != list(first[key.policy]):
                odd = sorted(set(part.columns) ^ set(first[key.policy]))
                run = f"{names[key.policy]!r}, replication {key.replication}"
                raise ValueError(f"{table} of {run} differs from another replication in columns {odd}")
        # a lever's own column is empty under policies without that lever, and stands last
        every = [list(first[policy]) for policy in sorted(first)]
        shared = [name for name in every[0] if all(name in columns for columns in every)]
        own = sorted({name for columns in every for name in columns} - set(shared))
        frame = pd.concat(parts, ignore_index=True)[shared + own]
        lengths = [len(part) for part in parts]
        frame.insert(0, "policy", np.repeat([names[key.policy] for key in runs], lengths))
        frame.insert(1, "replication", np.repeat([key.replication for key in runs], lengths))
        frame = typed(frame, categories)
        frames[table] = frame.sort_values(list(order), kind="stable", ignore_index=True)
    return Tables(**frames)


def typed(frame: pd.DataFrame, categories: Mapping[str, list[Any]]) -> pd.DataFrame:
    """The frame in the fixed schema: categories in a fixed order, int64 counts, float64 values."""
    columns: dict[str, Any] = {}
    for name in frame.columns:
        column = frame[name]
        if name in ("policy", "unit", "window", "lever"):
            known = categories.get(name) or list(dict.fromkeys(column))
            if not set(column.unique()) <= set(known):
                raise ValueError(f"unknown {name}: {sorted(set(column.unique()) - set(known))}")
            columns[name] = pd.Categorical(column, categories=known, ordered=False)
        elif name in ("replication", "month", "year"):
            columns[name] = column.to_numpy(dtype=np.int64)
        else:
            columns[name] = column.to_numpy(dtype=np.float64)
    return pd.DataFrame(columns, index=frame.index)


def complete(runs: Mapping[Key, RunTables], policies: int) -> int:
    """Replications 0, 1... that every policy has finished, counted up to the first gap.

    Counting stops at a gap although later ones may be finished: keeping whichever was quick would favour
    quiet months. What remains is exactly a study of so many replications.
    """
    n = 0
    while all(Key(policy, n) in runs for policy in range(policies)):
        n += 1
    return n
