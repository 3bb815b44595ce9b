"""Agencies on disk to be spoilt: copies of `contoh` as cells, written back as CSV or Excel."""

from __future__ import annotations

import csv
from pathlib import Path

from openpyxl import Workbook

from sim.agency import TABLES
from sim.agency.spec import OPTIONAL
from sim.paths import data_dir

Cells = dict[str, list[list[object]]]


EXTRA: Cells = {
    "hours": [
        ["unit", "regime", "weekday", "open", "close", "break_start", "break_end", "source", "status"],
        *(["dukcapil", "normal", str(day), "07:30", "15:30", "12:00", "13:00", "assumed", "A"] for day in range(1, 6)),
        ["dukcapil", "normal", "6", "08:00", "12:00", "", "", "assumed", "A"],
    ],
    "closed_days": [["unit", "date", "why", "source", "status"], ["*", "2026-02-03", "moving", "assumed", "A"]],
    "shifts": [
        ["unit", "shift", "weekday", "who", "start", "end", "break_start", "break_end", "number", "share", "source",
         "status"],
        ["dukcapil", "morning", "", "all", "07:30", "14:00", "11:00", "12:00", "", "0.5", "assumed", "A"],
        ["dukcapil", "late", "", "all", "08:30", "15:30", "12:00", "13:00", "", "0.5", "assumed", "A"],
        ["dukcapil", "late", "6", "ktp", "08:00", "12:00", "", "", "3", "", "assumed", "A"],
    ],
    "work_samples": [
        ["service", "number", "minutes", "quantile", "source", "status"],
        *(["umum", str(k), str(m), q, "assumed", "A"] for k, m, q in ((1, 4, "0"), (2, 8, "0.5"), (3, 20, "1"))),
    ],
}  # fmt: skip
"""The tables that may be left out, for `contoh`."""


def full() -> Cells:
    """The tables of `contoh` with all that may be left out."""
    tables = contoh() | {table: [list(row) for row in rows] for table, rows in EXTRA.items()}
    rows = tables["services"]
    rows[0][rows[0].index("source") : rows[0].index("source")] = ["work_kind", "demand_sd"]
    at = rows[0].index("work_kind")
    for row in rows[1:]:
        row[at:at] = ["sample", "0.3"] if row[0] == "umum" else ["gamma", "0"]
    for row in rows[1:]:
        if row[0] == "umum":
            row[rows[0].index("work")], row[rows[0].index("work_cv")] = "10", "0.476"
    return tables


def contoh() -> Cells:
    """The tables of `contoh`, heading first."""
    tables: Cells = {}
    for table in (table for table in TABLES if table not in OPTIONAL):
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
