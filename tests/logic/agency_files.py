"""Agencies on disk to be spoilt: copies of `contoh` as cells, written back as CSV or Excel."""

from __future__ import annotations

import csv
from dataclasses import fields
from pathlib import Path

from openpyxl import Workbook
from route_agency import permit_agency

from sim.agency import TABLES
from sim.paths import data_dir

Cells = dict[str, list[list[object]]]


def contoh() -> Cells:
    """The tables of `contoh`, heading first; those that it has no file for with their heading alone."""
    tables: Cells = {}
    for table, row in TABLES.items():
        path = data_dir() / "agencies" / "contoh" / f"{table}.csv"
        if not path.is_file():
            tables[table] = [[column.name for column in fields(row)]]
            continue
        with open(path, encoding="utf-8", newline="") as file:
            tables[table] = [list(row) for row in csv.reader(file)]
    return tables


def with_route(tables: Cells | None = None) -> Cells:
    """The tables of `contoh` with a route of four steps for its first service, rows 2 to 5 of the steps table."""
    tables = contoh() if tables is None else tables
    heading = tables["steps"][0]
    for row in permit_agency().steps:
        tables["steps"].append(
            ["" if (cell := getattr(row, name)) is None else str(cell) for name in heading]
        )
    return put(tables, "services", 2, "work", 18.1)


def put(tables: Cells, table: str, row: int, column: str, value: object) -> Cells:
    """Set one cell; the heading is row 1."""
    tables[table][row - 1][tables[table][0].index(column)] = value
    return tables


def folder(tables: Cells, out: Path, delimiter: str = ",") -> Path:
    """Write the cells as CSV files."""
    out.mkdir(exist_ok=True)
    for table, rows in tables.items():
        with open(out / f"{table}.csv", "w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter=delimiter).writerows(rows)
    return out


def workbook(tables: Cells, out: Path) -> Path:
    """Write the cells as sheets, numbers as numbers."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for table, rows in tables.items():
        sheet = book.create_sheet(table)
        for row in rows:
            sheet.append([_number(cell) for cell in row])
    book.save(out)
    return out


def _number(cell: object) -> object:
    try:
        return float(cell) if isinstance(cell, str) else cell
    except ValueError:
        return cell or None
