"""Checks before any model of ratings or persons: refuse what is wrong, and note what is left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sim.errors import Message, Problem, Problems, _
from sim.inference.result import Note

SHOWN = 5
"""Rows or names quoted in a message."""

_SHORT_NUMBER = r"\d{1,8}(\.0+)?"
"""Codes that may be one's own numbering of a list; those of persons (NIP, NIK) are longer."""


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
        Also several names where one belongs, and a column that holds a number and the same number as text.
    """
    several = [c for c in columns if isinstance(c, (list, tuple, set, dict, np.ndarray, pd.Series, pd.Index))]
    if several:
        what = _("Several names stand where the name of one column belongs.")
        raise Problems(
            [
                Problem(
                    where, None, ", ".join(map(str, c)), what, _("Give one name, as text without brackets.")
                )
                for c in several
            ]
        )
    absent = [c for c in dict.fromkeys(columns) if c not in data.columns]
    if absent:
        have = _("The columns are: {columns}.", columns=", ".join(map(str, data.columns)))
        raise Problems([Problem(where, None, c, _("No such column."), have) for c in absent])
    twins = [c for c in dict.fromkeys(columns) if (data.columns == c).sum() > 1]
    if twins:  # which of them is meant cannot be known
        what, do = _("Several columns have this name."), _("Rename all but one of them, or leave them out.")
        raise Problems([Problem(where, None, c, what, do) for c in twins])
    mixed = [(c, twin) for c in dict.fromkeys(columns) if (twin := _number_and_text(data[c])) is not None]
    if mixed:
        do = _("Write the column as text throughout, or as numbers.")
        raise Problems(
            [
                Problem(where, None, c, _('Holds the number {value} and the text "{value}".', value=twin), do)
                for c, twin in mixed
            ]
        )


def _number_and_text(column: pd.Series) -> str | None:
    """Return a value that a column holds both as a number and as text: are 1 and "1" one group or two?"""
    if column.dtype != object and not isinstance(column.dtype, pd.CategoricalDtype):
        return None
    values = column.dropna().unique().tolist()
    numbers = {str(v).removesuffix(".0") for v in values if not isinstance(v, str)}
    return next((v for v in values if isinstance(v, str) and v.strip() in numbers), None)


def distinct_columns(where: str = "data", /, **roles: str | None) -> None:
    """Refuse one column in two roles, such as ratee and rater.

    Parameters
    ----------
    where : str
        File or sheet, for messages.
    **roles
        Column by the name of the parameter; None where it is not used.

    Raises
    ------
    Problems

    Examples
    --------
    >>> distinct_columns(ratee="officer", rater="superior", unit=None)
    """
    seen: dict[str, str] = {}
    for role, column in roles.items():
        if not isinstance(column, str):
            continue
        if column in seen:
            what = _("The same column is given as {one} and as {other}.", one=seen[column], other=role)
            raise Problems([Problem(where, None, column, what, _("Name another column for one of them."))])
        seen[column] = role


def self_ratings(
    ratings: pd.DataFrame, *, ratee: str, rater: str, same_codes: bool | None = None
) -> tuple[pd.Series, Note | None]:
    """Return which rows are self-ratings, by one rule for all models and reports, and a caution where none can tell.

    Equal codes of ratee and rater are one person, unless all codes of both columns are whole numbers of up to
    eight digits: lists are often numbered 1, 2, 3... each by itself. Then no row is taken for a self-rating, and
    the caution says how many might be.

    Parameters
    ----------
    ratings : DataFrame
    ratee, rater : str
        Column names.
    same_codes : bool, optional
        Whether equal codes are one person; by default as above.

    Returns
    -------
    own : Series of bool
    note : Note, optional
        Key "same_number".

    Examples
    --------
    >>> data = pd.DataFrame({"who": [1, 2, 3], "by": [2, 2, 1]})
    >>> self_ratings(data, ratee="who", rater="by")[0].tolist()
    [False, False, False]
    >>> self_ratings(data, ratee="who", rater="by", same_codes=True)[0].tolist()
    [False, True, False]
    """
    known = ratings[ratee].notna() & ratings[rater].notna()
    codes = [ratings[c].astype(object).map(str).str.replace(r"\.0+$", "", regex=True) for c in (ratee, rater)]
    equal = codes[0].eq(codes[1]) & known
    if same_codes is False or not equal.any():
        return equal & False, None
    if same_codes is None and all(c[known].str.fullmatch(_SHORT_NUMBER).all() for c in codes):
        same = _(
            "In {n:,} rows rater and ratee have the same number. They are kept, as of two lists that are numbered each "
            "by itself (same_codes=False); if they are one person, say same_codes=True.",
            n=int(equal.sum()),
        )
        return equal & False, Note("same_number", same)
    return equal, None


def check_ratings(
    ratings: pd.DataFrame,
    *,
    score: str,
    ratee: str,
    rater: str,
    columns: Sequence[str] = (),
    ordered: bool = False,
    same_codes: bool | None = None,
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
    same_codes : bool, optional
        Whether equal codes of ratee and rater are one person, see `self_ratings`.
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
        rows, self-ratings (see `self_ratings`).
    """
    require_columns(ratings, [score, ratee, rater, *columns], where)
    distinct_columns(where, score=score, ratee=ratee, rater=rater)
    needed = list(dict.fromkeys([score, ratee, rater, *columns]))
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
    own, doubt = self_ratings(ratings, ratee=ratee, rater=rater, same_codes=same_codes)
    if own.any():
        n, rows = int(own.sum()), rows_of(own)
        wrong(
            rater,
            _("{n:,} ratings are by the ratees themselves (rows {rows}).", n=n, rows=rows),
            _(
                "Self-ratings measure something else: analyse them apart. Two lists with codes alike: same_codes=False."
            ),
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
    if doubt is not None:
        notes += (doubt,)
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
