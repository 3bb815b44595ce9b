"""How people rate one another: what a rating is made of, and the cuts that give today's mix of predikat.

One rating is a sum of truth, rater and residual with the variance shares of Scullen, Mount & Goff (2000); the shares
hold for pure judgement. What validity becomes when raters are averaged or indicators measured is a result.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.optimize import brentq
from scipy.stats import multivariate_normal, norm

from sim.paths import data_dir
from sim.world.officers import LMX_TRUTH, Float

TRUTH, RATER, RESIDUAL = 0.23, 0.57, 0.15
"""Shares of the variance of one rating (Scullen, Mount & Goff 2000: ratee 21-25, rater 53-62, error 11-18 %)."""
PERSPECTIVE = 1 - TRUTH - RATER - RESIDUAL
"""What raters of one kind see alike and others do not."""
SEVERITY = 0.20
"""Of the rater's share, the part that is the same for all he rates (assumption)."""
CLOSENESS = 0.30 - np.sqrt(TRUTH) * LMX_TRUTH
"""Bias per SD of closeness: r(rating, LMX) .30 less what truth explains (Martin et al. 2016); .09 to .185."""
SELF_LENIENCY = 0.32
"""Self-ratings over the supervisor's, SD (Heidemeier & Moser 2009)."""
BELOW_PAR = 0.10
"""Share of officers who are truly below par (assumption, 5-20 %: no data identify leniency)."""
PAR = float(norm.ppf(BELOW_PAR))


@dataclass(frozen=True)
class Cuts:
    """Where expectations lie on two standard normal axes.

    Attributes
    ----------
    correlation : float
        Between results and behaviour.
    low_results, low_behaviour, top : float
        Below the first two: under expectations; above `top` on both: Sangat Baik.
    """

    correlation: float
    low_results: float
    low_behaviour: float
    top: float


def published_mix() -> dict[str, float]:
    """Share of each predikat in 10.3 million ratings, ``data/calibration/predikat_mix.csv``."""
    with (data_dir() / "calibration" / "predikat_mix.csv").open(encoding="utf-8", newline="") as file:
        return {row["predikat"]: float(row["share"]) for row in csv.DictReader(file)}


@cache
def status_quo_cuts() -> Cuts:
    """Cuts and axis correlation that give the published mix exactly; solved from it, not stored."""
    mix = published_mix()
    low_results = float(norm.ppf(mix["butuh_perbaikan"] + mix["sangat_kurang"]))
    low_behaviour = float(norm.ppf(mix["kurang"] + mix["sangat_kurang"]))

    def both_below(x: float, y: float, rho: float) -> float:
        return float(multivariate_normal.cdf([x, y], mean=[0, 0], cov=[[1, rho], [rho, 1]]))

    rho = brentq(
        lambda r: both_below(low_results, low_behaviour, r) - mix["sangat_kurang"], 0.5, 0.999, xtol=1e-6
    )
    top = brentq(lambda t: both_below(-t, -t, rho) - mix["sangat_baik"], 0.0, 3.0, xtol=1e-6)
    return Cuts(float(rho), low_results, low_behaviour, float(top))


@dataclass(frozen=True)
class Source:
    """Raters of one kind.

    Attributes
    ----------
    weight : float
        In the composite; weights sum to 1.
    raters : int
        Independent raters averaged.
    closeness : bool
        Whether closeness to the supervisor biases them.
    leniency : float
        SD over the supervisor's.
    """

    weight: float
    raters: int = 1
    closeness: bool = False
    leniency: float = 0.0


def own_variance(source: Source, shared: float) -> float:
    """Variance that one kind of rater adds on its own: severity, halo, residual average out, perspective stays."""
    bias = CLOSENESS**2 if source.closeness else 0.0
    return (RATER - bias - shared + RESIDUAL) / source.raters + PERSPECTIVE


def composite_sd(sources: list[Source], shared: float) -> float:
    """SD of the weighted mean of ratings, from the shares alone (never from the run)."""
    weights = sum(s.weight for s in sources)
    bias = sum(s.weight for s in sources if s.closeness) * CLOSENESS
    truth = weights * np.sqrt(TRUTH)
    own = sum(s.weight**2 * own_variance(s, shared) for s in sources)
    return float(np.sqrt(truth**2 + bias**2 + 2 * truth * bias * LMX_TRUTH + weights**2 * shared + own))


def rate(
    sources: list[tuple[Source, Float, Float, Float, Float]],
    truth: Float,
    closeness: Float,
    shared_luck: Float,
    shared: float,
) -> Float:
    """Composite ratings.

    Parameters
    ----------
    sources : list of (Source, severity, halo, perspective, residual)
        The last four float64[n], unit variance: of the rater(s), of rater and ratee, of the kind of rater and
        ratee, and of this occasion; already averaged means of `raters` draws have unit variance too.
    truth, closeness, shared_luck : float64[n]
        Unit variance.
    shared : float
        Variance of the bias all raters share.

    Returns
    -------
    float64[n]
        In SDs of the composite under its own design; unit variance at the start of the study.
    """
    out = np.zeros(len(truth))
    for source, severity, halo, perspective, residual in sources:
        bias = CLOSENESS if source.closeness else 0.0
        idiosyncratic = RATER - SEVERITY - bias**2 - shared
        out += source.weight * (
            np.sqrt(TRUTH) * truth
            + bias * closeness
            + np.sqrt(SEVERITY / source.raters) * severity
            + np.sqrt(max(idiosyncratic, 0.0) / source.raters) * halo
            + np.sqrt(PERSPECTIVE) * perspective
            + np.sqrt(RESIDUAL / source.raters) * residual
            + np.sqrt(shared) * shared_luck
            + source.leniency
        )
    return out / composite_sd([source for source, *_ in sources], shared)
