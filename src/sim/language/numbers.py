"""Numbers, rupiah and dates as people write them, in Indonesian and English."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
from babel.dates import format_date
from babel.numbers import format_decimal

from sim.language.labels import label

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
