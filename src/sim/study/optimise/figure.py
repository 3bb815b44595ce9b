"""The Pareto front of a policy mix: service against cost, and fairness beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.language.labels import label, short
from sim.language.numbers import rupiah_short
from sim.outcomes import OUTCOMES
from sim.report.format import difference_unit
from sim.report.style import GREY, INK, PALE, canvas, local_ticks, money_ticks, settings, wrapped

if TYPE_CHECKING:
    from sim.study.optimise.result import OptimiseResult

_BLUE = "#0072B2"


def pareto(result: OptimiseResult, lang: str = "id") -> Figure:
    """Every mix: what it does for each objective against what it costs a year more.

    Parameters
    ----------
    result : OptimiseResult
    lang : {"id", "en"}

    Returns
    -------
    Figure
        A panel an objective. Numbered dots are on the front, with their intervals; small grey ones are not: a circle
        was beaten, a cross breaks the budget or a limit.
    """
    table = result.table()
    goals = [goal for goal in result.objectives if goal.name != "cost"]
    on = table[table["front"]]
    names = {policy.name: policy.label(lang) for policy in result.policies}
    with settings():
        legend = [f"{i}  {names[name]}" for i, name in enumerate(on["policy"], start=1)]
        lines = [wrapped(text, 110) for text in legend]
        height = 3.3 + 0.16 * sum(text.count("\n") + 1 for text in lines)
        figure, axes = canvas(height, 1, len(goals), sharex=True)
        for ax, goal in zip(axes[0], goals, strict=True):
            scale = 100 if OUTCOMES[goal.name].share else 1
            _dots(ax, table, on, goal.name, scale)
            word = difference_unit(goal.name, lang=lang)
            unit = f" ({word})" if word else ""
            ax.set_title(wrapped(f"{short(goal.name, lang)}{unit}", 78 // len(goals)))
            better = label("figure.better", lang)
            ax.annotate(
                f"↑ {better}" if goal.better == "high" else f"↓ {better}",
                (0.0, 1.0 if goal.better == "high" else 0.0),
                (4, -10 if goal.better == "high" else 4),
                xycoords="axes fraction",
                textcoords="offset points",
                fontsize=8,
                color=GREY,
            )
            local_ticks(ax, "y", lang)
            money_ticks(ax, "x", lambda x: rupiah_short(x, lang=lang), most=3)
            ax.margins(0.12)
        reading = wrapped(label("figure.pareto.reading", lang), 110)
        figure.supxlabel("\n".join([reading, *lines]), fontsize=8, color=INK, ha="left", x=0.02)
    return figure


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
