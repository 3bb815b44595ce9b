"""The estimates of a comparison with their intervals, in the shape that texts, tables and figures need.

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
from sim.study.compare.cost_effectiveness import extra_costs

if TYPE_CHECKING:
    from sim.study.compare.result import CompareResult

AGENCY = "*"
"""Unit code of the whole agency."""

_kept: WeakKeyDictionary[CompareResult, dict[tuple[str, str | None, str], pd.DataFrame]] = WeakKeyDictionary()
"""Tables by comparison: a brief needs the same rows many times, and a comparison does not change."""


def _rows(result: CompareResult, outcome: str, window: str | None, unit: str) -> Iterator[Any]:
    kept = _kept.setdefault(result, {})
    key = (outcome, window, unit)
    if key not in kept:
        kept[key] = result.table(*key)
    return kept[key].itertuples()


def levels(
    result: CompareResult, outcome: str, window: str | None = None, unit: str = AGENCY
) -> dict[str, Estimate]:
    """Return the outcome under each policy."""
    rows = _rows(result, outcome, window, unit)
    return {r.policy: Estimate(r.n, r.mean, r.mean - r.half_width, r.mean + r.half_width) for r in rows}


def differences(
    result: CompareResult, outcome: str, window: str | None = None, unit: str = AGENCY
) -> dict[str, Estimate]:
    """Return the outcome under each other policy minus that under the baseline; the intervals hold together."""
    rows = _rows(result, outcome, window, unit)
    return {r.policy: Estimate(r.n, r.difference, r.low, r.high) for r in rows if r.policy != result.baseline}


Monthly = dict[str, dict[int, Estimate]]
"""Policy -> month -> estimate."""


def monthly(result: CompareResult, outcome: str) -> tuple[Monthly, Monthly]:
    """Return the outcome by month under each policy, and its difference from the baseline under each other one.

    Intervals hold for single months.
    """
    levels: Monthly = {policy.name: {} for policy in result.policies}
    differences: Monthly = {name: {} for name in others(result)}
    for r in result.months(outcome).itertuples():
        levels[r.policy][int(r.month)] = Estimate(r.n, r.mean, r.mean - r.half_width, r.mean + r.half_width)
        if r.policy in differences:
            differences[r.policy][int(r.month)] = Estimate(r.n, r.difference, r.low, r.high)
    return levels, differences


def paired_by_replication(result: CompareResult, outcome: str) -> pd.DataFrame:
    """Return differences from the baseline: one row per replication, one column per other policy with values."""
    long = result.differences(outcome)
    wide = long.pivot_table(index="replication", columns="policy", values="difference")
    return wide[[name for name in others(result) if name in wide]]


def extra_cost(result: CompareResult) -> dict[str, Estimate]:
    """Return what each other policy costs more than the baseline over the whole study, in rupiah."""
    totals = extra_costs(result)
    return {name: estimate(totals[name], len(totals.columns)) for name in totals}


def others(result: CompareResult) -> list[str]:
    """Return the names of the policies that are compared with the baseline, in order."""
    return [policy.name for policy in result.policies if policy.name != result.baseline]


def shown(result: CompareResult) -> list[str]:
    """Return the outcomes that come first: those the study names, else the headline ones, where there are values.

    Money has its own table and figure, so it is not among them.
    """
    named = [name for name in result.headline or HEADLINE if name in OUTCOMES and name != "cost"]
    there = result.runs_summary
    return [name for name in named if name in there and there[name].notna().any()]


def deciding(result: CompareResult) -> str:
    """Return the outcome that comes first.

    Raises
    ------
    KinerjaError
        Where the comparison has no other policy, or no outcome with values.
    """
    outcomes = shown(result)
    if not outcomes or not others(result):
        raise KinerjaError(
            _("nothing to compare: a comparison needs a second policy and an outcome with values.")
        )
    return outcomes[0]


def ranked(result: CompareResult, outcome: str) -> list[str]:
    """Return the other policies, the best mean difference first; policies without a value last."""
    better = 1 if OUTCOMES[outcome].better == "high" else -1
    rows = differences(result, outcome)
    return sorted(rows, key=lambda name: -better * rows[name].mean if rows[name].n else math.inf)


def goodness(outcome: str, e: Estimate) -> int:
    """Return 1 for clearly better, -1 for clearly worse, 0 for not yet clear (or neither good nor bad)."""
    return {"high": e.sign, "low": -e.sign, "none": 0}[OUTCOMES[outcome].better]


def most_changed(result: CompareResult, outcome: str) -> list[str]:
    """Return the units that have the outcome, those first in which some policy changes it most."""
    rows = result.runs_summary
    rows = rows[(rows["window"] == result.windows[0]) & (rows["unit"] != AGENCY)]
    if outcome not in rows or rows[outcome].isna().all():
        return []
    means = rows.pivot_table(index="unit", columns="policy", values=outcome, observed=True)
    change = means.sub(means[result.baseline], axis=0).abs().max(axis=1).dropna()
    return change.sort_values(ascending=False, kind="stable").index.tolist()


MATERIAL = 0.01
"""Share of the baseline's level below which a change, however clear, is left out of sentences (assumption)."""


def material(result: CompareResult, outcome: str, change: Estimate) -> bool:
    """Return whether a change is large enough to be worth a sentence."""
    base = levels(result, outcome)[result.baseline].mean
    return bool(abs(change.mean) >= MATERIAL * abs(base))
