"""Who gains and who is harmed: policies by group of officers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.errors import _
from sim.language import speaking
from sim.picture import canvas, legend
from sim.report.plain import labels
from sim.report.style import (
    GREY,
    INK,
    PALE,
    WIDTH,
    Look,
    bare_rows,
    better_arrow,
    figure_of,
    local_ticks,
    name_rows,
    reading,
    settings,
    wrapped,
)
from sim.study.compare.figure.looks import looks, quoted
from sim.study.fairness.groups import MEASURES, OFF, SHARES
from sim.study.fairness.text import measure_name, measure_unit, shown_groups

if TYPE_CHECKING:
    import pandas as pd

    from sim.study.fairness.result import FairnessResult

SHOWN = ("performance", "better_off", "worse_off")
"""Panels by default."""

_LEVELS = ("workload", "rating_gap")
"""Drawn as levels: the unit's mean, or zero, is what they are read against."""


def groups(
    result: FairnessResult,
    *,
    by: str | Sequence[str] | None = None,
    measures: Sequence[str] | None = None,
    lang: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw what policies change for groups of officers.

    Parameters
    ----------
    result : FairnessResult
    by : str or sequence of str, optional
        Ways to split officers; by default those of the study.
    measures : sequence of str, optional
        See :meth:`sim.study.FairnessResult.table`; one that has no value is left out.
    lang : {"id", "en"}, optional
        The session's language by default.
    ax : Axes, optional
        Axes that make room for the figure.

    Returns
    -------
    Figure
        One panel per measure, one row per group, one mark per policy. Differences from the baseline with intervals
        that hold together; of ``workload`` and ``rating_gap`` the levels. Hollow: not yet clear.
    """
    with speaking(lang), settings():
        splits = result.splits if by is None else (by,) if isinstance(by, str) else tuple(by)
        table = result.table(by=splits, measures=measures or SHOWN)
        chosen = [m for m in measures or SHOWN if table.loc[table["measure"] == m, "mean"].notna().any()]
        table = table.set_index(["measure", "split", "group", "policy"]).sort_index()
        rows = {(split, g): name for split in splits for g, name in shown_groups(result, split).items()}
        look = looks(result)
        as_is = set(chosen) & set(_LEVELS)
        shown = look if as_is else {name: look[name] for name in result.others}
        names = [wrapped(text, 32) for text in rows.values()]
        each = max(0.19, 0.065 * (len(shown) + 1), 0.05 + 0.14 * max(name.count("\n") + 1 for name in names))
        height = 1.5 + len(rows) * each + 0.17 * (-(-len(look) // 3))
        figure, axes = canvas((WIDTH, height), 1, max(1, len(chosen)), sharey=True, ax=ax)
        for panel, measure in zip(axes[0], chosen, strict=False):
            _panel(panel, result, table, measure, list(rows), look)
            title = wrapped(measure_name(measure), 58 // len(chosen))
            panel.set_title(f"{title}\n({measure_unit(measure)})", fontsize=8)
            local_ticks(panel, "x", 100 if measure in SHARES else 1, most=4 if len(chosen) < 4 else 2)
            better_arrow(panel, MEASURES[measure])
        name_rows(axes[0][0], names)
        titles = labels(result.policies)
        handles = [Line2D([], [], color=s.colour, marker=s.marker, ms=5, lw=1.6) for s in shown.values()]
        names = [wrapped(titles[name], 34) for name in shown]
        legend(figure, handles, names, loc="outside upper center", ncols=3, fontsize=8)
        reading(
            figure,
            (
                _(
                    "Differences from {baseline} with 95% confidence intervals that hold together; "
                    "workload, and rating minus true performance, are shown as they are. Hollow point = "
                    "not yet distinguishable from {baseline}."
                )
                if as_is
                else _(
                    "Differences from {baseline} with 95% confidence intervals that hold together; "
                    "motivation: percentage of officers whose motivation differs from that of the same "
                    "officer under {baseline}. Hollow point = not yet distinguishable from zero."
                )
            ).filled(baseline=quoted(result)),
        )
        return figure_of(axes[0][0])


def _panel(
    ax: Axes,
    result: FairnessResult,
    table: pd.DataFrame,
    measure: str,
    rows: list[tuple[str, str]],
    look: dict[str, Look],
) -> None:
    """Draw the marks of one measure."""
    as_is = measure in _LEVELS
    ax.axvline(1.0 if measure == "workload" else 0.0, color=INK, lw=0.8)
    drawn = result.names if as_is else result.others
    places = np.linspace(-0.22, 0.22, len(drawn)) if len(drawn) > 1 else np.zeros(1)
    for y, (split, group) in enumerate(rows):
        last = y + 1 < len(rows) and rows[y + 1][0] != split
        ax.axhline(y + 0.5, color=GREY if last else PALE, lw=0.7 if last else 0.5, zorder=0)
        for name, at in zip(drawn, places, strict=True):
            row, style = table.loc[(measure, split, group, name)], look[name]
            middle = row["mean"] if as_is else row["difference"]
            if not np.isfinite(middle):
                continue
            half = row["half_width"] if as_is else row["high"] - row["difference"]
            ax.plot([middle - half, middle + half], [y + at] * 2, color=style.colour, lw=1.5)
            clear = row["low"] > 0 or row["high"] < 0 or name == result.baseline or measure in OFF
            face = style.colour if clear else "white"
            ax.plot(middle, y + at, marker=style.marker, ms=4.4, mec=style.colour, mfc=face, mew=1.1)
    bare_rows(ax)
