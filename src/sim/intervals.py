"""Confidence intervals of means and paired differences, and the rule for when there are enough replications.

The replication is the unit of inference. Policies use the same random numbers (common random numbers), so a policy
is compared with the baseline replication by replication, by the paired t interval of the mean difference (Law,
Simulation Modeling and Analysis, ch. 10). Where several policies are compared with one baseline, their intervals are
widened by Bonferroni's rule, so that all of them hold simultaneously with 95 %: the one rule that needs no knowledge
of how policies with common random numbers depend on each other (Law, section 10.4.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from sim.outcomes import Better

CONFIDENCE = 0.95
"""Confidence level of each interval, or of all intervals jointly where they are simultaneous."""

FIRST_COUNT = 10
"""Number of replications at which precision is judged for the first time."""


def half_width(values: np.ndarray, n_intervals: int = 1) -> float:
    """Half the width of the 95 % t interval of the mean of `values`; NaN for fewer than two values.

    Parameters
    ----------
    values : float64[n]
    n_intervals : int
        Number of such intervals that hold simultaneously with 95 % (Bonferroni).

    Examples
    --------
    >>> import numpy as np
    >>> one, six = (half_width(np.array([1.0, 2.0, 3.0, 4.0]), k) for k in (1, 6))
    >>> round(one, 2), round(six, 2)
    (2.05, 4.02)
    """
    n = len(values)
    if n < 2:
        return float("nan")
    upper = 1 - (1 - CONFIDENCE) / (2 * n_intervals)
    return float(stdtrit(n - 1, upper) * values.std(ddof=1) / np.sqrt(n))


@dataclass(frozen=True, slots=True)
class Paired:
    """Comparison of a policy with the baseline on one outcome, over the `n` replications in which both have a value.

    Attributes
    ----------
    n : int
        Number of pairs.
    mean, half_width : float
        Mean of the policy's own values, and the half-width of its interval.
    difference, low, high : float
        Policy minus baseline: mean and the two ends of its interval, in the outcome's unit.
    probability_better : float
        Share of replications in which the policy does better (a tie counts half): the probability of seeing it
        better in one such period. NaN where neither direction is better.
    correlation : float
        Correlation of policy and baseline over replications; NaN where one of them does not vary.
    variance_saved : float
        ``1 - var(difference) / (var(policy) + var(baseline))``: variance reduction by common random numbers; NaN
        where nothing varies.
    """

    n: int
    mean: float
    half_width: float
    difference: float
    low: float
    high: float
    probability_better: float
    correlation: float
    variance_saved: float


def paired(values: np.ndarray, baseline: np.ndarray, better: Better = "none", n_intervals: int = 1) -> Paired:
    """Compare a policy with the baseline, replication by replication.

    Parameters
    ----------
    values, baseline : float64[replications]
        In the same order; pairs with a NaN are left out.
    better : {"high", "low", "none"}
        Which direction is better.
    n_intervals : int
        Number of differences whose intervals hold simultaneously with 95 % (Bonferroni).

    Examples
    --------
    >>> import numpy as np
    >>> paired(np.array([2.0, 4.0, 6.0]), np.array([1.0, 3.0, 5.0])).difference
    1.0
    """
    both = ~(np.isnan(values) | np.isnan(baseline))
    x, y = values[both], baseline[both]
    n = len(x)
    if n == 0:
        # nothing to compare with, e.g. a lever's own outcome, which the baseline does not have
        nan, own = float("nan"), values[~np.isnan(values)]
        mean = float(own.mean()) if len(own) else nan
        return Paired(len(own), mean, half_width(own) if len(own) else nan, nan, nan, nan, nan, nan, nan)
    d = x - y
    mean, half = float(d.mean()), half_width(d, n_intervals)
    wins = {"high": d > 0, "low": d < 0}.get(better)
    chance = float("nan") if wins is None else float((wins + 0.5 * (d == 0)).mean())
    correlation = saved = float("nan")
    if n > 1:
        var_x, var_y = x.var(ddof=1), y.var(ddof=1)
        if var_x > 0 and var_y > 0:
            correlation = float(np.corrcoef(x, y)[0, 1])
        if var_x + var_y > 0:
            saved = float(1 - d.var(ddof=1) / (var_x + var_y))
    return Paired(
        n, float(x.mean()), half_width(x), mean, mean - half, mean + half, chance, correlation, saved
    )


def matrix(frame: pd.DataFrame, outcome: str, policies: tuple[str, ...]) -> np.ndarray:
    """Arrange a frame with one row per policy and replication as float64[policy, replication]."""
    replications, column = np.unique(frame["replication"].to_numpy(), return_inverse=True)
    row = pd.Index(policies).get_indexer(frame["policy"].astype(object))
    values = np.full((len(policies), len(replications)), np.nan)
    values[row[row >= 0], column[row >= 0]] = frame[outcome].to_numpy(dtype=np.float64)[row >= 0]
    return values


def counts(maximum: int) -> tuple[int, ...]:
    """Return the replication counts at which precision is judged: 10, 20, 40... up to the maximum.

    Judging after every replication and stopping at the first narrow interval would make intervals too short. A few
    fixed looks keep that bias small, and make the number of replications independent of which worker was faster.

    Examples
    --------
    >>> counts(100)
    (10, 20, 40, 80, 100)
    """
    looks = []
    n = FIRST_COUNT
    while n < maximum:
        looks.append(n)
        n *= 2
    return (*looks, maximum)


def achieved(
    summary: pd.DataFrame, outcomes: Mapping[str, float], policies: tuple[str, ...], baseline: int
) -> dict[str, float]:
    """Return, per outcome, the widest half-width of the simultaneous differences to the baseline.

    Parameters
    ----------
    summary : DataFrame
        One row per policy and replication: one window of the whole agency.
    outcomes : mapping
        Outcome -> anything; only its keys are used.
    policies : tuple of str
    baseline : int
        Index of the baseline among `policies`.
    """
    widest = {}
    for outcome in outcomes:
        table = matrix(summary, outcome, policies)
        others = [row for i, row in enumerate(table) if i != baseline]
        pairs = [paired(row, table[baseline], n_intervals=len(others)) for row in others]
        widest[outcome] = float(np.max([(p.high - p.low) / 2 for p in pairs])) if pairs else 0.0
    return widest


def precise(reached: Mapping[str, float | None], wanted: Mapping[str, float]) -> bool:
    """Tell whether every outcome's half-width is known and no wider than wanted."""
    widths = {outcome: reached[outcome] for outcome in wanted}
    return all(width is not None and width <= wanted[outcome] for outcome, width in widths.items())


def stages(total: tuple[int, ...]) -> list[range]:
    """Return the replications to add at each count: ``(10, 20)`` gives ``[range(0, 10), range(10, 20)]``."""
    return [range(first, last) for first, last in pairwise((0, *total))]


ENDS = (0.1, 0.9)
"""Quantiles of a parameter between which its swing of a difference is measured."""
