"""What is it worth to know? The value of information about what a decision rests on.

With gains ``g[future, policy]`` the best policy on average gains ``max_p E g_p``. Who knew the future could choose anew
in each, and would gain ``E max_p g_p``: the difference is the expected value of perfect information (EVPI). Who knew
one parameter x only would gain ``E max_p E[g_p | x]``: the expected value of *partial* perfect information (EVPPI), by
regression of each policy's gain on x (Strong, Oakley and Brennan 2014), here with natural cubic splines. Regression
finds some value in any parameter by chance; the mean of what it finds when x is shuffled is taken off, and the share of
shuffles that find as much is the p value.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.intervals import ENDS
from sim.streams import Streams

Float = npt.NDArray[np.float64]

KNOTS = 4
"""Degrees of freedom of a spline, the constant left out."""
SHUFFLES = 999
"""Many enough that p values can pass a correction for thirty parameters."""


@dataclass(frozen=True, slots=True)
class Partial:
    """What knowing one parameter is worth.

    Attributes
    ----------
    value : float
        EVPPI in the outcome's unit, what chance finds taken off; not below 0.
    p : float
        Share of shuffles in which the value is at least as large.
    """

    value: float
    p: float


def evpi(gain: Float) -> float:
    """Expected value of perfect information, from gains float64[futures, policies] (more is better).

    Examples
    --------
    >>> import numpy as np
    >>> evpi(np.array([[0.0, 1.0], [0.0, -1.0]]))
    0.5
    """
    return float(gain.max(axis=1).mean() - gain.mean(axis=0).max())


def evppi(gain: Float, x: npt.ArrayLike, seed: int = 1) -> Partial:
    """Expected value of knowing a parameter before choosing.

    Parameters
    ----------
    gain : float64[futures, policies]
    x : array[futures]
        Numbers, or text (a category).
    seed : int
        Of the shuffles.
    """
    smooth = _projection(x)
    best = gain.mean(axis=0).max()
    value = float((smooth @ (smooth.T @ gain)).max(axis=1).mean() - best)
    rng = Streams(seed, 0).generator("value_of_information.shuffles")
    shuffled = gain[rng.permuted(np.tile(np.arange(len(gain)), (SHUFFLES, 1)), axis=1)]
    chance = (smooth @ (smooth.T @ shuffled)).max(axis=2).mean(axis=1) - best
    # rounding alone must not look like a value
    as_much = (chance >= value - 1e-12).sum()
    return Partial(max(0.0, value - float(chance.mean())), float((1 + as_much) / (1 + SHUFFLES)))


def explained(difference: Float, x: npt.ArrayLike) -> float:
    """Share of the variance of a difference that one parameter explains: its first-order (main) effect.

    The adjusted R squared of the regression on a spline, not below 0; such estimates are called "given data" (Plischke,
    Borgonovo and Smith 2013).
    """
    smooth = _projection(x)
    total = float(difference.var())
    if total == 0:
        return 0.0
    left = float((difference - smooth @ (smooth.T @ difference)).var())
    n, k = smooth.shape
    return max(0.0, 1 - left / total * (n - 1) / (n - k))


def swing(difference: Float, x: npt.ArrayLike) -> tuple[float, float]:
    """Mean of a difference where a parameter is low (its 10 % quantile) and where it is high (90 %)."""
    values = pd.Series(np.asarray(x))
    if not pd.api.types.is_numeric_dtype(values):
        means = pd.Series(difference).groupby(values.to_numpy()).mean()
        return float(means.min()), float(means.max())
    smooth = _projection(x)
    fitted = smooth @ (smooth.T @ difference)
    order = values.argsort().to_numpy()
    low, high = np.interp(values.quantile(list(ENDS)), values.to_numpy()[order], fitted[order])
    return float(low), float(high)


def _projection(x: npt.ArrayLike) -> Float:
    """Orthonormal columns that span the constant and the functions of x allowed; ``Q @ Q.T @ y`` is the fit."""
    values = pd.Series(np.asarray(x))
    if not pd.api.types.is_numeric_dtype(values):
        basis = pd.get_dummies(values).to_numpy(np.float64)
    elif values.nunique() <= KNOTS + 1:
        basis = pd.get_dummies(values.astype(str)).to_numpy(np.float64)
    else:
        basis = _natural_spline(values.to_numpy(np.float64))
    return np.linalg.qr(basis)[0]


def _natural_spline(x: Float) -> Float:
    """Natural cubic spline with knots at quantiles (Hastie, Tibshirani and Friedman 2009, section 5.2.1)."""
    z = (x - x.mean()) / x.std()
    knots = np.quantile(z, np.linspace(0.05, 0.95, KNOTS + 1))

    def bend(k: int) -> Float:
        last = np.clip(z - knots[-1], 0, None) ** 3
        return np.asarray((np.clip(z - knots[k], 0, None) ** 3 - last) / (knots[-1] - knots[k]))

    bends = [bend(k) - bend(len(knots) - 2) for k in range(len(knots) - 2)]
    return np.stack([np.ones_like(z), z, *bends], axis=1)
