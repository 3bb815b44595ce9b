"""The rating model: the components of a rating, and the cuts that reproduce today's mix of predikat.

A rating is a sum of truth, rater and residual with the variance shares of Scullen, Mount & Goff (2000); the shares
hold for pure judgement. The validity of averaged or trained raters, or of measured indicators, is a result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from sim.evidence import Evidence
from sim.regulation import PREDIKAT, Predikat, score_0_120, score_predikat
from sim.world.calibration import targets
from sim.world.officers import LMX_TRUTH, Float

_PUBLISHED = Evidence.load("published")  # descriptive rows, the same in every preset
TRUTH, RATER, RESIDUAL = (_PUBLISHED[f"rating_share_{part}"].mean for part in ("ratee", "rater", "residual"))
"""Shares of the variance of one rating (Scullen, Mount & Goff 2000: ratee 21-25, rater 53-62, error 11-18 %)."""
PERSPECTIVE = 1 - TRUTH - RATER - RESIDUAL
"""Share of variance that raters of one kind have in common and other kinds do not."""
SEVERITY = 0.20
"""Part of the rater's share that is the same for all officers they rate (assumption)."""
CLOSENESS = _PUBLISHED["lmx_rated"].mean - float(np.sqrt(TRUTH)) * _PUBLISHED["lmx_objective"].mean
"""Bias per SD of closeness: r(rating, LMX) .30 less what truth explains (Martin et al. 2016); .09 to .185."""
SELF_LENIENCY = _PUBLISHED["self_leniency"].mean
"""Self-ratings minus the supervisor's, SD (Heidemeier & Moser 2009)."""
BELOW_PAR = 0.10
"""Share of officers whose true performance is below par (assumption, 5-20 %: no data identify leniency)."""
PAR = float(ndtri(BELOW_PAR))
"""True performance, SD, below which an officer is below par."""
BERAKHLAK = (
    "berorientasi_pelayanan",
    "akuntabel",
    "kompeten",
    "harmonis",
    "loyal",
    "adaptif",
    "kolaboratif",
)
"""The seven values on which behaviour is rated (PermenPANRB 6/2022; scribd 683205653)."""


@dataclass(frozen=True)
class Cuts:
    """Cuts between expectations on two standard normal axes.

    Attributes
    ----------
    correlation : float
        Correlation of results and behaviour.
    low_results, low_behaviour, top : float
        Below the first two is under expectations; above `top` on both axes is Sangat Baik.
    """

    correlation: float
    low_results: float
    low_behaviour: float
    top: float


def published_mix() -> dict[str, float]:
    """Return the share of each predikat in 10.3 million ratings, ``data/calibration/targets.csv``."""
    return {name: targets()[name].value for name in PREDIKAT}


@cache
def status_quo_cuts() -> Cuts:
    """Solve for the cuts and axis correlation that give the published mix exactly."""
    return cuts(published_mix())


def cuts(mix: Mapping[str, float]) -> Cuts:
    """Solve for the cuts and axis correlation that give a mix of predikat exactly.

    Parameters
    ----------
    mix : mapping
        Predikat -> share, summing to 1.
    """
    low_results = float(ndtri(mix["butuh_perbaikan"] + mix["sangat_kurang"]))
    low_behaviour = float(ndtri(mix["kurang"] + mix["sangat_kurang"]))

    at, weight = _gauss_legendre()

    def both_below(x: float, y: float, rho: float) -> float:
        # integrate the second axis, given the first, over the first from -9
        first = x + (at - 1) * (x + 9) / 2
        given = ndtr((y - rho * first) / np.sqrt(1 - rho**2))
        density = np.exp(-(first**2) / 2) / np.sqrt(2 * np.pi)
        return float((weight * density * given).sum() * (x + 9) / 2)

    rho = brentq(
        lambda r: both_below(low_results, low_behaviour, r) - mix["sangat_kurang"], 0.5, 0.999, xtol=1e-6
    )
    top = brentq(lambda t: both_below(-t, -t, rho) - mix["sangat_baik"], 0.0, 3.0, xtol=1e-6)
    return Cuts(float(rho), low_results, low_behaviour, float(top))


@cache
def _gauss_legendre() -> tuple[Float, Float]:
    """Return nodes and weights on -1 to 1, cached because computing them takes longer than using them."""
    return np.polynomial.legendre.leggauss(200)


@dataclass(frozen=True)
class Source:
    """Raters of one kind.

    Attributes
    ----------
    weight : float or float64[n]
        Weight in the composite; an officer's weights sum to 1.
    raters : float or float64[n]
        Number of independent raters averaged.
    closeness : float
        Share of the published bias by closeness: 1 for raters the officer is close to, 0 for others.
    leniency : float or float64[n]
        Leniency beyond that of today's supervisors, SD.
    idiosyncratic : float
        Share of severity and halo variance that is left: 1 untrained.
    residual : float
        Residual variance relative to that of a rating which takes the usual time.
    """

    weight: float | Float
    raters: float | Float = 1.0
    closeness: float = 0.0
    leniency: float | Float = 0.0
    idiosyncratic: float = 1.0
    residual: float = 1.0


def _halo(source: Source, shared: float) -> float:
    """Variance of one rater's view of one officer in particular: the rater's share less its other parts."""
    return max(0.0, RATER - SEVERITY - (CLOSENESS**2 if source.closeness else 0.0) - shared)


def own_variance(source: Source, shared: float) -> float | Float:
    """Variance that one kind of rater adds: severity, halo and residual average out over raters, perspective stays."""
    rater = source.idiosyncratic * (SEVERITY + _halo(source, shared))
    return (rater + RESIDUAL * source.residual) / source.raters + PERSPECTIVE


