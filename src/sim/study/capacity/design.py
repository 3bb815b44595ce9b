"""How many seats (or officers, or anything one can count) bring an outcome to target with a stated probability."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sim.levers import Policy
from sim.outcomes import OUTCOMES
from sim.runs.bank import Bank
from sim.runs.identity import Description
from sim.runs.job import Simulate
from sim.runs.progress import Progress
from sim.study.capacity.doses import dosed, wrong_dose
from sim.study.capacity.result import CapacityResult
from sim.study.capacity.search import Finding, Search
from sim.study.checks import Wrong, wrong_number, wrong_outcome, wrong_whole
from sim.study.inputs import resolve
from sim.study.spec import StudySpec, Watch

if TYPE_CHECKING:
    from sim.agency import Agency

STEPS = 25
"""Doses on the way from the lowest to the highest, where no step is given."""


@dataclass(frozen=True, kw_only=True)
class CapacityStudy(StudySpec):
    """Everything that decides a capacity plan, and the words around it.

    Parameters
    ----------
    agency : Agency
    policy : Policy
        With the levers whose dose is sought.
    lever : tuple of str
        Keys of one or more levers of the policy; the dose is divided among several as the policy divides it.
    parameter : str
        The number that is sought, e.g. ``"seats"``.
    low, high, step : int
        Doses looked at; 0 is without the lever. `step` 0 gives about 25 doses.
    along : mapping
        Other parameter -> one for each so many of the dose, rounded up (``{"classes": 20}``).
    outcome : str
    target : float
        In the outcome's own unit (a share is 0..1), at least or at most as is better for the outcome.
    probability : float
        With which it must be reached.
    budget : float, optional
        Rupiah a year that the levers may cost; None: no limit.
    window : str
        Months that count, e.g. ``"25-36"``; "" is the whole study.
    futures : bool
        Each replication happens in a future of its own, in which effects are drawn from their evidence: the
        probability is then over luck *and* over what is not known. False: over luck alone.
    batch, confirm : int
        Replications asked for at a time, and those that the dose in the answer must have.
    max_replications : int
        In all; 0: a quarter of what `confirm` replications of every dose would take.
    years, seed, scenario, title, question
        See :class:`sim.study.CompareStudy`.
    """

    kind: ClassVar[str] = "capacity"
    file_keys: ClassVar[Mapping[str, type]] = {
        "policy": str,
        "lever": list,
        "parameter": str,
        "low": int,
        "high": int,
        "step": int,
        "along": dict,
        "outcome": str,
        "target": float,
        "probability": float,
        "budget": float,
        "window": str,
        "futures": bool,
        "batch": int,
        "confirm": int,
        "max_replications": int,
    }

    policy: Policy
    lever: tuple[str, ...]
    outcome: str
    target: float
    parameter: str = "seats"
    low: int = 0
    high: int = 100
    step: int = 0
    along: Mapping[str, float] = field(default_factory=dict)
    probability: float = 0.9
    budget: float | None = None
    window: str = ""
    futures: bool = True
    batch: int = 10
    confirm: int = 40
    max_replications: int = 0
    years: int = 1

    @property
    def doses(self) -> np.ndarray:
        """Doses looked at; int64."""
        step = self.step or max(1, round((self.high - self.low) / STEPS))
        return np.unique([*range(self.low, self.high, step), self.high])

    @property
    def most(self) -> int:
        """Replications after which the search ends."""
        quarter = len(self.doses) * self.confirm // 4
        return self.max_replications or max(3 * self.batch, quarter)

    def at(self, dose: float) -> Policy:
        """The policy in a dose."""
        return dosed(self.policy, self.lever, self.parameter, dose, self.along)

    def run(
        self,
        *,
        workers: int | None = None,
        progress: bool = True,
        lang: str = "id",
        simulate: Simulate | None = None,
    ) -> CapacityResult:
        """Search to the end; see :func:`capacity`. Interrupted, what was found so far, marked ``partial``."""
        found: CapacityResult | None = None
        try:
            for step in self.steps(workers=workers, progress=progress, lang=lang, simulate=simulate):
                found = step
        except KeyboardInterrupt:
            if found is None:
                raise
        assert found is not None
        return found

    def steps(
        self,
        *,
        workers: int | None = None,
        progress: bool = False,
        lang: str = "id",
        simulate: Simulate | None = None,
    ) -> Iterator[CapacityResult]:
        """What is known after each batch of replications, from the first from which anything can be said.

        All but the last are ``partial``. Whoever stops listening stops the search.
        """
        watch, description = Watch(), self.describe()
        with Progress(progress, lang, 0, workers or 1) as bar:
            bank = Bank(
                self.agency,
                seed=self.seed,
                months=12 * self.years,
                scenario=self.scenario,
                futures=self.futures,
                workers=workers,
                code=description.files,
                progress=bar,
                simulate=simulate,
            )
            doses, afforded = self._affordable(bank)
            search = Search(
                doses,
                self.target,
                OUTCOMES[self.outcome].better,
                self.probability,
                batch=self.batch,
                confirm=self.confirm,
                most=self.most,
                seed=self.seed,
            )
            while (wanted := search.ask()) is not None:
                index, replications = wanted
                policy = self.at(doses[index])
                search.tell(index, bank.values(policy, replications, self.outcome, self.window))
                if len(search.values) >= 3:
                    found = search.finding()
                    yield self._told(watch, description, bank, search, found, afforded)

    def _affordable(self, bank: Bank) -> tuple[np.ndarray, bool]:
        """Doses within the budget, by what the highest costs a year; and whether that leaves any out."""
        doses = self.doses
        if self.budget is None:
            return doses, False
        highest = self.at(doses[-1])
        cost = bank.spent(highest, range(self.batch), self.lever).mean() / self.years
        if cost <= self.budget:
            return doses, False
        most = self.budget / cost * doses[-1]
        within = doses[doses <= most]
        fine = np.unique(
            np.linspace(doses[0], max(most, doses[0] + 2), 3).astype(int)
        )  # a search needs three
        return (within if len(within) >= 3 else fine), True

    def _told(
        self,
        watch: Watch,
        description: Description,
        bank: Bank,
        search: Search,
        found: Finding,
        limited: bool,
    ) -> CapacityResult:
        rows = []
        for index in sorted(search.values):
            dose, values = search.doses[index], search.values[index]
            policy, replications = self.at(dose), range(len(values))
            rupiah = bank.spent(policy, replications, self.lever) / self.years
            days = bank.values(policy, replications, "desk_days_lost") / self.years
            for r, value in enumerate(values):
                rows.append((dose, r, value, bool(search.reached(value)), rupiah[r], days[r]))
        margin, error = search.margin()
        manifest = watch.manifest(
            self,
            description,
            partial=found.state == "searching",
            workers=bank.workers,
            state=found.state,
            dose=float(search.doses[found.index]),
            low=float(search.doses[found.low]),
            high=float(search.doses[found.high]),
            chance=found.chance,
            limited=limited,
            replications=search.taken,
            grid=len(search.doses) * self.confirm,
            doses=search.doses.tolist(),
            margin=margin.tolist(),
            margin_error=error.tolist(),
        )
        return CapacityResult.of(self, rows, manifest)

    def _problems(self) -> Wrong:
        if wrong := wrong_dose(self.policy, self.lever, self.parameter, self.along):
            yield "lever", wrong, "Give keys of levers of the policy and a number they have."
        if not self.lever:
            yield "lever", "there is no lever.", "Name at least one."
        yield from wrong_outcome("outcome", self.outcome)
        if self.outcome in OUTCOMES and OUTCOMES[self.outcome].better == "none":
            yield "outcome", f"{self.outcome!r} is neither good nor bad.", "Choose one that is."
        yield from wrong_number("target", self.target, -1e15, 1e15)
        yield from wrong_number("probability", self.probability, 0.5, 0.99)
        if self.budget is not None:
            yield from wrong_number("budget", self.budget, 0, 1e15)
        yield from wrong_whole("low", self.low, 0, 1_000_000)
        yield from wrong_whole("high", self.high, self.low + 2, 1_000_000)
        yield from wrong_whole("step", self.step, 0, max(0, (self.high - self.low) // 2))
        for key, each in self.along.items():
            yield from wrong_number("along", each, 0.001, 1e6) if key else ()
        yield from wrong_whole("batch", self.batch, 5, 1000)
        yield from wrong_whole("confirm", self.confirm, self.batch, 10_000)
        if self.max_replications:
            yield from wrong_whole("max_replications", self.max_replications, 3 * self.batch, 1_000_000)
        yield from super()._problems()


def capacity(
    agency: Agency | str | Path,
    policy: Policy | str | Path,
    lever: str | Sequence[str],
    outcome: str,
    target: float,
    *,
    parameter: str = "seats",
    probability: float = 0.9,
    budget: float | None = None,
    workers: int | None = None,
    progress: bool = True,
    lang: str = "id",
    **design: Any,
) -> CapacityResult:
    """The smallest dose of a lever that brings an outcome to target with a stated probability.

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
    parameter, probability, budget
        See :class:`CapacityStudy`.
    workers, progress, lang
        See :func:`sim.study.compare.design.compare`.
    **design
        Further parameters of :class:`CapacityStudy`.

    Returns
    -------
    CapacityResult

    Examples
    --------
    Seats in ICT training that bring the average wait to at most 14 minutes in nine futures of ten::

        found = capacity("contoh", "ict_training", "training", "waiting_minutes", 14.0, high=100)
        found.seats, found.sentence("en"), found.frontier(), found.timetable()
    """
    place, chosen, _ = resolve(agency, [policy])
    spec = CapacityStudy(
        agency=place,
        policy=chosen[0],
        lever=(lever,) if isinstance(lever, str) else tuple(lever),
        outcome=outcome,
        target=target,
        parameter=parameter,
        probability=probability,
        budget=budget,
        **design,
    )
    return spec.run(workers=workers, progress=progress, lang=lang)
