"""Groups of officers in words and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from sim.language.labels import label, short, unit
from sim.language.numbers import NBSP, number, percent
from sim.outcomes import OUTCOMES
from sim.report.estimate import Estimate
from sim.study.fairness.groups import MEASURES, OFF, SHARES

if TYPE_CHECKING:
    from sim.study.fairness.result import FairnessResult

MOST = 12
"""Units shown at most: those for which most changes."""

SLIGHT = (0.02, 0.01)
"""Of an SD or a correlation, and of a share: less is not worth a sentence (convention of ours)."""

MARKS = {1: "▲ ", 0: "", -1: "▼ "}
"""Surely better, cannot be told (or neither good nor bad), surely worse."""


def group_names(result: FairnessResult, by: str, lang: str = "id") -> dict[str, str]:
    """Groups of a split -> their names."""
    if by == "unit":
        return {u.unit: u.label_id if lang == "id" else u.label_en for u in result.agency.units}
    return {group: label(f"people.{group}", lang) for group in result.groups(by)}


def shown_groups(result: FairnessResult, by: str, lang: str = "id") -> dict[str, str]:
    """As :func:`group_names`; of many units, those whose officers' performance changes most under some policy."""
    names = group_names(result, by, lang)
    if len(names) <= MOST:
        return names
    rows = result.table(by, "performance")
    most = rows["difference"].abs().groupby(rows["group"]).max().nlargest(MOST).index
    return {group: name for group, name in names.items() if group in set(most)}


def measure_name(measure: str, lang: str = "id") -> str:
    """What is told of a group."""
    return short(measure, lang) if measure in OUTCOMES else label(f"officers.{measure}", lang)


def measure_unit(measure: str, lang: str = "id") -> str:
    """In what it is told."""
    return unit(measure, lang) if measure in OUTCOMES else unit(f"officers.{measure}", lang)


def goodness(measure: str, e: Estimate) -> int:
    """1 surely better, -1 surely worse, 0 cannot be told, or neither good nor bad.

    That some are better and some worse off under a policy is no verdict on it: nobody is under the baseline.
    """
    return 0 if measure in OFF else {"high": 1, "low": -1, "none": 0}[MEASURES[measure]] * e.sign


def noticed(measure: str, e: Estimate) -> int:
    """As the sign of `e`, but 0 for a change that is sure and too slight to be worth a sentence."""
    return e.sign if abs(e.mean) >= SLIGHT[measure in SHARES] else 0


def level(measure: str, x: float, lang: str = "id") -> str:
    """A level of a measure: ``12,5%``, ``0,08``."""
    return percent(x, lang=lang) if measure in SHARES else number(x, 2, lang=lang)


def level_ends(measure: str, e: Estimate, lang: str = "id") -> str:
    """The interval of a level; that of a share lies within 0 and 1."""
    if pd.isna(e.low):
        return label("interval.unknown", lang)
    limits = (max(e.low, 0.0), min(e.high, 1.0)) if measure in SHARES else (e.low, e.high)
    low, high = (level(measure, x, lang) for x in limits)
    return label("interval.ends", lang, low=low, high=high)


def change(
    measure: str,
    x: float,
    lang: str = "id",
    with_unit: bool = False,
    half: float = float("nan"),
    signed: bool = True,
) -> str:
    """A difference of two levels; of shares in percentage points.

    `half`, half the width of its interval, adds a decimal where the usual ones would hide it.
    """
    scale, usual = (100, 1) if measure in SHARES else (1, 2)
    fine = 0 < half * scale < 10.0**-usual
    text = number(scale * x, usual + fine, signed=signed, lang=lang)
    word = ""
    if measure in SHARES:
        word = label("unit.percentage_points", lang)
    elif measure in ("performance", "motivation", "rating_gap"):
        word = unit("performance", lang)
    return f"{text}{NBSP}{word}" if with_unit and word and text != "–" else text


def ends(measure: str, e: Estimate, lang: str = "id", signed: bool = True) -> str:
    """The interval of a difference: ``+0,09 sampai +0,21``; not signed, that of a share, within 0 and 1."""
    if pd.isna(e.low):
        return label("interval.unknown", lang)
    limits = (e.low, e.high) if signed else (max(e.low, 0.0), min(e.high, 1.0))
    low, high = (change(measure, x, lang, half=e.half, signed=signed) for x in limits)
    return label("interval.ends", lang, low=low, high=high)


def group_table(
    result: FairnessResult, by: str = "contract", lang: str = "id", measures: Sequence[str] | None = None
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
                label("people.group", lang): f"{title} ({number(first['officers'], 0, lang=lang)})",
                label("table.policy", lang): policy.label(lang),
            }
            for measure in chosen:
                row[f"{measure_name(measure, lang)} ({measure_unit(measure, lang)})"] = _cell(
                    table.loc[(measure, group, policy.name)], measure, lang
                )
            rows.append(row)
    return pd.DataFrame(rows)


def _cell(row: pd.Series, measure: str, lang: str) -> str:
    text, e = (
        level(measure, row["mean"], lang),
        Estimate(row["n"], row["difference"], row["low"], row["high"]),
    )
    if pd.isna(e.low):
        return text
    if measure in OFF:
        return f"{text} ({ends(measure, e, lang, signed=False)})"
    moved = change(measure, e.mean, lang, half=e.half)
    return f"{MARKS[goodness(measure, e)]}{text} ({moved}; {ends(measure, e, lang)})"
