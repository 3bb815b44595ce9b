"""What decides between policies: which parameters, by how much, and what it is worth to know them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from sim.agency.spec import Agency
from sim.levers import Policy
from sim.outcomes import OUTCOMES
from sim.runs.job import Job, Simulate
from sim.runs.progress import Progress
from sim.runs.replicate import n_parallel, run_jobs
from sim.runs.results import AGENCY as DOCUMENT
from sim.runs.results import write_result
from sim.runs.tables import AGENCY
from sim.study.checks import Wrong, wrong_whole
from sim.study.inputs import resolve
from sim.study.registry import figure_of
from sim.study.result import StudyResult
from sim.study.robust.design import RobustStudy, run_robust
from sim.study.robust.result import RobustResult
from sim.study.sensitivity.methods import EMULATED, Emulator, emulate, morris_effects, morris_points, ranks
from sim.study.spec import Watch

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FAR = 1_000_000
"""Numbers of Morris's points begin here, apart from those of futures."""
STILL = 1e-9
"""A parameter whose mu* is less than this part of the largest moves nothing."""
ENDS = (0.05, 0.95)
"""Quantiles of every parameter between which Morris's trajectories move."""


@dataclass(frozen=True, kw_only=True)
class SensitivityStudy(RobustStudy):
    """Everything that decides a sensitivity analysis of the choice between policies.

    Parameters
    ----------
    trajectories : int
        Of Morris's screening, each a run of the two best policies at ``parameters + 1`` points; 0: none.
    futures : int
        Worlds for the value of information, main effects and the emulator.
    agency, policies, ...
        See :class:`sim.study.robust.design.RobustStudy`.
    """

    kind: ClassVar[str] = "sensitivity"
    file_keys: ClassVar[Mapping[str, type]] = {
        **{key: kind for key, kind in RobustStudy.file_keys.items() if key not in ("others", "targets")},
        "trajectories": int,
    }

    futures: int = 100
    trajectories: int = 4

    def run(  # type: ignore[override]  # a kind of its own, with a result of its own
        self,
        *,
        workers: int | None = None,
        progress: bool = True,
        lang: str = "id",
        simulate: Simulate | None = None,
    ) -> SensitivityResult:
        """Run it; see :func:`sensitivity`."""
        return run_sensitivity(self, workers=workers, progress=progress, lang=lang, simulate=simulate)

    def _problems(self) -> Wrong:
        yield from super()._problems()
        yield from wrong_whole("trajectories", self.trajectories, 0, 1000)
        if self.others:
            yield "others", "a sensitivity analysis is of one agency.", "Run one for each."


@dataclass(frozen=True, eq=False, repr=False)
class SensitivityResult(StudyResult):
    """What a sensitivity analysis found.

    Attributes
    ----------
    robust : RobustResult
        The futures that were run, with everything that can be read from them.
    table : DataFrame
        A row a parameter, the most telling first: ``parameter, value, p, share, low, high`` (see
        :meth:`sim.study.robust.result.RobustResult.what_decides`), ``total, total_half`` (Sobol's total index of the
        emulator; NaN where the emulator does not know the parameter), ``mu_star, sigma`` (Morris; NaN where nothing was
        screened), ``moves`` (False: Morris saw it move nothing; such rows stand last, what they show is chance).
    accuracy : float
        Of the emulator: share of the variance of runs it had not seen that it foretold.
    manifest : mapping
    """

    kind: ClassVar[str] = "sensitivity"

    robust: RobustResult
    table: pd.DataFrame
    accuracy: float
    manifest: Mapping[str, Any]

    def __repr__(self) -> str:
        best, second = self.pair
        return f"<SensitivityResult {self.id}: {best} against {second}, {len(self.table)} parameters>"

    @property
    def pair(self) -> tuple[str, str]:
        """The best policy on average and the next: the difference that is explained."""
        return tuple(self.manifest["pair"])

    @property
    def agency(self) -> Agency:
        """The agency."""
        return self.robust.agency

    @property
    def policies(self) -> tuple[Policy, ...]:
        """The policies."""
        return self.robust.policies

    @property
    def baseline(self) -> str:
        """Name of the policy the others are compared with."""
        return self.robust.baseline

    @property
    def outcome(self) -> str:
        """The outcome that decides."""
        return self.robust.outcome

    @property
    def title(self) -> Mapping[str, str]:
        """Language -> text."""
        return self.robust.title

    @property
    def question(self) -> Mapping[str, str]:
        """Language -> text."""
        return self.robust.question

    def plot(self, lang: str = "id") -> Figure:
        """How far each parameter moves the difference between the two best policies."""
        return figure_of(self.kind).tornado(self, lang)

    def save(self, folder: str | Path) -> Path:
        """Write the result into `folder` (made; an earlier result there is replaced as a whole)."""
        tables = {"runs": self.robust.runs, "futures": self.robust.futures, "parameters": self.table}
        documents = {DOCUMENT: dataclasses.asdict(self.agency)}
        return write_result(folder, tables=tables, documents=documents, manifest=self.manifest)


