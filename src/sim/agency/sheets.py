"""Read CSV files or an Excel workbook as tables of cells, each with the place where the user sees it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from sim.agency.doubt import Doubt
from sim.agency.spec import OPTIONAL, TABLES
from sim.errors import Message, Problem, _, system_reason

NOTES = "notes"
"""Name of a file or sheet that explains the others and is not read."""

_PERSONAL = re.compile(
    r"(?<!\d)(?<!\d[.,])(?:\d{16}|\d{18})(?!\d)"  # NIK or NIP in one piece
    r"|(?<!\d)\d{8}[ .-]\d{6}[ .-]\d[ .-]\d{3}(?!\d)"  # NIP as usually printed
    r"|(?<!\d)\d{6}[ .-]\d{6}[ .-]\d{4}(?!\d)|(?<!\d)\d\d\.\d\d\.\d\d\.\d{6}\.\d{4}(?!\d)"  # NIK in groups
    r"|(?<![\d.,])\d(?:[.,]\d+)?E\+?1[57](?!\d)",  # either, as Excel shows it in a narrow column
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table as it stands in its file.

    Attributes
    ----------
    where : str
        File, or workbook and sheet.
    mark : str
        Decimal mark of the numbers that are texts: ``"."`` or ``","``.
    heading : tuple of (position, place, name)
        Position in a row, place as the user sees it, name in lower case.
    rows : tuple of (row, cells)
        Row as the user counts it (the heading is row 1), without empty rows; an empty cell is None.
    """

    where: str
    mark: str
    heading: tuple[tuple[int, str, str], ...]
    rows: tuple[tuple[int, tuple[object, ...]], ...]


