"""Run a robust study: every policy in the same futures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.agency import Agency
from sim.levers import Policy
from sim.names import known_arguments
from sim.runs.futures import Future
from sim.runs.job import Job
from sim.runs.tables import AGENCY
from sim.study.robust.design import RobustStudy
from sim.study.robust.result import RobustResult
from sim.study.run import StudyRun

REPEATS = 2
"""Runs of a policy in a future that is run again."""


@known_arguments(RobustStudy)
def robust(
    agency: Agency | str | Path | Sequence[Agency | str | Path],
    policies: Sequence[Policy | str | Path],
    *,
    baseline: int | str = 0,
    workers: int | None = None,
    progress: bool = True,
    out: str | Path | None = None,
    lang: str | None = None,
    **design: Any,
) -> RobustResult:
    """Run policies in many futures, with the same futures and random numbers for every policy.

    Parameters
    ----------
    agency : Agency, str or path, or a sequence of them
        Several agencies meet the same futures, each for itself.
    policies : sequence of Policy, str or path
    baseline : int or str
        Position or name of the policy the others are compared with.
    workers, progress, out, lang
        See :func:`sim.study.run_study`.
    **design
        ``futures, repeated, presets, uncertainties, evidence, targets, headline, years, seed, scenario``...: see
        :class:`sim.study.RobustStudy`.

    Returns
    -------
    RobustResult
        Interrupted, it holds the futures that were finished for every policy, and says so in ``partial``.

    Examples
    --------
    ::

        policies = ["status_quo", "citizen_feedback", "ict_training"]
        result = sim.robust("contoh", policies, targets={"waiting_minutes": 20})
        result.table("waiting_minutes")
    """
    first, *others = (agency,) if isinstance(agency, (Agency, str, Path)) else agency
    spec = RobustStudy.of(first, policies, baseline=baseline, others=tuple(others), **design)
    return spec.run(workers=workers, progress=progress, out=out, lang=lang)


def run(study: StudyRun) -> RobustResult:
    """Run a robust study; see :func:`sim.study.run_study`."""
    spec: RobustStudy = study.spec
    futures = spec.space.futures(spec.futures, spec.seed)
    repeats = spec.futures + (REPEATS - 1) * min(spec.repeated, spec.futures)
    rows: list[dict[str, Any]] = []
    interrupted = False
    with study.progress(len(spec.policies)) as bar:
        bar.expect(repeats * len(spec.agencies) * len(spec.policies))
        try:
            for job, tables in study.jobs(jobs_of(spec, futures), bar):
                rows.append(_row(spec, job, tables.summary))
        except KeyboardInterrupt:
            interrupted = True
    runs, complete = _runs(spec, rows)
    if not complete:
        raise KeyboardInterrupt
    return RobustResult(
        spec=spec,
        runs=runs,
        futures=spec.space.table(futures[:complete]),
        manifest=study.manifest(partial=interrupted, futures=complete, runs=len(runs)),
    )


def jobs_of(spec: RobustStudy, futures: Sequence[Future]) -> Iterator[Job]:
    """Yield the runs of a study, complete futures first; all policies of a future share its random numbers."""
    space = spec.space
    for future in futures:
        for repeat in range(REPEATS if future.number < spec.repeated else 1):
            for place, agency in enumerate(spec.agencies):
                for number, policy in enumerate(spec.policies):
                    town, changed, scenario = space.apply(future, agency, policy, spec.scenario)
                    yield Job(
                        key=(place, future.number, number, repeat),
                        agency=town,
                        policy=changed,
                        seed=spec.seed,
                        replication=REPEATS * future.number + repeat,
                        months=12 * spec.years,
                        scenario=scenario,
                    )


def _row(spec: RobustStudy, job: Job, summary: pd.DataFrame) -> dict[str, Any]:
    place, future, number, repeat = job.key
    whole = summary[(summary["unit"] == AGENCY) & (summary["window"] == summary["window"].iloc[0])].iloc[0]
    key = {
        "agency": spec.agencies[place].name,
        "future": future,
        "policy": spec.names[number],
        "repeat": repeat,
    }
    return key | {name: float(whole.get(name, np.nan)) for name in spec.outcomes}


def _runs(spec: RobustStudy, rows: list[dict[str, Any]]) -> tuple[pd.DataFrame, int]:
    """The runs in key order, of futures that every policy and agency has finished; and how many futures those are."""
    keys = ["agency", "future", "policy", "repeat"]
    runs = pd.DataFrame(rows, columns=[*keys, *spec.outcomes])
    whole = 0
    while whole < spec.futures:
        repeats = REPEATS if whole < spec.repeated else 1
        if (runs["future"] == whole).sum() < repeats * len(spec.agencies) * len(spec.policies):
            break
        whole += 1
    runs = runs[runs["future"] < whole]
    for column, names in (("agency", [a.name for a in spec.agencies]), ("policy", list(spec.names))):
        runs = runs.assign(**{column: pd.Categorical(runs[column], categories=names)})
    return runs.sort_values(keys, ignore_index=True), whole
