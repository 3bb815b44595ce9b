"""Claim: intervals are those of a textbook, and precision is judged at a few counts fixed beforehand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.intervals import achieved, counts, half_width, matrix, paired, precise, stages

NAN = float("nan")


def test_the_paired_interval_is_the_one_done_by_hand() -> None:
    # d = -2, -1, -3, -1: mean -1.75, s^2 = 2.75/3, t(.975; 3) = 3.182446, half = 3.182446 * sqrt(2.75/3/4)
    found = paired(np.array([10.0, 12, 9, 11]), np.array([12.0, 13, 12, 12]), "low")
    assert found.n == 4
    assert found.mean == 10.5
    assert found.difference == -1.75
    assert (found.low, found.high) == pytest.approx((-1.75 - 1.523480, -1.75 + 1.523480), abs=1e-5)
    assert found.half_width == pytest.approx(3.182446 * math.sqrt(5 / 3 / 4), abs=1e-5)
    # covariance .5, variances 5/3 and 1/4
    assert found.correlation == pytest.approx(0.5 / math.sqrt(5 / 3 / 4))
    assert found.variance_saved == pytest.approx(1 - (2.75 / 3) / (5 / 3 + 1 / 4))
    assert found.probability_better == 1.0


def test_it_is_the_interval_of_scipy_too() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(2, 25))
    x += y
    theirs = stats.ttest_rel(x, y).confidence_interval(0.95)
    found = paired(x, y)
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high))


def test_better_depends_on_the_outcome_and_a_tie_is_half() -> None:
    x, y = np.array([1.0, 2, 3, 4]), np.array([2.0, 2, 2, 2])
    assert paired(x, y, "high").probability_better == pytest.approx(0.625)
    assert paired(x, y, "low").probability_better == pytest.approx(0.375)
    assert math.isnan(paired(x, y, "none").probability_better)


def test_a_missing_value_takes_its_pair_along_and_is_not_zero() -> None:
    found = paired(np.array([1.0, NAN, 3.0]), np.array([0.0, 5.0, NAN]))
    assert (found.n, found.difference) == (1, 1.0)
    assert math.isnan(found.low)
    assert math.isnan(paired(np.array([NAN]), np.array([1.0])).mean)


def test_identical_policies_differ_by_exactly_nothing() -> None:
    x = np.array([1.0, 2.0, 4.0])
    found = paired(x, x.copy())
    assert (found.difference, found.low, found.high) == (0, 0, 0)
    assert found.variance_saved == 1


def test_coverage_of_the_interval_is_what_it_says() -> None:
    rng = np.random.default_rng(5)
    samples = rng.normal(size=(4000, 10))
    covered = sum(abs(x.mean()) <= half_width(x) for x in samples)
    low, high = stats.binom.interval(0.999, 4000, 0.95)
    assert low <= covered <= high


def test_counts_double_up_to_the_cap() -> None:
    assert counts(40) == (10, 20, 40)
    assert counts(25) == (10, 20, 25)
    assert counts(10) == (10,)
    assert counts(4) == (4,)
    assert stages((10, 20, 25)) == [range(10), range(10, 20), range(20, 25)]


def test_precision_is_judged_on_the_widest_difference() -> None:
    rows = [
        (policy, r, 10 * r + noise * (-1) ** r)
        for policy, noise in (("a", 0), ("b", 1), ("c", 3))
        for r in range(6)
    ]
    frame = pd.DataFrame(rows, columns=["policy", "replication", "x"])
    reached = achieved(frame, {"x": 1.0}, ("a", "b", "c"), 0)
    assert reached["x"] == pytest.approx(half_width(np.array([3.0, -3, 3, -3, 3, -3]), n_intervals=2))
    assert precise(reached, {"x": reached["x"]})
    assert not precise(reached, {"x": reached["x"] * 0.999})
    assert not precise({"x": None}, {"x": 1e9})


def test_the_matrix_follows_the_order_asked_for() -> None:
    frame = pd.DataFrame({"policy": ["b", "a", "b", "a"], "replication": [1, 1, 0, 0], "x": [4.0, 3, 2, 1]})
    assert matrix(frame, "x", ("b", "a")).tolist() == [[2, 4], [1, 3]]


def test_what_the_baseline_has_not_keeps_its_own_mean():
    own = paired(np.array([2.0, 4.0]), np.array([np.nan, np.nan]))
    assert (own.n, own.mean) == (2, 3.0)
    assert np.isnan(own.difference)
