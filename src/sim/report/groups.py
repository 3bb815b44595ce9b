"""Groups of officers in words and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from sim.outcomes import OUTCOMES
from sim.report.format import number, percent
from sim.report.labels import label, short, unit
from sim.study.groups import MEASURES

if TYPE_CHECKING:
    from sim.study import ByGroup


def group_names(result: ByGroup, by: str, lang: str = "id") -> dict[str, str]:
    """Groups of a split -> their names."""
    if by == "unit":
        return {u.unit: u.label_id if lang == "id" else u.label_en for u in result.agency.units}
    return {group: label(f"people.{group}", lang) for group in result.groups(by)}


def measure_name(measure: str, lang: str = "id") -> str:
    """What is told of a group."""
    return short(measure, lang) if measure in OUTCOMES else label(f"officers.{measure}", lang)


def measure_unit(measure: str, lang: str = "id") -> str:
    """In what it is told."""
    return unit(measure, lang) if measure in OUTCOMES else unit(f"officers.{measure}", lang)


def group_table(
    result: ByGroup, by: str = "contract", lang: str = "id", measures: Sequence[str] | None = None
) -> pd.DataFrame:
    """Every group under every policy, as text; a difference that is sure is marked ▲ (better) or ▼ (worse).

    Returns
    -------
    DataFrame
        A row a group and policy, a column a measure: its mean, and in brackets the difference from the baseline with
        its interval.
    """
    chosen = list(measures or MEASURES)
    table = result.table(by, chosen).set_index(["measure", "group", "policy"])
    names = group_names(result, by, lang)
    rows = []
    for group, title in names.items():
        for policy in result.policies:
            first = table.loc[(chosen[0], group, policy.name)]
            row = {
                label("people.group", lang): f"{title} ({number(first['officers'], lang, 0)})",
                label("table.policy", lang): policy.label(lang),
            }
            for measure in chosen:
                row[f"{measure_name(measure, lang)} ({measure_unit(measure, lang)})"] = _cell(
                    table.loc[(measure, group, policy.name)], measure, lang
                )
            rows.append(row)
    return pd.DataFrame(rows)


def _cell(row: pd.Series, measure: str, lang: str) -> str:
    share = OUTCOMES[measure].share if measure in OUTCOMES else measure == "worse_off"

    def written(x: float, signed: bool = False) -> str:
        return number(100 * x, lang, 1, signed) if share else number(x, lang, 2, signed)

    text = percent(row["mean"], lang) if share else written(row["mean"])
    if pd.isna(row["low"]):
        return text
    good = {"high": 1, "low": -1, "none": 0}[MEASURES[measure]] * (int(row["low"] > 0) - int(row["high"] < 0))
    mark = {1: "▲ ", 0: "", -1: "▼ "}[good]
    ends = label("interval.ends", lang, low=written(row["low"], True), high=written(row["high"], True))
    return f"{mark}{text} ({written(row['difference'], True)}; {ends})"
