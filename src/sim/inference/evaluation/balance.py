"""Balance of treated and controls: standardised differences, before and after weighting."""

from __future__ import annotations

import numpy as np
import pandas as pd


def balance_frame(
    x: np.ndarray, names: list[str], treated: np.ndarray, weights: np.ndarray | None = None
) -> pd.DataFrame:
    """Return covariate means by arm and their standardised difference.

    Parameters
    ----------
    x : ndarray (n, p)
    treated : ndarray of 0/1 (n,)
    weights : ndarray (n,), optional
        Weights that balance the arms; the result then has weighted and unweighted differences.

    Returns
    -------
    DataFrame
        term, treated, control, std_difference (in pooled unweighted SDs, so both differences are on one
        scale), variance_ratio; with weights also weighted_treated, weighted_control, weighted_std_difference.
        As a rule of thumb a difference beyond 0.1 deserves attention (Austin 2011, Multivariate Behavioral
        Research 46, 399-424).
    """
    on, off = treated == 1, treated == 0
    spread = np.sqrt((x[on].var(axis=0, ddof=1) + x[off].var(axis=0, ddof=1)) / 2)
    spread = np.where(spread > 0, spread, np.nan)
    frame = pd.DataFrame(
        {
            "term": names,
            "treated": x[on].mean(axis=0),
            "control": x[off].mean(axis=0),
            "std_difference": (x[on].mean(axis=0) - x[off].mean(axis=0)) / spread,
            "variance_ratio": x[on].var(axis=0, ddof=1)
            / np.where(x[off].var(axis=0, ddof=1) > 0, x[off].var(axis=0, ddof=1), np.nan),
        }
    )
    if weights is None:
        return frame
    mean_on, mean_off = (np.average(x[side], axis=0, weights=weights[side]) for side in (on, off))
    return frame.assign(
        weighted_treated=mean_on,
        weighted_control=mean_off,
        weighted_std_difference=(mean_on - mean_off) / spread,
    )
