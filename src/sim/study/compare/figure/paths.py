"""Month by month: when an effect arrives, and when it fades."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.errors import _
from sim.language import speaking
from sim.language.numbers import month_year
from sim.outcomes import OUTCOMES
from sim.picture import canvas, legend
from sim.report.estimate import Estimate
from sim.report.format import difference_unit
from sim.report.plain import labels
from sim.report.style import (
    GREY,
    INK,
    WIDTH,
    Look,
    figure_of,
    line_labels,
    local_ticks,
    scale_of,
    settings,
    wrapped,
)
from sim.study.compare import estimates
from sim.study.compare.figure.looks import looks, quoted

if TYPE_CHECKING:
    from sim.study.compare.result import CompareResult


def paths(
    result: CompareResult,
    *,
    outcome: str | None = None,
    policies: Sequence[str] | None = None,
    lang: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw an outcome by month: its course under each policy, and the difference from the baseline.

    Parameters
    ----------
    result : CompareResult
    outcome : str, optional
        By default the first outcome of the study.
    policies : sequence of str, optional
        At most four besides the baseline; by default the best four.
    lang : {"id", "en"}, optional
        The session's language by default.
    ax : Axes, optional
        Axes that make room for the figure.

    Returns
    -------
    Figure
        Above, means over replications; below, mean paired differences with a 95 % band for single months.
    """
    with speaking(lang), settings():
        outcome = outcome or estimates.deciding(result)
        chosen = list(policies or estimates.ranked(result, outcome))[:4]
        levels, differences = estimates.monthly(result, outcome)
        names = labels(result.policies)
        look = looks(result)
        __, axes = canvas((WIDTH, 4.6), 2, 1, sharex=True, ax=ax)
        shown = {name: levels[name] for name in [result.baseline, *chosen]}
        _lines(axes[0][0], shown, look, names, band=False)
        _lines(axes[1][0], {name: differences[name] for name in chosen}, look, names, band=True)
        axes[1][0].axhline(0, color=INK, lw=0.8)
        word = str(OUTCOMES[outcome].unit)
        axes[0][0].set_title(f"{OUTCOMES[outcome].short} ({word})")
        unit = difference_unit(outcome) or word
        below = _("Difference from {baseline} ({unit})", unit=unit, baseline=quoted(result))
        axes[1][0].set_title(wrapped(below, 78))
        for panel in axes.flat:
            local_ticks(panel, "y", scale_of(outcome), most=5)
        _months(axes[1][0], levels[result.baseline], result.scenario.start)
        return figure_of(axes[0][0])


def people(
    result: CompareResult,
    *,
    policies: Sequence[str] | None = None,
    lang: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw skill, motivation and true performance of the officers by month.

    Parameters
    ----------
    result : CompareResult
    policies, lang, ax
        See :func:`paths`.

    Returns
    -------
    Figure
        Means over replications, in standard deviations of performance; 0 is the average officer at the start.
    """
    with speaking(lang), settings():
        outcomes = ("skill", "motivation", "performance")
        chosen = list(policies or estimates.ranked(result, "performance"))[:4]
        names = labels(result.policies)
        look = looks(result)
        figure, axes = canvas((WIDTH, 5.2), 3, 1, sharex=True, ax=ax)
        for panel, outcome in zip(axes.flat, outcomes, strict=True):
            levels, __ = estimates.monthly(result, outcome)
            rows = {name: levels[name] for name in [result.baseline, *chosen]}
            panel.axhline(0, color=GREY, lw=0.6)
            handles = _lines(panel, rows, look, names, band=True, named=False)
            panel.set_title(f"{OUTCOMES[outcome].short} ({OUTCOMES[outcome].unit})")
            local_ticks(panel, "y", most=4)
        _months(axes[-1][0], levels[result.baseline], result.scenario.start)
        titles = [wrapped(names[name], 26) for name in handles]
        legend(
            figure,
            list(handles.values()),
            titles,
            loc="outside lower center",
            ncols=3,
            fontsize=8,
            handlelength=3.5,
        )
        return figure_of(axes[0][0])


def _lines(
    ax: Axes,
    rows: Mapping[str, Mapping[int, Estimate]],
    look: Mapping[str, Look],
    names: Mapping[str, str],
    band: bool,
    named: bool = True,
) -> dict[str, Line2D]:
    """Draw one line per policy, named at its right end; return the lines."""
    ends, lines = [], {}
    for name, months in rows.items():
        if not months:
            continue
        style = look[name]
        x = np.array(list(months))
        y = np.array([e.mean for e in months.values()])
        every = max(1, len(x) // 6)
        marker: Any = {} if style.marker == "|" else {"marker": style.marker, "markevery": every, "ms": 4.5}
        (lines[name],) = ax.plot(x, y, color=style.colour, ls=style.line, lw=1.5, **marker)
        if band:
            low = [e.low for e in months.values()]
            high = [e.high for e in months.values()]
            ax.fill_between(x, low, high, color=style.colour, alpha=0.15, lw=0)
        ends.append((names[name], float(y[-1]), style.colour))
    ax.margins(x=0.01)
    if named:
        line_labels(ax, max((max(months) for months in rows.values() if months), default=1), ends)
    return lines


def _months(ax: Axes, months: Mapping[int, Estimate], start: date) -> None:
    """Write dates under the axis, half a year apart where there are many months."""
    count = max(months, default=1)
    step = 6 if count > 14 else 3 if count > 6 else 1
    ticks = range(1, count + 1, step)

    def day(month: int) -> date:
        index = start.month - 1 + month - 1
        return date(start.year + index // 12, index % 12 + 1, 1)

    ax.set_xticks(list(ticks), [wrapped(month_year(day(month)), 4) for month in ticks])
