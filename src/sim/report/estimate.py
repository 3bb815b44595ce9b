"""An estimate: a mean over replications with its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim.intervals import half_width


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over replications and its 95 % interval.

    Attributes
    ----------
    n : int
        Replications (for a difference: pairs of replications) with a value.
    mean, low, high : float
        NaN where there is none; the limits are NaN for fewer than two.
    """

    n: int
    mean: float
    low: float
    high: float

    @classmethod
    def of_level(cls, row: Any) -> Estimate:
        """Return the level in a row of a result's table: its ``n, mean, half_width``."""
        n, mean, half = _cells(row, "n", "mean", "half_width")
        return cls(int(n), mean, mean - half, mean + half)

    @classmethod
    def of_difference(cls, row: Any) -> Estimate:
        """Return the difference in a row of a result's table: its ``n, difference, low, high``."""
        n, mean, low, high = _cells(row, "n", "difference", "low", "high")
        return cls(int(n), mean, low, high)

    @property
    def half(self) -> float:
        """Half the width of the interval."""
        return (self.high - self.low) / 2

    @property
    def sign(self) -> int:
        """1 or -1 where the interval excludes zero, else 0: not yet clear."""
        return int(self.low > 0) - int(self.high < 0)


def _cells(row: Any, *names: str) -> list[Any]:
    """Return cells of a row, which is a series or a named tuple."""
    return [row[name] if isinstance(row, pd.Series) else getattr(row, name) for name in names]


def estimate(values: Sequence[float] | np.ndarray | pd.Series, n_intervals: int = 1) -> Estimate:
    """Return the mean and t interval of values over replications.

    Parameters
    ----------
    values : sequence of float
        NaN are left out.
    n_intervals : int
        Intervals that are to hold at once, each widened accordingly (Bonferroni).
    """
    x = np.asarray(values, dtype=np.float64)
    x = x[np.isfinite(x)]
    n = len(x)
    if n == 0:
        return Estimate(0, math.nan, math.nan, math.nan)
    mean, half = float(x.mean()), half_width(x, n_intervals)
    return Estimate(n, mean, mean - half, mean + half)
