"""What was read, what was left out and why: a plain record that travels with a frame and stands in reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from sim.errors import Message, _
from sim.tables.places import Told

KEY = "read"
"""Of the record in `DataFrame.attrs`; it holds plain values only, so that the frame can be saved."""

LEFT_OUT: dict[str, Message] = {
    "empty_rows": _("{n:,} empty rows"),
    "empty_cells": _("{n:,} empty cells of the sheet"),
    "without_score": _("{n:,} without a score"),
    "without_rater": _("{n:,} without a rater"),
    "self_ratings": _("{n:,} self-ratings"),
    "incomplete_units": _("{n:,} rows of units that lack a period"),
}
"""Why rows are left out."""

TOLD: dict[str, Message] = {
    "encoding": _("The text was read as {encoding}; letters with accents may look odd if that is wrong."),
    "row_names": _("The first column has no heading and numbers the rows (as R writes them); it was left out."),
    "below": _("Below the table stands something else (rows {rows}); it was not read."),
    "hidden_rows": _(
        "Rows {rows} are hidden in the sheet (a filter?); they were read. Delete them if they do not belong."
    ),
    "hidden_columns": _("Columns {columns} are hidden in the sheet; they were read."),
    "hidden_sheet": _("The sheet {sheet} is hidden; it was read."),
    "other_sheets": _("The sheet {sheet} was read; {others} were not. Name another with sheet (command: --sheet)."),
    "hidden_others": _("Hidden sheets were not read: {others}."),
    "missing": _("{n:,} cells with {words} were taken as empty."),
    "day_first": _("Dates in {column} were read as day/month/year."),
    "month_first": _("Dates in {column} were read as month/day/year, since row {row} can be nothing else."),
    "serial": _("Numbers in {column} were read as dates of a spreadsheet (row {row}: {date})."),
    "text": _("Column {column} holds numbers and other text, or numbers that may mean two; it was read as text."),
    "periods": _("{n:,} periods, in this order: {periods}."),
    "gaps": _("Between the first and the last period these are missing: {periods}."),
    "no_gaps": _("No period is missing between the first and the last."),
    "spellings": _("Spellings of one predikat were taken together: {spellings}."),
}  # fmt: skip
"""What may be noticed while reading, see `Told`."""


def keep(
    frame: pd.DataFrame, where: str, rows: int, left: Mapping[str, int], told: Sequence[Told]
) -> pd.DataFrame:
    """Return the frame with the record of its reading: rows read, rows left out by reason, what was noticed."""
    frame.attrs[KEY] = {
        "file": where,
        "rows": int(rows),
        "left_out": {reason: int(n) for reason, n in left.items() if n},
        "told": [[key, dict(values)] for key, values in told],
    }
    return frame


def record(frame: pd.DataFrame) -> dict[str, Any]:
    """Return the record of a frame's reading; empty where it was not read from a table."""
    return dict(frame.attrs.get(KEY, {}))


def left_out(frame: pd.DataFrame, reason: str, n: int) -> None:
    """Add rows left out after reading to the record of a frame."""
    if KEY in frame.attrs and n:
        frame.attrs[KEY]["left_out"][reason] = frame.attrs[KEY]["left_out"].get(reason, 0) + int(n)


def sentences(frame: pd.DataFrame) -> list[Message]:
    """Return what a report says of the reading: rows read, used, left out and why; then what was noticed."""
    found = record(frame)
    if not found:
        return []
    rows, used, reasons = found["rows"], len(frame), found["left_out"]
    if reasons:
        why = [LEFT_OUT[reason].filled(n=n) for reason, n in reasons.items()]
        first = _(
            "{rows:,} rows were read, {used:,} are used; left out: {why}.", rows=rows, used=used, why=why
        )
    else:
        first = _("{rows:,} rows were read, {used:,} are used.", rows=rows, used=used)
    return [first, *(TOLD[key].filled(**values) for key, values in found["told"])]
