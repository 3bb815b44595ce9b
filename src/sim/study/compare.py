"""Weigh policies up: the same luck for each, enough replications, paired differences."""

from __future__ import annotations

import datetime
import math
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.agency import load_agency
from sim.errors import KinerjaError, Problem, Problems
from sim.levers import Policy
from sim.study.comparison import AGENCY, Comparison
from sim.study.files import read_policy
from sim.study.identity import Description
from sim.study.intervals import achieved, counts, precise, stages
from sim.study.kinds import result_folder
from sim.study.progress import Progress
from sim.study.provenance import commit, machine, model_code, model_data, versions
from sim.study.replicate import (
    Key,
    RunTables,
    Simulate,
    Tables,
    assemble,
    at_a_time,
    complete,
    replicate,
    using,
)
from sim.study.runs import RunStore, running_folder
from sim.study.spec import Study
from sim.study.store import save, told
from sim.world import Scenario

if TYPE_CHECKING:
    from sim.agency import Agency


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
) -> Comparison:
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
        See :class:`sim.study.Study`. With neither `replications` nor `precision`: 10 replications.
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
    Comparison
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
) -> Study:
    """A study of an agency and policies that may be told by name or path; `design` as in :class:`Study`.

    Raises
    ------
    Problems
        With everything wrong in the agency, every policy and the design.
    """
    if isinstance(policies, (str, Path, Policy)):
        raise KinerjaError("policies: give a list, e.g. [status_quo(), ...].")
    problems: list[Problem] = []
    found: Agency | None = None
    try:
        found = load_agency(agency) if isinstance(agency, (str, Path)) else agency
    except Problems as error:
        problems += error.problems
    chosen = []
    for policy in policies:
        try:
            chosen.append(policy if isinstance(policy, Policy) else read_policy(policy))
        except Problems as error:
            problems += error.problems
    if problems or found is None:
        raise Problems(problems)
    if isinstance(baseline, int):
        if not -len(chosen) <= baseline < max(1, len(chosen)):
            raise KinerjaError(f"baseline: there is no policy number {baseline}; there are {len(chosen)}.")
        baseline = chosen[baseline].name if chosen else ""
    return Study(agency=found, policies=tuple(chosen), baseline=baseline, **design)


def run_study(
    study: Study,
    *,
    workers: int | None = None,
    progress: bool = True,
    out: str | Path | None = None,
    lang: str = "id",
    simulate: Simulate | None = None,
) -> Comparison:
    """Run a study; see :func:`compare` for the arguments and what it returns.

    Parameters
    ----------
    study : Study
    out : path, optional
        As in :func:`compare`. Finished runs are kept in ``out/.running/<id>`` until the result is in its place: killed
        and given again, the study goes on from there.
    simulate : callable, optional
        By default :func:`sim.world.simulate`.
    """
    description = study.describe()
    if out is None:
        return _run_study(study, description, workers, progress, lang, simulate)
    store = RunStore(running_folder(out, description.id))
    with using(store=store):
        result = _run_study(study, description, workers, progress, lang, simulate)
    save(result, result_folder(result, out))
    if not result.partial:
        store.clear()
    return result


def _run_study(
    study: Study,
    description: Description,
    workers: int | None,
    progress: bool,
    lang: str,
    simulate: Simulate | None,
) -> Comparison:
    workers = at_a_time(workers)
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


def comparison(study: Study, tables: Tables, manifest: Mapping[str, Any]) -> Comparison:
    """The answer to a study."""
    return Comparison(
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
    study: Study,
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


def _reached(study: Study, runs: Mapping[Key, RunTables]) -> dict[str, float | None]:
    """Half-widths reached on the outcomes with a stated precision; None where there is no interval."""
    if not study.precision:
        return {}
    summary = assemble(study.agency, study.policies, runs).summary
    whole = summary[(summary["window"] == summary["window"].cat.categories[0]) & (summary["unit"] == AGENCY)]
    found = achieved(whole, study.precision, study.names, study.names.index(study.baseline))
    return {outcome: None if math.isnan(width) else width for outcome, width in found.items()}
