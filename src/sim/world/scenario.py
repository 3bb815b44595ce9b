"""The scenario of a run: everything that is not decided by a policy."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sim.agency.spec import Agency
from sim.errors import KinerjaError, Wrong, _, refuse
from sim.evidence import NO_EFFECT, PRESETS, Effect, Evidence
from sim.names import named, nearest

USUAL = 12.0
"""Doublings beyond which no wait is usual: 10 minutes for 28 days."""

_RANGES: dict[str, tuple[float, float]] = {
    "burn_in": (0, 120),
    "utilisation": (0.05, 1.5),
    "demand": (0.01, 100),
    "future": (0, 2**31),
    "shared_bias": (0, 0.22),
    "between_share": (0, 1),
    "error_logit": (-5, 0),
    "care_logit": (0, 5),
    "courtesy_logit": (0, 5),
    "complaint_logit": (0, 5),
    "halo": (0.4, 0.95),
    "own_path": (0, 5),
    "respondent_sd": (5, 25),
}
"""Range of a scenario's numbers, both ends included."""


@named
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
        Finding -> numbers of its effect that are changed, of ``mean``, ``se``, ``between`` and ``spread``; the others
        stay those of the evidence. :data:`sim.evidence.NO_EFFECT` makes all of them zero.
    usual : mapping
        Unit -> the wait its citizens are used to, in doublings of what is published (see
        :func:`sim.world.citizens.satisfaction.doublings`); it replaces the fitted one, see
        :mod:`sim.world.calibration`.
    error_logit, care_logit, courtesy_logit, complaint_logit : float
        What an error, an SD of care or courtesy, and the end of a complaint are worth to citizens (assumptions).
    halo, own_path, respondent_sd : float
        How alike one citizen's answers are, how far a cause shows in its own element more than in others, and the SD
        between citizens' IKM (assumptions); for all of these see :class:`sim.world.citizens.satisfaction.Response`.

    Raises
    ------
    Problems
        With everything that is wrong; ``column`` is the parameter. Units in `usual` are checked when the agency is
        known.

    Examples
    --------
    >>> Scenario(effects={"feedback": {"mean": 0.8}}).effects
    {'feedback': {'mean': 0.8}}
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
    effects: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    usual: Mapping[str, float] = field(default_factory=dict)
    error_logit: float = -1.0
    care_logit: float = 0.5
    courtesy_logit: float = 0.5
    complaint_logit: float = 1.0
    halo: float = 0.6
    own_path: float = 1.0
    respondent_sd: float = 12.0

    def __post_init__(self) -> None:
        refuse(self._problems())
        object.__setattr__(self, "draws", dict(self.draws))
        object.__setattr__(self, "effects", {key: dict(change) for key, change in self.effects.items()})
        object.__setattr__(self, "usual", dict(self.usual))

    def _problems(self) -> Wrong:
        for key, (low, high) in _RANGES.items():
            value: Any = getattr(self, key)
            if value is None and key in ("utilisation", "future"):
                continue
            if not _is_number(value) or not low <= value <= high:
                yield (
                    key,
                    _("{value!r} is not a number from {low} to {high}.", value=value, low=low, high=high),
                    _("Write one."),
                )
            elif key in ("burn_in", "future") and value != int(value):
                yield key, _("{value!r} is not a whole number.", value=value), _("Write one.")
        if self.preset not in PRESETS:
            guess = nearest(str(self.preset), PRESETS)
            what = _("no preset {preset!r} of the evidence{guess}.", preset=self.preset, guess=guess)
            yield "preset", what, _("There are {presets}.", presets=", ".join(PRESETS))
        if not isinstance(self.start, date):
            yield "start", _("{start!r} is not a date.", start=self.start), _("Write it as 2026-01-01.")
        elif self.start.day != 1:
            what = _("{isoformat} is not the first day of a month.", isoformat=self.start.isoformat())
            yield "start", what, _("Start on the first of a month.")
        for name in ("draws", "effects", "usual"):
            if not isinstance(getattr(self, name), Mapping):
                yield name, _("{value!r} is no mapping.", value=getattr(self, name)), _("Write a mapping.")
                return
        yield from self._wrong_findings()
        for key, value in self.usual.items():
            if not _is_number(value) or not -USUAL <= value <= USUAL:
                yield (
                    f"usual.{key}",
                    _("{value!r} is not a number from {low} to {high}.", value=value, low=-USUAL, high=USUAL),
                    _("Write one."),
                )

    def _wrong_findings(self) -> Wrong:
        """Report findings that the evidence does not have, and changes of them that cannot be."""
        evidence = Evidence.load("published")
        for name in ("draws", "effects"):
            for key in getattr(self, name):
                if key not in evidence:
                    what = _("no finding {key!r}{hint}.", key=key, hint=nearest(str(key), evidence))
                    yield name, what, _("`sim.Evidence.table()` lists them.")
        for key, deviate in self.draws.items():
            if not _is_number(deviate):
                yield (
                    f"draws.{key}",
                    _("{value!r} is not a number.", value=deviate),
                    _("Write a number of SDs."),
                )
        for key, change in self.effects.items():
            if isinstance(change, Effect) or not isinstance(change, Mapping):
                what = _("{change!r} does not say which numbers it changes.", change=change)
                yield (
                    f"effects.{key}",
                    what,
                    _("Name them, e.g. {example}; the others stay as they are.", example="{'mean': 0.8}"),
                )
                continue
            whole: dict[str, Any] = {**NO_EFFECT, **{str(field): value for field, value in change.items()}}
            try:
                Effect(**whole)
            except KinerjaError as error:
                yield f"effects.{key}", error.message, _("There are {fields}.", fields=", ".join(NO_EFFECT))


def wrong_units(scenario: Scenario, agency: Agency) -> Wrong:
    """Report units in `usual` that the agency does not have, or that serve nobody."""
    codes = [unit.unit for unit in agency.units if unit.kind == "service"]
    for unit in scenario.usual:
        if unit not in codes:
            what = _(
                "{agency} has no service unit {unit!r}{hint}.",
                agency=agency.name,
                unit=unit,
                hint=nearest(unit, codes),
            )
            yield "scenario.usual", what, _("There are {codes}.", codes=", ".join(codes))


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and math.isfinite(value)
