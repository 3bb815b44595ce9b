"""Read appraisal data: ratings, 360 sheets, panels, event logs and complaint registers.

Files are CSV (comma or semicolon), Excel or parquet; a DataFrame, such as a table of a simulation's results, is taken
as it is. Every reader checks the columns it needs, names all that is wrong at once with the rows, and refuses personal
data unless it is asked to pseudonymise them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from sim.errors import KinerjaError, Message, Problem, Problems, _
from sim.inference.data.checks import SHOWN, require_columns
from sim.inference.data.privacy import LARGEST_EXACT, as_text, pseudonymise, refuse_personal

Source: TypeAlias = str | Path | pd.DataFrame
Names: TypeAlias = str | Sequence[str] | None


@dataclass(frozen=True, slots=True)
class Column:
    """What a reader expects of a column.

    Attributes
    ----------
    kind : {"identity", "number", "date", "any"}
        Identities become text, numbers float64 (a decimal comma is understood), dates datetimes (ISO, else day first).
    empty : bool
        Whether cells may be empty.
    """

    kind: Literal["identity", "number", "date", "any"]
    empty: bool = False


TABLES: dict[str, dict[str, Column]] = {
    "ratings": {
        "ratee": Column("identity"),
        "rater": Column("identity", empty=True),
        "score": Column("number", empty=True),
    },
    "ordered ratings": {
        "ratee": Column("identity"),
        "rater": Column("identity", empty=True),
        "score": Column("any", empty=True),
    },
    "360": {
        "scores": Column("number", empty=True),
        "ratee": Column("identity"),
        "rater": Column("identity"),
    },
    "panel": {
        "person": Column("identity"),
        "period": Column("any"),
        "numbers": Column("number", empty=True),
    },
    "events": {
        "case": Column("identity"),
        "activity": Column("any"),
        "time": Column("date"),
        "officer": Column("identity", empty=True),
    },
    "complaints": {
        "opened": Column("date"),
        "closed": Column("date", empty=True),
        "unit": Column("any"),
    },
}
"""The columns of every kind of data, by the parameter of the reader that names them."""

FAULTS: dict[str, tuple[Message, Message]] = {
    "not_nullable": (
        _("{n:,} cells are empty (rows {rows})."),
        _("Fill them in, or remove the rows."),
    ),
    "number": (
        _("{n:,} cells are not numbers (rows {rows})."),
        _("Correct them, or leave them empty if unknown."),
    ),
    "date": (
        _("{n:,} cells are not dates (rows {rows})."),
        _("Use 2026-01-31 or 31/01/2026, or leave them empty if unknown."),
    ),
    "in_range": (
        _("{n:,} values are outside the scale (rows {rows})."),
        _("Correct them, or give the right scale."),
    ),
    "after": (
        _("{n:,} dates lie before the opening date (rows {rows})."),
        _("Correct them."),
    ),
    "unique": (
        _("{n:,} rows repeat an earlier one (rows {rows})."),
        _("Keep one row each."),
    ),
}
"""What a failed check means to the reader, and what to do about it."""


def read_ratings(
    source: Source,
    *,
    ratee: str,
    rater: str,
    score: str,
    scale: tuple[float, float] | None = None,
    ordered: bool = False,
    sheet: str | int = 0,
    pseudonyms: Sequence[str] = (),
    project: str | None = None,
) -> pd.DataFrame:
    """Read ratings in long format, one rating per row.

    Parameters
    ----------
    source : path or DataFrame
    ratee, rater, score : str
        Column names. A rater or a score may be empty (unknown); a ratee may not.
    scale : (float, float), optional
        Lowest and highest score possible.
    ordered : bool
        Scores are labels (predikat), not numbers.
    sheet : str or int
        Of an Excel workbook.
    pseudonyms : sequence of str
        Columns of identities to be replaced on the way in.
    project : str, optional
        The project whose key makes the pseudonyms, see `pseudonymise`.

    Returns
    -------
    DataFrame
        All columns of the source; identities as text, scores as float64 (unchanged if `ordered`).

    Raises
    ------
    KinerjaError
        A file that cannot be read.
    Problems
        Everything that is wrong, with rows; personal data that were not pseudonymised.

    Examples
    --------
    >>> frame = pd.DataFrame({"officer": ["a", "a"], "rater": ["x", None], "score": ["3,5", "4"]})
    >>> read_ratings(frame, ratee="officer", rater="rater", score="score")["score"].tolist()
    [3.5, 4.0]
    """
    names: dict[str, Names] = {"ratee": ratee, "rater": rater, "score": score}
    kind = "ordered ratings" if ordered else "ratings"
    return _read(kind, source, names, sheet, pseudonyms, project, scale)[0]


def read_360(
    source: Source,
    *,
    ratee: str,
    columns: Sequence[str] | Mapping[str, str],
    into: str = "criterion",
    rater: str | None = None,
    score: str = "score",
    scale: tuple[float, float] | None = None,
    sheet: str | int = 0,
    pseudonyms: Sequence[str] = (),
    project: str | None = None,
) -> pd.DataFrame:
    """Read a 360-degree sheet (scores side by side) as long ratings.

    Parameters
    ----------
    source : path or DataFrame
        One row per ratee (one score column per rater or source), or one row per ratee and rater (one score column
        per criterion).
    ratee : str
        Column of the ratee.
    columns : sequence of str, or mapping of str to str
        Columns that hold scores; a mapping renames them (``{"nilai_atasan": "superior"}``).
    into : str
        Column for their names: "criterion", "rater" or "source".
    rater : str, optional
        Column of the rater where the sheet has one.
    score, scale, sheet, pseudonyms, project
        As in `read_ratings`; `score` names the new column.

    Returns
    -------
    DataFrame
        The other columns, `into` and `score`; empty cells are left out.

    Raises
    ------
    KinerjaError, Problems
        As `read_ratings`; a column `into` or `score` that exists already.
    """
    renamed = dict(columns) if isinstance(columns, Mapping) else {c: c for c in columns}
    names: dict[str, Names] = {"scores": list(renamed), "ratee": ratee, "rater": rater}
    frame, where = _read("360", source, names, sheet, pseudonyms, project, scale)
    if into in frame.columns or score in frame.columns:
        raise KinerjaError(
            _(
                "{where}: a column {into} or {score} exists already; choose other names for the new ones.",
                where=where,
                into=into,
                score=score,
            )
        )
    frame = frame.rename(columns=renamed)
    others = [c for c in frame.columns if c not in renamed.values()]
    long = frame.melt(others, list(renamed.values()), var_name=into, value_name=score)
    return long.dropna(subset=[score]).reset_index(drop=True)


def read_panel(
    source: Source,
    *,
    person: str,
    period: str,
    numbers: Sequence[str] = (),
    sheet: str | int = 0,
    pseudonyms: Sequence[str] = (),
    project: str | None = None,
) -> pd.DataFrame:
    """Read a panel, one row per person (or unit) and period.

    Parameters
    ----------
    person, period : str
        Column names; a pair occurs once.
    numbers : sequence of str
        Columns to be read as numbers.
    source, sheet, pseudonyms, project
        As in `read_ratings`.

    Returns
    -------
    DataFrame
        Sorted by person and period.

    Raises
    ------
    KinerjaError, Problems
        As `read_ratings`; a person and period that occur twice.
    """
    names: dict[str, Names] = {"person": person, "period": period, "numbers": numbers}
    frame, where = _read("panel", source, names, sheet, pseudonyms, project)
    _refuse_rows(frame.duplicated([person, period]), f"{person}, {period}", "unique", where)
    return frame.sort_values([person, period], kind="stable").reset_index(drop=True)


def read_events(
    source: Source,
    *,
    case: str,
    activity: str,
    time: str,
    officer: str | None = None,
    sheet: str | int = 0,
    pseudonyms: Sequence[str] = (),
    project: str | None = None,
) -> pd.DataFrame:
    """Read an event log, one row per activity of a case.

    Parameters
    ----------
    case, activity, time : str
        Column names; none may be empty.
    officer : str, optional
        Column of the officer who did it; may be empty.
    source, sheet, pseudonyms, project
        As in `read_ratings`.

    Returns
    -------
    DataFrame
        `time` as datetimes, sorted by case and time (ties keep their order).

    Raises
    ------
    KinerjaError, Problems
        As `read_ratings`; times that are not dates.
    """
    names: dict[str, Names] = {"case": case, "activity": activity, "time": time, "officer": officer}
    frame, __ = _read("events", source, names, sheet, pseudonyms, project)
    return frame.sort_values([case, time], kind="stable").reset_index(drop=True)


def read_complaints(
    source: Source,
    *,
    opened: str,
    closed: str,
    unit: str | None = None,
    sheet: str | int = 0,
    pseudonyms: Sequence[str] = (),
    project: str | None = None,
) -> pd.DataFrame:
    """Read a complaint register, one row per complaint; a complaint that is still open has no closing date.

    Parameters
    ----------
    opened, closed : str
        Columns of dates; a complaint is not closed before it is opened.
    unit : str, optional
        Column of the unit where it was lodged; not empty.
    source, sheet, pseudonyms, project
        As in `read_ratings`.

    Returns
    -------
    DataFrame
        With both columns as datetimes.

    Raises
    ------
    KinerjaError, Problems
        As `read_ratings`; a complaint closed before it was opened.
    """
    names: dict[str, Names] = {"opened": opened, "closed": closed, "unit": unit}
    frame, where = _read("complaints", source, names, sheet, pseudonyms, project)
    _refuse_rows(frame[closed] < frame[opened], closed, "after", where)
    return frame


def peek(path: Path, column: str) -> pd.Series:
    """Return a column of a file as it stands, unchecked; empty where the file or the column is missing."""
    if not path.is_file():
        return pd.Series(dtype=float)
    return _read_file(path, {column}, 0).get(column, pd.Series(dtype=float))


def _read(
    table: str,
    source: Source,
    names: Mapping[str, Names],
    sheet: str | int,
    pseudonyms: Sequence[str],
    project: str | None,
    scale: tuple[float, float] | None = None,
) -> tuple[pd.DataFrame, str]:
    """Read one kind of data, check it against its row of `TABLES`, and say what it is called in messages."""
    columns = {
        name: column
        for role, column in TABLES[table].items()
        for name in _several(names[role])
    }  # fmt: skip
    ids = [name for name, column in columns.items() if column.kind == "identity"]
    frame, where = _load(source, ids, sheet, pseudonyms, project)
    require_columns(frame, list(columns), where)
    for name, column in columns.items():
        if column.kind == "number":
            frame[name] = _numbers(frame[name], name, where)
        elif column.kind == "date":
            frame[name] = _dates(frame[name], name, where)
    in_range = [pa.Check.in_range(*scale, name="in_range")] if scale else []
    schema = {
        name: pa.Column(float, in_range, nullable=column.empty)
        if column.kind == "number"
        else pa.Column(nullable=column.empty)
        for name, column in columns.items()
    }
    try:
        return pa.DataFrameSchema(schema).validate(frame, lazy=True), where
    except SchemaErrors as error:
        faults = error.failure_cases.groupby(["column", "check"], sort=False)
        raise Problems(
            [
                _fault(where, str(column), str(check), pd.to_numeric(part["index"]).tolist())
                for (column, check), part in faults
            ]
        ) from None


def _several(names: Names) -> list[str]:
    if names is None:
        return []
    return [names] if isinstance(names, str) else list(names)


def _load(
    source: Source, ids: Sequence[str], sheet: str | int, pseudonyms: Sequence[str], project: str | None
) -> tuple[pd.DataFrame, str]:
    """Return the table with identities as text and without personal data, and what to call it in messages."""
    if isinstance(source, pd.DataFrame):
        frame, where = source.reset_index(drop=True).copy(), "data"
    else:
        path = Path(source)
        frame, where = _read_file(path, {*ids, *pseudonyms}, sheet), path.name
    frame.columns = frame.columns.map(str)
    for column in (c for c in ids if c in frame.columns):
        rounded = frame[column].map(lambda v: isinstance(v, (int, float)) and abs(v) > LARGEST_EXACT)
        if rounded.any() and not pd.api.types.is_integer_dtype(frame[column]):
            what = _("Long numbers were stored as numbers and lost their last digits.")
            do = _("Format the column as text and export it again.")
            raise Problems([Problem(where, None, column, what, do)])
        frame[column] = frame[column].map(as_text, na_action="ignore").astype("str")
    if pseudonyms:
        if not project:
            raise KinerjaError(
                _("Pseudonyms need the name of a project (project=...); its key keeps them stable.")
            )
        frame = pseudonymise(frame, pseudonyms, project)
    refuse_personal(frame, where, ids)
    return frame, where


def _read_file(path: Path, text: set[str], sheet: str | int) -> pd.DataFrame:
    if not path.is_file():
        raise KinerjaError(_("{path}: there is no such file.", path=path))
    kind = "".join(path.suffixes[-2:]).lower() if path.suffix.lower() == ".gz" else path.suffix.lower()
    try:
        if kind in (".csv", ".csv.gz", ".txt"):
            head = str(pd.read_csv(path, nrows=0, sep="\0", engine="python", encoding="utf-8-sig").columns[0])
            semicolon = head.count(";") > head.count(",")
            dtype = dict.fromkeys(text, str)
            return pd.read_csv(path, sep=";" if semicolon else ",", dtype=dtype, encoding="utf-8-sig")
        if kind in (".xlsx", ".xlsm"):
            return pd.read_excel(path, sheet_name=sheet, dtype=dict.fromkeys(text, object))
        if kind == ".parquet":
            return pd.read_parquet(path)
    except (ValueError, OSError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise KinerjaError(
            _(
                "{path}: the file cannot be read ({error}). Is it complete?",
                path=path.name,
                error=type(error).__name__,
            )
        ) from error
    raise KinerjaError(
        _("{path}: this kind of file is not read. Use CSV, Excel (.xlsx) or parquet.", path=path.name)
    )


def _numbers(values: pd.Series, column: str, where: str) -> pd.Series:
    """Return a column as float64; a decimal comma is understood."""
    if not pd.api.types.is_numeric_dtype(values):
        text = values.astype("string").str.strip()
        values = pd.to_numeric(text.str.replace(r"^(-?\d+),(\d+)$", r"\1.\2", regex=True), errors="coerce")
        _refuse_rows(values.isna() & text.notna() & (text != ""), column, "number", where)
    return values.astype(float)


def _dates(values: pd.Series, column: str, where: str) -> pd.Series:
    """Return a column as datetimes: ISO, else day first."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return values
    filled = values.notna() & (values.astype(str).str.strip() != "")
    parsed = pd.to_datetime(values, format="ISO8601", errors="coerce")
    if (parsed.isna() & filled).any():
        parsed = pd.to_datetime(values, dayfirst=True, format="mixed", errors="coerce")
    _refuse_rows(parsed.isna() & filled, column, "date", where)
    return parsed


def _refuse_rows(bad: pd.Series, column: str, check: str, where: str) -> None:
    if bad.any():
        raise Problems([_fault(where, column, check, bad.index[bad].tolist())])


def _fault(where: str, column: str, check: str, rows: list[int]) -> Problem:
    unknown = (_("{n:,} cells fail the check {check} (rows {rows})."), _("Correct them."))
    what, do = FAULTS.get(check.split("(")[0], unknown)
    first = ", ".join(str(r + 2) for r in rows[:SHOWN]) + (" ..." if len(rows) > SHOWN else "")
    return Problem(where, rows[0] + 2, column, what.filled(n=len(rows), rows=first, check=check), do)
