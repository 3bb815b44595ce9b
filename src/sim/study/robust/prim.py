"""Scenario discovery: in which futures does something happen? Boxes by PRIM, described in plain words.

The patient rule induction method (Friedman and Fisher 1999) as used for scenario discovery (Bryant and Lempert 2010):
peel thin slices off the box of all futures, each time the one whose loss leaves most cases of interest among the rest,
and paste back what was peeled too far. *Coverage* is the share of all cases that lie in the box, *density* the share of
cases among the futures in it. Of the boxes on the way the one with the best balance of the two is taken, and
restrictions that are no better than chance are dropped. The EMA workbench has a fuller PRIM; this one finds the same
boxes (docs/uncertainty.md) without its dependencies.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Bools = npt.NDArray[np.bool_]
Rules = dict[tuple[str, str], Any]
"""(parameter, ``>=`` or ``<=``) -> end; (parameter, ``in``) -> categories that are in the box."""

PEEL = 0.05
"""Share of the futures in the box that one peel may take off at most."""
DENSITY = 0.5
"""Beta of the F measure: below 1, density counts for more than coverage."""
CHANCE = 0.05
"""A restriction that chance alone would explain this often is dropped."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One restriction of a box.

    Attributes
    ----------
    name : str
        Parameter.
    low, high : float
        Ends, both in the box; infinite where that side is open.
    categories : tuple of str
        Those that are in the box; empty for a number.
    p : float
        Quasi-p value: how often chance would leave as many cases when this restriction (the weaker of its two ends) is
        added to the others.
    """

    name: str
    low: float
    high: float
    categories: tuple[str, ...]
    p: float


@dataclass(frozen=True, slots=True)
class Box:
    """Where something happens.

    Attributes
    ----------
    limits : tuple of Limit
        The most informative first; empty: no box is better than chance.
    coverage, density, base : float
        Share of all cases in the box; share of cases among the futures in it; share among all futures.
    inside, cases, n : int
        Futures in the box, cases in all, futures in all.
    """

    limits: tuple[Limit, ...]
    coverage: float
    density: float
    base: float
    inside: int
    cases: int
    n: int

    def holds(self, x: pd.DataFrame) -> Bools:
        """Which futures lie in the box."""
        rules: Rules = {}
        for limit in self.limits:
            if limit.categories:
                rules[limit.name, "in"] = limit.categories
            else:
                rules |= {(limit.name, ">="): limit.low, (limit.name, "<="): limit.high}
        return _within(x, rules)


def prim(x: pd.DataFrame, cases: npt.ArrayLike, *, smallest: float = 0.1) -> Box:
    """The box of parameters in which cases of interest gather.

    Parameters
    ----------
    x : DataFrame
        One row per future, one column per parameter: numbers, or text for categories.
    cases : bool[futures]
    smallest : float
        Share of the futures a box must hold at least.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> x = pd.DataFrame({"a": np.arange(100) / 100, "b": np.arange(100) * 37 % 100 / 100})
    >>> [(limit.name, round(limit.low, 1), limit.high) for limit in prim(x, x["a"] >= 0.7).limits]
    [('a', 0.7, inf)]
    """
    hit = np.asarray(cases, np.bool_)
    x = x.reset_index(drop=True)
    n, total = len(hit), int(hit.sum())
    base = total / n if n else float("nan")
    if total in (0, n):
        return Box((), 1.0, base, base, n, total, n)
    least = max(2, int(np.ceil(smallest * n)))
    names = [str(name) for name in x]
    while True:
        path = _peel(x[names], hit, least)
        rules = _paste(x, hit, max(path, key=lambda rules: _balance(x, hit, rules)))
        rules = _pruned(x, hit, rules)
        left = list(dict.fromkeys(name for name, _ in rules))
        if len(left) in (0, len(names)):
            break
        names = (
            left  # once more among informative parameters only, so that chance leaves no trace in the ends
        )
    inside = _within(x, rules)
    both = int((hit & inside).sum())
    return Box(
        _limits(x, hit, rules), both / total, both / int(inside.sum()), base, int(inside.sum()), total, n
    )


def _within(x: pd.DataFrame, rules: Rules) -> Bools:
    inside = np.ones(len(x), np.bool_)
    for (name, side), end in rules.items():
        values = x[name].to_numpy()
        inside &= np.isin(values, end) if side == "in" else values >= end if side == ">=" else values <= end
    return inside


def _peel(x: pd.DataFrame, hit: Bools, least: int) -> list[Rules]:
    """Boxes on the way, from all futures to the smallest.

    Each peel raises the density most for every future it gives up (the "lenient" criterion of Kwakkel and Jaxa-Rozen
    2016): a category takes more off at once than a slice of a number, and would be taken too early else.
    """
    path: list[Rules] = [{}]
    inside = np.ones(len(hit), np.bool_)
    while True:
        candidates = []
        for rules in _smaller(x, path[-1], inside):
            left = _within(x, rules)
            if least <= left.sum() < inside.sum():
                gain = float(hit[left].mean() - hit[inside].mean())
                candidates.append((gain / float(inside.sum() - left.sum()), rules, left))
        if not candidates:
            return path
        _, rules, inside = max(candidates, key=lambda each: each[0])
        path.append(rules)


def _smaller(x: pd.DataFrame, rules: Rules, inside: Bools) -> Iterator[Rules]:
    """Boxes with a slice off either end of a number, or without one category."""
    for name in x:
        values = x.loc[inside, name]
        if pd.api.types.is_numeric_dtype(values):
            low, high = np.quantile(values, [PEEL, 1 - PEEL])
            yield {**rules, (str(name), ">="): float(low)}
            yield {**rules, (str(name), "<="): float(high)}
        else:
            there = sorted(set(values))
            for value in there:
                yield {**rules, (str(name), "in"): tuple(v for v in there if v != value)}


def _paste(x: pd.DataFrame, hit: Bools, rules: Rules) -> Rules:
    """Give back what was peeled too far, as long as coverage and density together gain by it."""
    while True:
        best = max(_larger(x, rules), key=lambda larger: _balance(x, hit, larger), default=rules)
        if not _balance(x, hit, best) > _balance(x, hit, rules):
            return rules
        rules = best


def _larger(x: pd.DataFrame, rules: Rules) -> Iterator[Rules]:
    """Boxes with one restriction less, or one end moved out by a slice."""
    step = max(1, int(PEEL * len(x)))
    for (name, side), end in rules.items():
        yield {key: value for key, value in rules.items() if key != (name, side)}
        if side == "in":
            for value in sorted(set(x[name]) - set(end)):
                yield {**rules, (name, side): (*end, value)}
            continue
        column = np.sort(x[name].to_numpy(np.float64))
        beyond = column[column < end][::-1] if side == ">=" else column[column > end]
        if len(beyond):
            yield {**rules, (name, side): float(beyond[min(step, len(beyond)) - 1])}


def _balance(x: pd.DataFrame, hit: Bools, rules: Rules) -> float:
    """Weighted harmonic mean of coverage and density: the F measure of van Rijsbergen (1979)."""
    inside = _within(x, rules)
    both, weight = float((hit & inside).sum()), DENSITY**2
    return (1 + weight) * both / float(weight * hit.sum() + inside.sum())


def _pruned(x: pd.DataFrame, hit: Bools, rules: Rules) -> Rules:
    """Without restrictions that are no better than chance, the weakest first."""
    while rules:
        p = {key: _chance(x, hit, rules, key) for key in rules}
        weakest = max(p, key=lambda key: p[key])
        if p[weakest] <= CHANCE:
            break
        rules = {key: end for key, end in rules.items() if key != weakest}
    return rules


def _chance(x: pd.DataFrame, hit: Bools, rules: Rules, key: tuple[str, str]) -> float:
    """One-sided binomial test: as many cases in the box, if this restriction picked futures at random."""
    from scipy.stats import binom

    inside = _within(x, rules)
    others = _within(x, {other: end for other, end in rules.items() if other != key})
    return float(binom.sf(int(hit[inside].sum()) - 1, int(inside.sum()), float(hit[others].mean())))


def _limits(x: pd.DataFrame, hit: Bools, rules: Rules) -> tuple[Limit, ...]:
    candidates = []
    for name in dict.fromkeys(name for name, _ in rules):
        p = max(_chance(x, hit, rules, key) for key in rules if key[0] == name)
        low, high = rules.get((name, ">="), -np.inf), rules.get((name, "<="), np.inf)
        candidates.append(Limit(name, low, high, rules.get((name, "in"), ()), p))
    return tuple(sorted(candidates, key=lambda limit: limit.p))
