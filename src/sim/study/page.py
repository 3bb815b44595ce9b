"""The page every kind of study but the comparison is told on: answer, figures, tables, how sure, how to repeat it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.errors import KinerjaError
from sim.language.labels import label
from sim.language.numbers import long_date, period
from sim.levers import Policy
from sim.paths import write_whole
from sim.report.evidence import evidence_table
from sim.report.html import Html, figure_address, render, style_sheet
from sim.study.study_yaml import study_yaml

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Page:
    """What a kind puts on its page.

    Attributes
    ----------
    question : str
        Where the study has none of its own.
    answer : str
        A sentence; with :class:`~sim.report.html.Html` its numbers say what they rest on.
    more : sequence of str
        Sentences below it.
    figures : sequence of (str, Figure)
        Caption and figure.
    tables : sequence of (str, DataFrame, int)
        Caption, text cells, and the first column that holds numbers.
    sure : sequence of str
        How sure we are, and what the numbers leave out.
    method : sequence of (str, str)
        Rows of how it was computed, above those that all kinds have.
    policies : sequence of Policy
        Whose evidence is listed.
    """

    question: str
    answer: str
    more: Sequence[str] = ()
    figures: Sequence[tuple[str, Figure]] = ()
    tables: Sequence[tuple[str, pd.DataFrame, int]] = ()
    sure: Sequence[str] = ()
    method: Sequence[tuple[str, str]] = ()
    policies: Sequence[Policy] = field(default_factory=tuple)


def write_page(result: Any, page: Page, path: str | Path, lang: str = "id") -> Path:
    """Write the page of a result of any kind; one self-contained HTML file.

    Raises
    ------
    KinerjaError
        Where the file cannot be written.
    """
    path = Path(path)
    try:
        write_whole(path, html(result, page, lang))
    except OSError as error:
        raise KinerjaError(f"{path}: cannot be written ({error.strerror}); choose another place.") from error
    return path


def html(result: Any, page: Page, lang: str = "id") -> str:
    """The page as HTML text."""
    manifest = result.manifest
    study = manifest["study"]
    voice = Html(lang, study["seed"])
    preset = study["scenario"]["preset"]
    return render(
        "kind.html.j2",
        lang=lang,
        css=style_sheet(),
        title=result.title.get(lang) or label(f"kind.{result.kind}", lang),
        question=result.question.get(lang) or page.question,
        agency=result.agency.label,
        period=period(date.fromisoformat(study["scenario"]["start"]), study["years"], lang=lang),
        partial=result.partial,
        answer=page.answer,
        more=page.more,
        figures=[(caption, figure_address(figure)) for caption, figure in page.figures],
        tables=page.tables,
        sure=page.sure,
        method=[*page.method, *_method(manifest, voice)],
        evidence=evidence_table(page.policies, preset, lang),
        preset=label(f"preset.{preset}", lang),
        repeat=study_yaml(result),
        id=result.id,
        made=long_date(date.fromisoformat(manifest["began"][:10]), lang=lang),
    )


def _method(manifest: dict[str, Any], voice: Html) -> list[tuple[str, str]]:
    lang, say, study = voice.lang, voice.say, manifest["study"]
    commit = manifest.get("commit") or {}
    where = commit.get("hash", "")[:12] + ("+" if commit.get("dirty") else "")
    version = manifest.get("versions", {}).get("kinerja-lab", "")
    return [
        (label("method.model", lang), say("method.model.text")),
        (label("method.luck", lang), say("method.luck.text", seed=study["seed"])),
        (label("method.burn_in", lang), say("method.burn_in.text", months=study["scenario"]["burn_in"])),
        (label("method.evidence", lang), say(f"preset.{study['scenario']['preset']}.text")),
        (
            label("method.made", lang),
            say("method.made.text", id=manifest["id"], version=version or "–", commit=where or "–"),
        ),
    ]
