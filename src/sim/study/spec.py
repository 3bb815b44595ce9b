"""A study: the question, what is compared, and how surely it is to be known. Frozen and checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import TYPE_CHECKING, Any

from sim.errors import Problem, Problems
from sim.evidence import PRESETS, Effect
from sim.levers import Policy, status_quo
from sim.levers.base import nearest
from sim.outcomes import OUTCOMES
from sim.study.identity import Description, describe
from sim.study.intervals import FIRST_COUNT
from sim.study.provenance import model_data, version
from sim.world import Scenario

if TYPE_CHECKING:
    from sim.agency import Agency

_RANGES: dict[str, tuple[float, float]] = {
    "burn_in": (0, 120),
    "utilisation": (0.05, 1.5),
    "demand": (0.01, 100),
    "future": (0, 2**31),
    "shared_bias": (0, 0.22),
    "between_share": (0, 1),
}
"""What a scenario's numbers may be, both ends included."""

_WHOLE: dict[str, tuple[int, int]] = {
    "years": (1, 20),
    "seed": (0, 2**63 - 1),
    "replications": (1, 100_000),
    "max_replications": (2, 100_000),
}


@dataclass(frozen=True, kw_only=True)
class Study:
    """Everything that decides the numbers of a comparison, and the words around it.

    Parameters
    ----------
    agency : Agency
    policies : tuple of Policy
        With different names.
    baseline : str
        Name of the policy the others are compared with; the first by default.
    years : int
        From 1 January of the scenario's first year.
    seed : int
        Root of all random numbers.
    replications : int, optional
        Exactly so many. None: as many as `precision` asks for, or 10.
    precision : mapping
        Outcome -> half-width wanted of the 95 % interval of the difference to the baseline, in the outcome's
        own unit (a share is 0..1), judged at 10, 20, 40... replications.
    max_replications : int
        Where a study that has not reached its precision stops.
    scenario : Scenario
    headline : tuple of str
        Outcomes shown first; those of :data:`sim.outcomes.HEADLINE` by default.
    title, question : mapping
        Language -> text.

    Raises
    ------
    Problems
        With everything that is wrong; ``column`` is the parameter.
    """

    agency: Agency
    policies: tuple[Policy, ...]
    baseline: str = ""
    years: int = 3
    seed: int = 1
    replications: int | None = None
    precision: Mapping[str, float] = field(default_factory=dict)
    max_replications: int = 40
    scenario: Scenario = field(default_factory=Scenario)
    headline: tuple[str, ...] = ()
    title: Mapping[str, str] = field(default_factory=dict)
    question: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.baseline and self.policies:
            object.__setattr__(self, "baseline", self.policies[0].name)
        if self.replications is None and not self.precision:
            object.__setattr__(self, "replications", FIRST_COUNT)
        problems = [Problem("study", None, key, what, do) for key, what, do in self._problems()]
        if problems:
            raise Problems(problems)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the policies, in order."""
        return tuple(policy.name for policy in self.policies)

    @property
    def months(self) -> int:
        """Length in months."""
        return 12 * self.years

    def describe(self) -> Description:
        """What decides the numbers, as canonical JSON with its id; titles and questions do not."""
        words = ("headline", "title", "question")
        parts = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in words}
        burn_in = status_quo() if any(policy.before is None for policy in self.policies) else None
        return describe({**parts, "burn_in": burn_in, "data": model_data(), "version": version()}, "study")

    def _problems(self) -> Iterator[tuple[str, str, str]]:
        """Everything wrong: parameter, what is wrong, what to do."""
        yield from self._wrong_policies()
        for key, (low, high) in _WHOLE.items():
            value = getattr(self, key)
            if value is None and key == "replications":
                continue
            if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
                yield key, f"{value!r} is not a whole number from {low} to {high}.", "Write one."
        if self.replications is not None and self.precision:
            yield "precision", "replications and precision are both given.", "Keep one of them."
        yield from self._wrong_outcomes()
        yield from self._wrong_scenario()

    def _wrong_policies(self) -> Iterator[tuple[str, str, str]]:
        if not self.policies:
            yield "policies", "there is no policy.", "Name at least one."
        for name in dict.fromkeys(self.names):
            if self.names.count(name) > 1:
                yield "policies", f"two policies are called {name!r}.", "Give one of them another name."
        if self.policies and self.baseline not in self.names:
            there = ", ".join(self.names)
            guess = nearest(str(self.baseline), self.names)
            yield "baseline", f"{self.baseline!r} is not one of the policies{guess}.", f"There are {there}."

    def _wrong_outcomes(self) -> Iterator[tuple[str, str, str]]:
        own = {name for policy in self.policies for lever in policy.levers for name in lever.outcomes}
        known = {*OUTCOMES, *own}
        there = f"There are {', '.join(OUTCOMES)}."
        for name in self.headline:
            if name not in known:
                yield "outcomes", f"no outcome {name!r}{nearest(str(name), known)}.", there
        for name, width in self.precision.items():
            if name not in known:
                yield "precision", f"no outcome {name!r}{nearest(str(name), known)}.", there
            if isinstance(width, bool) or not isinstance(width, (int, float)) or not width > 0:
                yield "precision", f"{name}: {width!r} is not a number above 0.", "Write a half-width."

    def _wrong_scenario(self) -> Iterator[tuple[str, str, str]]:
        for key, (low, high) in _RANGES.items():
            value: Any = getattr(self.scenario, key)
            if value is None and key in ("utilisation", "future"):
                continue
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
                yield f"scenario.{key}", f"{value!r} is not a number from {low} to {high}.", "Write one."
            elif key in ("burn_in", "future") and value != int(value):
                yield f"scenario.{key}", f"{value!r} is not a whole number.", "Write one."
        if self.scenario.preset not in PRESETS:
            guess = nearest(str(self.scenario.preset), PRESETS)
            what = f"no preset {self.scenario.preset!r} of the evidence{guess}."
            yield "scenario.preset", what, f"There are {', '.join(PRESETS)}."
        if self.scenario.start.day != 1:
            what = f"{self.scenario.start.isoformat()} is not the first day of a month."
            yield "scenario.start", what, "Start on the first of a month."


def scenario_from_mapping(mapping: Mapping[str, Any]) -> Scenario:
    """A scenario from plain data: the start as ISO date, effects as mappings."""
    values = dict(mapping)
    if isinstance(values.get("start"), str):
        values["start"] = date.fromisoformat(values["start"])
    if values.get("effects"):
        values["effects"] = {key: Effect(**effect) for key, effect in values["effects"].items()}
    return Scenario(**values)
