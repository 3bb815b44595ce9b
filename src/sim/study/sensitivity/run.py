"""Run a sensitivity analysis: which parameters decide, by how much, and what it is worth to know them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sim.agency import Agency
from sim.levers import Policy
from sim.names import known_arguments
from sim.outcomes import OUTCOMES
from sim.runs.job import Job
from sim.runs.tables import AGENCY
from sim.study.robust.result import RobustResult
from sim.study.robust.run import run as run_robust
from sim.study.run import StudyRun
from sim.study.sensitivity.design import SensitivityStudy
from sim.study.sensitivity.methods import EMULATED, Emulator, emulate, morris_effects, morris_points, ranks
from sim.study.sensitivity.result import SensitivityResult

FAR = 1_000_000
"""Numbers of Morris's points begin here, apart from those of futures."""
STILL = 1e-9
"""A parameter whose mu* is less than this part of the largest moves nothing."""
ENDS = (0.05, 0.95)
"""Quantiles of every parameter between which Morris's trajectories move."""


@known_arguments(SensitivityStudy)
def sensitivity(
    agency: Agency | str | Path,
    policies: Sequence[Policy | str | Path],
    *,
    baseline: int | str = 0,
    workers: int | None = None,
    progress: bool = True,
    out: str | Path | None = None,
    lang: str | None = None,
    **design: Any,
) -> SensitivityResult:
    """Find which parameters decide between policies, and which a partner should measure first.

    Parameters
    ----------
    agency : Agency, str or path
    policies : sequence of Policy, str or path
    baseline : int or str
        Position or name of the policy the others are compared with.
    workers, progress, out, lang
        See :func:`sim.study.run_study`.
    **design
        ``futures, trajectories, repeated, presets, uncertainties, evidence, headline, years, seed, scenario``...: see
        :class:`sim.study.SensitivityStudy`.

    Examples
    --------
    ::

        result = sim.sensitivity("contoh", ["status_quo", "citizen_feedback"], futures=60, years=1)
        result.table().head()
    """
    spec = SensitivityStudy.of(agency, policies, baseline=baseline, **design)
    return spec.run(workers=workers, progress=progress, out=out, lang=lang)


def run(study: StudyRun) -> SensitivityResult:
    """Run a sensitivity analysis; see :func:`sim.study.run_study`."""
    spec: SensitivityStudy = study.spec
    robust_result = run_robust(study)
    pair, names = robust_result.pair(), spec.space.names
    table, emulator = robust_result.what_decides(), emulator_of(robust_result)
    table = table.merge(
        emulator.sobol(seed=spec.seed)[["parameter", "total", "total_half"]], "left", "parameter"
    )
    interrupted = robust_result.partial
    if spec.trajectories and not interrupted:
        points = morris_points(names, spec.trajectories, spec.seed)
        try:
            lead = _leads(study, points, pair)
            effects = morris_effects(names, points, lead)[["parameter", "mu_star", "sigma"]]
            table = table.merge(effects, "left", "parameter")
        except KeyboardInterrupt:
            interrupted = True
    table = table.reindex(
        columns=[*table.columns.difference(["mu_star", "sigma"], sort=False), "mu_star", "sigma"]
    )
    # what Morris showed to move nothing decides nothing, whatever a regression on few futures suggests
    table["moves"] = ~(table["mu_star"] <= STILL * table["mu_star"].max())
    table = table.sort_values(["moves", "value", "share"], ascending=False, ignore_index=True)
    manifest = study.manifest(
        partial=interrupted,
        pair=list(pair),
        accuracy=emulator.accuracy,
        everything=robust_result.value_of_everything(),
        noise_sd=robust_result.noise_sd(),
        futures=len(robust_result.futures),
    )
    return SensitivityResult(spec=spec, robust=robust_result, parameters=table, manifest=manifest)


def emulator_of(result: RobustResult, outcome: str | None = None, agency: str | None = None) -> Emulator:
    """Fit an emulator of the difference between the two best policies, in the parameters that explain most of it."""
    gain = result.gains(outcome, agency)
    best, second = (result.spec.names.index(name) for name in result.pair(outcome, agency))
    lead = gain[:, best] - gain[:, second]
    seen = ~np.isnan(lead)
    chosen = result.what_decides(outcome, agency).sort_values("share", ascending=False)["parameter"][
        :EMULATED
    ]
    return emulate(ranks(result.parameters[list(chosen)])[seen], lead[seen], list(chosen))


def _leads(study: StudyRun, points: np.ndarray, pair: tuple[str, str]) -> np.ndarray:
    """Return how far the best policy leads the next at each of Morris's points; one random draw per trajectory."""
    spec: SensitivityStudy = study.spec
    space, length = spec.space, len(spec.space.names) + 1
    chosen = [policy for name in pair for policy in spec.policies if policy.name == name]
    jobs = []
    for i, point in enumerate(points):
        future = space.at(ENDS[0] + point * (ENDS[1] - ENDS[0]), FAR + i // length)
        for p, policy in enumerate(chosen):
            town, changed, scenario = space.apply(future, spec.agency, policy, spec.scenario)
            jobs.append(Job((i, p), town, changed, spec.seed, future.number, spec.months, scenario))
    values = np.full((len(points), 2), np.nan)
    with study.progress(len(chosen)) as bar:
        bar.expect(len(jobs))
        for job, tables in study.jobs(jobs, bar):
            whole = tables.summary[tables.summary["unit"] == AGENCY].iloc[0]
            values[job.key] = float(whole[spec.headline[0]])
    sign = -1.0 if OUTCOMES[spec.headline[0]].better == "low" else 1.0
    return sign * (values[:, 0] - values[:, 1])
