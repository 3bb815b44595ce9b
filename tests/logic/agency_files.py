"""Agencies on disk to be spoilt: copies of `contoh` as cells, written back as CSV or Excel."""

from __future__ import annotations

import csv
from pathlib import Path

from openpyxl import Workbook

from sim.agency import TABLES
from sim.paths import data_dir

Cells = dict[str, list[list[object]]]


def contoh() -> Cells:
    """The tables of `contoh`, heading first."""
    tables: Cells = {}
    for table in TABLES:
        with open(data_dir() / "agencies" / "contoh" / f"{table}.csv", encoding="utf-8", newline="") as file:
            tables[table] = [list(row) for row in csv.reader(file)]
    return tables


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
