"""Claim: the predictive check finds a model that fails, and passes one that is right as often as it should."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.errors import KinerjaError
from sim.inference.desk.posterior_predictive import posterior_predictive


def runs(rng, mean=9.0, n=100, days=40):
    return pd.DataFrame(
        {"replication": np.repeat(np.arange(n), days), "arrivals": rng.poisson(mean, n * days)}
    )


def test_a_right_model_is_inside_as_often_as_it_should():
    """200 checks of a right model: the mean lies inside the 90 % range in 90 % (exact 99.9 % band)."""
    rng = np.random.default_rng(18)
    mean = {"mean": np.mean}
    inside = 0
    for _ in range(200):
        data = pd.DataFrame({"arrivals": rng.poisson(9, 40)})
        inside += posterior_predictive(data, runs(rng), statistics=mean, level=0.9).table()["inside"].item()
    low, high = stats.binom.interval(0.999, 200, 0.9)
    assert low <= inside <= high


def test_a_wrong_mean_and_a_wrong_spread_are_found():
    rng = np.random.default_rng(19)
    busy = posterior_predictive(pd.DataFrame({"arrivals": rng.poisson(12, 40)}), runs(rng))
    table = busy.table().set_index("statistic")
    assert not table.loc["mean", "inside"]
    assert table.loc["mean", "p"] == pytest.approx(2 / 101)
    bursty = pd.DataFrame({"arrivals": rng.negative_binomial(2, 2 / 11, 40)})
    found = posterior_predictive(bursty, runs(rng)).table().set_index("statistic")
    assert not found.loc["sd", "inside"]
    assert "Outside" in busy.summary(lang="en")
    assert "Di luar" in busy.summary(lang="id")


def test_columns_in_common_are_compared_and_the_order_of_runs_does_not_matter():
    rng = np.random.default_rng(20)
    data = pd.DataFrame({"arrivals": rng.poisson(9, 40), "waiting": rng.exponential(5, 40), "unit": "a"})
    simulated = runs(rng).assign(waiting=rng.exponential(5, 4000))
    plain = posterior_predictive(data, simulated)
    assert set(plain.table()["column"]) == {"arrivals", "waiting"}
    # shuffle the blocks of runs, keeping the days within each
    blocks = [part for _, part in simulated.groupby("replication")]
    mixed = pd.concat([blocks[k] for k in rng.permutation(100)])
    pd.testing.assert_frame_equal(plain.table(), posterior_predictive(data, mixed).table())


def test_too_few_runs_and_gaps_are_refused():
    rng = np.random.default_rng(21)
    data = pd.DataFrame({"arrivals": rng.poisson(9, 40)})
    with pytest.raises(KinerjaError, match="at least 20"):
        posterior_predictive(data, runs(rng, n=10))
    with pytest.raises(KinerjaError, match="no numeric column in common"):
        posterior_predictive(data.rename(columns={"arrivals": "x"}), runs(rng))
    with pytest.raises(KinerjaError, match="has no value"):
        posterior_predictive(data.assign(arrivals=1), runs(rng))
    assert posterior_predictive(data, runs(rng, n=30)).has("few_replications")
