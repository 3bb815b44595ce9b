"""Run a study of any kind: finished runs are kept until its result is in place, so that a kill loses little."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sim.language import speaking
from sim.runs.job import Job, Key, RunTables, Simulate
from sim.runs.progress import Progress
from sim.runs.replicate import execution, n_parallel, replicate, run_jobs
from sim.runs.search_runs import SearchRuns
from sim.runs.store import RunsOnDisk, running_folder
from sim.runs.tables import complete
from sim.study.manifest import Described, ManifestBuilder
from sim.study.registry import runner_of
from sim.study.result import StudyResult, result_folder


def run_study(
    spec: Described,
    *,
    workers: int | None = None,
    progress: bool = True,
    out: str | Path | None = None,
    lang: str | None = None,
    simulate: Simulate | None = None,
    finish: Callable[[Any, Path], object] | None = None,
) -> Any:
    """Run a study of any kind.

    Parameters
    ----------
    spec : StudySpec
    workers : int, optional
        Processes; None uses every core, 1 stays in this process. The tables are the same bytes.
    progress : bool
        Show a bar, and a time estimate after the first replication, on stderr.
    out : path, optional
        Folder of results: the result is saved in ``out/<id>``. Finished runs are kept in ``out/.running/<id>`` until
        it is in its place: killed and started again, the study continues from there.
    lang : {"id", "en"}, optional
        Language of the progress; the session's by default.
    simulate : callable, optional
        By default :func:`sim.runs.run.simulate`.
    finish : callable, optional
        ``finish(result, folder)``, called when the result is saved and before finished runs are removed.

    Returns
    -------
    StudyResult
        Interrupted (Ctrl-C, the stop button) it holds what can be said of the runs that were finished and says so in
        ``partial``; where that is nothing the interruption passes on.
    """
    with speaking(lang):
        study = StudyRun(spec, workers=workers, progress=progress, simulate=simulate)
        if out is None:
            return runner_of(spec.kind).run(study)
        store = RunsOnDisk(running_folder(out, study.description.id))
        with execution(store=store):
            result: StudyResult = runner_of(spec.kind).run(study)
        folder = result.save(result_folder(result, out))
        if finish is not None:
            finish(result, folder)
        if not result.partial:
            store.clear()
        return result


class StudyRun:
    """A study while it runs: what its kind needs to make runs, and to say how they were made.

    Parameters
    ----------
    spec, workers, progress, simulate
        See :func:`run_study`.

    Attributes
    ----------
    spec : StudySpec
    description : Description
        Of the specification.
    workers : int
        Runs done in parallel.
    simulate : callable or None
    """

    def __init__(
        self,
        spec: Any,
        *,
        workers: int | None = None,
        progress: bool = True,
        simulate: Simulate | None = None,
    ) -> None:
        self.spec = spec
        self.description = spec.describe()
        self.workers = n_parallel(workers)
        self.simulate = simulate
        self._progress = progress
        self._manifest = ManifestBuilder()

    def progress(self, policies: int = 0) -> Progress:
        """Return a progress bar; `policies` are the runs that make a replication, 0 where that is not known."""
        return Progress(self._progress, policies=policies, workers=self.workers)

    def jobs(self, jobs: Iterable[Job], bar: Progress) -> Iterator[tuple[Job, RunTables]]:
        """Run jobs; yield each with its tables as it finishes, in any order."""
        how: dict[str, Any] = {"workers": self.workers, "code": self.description.files}
        for job, tables, seconds in run_jobs(jobs, simulate=self.simulate, **how):
            bar.finished(seconds)
            yield job, tables

    def replications(
        self, stages: Iterable[range], enough: Callable[[Mapping[Key, RunTables]], bool] = lambda runs: False
    ) -> tuple[dict[Key, RunTables], int, bool]:
        """Run replications of every policy of the study, stage by stage.

        Parameters
        ----------
        stages : iterable of range
            Replications of each stage.
        enough : callable
            Whether the runs made so far suffice; called after each stage.

        Returns
        -------
        runs : dict of Key to RunTables
            Those of replications that every policy has finished.
        n : int
            How many replications those are.
        interrupted : bool
        """
        spec, count = self.spec, len(self.spec.policies)
        how: dict[str, Any] = {
            "workers": self.workers,
            "code": self.description.files,
            "simulate": self.simulate,
        }
        how |= {"seed": spec.seed, "months": spec.months, "scenario": spec.scenario}
        runs: dict[Key, RunTables] = {}
        interrupted = False
        with self.progress(count) as bar:
            try:
                for stage in stages:
                    bar.expect(stage.stop * count)
                    # complete replications first, so that an interruption loses little
                    keys = [Key(policy, r) for r in stage for policy in range(count)]
                    for key, tables, seconds in replicate(spec.agency, spec.policies, keys, **how):
                        runs[key] = tables
                        bar.finished(seconds)
                    if enough(runs):
                        break
            except KeyboardInterrupt:
                interrupted = True
                if not complete(runs, count):
                    raise
        n = complete(runs, count)
        return {key: tables for key, tables in runs.items() if key.replication < n}, n, interrupted

    def search_runs(self, bar: Progress, *, futures: bool) -> SearchRuns:
        """Return the runs of a search on the study's agency, none yet."""
        return SearchRuns(
            self.spec.agency,
            seed=self.spec.seed,
            months=self.spec.months,
            scenario=self.spec.scenario,
            futures=futures,
            compute=lambda jobs: self.jobs(jobs, bar),
            expect=bar.expect,
        )

    def manifest(self, *, partial: bool, **more: Any) -> dict[str, Any]:
        """Return the content of ``manifest.json``; `more` is plain data that belongs to the kind."""
        given: dict[str, Any] = {"description": self.description, "workers": self.workers}
        return self._manifest.build(self.spec, partial=partial, **given, **more)
