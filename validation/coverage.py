"""Do 95 % intervals cover the truth? Data sets of known truth are drawn, analysed and counted.

A case draws one data set, analyses it with the public functions and says of every quantity what was estimated and
whether its 95 % interval holds the truth. The shares that do must lie in the exact 99.9 % binomial band. The cases are
in `validation.ratings` and `validation.evaluation`; ``python -m validation recovery`` counts them all.
"""

from __future__ import annotations

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
    """Check a table row with columns low and high."""
    return Check(quantity, truth, float(row[estimate]), bool(row["low"] <= truth <= row["high"]))


def band(datasets: int) -> tuple[float, float]:
    """Give the exact 99.9 % binomial band for the share of 95 % intervals that cover.

    Examples
    --------
    >>> band(200), band(1000)
    ((0.895, 0.99), (0.926, 0.971))
    """
    low, high = stats.binom.ppf([OUTSIDE / 2.0, 1.0 - OUTSIDE / 2.0], datasets, NOMINAL)
    return float(low) / datasets, float(high) / datasets


def checks(case: Case, datasets: range, seed: int = 1) -> pd.DataFrame:
    """Run a case on some data sets.

    Parameters
    ----------
    case : callable
        Draws one data set with the generator and yields a `Check` for every quantity.
    datasets : range
        Numbers of the data sets, from 0; number k is the same whichever others are drawn.
    seed : int

    Returns
    -------
    DataFrame
        One row per data set and quantity: quantity, truth, estimate, covers.
    """
    seeds = np.random.SeedSequence(seed).spawn(datasets.stop)
    return pd.DataFrame(
        [check for k in datasets for check in case(np.random.default_rng(seeds[k]))], columns=Check._fields
    )


def summarise(rows: pd.DataFrame, datasets: int) -> pd.DataFrame:
    """Count the rows of `checks`, quantity by quantity.

    Returns
    -------
    DataFrame
        quantity, truth and estimate (means over data sets), bias_z (bias in Monte Carlo standard errors), datasets,
        share, low, high (the band), inside.
    """
    rows = rows.assign(error=rows["estimate"] - rows["truth"])
    by = rows.groupby("quantity", sort=False)
    table = by.agg(truth=("truth", "mean"), estimate=("estimate", "mean"))
    table["bias_z"] = by["error"].mean() / (by["error"].std() / by["error"].count() ** 0.5)
    table["datasets"], table["share"] = datasets, by["covers"].mean()
    table["low"], table["high"] = band(datasets)
    table["inside"] = table["share"].between(table["low"] - 1e-9, table["high"] + 1e-9)
    return table.reset_index()


def coverage(case: Case, datasets: int, seed: int = 1) -> pd.DataFrame:
    """Draw `datasets` data sets and count the intervals that cover; see `checks` and `summarise`."""
    return summarise(checks(case, range(datasets), seed), datasets)
