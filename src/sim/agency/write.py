"""Write agencies and templates: completely or not at all, and over existing files only on request."""

from __future__ import annotations

import csv
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import IllegalCharacterError
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from sim.agency.describe import headings, notes
from sim.agency.doubt import Doubt
from sim.agency.facts import FIGURES
from sim.agency.parse import Wrong, canonical, number
from sim.agency.read import read_agency
from sim.agency.sheets import NOTES
from sim.agency.spec import ATTENTION, OPTIONAL, TABLES, Agency, Fact
from sim.errors import KinerjaError, Problems, _
from sim.language.catalogue import checked, language
from sim.names import known_arguments

_OTHER_FORMATS = (".xls", ".xlsm", ".xlsb", ".ods", ".csv", ".zip")
_ROWS_TO_FILL = 500
"""Rows of a template in which Excel offers the choices of a column."""


@dataclass(frozen=True, slots=True)
class _Page:
    """A table to write: heading and rows of str, int, float or None."""

    heading: tuple[str, ...]
    rows: list[tuple[Any, ...]]


@known_arguments()
def write_agency(agency: Agency, out: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
    """Write an agency to a folder of CSV files, or to a workbook where `out` ends in ``.xlsx``.

    Nothing is written unless the result loads again as the same agency.

    Parameters
    ----------
    agency : Agency
    out : str or path
        Missing parent folders are made.
    overwrite : bool
        Whether existing files may be replaced. Other files in the folder stay.

    Returns
    -------
    Path
        `out`.

    Raises
    ------
    KinerjaError
        A file is there already, or cannot be written.
    Problems
        The agency would not load again.

    Examples
    --------
    >>> from sim.agency import load_agency, write_agency
    >>> write_agency(load_agency("jambi"), "my-jambi.xlsx")    # doctest: +SKIP
    """
    return _write(agency, Path(out), None, overwrite)


@known_arguments()
def write_template(out: str | os.PathLike[str], *, lang: str | None = None, overwrite: bool = False) -> Path:
    """Write all tables with example rows, and notes on every column, ready to be filled in.

    Parameters
    ----------
    out : str or path
        A folder, or a workbook where it ends in ``.xlsx``. The template is itself an agency without problems.
    lang : {"id", "en"}, optional
        Language in which the notes come first, by default the session's; the names of tables and columns are the same
        in both.
    overwrite : bool
        Whether existing files may be replaced.

    Returns
    -------
    Path
        `out`.

    Raises
    ------
    KinerjaError
        A file is there already, or cannot be written.
    """
    return _write(_template(), Path(out), language() if lang is None else checked(lang), overwrite)


def _template() -> Agency:
    """Make an agency of one example row per table, and the programme unit that the example programme needs.

    Optional tables, and what waits for attention, are left empty: they are there to be filled in, not to be deleted.
    """
    examples = {
        name: row(**{c.name: c.metadata["example"] for c in fields(row)}) for name, row in TABLES.items()
    }
    programme_unit = replace(
        examples["units"],
        unit=examples["programmes"].unit,
        label_id="Dinas Pendidikan",
        label_en="Education office",
        kind="programme",
        sector="education",
        utilisation=None,
    )
    examples["complaints"] = replace(examples["complaints"], **dict.fromkeys(ATTENTION))
    rows: dict[str, tuple[Any, ...]] = {
        name: (row,) for name, row in examples.items() if name not in ("agency", "units", *OPTIONAL)
    }
    return Agency(
        name=FIGURES["name"].example,
        label=FIGURES["label"].example,
        facts=tuple(
            replace(examples["agency"], key=key, value=f.example, unit=f.unit) for key, f in FIGURES.items()
        ),
        units=(examples["units"], programme_unit),
        **rows,
    )


def _write(agency: Agency, out: Path, lang: str | None, overwrite: bool) -> Path:
    workbook = out.suffix.lower() == ".xlsx"
    if out.suffix.lower() in _OTHER_FORMATS:
        raise KinerjaError(
            _(
                "{out}: cannot write {suffix}. Give a folder, or a name that ends in .xlsx.",
                out=out,
                suffix=out.suffix,
            )
        )
    is_template = lang is not None
    pages = {
        table: _page(agency, table)
        for table in TABLES
        if is_template or agency.rows(table) or table not in OPTIONAL
    }
    if lang is not None:
        pages = {NOTES: _Page(headings(lang=lang), list(notes(lang=lang))), **pages}
    targets = [out] if workbook else [out / f"{name}.csv" for name in pages]
    stale = [] if workbook else [out / f"{name}.csv" for name in OPTIONAL if name not in pages]
    _refuse(out, [*targets, *stale], workbook, overwrite)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=".kinerja-", dir=out.parent))
    except OSError as error:
        raise _unwritable(out, error) from error
    try:
        fresh = beside / out.name
        if workbook:
            _workbook(pages, lang).save(fresh)
        else:
            _folder(pages, fresh)
        _must_load(agency, fresh)
        if workbook or not out.exists():
            os.replace(fresh, out)
        else:
            for target in targets:
                os.replace(fresh / target.name, target)
            for target in stale:  # a table that this agency does not have
                target.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(out, error) from error
    except (IllegalCharacterError, UnicodeEncodeError) as error:
        raise KinerjaError(
            _("{agency}: a text holds a character that no file can hold. Type it again.", agency=agency.name)
        ) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return out


