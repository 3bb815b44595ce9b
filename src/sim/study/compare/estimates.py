"""What a comparison says, as estimates with intervals, in the shape that words, tables and figures need.

All statistics are those of :class:`sim.study.CompareResult`: the intervals of an outcome hold for all policies at once,
as the verdict needs, which picks one of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import pandas as pd

from sim.errors import KinerjaError, _
from sim.outcomes import HEADLINE, OUTCOMES
from sim.report.estimate import Estimate, estimate
from sim.study.compare.worth import extra_costs

if TYPE_CHECKING:
    from sim.study.compare.result import CompareResult

AGENCY = "*"
"""The unit code that stands for the whole agency."""


_kept: WeakKeyDictionary[CompareResult, dict[tuple[str, str | None, str], pd.DataFrame]] = WeakKeyDictionary()
"""A brief asks for the same rows many times; a comparison does not change."""


def _rows(comparison: CompareResult, outcome: str, window: str | None, unit: str) -> Iterator[Any]:
    kept = _kept.setdefault(comparison, {})
    key = (outcome, window, unit)
    if key not in kept:
        kept[key] = comparison.table(*key)
    return kept[key].itertuples()


def levels(
    comparison: CompareResult, outcome: str, window: str | None = None, unit: str = AGENCY
) -> dict[str, Estimate]:
    """The outcome under each policy."""
    rows = _rows(comparison, outcome, window, unit)
    return {r.policy: Estimate(r.n, r.mean, r.mean - r.half_width, r.mean + r.half_width) for r in rows}


def differences(
    comparison: CompareResult, outcome: str, window: str | None = None, unit: str = AGENCY
) -> dict[str, Estimate]:
    """The outcome under each other policy minus that under the baseline, pair by pair; the intervals hold together."""
    rows = _rows(comparison, outcome, window, unit)
    return {
        r.policy: Estimate(r.n, r.difference, r.low, r.high) for r in rows if r.policy != comparison.baseline
    }


Monthly = dict[str, dict[int, Estimate]]
"""Policy -> month -> estimate."""


def monthly(comparison: CompareResult, outcome: str) -> tuple[Monthly, Monthly]:
    """The outcome by month under each policy, and its difference from the baseline under each other one.

    Intervals hold for single months.
    """
    levels: Monthly = {policy.name: {} for policy in comparison.policies}
    differences: Monthly = {name: {} for name in others(comparison)}
    for r in comparison.months(outcome).itertuples():
        levels[r.policy][int(r.month)] = Estimate(r.n, r.mean, r.mean - r.half_width, r.mean + r.half_width)
        if r.policy in differences:
            differences[r.policy][int(r.month)] = Estimate(r.n, r.difference, r.low, r.high)
    return levels, differences


def paired_by_replication(comparison: CompareResult, outcome: str) -> pd.DataFrame:
    """Differences from the baseline: a row per replication, a column per other policy that has values."""
    long = comparison.differences(outcome)
    wide = long.pivot_table(index="replication", columns="policy", values="difference")
    return wide[[name for name in others(comparison) if name in wide]]


def extra_cost(comparison: CompareResult) -> dict[str, Estimate]:
    """What each other policy costs more than the baseline over the whole study, in rupiah."""
    totals = extra_costs(comparison)
    return {name: estimate(totals[name], len(totals.columns)) for name in totals}


def others(comparison: CompareResult) -> list[str]:
    """Names of the policies that are compared with the baseline, in order."""
    return [policy.name for policy in comparison.policies if policy.name != comparison.baseline]


def shown(comparison: CompareResult) -> list[str]:
    """Outcomes that come first: those the study names, else the headline ones; only where there are values.

    Money has its own table and figure, and a lever's own outcome has no label, so neither is among them.
    """
    named = [name for name in comparison.headline or HEADLINE if name in OUTCOMES and name != "cost"]
    there = comparison.runs_summary
    return [name for name in named if name in there and there[name].notna().any()]


def deciding(comparison: CompareResult) -> str:
    """The outcome that comes first.

    Raises
    ------
    KinerjaError
        Where the comparison has no other policy, or no outcome with values.
    """
    outcomes = shown(comparison)
    if not outcomes or not others(comparison):
        raise KinerjaError(
            _("nothing to compare: a comparison needs a second policy and an outcome with values.")
        )
    return outcomes[0]


def ranked(comparison: CompareResult, outcome: str) -> list[str]:
    """The other policies, the best mean difference first; policies without a value last."""
    better = 1 if OUTCOMES[outcome].better == "high" else -1
    rows = differences(comparison, outcome)
    return sorted(rows, key=lambda name: -better * rows[name].mean if rows[name].n else math.inf)


def goodness(outcome: str, e: Estimate) -> int:
    """1 surely better, -1 surely worse, 0 cannot be told (or neither good nor bad)."""
    return {"high": e.sign, "low": -e.sign, "none": 0}[OUTCOMES[outcome].better]


def most_changed(comparison: CompareResult, outcome: str) -> list[str]:
    """Units that have the outcome, those first in which some policy changes it most."""
    rows = comparison.runs_summary
    rows = rows[(rows["window"] == comparison.windows[0]) & (rows["unit"] != AGENCY)]
    if outcome not in rows or rows[outcome].isna().all():
        return []
    means = rows.pivot_table(index="unit", columns="policy", values=outcome, observed=True)
    change = means.sub(means[comparison.baseline], axis=0).abs().max(axis=1).dropna()
    return change.sort_values(ascending=False, kind="stable").index.tolist()


MATERIAL = 0.01
"""Part of the baseline's level below which a change, however sure, is left out of the summary (assumption)."""


def material(comparison: CompareResult, outcome: str, change: Estimate) -> bool:
    """Whether a change is large enough to be worth a sentence."""
    base = levels(comparison, outcome)[comparison.baseline].mean
    return bool(abs(change.mean) >= MATERIAL * abs(base))
