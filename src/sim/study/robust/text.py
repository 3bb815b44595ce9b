"""Parameters of futures in words: names, values with units, and the conditions of a box."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.evidence import Evidence
from sim.language.labels import label
from sim.language.numbers import number, percent

if TYPE_CHECKING:
    from sim.runs.futures import Uncertainty
    from sim.study.robust.prim import Limit

PRESET = "preset"
EVIDENCE = "evidence."


def parameter(name: str, uncertainties: Sequence[Uncertainty], lang: str = "id") -> str:
    """Name of a parameter for people."""
    if name == PRESET:
        return label("parameter.preset", lang)
    if name.startswith(EVIDENCE):
        finding = Evidence.load()[name.removeprefix(EVIDENCE)]
        return label("parameter.effect", lang, finding=finding.label_id if lang == "id" else finding.label_en)
    return next(u.label(lang) for u in uncertainties if u.key == name)


def parameter_value(name: str, x: float, uncertainties: Sequence[Uncertainty], lang: str = "id") -> str:
    """A value of a parameter with its unit."""
    if name.startswith(EVIDENCE):
        unit = Evidence.load()[name.removeprefix(EVIDENCE)].unit
        return f"{number(x, 2, lang=lang)} ({label(f'finding.{unit}', lang)})"
    known = next(u for u in uncertainties if u.key == name)
    if known.unit_en.startswith("share"):
        return percent(x, 0 if known.high > 0.2 else 1, lang=lang)
    return f"{number(x, 2, lang=lang)} {known.unit(lang)}"


def condition(limit: Limit, uncertainties: Sequence[Uncertainty], lang: str = "id") -> str:
    """One restriction of a box in words: ``how busy the desks are above 92%``."""
    name = parameter(limit.name, uncertainties, lang)
    if limit.categories:
        read = [label(f"preset.{preset}", lang) for preset in limit.categories]
        return label("condition.one_of", lang, name=name, values=label("condition.or", lang).join(read))
    ends = [
        parameter_value(limit.name, x, uncertainties, lang) if math.isfinite(x) else ""
        for x in (limit.low, limit.high)
    ]
    if all(ends):
        return label("condition.between", lang, name=name, low=ends[0], high=ends[1])
    if ends[0]:
        return label("condition.above", lang, name=name, low=ends[0])
    return label("condition.below", lang, name=name, high=ends[1])
