"""Numbers and dates as people write them: ``Rp 1.234.567; 12,5 %; 1 Januari 2026`` in Indonesian."""

from __future__ import annotations

import calendar
import math
from datetime import date

import numpy as np

from sim.language.labels import label, unit
from sim.language.numbers import NBSP, long_date, number, percent, rupiah_short
from sim.outcomes import OUTCOMES
from sim.report.estimate import Estimate


def period(start: date, years: int, lang: str = "id") -> str:
    """From the first to the last day: ``1 Januari 2026 – 31 Desember 2028``."""
    month = start.month + 12 * years - 2
    year, month = start.year + month // 12, month % 12 + 1
    end = date(year, month, calendar.monthrange(year, month)[1])
    return f"{long_date(start, lang)} – {long_date(end, lang)}"


def value(outcome: str, x: float, lang: str = "id", with_unit: bool = True) -> str:
    """A level of an outcome as people write it: ``31,0 menit``, ``84,2 %``, ``Rp 412 juta``."""
    spec = OUTCOMES[outcome]
    if outcome == "cost":
        return rupiah_short(x, lang)
    if spec.share:
        return percent(x, lang, spec.decimals)
    text = number(x, lang, spec.decimals)
    return (
        f"{text}{NBSP}{unit(outcome, lang)}"
        if with_unit and text != "–" and _has_word_unit(outcome)
        else text
    )


def difference(
    outcome: str,
    x: float,
    lang: str = "id",
    with_unit: bool = True,
    signed: bool = True,
    half: float = np.nan,
) -> str:
    """A difference of two levels, signed: ``−6,2 menit``; of shares in percentage points.

    `half`, half the width of its interval, adds decimals (at most two) where the usual ones would hide it.
    """
    spec = OUTCOMES[outcome]
    if outcome == "cost":
        return rupiah_short(x if signed else abs(x), lang, signed)
    scale = 100 if spec.share else 1
    needed = math.ceil(-math.log10(half * scale)) if math.isfinite(half) and half > 0 else 0
    decimals = int(np.clip(needed, spec.decimals, spec.decimals + 2))
    text = number(x * scale if signed else abs(x) * scale, lang, decimals, signed)
    word = difference_unit(outcome, lang)
    return f"{text}{NBSP}{word}" if with_unit and word and text != "–" else text


def interval(outcome: str, e: Estimate, lang: str = "id", with_unit: bool = True) -> str:
    """The interval of a difference: ``−8,3 sampai −4,1 menit``."""
    if not math.isfinite(e.low):
        return label("interval.unknown", lang)
    ends = [difference(outcome, x, lang, with_unit=False, half=e.half) for x in (e.low, e.high)]
    word = difference_unit(outcome, lang) if with_unit and outcome != "cost" else ""
    text = label("interval.ends", lang, low=ends[0], high=ends[1])
    return f"{text}{NBSP}{word}" if word else text


def level_interval(outcome: str, e: Estimate, lang: str = "id") -> str:
    """The interval of a level: ``29,5 menit sampai 32,5 menit``."""
    if not math.isfinite(e.low):
        return label("interval.unknown", lang)
    return label(
        "interval.ends",
        lang,
        low=value(outcome, e.low, lang, with_unit=False),
        high=value(outcome, e.high, lang),
    )


def difference_unit(outcome: str, lang: str = "id") -> str:
    """Unit of a difference: percentage points for shares, points for an index, else the unit itself."""
    spec = OUTCOMES[outcome]
    if spec.share:
        return label("unit.percentage_points", lang)
    if spec.group == "satisfaction":
        return label("unit.points", lang)
    return unit(outcome, lang) if _has_word_unit(outcome) else ""


def _has_word_unit(outcome: str) -> bool:
    """Indices and correlations read better as bare numbers."""
    return OUTCOMES[outcome].group not in ("satisfaction",) and outcome not in (
        "rating_validity",
        "workload_gini",
    )
