"""Figures that show themselves in a notebook, alone or in the place of somebody's axes; numbers on their axes."""

from __future__ import annotations

import io
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, LogFormatter, NullFormatter, ScalarFormatter

from sim.errors import KinerjaError, _
from sim.language import language
from sim.language.numbers import marked, shortest


class Picture(Figure):
    """A matplotlib figure that a notebook shows without ``%matplotlib`` or pyplot."""

    def draw(self, renderer: Any) -> None:
        """Draw it, with every text as it was written."""
        as_written(self)
        with rc_context({"text.parse_math": False}):  # texts that are made on the way, such as further ticks
            super().draw(renderer)

    def _repr_png_(self) -> bytes:
        out = io.BytesIO()
        self.savefig(out, format="png", dpi=self.dpi, bbox_inches="tight")
        return out.getvalue()


def as_written(figure: Figure | SubFigure, but: Collection[Artist] = ()) -> None:
    """Let every text of a figure stand as it was written: a "$" in somebody's name is a dollar, no formula.

    Parameters
    ----------
    figure : Figure
    but : collection of Artist
        Texts that stay as they are, such as those of a figure's owner.
    """
    kept = set(map(id, but))
    for text in figure.findobj(Text):
        if id(text) not in kept:
            text.set_parse_math(False)


def legend(
    owner: Axes | Figure | SubFigure, handles: Sequence[Any], names: Sequence[str], **more: Any
) -> None:
    """Draw a legend without a frame; matplotlib leaves out names with an underscore in front, this one does not.

    Parameters
    ----------
    owner : Axes or Figure
    handles : sequence of Artist
    names : sequence of str
    **more
        As :meth:`matplotlib.axes.Axes.legend`.
    """
    box = owner.legend(handles, [str(i) for i in range(len(names))], frameon=False, **more)
    for text, name in zip(box.get_texts(), names, strict=True):
        text.set_text(name)


class _Ticks(ScalarFormatter):
    """Numbers on an axis as matplotlib chooses them, with the decimal mark of a language."""

    def __init__(self, lang: str) -> None:
        super().__init__()
        self.lang = lang

    def __call__(self, x: float, pos: int | None = None) -> str:
        return self._marked(super().__call__(x, pos))

    def get_offset(self) -> str:
        """Return what all numbers are to be multiplied by or added to."""
        return self._marked(super().get_offset())

    def _marked(self, text: str) -> str:
        return marked(text, lang=self.lang)


def local_numbers(ax: Axes) -> None:
    """Write the numbers on the axes in the session's language, those of a logarithmic scale in full, not as powers.

    Dates, names and ticks of one's own stay as they are.

    Parameters
    ----------
    ax : Axes
        With everything drawn, as only then it is known what stands on its axes.
    """
    lang = language()  # ticks are written when the figure is shown, which may be later
    for axis in (ax.xaxis, ax.yaxis):
        before = axis.get_major_formatter()
        if type(before) is ScalarFormatter:
            axis.set_major_formatter(_Ticks(lang))
        elif isinstance(before, LogFormatter):
            axis.set_major_formatter(FuncFormatter(lambda x, __: shortest(x, lang=lang)))
            axis.set_minor_formatter(NullFormatter())


def make_room(ax: Axes) -> None:
    """Let the grid that the axes are in make room for names beside them, unless its owner has chosen a layout.

    Without a layout ``plt.subplots()`` leaves a fixed margin, and long names run over its edge or into the next axes.
    """
    host, place = ax.get_figure(root=True), ax.get_subplotspec()
    if host is None or place is None or host.get_layout_engine() is not None:
        return
    if getattr(place.get_topmost_subplotspec().get_gridspec(), "figure", None) is not None:
        host.set_layout_engine("constrained")


def canvas(
    size: tuple[float, float],
    rows: int = 1,
    columns: int = 1,
    *,
    ax: Axes | None = None,
    **more: Any,
) -> tuple[Figure | SubFigure, np.ndarray]:
    """Make a grid of axes, in a figure of its own or in the place of `ax`.

    Parameters
    ----------
    size : (float, float)
        Inches; without meaning where `ax` is given.
    rows, columns : int
    ax : Axes, optional
        Made by ``subplots`` or a grid; it is removed and the grid takes its place. See also :func:`make_room`.
    **more
        As :meth:`matplotlib.figure.Figure.subplots`.

    Returns
    -------
    figure : Picture or SubFigure
    axes : ndarray of Axes, shape (rows, columns)
    """
    figure: Figure | SubFigure
    if ax is None:
        figure = Picture(figsize=size, layout="constrained")
    else:
        place, host = ax.get_subplotspec(), ax.figure
        if place is None or host is None:
            raise KinerjaError(_("ax: give axes made by plt.subplots() or a grid, which know their place."))
        make_room(ax)
        ax.remove()
        figure = host.add_subfigure(place)
    return figure, figure.subplots(rows, columns, squeeze=False, **more)
