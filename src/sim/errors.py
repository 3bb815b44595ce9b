"""Errors meant for people: what is wrong, where, and what to do."""

from __future__ import annotations

from dataclasses import dataclass


class KinerjaError(Exception):
    """Something the user can put right; the command line prints it without a traceback and exits with 2."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in one place.

    Attributes
    ----------
    where : str
        File or sheet.
    row : int or None
        Row as the user counts it: the heading is row 1.
    column : str or None
        Column heading.
    what, do : str
        What is wrong, and what to do about it.
    """

    where: str
    row: int | None
    column: str | None
    what: str
    do: str

    def __str__(self) -> str:
        place = self.where
        if self.row is not None:
            place += f", row {self.row}"
        if self.column is not None:
            place += f", column {self.column}"
        return f"{place}: {self.what} {self.do}"


class Problems(KinerjaError):
    """Everything that is wrong with an input, told at once.

    Attributes
    ----------
    problems : list of Problem
        In the order of the input.
    """

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__(problems)  # whoever rebuilds it from its arguments (SimPy, pickle) gets the same

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))
