"""What each group of mechanisms contributes to the difference a policy makes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from sim.language.labels import label, short
from sim.language.numbers import rupiah_short
from sim.levers.base import GROUPS
from sim.outcomes import HEADLINE, OUTCOMES
from sim.report.format import difference_unit
from sim.report.style import (
    GREY,
    INK,
    PALE,
    better_arrow,
    canvas,
    local_ticks,
    money_ticks,
    rows_height,
    settings,
    wrapped,
)
from sim.study.compare.figure.looks import quoted

if TYPE_CHECKING:
    from sim.study.compare.contributions import ContributionsResult


def contributions(
    found: ContributionsResult, lang: str = "id", outcomes: Sequence[str] | None = None
) -> Figure:
    """One panel an outcome: a bar a group, and below them the whole difference, which they sum to.

    Parameters
    ----------
    found : ContributionsResult
    lang : {"id", "en"}
    outcomes : sequence of str, optional
        At most four; by default headline outcomes that the policy changes.

    Returns
    -------
    Figure
        Bars are contributions (Shapley), lines their 95 % intervals.
    """
    table = found.table(outcomes)
    totals = table[table["group"] == "*"].set_index("outcome")["contribution"]
    chosen = list(outcomes or [name for name in HEADLINE if totals.get(name, 0.0)])[:4]
    groups = [*found.groups, "*"]
    names = [wrapped(_name(group, lang), 22) for group in groups]
    with settings():
        figure, axes = canvas(1.25 + rows_height(names), 1, len(chosen), sharey=True)
        for ax, outcome in zip(axes[0], chosen, strict=True):
            rows = table[table["outcome"] == outcome].set_index("group")
            ax.axvline(0, color=INK, lw=0.8)
            ax.axhline(len(groups) - 1.5, color=PALE, lw=0.8)
            for y, group in enumerate(groups):
                row = rows.loc[group]
                ax.barh(
                    y, row["contribution"], height=0.55, color=INK if group == "*" else PALE, edgecolor=GREY
                )
                ax.plot([row["low"], row["high"]], [y, y], color=GREY if group == "*" else INK, lw=1.6)
            _dress(ax, outcome, lang, 72 // len(chosen) - 3)
        axes[0][0].set_yticks(range(len(groups)), names)
        axes[0][0].set_ylim(len(groups) - 0.5, -0.5)
        figure.supxlabel(
            wrapped(
                label("figure.contributions.reading", lang, baseline=quoted(found.comparison, lang)), 110
            ),
            fontsize=8,
            color=GREY,
        )
    return figure


def _name(group: str, lang: str) -> str:
    """Name of a group of levers; one that somebody made up is its own name."""
    if group == "*":
        return label("figure.contributions.whole", lang)
    return label(f"group.{group}", lang) if group in GROUPS else group


def _dress(ax, outcome: str, lang: str, width: int) -> None:  # type: ignore[no-untyped-def]
    word = difference_unit(outcome, lang=lang)
    ax.set_title(wrapped(short(outcome, lang), width) + (f"\n({word})" if word else "\n"), fontsize=8.5)
    if outcome == "cost":
        money_ticks(ax, "x", lambda x: rupiah_short(x, lang=lang), most=2)
    else:
        local_ticks(ax, "x", lang, 100 if OUTCOMES[outcome].share else 1, most=4)
    better_arrow(ax, OUTCOMES[outcome].better, lang)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
