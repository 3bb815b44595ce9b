"""The tables of a study, assembled from those of its runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.runs.job import ORDER, Key, RunTables, Tables

if TYPE_CHECKING:
    from sim.agency import Agency
    from sim.levers import Policy


def assemble(agency: Agency, policies: Sequence[Policy], runs: Mapping[Key, RunTables]) -> Tables:
    """Return one frame per table from the tables of single runs, in key order whatever the order of `runs`.

    Raises
    ------
    ValueError
        Where runs of one study have different columns, or a unit the agency does not have.
    """
    names = [policy.name for policy in policies]
    levers = dict.fromkeys(lever.key for policy in policies for lever in policy.levers)
    spent = {key for run in runs.values() for key in run.costs["lever"]}
    categories = {
        "policy": names,
        "unit": [*(unit.unit for unit in agency.units), "*"],
        "lever": [*levers, *sorted(spent - set(levers))],
    }
    frames: dict[str, pd.DataFrame] = {}
    for table, order in ORDER.items():
        parts = [getattr(run, table) for run in runs.values()]
        first = {key.policy: part.columns for key, part in reversed(list(zip(runs, parts, strict=True)))}
        for key, part in zip(runs, parts, strict=True):
            if list(part.columns) != list(first[key.policy]):
                odd = sorted(set(part.columns) ^ set(first[key.policy]))
                run = f"{names[key.policy]!r}, replication {key.replication}"
                raise ValueError(f"{table} of {run} differs from another replication in columns {odd}")
        # a lever's own column is empty under policies without that lever, and stands last
        every = [list(first[policy]) for policy in sorted(first)]
        shared = [name for name in every[0] if all(name in columns for columns in every)]
        own = sorted({name for columns in every for name in columns} - set(shared))
        frame = pd.concat(parts, ignore_index=True)[shared + own]
        lengths = [len(part) for part in parts]
        frame.insert(0, "policy", np.repeat([names[key.policy] for key in runs], lengths))
        frame.insert(1, "replication", np.repeat([key.replication for key in runs], lengths))
        frame = typed(frame, categories)
        frames[table] = frame.sort_values(list(order), kind="stable", ignore_index=True)
    return Tables(**frames)


def typed(frame: pd.DataFrame, categories: Mapping[str, list[Any]]) -> pd.DataFrame:
    """The frame in the fixed schema: categories in a fixed order, int64 counts, float64 values."""
    columns: dict[str, Any] = {}
    for name in frame.columns:
        column = frame[name]
        if name in ("policy", "unit", "window", "lever"):
            known = categories.get(name) or list(dict.fromkeys(column))
            if not set(column.unique()) <= set(known):
                raise ValueError(f"unknown {name}: {sorted(set(column.unique()) - set(known))}")
            columns[name] = pd.Categorical(column, categories=known, ordered=False)
        elif name in ("replication", "month", "year"):
            columns[name] = column.to_numpy(dtype=np.int64)
        else:
            columns[name] = column.to_numpy(dtype=np.float64)
    return pd.DataFrame(columns, index=frame.index)


def complete(runs: Mapping[Key, RunTables], policies: int) -> int:
    """Return how many replications, from 0, every policy has finished, up to the first gap.

    Counting stops at a gap although later ones may be finished: keeping whichever was quick would favour
    quiet months. What remains is exactly a study of that many replications.
    """
    n = 0
    while all(Key(policy, n) in runs for policy in range(policies)):
        n += 1
    return n


AGENCY = "*"
"""The unit that means the whole agency."""
