"""One HTML page from findings: prose, tables and figures, complete in itself and fit to print."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.inference.result import Lang
from sim.inference.wording import decimals
from sim.language.numbers import number

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

_HEADINGS = {
    "term": ("besaran", "quantity"),
    "aggregate": ("rata-rata menurut", "average by"),
    "event_time": ("periode sejak mulai", "periods since start"),
    "estimate": ("taksiran", "estimate"),
    "se": ("galat baku", "standard error"),
    "df": ("derajat bebas", "degrees of freedom"),
    "low": ("bawah", "low"),
    "high": ("atas", "high"),
    "p": ("p", "p"),
}

_ROWS = {
    "simple": ("sel unit-periode", "treated unit-period"),
    "group": ("unit (yang dilaporkan)", "treated unit (reported)"),
    "dynamic": ("lama sejak mulai", "time since start"),
    "calendar": ("periode kalender", "calendar period"),
    "effect": ("efek", "effect"),
    "difference": ("selisih", "difference"),
    "level": ("perubahan tingkat", "change of level"),
    "slope": ("perubahan kemiringan", "change of slope"),
    "average": ("efek rata-rata", "average effect"),
    "last": ("efek periode terakhir", "effect in the last period"),
    "trend": ("tren sebelumnya", "trend before"),
}


class Drawable(Protocol):
    """What draws itself on axes: a result, or a figure of the page's own."""

    def draw(self, ax: Axes) -> object: ...


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page.

    Attributes
    ----------
    heading : str
    paragraphs : sequence of str
    table : DataFrame, optional
    figure : Drawable, optional
        Such as a result: its main figure.
    caption : str
    notes : sequence of str
        Cautions, set apart.
    """

    heading: str
    paragraphs: Sequence[str] = ()
    table: pd.DataFrame | None = None
    figure: Drawable | None = None
    caption: str = ""
    notes: Sequence[str] = field(default=())


def page(title: str, lead: str, sections: Sequence[Section], lang: Lang, footer: str) -> str:
    """The page as a string; no link leaves it.

    Examples
    --------
    >>> "<h1>Judul" in page("Judul", "Ringkas.", [Section("Data", ["Isi."])], "id", "")
    True
    """
    parts = [f"<h1>{html.escape(title)}</h1>", f'<p class="lead">{html.escape(lead)}</p>']
    for s in sections:
        parts.append(f"<h2>{html.escape(s.heading)}</h2>")
        parts += [f"<p>{html.escape(p)}</p>" for p in s.paragraphs]
        parts += [f'<p class="note">{html.escape(n)}</p>' for n in s.notes]
        if s.figure is not None:
            parts.append(_figure(s.figure, s.caption))
        if s.table is not None:
            parts.append(html_table(s.table, lang))
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    head += f"<title>{html.escape(title)}</title>"
    body = "\n".join(parts)
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}"><head>{head}<style>{_STYLE}</style></head>\n<body>\n{body}\n'
        f'<p class="quiet">{html.escape(footer)}</p>\n</body></html>\n'
    )


def _figure(drawn: Drawable, caption: str) -> str:
    figure = Figure(figsize=(7.2, 4.0), layout="constrained")
    axes: Axes = figure.subplots()
    drawn.draw(axes)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=130)
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    text = html.escape(caption)
    return f'<figure><img alt="{text}" src="data:image/png;base64,{data}"><figcaption>{text}</figcaption></figure>'


def html_table(table: pd.DataFrame, lang: Lang) -> str:
    """A table with headings in the language, decimals that the standard error supports."""
    head = "".join(f"<th>{html.escape(_said(_HEADINGS, str(c), lang))}</th>" for c in table)
    rows = []
    for _, row in table.astype(object).iterrows():  # counts stay whole numbers
        places = decimals(float(row["se"])) if "se" in table else 2
        cells = "".join(f"<td>{html.escape(_cell(c, row[c], lang, places))}</td>" for c in table)
        rows.append(f"<tr>{cells}</tr>")
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'


def _said(words: Mapping[str, tuple[str, str]], key: str, lang: Lang) -> str:
    return words.get(key, (key, key))[lang == "en"]


def _cell(column: object, value: object, lang: Lang, places: int) -> str:
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool):
        return number(float(value), 0, lang=lang)
    if isinstance(value, (float, np.floating)):
        if column == "p":
            return (
                ("< " + number(0.001, 3, lang=lang)) if value < 0.001 else number(float(value), 3, lang=lang)
            )
        return number(float(value), 1 if column == "df" else places, lang=lang)
    return _said(_ROWS, str(value), lang)
