"""What people read of a capacity plan: how many, how surely, at what price, and what a smaller budget leaves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from sim.errors import KinerjaError, _
from sim.language import speaking
from sim.language.labels import label
from sim.language.numbers import number, percent, rupiah_short
from sim.outcomes import OUTCOMES
from sim.report.estimate import Estimate
from sim.report.format import level_interval, value
from sim.report.html import Html
from sim.report.names import PRESET_NAMES
from sim.report.plain import Plain, inside
from sim.study.capacity.figure import dose_name
from sim.study.page import Page, write_page

if TYPE_CHECKING:
    from sim.study.capacity.result import CapacityResult

CUT = 0.3
"""The smaller budget every brief looks at."""


def sentence(result: CapacityResult, *, lang: str | None = None) -> str:
    """The answer in a sentence."""
    with speaking(lang):
        return _sentence(result, Plain())


def _sentence(result: CapacityResult, voice: Plain) -> str:
    asked = result.manifest["study"]
    row = _row(result, result.dose)
    state = "partial" if result.partial else result.state
    goal = _target(result)
    return voice.say(
        f"capacity.{state}",
        dose=number(result.dose, 0),
        what=inside(dose_name(asked["parameter"])),
        outcome=inside(str(OUTCOMES[result.outcome].label)),
        target=goal,
        share=_share(row, voice),
        n=int(row["n"]),
        wanted=percent(asked["probability"], 0),
        between=_between(result),
        level=_level(result, row, voice),
        price=rupiah_short(row["rupiah"]),
        days=number(row["desk_days"], 0),
        why=label(f"capacity.why.{result.why}") if result.why else "",
    )


def details(result: CapacityResult, *, lang: str | None = None) -> list[str]:
    """The frontier, a line a dose, and what a smaller budget leaves."""
    with speaking(lang):
        shown = _table(result, Plain())
        lines = ["", *("  " + "; ".join(str(x) for x in row) for row in shown.itertuples(index=False))]
        return [*lines, *(["", text] if (text := _cut(result)) else [])]


def write_brief(result: CapacityResult, path: str | Path, *, lang: str | None = None) -> Path:
    """Write the brief of a capacity plan: the answer, the frontier, the timetable, the smaller budget."""
    with speaking(lang):
        voice = Html(result.manifest["study"]["seed"])
        say, manifest = voice.say, result.manifest
        asked = manifest["study"]
        tables = [(str(_("Every number that was tried.")), _table(result, voice), 1)]
        plan = _timetable(result)
        if not plan.empty:
            name = inside(dose_name(asked["parameter"]))
            caption = str(
                _(
                    "Timetable of one year for {dose} {what}, by quarter.",
                    dose=number(result.dose, 0),
                    what=name,
                )
            )
            tables.append((caption, plan, 2))
        preset = str(PRESET_NAMES[asked["scenario"]["preset"]])
        page = Page(
            question=str(
                _(
                    "How much is enough for {outcome} in {agency} to reach the target?",
                    outcome=inside(str(OUTCOMES[result.outcome].label)),
                    agency=result.agency.label,
                )
            ),
            answer=_sentence(result, voice),
            more=[
                text
                for text in (
                    _cut(result),
                    say(
                        "capacity.runs",
                        n=number(manifest["replications"], 0),
                        grid=number(manifest["grid"], 0),
                    ),
                )
                if text
            ],
            figures=[
                (
                    str(
                        _(
                            "Top: the outcome at each number tried. Middle: how often the target is reached. "
                            "Bottom: cost and days away from service per year. Vertical line = the answer."
                        )
                    ),
                    result.plot(),
                )
            ],
            tables=tables,
            sure=[
                say("capacity.sure"),
                say("capacity.futures", preset=preset)
                if asked["futures"]
                else say("sure.chance", preset=preset),
            ],
            method=[(str(_("How it was searched")), say("capacity.method.text", batch=asked["batch"]))],
            policies=[result.policy],
        )
        return write_page(result, page, path)


def _between(result: CapacityResult) -> str:
    """Where the smallest number that is enough lies."""
    low, high = result.between
    ends = {"low": number(low, 0), "high": number(high, 0)}
    if low < high:
        return str(_("between {low} and {high}").filled(**ends))
    doses = result.manifest["doses"]
    return str(_("{high} (in steps of {step})", step=number(doses[1] - doses[0], 0)).filled(**ends))


def _row(result: CapacityResult, dose: float) -> pd.Series:
    tried = result.frontier()
    return tried.loc[(tried["dose"] - dose).abs().idxmin()]


def _target(result: CapacityResult) -> str:
    goal = value(result.outcome, result.target)
    if OUTCOMES[result.outcome].better == "high":
        return str(_("at least {target}", target=goal))
    return str(_("at most {target}", target=goal))


def _share(row: pd.Series, voice: Plain) -> str:
    e = Estimate(int(row["n"]), row["reached"], row["reached_low"], row["reached_high"])
    ends = str(_("{low} to {high}", low=percent(e.low, 0), high=percent(e.high, 0)))
    return voice.number(percent(e.mean, 0), e, ends)


def _level(result: CapacityResult, row: pd.Series, voice: Plain) -> str:
    e = Estimate(int(row["n"]), row["mean"], row["low"], row["high"])
    return voice.number(value(result.outcome, e.mean), e, level_interval(result.outcome, e))


def _cut(result: CapacityResult) -> str:
    """What is left of a budget cut; "" where there is nothing to cut."""
    if not result.found or result.dose == 0:
        return ""
    try:
        left = result.cut(CUT)
    except KinerjaError:
        return str(
            _(
                "If the budget is cut by {cut}, the rest does not pay for the smallest number.",
                cut=percent(CUT, 0),
            )
        )
    return str(
        _(
            "If the budget is cut by {cut}, the rest pays for {dose} {what}; the target is then "
            "reached with a probability of about {share} ({low} to {high}).",
            cut=percent(CUT, 0),
            dose=number(left["dose"], 0),
            what=inside(dose_name(result.manifest["study"]["parameter"])),
            share=percent(left["reached"], 0),
            low=percent(left["reached_low"], 0),
            high=percent(left["reached_high"], 0),
        )
    )


def _table(result: CapacityResult, voice: Plain) -> pd.DataFrame:
    rows = [
        {
            dose_name(result.manifest["study"]["parameter"]): number(row["dose"], 0),
            str(_("Mean outcome")): _level(result, row, voice),
            str(_("Target reached")): _share(row, voice),
            str(_("95% confidence interval")): str(
                _(
                    "{low} to {high}",
                    low=percent(row["reached_low"], 0),
                    high=percent(row["reached_high"], 0),
                )
            ),
            str(_("Cost per year")): rupiah_short(row["rupiah"]),
            str(_("Days away from service")): number(row["desk_days"], 0),
            str(_("Replications")): number(row["n"], 0),
        }
        for __, row in result.frontier().iterrows()
    ]
    return pd.DataFrame(rows, dtype=object)  # text of pandas would forget what is HTML


def _timetable(result: CapacityResult) -> pd.DataFrame:
    """By quarter and course; empty where the levers are no training plans."""
    try:
        plan = result.timetable()
    except KinerjaError:
        return pd.DataFrame()
    titles = {c.course: c.label_id if lang == "id" else c.label_en for c in result.agency.courses}
    rows = [
        {
            str(_("Quarter")): str(row.quarter),
            str(_("Course")): titles[row.course],
            str(_("Seats per year")): number(row.seats, 0),
            str(_("Classes")): number(row.classes, 0),
            str(_("Rooms filled")): number(row.rooms, 0),
            str(_("Trainer days")): number(row.trainer_days, 0),
            str(_("Cost per year")): rupiah_short(row.rupiah),
            str(_("Days away from service")): number(row.officer_days, 0),
        }
        for row in plan.itertuples()
    ]
    return pd.DataFrame(rows, dtype=object)  # text of pandas would forget what is HTML