def as_text(cell: object) -> str:
    """Return a cell as the user would type it."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e20:
        cell = int(cell)
    return str(cell).replace("\u00a0", " ").strip()


def is_personal(cell: object) -> bool:
    """Tell whether a cell holds a number of 16 or 18 digits, as a NIK or NIP has."""
    return _PERSONAL.search(as_text(cell)) is not None


def shown(cell: object) -> Message | str:
    """Return a cell as a message quotes it: shortened, and never a number that may identify a person."""
    text = as_text(cell)
    return _("(hidden)") if is_personal(text) else repr(_short(text))


def _named(cell: object) -> str:
    """Return the name of a column, file or sheet as a place: as :func:`shown`, without quotation marks."""
    text = as_text(cell)
    return "***" if is_personal(text) else _short(text)


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."


def near(name: str, names: list[str]) -> Message | str:
    """Return a hint at the known name most like `name`, to start a message with, or nothing."""
    folded = {n.casefold(): n for n in names if not is_personal(n)}
    match = get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.6)
    return _("Is {name!r} meant? ", name=folded[match[0]]) if match else ""


def read_sheets(path: Path) -> tuple[dict[str, Sheet], list[Problem]]:
    """Read all tables of a folder of CSV files or of an .xlsx workbook.

    Returns
    -------
    sheets : dict of str to Sheet
        Table -> its cells; without those that could not be read.
    problems : list of Problem
        What is wrong with the files; a :class:`Doubt` where it does no harm.
    """
    if path.is_dir():
        return _read_folder(path)
    if path.suffix.lower() == ".xlsx" and path.is_file():
        return _read_workbook(path)
    what = _("there is no such file or folder.") if not path.exists() else _("this is not an agency.")
    do = _("Give the name of a shipped agency, a folder of CSV files, or an Excel workbook (.xlsx).")
    return {}, [Problem(str(path), None, None, what, do)]


def _read_folder(path: Path) -> tuple[dict[str, Sheet], list[Problem]]:
    try:
        files = {p.stem.casefold(): p for p in sorted(path.iterdir()) if p.suffix.lower() == ".csv"}
    except OSError as error:
        what = _("the folder cannot be read ({strerror}).", strerror=system_reason(error))
        return {}, [Problem(str(path), None, None, what, _("Check its permissions."))]
    sheets = {}
    others = [name for name in files if name not in TABLES and name != NOTES]
    problems = _missing(list(files), others, "{}.csv", _("the file is missing."), _("this file is not read."))
    for table in TABLES:
        if table in files:
            found = _read_csv(files[table])
            if isinstance(found, Sheet):
                sheets[table] = found
            else:
                problems.append(found)
    for name in others:
        text = files[name].read_bytes().decode("utf-8", errors="replace")
        problems += [
            _personal(files[name].name, row, None)
            for row, line in enumerate(text.splitlines(), 1)
            if is_personal(line)
        ]
    return sheets, problems


def _missing(
    found: list[str], others: list[str], place: str, missing: Message, not_read: Message
) -> list[Problem]:
    """Report tables that are not there, and what is there instead; `place` is a format of a name."""
    problems: list[Problem] = []
    for table in TABLES:
        if table not in found and table not in OPTIONAL:
            hint = near(table, others)
            do = _("{hint}Add it; `kinerja template` writes all of them, ready to be filled in.", hint=hint)
            problems.append(Problem(place.format(table), None, None, missing, do))
    for name in others:
        hint = near(name, [t for t in TABLES if t not in found])
        do = _("{hint}Known are {known}.", hint=hint, known=list(TABLES))
        problems.append(Doubt(place.format(_named(name)), None, None, not_read, do))
    return problems


def _read_csv(path: Path) -> Sheet | Problem:
    def problem(what: Message, do: Message, row: int | None = None) -> Problem:
        return Problem(path.name, row, None, what, do)

    save = _("In Excel: Save As, type 'CSV UTF-8 (Comma delimited)'.")
    try:
        data = path.read_bytes()
    except OSError as error:
        return problem(
            _("it cannot be read ({strerror}).", strerror=system_reason(error)),
            _("Close it in other programs, or check its permissions."),
        )
    if data[:4] == b"PK\x03\x04" or data[:4] == b"\xd0\xcf\x11\xe0":
        return problem(_("this is an Excel workbook under the name of a CSV file."), save)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return problem(_("the text is UTF-16, not UTF-8."), save)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        return problem(_("the text is not UTF-8 (byte 0x{byte:02X}).", byte=data[error.start]), save, row)
    if "\0" in text:
        return problem(_("the file holds NUL characters; it is not a text."), save)
    if not text.strip():
        return problem(
            _("the file is empty."), _("Give it a heading and rows; `kinerja template` writes an example.")
        )
    first = text.lstrip().splitlines()[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        return problem(
            _("the cells cannot be separated ({error}).", error=str(error)),
            _('Look for a quotation mark (") that is not closed.'),
        )
    cells = [tuple(c.replace("\u00a0", " ").strip() or None for c in row) for row in rows]
    return _sheet(path.name, "," if delimiter == ";" else ".", cells, letters=False)


def _sheet(where: str, mark: str, cells: Sequence[tuple[object, ...]], *, letters: bool) -> Sheet:
    """Make a sheet: the first row is the heading; empty rows are left out, the others keep their number."""
    heading = []
    for position, cell in enumerate(cells[0] if cells else ()):
        name = as_text(cell).casefold()
        place = f"{_named(name)} ({get_column_letter(position + 1)})" if letters else _named(name)
        heading.append((position, place, name))
    while heading and not heading[-1][2]:
        heading.pop()
    rows = [(n, row) for n, row in enumerate(cells[1:], start=2) if any(c is not None for c in row)]
    return Sheet(where, mark, tuple(heading), tuple(rows))


def _read_workbook(path: Path) -> tuple[dict[str, Sheet], list[Problem]]:
    try:
        values = load_workbook(path, data_only=True)
        formulas = load_workbook(path)
    except Exception as error:  # a damaged file makes openpyxl raise almost anything
        what = _("Excel could not have written this ({kind}).", kind=type(error).__name__)
        return {}, [
            Problem(path.name, None, None, what, _("Open it in Excel and save it as .xlsx without password."))
        ]
    sheets = {}
    names = {ws.title.strip().casefold(): ws for ws in values.worksheets}
    others = [name for name in names if name not in TABLES and name != NOTES]
    place = path.name + ", sheet {}"
    problems = _missing(list(names), others, place, _("the sheet is missing."), _("this sheet is not read."))
    for name, ws in names.items():
        where = place.format(_named(name))
        cells = [
            tuple(None if as_text(c) == "" else c for c in row) for row in ws.iter_rows(values_only=True)
        ]
        if name not in TABLES:
            for n, row in enumerate(cells, start=1):
                problems += [
                    _personal(where, n, get_column_letter(k))
                    for k, c in enumerate(row, start=1)
                    if is_personal(c)
                ]
            continue
        if not any(c is not None for row in cells for c in row):
            problems.append(
                Problem(where, None, None, _("the sheet is empty."), _("Give it a heading and rows."))
            )
            continue
        for row in formulas[ws.title].iter_rows():
            for cell in row:
                if cell.data_type == "f" and ws.cell(cell.row, cell.column).value is None:
                    do = _("Open the workbook in Excel, let it calculate, save it.")
                    problems.append(
                        Problem(where, cell.row, cell.column_letter, _("the formula has no result."), do)
                    )
        sheets[name] = _sheet(where, ".", cells, letters=True)
    return sheets, problems


def _personal(where: str, row: int | None, column: str | None) -> Problem:
    what = _("here is a number of 16 or 18 digits, as a NIK or NIP has: personal data.")
    return Problem(
        where, row, column, what, _("Remove it; the simulation needs no names or numbers of persons.")
    )


def personal_problems(sheet: Sheet) -> list[Problem]:
    """Report cells of a table, its heading included, that hold what looks like a NIK or NIP."""
    places = {position: place for position, place, __ in sheet.heading}
    found = [_personal(sheet.where, 1, None) for *__, name in sheet.heading if is_personal(name)]
    for n, row in sheet.rows:
        found += [_personal(sheet.where, n, places.get(k)) for k, cell in enumerate(row) if is_personal(cell)]
    return found
