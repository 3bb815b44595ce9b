"""Which policy is best, with a stated probability of being right, and no more runs than that takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from sim.levers import Policy
from sim.outcomes import OUTCOMES
from sim.runs.bank import Bank
from sim.runs.job import Simulate
from sim.runs.progress import Progress
from sim.study.checks import Wrong, wrong_number, wrong_outcome, wrong_whole
from sim.study.inputs import resolve
from sim.study.selection.kim_nelson import KimNelson
from sim.study.selection.result import SelectionResult
from sim.study.spec import PolicyStudy, Watch

if TYPE_CHECKING:
    from sim.agency import Agency

STEP = 5
"""Replications asked for at a time once the first stage is over: enough to keep several processes at work."""


@dataclass(frozen=True, kw_only=True)
class SelectionStudy(PolicyStudy):
    """Everything that decides a selection, and the words around it.

    Parameters
    ----------
    agency : Agency
    policies : tuple of Policy
        At least two.
    outcome : str
        The outcome that decides; it must be good or bad.
    indifference : float
        The smallest difference worth detecting, in the outcome's own unit (a share is 0..1).
    probability : float
        With which the best is selected, provided that it is better than the next by `indifference`.
    window : str
        Months that count, e.g. ``"25-36"``; "" is the whole study.
    first : int
        Replications of every policy before any is screened out.
    max_replications : int
        Where a selection that cannot decide stops.
    futures : bool
        Each replication happens in a future of its own (effects drawn from their evidence).
    years, seed, scenario, title, question
        See :class:`sim.study.CompareStudy`.
    """

    kind: ClassVar[str] = "selection"
    file_keys: ClassVar[Mapping[str, type]] = {
        "policies": list,
        "outcome": str,
        "indifference": float,
        "probability": float,
        "window": str,
        "first": int,
        "max_replications": int,
        "futures": bool,
    }

    outcome: str
    indifference: float
    probability: float = 0.95
    window: str = ""
    first: int = 10
    max_replications: int = 400
    futures: bool = False

    def run(
        self,
        *,
        workers: int | None = None,
        progress: bool = True,
        lang: str = "id",
        simulate: Simulate | None = None,
    ) -> SelectionResult:
        """Run it; see :func:`select`."""
        return _run(self, workers, progress, lang, simulate)

    def _problems(self) -> Wrong:
        yield from wrong_outcome("outcome", self.outcome)
        if self.outcome in OUTCOMES and OUTCOMES[self.outcome].better == "none":
            yield "outcome", f"{self.outcome!r} is neither good nor bad.", "Choose one that is."
        yield from wrong_number("indifference", self.indifference, 1e-12, 1e15)
        yield from wrong_number("probability", self.probability, 0.5, 0.9999)
        yield from wrong_whole("first", self.first, 5, 1000)
        yield from wrong_whole("max_replications", self.max_replications, self.first, 100_000)
        yield from super()._problems()


def select(
    agency: Agency | str | Path,
    policies: Sequence[Policy | str | Path],
    outcome: str,
    *,
    indifference: float,
    probability: float = 0.95,
    workers: int | None = None,
    progress: bool = True,
    lang: str = "id",
    **design: Any,
) -> SelectionResult:
    """Select the best of several policies with a stated probability of being right.

    Every policy meets the same luck. After a first stage each further replication is run only for the policies still
    in; one that falls too far behind another is screened out (procedure KN of Kim & Nelson 2001).

    Parameters
    ----------
    agency : Agency, str or path
    policies : sequence of Policy, str or path
    outcome : str
        The outcome that decides.
    indifference : float
        The smallest difference worth detecting, in the outcome's own unit (a share is 0..1).
    probability : float
        Of selecting the best, provided that it is better than the next by `indifference`; else, of selecting one that
        is worse than the best by less than that.
    workers, progress, lang
        See :func:`sim.study.compare.design.compare`.
    **design
        Further parameters of :class:`SelectionStudy`.

    Returns
    -------
    SelectionResult
        Interrupted, it holds the runs that were finished and says so in ``partial``.

    Examples
    --------
    ::

        found = select("contoh", ["status_quo", "citizen_feedback", "ict_training"], "waiting_minutes", indifference=1)
        found.best, found.table()
    """
    place, chosen, _ = resolve(agency, policies)
    spec = SelectionStudy(
        agency=place,
        policies=chosen,
        outcome=outcome,
        indifference=indifference,
        probability=probability,
        **design,
    )
    return spec.run(workers=workers, progress=progress, lang=lang)


def _run(
    spec: SelectionStudy, workers: int | None, progress: bool, lang: str, simulate: Simulate | None
) -> SelectionResult:
    watch, description = Watch(), spec.describe()
    names = [policy.name for policy in spec.policies]
    sign = 1.0 if OUTCOMES[spec.outcome].better == "high" else -1.0
    procedure = KimNelson(len(names), spec.indifference, spec.probability, spec.first)
    interrupted = False
    with Progress(progress, lang, 0, workers or 1) as bar:
        bank = Bank(
            spec.agency,
            seed=spec.seed,
            months=12 * spec.years,
            scenario=spec.scenario,
            futures=spec.futures,
            workers=workers,
            code=description.files,
            progress=bar,
            simulate=simulate,
        )
        try:
            while not procedure.done and procedure.n < spec.max_replications:
                size = spec.first if procedure.n == 0 else STEP
                stage = range(procedure.n, min(procedure.n + size, spec.max_replications))
                bank.run((spec.policies[i], r) for r in stage for i in procedure.alive)
                for r in stage:
                    column = np.full(len(names), np.nan)
                    for i in procedure.alive:
                        column[i] = sign * bank.values(spec.policies[i], [r], spec.outcome, spec.window)[0]
                    procedure.feed(column)
                    if procedure.done:
                        break
        except KeyboardInterrupt:
            interrupted = True
            if not procedure.n:
                raise
    screening = pd.DataFrame(
        [
            (name, bank.count(policy), *_out(procedure, names, i))
            for i, (name, policy) in enumerate(zip(names, spec.policies, strict=True))
        ],
        columns=["policy", "replications", "screened_at", "screened_by"],
    )
    manifest = watch.manifest(
        spec,
        description,
        partial=interrupted,
        workers=bank.workers,
        best=names[procedure.best],
        decided=procedure.done,
        replications=procedure.n,
        most=procedure.most,
        runs=len(bank),
    )
    runs = bank.table()
    return SelectionResult(
        spec.agency, spec.policies, spec.outcome, runs, screening, manifest, spec.title, spec.question
    )


def _out(procedure: KimNelson, names: list[str], i: int) -> tuple[int, str]:
    at, other = procedure.screened.get(i, (0, -1))
    return at, names[other] if other >= 0 else ""
