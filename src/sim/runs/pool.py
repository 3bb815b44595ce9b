"""Run jobs in this process or in worker processes."""

from __future__ import annotations

import os
import warnings
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from typing import Any

from joblib import Parallel, delayed, parallel_config
from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.process_executor import TerminatedWorkerError

from sim.errors import KinerjaError, _
from sim.runs.beside import in_groups, run_group
from sim.runs.job import Job, RunTables, Simulate
from sim.runs.worker import leave_with


def compute_here(
    jobs: Iterable[Job], *, workers: int, code: str, simulate: Simulate | None
) -> Generator[tuple[Job, RunTables, float]]:
    """Run jobs in this process or in worker processes; see :func:`sim.runs.replicate.run_jobs`."""
    run = simulate or _the_model()
    if workers == 1:
        for group in in_groups(jobs, run, 1):
            for job, (tables, seconds) in zip(group, run_group(run, group), strict=True):
                yield job, tables, seconds
        return
    _renew_workers(code)
    # where memory cannot be given back a worker that grew is replaced, and its job done again
    warnings.filterwarnings("ignore", "A worker stopped while some jobs", UserWarning)
    out: dict[int, list[Job]] = {}  # handed out; a worker sends back the number, not the jobs
    watching: dict[str, Any] = {"initializer": leave_with, "initargs": (os.getpid(),)}
    with parallel_config(backend="loky", n_jobs=workers, inner_max_num_threads=1, **watching):
        pool = Parallel(return_as="generator_unordered", batch_size=1)
    try:
        with closing(pool(_tasks(run, in_groups(jobs, run, workers), out))) as results:
            for number, done in results:
                for job, (tables, seconds) in zip(out.pop(number), done, strict=True):
                    yield job, tables, seconds
    except TerminatedWorkerError as error:
        raise KinerjaError(
            _(
                "a worker process was killed, perhaps because memory ran out; take fewer workers. "
                "Runs that were finished are kept where the result is to be saved: the same command "
                "goes on from there."
            )
        ) from error


def _tasks(run: Simulate, groups: Iterable[list[Job]], out: dict[int, list[Job]]) -> Iterator[Any]:
    for number, group in enumerate(groups):
        out[number] = group
        yield delayed(_numbered)(number, run, group)


def _numbered(number: int, simulate: Simulate, group: list[Job]) -> tuple[int, list[tuple[RunTables, float]]]:
    return number, run_group(simulate, group)


def _the_model() -> Simulate:
    from sim.desk import warm
    from sim.runs.run import run_model

    warm()  # compiled once, here; workers read the cache
    return run_model


_code_of_workers = ""


def _renew_workers(code: str) -> None:
    """Worker processes outlive a study and keep the modules they imported: an edit would pass them by."""
    global _code_of_workers
    if code != _code_of_workers:
        get_reusable_executor(reuse=True).shutdown(wait=True)
    _code_of_workers = code
