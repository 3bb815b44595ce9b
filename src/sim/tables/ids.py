"""Read a column of identities: text as written, refused where a spreadsheet has lost digits."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from sim.errors import Problem, _
from sim.privacy import LARGEST_EXACT, is_nip
from sim.tables.numbers import FAULTS, is_error
from sim.tables.places import Place

FIFTEEN_DIGITS = 10**15
"""A spreadsheet keeps the first fifteen digits of a number; larger ones end in zeros of its own."""

_EXPONENT = re.compile(r"[+-]?\d+(?:[.,]\d+)?E\+\d{1,3}|[+-]?\d+[.,]\d+E\d{1,3}", re.IGNORECASE)


def as_text(value: object) -> str:
    """Return an identity as text: whole numbers without decimals, no spaces or apostrophe around it."""
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value).strip().lstrip("'")


def _is_lost(cell: object, exact: float) -> bool:
    if isinstance(cell, str):
        return _EXPONENT.fullmatch(cell.strip().lstrip("'")) is not None
    return (
        isinstance(cell, (float, np.floating, int, np.integer))
        and not isinstance(cell, bool)
        and abs(float(cell)) > exact
    )


def _rounded_nip(cells: list[object]) -> set[object]:
    """Return NIP that end in 000, where most of a column's NIP do: a serial number does not, a rounded number does."""
    texts = {c: c.strip().lstrip("'") for c in cells if isinstance(c, str)}
    nip = [
        c
        for c, t in texts.items()
        if len(t) == 18 and t.isascii() and t.isdigit() and is_nip(t, rounded=True)
    ]
    lost: set[object] = {c for c in nip if texts[c].endswith("000")}
    return lost if 2 * len(lost) > len(nip) else set()


def lost_digits(cells: pd.Series, place: Place, *, workbook: bool = False) -> list[Problem]:
    """Refuse identities that a spreadsheet has rounded: exponents, more than fifteen digits, NIP ending in 000."""
    if pd.api.types.is_integer_dtype(cells) and not workbook:
        return []
    exact = FIFTEEN_DIGITS if workbook else LARGEST_EXACT
    different = list(cells.dropna().unique())
    rounded = _rounded_nip(different)
    lost = {v: v in rounded or _is_lost(v, exact) for v in different}
    if not any(lost.values()):
        return []
    bad = cells.map(lost, na_action="ignore").fillna(False).to_numpy(bool)
    what = _("Long numbers were stored as numbers and lost their last digits ({n:,} cells, rows {rows}).")
    return [place.problem(bad, what, _("Format the column as text and export it again."))]


def identities(cells: pd.Series, place: Place, *, workbook: bool = False) -> tuple[pd.Series, list[Problem]]:
    """Return a column as text, NaN where a cell is empty, and what is wrong with it."""
    problems = lost_digits(cells, place, workbook=workbook)
    names: dict[object, str | None] = {v: as_text(v) or None for v in cells.dropna().unique()}
    errors = [v for v in names if is_error(v)]
    if errors:
        bad = cells.isin(errors).to_numpy()
        problems.append(place.problem(bad, *FAULTS["error"]))
    return cells.astype(object).map(names, na_action="ignore").astype("str"), problems
