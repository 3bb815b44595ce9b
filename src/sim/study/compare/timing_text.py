"""When effects arrive and fade, in a sentence."""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING

from sim.errors import _
from sim.language.numbers import month_year
from sim.outcomes import OUTCOMES
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


def when_said(comparison: CompareResult, policy: str, outcome: str, voice: Plain | None = None) -> str:
    """When the effect of a policy on an outcome arrives, is largest and fades: a sentence or two.

    Empty where the outcome has no values by month.
    """
    voice = voice or Plain()
    names = {p.name: voice.name(p.label()) for p in comparison.policies}
    rows = timing(comparison, outcome)
    row = rows[rows["policy"] == policy].iloc[0]
    if not row["months"]:
        return ""
    what = {"policy": names[policy], "outcome": inside(str(OUTCOMES[outcome].label))}
    if math.isnan(row["first"]):
        return voice.say(
            _(
                "Month by month, the effect of {policy} on {outcome} is never clear for three "
                "consecutive months."
            ).filled(**what)
        )
    __, monthly = estimates.monthly(comparison, outcome)
    end = max(monthly[policy])

    def told(month: float) -> str:
        e: Estimate = monthly[policy][int(month)]
        return voice.number(month_year(month_of(comparison, month)), e, interval(outcome, e))

    at = monthly[policy][int(row["peak"])]
    size = difference(outcome, row["peak_difference"], half=at.half)
    peak = voice.number(size, at, interval(outcome, at))
    text = voice.say(
        _("Under {policy}, {outcome} differs clearly from {first} on", first=told(row["first"])).filled(
            **what
        )
    )
    ends = row["last"] < end
    text += (
        voice.say(_(", for the last time in {last}.", last=told(row["last"])))
        if ends
        else voice.say(_(" until the end of the study."))
    )
    if math.isnan(row["half"]):
        return text + voice.say(
            _(
                " The effect is largest in {when}, at {peak}; by the end of the study it has not "
                "fallen to half of that.",
                peak=peak,
                when=told(row["peak"]),
            )
        )
    return text + voice.say(
        _(
            " The effect is largest in {when}, at {peak}; from {half} on less than half of it remains.",
            peak=peak,
            when=told(row["peak"]),
            half=told(row["half"]),
        )
    )
