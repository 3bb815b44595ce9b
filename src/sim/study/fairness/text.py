"""Groups of officers in words and as a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.errors import Message, _
from sim.language import own_text, speaking
from sim.language.numbers import NBSP, number, percent
from sim.outcomes import OUTCOMES
from sim.report.estimate import Estimate
from sim.report.format import NOISE
from sim.report.plain import text_table
from sim.study.fairness.groups import MEASURES, OFF, SHARES

if TYPE_CHECKING:
    from sim.study.fairness.result import FairnessResult

MOST = 12
"""Units shown at most: those for which most changes."""

SLIGHT = (0.02, 0.01)
"""An SD or a correlation, and a share, below which a change is not worth a sentence (convention of ours)."""

MARKS = {1: "▲ ", 0: "", -1: "▼ "}
"""Clearly better, not yet clear (or neither good nor bad), clearly worse."""

GROUP_NAMES: dict[str, Message] = {
    "everyone": _("all officers"),
    "close": _("close to the supervisor"),
    "not_close": _("not close to the supervisor"),
    "pns": _("PNS"),
    "pppk": _("PPPK"),
    "newcomer": _("newcomers (under 2 years)"),
    "settled": _("in office longer"),
    "young": _("under 35"),
    "middle": _("35–49"),
    "older": _("50 and over"),
}
"""Names of the groups of :data:`sim.study.fairness.groups.SPLITS`; those of units are the agency's."""

MEASURE_NAMES: dict[str, tuple[Message, Message]] = {
    "better_off": (_("Officers whose motivation rises"), _("% of officers")),
    "worse_off": (_("Officers whose motivation falls"), _("% of officers")),
    "workload": (_("Workload relative to the unit's mean"), _("mean = 1")),
    "rating_gap": (_("Rating minus true performance"), _("SD; 0 = fair")),
}
"""Name and unit of the measures that are no outcomes."""


def group_names(result: FairnessResult, by: str) -> dict[str, str]:
    """Return the names of the groups of a split."""
    if by == "unit":
        return {unit.unit: own_text(unit) for unit in result.agency.units}
    return {group: str(GROUP_NAMES[group]) for group in result.groups(by)}


def shown_groups(result: FairnessResult, by: str) -> dict[str, str]:
    """Return names as :func:`group_names`; of many units, those whose performance changes most under some policy."""
    names = group_names(result, by)
    if len(names) <= MOST:
        return names
    rows = result.table(by=by, measures="performance")
    most = rows["difference"].abs().groupby(rows["group"]).max().nlargest(MOST).index
    return {group: name for group, name in names.items() if group in set(most)}


def measure_name(measure: str) -> Message:
    """Return the name of a measure."""
    return OUTCOMES[measure].short if measure in OUTCOMES else MEASURE_NAMES[measure][0]


def measure_unit(measure: str) -> Message:
    """Return the unit of a measure."""
    return OUTCOMES[measure].unit if measure in OUTCOMES else MEASURE_NAMES[measure][1]


def measure_heading(measure: str) -> str:
    """Return the name of a measure with its unit."""
    return f"{measure_name(measure)} ({measure_unit(measure)})"


def group_heading(title: str, officers: float) -> str:
    """Return the name of a group with its number of officers."""
    return f"{title} ({number(officers, 0)})"


def goodness(measure: str, e: Estimate) -> int:
    """Return 1 for clearly better, -1 for clearly worse, 0 for not yet clear, or neither good nor bad.

    That some are better and some worse off under a policy is no verdict on it: under the baseline nobody is.
    """
    return 0 if measure in OFF else {"high": 1, "low": -1, "none": 0}[MEASURES[measure]] * e.sign


def noticed(measure: str, e: Estimate) -> int:
    """Return the sign of `e`, but 0 for a change that is clear and too slight to be worth a sentence."""
    return e.sign if abs(e.mean) >= SLIGHT[measure in SHARES] else 0


def level(measure: str, x: float) -> str:
    """Return a level of a measure: ``12,5%``, ``0,08``."""
    return percent(x) if measure in SHARES else number(x, 2)


def level_ends(measure: str, e: Estimate) -> str:
    """Return the interval of a level; that of a share lies within 0 and 1."""
    if pd.isna(e.low):
        return str(_("no interval yet"))
    limits = (max(e.low, 0.0), min(e.high, 1.0)) if measure in SHARES else (e.low, e.high)
    low, high = (level(measure, x) for x in limits)
    return str(_("{low} to {high}", low=low, high=high))


def change(
    measure: str, x: float, *, with_unit: bool = False, half: float = math.nan, signed: bool = True
) -> str:
    """Return a difference of two levels; of shares in percentage points.

    `half`, half the width of its interval, adds a decimal where the usual ones would hide the interval.
    """
    scale, usual = (100, 1) if measure in SHARES else (1, 2)
    fine = NOISE * max(abs(x), 1.0) < half and half * scale < 10.0**-usual
    text = number(scale * x, usual + fine, signed=signed)
    word: Message | str = ""
    if measure in SHARES:
        word = _("percentage points")
    elif measure in ("performance", "motivation", "rating_gap"):
        word = OUTCOMES["performance"].unit
    return f"{text}{NBSP}{word}" if with_unit and word and text != "–" else text


def ends(measure: str, e: Estimate, *, signed: bool = True) -> str:
    """Return the interval of a difference: ``+0,09 sampai +0,21``; not signed, that of a share, within 0 and 1."""
    if pd.isna(e.low):
        return str(_("no interval yet"))
    limits = (e.low, e.high) if signed else (max(e.low, 0.0), min(e.high, 1.0))
    low, high = (change(measure, x, half=e.half, signed=signed) for x in limits)
    return str(_("{low} to {high}", low=low, high=high))


def group_table(
    result: FairnessResult,
    by: str = "contract",
    *,
    measures: Sequence[str] | None = None,
    lang: str | None = None,
) -> pd.DataFrame:
    """Return every group under every policy, as text; a clear difference is marked ▲ (better) or ▼ (worse).

    Parameters
    ----------
    result : FairnessResult
    by : str
        How officers are split, see :data:`sim.study.fairness.groups.SPLITS`.
    measures : sequence of str, optional
        All by default, see :data:`sim.study.fairness.groups.MEASURES`.
    lang : {"id", "en"}, optional
        The session's language by default.

    Returns
    -------
    DataFrame
        One row per group and policy, one column per measure: its mean, and in brackets the difference from the
        baseline with its interval.
    """
    with speaking(lang):
        chosen = list(measures or MEASURES)
        table = result.table(by=by, measures=chosen).set_index(["measure", "group", "policy"])
        return text_table(
            {
                _("Group (officers)"): group_heading(
                    title, table.loc[(chosen[0], group, policy.name)]["officers"]
                ),
                _("Option"): policy.label(),
                **{
                    measure_heading(measure): _cell(table.loc[(measure, group, policy.name)], measure)
                    for measure in chosen
                },
            }
            for group, title in group_names(result, by).items()
            for policy in result.policies
        )


def _cell(row: Any, measure: str) -> str:
    text, e = level(measure, row["mean"]), Estimate.of_difference(row)
    if pd.isna(e.low):
        return text
    if measure in OFF:
        return f"{text} ({ends(measure, e, signed=False)})"
    moved = change(measure, e.mean, half=e.half)
    return f"{MARKS[goodness(measure, e)]}{text} ({moved}; {ends(measure, e)})"
