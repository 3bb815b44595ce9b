"""Tables for people: named columns, numbers written as the language writes them.

For arithmetic use ``result.table()`` and its kin; these frames hold text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.errors import Message, _
from sim.language import speaking
from sim.language.numbers import number, rupiah, rupiah_short
from sim.outcomes import OUTCOMES
from sim.report.estimate import Estimate
from sim.report.evidence import MARKS, heading, lever_title
from sim.report.format import difference, interval, value
from sim.report.plain import labels, text_table
from sim.study.compare import estimates

if TYPE_CHECKING:
    from sim.study.compare.result import CompareResult


def ranked_table(
    result: CompareResult, *, outcomes: Sequence[str] | None = None, lang: str | None = None
) -> pd.DataFrame:
    """Return every policy, the best first: what it changes, with intervals, and what it costs.

    Parameters
    ----------
    result : CompareResult
    outcomes : sequence of str, optional
        Those shown first by default; the first orders the rows.
    lang : {"id", "en"}, optional
        The session's language by default.

    Returns
    -------
    DataFrame
        Text. The first row is the baseline with its levels; each other cell is a mark, the mean paired difference
        and its 95 % interval.
    """
    with speaking(lang):
        chosen = list(outcomes or estimates.shown(result))
        names = labels(result.policies)
        order = estimates.ranked(result, chosen[0]) if chosen else estimates.others(result)
        columns = {str(_("Option")): [names[name] for name in [result.baseline, *order]]}
        for outcome in chosen:
            base = estimates.levels(result, outcome)[result.baseline]
            rows = estimates.differences(result, outcome)
            cells = [marked(outcome, rows[name]) for name in order]
            columns[heading(outcome)] = [value(outcome, base.mean, with_unit=False), *cells]
        prices = estimates.extra_cost(result)
        extra = [rupiah_short(prices[name].mean, signed=True) for name in order]
        columns[str(_("Extra cost"))] = ["–", *extra]
        return pd.DataFrame(columns)


def marked(outcome: str, e: Estimate) -> str:
    """Return a difference with its mark and interval: ``▲ −6,2 (−8,3 sampai −4,1 menit)``."""
    if e.n == 0:
        return "–"
    mark = MARKS[estimates.goodness(outcome, e)] + " " if OUTCOMES[outcome].better != "none" else ""
    size = difference(outcome, e.mean, with_unit=False, half=e.half)
    return f"{mark}{size} ({interval(outcome, e)})"


def cost_table(result: CompareResult, *, lang: str | None = None) -> pd.DataFrame:
    """Return what each lever of each policy costs, by year: rupiah and officers' working days, means over replications.

    Returns
    -------
    DataFrame
        Text: one row per policy and lever that costs anything, and a row with the total of each policy.
    """
    with speaking(lang):
        years = sorted(result.costs["year"].unique())
        rows = []
        for policy in result.policies:
            own = result.costs[result.costs["policy"] == policy.name]
            titles = {lever.key: lever_title(lever) for lever in policy.levers}
            total: dict[int | str, float] = dict.fromkeys([*years, "days"], 0.0)
            costly = 0
            for lever, part in own.groupby("lever", sort=False, observed=True):
                money = part.groupby("year")["rupiah"].sum() / result.replications
                days = part["officer_days"].sum() / result.replications
                if not (money.abs().sum() or days):
                    continue
                costly += 1
                cells = {year: float(money.get(year, 0.0)) for year in years} | {"days": float(days)}
                total = {key: total[key] + cell for key, cell in cells.items()}
                rows.append(_cost_row(policy.label(), titles.get(lever, str(lever)), cells, years, result))
            if costly != 1:
                rows.append(_cost_row(policy.label(), _("Total"), total, years, result))
        return text_table(rows)


def _cost_row(
    policy: str, lever: Message | str, cells: dict, years: Sequence[int], result: CompareResult
) -> dict[Any, object]:
    first = result.scenario.start.year
    by_year = {str(first + int(year) - 1): rupiah(cells[year]) for year in years}
    return {
        _("Option"): policy,
        _("Action"): lever,
        **by_year,
        _("Total"): rupiah(sum(cells[year] for year in years)),
        _("Officers' working days"): number(cells["days"], 0),
    }


def own_outcomes(result: CompareResult, *, lang: str | None = None) -> pd.DataFrame:
    """Return the outcomes that levers of one's own measured, by the name of their column.

    Returns
    -------
    DataFrame
        Text: one row per column and policy that has it, with the mean and its 95 % interval; empty where there is none.
    """
    with speaking(lang):
        known = {"policy", "replication", "window", "unit", *OUTCOMES}
        rows: list[dict[Message | str, object]] = []
        for name in (str(column) for column in result.runs_summary if column not in known):
            levels = estimates.levels(result, name)
            rows += [
                {
                    _("Column"): OUTCOMES[name].label if name in OUTCOMES else name,
                    _("Option"): policy.label(),
                    _("Mean"): number(e.mean, 2),
                    _("95% confidence interval"): _("{low:.2f} to {high:.2f}", low=e.low, high=e.high),
                }
                for policy in result.policies
                if (e := levels[policy.name]).n
            ]
        return text_table(rows)
