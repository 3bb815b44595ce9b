"""One HTML page from results: sentences, tables and figures, complete in itself and fit to print."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sim.errors import Message, _
from sim.inference.result import largest
from sim.inference.wording import decimals
from sim.language import language, speaking
from sim.language.numbers import number, p_value, scaled
from sim.picture import Picture, local_numbers

Text = Message | str

_STYLE = """
:root { --ink: #1a1a1a; --quiet: #5a5a5a; --line: #cfcfcf; --blue: #0b4f80; --wash: #eef4f8; }
body { margin: 0 auto; padding: 1.2rem; max-width: 50rem; color: var(--ink); background: #fff;
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
.lead { background: var(--wash); border-left: 5px solid var(--blue); padding: .8rem 1.1rem; font-size: 1.1rem; }
.note { border-left: 5px solid #a63a00; padding: .2rem .9rem; margin: .6rem 0; }
.quiet { color: var(--quiet); font-size: .85rem; }
figure { margin: 1rem 0; } figure img { display: block; max-width: 100%; height: auto; }
figcaption { font-size: .85rem; color: var(--quiet); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; width: 100%; }
th, td { padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--line); text-align: right; }
th:first-child, td:first-child { text-align: left; } thead th { border-bottom: 2px solid var(--ink); }
@media print { body { max-width: none; padding: 0; font-size: 10pt; } figure, tr, .lead { break-inside: avoid; } }
"""

_HEADINGS: dict[str, Message] = {
    "term": _("quantity"),
    "aggregate": _("average by"),
    "event_time": _("periods since start"),
    "estimate": _("estimate"),
    "se": _("standard error"),
    "df": _("degrees of freedom"),
    "low": _("low", context="end of an interval"),
    "high": _("high", context="end of an interval"),
}

_ROWS: dict[str, Message] = {
    "simple": _("treated unit-period"),
    "group": _("treated unit (reported)"),
    "dynamic": _("time since start"),
    "calendar": _("calendar period"),
    "effect": _("effect"),
    "difference": _("difference"),
    "level": _("change of level"),
    "slope": _("change of slope"),
    "average": _("average effect"),
    "last": _("effect in the last period"),
    "trend": _("trend before"),
}


class Drawable(Protocol):
    """What draws itself on axes: a result, or a figure of a report's own."""

    def draw(self, ax: Axes, /) -> object: ...


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page.

    Attributes
    ----------
    heading : Message or str
    paragraphs : sequence of Message or str
    table : DataFrame, optional
    figure : Drawable, optional
        Such as a result, for its own figure.
    caption : Message or str
    notes : sequence of Message or str
        Cautions, set apart.
    """

    heading: Text
    paragraphs: Sequence[Text] = ()
    table: pd.DataFrame | None = None
    figure: Drawable | None = None
    caption: Text = ""
    notes: Sequence[Text] = field(default=())


def page(
    title: Text, lead: Text, sections: Sequence[Section], footer: Text = "", *, lang: str | None = None
) -> str:
    """Return the page as a string; it loads nothing from elsewhere.

    Parameters
    ----------
    title, lead, footer : Message or str
    sections : sequence of Section
    lang : {"id", "en"}, optional
        The session's language by default.

    Examples
    --------
    >>> "<h1>Judul" in page("Judul", "Ringkas.", [Section("Data", ["Isi."])], lang="id")
    True
    """
    with speaking(lang):
        parts = [f"<h1>{_escaped(title)}</h1>", f'<p class="lead">{_escaped(lead)}</p>']
        for s in sections:
            parts.append(f"<h2>{_escaped(s.heading)}</h2>")
            parts += [f"<p>{_escaped(p)}</p>" for p in s.paragraphs]
            parts += [f'<p class="note">{_escaped(n)}</p>' for n in s.notes]
            if s.figure is not None:
                parts.append(_figure(s.figure, s.caption))
            if s.table is not None:
                parts.append(html_table(s.table))
        head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        head += f"<title>{_escaped(title)}</title>"
        body = "\n".join(parts)
        return (
            f'<!DOCTYPE html>\n<html lang="{language()}"><head>{head}<style>{_STYLE}</style></head>\n<body>\n'
            f'{body}\n<p class="quiet">{_escaped(footer)}</p>\n</body></html>\n'
        )


def _escaped(text: Text) -> str:
    return html.escape(str(text))


def _figure(drawable: Drawable, caption: Text) -> str:
    figure = Picture(figsize=(7.2, 4.0), layout="constrained")
    ax = figure.subplots()
    drawable.draw(ax)
    local_numbers(ax)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=130)
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    text = _escaped(caption)
    return f'<figure><img alt="{text}" src="data:image/png;base64,{data}"><figcaption>{text}</figcaption></figure>'


def html_table(table: pd.DataFrame, *, lang: str | None = None) -> str:
    """Return a table with headings in the language and decimals that the standard error supports."""
    with speaking(lang):
        head = "".join(f"<th>{_escaped(_HEADINGS.get(str(c), str(c)))}</th>" for c in table)
        rows = []
        for __, row in table.astype(object).iterrows():  # counts stay whole numbers
            places = decimals(float(row["se"])) if "se" in table else 2
            like = largest(*(float(row[c]) for c in ("estimate", "low", "high") if c in table))
            cells = "".join(f"<td>{_escaped(_cell(c, row[c], places, like))}</td>" for c in table)
            rows.append(f"<tr>{cells}</tr>")
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'


def _cell(column: object, value: object, places: int, like: float) -> Text:
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool):
        return number(float(value), 0)
    if isinstance(value, (float, np.floating)):
        if column == "p":
            return p_value(float(value)).removeprefix("p ").removeprefix("= ")
        if column in ("estimate", "se", "low", "high"):
            return scaled(float(value), places, like)
        return number(float(value), 1 if column == "df" else places)
    return _ROWS.get(str(value), str(value))
