"""When an effect arrives, when it is largest, and when it fades."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.outcomes import HEADLINE

if TYPE_CHECKING:
    from sim.study.compare.compared import Compared

RUNNING = 3
"""Months in a row in which the interval must exclude zero on the same side: one month alone excludes it by chance
in one of twenty (our convention)."""
HALF = 0.5
"""Of the peak; an effect below that has faded (our convention)."""


def timing(comparison: Compared, outcomes: str | Sequence[str] | None = None) -> pd.DataFrame:
    """Return when the difference from the baseline is clear for the first and last time, its peak and its half-life.

    Parameters
    ----------
    comparison : CompareResult
    outcomes : str or sequence of str, optional
        By default the headline ones that have values, but for cost.

    Returns
    -------
    DataFrame
        One row per other policy and outcome: ``policy, outcome, first, last, peak, peak_difference, half, months``, in
        months of the study. `first` and `last` are the ends of the runs of at least three monthly values in a row whose
        paired 95 % intervals exclude zero on the same side (NaN: none); the side is that of the largest run.
        `peak` is the month of the largest difference, smoothed over three months, among `first` to `last`; `half`
        the first month after it from which on the smoothed difference stays below half of its peak, for three months
        at least (NaN: it has not faded by the end). `months` counts the months that have a value.

    Examples
    --------
    ``compare("contoh", ["status_quo", "citizen_feedback"]).timing("motivation")``
    """
    summary = comparison.runs_summary
    if outcomes is None:
        outcomes = [
            name
            for name in comparison.headline or HEADLINE
            if name in summary and summary[name].notna().any()
        ]
        outcomes = [name for name in outcomes if name != "cost"]
    rows = []
    for outcome in [outcomes] if isinstance(outcomes, str) else outcomes:
        table = comparison.months(outcome)
        for policy in comparison.policies:
            if policy.name == comparison.baseline:
                continue
            part = table[table["policy"] == policy.name].dropna(subset=["difference"])
            found = arrival(*(part[name].to_numpy() for name in ("month", "difference", "low", "high")))
            rows.append({"policy": policy.name, "outcome": outcome} | found | {"months": len(part)})
    columns = ["policy", "outcome", "first", "last", "peak", "peak_difference", "half", "months"]
    frame = pd.DataFrame(rows, columns=columns)
    frame["policy"] = pd.Categorical(frame["policy"], categories=[p.name for p in comparison.policies])
    return frame


def arrival(month: np.ndarray, difference: np.ndarray, low: np.ndarray, high: np.ndarray) -> dict[str, float]:
    """Return first and last clear month, peak and half-life of one path; arrays of equal length, by month.

    Examples
    --------
    >>> months, path = np.arange(1, 9), np.array([0, 4, 4, 4, 1, 1, 1, 0.0])
    >>> found = arrival(months, path, path - 0.5, path + 0.5)
    >>> found["first"], found["last"], found["half"]
    (2.0, 7.0, 6.0)
    """
    nan = math.nan
    none = {"first": nan, "last": nan, "peak": nan, "peak_difference": nan, "half": nan}
    runs = {1: _runs(low > 0), -1: _runs(high < 0)}
    if not any(runs.values()):
        return none
    side = max(runs, key=lambda s: max((b - a for a, b in runs[s]), default=0))
    first, last = runs[side][0][0], runs[side][-1][1] - 1
    smooth = side * pd.Series(difference).rolling(RUNNING, center=True, min_periods=1).mean().to_numpy()
    peak = first + int(np.argmax(smooth[first : last + 1]))
    above = np.flatnonzero(smooth[peak:] >= HALF * smooth[peak])
    after = peak + int(above[-1]) + 1
    return {
        "first": float(month[first]),
        "last": float(month[last]),
        "peak": float(month[peak]),
        "peak_difference": float(side * smooth[peak]),
        "half": float(month[after]) if after + RUNNING <= len(month) else nan,
    }


def _runs(clear: np.ndarray) -> list[tuple[int, int]]:
    """Beginnings and ends (exclusive) of the runs of at least :data:`RUNNING` true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], clear.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2) if b - a >= RUNNING]
