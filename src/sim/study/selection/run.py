"""Run a selection: no more runs than the choice takes (procedure KN of Kim & Nelson 2001)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.agency import Agency
from sim.levers import Policy
from sim.names import known_arguments
from sim.outcomes import OUTCOMES
from sim.study.run import StudyRun
from sim.study.selection.design import SelectionStudy
from sim.study.selection.kim_nelson import KimNelson
from sim.study.selection.result import SelectionResult

STEP = 5
"""Replications run at a time after the first stage: enough to keep several processes busy."""


@known_arguments(SelectionStudy)
def select(
    agency: Agency | str | Path,
    policies: Sequence[Policy | str | Path],
    outcome: str,
    *,
    indifference: float,
    workers: int | None = None,
    progress: bool = True,
    out: str | Path | None = None,
    lang: str | None = None,
    **design: Any,
) -> SelectionResult:
    """Select the best of several policies with a stated probability of being right.

    Every policy meets the same random numbers. After a first stage each further replication is run only for the
    policies still in; one that falls too far behind another is screened out (procedure KN of Kim & Nelson 2001).

    Parameters
    ----------
    agency : Agency, str or path
    policies : sequence of Policy, str or path
    outcome : str
        The outcome that decides.
    indifference : float
        The smallest difference worth detecting, in the outcome's own unit (a share is 0..1).
    workers, progress, out, lang
        See :func:`sim.study.run_study`.
    **design
        ``probability, window, first, max_replications, futures, years, seed, scenario``...: see
        :class:`sim.study.SelectionStudy`.

    Returns
    -------
    SelectionResult
        Interrupted, it holds the runs that were finished and says so in ``partial``.

    Examples
    --------
    ::

        policies = ["status_quo", "citizen_feedback", "ict_training"]
        result = sim.select("contoh", policies, "waiting_minutes", indifference=1)
        result.best, result.table()
    """
    spec = SelectionStudy.of(agency, policies, outcome=outcome, indifference=indifference, **design)
    return spec.run(workers=workers, progress=progress, out=out, lang=lang)


def run(study: StudyRun) -> SelectionResult:
    """Run a selection; see :func:`sim.study.run_study`."""
    spec: SelectionStudy = study.spec
    sign = 1.0 if OUTCOMES[spec.outcome].better == "high" else -1.0
    procedure = KimNelson(len(spec.names), spec.indifference, spec.probability, spec.first)
    interrupted = False
    with study.progress() as bar:
        runs = study.search_runs(bar, futures=spec.futures)
        try:
            while not procedure.done and procedure.n < spec.max_replications:
                size = spec.first if procedure.n == 0 else STEP
                stage = range(procedure.n, min(procedure.n + size, spec.max_replications))
                runs.run((spec.policies[i], r) for r in stage for i in procedure.alive)
                for r in stage:
                    column = np.full(len(spec.names), np.nan)
                    for i in procedure.alive:
                        column[i] = sign * runs.values(spec.policies[i], [r], spec.outcome, spec.window)[0]
                    procedure.feed(column)
                    if procedure.done:
                        break
        except KeyboardInterrupt:
            interrupted = True
            if not procedure.n:
                raise
    rows = [
        (policy.name, runs.count(policy), *_screened(procedure, spec.names, i))
        for i, policy in enumerate(spec.policies)
    ]
    manifest = study.manifest(
        partial=interrupted,
        best=spec.names[procedure.best],
        decided=procedure.done,
        replications=procedure.n,
        most=procedure.most,
        runs=len(runs),
    )
    columns = ["policy", "replications", "screened_at", "screened_by"]
    screening = pd.DataFrame(rows, columns=columns)
    return SelectionResult(spec=spec, runs=runs.table(), screening=screening, manifest=manifest)


def _screened(procedure: KimNelson, names: Sequence[str], i: int) -> tuple[int, str]:
    at, other = procedure.screened.get(i, (0, -1))
    return at, names[other] if other >= 0 else ""
