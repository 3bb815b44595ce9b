"""Predikat: the 3x3 matrix of PermenPANRB 6/2022, and the 0-120 score of PP 30/2019."""

from __future__ import annotations

from enum import IntEnum
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.errors import KinerjaError, _
from sim.language.catalogue import checked, language
from sim.regulation._tables import Float, Int, codes, norm, rows


class Predikat(IntEnum):
    """Yearly rating, worst to best; the name in lower case is its name in the data."""

    SANGAT_KURANG = 0
    KURANG = 1
    BUTUH_PERBAIKAN = 2
    BAIK = 3
    SANGAT_BAIK = 4


PREDIKAT = tuple(p.name.lower() for p in Predikat)
EXPECTATIONS = ("di_bawah", "sesuai", "di_atas")
"""Below, at and above expectation: codes 0, 1, 2."""


@cache
def _matrix() -> Int:
    table = np.full((3, 3), -1, np.int64)
    for row in rows("matrix"):
        table[EXPECTATIONS.index(row["results"]), EXPECTATIONS.index(row["behaviour"])] = PREDIKAT.index(
            row["predikat"]
        )
    return table


def predikat(results: npt.ArrayLike, behaviour: npt.ArrayLike) -> Int:
    """Return the predikat of officers from their two axes (PermenPANRB 6/2022; the matrix was read second-hand).

    Parameters
    ----------
    results, behaviour : array_like
        Hasil kerja and perilaku kerja: codes 0, 1, 2 or :data:`EXPECTATIONS`.

    Returns
    -------
    int64, shape of the broadcast
        Codes of :class:`Predikat`.

    Examples
    --------
    >>> PREDIKAT[int(predikat("di_atas", "sesuai"))]
    'baik'
    >>> predikat([2, 2, 0], [2, 0, 2]).tolist()
    [4, 1, 2]
    """
    return _matrix()[codes("results", results, EXPECTATIONS), codes("behaviour", behaviour, EXPECTATIONS)]


def predikat_label(predikat_codes: npt.ArrayLike, *, lang: str | None = None) -> Any:
    """Return names for people (array of str, the shape of the codes), by default in the session's language."""
    lang = language() if lang is None else checked(lang)
    names = {row["predikat"]: row[f"label_{lang}"] for row in rows("predikat")}
    return np.array([names[name] for name in PREDIKAT])[codes("predikat", predikat_codes, PREDIKAT)]


def credit_multiplier(predikat_codes: npt.ArrayLike) -> Float:
    """Return the yearly credit points of functional posts as a multiple of the target (PermenPANRB 1/2023)."""
    by_name = {row["predikat"]: float(row["credit"]) for row in rows("predikat")}
    return np.array([by_name[name] for name in PREDIKAT])[codes("predikat", predikat_codes, PREDIKAT)]


def score_0_120(skp: npt.ArrayLike, behaviour: npt.ArrayLike, weights: str = "supervisor") -> Float:
    """Return the performance score of PP 30/2019: weighted, each part capped at 120.

    Parameters
    ----------
    skp, behaviour : array_like of float
        Work results and behaviour, 0 to 120; more counts as 120.
    weights : {"supervisor", "peers"}
        70 : 30 without, 60 : 40 with the views of peers and subordinates.

    Raises
    ------
    KinerjaError
        Unknown weights.

    Examples
    --------
    >>> float(score_0_120(100, 80)), float(score_0_120(100, 80, weights="peers"))
    (94.0, 92.0)
    """
    known = {row["scheme"]: (float(row["skp"]), float(row["behaviour"])) for row in rows("score_weights")}
    if weights not in known:
        raise KinerjaError(
            _("No weights are called {weights!r}. Use {known}.", weights=weights, known=list(known))
        )
    share, rest = known[weights]
    cap = norm("score_cap")
    return share * np.minimum(skp, cap) + rest * np.minimum(behaviour, cap)


def score_predikat(score: npt.ArrayLike, idea: npt.ArrayLike = False) -> Int:
    """Return the predikat of PP 30/2019 from a 0-120 score; its Cukup has the code of Butuh Perbaikan.

    Parameters
    ----------
    score : array_like of float
        0 to 120.
    idea : array_like of bool
        The officer brought a new idea or method with benefit: without it a score of 110 or more is Baik.
    """
    score, idea = np.asarray(score, float), np.asarray(idea, bool)
    if np.isnan(score).any():
        raise ValueError("score: NaN has no predikat")
    result = np.full(np.broadcast_shapes(score.shape, idea.shape), Predikat.SANGAT_KURANG, np.int64)
    for row in sorted(rows("score_bands"), key=lambda row: float(row["low"])):
        reached = (score >= float(row["low"])) & (idea | (row["idea"] == "0"))
        result = np.where(reached, PREDIKAT.index(row["predikat"]), result)
    return result
