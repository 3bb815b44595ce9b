"""How a column of an agency table is described: meaning, unit, range and example."""

from __future__ import annotations

from dataclasses import MISSING, field
from typing import Any

from sim.errors import Message, _

STATUSES = ("V", "V2", "M", "D", "A")
"""How well a number is known: read in its source, read second-hand, from memory, derived, assumed."""

_UNITS = (
    _("0 or 1"),
    _("a year"),
    _("cases/officer"),
    _("cases/quarter"),
    _("code"),
    _("days"),
    _("factor"),
    _("minutes"),
    _("persons"),
    _("probability"),
    _("requests/day"),
    _("Rp/hour"),
    _("Rp/month"),
    _("Rp/year"),
    _("share"),
    _("share of APBD"),
    _("text"),
    _("year"),
)
UNITS: dict[str, Message] = {unit.template: unit for unit in _UNITS}
"""Unit of a column or figure -> its name for people; units not here (IKM, JP, Rp) are the same in both languages."""


def column(
    note: Message,
    *,
    example: Any,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    code: bool = False,
    form: str = "",
    default: Any = MISSING,
) -> Any:
    """Define a dataclass field that carries its own documentation and range (both ends included).

    A `code` is a short name (letters, digits, ``-``, ``_``) by which other rows refer to this one. A text of the `form`
    "clock" is a time of day (``07:30``), one of the form "date" a date (``2026-03-19``).
    Where there is a `default`, a cell may be empty and the whole column may be left out.
    """
    meta = {
        "note": note,
        "example": example,
        "unit": unit,
        "low": low,
        "high": high,
        "choices": choices,
        "code": code,
        "form": form,
    }
    return field(default=default, metadata=meta)


def fraction(note: Message, example: float, high: float = 1.0, **more: Any) -> Any:
    """Define a column of numbers from 0 to `high`."""
    return column(note, example=example, low=0, high=high, **more)


def name_id(example: str) -> Any:
    """Define the column of Indonesian names."""
    return column(_("name in Indonesian"), example=example)


def name_en(example: str) -> Any:
    """Define the column of English names."""
    return column(_("name in English"), example=example)


def origin() -> Any:
    """Define the column that says where a row's numbers come from."""
    return column(
        _(
            "where the numbers come from; per column if need be: 'ikm: SKM report 2025 [V]; rest assumed'",
        ),
        example="asumsi / assumed",
    )


def standing() -> Any:
    """Define the column that says how well a row's numbers are known."""
    return column(
        _("V read in its source, V2 second-hand, M from memory, D derived, A assumed"),
        example="A",
        choices=STATUSES,
    )
