"""Texts and errors meant for people: what is wrong, where, and what to do, in the language of whoever reads them."""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real
from typing import Any

from sim.language.catalogue import language, translated
from sim.language.numbers import between, formatted


@dataclass(frozen=True, slots=True)
class Message:
    """A text with its values, shown in the language of whoever reads it.

    Make one with :func:`_`, so that ``make messages`` finds its text.

    Attributes
    ----------
    template : str
        English text with named slots, as :meth:`str.format` has them: ``"no outcome {name!r}"``.
    values : tuple of (str, object)
        What goes into the slots. A message, an error or whatever else has ``text(lang=)``, alone or in a list, is
        shown in the same language.
        Numbers get the marks of the language (:func:`sim.language.numbers.formatted`); ``{x!r}`` is written as in
        code.
    context : str or None
        Tells apart English texts that need two Indonesian ones.

    Examples
    --------
    >>> late = _("{share:.1%} of {n:,} cases are late.", share=0.25, n=1200)
    >>> late.text(lang="en")
    '25.0% of 1,200 cases are late.'
    """

    template: str
    values: tuple[tuple[str, Any], ...] = ()
    context: str | None = None

    def text(self, *, lang: str | None = None) -> str:
        """Return the text in a language ("id" or "en"), by default the session's."""
        lang = lang or language()
        template = translated(self.template, lang=lang, context=self.context)
        return _Filler(lang).vformat(template, (), dict(self.values)) if self.values else template

    def html(self, *, lang: str | None = None) -> str:
        """Return the text as HTML: all is escaped but values that are HTML already."""
        from markupsafe import Markup, escape  # only pages need it

        lang = lang or language()
        template = str(escape(translated(self.template, lang=lang, context=self.context)))
        filler = _Filler(
            lang, lambda value: value.html(lang=lang) if isinstance(value, Message) else str(escape(value))
        )
        return Markup(filler.vformat(template, (), dict(self.values)) if self.values else template)

    def filled(self, **values: Any) -> Message:
        """Return the message with values for its slots, beside those it has."""
        return Message(self.template, tuple({**dict(self.values), **values}.items()), self.context)

    def __str__(self) -> str:
        return self.text()

    def __html__(self) -> str:
        return self.html()


def _(template: str, /, *, context: str | None = None, **values: Any) -> Message:
    """Mark an English text for translation, and fill its slots.

    Parameters
    ----------
    template : str
        A literal: no f-string, sum or variable, which ``make messages`` could not read.
    context : str, optional
        Tells apart English texts that need two Indonesian ones.
    **values
        What goes into the slots.

    Examples
    --------
    >>> print(_("no outcome {name!r}", name="patience"))
    no outcome 'patience'
    """
    return Message(template, tuple(values.items()), context)


class _Filler(string.Formatter):
    """Fills slots with values as one language writes them."""

    def __init__(self, lang: str, escape: Callable[[Any], str] | None = None) -> None:
        self.lang = lang
        self.escape = escape

    def format_field(self, value: Any, spec: str) -> str:
        if not spec and isinstance(value, (list, tuple)):
            return between(value, lang=self.lang).join(self.format_field(entry, "") for entry in value)
        if spec or isinstance(value, Real):
            value = formatted(value, spec, lang=self.lang)
        if callable(getattr(value, "text", None)) and (self.escape is None or not isinstance(value, Message)):
            value = value.text(lang=self.lang)  # a message, an error, what a user wrote in two languages
        return str(value) if self.escape is None else self.escape(value)


SYSTEM = (
    _("Permission denied"),
    _("No such file or directory"),
    _("No space left on device"),
    _("Read-only file system"),
    _("Is a directory"),
    _("Not a directory"),
    _("File exists"),
    _("File name too long"),
    _("Address already in use"),
)
"""What an operating system says of a file it cannot read or write, so that it is translated."""


def system_reason(error: OSError) -> Message:
    """Return why the operating system refused something, e.g. ``Permission denied``."""
    return Message(error.strerror or type(error).__name__)


NOTHING = Message("")
"""What to do about a problem that says that itself."""


class KinerjaError(Exception):
    """Something the user can put right; the command line prints it without a traceback and exits with 2.

    Attributes
    ----------
    message : Message
        What is wrong and what to do; whoever writes a lever may give plain text. ``str(error)`` is in the session's
        language, ``error.text(lang="id")`` in a given one.
    """

    def __init__(self, message: Message | str) -> None:
        super().__init__(message)
        self.message = message if isinstance(message, Message) else Message(message)

    def text(self, *, lang: str | None = None) -> str:
        """Return what is wrong in a language, by default the session's."""
        return self.message.text(lang=lang)

    def __str__(self) -> str:
        return self.text()


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
    what, do : Message
        What is wrong, and what to do about it (empty where `what` says both).
    """

    where: str
    row: int | None
    column: str | None
    what: Message
    do: Message = NOTHING

    def text(self, *, lang: str | None = None) -> str:
        """Return place, fault and remedy in one line, in a language, by default the session's."""
        place = self.where
        if self.row is not None:
            place += _(", row {row}", row=self.row).text(lang=lang)
        if self.column is not None:
            place += _(", column {column}", column=self.column).text(lang=lang)
        return f"{place}: {self.what.text(lang=lang)} {self.do.text(lang=lang)}".rstrip()

    def __str__(self) -> str:
        return self.text()


class Problems(KinerjaError):
    """Everything that is wrong with an input, reported at once.

    Attributes
    ----------
    problems : list of Problem
        In the order of the input.
    """

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(Message("{problems}", (("problems", tuple(problems)),)))
        self.problems = problems
        self.args = (problems,)  # whoever rebuilds it from its arguments (SimPy, pickle) gets the same

    def lines(self, *, lang: str | None = None) -> list[str]:
        """Return a line for each problem in a language, by default the session's."""
        return [problem.text(lang=lang) for problem in self.problems]

    def text(self, *, lang: str | None = None) -> str:
        """Return all problems, a line each, in a language, by default the session's."""
        return "\n".join(self.lines(lang=lang))
