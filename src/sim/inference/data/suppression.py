"""Suppress small cells in tables meant for others, and as many more as keep them from being worked out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.errors import KinerjaError, _

MIN_SIZE = 10
"""Smallest number of persons that a published cell may rest on."""

Array: TypeAlias = NDArray[np.float64]


def suppress_small(
    table: pd.DataFrame,
    min_size: int = MIN_SIZE,
    *,
    count: str | None = None,
    by: Sequence[str] | None = None,
    values: Sequence[str] | None = None,
    totals: str | None = None,
) -> pd.DataFrame:
    """Blank cells that rest on fewer than `min_size` persons, with complementary suppression.

    A reader is assumed to know the totals over every dimension too. Cells are added until no suppressed cell follows
    from what is shown, and no total gives away a remainder below `min_size`; where cells are not enough (a whole unit
    below `min_size`), totals are blank as well, and must not be published elsewhere; `totals` adds them to the table.

    Parameters
    ----------
    table : DataFrame
        Either a cross-table of counts (rows and columns are its dimensions), or, with `count`, a tidy table.
    min_size : int
        Smallest number of persons shown (zero is shown).
    count : str, optional
        Column with the number of persons behind a row.
    by : sequence of str
        Columns of the dimensions of a tidy table.
    values : sequence of str, optional
        Columns to blank; all but `by` by default.
    totals : str, optional
        Name of a row and a column of totals to add to a cross-table.

    Returns
    -------
    DataFrame
        A copy with NaN in suppressed cells.

    Raises
    ------
    KinerjaError
        A cross-table that does not hold counts; a tidy table whose dimensions or counts are missing, or whose rows
        are not told apart by its dimensions.

    Examples
    --------
    >>> counts = pd.DataFrame({"Baik": [40, 25, 31], "Kurang": [12, 3, 14]}, index=["A", "B", "C"])
    >>> suppress_small(counts)
       Baik  Kurang
    A   NaN     NaN
    B   NaN     NaN
    C  31.0    14.0
    """
    if count is None:
        counts = table.to_numpy(float)
        if np.isnan(counts).any() or (counts < 0).any() or (counts % 1 != 0).any():
            raise KinerjaError(
                _("A cross-table holds counts; for other values name their column (count=..., by=[...]).")
            )
        whole, hidden = _hidden(counts, min_size)
        out = table.astype(float)
        if totals is not None:
            out.loc[totals] = whole[-1, :-1]
            out[totals] = whole[:, -1]
        rows, columns = out.shape
        return out.mask(hidden[:rows, :columns])
    by = list(by or [])
    if not by:
        raise KinerjaError(_("Name the dimensions of the table (by=[...])."))
    if table.duplicated(by).any():
        raise KinerjaError(_("Rows of the table are not told apart by {by}.", by=", ".join(by)))
    if table[count].isna().any() or (table[count] < 0).any():
        raise KinerjaError(_("Column {count} must hold the number of persons of every row.", count=count))
    labels = tuple(pd.factorize(table[c])[0] for c in by)
    counts = np.zeros(tuple(int(codes.max()) + 1 for codes in labels))
    counts[labels] = table[count].to_numpy(float)
    hidden = _hidden(counts, min_size)[1][labels]
    out = table.copy()
    for column in values if values is not None else [c for c in table.columns if c not in by]:
        numeric = pd.api.types.is_numeric_dtype(out[column]) and not pd.api.types.is_bool_dtype(out[column])
        out[column] = (out[column].astype(float) if numeric else out[column].astype(object)).mask(hidden)
    return out


def _hidden(counts: Array, min_size: int) -> tuple[Array, NDArray[np.bool_]]:
    """Return the table with its totals (last along every axis), and which cells to suppress in it."""
    whole = counts
    for axis in range(counts.ndim):
        whole = np.concatenate([whole, whole.sum(axis=axis, keepdims=True)], axis=axis)
    size, lines = whole.ravel(), _lines(whole.shape)
    hidden = np.asarray((size > 0) & (size < min_size))
    while (cell := _next(hidden, size, lines, min_size)) is not None:
        hidden[cell] = True
    return whole, hidden.reshape(whole.shape)


def _lines(shape: tuple[int, ...]) -> Array:
    """Return the equations "cells along an axis minus their total is zero": one row each, one column per cell."""
    cells = np.arange(np.prod(shape)).reshape(shape)
    rows = []
    for axis in range(len(shape)):
        for line in np.moveaxis(cells, axis, -1).reshape(-1, shape[axis]):
            row = np.zeros(cells.size)
            row[line[:-1]], row[line[-1]] = 1.0, -1.0
            rows.append(row)
    return np.array(rows)


def _next(hidden: NDArray[np.bool_], size: Array, lines: Array, min_size: int) -> int | None:
    """Choose the cheapest cell to hide on a line that gives a count away; a total only where nothing else is left."""
    shown = ~hidden & (size > 0)
    remainder = np.where(lines > 0, lines, 0.0)[:, hidden] @ size[hidden]
    total_shown = ((lines < 0) & ~hidden).any(axis=1)
    leaking = np.flatnonzero(total_shown & (remainder > 0) & (remainder < min_size))
    if not len(leaking) and hidden.any():
        # A hidden cell is determined when no change of the hidden cells that keeps every equation moves it.
        __, singular, right = np.linalg.svd(lines[:, hidden], full_matrices=True)
        rank = int((singular > 1e-9 * max(1.0, singular[0])).sum())
        fixed = np.flatnonzero(np.abs(right[rank:]).max(axis=0, initial=0.0) < 1e-9)
        leaking = np.flatnonzero((lines[:, np.flatnonzero(hidden)[fixed]] != 0).any(axis=1))
    if not len(leaking):
        return None
    touched = (lines[:, hidden] != 0).any(axis=1)
    for among, sign in (
        (leaking, 1.0),
        (leaking, -1.0),
        (np.flatnonzero(touched), 1.0),
        (np.flatnonzero(touched), -1.0),
    ):
        spare = np.flatnonzero((lines[among] == sign).any(axis=0) & shown)
        if len(spare):
            # A cell whose other lines hide something already closes a loop; one that opens a line does not.
            opened = ((lines[:, spare] != 0) & ~touched[:, None]).sum(axis=0)
            return int(spare[np.lexsort((size[spare], opened))[0]])
    return None
