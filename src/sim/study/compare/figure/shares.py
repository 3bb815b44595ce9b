"""Fairness of ratings, the mix of ratings, and effect against price."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.language.labels import label, short, unit
from sim.language.numbers import percent, rupiah_short
from sim.outcomes import OUTCOMES
from sim.report.estimate import Estimate
from sim.report.format import difference_unit
from sim.report.style import (
    GREY,
    HATCHES,
    INK,
    PALE,
    canvas,
    local_ticks,
    money_ticks,
    point_labels,
    rows_height,
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


def fairness(comparison: CompareResult, lang: str = "id") -> Figure:
    """How true and how fair the ratings are under each policy: five panels, one dot a policy.

    Returns
    -------
    Figure
        Levels with intervals; the dotted line is the status quo.
    """
    chosen = [name for name in FAIRNESS if comparison.summary[name].notna().any()]
    names = {policy.name: policy.label(lang) for policy in comparison.policies}
    look = looks(comparison)
    with settings():
        rows = [wrapped(text, 22) for text in names.values()]
        figure, axes = canvas(1.35 + rows_height(rows), 1, len(chosen), sharey=True)
        for ax, outcome in zip(axes[0], chosen, strict=True):
            levels = estimates.levels(comparison, outcome)
            surely = {n: e.sign for n, e in estimates.differences(comparison, outcome).items()}
            ax.axvline(levels[comparison.baseline].mean, color=INK, lw=1, ls=":")
            for y, (name, e) in enumerate(levels.items()):
                style = look[name]
                ax.axhline(y, color=PALE, lw=0.5, zorder=0)
                ax.plot([e.low, e.high], [y, y], color=style.colour, lw=1.8, solid_capstyle="butt")
                filled = style.colour if name == comparison.baseline or surely[name] else "white"
                ax.plot(e.mean, y, marker=style.marker, ms=6, mec=style.colour, mfc=filled, mew=1.2)
            _room(ax, levels.values(), 0.0 if OUTCOMES[outcome].share else -np.inf)
            better = OUTCOMES[outcome].better
            of = wrapped(f"({unit(outcome, lang)})", 13)
            ax.set_title(f"{wrapped(short(outcome, lang), 13)}\n{of}", fontsize=8)
            local_ticks(ax, "x", lang, 100 if OUTCOMES[outcome].share else 1, most=3)
            arrow = (
                f"{label('figure.better', lang)} →"
                if better == "high"
                else f"← {label('figure.better', lang)}"
            )
            ax.set_xlabel(arrow, color=GREY, fontsize=8)
            ax.tick_params(axis="y", length=0)
            ax.spines["left"].set_visible(False)
        axes[0][0].set_yticks(range(len(names)), rows)
        axes[0][0].set_ylim(len(names) - 0.5, -0.5)
        figure.supxlabel(
            label("figure.fairness.reading", lang, baseline=quoted(comparison, lang)), fontsize=8, color=GREY
        )
    return figure


def predikat(comparison: CompareResult, lang: str = "id") -> Figure:
    """The mix of the five ratings under each policy, as bars of 100 %."""
    shares = {outcome: estimates.levels(comparison, outcome) for outcome in PREDIKAT}
    names = {policy.name: policy.label(lang) for policy in comparison.policies}
    with settings():
        figure, axes = canvas(1.15 + 0.45 * len(names))
        ax = axes[0][0]
        left = np.zeros(len(names))
        for outcome, shade, hatch in zip(PREDIKAT, _SHADES, HATCHES, strict=True):
            widths = np.array([shares[outcome][name].mean for name in names])
            ax.barh(
                range(len(names)), widths, left=left, color=shade, hatch=hatch, edgecolor="white", height=0.62,
                label=short(outcome, lang),
            )  # fmt: skip
            for y, width in enumerate(widths):
                if width >= 0.06:
                    box = {"facecolor": "white", "edgecolor": "none", "pad": 1.2, "alpha": 0.85}
                    text = percent(width, 1, lang=lang)
                    ax.text(left[y] + width / 2, y, text, ha="center", va="center", fontsize=8, bbox=box)
            left += np.nan_to_num(widths)
        for y, name in enumerate(names):
            low = sum(shares[outcome][name].mean for outcome in PREDIKAT[2:])
            ax.text(
                1.02,
                y,
                percent(low, 2, lang=lang),
                transform=ax.get_yaxis_transform(),
                va="center",
                fontsize=8,
            )
        ax.text(
            1.02, -0.42, label("figure.predikat.low", lang), transform=ax.get_yaxis_transform(), fontsize=8
        )
        ax.set_yticks(range(len(names)), [wrapped(text, 22) for text in names.values()])
        ax.invert_yaxis()
        ax.set_xlim(0, 1)
        ax.xaxis.set_major_formatter(lambda x, _: percent(x, 0, lang=lang))
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        figure.legend(loc="outside upper center", ncols=5, frameon=False, fontsize=8, handlelength=1.6)
    return figure


def cost_effect(comparison: CompareResult, lang: str = "id", outcome: str | None = None) -> Figure:
    """What each policy costs more than the status quo, and what it changes.

    Parameters
    ----------
    outcome : str, optional
        By default the first outcome of the comparison.

    Returns
    -------
    Figure
        Points are means; bars are intervals of cost and of effect; the status quo is the origin.
    """
    outcome = outcome or estimates.deciding(comparison)
    effects = estimates.differences(comparison, outcome)
    prices = estimates.extra_cost(comparison)
    names = {policy.name: policy.label(lang) for policy in comparison.policies}
    look = looks(comparison)
    better = OUTCOMES[outcome].better
    with settings():
        figure, axes = canvas(3.4)
        ax = axes[0][0]
        ax.axhline(0, color=INK, lw=0.8)
        ax.axvline(0, color=INK, lw=0.8)
        ax.plot(0, 0, marker="s", ms=6, color=INK)
        points = [(names[comparison.baseline], 0.0, 0.0, INK)]
        for name, e in effects.items():
            style, price = look[name], prices[name]
            ax.plot([price.mean] * 2, [e.low, e.high], color=style.colour, lw=1.4)
            ax.plot([price.low, price.high], [e.mean] * 2, color=style.colour, lw=1.4)
            filled = style.colour if e.sign else "white"
            ax.plot(price.mean, e.mean, marker=style.marker, ms=7, mec=style.colour, mfc=filled, mew=1.2)
            points.append((names[name], price.mean, e.mean, style.colour))
        if better == "low":
            ax.invert_yaxis()  # up is better, always
        ax.margins(x=0.08, y=0.15)
        word = difference_unit(outcome, lang=lang)
        ax.set_ylabel(
            short(outcome, lang) + (f" ({word})" if word else "") + f"\n{label('figure.better', lang)} →"
        )
        ax.set_xlabel(label("figure.cost.axis", lang, baseline=quoted(comparison, lang)))
        local_ticks(ax, "y", lang, 100 if OUTCOMES[outcome].share else 1, most=6)
        money_ticks(ax, "x", lambda x: rupiah_short(x, lang=lang))
        point_labels(ax, points)
    return figure


def _room(ax: Axes, levels: Iterable[Estimate], least: float) -> None:
    """Some air around the values, so that dots do not sit on the frame; nothing below `least`."""
    values = [v for e in levels for v in (e.low, e.mean, e.high) if np.isfinite(v)]
    if not values:
        return
    low, high = min(values), max(values)
    pad = 0.12 * (high - low) or 0.1 * abs(high) or 0.1
    ax.set_xlim(max(low, least) - pad, high + pad)
