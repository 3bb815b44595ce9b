"""The Pareto front of a policy mix: service against cost, and fairness beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
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
    money_ticks,
    scale_of,
    settings,
    wrapped,
)

if TYPE_CHECKING:
    from sim.study.optimise.result import OptimiseResult

_BLUE = "#0072B2"


def pareto(result: OptimiseResult, *, lang: str | None = None, ax: Axes | None = None) -> Figure:
    """Draw every mix: what it does for each objective against its extra cost per year.

    Parameters
    ----------
    result : OptimiseResult
    lang : {"id", "en"}, optional
        The session's language by default.
    ax : Axes, optional
        Axes that make room for the figure.

    Returns
    -------
    Figure
        One panel per objective. Numbered dots are on the front, with their intervals; small grey ones are not: a
        circle is dominated, a cross breaks the budget or a limit.
    """
    with speaking(lang), settings():
        table = result.table()
        goals = [goal for goal in result.objectives if goal.name != "cost"]
        on = table[table["front"]]
        names = labels(result.policies)
        lines = [wrapped(f"{i}  {names[name]}", 110) for i, name in enumerate(on["policy"], start=1)]
        height = 3.3 + 0.16 * sum(text.count("\n") + 1 for text in lines)
        figure, axes = canvas((WIDTH, height), 1, len(goals), sharex=True, ax=ax)
        for panel, goal in zip(axes[0], goals, strict=True):
            _dots(panel, table, on, goal.name, scale_of(goal.name))
            panel.set_title(wrapped(difference_heading(goal.name), 78 // len(goals)))
            up = goal.better == "high"
            panel.annotate(
                f"{'↑' if up else '↓'} {_('better')}",
                (0.0, 1.0 if up else 0.0),
                (4, -10 if up else 4),
                xycoords="axes fraction",
                textcoords="offset points",
                fontsize=8,
                color=GREY,
            )
            local_ticks(panel, "y")
            money_ticks(panel, "x", most=3)
            panel.margins(0.12)
        how = _(
            "Bars = 95% confidence intervals; grey: circle = dominated, cross = over the budget "
            "or a limit. Zero = no extra action."
        )
        figure.supxlabel("\n".join([wrapped(how, 110), *lines]), fontsize=8, color=INK, ha="left", x=0.02)
        return figure_of(axes[0][0])


def _dots(ax: Axes, table: pd.DataFrame, on: pd.DataFrame, name: str, scale: float) -> None:
    ax.axhline(0, color=PALE, lw=1)
    ax.axvline(0, color=PALE, lw=1)
    for fates, marker in ((("in", "dominated"), "o"), (("budget", "limit"), "x")):
        rows = table[table["fate"].isin(fates) & ~table["front"]]
        ax.scatter(rows["cost"], rows[name] * scale, s=14, marker=marker, color=GREY, lw=0.8, alpha=0.7)
    ax.vlines(on["cost"], on[f"{name}_low"] * scale, on[f"{name}_high"] * scale, color=_BLUE, lw=1)
    ax.scatter(on["cost"], on[name] * scale, s=110, color="white", edgecolor=_BLUE, lw=1.2, zorder=3)
    for i, (x, y) in enumerate(zip(on["cost"], np.asarray(on[name]) * scale, strict=True), start=1):
        ax.annotate(str(i), (x, y), ha="center", va="center", fontsize=7.5, zorder=4)
