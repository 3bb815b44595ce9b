"""Read ``data/regulation/``: every row carries its legal source and whether the wording itself was seen."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.errors import KinerjaError, _
from sim.paths import data_table

TABLES = (
    "matrix",
    "predikat",
    "score_weights",
    "score_bands",
    "distribution",
    "sanctions",
    "skm_elements",
    "ikm_bands",
    "complaints",
    "ip_asn",
    "norms",
)
PROVENANCE = ("regulation", "source", "status", "verified", "note")

Int = npt.NDArray[np.int64]
Float = npt.NDArray[np.float64]


@cache
def rows(table: str) -> tuple[dict[str, str], ...]:
    """Return the rows of one table, as text."""
    return tuple(data_table("regulation", f"{table}.csv"))


def sources() -> pd.DataFrame:
    """List every rule with its source and how well it is known.

    Returns
    -------
    pandas.DataFrame
        Columns table, rule, value, regulation, source, status (V read in an excerpt, V2 second-hand, M from
        memory, D derived, A assumed), verified (bool: the wording of the legal text was seen), note.

    Examples
    --------
    >>> unseen = sources().query("not verified")
    >>> "matrix" in set(unseen.table)
    True
    """
    found = []
    for table in TABLES:
        for row in rows(table):
            cells = {k: v for k, v in row.items() if k not in PROVENANCE and k != "label_id" and v}
            label = cells.pop("label_en", None)
            names = [cells.pop(k) for k in list(cells)[: 1 if label else 2]]
            found.append(
                {
                    "table": table,
                    "rule": label or " / ".join(names),
                    "value": ", ".join(f"{k} {v}" for k, v in cells.items()),
                    **{k: row[k] for k in PROVENANCE},
                    "verified": row["verified"] == "y",
                }
            )
    return pd.DataFrame(found)


@cache
def _norms() -> dict[str, float]:
    return {row["key"]: float(row["value"]) for row in rows("norms")}


def norm(key: str) -> float:
    """Return a single number of the rules, such as ``"jp_minutes"``; see ``data/regulation/norms.csv``.

    Raises
    ------
    KinerjaError
        No such norm.

    Examples
    --------
    >>> norm("jp_minutes")
    45.0
    """
    if key not in _norms():
        raise KinerjaError(_("No norm is called {key!r}. There are {norms}.", key=key, norms=list(_norms())))
    return _norms()[key]


def codes(what: str, values: npt.ArrayLike, names: tuple[str, ...]) -> Int:
    """Return whole numbers from codes or names.

    Codes are checked, because one out of range could read another row of a table.

    Raises
    ------
    ValueError
        A value is neither a code nor a name.
    """
    array = np.asarray(values)
    if array.dtype.kind in "UO" and array.size:
        lookup = {name: code for code, name in enumerate(names)}
        unknown = sorted({str(v) for v in array.ravel() if v not in lookup})
        if unknown:
            raise ValueError(f"{what} {', '.join(unknown)}: must be one of {', '.join(names)}")
        return np.array([lookup[v] for v in array.ravel()], np.int64).reshape(array.shape)
    if array.dtype.kind not in "iu" and array.size:
        raise ValueError(f"{what}: must be whole numbers or names, not {array.dtype}")
    if array.size and not (array.min() >= 0 and array.max() < len(names)):
        raise ValueError(f"{what}: codes must be 0 to {len(names) - 1} ({', '.join(names)})")
    return array.astype(np.int64)
