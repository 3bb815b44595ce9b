"""Read one agency from a folder of CSV files or a workbook, and check it."""

from __future__ import annotations

from pathlib import Path

from sim.agency.check import check_tables, doubts
from sim.agency.doubt import Doubt
from sim.agency.parse import parse_table
from sim.agency.sheets import read_sheets
from sim.agency.spec import TABLES, Agency
from sim.errors import Problem


def read_agency(path: Path) -> tuple[Agency | None, list[Problem]]:
    """Read the agency at a path.

    Parameters
    ----------
    path : Path
        A folder of CSV files or an .xlsx workbook.

    Returns
    -------
    agency : Agency or None
        None where anything is wrong.
    problems : list of Problem
        Everything that is wrong or odd, in the order of the input.
    """
    sheets, problems = read_sheets(path)
    tables = {}
    for table, sheet in sheets.items():
        tables[table], found = parse_table(table, sheet)
        problems += found
    problems += check_tables(tables)
    order = {sheet.where: n for n, sheet in enumerate(sheets.values())}
    problems.sort(key=lambda p: (order.get(p.where, -1), p.row or 0))
    if any(not isinstance(p, Doubt) for p in problems):
        return None, problems
    rows = {name: tuple(row for _, row in tables[name].rows) for name in TABLES if name in tables}
    texts = {fact.key: fact.value for fact in rows["agency"]}
    agency = Agency(name=texts["name"], label=texts["label"], facts=rows.pop("agency"), **rows)
    return agency, [*problems, *doubts(agency, tables)]
