"""Read a sheet of an Excel workbook as rows of cells; formulas without results and merged cells are named."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from sim.errors import KinerjaError, Problem, Problems, _
from sim.privacy import personal_number
from sim.tables.places import SHOWN, Told, rows_text

EMPTY_ROWS = 20
"""So many empty rows end a sheet."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells of a sheet.

    Attributes
    ----------
    where : str
        Workbook, and sheet where there are several.
    rows : dict of int to dict of int to object
        Row -> column (from 0) -> cell; without empty cells.
    merged : list of (first row, last row, first column, text)
        Merged ranges; columns from 0.
    told : list of Told
    epoch_1904 : bool
    """

    where: str
    rows: dict[int, dict[int, object]]
    merged: list[tuple[int, int, int, str]]
    told: list[Told]
    epoch_1904: bool


def read_sheet(path: Path, sheet: str | int = 0) -> Grid:
    """Read one sheet of a workbook (.xlsx, .xlsm).

    Raises
    ------
    KinerjaError
        A file that is not a workbook; a sheet that does not exist.
    Problems
        Formulas without results.
    """
    try:
        book = load_workbook(path)
    except Exception as error:  # a damaged file makes openpyxl raise almost anything
        what = _(
            "the file cannot be read ({kind}): it is damaged, or no workbook.", kind=type(error).__name__
        )
        do = _("Open it in Excel and save it as .xlsx without password.")
        raise Problems([Problem(path.name, None, None, what, do)]) from error
    sheets = book.worksheets
    names = [str(ws.title) for ws in sheets]
    if isinstance(sheet, int) and -len(sheets) <= sheet < len(sheets):
        ws = sheets[sheet]
    else:
        wanted = str(sheet).strip().casefold()
        matches = [w for w, name in zip(sheets, names, strict=True) if name.strip().casefold() == wanted]
        if not matches:
            known = ", ".join(map(_named, names))
            raise KinerjaError(
                _(
                    "{path}: there is no sheet {sheet}; there are {known}.",
                    path=path.name,
                    sheet=_named(str(sheet)),
                    known=known,
                )
            )
        ws = matches[0]
    where = path.name if len(sheets) == 1 else f"{path.name}, sheet {_named(ws.title)}"
    rows: dict[int, dict[int, object]] = {}
    formulas = []
    for (row, column), cell in sorted(ws._cells.items()):
        value = cell.value
        if cell.data_type == "f":
            formulas.append((row, column))
        if isinstance(value, str):
            value = value.replace("\u00a0", " ").strip()
        if value is not None and value != "":
            rows.setdefault(row, {})[column - 1] = value
    if formulas:
        _results(path, ws.title, where, formulas, rows)
    merged = [(r.min_row, r.max_row, r.min_col - 1, str(r)) for r in ws.merged_cells.ranges]
    return Grid(where, rows, merged, _hidden(ws, sheets, rows, sheet), book.epoch == CALENDAR_MAC_1904)


def _results(
    path: Path, title: str, where: str, formulas: list[tuple[int, int]], rows: dict[int, dict[int, object]]
) -> None:
    """Put the results of formulas in their places; refuse those that were never calculated."""
    values = load_workbook(path, data_only=True)[title]
    without: dict[int, list[int]] = {}
    for row, column in formulas:
        value = values.cell(row, column).value
        if value is None:
            without.setdefault(column, []).append(row)
        rows[row][column - 1] = value.strip() if isinstance(value, str) else value
    if without:
        do = _("Open the workbook in Excel, let it calculate, save it.")
        raise Problems([
            Problem(where, lines[0], get_column_letter(column),
                    _("{n:,} formulas have no result (rows {rows}).", n=len(lines), rows=rows_text(lines)), do)
            for column, lines in without.items()
        ])  # fmt: skip


def _hidden(
    ws: Worksheet, sheets: list[Worksheet], rows: dict[int, dict[int, object]], asked: str | int
) -> list[Told]:
    """Tell of hidden rows, columns and sheets, and of sheets that are not read."""
    told: list[Told] = []
    hidden = [r for r in rows if r in ws.row_dimensions and ws.row_dimensions[r].hidden]
    if hidden:
        told.append(("hidden_rows", {"rows": rows_text(hidden)}))
    used = {c for cells in rows.values() for c in cells}
    columns = [
        letter
        for letter, dimension in ws.column_dimensions.items()
        if dimension.hidden and any((dimension.min or 1) - 1 <= c <= (dimension.max or 1) - 1 for c in used)
    ]
    if columns:
        told.append(("hidden_columns", {"columns": ", ".join(columns)}))
    if ws.sheet_state != "visible":
        told.append(("hidden_sheet", {"sheet": _named(ws.title)}))
    others = [w for w in sheets if w is not ws and w._cells]
    seen = [_named(w.title) for w in others if w.sheet_state == "visible"]
    unseen = [_named(w.title) for w in others if w.sheet_state != "visible"]
    if seen and asked == 0:
        told.append(("other_sheets", {"sheet": _named(ws.title), "others": ", ".join(seen[:SHOWN])}))
    if unseen:
        told.append(("hidden_others", {"others": ", ".join(unseen[:SHOWN])}))
    return told


def _named(title: str) -> str:
    return "***" if personal_number(title) else title[:40]
