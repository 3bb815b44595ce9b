"""Patterns that the mix of predikat must follow, by the organisation's rating (SE MenPANRB 3/2023)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import ceil, floor

import numpy as np
import numpy.typing as npt

from sim.errors import KinerjaError, Message, _
from sim.regulation._tables import Int, codes, rows
from sim.regulation.rating import PREDIKAT

ORGANISATIONS = ("sangat_kurang", "kurang", "butuh_perbaikan", "baik", "istimewa", "pp30")
"""The organisation's rating; ``pp30`` is the classic forced distribution recalled from PP 30/2019."""

_LARGEST = 200_000  # keeps costs within int64
_SHIFTS = np.array([shift for shift in product((0, 1), repeat=4) if any(shift)])
_SHIFTS = np.concatenate([_SHIFTS, -_SHIFTS])


@dataclass(frozen=True)
class _Rule:
    """From `fewest` to `most` officers together have one of the predikat of `group` (codes, adjacent)."""

    text: Message
    group: tuple[int, ...]
    fewest: int
    most: int


@lru_cache(maxsize=1024)
def _rules(organisation: str, officers: int) -> tuple[_Rule, ...]:
    """Return the pattern for a number of officers: shares in whole officers, rounded the other way if nothing fits."""
    if organisation not in ORGANISATIONS:
        raise KinerjaError(
            _(
                "No organisation rating is called {organisation!r}. Use {organisations}.",
                organisation=organisation,
                organisations=list(ORGANISATIONS),
            )
        )
    strict = _rounded(organisation, officers, floor, ceil)
    fits = _nearest((officers, 0, 0, 0, 0), strict) is not None
    return strict if fits else _rounded(organisation, officers, ceil, floor)


