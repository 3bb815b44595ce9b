"""The recovery table: ``python -m sim.inference.recovery [--datasets 1000] [--seed 1] [--only NAME...]``.

A case draws one data set of known truth, analyses it with the public functions and says of every quantity what was
estimated and whether its 95 % interval holds the truth. The shares that do must lie in the exact 99.9 % binomial band.
The cases are in `sim.inference.recovery_ratings` and `sim.inference.recovery_evaluation`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

NOMINAL = 0.95
OUTSIDE = 0.001  # the chance that a correct 95% interval falls outside the band


class Check(NamedTuple):
    """One quantity in one data set: what is true, what was estimated, and whether the interval covers."""

    quantity: str
    truth: float
    estimate: float
    covers: bool


Case = Callable[[np.random.Generator], Iterable[Check]]


def seen(quantity: str, truth: float, row: pd.Series, estimate: str = "estimate") -> Check:
    """A check of a table row with columns low and high."""
    return Check(quantity, truth, float(row[estimate]), bool(row["low"] <= truth <= row["high"]))


def band(datasets: int) -> tuple[float, float]:
    """Exact 99.9% binomial band for the share of 95% intervals that cover.

    Examples
    --------
    >>> band(200), band(1000)
    ((0.895, 0.99), (0.926, 0.971))
    """
    low, high = stats.binom.ppf([OUTSIDE / 2.0, 1.0 - OUTSIDE / 2.0], datasets, NOMINAL)
    return float(low) / datasets, float(high) / datasets


def coverage(case: Case, datasets: int, seed: int = 1) -> pd.DataFrame:
    """Share of 95% intervals that cover, quantity by quantity.

    Parameters
    ----------
    case : callable
        Draws one data set with the generator and yields a `Check` for every quantity.
    datasets : int
    seed : int
        Data set k is the same whatever their number.

    Returns
    -------
    DataFrame
        quantity, truth and estimate (means over data sets), bias_z (bias in Monte Carlo standard errors), datasets,
        share, low, high (the band), inside.
    """
    seeds = np.random.SeedSequence(seed).spawn(datasets)
    rows = pd.DataFrame([check for seed in seeds for check in case(np.random.default_rng(seed))])
    rows["error"] = rows["estimate"] - rows["truth"]
    by = rows.groupby("quantity", sort=False)
    found = by.agg(truth=("truth", "mean"), estimate=("estimate", "mean"))
    found["bias_z"] = by["error"].mean() / (by["error"].std() / by["error"].count() ** 0.5)
    found["datasets"], found["share"] = datasets, by["covers"].mean()
    found["low"], found["high"] = band(datasets)
    found["inside"] = found["share"].between(found["low"] - 1e-9, found["high"] + 1e-9)
    return found.reset_index()


def cases() -> dict[str, Case]:
    """Every case by name: one row at least of every model of the package that gives an interval."""
    from sim.inference.recovery_evaluation import CASES as EVALUATION
    from sim.inference.recovery_ratings import CASES as RATINGS

    return {**RATINGS, **EVALUATION}


def main(argv: list[str] | None = None) -> int:
    """Print the table as Markdown; 1 when a quantity is outside the band."""
    known = cases()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--datasets", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", choices=list(known), metavar="NAME", default=list(known))
    args = parser.parse_args(argv)
    low, high = band(args.datasets)
    print(f"{args.datasets} data sets, seed {args.seed}; band {low:.3f} to {high:.3f}\n")
    print("| model | quantity | truth | mean estimate | bias / its MC error | share that cover |")
    print("|---|---|---|---|---|---|")
    outside = 0
    for name in args.only:
        for r in coverage(known[name], args.datasets, args.seed).itertuples():
            mark = "" if r.inside else " **OUTSIDE**"
            print(
                f"| {name} | {r.quantity} | {r.truth:.3f} | {r.estimate:.3f} | {r.bias_z:+.1f} | {r.share:.3f}{mark} |",
                flush=True,
            )
            outside += not r.inside
    return 1 if outside else 0


if __name__ == "__main__":
    sys.exit(main())