def sensitivity(
    agency: Agency | str | Path,
    policies: Sequence[Policy | str | Path],
    *,
    futures: int = 100,
    trajectories: int = 4,
    years: int = 3,
    seed: int = 1,
    workers: int | None = None,
    progress: bool = True,
    lang: str = "id",
    **design: Any,
) -> SensitivityResult:
    """Which parameters decide between policies, and which a partner should measure first.

    Parameters
    ----------
    agency : Agency, str or path
    policies : sequence of Policy, str or path
    futures, trajectories
        See :class:`SensitivityStudy`.
    years, seed, workers, progress, lang
        See :func:`sim.study.compare.design.compare`.
    **design
        Further parameters of :class:`SensitivityStudy`.

    Examples
    --------
    ::

        found = sensitivity("contoh", ["status_quo", "citizen_feedback"], futures=60, years=1)
        found.table.head()
    """
    place, chosen, _ = resolve(agency, policies)
    spec = SensitivityStudy(
        agency=place,
        policies=chosen,
        futures=futures,
        trajectories=trajectories,
        years=years,
        seed=seed,
        **design,
    )
    return spec.run(workers=workers, progress=progress, lang=lang)


def run_sensitivity(
    spec: SensitivityStudy,
    *,
    workers: int | None = None,
    progress: bool = True,
    lang: str = "id",
    simulate: Simulate | None = None,
) -> SensitivityResult:
    """Run a sensitivity analysis; see :func:`sensitivity`."""
    watch, description, workers = Watch(), spec.describe(), n_parallel(workers)
    found = run_robust(spec, workers=workers, progress=progress, lang=lang, simulate=simulate)
    pair, names = found.pair(), spec.space.names
    table, emulator = found.what_decides(), emulator_of(found)
    table = table.merge(
        emulator.sobol(seed=spec.seed)[["parameter", "total", "total_half"]], "left", "parameter"
    )
    interrupted = found.partial
    if spec.trajectories and not interrupted:
        points = morris_points(names, spec.trajectories, spec.seed)
        try:
            lead = _leads(spec, points, pair, description.files, workers, progress, lang, simulate)
            effects = morris_effects(names, points, lead)[["parameter", "mu_star", "sigma"]]
            table = table.merge(effects, "left", "parameter")
        except KeyboardInterrupt:
            interrupted = True
    table = table.reindex(
        columns=[*table.columns.difference(["mu_star", "sigma"], sort=False), "mu_star", "sigma"]
    )
    # what Morris saw to move nothing decides nothing, whatever a regression on few futures makes of it
    table["moves"] = ~(table["mu_star"] <= STILL * table["mu_star"].max())
    table = table.sort_values(["moves", "value", "share"], ascending=False, ignore_index=True)
    manifest = watch.manifest(
        spec,
        description,
        partial=interrupted,
        workers=workers,
        pair=list(pair),
        accuracy=round(emulator.accuracy, 4),
        everything=found.value_of_everything(),
        luck=found.luck(),
        futures=len(found.futures),
    )
    return SensitivityResult(found, table, emulator.accuracy, manifest)


def emulator_of(found: RobustResult, outcome: str | None = None, agency: str | None = None) -> Emulator:
    """A stand-in for the difference between the two best policies, in the parameters that explain most of it."""
    gain = found.gains(outcome, agency)
    best, second = (found.spec.names.index(name) for name in found.pair(outcome, agency))
    lead = gain[:, best] - gain[:, second]
    seen = ~np.isnan(lead)
    chosen = found.what_decides(outcome, agency).sort_values("share", ascending=False)["parameter"][:EMULATED]
    return emulate(ranks(found.parameters[list(chosen)])[seen], lead[seen], list(chosen))


def _leads(
    spec: SensitivityStudy,
    points: np.ndarray,
    pair: tuple[str, str],
    code: str,
    workers: int,
    progress: bool,
    lang: str,
    simulate: Simulate | None,
) -> np.ndarray:
    """How far the best policy leads the next at each of Morris's points; one luck a trajectory."""
    space, length = spec.space, len(spec.space.names) + 1
    chosen = [policy for name in pair for policy in spec.policies if policy.name == name]
    jobs = []
    for i, point in enumerate(points):
        future = space.at(ENDS[0] + point * (ENDS[1] - ENDS[0]), FAR + i // length)
        for p, policy in enumerate(chosen):
            town, changed, scenario = space.apply(future, spec.agency, policy, spec.scenario)
            luck = FAR + i // length
            jobs.append(Job((i, p), town, changed, spec.seed, luck, 12 * spec.years, scenario))
    values = np.full((len(points), 2), np.nan)
    with Progress(progress, lang, len(chosen), workers) as bar:
        bar.expect(len(jobs))
        for job, tables, seconds in run_jobs(jobs, workers=workers, code=code, simulate=simulate):
            whole = tables.summary[tables.summary["unit"] == AGENCY].iloc[0]
            values[job.key] = float(whole[spec.headline[0]])
            bar.finished(seconds)
    sign = -1.0 if OUTCOMES[spec.headline[0]].better == "low" else 1.0
    return sign * (values[:, 0] - values[:, 1])
