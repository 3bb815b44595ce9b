"""List where every number of an agency comes from, and how well it is known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pandas as pd

from sim.agency.columns import STATUSES
from sim.agency.facts import FIGURES
from sim.agency.spec import KEYS, TABLES, Agency

_CLAUSE = re.compile(rf"([a-z0-9_]+(?:, [a-z0-9_]+)*): (.+) \[({'|'.join(STATUSES)})\]")


def provenance(agency: Agency) -> pd.DataFrame:
    """List every number of an agency with its source and status.

    The source of a row may give single columns a source and status of their own, in clauses between
    semicolons: ``ikm: SKM report 2025 [V]; retiring, absence: BKN tables [D]; the rest assumed``. The other
    numbers have the remaining source, and the status of the row.

    Returns
    -------
    DataFrame
        One row per number; columns table, row (its key), column, value (float), source, status (V, V2, M, D or A).

    Examples
    --------
    >>> from sim.agency import load_agency
    >>> known = provenance(load_agency("makassar")).set_index(["table", "row", "column"])
    >>> known.loc[("agency", "ikm", "value"), "status"]
    'V'
    """
    rows = [found for table in TABLES for row in agency.rows(table) for found in _numbers(table, row)]
    return pd.DataFrame(rows, columns=["table", "row", "column", "value", "source", "status"])


def source_of(table: str, row: Any, column: str) -> tuple[str, str]:
    """Return the source and the status of one number of a row; those of the row where it has no number there."""
    known = {name: about for _table, _key, name, _value, *about in _numbers(table, row)}
    source, status = known.get(column, (row.source, row.status))
    return source, status


def _numbers(table: str, row: Any) -> Iterator[tuple[str, str, str, float, str, str]]:
    names = [c.name for c in fields(row) if str(c.type) != "str" and c.name not in KEYS[table]]
    if table == "agency":
        names = [] if FIGURES.get(row.key) and FIGURES[row.key].is_text else ["value"]
    own: dict[str, tuple[str, str]] = {}
    rest = []
    for clause in row.source.split("; "):
        match = _CLAUSE.fullmatch(clause)
        columns = match[1].split(", ") if match else []
        if match and set(columns) <= set(names):
            own |= dict.fromkeys(columns, (match[2], match[3]))
        else:
            rest.append(clause)
    keys = (getattr(row, name) for name in KEYS[table])
    key = "/".join("" if value is None else str(value) for value in keys)
    for name in names:
        value = getattr(row, name)
        if value is not None:
            source, status = own.get(name, ("; ".join(rest) or row.source, row.status))
            yield table, key, name, float(value), source, status
