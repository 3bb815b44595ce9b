"""Differences from the status quo: policies ranked, one policy in full, office by office."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.language.labels import label, short
from sim.language.numbers import rupiah_short
from sim.outcomes import OUTCOMES
from sim.report.estimate import Estimate
from sim.report.format import difference, difference_unit, interval
from sim.report.style import (
    GREY,
    INK,
    PALE,
    Look,
    better_arrow,
    canvas,
    local_ticks,
    money_ticks,
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


def ranking(comparison: CompareResult, lang: str = "id", outcomes: Sequence[str] | None = None) -> Figure:
    """Every policy against the status quo: one panel an outcome, the best on top.

    Parameters
    ----------
    comparison : CompareResult
    lang : {"id", "en"}
    outcomes : sequence of str, optional
        Three or four outcomes; the first orders the rows. By default those of the comparison.

    Returns
    -------
    Figure
        Points are mean paired differences, bars their intervals; a filled point is sure, a hollow one is not.
    """
    estimates.deciding(comparison)  # says so where there is nothing to rank
    chosen = list(outcomes or estimates.shown(comparison))[:4]
    found = {outcome: estimates.differences(comparison, outcome) for outcome in chosen}
    order = estimates.ranked(comparison, chosen[0])
    names = {policy.name: wrapped(policy.label(lang), 24) for policy in comparison.policies}
    rows = [names[name] for name in order]
    look = looks(comparison)
    with settings():
        figure, axes = canvas(1.25 + rows_height(rows), 1, len(chosen), sharey=True)
        for ax, outcome in zip(axes[0], chosen, strict=True):
            _dots(ax, {name: found[outcome][name] for name in order}, look)
            _dress(ax, outcome, lang, width=72 // len(chosen) - 3)
        axes[0][0].set_yticks(range(len(order)), rows)
        axes[0][0].invert_yaxis()
        axes[0][0].margins(y=0.15)
        figure.supxlabel(
            label("figure.ranking.reading", lang, baseline=quoted(comparison, lang)), fontsize=8, color=GREY
        )
    return figure


def forest(
    comparison: CompareResult, policy: str, lang: str = "id", outcomes: Sequence[str] | None = None
) -> Figure:
    """One policy, outcome by outcome, against the status quo.

    Each row has its own scale (outcomes differ in unit), so lengths compare only within a row; the numbers stand
    beside them.
    """
    titles = {p.name: p.label(lang) for p in comparison.policies}
    wanted = outcomes or [
        name for name, spec in OUTCOMES.items() if spec.better != "none" and name not in _LEFT_OUT
    ]
    found = {outcome: estimates.differences(comparison, outcome)[policy] for outcome in wanted}
    rows = {outcome: e for outcome, e in found.items() if e.n > 1 and (e.mean or e.half)}
    same = [short(outcome, lang) for outcome, e in found.items() if e.n > 1 and outcome not in rows]
    notes = [label("figure.forest.reading", lang)]
    if same:
        notes.append(wrapped(label("figure.forest.unchanged", lang, names=", ".join(same)), 100))
    with settings():
        figure, axes = canvas(0.8 + 0.21 * len(rows) + 0.14 * len(same) / 4)
        ax = axes[0][0]
        ax.axvline(0, color=INK, lw=0.8)
        for y, (outcome, e) in enumerate(rows.items()):
            reach = max(abs(e.low), abs(e.high))
            good = estimates.goodness(outcome, e)
            mark, colour = _MARK[good]
            ax.plot([e.low / reach, e.high / reach], [y, y], color=colour, lw=1.6, solid_capstyle="butt")
            ax.plot(e.mean / reach, y, marker="o", ms=4.5, mfc=colour if good else "white", mec=colour)
            text = f"{mark} {difference(outcome, e.mean, with_unit=False, half=e.half, lang=lang)}"
            text += f"  ({interval(outcome, e, lang=lang)})"
            ax.text(1.06, y, text, transform=ax.get_yaxis_transform(), va="center", fontsize=8, color=colour)
        ax.set_yticks(range(len(rows)), [short(outcome, lang) for outcome in rows])
        ax.set_title(titles[policy], fontsize=9)
        ax.set_ylim(len(rows) - 0.4, -0.6)
        ax.set_xlim(-1.08, 1.08)
        ax.set_xticks([-0.5, 0, 0.5], [label("figure.less", lang), "0", label("figure.more", lang)])
        ax.tick_params(axis="x", length=0)
        ax.spines["bottom"].set_visible(False)
        figure.supxlabel("\n".join(notes), fontsize=8, color=GREY)
    return figure


def units(comparison: CompareResult, lang: str = "id", outcome: str | None = None) -> Figure:
    """Office by office: the difference every policy makes in an outcome of the citizens.

    Parameters
    ----------
    outcome : str, optional
        By default the first outcome of the comparison, or programme output in offices that do not have it.

    Returns
    -------
    Figure
        One panel an office, at most nine: those where most changes.
    """
    first = outcome or estimates.deciding(comparison)
    offices = {u.unit: u.label_id if lang == "id" else u.label_en for u in comparison.agency.units}
    serving = estimates.most_changed(comparison, first)
    others = [unit for unit in estimates.most_changed(comparison, "programme_output") if unit not in serving]
    chosen = [*((unit, first) for unit in serving), *((unit, "programme_output") for unit in others)][:9]
    order = estimates.ranked(comparison, first)
    names = {policy.name: wrapped(policy.label(lang), 24) for policy in comparison.policies}
    titles = [names[name] for name in order]
    look = looks(comparison)
    columns = min(3, len(chosen))
    lines = -(-len(chosen) // columns)
    with settings():
        figure, axes = canvas(lines * (1.05 + rows_height(titles)) + 0.2, lines, columns, sharey=True)
        for ax, (unit, shown) in zip(axes.flat, chosen, strict=False):
            rows = estimates.differences(comparison, shown, unit=unit)
            _dots(ax, {name: rows[name] for name in order}, look)
            _dress(ax, shown, lang, width=21, above=wrapped(offices[unit], 21))
        for ax in axes.flat[len(chosen) :]:
            ax.remove()
        axes[0][0].set_yticks(range(len(order)), titles)
        axes[0][0].invert_yaxis()
        axes[0][0].margins(y=0.15)
        figure.supxlabel(
            label("figure.ranking.reading", lang, baseline=quoted(comparison, lang)), fontsize=8, color=GREY
        )
    return figure


def _dots(ax: Axes, rows: Mapping[str, Estimate], look: Mapping[str, Look]) -> None:
    """A dot and a bar a policy; hollow and thin where zero is inside the interval."""
    ax.axvline(0, color=INK, lw=0.8)
    for y, (name, e) in enumerate(rows.items()):
        if not np.isfinite(e.mean):
            continue
        style = look[name]
        if np.isfinite(e.low):
            ax.plot([e.low, e.high], [y, y], color=style.colour, lw=1.8, solid_capstyle="butt")
        ax.plot(
            e.mean,
            y,
            marker=style.marker,
            ms=6,
            mec=style.colour,
            mfc=style.colour if e.sign else "white",
            mew=1.2,
        )
    for y in range(len(rows)):
        ax.axhline(y, color=PALE, lw=0.5, zorder=0)
    low, high = ax.get_xlim()
    ax.set_xlim(min(low, -0.06 * (high - low)), max(high, 0.06 * (high - low)))
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def _dress(ax: Axes, outcome: str, lang: str, width: int, above: str = "") -> None:
    """Title with unit, local ticks, and the arrow that says which way is better."""
    word = difference_unit(outcome, lang=lang)
    title = wrapped(short(outcome, lang), width) + (f"\n({word})" if word else "\n")
    ax.set_title(f"{above}\n{wrapped(title, width)}" if above else title, fontsize=8.5)
    if outcome == "cost":
        money_ticks(ax, "x", lambda x: rupiah_short(x, lang=lang), most=2)
    else:
        local_ticks(ax, "x", lang, 100 if OUTCOMES[outcome].share else 1, most=4)
    better_arrow(ax, OUTCOMES[outcome].better, lang)
