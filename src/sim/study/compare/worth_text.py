"""What people read of prices: what a unit of improvement costs under each policy, and where it is cheapest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.errors import KinerjaError
from sim.language.labels import label, short
from sim.language.numbers import rupiah_short
from sim.report.estimate import Estimate
from sim.report.format import difference_unit
from sim.report.plain import Plain, inside
from sim.study.compare.worth import GOODS, budget, worth

if TYPE_CHECKING:
    from sim.study.compare.result import CompareResult


def good(outcome: str, lang: str = "id") -> str:
    """What one pays for: a unit of improvement of the outcome, for people."""
    if outcome in GOODS:
        return label(f"worth.{outcome}", lang)
    word = difference_unit(outcome, lang=lang) or label("unit.points", lang)
    return label("worth.other", lang, unit=word, outcome=inside(short(outcome, lang)))


def price(row: Any, voice: Plain, interval: bool = True) -> str:
    """The price in a row of :func:`sim.study.compare.worth.worth`, or why there is none."""
    if row.verdict != "price":
        return label(f"worth.{row.verdict}", voice.lang)
    low, high = _ends(row, voice.lang)
    ends = label("interval.ends", voice.lang, low=low, high=high)
    found = voice.number(
        rupiah_short(row.price, lang=voice.lang), Estimate(row.n, row.price, row.low, row.high), ends
    )
    return voice.say("worth.between", price=found, low=low, high=high) if interval else found


def worth_table(
    comparison: CompareResult,
    lang: str = "id",
    outcomes: str | Sequence[str] | None = None,
    voice: Plain | None = None,
) -> pd.DataFrame:
    """What a unit of improvement costs under each policy, as text.

    Returns
    -------
    DataFrame
        A row a policy, a column a good (see :data:`sim.study.compare.worth.GOODS`): price with its interval, or
        why there is none.
    """
    voice = voice or Plain(lang)
    names = {policy.name: policy.label(lang) for policy in comparison.policies}
    found = worth(comparison, outcomes)
    columns: dict[str, list[str]] = {}
    for outcome, part in found.groupby("outcome", sort=False):
        columns.setdefault(label("table.policy", lang), [names[name] for name in part["policy"]])
        columns[good(str(outcome), lang)] = [price(row, voice) for row in part.itertuples()]
    return pd.DataFrame(columns, dtype=object)  # text of pandas would forget what is HTML


def spending(comparison: CompareResult) -> pd.DataFrame:
    """The rows of :func:`sim.study.compare.worth.budget` that cost anything.

    Raises
    ------
    KinerjaError
        Where none does.
    """
    table = budget(comparison)
    table = table[table["rupiah"] > 0]
    if table.empty:
        raise KinerjaError("no policy of this study costs anything; there is no budget to draw.")
    return table


def cheapest(comparison: CompareResult, voice: Plain) -> list[str]:
    """For each good, under which policy a unit of it is cheapest; a sentence each."""
    names = {policy.name: voice.name(policy.label(voice.lang)) for policy in comparison.policies}
    texts = []
    for outcome, part in worth(comparison).groupby("outcome", sort=False):
        what = good(str(outcome), voice.lang)
        free, priced = part[part["verdict"] == "free"], part[part["verdict"] == "price"]
        if len(free):
            best = free.loc[free["bought"].idxmax()]
            texts.append(voice.say("worth.cheapest.free", good=what, policy=names[best["policy"]]))
        elif len(priced):
            best = priced.loc[priced["price"].idxmin()]
            low, high = _ends(best, voice.lang)
            one = price(best, voice, interval=False)
            texts.append(
                voice.say(
                    "worth.cheapest", good=what, policy=names[best["policy"]], price=one, low=low, high=high
                )
            )
        else:
            texts.append(voice.say("worth.nobody", good=what))
    return texts


def _ends(row: Any, lang: str) -> tuple[str, str]:
    low, high = (rupiah_short(x, lang=lang) if math.isfinite(x) else "–" for x in (row.low, row.high))
    return low, high
