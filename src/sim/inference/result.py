"""Base of every result of a statistical model: a tidy table, a few sentences, a figure, cautions.

A result is a frozen dataclass that inherits `Result`::

    @dataclass(frozen=True, repr=False, eq=False, kw_only=True)
    class ReliabilityResult(Result):
        raters: int

        def sentences(self): ...
        def _draw_on(self, ax): ...

`estimates` and `notes` come with the base. What a reader must know before trusting the numbers (an optimiser
that did not converge, a variance at zero, something not identified) is a `Note`: it is part of the result,
printed under the sentences, never a Python warning that scrolls away.
"""

from __future__ import annotations

import math
import textwrap
from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim import result as base
from sim.errors import KinerjaError, Message, _
from sim.language.numbers import scaled, shortest

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FIGURE_SIZE = (6.4, 4.8)

LINE = 40
"""Characters of a line of a row's name: longer names are broken, so that the figure keeps its place."""


@dataclass(frozen=True, slots=True, init=False)
class Note(Message):
    """A caution that travels with a result: a message with a key.

    Parameters
    ----------
    key : str
        For code: "not_converged", "boundary", "not_identified"...
    message : Message
        What the reader must know.
    """

    key: str = ""

    def __init__(self, key: str, message: Message) -> None:
        for name in ("template", "values", "context"):
            object.__setattr__(self, name, getattr(message, name))
        object.__setattr__(self, "key", key)


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class Result(base.Result):
    """Base of every result of a statistical model.

    Attributes
    ----------
    estimates : DataFrame
        The estimates, one per row; columns are the field's terms (term, estimate, se, low, high, p...).
    notes : tuple of Note
        Cautions; empty when there is nothing to warn of.
    """

    estimates: pd.DataFrame
    notes: tuple[Note, ...] = ()

    def __post_init__(self) -> None:
        level = getattr(self, "level", 0.95)
        if not 0 < level < 1:
            raise KinerjaError(
                _("level is {level}; give a share between 0 and 1, such as 0.95 for 95%.", level=level)
            )

    @abstractmethod
    def _draw_on(self, ax: Axes) -> None:
        """Draw the main figure on one pair of axes, in the session's language."""

    def table(self) -> pd.DataFrame:
        """Return the estimates, one per row."""
        return self.estimates

    def draw(self, ax: Axes | None = None) -> Figure:
        """Draw the main figure, on its own or on `ax`, in the session's language."""
        from sim.picture import canvas, local_numbers, make_room  # matplotlib is slow to import

        if ax is None:
            ax = canvas(FIGURE_SIZE)[1][0, 0]
        make_room(ax)
        self._draw_on(ax)
        local_numbers(ax)
        figure = ax.get_figure(root=True)
        assert figure is not None
        return figure

    def has(self, key: str) -> bool:
        """Return whether a note of this key is attached."""
        return any(note.key == key for note in self.notes)


def convergence_notes(converged: bool) -> tuple[Note, ...]:
    """Return a note that a fit did not converge; none where it did."""
    said = _("The fit did not converge; do not use these numbers.")
    return () if converged else (Note("not_converged", said),)


def interval(low: float, high: float, digits: int = 2, level: float = 0.95) -> str:
    """Return a confidence interval in brackets, with its level, in the session's language; or that there is none.

    Tiny ends are written as 1.0e-9.
    """
    if math.isnan(low) and math.isnan(high):
        return f"({_('no interval yet')})"
    like = largest(low, high)
    line = _(
        "({level}% confidence interval {low} to {high})",
        level=shortest(100 * level),
        low=scaled(low, digits, like),
        high=scaled(high, digits, like),
    )
    return str(line)


def largest(*values: float) -> float:
    """Return the size of the largest of some numbers, 0 where none is finite."""
    return max((abs(v) for v in values if math.isfinite(v)), default=0.0)


def forest(ax: Axes, table: pd.DataFrame, label: str, *, zero: float | None = None, **columns: str) -> None:
    """Draw estimates with their intervals, one line per row of `table`, the first at the top.

    Parameters
    ----------
    ax : Axes
    table : DataFrame
        Columns estimate, low, high.
    label : str
        Column with the names of the rows.
    zero : float, optional
        Where to draw the reference line.
    **columns : str
        Names of the estimate, low and high columns where they differ from these.
    """
    names: dict[str, Any] = {"estimate": "estimate", "low": "low", "high": "high"} | columns
    rows = range(len(table))[::-1]
    mid = table[names["estimate"]].to_numpy(float)
    low, high = table[names["low"]].to_numpy(float), table[names["high"]].to_numpy(float)
    ax.hlines(list(rows), low, high, color="0.55", lw=1.5)
    ax.plot(mid, list(rows), "o", color="C0", ms=4)
    ax.set_yticks(list(rows), [textwrap.fill(str(name), LINE) for name in table[label]])
    if zero is not None:
        ax.axvline(zero, color="0.8", lw=1, zorder=0)
