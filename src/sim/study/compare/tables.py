"""Tables for people: labelled columns, numbers written as the language writes them.

For arithmetic use ``comparison.table()`` and its kin; these frames hold text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from sim.language.labels import label
from sim.language.numbers import number, rupiah, rupiah_short
from sim.outcomes import OUTCOMES
from sim.report.estimate import Estimate
from sim.report.evidence import MARKS, heading, lever_title
from sim.report.format import difference, interval, value
from sim.study.compare import estimates

if TYPE_CHECKING:
    from sim.study.compare.result import CompareResult


def ranked_table(
    comparison: CompareResult, lang: str = "id", outcomes: Sequence[str] | None = None
) -> pd.DataFrame:
    """Every policy, the best first: what it changes, with intervals, and what it costs.

    Returns
    -------
    DataFrame
        Text. The first row is the baseline with its levels; each other cell is a mark, the mean paired difference
        and its 95 % interval.
    """
    chosen = list(outcomes or estimates.shown(comparison))
    names = {policy.name: policy.label(lang) for policy in comparison.policies}
    order = estimates.ranked(comparison, chosen[0]) if chosen else estimates.others(comparison)
    columns: dict[str, list[str]] = {
        label("table.policy", lang): [names[name] for name in [comparison.baseline, *order]]
    }
    for outcome in chosen:
        base = estimates.levels(comparison, outcome)[comparison.baseline]
        rows = estimates.differences(comparison, outcome)
        cells = [value(outcome, base.mean, with_unit=False, lang=lang)] + [
            marked(outcome, rows[name], lang) for name in order
        ]
        columns[heading(outcome, lang)] = cells
    prices = estimates.extra_cost(comparison)
    columns[label("table.extra_cost", lang)] = ["–"] + [
        rupiah_short(prices[n].mean, signed=True, lang=lang) for n in order
    ]
    return pd.DataFrame(columns)


def marked(outcome: str, e: Estimate, lang: str = "id") -> str:
    """A difference with its mark and interval: ``▲ −6,2 (−8,3 sampai −4,1 menit)``."""
    if e.n == 0:
        return "–"
    mark = MARKS[estimates.goodness(outcome, e)] + " " if OUTCOMES[outcome].better != "none" else ""
    size = difference(outcome, e.mean, with_unit=False, half=e.half, lang=lang)
    return f"{mark}{size} ({interval(outcome, e, lang=lang)})"


def cost_table(comparison: CompareResult, lang: str = "id") -> pd.DataFrame:
    """What each lever of each policy costs, by year: rupiah and officers' working days, means over replications.

    Returns
    -------
    DataFrame
        Text; a row a policy and lever that costs anything, and a total row a policy.
    """
    costs = comparison.costs
    years = sorted(costs["year"].unique())
    per_run = comparison.replications
    rows = []
    for policy in comparison.policies:
        own = costs[costs["policy"] == policy.name]
        titles = {lever.key: lever_title(lever, lang) for lever in policy.levers}
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
                _cost_row(policy.label(lang), titles.get(lever, str(lever)), cells, years, comparison, lang)
            )
        if found != 1:
            rows.append(
                _cost_row(policy.label(lang), label("table.total", lang), total, years, comparison, lang)
            )
    return pd.DataFrame(rows)


def _cost_row(
    policy: str, lever: str, cells: dict, years: Sequence[int], comparison: CompareResult, lang: str
) -> dict[str, str]:
    first = comparison.scenario.start.year
    row = {label("table.policy", lang): policy, label("table.lever", lang): lever}
    row |= {str(first + int(year) - 1): rupiah(cells[year], lang=lang) for year in years}
    row[label("table.total", lang)] = rupiah(sum(cells[year] for year in years), lang=lang)
    row[label("table.officer_days", lang)] = number(cells["days"], 0, lang=lang)
    return row


def own_outcomes(comparison: CompareResult, lang: str = "id") -> pd.DataFrame:
    """What levers of notebooks measured themselves, under the name of their column, as the label table has none.

    Returns
    -------
    DataFrame
        Text: a row a column and policy that has it, with the mean and its 95 % interval; empty where there is none.
    """
    known = {"policy", "replication", "window", "unit", *OUTCOMES}
    rows = []
    for name in (str(column) for column in comparison.summary if column not in known):
        found = estimates.levels(comparison, name)
        for policy in comparison.policies:
            e = found[policy.name]
            if e.n:
                ends = label(
                    "interval.ends", lang, low=number(e.low, 2, lang=lang), high=number(e.high, 2, lang=lang)
                )
                rows.append(
                    {
                        label("table.column", lang): name,
                        label("table.policy", lang): policy.label(lang),
                        label("table.mean", lang): number(e.mean, 2, lang=lang),
                        label("table.interval", lang): ends,
                    }
                )
    return pd.DataFrame(rows)
