"""Nearest-neighbour matching on covariates, with the Abadie-Imbens variance.

Matches are on Mahalanobis distance, with replacement, ties included; the distance that remains is adjusted for by
regression (bias adjustment) [1]_ [2]_.

References
----------
.. [1] Abadie, Imbens (2006), Econometrica 74, 235-267.
.. [2] Abadie, Imbens (2011), Journal of Business & Economic Statistics 29, 1-11.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist

from sim.errors import KinerjaError, _
from sim.inference.data.checks import repeated_notes
from sim.inference.data.panel_data import covariate_matrix, numeric
from sim.inference.evaluation.balance import balance_frame
from sim.inference.evaluation.observed import (
    UNCONFOUNDED,
    ObservedResult,
    left_out,
    read_observed,
    unadjusted,
)
from sim.inference.evaluation.treatment_effect import fit_propensity
from sim.inference.models.clusters import Contrast
from sim.inference.result import Note

_BLOCK = 500


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class MatchingResult(ObservedResult):
    """Average effect from matched cases.

    Attributes
    ----------
    estimates : DataFrame
        Rows ``unadjusted`` and ``matched``: term, estimate, se, df, low, high, p.
    matched : DataFrame
        One row per matched case: case (position), treated, neighbours (more than requested where there are ties),
        distance (to the furthest of them, in Mahalanobis units).
    """

    matched: pd.DataFrame
    neighbours: int

    def sentences(self) -> list[str]:
        effect = _(
            "Average effect for {who}, each case matched with its {neighbours} most similar: {effect}; unmatched "
            "{unadjusted}."
        )
        worst = _("The largest covariate difference after matching is {worst:.2f} standard deviations.")
        values = {**self._values(), "neighbours": self.neighbours}
        return [str(text.filled(**values)) for text in (effect, worst)]


def matching(
    frame: pd.DataFrame,
    outcome: str,
    treated: str,
    covariates: Sequence[str],
    *,
    exact: Sequence[str] = (),
    effect: Literal["att", "ate"] = "att",
    neighbours: int = 1,
    adjust: bool = True,
    level: float = 0.95,
) -> MatchingResult:
    """Estimate an effect by nearest-neighbour matching on Mahalanobis distance, with replacement.

    Parameters
    ----------
    frame : DataFrame
        One row per case; rows without an outcome are left out.
    outcome, treated : str
        Columns; `treated` is 0/1.
    covariates : sequence of str
        Measured before treatment.
    exact : sequence of str
        Columns on which matches must agree (the unit, the grade); cases without a counterpart are left out
        and counted.
    effect : {"att", "ate"}
        For those treated, or for everybody.
    neighbours : int
        Matches per case; ties at the last distance all count.
    adjust : bool
        Adjust for the distance that remains by regression on the covariates among the matched cases.
    level : float
        Confidence level.

    Returns
    -------
    MatchingResult

    Raises
    ------
    KinerjaError
        No case has enough counterparts, no covariates, collinear covariates, covariates that separate the arms.

    Examples
    --------
    >>> import pandas as pd
    >>> pairs = pd.DataFrame({"y": [1.0, 2, 3, 4, 3, 4, 5, 6], "d": [0] * 4 + [1] * 4, "x": [1, 2, 3, 4] * 2})
    >>> float(matching(pairs, "y", "d", ["x"]).table()["estimate"][1].round(6))
    2.0
    """
    if effect not in ("att", "ate") or neighbours < 1:
        raise KinerjaError(_('effect is "att" or "ate", and neighbours at least 1.'))
    y, arm, x, names, lost = read_observed(frame, outcome, treated, [*covariates, *exact])
    kept = numeric(frame, outcome)
    strata = np.zeros(len(y), int)
    if exact:
        rows = frame.reset_index(drop=True)[~np.isnan(kept)]
        strata = rows.groupby(list(exact), sort=False).ngroup().to_numpy()
    scatter = np.cov(x, rowvar=False).reshape(x.shape[1], x.shape[1])
    if np.linalg.cond(scatter) > 1e12:
        raise KinerjaError(_("data: the covariates repeat one another. Remove one of them."))
    z = x @ np.linalg.cholesky(np.linalg.inv(scatter))
    used = frame.reset_index(drop=True)[~np.isnan(kept)].reset_index(drop=True)
    free, __ = covariate_matrix(used, covariates)
    scaled = (free - free.mean(axis=0)) / free.std(axis=0)
    fit_propensity(
        arm, np.column_stack([np.ones(len(y)), scaled])
    )  # refuses covariates that separate the arms
    pairs = _pairs(z, arm, strata, effect, neighbours)
    needs = np.unique(pairs["case"])
    missed = int(((arm == 1) | (effect == "ate")).sum()) - len(needs)
    if not len(needs):
        raise KinerjaError(
            _(
                "data: no case has {neighbours} counterparts that agree on {exact}.",
                neighbours=neighbours,
                exact=", ".join(exact),
            )
        )
    case, mate, share = pairs["case"].to_numpy(), pairs["mate"].to_numpy(), pairs["share"].to_numpy()
    use, squares = np.bincount(mate, share, len(y)), np.bincount(mate, share**2, len(y))
    expected = np.zeros((2, len(y)))
    if adjust:
        for a in (0, 1):
            among = (arm == a) & (use > 0)
            if among.any():
                expected[a] = _line(y[among], free[among], use[among], free)
    other_arm = 1 - arm[case]
    pull = y[mate] - expected[other_arm, mate] + expected[other_arm, case]
    other = np.bincount(case, share * pull, len(y))
    gain = np.where(arm == 1, 1.0, -1.0) * (y - other)
    estimate = float(gain[needs].mean())
    noise = _local_variance(y, z, arm, strata)
    spread = ((gain[needs] - estimate) ** 2).sum()
    extra = noise * (use**2 - squares + (2 * use if effect == "ate" else 0.0))
    se = float(np.sqrt(spread + (extra.sum() if effect == "ate" else extra[arm == 0].sum())) / len(needs))
    matched_once = np.zeros(len(y))
    matched_once[needs] = 1.0
    return MatchingResult(
        estimates=pd.DataFrame(
            [
                unadjusted(y, arm, level),
                {"term": "matched", **Contrast.of(estimate, se, np.inf, level).row()},
            ]
        ),
        notes=(
            UNCONFOUNDED,
            *left_out(lost),
            *_unmatched(missed),
            *repeated_notes(frame, [outcome, treated, *covariates, *exact]),
        ),
        balance=balance_frame(x, names, arm, use + matched_once),
        matched=pd.DataFrame(
            {
                "case": needs,
                "treated": arm[needs],
                "neighbours": np.bincount(case, minlength=len(y))[needs],
                "distance": pairs.groupby("case")["distance"].max().to_numpy(),
            }
        ),
        outcome=outcome,
        effect=effect,
        neighbours=neighbours,
        level=level,
    )


def _pairs(z: np.ndarray, arm: np.ndarray, strata: np.ndarray, effect: str, neighbours: int) -> pd.DataFrame:
    """Return every case with its matches: case, mate, share (1 / number of mates), distance."""
    parts = []
    for s in np.unique(strata):
        for a in (0, 1) if effect == "ate" else (1,):
            seek = np.flatnonzero((strata == s) & (arm == a))
            pool = np.flatnonzero((strata == s) & (arm != a))
            if len(pool) < neighbours:
                continue
            for at in range(0, len(seek), _BLOCK):
                rows = seek[at : at + _BLOCK]
                distance = cdist(z[rows], z[pool])
                kth = np.partition(distance, neighbours - 1, axis=1)[:, neighbours - 1]
                near = distance <= kth[:, None] + 1e-9
                i, j = np.nonzero(near)
                parts.append(
                    pd.DataFrame(
                        {
                            "case": rows[i],
                            "mate": pool[j],
                            "share": 1 / near.sum(axis=1)[i],
                            "distance": distance[i, j],
                        }
                    )
                )
    return pd.concat(parts) if parts else pd.DataFrame({"case": [], "mate": [], "share": [], "distance": []})


def _line(y: np.ndarray, x: np.ndarray, weight: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return the weighted regression of `y` on `x`, predicted at `at`."""
    root = np.sqrt(weight)[:, None]
    design = np.column_stack([np.ones(len(y)), x]) * root
    beta = np.linalg.lstsq(design, y * root[:, 0], rcond=None)[0]
    return beta[0] + at @ beta[1:]


def _local_variance(y: np.ndarray, z: np.ndarray, arm: np.ndarray, strata: np.ndarray) -> np.ndarray:
    """Return the variance of the outcome given covariates: among each case and its two nearest of the same arm."""
    out = np.zeros(len(y))
    for s in np.unique(strata):
        for a in (0, 1):
            pool = np.flatnonzero((arm == a) & (strata == s))
            size = min(3, len(pool))
            if size < 2:
                out[pool] = y[arm == a].var(ddof=1)
                continue
            for at in range(0, len(pool), _BLOCK):
                rows = pool[at : at + _BLOCK]
                distance = cdist(z[rows], z[pool])
                kth = np.partition(distance, size - 1, axis=1)[:, size - 1]
                near = (distance <= kth[:, None] + 1e-9).astype(float)
                n = near.sum(axis=1)
                mean = near @ y[pool] / n
                out[rows] = (near @ y[pool] ** 2 - n * mean**2) / (n - 1)
    return np.maximum(out, 0.0)


def _unmatched(cases: int) -> list[Note]:
    if not cases:
        return []
    return [Note("unmatched", _("{n:,} cases have no counterpart and are left out.", n=cases))]
