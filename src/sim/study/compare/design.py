"""A study: the question, what is compared, and how surely it is to be known. Frozen and checked."""

from __future__ import annotations

import dataclasses
import datetime
import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, ClassVar

from sim.agency import Agency
from sim.intervals import FIRST_COUNT, achieved, counts, precise, stages
from sim.levers import Policy, status_quo
from sim.levers.policy import told_policy
from sim.runs.checkpoint import RunStore, running_folder
from sim.runs.identity import Description, describe
from sim.runs.job import Key, RunTables, Simulate, Tables
from sim.runs.progress import Progress
from sim.runs.provenance import commit, machine, model_code, model_data, version, versions
from sim.runs.replicate import execution, n_parallel, replicate
from sim.runs.tables import AGENCY, assemble, complete
from sim.study.checks import (
    _WHOLE,
    Wrong,
    refuse,
    wrong_baseline,
    wrong_outcome,
    wrong_policies,
    wrong_scenario,
    wrong_whole,
)
from sim.study.compare.result import CompareResult
from sim.study.inputs import resolve
from sim.study.result import result_folder
from sim.world import Scenario


@dataclass(frozen=True, kw_only=True)
class CompareStudy:
    """Everything that decides the numbers of a comparison, and the words around it.

    Parameters
    ----------
    agency : Agency
    policies : tuple of Policy
        With different names.
    baseline : str
        Name of the policy the others are compared with; the first by default.
    years : int
        From 1 January of the scenario's first year.
    seed : int
        Root of all random numbers.
    replications : int, optional
        Exactly so many. None: as many as `precision` asks for, or 10.
    precision : mapping
        Outcome -> half-width wanted of the intervals of the differences to the baseline, which hold for all policies
        together with 95 %, in the outcome's own unit (a share is 0..1), judged at 10, 20, 40... replications.
    max_replications : int
        Where a study that has not reached its precision stops.
    scenario : Scenario
    headline : tuple of str
        Outcomes shown first; those of :data:`sim.outcomes.HEADLINE` by default.
    title, question : mapping
        Language -> text.

    Raises
    ------
    Problems
        With everything that is wrong; ``column`` is the parameter.
    """

    kind: ClassVar[str] = "compare"
    file_keys: ClassVar[Mapping[str, type]] = {
        "policies": list,
        "baseline": str,
        "replications": int,
        "precision": dict,
        "max_replications": int,
        "outcomes": list,
    }

    agency: Agency
    policies: tuple[Policy, ...]
    baseline: str = ""
    years: int = 3
    seed: int = 1
    replications: int | None = None
    precision: Mapping[str, float] = field(default_factory=dict)
    max_replications: int = 40
    scenario: Scenario = field(default_factory=Scenario)
    headline: tuple[str, ...] = ()
    title: Mapping[str, str] = field(default_factory=dict)
    question: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.baseline and self.policies:
            object.__setattr__(self, "baseline", self.policies[0].name)
        if self.replications is None and not self.precision:
            object.__setattr__(self, "replications", FIRST_COUNT)
        refuse(self._problems())

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the policies, in order."""
        return tuple(policy.name for policy in self.policies)

    @property
    def months(self) -> int:
        """Length in months."""
        return 12 * self.years

    def describe(self) -> Description:
        """What decides the numbers, as canonical JSON with its id; titles and questions do not."""
        words = ("headline", "title", "question")
        parts = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in words}
        burn_in = status_quo() if any(policy.before is None for policy in self.policies) else None
        return describe({**parts, "burn_in": burn_in, "data": model_data(), "version": version()}, "study")

    def run(self, *, workers: int | None = None, progress: bool = True, lang: str = "id") -> CompareResult:
        """Run it; see :func:`sim.study.compare.design.compare`."""
        return run_study(self, workers=workers, progress=progress, lang=lang)

    def _problems(self) -> Wrong:
        yield from wrong_policies(self.policies)
        yield from wrong_baseline(self.baseline, self.policies)
        for key in _WHOLE:
            if key != "replications" or self.replications is not None:
                yield from wrong_whole(key, getattr(self, key))
        if self.replications is not None and self.precision:
            yield "precision", "replications and precision are both given.", "Keep one of them."
        for name in self.headline:
            yield from wrong_outcome("outcomes", name, self.policies)
        for name, width in self.precision.items():
            yield from wrong_outcome("precision", name, self.policies)
            if isinstance(width, bool) or not isinstance(width, (int, float)) or not width > 0:
                yield "precision", f"{name}: {width!r} is not a number above 0.", "Write a half-width."
        yield from wrong_scenario(self.scenario)


def compare(
    agency: Agency | str | Path,
    policies: Sequence[Policy | str | Path],
    *,
    years: int = 3,
    replications: int | None = None,
    precision: Mapping[str, float] | None = None,
    max_replications: int = 40,
    seed: int = 1,
    scenario: Scenario | None = None,
    workers: int | None = None,
    progress: bool = True,
    baseline: int | str = 0,
    headline: Sequence[str] = (),
    question: Mapping[str, str] | None = None,
    out: str | Path | None = None,
    lang: str = "id",
) -> CompareResult:
    """Compare policies on an agency.

    Every policy meets the same officers, citizens and chances (common random numbers), after the same years
    under what is done today, so that differences are those of the policies.

    Parameters
    ----------
    agency : Agency, str or path
        An agency, the name of one that ships, a folder or a workbook.
    policies : sequence of Policy, str or path
        Policies, names of shipped ones or YAML files.
    years, seed, replications, precision, max_replications, scenario
        See :class:`sim.study.CompareStudy`. With neither `replications` nor `precision`: 10 replications.
    workers : int, optional
        Processes; None uses every core, 1 stays in this process. The tables are the same bytes.
    progress : bool
        A bar, and a time estimate after the first replication, on stderr.
    baseline : int or str
        Position or name of the policy the others are compared with.
    headline : sequence of str
        Outcomes shown first, the first of them decides; by default those of :data:`sim.outcomes.HEADLINE`.
    question : mapping, optional
        Language -> what is asked, for the brief.
    out : path, optional
        Folder of results: the result is saved in ``out/<id>``.
    lang : {"id", "en"}
        Language of the progress.

    Returns
    -------
    CompareResult
        Interrupted (Ctrl-C, the stop button) it holds the replications that were finished and says so in
        ``partial``; with none finished the interruption passes on.

    Raises
    ------
    Problems
        With everything wrong in the arguments, before anything runs.

    Examples
    --------
    A year of the small agency, with and without citizen feedback every month::

        result = compare("contoh", ["status_quo", "citizen_feedback"], years=1)
        result.table()
    """
    study = study_of(
        agency,
        policies,
        baseline=baseline,
        years=years,
        seed=seed,
        replications=replications,
        precision=precision or {},
        max_replications=max_replications,
        scenario=scenario or Scenario(),
        headline=tuple(headline),
        question=question or {},
    )
    return run_study(study, workers=workers, progress=progress, out=out, lang=lang)


def study_of(
    agency: Agency | str | Path,
    policies: Sequence[Policy | str | Path],
    *,
    baseline: int | str = 0,
    **design: Any,
) -> CompareStudy:
    """Make a study of an agency and policies given by name or path; `design` as in :class:`CompareStudy`.

    Raises
    ------
    Problems
        With everything wrong in the agency, every policy and the design.
    """
    found, chosen, name = resolve(agency, policies, baseline)
    return CompareStudy(agency=found, policies=chosen, baseline=name, **design)


def run_study(
    study: CompareStudy,
    *,
    workers: int | None = None,
    progress: bool = True,
    out: str | Path | None = None,
    lang: str = "id",
    simulate: Simulate | None = None,
) -> CompareResult:
    """Run a study; see :func:`compare` for the arguments and what it returns.

    Parameters
    ----------
    study : CompareStudy
    out : path, optional
        As in :func:`compare`. Finished runs are kept in ``out/.running/<id>`` until the result is in its place: killed
        and given again, the study goes on from there.
    simulate : callable, optional
        By default :func:`sim.runs.run.simulate`.
    """
    description = study.describe()
    if out is None:
        return _run_study(study, description, workers, progress, lang, simulate)
    store = RunStore(running_folder(out, description.id))
    with execution(store=store):
        result = _run_study(study, description, workers, progress, lang, simulate)
    result.save(result_folder(result, out))
    if not result.partial:
        store.clear()
    return result


def _run_study(
    study: CompareStudy,
    description: Description,
    workers: int | None,
    progress: bool,
    lang: str,
    simulate: Simulate | None,
) -> CompareResult:
    workers = n_parallel(workers)
    began, clock = datetime.datetime.now(datetime.UTC), time.perf_counter()
    looks = (study.replications,) if study.replications is not None else counts(study.max_replications)
    runs: dict[Key, RunTables] = {}
    interrupted = False
    reached: dict[str, float | None] = {}
    with Progress(progress, lang, len(study.policies), workers) as bar:
        try:
            for look, stage in zip(looks, stages(looks), strict=True):
                bar.expect(look * len(study.policies))
                # Whole replications first, so that an interruption loses little.
                keys = [Key(policy, r) for r in stage for policy in range(len(study.policies))]
                for key, tables, seconds in _runs(study, keys, workers, description.files, simulate):
                    runs[key] = tables
                    bar.finished(seconds)
                reached = _reached(study, runs)
                if study.precision and precise(reached, study.precision):
                    break
        except KeyboardInterrupt:
            interrupted = True
            if not complete(runs, len(study.policies)):
                raise
    n = complete(runs, len(study.policies))
    runs = {key: tables for key, tables in runs.items() if key.replication < n}
    manifest: dict[str, Any] = {
        "id": description.id,
        "partial": interrupted,
        "replications": n,
        "precision_reached": _reached(study, runs) if interrupted else reached,
        "study": told(study),
        "sources": description.sources,
        "data": model_data(),
        "code": model_code(),
        "versions": versions(),
        "commit": commit(),
        "machine": machine(),
        "workers": workers,
        "began": began.isoformat(timespec="seconds"),
        "seconds": round(time.perf_counter() - clock, 3),
    }
    return comparison(study, assemble(study.agency, study.policies, runs), manifest)


def comparison(study: CompareStudy, tables: Tables, manifest: Mapping[str, Any]) -> CompareResult:
    """The answer to a study."""
    return CompareResult(
        agency=study.agency,
        policies=study.policies,
        baseline=study.baseline,
        scenario=study.scenario,
        outcomes=tables.outcomes,
        summary=tables.summary,
        costs=tables.costs,
        manifest=manifest,
        headline=study.headline,
        title=study.title,
        question=study.question,
    )


def _runs(
    study: CompareStudy,
    keys: Sequence[Key],
    workers: int,
    code: str,
    simulate: Simulate | None,
) -> Iterable[tuple[Key, RunTables, float]]:
    return replicate(
        study.agency,
        study.policies,
        keys,
        seed=study.seed,
        months=study.months,
        scenario=study.scenario,
        workers=workers,
        code=code,
        simulate=simulate,
    )


def _reached(study: CompareStudy, runs: Mapping[Key, RunTables]) -> dict[str, float | None]:
    """Half-widths reached on the outcomes with a stated precision; None where there is no interval."""
    if not study.precision:
        return {}
    summary = assemble(study.agency, study.policies, runs).summary
    whole = summary[(summary["window"] == summary["window"].cat.categories[0]) & (summary["unit"] == AGENCY)]
    found = achieved(whole, study.precision, study.names, study.names.index(study.baseline))
    return {outcome: None if math.isnan(width) else width for outcome, width in found.items()}


def told(study: CompareStudy) -> dict[str, Any]:
    """A study as plain data, for the manifest; the agency is told by its name (its tables have a file)."""
    scenario = dataclasses.asdict(study.scenario)
    return {
        "agency": study.agency.name,
        "policies": [told_policy(policy) for policy in study.policies],
        "baseline": study.baseline,
        "years": study.years,
        "seed": study.seed,
        "replications": study.replications,
        "precision": dict(study.precision),
        "max_replications": study.max_replications,
        "scenario": {**scenario, "start": study.scenario.start.isoformat()},
        "headline": list(study.headline),
        "title": dict(study.title),
        "question": dict(study.question),
    }
