"""Which mix of policies, within a budget and without making ratings less fair: the Pareto front."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from sim.errors import KinerjaError
from sim.levers import Policy
from sim.outcomes import OUTCOMES
from sim.runs.bank import Bank
from sim.runs.job import Simulate
from sim.runs.progress import Progress
from sim.study.checks import Wrong, wrong_number, wrong_outcome, wrong_whole
from sim.study.inputs import resolve
from sim.study.optimise.mixes import Mix, doses_of, mixes
from sim.study.optimise.race import Objective, over, surely_dominates
from sim.study.optimise.result import COST, OptimiseResult, objectives_of
from sim.study.spec import StudySpec, Watch

if TYPE_CHECKING:
    from sim.agency import Agency

MOST_MIXES = 256
"""More than that are not raced: the first stage alone would take too long."""


@dataclass(frozen=True, kw_only=True)
class OptimiseStudy(StudySpec):
    """Everything that decides a search for the best mix, and the words around it.

    Parameters
    ----------
    agency : Agency
    policy : Policy
        What every mix is added to, and compared with.
    options : tuple of mapping
        Each a lever with its parameters, as in a policy's file; a list in place of a value is a dose each. An option
        may always be left out.
    objectives : mapping
        Outcome -> indifference: the difference that does not matter, in its own unit. The first is what service is
        judged by. Cost is always an objective too.
    budget : float, optional
        Rupiah a year that a mix may cost more than `policy`; None: no limit.
    limits : mapping
        Outcome -> by how much its mean may be worse than under `policy`, in its own unit: fairness is not for sale.
    window : str
        Months that count, e.g. ``"25-36"``; "" is the whole study.
    first, most : int
        Replications of every mix, and of those that stay in.
    futures : bool
        Each replication happens in a future of its own (effects drawn from their evidence).
    years, seed, scenario, title, question
        See :class:`sim.study.CompareStudy`.
    """

    kind: ClassVar[str] = "optimise"
    file_keys: ClassVar[Mapping[str, type]] = {
        "policy": str,
        "options": list,
        "objectives": dict,
        "budget": float,
        "limits": dict,
        "window": str,
        "first": int,
        "most": int,
        "futures": bool,
    }

    policy: Policy
    options: tuple[Mapping[str, Any], ...]
    objectives: Mapping[str, float]
    budget: float | None = None
    limits: Mapping[str, float] = field(default_factory=dict)
    window: str = ""
    first: int = 5
    most: int = 40
    futures: bool = True

    def run(
        self,
        *,
        workers: int | None = None,
        progress: bool = True,
        lang: str = "id",
        simulate: Simulate | None = None,
    ) -> OptimiseResult:
        """Run it; see :func:`optimise`."""
        return _run(self, workers, progress, lang, simulate)

    def _problems(self) -> Wrong:
        if not self.options:
            yield "options", "there is no option.", "Give at least one lever."
        count = 1
        for i, option in enumerate(self.options, start=1):
            try:
                count *= len(doses_of(option)) + 1
            except (KinerjaError, AttributeError) as error:
                yield "options", f"option {i}: {error}", "Write it as a lever of a policy, lists for doses."
        if count > MOST_MIXES:
            yield (
                "options",
                f"they make {count} mixes, more than {MOST_MIXES}.",
                "Leave out options or doses.",
            )
        if not self.objectives:
            yield (
                "objectives",
                "there is no objective.",
                "Give an outcome and the difference that does not matter.",
            )
        for key in ("objectives", "limits"):
            for name, number in getattr(self, key).items():
                yield from wrong_outcome(key, name)
                if name == COST or (name in OUTCOMES and OUTCOMES[name].better == "none"):
                    yield key, f"{name!r} cannot stand here.", "Choose an outcome that is good or bad."
                yield from wrong_number(key, number, 0, 1e12)
        if self.budget is not None:
            yield from wrong_number("budget", self.budget, 0, 1e15)
        yield from wrong_whole("first", self.first, 3, 1000)
        yield from wrong_whole("most", self.most, self.first, 10_000)
        yield from super()._problems()


def optimise(
    agency: Agency | str | Path,
    policy: Policy | str | Path,
    options: Sequence[Mapping[str, Any]],
    objectives: Mapping[str, float],
    *,
    budget: float | None = None,
    limits: Mapping[str, float] | None = None,
    workers: int | None = None,
    progress: bool = True,
    lang: str = "id",
    **design: Any,
) -> OptimiseResult:
    """The mixes of policies that nothing beats on service, fairness and cost at once.

    Every mix meets the same luck. All are run a few times; those that surely cannot be on the front, or surely break
    the budget or a limit, get no more runs (:mod:`sim.study.optimise.race`).

    Parameters
    ----------
    agency : Agency, str or path
    policy : Policy, str or path
        What every mix is added to.
    options : sequence of mapping
        ``{"lever": "training", "seats": [20, 40]}``: a list is a dose each.
    objectives, budget, limits
        See :class:`OptimiseStudy`.
    workers, progress, lang
        See :func:`sim.study.compare.design.compare`.
    **design
        Further parameters of :class:`OptimiseStudy`.

    Examples
    --------
    ::

        found = optimise(
            "contoh", "status_quo",
            [{"lever": "training", "seats": [20, 40]}, {"lever": "dashboard"}],
            {"waiting_minutes": 0.2, "rating_validity": 0.01},
            budget=60e6, limits={"false_below": 0.01},
        )
        found.front, found.table(), found.plot("en")
    """
    place, chosen, _ = resolve(agency, [policy])
    spec = OptimiseStudy(
        agency=place,
        policy=chosen[0],
        options=tuple(options),
        objectives=objectives,
        budget=budget,
        limits=limits or {},
        **design,
    )
    return spec.run(workers=workers, progress=progress, lang=lang)


def _run(
    spec: OptimiseStudy, workers: int | None, progress: bool, lang: str, simulate: Simulate | None
) -> OptimiseResult:
    watch, description = Watch(), spec.describe()
    every = list(mixes(spec.policy, spec.options))
    out: dict[int, tuple[str, str]] = {}
    done: dict[int, int] = {}  # replications that each mix has and that count
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
        n = spec.first
        try:
            while True:
                alive = [i for i in range(len(every)) if i not in out or i == 0]
                bank.run((every[i].policy, r) for r in range(n) for i in alive)
                done |= dict.fromkeys(alive, n)
                out |= _broken(spec, bank, every, alive, n, together=len(alive))
                out |= _dominated(spec, bank, every, [i for i in alive if i not in out], n)
                if n >= spec.most or sum(i not in out for i in range(len(every))) <= 1:
                    break
                n = min(2 * n, spec.most)
        except KeyboardInterrupt:
            interrupted = True
            if not done:
                raise
    last = [i for i in done if i not in out]
    # in the end the means decide who keeps to the budget and the limits
    out |= _broken(spec, bank, every, last, min((done[i] for i in last), default=0), together=0)
    rows = []
    for i, mix in enumerate(every):
        values = _values(spec, bank, every[0], mix, done[i])
        part = pd.DataFrame({"policy": mix.policy.name, "replication": range(done[i])}).assign(**values)
        rows.append(part)
    fate = pd.DataFrame(
        [(mix.policy.name, done[i], *out.get(i, ("in", ""))) for i, mix in enumerate(every)],
        columns=["policy", "replications", "fate", "by"],
    )
    manifest = watch.manifest(
        spec,
        description,
        partial=interrupted,
        workers=bank.workers,
        replications=max(done.values()),
        runs=len(bank),
        mixes=len(every),
    )
    policies = tuple(mix.policy for mix in every)
    points = pd.concat(rows, ignore_index=True)
    return OptimiseResult(
        spec.agency, spec.policy, policies, points, fate, manifest, spec.title, spec.question
    )


def _values(spec: OptimiseStudy, bank: Bank, base: Mix, mix: Mix, n: int) -> dict[str, np.ndarray]:
    """Objectives and limited outcomes of a mix, and its extra cost a year."""
    names = dict.fromkeys([*spec.objectives, *spec.limits])
    values = {name: bank.values(mix.policy, range(n), name, spec.window) for name in names}
    extra = bank.spent(mix.policy, range(n)) - bank.spent(base.policy, range(n))
    return {**values, COST: extra / spec.years}


def _broken(
    spec: OptimiseStudy, bank: Bank, every: Sequence[Mix], alive: Sequence[int], n: int, together: int
) -> dict[int, tuple[str, str]]:
    """Mixes that break the budget or a limit, surely (0 `together`: on average), and what they break."""
    out: dict[int, tuple[str, str]] = {}
    before = _values(spec, bank, every[0], every[0], n) if alive else {}
    for i in alive:
        values = _values(spec, bank, every[0], every[i], n)
        if spec.budget is not None and over(values[COST], spec.budget, together):
            out[i] = ("budget", COST)
        for name, room in spec.limits.items():
            worse = -Objective(name, OUTCOMES[name].better).gain(values[name], before[name])
            if i not in out and over(worse, room, together):
                out[i] = ("limit", name)
    return out


def _dominated(
    spec: OptimiseStudy, bank: Bank, every: Sequence[Mix], alive: Sequence[int], n: int
) -> dict[int, tuple[str, str]]:
    """Mixes that another makes superfluous, and which."""
    values = {i: _values(spec, bank, every[0], every[i], n) for i in alive}
    goals = objectives_of(spec.objectives)
    out: dict[int, tuple[str, str]] = {}
    for i in alive:
        for j in alive:
            # only one that is in puts others out, so that two of a kind do not put out each other
            if i != j and j not in out and surely_dominates(values[j], values[i], goals, len(alive)):
                out[i] = ("dominated", every[j].policy.name)
                break
    return out
