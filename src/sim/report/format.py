"""Numbers and dates as people write them: ``Rp 1.234.567; 12,5 %; 1 Januari 2026`` in Indonesian."""

from __future__ import annotations

import calendar
import math
from datetime import date

import numpy as np
from babel.dates import format_date
from babel.numbers import format_decimal

from sim.outcomes import OUTCOMES
from sim.report.estimates import Estimate
from sim.report.labels import label, unit

NBSP = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
_LOCALE = {"id": "id_ID", "en": "en_GB"}


def number(value: float, lang: str = "id", decimals: int = 1, signed: bool = False) -> str:
    """A number with the decimal and thousands marks of the language; a dash where there is none.

    Examples
    --------
    >>> number(1234567.8, "id", 0), number(-2.5, "id"), number(float("nan"), "en")
    ('1.234.568', '−2,5', '–')
    """
    if value is None or not math.isfinite(value):
        return "–"
    rounded = round(float(value), decimals) + 0.0  # -0.0 would print a sign
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    text = format_decimal(abs(rounded), format=pattern, locale=_LOCALE[lang])
    if rounded < 0:
        return MINUS + text
    return "+" + text if signed and rounded > 0 else text


def percent(share: float, lang: str = "id", decimals: int = 1) -> str:
    """A share (0..1) as per cent: ``12,5 %`` or ``12.5%``."""
    text = number(np.nan if share is None else share * 100, lang, decimals)
    if text == "–":
        return text
    return f"{text}{NBSP}%" if lang == "id" else f"{text}%"


def rupiah(value: float, lang: str = "id", signed: bool = False) -> str:
    """Whole rupiah: ``Rp 1.234.567``."""
    text = number(abs(value) if value is not None else np.nan, lang, 0)
    if text == "–":
        return text
    sign = MINUS if value < 0 and text != "0" else "+" if signed and value > 0 and text != "0" else ""
    return f"{sign}Rp{NBSP}{text}"


_STEPS = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))


def rupiah_short(value: float, lang: str = "id", signed: bool = False) -> str:
    """Rupiah in millions, billions or trillions, for text and axes: ``Rp 412 juta``, ``Rp 1,9 miliar``."""
    if value is None or not math.isfinite(value):
        return "–"
    for size, name in _STEPS:
        if abs(value) >= size:
            scaled = abs(value) / size
            sign = MINUS if value < 0 else "+" if signed else ""
            text = number(scaled, lang, 0 if scaled >= 100 else 1)
            return f"{sign}Rp{NBSP}{text}{NBSP}{label(f'money.{name}', lang)}"
    return rupiah(value, lang, signed)


def long_date(day: date, lang: str = "id") -> str:
    """``1 Januari 2026``, ``1 January 2026``."""
    return format_date(day, "d MMMM y", locale=_LOCALE[lang])


def month_year(day: date, lang: str = "id") -> str:
    """``Jan 2026``, for axes."""
    return format_date(day, "MMM y", locale=_LOCALE[lang])


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
