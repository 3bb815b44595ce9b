"""A study: the question, what is compared, and how surely it is to be known. Frozen and checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

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
    from sim.study.comparison import Comparison

Wrong = Iterator[tuple[str, str, str]]
"""What is wrong with a spec: parameter, what is wrong, what to do."""

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
"""What the whole numbers of a spec may be, both ends included."""


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
        Outcome -> half-width wanted of the intervals of the differences to the baseline, which hold for all policies
        together with 95 %, in the outcome's own unit (a share is 0..1), judged at 10, 20, 40... replications.
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

    kind: ClassVar[str] = "compare"
    file_keys: ClassVar[Mapping[str, type]] = {
        "policies": list,
        "baseline": str,
        "replications": int,
        "precision": dict,
        "max_replications": int,
        "outcomes": list,
    }

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
        refuse(self._problems())

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

    def run(self, *, workers: int | None = None, progress: bool = True, lang: str = "id") -> Comparison:
        """Run it; see :func:`sim.study.compare`."""
        from sim.study.compare import run_study

        return run_study(self, workers=workers, progress=progress, lang=lang)

    def _problems(self) -> Wrong:
        yield from wrong_policies(self.policies)
        yield from wrong_baseline(self.baseline, self.policies)
        for key in _WHOLE:
            if key != "replications" or self.replications is not None:
                yield from wrong_whole(key, getattr(self, key))
        if self.replications is not None and self.precision:
            yield "precision", "replications and precision are both given.", "Keep one of them."
        for name in self.headline:
            yield from wrong_outcome("outcomes", name, self.policies)
        for name, width in self.precision.items():
            yield from wrong_outcome("precision", name, self.policies)
            if isinstance(width, bool) or not isinstance(width, (int, float)) or not width > 0:
                yield "precision", f"{name}: {width!r} is not a number above 0.", "Write a half-width."
        yield from wrong_scenario(self.scenario)


def refuse(problems: Wrong) -> None:
    """Raise :class:`~sim.errors.Problems` with everything wrong with a spec; ``column`` is the parameter."""
    found = [Problem("study", None, key, what, do) for key, what, do in problems]
    if found:
        raise Problems(found)


def wrong_policies(policies: tuple[Policy, ...]) -> Wrong:
    """None, or two of one name."""
    if not policies:
        yield "policies", "there is no policy.", "Name at least one."
    names = [policy.name for policy in policies]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield "policies", f"two policies are called {name!r}.", "Give one of them another name."


def wrong_baseline(baseline: str, policies: tuple[Policy, ...]) -> Wrong:
    """None of the policies."""
    names = [policy.name for policy in policies]
    if policies and baseline not in names:
        guess, there = nearest(str(baseline), names), ", ".join(names)
        yield "baseline", f"{baseline!r} is not one of the policies{guess}.", f"There are {there}."


def wrong_whole(key: str, value: Any, low: int | None = None, high: int | None = None) -> Wrong:
    """Not a whole number from `low` to `high` (by default those usual for the parameter)."""
    low, high = _WHOLE[key] if low is None or high is None else (low, high)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        yield key, f"{value!r} is not a whole number from {low} to {high}.", "Write one."


def wrong_number(key: str, value: Any, low: float, high: float) -> Wrong:
    """Not a number from `low` to `high`, both included."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        yield key, f"{value!r} is not a number from {low:g} to {high:g}.", "Write one."


def wrong_outcome(key: str, name: str, policies: tuple[Policy, ...] = ()) -> Wrong:
    """An outcome that neither the model nor a lever of the policies has."""
    own = {name for policy in policies for lever in policy.levers for name in lever.outcomes}
    known = {*OUTCOMES, *own}
    if name not in known:
        yield key, f"no outcome {name!r}{nearest(str(name), known)}.", f"There are {', '.join(OUTCOMES)}."


def wrong_scenario(scenario: Scenario) -> Wrong:
    """Numbers out of range, an unknown preset, a start within a month."""
    for key, (low, high) in _RANGES.items():
        value: Any = getattr(scenario, key)
        if value is None and key in ("utilisation", "future"):
            continue
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
            yield f"scenario.{key}", f"{value!r} is not a number from {low} to {high}.", "Write one."
        elif key in ("burn_in", "future") and value != int(value):
            yield f"scenario.{key}", f"{value!r} is not a whole number.", "Write one."
    if scenario.preset not in PRESETS:
        guess = nearest(str(scenario.preset), PRESETS)
        what = f"no preset {scenario.preset!r} of the evidence{guess}."
        yield "scenario.preset", what, f"There are {', '.join(PRESETS)}."
    if scenario.start.day != 1:
        what = f"{scenario.start.isoformat()} is not the first day of a month."
        yield "scenario.start", what, "Start on the first of a month."


def scenario_from_mapping(mapping: Mapping[str, Any]) -> Scenario:
    """A scenario from plain data: the start as ISO date, effects as mappings."""
    values = dict(mapping)
    if isinstance(values.get("start"), str):
        values["start"] = date.fromisoformat(values["start"])
    if values.get("effects"):
        values["effects"] = {key: Effect(**effect) for key, effect in values["effects"].items()}
    return Scenario(**values)
