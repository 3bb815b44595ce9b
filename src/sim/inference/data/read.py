"""Read appraisal data: ratings, 360 sheets, panels, event logs and complaint registers.

Files are CSV (comma, semicolon or tab), Excel or parquet; a DataFrame, such as a table of a simulation's results, is
taken as it is. Every reader checks the columns it needs, names all that is wrong at once with the rows, and refuses
personal data unless it is asked to pseudonymise them. How a file is read as cells and columns: `sim.tables`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import pandas as pd

from sim.errors import KinerjaError, Message, Problem, Problems, _
from sim.inference.data.checks import require_columns
from sim.inference.data.privacy import pseudonymise, refuse_personal
from sim.tables import (
    Cells,
    Place,
    flags,
    identities,
    inferred,
    is_error,
    keep,
    left_out,
    levels_given,
    looks_numeric,
    lost_digits,
    one_spelling,
    order_shown,
    periods,
    read_cells,
)
from sim.tables import dates as read_dates
from sim.tables import numbers as read_numbers
from sim.tables.numbers import FAULTS as CELL_FAULTS
from sim.tables.numbers import NOTHING

Source: TypeAlias = str | Path | pd.DataFrame
Names: TypeAlias = str | Sequence[str] | None


@dataclass(frozen=True, slots=True)
class Column:
    """What a reader expects of a column.

    Attributes
    ----------
    kind : {"identity", "number", "flag", "date", "period", "level", "text"}
        Identities become text, numbers float64, flags (yes and no) 1.0 and 0.0, dates datetimes; periods sort in order
        of time; levels (predikat) have one spelling each; a text may be numbers.
    empty : bool
        Whether cells may be empty.
    """

    kind: Literal["identity", "number", "flag", "date", "period", "level", "text"]
    empty: bool = False


TABLES: dict[str, dict[str, Column]] = {
    "ratings": {
        "ratee": Column("identity"),
        "rater": Column("identity", empty=True),
        "score": Column("number", empty=True),
        "numbers": Column("number", empty=True),
    },
    "ordered ratings": {
        "ratee": Column("identity"),
        "rater": Column("identity", empty=True),
        "score": Column("level", empty=True),
        "numbers": Column("number", empty=True),
    },
    "360": {
        "scores": Column("number", empty=True),
        "ratee": Column("identity"),
        "rater": Column("identity"),
    },
    "panel": {
        "person": Column("identity"),
        "period": Column("period"),
        "numbers": Column("number", empty=True),
        "flags": Column("flag", empty=True),
    },
    "events": {
        "case": Column("identity"),
        "activity": Column("text"),
        "time": Column("date"),
        "start": Column("date", empty=True),
        "arrived": Column("date", empty=True),
        "dates": Column("date", empty=True),
        "officer": Column("identity", empty=True),
    },
    "complaints": {
        "opened": Column("date"),
        "closed": Column("date", empty=True),
        "unit": Column("text"),
    },
}
"""The columns of every kind of data, by the parameter of the reader that names them."""

FAULTS: dict[str, tuple[Message, Message]] = {
    "empty": (
        _("{n:,} cells are empty (rows {rows})."),
        _("Fill them in, or remove the rows."),
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


@dataclass(frozen=True, slots=True)
class Options:
    """How a table is to be read, beside its columns; what a reader's parameters of the same names mean.

    Attributes
    ----------
    sheet : str or int
    pseudonyms : sequence of str
    project : str or None
    missing : sequence of str
    decimal : {".", ","} or None
    scale : (float, float) or None
    levels : sequence of str
    order : sequence of str
    timezone : str or None
    """

    sheet: str | int = 0
    pseudonyms: Sequence[str] = ()
    project: str | None = None
    missing: Sequence[str] = ()
    decimal: str | None = None
    scale: tuple[float, float] | None = None
    levels: Sequence[str] = ()
    order: Sequence[str] = ()
    timezone: str | None = None


def read_ratings(
    source: Source,
    *,
    ratee: str,
    rater: str,
    score: str,
    scale: tuple[float, float] | None = None,
    ordered: bool | None = False,
    levels: Sequence[str] = (),
    numbers: Sequence[str] = (),
    sheet: str | int = 0,
    pseudonyms: Sequence[str] = (),
    project: str | None = None,
    missing: Sequence[str] = (),
    decimal: str | None = None,
) -> pd.DataFrame:
    """Read ratings in long format, one rating per row.

    Parameters
    ----------
    source : path or DataFrame
    ratee, rater, score : str
        Column names, in any case. A rater or a score may be empty (unknown); a ratee may not.
    scale : (float, float), optional
        Lowest and highest score possible.
    ordered : bool, optional
        Scores are labels (predikat), not numbers; None lets the column decide.
    levels : sequence of str
        The labels, lowest first, where they are no predikat.
    numbers : sequence of str
        Further columns to be read as numbers.
    sheet : str or int
        Of an Excel workbook.
    pseudonyms : sequence of str
        Columns of identities to be replaced on the way in.
    project : str, optional
        The project whose key makes the pseudonyms, see `pseudonymise`.
    missing : sequence of str
        Words that mean an empty cell (``["NA", "-"]``). Without them only an empty cell is empty: a rater may be called
        NA.
    decimal : {".", ","}, optional
        The decimal mark of numbers written as text, where the column does not show it itself.

    Returns
    -------
    DataFrame
        All columns of the source; identities as text, scores as float64, labels (`ordered`) with one spelling each.
        ``frame.attrs["read"]`` says how many rows were read and left out, and what was noticed.

    Raises
    ------
    KinerjaError
        A file that cannot be read.
    Problems
        Everything that is wrong, with rows: numbers that may mean two (``1.250``), rows that do not fit the heading,
        identities that lost digits, formulas without results; personal data that were not pseudonymised.

    Examples
    --------
    >>> frame = pd.DataFrame({"officer": ["a", "a"], "rater": ["x", None], "score": ["3,5", "4"]})
    >>> read_ratings(frame, ratee="officer", rater="rater", score="score")["score"].tolist()
    [3.5, 4.0]
    """
    names: dict[str, Names] = {"ratee": ratee, "rater": rater, "score": score, "numbers": numbers}
    options = Options(sheet, pseudonyms, project, missing, decimal, scale, levels)
    cells = read_cells(source, sheet=sheet, missing=missing)
    _find(cells, [score])
    if levels:
        ordered = True
    elif ordered is None:
        ordered = score in cells.frame and not looks_numeric(cells.frame[score])
    return _read("ordered ratings" if ordered else "ratings", cells, names, options)[0]


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
    missing: Sequence[str] = (),
    decimal: str | None = None,
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
    score, scale, sheet, pseudonyms, project, missing, decimal
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
    cells = read_cells(source, sheet=sheet, missing=missing)
    frame, where = _read("360", cells, names, Options(sheet, pseudonyms, project, missing, decimal, scale))
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
    filled = long.dropna(subset=[score]).reset_index(drop=True)
    filled.attrs = frame.attrs
    left_out(filled, "empty_cells", len(long) - len(filled))
    return filled


def read_panel(
    source: Source,
    *,
    person: str,
    period: str,
    numbers: Sequence[str] = (),
    flags: Sequence[str] = (),
    order: Sequence[str] = (),
    sheet: str | int = 0,
    pseudonyms: Sequence[str] = (),
    project: str | None = None,
    missing: Sequence[str] = (),
    decimal: str | None = None,
) -> pd.DataFrame:
    """Read a panel, one row per person (or unit) and period.

    Parameters
    ----------
    person, period : str
        Column names; a pair occurs once.
    numbers : sequence of str
        Columns to be read as numbers.
    flags : sequence of str
        Columns of yes and no (1/0, ya/tidak, true/false), to be read as 1.0 and 0.0.
    order : sequence of str
        The periods, first to last, where their names do not tell (``["pre", "post"]``); they become 1, 2, ...
    source, sheet, pseudonyms, project, missing, decimal
        As in `read_ratings`.

    Returns
    -------
    DataFrame
        Sorted by person and period. Whole numbers and years stay numbers; months (``202501``, ``01-2025``,
        ``Januari 2025``), quarters (``TW1/2025``) and semesters become their first day, or numbers from 1 where no year
        is written.
        ``frame.attrs["read"]`` tells the order and the gaps.

    Raises
    ------
    KinerjaError, Problems
        As `read_ratings`; a person and period that occur twice.
    """
    names: dict[str, Names] = {"person": person, "period": period, "numbers": numbers, "flags": flags}
    options = Options(sheet, pseudonyms, project, missing, decimal, order=order)
    cells = read_cells(source, sheet=sheet, missing=missing)
    frame, where = _read("panel", cells, names, options)
    _refuse_rows(
        frame.duplicated([person, period]), Place(where, f"{person}, {period}", cells.rows), "unique"
    )
    return frame.sort_values([person, period], kind="stable").reset_index(drop=True)


def read_events(
    source: Source,
    *,
    case: str,
    activity: str,
    time: str,
    officer: str | None = None,
    start: str | None = None,
    arrived: str | None = None,
    dates: Sequence[str] = (),
    timezone: str | None = None,
    sheet: str | int = 0,
    pseudonyms: Sequence[str] = (),
    project: str | None = None,
    missing: Sequence[str] = (),
) -> pd.DataFrame:
    """Read an event log, one row per activity of a case.

    Parameters
    ----------
    case, activity, time : str
        Column names; none may be empty.
    officer : str, optional
        Column of the officer who did it; may be empty.
    start, arrived : str, optional
        Columns: when work on the activity started, when the case arrived; may be empty.
    dates : sequence of str
        Further columns to be read as dates (deadline, end of the case); may be empty.
    timezone : str, optional
        Zone of the office ("Asia/Makassar"), needed where times carry offsets that differ (two zones, summer time);
        every column of times is then shown in it.
    source, sheet, pseudonyms, project, missing
        As in `read_ratings`.

    Returns
    -------
    DataFrame
        Columns of times as datetimes (with a zone where they carry an offset), sorted by case and time (ties keep their
        order). Day and month have one order in the whole column: the one it shows, else the day first.

    Raises
    ------
    KinerjaError, Problems
        As `read_ratings`; times that are not dates; columns of which one carries offsets and another does not, where no
        zone says how they belong together.

    Examples
    --------
    >>> rows = pd.DataFrame({"case": [1, 1], "what": ["in", "no"], "when": ["2011-03-26T12:00+01:00",
    ...     "2011-03-28T12:00+02:00"], "lodged": "2011-03-25T12:00+01:00"})
    >>> log = read_events(rows, case="case", activity="what", time="when", arrived="lodged",
    ...     timezone="Europe/Amsterdam")
    >>> log["when"].dt.hour.tolist(), log["lodged"].dt.hour.tolist(), log["what"].tolist()
    ([12, 12], [12, 12], ['in', 'no'])
    """
    names: dict[str, Names] = {
        "case": case,
        "activity": activity,
        "time": time,
        "start": start,
        "arrived": arrived,
        "dates": dates,
        "officer": officer,
    }
    cells = read_cells(source, sheet=sheet, missing=missing)
    options = Options(sheet, pseudonyms, project, missing, timezone=timezone)
    frame, where = _read("events", cells, names, options)
    if timezone is None:
        for other in (c for c in (start, arrived, *dates) if c):
            _same_manner(frame, time, other, where)
    return frame.sort_values([case, time], kind="stable").reset_index(drop=True)


def read_complaints(
    source: Source,
    *,
    opened: str,
    closed: str,
    unit: str | None = None,
    timezone: str | None = None,
    sheet: str | int = 0,
    pseudonyms: Sequence[str] = (),
    project: str | None = None,
    missing: Sequence[str] = (),
) -> pd.DataFrame:
    """Read a complaint register, one row per complaint; a complaint that is still open has no closing date.

    Parameters
    ----------
    opened, closed : str
        Columns of dates; a complaint is not closed before it is opened.
    unit : str, optional
        Column of the unit where it was lodged; not empty.
    timezone : str, optional
        As in `read_events`.
    source, sheet, pseudonyms, project, missing
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
    cells = read_cells(source, sheet=sheet, missing=missing)
    options = Options(sheet, pseudonyms, project, missing, timezone=timezone)
    frame, where = _read("complaints", cells, names, options)
    _same_manner(frame, opened, closed, where)
    if frame[closed].notna().any():
        _refuse_rows(frame[closed] < frame[opened], Place(where, closed, cells.rows), "after")
    return frame


