"""Fairness of ratings, the mix of ratings, and effect against price."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.errors import _
from sim.language import speaking
from sim.language.numbers import percent
from sim.outcomes import OUTCOMES
from sim.picture import canvas, legend
from sim.report.estimate import Estimate
from sim.report.format import difference_unit
from sim.report.plain import labels
from sim.report.style import (
    HATCHES,
    INK,
    PALE,
    WIDTH,
    bare_rows,
    better_arrow,
    figure_of,
    local_ticks,
    money_ticks,
    name_rows,
    point_labels,
    reading,
    rows_height,
    scale_of,
    settings,
    wrapped,
)
from sim.study.compare import estimates
from sim.study.compare.figure.looks import looks, quoted

if TYPE_CHECKING:
    from sim.study.compare.result import CompareResult

FAIRNESS = ("rating_validity", "favouritism", "false_below", "missed_below", "false_top")
"""A policy with no low ratings must not look fair: wrongly low and missed stand side by side."""

PREDIKAT = ("sangat_baik", "baik", "butuh_perbaikan", "kurang", "sangat_kurang")
_SHADES = ("#0072B2", "#9ecae1", "#f0e442", "#e69f00", "#8c2d04")


def fairness(result: CompareResult, *, lang: str | None = None, ax: Axes | None = None) -> Figure:
    """Draw how true and how fair the ratings are under each policy: five panels, one dot per policy.

    Parameters
    ----------
    result : CompareResult
    lang : {"id", "en"}, optional
        The session's language by default.
    ax : Axes, optional
        Axes that make room for the figure.

    Returns
    -------
    Figure
        Levels with intervals; the dotted line is the baseline.
    """
    with speaking(lang), settings():
        chosen = [name for name in FAIRNESS if result.runs_summary[name].notna().any()]
        names = labels(result.policies)
        look = looks(result)
        rows = [wrapped(text, 22) for text in names.values()]
        figure, axes = canvas((WIDTH, 1.35 + rows_height(rows)), 1, len(chosen), sharey=True, ax=ax)
        for panel, outcome in zip(axes[0], chosen, strict=True):
            levels = estimates.levels(result, outcome)
            clear = {n: e.sign for n, e in estimates.differences(result, outcome).items()}
            panel.axvline(levels[result.baseline].mean, color=INK, lw=1, ls=":")
            for y, (name, e) in enumerate(levels.items()):
                style = look[name]
                panel.axhline(y, color=PALE, lw=0.5, zorder=0)
                panel.plot([e.low, e.high], [y, y], color=style.colour, lw=1.8, solid_capstyle="butt")
                filled = style.colour if name == result.baseline or clear[name] else "white"
                panel.plot(e.mean, y, marker=style.marker, ms=6, mec=style.colour, mfc=filled, mew=1.2)
            _room(panel, levels.values(), 0.0 if OUTCOMES[outcome].share else -np.inf)
            unit = wrapped(f"({OUTCOMES[outcome].unit})", 13)
            panel.set_title(f"{wrapped(OUTCOMES[outcome].short, 13)}\n{unit}", fontsize=8)
            local_ticks(panel, "x", scale_of(outcome), most=3)
            better_arrow(panel, OUTCOMES[outcome].better, "center")
            bare_rows(panel)
        name_rows(axes[0][0], rows)
        reading(
            figure,
            _(
                "Dotted line = {baseline}. Hollow point = not yet distinguishable from {baseline}.",
                baseline=quoted(result),
            ),
        )
        return figure_of(axes[0][0])


def predikat(result: CompareResult, *, lang: str | None = None, ax: Axes | None = None) -> Figure:
    """Draw the mix of the five ratings under each policy, as bars of 100 %; see :func:`fairness` for `lang`, `ax`."""
    with speaking(lang), settings():
        shares = {outcome: estimates.levels(result, outcome) for outcome in PREDIKAT}
        names = labels(result.policies)
        figure, axes = canvas((WIDTH, 1.15 + 0.45 * len(names)), ax=ax)
        panel, handles = axes[0][0], []
        left = np.zeros(len(names))
        for outcome, shade, hatch in zip(PREDIKAT, _SHADES, HATCHES, strict=True):
            widths = np.array([shares[outcome][name].mean for name in names])
            bars = panel.barh(
                range(len(names)), widths, left=left, color=shade, hatch=hatch, edgecolor="white", height=0.62
            )
            handles.append(bars)
            for y, width in enumerate(widths):
                if width >= 0.06:
                    box = {"facecolor": "white", "edgecolor": "none", "pad": 1.2, "alpha": 0.85}
                    text = percent(width, 1)
                    panel.text(left[y] + width / 2, y, text, ha="center", va="center", fontsize=8, bbox=box)
            left += np.nan_to_num(widths)
        for y, name in enumerate(names):
            low = sum(shares[outcome][name].mean for outcome in PREDIKAT[2:])
            beside = panel.get_yaxis_transform()
            panel.text(1.02, y, percent(low, 2), transform=beside, va="center", fontsize=8)
        panel.text(1.02, -0.42, str(_("below Baik")), transform=panel.get_yaxis_transform(), fontsize=8)
        panel.set_yticks(range(len(names)), [wrapped(text, 22) for text in names.values()])
        panel.invert_yaxis()
        panel.set_xlim(0, 1)
        panel.xaxis.set_major_formatter(lambda x, __: percent(x, 0))
        bare_rows(panel)
        titles = [str(OUTCOMES[outcome].short) for outcome in PREDIKAT]
        legend(figure, handles, titles, loc="outside upper center", ncols=5, fontsize=8, handlelength=1.6)
        return figure_of(axes[0][0])


def cost_effect(
    result: CompareResult, *, outcome: str | None = None, lang: str | None = None, ax: Axes | None = None
) -> Figure:
    """Draw the extra cost of each policy over the baseline, and what it changes.

    Parameters
    ----------
    result : CompareResult
    outcome : str, optional
        By default the first outcome of the study.
    lang, ax
        See :func:`fairness`.

    Returns
    -------
    Figure
        Points are means; bars are intervals of cost and of effect; the baseline is the origin.
    """
    with speaking(lang), settings():
        outcome = outcome or estimates.deciding(result)
        effects = estimates.differences(result, outcome)
        prices = estimates.extra_cost(result)
        names = labels(result.policies)
        look = looks(result)
        better = OUTCOMES[outcome].better
        __, axes = canvas((WIDTH, 3.4), ax=ax)
        panel = axes[0][0]
        panel.axhline(0, color=INK, lw=0.8)
        panel.axvline(0, color=INK, lw=0.8)
        panel.plot(0, 0, marker="s", ms=6, color=INK)
        points = [(names[result.baseline], 0.0, 0.0, INK)]
        for name, e in effects.items():
            style, price = look[name], prices[name]
            panel.plot([price.mean] * 2, [e.low, e.high], color=style.colour, lw=1.4)
            panel.plot([price.low, price.high], [e.mean] * 2, color=style.colour, lw=1.4)
            filled = style.colour if e.sign else "white"
            panel.plot(price.mean, e.mean, marker=style.marker, ms=7, mec=style.colour, mfc=filled, mew=1.2)
            points.append((names[name], price.mean, e.mean, style.colour))
        if better == "low":
            panel.invert_yaxis()  # up is better, always
        panel.margins(x=0.08, y=0.15)
        word = difference_unit(outcome)
        title = f"{OUTCOMES[outcome].short} ({word})" if word else str(OUTCOMES[outcome].short)
        panel.set_ylabel(f"{wrapped(title, 40)}\n{_('better')} →")
        across = _("Extra cost compared with {baseline}, whole study", baseline=quoted(result))
        panel.set_xlabel(wrapped(across, 90))
        local_ticks(panel, "y", scale_of(outcome), most=6)
        money_ticks(panel, "x")
        point_labels(panel, points)
        return figure_of(axes[0][0])


def _room(ax: Axes, levels: Iterable[Estimate], least: float) -> None:
    """Leave room around the values, so that dots do not sit on the frame; nothing below `least`."""
    values = [v for e in levels for v in (e.low, e.mean, e.high) if np.isfinite(v)]
    if not values:
        return
    low, high = min(values), max(values)
    pad = 0.12 * (high - low) or 0.1 * abs(high) or 0.1
    ax.set_xlim(max(low, least) - pad, high + pad)
