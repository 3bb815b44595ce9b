"""Citizens' satisfaction: nine SKM elements, scored 1-4, from what each citizen experienced.

There is an ordinal logit per element. Thresholds are placed so that a unit whose citizens wait as long as they expect,
with its usual share of errors, average officers and complaints answered as usual, has the IKM of the agency table;
what citizens expect and are used to is fitted (docs/calibration.md). Service and perception are distinguished:
``ikm_service`` keeps expectations fixed, ``ikm_perceived`` lets them change.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from sim.world.officers import Float

ELEMENTS = tuple(f"u{k}" for k in range(1, 10))
"""Requirements, procedure, time, cost, product, competence, behaviour, facilities, complaint handling."""
TIME, PRODUCT, COMPETENCE, BEHAVIOUR, COMPLAINTS = 2, 4, 5, 6, 8
SPACING = 3.0
"""Logits between thresholds (assumption)."""
PER_SD = 0.5
"""Logits per SD of courtesy or care (assumption)."""
ERROR_LOGIT = 1.0
"""Logits lost when the product was wrong (assumption)."""
COMPLAINT_LOGIT = 1.0
"""Logits between no complaint answered in time and all (assumption)."""
RESPONDENT_SD = 0.8
"""SD between citizens, in logits (assumption)."""
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(7)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


def score(place: float, shift: Float) -> Float:
    """Return the expected score, 1-4, at latent `place` + `shift`, averaged over differences between respondents."""
    latent = np.asarray(shift)[..., None, None] + RESPONDENT_SD * _NODES[:, None]
    steps = expit(latent + place + SPACING * np.array([1.0, 0.0, -1.0]))
    return np.asarray(1.0 + (steps.sum(axis=-1) * _WEIGHTS).sum(axis=-1))


@lru_cache(maxsize=1024)
def place(ikm: float) -> float:
    """Return the latent place of an average citizen of a unit with this IKM (25 to 100, ends excluded)."""
    wanted = min(max(ikm, 26.0), 99.5) / 25
    return float(brentq(lambda x: float(score(x, np.zeros(1))[0]) - wanted, -15, 15))


def elements(
    ikm: float,
    waited: Float,
    expected: Float,
    wrong: Float,
    usual: Float,
    care: Float,
    courtesy: Float,
    answered: float,
    usually: float,
    per_wait: float,
) -> Float:
    """Return the mean score of each SKM element.

    Parameters
    ----------
    ikm : float
        IKM of the unit in the agency table, which sets the level.
    waited, expected : float64[n]
        Minutes that citizens waited and expected to wait.
    wrong, usual : float64[n]
        Whether the first answer was wrong, and how often it usually is.
    care, courtesy : float64[n]
        Care and courtesy of the officer who served, performance SDs.
    answered : float
        Share of complaints that ended in time; NaN where there were none.
    usually : float
        Share of complaints that citizens expect to be answered in time.
    per_wait : float
        Logits per e-fold of waiting relative to what was expected: the pooled log odds of long waiting (evidence
        ``waiting_satisfaction``); that "long" means an e-fold is an assumption.

    Returns
    -------
    float64[9]
        NaN where nobody was served.
    """
    if not len(waited):
        return np.full(9, np.nan)
    at = place(ikm)
    out = np.full(9, ikm / 25)
    out[TIME] = _mean(at, per_wait * np.log((waited + 1) / (expected + 1)))
    out[PRODUCT] = _mean(at, -ERROR_LOGIT * (wrong - usual))
    out[COMPETENCE] = _mean(at, PER_SD * care)
    out[BEHAVIOUR] = _mean(at, PER_SD * courtesy)
    if not np.isnan(answered):
        out[COMPLAINTS] = _mean(at, np.full(1, COMPLAINT_LOGIT * (answered - usually)))
    return out


_GRID = np.linspace(-12, 12, 481)


@lru_cache(maxsize=1024)
def _curve(at: float) -> Float:
    return score(at, _GRID)


def _mean(at: float, shift: Float) -> float:
    """Return the mean score, read from a table of 481 points, which is exact to 1e-4 and 20 times as fast."""
    return float(np.interp(shift, _GRID, _curve(at)).mean())
