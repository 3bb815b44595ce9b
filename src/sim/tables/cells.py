"""Read a table (CSV, Excel, parquet or a frame) as columns of cells, each with the row where the user sees it.

Nothing is guessed here but the encoding and the separator: cells of a text stay texts, cells of a workbook keep the
type they have there. What can only be wrong is refused: rows that do not fit their heading, two headings alike, title
and total rows, merged cells. What is merely odd (hidden rows, other sheets) is told.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from sim.errors import KinerjaError, Message, Problem, Problems, _
from sim.privacy import personal_number
from sim.tables.delimited import regular, rows_of, split
from sim.tables.places import Place, Told, rows_text
from sim.tables.workbook import EMPTY_ROWS, Grid, read_sheet

_TOTAL = re.compile(
    r"(?:grand\s+|sub\s*-?\s*)?(?:total|jumlah|rata\s*-?\s*rata|rerata|average|mean|sum)"
    r"(?:\s+(?:total|keseluruhan|seluruhnya|semua|akhir))?\s*[:.]?",
    re.IGNORECASE,
)
_TITLE_ROWS = 20


@dataclass(slots=True)
class Cells:
    """A table as it stands.

    Attributes
    ----------
    where : str
        File, or workbook and sheet, for messages.
    frame : DataFrame
        Columns of cells by heading; an empty cell is None.
    rows : int array
        Row of each line of the frame as the user counts it: the heading is row 1.
    told : list of Told
        What was noticed.
    left : Counter
        Rows left out, by reason.
    workbook : bool
        Cells come from a spreadsheet, which keeps 15 digits of a number.
    epoch_1904 : bool
        The workbook counts days from 1904.
    """

    where: str
    frame: pd.DataFrame
    rows: np.ndarray
    told: list[Told] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)
    workbook: bool = False
    epoch_1904: bool = False

    def place(self, column: str) -> Place:
        """Return the place of a column, for problems."""
        return Place(self.where, column, self.rows)


def read_cells(
    source: str | Path | pd.DataFrame, *, sheet: str | int = 0, missing: Sequence[str] = ()
) -> Cells:
    """Read a table as cells.

    Parameters
    ----------
    source : path or DataFrame
        CSV (comma, semicolon, tab; ``.csv``, ``.tsv``, ``.txt``, gzip), Excel (``.xlsx``, ``.xlsm``) or parquet.
    sheet : str or int
        Of a workbook.
    missing : sequence of str
        Words that mean an empty cell; without them only an empty cell is empty.

    Raises
    ------
    KinerjaError
        A file that does not exist or cannot be read.
    Problems
        Everything that is wrong with the table as a table.
    """
    if isinstance(source, pd.DataFrame):
        frame = source.reset_index(drop=True).copy()
        frame.columns = frame.columns.map(str)
        frame.attrs = {}
        found = Cells("data", _without_blanks(frame), np.arange(len(frame)) + 2)
    else:
        found = _read_file(Path(source), sheet)
    return _without(found, missing) if missing else found


def _read_file(path: Path, sheet: str | int) -> Cells:
    if not path.is_file():
        raise KinerjaError(_("{path}: there is no such file.", path=path))
    kinds = [s.lower() for s in path.suffixes]
    kind = kinds[-1] if kinds else ""
    try:
        if kind in (".csv", ".tsv", ".tab", ".txt") or kinds[-2:] in (
            [".csv", ".gz"],
            [".tsv", ".gz"],
            [".txt", ".gz"],
        ):
            return _delimited(path)
        if kind in (".xlsx", ".xlsm"):
            return _sheet(read_sheet(path, sheet))
        if kind == ".parquet":
            return _parquet(path)
    except OSError as error:
        what = _("it cannot be read ({strerror}).", strerror=error.strerror or type(error).__name__)
        do = _("Close it in other programs, or check its permissions.")
        raise Problems([Problem(path.name, None, None, what, do)]) from error
    raise KinerjaError(
        _("{path}: this kind of file is not read. Use CSV, Excel (.xlsx) or parquet.", path=path.name)
    )


def _delimited(path: Path) -> Cells:
    """Read a CSV file: at once where it is regular, else row by row."""
    text, delimiter, told = split(path)
    frame = regular(text, delimiter)
    if frame is not None and _is_plain(frame):
        names = [_name(cell) for cell in frame.iloc[0]]
        body = frame.iloc[1:].reset_index(drop=True)
        body.columns = pd.Index(names, dtype=object)
        return Cells(path.name, body, np.arange(len(body)) + 2, told)
    return _table(path.name, dict(enumerate(rows_of(text, delimiter, path.name), start=1)), told)


def _is_plain(frame: pd.DataFrame) -> bool:
    """Tell whether the first row is a heading without gaps and twins, and none is empty, a heading again or a total."""
    if frame.iloc[0].isna().any() or len(frame.columns) < 2:
        return False
    names = [_name(cell) for cell in frame.iloc[0]]
    if len({name.casefold() for name in names}) < len(names):
        return False
    body = frame.iloc[1:]
    if body.isna().all(axis=1).any():
        return False
    first = body[0].isna()
    starts = set(body[0].dropna().unique())
    if first.any():
        starts |= set(body.loc[first].bfill(axis=1)[0].dropna().unique())
    return names[0] not in starts and not any(_TOTAL.fullmatch(cell) for cell in starts)


def _parquet(path: Path) -> Cells:
    try:
        frame = pd.read_parquet(path)
    except Exception as error:  # a damaged file makes the reader raise almost anything
        what = _(
            "the file cannot be read ({kind}): it is damaged, or no parquet file.", kind=type(error).__name__
        )
        raise Problems([Problem(path.name, None, None, what, _("Copy or write it again."))]) from error
    frame.columns = frame.columns.map(str)
    frame.attrs = {}
    frame = frame.reset_index(drop=isinstance(frame.index, pd.RangeIndex) or frame.index.name is None)
    return Cells(path.name, _without_blanks(frame), np.arange(len(frame)) + 2)


def _without_blanks(frame: pd.DataFrame) -> pd.DataFrame:
    """Empty the cells that hold spaces only."""
    for k in range(frame.shape[1]):
        cells = frame.iloc[:, k]
        if pd.api.types.is_object_dtype(cells) or isinstance(cells.dtype, pd.StringDtype):
            blank = cells.map(lambda cell: isinstance(cell, str) and not cell.strip()).to_numpy(bool)
            if blank.any():
                frame.isetitem(k, cells.astype(object).mask(blank, None))
    return frame


def _sheet(grid: Grid) -> Cells:
    """Make a table of a sheet: it ends where rows are empty, and its cells are not merged."""
    filled = sorted(grid.rows)
    if not filled:
        what, do = _("the sheet is empty."), _("Give it a heading and rows.")
        raise Problems([Problem(grid.where, None, None, what, do)])
    wide = 1 + max(max(cells) for cells in grid.rows.values())
    lines: dict[int, list[object]] = {}
    last = filled[0]
    below: list[int] = []
    for row in filled:
        if below or row - last > EMPTY_ROWS:
            below.append(row)
            continue
        for gap in range(last + 1, row):
            lines[gap] = []
        cells = grid.rows[row]
        lines[row] = [cells.get(k) for k in range(wide)]
        last = row
    if filled[0] > 1:  # what stands above the heading is empty
        lines = {row: line for row, line in lines.items() if row >= filled[0]}
    if any(len(grid.rows[row]) > 1 for row in below):
        what = _("below {n} empty rows there are more (rows {rows}).", n=EMPTY_ROWS, rows=rows_text(below))
        raise Problems(
            [Problem(grid.where, below[0], None, what, _("Close the gap, or delete what stands below."))]
        )
    merged = [
        text
        for first, end, column, text in grid.merged
        if end >= filled[0] and first <= last and column < wide
    ]
    told = list(grid.told)
    if below:
        told.append(("below", {"rows": rows_text(below)}))
    found = _table(grid.where, lines, told, merged)
    found.workbook, found.epoch_1904 = True, grid.epoch_1904
    return found


def _table(
    where: str, lines: Mapping[int, Sequence[object]], told: list[Told], merged: Sequence[str] = ()
) -> Cells:
    """Make columns of lines: the first is the heading, and every other must fit it."""
    problems: list[Problem] = []

    def wrong(row: int | None, what: Message, do: Message) -> None:
        problems.append(Problem(where, row, None, what, do))

    if merged:
        shown = ", ".join(merged[:3]) + (" ..." if len(merged) > 3 else "")
        do = _("Unmerge them and write the value into every cell it belongs to.")
        wrong(None, _("cells are merged ({cells}); only the first of them holds a value.", cells=shown), do)
    numbers = [n for n, line in lines.items() if _filled(line)]
    if not numbers:
        raise Problems(
            [Problem(where, None, None, _("the file is empty."), _("Give it a heading and rows."))]
        )
    titles = _titles([lines[n] for n in numbers[:_TITLE_ROWS]])
    if titles:
        rows = rows_text(numbers[:titles])
        do = _("Delete what stands above the heading.")
        wrong(numbers[0], _("what stands above the heading looks like a title (rows {rows}).", rows=rows), do)
        raise Problems(problems)
    top = numbers[0]
    names = [_name(cell) for cell in lines[top]]
    while names and not names[-1]:
        names.pop()
    wide = len(names)
    body, empty = _body(lines, [n for n in lines if n > top], wide, told)
    problems += _widths(where, lines, body, wide)
    twice = [n for n in body if [_name(c) for c in lines[n]][:wide] == names]
    if twice:
        wrong(
            twice[0],
            _("the heading stands there again (rows {rows}).", rows=rows_text(twice)),
            _("Delete it there."),
        )
    totals = [n for n in body if _is_total(lines[n])]
    if totals:
        wrong(
            totals[0],
            _("this looks like a row of totals (rows {rows}).", rows=rows_text(totals)),
            _("Delete it."),
        )
    if problems:
        raise Problems(problems)
    columns = list(zip(*(lines[n] for n in body), strict=False)) if body else []
    columns = columns[:wide] + [()] * (wide - len(columns))
    problems += _headings(where, names, columns, told)
    if problems:
        raise Problems(problems)
    kept = [k for k, name in enumerate(names) if name]
    frame = pd.DataFrame({k: _column(columns[k], len(body)) for k in kept})
    frame.columns = pd.Index([names[k] for k in kept], dtype=object)
    return Cells(where, frame, np.array(body, dtype=np.int64), told, Counter(empty_rows=empty))


def _column(cells: Iterable[object], n: int) -> pd.Series:
    array = np.empty(n, dtype=object)
    array[:] = [
        (cell.strip() or None) if isinstance(cell, str) else cell for cell in cells
    ] if n else []  # fmt: skip
    return pd.Series(array, dtype=object)


def _filled(line: Sequence[object]) -> int:
    return sum(1 for cell in line if cell is not None and (not isinstance(cell, str) or cell.strip()))


def _name(cell: object) -> str:
    return "" if cell is None else " ".join(str(cell).split())


def _titles(first: list[Sequence[object]]) -> int:
    """Return how many rows with one cell stand above one with more."""
    return next((lone for lone, line in enumerate(first) if _filled(line) > 1), 0)


def _body(
    lines: Mapping[int, Sequence[object]], below: list[int], wide: int, told: list[Told]
) -> tuple[list[int], int]:
    """Return the rows of the table and how many empty ones it has; a single cell below an empty row is no part."""
    body: list[int] = []
    empty = pending = 0
    gap: int | None = None
    for n in below:
        if not _filled(lines[n]):
            pending += 1
            continue
        if pending and gap is None:
            gap = len(body)
        elif pending:
            gap = gap if all(_filled(lines[m]) == 1 for m in body[gap:]) else len(body)
        if pending:
            empty, pending = empty + pending, 0
        body.append(n)
    if gap is not None and wide > 1 and all(_filled(lines[m]) == 1 for m in body[gap:]):
        told.append(("below", {"rows": rows_text(body[gap:])}))
        between = [n for n in below if body[:gap] and n < body[gap - 1] and not _filled(lines[n])]
        return body[:gap], len(between)
    return body, empty


def _widths(where: str, lines: Mapping[int, Sequence[object]], body: list[int], wide: int) -> list[Problem]:
    """Check that every row is as long as the heading; further cells must be empty."""
    long, short = [], []
    most = wide
    for n in body:
        size = len(lines[n])
        if size > wide:
            beyond = max((k for k in range(wide, size) if _filled(lines[n][k : k + 1])), default=-1)
            if beyond >= 0:
                long.append(n)
                most = max(most, beyond + 1)
        elif size < wide:
            short.append(n)
    problems = []
    if long:
        what = _("{n:,} rows are too long: up to {cells} cells under {headings} headings (rows {rows}).",
                 n=len(long), cells=most, headings=wide, rows=rows_text(long))  # fmt: skip
        do = _(
            "A decimal comma, or a text that holds the separator, must stand in double quotes; or export with "
            "semicolons."
        )
        problems.append(Problem(where, long[0], None, what, do))
    if short:
        what = _("{n:,} rows are too short for {headings} headings (rows {rows}).",
                 n=len(short), headings=wide, rows=rows_text(short))  # fmt: skip
        do = _("Fill the row, with empty cells where nothing is known.")
        problems.append(Problem(where, short[0], None, what, do))
    return problems


def _is_total(line: Sequence[object]) -> bool:
    first = next((cell for cell in line if cell is not None and cell != ""), None)
    return isinstance(first, str) and _TOTAL.fullmatch(first.strip()) is not None and _filled(line) > 1


def _headings(
    where: str, names: list[str], columns: Sequence[Sequence[object]], told: list[Told]
) -> list[Problem]:
    """Check that headings differ and that no column lacks one; a first column of row names is emptied."""
    problems = []
    folded = Counter(name.casefold() for name in names if name)
    for name in dict.fromkeys(n for n in names if folded[n.casefold()] > 1):
        place = "***" if personal_number(name) else name
        what, do = (
            _("this column is there twice."),
            _("Keep one of the two, or give them different headings."),
        )
        problems.append(Problem(where, 1, place, what, do))
    for k, name in enumerate(names):
        if name or not _filled(columns[k]):
            continue
        if k == 0 and len(set(columns[0])) == len(columns[0]):
            told.append(("row_names", {}))
            continue
        what = _("column {position} has cells but no heading.", position=k + 1)
        problems.append(Problem(where, 1, None, what, _("Name it, or empty it.")))
    return problems


def _without(found: Cells, missing: Sequence[str]) -> Cells:
    """Empty the cells that hold one of these words."""
    words = {word.strip().casefold() for word in missing}
    n = 0
    for column in found.frame.columns:
        cells = found.frame[column]
        if not isinstance(cells, pd.Series) or not (
            pd.api.types.is_object_dtype(cells) or pd.api.types.is_string_dtype(cells)
        ):
            continue
        hit = cells.map(lambda cell: isinstance(cell, str) and cell.strip().casefold() in words).to_numpy(
            bool
        )
        if hit.any():
            n += int(hit.sum())
            found.frame[column] = cells.astype(object).mask(hit, None)
    if n:
        found.told.append(("missing", {"n": n, "words": ", ".join(missing)}))
    return found
