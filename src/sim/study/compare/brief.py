"""The brief: one self-contained HTML page for a head of agency, with an appendix for the sceptic.

No script, no network; figures are SVG inside the page. It prints on A4 and reads on a telephone.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from sim.errors import KinerjaError, _
from sim.language.labels import label, note, short, unit
from sim.language.numbers import long_date, period, rupiah_short
from sim.outcomes import OUTCOMES
from sim.paths import write_whole
from sim.report.estimate import Estimate
from sim.report.evidence import MARKS, distinct, evidence_table, unsupported
from sim.report.format import difference, interval, value
from sim.report.html import Html, figure_address, render, style_sheet
from sim.study.compare import estimates, passages, tables
from sim.study.compare.answer import Answer, answer, in_plain_terms, sentence
from sim.study.compare.timing_text import when_said
from sim.study.compare.worth_text import cheapest, good, worth_table
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

TERMS = ("ikm", "skm", "predikat", "sb", "replication", "interval", "paired", "p90")
"""Explained at the end of every brief, besides the outcomes it shows."""


def write_brief(comparison: CompareResult, path: str | Path, lang: str = "id") -> Path:
    """Write the brief of a comparison.

    Parameters
    ----------
    comparison : CompareResult
    path : path
        The HTML file; replaced if it is there.
    lang : {"id", "en"}

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
    ``write_brief(compare("contoh", ["status_quo", "citizen_feedback"]), "brief.html")``
    """
    path = Path(path)
    page = brief(comparison, lang)
    try:
        write_whole(path, page)
    except OSError as error:
        raise KinerjaError(f"{path}: cannot be written ({error.strerror}); choose another place.") from error
    return path


def brief(comparison: CompareResult, lang: str = "id", measured: OneWay | None = None) -> str:
    """The brief as HTML text; with what was measured of the findings, it says which of them matters most."""
    voice = Html(lang, comparison.manifest["study"]["seed"])
    return render("brief.html.j2", lang=lang, css=style_sheet(), **_content(comparison, voice, measured))


def _content(comparison: CompareResult, voice: Html, measured: OneWay | None) -> dict[str, Any]:
    lang = voice.lang
    found = answer(comparison)
    figures = _figures(comparison, found, lang)
    return {
        "agency": comparison.agency.label,
        "title": comparison.title.get(lang) or label("brief.title", lang),
        "question": comparison.question.get(lang) or passages.question(comparison, lang),
        "period": period(comparison.scenario.start, comparison.manifest["study"]["years"], lang=lang),
        "partial": comparison.partial,
        "n": comparison.replications,
        "answer": Markup(sentence(found, comparison, voice)),
        "more": [
            text
            for text in (in_plain_terms(found, voice), *passages.beside(found, comparison, voice))
            if text
        ],
        "table": _ranked(comparison, voice),
        "prices": passages.prices(comparison, found.outcome, voice),
        "per": good(found.outcome, lang) if found.outcome else "",
        "seed": voice.seed,
        "when": when_said(comparison, found.policy, found.outcome, voice=voice) if found.policy else "",
        "worth": worth_table(comparison, lang, voice=voice),
        "cheapest": cheapest(comparison, voice) if found.policy else [],
        "own": tables.own_outcomes(comparison, lang),
        "figures": figures,
        "captions": {
            name: text.filled(baseline=_baseline(comparison, lang)) for name, text in CAPTIONS.items()
        },
        "risk": passages.risk(comparison, found, voice),
        "sure": passages.how_sure(comparison, found, voice),
        "reading": passages.how_to_read(comparison, voice),
        "decides": passages.decides(measured, voice) if measured is not None else [],
        "weakest": passages.weakest(comparison, found, voice),
        "measure": passages.to_measure(comparison, found, voice, measured),
        "costs": tables.cost_table(comparison, lang),
        "evidence": evidence_table(distinct(comparison), comparison.scenario.preset, lang),
        "common": passages.common_evidence(comparison, voice),
        "unsupported": unsupported(comparison.policies, lang),
        "method": passages.method(comparison, voice),
        "fair": passages.fair(comparison, voice) if "fairness" in figures else "",
        "by_group": fairness_yaml(comparison),
        "repeat": study_yaml(comparison),
        "id": comparison.id,
        "preset": label(f"preset.{comparison.scenario.preset}", lang),
        "terms": _terms(comparison, lang),
        "made": _made(comparison, lang),
        "baseline": _baseline(comparison, lang),
    }


def _baseline(comparison: CompareResult, lang: str) -> str:
    return next(p.label(lang) for p in comparison.policies if p.name == comparison.baseline)


def _made(comparison: CompareResult, lang: str) -> str:
    began = comparison.manifest.get("began")
    return long_date(date.fromisoformat(began[:10]), lang=lang) if began else ""


def _ranked(comparison: CompareResult, voice: Html) -> dict[str, Any] | None:
    """The ranked table with what lies behind each cell; None where there is nothing to show."""
    lang, chosen = voice.lang, estimates.shown(comparison)[:COLUMNS]
    if not chosen:
        return None
    names = {policy.name: policy.label(lang) for policy in comparison.policies}
    order = estimates.ranked(comparison, chosen[0])
    prices = estimates.extra_cost(comparison)
    columns = []
    for outcome in chosen:
        base = estimates.levels(comparison, outcome)[comparison.baseline]
        rows = estimates.differences(comparison, outcome)
        cells = [_cell(outcome, rows[name], voice) for name in order]
        columns.append(
            {
                "head": short(outcome, lang),
                "unit": unit(outcome, lang),
                "base": value(outcome, base.mean, with_unit=False, lang=lang),
                "cells": cells,
            }
        )
    cost = [
        voice.number(
            rupiah_short(prices[n].mean, signed=True, lang=lang),
            prices[n],
            interval("cost", prices[n], lang=lang),
        )
        for n in order
    ]
    return {"columns": columns, "names": [names[name] for name in order], "cost": cost}


def _cell(outcome: str, e: Estimate, voice: Html) -> dict[str, Any]:
    if e.n == 0:
        return {"sign": 0, "mark": "", "size": "–", "ends": ""}
    sign = estimates.goodness(outcome, e)
    ends = interval(outcome, e, lang=voice.lang)
    text = difference(outcome, e.mean, with_unit=False, half=e.half, lang=voice.lang)
    mark = MARKS[sign] if OUTCOMES[outcome].better != "none" else ""
    bare = interval(outcome, e, with_unit=False, lang=voice.lang)  # the heading has the unit
    return {"sign": sign, "mark": mark, "size": voice.number(text, e, ends), "ends": bare}


def _figures(comparison: CompareResult, found: Answer, lang: str) -> dict[str, str]:
    """At most seven figures, those that have something to show, as data addresses."""
    from sim.study.compare import figure as draw

    made: dict[str, Figure] = {}
    if not found.policy:
        return {}
    outcome = found.outcome
    made["ranking"] = draw.ranking(comparison, lang)
    if any(price.mean for price in estimates.extra_cost(comparison).values()):
        made["cost"] = draw.cost_effect(comparison, lang, outcome)
    made["paths"] = draw.paths(comparison, lang, outcome)
    there = comparison.summary
    if any(name in there and there[name].notna().any() for name in draw.FAIRNESS):
        made["fairness"] = draw.fairness(comparison, lang)
    if len(comparison.agency.units) > 1:
        made["units"] = draw.units(comparison, lang, outcome)
    elif "performance" in there and there["performance"].notna().any():
        made["people"] = draw.people(comparison, lang)
    if (comparison.costs["rupiah"] > 0).any():
        made["budget"] = draw.budget(comparison, lang)
    made["forest"] = draw.forest(comparison, found.policy, lang)
    return {name: figure_address(figure) for name, figure in made.items()}


def _terms(comparison: CompareResult, lang: str) -> list[tuple[str, str]]:
    outcomes = [(short(name, lang), note(name, lang)) for name in estimates.shown(comparison)]
    return [(label(f"term.{key}", lang), note(f"term.{key}", lang)) for key in TERMS] + outcomes
