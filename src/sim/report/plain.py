"""Sentences as plain text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from sim.errors import Message, _
from sim.language import language
from sim.language.labels import label
from sim.report.estimate import Estimate

if TYPE_CHECKING:
    from sim.evidence import Finding


class Plain:
    """Says things as plain text; the brief says them as HTML with what lies behind each number.

    Parameters
    ----------
    lang : {"id", "en"}
    """

    def __init__(self, lang: str | None = None) -> None:
        self.lang = lang or language()

    def say(self, key: Message | str, **values: object) -> str:
        """A text, or a label with its placeholders filled."""
        return key.text(self.lang) if isinstance(key, Message) else label(key, self.lang, **values)

    def number(self, text: str, e: Estimate, ends: str) -> str:
        """A written number that rests on an estimate, whose interval is written `ends`."""
        return text

    def cell(self, text: str, e: Estimate, ends: str) -> str:
        """A number of a table with its interval beside it."""
        return f"{text} ({ends})"

    def name(self, text: str) -> str:
        """The name of a policy."""
        return f"“{text}”"

    def finding(self, text: str, finding: Finding) -> str:
        """The name of a row of the evidence table."""
        return text

    def fill(self, text: str, values: Sequence[str]) -> str:
        """`text` with each ``{}`` in turn replaced by a value that was said already."""
        return text.format(*values)


def inside(text: str) -> str:
    """A label as it stands inside a sentence: small first letter, unless the word is an abbreviation."""
    first = text.split(maxsplit=1)[0]
    return text if first.isupper() and len(first) > 1 else text[:1].lower() + text[1:]


def listed(names: list[str], lang: str | None = None) -> str:
    """``a, b, dan c`` or ``a, b and c``; HTML stays HTML."""
    text = Markup if any(isinstance(name, Markup) for name in names) else str
    if len(names) < 2:
        return text("").join(names)
    if len(names) == 2:
        return text(_("{first} and {last}").text(lang)).format(first=names[0], last=names[1])
    return text(_("{first}, and {last}").text(lang)).format(first=text(", ").join(names[:-1]), last=names[-1])
