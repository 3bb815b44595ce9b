"""The report of a search for the best mix: the Pareto front, what it costs, and what is not on it and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from sim.errors import Message, _
from sim.language import speaking
from sim.language.numbers import number, percent, rupiah_short
from sim.outcomes import OUTCOMES
from sim.report.estimate import Estimate
from sim.report.evidence import distinct
from sim.report.format import difference, interval
from sim.report.html import Html
from sim.report.plain import Plain, inside, labels, listed, text_lines, text_table
from sim.study.optimise import figure
from sim.study.page import Page, coverage, write_page

if TYPE_CHECKING:
    from sim.study.optimise.result import OptimiseResult

SHOWN = 12
"""Mixes off the front in the table of the brief."""

FATES: dict[str, Message] = {
    "in": _("still considered"),
    "budget": _("over the budget"),
    "limit": _("breaks a limit of fairness"),
    "dominated": _("dominated"),
}
"""What became of a mix."""


def sentence(result: OptimiseResult, *, lang: str | None = None) -> str:
    """State the answer in a sentence."""
    with speaking(lang):
        return _answer(result, Plain())


def details(result: OptimiseResult, *, lang: str | None = None) -> list[str]:
    """List the mixes on the front."""
    with speaking(lang):
        table = result.table()
        return ["", *text_lines(_table(result, Plain(), table[table["front"]]))]


def write_brief(result: OptimiseResult, path: str | Path, *, lang: str | None = None) -> Path:
    """Write the brief: the answer, the Pareto front, the mixes on it and the best of the others."""
    with speaking(lang):
        voice = Html(result.manifest["study"]["seed"])
        study, table = result.manifest["study"], result.table()
        on, off = table[table["front"]], table[~table["front"]]
        figures = []
        if not on.empty:
            caption = _(
                "Every policy mix: its change compared with no extra action, by extra cost per year. "
                "Numbered = not dominated."
            )
            figures = [(caption, figure.pareto(result))]
        tables = [(_("Policy mixes that are not dominated."), _table(result, voice, on), 1)]
        if not off.empty:
            others = _table(result, voice, off.head(SHOWN))
            tables.append((_("Other policy mixes, the best first."), others, 1))
        page = Page(
            question=_(
                "Which policy mixes are not dominated by another in {agency}?", agency=result.agency.label
            ),
            answer=_answer(result, voice),
            more=_more(result, voice),
            figures=figures,
            tables=tables,
            sure=[
                voice.say(
                    _(
                        "Intervals hold one at a time. Which mixes are not dominated depends on uncertain means; so "
                        "each is given with the share of bootstrap samples in which it is not dominated. Near 100% = "
                        "safe to call not dominated; low = another is nearly as good."
                    )
                ),
                coverage(voice, study["scenario"]["preset"], futures=study["futures"]),
            ],
            method=[
                (
                    _("How it was searched"),
                    _(
                        "Racing: every mix is run {first} times under the same random draws; those that are clearly "
                        "dominated, clearly over the budget, or clearly break a limit are not run again; the "
                        "replications of the others are doubled up to {most}.",
                        first=study["first"],
                        most=study["most"],
                    ),
                )
            ],
            policies=distinct(result),
        )
        return write_page(result, page, path)


def _answer(result: OptimiseResult, voice: Plain) -> str:
    table, names = result.table(), voice.names(result.policies)
    on = table[table["front"]]
    if on.empty:
        text = _("None of the {mixes} policy mixes keeps to the budget and the limits of fairness.")
        return voice.say(text.filled(mixes=len(table)))
    best = on.iloc[0]
    if best["policy"] == result.policy.name:
        text = _(
            "Of {mixes} policy mixes examined, none improves the first outcome within budget and "
            "limits: stay with {base}."
        )
        return voice.say(text.filled(mixes=len(table), base=names[result.policy.name]))
    first, budget = result.objectives[0].name, result.manifest["study"]["budget"]
    fates = table["fate"].value_counts()
    return voice.say(
        _(
            "Of {mixes} policy mixes, {front} are not dominated. The best for {outcome} is "
            "{best}: {change}, at {price} per year (budget: {budget}); it is not dominated in "
            "{chance} of bootstrap samples. The rest: {beaten} dominated by another, {dear} over "
            "the budget, {unfair} breaking a limit of fairness.",
            mixes=len(table),
            front=len(on),
            best=names[best["policy"]],
            outcome=inside(OUTCOMES[first].label),
            change=_change(best, first, voice),
            price=_change(best, "cost", voice),
            chance=percent(best["chance"], 0),
            beaten=int(fates.get("dominated", 0)),
            dear=int(fates.get("budget", 0)),
            unfair=int(fates.get("limit", 0)),
            budget=_("no limit") if budget is None else rupiah_short(budget),
        )
    )


def _more(result: OptimiseResult, voice: Plain) -> list[str]:
    """Return what the search cost, and the limits."""
    manifest = result.manifest
    full = manifest["mixes"] * manifest["replications"]
    runs = _("This took {runs} runs; without elimination, {full}.", runs=manifest["runs"], full=full)
    texts = [voice.say(runs)]
    limits = [
        f"{OUTCOMES[name].short} ({difference(name, room, signed=False)})"
        for name, room in manifest["study"]["limits"].items()
    ]
    if limits:
        text = _("Limits of fairness (may worsen by at most): {limits}.", limits=listed(limits))
        texts.append(voice.say(text))
    return texts


def _change(row: pd.Series, name: str, voice: Plain) -> str:
    e = Estimate(int(row["n"]), row[name], row[f"{name}_low"], row[f"{name}_high"])
    return voice.number(difference(name, e.mean, half=e.half), e, interval(name, e))


def _table(result: OptimiseResult, voice: Plain, rows: pd.DataFrame) -> pd.DataFrame:
    names = labels(result.policies)
    shown = [column for column in result.points if column not in ("policy", "replication")]
    heads = {name: _("Extra cost") if name == "cost" else OUTCOMES[name].short for name in shown}
    return text_table(
        {
            _("Option"): names[row["policy"]],
            **{heads[name]: _change(row, name, voice) for name in shown},
            _("Replications"): number(row["n"], 0),
            _("Status"): _status(row),
        }
        for __, row in rows.iterrows()
    )


def _status(row: pd.Series) -> Message:
    if row["fate"] == "in":
        return _("not dominated in {chance} of bootstrap samples", chance=percent(row["chance"], 0))
    return FATES[row["fate"]]
