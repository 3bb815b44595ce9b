"""Answers that come quickly and get better: replication by replication, each run kept and used again.

What is said after n replications is exactly what ``kinerja compare`` with ``--replications n`` says. Bands are the
t intervals of those n, so that after two they are very wide, and after one there is none.
"""

from __future__ import annotations

import datetime
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from joblib import cpu_count

from sim.levers import status_quo
from sim.planner.plans import Question
from sim.study.compare import comparison
from sim.study.identity import content_id
from sim.study.provenance import commit, machine, model_data, versions
from sim.study.replicate import Job, Key, RunTables, Simulate, assemble, run_jobs
from sim.study.store import told
from sim.world import Scenario, simulate

if TYPE_CHECKING:
    from sim.agency import Agency
    from sim.study import Comparison, Study

KEPT = 4000
"""Runs kept in memory, the longest unused forgotten first; a run of the small agency takes some 30 kB a year."""


class Answers:
    """Runs what a question needs and is not there yet.

    Parameters
    ----------
    workers : int, optional
        Processes; None uses every core, 1 stays in this one. The answers are the same.
    run : callable, optional
        By default :func:`sim.world.simulate`.

    Examples
    --------
    ::

        answers = Answers()
        for so_far in answers.ask(question):
            print(so_far.replications, so_far.table())
    """

    def __init__(self, workers: int | None = None, run: Simulate | None = None) -> None:
        self._workers = workers or cpu_count()
        self._run = run
        self._kept: OrderedDict[tuple[Any, ...], RunTables] = OrderedDict()
        self._awake = threading.Event()
        self._starting: threading.Thread | None = None
        self._origin: dict[str, Any] = {}

    def _wake(self, agency: Agency) -> None:
        """Start the worker processes; until they are there this process answers alone."""
        jobs = [Job((n,), agency, status_quo(), 1, 0, 1, Scenario(burn_in=0)) for n in range(self._workers)]
        for _ in run_jobs(jobs, workers=self._workers, simulate=simulate):
            pass
        self._awake.set()

    def ask(self, question: Question, wanted: Callable[[], bool] = lambda: True) -> Iterator[Comparison]:
        """What can be said, at first after a replication or two, then each time some more are there.

        Parameters
        ----------
        question : Question
        wanted : callable
            Asked between runs; when it says no, nothing more is run or said. Runs that are finished are kept.

        Yields
        ------
        Comparison
            That of a study of so many replications; the last has all that were asked for.
        """
        study = question.study()
        agency = content_id(question.agency)
        keys = {
            Key(p, r): (agency, policy.levers, policy.before, study.years, study.seed, r)
            for r in range(question.replications)
            for p, policy in enumerate(study.policies)
        }
        began, clock, n = datetime.datetime.now(datetime.UTC), time.perf_counter(), 0
        while n < question.replications and wanted():
            workers = self._workers if self._awake.is_set() else 1
            missing: dict[tuple[Any, ...], Key] = {}  # two plans alike are one run
            while n < question.replications and len(missing) < workers:
                row = [Key(p, n) for p in range(len(study.policies))]
                missing |= {keys[key]: key for key in row if keys[key] not in self._kept}
                n += 1
            for key, tables in self._runs(study, list(missing.values()), workers, wanted):
                self._kept[keys[key]] = tables
            if not all(name in self._kept for key, name in keys.items() if key.replication < n):
                return  # not wanted any more
            runs = {key: self._used(name) for key, name in keys.items() if key.replication < n}
            yield self._comparison(question.study(n), runs, workers, began, time.perf_counter() - clock)
            if self._starting is None and self._workers > 1:
                # not before: it would keep the first answer waiting
                self._starting = threading.Thread(target=self._wake, args=(question.agency,), daemon=True)
                self._starting.start()
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)

    def _runs(
        self, study: Study, keys: list[Key], workers: int, wanted: Callable[[], bool]
    ) -> Iterator[tuple[Key, RunTables]]:
        jobs = [
            Job(
                key,
                study.agency,
                study.policies[key.policy],
                study.seed,
                key.replication,
                study.months,
                study.scenario,
            )
            for key in keys
        ]
        # what was handed to worker processes is waited for: leaving it would end the processes themselves
        workers = workers if len(jobs) > 1 else 1
        for job, tables, _ in run_jobs(jobs, workers=workers, simulate=self._run):
            yield Key(*job.key), tables
            if workers == 1 and not wanted():
                return

    def _used(self, name: tuple[Any, ...]) -> RunTables:
        self._kept.move_to_end(name)
        return self._kept[name]

    def _comparison(
        self, study: Study, runs: dict[Key, RunTables], workers: int, began: datetime.datetime, seconds: float
    ) -> Comparison:
        if not self._origin:
            self._origin = {"versions": versions(), "commit": commit(), "machine": machine()}
        manifest = {
            "id": study.describe().id,
            "partial": False,
            "replications": study.replications,
            "precision_reached": {},
            "study": told(study),
            "sources": {},
            "data": model_data(),
            **self._origin,
            "workers": workers,
            "began": began.isoformat(timespec="seconds"),
            "seconds": round(seconds, 3),
        }
        return comparison(study, assemble(study.agency, study.policies, runs), manifest)


class Latest:
    """Works on the latest task in the background; a new one takes the place of the one before.

    Parameters
    ----------
    work : callable
        ``work(task, wanted)`` gives what can be said of a task, better and better, and stops when ``wanted()`` says no.
    tell : callable
        ``tell(task, found)``, called from the background thread with all that is found for the latest task.
    fail : callable
        ``fail(task, error)``, likewise, where a task cannot be done.
    settle : float
        Seconds without a newer task before one is taken up, as long as a slider is being moved.
    """

    def __init__(
        self,
        work: Callable[[Any, Callable[[], bool]], Iterator[Any]],
        tell: Callable[[Any, Any], None],
        fail: Callable[[Any, Exception], None],
        settle: float = 0.0,
    ) -> None:
        self._work, self._tell, self._fail, self._settle = work, tell, fail, settle
        self._changed = threading.Condition()
        self._next: Any = None
        self._open = True
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def ask(self, task: Any) -> None:
        """Work on this from now on."""
        with self._changed:
            self._next = task
            self._changed.notify()

    def close(self) -> None:
        """Do nothing more, and wait until the runs in hand are over."""
        with self._changed:
            self._open = False
            self._changed.notify()
        self._thread.join()

    def _wanted(self) -> bool:
        return self._open and self._next is None

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._next is not None or not self._open)
                if not self._open:
                    return
                task, self._next = self._next, None
                if self._changed.wait_for(lambda: not self._wanted(), timeout=self._settle):
                    continue
            try:
                for found in self._work(task, self._wanted):
                    if not self._wanted():
                        break
                    self._tell(task, found)
            except Exception as error:  # told on the page: a thread that dies would leave the planner waiting
                self._fail(task, error)
