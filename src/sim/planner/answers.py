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
from sim.runs.identity import content_id
from sim.runs.job import Job, Key, RunTables, Simulate
from sim.runs.provenance import commit, machine, model_data, versions
from sim.runs.replicate import run_jobs
from sim.runs.run import simulate
from sim.runs.tables import assemble
from sim.study.compare.answer import answer
from sim.study.compare.design import comparison, told
from sim.study.compare.estimates import AGENCY
from sim.study.compare.one_way import HIGH, LOW, OneWay
from sim.world import Scenario

if TYPE_CHECKING:
    from sim.agency import Agency
    from sim.levers import Policy
    from sim.study import CompareResult, CompareStudy

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
        self._kept: OrderedDict[tuple[Any, ...], RunTables] = OrderedDict()
        self._awake = threading.Event()
        self._starting: threading.Thread | None = None
        self._origin: dict[str, Any] = {}
        self._agency: tuple[Agency | None, str] = (None, "")

    def _wake(self, agency: Agency) -> None:
        """Start the worker processes; until they are there this process answers alone."""
        jobs = [Job((n,), agency, status_quo(), 1, 0, 1, Scenario(burn_in=0)) for n in range(self._workers)]
        for _ in run_jobs(jobs, workers=self._workers, simulate=simulate):
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
        keys = {
            Key(p, r): self._name(study, policy, r)
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
            jobs = [
                _job(study, study.policies[key.policy], key.replication, name)
                for name, key in missing.items()
            ]
            self._do(jobs, workers, wanted)
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
            names: dict[Any, tuple[Any, ...]] = {p: self._name(study, p, r) for p in (ours, base)}
            jobs = {names[p]: _job(study, p, r, names[p]) for p in (ours, base)}
            for turned, world in worlds.items():
                names[turned, base] = names[base]
                for p in (ours, base) if sought.moves_baseline(turned[0]) else (ours,):
                    name = names[turned, p] = self._name(study, p, r, turned)
                    jobs[name] = _job(study, p, r, name, world)
            missing = [job for name, job in jobs.items() if name not in self._kept]
            self._do(missing, self._workers if self._awake.is_set() else 1, wanted)
            if not all(name in self._kept for name in jobs) or not wanted():
                return
            values = {name: self._value(name, said.outcome, window) for name in jobs}
            differences = {t: values[names[t, ours]] - values[names[t, base]] for t in worlds}
            sought = sought.plus(
                values[names[ours]] - values[names[base]],
                {key: (differences[key, LOW], differences[key, HIGH]) for key in sought.findings},
            )
            yield sought

    def _value(self, name: tuple[Any, ...], outcome: str, window: str) -> float:
        """An outcome of the whole agency in a run."""
        rows = self._used(name).summary
        return float(rows.loc[(rows["window"] == window) & (rows["unit"] == AGENCY), outcome].iloc[0])

    def _name(
        self, study: CompareStudy, policy: Policy, replication: int, turned: Any = None
    ) -> tuple[Any, ...]:
        """What a run is kept under: all that decides it."""
        if study.agency is not self._agency[0]:
            self._agency = study.agency, content_id(study.agency)
        return (self._agency[1], policy.levers, policy.before, study.years, study.seed, replication, turned)

    def _do(self, jobs: list[Job], workers: int, wanted: Callable[[], bool]) -> None:
        """Run jobs, each named by what its tables are kept under."""
        # what was handed to worker processes is waited for: leaving it would end the processes themselves
        workers = workers if len(jobs) > 1 else 1
        for job, tables, _ in run_jobs(jobs, workers=workers, simulate=self._run):
            self._kept[job.key] = tables
            if workers == 1 and not wanted():
                return

    def _used(self, name: tuple[Any, ...]) -> RunTables:
        self._kept.move_to_end(name)
        return self._kept[name]

    def _comparison(
        self,
        study: CompareStudy,
        runs: dict[Key, RunTables],
        workers: int,
        began: datetime.datetime,
        seconds: float,
    ) -> CompareResult:
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


def _job(
    study: CompareStudy,
    policy: Policy,
    replication: int,
    name: tuple[Any, ...],
    scenario: Scenario | None = None,
) -> Job:
    return Job(name, study.agency, policy, study.seed, replication, study.months, scenario or study.scenario)


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
