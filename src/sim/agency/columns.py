"""How a column of an agency table is described: its meaning in both languages, unit, range and example."""

from __future__ import annotations

from dataclasses import MISSING, field
from typing import Any

from sim.errors import _

STATUSES = ("V", "V2", "M", "D", "A")
"""How well a number is known: read in its source, read second-hand, from memory, derived, assumed."""


def column(
    note_id: str,
    note_en: str,
    *,
    example: Any,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    code: bool = False,
    default: Any = MISSING,
) -> Any:
    """A dataclass field that carries its own documentation and range (both ends included).

    A `code` is a short name (letters, digits, ``-``, ``_``) by which other rows refer to this one.
    Where there is a `default`, a cell may be empty and the whole column may be left out.
    """
    meta = {
        "note_id": note_id,
        "note_en": note_en,
        "example": example,
        "unit": unit,
        "low": low,
        "high": high,
        "choices": choices,
        "code": code,
    }
    return field(default=default, metadata=meta)


def fraction(note_id: str, note_en: str, example: float, high: float = 1.0, **more: Any) -> Any:
    return column(note_id, note_en, example=example, low=0, high=high, **more)


def name_id(example: str) -> Any:
    return column(_("name in Indonesian"), example=example)


def name_en(example: str) -> Any:
    return column(_("name in English"), example=example)


def origin(example: str = "asumsi / assumed") -> Any:
    return column(
        _("where the numbers come from; per column if need be: 'ikm: SKM report 2025 [V]; rest assumed'"),
        example=example,
    )


def standing() -> Any:
    return column(
        _("V read in its source, V2 second-hand, M from memory, D derived, A assumed"),
        example="A",
        choices=STATUSES,
    )
