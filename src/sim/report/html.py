"""Sentences and figures as HTML."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from sim.errors import KinerjaError, Message, _, system_reason
from sim.language import speaking
from sim.paths import write_whole
from sim.report.estimate import Estimate
from sim.report.evidence import source
from sim.report.names import GRADE_NAMES
from sim.report.plain import Plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.evidence import Finding


class Html(Plain):
    """Write sentences as HTML: numbers carry their n, interval and seed; names of policies are bold.

    Parameters
    ----------
    seed : int
        Seed of the study.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def say(self, message: Message) -> Markup:
        return Markup(message.html())

    def number(self, text: str, e: Estimate, ends: str) -> Markup:
        title = _(
            "{n} replications; 95% confidence interval: {ends}; random seed {seed}",
            n=e.n,
            ends=ends,
            seed=self.seed,
        )
        return Markup('<span class="n" title="{}">{}</span>').format(str(title), text)

    def cell(self, text: str, e: Estimate, ends: str) -> Markup:
        return Markup('{}<br><span class="ends">{}</span>').format(self.number(text, e, ends), ends)

    def name(self, text: str) -> Markup:
        return Markup("<strong>{}</strong>").format(text)

    def finding(self, text: str, finding: Finding) -> Markup:
        title = _(
            "Evidence row [{row}]; {grade}; source: {source}",
            row=finding.key,
            grade=GRADE_NAMES[finding.grade],
            source=source(finding),
        )
        return Markup('<span class="e" title="{}">{}</span>').format(str(title), text)

    def fill(self, text: str, values: Sequence[str]) -> Markup:
        return Markup(escape(text)).format(*values)


TEMPLATES = Path(__file__).parent / "templates"
"""Templates and style of the pages."""


@cache
def _environment(folder: Path) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folder, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["_"] = _
    return environment


def render(name: str, folder: Path = TEMPLATES, /, *, lang: str | None = None, **content: Any) -> str:
    """Return a page made from a template, whose texts ``_("...")`` are in the language.

    Parameters
    ----------
    name : str
        The template's file name.
    folder : Path
        Where it is.
    lang : {"id", "en"}, optional
        The session's language by default; the template has it as ``lang``.
    **content
        What the template shows.
    """
    with speaking(lang) as spoken:
        return _environment(folder).get_template(name).render(lang=spoken, **content)


def style_sheet() -> Markup:
    """Return the style of the pages."""
    return Markup((TEMPLATES / "brief.css").read_text(encoding="utf-8"))


def write_page(path: str | Path, text: str) -> Path:
    """Write a page; one that is there is replaced as a whole.

    Raises
    ------
    KinerjaError
        Where the file cannot be written.
    """
    path = Path(path)
    try:
        write_whole(path, text)
    except OSError as error:
        raise KinerjaError(
            _(
                "{path}: cannot be written ({reason}); choose another place.",
                path=path,
                reason=system_reason(error),
            )
        ) from error
    return path


def figure_address(figure: Figure) -> str:
    """Return a figure as an SVG data address; the same figure gives the same text."""
    from sim.report.style import settings

    text = io.StringIO()
    with settings():
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return "data:image/svg+xml;base64," + base64.b64encode(text.getvalue().encode("utf-8")).decode("ascii")
