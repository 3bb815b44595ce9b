"""Figures that show themselves in a notebook, alone or in the place of somebody's axes."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.text import Text

from sim.errors import KinerjaError, _


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


def legend(ax: Axes, names: Mapping[str, Any], **more: Any) -> None:
    """Draw a legend of these names and their lines; matplotlib leaves out names with an underscore in front.

    Parameters
    ----------
    ax : Axes
    names : mapping of str to Artist
    **more
        As :meth:`matplotlib.axes.Axes.legend`.
    """
    box = ax.legend(list(names.values()), [str(i) for i in range(len(names))], **more)
    for text, name in zip(box.get_texts(), names, strict=True):
        text.set_text(name)


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
        Made by ``subplots`` or a grid; it is removed and the grid takes its place.
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
        ax.remove()
        figure = host.add_subfigure(place)
    return figure, figure.subplots(rows, columns, squeeze=False, **more)
