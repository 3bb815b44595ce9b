"""Robust choice: the same policies in many futures, and which of them one would regret least."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from sim.agency import load_agency
from sim.agency.spec import Agency
from sim.errors import KinerjaError
from sim.evidence import PRESETS
from sim.levers import Policy
from sim.levers.base import nearest
from sim.outcomes import HEADLINE, OUTCOMES
from sim.runs.futures import Future, Space, Uncertainty, space_of, uncertainties
from sim.runs.job import Job, Simulate
from sim.runs.progress import Progress
from sim.runs.replicate import n_parallel, run_jobs
from sim.runs.tables import AGENCY
from sim.study.checks import Wrong, wrong_number, wrong_outcome, wrong_whole
from sim.study.inputs import resolve
from sim.study.spec import BaselineStudy, Watch

if TYPE_CHECKING:
    from sim.study.robust.result import RobustResult

REPEATS = 2
"""Runs of a policy in a future that is run again."""


@dataclass(frozen=True, kw_only=True)
class RobustStudy(BaselineStudy):
    """Everything that decides the numbers of a robust study, and the words around it.

    Parameters
    ----------
    agency : Agency
    policies : tuple of Policy
        At least two, with different names.
    others : tuple of Agency or str
        Further agencies that meet the same futures.
    baseline : str
        Name of the policy the others are compared with; the first by default.
    futures : int
        How many worlds.
    repeated : int
        How many of them are run twice, so that luck can be told from what differs between futures.
    presets : tuple of str
        Ways to read the evidence; each holds in an equal part of the futures.
    uncertainties : tuple of Uncertainty, or mapping of str to range
        What else is unknown: a mapping names those that ship, with a range ``[low, high]`` of your own or nothing.
        Empty: all that ship.
    evidence : bool
        Whether means of findings are drawn.
    targets : mapping
        Outcome -> level to be reached, for the share of futures in which a policy does (satisficing).
    headline : tuple of str
        Outcomes kept; the first decides. By default those of :data:`sim.outcomes.HEADLINE`.
    years, seed, scenario, title, question
        See :class:`sim.study.CompareStudy`.

    Raises
    ------
    Problems
        With everything that is wrong; ``column`` is the parameter.
    """

    kind: ClassVar[str] = "robust"
    file_keys: ClassVar[Mapping[str, type]] = {
        "policies": list,
        "others": list,
        "baseline": str,
        "futures": int,
        "repeated": int,
        "presets": list,
        "uncertainties": dict,
        "evidence": bool,
        "targets": dict,
        "outcomes": list,
    }

    others: tuple[Agency, ...] = ()
    futures: int = 200
    repeated: int = 24
    presets: tuple[str, ...] = PRESETS
    uncertainties: tuple[Uncertainty, ...] = ()
    evidence: bool = True
    targets: Mapping[str, float] = field(default_factory=dict)
    headline: tuple[str, ...] = ()

    def _settle(self) -> Wrong:
        found: list[tuple[str, str, str]] = []

        def settle(key: str, value: Any) -> None:
            try:
                object.__setattr__(self, key, value())
            except KinerjaError as error:
                found.append((key, str(error), "Correct it or leave it out."))
                object.__setattr__(self, key, ())

        if not self.headline:
            object.__setattr__(self, "headline", HEADLINE)
        settle(
            "others", lambda: tuple(load_agency(x) if isinstance(x, (str, Path)) else x for x in self.others)
        )
        settle("uncertainties", lambda: _uncertainties(self.uncertainties))
        yield from (*found, *super()._settle())

    @property
    def agencies(self) -> tuple[Agency, ...]:
        """All agencies, in order."""
        return (self.agency, *self.others)

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Outcomes kept: the headline ones, those with a target, and the cost."""
        return tuple(dict.fromkeys((*self.headline, *self.targets, "cost")))

    @property
    def space(self) -> Space:
        """The futures that are possible."""
        return space_of(
            self.policies, uncertainties=self.uncertainties, evidence=self.evidence, presets=self.presets
        )

    def run(
        self,
        *,
        workers: int | None = None,
        progress: bool = True,
        lang: str = "id",
        simulate: Simulate | None = None,
    ) -> RobustResult:
        """Run it; see :func:`robust`."""
        return run_robust(self, workers=workers, progress=progress, lang=lang, simulate=simulate)

    def _problems(self) -> Wrong:
        names = [agency.name for agency in self.agencies]
        if len(set(names)) < len(names):
            yield "others", "an agency is named twice.", "Name each once."
        yield from wrong_whole("futures", self.futures, 10, 100_000)
        yield from wrong_whole("repeated", self.repeated, 0, 100_000)
        for preset in self.presets:
            if preset not in PRESETS:
                guess = nearest(str(preset), PRESETS)
                yield (
                    "presets",
                    f"no preset {preset!r} of the evidence{guess}.",
                    f"There are {', '.join(PRESETS)}.",
                )
        if not self.presets:
            yield "presets", "there is no way to read the evidence.", f"There are {', '.join(PRESETS)}."
        for name in self.headline:
            yield from wrong_outcome("outcomes", name, self.policies)
        if OUTCOMES.get(self.headline[0]) is None or OUTCOMES[self.headline[0]].better == "none":
            yield "outcomes", f"{self.headline[0]!r} is neither good nor bad.", "Begin with one that decides."
        for name, target in self.targets.items():
            yield from wrong_number(f"targets.{name}", target, -1e15, 1e15)
            if name not in OUTCOMES or OUTCOMES[name].better == "none":
                yield f"targets.{name}", "not an outcome that is good or bad.", "Name one that is."
        yield from super()._problems()


