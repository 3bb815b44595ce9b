"""Which policy is best: how far the others are behind, and how long each stayed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.errors import _
from sim.language import speaking
from sim.picture import canvas
from sim.report.plain import labels
from sim.report.style import (
    GREY,
    INK,
    PALE,
    WIDTH,
    difference_heading,
    figure_of,
    local_ticks,
    reading,
    rows_height,
    scale_of,
    settings,
    wrapped,
)

if TYPE_CHECKING:
    from sim.study.selection.result import SelectionResult


def selection(result: SelectionResult, *, lang: str | None = None, ax: Axes | None = None) -> Figure:
    """Draw every policy against the best: differences with intervals, and replications until it was screened out.

    Parameters
    ----------
    result : SelectionResult
    lang : {"id", "en"}, optional
        The session's language by default.
    ax : Axes, optional
        Axes that make room for the figure.

    Returns
    -------
    Figure
        The best on top, in grey the differences too small to matter. A filled bar was screened out, a hatched one
        stayed in.
    """
    with speaking(lang), settings():
        table = result.table()
        rows = [wrapped(labels(result.policies)[name], 26) for name in table["policy"]]
        scale = scale_of(result.outcome)
        width = result.manifest["study"]["indifference"] * scale
        y = np.arange(len(table))
        size = (WIDTH, 1.25 + rows_height(rows))
        figure, axes = canvas(size, 1, 2, sharey=True, width_ratios=(3, 2), ax=ax)
        left, right = axes[0]
        left.axvspan(-width, width, color=PALE, alpha=0.6, lw=0)
        left.axvline(0, color=INK, lw=0.8)
        for at, row in zip(y, table.itertuples(), strict=True):
            if row.policy == result.best:
                left.plot(0, at, marker="*", ms=11, color=INK)
                continue
            apart = bool(row.low > 0 or row.high < 0)
            left.plot([row.low * scale, row.high * scale], [at, at], color=INK, lw=1.6)
            left.plot(row.difference * scale, at, "o", ms=5, mec=INK, mfc=INK if apart else "white")
        out = table["screened_at"].to_numpy() > 0
        right.barh(y[out], table["n"][out], color=GREY, height=0.5)
        right.barh(y[~out], table["n"][~out], color="white", edgecolor=INK, hatch="////", height=0.5)
        left.set_yticks(y, rows)
        left.set_ylim(len(rows) - 0.4, -0.6)
        left.set_title(wrapped(difference_heading(result.outcome), 44))
        right.set_title(str(_("Replications")))
        local_ticks(left, "x")
        local_ticks(right, "x")
        left.margins(x=0.08)
        reading(figure, _("Grey = a difference too small to matter; hollow point = not yet clear."))
        return figure_of(axes[0][0])
