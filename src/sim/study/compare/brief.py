"""The brief: one self-contained HTML page for a head of agency, with an appendix on how it was computed.

No script, no network; figures are SVG inside the page. It prints on A4 and reads on a telephone.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from sim.errors import Message, _
from sim.language import language, speaking
from sim.language.numbers import long_date, period, rupiah_short
from sim.outcomes import OUTCOMES
from sim.report.estimate import Estimate
from sim.report.evidence import MARKS, distinct, evidence_table, unsupported
from sim.report.format import difference, interval, value
from sim.report.html import Html, figure_address, render, style_sheet, write_page
from sim.report.names import PRESET_NAMES
from sim.report.plain import Plain, labels
from sim.study.compare import estimates, passages, tables
from sim.study.compare.answer import Answer, answer, in_plain_terms, sentence
from sim.study.compare.cost_effectiveness_text import cheapest, cost_effectiveness_table, good
from sim.study.compare.timing_text import when_said
from sim.study.page import KIND_NAMES
from sim.study.study_yaml import fairness_yaml, study_yaml

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.study.compare.one_way import OneWay
    from sim.study.compare.result import CompareResult

COLUMNS = 4
"""Outcomes in the table on the first page, so that it fits across a sheet."""

CAPTIONS = {
    "ranking": _("Change under each option, compared with {baseline}."),
    "paths": _(
        "Month by month: the level (above) and the difference from {baseline} (below, band = "
        "95% confidence interval of each month)."
    ),
    "fairness": _("Accuracy and fairness of ratings under each option."),
    "cost": _("Cost and effect: higher is better, further right is more expensive."),
    "forest": _("The option that looks best, outcome by outcome, compared with {baseline}."),
    "units": _("Change in each unit compared with {baseline}."),
    "people": _(
        "Officers' skill, motivation and true performance by month; 0 = the average officer "
        "at the start, 1 SD is about 20% of output."
    ),
    "budget": _("Budget of each option by action and year, mean over replications."),
}
"""Captions of the figures, by name; ``{baseline}`` is the policy they are compared with."""

TERMS: tuple[tuple[Message, Message], ...] = (
    (
        _("IKM"),
        _(
            "Indeks Kepuasan Masyarakat, the citizen satisfaction index, 25–100, from nine survey elements "
            "(PermenPANRB 14/2017). Grade A from 88.31; B 76.61; C 65.00; D below."
        ),
    ),
    (_("SKM"), _("Survei Kepuasan Masyarakat, the survey from which the IKM is computed.")),
    (
        _("Predikat"),
        _(
            "The overall rating of an officer: Sangat Baik (very good), Baik (good), Butuh Perbaikan (needs "
            "improvement), Kurang (poor), Sangat Kurang (very poor)."
        ),
    ),
    (
        _("Standard deviation (SD)"),
        _("A measure of how much officers differ. About two in three are within 1 SD of the average."),
    ),
    (
        _("Replication"),
        _("One simulation of the whole study period with one set of random draws."),
    ),
    (
        _("95% confidence interval"),
        _(
            "The lower and upper limit of the plausible values: of 100 repeated computations, about 95 intervals "
            "contain the true value."
        ),
    ),
    (
        _("Paired difference"),
        _("The difference of two options within the same replication, and so under the same random draws."),
    ),
    (_("90th percentile (P90)"), _("Nine in ten values are not above this number.")),
)
"""Terms explained at the end of every brief, besides the outcomes it shows."""


def write_brief(result: CompareResult, path: str | Path, *, lang: str | None = None) -> Path:
    """Write the brief of a comparison.

    Parameters
    ----------
    result : CompareResult
    path : path
        The HTML file; replaced if it is there.
    lang : {"id", "en"}, optional
        The session's language by default.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    KinerjaError
        Where the file cannot be written.

    Examples
    --------
    >>> result = compare("contoh", ["status_quo", "citizen_feedback"])  # doctest: +SKIP
    >>> write_brief(result, "brief.html")  # doctest: +SKIP
    """
    with speaking(lang):
        return write_page(path, brief(result))


def brief(result: CompareResult, *, measured: OneWay | None = None, lang: str | None = None) -> str:
    """Return the brief as HTML text.

    Parameters
    ----------
    result : CompareResult
    measured : OneWay, optional
        What was measured of the findings; the brief then says which of them matters most.
    lang : {"id", "en"}, optional
        The session's language by default.
    """
    with speaking(lang):
        voice = Html(result.manifest["study"]["seed"])
        return render("brief.html.j2", css=style_sheet(), **_content(result, voice, measured))


def _content(result: CompareResult, voice: Html, measured: OneWay | None) -> dict[str, Any]:
    answered, quoted = answer(result), Plain().names(result.policies)[result.baseline]
    figures = _figures(result, answered)
    return {
        "agency": result.agency.label,
        "title": result.title.get(language()) or KIND_NAMES["compare"],
        "question": result.question.get(language()) or passages.question(result),
        "period": period(result.scenario.start, result.manifest["study"]["years"]),
        "partial": result.partial,
        "n": result.replications,
        "answer": Markup(sentence(answered, result, voice)),
        "more": [
            text
            for text in (in_plain_terms(answered, voice), *passages.beside(answered, result, voice))
            if text
        ],
        "table": _ranked(result, voice),
        "prices": passages.prices(result, answered.outcome, voice),
        "per": good(answered.outcome) if answered.outcome else "",
        "seed": voice.seed,
        "when": when_said(result, answered.policy, answered.outcome, voice=voice) if answered.policy else "",
        "worth": cost_effectiveness_table(result, voice=voice),
        "cheapest": cheapest(result, voice=voice) if answered.policy else [],
        "own": tables.own_outcomes(result),
        "figures": figures,
        "captions": {name: text.filled(baseline=quoted) for name, text in CAPTIONS.items()},
        "risk": passages.risk(result, answered, voice),
        "sure": passages.how_sure(result, answered, voice),
        "reading": passages.how_to_read(result, voice),
        "decides": passages.decides(measured, voice) if measured is not None else [],
        "weakest": passages.weakest(result, answered, voice),
        "measure": passages.to_measure(result, answered, voice, measured),
        "costs": tables.cost_table(result),
        "evidence": evidence_table(distinct(result), result.scenario.preset),
        "common": passages.common_evidence(result, voice),
        "unsupported": unsupported(result.policies),
        "method": passages.method(result),
        "fair": passages.fair(result, voice) if "fairness" in figures else "",
        "by_group": fairness_yaml(result),
        "repeat": study_yaml(result),
        "id": result.id,
        "preset": PRESET_NAMES[result.scenario.preset],
        "terms": _terms(result),
        "made": _made(result),
        "baseline": _baseline(result),
    }


def _baseline(result: CompareResult) -> str:
    return next(p.label() for p in result.policies if p.name == result.baseline)


def _made(result: CompareResult) -> str:
    began = result.manifest.get("began")
    return long_date(date.fromisoformat(began[:10])) if began else ""


def _ranked(result: CompareResult, voice: Html) -> dict[str, Any] | None:
    """Return the ranked table with what lies behind each cell; None where there is nothing to show."""
    chosen = estimates.shown(result)[:COLUMNS]
    if not chosen:
        return None
    names, order = labels(result.policies), estimates.ranked(result, chosen[0])
    columns = []
    for outcome in chosen:
        base = estimates.levels(result, outcome)[result.baseline]
        rows = estimates.differences(result, outcome)
        columns.append(
            {
                "head": OUTCOMES[outcome].short,
                "unit": OUTCOMES[outcome].unit,
                "base": value(outcome, base.mean, with_unit=False),
                "cells": [_cell(outcome, rows[name], voice) for name in order],
            }
        )
    prices = estimates.extra_cost(result)
    cost = [
        voice.number(rupiah_short(e.mean, signed=True), e, interval("cost", e))
        for e in (prices[name] for name in order)
    ]
    return {"columns": columns, "names": [names[name] for name in order], "cost": cost}


def _cell(outcome: str, e: Estimate, voice: Html) -> dict[str, Any]:
    if e.n == 0:
        return {"sign": 0, "mark": "", "size": "–", "ends": ""}
    sign = estimates.goodness(outcome, e)
    ends = interval(outcome, e)
    text = difference(outcome, e.mean, with_unit=False, half=e.half)
    mark = MARKS[sign] if OUTCOMES[outcome].better != "none" else ""
    bare = interval(outcome, e, with_unit=False)  # the heading has the unit
    return {"sign": sign, "mark": mark, "size": voice.number(text, e, ends), "ends": bare}


def _figures(result: CompareResult, answered: Answer) -> dict[str, str]:
    """Return at most seven figures, those that have something to show, as data addresses."""
    from sim.study.compare import figure as draw

    made: dict[str, Figure] = {}
    if not answered.policy:
        return {}
    outcome = answered.outcome
    made["ranking"] = draw.ranking(result)
    if any(price.mean for price in estimates.extra_cost(result).values()):
        made["cost"] = draw.cost_effect(result, outcome=outcome)
    made["paths"] = draw.paths(result, outcome=outcome)
    there = result.runs_summary
    if any(name in there and there[name].notna().any() for name in draw.FAIRNESS):
        made["fairness"] = draw.fairness(result)
    if len(result.agency.units) > 1:
        made["units"] = draw.units(result, outcome=outcome)
    elif "performance" in there and there["performance"].notna().any():
        made["people"] = draw.people(result)
    if (result.costs["rupiah"] > 0).any():
        made["budget"] = draw.budget(result)
    made["forest"] = draw.forest(result, answered.policy)
    return {name: figure_address(figure) for name, figure in made.items()}


def _terms(result: CompareResult) -> list[tuple[Message, Message]]:
    return [*TERMS, *((OUTCOMES[name].short, OUTCOMES[name].note) for name in estimates.shown(result))]
