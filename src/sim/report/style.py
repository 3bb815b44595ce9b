"""How our figures look: legible in black and white, to the colour-blind, and on a page 17 cm wide."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure, SubFigure
from matplotlib.text import Annotation
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import Bbox

from sim.errors import Message, _
from sim.language import language
from sim.language.numbers import number, rupiah_short
from sim.outcomes import OUTCOMES
from sim.report.format import difference_unit

WIDTH = 6.7
"""Inches: the text width of an A4 page."""

INK = "#1a1a1a"
GREY = "#6b6b6b"
PALE = "#d9d9d9"

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#7A5195")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">")
"""More than colours, so that the eighth policy does not look like the first."""
LINES: tuple[Any, ...] = (
    "-",
    (0, (5, 1.5)),
    (0, (1, 1)),
    (0, (5, 1, 1, 1)),
    (0, (3, 1, 1, 1, 1, 1)),
    (0, (8, 2)),
    (0, (2, 2)),
)
HATCHES = ("", "////", "....", "xxxx", "\\\\\\\\")

_SETTINGS: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 8.5,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8.5,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.color": INK,
    "hatch.linewidth": 0.6,
    "svg.fonttype": "path",
    "svg.hashsalt": "kinerja",
    "figure.dpi": 120,
    "savefig.facecolor": "white",
    "text.parse_math": False,  # a "$" in somebody's name is a dollar
}


@dataclass(frozen=True, slots=True)
class Look:
    """Colour, marker and line of one policy, the same in every figure of a comparison."""

    colour: str
    marker: str
    line: Any


def settings() -> AbstractContextManager[None]:
    """Return the settings of our figures, for a ``with`` block; the user's own stay untouched."""
    return mpl.rc_context(_SETTINGS)


