"""Parameters of scenarios in words: names, values with units, and the conditions of a box."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.errors import _
from sim.evidence import Evidence
from sim.language import own_text, speaking
from sim.language.numbers import number, percent
from sim.report.names import FINDING_UNITS, PRESET_NAMES
from sim.report.plain import listed

if TYPE_CHECKING:
    from sim.runs.futures import Uncertainty
    from sim.study.robust.prim import Limit

PRESET = "preset"
"""Parameter: the weighting of the evidence."""

EVIDENCE = "evidence."
"""What the names of effects begin with."""


def parameter(name: str, uncertainties: Sequence[Uncertainty], *, lang: str | None = None) -> str:
    """Return the name of a parameter for people.

    Parameters
    ----------
    name : str
        As in the table of scenarios.
    uncertainties : sequence of Uncertainty
        Those of the study.
    lang : {"id", "en"}, optional
        The session's language by default.
    """
    with speaking(lang):
        if name == PRESET:
            return str(_("Evidence weighting"))
        if name.startswith(EVIDENCE):
            finding = Evidence.load()[name.removeprefix(EVIDENCE)]
            return str(_("Effect of “{finding}”", finding=own_text(finding)))
        return next(known.label() for known in uncertainties if known.key == name)


def parameter_value(
    name: str, x: float, uncertainties: Sequence[Uncertainty], *, lang: str | None = None
) -> str:
    """Return a value of a parameter with its unit; see :func:`parameter`."""
    with speaking(lang):
        if name.startswith(EVIDENCE):
            unit = Evidence.load()[name.removeprefix(EVIDENCE)].unit
            return f"{number(x, 2)} ({FINDING_UNITS[unit]})"
        known = next(known for known in uncertainties if known.key == name)
        if known.unit_en.startswith("share"):
            return percent(x, 0 if known.high > 0.2 else 1)
        return f"{number(x, 2)} {known.unit()}"


def condition(limit: Limit, uncertainties: Sequence[Uncertainty], *, lang: str | None = None) -> str:
    """Return one restriction of a box in words: ``utilisation of the counters is at least 92%``."""
    with speaking(lang):
        name = parameter(limit.name, uncertainties)
        if limit.categories:
            presets = [str(PRESET_NAMES[preset]) for preset in limit.categories]
            return str(_("{name}: {values}", name=name, values=listed(presets, either=True)))
        low, high = (
            parameter_value(limit.name, x, uncertainties) if math.isfinite(x) else ""
            for x in (limit.low, limit.high)
        )
        if low and high:
            return str(_("{name} is between {low} and {high}", name=name, low=low, high=high))
        if low:
            return str(_("{name} is at least {low}", name=name, low=low))
        return str(_("{name} is at most {high}", name=name, high=high))
