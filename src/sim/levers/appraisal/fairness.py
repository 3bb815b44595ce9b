"""How accurate and how fair ratings are, which only a simulation can tell, because it knows the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from sim.regulation import PREDIKAT
from sim.world.officers import Bool, Float, Int
from sim.world.ratings import PAR, published_mix

if TYPE_CHECKING:
    from sim.world.world import World


def fairness(world: World, score: Float, level: Int) -> dict[str, Float]:
    """Return how accurate and how fair ratings are, by unit, and how many officers were rated.

    Correlations, slopes and shares are those of the officers there in the whole agency, split into units so that
    their mean over the officers rated is the agency's value.

    Parameters
    ----------
    score : float64[n]
        Composite rating.
    level : int64[n]
        Predikat, 0 Sangat Kurang ... 4 Sangat Baik.

    Returns
    -------
    dict
        Outcome column -> float64[units].
    """
    truth, closeness, there = world.people.truth, world.officers.closeness, world.officers.there
    # where all perform alike, truth explains nothing
    enough = there.sum() > 2 and np.ptp(truth[there]) > 0

    def standard(x: Float) -> Float:
        sd = x[there].std() if there.any() else 0.0
        return np.asarray((x - x[there].mean()) / sd) if sd > 0 else np.zeros_like(x)

    def beyond_truth(x: Float) -> Float:
        """Return what true performance does not explain."""
        return np.asarray(x - np.polyval(np.polyfit(truth[there], x[there], 1), truth))

    def of_those(event: Bool, among: Bool) -> Float:
        share = among[there].mean() if there.any() else 0.0
        return (
            world.by_unit((event & among) / share) if share else np.full(len(world.officers.slices), np.nan)
        )

    y, t = standard(score), standard(truth)
    close = standard(beyond_truth(closeness)) if enough else 0 * y
    unexplained = world.by_unit(beyond_truth(score) if enough else score)
    known = unexplained[~np.isnan(unexplained)]
    below = truth < PAR
    rated_below = level < PREDIKAT.index("baik")
    top = level == PREDIKAT.index("sangat_baik")
    best = truth >= ndtri(1 - published_mix()["sangat_baik"])
    out = {
        "rated": world.sum_by_unit(there),
        "rating_validity": world.by_unit(y * t),
        "favouritism": world.by_unit(close * score),
        "severity_sd": np.full(len(world.officers.slices), known.std() if len(known) else np.nan),
        "false_below": of_those(rated_below, ~below),
        "missed_below": of_those(~rated_below, below),
        "false_top": of_those(~best, top),
    }
    return out | {name: world.by_unit(level == code) for code, name in enumerate(PREDIKAT)}
