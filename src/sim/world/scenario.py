"""The circumstances of a run that nobody decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sim.evidence import Effect


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """The world a policy meets. Every policy of a comparison meets the same one.

    Parameters
    ----------
    start : date
        First day of the study; the first of a month.
    burn_in : int
        Months of people, without a desk, under the policy in force before.
    preset : str
        How the evidence is read: ``published``, ``shrunk`` or ``indonesia``.
    utilisation : float, optional
        How busy every desk would be at average demand; None keeps each unit's own.
    demand : float
        Multiplies demand, after utilisation is set.
    future : int, optional
        None: every effect at the mean of its evidence. A number: every effect drawn from its distribution, once per
        future and finding (an effect of a lever's own, once per future and lever).
    draws : mapping
        Finding -> where its mean lies in this world, in SDs of its sampling error and spread between studies from
        what is expected: takes the place of the draw of `future`, as designs of experiments need it.
    shared_bias : float
        Share of the variance of a rating that all raters of an officer share wrongly; 0 to .22 (assumption).
    between_share : float
        Share of the person-to-person-and-study spread of feedback that is between studies; 0, .5 or 1 (assumption).
    effects : mapping
        Finding -> :class:`~sim.evidence.Effect` that takes its place, for "what if it were nought".
    expectations : mapping
        ``unit.waiting`` (multiplies the waiting that citizens expect) or ``unit.answered`` (share of complaints they
        take to be answered in time) -> number in place of what was fitted, see :mod:`sim.world.calibration`.
    """

    start: date = date(2026, 1, 1)
    burn_in: int = 36
    preset: str = "shrunk"
    utilisation: float | None = None
    demand: float = 1.0
    future: int | None = None
    draws: Mapping[str, float] = field(default_factory=dict)
    shared_bias: float = 0.0
    between_share: float = 0.5
    effects: Mapping[str, Effect] = field(default_factory=dict)
    expectations: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "draws", dict(self.draws))
        object.__setattr__(self, "effects", dict(self.effects))
        object.__setattr__(self, "expectations", dict(self.expectations))
