"""Numbers, money, dates and durations as people write them: ``Rp1.234.567; 12,5%; 1 Januari 2026`` in Indonesian.

Spelling follows EYD V: no space after Rp and before %, a comma before decimals, points between thousands.
"""

from __future__ import annotations

import calendar
import math
import re
from collections.abc import Iterable
from datetime import date
from numbers import Real
from typing import Any

from sim.language.catalogue import checked, language

NBSP = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
"""What stands where there is no number."""

_LOCALE = {"id": "id_ID", "en": "en_GB"}
_SWAPPED = str.maketrans(",.", ".,")
_SPEC = re.compile(r"(?P<sign>\+?)(?P<comma>,?)(?:\.(?P<decimals>\d+)(?P<kind>[f%]))?")
_GENERAL = re.compile(r"\+?(\.\d+)?g|")
_STEPS = (
    (1e12, {"id": "triliun", "en": "trillion"}),
    (1e9, {"id": "miliar", "en": "billion"}),
    (1e6, {"id": "juta", "en": "million"}),
)
_TIMES = {"id": ("jam", "menit", "detik"), "en": ("h", "min", "s")}


def number(value: float | None, decimals: int = 1, *, signed: bool = False, lang: str | None = None) -> str:
    """Return a number with the decimal and thousands marks of the language; a dash for None, NaN and infinity.

    Parameters
    ----------
    value : float or None
    decimals : int
        Digits after the decimal mark.
    signed : bool
        Write a plus sign before positive numbers. What rounds to zero has no sign at all.
    lang : {"id", "en"}, optional
        The session's language by default.

    Examples
    --------
    >>> number(1234567.8, 0, lang="id"), number(-2.5, lang="id"), number(-0.01, lang="en"), number(None)
    ('1.234.568', '−2,5', '0.0', '–')
    """
    lang = language() if lang is None else checked(lang)
    if value is None or not math.isfinite(value):
        return DASH
    rounded = round(float(value), decimals)
    text = f"{abs(rounded):,.{decimals}f}"
    if lang == "id":
        text = text.translate(_SWAPPED)
    return f"{MINUS if rounded < 0 else '+' if signed and rounded > 0 else ''}{text}"


def read_number(text: str, *, lang: str | None = None) -> float | None:
    """Return the number that a person wrote with the marks of the language; None where it is none.

    Examples
    --------
    >>> read_number("1.250,5", lang="id"), read_number("1,250.5", lang="en"), read_number("1.25", lang="id")
    (1250.5, 1250.5, None)
    """
    plain = text.replace(" ", "")
    if (language() if lang is None else checked(lang)) == "id":
        plain = plain.translate(_SWAPPED)
    if not re.fullmatch(r"\d+(,\d{3})*(\.\d+)?", plain):
        return None
    return float(plain.replace(",", ""))


def shortest(value: float, *, lang: str | None = None) -> str:
    """Return a number with as many decimals as it needs, six significant digits at most: ``97,5``, ``95``.

    Examples
    --------
    >>> shortest(97.5, lang="id"), shortest(95.0, lang="id"), shortest(1234567.8, lang="id")
    ('97,5', '95', '1.234.568')
    >>> shortest(0.00005, lang="id")
    '5e-5'
    """
    mantissa, __, exponent = f"{value:.6g}".partition("e")
    if exponent.startswith("-"):
        return f"{shortest(float(mantissa), lang=lang)}e{int(exponent)}"
    return number(value, 0 if exponent else len(mantissa.partition(".")[2]), lang=lang)


def scaled(value: float | None, decimals: int, like: float, *, lang: str | None = None) -> str:
    """Return a number with fixed decimals, or as ``-1.0e-9`` where these would show nothing of it.

    Parameters
    ----------
    value : float or None
    decimals : int
    like : float
        Size of the largest number that is written beside it: all of them are written in one way. Sizes below 1e-13
        are rounding errors of zero.
    lang : {"id", "en"}, optional
        The session's language by default.

    Examples
    --------
    >>> scaled(-1.04e-9, 2, 2e-9, lang="id"), scaled(-1.04e-9, 2, 5.0, lang="id"), scaled(0.0, 2, 2e-9, lang="en")
    ('−1,0e-9', '0,00', '0.0')
    """
    small = 1e-13 <= abs(like) < min(1e-4, 5 * 10.0**-decimals)
    if value is None or not small or not math.isfinite(value):
        return number(value, decimals, lang=lang)
    if value == 0.0:
        return number(0.0, 1, lang=lang)
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{number(float(mantissa), 1, lang=lang)}e{int(exponent)}"


def percent(share: float | None, decimals: int = 1, *, lang: str | None = None) -> str:
    """Return a share (0..1) as per cent: ``12,5%`` or ``12.5%``; a dash where there is none."""
    text = number(None if share is None else share * 100, decimals, lang=lang)
    return text if text == DASH else f"{text}%"


def rupiah(value: float | None, *, signed: bool = False, lang: str | None = None) -> str:
    """Return whole rupiah: ``Rp1.234.567``."""
    return _money(number(value, 0, signed=signed, lang=lang))