def robust(
    agency: Agency | str | Path | Sequence[Agency | str | Path],
    policies: Sequence[Policy | str | Path],
    *,
    futures: int = 200,
    repeated: int = 24,
    years: int = 3,
    targets: Mapping[str, float] | None = None,
    seed: int = 1,
    workers: int | None = None,
    progress: bool = True,
    lang: str = "id",
    **design: Any,
) -> RobustResult:
    """Run policies in many futures, the same futures and the same luck for every policy.

    Parameters
    ----------
    agency : Agency, str or path, or a sequence of them
        Several agencies meet the same futures, each for itself.
    policies : sequence of Policy, str or path
    futures : int
        How many worlds.
    repeated : int
        How many of them are run twice, so that luck can be told from what differs between futures.
    years : int
    targets : mapping, optional
        Outcome -> level to be reached.
    seed : int
        Root of futures and luck.
    workers, progress, lang
        See :func:`sim.study.compare.design.compare`.
    **design
        Further parameters of :class:`RobustStudy`.

    Returns
    -------
    RobustResult
        Interrupted, it holds the futures that were finished for every policy, and says so in ``partial``.

    Examples
    --------
    ::

        found = robust("contoh", ["status_quo", "citizen_feedback", "ict_training"], targets={"waiting_minutes": 20})
        found.table("waiting_minutes")
    """
    first, *more = (agency,) if isinstance(agency, (Agency, str, Path)) else agency
    place, chosen, _ = resolve(first, policies)
    spec = RobustStudy(
        agency=place,
        policies=chosen,
        others=tuple(load_agency(x) if isinstance(x, (str, Path)) else x for x in more),
        futures=futures,
        repeated=repeated,
        years=years,
        targets=targets or {},
        seed=seed,
        **design,
    )
    return spec.run(workers=workers, progress=progress, lang=lang)


def run_robust(
    spec: RobustStudy,
    *,
    workers: int | None = None,
    progress: bool = True,
    lang: str = "id",
    simulate: Simulate | None = None,
) -> RobustResult:
    """Run a robust study; see :func:`robust`."""
    from sim.study.robust.result import RobustResult

    watch, description, workers = Watch(), spec.describe(), n_parallel(workers)
    futures = spec.space.futures(spec.futures, spec.seed)
    repeats = spec.futures + (REPEATS - 1) * min(spec.repeated, spec.futures)
    rows: list[dict[str, Any]] = []
    interrupted, busy = False, 0.0
    with Progress(progress, lang, len(spec.policies), workers) as bar:
        bar.expect(repeats * len(spec.agencies) * len(spec.policies))
        try:
            for job, tables, seconds in run_jobs(
                jobs_of(spec, futures), workers=workers, code=description.files, simulate=simulate
            ):
                rows.append(_row(spec, job, tables.summary))
                busy += seconds
                bar.finished(seconds)
        except KeyboardInterrupt:
            interrupted = True
    runs, whole = _runs(spec, rows)
    if not whole:
        raise KeyboardInterrupt
    manifest = watch.manifest(
        spec,
        description,
        partial=interrupted,
        workers=workers,
        futures=whole,
        runs=len(runs),
        busy=round(busy, 1),
    )
    table = spec.space.table(futures[:whole])
    return RobustResult(spec=spec, runs=runs, futures=table, manifest=manifest)


def jobs_of(spec: RobustStudy, futures: Sequence[Future]) -> Iterator[Job]:
    """The runs of a study, whole futures first; each future has luck of its own, shared by all policies in it."""
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


def _uncertainties(asked: Any) -> tuple[Uncertainty, ...]:
    if not isinstance(asked, Mapping):
        return tuple(asked) or uncertainties()
    ranges = {}
    for name, ends in asked.items():
        if ends is None:
            continue
        if not isinstance(ends, (list, tuple)) or len(ends) != 2:
            raise KinerjaError(
                f"{name}: {ends!r} is not a range; write [low, high], or nothing for the usual one."
            )
        ranges[name] = (float(ends[0]), float(ends[1]))
    chosen = {u.key: u for u in uncertainties(*asked, **ranges)}
    return tuple(chosen[name] for name in asked) if asked else uncertainties()
