"""Tables for people: labelled columns, numbers written as the language writes them.

For arithmetic use ``comparison.table()`` and its kin; these frames hold text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from sim.evidence import Evidence, Finding
from sim.outcomes import OUTCOMES
from sim.report import estimates
from sim.report.estimates import Estimate
from sim.report.format import difference, interval, number, rupiah, rupiah_short, value
from sim.report.labels import label, short, unit

if TYPE_CHECKING:
    from sim.levers import Policy
    from sim.study import Comparison

MARKS = {1: "▲", 0: "○", -1: "▼"}
"""Surely better, cannot be told, surely worse: readable without colour."""


def ranked_table(
    comparison: Comparison, lang: str = "id", outcomes: Sequence[str] | None = None
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
        cells = [value(outcome, base.mean, lang, with_unit=False)] + [
            marked(outcome, rows[name], lang) for name in order
        ]
        columns[heading(outcome, lang)] = cells
    prices = estimates.extra_cost(comparison)
    columns[label("table.extra_cost", lang)] = ["–"] + [
        rupiah_short(prices[n].mean, lang, signed=True) for n in order
    ]
    return pd.DataFrame(columns)


def heading(outcome: str, lang: str = "id") -> str:
    """Short name of an outcome with its unit."""
    return f"{short(outcome, lang)} ({unit(outcome, lang)})"


def marked(outcome: str, e: Estimate, lang: str = "id") -> str:
    """A difference with its mark and interval: ``▲ −6,2 (−8,3 sampai −4,1 menit)``."""
    if e.n == 0:
        return "–"
    mark = MARKS[estimates.goodness(outcome, e)] + " " if OUTCOMES[outcome].better != "none" else ""
    return f"{mark}{difference(outcome, e.mean, lang, with_unit=False, half=e.half)} ({interval(outcome, e, lang)})"


def cost_table(comparison: Comparison, lang: str = "id") -> pd.DataFrame:
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
    policy: str, lever: str, cells: dict, years: Sequence[int], comparison: Comparison, lang: str
) -> dict[str, str]:
    first = comparison.scenario.start.year
    row = {label("table.policy", lang): policy, label("table.lever", lang): lever}
    row |= {str(first + int(year) - 1): rupiah(cells[year], lang) for year in years}
    row[label("table.total", lang)] = rupiah(sum(cells[year] for year in years), lang)
    row[label("table.officer_days", lang)] = number(cells["days"], lang, 0)
    return row


def own_outcomes(comparison: Comparison, lang: str = "id") -> pd.DataFrame:
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
                ends = label("interval.ends", lang, low=number(e.low, lang, 2), high=number(e.high, lang, 2))
                rows.append(
                    {
                        label("table.column", lang): name,
                        label("table.policy", lang): policy.label(lang),
                        label("table.mean", lang): number(e.mean, lang, 2),
                        label("table.interval", lang): ends,
                    }
                )
    return pd.DataFrame(rows)


def evidence_table(policies: Iterable[Policy], preset: str = "shrunk", lang: str = "id") -> pd.DataFrame:
    """The findings that the levers of these policies rest on, and how well each is known.

    Parameters
    ----------
    policies : iterable of Policy
        Those of :func:`distinct` show only what makes the policies differ.
    preset : {"published", "shrunk", "indonesia"}
        How the evidence was read.

    Returns
    -------
    DataFrame
        Text; a row a finding, in the order of the evidence table.
    """
    used = findings(policies, preset, lang)
    rows = [
        {
            label("table.finding", lang): (
                f"{finding.label_id if lang == 'id' else finding.label_en} [{finding.key}]"
            ),
            label("table.size", lang): _size(finding, lang),
            label("table.unsure", lang): _unsure(finding, lang),
            label("table.grade", lang): label(f"grade.{finding.grade}", lang),
            label("table.source", lang): "; ".join(filter(None, (finding.source, finding.basis))),
            label("table.used_by", lang): ", ".join(titles),
        }
        for finding, titles in used
    ]
    return pd.DataFrame(rows)


class HasPolicies(Protocol):
    """A result of any kind that is about several policies."""

    @property
    def policies(self) -> tuple[Policy, ...]: ...


def distinct(result: HasPolicies) -> list[Policy]:
    """The policies of a result, each with only those levers that not all of them have."""
    first, *rest = result.policies
    if not rest:
        return [first]
    common = [lever for lever in first.levers if all(lever in policy.levers for policy in rest)]
    return [
        replace(policy, levers=tuple(lever for lever in policy.levers if lever not in common))
        for policy in result.policies
    ]


def findings(policies: Iterable[Policy], preset: str, lang: str = "id") -> list[tuple[Finding, list[str]]]:
    """Findings the levers of `policies` declare, with the titles of those levers, in the order of the table."""
    evidence = Evidence.load(preset)
    used: dict[str, list[str]] = {}
    for policy in policies:
        for lever in policy.levers:
            for key in lever.evidence:
                titles = used.setdefault(key, [])
                if lever_title(lever, lang) not in titles:
                    titles.append(lever_title(lever, lang))
    return [(evidence[key], used[key]) for key in evidence if key in used]


def unsupported(policies: Iterable[Policy], lang: str = "id") -> list[str]:
    """Titles of levers that rest on no row of the evidence table: what they do is an assumption."""
    known = Evidence.load()
    levers = [lever for policy in policies for lever in policy.levers]
    return list(
        dict.fromkeys(lever_title(x, lang) for x in levers if not any(key in known for key in x.evidence))
    )


def lever_title(lever: object, lang: str = "id") -> str:
    """Name of a lever for people, with its tag where it has one."""
    title = str(getattr(lever, f"title_{lang}"))
    tag = str(getattr(lever, "tag", ""))
    return f"{title} ({tag})" if tag else title


def doubt(finding: Finding) -> float:
    """SD of a finding over places and studies, relative to its mean; infinite where only the direction is known."""
    if not np.isfinite(finding.mean) or finding.mean == 0:
        return np.inf if not np.isfinite(finding.mean) else np.nan
    parts = [x for x in (finding.se, finding.between) if np.isfinite(x)]
    return float(np.sqrt(np.square(parts).sum()) / abs(finding.mean))


def _size(finding: Finding, lang: str) -> str:
    if not np.isfinite(finding.mean):
        return label("table.direction", lang)
    size = abs(finding.mean)
    text = number(finding.mean, lang, 0 if size >= 10 else 3 if size < 0.1 else 2)
    return f"{text} {label(f'finding.{finding.unit}', lang)}"


def _unsure(finding: Finding, lang: str) -> str:
    parts = [
        f"{label(f'table.{name}', lang)} {number(x, lang, 2)}"
        for name, x in (("se", finding.se), ("between", finding.between), ("spread", finding.spread))
        if np.isfinite(x) and x > 0
    ]
    return "; ".join(parts) or "–"
