"""Sentences and figures as HTML."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from sim.errors import Message
from sim.language.labels import label
from sim.report.estimate import Estimate
from sim.report.plain import Plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.evidence import Finding


class Html(Plain):
    """Says things as HTML: numbers carry their n, interval and seed; names of policies are bold.

    Parameters
    ----------
    lang : {"id", "en"}
    seed : int
        Root of the study's random numbers.
    """

    def __init__(self, lang: str, seed: int) -> None:
        super().__init__(lang)
        self.seed = seed

    def say(self, key: Message | str, **values: object) -> Markup:
        if isinstance(key, Message):
            return Markup(key.html(self.lang))
        return Markup(escape(label(key, self.lang))).format(**values)

    def number(self, text: str, e: Estimate, ends: str) -> Markup:
        title = label("brief.hover", self.lang, n=e.n, ends=ends, seed=self.seed)
        return Markup('<span class="n" title="{}">{}</span>').format(title, text)

    def cell(self, text: str, e: Estimate, ends: str) -> Markup:
        return Markup('{}<br><span class="ends">{}</span>').format(self.number(text, e, ends), ends)

    def name(self, text: str) -> Markup:
        return Markup("<strong>{}</strong>").format(text)

    def finding(self, text: str, finding: Finding) -> Markup:
        grade = label(f"grade.{finding.grade}", self.lang)
        source = "; ".join(filter(None, (finding.source, finding.basis)))
        title = label("brief.evidence.row", self.lang, row=finding.key, grade=grade, source=source)
        return Markup('<span class="e" title="{}">{}</span>').format(title, text)

    def fill(self, text: str, values: Sequence[str]) -> Markup:
        return Markup(escape(text)).format(*values)


def figure_address(figure: Figure) -> str:
    """A figure as an SVG data address; the same figure is the same text."""
    from sim.report.style import settings

    text = io.StringIO()
    with settings():
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return "data:image/svg+xml;base64," + base64.b64encode(text.getvalue().encode("utf-8")).decode("ascii")