def rupiah_short(value: float | None, *, signed: bool = False, lang: str | None = None) -> str:
    """Return rupiah in millions, billions or trillions, for text and axes: ``Rp412 juta``, ``Rp1,9 miliar``.

    Examples
    --------
    >>> rupiah_short(-227.4e6, lang="id").replace(NBSP, " ")
    '−Rp227 juta'
    """
    lang = language() if lang is None else checked(lang)
    for size, names in _STEPS:
        if value is not None and math.isfinite(value) and abs(value) >= size:
            scaled = value / size
            text = number(scaled, 0 if abs(scaled) >= 100 else 1, signed=signed, lang=lang)
            return f"{_money(text)}{NBSP}{names[lang]}"
    return rupiah(value, signed=signed, lang=lang)


def _money(text: str) -> str:
    """Put Rp between the sign and the digits."""
    if text == DASH:
        return text
    sign = text[0] if text[0] in (MINUS, "+") else ""
    return f"{sign}Rp{text[len(sign) :]}"


def p_value(p: float | None, *, lang: str | None = None) -> str:
    """Return a p value with three decimals: ``p = 0.042``, ``p < 0.001``."""
    if p is not None and p < 0.001:
        return f"p < {number(0.001, 3, lang=lang)}"
    return f"p = {number(p, 3, lang=lang)}"


def formatted(value: Any, spec: str, *, lang: str) -> str:
    """Return `value` by a format specification, numbers with the marks of the language.

    Fixed decimals, per cent and thousands marks (``.2f``, ``+.1f``, ``.0%``, ``,``, ``,.0f``) are written as by
    :func:`number`. ``g`` and a float without specification have the decimals they need and no thousands marks, as it
    may be a year. Other specifications (``>5``, ``%Y-%m-%d``) are followed as Python does.

    Examples
    --------
    >>> formatted(1234.5, ",.1f", lang="id"), formatted(0.305, ".0%", lang="id")
    ('1.234,5', '30%')
    >>> formatted(-3.5, "g", lang="id"), formatted(-3.5, "g", lang="en"), formatted(2026, "g", lang="id")
    ('−3,5', '−3.5', '2026')
    """
    if isinstance(value, bool) or not (value is None or isinstance(value, Real)):
        return format(value, spec)
    if value is not None and _GENERAL.fullmatch(spec):
        return _general(value, spec, lang)
    found = _SPEC.fullmatch(spec) if spec else None
    if found is None:
        return format(value, spec)
    real = None if value is None else float(value)
    signed = bool(found["sign"])
    if found["decimals"] is None:  # a count, or a number as it is
        whole = real is None or not math.isfinite(real) or real.is_integer()
        decimals = 0 if whole else len(repr(real).partition(".")[2])
        return number(real, decimals, signed=signed, lang=lang)
    if found["kind"] == "%":
        text = number(None if real is None else real * 100, int(found["decimals"]), signed=signed, lang=lang)
        return text if text == DASH else f"{text}%"
    return number(real, int(found["decimals"]), signed=signed, lang=lang)


def marked(text: str, *, lang: str) -> str:
    """Return a number that Python has written with the decimal mark of the language."""
    return text.replace(".", ",") if lang == "id" else text


def between(values: Iterable[Any], *, lang: str) -> str:
    """Return what stands between listed values: a semicolon where there are decimal commas, else a comma."""
    return "; " if lang == "id" and any(isinstance(value, float) for value in values) else ", "


def _general(value: Any, spec: str, lang: str) -> str:
    """Return a number as Python writes it, with the decimal mark of the language and a real minus sign."""
    if not math.isfinite(value):
        return DASH
    text = marked(format(value if value else abs(value), spec), lang=lang)  # no minus zero
    return text.replace("-", MINUS, 1) if value < 0 else text


def long_date(day: date, *, lang: str | None = None) -> str:
    """Return ``1 Januari 2026``, ``1 January 2026``."""
    return _date(day, "d MMMM y", lang)


def month_year(day: date, *, lang: str | None = None) -> str:
    """Return ``Jan 2026``, for axes."""
    return _date(day, "MMM y", lang)


def long_month(day: date, *, lang: str | None = None) -> str:
    """Return ``Januari 2026``, for sentences."""
    return _date(day, "MMMM y", lang)


def _date(day: date, pattern: str, lang: str | None) -> str:
    from babel.dates import format_date  # a tenth of a second that texts without dates need not wait for

    return format_date(day, pattern, locale=_LOCALE[language() if lang is None else checked(lang)])


def period(start: date, years: int, *, lang: str | None = None) -> str:
    """Return the first and last day of so many years: ``1 Januari 2026 – 31 Desember 2028``."""
    month = start.month + 12 * years - 2
    year, month = start.year + month // 12, month % 12 + 1
    end = date(year, month, calendar.monthrange(year, month)[1])
    return f"{long_date(start, lang=lang)} {DASH} {long_date(end, lang=lang)}"


def duration(seconds: float, *, lang: str | None = None) -> str:
    """Return a time span of at least one second, in its two largest units: ``1 jam 5 menit``, ``40 s``.

    Examples
    --------
    >>> duration(100, lang="id"), duration(8, lang="en")
    ('1 menit 40 detik', '8 s')
    """
    names = _TIMES[language() if lang is None else checked(lang)]
    minutes, rest = divmod(max(1, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, names[0]), (minutes, names[1]), (0 if hours else rest, names[2]))
    return " ".join(f"{n} {name}" for n, name in parts if n)
