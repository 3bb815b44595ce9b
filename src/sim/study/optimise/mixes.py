"""Every mix of options: which levers are pulled, and in which dose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from sim.errors import KinerjaError, _
from sim.language.numbers import formatted
from sim.levers import LEVERS, Lever, Policy
from sim.levers.base import nearest


@dataclass(frozen=True)
class Mix:
    """One mix.

    Attributes
    ----------
    policy : Policy
    choices : tuple of int
        For each option the number of its dose, from 1; 0 is without it.
    """

    policy: Policy
    choices: tuple[int, ...]


def doses_of(option: Mapping[str, Any]) -> list[Lever]:
    """Return the levers of an option: a list instead of a value gives one dose each, several lists all combinations.

    Examples
    --------
    >>> [lever.seats for lever in doses_of({"lever": "training", "seats": [20, 40]})]
    [20, 40]
    """
    name = option.get("lever")
    cls = LEVERS.get(str(name))
    if cls is None:
        guess = nearest(str(name), LEVERS)
        raise KinerjaError(
            _(
                "unknown lever {name!r}{guess}; there are {levers}.",
                name=name,
                guess=guess,
                levers=", ".join(LEVERS),
            )
        )
    keys = [key for key in option if key != "lever"]
    many = [
        list(value) if isinstance(value, (list, tuple)) else [value]
        for value in (option[key] for key in keys)
    ]
    return [cls.build(dict(zip(keys, values, strict=True))) for values in product(*many)]


def mixes(policy: Policy, options: Sequence[Mapping[str, Any]]) -> Iterator[Mix]:
    """Yield the policy with every combination of the options, the policy itself first."""
    every = [doses_of(option) for option in options]
    for choices in product(*(range(len(doses) + 1) for doses in every)):
        levers = [doses[k - 1] for doses, k in zip(every, choices, strict=True) if k]
        if not levers:
            yield Mix(policy, choices)
            continue
        named = {
            lang: " + ".join(_name(lever, option, lang) for lever, option in _with(every, options, choices))
            for lang in ("id", "en")
        }
        name = f"{policy.name}-{'-'.join(map(str, choices))}"
        yield Mix(policy.plus(*levers, name=name, label_id=named["id"], label_en=named["en"]), choices)


def _with(
    every: Sequence[Sequence[Lever]], options: Sequence[Mapping[str, Any]], choices: Sequence[int]
) -> Iterator[tuple[Lever, Mapping[str, Any]]]:
    for doses, option, k in zip(every, options, choices, strict=True):
        if k:
            yield doses[k - 1], option


def _name(lever: Lever, option: Mapping[str, Any], lang: str) -> str:
    """Return the title of the lever, its tag, and the values that distinguish its doses."""
    title = lever.title.text(lang=lang)
    parts = [lever.tag] if lever.tag else []
    values = [getattr(lever, key) for key, value in option.items() if isinstance(value, (list, tuple))]
    parts += [formatted(value, "g" if isinstance(value, float) else "", lang=lang) for value in values]
    return f"{title} {'; '.join(parts)}" if parts else title
