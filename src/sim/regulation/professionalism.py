"""The professionalism index IP ASN (Peraturan BKN 8/2019).

Qualification counts 25, competence 40, performance 30 and discipline 5 points. Competence is the attendance of 20 JP,
not what was learnt.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from sim.errors import KinerjaError, _
from sim.regulation._tables import Float, codes, norm, rows
from sim.regulation.discipline import LEVELS


def _of(dimension: str) -> tuple[dict[str, str], ...]:
    return tuple(row for row in rows("ip_asn") if row["dimension"] == dimension)


@cache
def _points(dimension: str) -> dict[str, float]:
    return {row["level"]: float(row["points"]) for row in _of(dimension)}


EDUCATION = tuple(row["level"] for row in _of("qualification"))
"""Codes 0 (S3) to 5 (below senior school)."""


def score_0_100(score_120: npt.ArrayLike, mapping: str) -> Float:
    """Map a 0-120 score to the old 0-100 scale of the index. No rule says how, so the mapping must be chosen.

    Parameters
    ----------
    score_120 : array_like of float
        0 to 120.
    mapping : {"proportional", "capped"}
        ``"proportional"`` divides by 1.2, so that 90 (Baik) becomes 75; ``"capped"`` keeps scores up to 100 and
        cuts higher ones to 100. Both are assumptions; the first gives lower indices.

    Examples
    --------
    >>> float(score_0_100(90, "proportional")), float(score_0_100(110, "capped"))
    (75.0, 100.0)
    """
    score = np.asarray(score_120, float)
    if np.any((score < 0) | (score > norm("score_cap"))):
        raise ValueError("score_120: must be from 0 to 120")
    if mapping == "proportional":
        return score * 100 / norm("score_cap")
    if mapping == "capped":
        return np.minimum(score, 100.0)
    raise KinerjaError(
        _("No mapping of scores is called {mapping!r}. Use proportional or capped.", mapping=mapping)
    )


def performance_points(score: npt.ArrayLike) -> Float:
    """Return the points (1, 5, 15, 25, 30) for a 0-100 score, rounded half up to the whole numbers of the bands."""
    whole = np.floor(np.asarray(score, float) + 0.5)
    if np.any(np.isnan(whole)):
        raise ValueError("score: NaN has no points")
    lows = np.array([float(row["low"]) for row in _of("performance")])
    points = np.array([float(row["points"]) for row in _of("performance")])
    return points[np.maximum(np.searchsorted(lows, whole, side="right") - 1, 0)]


def competence_points(
    jp: npt.ArrayLike, seminar: npt.ArrayLike, leadership: npt.ArrayLike = False, clerk: npt.ArrayLike = False
) -> Float:
    """Return the points for training attended.

    Parameters
    ----------
    jp : array_like of float
        Lesson hours of technical training in the last year.
    seminar : array_like of bool
        Attended a seminar (clerks: in the last two years).
    leadership : array_like of bool
        Has the leadership or functional training of the post; does not count for clerks.
    clerk : array_like of bool
        Holds a pelaksana post.
    """
    points = _points("competence")
    enough = np.asarray(jp, float) >= norm("jp_entitlement_pns")
    attended, leads = np.asarray(seminar, bool), np.asarray(leadership, bool)
    clerks = enough * points["clerk_technical"] + attended * points["clerk_seminar"]
    others = (
        leads * points["leader_training"]
        + enough * points["leader_technical"]
        + attended * points["leader_seminar"]
    )
    return np.where(np.asarray(clerk, bool), clerks, others)


def ip_asn(
    education: npt.ArrayLike, competence: npt.ArrayLike, score: npt.ArrayLike, discipline: npt.ArrayLike
) -> Float:
    """Return the index, 0 to 100.

    Parameters
    ----------
    education : array_like
        Codes or names of :data:`EDUCATION`.
    competence : array_like of float
        From :func:`competence_points`, 0 to 40.
    score : array_like of float
        Performance on the 0-100 scale, see :func:`score_0_100`.
    discipline : array_like
        Heaviest sanction in five years: codes or names of :data:`~sim.regulation.discipline.LEVELS`.

    Examples
    --------
    >>> float(ip_asn("s1", competence_points(20, True, clerk=True), 80, "none"))
    85.0
    """
    qualification = np.array([_points("qualification")[level] for level in EDUCATION])
    clean = np.array([_points("discipline")[level] for level in LEVELS])
    return (
        qualification[codes("education", education, EDUCATION)]
        + np.asarray(competence, float)
        + performance_points(score)
        + clean[codes("discipline", discipline, LEVELS)]
    )


def ip_asn_band(index: npt.ArrayLike) -> npt.NDArray[np.str_]:
    """Return the band, from ``very_low`` (to 60) to ``very_high`` (from 91), of the index rounded half up."""
    bands = _of("band")
    lows = np.array([float(row["low"]) for row in bands])
    whole = np.floor(np.asarray(index, float) + 0.5)
    return np.array([row["level"] for row in bands])[np.searchsorted(lows, whole, side="right") - 1]
