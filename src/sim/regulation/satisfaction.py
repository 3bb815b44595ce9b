"""The citizen survey SKM and its index IKM (PermenPANRB 14/2017)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sim.errors import KinerjaError, _
from sim.regulation._tables import Float, norm, rows

ELEMENTS = tuple(row["element"] for row in rows("skm_elements"))
"""The nine elements in their official order; columns u1 to u9."""

BANDS = ("A", "B", "C", "D")


def ikm(elements: npt.ArrayLike, weights: str = "equal") -> Float:
    """Return the index of public satisfaction, 25 to 100.

    Parameters
    ----------
    elements : array_like of float, shape (..., 9)
        Mean score of each element (NRR), 1 to 4.
    weights : {"equal", "printed"}
        ``"equal"`` is 1/9 each. ``"printed"`` is the rounded .111 of the official forms: because nine times .111 is
        .999, a perfect survey then scores 99.9 and the worst 24.975, below the lowest band.

    Returns
    -------
    float64, shape (...)
        NaN where an element is NaN.

    Examples
    --------
    >>> float(ikm([4.0] * 9)), round(float(ikm([4.0] * 9, weights="printed")), 3)
    (100.0, 99.9)
    """
    scores = np.asarray(elements, float)
    if scores.shape[-1:] != (len(ELEMENTS),):
        raise ValueError(f"elements {scores.shape}: the last dimension must be the nine elements")
    if np.any((scores < 1) | (scores > 4)):
        raise ValueError("elements: scores must be from 1 to 4")
    if weights == "equal":
        return 25 * scores.mean(axis=-1)
    if weights == "printed":
        return 25 * norm("skm_weight") * scores.sum(axis=-1)
    raise KinerjaError(_("No SKM weights are called {weights!r}. Use equal or printed.", weights=weights))


def ikm_band(index: npt.ArrayLike) -> Any:
    """Return the service quality A (best) to D of an IKM, array of str.

    The bands are printed with two decimals (B ends at 88.30, A starts at 88.31). There is no gap between them: the
    index is first rounded half up to two decimals, so that 88.304 is B and 88.306 is A. Everything below C is D,
    even the 24.975 of the printed weights. NaN has no band ("").

    Examples
    --------
    >>> ikm_band([88.304, 88.306, 70.0]).tolist()
    ['B', 'A', 'C']
    """
    # hundredths are whole numbers: 76.61 * 100 is not exactly 7661 in floating point
    hundredths = np.floor(np.asarray(index, float) * 100 + 0.5)
    lows = {row["band"]: round(float(row["low"]) * 100) for row in rows("ikm_bands")}
    conditions = [np.isnan(hundredths), *(hundredths >= lows[band] for band in BANDS[:-1])]
    return np.select(conditions, ["", *BANDS[:-1]], BANDS[-1])
