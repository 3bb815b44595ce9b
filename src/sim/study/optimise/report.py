"""What people read of a search for the best mix: the front, what it costs, and what was left out and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from sim.language.labels import label, short
from sim.language.numbers import number, percent, rupiah_short
from sim.report.estimate import Estimate
from sim.report.evidence import distinct
from sim.report.format import difference, interval
from sim.report.html import Html
from sim.report.plain import Plain, inside, listed
from sim.study.page import Page, write_page

if TYPE_CHECKING:
    from sim.study.optimise.result import OptimiseResult

SHOWN = 12
"""Mixes off the front in the table of the brief."""


def sentence(result: OptimiseResult, lang: str = "id") -> str:
    """The answer in a sentence."""
    return _sentence(result, Plain(lang))


def _sentence(result: OptimiseResult, voice: Plain) -> str:
    lang, table = voice.lang, result.table()
    names = {policy.name: voice.name(policy.label(lang)) for policy in result.policies}
    first = result.objectives[0].name
    fates = table["fate"].value_counts()
    budget = result.manifest["study"]["budget"]
    on = table[table["front"]]
    if on.empty:
        return voice.say("optimise.none", mixes=len(table))
    best = on.iloc[0]
    if best["policy"] == result.policy.name:
        return voice.say("optimise.base", mixes=len(table), base=names[result.policy.name])
    return voice.say(
        "optimise.best",
        mixes=len(table),
        front=len(on),
        best=names[best["policy"]],
        outcome=inside(label(first, lang)),
        change=_change(best, first, voice),
        price=_change(best, "cost", voice),
        chance=percent(best["chance"], 0, lang=lang),
        beaten=int(fates.get("dominated", 0)),
        dear=int(fates.get("budget", 0)),
        unfair=int(fates.get("limit", 0)),
        budget=label("optimise.no_budget", lang) if budget is None else rupiah_short(budget, lang=lang),
    )


def details(result: OptimiseResult, lang: str = "id") -> list[str]:
    """The front, a line a mix."""
    shown = _table(result, Plain(lang), result.table()[lambda t: t["front"]])
    return ["", *("  " + "; ".join(str(x) for x in row) for row in shown.itertuples(index=False))]


def write_brief(result: OptimiseResult, path: str | Path, lang: str = "id") -> Path:
    """Write the brief: the answer, the Pareto front, the mixes on it and those that nearly were."""
    voice = Html(lang, result.manifest["study"]["seed"])
    say, manifest, table = voice.say, result.manifest, result.table()
    study = manifest["study"]
    on, off = table[table["front"]], table[~table["front"]]
    tables = [(label("optimise.table", lang), _table(result, voice, on), 1)]
    if not off.empty:
        tables.append((label("optimise.others", lang), _table(result, voice, off.head(SHOWN)), 1))
    preset = label(f"preset.{study['scenario']['preset']}", lang)
    limits = [
        f"{short(name, lang)} ({difference(name, room, signed=False, lang=lang)})"
        for name, room in study["limits"].items()
    ]
    full = manifest["mixes"] * manifest["replications"]
    more = [say("optimise.runs", runs=manifest["runs"], full=full)]
    if limits:
        more.append(say("optimise.limits", limits=listed(limits, lang)))
    page = Page(
        question=label("optimise.question", lang, agency=result.agency.label),
        answer=_sentence(result, voice),
        more=more,
        figures=[(label("optimise.caption", lang), result.plot(lang))] if not on.empty else [],
        tables=tables,
        sure=[
            say("optimise.sure"),
            say("sure.futures", preset=preset) if study["futures"] else say("sure.chance", preset=preset),
        ],
        method=[
            (
                label("optimise.method", lang),
                say("optimise.method.text", first=study["first"], most=study["most"]),
            )
        ],
        policies=distinct(result),
    )
    return write_page(result, page, path, lang)


def _change(row: pd.Series, name: str, voice: Plain) -> str:
    e = Estimate(int(row["n"]), row[name], row[f"{name}_low"], row[f"{name}_high"])
    return voice.number(
        difference(name, e.mean, half=e.half, lang=voice.lang), e, interval(name, e, lang=voice.lang)
    )


def _table(result: OptimiseResult, voice: Plain, rows: pd.DataFrame) -> pd.DataFrame:
    lang = voice.lang
    names = {policy.name: policy.label(lang) for policy in result.policies}
    shown = [column for column in result.points if column not in ("policy", "replication")]
    cells = []
    for _, row in rows.iterrows():
        fate = label(f"optimise.fate.{row['fate']}", lang)
        line = {label("table.policy", lang): names[row["policy"]]}
        line |= {
            label("table.extra_cost", lang) if name == "cost" else short(name, lang): _change(
                row, name, voice
            )
            for name in shown
        }
        line[label("table.replications", lang)] = number(row["n"], 0, lang=lang)
        line[label("optimise.fate", lang)] = (
            label("optimise.chance", lang, chance=percent(row["chance"], 0, lang=lang))
            if row["fate"] == "in"
            else fate
        )
        cells.append(line)
    return pd.DataFrame(cells, dtype=object)  # text of pandas would forget what is HTML
