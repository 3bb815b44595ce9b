"""Figures that show themselves in a notebook, alone or in the place of somebody's axes."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from sim.errors import KinerjaError, _


class Picture(Figure):
    """A matplotlib figure that a notebook shows without ``%matplotlib`` or pyplot."""

    def _repr_png_(self) -> bytes:
        out = io.BytesIO()
        self.savefig(out, format="png", dpi=self.dpi, bbox_inches="tight")
        return out.getvalue()


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
