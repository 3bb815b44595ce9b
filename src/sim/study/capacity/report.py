"""What people read of a capacity plan: how many, how surely, at what price, and what a smaller budget leaves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from sim.errors import KinerjaError
from sim.language.labels import label
from sim.language.numbers import number, percent, rupiah_short
from sim.outcomes import OUTCOMES
from sim.report.estimate import Estimate
from sim.report.format import level_interval, value
from sim.report.html import Html
from sim.report.plain import Plain, inside
from sim.study.capacity.figure import dose_name
from sim.study.page import Page, write_page

if TYPE_CHECKING:
    from sim.study.capacity.result import CapacityResult

CUT = 0.3
"""The smaller budget every brief looks at."""


def sentence(result: CapacityResult, lang: str = "id") -> str:
    """The answer in a sentence."""
    return _sentence(result, Plain(lang))


def _sentence(result: CapacityResult, voice: Plain) -> str:
    lang, asked = voice.lang, result.manifest["study"]
    row = _row(result, result.dose)
    state = "partial" if result.partial else result.state
    goal = _target(result, lang)
    return voice.say(
        f"capacity.{state}",
        dose=number(result.dose, 0, lang=lang),
        what=inside(dose_name(asked["parameter"], lang)),
        outcome=inside(label(result.outcome, lang)),
        target=goal,
        share=_share(row, voice),
        n=int(row["n"]),
        wanted=percent(asked["probability"], 0, lang=lang),
        between=_between(result, lang),
        level=_level(result, row, voice),
        price=rupiah_short(row["rupiah"], lang=lang),
        days=number(row["desk_days"], 0, lang=lang),
        why=label(f"capacity.why.{result.why}", lang) if result.why else "",
    )


def details(result: CapacityResult, lang: str = "id") -> list[str]:
    """The frontier, a line a dose, and what a smaller budget leaves."""
    shown = _table(result, Plain(lang))
    lines = ["", *("  " + "; ".join(str(x) for x in row) for row in shown.itertuples(index=False))]
    return [*lines, *(["", text] if (text := _cut(result, lang)) else [])]


def write_brief(result: CapacityResult, path: str | Path, lang: str = "id") -> Path:
    """Write the brief of a capacity plan: the answer, the frontier, the timetable, the smaller budget."""
    voice = Html(lang, result.manifest["study"]["seed"])
    say, manifest = voice.say, result.manifest
    asked = manifest["study"]
    tables = [(label("capacity.table", lang), _table(result, voice), 1)]
    plan = _timetable(result, lang)
    if not plan.empty:
        name = inside(dose_name(asked["parameter"], lang))
        caption = label("capacity.timetable", lang, dose=number(result.dose, 0, lang=lang), what=name)
        tables.append((caption, plan, 2))
    preset = label(f"preset.{asked['scenario']['preset']}", lang)
    page = Page(
        question=label(
            "capacity.question", lang, outcome=inside(label(result.outcome, lang)), agency=result.agency.label
        ),
        answer=_sentence(result, voice),
        more=[
            text
            for text in (
                _cut(result, lang),
                say(
                    "capacity.runs",
                    n=number(manifest["replications"], 0, lang=lang),
                    grid=number(manifest["grid"], 0, lang=lang),
                ),
            )
            if text
        ],
        figures=[(label("capacity.caption", lang), result.plot(lang))],
        tables=tables,
        sure=[
            say("capacity.sure"),
            say("capacity.futures", preset=preset) if asked["futures"] else say("sure.chance", preset=preset),
        ],
        method=[(label("capacity.method", lang), say("capacity.method.text", batch=asked["batch"]))],
        policies=[result.policy],
    )
    return write_page(result, page, path, lang)


def _between(result: CapacityResult, lang: str) -> str:
    """Where the smallest number that is enough lies."""
    low, high = result.between
    ends = {"low": number(low, 0, lang=lang), "high": number(high, 0, lang=lang)}
    if low < high:
        return label("capacity.between", lang, **ends)
    doses = result.manifest["doses"]
    return label("capacity.exactly", lang, step=number(doses[1] - doses[0], 0, lang=lang), **ends)


def _row(result: CapacityResult, dose: float) -> pd.Series:
    tried = result.frontier()
    return tried.loc[(tried["dose"] - dose).abs().idxmin()]


def _target(result: CapacityResult, lang: str) -> str:
    goal = value(result.outcome, result.target, lang=lang)
    if OUTCOMES[result.outcome].better == "high":
        return label("capacity.at_least", lang, target=goal)
    return label("capacity.at_most", lang, target=goal)


def _share(row: pd.Series, voice: Plain) -> str:
    lang = voice.lang
    e = Estimate(int(row["n"]), row["reached"], row["reached_low"], row["reached_high"])
    ends = label("interval.ends", lang, low=percent(e.low, 0, lang=lang), high=percent(e.high, 0, lang=lang))
    return voice.number(percent(e.mean, 0, lang=lang), e, ends)


def _level(result: CapacityResult, row: pd.Series, voice: Plain) -> str:
    e = Estimate(int(row["n"]), row["mean"], row["low"], row["high"])
    return voice.number(
        value(result.outcome, e.mean, lang=voice.lang), e, level_interval(result.outcome, e, lang=voice.lang)
    )


def _cut(result: CapacityResult, lang: str) -> str:
    """What is left of a budget cut; "" where there is nothing to cut."""
    if not result.found or result.dose == 0:
        return ""
    try:
        left = result.cut(CUT)
    except KinerjaError:
        return label("capacity.cut.none", lang, cut=percent(CUT, 0, lang=lang))
    return label(
        "capacity.cut",
        lang,
        cut=percent(CUT, 0, lang=lang),
        dose=number(left["dose"], 0, lang=lang),
        what=inside(dose_name(result.manifest["study"]["parameter"], lang)),
        share=percent(left["reached"], 0, lang=lang),
        low=percent(left["reached_low"], 0, lang=lang),
        high=percent(left["reached_high"], 0, lang=lang),
    )


def _table(result: CapacityResult, voice: Plain) -> pd.DataFrame:
    lang = voice.lang
    rows = [
        {
            dose_name(result.manifest["study"]["parameter"], lang): number(row["dose"], 0, lang=lang),
            label("capacity.level", lang): _level(result, row, voice),
            label("capacity.reached", lang): _share(row, voice),
            label("table.interval", lang): label(
                "interval.ends",
                lang,
                low=percent(row["reached_low"], 0, lang=lang),
                high=percent(row["reached_high"], 0, lang=lang),
            ),
            label("capacity.price", lang): rupiah_short(row["rupiah"], lang=lang),
            label("capacity.days", lang): number(row["desk_days"], 0, lang=lang),
            label("table.replications", lang): number(row["n"], 0, lang=lang),
        }
        for _, row in result.frontier().iterrows()
    ]
    return pd.DataFrame(rows, dtype=object)  # text of pandas would forget what is HTML


def _timetable(result: CapacityResult, lang: str) -> pd.DataFrame:
    """By quarter and course; empty where the levers are no training plans."""
    try:
        plan = result.timetable()
    except KinerjaError:
        return pd.DataFrame()
    titles = {c.course: c.label_id if lang == "id" else c.label_en for c in result.agency.courses}
    rows = [
        {
            label("capacity.quarter", lang): str(row.quarter),
            label("capacity.course", lang): titles[row.course],
            label("dose.seats", lang): number(row.seats, 0, lang=lang),
            label("dose.classes", lang): number(row.classes, 0, lang=lang),
            label("capacity.rooms", lang): number(row.rooms, 0, lang=lang),
            label("capacity.trainer_days", lang): number(row.trainer_days, 0, lang=lang),
            label("capacity.price", lang): rupiah_short(row.rupiah, lang=lang),
            label("capacity.days", lang): number(row.officer_days, 0, lang=lang),
        }
        for row in plan.itertuples()
    ]
    return pd.DataFrame(rows, dtype=object)  # text of pandas would forget what is HTML
