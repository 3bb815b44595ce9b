"""Numbers in sentences: as many decimals as the standard error supports."""

from __future__ import annotations

import datetime
import math

import numpy as np
import pandas as pd

from sim.inference.result import Lang, interval
from sim.language.numbers import number, p_value


def decimals(se: float) -> int:
    """Decimals that show two significant digits of `se` (0 to 6); 2 where there is none."""
    if not (math.isfinite(se) and se > 0):
        return 2
    return min(6, max(0, 1 - math.floor(math.log10(se))))


def effect_text(row: pd.Series, lang: Lang, level: float) -> str:
    """ "0.31 (95% interval 0.10 to 0.52), p = 0.004" from estimate, se, low, high, p."""
    places = decimals(row.se)
    return (
        f"{number(row.estimate, places, lang=lang)} {interval(row.low, row.high, places, level, lang=lang)}, "
        f"{p_value(row.p, lang=lang)}"
    )


def period_text(period: object) -> str:
    """A period as people write it: a midnight is its date."""
    if isinstance(period, (np.datetime64, pd.Timestamp, datetime.date)):
        stamp = pd.Timestamp(period)
        return f"{stamp:%Y-%m-%d}" if stamp == stamp.normalize() else f"{stamp:%Y-%m-%d %H:%M}"
    return f"{period:g}" if isinstance(period, float) else str(period)


_INDONESIAN = {
    "Satterthwaite t": "t Satterthwaite",
    "restricted wild cluster bootstrap, Webb weights": "bootstrap klaster liar terbatas, bobot Webb",
    "collapsed before/after": "tiap unit diringkas menjadi rata-rata sebelum dan sesudah",
}


def method_text(method: str, lang: Lang) -> str:
    """The name of a method; English as it stands in the table, or Indonesian."""
    if lang == "id":
        for english, indonesian in _INDONESIAN.items():
            method = method.replace(english, indonesian)
    return method