def _rounded(
    organisation: str, officers: int, cap: Callable[[float], int], base: Callable[[float], int]
) -> tuple[_Rule, ...]:
    rules: list[_Rule] = []
    for row in (row for row in rows("distribution") if row["organisation"] == organisation):
        names = row["predikat"].split()
        group = tuple(PREDIKAT.index(name) for name in names)
        which: Message | str = names[0]
        for name in names[1:]:
            which = _("{first} or {second}", first=which, second=name)
        share = float(row["share"] or "nan")
        held = round(share * officers, 9)
        if row["kind"] == "max":
            text = _("at most {share:.0%} {which}", share=share, which=which)
            rules.append(_Rule(text, group, 0, cap(held)))
        elif row["kind"] == "min":
            text = _("at least {share:.0%} {which}", share=share, which=which)
            rules.append(_Rule(text, group, base(held), officers))
        elif row["kind"] == "most":
            # more than half, or as many as the cap on the same predikat, given before it, allows
            text = _("most {which}", which=which)
            rules.append(_Rule(text, group, min(officers // 2 + 1, rules[-1].most), officers))
        else:
            rules.append(_Rule(_("some {which}", which=which), group, min(1, officers), officers))
    return tuple(rules)


def count_mix(predikat_codes: npt.ArrayLike) -> Int:
    """Count the officers with each predikat, int64[5], worst first."""
    return np.bincount(codes("predikat", predikat_codes, PREDIKAT).ravel(), minlength=5).astype(np.int64)


def complies(mix: Sequence[int] | npt.NDArray[np.int64], organisation: str) -> list[Message]:
    """Return the rules of the pattern that a mix breaks; an empty list where it complies.

    Parameters
    ----------
    mix : int[5]
        Number of officers with each predikat, worst (Sangat Kurang) first.
    organisation : str
        One of :data:`ORGANISATIONS`.

    Examples
    --------
    >>> [str(rule) for rule in complies([0, 0, 1, 88, 11], "baik")]
    ['at most 70% baik']
    >>> complies([0, 1, 0, 70, 29], "baik")
    []
    """
    counts = np.asarray(mix)
    if counts.shape != (5,) or counts.dtype.kind not in "iu" or counts.min() < 0:
        raise ValueError("mix: must be five numbers of officers, worst predikat first")
    return [
        rule.text
        for rule in _rules(organisation, int(counts.sum()))
        if not rule.fewest <= counts[list(rule.group)].sum() <= rule.most
    ]


@lru_cache(maxsize=4096)
def nearest_mix(mix: tuple[int, ...], organisation: str) -> tuple[int, ...]:
    """Return the mix that follows the pattern with the fewest steps up or down the scale from `mix`.

    Parameters
    ----------
    mix : tuple of 5 int
        Officers with each predikat, worst first; at most 200,000.
    organisation : str
        One of :data:`ORGANISATIONS`.

    Returns
    -------
    tuple of 5 int
        Of equally near mixes the more lenient, since a rater who must move an officer would rather move them up
        (assumption).
    """
    if sum(mix) > _LARGEST:
        raise ValueError(
            f"{sum(mix)} officers: apportion smaller groups, units rate their own (at most {_LARGEST})"
        )
    found = _nearest(mix, _rules(organisation, sum(mix)))
    if found is None:
        raise KinerjaError(
            _(
                "The pattern {organisation!r} contradicts itself. Correct distribution.csv.",
                organisation=organisation,
            )
        )
    return found


def _nearest(mix: tuple[int, ...], rules: tuple[_Rule, ...]) -> tuple[int, ...] | None:
    """Return the nearest mix within the rules, or None where there is none."""
    officers = sum(mix)
    member = np.array([np.isin(np.arange(5), rule.group) for rule in rules]).T.astype(np.int64)
    fewest, most = np.array([(rule.fewest, rule.most) for rule in rules]).T
    own = np.cumsum(mix)[:4]
    weight = 4 * officers + 1  # more than all steps together, and than all leniency together

    def broken(below: Int) -> Int:
        counts = np.diff(below, axis=1, prepend=0, append=officers)
        held = counts @ member
        outside = np.maximum(fewest - held, 0) + np.maximum(held - most, 0)
        return outside.sum(axis=1) + np.maximum(-counts, 0).sum(axis=1)

    def cost(below: Int) -> Int:
        return (broken(below) * weight + np.abs(below - own).sum(axis=1)) * weight + below.sum(axis=1)

    # Rules constrain differences of the counts at or below each predikat (groups are adjacent), so the cost is
    # L-natural convex: when no shift of a subset of the counts by one improves it, nothing does (Murota 2003).
    now, least = own, cost(own[None])[0]
    stride = 1 << officers.bit_length()
    while stride:
        near = now + stride * _SHIFTS
        costs = cost(near)
        best = int(np.argmin(costs))
        if costs[best] < least:
            now, least = near[best], costs[best]
        else:
            stride //= 2
    return None if broken(now[None])[0] else tuple(int(n) for n in np.diff([0, *now, officers]))


def apportion(
    scores: npt.ArrayLike, predikat_codes: npt.ArrayLike, organisation: str, compliance: float = 1.0
) -> Int:
    """Return the predikat after a group's raters follow the pattern of their organisation's rating.

    The raters keep their order (predikat, then score, then position) and move the fewest steps; with a
    `compliance` between 0 and 1 they go that part of the way to the pattern.

    Parameters
    ----------
    scores : array_like of float, shape (n,)
        Ranks officers within a predikat. To rank by score alone, give everyone the same predikat.
    predikat_codes : array_like of int, shape (n,)
        Predikat that the raters would give without a pattern.
    organisation : str
        One of :data:`ORGANISATIONS`.
    compliance : float
        From 0, the pattern is ignored, to 1, it is binding.

    Returns
    -------
    int64[n]
        Codes of Predikat.

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
            f"scores {score.shape} and predikat {own.shape}: must be one number per officer, no NaN"
        )
    if not 0 <= compliance <= 1:
        raise ValueError(f"compliance {compliance}: must be from 0 to 1")
    if compliance == 0:
        return own
    mix = count_mix(own)
    target = np.array(nearest_mix(tuple(int(n) for n in mix), organisation))
    wanted = np.round((1 - compliance) * mix + compliance * target, 9)
    counts = np.floor(wanted).astype(np.int64)
    short = len(own) - counts.sum()
    counts[np.argsort(-(wanted - counts), kind="stable")[:short]] += 1  # largest remainders
    best_first = np.lexsort((-score, -own))
    given = np.empty_like(own)
    given[best_first] = np.repeat(np.arange(5)[::-1], counts[::-1])
    return given
