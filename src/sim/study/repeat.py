"""Run a saved result again, and say whether it is the same: byte by byte, else where, and what has changed since."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.runs.provenance import commit, model_code, model_data, versions
from sim.runs.results import read_result
from sim.study.load import exact_spec

WHOLE = "*"
"""Means all columns of a table, where the rows or columns themselves differ."""


@dataclass(frozen=True)
class Repetition:
    """A comparison of a result with a new run of it.

    Attributes
    ----------
    id : str
        Of the result.
    tables : tuple of str
        Tables that are the same bytes.
    differences : DataFrame
        One row per table and column that differ: ``table, column, rows, of, largest``; `largest` is the largest
        difference of numbers. Column ``*``: the table has other rows or columns.
    changed : DataFrame
        What has changed since the result was made: ``what, then, now``.
    """

    id: str
    tables: tuple[str, ...]
    differences: pd.DataFrame
    changed: pd.DataFrame

    @property
    def same(self) -> bool:
        """Whether all tables are the same bytes."""
        return self.differences.empty


def repeat(
    folder: str | Path, *, workers: int | None = None, progress: bool = True, lang: str | None = None
) -> Repetition:
    """Run a saved result of any kind again and compare.

    Parameters
    ----------
    folder : path
        ``results/<id>``. Nothing in it is changed.
    workers, progress, lang
        See :func:`sim.study.run_study`.

    Raises
    ------
    DamagedResult
        Where the result is not what was written.
    KinerjaError
        Where it cannot be run again: a lever was defined in a notebook (no code is read from files).

    Examples
    --------
    ::

        repeat("results/1f0c2d9a8b7e6f55").same
    """
    tables, documents, manifest = read_result(folder)
    spec = exact_spec(documents, manifest, str(folder))
    result = spec.run(workers=workers, progress=progress, lang=lang)
    if result.partial and not manifest["partial"]:
        raise KeyboardInterrupt
    with tempfile.TemporaryDirectory() as place:
        again, _, own = read_result(result.save(Path(place) / "again"))
    same, rows = [], []
    for name in tables:
        file = f"{name}.parquet"
        if manifest["files"][file]["digest"] == own["files"].get(file, {}).get("digest"):
            same.append(name)
        else:
            rows += differing(name, tables[name], again.get(name, pd.DataFrame()))
    columns = ["table", "column", "rows", "of", "largest"]
    return Repetition(manifest["id"], tuple(same), pd.DataFrame(rows, columns=columns), _changed(manifest))


def differing(name: str, then: pd.DataFrame, now: pd.DataFrame) -> list[tuple[str, str, int, int, float]]:
    """Return where two tables of one name differ: rows of :attr:`Repetition.differences`.

    Examples
    --------
    >>> frame = pd.DataFrame({"x": [1.0, 2.0], "unit": ["a", "b"]})
    >>> differing("t", frame, frame.assign(x=[1.0, 2.5]))
    [('t', 'x', 1, 2, 0.5)]
    """
    rows: list[tuple[str, str, int, int, float]] = []
    if len(then) != len(now):
        return [(name, WHOLE, abs(len(then) - len(now)), len(then), math.nan)]
    for column in dict.fromkeys([*then, *now]):
        if column not in then or column not in now:
            rows.append((name, str(column), len(then), len(then), math.nan))
            continue
        a, b = then[column].to_numpy(), now[column].to_numpy()
        numbers = a.dtype.kind in "fiub" and b.dtype.kind in "fiub"
        both = pd.isna(a) & pd.isna(b)
        odd = ~((a == b) | both)
        if odd.any():
            gap = np.abs(a[odd].astype(float) - b[odd].astype(float)) if numbers else np.array([math.nan])
            largest = float(np.nanmax(gap)) if not np.isnan(gap).all() else math.nan
            rows.append((name, str(column), int(odd.sum()), len(then), largest))
    # equal values in other bytes: the sign of a zero, or another version of the writer
    return rows or [(name, WHOLE, 0, len(then), 0.0)]


def _changed(manifest: Mapping[str, Any]) -> pd.DataFrame:
    """Return what has changed since the manifest was written."""
    then = dict(manifest["versions"]) | _commit(manifest.get("commit")) | {"model code": manifest.get("code")}
    now = dict(versions()) | _commit(commit()) | {"model code": model_code()}
    then |= {f"data/{name}": digest for name, digest in manifest["data"].items()}
    now |= {f"data/{name}": digest for name, digest in model_data().items()}
    rows = [
        (what, then.get(what) or "-", now.get(what) or "-")
        for what in dict.fromkeys([*then, *now])
        if then.get(what) != now.get(what)
    ]
    return pd.DataFrame(rows, columns=["what", "then", "now"])


def _commit(saved: Mapping[str, Any] | None) -> dict[str, str]:
    if saved is None:
        return {}
    return {"commit": saved["hash"][:12] + (" with changes" if saved["dirty"] else "")}
