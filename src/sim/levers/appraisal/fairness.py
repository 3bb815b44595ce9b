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
    """Return how accurate and how fair ratings are, by unit.

    Correlations, slopes and shares are those of the whole agency, split into units so that their mean over officers
    is the agency's value.

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
    truth, closeness = world.people.truth, world.officers.closeness

    def standard(x: Float) -> Float:
        sd = x.std()
        return np.asarray((x - x.mean()) / sd) if sd > 0 else np.zeros_like(x)

    def of_those(event: Bool, among: Bool) -> Float:
        share = among.mean()
        return (
            world.by_unit((event & among) / share) if share else np.full(len(world.officers.slices), np.nan)
        )

    y, t = standard(score), standard(truth)
    fits = len(y) > 2 and np.ptp(truth) > 0  # where all perform alike, truth explains nothing
    close = standard(closeness - np.polyval(np.polyfit(truth, closeness, 1), truth)) if fits else 0 * y
    unexplained = score - np.polyval(np.polyfit(truth, score, 1), truth) if fits else score
    below = truth < PAR
    rated_below = level < PREDIKAT.index("baik")
    top = level == PREDIKAT.index("sangat_baik")
    best = truth >= ndtri(1 - published_mix()["sangat_baik"])
    out = {
        "rating_validity": world.by_unit(y * t),
        "favouritism": world.by_unit(close * score),
        "severity_sd": np.full(len(world.officers.slices), world.by_unit(unexplained).std()),
        "false_below": of_those(rated_below, ~below),
        "missed_below": of_those(~rated_below, below),
        "false_top": of_those(~best, top),
    }
    return out | {name: world.by_unit(level == code) for code, name in enumerate(PREDIKAT)}