def composite(sources: Sequence[Source], shared: float) -> tuple[float | Float, float | Float]:
    """Return the SD of the weighted mean of ratings and its correlation with truth, from the variance shares alone.

    Parameters
    ----------
    sources : sequence of Source
    shared : float
        Variance of the bias that all raters share.

    Returns
    -------
    sd, validity : float or float64[n]

    Examples
    --------
    >>> sd, validity = composite([Source(1.0)], 0.0)
    >>> round(float(sd), 6), round(float(validity), 2)
    (1.0, 0.48)
    """
    bias = sum(s.weight * s.closeness for s in sources) * CLOSENESS
    truth = float(np.sqrt(TRUTH))
    own = sum(s.weight**2 * own_variance(s, shared) for s in sources)
    sd = np.sqrt(truth**2 + bias**2 + 2 * truth * bias * LMX_TRUTH + shared + own)
    return sd, (truth + bias * LMX_TRUTH) / sd


def rate(
    sources: Sequence[tuple[Source, Float, Float, Float, Float]],
    truth: Float,
    closeness: Float,
    shared_noise: Float,
    shared: float,
) -> Float:
    """Compute composite ratings.

    Parameters
    ----------
    sources : sequence of (Source, severity, halo, perspective, residual)
        The last four are float64[n] with unit variance: of the rater(s), of rater and ratee, of the kind of rater and
        ratee, and of this occasion. Means over several raters are rescaled to unit variance, too.
    truth, closeness, shared_noise : float64[n]
        Unit variance.
    shared : float
        Variance of the bias that all raters share.

    Returns
    -------
    float64[n]
        In SDs of the composite under its own design; unit variance at the start of the study.
    """
    out = np.zeros(len(truth))
    for source, severity, halo, perspective, residual in sources:
        out += source.weight * (
            np.sqrt(TRUTH) * truth
            + source.closeness * CLOSENESS * closeness
            + np.sqrt(source.idiosyncratic * SEVERITY / source.raters) * severity
            + np.sqrt(source.idiosyncratic * _halo(source, shared) / source.raters) * halo
            + np.sqrt(PERSPECTIVE) * perspective
            + np.sqrt(RESIDUAL * source.residual / source.raters) * residual
            + np.sqrt(shared) * shared_noise
            + source.leniency
        )
    return np.asarray(out / composite([source for source, *_ in sources], shared)[0])


def judged_results(judgement: Float, noise: Float) -> Float:
    """Return the judged axis of results, correlated with behaviour as the published mix requires; float64[n].

    Parameters
    ----------
    judgement, noise : float64[n]
        Unit variance: the composite rating, and the part specific to results on this occasion.
    """
    alike = status_quo_cuts().correlation
    return np.asarray(np.sqrt(alike) * judgement + np.sqrt(1 - alike) * noise)


def behaviour_items(judgement: Float, noise: Float) -> Float:
    """Return ratings of the seven BerAKHLAK values: one impression (halo) and a part specific to each value.

    The halo is not assumed: it follows from the correlation of the mean of seven items with results that the published
    mix requires.

    Parameters
    ----------
    judgement : float64[n]
        The composite rating, unit variance.
    noise : float64[n, 7]
        The specific parts, unit variance.

    Returns
    -------
    float64[n, 7]
        Unit variance each.
    """
    loading = item_halo()
    return np.asarray(np.sqrt(loading) * judgement[:, None] + np.sqrt(1 - loading) * noise)


def behaviour_axis(items: Float) -> Float:
    """Return the mean of the seven items, with unit variance at the start of the study; float64[n]."""
    loading = item_halo()
    return np.asarray(items.mean(axis=1) / np.sqrt(loading + (1 - loading) / len(BERAKHLAK)))


def item_halo() -> float:
    """Share of an item's variance that is due to the general impression."""
    alike = status_quo_cuts().correlation
    return 1 / (1 + len(BERAKHLAK) * (1 - alike) / alike)


def points(results: Float, behaviour: Float, scheme: str) -> Float:
    """Return scores of 0 to 120 (PP 30/2019) from the two axes.

    Raters who give points instead of expectations are assumed as lenient as today: the line from SDs to points is
    such that, if every top officer brought a new idea, the published shares would be below Baik and at Sangat Baik.

    Parameters
    ----------
    results, behaviour : float64[n]
        Unit variance at the start of the study.
    scheme : {"supervisor", "peers"}
        70 : 30 without, 60 : 40 with the views of peers and subordinates.

    Examples
    --------
    >>> points(np.array([0.0, 9.0, -9.0]), np.array([0.0, 9.0, -9.0]), "supervisor").round(1).tolist()
    [103.9, 120.0, 58.2]
    """
    base, per_sd = _point_scale(results_weight(scheme))
    skp, manner = (np.maximum(base + per_sd * axis, 0.0) for axis in (results, behaviour))
    return score_0_120(skp, manner, scheme)


@cache
def results_weight(scheme: str) -> float:
    """Weight of results, against behaviour, in a scheme of PP 30/2019: .7 or .6."""
    return float(score_0_120(1.0, 0.0, scheme))


@cache
def _point_scale(weight: float) -> tuple[float, float]:
    alike = status_quo_cuts().correlation
    sd = np.sqrt(weight**2 + (1 - weight) ** 2 + 2 * weight * (1 - weight) * alike)
    mix = published_mix()
    low, top = ndtri(1 - mix["baik"] - mix["sangat_baik"]), ndtri(1 - mix["sangat_baik"])
    every = score_predikat(np.arange(121.0), True)
    good, best = (int(np.argmax(every == code)) for code in (Predikat.BAIK, Predikat.SANGAT_BAIK))
    per_sd = (best - good) / (top - low)
    return float(good - per_sd * low), float(per_sd / sd)
