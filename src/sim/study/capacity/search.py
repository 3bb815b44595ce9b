"""The smallest dose at which a target is reached with a stated probability, with few replications.

Each dose is a number of seats, officers or the like; each replication of it reaches the target or not. How far a dose
is from doing so often enough is its *margin*: how far its mean is on the good side of the target, less the normal
quantile of the probability times the sd, so that 0 is just enough. A Gaussian process over the doses (scikit-learn)
joins the margins known so far, each with its own sampling error; to it comes the error they share, because all doses
meet the same random numbers. A dose with few replications has met only part of them: what the others say of the rest is
added (a two-way model, dose + replication), so that doses are compared on equal terms. Paths drawn from the process
say where the first dose that is enough may lie, and the next replications go to the middle of that range. While it
looks as if no dose is enough they go to where the best dose may lie, so that "cannot be reached" is said of the peak,
wherever it is: nothing assumes that more is better.

The margin only steers. What is reported of a dose is counted: how many of its replications reached the target.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.special import betaincinv, ndtri

from sim.errors import KinerjaError, _

State = Literal["searching", "enough", "least", "never", "unsure"]
"""``enough``: a dose was found; ``least``: the smallest dose is already enough; ``never``: no dose is; ``unsure``: the
replications ran out before it was clear."""

PATHS = 400
"""Paths drawn from the Gaussian process to see where the first dose that is enough may lie."""
SOFT = 3.0
"""Margins beyond about this are all the same to the search: far too little, or plenty."""
NEAR = 4
"""Steps within which the peak of a curve that never reaches the target must be known."""
PRIOR = 10
"""Replications' worth of the common variance in that of each dose: of ten replications the sd is hardly known."""
SURE = 0.9
"""Share of the paths that has to agree."""


@dataclass(frozen=True)
class Finding:
    """What is known at some moment of a search.

    Attributes
    ----------
    state : State
    index : int
        Of the smallest dose that is enough as far as is known; where none is, of the dose that comes nearest.
    low, high : int
        Of the doses between which the smallest that is enough lies, with :data:`SURE` probability under the model;
        where none is, those between which the best one lies.
    chance : float
        Share of the paths on which some dose is enough.
    """

    state: State
    index: int
    low: int
    high: int
    chance: float


