"""What each group of levers contributes to the difference a policy makes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.errors import _
from sim.language import speaking
from sim.outcomes import HEADLINE, OUTCOMES
from sim.picture import canvas
from sim.report.names import GROUP_NAMES
from sim.report.style import (
    GREY,
    INK,
    PALE,
    WIDTH,
    bare_rows,
    better_arrow,
    figure_of,
    name_rows,
    outcome_ticks,
    panel_title,
    reading,
    rows_height,
    settings,
    wrapped,
)
from sim.study.compare.figure.looks import quoted

if TYPE_CHECKING:
    from sim.study.compare.contributions import ContributionsResult


def contributions(
    result: ContributionsResult,
    *,
    outcomes: Sequence[str] | None = None,
    lang: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw one panel per outcome: a bar per group, and below them the whole difference, which they sum to.

    Parameters
    ----------
    result : ContributionsResult
    outcomes : sequence of str, optional
        At most four; by default headline outcomes that the policy changes.
    lang : {"id", "en"}, optional
        The session's language by default.
    ax : Axes, optional
        Axes that make room for the figure.

    Returns
    -------
    Figure
        Bars are contributions (Shapley), lines their 95 % intervals.
    """
    with speaking(lang), settings():
        table = result.table(outcomes)
        totals = table[table["group"] == "*"].set_index("outcome")["contribution"]
        chosen = list(outcomes or [name for name in HEADLINE if totals.get(name, 0.0)])[:4]
        groups = [*result.groups, "*"]
        names = [wrapped(_name(group), 22) for group in groups]
        size = (WIDTH, 1.25 + rows_height(names))
        figure, axes = canvas(size, 1, len(chosen), sharey=True, ax=ax)
        for panel, outcome in zip(axes[0], chosen, strict=True):
            rows = table[table["outcome"] == outcome].set_index("group")
            panel.axvline(0, color=INK, lw=0.8)
            panel.axhline(len(groups) - 1.5, color=PALE, lw=0.8)
            for y, group in enumerate(groups):
                row, whole = rows.loc[group], group == "*"
                colour = INK if whole else PALE
                panel.barh(y, row["contribution"], height=0.55, color=colour, edgecolor=GREY)
                panel.plot([row["low"], row["high"]], [y, y], color=GREY if whole else INK, lw=1.6)
            panel.set_title(panel_title(outcome, 72 // len(chosen) - 3), fontsize=8.5)
            outcome_ticks(panel, "x", outcome)
            better_arrow(panel, OUTCOMES[outcome].better)
            bare_rows(panel)
        name_rows(axes[0][0], names)
        reading(
            figure,
            _(
                "What each group of actions contributes to the difference from {baseline}, averaged "
                "over every order of switching them on (Shapley value); they sum to the whole "
                "difference. Bar = 95% confidence interval.",
                baseline=quoted(result.comparison),
            ),
        )
        return figure_of(axes[0][0])


def _name(group: str) -> str:
    """Return the name of a group of levers; one that somebody made up is its own name."""
    if group == "*":
        return str(_("In total"))
    return str(GROUP_NAMES.get(group, group))
