"""A workbook with ten mistakes, as a planner might make them, and the cell of each."""

from __future__ import annotations

from pathlib import Path

from agency_files import contoh, put, workbook

MISTAKES = (
    ("units", 2, "pns", "sepuluh", "units!F2"),
    ("units", 3, "absence", 1.9, "units!I3"),
    ("units", 4, "kind", "programe", "units!D4"),
    ("services", 2, "work", -18, "services!G2"),
    ("services", 3, "unit", "dukcapl", "services!B3"),
    ("services", 4, "staff", 4.5, "services!J4"),
    ("services", 5, "channel", None, "services!E5"),
    ("courses", 2, "cost", "1.091.000", "courses!I2"),
    ("courses", 3, "format", "kelas", "courses!E3"),
    ("complaints", 2, "clock", "12 %", "complaints!C2"),
)
"""Sheet, row, column, what is written there, and the cell that has to be named."""

CELLS = tuple(row[-1] for row in MISTAKES)


def mistaken(out: Path) -> Path:
    """Write the workbook."""
    tables = contoh()
    for table, row, column, value, _ in MISTAKES:
        put(tables, table, row, column, value)
    return workbook(tables, out)
