"""The specification of a capacity plan: how many seats (or officers...) bring an outcome to its target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from sim.errors import _
from sim.levers import Policy
from sim.study.capacity.doses import dosed, wrong_dose
from sim.study.checks import Wrong, wrong_decider, wrong_number, wrong_whole
from sim.study.spec import OnePolicyStudy

STEPS = 25
"""Doses on the way from the lowest to the highest, where no step is given."""


@dataclass(frozen=True, kw_only=True)
class CapacityStudy(OnePolicyStudy):
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
        Other parameter -> one per this many of the dose, rounded up (``{"classes": 20}``).
    outcome : str
    target : float
        In the outcome's own unit (a share is 0..1), at least or at most as is better for the outcome.
    probability : float
        With which it must be reached.
    budget : float, optional
        Rupiah per year that the levers may cost; None: no limit.
    window : str
        Months that count, e.g. ``"25-36"``; "" is the whole study.
    futures : bool
        Each replication happens in a future of its own, in which effects are drawn from their evidence: the
        probability is then over chance *and* over what is not known. False: over chance alone.
    batch, confirm : int
        Replications run at a time, and those that the dose in the answer must have.
    max_replications : int
        In all; 0: a quarter of what `confirm` replications of every dose would take.
    years, seed, scenario, title, question
        See :class:`sim.study.CompareStudy`.
    """

    kind: ClassVar[str] = "capacity"

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

    def _problems(self) -> Wrong:
        if wrong := wrong_dose(self.policy, self.lever, self.parameter, self.along):
            yield "lever", wrong, _("Give keys of levers of the policy and a number they have.")
        if not self.lever:
            yield "lever", _("there is no lever."), _("Name at least one.")
        yield from wrong_decider("outcome", self.outcome)
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
