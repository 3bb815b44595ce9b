"""Runs of a search that may be left at any moment: what is finished is kept, what is under way ends on its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable
from queue import Empty, Queue
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.agency import Agency
    from sim.runs.checkpoint import Compute
    from sim.runs.job import Job, RunTables, Simulate

LOOK = 0.1
"""Seconds between looks at whether the search is still wanted."""

MOST = 4000
"""Runs kept; beyond that it begins anew."""


class Cancelled(Exception):
    """The search is not wanted any more."""


class CancellableRuns:
    """A store of runs in memory (:func:`sim.runs.replicate.execution`) which leaves off as soon as nothing is wanted.

    Attributes
    ----------
    wanted : callable
        Asked all the time; when it says no, :meth:`share` raises :class:`Cancelled` at once. Runs under way are not
        waited for: no more are begun, and those that end are kept, so that the same search goes on from there.
    """

    def __init__(self) -> None:
        self.wanted: Callable[[], bool] = lambda: True
        self._agency: Agency | None = None
        self._kept: dict[tuple[Any, ...], RunTables] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def share(
        self, jobs: Iterable[Job], compute: Compute, simulate: Simulate | None = None
    ) -> Generator[tuple[Job, RunTables, float]]:
        """Yield the runs that are there (they took 0 s), then compute and keep the others."""
        todo: list[Job] = []
        for job in jobs:
            tables = self._kept.get(self._name(job))
            if tables is None:
                todo.append(job)
            else:
                yield job, tables, 0.0
        if not todo:
            return
        left, ended = threading.Event(), Queue[Any]()

        def work() -> None:
            try:
                for job, tables, seconds in compute(job for job in todo if not left.is_set()):
                    self._kept[self._name(job)] = tables
                    ended.put((job, tables, seconds))
            except Exception as error:  # told where it is waited for
                ended.put(error)

        threading.Thread(target=work, name="runs of a search", daemon=True).start()
        try:
            for _ in todo:
                yield self._next(ended)
        finally:
            left.set()

    def _next(self, ended: Queue[Any]) -> tuple[Job, RunTables, float]:
        while self.wanted():
            try:
                found = ended.get(timeout=LOOK)
            except Empty:
                continue
            if isinstance(found, Exception):
                raise found
            return found
        raise Cancelled

    def _name(self, job: Job) -> tuple[Any, ...]:
        """What a run is kept under; runs of another agency are forgotten."""
        if job.agency is not self._agency or len(self._kept) > MOST:
            self._agency, self._kept = job.agency, {}
        policy = job.policy
        return (policy.levers, policy.before, job.seed, job.replication, job.months, repr(job.scenario))