def figure_of(ax: Axes) -> Figure:
    """Return the whole figure that the axes are in."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure


def wrapped(text: Message | str, width: int) -> str:
    """Return a text broken into lines of at most `width` characters."""
    return "\n".join(textwrap.wrap(str(text), width, break_long_words=False))


def rows_height(names: Iterable[str]) -> float:
    """Return the inches that rows with these (wrapped) names need."""
    return sum(max(0.36, 0.15 * (name.count("\n") + 1) + 0.06) for name in names)


def local_ticks(ax: Axes, axis: str, scale: float = 1.0, most: int = 4) -> None:
    """Set few ticks, with the decimal mark of the language; `scale` 100 shows shares as per cent."""
    lang = language()  # ticks are written when the figure is shown, which may be later
    which = _with_few_ticks(ax, axis, most)

    def written(x: float, __: int | None) -> str:
        ticks = np.asarray(which.get_majorticklocs()) * scale
        step = np.diff(ticks).min() if len(ticks) > 1 else 1.0
        decimals = int(np.clip(np.ceil(-np.log10(step) - 1e-9), 0, 4)) if step > 0 else 0
        if decimals < 4 and abs(round(step, decimals) - step) > 1e-9:
            decimals += 1
        return number(x * scale, decimals, lang=lang)

    which.set_major_formatter(FuncFormatter(written))


def money_ticks(ax: Axes, axis: str, most: int = 5) -> None:
    """Set ticks in rupiah, written in short."""
    lang = language()
    which = _with_few_ticks(ax, axis, most)
    which.set_major_formatter(FuncFormatter(lambda x, __: rupiah_short(x, lang=lang)))


def _with_few_ticks(ax: Axes, axis: str, most: int) -> Axis:
    which = ax.xaxis if axis == "x" else ax.yaxis
    which.set_major_locator(MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]))
    return which


def better_arrow(ax: Axes, better: str, loc: str | None = None) -> None:
    """Write under the axis which way is better; nothing where neither is."""
    if better == "none":
        return
    text = f"{_('better')} →" if better == "high" else f"← {_('better')}"
    loc = loc or ("right" if better == "high" else "left")
    ax.set_xlabel(text, loc=loc, color=GREY, fontsize=8)  # type: ignore[arg-type]


def panel_title(outcome: str, width: int, above: str = "") -> str:
    """Return the title of a panel: name and unit of a difference of an outcome, in lines of `width` characters."""
    word = difference_unit(outcome)
    title = wrapped(OUTCOMES[outcome].short, width) + (f"\n{wrapped(f'({word})', width)}" if word else "\n")
    return f"{above}\n{title}" if above else title


def difference_heading(outcome: str) -> str:
    """Return the short name of an outcome with the unit of its differences; rupiah stand with the numbers."""
    word = "" if outcome == "cost" else difference_unit(outcome)
    return f"{OUTCOMES[outcome].short} ({word})" if word else str(OUTCOMES[outcome].short)


def outcome_ticks(ax: Axes, axis: str, outcome: str, most: int = 4) -> None:
    """Set few ticks of an outcome: rupiah in short, shares as per cent, numbers as the language writes them."""
    if outcome == "cost":
        money_ticks(ax, axis, most=2)
    else:
        local_ticks(ax, axis, scale_of(outcome), most)


def scale_of(outcome: str) -> int:
    """Return by what values of an outcome are multiplied to be read: shares are per cent."""
    return 100 if OUTCOMES[outcome].share else 1


def name_rows(ax: Axes, names: Sequence[str]) -> None:
    """Write names beside rows of height 1, the first at the top."""
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.5, -0.5)


def bare_rows(ax: Axes) -> None:
    """Take away the axis line and ticks beside names of rows."""
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def reading(figure: Figure | SubFigure, *texts: Message | str, width: int = 110) -> None:
    """Write below a figure how to read it."""
    lines = [wrapped(text, width) for text in texts]
    figure.supxlabel("\n".join(lines), fontsize=8, color=GREY)


def spread(wanted: Sequence[float], sizes: Sequence[float]) -> list[float]:
    """Return centres moved apart as little as possible so that things of these `sizes` do not touch, in their order."""
    order = np.argsort(wanted, kind="stable")
    size = np.asarray(sizes, dtype=float)[order]
    offset = np.cumsum(size) - size / 2  # centres if stacked without a gap
    blocks: list[list[float]] = []  # [sum of wanted starts, count]: neighbours too close merge into a block
    for start in np.asarray(wanted, dtype=float)[order] - offset:
        blocks.append([start, 1.0])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
            last = blocks.pop()
            blocks[-1] = [blocks[-1][0] + last[0], blocks[-1][1] + last[1]]
    starts = np.repeat([total / count for total, count in blocks], [int(count) for __, count in blocks])
    placed = np.empty(len(order))
    placed[order] = starts + offset
    return placed.tolist()


def line_labels(ax: Axes, x: float, ends: Iterable[tuple[str, float, str]], width: int = 20) -> None:
    """Write names at the right ends of lines, moved apart where they would touch.

    Parameters
    ----------
    x : float
        Where the lines end, in data units.
    ends : iterable of (text, y, colour)
    width : int
        Characters per line of text.
    """
    rows = [(wrapped(text, width), y, colour) for text, y, colour in ends]
    low, high = ax.get_ylim()
    place = ax.get_subplotspec()
    grid_rows = place.get_gridspec().nrows if place else 1
    height = figure_of(ax).get_size_inches()[1] / grid_rows * 0.75  # of the axes in inches, roughly
    sizes = [(high - low) * 0.14 * (text.count("\n") + 1) / height for text, _y, _colour in rows]
    places = np.array(spread([y for _text, y, _colour in rows], sizes))
    places += max(0.0, low - min(places - np.array(sizes) / 2, default=low))  # none below the axis
    for (text, y, colour), placed in zip(rows, places, strict=True):
        ax.annotate(
            text,
            xy=(x, y),
            xytext=(1.02, placed),
            textcoords=ax.get_yaxis_transform(),
            color=colour,
            va="center",
            fontsize=8,
            arrowprops={
                "arrowstyle": "-",
                "color": colour,
                "lw": 0.6,
                "shrinkA": 1,
                "shrinkB": 1,
                "relpos": (0, 0.5),
            },
            annotation_clip=False,
        )


_CORNERS = (
    (9, 6, "left", "bottom"), (9, -6, "left", "top"), (-9, 6, "right", "bottom"), (-9, -6, "right", "top"),
    (0, 12, "center", "bottom"), (0, -12, "center", "top"), (9, 26, "left", "bottom"), (9, -26, "left", "top"),
    (-9, 26, "right", "bottom"), (-9, -26, "right", "top"),
)  # fmt: skip


def point_labels(ax: Axes, points: Sequence[tuple[str, float, float, str]], width: int = 26) -> None:
    """Write names beside points (text, x, y, colour): each at the first corner where it covers no line and no name."""
    figure_of(ax).draw_without_rendering()
    lines = [line.get_transform().transform(line.get_xydata()) for line in ax.lines]
    taken = [Bbox([line.min(axis=0) - 3, line.max(axis=0) + 3]) for line in lines]
    for text, x, y, colour in points:
        tried: list[tuple[float, int, Annotation, Bbox]] = []
        for dx, dy, ha, va in _CORNERS:
            note = ax.annotate(
                wrapped(text, width), (x, y), (dx, dy), textcoords="offset points", ha=ha, va=va, color=colour,
                fontsize=8, annotation_clip=False,
            )  # fmt: skip
            box = note.get_window_extent()
            cut = max(0.0, box.x1 - ax.bbox.x1) + max(0.0, ax.bbox.x0 - box.x0)
            cut += max(0.0, box.y1 - ax.bbox.y1) + max(0.0, ax.bbox.y0 - box.y0)
            tried.append((box.count_overlaps(taken) * 1000 + cut, len(tried), note, box))
            if tried[-1][0] == 0:
                break
        best = min(tried, key=lambda row: row[:2])
        for row in tried:
            if row is not best:
                row[2].remove()
        taken.append(best[3])
