"""Tables for people: labelled columns, numbers written as the language writes them.

For arithmetic use ``comparison.table()`` and its kin; these frames hold text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from sim.errors import _
from sim.language import speaking
from sim.language.numbers import number, rupiah, rupiah_short
from sim.outcomes import OUTCOMES
from sim.report.estimate import Estimate
from sim.report.evidence import MARKS, heading, lever_title
from sim.report.format import difference, interval, value
from sim.study.compare import estimates

if TYPE_CHECKING:
    from sim.study.compare.result import CompareResult


def ranked_table(
    comparison: CompareResult, *, lang: str | None = None, outcomes: Sequence[str] | None = None
) -> pd.DataFrame:
    """Every policy, the best first: what it changes, with intervals, and what it costs.

    Returns
    -------
    DataFrame
        Text. The first row is the baseline with its levels; each other cell is a mark, the mean paired difference
        and its 95 % interval.
    """
    with speaking(lang):
        chosen = list(outcomes or estimates.shown(comparison))
        names = {policy.name: policy.label() for policy in comparison.policies}
        order = estimates.ranked(comparison, chosen[0]) if chosen else estimates.others(comparison)
        columns: dict[str, list[str]] = {
            str(_("Option")): [names[name] for name in [comparison.baseline, *order]]
        }
        for outcome in chosen:
            base = estimates.levels(comparison, outcome)[comparison.baseline]
            rows = estimates.differences(comparison, outcome)
            cells = [value(outcome, base.mean, with_unit=False)] + [
                marked(outcome, rows[name]) for name in order
            ]
            columns[heading(outcome)] = cells
        prices = estimates.extra_cost(comparison)
        columns[str(_("Extra cost"))] = ["–"] + [rupiah_short(prices[n].mean, signed=True) for n in order]
        return pd.DataFrame(columns)


def marked(outcome: str, e: Estimate) -> str:
    """A difference with its mark and interval: ``▲ −6,2 (−8,3 sampai −4,1 menit)``."""
    if e.n == 0:
        return "–"
    mark = MARKS[estimates.goodness(outcome, e)] + " " if OUTCOMES[outcome].better != "none" else ""
    size = difference(outcome, e.mean, with_unit=False, half=e.half)
    return f"{mark}{size} ({interval(outcome, e)})"


def cost_table(comparison: CompareResult, *, lang: str | None = None) -> pd.DataFrame:
    """What each lever of each policy costs, by year: rupiah and officers' working days, means over replications.

    Returns
    -------
    DataFrame
        Text; a row a policy and lever that costs anything, and a total row a policy.
    """
    with speaking(lang):
        costs = comparison.costs
        years = sorted(costs["year"].unique())
        per_run = comparison.replications
        rows = []
        for policy in comparison.policies:
            own = costs[costs["policy"] == policy.name]
            titles = {lever.key: lever_title(lever) for lever in policy.levers}
            total: dict[int | str, float] = dict.fromkeys([*years, "days"], 0.0)
            found = 0
            for lever, part in own.groupby("lever", sort=False, observed=True):
                money = part.groupby("year")["rupiah"].sum() / per_run
                days = part["officer_days"].sum() / per_run
                if not (money.abs().sum() or days):
                    continue
                found += 1
                cells = {year: float(money.get(year, 0.0)) for year in years} | {"days": float(days)}
                total = {key: total[key] + cell for key, cell in cells.items()}
                rows.append(
                    _cost_row(policy.label(), titles.get(lever, str(lever)), cells, years, comparison)
                )
            if found != 1:
                rows.append(_cost_row(policy.label(), str(_("Total")), total, years, comparison))
        return pd.DataFrame(rows)


def _cost_row(
    policy: str, lever: str, cells: dict, years: Sequence[int], comparison: CompareResult
) -> dict[str, str]:
    first = comparison.scenario.start.year
    row = {str(_("Option")): policy, str(_("Action")): lever}
    row |= {str(first + int(year) - 1): rupiah(cells[year]) for year in years}
    row[str(_("Total"))] = rupiah(sum(cells[year] for year in years))
    row[str(_("Officers' working days"))] = number(cells["days"], 0)
    return row


def own_outcomes(comparison: CompareResult, *, lang: str | None = None) -> pd.DataFrame:
    """What levers of notebooks measured themselves, under the name of their column, as the label table has none.

    Returns
    -------
    DataFrame
        Text: a row a column and policy that has it, with the mean and its 95 % interval; empty where there is none.
    """
    with speaking(lang):
        known = {"policy", "replication", "window", "unit", *OUTCOMES}
        rows = []
        for name in (str(column) for column in comparison.runs_summary if column not in known):
            found = estimates.levels(comparison, name)
            for policy in comparison.policies:
                e = found[policy.name]
                if e.n:
                    ends = str(_("{low} to {high}", low=number(e.low, 2), high=number(e.high, 2)))
                    rows.append(
                        {
                            str(_("Column")): name,
                            str(_("Option")): policy.label(),
                            str(_("Mean")): number(e.mean, 2),
                            str(_("95% confidence interval")): ends,
                        }
                    )
        return pd.DataFrame(rows)
