"""Who gains and who is harmed: policies by group of officers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.outcomes import OUTCOMES
from sim.report.figures.style import (
    GREY,
    INK,
    PALE,
    better_arrow,
    canvas,
    local_ticks,
    looks,
    quoted,
    settings,
    wrapped,
)
from sim.report.groups import group_names, measure_name, measure_unit
from sim.report.labels import label
from sim.study.groups import MEASURES

if TYPE_CHECKING:
    from sim.study import ByGroup

SHOWN = ("performance", "worse_off", "rating_gap")
"""Panels where none are asked for."""

_LEVELS = ("worse_off", "workload", "rating_gap")
"""Drawn as they are: nought, or the unit's mean, is their own yardstick."""


def groups(
    result: ByGroup, by: str = "contract", measures: Sequence[str] | None = None, lang: str = "id"
) -> Figure:
    """Policies by group of officers.

    Returns
    -------
    Figure
        One panel a measure, a row a group, a mark a policy. Differences from the baseline with intervals that hold
        together; of ``worse_off``, ``workload`` and ``rating_gap`` the levels. Hollow: cannot be told from the
        baseline.
    """
    chosen = list(measures or SHOWN)
    table = result.table(by, chosen).set_index(["measure", "group", "policy"])
    names = group_names(result, by, lang)
    look = looks(result)  # type: ignore[arg-type]
    policies = [policy.name for policy in result.policies]
    others = [name for name in policies if name != result.baseline]
    with settings():
        rows = [wrapped(text, 22) for text in names.values()]
        height = 1.5 + len(rows) * max(0.3, 0.15 * (len(policies) + 1)) + 0.2 * (-(-len(policies) // 3))
        figure, axes = canvas(height, 1, len(chosen), sharey=True)
        for ax, measure in zip(axes[0], chosen, strict=True):
            as_is = measure in _LEVELS
            ax.axvline(1.0 if measure == "workload" else 0.0, color=INK, lw=0.8)
            drawn = policies if as_is and measure != "worse_off" else others
            for y, group in enumerate(names):
                ax.axhline(y + 0.5, color=PALE, lw=0.5, zorder=0)
                for name, at in zip(drawn, _places(len(drawn)), strict=True):
                    row = table.loc[(measure, group, name)]
                    middle = row["mean"] if as_is else row["difference"]
                    half = row["half_width"] if as_is else row["high"] - row["difference"]
                    if not np.isfinite(middle):
                        continue
                    style = look[name]
                    ends = [middle - half, middle + half]
                    ax.plot(ends, [y + at] * 2, color=style.colour, lw=1.6, solid_capstyle="butt")
                    told = row["low"] > 0 or row["high"] < 0 or name == result.baseline
                    filled = style.colour if told or measure == "worse_off" else "white"
                    ax.plot(
                        middle, y + at, marker=style.marker, ms=5.5, mec=style.colour, mfc=filled, mew=1.2
                    )
            unit = measure_unit(measure, lang)
            ax.set_title(wrapped(measure_name(measure, lang), 60 // len(chosen)) + f"\n({unit})", fontsize=8)
            share = OUTCOMES[measure].share if measure in OUTCOMES else measure == "worse_off"
            local_ticks(ax, "x", lang, 100 if share else 1, most=4)
            better_arrow(ax, MEASURES[measure], lang)
            ax.tick_params(axis="y", length=0)
            ax.spines["left"].set_visible(False)
        axes[0][0].set_yticks(range(len(rows)), rows)
        axes[0][0].set_ylim(len(rows) - 0.5, -0.5)
        titles = {policy.name: policy.label(lang) for policy in result.policies}
        handles = [
            Line2D([], [], color=s.colour, marker=s.marker, ms=5.5, lw=1.6, label=wrapped(titles[name], 34))
            for name, s in look.items()
        ]
        figure.legend(handles=handles, loc="outside upper center", ncols=3, frameon=False, fontsize=8)
        figure.supxlabel(
            wrapped(label("figure.groups.reading", lang, baseline=quoted(result, lang)), 105),  # type: ignore[arg-type]
            fontsize=8,
            color=GREY,
        )
    return figure


def _places(count: int) -> np.ndarray:
    """Where marks of one row stand, apart from one another."""
    return np.linspace(-0.3, 0.3, count) if count > 1 else np.zeros(1)
