"""The page of a study of any kind but the comparison: answer, figures, tables, how sure, how to repeat it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.errors import Message, _
from sim.language import language, speaking
from sim.language.numbers import long_date, period
from sim.levers import Policy
from sim.report import html
from sim.report.evidence import evidence_table
from sim.report.names import PRESET_NAMES, PRESET_NOTES
from sim.report.plain import Plain
from sim.study.study_yaml import study_yaml

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KIND_NAMES: dict[str, Message] = {
    "compare": _("Policy brief"),
    "selection": _("Selecting the best"),
    "capacity": _("Capacity plan"),
    "optimise": _("Policy mix"),
    "robust": _("Option that is robust over many scenarios"),
    "fairness": _("Who gains and who is harmed"),
    "sensitivity": _("What decides the choice"),
}
"""Titles of studies without one of their own, by kind."""

COVERAGE: dict[str, Message] = {
    "chance": _(
        "The interval covers random variation only. Each action's effect is set to the mean of its evidence "
        "(evidence weighting: {preset}); the uncertainty of the evidence is not included, so reality may differ "
        "by more than the width of the interval."
    ),
    "future": _(
        "Each action's effect was drawn once from its evidence (evidence weighting: {preset}) and is the same in "
        "all replications: this is one possible scenario of many."
    ),
    "futures": _(
        "Each replication also draws every action's effect from its evidence (evidence weighting: {preset}): the "
        "intervals cover random variation and the uncertainty of the evidence together."
    ),
}
"""What the intervals cover: random variation, one scenario of the evidence, or many."""


@dataclass(frozen=True)
class Page:
    """What a kind puts on its page.

    Attributes
    ----------
    question : Message or str
        Shown where the study has none of its own.
    answer : str
        A sentence; with :class:`~sim.report.html.Html` its numbers show what they rest on.
    more : sequence of str
        Sentences below it.
    figures : sequence of (Message, Figure)
        Caption and figure.
    tables : sequence of (Message, DataFrame, int)
        Caption, text cells, and the first column that holds numbers.
    sure : sequence of str
        How sure the answer is, and what the numbers leave out.
    method : sequence of (Message, Message)
        Rows of how it was computed, above those that all kinds have.
    policies : sequence of Policy
        Whose evidence is listed.
    """

    question: Message | str
    answer: str
    more: Sequence[str] = ()
    figures: Sequence[tuple[Message, Figure]] = ()
    tables: Sequence[tuple[Message, pd.DataFrame, int]] = ()
    sure: Sequence[str] = ()
    method: Sequence[tuple[Message | str, Message | str]] = ()
    policies: Sequence[Policy] = field(default_factory=tuple)


def write_page(result: Any, page: Page, path: str | Path, *, lang: str | None = None) -> Path:
    """Write the page of a result of any kind; one self-contained HTML file.

    Parameters
    ----------
    result : StudyResult
    page : Page
    path : path
        Replaced if it is there.
    lang : {"id", "en"}, optional
        The session's language by default.

    Raises
    ------
    KinerjaError
        Where the file cannot be written.
    """
    with speaking(lang):
        return html.write_page(path, page_html(result, page))


def page_html(result: Any, page: Page) -> str:
    """Return the page as HTML text."""
    study = result.manifest["study"]
    preset = study["scenario"]["preset"]
    return html.render(
        "kind.html.j2",
        css=html.style_sheet(),
        title=result.title.get(language()) or KIND_NAMES[result.kind],
        question=result.question.get(language()) or page.question,
        agency=result.agency.label,
        period=period(date.fromisoformat(study["scenario"]["start"]), study["years"]),
        partial=result.partial,
        answer=page.answer,
        more=page.more,
        figures=[(caption, html.figure_address(figure)) for caption, figure in page.figures],
        tables=page.tables,
        sure=page.sure,
        method=[*page.method, *how_made(result.manifest)],
        evidence=evidence_table(page.policies, preset),
        preset=PRESET_NAMES[preset],
        repeat=study_yaml(result),
        id=result.id,
        made=long_date(date.fromisoformat(result.manifest["began"][:10])),
    )


def coverage(voice: Plain, preset: str, *, future: bool = False, futures: bool = False) -> str:
    """Return what the intervals of a study cover.

    Parameters
    ----------
    voice : Plain
    preset : str
        Weighting of the evidence.
    future : bool
        Effects were drawn once for the whole study.
    futures : bool
        Effects were drawn for each replication.
    """
    kind = "futures" if futures else "future" if future else "chance"
    return voice.say(COVERAGE[kind].filled(preset=PRESET_NAMES[preset]))


def how_made(manifest: Mapping[str, Any]) -> list[tuple[Message, Message]]:
    """Return how the numbers of any study were made, as pairs of heading and text."""
    study = manifest["study"]
    commit = manifest.get("commit") or {}
    where = commit.get("hash", "")[:12] + ("+" if commit.get("dirty") else "")
    version = manifest.get("versions", {}).get("kinerja-lab", "")
    return [
        (
            _("Model"),
            _(
                "Every request and complaint is served one by one by simulated officers in Indonesian working "
                "hours. Officers' skill, motivation, presence and ratings change over time according to the "
                "policy; docs/model.md describes it."
            ),
        ),
        (
            _("Common random numbers"),
            _(
                "All random numbers come from random seed {seed}, with a named stream for every decision, so that "
                "all options meet the same citizens and events.",
                seed=study["seed"],
            ),
        ),
        (
            _("Burn-in"),
            _(
                "{months} months before the study are simulated under the current practice and not counted.",
                months=study["scenario"]["burn_in"],
            ),
        ),
        (_("Evidence weighting"), PRESET_NOTES[study["scenario"]["preset"]]),
        (
            _("Study id"),
            _(
                "Study {id}; kinerja-lab {version}; commit {commit}.",
                id=manifest["id"],
                version=version or "–",
                commit=where or "–",
            ),
        ),
    ]