def _same_manner(frame: pd.DataFrame, one: str, other: str, where: str) -> None:
    """Refuse two columns of times of which one carries an offset from UTC and the other does not."""
    aware = [frame[name].dt.tz is not None for name in (one, other)]
    if aware[0] == aware[1] or frame[other].isna().all():
        return
    what = _("the times of {one} carry an offset, those of {other} do not.")
    what = what.filled(one=one if aware[0] else other, other=other if aware[0] else one)
    raise Problems([Problem(where, None, other, what, _("Write all times in one manner."))])


def _read(table: str, cells: Cells, names: Mapping[str, Names], options: Options) -> tuple[pd.DataFrame, str]:
    """Read the columns of one kind of data by its row of `TABLES`; return them, and the table's name in messages."""
    columns = {
        name: column
        for role, column in TABLES[table].items()
        for name in _several(names[role])
    }  # fmt: skip
    ids = [name for name, column in columns.items() if column.kind == "identity"]
    _find(cells, [*columns, *options.pseudonyms])
    require_columns(cells.frame, [*columns, *options.pseudonyms], cells.where)
    _identities(cells, ids, options.pseudonyms)
    for name in (c for c in cells.frame.columns.unique() if c not in columns):
        values = cells.frame[name]
        if isinstance(values, pd.Series):
            cells.frame[name], doubtful = inferred(values)
            if doubtful:
                cells.told.append(("text", {"column": str(name)}))
    if options.pseudonyms:
        if not options.project:
            raise KinerjaError(
                _("Pseudonyms need the name of a project (project=...); its key keeps them stable.")
            )
        cells.frame = pseudonymise(cells.frame, options.pseudonyms, options.project)
    looked_at = cells.frame.copy(deep=False)
    for name, column in columns.items():
        if column.kind in ("number", "flag"):  # digits of a measurement are no NIK
            looked_at[name] = inferred(cells.frame[name])[0]
    refuse_personal(looked_at, cells.where, ids, rows=cells.rows)
    shown = {order_shown(cells.frame[n]) for n, c in columns.items() if c.kind == "date"} - {None}
    dated = shown.pop() if len(shown) == 1 else None  # of one file, columns agree
    problems: list[Problem] = []
    for name, column in columns.items():
        place, raw = cells.place(name), cells.frame[name]
        if not column.empty and raw.isna().any():
            problems.append(place.problem(raw.isna().to_numpy(), *FAULTS["empty"]))
        values, wrong, told = _column(column, raw, place, cells, options, dated)
        if options.scale and column.kind == "number" and name not in _several(names.get("numbers")):
            out = ((values < options.scale[0]) | (values > options.scale[1])).to_numpy()
            if out.any() and not wrong:
                wrong = [place.problem(out, *FAULTS["in_range"])]
        cells.frame[name] = values
        problems += wrong
        cells.told += told
    if problems:
        raise Problems(problems)
    total = len(cells.frame) + sum(cells.left.values())
    return keep(cells.frame, cells.where, total, cells.left, cells.told), cells.where


