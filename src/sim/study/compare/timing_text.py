"""When effects arrive and fade, in words."""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING

from sim.errors import _
from sim.language import speaking
from sim.language.numbers import long_month
from sim.outcomes import OUTCOMES
from sim.report.estimate import Estimate
from sim.report.format import difference, interval
from sim.report.plain import Plain, inside
from sim.study.compare import estimates
from sim.study.compare.timing import timing

if TYPE_CHECKING:
    from sim.study.compare.result import CompareResult


def month_of(result: CompareResult, month: float) -> date:
    """Return the first day of a month of the study (1 is its first)."""
    start = result.scenario.start
    index = start.month - 1 + int(month) - 1
    return date(start.year + index // 12, index % 12 + 1, 1)


def when_said(
    result: CompareResult,
    policy: str,
    outcome: str,
    *,
    voice: Plain | None = None,
    lang: str | None = None,
) -> str:
    """State when the effect of a policy on an outcome arrives, is largest and fades, in a sentence or two.

    Empty where the outcome has no values by month.

    Parameters
    ----------
    result : CompareResult
    policy, outcome : str
        Their names.
    voice : Plain, optional
        Plain text by default.
    lang : {"id", "en"}, optional
        The session's language by default.
    """
    with speaking(lang):
        voice = voice or Plain()
        rows = timing(result, outcome)
        row = rows[rows["policy"] == policy].iloc[0]
        if not row["months"]:
            return ""
        what = {
            "policy": voice.names(result.policies)[policy],
            "outcome": inside(OUTCOMES[outcome].label),
        }
        if math.isnan(row["first"]):
            never = _(
                "Month by month, the effect of {policy} on {outcome} is never clear for three "
                "consecutive months."
            )
            return voice.say(never.filled(**what))
        monthly = estimates.monthly(result, outcome)[1][policy]

        def month(number: float) -> str:
            e: Estimate = monthly[int(number)]
            return voice.number(long_month(month_of(result, number)), e, interval(outcome, e))

        at = monthly[int(row["peak"])]
        size = difference(outcome, row["peak_difference"], half=at.half)
        peak = voice.number(size, at, interval(outcome, at))
        if row["last"] < max(monthly):
            clear = _(
                "Under {policy}, {outcome} differs clearly from {first} on, for the last time in {last}."
            ).filled(last=month(row["last"]))
        else:
            clear = _("Under {policy}, {outcome} differs clearly from {first} until the end of the study.")
        if math.isnan(row["half"]):
            largest = _(
                "The effect is largest in {when}, at {peak}; by the end of the study it has not fallen to "
                "half of that."
            )
        else:
            largest = _(
                "The effect is largest in {when}, at {peak}; from {half} on less than half of it remains."
            ).filled(half=month(row["half"]))
        texts = [
            voice.say(clear.filled(first=month(row["first"]), **what)),
            voice.say(largest.filled(peak=peak, when=month(row["peak"]))),
        ]
        return voice.fill("{} {}", texts)
