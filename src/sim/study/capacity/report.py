"""The report of a capacity plan: how many are enough, how often, at what price, and what a smaller budget leaves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from sim.errors import KinerjaError, Message, _
from sim.language import own_text, speaking
from sim.language.numbers import number, percent, rupiah_short
from sim.outcomes import OUTCOMES
from sim.report.estimate import Estimate
from sim.report.format import level_interval, value
from sim.report.html import Html
from sim.report.names import PRESET_NAMES
from sim.report.plain import Plain, inside, text_lines, text_table
from sim.study.capacity import figure
from sim.study.capacity.figure import DOSES, dose_name
from sim.study.page import Page, coverage, write_page

if TYPE_CHECKING:
    from sim.study.capacity.result import CapacityResult

CUT = 0.3
"""Share by which every brief cuts the budget."""

ANSWERS: dict[str, Message] = {
    "enough": _(
        "{dose} {what} are enough: the target ({outcome}: {target}) is reached in {share} of {n} replications "
        "(required: {wanted}), for {price} and {days} working days away from service per year. The smallest "
        "sufficient number: {between}. The mean outcome is {level}."
    ),
    "least": _(
        "Even the smallest number, {dose} {what}, is enough: the target ({outcome}: {target}) is reached in {share} "
        "of {n} replications (required: {wanted}). The mean outcome is {level}."
    ),
    "never": _(
        "The target ({outcome}: {target}) is out of reach with every number examined: it is reached most often with "
        "about {dose} {what}, and then in only {share} of {n} replications (required: {wanted}); the mean outcome "
        "is {level}. {why}"
    ),
    "unsure": _(
        "Not yet clear: with {dose} {what}, the target ({outcome}: {target}) is reached in {share} of {n} "
        "replications (required: {wanted}); the smallest sufficient number may be {between}. Run more replications."
    ),
    "partial": _(
        "Partial result: {dose} {what} looks nearest; the target ({outcome}: {target}) is reached in {share} of {n} "
        "replications (required: {wanted}). The smallest sufficient number may be {between}."
    ),
}
"""The answer by state of the search (:data:`sim.study.capacity.search.State`), or of an interrupted one."""

WHY: dict[str, Message] = {
    "peak": _("Larger numbers make it worse: time officers spend learning is lost to service."),
    "flat": _("The number hardly changes this outcome; the target needs another action."),
    "budget": _("The budget runs out before the target is reached."),
    "range": _("The outcome still improves at the largest number examined; widen the range."),
}
"""Why no number is enough (:data:`sim.study.capacity.result.Why`)."""


def sentence(result: CapacityResult, *, lang: str | None = None) -> str:
    """State the answer in a sentence."""
    with speaking(lang):
        return _answer(result, Plain())


def details(result: CapacityResult, *, lang: str | None = None) -> list[str]:
    """List every dose that was simulated, and what a smaller budget leaves."""
    with speaking(lang):
        left = _cut(result)
        return ["", *text_lines(_table(result, Plain())), *(["", left] if left else [])]


def write_brief(result: CapacityResult, path: str | Path, *, lang: str | None = None) -> Path:
    """Write the brief of a capacity plan: the answer, the frontier, the timetable, the smaller budget."""
    with speaking(lang):
        voice = Html(result.manifest["study"]["seed"])
        study = result.manifest["study"]
        page = Page(
            question=_(
                "How much is enough for {outcome} in {agency} to reach the target?",
                outcome=inside(OUTCOMES[result.outcome].label),
                agency=result.agency.label,
            ),
            answer=_answer(result, voice),
            more=[text for text in (_cut(result), _runs(result)) if text],
            figures=[
                (
                    _(
                        "Top: the outcome at each number tried. Middle: how often the target is reached. "
                        "Bottom: cost and days away from service per year. Vertical line = the answer."
                    ),
                    figure.frontier(result),
                )
            ],
            tables=_tables(result, voice),
            sure=[
                voice.say(
                    _(
                        "The share of replications that reach the target is counted one by one, with its exact 95% "
                        "confidence interval (Clopper-Pearson). Band and curve in between are a model's estimate (a "
                        "Gaussian process). The answer comes out of a search, so chance may have influenced which "
                        "number was chosen: rely on the two limits rather than on the one number."
                    )
                ),
                _covered(voice, study["scenario"]["preset"], study["futures"]),
            ],
            method=[
                (
                    _("How it was searched"),
                    _(
                        "Each step runs {batch} replications at the number that is most informative about the "
                        "boundary, by a Gaussian process over the margins measured so far; every number meets the "
                        "same random draws. It is not assumed that more is always better.",
                        batch=study["batch"],
                    ),
                )
            ],
            policies=[result.policy],
        )
        return write_page(result, page, path)


def _answer(result: CapacityResult, voice: Plain) -> str:
    study, row = result.manifest["study"], _nearest(result, result.dose)
    return voice.say(
        ANSWERS["partial" if result.partial else result.state].filled(
            dose=number(result.dose, 0),
            what=inside(dose_name(study["parameter"])),
            outcome=inside(OUTCOMES[result.outcome].label),
            target=_target(result),
            share=_share(row, voice),
            n=int(row["n"]),
            wanted=percent(study["probability"], 0),
            between=_between(result),
            level=_level(result, row, voice),
            price=rupiah_short(row["rupiah"]),
            days=number(row["desk_days"], 0),
            why=WHY[result.why] if result.why else "",
        )
    )


def _between(result: CapacityResult) -> Message:
    """Return where the smallest number that is enough lies."""
    low, high = result.between
    if low < high:
        return _("between {low} and {high}", low=number(low, 0), high=number(high, 0))
    doses = result.manifest["doses"]
    return _("{high} (in steps of {step})", high=number(high, 0), step=number(doses[1] - doses[0], 0))


def _nearest(result: CapacityResult, dose: float) -> pd.Series:
    """Return the row of the simulated dose nearest to `dose`."""
    tried = result.frontier()
    return tried.loc[(tried["dose"] - dose).abs().idxmin()]


def _target(result: CapacityResult) -> Message:
    target = value(result.outcome, result.target)
    if OUTCOMES[result.outcome].better == "high":
        return _("at least {target}", target=target)
    return _("at most {target}", target=target)


def _share(row: pd.Series, voice: Plain) -> str:
    e = Estimate(int(row["n"]), row["reached"], row["reached_low"], row["reached_high"])
    return voice.number(percent(e.mean, 0), e, str(_share_ends(row)))


def _share_ends(row: pd.Series) -> Message:
    return _("{low} to {high}", low=percent(row["reached_low"], 0), high=percent(row["reached_high"], 0))


def _level(result: CapacityResult, row: pd.Series, voice: Plain) -> str:
    e = Estimate(int(row["n"]), row["mean"], row["low"], row["high"])
    return voice.number(value(result.outcome, e.mean), e, level_interval(result.outcome, e))


def _cut(result: CapacityResult) -> str:
    """Return what is left of a budget cut; "" where there is nothing to cut."""
    if not result.reached or result.dose == 0:
        return ""
    cut = percent(CUT, 0)
    try:
        left = result.cut(CUT)
    except KinerjaError:
        return str(
            _("If the budget is cut by {cut}, the rest does not pay for the smallest number.", cut=cut)
        )
    return str(
        _(
            "If the budget is cut by {cut}, the rest pays for {dose} {what}; the target is then "
            "reached with a probability of about {share} ({low} to {high}).",
            cut=cut,
            dose=number(left["dose"], 0),
            what=inside(dose_name(result.manifest["study"]["parameter"])),
            share=percent(left["reached"], 0),
            low=percent(left["reached_low"], 0),
            high=percent(left["reached_high"], 0),
        )
    )


def _runs(result: CapacityResult) -> str:
    return str(
        _(
            "This search took {n} replications; examining every number as closely would take {grid}.",
            n=number(result.manifest["replications"], 0),
            grid=number(result.manifest["grid"], 0),
        )
    )


def _covered(voice: Plain, preset: str, futures: bool) -> str:
    """Return what the probability covers."""
    if not futures:
        return coverage(voice, preset)
    return voice.say(
        _(
            "The probability covers random variation and the uncertainty of the evidence: each replication draws "
            "every action's effect from its evidence (evidence weighting: {preset}).",
            preset=PRESET_NAMES[preset],
        )
    )


def _tables(result: CapacityResult, voice: Plain) -> list[tuple[Message, pd.DataFrame, int]]:
    tables = [(_("Every number that was tried."), _table(result, voice), 1)]
    plan = _timetable(result)
    if not plan.empty:
        caption = _(
            "Timetable of one year for {dose} {what}, by quarter.",
            dose=number(result.dose, 0),
            what=inside(dose_name(result.manifest["study"]["parameter"])),
        )
        tables.append((caption, plan, 2))
    return tables


def _table(result: CapacityResult, voice: Plain) -> pd.DataFrame:
    return text_table(
        {
            dose_name(result.manifest["study"]["parameter"]): number(row["dose"], 0),
            _("Mean outcome"): _level(result, row, voice),
            _("Target reached"): _share(row, voice),
            _("95% confidence interval"): _share_ends(row),
            _("Cost per year"): rupiah_short(row["rupiah"]),
            _("Days away from service"): number(row["desk_days"], 0),
            _("Replications"): number(row["n"], 0),
        }
        for __, row in result.frontier().iterrows()
    )


def _timetable(result: CapacityResult) -> pd.DataFrame:
    """Return seats and classes by quarter and course; empty where the levers are no training plans."""
    try:
        plan = result.timetable()
    except KinerjaError:
        return pd.DataFrame()
    courses = {course.course: own_text(course) for course in result.agency.courses}
    return text_table(
        {
            _("Quarter"): str(row.quarter),
            _("Course"): courses[row.course],
            DOSES["seats"]: number(row.seats, 0),
            DOSES["classes"]: number(row.classes, 0),
            _("Rooms filled"): number(row.rooms, 0),
            _("Trainer days"): number(row.trainer_days, 0),
            _("Cost per year"): rupiah_short(row.rupiah),
            _("Days away from service"): number(row.officer_days, 0),
        }
        for row in plan.itertuples()
    )
