"""Choosing under deep uncertainty: regret, satisficing, who wins where, and chance separated from futures.

Everything here is arithmetic on arrays ``float64[futures, policies, repeats]`` of one outcome: one value per run, NaN
where a future was not run again. All policies meet the same futures and, within a future, the same random numbers.

A difference between two policies varies from future to future for two reasons: the futures differ, and each was run
only once or twice. The second part, *noise*, is known from futures that were run twice (one-way analysis of variance).
What is shown as a range over futures has noise removed: each difference is drawn towards the mean until differences
vary as much as the futures themselves do (constrained empirical Bayes, Louis 1984). Regret, winners and shares are of
those values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.intervals import half_width

Float = npt.NDArray[np.float64]

BAND = (0.05, 0.95)
"""Quantiles of the range over futures."""
SURE = 1.96
"""SDs of noise by which a winner must lead to be clear, one pair at a time."""


@dataclass(frozen=True, slots=True)
class Spread:
    """One quantity over futures.

    Attributes
    ----------
    n : int
        Futures.
    mean, low, high : float
        Mean over futures and its 95 % t interval: what is not known because so few futures and runs were made.
    future_low, future_high : float
        Range that holds nine of ten futures, noise removed: what more runs would not make narrower.
    futures_sd, noise_sd : float
        SD from future to future, and SD of one run in one future; NaN for noise where no future was run again.
    """

    n: int
    mean: float
    low: float
    high: float
    future_low: float
    future_high: float
    futures_sd: float
    noise_sd: float


def noise_sd(runs: Float) -> float:
    """SD of one run around the mean of its future, from the futures that were run again.

    Parameters
    ----------
    runs : float64[futures, repeats]

    Examples
    --------
    >>> import numpy as np
    >>> round(noise_sd(np.array([[1.0, 3.0], [5.0, 7.0], [9.0, np.nan]])) ** 2, 6)
    2.0
    """
    counts = (~np.isnan(runs)).sum(axis=1)
    again = runs[counts > 1]
    freedom = (counts[counts > 1] - 1).sum()
    if not freedom:
        return float("nan")
    return float(np.sqrt(np.nansum((again - np.nanmean(again, axis=1, keepdims=True)) ** 2) / freedom))


def without_noise(runs: Float) -> Float:
    """Each future's value with noise removed, float64[futures]; as it is where the noise is not known.

    Parameters
    ----------
    runs : float64[futures, repeats]
    """
    means, counts = _means(runs)
    seen = ~np.isnan(means)
    noise = noise_sd(runs)
    if np.isnan(noise) or seen.sum() < 2:
        return means
    total = means[seen].var(ddof=1)
    between = max(0.0, total - noise**2 * (1 / counts[seen]).mean())
    centre = means[seen].mean()
    return centre + (means - centre) * (np.sqrt(between / total) if total > 0 else 1.0)


def spread(runs: Float) -> Spread:
    """Mean, precision and range over futures of one quantity.

    Parameters
    ----------
    runs : float64[futures, repeats]
    """
    means, _ = _means(runs)
    means = means[~np.isnan(means)]
    n = len(means)
    if n == 0:
        return Spread(0, *(float("nan"),) * 7)
    clean = without_noise(runs)
    clean = clean[~np.isnan(clean)]
    centre, half = float(means.mean()), half_width(means)
    low, high = (float(x) for x in np.quantile(clean, BAND))
    sd = float(clean.std(ddof=1)) if n > 1 else float("nan")
    return Spread(n, centre, centre - half, centre + half, low, high, sd, noise_sd(runs))


def gains(runs: Float, baseline: int, better: str) -> Float:
    """What each policy gains on the baseline in each future, noise removed: float64[futures, policies].

    More is better, whichever way the outcome is read.

    Parameters
    ----------
    runs : float64[futures, policies, repeats]
    baseline : int
    better : {"high", "low"}
    """
    sign = -1.0 if better == "low" else 1.0
    against = sign * (runs - runs[:, baseline : baseline + 1])
    return np.stack([without_noise(against[:, p]) for p in range(runs.shape[1])], axis=1)


def regret(gain: Float) -> Float:
    """What is lost in each future by not having chosen its best policy; float64[futures, policies], never negative.

    Savage (1951).

    Examples
    --------
    >>> import numpy as np
    >>> regret(np.array([[0.0, 2.0], [0.0, -1.0]])).tolist()
    [[2.0, 0.0], [0.0, 1.0]]
    """
    return gain.max(axis=1, keepdims=True) - gain


def winners(runs: Float, gain: Float) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """The best policy of each future, and whether it leads every other by more than noise.

    Parameters
    ----------
    runs : float64[futures, policies, repeats]
    gain : float64[futures, policies]
        From :func:`gains`.
    """
    best = gain.argmax(axis=1)
    counts = np.maximum((~np.isnan(runs)).all(axis=1).sum(axis=1), 1)
    sure = np.ones(len(runs), np.bool_)
    for other in range(runs.shape[1]):
        for policy in set(best.tolist()) - {other}:
            rows = best == policy
            noise = noise_sd(runs[:, policy] - runs[:, other])
            lead = gain[rows, policy] - gain[rows, other]
            sure[rows] &= lead > SURE * noise / np.sqrt(counts[rows])
    return best, sure


def satisfied(runs: Float, target: float, better: str) -> Float:
    """Whether each policy meets a target in each future: 1, 0 or NaN; float64[futures, policies].

    Parameters
    ----------
    runs : float64[futures, policies, repeats]
    target : float
        A level of the outcome, itself included.
    better : {"high", "low"}
    """
    values = np.stack([without_noise(runs[:, p]) for p in range(runs.shape[1])], axis=1)
    met = values <= target if better == "low" else values >= target
    return np.where(np.isnan(values), np.nan, met.astype(np.float64))


def _means(runs: Float) -> tuple[Float, npt.NDArray[np.int64]]:
    counts = (~np.isnan(runs)).sum(axis=1)
    total = np.where(np.isnan(runs), 0.0, runs).sum(axis=1)
    return np.where(counts > 0, total / np.maximum(counts, 1), np.nan), counts
