"""Answers that come quickly and get better: replication by replication, each run kept and used again.

What is said after n replications is exactly what ``kinerja compare`` with ``--replications n`` says. Bands are the
t intervals of those n, so that after two they are very wide, and after one there is none.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Hashable, Iterator
from typing import TYPE_CHECKING, Any

from joblib import cpu_count

from sim.levers import status_quo
from sim.planner.plans import Question
from sim.runs.job import Job, Key, RunTables, Simulate
from sim.runs.replicate import run_jobs
from sim.runs.run import simulate
from sim.runs.store import RunsInMemory
from sim.study.compare.answer import answer
from sim.study.compare.estimates import AGENCY
from sim.study.compare.one_way import HIGH, LOW, OneWay
from sim.study.compare.result import CompareResult
from sim.study.manifest import ManifestBuilder, origin
from sim.world import Scenario

if TYPE_CHECKING:
    from sim.agency import Agency
    from sim.levers import Policy
    from sim.study.compare.design import CompareStudy

MEASURED = 10
"""Replications in which each finding is put at both ends of its range, at most."""

KEPT = 4000
"""Runs kept in memory, the longest unused forgotten first; a run of the small agency takes some 30 kB a year."""


class Answers:
    """Runs what a question needs and is not there yet.

    Parameters
    ----------
    workers : int, optional
        Processes; None uses every core, 1 stays in this one. The answers are the same.
    run : callable, optional
        By default :func:`sim.runs.run.simulate`.

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
        self._runs = RunsInMemory(KEPT)
        self._awake = threading.Event()
        self._starting: threading.Thread | None = None
        self._origin: dict[str, Any] = {}

    def _wake(self, agency: Agency) -> None:
        """Start the worker processes; until they are there this process answers alone."""
        jobs = [Job((n,), agency, status_quo(), 1, 0, 1, Scenario(burn_in=0)) for n in range(self._workers)]
        for __ in run_jobs(jobs, workers=self._workers, simulate=simulate):
            pass
        self._awake.set()

    def ask(self, question: Question, wanted: Callable[[], bool] = lambda: True) -> Iterator[CompareResult]:
        """What can be said, at first after a replication or two, then each time some more are there.

        Parameters
        ----------
        question : Question
        wanted : callable
            Asked between runs; when it says no, nothing more is run or said. Runs that are finished are kept.

        Yields
        ------
        CompareResult
            That of a study of so many replications; the last has all that were asked for.
        """
        study = question.study()
        jobs = {
            Key(p, r): _job(study, policy, r)
            for r in range(question.replications)
            for p, policy in enumerate(study.policies)
        }
        names = {key: self._runs.key(job) for key, job in jobs.items()}
        self._origin = self._origin or origin()
        manifest, n = ManifestBuilder(self._origin), 0
        while n < question.replications and wanted():
            workers = self._workers if self._awake.is_set() else 1
            missing: dict[Hashable, Job] = {}  # two plans alike are one run
            while n < question.replications and len(missing) < workers:
                row = [Key(p, n) for p in range(len(study.policies))]
                missing |= {names[key]: jobs[key] for key in row if names[key] not in self._runs}
                n += 1
            self._do(missing.values(), workers, wanted)
            if not all(name in self._runs for key, name in names.items() if key.replication < n):
                return  # cancelled
            runs = {key: self._used(name) for key, name in names.items() if key.replication < n}
            part = question.study(n)
            given: dict[str, Any] = {"replications": n, "precision_reached": {}}
            yield CompareResult.of_runs(
                part, runs, manifest.build(part, partial=False, workers=workers, **given)
            )
            if self._starting is None and self._workers > 1:
                # not before: it would keep the first answer waiting
                self._starting = threading.Thread(target=self._wake, args=(question.agency,), daemon=True)
                self._starting.start()

    def measure(
        self, question: Question, found: CompareResult, wanted: Callable[[], bool] = lambda: True
    ) -> Iterator[OneWay]:
        """Which finding matters most to the plan that does best, better known with each replication.

        Parameters
        ----------
        question : Question
        found : CompareResult
            The whole answer to it, the last that :meth:`ask` gave.
        wanted : callable
            As in :meth:`ask`.

        Yields
        ------
        OneWay
            First one without a replication: what will be measured. Its differences are of the same replications as
            the answer's.
        """
        said = answer(found)
        if not said.policy:
            return
        sought = OneWay.of(found, said.policy, said.outcome, min(MEASURED, question.replications))
        yield sought
        study, window = question.study(), found.windows[0]
        ours, base = sought.policy, sought.baseline
        for r in range(sought.total):
            worlds = {(key, end): sought.world(key, end) for key in sought.findings for end in (LOW, HIGH)}
            jobs = {p: _job(study, p, r) for p in (ours, base)}
            turned = {(t, p): _job(study, p, r, world) for t, world in worlds.items() for p in (ours, base)}
            turned |= {(t, base): jobs[base] for t in worlds if not sought.moves_baseline(t[0])}
            names = {x: self._runs.key(job) for x, job in (jobs | turned).items()}
            missing = {names[x]: job for x, job in (jobs | turned).items() if names[x] not in self._runs}
            self._do(missing.values(), self._workers if self._awake.is_set() else 1, wanted)
            if not all(name in self._runs for name in names.values()) or not wanted():
                return
            values = {name: self._value(name, said.outcome, window) for name in names.values()}
            differences = {t: values[names[t, ours]] - values[names[t, base]] for t in worlds}
            sought = sought.plus(
                values[names[ours]] - values[names[base]],
                {key: (differences[key, LOW], differences[key, HIGH]) for key in sought.findings},
            )
            yield sought

    def _value(self, name: Hashable, outcome: str, window: str) -> float:
        """An outcome of the whole agency in a run."""
        rows = self._used(name).summary
        return float(rows.loc[(rows["window"] == window) & (rows["unit"] == AGENCY), outcome].iloc[0])

    def _do(self, jobs: Collection[Job], workers: int, wanted: Callable[[], bool]) -> None:
        """Run jobs and keep them, until they are not wanted any more."""
        # what was handed to worker processes is waited for: leaving it would end the processes themselves
        workers = workers if len(jobs) > 1 else 1
        for job, tables, __ in run_jobs(jobs, workers=workers, simulate=self._run):
            self._runs.put(self._runs.key(job), tables)
            if workers == 1 and not wanted():
                return

    def _used(self, name: Hashable) -> RunTables:
        tables = self._runs.get(name)
        assert tables is not None
        return tables


def _job(study: CompareStudy, policy: Policy, replication: int, scenario: Scenario | None = None) -> Job:
    key = (policy.name, replication)
    given = (study.agency, policy, study.seed, replication, study.months)
    return Job(key, *given, scenario or study.scenario)


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
