"""Numbers, periods and names of methods in sentences, in the session's language."""

from __future__ import annotations

import math

import pandas as pd

from sim.errors import _
from sim.inference.result import interval, largest
from sim.language import language
from sim.language.numbers import formatted, number, p_value, scaled
from sim.tables.periods import dated

METHODS = {
    "Satterthwaite t": _("Satterthwaite t"),
    "restricted wild cluster bootstrap": _("restricted wild cluster bootstrap"),
    "Webb weights": _("Webb weights"),
    "collapsed before/after": _("each unit collapsed to its means before and after"),
}
"""Parts of the names of methods in tables that have a name of their own in Indonesian."""


def decimals(se: float) -> int:
    """Return how many decimals show two significant digits of `se` (0 to 6); 2 where it is missing or float noise."""
    if not (math.isfinite(se) and se > 1e-7):
        return 2
    return min(6, max(0, 1 - math.floor(math.log10(se))))


def effect_text(row: pd.Series, level: float) -> str:
    """Return an estimate with its interval and p value, from estimate, se, low, high, p.

    For example "0.31 (95% confidence interval 0.10 to 0.52), p = 0.004".
    """
    places = decimals(row.se)
    estimate = scaled(row.estimate, places, largest(row.estimate, row.low, row.high))
    return f"{estimate} {interval(row.low, row.high, places, level)}, {p_value(row.p)}"


def period_text(period: object) -> str:
    """Return a period as people write it, in the session's language: a midnight is its date."""
    if isinstance(period, float):
        return formatted(period, "g", lang=language())
    return dated(period)


def method_text(method: str) -> str:
    """Return the name of a method, as a table has it, in the session's language."""
    return ", ".join(str(METHODS.get(part, part)) for part in method.split(", "))


def f_test(test: pd.Series) -> str:
    """Return an F test in one expression, from F, df1, df2, p: "F(2, 17) = 3.10, p = 0.071"."""
    return f"F({test.df1:.0f}, {test.df2:.0f}) = {number(test.F, 2)}, {p_value(test.p)}"
