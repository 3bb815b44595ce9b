"""Levels and differences of outcomes as people write them: ``−6,2 menit; 84,2%; Rp412 juta`` in Indonesian."""

from __future__ import annotations

import math

import numpy as np

from sim.errors import _
from sim.language.numbers import NBSP, number, percent, rupiah_short
from sim.outcomes import OUTCOMES
from sim.report.estimate import Estimate

NOISE = 1e-9
"""Half-widths below this part of the number are rounding of floats."""


def value(outcome: str, x: float, *, with_unit: bool = True, lang: str | None = None) -> str:
    """Return a level of an outcome as people write it: ``31,0 menit``, ``84,2%``, ``Rp412 juta``."""
    spec = OUTCOMES[outcome]
    if outcome == "cost":
        return rupiah_short(x, lang=lang)
    if spec.share:
        return percent(x, spec.decimals, lang=lang)
    text = number(x, spec.decimals, lang=lang)
    return (
        f"{text}{NBSP}{OUTCOMES[outcome].unit.text(lang=lang)}"
        if with_unit and text != "–" and _has_word_unit(outcome)
        else text
    )


def difference(
    outcome: str,
    x: float,
    *,
    with_unit: bool = True,
    signed: bool = True,
    half: float = np.nan,
    lang: str | None = None,
) -> str:
    """Return a difference of two levels, signed: ``−6,2 menit``; of shares in percentage points.

    `half`, half the width of its interval, adds decimals (at most two) where the usual ones would hide the interval; a
    width within the rounding error of floats adds none.
    """
    spec = OUTCOMES[outcome]
    if outcome == "cost":
        return rupiah_short(x if signed else abs(x), signed=signed, lang=lang)
    scale = 100 if spec.share else 1
    visible = math.isfinite(half) and half > NOISE * max(abs(x), 1.0)
    needed = math.ceil(-math.log10(half * scale)) if visible else 0
    decimals = int(np.clip(needed, spec.decimals, spec.decimals + 2))
    text = number(x * scale if signed else abs(x) * scale, decimals, signed=signed, lang=lang)
    word = difference_unit(outcome, lang=lang)
    return f"{text}{NBSP}{word}" if with_unit and word and text != "–" else text


def interval(outcome: str, e: Estimate, *, with_unit: bool = True, lang: str | None = None) -> str:
    """Return the interval of a difference: ``−8,3 sampai −4,1 menit``."""
    if not math.isfinite(e.low):
        return _("no interval yet").text(lang=lang)
    ends = [difference(outcome, x, with_unit=False, half=e.half, lang=lang) for x in (e.low, e.high)]
    word = difference_unit(outcome, lang=lang) if with_unit and outcome != "cost" else ""
    text = _("{low} to {high}", low=ends[0], high=ends[1]).text(lang=lang)
    return f"{text}{NBSP}{word}" if word else text


def level_interval(outcome: str, e: Estimate, *, lang: str | None = None) -> str:
    """Return the interval of a level: ``29,5 menit sampai 32,5 menit``."""
    if not math.isfinite(e.low):
        return _("no interval yet").text(lang=lang)
    return _(
        "{low} to {high}",
        low=value(outcome, e.low, with_unit=False, lang=lang),
        high=value(outcome, e.high, lang=lang),
    ).text(lang=lang)


def difference_unit(outcome: str, *, lang: str | None = None) -> str:
    """Return the unit of a difference: percentage points for shares, points for an index, else the unit itself."""
    spec = OUTCOMES[outcome]
    if spec.share:
        return _("percentage points").text(lang=lang)
    if spec.group == "satisfaction":
        return _("points").text(lang=lang)
    return OUTCOMES[outcome].unit.text(lang=lang) if _has_word_unit(outcome) else ""


def _has_word_unit(outcome: str) -> bool:
    """Return whether a unit stands behind the number; indices and correlations read better without."""
    return OUTCOMES[outcome].group not in ("satisfaction",) and outcome not in (
        "rating_validity",
        "workload_gini",
    )
