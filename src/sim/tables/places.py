"""Say where in a table something is wrong: rows in ranges, columns by heading, and never a value that is personal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.errors import Message, Problem, _
from sim.privacy import is_titled_name, personal_number

SHOWN = 5
"""Ranges of rows, or names, quoted in a message."""

Told = tuple[str, dict[str, object]]
"""Something that was noticed while reading: a key of `sim.tables.record.TOLD`, and the values of its text."""


def rows_text(rows: Sequence[int] | np.ndarray) -> str:
    """Return rows as people write them, neighbours as a range.

    Examples
    --------
    >>> rows_text([2, 3, 4, 9])
    '2-4, 9'
    """
    ranges: list[list[int]] = []
    for row in map(int, rows):
        if ranges and row == ranges[-1][1] + 1:
            ranges[-1][1] = row
        else:
            ranges.append([row, row])
        if len(ranges) > SHOWN:
            return ", ".join(_range(a, b) for a, b in ranges[:SHOWN]) + " ..."
    return ", ".join(_range(a, b) for a, b in ranges)


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def shown(cell: object) -> Message | str:
    """Return a cell as a message quotes it: shortened, hidden where it may identify a person."""
    text = str(cell).strip()
    if personal_number(text) or is_titled_name(text):
        return _("(hidden)")
    return repr(text if len(text) <= 40 else text[:37] + "...")


@dataclass(frozen=True, slots=True)
class Place:
    """A column of a table, and the rows of its cells as the user counts them.

    Attributes
    ----------
    where : str
        File, or workbook and sheet.
    column : str
        Heading.
    rows : int array (n,)
        Row of every cell; the heading is row 1.
    """

    where: str
    column: str
    rows: np.ndarray

    def problem(self, bad: np.ndarray, what: Message, do: Message) -> Problem:
        """Make one problem of all cells that are true in `bad`; `what` may have slots {n} and {rows}."""
        rows = self.rows[np.asarray(bad, bool)]
        text = what.filled(n=len(rows), rows=rows_text(rows))
        return Problem(self.where, int(rows[0]), self.column, text, do)
