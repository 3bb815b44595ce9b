"""Parameters of futures in words: names, values with units, and the conditions of a box."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.errors import _
from sim.evidence import Evidence
from sim.language.numbers import number, percent
from sim.report.names import FINDING_UNITS, PRESET_NAMES

if TYPE_CHECKING:
    from sim.runs.futures import Uncertainty
    from sim.study.robust.prim import Limit

PRESET = "preset"
EVIDENCE = "evidence."


def parameter(name: str, uncertainties: Sequence[Uncertainty], lang: str = "id") -> str:
    """Name of a parameter for people."""
    if name == PRESET:
        return _("Evidence weighting").text(lang)
    if name.startswith(EVIDENCE):
        finding = Evidence.load()[name.removeprefix(EVIDENCE)]
        return _(
            "Effect of “{finding}”", finding=finding.label_id if lang == "id" else finding.label_en
        ).text(lang)
    return next(u.label(lang) for u in uncertainties if u.key == name)


def parameter_value(name: str, x: float, uncertainties: Sequence[Uncertainty], lang: str = "id") -> str:
    """A value of a parameter with its unit."""
    if name.startswith(EVIDENCE):
        unit = Evidence.load()[name.removeprefix(EVIDENCE)].unit
        return f"{number(x, 2, lang=lang)} ({FINDING_UNITS[unit].text(lang)})"
    known = next(u for u in uncertainties if u.key == name)
    if known.unit_en.startswith("share"):
        return percent(x, 0 if known.high > 0.2 else 1, lang=lang)
    return f"{number(x, 2, lang=lang)} {known.unit(lang)}"


def condition(limit: Limit, uncertainties: Sequence[Uncertainty], lang: str = "id") -> str:
    """One restriction of a box in words: ``how busy the desks are above 92%``."""
    name = parameter(limit.name, uncertainties, lang)
    if limit.categories:
        read = [PRESET_NAMES[preset].text(lang) for preset in limit.categories]
        return _("{name}: {values}", name=name, values=_(" or ").text(lang).join(read)).text(lang)
    ends = [
        parameter_value(limit.name, x, uncertainties, lang) if math.isfinite(x) else ""
        for x in (limit.low, limit.high)
    ]
    if all(ends):
        return _("{name} is between {low} and {high}", name=name, low=ends[0], high=ends[1]).text(lang)
    if ends[0]:
        return _("{name} is at least {low}", name=name, low=ends[0]).text(lang)
    return _("{name} is at most {high}", name=name, high=ends[1]).text(lang)
