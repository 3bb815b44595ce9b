"""Standard deviations and correlations of random effects, with intervals."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from sim.errors import Message, _
from sim.inference.models.mixed_fit import Fit
from sim.inference.models.mixed_profile import component, profile_interval

Method = Literal["profile", "wald"]

PROFILE_UP_TO = 5000
"""Rows; beyond it the likelihood is quadratic enough for Wald intervals of the log sd."""


def components_table(fitted: Fit, method: Method | Literal["auto", "none"], level: float) -> pd.DataFrame:
    """Tabulate standard deviations and correlations with intervals.

    Parameters
    ----------
    fitted : Fit
    method : {"profile", "wald", "auto", "none"}
        Of the intervals. Wald intervals are of the logarithm (of Fisher's z for correlations), NaN at a boundary. With
        "auto" they are profiled where the standard error exceeds a quarter of the estimate: there the likelihood is
        far from quadratic.
    level : float

    Returns
    -------
    DataFrame
        part ("sd" or "correlation"), term, estimate, se, df (NaN), low, high, p (NaN), method.
    """
    rows = []
    errors = fitted.standard_errors()
    z = stats.norm.ppf(0.5 + level / 2.0) * np.array([-1.0, 1.0])
    for name, value in fitted.sds().items():
        correlation, se = name in fitted.model.correlations, errors[name]
        quadratic = se < 0.25 * (1.0 - value**2 if correlation else value)
        how = "wald" if method == "wald" or (method == "auto" and quadratic) else "profile"
        nowhere = how == "wald" and (abs(value) >= 1.0 if correlation else value <= 0.0)
        if method == "none" or nowhere or np.isnan(value) or not fitted.converged:
            low, high, how = np.nan, np.nan, "none"
        elif how == "profile":
            low, high = profile_interval(fitted, component(fitted.model, name), value, level)
        elif correlation:
            low, high = np.tanh(np.arctanh(value) + z * se / (1.0 - value**2))
        else:
            low, high = value * np.exp(z * se / value)
        part = "correlation" if correlation else "sd"
        rows.append((part, name, value, se, np.nan, low, high, np.nan, how))
    columns = ["part", "term", "estimate", "se", "df", "low", "high", "p", "method"]
    return pd.DataFrame(rows, columns=columns)


def boundary_message(fitted: Fit) -> Message:
    """Say which estimates of a fit lie on the boundary."""
    return _(
        "Estimates lie on the boundary (a variance of zero or a correlation of ±1): {names}.",
        names=", ".join(fitted.boundary),
    )
