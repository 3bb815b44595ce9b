"""Patterns that the mix of predikat must follow, by the organisation's own rating (SE MenPANRB 3/2023)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import ceil, floor

import numpy as np
import numpy.typing as npt

from sim.errors import KinerjaError
from sim.regulation._tables import Int, codes, rows
from sim.regulation.predikat import PREDIKAT

ORGANISATIONS = ("sangat_kurang", "kurang", "butuh_perbaikan", "baik", "istimewa", "pp30")
"""The organisation's rating; ``pp30`` is the classic forced distribution recalled from PP 30/2019."""

_LEAST = 1e-9  # a share of a whole number of officers is compared with this slack


def _bounds(organisation: str, officers: int) -> list[tuple[str, tuple[int, ...], int, int]]:
    """(what the rule says, predikat codes, fewest, most officers) of each constraint."""
    if organisation not in ORGANISATIONS:
        raise KinerjaError(
            f"No organisation rating is called {organisation!r}. Use {', '.join(ORGANISATIONS)}."
        )
    mine = [row for row in rows("distribution") if row["organisation"] == organisation]
    top = {row["predikat"]: float(row["share"]) for row in mine if row["kind"] == "max"}
    found = []
    for row in mine:
        group = tuple(PREDIKAT.index(name) for name in row["predikat"].split())
        low, high = 0, officers
        if row["kind"] == "max":
            high = floor(float(row["share"]) * officers + _LEAST)
            said = f"at most {float(row['share']):.0%} {row['predikat']}"
        elif row["kind"] == "min":
            low = ceil(float(row["share"]) * officers - _LEAST)
            said = f"at least {float(row['share']):.0%} {row['predikat']}"
        elif row["kind"] == "most":
            # more than half, or as many as the cap on the same predikat allows
            low = min(officers // 2 + 1, floor(top[row["predikat"]] * officers + _LEAST))
            said = f"most {row['predikat']}"
        else:
            low = min(1, officers)
            said = f"some {row['predikat']}"
        found.append((said.replace(" kurang", " or kurang") if len(group) > 1 else said, group, low, high))
    return found


def count_mix(predikat_codes: npt.ArrayLike) -> Int:
    """Officers with each predikat, int64[5], worst first."""
    return np.bincount(codes("predikat", predikat_codes, PREDIKAT).ravel(), minlength=5).astype(np.int64)


def complies(mix: Sequence[int] | npt.NDArray[np.int64], organisation: str) -> list[str]:
    """Which rules of the pattern a mix breaks; an empty list: none.

    Parameters
    ----------
    mix : int[5]
        Number of officers with each predikat, worst (Sangat Kurang) first.
    organisation : str
        One of :data:`ORGANISATIONS`.

    Examples
    --------
    >>> complies([0, 0, 1, 88, 11], "baik")
    ['at most 70% baik']
    >>> complies([0, 1, 0, 70, 29], "baik")
    []
    """
    counts = np.asarray(mix)
    if counts.shape != (5,) or counts.dtype.kind not in "iu" or counts.min() < 0:
        raise ValueError("mix: must be five numbers of officers, worst predikat first")
    return [
        said
        for said, group, low, high in _bounds(organisation, int(counts.sum()))
        if not low <= counts[list(group)].sum() <= high
    ]


@lru_cache(maxsize=4096)
def nearest_mix(mix: tuple[int, ...], organisation: str) -> tuple[int, ...] | None:
    """The mix that follows the pattern with the fewest steps up or down the scale from `mix`.

    Parameters
    ----------
    mix : tuple of 5 int
        Officers with each predikat, worst first.
    organisation : str
        One of :data:`ORGANISATIONS`.

    Returns
    -------
    tuple of 5 int, or None
        None: so small a group cannot follow the pattern. Between equally near mixes the more lenient is taken,
        since a rater who must move somebody would rather move him up (assumption).
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    rules = _bounds(organisation, sum(mix))
    here, there = np.divmod(np.arange(25), 5)  # officers moved from one predikat to another
    cost = np.abs(here - there) * (4 * sum(mix) + 1) - there  # one step outweighs all leniency
    rows_ = [here == code for code in range(5)]
    rows_ += [np.isin(there, group) for _, group, _, _ in rules]
    low = [*mix, *(rule[2] for rule in rules)]
    high = [*mix, *(rule[3] for rule in rules)]
    solved = milp(
        cost,
        constraints=LinearConstraint(np.array(rows_, float), low, high),
        integrality=np.ones(25),
        bounds=Bounds(0, sum(mix)),
        options={"mip_rel_gap": 0},
    )
    if solved.x is None:
        return None
    moved = np.round(solved.x).astype(int).reshape(5, 5)
    return tuple(int(n) for n in moved.sum(axis=0))


def apportion(
    scores: npt.ArrayLike, predikat_codes: npt.ArrayLike, organisation: str, compliance: float = 1.0
) -> Int:
    """Predikat after a group's raters follow the pattern of their organisation's rating.

    The raters keep their own order (predikat, then score, then position) and move the fewest steps; with
    `compliance` between 0 and 1 they go that part of the way to the pattern.

    Parameters
    ----------
    scores : array_like of float, shape (n,)
        Ranks officers within a predikat. To rank by score alone give everyone the same predikat.
    predikat_codes : array_like of int, shape (n,)
        What the raters would give of themselves.
    organisation : str
        One of :data:`ORGANISATIONS`.
    compliance : float
        0 the pattern is ignored ... 1 it binds.

    Returns
    -------
    int64[n]
        Codes of Predikat. A group too small to follow the pattern keeps what it had.

    Examples
    --------
    >>> apportion([9, 8, 7, 6, 5, 4, 3, 2, 1, 0], [3] * 10, "baik").tolist()
    [4, 4, 3, 3, 3, 3, 3, 3, 3, 2]
    >>> apportion([9, 8, 7, 6, 5, 4, 3, 2, 1, 0], [3] * 10, "baik", compliance=0).tolist()
    [3, 3, 3, 3, 3, 3, 3, 3, 3, 3]
    """
    score = np.asarray(scores, float)
    own = codes("predikat", predikat_codes, PREDIKAT)
    if score.shape != own.shape or score.ndim != 1 or np.isnan(score).any():
        raise ValueError(
            f"scores {score.shape} and predikat {own.shape}: must be one number an officer, no NaN"
        )
    if not 0 <= compliance <= 1:
        raise ValueError(f"compliance {compliance}: must be from 0 to 1")
    mix = count_mix(own)
    target = nearest_mix(tuple(int(n) for n in mix), organisation)
    if target is None:
        return own
    wanted = (1 - compliance) * mix + compliance * np.array(target)
    counts = np.floor(wanted + _LEAST).astype(np.int64)
    short = len(own) - counts.sum()
    counts[np.argsort(-(wanted - counts), kind="stable")[:short]] += 1  # largest remainders
    best_first = np.lexsort((-score, -own))
    given = np.empty_like(own)
    given[best_first] = np.repeat(np.arange(5)[::-1], counts[::-1])
    return given
