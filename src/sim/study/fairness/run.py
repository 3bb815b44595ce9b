"""Run a fairness study: who gains and who is harmed, from the officers themselves.

A comparison knows units, not people. Here each run is looked at officer by officer
(:mod:`sim.study.fairness.people`). An officer who holds a post under two policies is the same person in both, so that
the difference is what a policy did to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from sim.agency import Agency
from sim.levers import Policy
from sim.names import known_arguments
from sim.runs.tables import assemble
from sim.study.fairness.design import FairnessStudy
from sim.study.fairness.groups import PAIRED
from sim.study.fairness.people import simulate_people
from sim.study.fairness.result import FairnessResult
from sim.study.run import StudyRun


@known_arguments(FairnessStudy)
def fairness(
    agency: Agency | str | Path,
    policies: Sequence[Policy | str | Path],
    *,
    baseline: int | str = 0,
    workers: int | None = None,
    progress: bool = True,
    out: str | Path | None = None,
    lang: str | None = None,
    **design: Any,
) -> FairnessResult:
    """Run policies and look at the officers of every run: who gains, who is harmed, who is rated fairly.

    Parameters
    ----------
    agency, policies, baseline
        See :func:`sim.compare`; the runs are the same as there.
    workers, progress, out, lang
        See :func:`sim.study.run_study`.
    **design
        ``replications, splits, years, seed, scenario, title, question``: see :class:`sim.study.FairnessStudy`.

    Returns
    -------
    FairnessResult
        Interrupted, it holds the replications that every policy has finished and says so in ``partial``.

    Raises
    ------
    Problems
        With everything wrong in the arguments, before anything runs.

    Examples
    --------
    ::

        result = sim.fairness("contoh", ["status_quo", "citizen_feedback"], years=1)
        result.table("closeness", "worse_off"), result.gaps(), result.plot()
    """
    spec = FairnessStudy.of(agency, policies, baseline=baseline, **design)
    return spec.run(workers=workers, progress=progress, out=out, lang=lang)


def run(study: StudyRun) -> FairnessResult:
    """Run a fairness study; see :func:`sim.study.run_study`."""
    spec: FairnessStudy = study.spec
    study.simulate = study.simulate or simulate_people
    runs, n, interrupted = study.replications([range(spec.replications)])
    tables = assemble(spec.agency, spec.policies, runs)
    return FairnessResult(
        spec=spec,
        people=with_before(tables.outcomes, spec.baseline),
        runs_summary=tables.summary,
        costs=tables.costs,
        manifest=study.manifest(partial=interrupted, replications=n, runs=len(runs)),
    )


def with_before(people: pd.DataFrame, baseline: str) -> pd.DataFrame:
    """Add to each officer at the end what they are under the baseline: ``<measure>_before``.

    NaN for an officer who holds no post under the baseline, and at all other moments.
    """
    yes_no = ["end", "supervisor", "pns"]
    people = people.astype(dict.fromkeys(yes_no, bool))
    keys = ["replication", "person"]
    before = {measure: f"{measure}_before" for measure in PAIRED}
    known = people.loc[people["end"] & (people["policy"] == baseline), [*keys, *before]]
    found = people[keys].merge(known.rename(columns=before), "left", keys, validate="m:1")
    for column in before.values():
        people[column] = found[column].where(people["end"]).to_numpy()
    return people
