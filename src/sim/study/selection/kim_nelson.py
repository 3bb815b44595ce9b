"""The fully sequential procedure KN: which of several is best, with a stated probability of being right.

Kim, S.-H. and B. L. Nelson (2001), A fully sequential procedure for indifference-zone selection in simulation, ACM
Transactions on Modeling and Computer Simulation 11(3), 251-273 (the version with c = 1). Observations of one
replication may depend on each other, as they do with common random numbers: the procedure uses variances of
differences.

It is written here because the library at hand does not serve: KN of sim-tools 1.0 reads the variance of the wrong pair
whenever the other design stands earlier in the list, and its KN++ adds variances as if designs were independent.
"""

from __future__ import annotations

import numpy as np

from sim.errors import KinerjaError, _


class KimNelson:
    """Fed one replication at a time, it says which candidates are still in, and when it is done.

    Parameters
    ----------
    count : int
        Candidates, at least 2.
    indifference : float
        The smallest difference worth detecting, above 0, in the unit of the observations.
    probability : float
        With which the best is selected, where it is better than any other by `indifference` or more.
    first : int
        Replications of the first stage, from which variances are estimated; at least 2, better 10.

    Attributes
    ----------
    n : int
        Replications fed.
    alive : list of int
        Candidates still in, in order.
    screened : dict of int to (int, int)
        Candidate that is out -> replications it took, and the candidate that put it out.
    most : int
        Replications after which the procedure ends at the latest; 0 until the first stage is complete.

    Examples
    --------
    >>> procedure = KimNelson(2, 1.0, 0.95, first=5)
    >>> for r in range(5):
    ...     procedure.feed([0.0 + 0.1 * r, 9.0 - 0.1 * r])
    >>> procedure.done, procedure.best
    (True, 1)
    """

    def __init__(self, count: int, indifference: float, probability: float, first: int = 10) -> None:
        if count < 2 or first < 2:
            raise KinerjaError(
                _("a selection needs at least 2 candidates and 2 replications of the first stage.")
            )
        if not indifference > 0 or not 1 / count < probability < 1:
            raise KinerjaError(
                _(
                    "indifference must be above 0, and probability between {count:g} (mere guessing) and 1.",
                    count=1 / count,
                )
            )
        self._width = indifference
        eta = ((2 * (1 - probability) / (count - 1)) ** (-2 / (first - 1)) - 1) / 2
        self._h2 = 2 * eta * (first - 1)
        self._first = first
        self._early: list[np.ndarray] = []
        self._sums = np.zeros(count)
        self._variance = np.zeros((count, count))  # of differences, in the first stage
        self.n = 0
        self.most = 0
        self.alive = list(range(count))
        self.screened: dict[int, tuple[int, int]] = {}

    @property
    def done(self) -> bool:
        """Whether one is selected: the last one in, or the best mean once `most` replications are there."""
        return len(self.alive) == 1 or 0 < self.most <= self.n

    @property
    def best(self) -> int:
        """The candidate still in with the highest mean so far."""
        return max(self.alive, key=lambda i: self._sums[i])

    def feed(self, values: list[float] | np.ndarray) -> None:
        """Observations of one replication, more is better; float64[count], those of candidates that are out unread."""
        if self.done:
            return
        x = np.asarray(values, dtype=np.float64)
        self._sums[self.alive] += x[self.alive]
        self.n += 1
        if self.n < self._first:
            self._early.append(x)
            return
        if self.n == self._first:
            early = np.array([*self._early, x])
            self._variance = (early[:, :, None] - early[:, None, :]).var(axis=0, ddof=1)
            longest = np.floor(self._h2 * self._variance / self._width**2).max()
            # with as many as that, or fewer, the first stage alone decides
            self.most = max(self._first, int(longest) + 1)
        self._screen()

    def _screen(self) -> None:
        before = list(self.alive)
        for i in before:
            for other in before:
                if i != other and (self._sums[i] - self._sums[other]) / self.n < -self._distance(i, other):
                    self.alive.remove(i)
                    self.screened[i] = (self.n, other)
                    break

    def _distance(self, i: int, other: int) -> float:
        """How far a mean may fall behind another's before its candidate is out."""
        reach = self._h2 * self._variance[i, other] / self._width**2 - self.n
        return max(0.0, self._width / (2 * self.n) * reach)
