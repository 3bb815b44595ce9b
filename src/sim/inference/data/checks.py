"""Checks before any model of ratings or persons: refuse what is wrong, and note what is left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sim.errors import Message, Problem, Problems, _
from sim.inference.result import Note

SHOWN = 5
"""Rows or names quoted in a message."""


def rows_of(where: pd.Series | np.ndarray) -> Message | str:
    """Name the first rows that are true in `where`, as the user counts them: the heading is row 1."""
    rows = (np.flatnonzero(np.asarray(where)) + 2).tolist()
    named = ", ".join(map(str, rows[:SHOWN]))
    if len(rows) > SHOWN:
        return _("{rows} and {n:,} more", rows=named, n=len(rows) - SHOWN)
    return named


def require_columns(data: pd.DataFrame, columns: Sequence[str], where: str = "data") -> None:
    """Refuse data that lack a column or hold it twice; every fault is named at once.

    Parameters
    ----------
    data : DataFrame
    columns : sequence of str
        Columns that are needed.
    where : str
        File or sheet, for messages.

    Raises
    ------
    Problems
    """
    absent = [c for c in dict.fromkeys(columns) if c not in data.columns]
    if absent:
        have = _("The columns are: {columns}.", columns=", ".join(map(str, data.columns)))
        raise Problems([Problem(where, None, c, _("No such column."), have) for c in absent])
    twins = [c for c in dict.fromkeys(columns) if (data.columns == c).sum() > 1]
    if twins:  # which of them is meant cannot be known
        what, do = _("Several columns have this name."), _("Rename all but one of them, or leave them out.")
        raise Problems([Problem(where, None, c, what, do) for c in twins])


def check_ratings(
    ratings: pd.DataFrame,
    *,
    score: str,
    ratee: str,
    rater: str,
    columns: Sequence[str] = (),
    ordered: bool = False,
    where: str = "ratings",
) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Return ratings that are fit for a model, or refuse them with everything that is wrong.

    Parameters
    ----------
    ratings : DataFrame
        Long format, one rating per row.
    score, ratee, rater : str
        Column names.
    columns : sequence of str
        Further columns that the model uses.
    ordered : bool
        Scores may be categories.
    where : str
        File or sheet, for messages.

    Returns
    -------
    frame : DataFrame
        Rows complete in all these columns, index reset.
    notes : tuple of Note
        What was left out.

    Raises
    ------
    Problems
        Missing columns, scores that are not numbers, constant scores, one rater or one ratee only, duplicate
        rows, self-ratings. Equal numbers may be two numberings, so they only earn a note.
    """
    needed = list(dict.fromkeys([score, ratee, rater, *columns]))
    require_columns(ratings, needed, where)
    if not ordered and not pd.api.types.is_numeric_dtype(ratings[score]):
        what, do = _("Scores are not numbers."), _("Convert them, or use ordered_model.")
        raise Problems([Problem(where, None, score, what, do)])

    problems: list[Problem] = []

    def wrong(column: str | None, what: Message, do: Message) -> None:
        problems.append(Problem(where, None, column, what, do))

    twice = ratings.duplicated()
    if twice.any():
        wrong(
            None,
            _("{n:,} rows repeat an earlier row (rows {rows}).", n=int(twice.sum()), rows=rows_of(twice)),
            _("Remove them, or add a column (occasion, criterion) that tells them apart."),
        )
    own = ratings[ratee].astype(object).eq(ratings[rater].astype(object)) & ratings[ratee].notna()
    numbered = pd.api.types.is_numeric_dtype(ratings[ratee]) and pd.api.types.is_numeric_dtype(ratings[rater])
    if own.any() and not numbered:
        n, rows = int(own.sum()), rows_of(own)
        wrong(
            rater,
            _("{n:,} ratings are by the ratees themselves (rows {rows}).", n=n, rows=rows),
            _("Self-ratings measure something else: analyse them apart."),
        )
    frame, notes = check_complete(ratings, needed, where)
    if (frame[rater] == frame[rater].iloc[0]).all():
        wrong(rater, _("There is one rater only."), _("Effects of raters need at least two."))
    if (frame[ratee] == frame[ratee].iloc[0]).all():
        wrong(ratee, _("There is one ratee only."), _("Effects of ratees need at least two."))
    if (frame[score] == frame[score].iloc[0]).all():
        wrong(score, _("All scores are equal."), _("There is nothing to explain; check the column."))
    if problems:
        raise Problems(problems)
    if own.any():
        same = _(
            "In {n:,} rows rater and ratee have the same number; if they are one person, leave these rows out.",
            n=int(own.sum()),
        )
        notes += (Note("same_number", same),)
    return frame, notes


def check_complete(
    data: pd.DataFrame, columns: Sequence[str], where: str = "data"
) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Return the rows complete in these columns, with notes on the rows and groups that are lost.

    Parameters
    ----------
    data : DataFrame
    columns : sequence of str
        Columns that the analysis uses.
    where : str
        File or sheet, for messages.

    Returns
    -------
    frame : DataFrame
        Complete rows, all columns, index reset.
    notes : tuple of Note
        How many rows, and which groups, were left out.

    Raises
    ------
    Problems
        Missing columns; no complete row; infinite numbers.
    """
    require_columns(data, columns, where)
    whole = data[list(columns)].notna().all(axis=1)
    frame = data.loc[whole].reset_index(drop=True)
    if frame.empty:
        needed = _("Needed: {columns}.", columns=", ".join(columns))
        raise Problems([Problem(where, None, None, _("No row is complete."), needed)])
    infinite = []
    for c in columns:
        if pd.api.types.is_numeric_dtype(data[c]):
            bad = np.isinf(data[c].to_numpy(float, na_value=0))
            if bad.any():
                n, rows = int(bad.sum()), rows_of(bad)
                what = _("{n:,} values are infinite (rows {rows}).", n=n, rows=rows)
                infinite.append(Problem(where, None, c, what, _("Correct them.")))
    if infinite:
        raise Problems(infinite)
    notes: list[Note] = []
    if not whole.all():
        lost, n = int((~whole).sum()), len(whole)
        notes.append(
            Note(
                "rows_dropped",
                _("{lost:,} of {n:,} rows are incomplete and were not used.", lost=lost, n=n),
            )
        )
    for column in (c for c in columns if not pd.api.types.is_numeric_dtype(frame[c])):
        present = set(frame[column])
        gone = [str(v) for v in _levels(data[column]) if v not in present]
        if gone:
            names = ", ".join(gone[:SHOWN]) + (" ..." if len(gone) > SHOWN else "")
            said = _(
                "{n:,} groups of {column} have no complete row: {names}.",
                n=len(gone),
                column=column,
                names=names,
            )
            notes.append(Note("empty_groups", said))
    return frame, tuple(notes)


def repeated_notes(data: pd.DataFrame, used: Sequence[str]) -> tuple[Note, ...]:
    """Note whole rows that repeat, in data that hold more columns than the analysis uses.

    Persons may be alike in the columns used; alike in every column of a wider table, they are probably one row twice.
    """
    twice = data.duplicated()
    if len(data.columns) <= len(set(used)) or not twice.any():
        return ()
    said = _(
        "{n:,} rows equal an earlier one in every column (rows {rows}); if they are one case, remove them.",
        n=int(twice.sum()),
        rows=rows_of(twice),
    )
    return (Note("repeated_rows", said),)


def _levels(column: pd.Series) -> list[object]:
    """Levels that a column names, categories without rows included."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.categories.tolist()
    return column.dropna().unique().tolist()