class Search:
    """Requests replications and takes their outcomes until the answer is clear.

    Parameters
    ----------
    doses : sequence of float
        Increasing; at least 3.
    target : float
    better : {"high", "low"}
        Whether a replication reaches the target from above or below; equal is reached.
    probability : float
        With which the target must be reached.
    batch : int
        Replications requested at a time, at least 5.
    confirm : int
        Replications that the dose in the answer, or the best one if none is enough, must have.
    most : int
        Replications in all, after which the search ends.
    seed : int
        Of the paths.

    Examples
    --------
    >>> import numpy as np
    >>> search = Search(range(21), target=10.0, better="high", probability=0.9, batch=5, confirm=20, most=200)
    >>> while (wanted := search.ask()) is not None:
    ...     index, replications = wanted
    ...     noise = np.random.default_rng(replications.start).standard_normal(len(replications))
    ...     search.tell(index, search.doses[index] + 0.1 * noise)
    >>> search.finding().state, int(search.doses[search.finding().index])
    ('enough', 11)
    """

    def __init__(
        self,
        doses: Sequence[float] | np.ndarray,
        target: float,
        better: str,
        probability: float,
        *,
        batch: int = 10,
        confirm: int = 40,
        most: int = 400,
        seed: int = 1,
    ) -> None:
        self.doses = np.asarray(doses, dtype=np.float64)
        if len(self.doses) < 3 or (np.diff(self.doses) <= 0).any():
            raise KinerjaError(_("a search needs at least 3 doses, in increasing order."))
        if not 0 < probability < 1 or batch < 5 or confirm < batch or most < 3 * batch:
            raise KinerjaError(
                _("probability must be in 0..1, batch at least 5, confirm >= batch, most >= 3 batches.")
            )
        self.target, self.sign = target, 1.0 if better == "high" else -1.0
        self.probability = probability
        self._batch, self._confirm, self._most, self._seed = batch, confirm, most, seed
        self.values: dict[int, np.ndarray] = {}
        self._found: Finding | None = None
        self._kept: tuple[np.ndarray, float] | None = None
        self._short = np.zeros(0)

    @property
    def taken(self) -> int:
        """Replications taken so far."""
        return sum(map(len, self.values.values()))

    def reached(self, values: np.ndarray) -> np.ndarray:
        """Which replications reach the target; bool[replications]."""
        return self.sign * (values - self.target) >= 0

    def tell(self, index: int, values: Sequence[float] | np.ndarray) -> None:
        """Take the outcomes of the replications requested of a dose."""
        self.values[index] = np.append(self.values.get(index, ()), np.asarray(values, dtype=np.float64))
        self._found = self._kept = None

    def ask(self) -> tuple[int, range] | None:
        """Return the dose and its replications to run next; None when the search is over."""
        last = len(self.doses) - 1
        for index in (0, last, last // 2):
            if index not in self.values:
                return index, range(self._batch)
        found = self.finding()
        if found.state != "searching":
            return None
        index = self._next(found)
        n = len(self.values.get(index, ()))
        return index, range(n, n + min(self._batch, max(5, self._most - self.taken)))

    def finding(self) -> Finding:
        """What is known now."""
        if self._found is None:
            self._found = self._look()
        return self._found

    def margin(self) -> tuple[np.ndarray, np.ndarray]:
        """Margin at each dose by the Gaussian process, in sds of a replication, and its standard error."""
        mean, own = self._process().predict(self._places(), return_std=True)
        soft = np.minimum(np.abs(mean), 0.95 * SOFT)
        width = 1 - soft / SOFT
        error = np.hypot(own / width**2, self._shared_error())
        index = sorted(self.values)
        sd = np.interp(self.doses, self.doses[index], [self._sd(i) for i in index])
        unit = self._scale() / np.maximum(sd, 1e-9 * max(1.0, abs(self.target)))
        return np.sign(mean) * soft / width * unit, error * unit

    # the next dose is the one that says most about where the boundary lies
    def _next(self, found: Finding) -> int:
        if found.chance < 0.5:
            ends = (found.index, found.low, found.high, (found.low + found.high) // 2)
            untried = self._untried_beside(found.index)
            return untried[0] if untried else min(ends, key=lambda i: len(self.values.get(i, ())))
        if len(self.values.get(found.index, ())) < self._confirm and found.high - found.low <= 1:
            return found.index
        middle = (found.low + found.high) // 2
        open_ = [i for i in range(found.low, found.high + 1) if len(self.values.get(i, ())) < self._confirm]
        if open_:
            return min(open_, key=lambda i: (abs(i - middle), i))
        # replications of every dose in between are there: more of the one that decides
        return min(
            range(found.low, found.high + 1), key=lambda i: (len(self.values.get(i, ())), abs(i - middle))
        )

    def _look(self) -> Finding:
        paths = self._process().sample_y(self._places(), PATHS, random_state=self._seed)  # [doses, paths]
        paths = paths + self._shared_error() * np.random.default_rng(self._seed).standard_normal(PATHS)
        above = paths >= 0
        crosses = above.any(axis=0)
        chance = float(crosses.mean())
        over = self.taken >= self._most
        if chance >= 0.5:
            first = np.sort(above[:, crosses].argmax(axis=0))
            low, middle, high = (
                int(np.quantile(first, q, method="nearest")) for q in ((1 - SURE) / 2, 0.5, (1 + SURE) / 2)
            )
            enough = len(self.values.get(middle, ())) >= self._confirm
            state: State = "searching"
            if chance >= SURE and high - low <= 1 and enough:
                state = "least" if middle == 0 else "enough"
            elif over:
                state = "unsure" if chance < SURE or not enough else "least" if middle == 0 else "enough"
            return Finding(state, middle, low, high, chance)
        tops = np.sort(paths.argmax(axis=0))
        best = int(paths.mean(axis=1).argmax())
        low, high = (int(np.quantile(tops, q, method="nearest")) for q in ((1 - SURE) / 2, (1 + SURE) / 2))
        # a flat curve has no peak to be found, so that half of the replications must do
        known = (
            len(self.values.get(best, ())) >= self._confirm
            and (high - low <= NEAR or 2 * self.taken >= self._most)
            and not self._untried_beside(best)
        )
        state = "never" if chance <= 1 - SURE and (known or over) else "unsure" if over else "searching"
        return Finding(state, best, min(low, best), max(high, best), chance)

    def _untried_beside(self, index: int) -> list[int]:
        """Doses to try before one may be called the best: what lies between doses far apart is only guessed at."""
        near = {max(index - NEAR, 0), min(index + NEAR, len(self.doses) - 1)} - {index}
        return [
            i
            for i in sorted(near)
            if not any(k in self.values for k in range(min(i, index), max(i, index) + 1) if k != index)
        ]

    def _places(self) -> np.ndarray:
        span = self.doses[-1] - self.doses[0]
        return ((self.doses - self.doses[0]) / span)[:, None]

    def _process(self) -> Any:
        """The fitted scikit-learn regressor."""
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.gaussian_process import GaussianProcessRegressor
        from sklearn.gaussian_process.kernels import ConstantKernel, Matern

        index = sorted(self.values)
        margins, errors = (np.array(column) for column in zip(*map(self._softened, index), strict=True))
        kernel = ConstantKernel(4.0, (0.1, 20.0)) * Matern(0.5, (0.25, 3.0), nu=2.5)
        own = (1 - self._equal_terms()[1]) * errors**2
        process = GaussianProcessRegressor(kernel, alpha=np.maximum(own, 1e-4))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # a length at its bound is an answer too
            return process.fit(self._places()[index], margins)

    def _equal_terms(self) -> tuple[np.ndarray, float]:
        """Outcomes float64[doses tried, replications], those not run filled in; and the share of common noise."""
        if self._kept is None:
            index = sorted(self.values)
            most = max(map(len, self.values.values()))
            y = np.full((len(index), most), np.nan)
            for row, i in enumerate(index):
                y[row, : len(self.values[i])] = self.values[i]
            there = ~np.isnan(y)
            rows, columns = np.nonzero(there)
            design = np.zeros((len(rows), len(index) + most))
            design[np.arange(len(rows)), rows] = design[np.arange(len(rows)), len(index) + columns] = 1.0
            fitted = np.linalg.lstsq(design, y[there], rcond=None)[0]
            rest = y[there] - design @ fitted
            free = len(rows) - len(index) - most + 1
            variance = float(np.mean([x.var(ddof=1) for x in self.values.values()]))
            share = 1 - float(rest @ rest) / free / variance if free > 0 and variance > 0 else 0.0
            share = float(np.clip(share, 0.0, 0.999))
            noise = share * (fitted[len(index) :] - fitted[len(index) :].mean())
            level = np.nanmean(y - noise, axis=1)
            self._kept = np.where(there, y, level[:, None] + noise), share
            # what is filled in varies less than what is run
            run = np.nanvar(y, axis=1, ddof=1)
            self._short = np.maximum(0.0, run - noise.var(ddof=1)) * (1 - there.mean(axis=1))
        return self._kept

    def _shared_error(self) -> float:
        """Standard error of a softened margin near 0 that all doses share: good replications are good for all."""
        filled, share = self._equal_terms()
        sd = float(np.median([self._sd(i) for i in self.values]))
        return self._error(sd, filled.shape[1]) * float(np.sqrt(share)) / self._scale()

    def _filled(self, index: int) -> np.ndarray:
        return self._equal_terms()[0][sorted(self.values).index(index)]

    def _sd(self, index: int) -> float:
        """Standard deviation of a replication of a dose, drawn towards that of all: of few it is hardly known."""
        variances = self._equal_terms()[0].var(axis=1, ddof=1) + self._short
        own, pooled = variances[sorted(self.values).index(index)], np.median(variances)
        n = len(self.values[index]) - 1
        return float(np.sqrt((n * own + PRIOR * pooled) / (n + PRIOR)))

    def _gap(self, index: int) -> float:
        """Margin of a dose in the outcome's own unit."""
        good = self.sign * (self._filled(index).mean() - self.target)
        return float(good - ndtri(self.probability) * self._sd(index))

    def _error(self, sd: float, n: int) -> float:
        """Standard error of a margin from `n` replications."""
        return float(sd * np.sqrt(1 / n + ndtri(self.probability) ** 2 / (2 * (n + PRIOR))))

    def _scale(self) -> float:
        """Unit in which margins are softened: that of the doses nearest the boundary."""
        sizes = [max(abs(self._gap(i)), self._sd(i)) for i in self.values]
        return float(np.median(sizes)) or 1.0

    def _softened(self, index: int) -> tuple[float, float]:
        """Margin of a dose and its standard error, in the unit of :meth:`_scale`; large ones drawn in."""
        scale = self._scale()
        margin = self._gap(index) / scale
        soft = 1 + abs(margin) / SOFT
        error = self._error(self._sd(index), len(self.values[index])) / scale
        return margin / soft, error / soft**2


def share_interval(reached: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Exact interval of a probability from `reached` of `n` (Clopper and Pearson 1934).

    Examples
    --------
    >>> [round(end, 3) for end in share_interval(38, 40)]
    [0.831, 0.994]
    """
    tail = (1 - confidence) / 2
    low = betaincinv(reached, n - reached + 1, tail) if reached else 0.0
    high = betaincinv(reached + 1, n - reached, 1 - tail) if reached < n else 1.0
    return float(low), float(high)
