"""What is wrong with somebody's data, in Indonesian: ``data/problems.csv`` has the words beside the English ones.

Problems are written in English where they are found (:mod:`sim.agency`); here they are told as the reader speaks.
"""

from __future__ import annotations

import csv
import re
from dataclasses import fields, replace
from functools import cache

from sim.agency import TABLES
from sim.agency.facts import FIGURES
from sim.errors import Problem
from sim.paths import data_dir

_HINT = re.compile(r"Is (.+?) meant\? (.*)", re.DOTALL)


def told(problem: Problem, lang: str = "id") -> Problem:
    """The problem in the language; words the table does not have stay as they are.

    Examples
    --------
    >>> told(Problem("units.csv", 3, "pns", "'x' is not a number.", "Write a number.")).what
    "'x' bukan angka."
    """
    return (
        problem
        if lang == "en"
        else replace(problem, what=_indonesian(problem.what), do=_indonesian(problem.do))
    )


def known(text: str) -> bool:
    """Whether the table has words for an English text."""
    return any(pattern.fullmatch(text) for pattern, _ in _table())


def _indonesian(text: str) -> str:
    hint = _HINT.fullmatch(text)
    if hint:
        return f"Maksudnya {hint[1]}? {_indonesian(hint[2])}"
    for pattern, words in _table():
        found = pattern.fullmatch(text)
        if found:
            return words.format(*(_notes().get(part, part) for part in found.groups()))
    return text


@cache
def _table() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Patterns of English texts and the Indonesian ones, the most particular first."""
    with (data_dir() / "problems.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["en"], row["id"]) for row in csv.DictReader(file, strict=True)]
    rows.sort(key=lambda row: -len(re.sub(r"\{\d\}", "", row[0])))
    return tuple(
        (re.compile("(.+?)".join(map(re.escape, re.split(r"\{\d\}", en))), re.DOTALL), words)
        for en, words in rows
    )


@cache
def _notes() -> dict[str, str]:
    """What columns and figures mean, English -> Indonesian."""
    columns = [c.metadata for row in TABLES.values() for c in fields(row)]
    notes = {meta["note_en"]: meta["note_id"] for meta in columns}
    return notes | {figure.note_en: figure.note_id for figure in FIGURES.values()}
