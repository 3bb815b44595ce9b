"""The frontier of a capacity plan: outcome, probability of reaching the target, and cost, by dose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.language.labels import label, short, unit
from sim.language.numbers import rupiah_short
from sim.outcomes import OUTCOMES
from sim.report.style import GREY, INK, PALE, canvas, local_ticks, money_ticks, settings, wrapped

if TYPE_CHECKING:
    from sim.study.capacity.result import CapacityResult

_BLUE, _ORANGE = "#0072B2", "#D55E00"


def frontier(result: CapacityResult, lang: str = "id") -> Figure:
    """What each dose does, how surely it is enough, and what it costs.

    Parameters
    ----------
    result : CapacityResult
    lang : {"id", "en"}

    Returns
    -------
    Figure
        Three panels over the same doses. Dots are doses that were tried; the dotted line is the target, or the
        probability asked for; the upright band holds the smallest dose that is enough.
    """
    tried, curve = result.frontier(), result.curve()
    scale = 100 if OUTCOMES[result.outcome].share else 1
    asked = result.manifest["study"]
    with settings():
        figure, axes = canvas(5.6, 3, 1, sharex=True, height_ratios=(3, 3, 2))
        top, middle, bottom = axes[:, 0]
        for ax in axes[:, 0]:
            _answer(ax, result)
        x = tried["dose"]
        top.vlines(x, tried["p10"] * scale, tried["p90"] * scale, color=PALE, lw=7)
        top.vlines(x, tried["low"] * scale, tried["high"] * scale, color=INK, lw=1.4)
        top.plot(x, tried["mean"] * scale, "o", ms=4.5, color=INK)
        top.axhline(result.target * scale, color=_ORANGE, lw=1.2, ls=":")
        top.set_title(f"{short(result.outcome, lang)} ({unit(result.outcome, lang)})")
        middle.fill_between(
            curve["dose"],
            100 * curve["reached_low"],
            100 * curve["reached_high"],
            color=_BLUE,
            alpha=0.18,
            lw=0,
        )
        middle.plot(curve["dose"], 100 * curve["reached"], color=_BLUE, lw=1.4)
        middle.vlines(x, 100 * tried["reached_low"], 100 * tried["reached_high"], color=INK, lw=0.9)
        middle.scatter(
            x, 100 * tried["reached"], s=8 + tried["n"], facecolor="white", edgecolor=INK, zorder=3
        )
        middle.axhline(100 * asked["probability"], color=_ORANGE, lw=1.2, ls=":")
        middle.set_ylim(-4, 104)
        middle.set_title(label("figure.frontier.chance", lang))
        _money(
            bottom, tried["dose"].to_numpy(), tried["rupiah"].to_numpy(), tried["desk_days"].to_numpy(), lang
        )
        for ax in (top, middle):
            local_ticks(ax, "y", lang)
        local_ticks(bottom, "x", lang, most=8)
        bottom.set_xlabel(dose_name(asked["parameter"], lang))
        top.margins(y=0.08)
        reading = wrapped(label("figure.frontier.reading", lang), 110)
        figure.supxlabel(reading, fontsize=8, color=GREY)
    return figure


def dose_name(parameter: str, lang: str) -> str:
    """What is counted, for people."""
    known = parameter if parameter in DOSES else "other"
    return label(f"dose.{known}", lang)


DOSES = ("seats", "trainers", "classes", "officers")
"""Parameters with a word of their own."""


def _answer(ax: Axes, result: CapacityResult) -> None:
    if result.found:
        low, high = result.between
        if high > low:
            ax.axvspan(low, high, color=PALE, alpha=0.55, lw=0)
        ax.axvline(result.dose, color=INK, lw=1)
    else:
        ax.axvline(result.dose, color=GREY, lw=1, ls="--")


def _money(ax: Axes, dose: np.ndarray, rupiah: np.ndarray, days: np.ndarray, lang: str) -> None:
    """Rupiah on the left, days off the desk on the right."""
    ax.plot(dose, rupiah, color=INK, lw=1.2, marker="s", ms=3)
    ax.set_title(label("figure.frontier.cost", lang))
    money_ticks(ax, "y", lambda x: rupiah_short(x, lang=lang), most=3)
    ax.set_ylim(bottom=0)
    if days.max() > 0:
        other = ax.twinx()
        other.plot(dose, days, color=_BLUE, lw=1.2, ls="--", marker="^", ms=3)
        other.set_ylim(bottom=0)
        other.spines["right"].set_visible(True)
        local_ticks(other, "y", lang, most=3)
        other.set_ylabel(label("figure.frontier.days", lang), color=_BLUE, fontsize=8)
