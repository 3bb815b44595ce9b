"""Training entitlements of civil servants in lesson hours (JP) of 45 minutes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.regulation._tables import Float, norm


def entitled(jp: npt.ArrayLike, pns: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Tell whether a year's training follows the rules: PNS at least 20 JP, PPPK at most 24 (recalled, not verified).

    Parameters
    ----------
    jp : array_like of float
        Lesson hours in the year.
    pns : array_like of bool
        PNS, else PPPK.

    Examples
    --------
    >>> entitled([19, 20, 24, 25], [True, True, False, False]).tolist()
    [False, True, True, False]
    """
    hours = np.asarray(jp, float)
    return np.where(
        np.asarray(pns, bool), hours >= norm("jp_entitlement_pns"), hours <= norm("jp_maximum_pppk")
    )


def jp_hours(jp: npt.ArrayLike) -> Float:
    """Convert lesson hours to clock hours.

    Examples
    --------
    >>> float(jp_hours(20))
    15.0
    """
    return np.asarray(jp, float) * norm("jp_minutes") / 60
