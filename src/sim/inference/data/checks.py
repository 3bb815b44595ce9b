"""Checks before any model of ratings or persons: what is wrong is refused, what is left out is told."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sim.errors import Problem, Problems
from sim.inference.models.mixed import Array
from sim.inference.result import Note, number

SHOWN = 5  # rows or names quoted in a message


def rows_of(where: pd.Series | Array) -> str:
    """The first offending rows as the user counts them (heading is row 1)."""
    rows = (np.flatnonzero(np.asarray(where)) + 2).tolist()
    more = f" and {len(rows) - SHOWN:,} more" if len(rows) > SHOWN else ""
    return ", ".join(map(str, rows[:SHOWN])) + more


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
    """Ratings fit for a model, or everything that is wrong with them.

    Parameters
    ----------
    ratings : DataFrame
        Long format, one rating a row.
    score, ratee, rater : str
        Column names.
    columns : sequence of str
        Further columns the model uses.
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
        rows, self-ratings (equal numbers may be two numberings, so they only earn a note).
    """
    needed = list(dict.fromkeys([score, ratee, rater, *columns]))
    _require_columns(ratings, needed, where)
    if not ordered and not pd.api.types.is_numeric_dtype(ratings[score]):
        raise Problems(
            [Problem(where, None, score, "Scores are not numbers.", "Convert them, or use ordered_model.")]
        )

    problems: list[Problem] = []

    def wrong(column: str | None, what: str, do: str) -> None:
        problems.append(Problem(where, None, column, what, do))

    twice = ratings.duplicated()
    if twice.any():
        wrong(
            None,
            f"{int(twice.sum()):,} rows repeat an earlier row (rows {rows_of(twice)}).",
            "Remove them, or add a column (occasion, criterion) that tells them apart.",
        )
    own = ratings[ratee].astype(object).eq(ratings[rater].astype(object)) & ratings[ratee].notna()
    numbered = pd.api.types.is_numeric_dtype(ratings[ratee]) and pd.api.types.is_numeric_dtype(ratings[rater])
    if own.any() and not numbered:
        wrong(
            rater,
            f"{int(own.sum()):,} ratings are by the ratees themselves (rows {rows_of(own)}).",
            "Self-ratings measure something else: analyse them apart.",
        )
    frame, notes = check_complete(ratings, needed, where)
    for column, name in ((rater, "rater"), (ratee, "ratee")):
        if (frame[column] == frame[column].iloc[0]).all():
            wrong(column, f"There is one {name} only.", f"Effects of {name}s need at least two.")
    if (frame[score] == frame[score].iloc[0]).all():
        wrong(score, "All scores are equal.", "There is nothing to explain; check the column.")
    if problems:
        raise Problems(problems)
    if own.any():
        notes += (
            Note(
                "same_number",
                f"Pada {own.sum()} baris nomor penilai sama dengan nomor yang dinilai; bila orangnya sama, keluarkan.",
                f"In {own.sum()} rows rater and ratee have the same number; if they are one person, leave these out.",
            ),
        )
    return frame, notes


def check_complete(
    data: pd.DataFrame, columns: Sequence[str], where: str = "data"
) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Rows complete in these columns, with notes on the rows and groups that are lost.

    Raises
    ------
    Problems
        Missing columns; no complete row; infinite numbers.
    """
    _require_columns(data, columns, where)
    whole = data[list(columns)].notna().all(axis=1)
    frame = data.loc[whole].reset_index(drop=True)
    if frame.empty:
        raise Problems([Problem(where, None, None, "No row is complete.", f"Needed: {', '.join(columns)}.")])
    infinite = [
        Problem(
            where, None, c, f"{int(bad.sum()):,} values are infinite (rows {rows_of(bad)}).", "Correct them."
        )
        for c in columns
        if pd.api.types.is_numeric_dtype(data[c])
        and (bad := np.isinf(data[c].to_numpy(float, na_value=0))).any()
    ]
    if infinite:
        raise Problems(infinite)
    notes: list[Note] = []
    if not whole.all():
        lost, of = int((~whole).sum()), len(whole)
        notes.append(
            Note(
                "rows_dropped",
                f"{number(lost, 'id', 0)} dari {number(of, 'id', 0)} baris tidak lengkap dan tidak dipakai.",
                f"{number(lost, 'en', 0)} of {number(of, 'en', 0)} rows are incomplete and were not used.",
            )
        )
    for column in (c for c in columns if not pd.api.types.is_numeric_dtype(frame[c])):
        present = set(frame[column])
        gone = [str(v) for v in _levels(data[column]) if v not in present]
        if gone:
            names = ", ".join(gone[:SHOWN]) + (" ..." if len(gone) > SHOWN else "")
            notes.append(
                Note(
                    "empty_groups",
                    f"{len(gone)} kelompok {column} tanpa satu pun baris lengkap: {names}.",
                    f"{len(gone)} groups of {column} have no complete row: {names}.",
                )
            )
    return frame, tuple(notes)


def repeated_notes(data: pd.DataFrame, used: Sequence[str]) -> tuple[Note, ...]:
    """A caution where whole rows repeat, in data that hold more columns than the analysis uses.

    Persons may be alike in the columns used; alike in every column of a wider table, they are probably one row twice.
    """
    twice = data.duplicated()
    if len(data.columns) <= len(set(used)) or not twice.any():
        return ()
    count, where = int(twice.sum()), rows_of(twice)
    return (
        Note(
            "repeated_rows",
            f"{count} baris sama dengan baris sebelumnya di semua kolom (baris {where}); bila itu data ganda, buang.",
            f"{count} rows equal an earlier one in every column (rows {where}); if they are one case, remove them.",
        ),
    )


def _require_columns(data: pd.DataFrame, columns: Sequence[str], where: str) -> None:
    absent = [c for c in columns if c not in data.columns]
    if absent:
        have = ", ".join(map(str, data.columns))
        raise Problems(
            [Problem(where, None, c, "No such column.", f"The columns are: {have}.") for c in absent]
        )
    refuse_twins(data, columns, where)


def refuse_twins(data: pd.DataFrame, columns: Sequence[str], where: str) -> None:
    """Refuse a needed column whose name is there twice: which of them is meant cannot be known."""
    twins = [c for c in dict.fromkeys(columns) if (data.columns == c).sum() > 1]
    if twins:
        what, do = "Several columns have this name.", "Rename all but one of them, or leave them out."
        raise Problems([Problem(where, None, c, what, do) for c in twins])


def _levels(column: pd.Series) -> list[object]:
    """Levels a column names, categories without rows included."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.categories.tolist()
    return column.dropna().unique().tolist()
