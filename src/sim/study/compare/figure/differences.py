"""Differences from the baseline: policies ranked, one policy in full, unit by unit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.errors import _
from sim.language import own_text, speaking
from sim.outcomes import OUTCOMES
from sim.picture import canvas
from sim.report.estimate import Estimate
from sim.report.format import difference, interval
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
    outcome_ticks,
    panel_title,
    reading,
    rows_height,
    settings,
    wrapped,
)
from sim.study.compare import estimates
from sim.study.compare.figure.looks import looks, quoted

if TYPE_CHECKING:
    from sim.study.compare.result import CompareResult

_LEFT_OUT = ("cost", *(f"u{i}" for i in range(1, 10)))
"""Not rows of a forest by default: money has a figure of its own, and the nine elements make up the IKM."""

_MARK = {1: ("▲", INK), 0: ("○", GREY), -1: ("▼", INK)}

_READING = _("Difference from {baseline}. Bar = 95% confidence interval; hollow point = not yet clear.")


def ranking(
    result: CompareResult,
    *,
    outcomes: Sequence[str] | None = None,
    lang: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw every policy against the baseline: one panel per outcome, the best policy on top.

    Parameters
    ----------
    result : CompareResult
    outcomes : sequence of str, optional
        Three or four outcomes; the first orders the rows. By default those of the study.
    lang : {"id", "en"}, optional
        The session's language by default.
    ax : Axes, optional
        Axes that make room for the figure.

    Returns
    -------
    Figure
        Points are mean paired differences, bars their intervals; a hollow point's interval contains zero.
    """
    with speaking(lang), settings():
        estimates.deciding(result)  # raises where there is nothing to rank
        chosen = list(outcomes or estimates.shown(result))[:4]
        rows = {outcome: estimates.differences(result, outcome) for outcome in chosen}
        order = estimates.ranked(result, chosen[0])
        names = [wrapped(labels(result.policies)[name], 24) for name in order]
        size = (WIDTH, 1.25 + rows_height(names))
        figure, axes = canvas(size, 1, len(chosen), sharey=True, ax=ax)
        for panel, outcome in zip(axes[0], chosen, strict=True):
            _dots(panel, {name: rows[outcome][name] for name in order}, looks(result))
            _dress(panel, outcome, 72 // len(chosen) - 3)
        _name_rows(axes[0][0], names)
        reading(figure, _READING.filled(baseline=quoted(result)))
        return figure_of(axes[0][0])


def forest(
    result: CompareResult,
    policy: str,
    *,
    outcomes: Sequence[str] | None = None,
    lang: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw one policy against the baseline, outcome by outcome.

    Each row has its own scale (outcomes differ in unit), so lengths compare only within a row; the numbers stand
    beside them.

    Parameters
    ----------
    result : CompareResult
    policy : str
        Its name.
    outcomes : sequence of str, optional
        By default all that have a better direction, but money and the nine elements of the IKM.
    lang, ax
        See :func:`ranking`.
    """
    with speaking(lang), settings():
        wanted = outcomes or [
            name
            for name in (*OUTCOMES, *result.own_outcomes)
            if OUTCOMES[name].better != "none" and name not in _LEFT_OUT
        ]
        changes = {outcome: estimates.differences(result, outcome)[policy] for outcome in wanted}
        rows = {
            outcome: e
            for outcome, e in changes.items()
            if e.n > 1 and math.isfinite(e.mean) and (e.mean or e.half)
        }
        same = [
            str(OUTCOMES[name].short) for name, e in changes.items() if e.n > 1 and not (e.mean or e.half)
        ]
        figure, axes = canvas((WIDTH, 0.8 + 0.21 * len(rows) + 0.14 * len(same) / 4), ax=ax)
        panel = axes[0][0]
        panel.axvline(0, color=INK, lw=0.8)
        for y, (outcome, e) in enumerate(rows.items()):
            reach = max(abs(e.low), abs(e.high))
            good = estimates.goodness(outcome, e)
            mark, colour = _MARK[good]
            panel.plot([e.low / reach, e.high / reach], [y, y], color=colour, lw=1.6, solid_capstyle="butt")
            panel.plot(e.mean / reach, y, marker="o", ms=4.5, mfc=colour if good else "white", mec=colour)
            size = difference(outcome, e.mean, with_unit=False, half=e.half)
            panel.text(
                1.06, y, f"{mark} {size}  ({interval(outcome, e)})", transform=panel.get_yaxis_transform(),
                va="center", fontsize=8, color=colour,
            )  # fmt: skip
        panel.set_yticks(range(len(rows)), [str(OUTCOMES[outcome].short) for outcome in rows])
        panel.set_title(wrapped(labels(result.policies)[policy], 90), fontsize=9)
        panel.set_ylim(len(rows) - 0.4, -0.6)
        panel.set_xlim(-1.08, 1.08)
        panel.set_xticks([-0.5, 0, 0.5], [str(_("lower")), "0", str(_("higher"))])
        panel.tick_params(axis="x", length=0)
        panel.spines["bottom"].set_visible(False)
        notes = [_("Lengths compare only within a row. ▲ better, ▼ worse, ○ not yet clear.")]
        if same:
            notes.append(_("No change at all: {names}.", names=", ".join(same)))
        reading(figure, *notes)
        return figure_of(panel)


def units(
    result: CompareResult, *, outcome: str | None = None, lang: str | None = None, ax: Axes | None = None
) -> Figure:
    """Draw unit by unit the difference that every policy makes in an outcome of the citizens.

    Parameters
    ----------
    result : CompareResult
    outcome : str, optional
        By default the first outcome of the study, or programme output in units that do not have it.
    lang, ax
        See :func:`ranking`.

    Returns
    -------
    Figure
        One panel per unit, at most nine: those where most changes.
    """
    with speaking(lang), settings():
        first = outcome or estimates.deciding(result)
        offices = {unit.unit: own_text(unit) for unit in result.agency.units}
        serving = estimates.most_changed(result, first)
        others = [unit for unit in estimates.most_changed(result, "programme_output") if unit not in serving]
        chosen = [*((unit, first) for unit in serving), *((unit, "programme_output") for unit in others)][:9]
        order = estimates.ranked(result, first)
        names = [wrapped(labels(result.policies)[name], 24) for name in order]
        columns = min(3, len(chosen))
        lines = -(-len(chosen) // columns)
        size = (WIDTH, lines * (1.05 + rows_height(names)) + 0.2)
        figure, axes = canvas(size, lines, columns, sharey=True, ax=ax)
        for panel, (unit, shown) in zip(axes.flat, chosen, strict=False):
            rows = estimates.differences(result, shown, unit=unit)
            _dots(panel, {name: rows[name] for name in order}, looks(result))
            _dress(panel, shown, 21, above=wrapped(offices[unit], 21))
        for panel in axes.flat[len(chosen) :]:
            panel.remove()
        _name_rows(axes[0][0], names)
        reading(figure, _READING.filled(baseline=quoted(result)))
        return figure_of(axes[0][0])


def _name_rows(panel: Axes, names: Sequence[str]) -> None:
    panel.set_yticks(range(len(names)), names)
    panel.invert_yaxis()
    panel.margins(y=0.15)


def _dots(panel: Axes, rows: Mapping[str, Estimate], look: Mapping[str, Look]) -> None:
    """Draw a dot and a bar per policy; hollow where the interval contains zero."""
    panel.axvline(0, color=INK, lw=0.8)
    for y, (name, e) in enumerate(rows.items()):
        panel.axhline(y, color=PALE, lw=0.5, zorder=0)
        if not np.isfinite(e.mean):
            continue
        style = look[name]
        if np.isfinite(e.low):
            panel.plot([e.low, e.high], [y, y], color=style.colour, lw=1.8, solid_capstyle="butt")
        face = style.colour if e.sign else "white"
        panel.plot(e.mean, y, marker=style.marker, ms=6, mec=style.colour, mfc=face, mew=1.2)
    low, high = panel.get_xlim()
    panel.set_xlim(min(low, -0.06 * (high - low)), max(high, 0.06 * (high - low)))
    bare_rows(panel)


def _dress(panel: Axes, outcome: str, width: int, above: str = "") -> None:
    """Write title, ticks, and the arrow that says which way is better."""
    panel.set_title(panel_title(outcome, width, above), fontsize=8.5)
    outcome_ticks(panel, "x", outcome)
    better_arrow(panel, OUTCOMES[outcome].better)
