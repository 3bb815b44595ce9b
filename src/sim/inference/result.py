"""What every result of this package can do: a tidy table, a paragraph of prose, a figure.

A result is a frozen dataclass that inherits `Result`::

    @dataclass(frozen=True, repr=False, eq=False, kw_only=True)
    class Reliability(Result):
        raters: int

        def prose(self, lang): ...
        def draw(self, ax): ...

`table` and `notes` come with the base. What a reader must know before trusting the numbers (an optimiser
that did not converge, a variance at zero, something not identified) is a `Note`: it is part of the result,
printed under the prose, never a Python warning that scrolls away.
"""

from __future__ import annotations

import html
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from sim.errors import KinerjaError
from sim.language import numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Lang = Literal["id", "en"]


@dataclass(frozen=True, slots=True)
class Note:
    """A caution that travels with a result.

    Attributes
    ----------
    key : str
        For code: "not_converged", "boundary", "not_identified"...
    id, en : str
        The sentence, in Indonesian and in English.
    """

    key: str
    id: str
    en: str

    def text(self, lang: Lang = "id") -> str:
        return self.id if lang == "id" else self.en


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class Result(ABC):
    """Base of every result.

    Attributes
    ----------
    table : DataFrame
        The estimates, one a row; columns are the field's terms (term, estimate, se, low, high, p...).
    notes : tuple of Note
        Cautions; empty when there is nothing to warn of.
    """

    table: pd.DataFrame
    notes: tuple[Note, ...] = ()

    @abstractmethod
    def prose(self, lang: Lang) -> str:
        """The finding in two to five plain sentences."""

    @abstractmethod
    def draw(self, ax: Axes) -> None:
        """Draw the main figure on `ax`."""

    def summary(self, lang: Lang = "id") -> str:
        """The finding in plain words, cautions included, in Indonesian ("id") or English ("en")."""
        check_lang(lang)
        head = {"id": "Perhatian: ", "en": "Note: "}[lang]
        return "\n".join([self.prose(lang), *(head + note.text(lang) for note in self.notes)])

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the main figure (on new axes when `ax` is None) and return its axes."""
        if ax is None:
            import matplotlib.pyplot as plt

            ax = plt.subplots(layout="constrained")[1]
        self.draw(ax)
        return ax

    def has(self, key: str) -> bool:
        """Whether a note of this key is attached."""
        return any(note.key == key for note in self.notes)

    def __repr__(self) -> str:
        return f"{self.summary()}\n\n{self.table.to_string(max_rows=20)}"

    def _repr_html_(self) -> str:
        prose = "".join(f"<p>{html.escape(line)}</p>" for line in self.summary().splitlines())
        return prose + self.table.to_html(max_rows=20, border=0)


def check_lang(lang: str) -> None:
    """Refuse a language the project does not speak."""
    if lang not in ("id", "en"):
        raise KinerjaError(f'Language "{lang}" is not known. Use "id" (Indonesian) or "en" (English).')


def number(value: float, lang: Lang, digits: int = 2) -> str:
    """A number as the language writes it: 1.234,50 in Indonesian, 1,234.50 in English; NaN is a dash."""
    return numbers.number(value, digits, lang=lang)


def percent(share: float, lang: Lang, digits: int = 1) -> str:
    """A share in [0, 1] as a percentage."""
    return numbers.percent(share, digits, lang=lang)


def interval(low: float, high: float, lang: Lang, digits: int = 2, level: float = 0.95) -> str:
    """An interval in brackets, its level named."""
    name = {"id": "selang", "en": "interval"}[lang]
    to = {"id": "sampai", "en": "to"}[lang]
    per = f"{numbers.shortest(100 * level, lang=lang)}%"
    body = f"{number(low, lang, digits)} {to} {number(high, lang, digits)}"
    return f"({name} {per} {body})" if lang == "id" else f"({per} {name} {body})"


def p_value(p: float, lang: Lang) -> str:
    """A p value: three decimals, or "< 0.001"."""
    return numbers.p_value(p, lang=lang)


def forest(ax: Axes, table: pd.DataFrame, label: str, *, zero: float | None = None, **columns: str) -> None:
    """Points with their intervals, one row of `table` a line, first row at the top.

    Parameters
    ----------
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
    ax.set_yticks(list(rows), table[label].astype(str))
    if zero is not None:
        ax.axvline(zero, color="0.8", lw=1, zorder=0)
