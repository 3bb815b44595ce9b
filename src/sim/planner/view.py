"""What the planner shows: answers, problems and words, as HTML in the session's language."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from sim.errors import Message, _
from sim.language import own_text, speaking
from sim.language.numbers import number, percent, rupiah, rupiah_short
from sim.outcomes import OUTCOMES
from sim.planner.plans import Plan, Question
from sim.planner.seats import Goal, share_done
from sim.planner.sliders import Slider
from sim.planner.uploads import cell
from sim.report.estimate import Estimate
from sim.report.evidence import MARKS, distinct, evidence_table, lever_title, unsupported
from sim.report.format import difference, interval, value
from sim.report.html import Html, render
from sim.study.compare import estimates, passages
from sim.study.compare.answer import answer, in_plain_terms, sentence

if TYPE_CHECKING:
    from sim.agency import Agency
    from sim.errors import Problem
    from sim.study.capacity.result import CapacityResult
    from sim.study.compare.one_way import OneWay
    from sim.study.compare.result import CompareResult

PLACES = Path(__file__).parent / "templates"
BAR, TALL = 128, 16
"""Pixels of a drawn interval."""


CHOICES = {
    "gap": _("lowest rating"),
    "needs": _("largest competence gap"),
    "rota": _("longest without a course"),
    "seniority": _("longest in service"),
    "request": _("most motivated"),
    "none": _("no"),
    "open": _("yes, openly"),
    "masked": _("yes, and nobody knows which rating counts"),
    "month": _("every month"),
    "quarter": _("every quarter"),
    "year": _("every year"),
}
"""Choices of levers, as a planner reads them."""

FORMATS = {
    "classroom": _("classroom"),
    "online": _("online"),
    "blended": _("blended"),
    "coaching": _("coaching at work"),
}
"""Formats of courses."""

UNITS = {
    "persons/year": _("persons per year"),
    "rounds/year": _("times per year"),
    "meetings/year": _("times per year"),
}
"""Units of sliders."""


def page(template: str, **content: Any) -> str:
    """A part of the page from its template."""
    return render(template, PLACES, **content)


def style() -> str:
    """The style of the page."""
    return f"<style>{(PLACES / 'planner.css').read_text(encoding='utf-8')}</style>"


def words(slider: Slider) -> str:
    """What a slider moves, with its unit."""
    if slider.kind == "course":
        text = str(_("Course"))
    else:
        text = slider.words()
        text = text.partition(":")[0] if slider.kind == "choice" else text
    if slider.tag:
        return str(_("Another course: {text}", text=text[:1].lower() + text[1:]))
    return text[:1].upper() + text[1:]


def standing(slider: Slider, x: Any, agency: Agency, with_unit: bool = True) -> str:
    """Where a slider stands, as the language writes it: ``40 orang setahun``, ``12,5%``."""
    if slider.kind == "share":
        return percent(x, 0 if round(x * 100, 6) == round(x * 100) else 1)
    if slider.kind == "weight":
        return number(x, 0 if float(x).is_integer() else 2)
    if slider.kind == "money":
        return str(_("no limit")) if not x else rupiah(x)
    if slider.kind == "course":
        return next((course_name(c) for c in agency.courses if c.course == x), str(x))
    if slider.kind == "choice":
        return str(CHOICES[x])
    if slider.kind == "flag":
        return str(_("yes") if x else _("no"))
    text = number(x, 0 if float(x).is_integer() else 1)
    return f"{text} {UNITS[slider.unit]!s}" if slider.unit and with_unit else text


def course_name(course: Any) -> str:
    """A course with what a planner chooses by: format, days, lesson hours, price."""
    return str(
        _(
            "{name} · {format}, {days} days, {jp} JP, {cost}",
            name=own_text(course),
            format=str(FORMATS[course.format]),
            days=number(course.days, 0 if float(course.days).is_integer() else 1),
            jp=number(course.jp, 0),
            cost=rupiah(course.cost),
        )
    )


def lever_titles(plan: Plan) -> list[str]:
    """Names of what a plan has beside its sliders."""
    return [lever_title(lever) for lever in plan.policy.levers if lever.key in plan.beside()]


def problems(found: Iterable[Problem], heading: Message, *, lang: str | None = None) -> str:
    """Everything wrong with an upload, each with its sheet and cell."""
    rows = [{"cell": cell(p), "what": p.what, "do": p.do} for p in found]
    return page("problems.html.j2", lang=lang, rows=rows, heading=heading.filled(count=len(rows)))


def result(
    question: Question, found: CompareResult, measured: OneWay | None = None, *, lang: str | None = None
) -> str:
    """The answer so far: a sentence, every outcome with its band, cost, how sure, what it rests on."""
    with speaking(lang):
        return _result(question, found, measured)


def _result(question: Question, found: CompareResult, measured: OneWay | None) -> str:
    voice = Html(question.seed)
    said = answer(found)
    several = found.replications > 1
    return page(
        "result.html.j2",
        done=found.replications,
        total=question.replications,
        share=100 * found.replications / question.replications,
        answer=Markup(sentence(said, found, voice)) if several else "",
        plain=in_plain_terms(said, voice) if several else "",
        plans=[plan.policy.label() for plan in question.plans],
        rows=[_row(found, outcome) for outcome in estimates.shown(found)],
        costs=_costs(question, found),
        sure=passages.how_sure(found, said, voice),
        decides=passages.decides(measured, voice) if measured is not None else [],
        weakest=passages.weakest(found, said, voice) if several else [],
        measure=passages.to_measure(found, said, voice, measured) if several else [],
        evidence=evidence_table(distinct(found), found.scenario.preset),
        unsupported=unsupported(distinct(found)),
        common=passages.common_evidence(found, voice),
        id=found.id,
        seed=question.seed,
        years=number(question.years, 0),
        agency=question.agency.label,
    )


def seats(goal: Goal, found: CapacityResult, *, lang: str | None = None) -> str:
    """The search for seats so far: how far it is, and what it says."""
    from sim.study.capacity import report as capacity  # draws, and what draws takes a second to import

    share = 100 * share_done(goal, found)
    with speaking(lang):
        text = capacity.sentence(found)
        return page("seats.html.j2", partial=found.partial, share=share, text=text)


def _row(found: CompareResult, outcome: str) -> dict[str, Any]:
    """One outcome: today's level, and each plan's difference with its band."""
    base = estimates.levels(found, outcome)[found.baseline]
    rows = estimates.differences(found, outcome)
    ends = [abs(x) for e in rows.values() for x in (e.mean, e.low, e.high) if np.isfinite(x)]
    reach = max(ends, default=0.0)
    return {
        "name": str(OUTCOMES[outcome].label),
        "note": str(OUTCOMES[outcome].note),
        "unit": str(OUTCOMES[outcome].unit),
        "today": value(outcome, base.mean, with_unit=False),
        "cells": [_cell(outcome, rows[name], reach) for name in estimates.others(found)],
    }


def _cell(outcome: str, e: Estimate, reach: float) -> dict[str, Any]:
    if e.n == 0:
        return {"sign": 0, "mark": "", "text": "–", "ends": "", "bar": ""}
    sign = estimates.goodness(outcome, e)
    mark = MARKS[sign] if OUTCOMES[outcome].better != "none" and e.n > 1 else ""
    return {
        "sign": sign,
        "mark": mark,
        "text": difference(outcome, e.mean, half=e.half),
        "ends": interval(outcome, e, with_unit=False),
        "bar": _bar(e, reach, sign) if e.n > 1 else "",
    }


def _bar(e: Estimate, reach: float, sign: int) -> Markup:
    """The difference and its band around a line at zero, as an inline drawing; hollow where it is not clear."""

    def at(x: float) -> float:
        return round(BAR / 2 + (x / reach * (BAR / 2 - 5) if reach else 0.0), 1)

    colour = {1: "#0072B2", -1: "#D55E00", 0: "#6b6b6b"}[sign]
    parts = [f'<line x1="{BAR / 2}" x2="{BAR / 2}" y1="0" y2="{TALL}" stroke="#b5b5b5"/>']
    if np.isfinite(e.low):
        line = '<line x1="{}" x2="{}" y1="8" y2="8" stroke="{}" stroke-width="3" stroke-linecap="round"/>'
        parts.append(line.format(at(e.low), at(e.high), colour))
    fill = colour if sign else "#fff"
    parts.append(
        f'<circle cx="{at(e.mean)}" cy="8" r="4" fill="{fill}" stroke="{colour}" stroke-width="1.5"/>'
    )
    return Markup(
        f'<svg viewBox="0 0 {BAR} {TALL}" width="{BAR}" height="{TALL}" aria-hidden="true">{"".join(parts)}</svg>'
    )


def _costs(question: Question, found: CompareResult) -> list[dict[str, str]]:
    """What each plan costs more a year, in money, as part of the agency's training money, and in officers' days."""
    prices = estimates.extra_cost(found)
    days = (
        found.costs.groupby("policy", observed=False)["officer_days"].sum()
        / found.replications
        / question.years
    )
    money = question.agency.fact("budget_apbd") * question.agency.fact("training_budget_share")
    rows = []
    for plan in question.plans:
        name = plan.policy.name
        yearly = prices[name].mean / question.years
        extra = float(days.get(name, 0.0) - days.get(found.baseline, 0.0))
        share = percent(yearly / money, 1) if money and yearly > 0 else ""
        rows.append(
            {
                "year": rupiah_short(yearly, signed=True) if yearly else rupiah(0),
                "share": str(_("{share} of the agency's funds for competence development", share=share))
                if share
                else "",
                "days": number(extra, 0, signed=True),
            }
        )
    return rows
