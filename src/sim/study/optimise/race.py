"""A race for the Pareto front: candidates that clearly cannot be on it get no more replications.

All candidates meet the same random numbers. After each stage one is out when it is clearly over a limit, or when
another is clearly at least as good on every objective (by no less than the indifference that was stated) and clearly
better on one; the rest go on, with twice the replications. After S-Race (Zhang, Georgiopoulos and Anagnostopoulos
2013), with paired t intervals in place of the sign test, widened by Bonferroni's rule for the number of candidates
still in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.intervals import half_width
from sim.outcomes import OUTCOMES

COST = "cost"
"""The outcome that is always an objective."""


@dataclass(frozen=True)
class Objective:
    """Something to be improved.

    Attributes
    ----------
    name : str
    better : {"high", "low"}
    indifference : float
        Differences below it do not matter, in the outcome's own unit.
    """

    name: str
    better: str
    indifference: float = 0.0

    def gain(self, values: np.ndarray, other: np.ndarray) -> np.ndarray:
        """How much better `values` are than `other`, replication by replication."""
        return values - other if self.better == "high" else other - values


Values = Mapping[str, np.ndarray]
"""Name of an objective or limited outcome -> float64[replications] of one candidate."""


def objectives_of(widths: Mapping[str, float]) -> tuple[Objective, ...]:
    """Return objectives from outcome -> indifference; cost comes last."""
    goals = [Objective(name, OUTCOMES[name].better, width) for name, width in widths.items()]
    return (*goals, Objective(COST, "low"))


def clearly_dominates(one: Values, other: Values, objectives: Sequence[Objective], n_intervals: int) -> bool:
    """Whether `one` makes `other` superfluous."""
    lows = []
    for goal in objectives:
        n = min(len(one[goal.name]), len(other[goal.name]))
        gain = goal.gain(one[goal.name][:n], other[goal.name][:n])
        half = half_width(gain, n_intervals) if n > 1 else np.inf
        lows.append(float(gain.mean()) - half)
    enough = all(low >= -goal.indifference for low, goal in zip(lows, objectives, strict=True))
    return enough and any(low > 0 for low in lows)


def over(values: np.ndarray, limit: float, n_intervals: int) -> bool:
    """Return whether the mean is above a limit: clearly, as one of `n_intervals` tests, or (0) on average."""
    return bool(values.mean() - (half_width(values, n_intervals) if n_intervals else 0.0) > limit)


def front(means: np.ndarray) -> np.ndarray:
    """Which rows no other row beats: float64[candidates, objectives], more is better -> bool[candidates].

    Examples
    --------
    >>> front(np.array([[1.0, 5.0], [2.0, 4.0], [1.0, 4.0]])).tolist()
    [True, True, False]
    """
    at_least = (means[:, None, :] >= means[None, :, :]).all(axis=2)
    better = (means[:, None, :] > means[None, :, :]).any(axis=2)
    return np.asarray(~(at_least & better).any(axis=0))


def chance_of_front(values: np.ndarray, samples: int = 1000, seed: int = 1) -> np.ndarray:
    """Share of bootstrap samples of the replications in which a candidate is on the front.

    Parameters
    ----------
    values : float64[candidates, replications, objectives]
        More is better; the same random numbers in the same replication.

    Returns
    -------
    float64[candidates]
    """
    rng = np.random.default_rng(seed)
    count = np.zeros(len(values))
    n = values.shape[1]
    for _ in range(samples):
        count += front(values[:, rng.integers(0, n, n), :].mean(axis=1))
    return count / samples
