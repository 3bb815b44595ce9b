"""Run the search for the best mix: all mixes are run a few times, those that cannot be on the front no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.agency import Agency
from sim.levers import Policy
from sim.outcomes import OUTCOMES
from sim.runs.search_runs import SearchRuns
from sim.study.optimise.design import OptimiseStudy
from sim.study.optimise.mixes import Mix, mixes
from sim.study.optimise.race import COST, Objective, clearly_dominates, objectives_of, over
from sim.study.optimise.result import OptimiseResult
from sim.study.run import StudyRun


def optimise(
    agency: Agency | str | Path,
    policy: Policy | str | Path,
    options: Sequence[Mapping[str, Any]],
    objectives: Mapping[str, float],
    *,
    workers: int | None = None,
    progress: bool = True,
    out: str | Path | None = None,
    lang: str | None = None,
    **design: Any,
) -> OptimiseResult:
    """Find the mixes of policies that nothing beats on service, fairness and cost at once.

    Every mix meets the same random numbers. All are run a few times; those that clearly cannot be on the front, or
    clearly break the budget or a limit, get no more runs (:mod:`sim.study.optimise.race`).

    Parameters
    ----------
    agency : Agency, str or path
    policy : Policy, str or path
        What every mix is added to.
    options : sequence of mapping
        ``{"lever": "training", "seats": [20, 40]}``: a list is a dose each.
    objectives : mapping
        Outcome -> the difference that does not matter, in its own unit.
    workers, progress, out, lang
        See :func:`sim.study.run_study`.
    **design
        ``budget, limits, window, first, most, futures, years, seed, scenario``...: see
        :class:`sim.study.OptimiseStudy`.

    Examples
    --------
    ::

        result = sim.optimise(
            "contoh", "status_quo",
            [{"lever": "training", "seats": [20, 40]}, {"lever": "dashboard"}],
            {"waiting_minutes": 0.2, "rating_validity": 0.01},
            budget=60e6, limits={"false_below": 0.01},
        )
        result.front, result.table(), result.plot()
    """
    given = {"options": tuple(options), "objectives": objectives}
    spec = OptimiseStudy.of(agency, policy, **given, **design)
    return spec.run(workers=workers, progress=progress, out=out, lang=lang)


def run(study: StudyRun) -> OptimiseResult:
    """Run the search; see :func:`sim.study.run_study`."""
    spec: OptimiseStudy = study.spec
    every = list(mixes(spec.policy, spec.options))
    out: dict[int, tuple[str, str]] = {}
    done: dict[int, int] = {}  # replications that each mix has and that count
    interrupted = False
    with study.progress() as bar:
        runs = study.search_runs(bar, futures=spec.futures)
        n = spec.first
        try:
            while True:
                alive = [i for i in range(len(every)) if i not in out or i == 0]
                runs.run((every[i].policy, r) for r in range(n) for i in alive)
                done |= dict.fromkeys(alive, n)
                out |= _broken(spec, runs, every, alive, n, n_intervals=len(alive))
                out |= _dominated(spec, runs, every, [i for i in alive if i not in out], n)
                if n >= spec.most or sum(i not in out for i in range(len(every))) <= 1:
                    break
                n = min(2 * n, spec.most)
        except KeyboardInterrupt:
            interrupted = True
            if not done:
                raise
    last = [i for i in done if i not in out]
    # in the end the means decide who keeps to the budget and the limits
    out |= _broken(spec, runs, every, last, min((done[i] for i in last), default=0), n_intervals=0)
    rows = []
    for i, mix in enumerate(every):
        values = _values(spec, runs, every[0], mix, done[i])
        part = pd.DataFrame({"policy": mix.policy.name, "replication": range(done[i])}).assign(**values)
        rows.append(part)
    fate = pd.DataFrame(
        [(mix.policy.name, done[i], *out.get(i, ("in", ""))) for i, mix in enumerate(every)],
        columns=["policy", "replications", "fate", "by"],
    )
    manifest = study.manifest(
        partial=interrupted,
        replications=max(done.values()),
        runs=len(runs),
        mixes=len(every),
    )
    points = pd.concat(rows, ignore_index=True)
    return OptimiseResult(spec=spec, points=points, fate=fate, manifest=manifest)


def _values(spec: OptimiseStudy, runs: SearchRuns, base: Mix, mix: Mix, n: int) -> dict[str, np.ndarray]:
    """Return objectives and limited outcomes of a mix, and its extra cost per year."""
    names = dict.fromkeys([*spec.objectives, *spec.limits])
    values = {name: runs.values(mix.policy, range(n), name, spec.window) for name in names}
    extra = runs.spent(mix.policy, range(n)) - runs.spent(base.policy, range(n))
    return {**values, COST: extra / spec.years}


def _broken(
    spec: OptimiseStudy,
    runs: SearchRuns,
    every: Sequence[Mix],
    alive: Sequence[int],
    n: int,
    n_intervals: int,
) -> dict[int, tuple[str, str]]:
    """Return mixes that break the budget or a limit, clearly (0 `n_intervals`: on average), and what they break."""
    out: dict[int, tuple[str, str]] = {}
    before = _values(spec, runs, every[0], every[0], n) if alive else {}
    for i in alive:
        values = _values(spec, runs, every[0], every[i], n)
        if spec.budget is not None and over(values[COST], spec.budget, n_intervals):
            out[i] = ("budget", COST)
        for name, room in spec.limits.items():
            worse = -Objective(name, OUTCOMES[name].better).gain(values[name], before[name])
            if i not in out and over(worse, room, n_intervals):
                out[i] = ("limit", name)
    return out


def _dominated(
    spec: OptimiseStudy, runs: SearchRuns, every: Sequence[Mix], alive: Sequence[int], n: int
) -> dict[int, tuple[str, str]]:
    """Return mixes that another makes superfluous, and which."""
    values = {i: _values(spec, runs, every[0], every[i], n) for i in alive}
    goals = objectives_of(spec.objectives)
    out: dict[int, tuple[str, str]] = {}
    for i in alive:
        for j in alive:
            # only one that is in puts others out, so that two of a kind do not put out each other
            if i != j and j not in out and clearly_dominates(values[j], values[i], goals, len(alive)):
                out[i] = ("dominated", every[j].policy.name)
                break
    return out