def _refuse(out: Path, targets: list[Path], workbook: bool, overwrite: bool) -> None:
    if out.exists() and out.is_dir() == workbook:
        what = (
            _("{out}: a folder of this name is there. Choose another name.", out=out)
            if workbook
            else _("{out}: a file of this name is there. Choose another name.", out=out)
        )
        raise KinerjaError(what)
    there = [target.name for target in targets if target.exists()]
    if there and not overwrite:
        where = out if workbook else f"{out} ({', '.join(there)})"
        raise KinerjaError(
            _("{where}: already there. Choose another name, or allow overwriting.", where=where)
        )


def _unwritable(out: Path, error: OSError) -> KinerjaError:
    reason = error.strerror or type(error).__name__
    return KinerjaError(
        _(
            "{out}: cannot be written ({reason}). Close it elsewhere, or choose another place.",
            out=out,
            reason=reason,
        )
    )


def _must_load(agency: Agency, fresh: Path) -> None:
    again, problems = read_agency(fresh)
    if again is None:
        raise Problems([p for p in problems if not isinstance(p, Doubt)])
    if again != agency:
        raise KinerjaError(
            _(
                "{agency}: it would load as another agency. Give it the name and label of its facts, and numbers "
                "of the declared types.",
                agency=agency.name,
            )
        )


def _page(agency: Agency, table: str) -> _Page:
    columns = fields(TABLES[table])
    rows = []
    for row in agency.rows(table):
        cells = [getattr(row, c.name) for c in columns]
        if table == "agency":
            cells[1] = _figure(row)
        rows.append(tuple(cells))
    return _Page(tuple(c.name for c in columns), rows)


def _figure(fact: Fact) -> Any:
    known = FIGURES.get(fact.key)
    if known is not None and known.is_text:
        return fact.value
    try:
        return number(fact.value)
    except Wrong:
        return fact.value


def _folder(pages: dict[str, _Page], folder: Path) -> None:
    folder.mkdir()
    for name, page in pages.items():
        with open(folder / f"{name}.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(page.heading)
            writer.writerows([_plain(cell) for cell in row] for row in page.rows)


def _plain(cell: Any) -> str:
    if cell is None:
        return ""
    return canonical(float(cell)) if isinstance(cell, int | float) else cell


def _workbook(pages: dict[str, _Page], lang: str | None) -> Workbook:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, page in pages.items():
        sheet = book.create_sheet(name)
        _fill(sheet, page.heading, page.rows)
        if lang is not None and name in TABLES:
            _explain(sheet, name, lang)
        if name == NOTES:
            for row in sheet.iter_rows(min_row=2):
                for cell in row:
                    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return book


def _fill(sheet: Worksheet, heading: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    for n, cells in enumerate([tuple(heading), *rows], start=1):
        for k, value in enumerate(cells, start=1):
            if value is None or value == "":
                continue
            if isinstance(value, str):
                sheet.cell(n, k, value)
            else:  # all digits as text: openpyxl writes only 16 of a float
                sheet.cell(n, k, repr(value)).data_type = "n"
    for k, name in enumerate(heading, start=1):
        sheet.cell(1, k).font = Font(bold=True)
        longest = max([len(name), *(len(str(row[k - 1])) for row in rows)])
        sheet.column_dimensions[get_column_letter(k)].width = min(longest, 48) + 3
    sheet.freeze_panes = "B2"


def _explain(sheet: Worksheet, table: str, lang: str) -> None:
    """Put a comment on every heading, and offer the choices of a column as a list."""
    for k, c in enumerate(fields(TABLES[table]), start=1):
        sheet.cell(1, k).comment = Comment(c.metadata["note"].text(lang=lang), "Kinerja Lab")
        if c.metadata["choices"]:
            choices = DataValidation(type="list", formula1=f'"{",".join(c.metadata["choices"])}"')
            letter = get_column_letter(k)
            choices.add(f"{letter}2:{letter}{_ROWS_TO_FILL}")
            sheet.add_data_validation(choices)
