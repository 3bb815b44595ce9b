"""Reading appraisal data: ratings, 360 sheets, panels, event logs and complaint registers.

Files are CSV (comma or semicolon), Excel or parquet; a DataFrame, such as a table of a simulation's results, is taken
as it is. Every reader checks the columns it needs, says all that is wrong at once with the rows, and refuses personal
data unless it is told to pseudonymise it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from sim.errors import KinerjaError, Problem, Problems
from sim.inference.data.privacy import LARGEST_EXACT, as_text, pseudonymise, refuse_personal

Source: TypeAlias = str | Path | pd.DataFrame

# What a failed check means to the reader: check name -> (what, do).
SAID = {
    "not_nullable": ("{n} cells are empty", "Fill them in, or remove the rows."),
    "number": ("{n} cells are not numbers", "Correct them, or leave them empty if unknown."),
    "date": ("{n} cells are not dates", "Use 2026-01-31 or 31/01/2026, or leave them empty if unknown."),
    "in_range": ("{n} values are outside the scale", "Correct them, or give the right scale."),
    "after": ("{n} dates lie before the opening date", "Correct them."),
    "unique": ("{n} rows repeat an earlier one", "Keep one row each."),
}


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
    """Ratings in long format, one a row.

    Parameters
    ----------
    source : path or DataFrame
    ratee, rater, score : str
        Column names. An unknown rater or score may be empty; a ratee may not.
    scale : (float, float), optional
        Lowest and highest score possible.
    ordered : bool
        Scores are labels (predikat), not numbers.
    sheet : str or int
        Of an Excel workbook.
    pseudonyms : sequence of str
        Columns of identities to be replaced on the way in.
    project : str, optional
        Whose key makes the pseudonyms, see `pseudonymise`.

    Returns
    -------
    DataFrame
        All columns of the source; identities as text, scores as float64 (text if `ordered`).

    Raises
    ------
    Problems
        Everything that is wrong, with rows; personal data that were not pseudonymised.

    Examples
    --------
    >>> frame = pd.DataFrame({"officer": ["a", "a"], "rater": ["x", None], "score": ["3,5", "4"]})
    >>> read_ratings(frame, ratee="officer", rater="rater", score="score")["score"].tolist()
    [3.5, 4.0]
    """
    frame, where = _load(source, [ratee, rater], sheet, pseudonyms, project)
    columns = {ratee: pa.Column(nullable=False), rater: pa.Column(nullable=True)}
    if not ordered:
        frame = _numbers(frame, [score], where)
        checks = [pa.Check.in_range(*scale, name="in_range")] if scale else []
        columns[score] = pa.Column(float, checks, nullable=True)
    else:
        columns[score] = pa.Column(nullable=True)
    return _validated(frame, columns, where)


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
    """A 360-degree sheet (scores side by side) as long ratings.

    Parameters
    ----------
    source : path or DataFrame
        One row a ratee (with a column a rater or source), or one row a ratee and rater (with a column a criterion).
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
    """
    names = dict(columns) if isinstance(columns, Mapping) else {c: c for c in columns}
    ids = [ratee, *([rater] if rater else [])]
    frame, where = _load(source, ids, sheet, pseudonyms, project)
    if into in frame.columns or score in frame.columns:
        raise KinerjaError(
            f"{where}: a column {into} or {score} exists already; choose other names for the new ones."
        )
    frame = _numbers(frame, list(names), where)
    checks = [pa.Check.in_range(*scale, name="in_range")] if scale else []
    schema = {c: pa.Column(float, checks, nullable=True) for c in names} | {
        c: pa.Column(nullable=False) for c in ids
    }
    frame = _validated(frame, schema, where).rename(columns=names)
    others = [c for c in frame.columns if c not in names.values()]
    long = frame.melt(others, list(names.values()), var_name=into, value_name=score)
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
    """A panel: one row a person (or unit) and period.

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
    """
    frame, where = _load(source, [person], sheet, pseudonyms, project)
    frame = _numbers(frame, numbers, where)
    columns = {person: pa.Column(nullable=False), period: pa.Column(nullable=False)}
    frame = _validated(frame, columns | {c: pa.Column(float, nullable=True) for c in numbers}, where)
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
    """An event log: one row an activity of a case.

    Parameters
    ----------
    case, activity, time : str
        Column names; none may be empty.
    officer : str, optional
        Who did it.
    source, sheet, pseudonyms, project
        As in `read_ratings`.

    Returns
    -------
    DataFrame
        `time` as datetimes, sorted by case and time (ties keep their order).
    """
    ids = [case, *([officer] if officer else [])]
    frame, where = _load(source, ids, sheet, pseudonyms, project)
    frame = _dates(frame, [time], where)
    columns = {c: pa.Column(nullable=False) for c in (case, activity, time)}
    frame = _validated(frame, columns | ({officer: pa.Column(nullable=True)} if officer else {}), where)
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
    """A complaint register: one row a complaint; those not closed have an empty closing date.

    Parameters
    ----------
    opened, closed : str
        Columns of dates; a complaint is not closed before it is opened.
    unit : str, optional
        Where it was lodged; not empty.
    source, sheet, pseudonyms, project
        As in `read_ratings`.

    Returns
    -------
    DataFrame
        With both columns as datetimes.
    """
    frame, where = _load(source, [], sheet, pseudonyms, project)
    frame = _dates(frame, [opened, closed], where)
    columns = {opened: pa.Column(nullable=False), closed: pa.Column(nullable=True)}
    frame = _validated(frame, columns | ({unit: pa.Column(nullable=False)} if unit else {}), where)
    _refuse_rows(frame[closed] < frame[opened], closed, "after", where)
    return frame


def _load(
    source: Source, ids: Sequence[str], sheet: str | int, pseudonyms: Sequence[str], project: str | None
) -> tuple[pd.DataFrame, str]:
    """The table with identities as text and without personal data, and what to call it."""
    if isinstance(source, pd.DataFrame):
        frame, where = source.reset_index(drop=True).copy(), "data"
    else:
        path = Path(source)
        frame, where = _read_file(path, {*ids, *pseudonyms}, sheet), path.name
    frame.columns = frame.columns.map(str)
    for column in (c for c in ids if c in frame.columns):
        rounded = frame[column].map(lambda v: isinstance(v, (int, float)) and abs(v) > LARGEST_EXACT)
        if rounded.any() and not pd.api.types.is_integer_dtype(frame[column]):
            what = "Long numbers were stored as numbers and lost their last digits."
            raise Problems(
                [Problem(where, None, column, what, "Format the column as text and export it again.")]
            )
        frame[column] = frame[column].map(as_text, na_action="ignore").astype("str")
    if pseudonyms:
        if not project:
            raise KinerjaError(
                "Pseudonyms need the name of a project (project=...); its key keeps them stable."
            )
        frame = pseudonymise(frame, pseudonyms, project)
    refuse_personal(frame, where, ids)
    return frame, where


def peek(path: Path, column: str) -> pd.Series:
    """A column of a file as it stands, unchecked; empty where the file or the column is missing."""
    if not path.is_file():
        return pd.Series(dtype=float)
    return _read_file(path, {column}, 0).get(column, pd.Series(dtype=float))


def _read_file(path: Path, text: set[str], sheet: str | int) -> pd.DataFrame:
    if not path.is_file():
        raise KinerjaError(f"{path}: there is no such file.")
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
            f"{path.name}: the file cannot be read ({type(error).__name__}). Is it complete?"
        ) from error
    raise KinerjaError(f"{path.name}: this kind of file is not read. Use CSV, Excel (.xlsx) or parquet.")


def _require(frame: pd.DataFrame, columns: Sequence[str], where: str) -> None:
    have = ", ".join(frame.columns)
    absent = [c for c in columns if c not in frame.columns]
    if absent:
        raise Problems(
            [Problem(where, None, c, "No such column.", f"The columns are: {have}.") for c in absent]
        )


def _numbers(frame: pd.DataFrame, columns: Sequence[str], where: str) -> pd.DataFrame:
    """Columns as float64; a decimal comma is understood."""
    _require(frame, columns, where)
    out = frame.copy()
    for column in columns:
        values = frame[column]
        if not pd.api.types.is_numeric_dtype(values):
            text = values.astype("string").str.strip()
            values = pd.to_numeric(
                text.str.replace(r"^(-?\d+),(\d+)$", r"\1.\2", regex=True), errors="coerce"
            )
            _refuse_rows(values.isna() & text.notna() & (text != ""), column, "number", where)
        out[column] = values.astype(float)
    return out


def _dates(frame: pd.DataFrame, columns: Sequence[str], where: str) -> pd.DataFrame:
    """Columns as datetimes: ISO, else day first."""
    _require(frame, columns, where)
    out = frame.copy()
    for column in columns:
        values = frame[column]
        if not pd.api.types.is_datetime64_any_dtype(values):
            filled = values.notna() & (values.astype(str).str.strip() != "")
            parsed = pd.to_datetime(values, format="ISO8601", errors="coerce")
            if (parsed.isna() & filled).any():
                parsed = pd.to_datetime(values, dayfirst=True, format="mixed", errors="coerce")
            _refuse_rows(parsed.isna() & filled, column, "date", where)
            values = parsed
        out[column] = values
    return out


def _validated(frame: pd.DataFrame, columns: dict[str, pa.Column], where: str) -> pd.DataFrame:
    """The frame, or every failed check of the schema as a Problem."""
    _require(frame, list(columns), where)
    try:
        return pa.DataFrameSchema(columns).validate(frame, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases
        raise Problems(
            [
                _said(where, str(column), str(check), pd.to_numeric(part["index"]).tolist())
                for (column, check), part in cases.groupby(["column", "check"], sort=False)
            ]
        ) from None


def _refuse_rows(bad: pd.Series, column: str, check: str, where: str) -> None:
    if bad.any():
        raise Problems([_said(where, column, check, bad.index[bad].tolist())])


def _said(where: str, column: str, check: str, rows: list[int]) -> Problem:
    what, do = SAID.get(check.split("(")[0], ("{n} cells are wrong (" + check + ")", "Correct them."))
    first = ", ".join(str(r + 2) for r in rows[:5]) + (" ..." if len(rows) > 5 else "")
    return Problem(where, rows[0] + 2, column, f"{what.format(n=f'{len(rows):,}')} (rows {first}).", do)
