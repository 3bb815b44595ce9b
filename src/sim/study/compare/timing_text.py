"""When effects arrive and fade, in a sentence."""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING

from sim.language.labels import label
from sim.language.numbers import month_year
from sim.report.estimate import Estimate
from sim.report.format import difference, interval
from sim.report.plain import Plain, inside
from sim.study.compare import estimates
from sim.study.compare.timing import timing

if TYPE_CHECKING:
    from sim.study.compare.result import CompareResult


def month_of(comparison: CompareResult, month: float) -> date:
    """First day of a month of the study (1 is its first)."""
    start = comparison.scenario.start
    index = start.month - 1 + int(month) - 1
    return date(start.year + index // 12, index % 12 + 1, 1)


def when_said(
    comparison: CompareResult, policy: str, outcome: str, lang: str = "id", voice: Plain | None = None
) -> str:
    """When the effect of a policy on an outcome arrives, is largest and fades: a sentence or two.

    Empty where the outcome has no values by month.
    """
    voice = voice or Plain(lang)
    lang = voice.lang
    names = {p.name: voice.name(p.label(lang)) for p in comparison.policies}
    rows = timing(comparison, outcome)
    row = rows[rows["policy"] == policy].iloc[0]
    if not row["months"]:
        return ""
    what = {"policy": names[policy], "outcome": inside(label(outcome, lang))}
    if math.isnan(row["first"]):
        return voice.say("timing.never", **what)
    _, monthly = estimates.monthly(comparison, outcome)
    end = max(monthly[policy])

    def told(month: float) -> str:
        e: Estimate = monthly[policy][int(month)]
        return voice.number(
            month_year(month_of(comparison, month), lang=lang), e, interval(outcome, e, lang=lang)
        )

    at = monthly[policy][int(row["peak"])]
    size = difference(outcome, row["peak_difference"], half=at.half, lang=lang)
    peak = voice.number(size, at, interval(outcome, at, lang=lang))
    text = voice.say("timing.sure", **what, first=told(row["first"]))
    ends = row["last"] < end
    text += voice.say("timing.ends", last=told(row["last"])) if ends else voice.say("timing.to_end")
    if math.isnan(row["half"]):
        return text + voice.say("timing.lasting", peak=peak, when=told(row["peak"]))
    return text + voice.say("timing.half", peak=peak, when=told(row["peak"]), half=told(row["half"]))
