"""Checks of the parameters that specifications share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sim.errors import Message, Problem, Problems, _
from sim.evidence import PRESETS, Effect
from sim.levers import Policy
from sim.levers.base import nearest
from sim.outcomes import OUTCOMES
from sim.world import Scenario

Wrong = Iterator[tuple[str, Message, Message]]
"""What is wrong with a spec: parameter, what is wrong, what to do."""


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


_WHOLE: dict[str, tuple[int, int]] = {
    "years": (1, 20),
    "seed": (0, 2**63 - 1),
    "replications": (1, 100_000),
    "max_replications": (2, 100_000),
}
"""Range of the whole numbers of a specification, both ends included."""


def refuse(problems: Wrong) -> None:
    """Raise :class:`~sim.errors.Problems` with everything wrong with a spec; ``column`` is the parameter."""
    wrong = [Problem("study", None, key, what, do) for key, what, do in problems]
    if wrong:
        raise Problems(wrong)


def wrong_policies(policies: tuple[Policy, ...]) -> Wrong:
    """Report a missing policy, or two with the same name."""
    if not policies:
        yield "policies", _("there is no policy."), _("Name at least one.")
    names = [policy.name for policy in policies]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield (
                "policies",
                _("two policies are called {name!r}.", name=name),
                _("Give one of them another name."),
            )


def wrong_baseline(baseline: str, policies: tuple[Policy, ...]) -> Wrong:
    """Report a baseline that is not among the policies."""
    names = [policy.name for policy in policies]
    if policies and baseline not in names:
        guess, there = nearest(str(baseline), names), ", ".join(names)
        yield (
            "baseline",
            _("{baseline!r} is not one of the policies{guess}.", baseline=baseline, guess=guess),
            _("There are {there}.", there=there),
        )


def wrong_whole(key: str, value: Any, low: int | None = None, high: int | None = None) -> Wrong:
    """Report what is not a whole number from `low` to `high` (by default those usual for the parameter)."""
    low, high = _WHOLE[key] if low is None or high is None else (low, high)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        yield (
            key,
            _("{value!r} is not a whole number from {low} to {high}.", value=value, low=low, high=high),
            _("Write one."),
        )


def wrong_number(key: str, value: Any, low: float, high: float) -> Wrong:
    """Report what is not a number from `low` to `high`, both included."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        yield (
            key,
            _("{value!r} is not a number from {low:g} to {high:g}.", value=value, low=low, high=high),
            _("Write one."),
        )


def wrong_outcome(key: str, name: str, policies: tuple[Policy, ...] = ()) -> Wrong:
    """Report an outcome that neither the model nor a lever of the policies has."""
    own = {name for policy in policies for lever in policy.levers for name in lever.outcomes}
    known = {*OUTCOMES, *own}
    if name not in known:
        yield (
            key,
            _("no outcome {name!r}{hint}.", name=name, hint=nearest(str(name), known)),
            _("There are {outcomes}.", outcomes=", ".join(OUTCOMES)),
        )


def wrong_decider(key: str, name: str) -> Wrong:
    """Check that an outcome exists and that more of it is better or worse, so that it can decide."""
    yield from wrong_outcome(key, name)
    if name in OUTCOMES and OUTCOMES[name].better == "none":
        yield key, _("{outcome!r} is neither good nor bad.", outcome=name), _("Choose one that is.")


def wrong_scenario(scenario: Scenario) -> Wrong:
    """Report numbers out of range, an unknown preset, and a start within a month."""
    for key, (low, high) in _RANGES.items():
        value: Any = getattr(scenario, key)
        if value is None and key in ("utilisation", "future"):
            continue
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
            yield (
                f"scenario.{key}",
                _("{value!r} is not a number from {low} to {high}.", value=value, low=low, high=high),
                _("Write one."),
            )
        elif key in ("burn_in", "future") and value != int(value):
            yield f"scenario.{key}", _("{value!r} is not a whole number.", value=value), _("Write one.")
    for unit, value in scenario.usual.items():
        yield from wrong_number(f"scenario.usual.{unit}", value, -12, 12)
    if scenario.preset not in PRESETS:
        guess = nearest(str(scenario.preset), PRESETS)
        what = _("no preset {preset!r} of the evidence{guess}.", preset=scenario.preset, guess=guess)
        yield "scenario.preset", what, _("There are {presets}.", presets=", ".join(PRESETS))
    if scenario.start.day != 1:
        what = _("{isoformat} is not the first day of a month.", isoformat=scenario.start.isoformat())
        yield "scenario.start", what, _("Start on the first of a month.")


def scenario_from_mapping(mapping: Mapping[str, Any]) -> Scenario:
    """Make a scenario from plain data: the start as ISO date, effects as mappings."""
    values = dict(mapping)
    if isinstance(values.get("start"), str):
        values["start"] = date.fromisoformat(values["start"])
    if values.get("effects"):
        values["effects"] = {key: Effect(**effect) for key, effect in values["effects"].items()}
    return Scenario(**values)
