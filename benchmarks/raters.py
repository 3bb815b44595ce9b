"""Crossed rater models: how long, how much memory, and how another engine does on the same ratings.

    python -m benchmarks.raters

Truth: sd of ratees .8, of raters .5, residual .6, slope .5. Times are of the processor, over all threads (one here), so
that other work on the machine counts for little. gpboost is used where it is installed (the project does not need it);
statsmodels always, at the size it can do. Ratios are of times in interleaved pairs: median [least .. most].
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import importlib.util
import sys
import time
import warnings
from collections.abc import Callable
from statistics import median

import numpy as np
import pandas as pd

from sim.inference.ratings.rater_model import rater_model

PAIRS = 3


def ratings(n: int, ratees: int, raters: int, seed: int = 1) -> pd.DataFrame:
    """Ratings whose ratee and rater are drawn at random."""
    rng = np.random.default_rng(seed)
    who, by, x = rng.integers(0, ratees, n), rng.integers(0, raters, n), rng.standard_normal(n)
    score = 3 + 0.5 * x + 0.8 * rng.standard_normal(ratees)[who] + 0.5 * rng.standard_normal(raters)[by]
    return pd.DataFrame({
        "ratee": np.char.add("o", who.astype(str)), "rater": np.char.add("r", by.astype(str)), "x": x,
        "score": score + 0.6 * rng.standard_normal(n),
    })  # fmt: skip


def ours(data: pd.DataFrame) -> np.ndarray:
    """Fit alone, with fixed effects and their degrees of freedom: sds of ratee, rater, residual."""
    model = rater_model(data, score="score", ratee="ratee", rater="rater", fixed="1 + x", intervals="none")
    assert model.converged
    return model.sds["estimate"].to_numpy(float)


def whole(data: pd.DataFrame) -> None:
    """Everything a partner asks: intervals of components, severities, fair scores, ranks."""
    model = rater_model(data, score="score", ratee="ratee", rater="rater", fixed="1 + x")
    assert [len(model.severity), len(model.fair_scores)] == [data[c].nunique() for c in ("rater", "ratee")]
    assert len(model.ranks(draws=1000)) == len(model.fair_scores)


def with_gpboost(data: pd.DataFrame) -> np.ndarray:
    import gpboost

    groups = data[["ratee", "rater"]].to_numpy()
    model = gpboost.GPModel(group_data=groups, likelihood="gaussian")
    X = np.column_stack([np.ones(len(data)), data["x"]])
    model.fit(y=data["score"].to_numpy(), X=X)
    residual, ratee, rater = np.asarray(model.get_cov_pars(), dtype=float).ravel()[:3]
    return np.sqrt([ratee, rater, residual])


def with_statsmodels(data: pd.DataFrame) -> np.ndarray:
    import statsmodels.formula.api as smf

    parts = {"ratee": "0 + C(ratee)", "rater": "0 + C(rater)"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = smf.mixedlm(
            "score ~ x", data.assign(all=1), groups="all", vc_formula=parts, re_formula="0"
        ).fit()
    by_name = dict(zip(found.model.exog_vc.names, found.vcomp, strict=True))
    return np.sqrt([by_name["ratee"], by_name["rater"], found.scale])


def clock(function: Callable[[pd.DataFrame], object], data: pd.DataFrame) -> tuple[float, object]:
    start = time.process_time()
    result = function(data)
    return time.process_time() - start, result


def against(
    name: str, theirs: Callable[[pd.DataFrame], np.ndarray], n: int, ratees: int, raters: int
) -> None:
    """Time both on the same ratings, checking that they agree."""
    data = ratings(n, ratees, raters)
    ratios, best = [], [np.inf, np.inf]
    for _ in range(PAIRS):
        slow, other = clock(theirs, data)
        fast, mine = clock(ours, data)
        np.testing.assert_allclose(np.asarray(mine), np.asarray(other), rtol=0.02)
        ratios.append(slow / fast)
        best = [min(best[0], fast), min(best[1], slow)]
    print(
        f"{n:,} ratings, {ratees:,} x {raters:,}: {name} takes {median(ratios):.1f} [{min(ratios):.1f} .."
        f" {max(ratios):.1f}] times as long; at best {best[1]:.2f} s against {best[0]:.2f} s; sds agree within 2 %"
    )


def alone(n: int, ratees: int, raters: int) -> None:
    """Time of the fit and of everything, and the peak of memory so far."""
    data = ratings(n, ratees, raters)
    took, sds = clock(ours, data)
    all_of_it, _ = clock(whole, data)
    print(
        f"{n:,} ratings, {ratees:,} x {raters:,}: fit {took:.2f} s, with intervals, severities, fair scores and ranks "
        f"{all_of_it:.2f} s; sds {np.round(np.asarray(sds), 3).tolist()}; peak memory {peak():.2f} GB"
    )


def peak() -> float:
    """Peak resident memory of this process in GB (NaN on Windows, which tells in another way)."""
    if sys.platform == "win32":
        return float("nan")
    import resource

    unit = 1.0 if sys.platform == "darwin" else 1024.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9


def main() -> None:
    alone(20_000, 5000, 500)
    alone(70_000, 1000, 3000)
    against("statsmodels MixedLM", with_statsmodels, 1000, 150, 40)
    if importlib.util.find_spec("gpboost"):
        against("gpboost", with_gpboost, 20_000, 5000, 500)
        against("gpboost", with_gpboost, 70_000, 1000, 3000)
    else:
        print("gpboost is not installed: no comparison at full size")


if __name__ == "__main__":
    main()
