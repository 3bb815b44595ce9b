"""Finding, reading and checking agencies."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

from sim.agency.check import check_tables, doubts
from sim.agency.doubt import Doubt
from sim.agency.parse import parse_table
from sim.agency.sheets import near, read_sheets
from sim.agency.spec import TABLES, Agency
from sim.errors import Problem, Problems
from sim.paths import data_dir


def load_agency(name_or_path: str | os.PathLike[str]) -> Agency:
    """An agency, complete and checked.

    Parameters
    ----------
    name_or_path : str or path
        The name of a shipped agency (see :func:`agencies`), a folder of CSV files, or an Excel workbook
        (.xlsx) with the same tables as sheets. A shipped name goes before a folder of that name: write
        ``./jambi`` for the folder.

    Raises
    ------
    Problems
        With everything that is wrong, each with file or sheet, row, column, and what to do.

    Notes
    -----
    CSV files are UTF-8, with commas, semicolons or tabs between cells; semicolons mean decimal commas. The
    tables are described in docs/agency-format.md. What is odd but not wrong is told by :func:`check_agency`.

    Examples
    --------
    >>> agency = load_agency("contoh")
    >>> [unit.unit for unit in agency.units]
    ['dukcapil', 'puskesmas', 'disdik']
    """
    agency, problems = _read(name_or_path)
    if agency is None:
        raise Problems([p for p in problems if not isinstance(p, Doubt)])
    return agency


def check_agency(name_or_path: str | os.PathLike[str]) -> list[Problem]:
    """Everything wrong or odd about an agency; empty where there is nothing.

    Parameters
    ----------
    name_or_path : str or path
        As for :func:`load_agency`.

    Returns
    -------
    list of Problem
        In the order of the input. A :class:`Doubt` is a warning: the agency loads all the same.
    """
    return _read(name_or_path)[1]


def agencies() -> pd.DataFrame:
    """The agencies that ship with the project.

    Returns
    -------
    DataFrame
        One row an agency; columns name, label, units, officers, pns, pppk (of the units modelled), services
        (counts), ikm (of the whole agency).
    """
    rows = []
    for name in _shipped():
        agency = load_agency(name)
        rows.append(
            {
                "name": agency.name,
                "label": agency.label,
                "units": len(agency.units),
                "officers": agency.officers,
                "pns": sum(u.pns for u in agency.units),
                "pppk": sum(u.pppk for u in agency.units),
                "services": len(agency.services),
                "ikm": agency.fact("ikm"),
            }
        )
    return pd.DataFrame(rows)


def _shipped() -> list[str]:
    return sorted(p.name for p in (data_dir() / "agencies").iterdir() if p.is_dir())


def _read(name_or_path: str | os.PathLike[str]) -> tuple[Agency | None, list[Problem]]:
    """The agency, None where it is wrong; and all problems and doubts."""
    shipped = _shipped()
    path = data_dir() / "agencies" / name_or_path if name_or_path in shipped else Path(name_or_path)
    if not path.exists() and path.parent == Path("."):
        what, known = "there is no agency, file or folder of this name.", f"Shipped are {', '.join(shipped)}."
        hint = near(str(name_or_path), shipped)
        return None, [Problem(str(name_or_path), None, None, what, f"{hint}{known}")]
    sheets, problems = read_sheets(path)
    tables = {}
    for table, sheet in sheets.items():
        tables[table], found = parse_table(table, sheet)
        problems += found
    problems += check_tables(tables)
    if any(not isinstance(p, Doubt) for p in problems):
        return None, problems
    rows = {name: tuple(row for _, row in tables[name].rows) for name in TABLES}
    texts = {fact.key: fact.value for fact in rows["agency"]}
    agency = Agency(name=texts["name"], label=texts["label"], facts=rows.pop("agency"), **rows)
    return agency, [*problems, *doubts(agency, tables)]