def _column(
    column: Column, raw: pd.Series, place: Place, cells: Cells, options: Options, dated: Any
) -> tuple[pd.Series, list[Problem], list[Any]]:
    """Read one column as what it is: its values, what is wrong with it, and what was noticed."""
    if column.kind == "identity":
        return raw, [], []
    if column.kind == "number":
        return *read_numbers(raw, place, decimal=options.decimal), []
    if column.kind == "flag":
        return *flags(raw, place), []
    if column.kind == "date":
        return read_dates(raw, place, order=dated, timezone=options.timezone, epoch_1904=cells.epoch_1904)
    if column.kind == "period":
        return periods(raw, place, order=options.order, epoch_1904=cells.epoch_1904)
    errors = raw.map(is_error).to_numpy(bool)
    if errors.any():
        return raw, [place.problem(errors, *CELL_FAULTS["error"])], []
    if column.kind == "level":
        return _levels(raw, place, options)
    values = inferred(raw)[0]
    return (raw if pd.api.types.is_bool_dtype(values) else values), [], []  # a text "true" stays a text


def _levels(raw: pd.Series, place: Place, options: Options) -> tuple[pd.Series, list[Problem], list[Any]]:
    """Read a column of labels; numbers stay numbers, and an ordered categorical is taken as it is."""
    if options.levels:
        return *levels_given(raw, list(options.levels), place), []
    values, doubtful = inferred(raw)
    if not doubtful and (isinstance(raw.dtype, pd.CategoricalDtype) or pd.api.types.is_numeric_dtype(values)):
        return values, [], []
    nothing = (
        raw.map(lambda v: isinstance(v, str) and v.strip().casefold() in NOTHING).fillna(False).to_numpy(bool)
    )
    if nothing.any():
        word = str(raw[nothing].iloc[0]).strip()
        what, do = _("{n:,} cells name no level (rows {rows})."), CELL_FAULTS["nothing"][1].filled(word=word)
        return raw, [place.problem(nothing, what, do)], []
    return one_spelling(raw, place)


