"""The session's language, and the Indonesian of every English text: ``id.po``, read directly.

``id.po`` is an ordinary gettext catalogue (``make messages`` keeps it complete). It is read on the first Indonesian
text of a process, in a few milliseconds, so that no compiled copy has to be kept in step with it.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LANGUAGES = ("id", "en")
"""Indonesian and English."""

CATALOGUE = Path(__file__).with_name("id.po")
"""The Indonesian catalogue."""

_session: str | None = None
_spoken: ContextVar[str | None] = ContextVar("spoken", default=None)


def language() -> str:
    """Return the language of the session: "id" or "en".

    It is the one of the enclosing :func:`speaking`, else the one given to :func:`set_language`, else the environment's:
    ``KINERJA_LANG``, or Indonesian where the locale is Indonesian (``LC_ALL``, ``LC_MESSAGES``, ``LANG``), or English.
    """
    return _spoken.get() or _session or _environment()


def set_language(lang: str | None) -> None:
    """Set the language of the session, in every thread.

    Parameters
    ----------
    lang : {"id", "en"} or None
        None returns to the environment's language.

    Raises
    ------
    ValueError
        Another language.

    Examples
    --------
    >>> set_language("id")
    >>> language()
    'id'
    >>> set_language(None)
    """
    global _session
    _session = None if lang is None else checked(lang)


@contextmanager
def speaking(lang: str | None) -> Iterator[str]:
    """Speak a language inside a ``with`` block, in this thread only; None keeps the session's.

    Examples
    --------
    >>> with speaking("id"):
    ...     language()
    'id'
    """
    before = _spoken.set(language() if lang is None else checked(lang))
    try:
        yield language()
    finally:
        _spoken.reset(before)


def own_text(thing: object, field: str = "label", *, lang: str | None = None) -> str:
    """Return what the author of a thing wrote in a language: its ``label_id`` or ``label_en``.

    Users write both languages of their agencies, policies, studies and levers; the catalogue has none of it.

    Parameters
    ----------
    thing : object
        Has the attributes ``<field>_id`` and ``<field>_en``.
    field : str
        ``label``, ``title``, ``unit``...
    lang : {"id", "en"}, optional
        The session's language by default.
    """
    return str(getattr(thing, f"{field}_{language() if lang is None else checked(lang)}"))


def checked(lang: str) -> str:
    """Return the language, or raise ValueError for one the project does not speak."""
    if lang not in LANGUAGES:
        raise ValueError(f"no language {lang!r}; there are {', '.join(LANGUAGES)}")
    return lang


def translated(text: str, *, lang: str | None = None, context: str | None = None) -> str:
    """Return an English text in a language; the text itself where the catalogue does not have it.

    Parameters
    ----------
    text : str
        English text as it stands in the code, its ``{slots}`` unfilled.
    lang : {"id", "en"}, optional
        The session's language by default.
    context : str, optional
        Tells apart English texts that need two Indonesian ones (gettext's msgctxt).
    """
    if (language() if lang is None else checked(lang)) == "en":
        return text
    return indonesian().get((context, text)) or text


@cache
def indonesian() -> dict[tuple[str | None, str], str]:
    """Return the catalogue: (context or None, English) -> Indonesian. Texts not translated yet are ""."""
    return read_po(CATALOGUE)


def read_po(path: Path) -> dict[tuple[str | None, str], str]:
    """Read a gettext catalogue without plural forms: (context or None, text) -> translation.

    Fuzzy entries are read as they are; the header and obsolete entries (``#~``) are skipped.
    """
    entries: dict[tuple[str | None, str], str] = {}
    fields: dict[str, str] = {}
    name = ""

    def close() -> None:
        if "msgid" in fields:
            entries[fields.get("msgctxt"), fields["msgid"]] = fields.get("msgstr", "")
            fields.clear()

    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith('"'):
            fields[name] += _unquoted(line)
        elif line.startswith("msg"):
            name, _, text = line.partition(" ")
            if (name == "msgid" and "msgid" in fields) or name == "msgctxt":
                close()
            fields[name] = _unquoted(text)
        elif not line:
            close()
    close()
    entries.pop((None, ""), None)  # the header
    return entries


def _unquoted(text: str) -> str:
    return ast.literal_eval(text) if "\\" in text else text[1:-1]


def _environment() -> str:
    asked = os.environ.get("KINERJA_LANG", "")
    if asked in LANGUAGES:
        return asked
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name, ""):
            return (
                "id"
                if value.lower().startswith(("id_", "id.", "id-", "indonesian")) or value == "id"
                else "en"
            )
    return "en"
