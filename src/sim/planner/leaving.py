"""Runs of a search that may be left at any moment: what is finished is kept, what is under way ends on its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from queue import Empty, Queue
from typing import TYPE_CHECKING, Any

from sim.runs.store import Finished, RunsInMemory

if TYPE_CHECKING:
    from sim.runs.job import Compute, Job

LOOK = 0.1
"""Seconds between looks at whether the search is still wanted."""

MOST = 4000
"""Runs kept."""


class Cancelled(Exception):
    """The search is not wanted any more."""


class CancellableRuns(RunsInMemory):
    """A store of runs in memory that stops as soon as its runs are not wanted any more.

    Attributes
    ----------
    wanted : callable
        Called all the time; when it returns False, :meth:`share` raises :class:`Cancelled` at once. Runs under way are
        not waited for: no more are started, and those that end are kept, so that the same search continues from there.
    """

    def __init__(self) -> None:
        super().__init__(MOST)
        self.wanted: Callable[[], bool] = lambda: True

    def _compute(self, missing: Sequence[tuple[Any, Job]], compute: Compute) -> Generator[Finished]:
        keys = {job.key: key for key, job in missing}
        left, ended = threading.Event(), Queue[Any]()

        def work() -> None:
            try:
                for job, tables, seconds in compute(job for __, job in missing if not left.is_set()):
                    self.put(keys[job.key], tables)
                    ended.put((job, tables, seconds))
            except Exception as error:  # told where it is waited for
                ended.put(error)

        threading.Thread(target=work, name="runs of a search", daemon=True).start()
        try:
            for __ in missing:
                yield self._next(ended)
        finally:
            left.set()

    def _next(self, ended: Queue[Any]) -> Finished:
        while self.wanted():
            try:
                found = ended.get(timeout=LOOK)
            except Empty:
                continue
            if isinstance(found, Exception):
                raise found
            return found
        raise Cancelled
