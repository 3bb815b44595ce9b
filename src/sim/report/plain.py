"""Sentences as plain text, in the session's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup

from sim.errors import Message, _
from sim.report.estimate import Estimate

if TYPE_CHECKING:
    from sim.evidence import Finding
    from sim.levers import Policy


class Plain:
    """Write sentences as plain text; :class:`sim.report.html.Html` shows in a page what lies behind each number."""

    def say(self, message: Message) -> str:
        """Return the text of a message."""
        return str(message)

    def number(self, text: str, e: Estimate, ends: str) -> str:
        """Return a written number that rests on an estimate; `ends` is its interval, written."""
        return text

    def cell(self, text: str, e: Estimate, ends: str) -> str:
        """Return a number of a table with its interval beside it."""
        return f"{text} ({ends})"

    def name(self, text: str) -> str:
        """Return the name of a policy as it stands in a sentence."""
        return f"“{text}”"

    def names(self, policies: Iterable[Policy]) -> dict[str, str]:
        """Return the names of policies as they stand in a sentence, by policy."""
        return {policy.name: self.name(policy.label()) for policy in policies}

    def finding(self, text: str, finding: Finding) -> str:
        """Return the name of a row of the evidence table."""
        return text

    def fill(self, text: str, values: Sequence[str]) -> str:
        """Return `text` with each ``{}`` in turn replaced by a value that is written already."""
        return text.format(*values)


def labels(policies: Iterable[Policy]) -> dict[str, str]:
    """Return the names of policies for headings and axes, by policy."""
    return {policy.name: policy.label() for policy in policies}


def inside(text: Message | str) -> str:
    """Return a label as it stands inside a sentence: small first letter, unless the word is an abbreviation."""
    text = str(text)
    first, *__ = text.split(maxsplit=1) or [""]
    return text if first.isupper() and len(first) > 1 else text[:1].lower() + text[1:]


def listed(names: Sequence[str], *, either: bool = False) -> str:
    """Return ``a, b, and c`` (``a, b, dan c``), or with `either` ``a, b, or c``; HTML stays HTML."""
    text = Markup if any(isinstance(name, Markup) for name in names) else str
    if len(names) < 2:
        return text("").join(names)
    if len(names) == 2:
        two = _("{first} or {last}") if either else _("{first} and {last}")
        return text(str(two)).format(first=names[0], last=names[1])
    more = _("{first}, or {last}") if either else _("{first}, and {last}")
    return text(str(more)).format(first=text(", ").join(names[:-1]), last=names[-1])


def text_table(rows: Iterable[Mapping[Any, object]]) -> pd.DataFrame:
    """Return rows of text as a table; headings and cells may be messages, cells may be HTML.

    Parameters
    ----------
    rows : iterable of mapping
        Heading (Message or str) -> cell.
    """
    written = [{str(head): _written(cell) for head, cell in row.items()} for row in rows]
    return pd.DataFrame(written, dtype=object)  # pandas' own text type would forget what is HTML


def _written(cell: object) -> object:
    return str(cell) if isinstance(cell, Message) else cell


def text_lines(table: pd.DataFrame) -> list[str]:
    """Return a table of text as lines for a terminal, one per row."""
    return ["  " + "; ".join(str(cell) for cell in row) for row in table.itertuples(index=False)]
