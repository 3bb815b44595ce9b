"""Agencies made or changed in Python, through the same checks as files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from sim.agency.doubt import Doubt
from sim.agency.read import agency_of
from sim.agency.sheets import Sheet
from sim.agency.spec import KEYS, TABLES, Agency
from sim.errors import KinerjaError, Message, Problem, Problems, _
from sim.names import nearest


def to_frames(agency: Agency) -> dict[str, pd.DataFrame]:
    """Return the tables of an agency, as :meth:`sim.agency.Agency.frames` does."""
    return {
        table: pd.DataFrame(map(asdict, agency.rows(table)), columns=[c.name for c in fields(row)])
        for table, row in TABLES.items()
    }


def from_frames(frames: Mapping[str, Any]) -> Agency:
    """Make an agency from tables, as :meth:`sim.agency.Agency.from_frames` does."""
    agency, problems = _parsed(frames)
    wrong = [problem for problem in problems if not isinstance(problem, Doubt)]
    if agency is None or wrong:
        raise Problems(wrong)
    return agency


def changed(agency: Agency, tables: Mapping[str, Any]) -> Agency:
    """Change an agency, as :meth:`sim.agency.Agency.with_` does."""
    frames: dict[str, Any] = to_frames(agency)
    for table, change in tables.items():
        if table not in TABLES:
            raise KinerjaError(_no_table(table))
        frames[table] = change if isinstance(change, pd.DataFrame) else _rows(agency, table, change)
    return from_frames(frames)


@lru_cache(maxsize=64)
def problems_of(agency: Agency) -> tuple[Problem, ...]:
    """Return everything that is wrong or odd about an agency that was made in Python.

    Parameters
    ----------
    agency : Agency

    Returns
    -------
    tuple of Problem
        A :class:`~sim.agency.Doubt` is a warning.
    """
    again, problems = _parsed(to_frames(agency))
    if again is not None and again != agency:
        do = _("Give it the name and label of its facts, and numbers of the declared types.")
        problems = [*problems, Problem(agency.name, None, None, _("it would load as another agency."), do)]
    return tuple(problems)


def refuse_wrong(agency: Agency) -> None:
    """Raise :class:`~sim.errors.Problems` with everything that is wrong with an agency."""
    wrong = [problem for problem in problems_of(agency) if not isinstance(problem, Doubt)]
    if wrong:
        raise Problems(wrong)


def _parsed(frames: Mapping[str, Any]) -> tuple[Agency | None, list[Problem]]:
    """Read frames as files are read; a problem's row is counted from 0, as in ``iloc``."""
    problems: list[Problem] = []
    sheets: dict[str, Sheet] = {}
    for name in frames:
        if name not in TABLES:
            problems.append(Problem("frames", None, None, _no_table(name)))
    for table in TABLES:
        if not isinstance(frames.get(table), pd.DataFrame):
            there = _("it is no DataFrame.") if table in frames else _("the table is missing.")
            problems.append(Problem(f"frames[{table!r}]", None, None, there, _("Give a DataFrame.")))
            continue
        frame: pd.DataFrame = frames[table]
        heading = tuple((k, str(name), str(name).casefold()) for k, name in enumerate(frame.columns))
        rows = zip(*(map(_cell, frame.iloc[:, k]) for k in range(frame.shape[1])), strict=True)
        sheets[table] = Sheet(f"frames[{table!r}]", ".", heading, tuple(enumerate(rows)))
    return agency_of(sheets, problems)


def _cell(value: Any) -> Any:
    """Return a cell of a frame as a workbook has it: a plain value, None where it is empty."""
    value = value.item() if isinstance(value, np.generic) else value
    return None if value is None or value is pd.NA or value == "" or value != value else value


def _rows(agency: Agency, table: str, change: Any) -> pd.DataFrame:
    """Return a table with some cells changed."""
    rows = [asdict(row) for row in agency.rows(table)]
    columns = [c.name for c in fields(TABLES[table])]
    if not isinstance(change, Mapping):
        raise KinerjaError(
            _(
                "{table}: give a DataFrame, or a mapping of keys to what changes, e.g. {example}.",
                table=table,
                example="{'ikm': 80}" if table == "agency" else "{'dukcapil': {'absence': 0.1}}",
            )
        )
    by_key = {_key(table, row): row for row in rows}
    for key, cells in change.items():
        if key not in by_key:
            known = [str(one) for one in by_key]
            raise KinerjaError(
                _(
                    "{table}: there is no {key!r}{hint}; it has {known}.",
                    table=table,
                    key=key,
                    hint=nearest(str(key), known),
                    known=", ".join(known),
                )
            )
        cells = cells if isinstance(cells, Mapping) else {"value": cells}
        for column, value in cells.items():
            if column not in columns:
                raise KinerjaError(
                    _(
                        "{table}, {key}: there is no column {column!r}{hint}; it has {columns}.",
                        table=table,
                        key=key,
                        column=column,
                        hint=nearest(str(column), columns),
                        columns=", ".join(columns),
                    )
                )
            by_key[key][column] = value
    return pd.DataFrame(rows, columns=columns, dtype=object)


def _key(table: str, row: Mapping[str, Any]) -> Any:
    key = tuple(row[column] for column in KEYS[table])
    return key if len(key) > 1 else key[0]


def _no_table(name: str) -> Message:
    return _(
        "there is no table {name!r}{hint}; there are {tables}.",
        name=name,
        hint=nearest(str(name), TABLES),
        tables=", ".join(TABLES),
    )
