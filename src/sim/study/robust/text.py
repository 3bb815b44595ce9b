"""Parameters of futures in words: names, values with units, and the conditions of a box."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.errors import _
from sim.evidence import Evidence
from sim.language import speaking
from sim.language.numbers import number, percent
from sim.report.names import FINDING_UNITS, PRESET_NAMES

if TYPE_CHECKING:
    from sim.runs.futures import Uncertainty
    from sim.study.robust.prim import Limit

PRESET = "preset"
EVIDENCE = "evidence."


def parameter(name: str, uncertainties: Sequence[Uncertainty], *, lang: str | None = None) -> str:
    """Name of a parameter for people."""
    with speaking(lang):
        if name == PRESET:
            return str(_("Evidence weighting"))
        if name.startswith(EVIDENCE):
            finding = Evidence.load()[name.removeprefix(EVIDENCE)]
            return str(
                _("Effect of “{finding}”", finding=finding.label_id if lang == "id" else finding.label_en)
            )
        return next(u.label() for u in uncertainties if u.key == name)


def parameter_value(
    name: str, x: float, uncertainties: Sequence[Uncertainty], *, lang: str | None = None
) -> str:
    """A value of a parameter with its unit."""
    with speaking(lang):
        if name.startswith(EVIDENCE):
            unit = Evidence.load()[name.removeprefix(EVIDENCE)].unit
            return f"{number(x, 2)} ({FINDING_UNITS[unit]!s})"
        known = next(u for u in uncertainties if u.key == name)
        if known.unit_en.startswith("share"):
            return percent(x, 0 if known.high > 0.2 else 1)
        return f"{number(x, 2)} {known.unit()}"


def condition(limit: Limit, uncertainties: Sequence[Uncertainty], *, lang: str | None = None) -> str:
    """One restriction of a box in words: ``how busy the desks are above 92%``."""
    with speaking(lang):
        name = parameter(limit.name, uncertainties)
        if limit.categories:
            read = [str(PRESET_NAMES[preset]) for preset in limit.categories]
            return str(_("{name}: {values}", name=name, values=str(_(" or ")).join(read)))
        ends = [
            parameter_value(limit.name, x, uncertainties) if math.isfinite(x) else ""
            for x in (limit.low, limit.high)
        ]
        if all(ends):
            return str(_("{name} is between {low} and {high}", name=name, low=ends[0], high=ends[1]))
        if ends[0]:
            return str(_("{name} is at least {low}", name=name, low=ends[0]))
        return str(_("{name} is at most {high}", name=name, high=ends[1]))
