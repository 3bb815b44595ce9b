"""Run a comparison: as many replications as it says, or as its precision needs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.agency import Agency
from sim.intervals import achieved, counts, precise, stages
from sim.levers import Policy
from sim.names import known_arguments
from sim.runs.job import Key, RunTables
from sim.runs.tables import AGENCY, assemble
from sim.study.compare.design import CompareStudy
from sim.study.compare.result import CompareResult
from sim.study.run import StudyRun


@known_arguments(CompareStudy)
def compare(
    agency: Agency | str | Path,
    policies: Sequence[Policy | str | Path],
    *,
    baseline: int | str = 0,
    workers: int | None = None,
    progress: bool = True,
    out: str | Path | None = None,
    lang: str | None = None,
    **design: Any,
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
    baseline : int or str
        Position or name of the policy the others are compared with.
    workers, progress, out, lang
        See :func:`sim.study.run_study`.
    **design
        ``years, replications, precision, max_replications, seed, scenario, headline, title, question``: see
        :class:`sim.study.CompareStudy`. With neither `replications` nor `precision`: 10 replications.

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

        result = sim.compare("contoh", ["status_quo", "citizen_feedback"], years=1)
        result.table()
    """
    spec = CompareStudy.of(agency, policies, baseline=baseline, **design)
    return spec.run(workers=workers, progress=progress, out=out, lang=lang)


def run(study: StudyRun) -> CompareResult:
    """Run a comparison; see :func:`sim.study.run_study`."""
    spec: CompareStudy = study.spec
    looks = counts(spec.max_replications) if spec.replications is None else (spec.replications,)

    def enough(runs: Mapping[Key, RunTables]) -> bool:
        return bool(spec.precision) and precise(_reached(spec, runs), spec.precision)

    runs, n, interrupted = study.replications(stages(looks), enough)
    reached = _reached(spec, runs)
    manifest = study.manifest(partial=interrupted, replications=n, precision_reached=reached)
    return CompareResult.of_runs(spec, runs, manifest)


def _reached(spec: CompareStudy, runs: Mapping[Key, RunTables]) -> dict[str, float | None]:
    """Half-widths reached on the outcomes with a stated precision; None where there is no interval."""
    if not spec.precision:
        return {}
    summary = assemble(spec.agency, spec.policies, runs).summary
    whole = summary[(summary["window"] == summary["window"].cat.categories[0]) & (summary["unit"] == AGENCY)]
    widths = achieved(whole, spec.precision, spec.names, spec.names.index(spec.baseline))
    return {outcome: None if math.isnan(width) else width for outcome, width in widths.items()}
