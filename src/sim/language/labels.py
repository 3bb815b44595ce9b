"""Every word the product shows, in Indonesian and English, from one table: ``data/labels.csv``.

A key is the name of an outcome (``waiting_minutes``) or a place and a name (``brief.answer``, ``axis.month``).
An outcome also has a unit, a short name and a note. Text may hold ``{placeholders}``.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from typing import Any

from sim.errors import KinerjaError
from sim.language.catalogue import language
from sim.paths import data_dir

LANGUAGES = ("id", "en")
"""Indonesian, English; the first is the default everywhere."""

COLUMNS = ("key", "id", "en", "unit_id", "unit_en", "short_id", "short_en", "note_id", "note_en")
"""Columns of ``data/labels.csv``, in order."""


@cache
def table() -> dict[str, dict[str, str]]:
    """The label table: key -> column -> text. A doubled key or a wrong heading is refused with its line."""
    path = data_dir() / "labels.csv"
    rows: dict[str, dict[str, str]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise KinerjaError(f"{path.name}: the heading must be {','.join(COLUMNS)}.")
        for row in reader:
            if None in row or None in row.values():
                raise KinerjaError(
                    f"{path.name}, line {reader.line_num}: needs {len(COLUMNS)} cells; check the commas."
                )
            if row["key"] in rows:
                raise KinerjaError(
                    f"{path.name}, line {reader.line_num}: {row['key']!r} is there twice; keep one."
                )
            rows[row["key"]] = row
    return rows


def _text(key: str, column: str, lang: str | None) -> str:
    lang = language() if lang is None else lang
    if lang not in LANGUAGES:
        raise KinerjaError(f"no language {lang!r}; there are {', '.join(LANGUAGES)}.")
    row = table().get(key)
    text = row[f"{column}_{lang}" if column else lang] if row else ""
    if not text:
        raise KinerjaError(
            f"data/labels.csv has no {f'{column} ' if column else ''}label {key!r} in {lang!r}; add it."
        )
    return re.sub(r"(?<=[0-9}]) %", "%", text)


def label(key: str, lang: str | None = "id", **values: Any) -> str:
    """Text filed under `key`, its placeholders filled with `values`.

    Examples
    --------
    >>> label("waiting_minutes", "en")
    'Average waiting time at the counter'
    """
    text = _text(key, "", lang)
    return text.format(**values) if values else text


def unit(key: str, lang: str | None = "id") -> str:
    """Unit of an outcome, e.g. ``"menit"``."""
    return _text(key, "unit", lang)


def short(key: str, lang: str | None = "id") -> str:
    """Short name of an outcome, for column headings and panels."""
    return _text(key, "short", lang)


def note(key: str, lang: str | None = "id") -> str:
    """One sentence that says what an outcome is."""
    return _text(key, "note", lang)
