"""What people read of a search for the best mix: the front, what it costs, and what was left out and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from sim.errors import _
from sim.language import speaking
from sim.language.labels import label
from sim.language.numbers import number, percent, rupiah_short
from sim.outcomes import OUTCOMES
from sim.report.estimate import Estimate
from sim.report.evidence import distinct
from sim.report.format import difference, interval
from sim.report.html import Html
from sim.report.names import PRESET_NAMES
from sim.report.plain import Plain, inside, listed
from sim.study.page import Page, write_page

if TYPE_CHECKING:
    from sim.study.optimise.result import OptimiseResult

SHOWN = 12
"""Mixes off the front in the table of the brief."""


def sentence(result: OptimiseResult, *, lang: str | None = None) -> str:
    """The answer in a sentence."""
    with speaking(lang):
        return _sentence(result, Plain())


def _sentence(result: OptimiseResult, voice: Plain) -> str:
    table = result.table()
    names = {policy.name: voice.name(policy.label()) for policy in result.policies}
    first = result.objectives[0].name
    fates = table["fate"].value_counts()
    budget = result.manifest["study"]["budget"]
    on = table[table["front"]]
    if on.empty:
        return voice.say(
            _(
                "None of the {mixes} policy mixes keeps to the budget and the limits of fairness.",
                mixes=len(table),
            )
        )
    best = on.iloc[0]
    if best["policy"] == result.policy.name:
        return voice.say(
            _(
                "Of {mixes} policy mixes examined, none improves the first outcome within budget and "
                "limits: stay with {base}.",
                mixes=len(table),
                base=names[result.policy.name],
            )
        )
    return voice.say(
        _(
            "Of {mixes} policy mixes, {front} are not dominated. The best for {outcome} is "
            "{best}: {change}, at {price} per year (budget: {budget}); it is not dominated in "
            "{chance} of bootstrap samples. The rest: {beaten} dominated by another, {dear} over "
            "the budget, {unfair} breaking a limit of fairness.",
            mixes=len(table),
            front=len(on),
            best=names[best["policy"]],
            outcome=inside(label(first)),
            change=_change(best, first, voice),
            price=_change(best, "cost", voice),
            chance=percent(best["chance"], 0),
            beaten=int(fates.get("dominated", 0)),
            dear=int(fates.get("budget", 0)),
            unfair=int(fates.get("limit", 0)),
            budget=str(_("no limit")) if budget is None else rupiah_short(budget),
        )
    )


def details(result: OptimiseResult, *, lang: str | None = None) -> list[str]:
    """The front, a line a mix."""
    with speaking(lang):
        shown = _table(result, Plain(), result.table()[lambda t: t["front"]])
        return ["", *("  " + "; ".join(str(x) for x in row) for row in shown.itertuples(index=False))]


def write_brief(result: OptimiseResult, path: str | Path, *, lang: str | None = None) -> Path:
    """Write the brief: the answer, the Pareto front, the mixes on it and those that nearly were."""
    with speaking(lang):
        voice = Html(result.manifest["study"]["seed"])
        say, manifest, table = voice.say, result.manifest, result.table()
        study = manifest["study"]
        on, off = table[table["front"]], table[~table["front"]]
        tables = [(str(_("Policy mixes that are not dominated.")), _table(result, voice, on), 1)]
        if not off.empty:
            tables.append(
                (str(_("Other policy mixes, the best first.")), _table(result, voice, off.head(SHOWN)), 1)
            )
        preset = str(PRESET_NAMES[study["scenario"]["preset"]])
        limits = [
            f"{OUTCOMES[name].short!s} ({difference(name, room, signed=False)})"
            for name, room in study["limits"].items()
        ]
        full = manifest["mixes"] * manifest["replications"]
        more = [say("optimise.runs", runs=manifest["runs"], full=full)]
        if limits:
            more.append(say("optimise.limits", limits=listed(limits)))
        page = Page(
            question=str(
                _("Which policy mixes are not dominated by another in {agency}?", agency=result.agency.label)
            ),
            answer=_sentence(result, voice),
            more=more,
            figures=[
                (
                    str(
                        _(
                            "Every policy mix: its change compared with no extra action, by extra cost per year. "
                            "Numbered = not dominated."
                        )
                    ),
                    result.plot(),
                )
            ]
            if not on.empty
            else [],
            tables=tables,
            sure=[
                say("optimise.sure"),
                say("sure.futures", preset=preset) if study["futures"] else say("sure.chance", preset=preset),
            ],
            method=[
                (
                    str(_("How it was searched")),
                    say("optimise.method.text", first=study["first"], most=study["most"]),
                )
            ],
            policies=distinct(result),
        )
        return write_page(result, page, path)


def _change(row: pd.Series, name: str, voice: Plain) -> str:
    e = Estimate(int(row["n"]), row[name], row[f"{name}_low"], row[f"{name}_high"])
    return voice.number(difference(name, e.mean, half=e.half), e, interval(name, e))


def _table(result: OptimiseResult, voice: Plain, rows: pd.DataFrame) -> pd.DataFrame:
    names = {policy.name: policy.label() for policy in result.policies}
    shown = [column for column in result.points if column not in ("policy", "replication")]
    cells = []
    for __, row in rows.iterrows():
        fate = label(f"optimise.fate.{row['fate']}")
        line = {str(_("Option")): names[row["policy"]]}
        line |= {
            str(_("Extra cost")) if name == "cost" else str(OUTCOMES[name].short): _change(row, name, voice)
            for name in shown
        }
        line[str(_("Replications"))] = number(row["n"], 0)
        line[str(_("Status"))] = (
            str(_("not dominated in {chance} of bootstrap samples", chance=percent(row["chance"], 0)))
            if row["fate"] == "in"
            else fate
        )
        cells.append(line)
    return pd.DataFrame(cells, dtype=object)  # text of pandas would forget what is HTML
