"""The frontier of a capacity plan: outcome, probability of reaching the target, and cost, by dose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.errors import Message, _
from sim.language import speaking
from sim.picture import canvas
from sim.report.evidence import heading
from sim.report.style import (
    GREY,
    INK,
    PALE,
    WIDTH,
    figure_of,
    local_ticks,
    money_ticks,
    reading,
    scale_of,
    settings,
    wrapped,
)

if TYPE_CHECKING:
    from sim.study.capacity.result import CapacityResult

_BLUE, _ORANGE = "#0072B2", "#D55E00"


def frontier(result: CapacityResult, *, lang: str | None = None, ax: Axes | None = None) -> Figure:
    """Draw what each dose does, how often it reaches the target, and what it costs.

    Parameters
    ----------
    result : CapacityResult
    lang : {"id", "en"}, optional
        The session's language by default.
    ax : Axes, optional
        Axes that make room for the figure.

    Returns
    -------
    Figure
        Three panels over the same doses. Dots are doses that were simulated; the dotted line is the target, or the
        required probability; the upright band holds the smallest dose that is enough.
    """
    with speaking(lang), settings():
        tried, curve = result.frontier(), result.curve()
        scale = scale_of(result.outcome)
        study = result.manifest["study"]
        figure, axes = canvas((WIDTH, 5.6), 3, 1, sharex=True, height_ratios=(3, 3, 2), ax=ax)
        top, middle, bottom = axes[:, 0]
        for panel in axes[:, 0]:
            _answer(panel, result)
        x = tried["dose"]
        top.vlines(x, tried["p10"] * scale, tried["p90"] * scale, color=PALE, lw=7)
        top.vlines(x, tried["low"] * scale, tried["high"] * scale, color=INK, lw=1.4)
        top.plot(x, tried["mean"] * scale, "o", ms=4.5, color=INK)
        top.axhline(result.target * scale, color=_ORANGE, lw=1.2, ls=":")
        top.set_title(heading(result.outcome))
        low, high = 100 * curve["reached_low"], 100 * curve["reached_high"]
        middle.fill_between(curve["dose"], low, high, color=_BLUE, alpha=0.18, lw=0)
        middle.plot(curve["dose"], 100 * curve["reached"], color=_BLUE, lw=1.4)
        middle.vlines(x, 100 * tried["reached_low"], 100 * tried["reached_high"], color=INK, lw=0.9)
        middle.scatter(
            x, 100 * tried["reached"], s=8 + tried["n"], facecolor="white", edgecolor=INK, zorder=3
        )
        middle.axhline(100 * study["probability"], color=_ORANGE, lw=1.2, ls=":")
        middle.set_ylim(-4, 104)
        middle.set_title(str(_("Target reached (% of replications)")))
        _money(bottom, x.to_numpy(), tried["rupiah"].to_numpy(), tried["desk_days"].to_numpy())
        for panel in (top, middle):
            local_ticks(panel, "y")
        local_ticks(bottom, "x", most=8)
        bottom.set_xlabel(str(dose_name(study["parameter"])))
        top.margins(y=0.08)
        reading(
            figure,
            _(
                "Thick grey = eight of ten replications; black bar = 95% confidence interval; larger "
                "circle = more replications; orange dots = target; vertical grey area = where the "
                "boundary lies."
            ),
        )
        return figure_of(axes[0][0])


DOSES: dict[str, Message] = {
    "seats": _("Seats per year"),
    "trainers": _("Trainers"),
    "classes": _("Classes"),
    "officers": _("Officers"),
}
"""Parameters with a word of their own: what a dose counts."""


def dose_name(parameter: str) -> Message:
    """Return what a dose of a parameter counts."""
    return DOSES.get(parameter, _("Dose"))


def _answer(ax: Axes, result: CapacityResult) -> None:
    if result.reached:
        low, high = result.between
        if high > low:
            ax.axvspan(low, high, color=PALE, alpha=0.55, lw=0)
        ax.axvline(result.dose, color=INK, lw=1)
    else:
        ax.axvline(result.dose, color=GREY, lw=1, ls="--")


def _money(ax: Axes, dose: np.ndarray, rupiah: np.ndarray, days: np.ndarray) -> None:
    """Draw rupiah on the left axis, days away from service on the right one."""
    ax.plot(dose, rupiah, color=INK, lw=1.2, marker="s", ms=3)
    ax.set_title(wrapped(_("Per year: cost (left) and days away from service (right, dashed)"), 78))
    money_ticks(ax, "y", most=3)
    ax.set_ylim(bottom=0)
    if days.max() > 0:
        other = ax.twinx()
        other.plot(dose, days, color=_BLUE, lw=1.2, ls="--", marker="^", ms=3)
        other.set_ylim(bottom=0)
        other.spines["right"].set_visible(True)
        local_ticks(other, "y", most=3)
        other.set_ylabel(str(_("days")), color=_BLUE, fontsize=8)
