"""The recovery table: ``python -m sim.inference.recovery [--datasets 1000] [--seed 1] [--only NAME]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import stats

NOMINAL = 0.95
OUTSIDE = 0.001  # the chance that a correct 95% interval falls outside the band


def band(datasets: int) -> tuple[float, float]:
    """Exact 99.9% binomial band for the share of 95% intervals that cover.

    Examples
    --------
    >>> band(200), band(1000)
    ((0.895, 0.99), (0.926, 0.971))
    """
    low, high = stats.binom.ppf([OUTSIDE / 2.0, 1.0 - OUTSIDE / 2.0], datasets, NOMINAL)
    return float(low) / datasets, float(high) / datasets


def coverage(
    case: Callable[[np.random.Generator], dict[str, bool]], datasets: int, seed: int = 1
) -> pd.DataFrame:
    """Share of 95% intervals that cover, quantity by quantity.

    Parameters
    ----------
    case : callable
        Draws one data set with the generator, fits it, and says for every quantity whether its interval covers.
    datasets : int
    seed : int

    Returns
    -------
    DataFrame
        quantity, datasets, share, low, high (the band), inside.
    """
    root = np.random.SeedSequence(seed)
    covered = pd.DataFrame([case(np.random.default_rng(seed)) for seed in root.spawn(datasets)])
    low, high = band(datasets)
    share = covered.mean()
    return pd.DataFrame({
        "quantity": share.index, "datasets": datasets, "share": share.to_numpy(float), "low": low, "high": high,
        "inside": share.between(low, high).to_numpy(),
    })  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    """Print the table of every case as Markdown."""
    from sim.inference.recovery_ratings import CASES

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--datasets", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=sorted(CASES))
    args = parser.parse_args(argv)
    low, high = band(args.datasets)
    print(f"{args.datasets} data sets, seed {args.seed}; band {low:.3f} to {high:.3f}\n")
    print("| model | quantity | share of 95 % intervals that cover | in the band |\n|---|---|---|---|")
    outside = 0
    for name, case in CASES.items():
        if args.only in (None, name):
            for row in coverage(case, args.datasets, args.seed).itertuples():
                print(
                    f"| {name} | {row.quantity} | {row.share:.3f} | {'yes' if row.inside else 'NO'} |",
                    flush=True,
                )
                outside += not row.inside
    return 1 if outside else 0


if __name__ == "__main__":
    sys.exit(main())
