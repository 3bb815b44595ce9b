"""Run a capacity plan: search for the smallest dose that is enough."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.agency import Agency
from sim.levers import Policy
from sim.names import known_arguments
from sim.outcomes import OUTCOMES
from sim.runs.search_runs import SearchRuns
from sim.study.capacity.design import CapacityStudy
from sim.study.capacity.result import CapacityResult
from sim.study.capacity.search import Search
from sim.study.run import StudyRun


@known_arguments(CapacityStudy)
def capacity(
    agency: Agency | str | Path,
    policy: Policy | str | Path,
    lever: str | Sequence[str],
    outcome: str,
    target: float,
    *,
    workers: int | None = None,
    progress: bool = True,
    out: str | Path | None = None,
    lang: str | None = None,
    **design: Any,
) -> CapacityResult:
    """Find the smallest dose of a lever that brings an outcome to its target with a stated probability.

    The search (:mod:`sim.study.capacity.search`) spends replications where the boundary may lie.
    It assumes neither that more is better nor that the target can be reached: seats take people off the desk, and
    it says so where that is the reason.

    Parameters
    ----------
    agency : Agency, str or path
    policy : Policy, str or path
        With the lever.
    lever : str or sequence of str
        Key of a lever of the policy, or several among which the dose is divided as the policy divides it.
    outcome : str
    target : float
        In the outcome's own unit; at least or at most, as is better.
    workers, progress, out, lang
        See :func:`sim.study.run_study`.
    **design
        ``parameter, low, high, step, along, probability, budget, window, futures, batch, confirm, max_replications,
        years, seed, scenario``...: see :class:`sim.study.CapacityStudy`.

    Returns
    -------
    CapacityResult

    Examples
    --------
    Seats in ICT training that bring the average wait to at most 14 minutes in nine futures of ten::

        result = sim.capacity("contoh", "ict_training", "training", "waiting_minutes", 14.0, high=100)
        result.seats, result.summary(), result.frontier(), result.timetable()
    """
    levers = (lever,) if isinstance(lever, str) else tuple(lever)
    spec = CapacityStudy.of(agency, policy, lever=levers, outcome=outcome, target=target, **design)
    return spec.run(workers=workers, progress=progress, out=out, lang=lang)


def run(study: StudyRun) -> CapacityResult:
    """Search to the end; see :func:`sim.study.run_study`. Interrupted, return what is known so far."""
    latest: CapacityResult | None = None
    try:
        for result in steps(study):
            latest = result
    except KeyboardInterrupt:
        if latest is None:
            raise
    assert latest is not None
    return latest


def steps(study: StudyRun) -> Iterator[CapacityResult]:
    """Yield what is known after each batch of replications, from the first that allows an answer.

    All but the last are ``partial``. The search stops when no more is asked for.
    """
    spec: CapacityStudy = study.spec
    with study.progress() as bar:
        runs = study.search_runs(bar, futures=spec.futures)
        doses, limited = _affordable(spec, runs)
        search = Search(
            doses,
            spec.target,
            OUTCOMES[spec.outcome].better,
            spec.probability,
            batch=spec.batch,
            confirm=spec.confirm,
            most=spec.most,
            seed=spec.seed,
        )
        while (wanted := search.ask()) is not None:
            index, replications = wanted
            policy = spec.at(doses[index])
            search.tell(index, runs.values(policy, replications, spec.outcome, spec.window))
            if len(search.values) >= 3:
                yield _result(study, runs, search, limited)


def _affordable(spec: CapacityStudy, runs: SearchRuns) -> tuple[np.ndarray, bool]:
    """Return the doses within the budget, by what the highest costs per year, and whether any is left out."""
    doses = spec.doses
    if spec.budget is None:
        return doses, False
    highest = spec.at(doses[-1])
    cost = runs.spent(highest, range(spec.batch), spec.lever).mean() / spec.years
    if cost <= spec.budget:
        return doses, False
    most = spec.budget / cost * doses[-1]
    within = doses[doses <= most]
    fine = np.unique(np.linspace(doses[0], max(most, doses[0] + 2), 3).astype(int))  # a search needs three
    return (within if len(within) >= 3 else fine), True


def _result(study: StudyRun, runs: SearchRuns, search: Search, limited: bool) -> CapacityResult:
    spec: CapacityStudy = study.spec
    rows = []
    for index, values in sorted(search.values.items()):  # noqa: PD011
        dose = search.doses[index]
        policy, replications = spec.at(dose), range(len(values))
        rupiah = runs.spent(policy, replications, spec.lever) / spec.years
        days = runs.values(policy, replications, "desk_days_lost") / spec.years
        for r, value in enumerate(values):
            rows.append((dose, r, value, bool(search.reached(value)), rupiah[r], days[r]))
    finding = search.finding()
    margin, error = search.margin()
    manifest = study.manifest(
        partial=finding.state == "searching",
        state=finding.state,
        dose=float(search.doses[finding.index]),
        low=float(search.doses[finding.low]),
        high=float(search.doses[finding.high]),
        chance=finding.chance,
        limited=limited,
        replications=search.taken,
        grid=len(search.doses) * spec.confirm,
        doses=search.doses.tolist(),
        margin=margin.tolist(),
        margin_error=error.tolist(),
    )
    columns = ["dose", "replication", "value", "reached", "rupiah", "desk_days"]
    return CapacityResult(spec=spec, points=pd.DataFrame(rows, columns=columns), manifest=manifest)
