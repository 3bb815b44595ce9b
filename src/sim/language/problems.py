"""What is wrong, in Indonesian: ``data/problems.csv`` has the words beside the English ones.

Errors are written in English where they are found; here they are told as the reader speaks.
"""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from functools import cache

from sim.agency import Doubt
from sim.errors import KinerjaError, Message, Problem, Problems
from sim.paths import data_dir

_SLOT = re.compile(r"\{\d+\}")


def told(problem: Problem, lang: str = "id") -> Problem:
    """The problem in the language; words the table does not have stay as they are.

    Examples
    --------
    >>> told(Problem("units.csv", 3, "pns", "'x' is not a number.", "Write a number.")).what
    "'x' bukan angka."
    """
    return replace(problem, what=said(problem.what, lang), do=said(problem.do, lang))


def said(text: Message | str, lang: str = "id") -> str:
    """An English text in the language; what stands in its places is told in its turn.

    Examples
    --------
    >>> said("unknown lever 'trainin' (did you mean 'training'?).")
    "Tidak ada tindakan 'trainin' (mungkin maksudnya 'training'?)."
    """
    if isinstance(text, Message):
        return text.text(lang)
    return text if lang == "en" else _indonesian(text)


def lines(error: KinerjaError, lang: str = "id") -> list[str]:
    """An error in the language, a line for each thing wrong and its place.

    Examples
    --------
    >>> lines(Problems([Problem("units.csv", 3, "pns", "'x' is not a number.", "Write a number.")]))
    ["units.csv, baris 3, kolom pns: 'x' bukan angka. Isi dengan angka."]
    """
    if not isinstance(error, Problems):
        return [said(error.message, lang)]
    return [line(problem, lang) for problem in error.problems]


def line(problem: Problem, lang: str = "id") -> str:
    """A problem with its place, in the language."""
    if lang == "en":
        return problem.text("en")
    row = "" if problem.row is None else f", baris {problem.row}"
    column = "" if problem.column is None else f", kolom {problem.column}"
    problem = told(problem, lang)
    warning = "peringatan: " if isinstance(problem, Doubt) else ""
    return f"{warning}{problem.where}{row}{column}: {problem.what} {problem.do}".rstrip()


def known(text: str) -> bool:
    """Whether the table has words for an English text."""
    exact, patterns = _table()
    return text in exact or any(pattern.fullmatch(text) for pattern, _ in patterns)


def _indonesian(text: str) -> str:
    exact, patterns = _table()
    if text in exact:
        return exact[text]
    for pattern, words in patterns:
        found = pattern.fullmatch(text)
        if found:
            return words.format(*map(_indonesian, found.groups()))
    return text


@cache
def _table() -> tuple[dict[str, str], tuple[tuple[re.Pattern[str], str], ...]]:
    """English texts and the Indonesian ones: those without places, and patterns, the most particular first."""
    with (data_dir() / "problems.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["en"], row["id"]) for row in csv.DictReader(file, strict=True)]
    rows.sort(key=lambda row: -len(_SLOT.sub("", row[0])))
    exact = {en: words for en, words in rows if not _SLOT.search(en)}
    patterns = tuple(
        (re.compile("(.+?)".join(map(re.escape, _SLOT.split(en))), re.DOTALL), words)
        for en, words in rows
        if _SLOT.search(en)
    )
    return exact, patterns
