"""An estimate: a mean over replications with its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.intervals import half_width

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over replications and its 95 % interval.

    Attributes
    ----------
    n : int
        Replications (for a difference: pairs of replications) with a value.
    mean, low, high : float
        NaN where there is none; the ends are NaN for fewer than two.
    """

    n: int
    mean: float
    low: float
    high: float

    @property
    def half(self) -> float:
        """Half the width of the interval."""
        return (self.high - self.low) / 2

    @property
    def sign(self) -> int:
        """1 or -1 where the interval excludes zero, else 0: it cannot be told."""
        return int(self.low > 0) - int(self.high < 0)


def estimate(values: Sequence[float] | np.ndarray | pd.Series, together: int = 1) -> Estimate:
    """Mean and t interval; `together` > 1 widens it so that so many intervals hold at once (Bonferroni)."""
    x = np.asarray(values, dtype=np.float64)
    x = x[np.isfinite(x)]
    n = len(x)
    if n == 0:
        return Estimate(0, math.nan, math.nan, math.nan)
    mean, half = float(x.mean()), half_width(x, together)
    return Estimate(n, mean, mean - half, mean + half)
