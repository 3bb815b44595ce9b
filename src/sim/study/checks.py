"""Checks of the parameters that specifications share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sim.errors import Problem, Problems
from sim.evidence import PRESETS, Effect
from sim.levers import Policy
from sim.levers.base import nearest
from sim.outcomes import OUTCOMES
from sim.world import Scenario

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
