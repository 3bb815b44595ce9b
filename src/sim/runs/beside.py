"""Runs side by side: policies of one replication go on in turn, month by month, and share what is the same for all.

A *group* is a list of jobs that differ in their policies only. Its runs are done by one process, share the burn-in and
the draws of each month (:class:`sim.world.past.Beside`), and give the bytes that they give alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar, cast

from sim.runs.job import Job, RunTables, Simulate, run_job
from sim.runs.worker import give_back, memory_given_back
from sim.world.past import Beside

MOST = 10
"""Runs of a group at most: what is shared is a smaller and smaller part of the costs."""
OFFICERS = 15_000
"""Officers of the worlds of a group at most, for memory: two cities of 10,000 side by side take 650 MB."""

Steps = Callable[..., Generator[None, None, RunTables]]
"""As :data:`~sim.runs.job.Simulate`, with ``beside``; it stops before every month."""
Made = TypeVar("Made")
Simulation = TypeVar("Simulation", bound=Callable[..., RunTables])


def in_steps(steps: Steps) -> Callable[[Simulation], Simulation]:
    """Mark a function that simulates with the one that does so in steps."""

    def mark(simulate: Simulation) -> Simulation:
        simulate.steps = steps  # type: ignore[attr-defined]
        return simulate

    return mark


def alone(run: Generator[None, None, Made]) -> Made:
    """Go on with a run in steps to its end.

    Examples
    --------
    >>> def run():
    ...     yield
    ...     return "tables"
    >>> alone(run())
    'tables'
    """
    while True:
        try:
            next(run)
        except StopIteration as end:
            return cast(Made, end.value)


def in_groups(jobs: Iterable[Job], simulate: Simulate, workers: int) -> Iterator[list[Job]]:
    """Put successive jobs that differ in their policies only into groups, small enough for all workers to have one.

    Parameters
    ----------
    jobs : iterable of Job
        Asked for no further ahead than the next group of every worker.
    simulate : callable
        One that does not run in steps has groups of one.
    workers : int
    """
    if not hasattr(simulate, "steps"):
        yield from ([job] for job in jobs)
        return
    alike = _alike(jobs)
    while groups := list(islice(alike, workers)):
        if len(groups) == workers:
            yield from groups
            continue
        size = -(-sum(map(len, groups)) // workers)
        for group in groups:
            yield from (group[i : i + size] for i in range(0, len(group), size))


def _alike(jobs: Iterable[Job]) -> Iterator[list[Job]]:
    group: list[Job] = []
    for job in jobs:
        if group and (_common(job) != _common(group[0]) or len(group) >= most(job)):
            yield group
            group = []
        group.append(job)
    if group:
        yield group


def _common(job: Job) -> tuple[Any, ...]:
    return job.seed, job.replication, job.months, job.scenario, job.agency


def most(job: Job) -> int:
    """Return how many runs like this may go on side by side."""
    return max(1, min(MOST, OFFICERS // max(1, job.agency.officers)))


def run_group(simulate: Simulate, group: list[Job]) -> list[tuple[RunTables, float]]:
    """Run a group of jobs in this process; return the tables of each and its share of the seconds they took."""
    steps: Steps | None = getattr(simulate, "steps", None)
    if steps is None or len(group) == 1:
        return [run_job(simulate, job) for job in group]
    began = time.perf_counter()
    with memory_given_back():
        tables = _in_turn(steps, group)
    seconds = (time.perf_counter() - began) / len(group)
    return [(tables[i], seconds) for i in range(len(group))]


def _in_turn(steps: Steps, group: list[Job]) -> dict[int, RunTables]:
    beside = Beside()
    runs = {
        i: steps(
            job.agency,
            job.policy,
            seed=job.seed,
            replication=job.replication,
            months=job.months,
            scenario=job.scenario,
            beside=beside,
        )
        for i, job in enumerate(group)
    }
    tables: dict[int, RunTables] = {}
    while runs:
        for i in list(runs):
            try:
                next(runs[i])
            except StopIteration as end:
                tables[i] = end.value
                del runs[i]
        beside.forget()
        if most(group[0]) < MOST:  # worlds of a city: freed memory would be kept in pieces
            give_back()
    return tables