def _several(names: Names) -> list[str]:
    if names is None:
        return []
    return [names] if isinstance(names, str) else list(names)


def _find(cells: Cells, names: Sequence[str]) -> None:
    """Give columns the names they are asked for by, where only case or spaces differ."""
    have = list(cells.frame.columns)
    folded = [" ".join(str(h).split()).casefold() for h in have]
    for name in dict.fromkeys(names):
        wanted = " ".join(str(name).split()).casefold()
        if name in have or folded.count(wanted) != 1:
            continue
        at = folded.index(wanted)
        if have[at] not in names:
            have[at] = name
    cells.frame.columns = pd.Index(have, dtype=object)


def _identities(cells: Cells, ids: Sequence[str], pseudonyms: Sequence[str]) -> None:
    """Turn columns of identities into text; refuse what lost digits, in columns of pseudonyms too."""
    problems = []
    for name in dict.fromkeys([*ids, *pseudonyms]):
        place, raw = cells.place(name), cells.frame[name]
        if name in ids:
            cells.frame[name], wrong = identities(raw, place, workbook=cells.workbook)
        else:
            wrong = lost_digits(raw, place, workbook=cells.workbook)
        problems += wrong
    if problems:
        raise Problems(problems)


def _refuse_rows(bad: pd.Series, place: Place, check: str) -> None:
    if bad.any():
        raise Problems([place.problem(bad.to_numpy(), *FAULTS[check])])
