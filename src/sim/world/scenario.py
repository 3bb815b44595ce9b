"""The scenario of a run: everything that is not decided by a policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sim.evidence import Effect


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """The circumstances of a run; every policy of a comparison has the same.

    Parameters
    ----------
    start : date
        First day of the study; the first of a month.
    burn_in : int
        Months before the study, with officers but without desks, under the policy in force before.
    preset : str
        How the evidence is read: ``published``, ``shrunk`` or ``indonesia``.
    utilisation : float, optional
        Utilisation of every desk at average demand; None keeps each unit's own.
    demand : float
        Multiplies demand, after utilisation is set.
    future : int, optional
        None: every effect is at the mean of its evidence. A number: every effect is drawn from its distribution, once
        per future and finding (a lever's own effect, once per future and lever).
    draws : mapping
        Finding -> deviation of its mean from the expected one, in SDs of sampling error and spread between studies.
        It replaces the draw of `future`, for designs of experiments.
    shared_bias : float
        Share of the variance of a rating that is a bias shared by all raters of an officer; 0 to .22 (assumption).
    between_share : float
        Share of an effect's spread over studies and persons that is between studies; 0, .5 or 1 (assumption).
    effects : mapping
        Finding -> :class:`~sim.evidence.Effect` that replaces it, for example by zero.
    usual : mapping
        Unit -> the wait its citizens are used to, in doublings of what is published (see
        :func:`sim.world.satisfaction.doublings`); it replaces the fitted one, see :mod:`sim.world.calibration`.
    error_logit, care_logit, courtesy_logit, complaint_logit : float
        What an error, an SD of care or courtesy, and the end of a complaint are worth to citizens (assumptions).
    halo, own_path, respondent_sd : float
        How alike one citizen's answers are, how far a cause shows in its own element more than in others, and the SD
        between citizens' IKM (assumptions); for all of these see :class:`sim.world.satisfaction.Response`.
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
    usual: Mapping[str, float] = field(default_factory=dict)
    error_logit: float = -1.0
    care_logit: float = 0.5
    courtesy_logit: float = 0.5
    complaint_logit: float = 1.0
    halo: float = 0.6
    own_path: float = 1.0
    respondent_sd: float = 12.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "draws", dict(self.draws))
        object.__setattr__(self, "effects", dict(self.effects))
        object.__setattr__(self, "usual", dict(self.usual))
