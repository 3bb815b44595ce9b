"""Run policies and replications on all cores, and put the tables together in key order.

A run is described by plain data (agency, policy, seed, replication, months, scenario) and returns plain frames, so it
may happen in this process, in another, or on another machine, in any order: the tables are the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from joblib import cpu_count

from sim.runs.job import Job, Key, RunTables, Simulate
from sim.runs.pool import compute_here
from sim.runs.store import RunStore

if TYPE_CHECKING:
    from distributed import Client

    from sim.agency import Agency
    from sim.levers import Policy
    from sim.world import Scenario


@dataclass(frozen=True)
class ExecutionContext:
    """Where runs are kept and computed; see :func:`execution`."""

    store: RunStore | None = None
    client: Client | None = None


_HERE = ExecutionContext()
_context: ContextVar[ExecutionContext] = ContextVar("execution", default=_HERE)


@contextmanager
def execution(**changes: Any) -> Iterator[ExecutionContext]:
    """Set where the jobs of the enclosed code, a study of any kind, are computed and kept.

    Parameters
    ----------
    store : RunStore, optional
        Runs it holds are not run again, and finished ones are kept there.
    client : distributed.Client, optional
        Runs are computed on its cluster; see :func:`sim.runs.cluster.connected`.

    Examples
    --------
    ::

        with execution(store=RunsOnDisk("unfinished")):
            result = study.run()
    """
    inside = replace(_context.get(), **changes)
    token = _context.set(inside)
    try:
        yield inside
    finally:
        _context.reset(token)


def n_parallel(workers: int | None = None) -> int:
    """Return how many runs are done in parallel: by processes, by the cluster in use, or by every core."""
    client = _context.get().client
    if client is None:
        return workers or cpu_count()
    from sim.runs.cluster import threads

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
        With a store (:func:`execution`) those that are kept come first, and took 0 seconds.
    workers : int
        Processes; 1 stays in this process. Each does linear algebra on one thread. With a client
        (:func:`execution`) its cluster does the runs instead.
    code : str
        Digest of the user's own code in files (:attr:`sim.runs.identity.Description.files`); when it changes,
        workers that imported the old are replaced.
    simulate : callable, optional
        By default :func:`sim.runs.run.simulate`.

    Examples
    --------
    ::

        jobs = [Job((r,), agency, policy, 1, r, 12, Scenario()) for r in range(10)]
        done = {job.key: tables for job, tables, _ in run_jobs(jobs, workers=2)}
    """
    store, client = _context.get().store, _context.get().client
    if client is None:
        compute = partial(compute_here, workers=workers, code=code, simulate=simulate)
    else:
        from sim.runs.cluster import compute_on

        compute = partial(compute_on, client, simulate=simulate)
    with closing(compute(jobs) if store is None else store.share(jobs, compute, simulate)) as runs:
        yield from runs


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
    """Run policies on one agency; yield each key with its tables and seconds as it finishes, in any order.

    Parameters
    ----------
    agency, policies, seed, months, scenario
        What decides a run.
    keys : iterable of Key
        The runs to make.
    **how
        As in :func:`run_jobs`.
    """
    jobs = (Job(key, agency, policies[key.policy], seed, key.replication, months, scenario) for key in keys)
    for job, tables, seconds in run_jobs(jobs, **how):
        yield Key(*job.key), tables, seconds
