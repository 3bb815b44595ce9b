"""Claim: the gain of people chosen for low scores is taken apart rightly, and warned of."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.errors import KinerjaError
from sim.inference.evaluation.regression_to_the_mean import regression_to_the_mean


def people(n=20_000, effect=0.0, common=0.0, seed=1):
    rng = np.random.default_rng(seed)
    ability = rng.normal(size=n)
    frame = pd.DataFrame({"before": ability + rng.normal(size=n)})
    frame["on"] = (frame["before"] < -1.0).astype(int)
    frame["after"] = ability + rng.normal(size=n) + common + effect * frame["on"]
    return frame


def test_regression_to_the_mean_has_the_normal_closed_form():
    """Reliability 1/2, cut at -1, SD sqrt 2: expected gain (1 - rho) sigma phi(z) / Phi(z)."""
    z = -1 / np.sqrt(2)
    expected = 0.5 * np.sqrt(2) * stats.norm.pdf(z) / stats.norm.cdf(z)
    row = (
        regression_to_the_mean(people(), "before", "after", "on")
        .table()
        .set_index("term")
        .loc["regression_to_mean"]
    )
    assert abs(row["estimate"] - expected) < 4 * row["se"] < 0.1


def test_the_parts_add_up_to_the_gain():
    table = (
        regression_to_the_mean(people(500, 0.4, 0.2), "before", "after", "on")
        .table()
        .set_index("term")["estimate"]
    )
    assert table["gain"] == pytest.approx(table[["regression_to_mean", "common_change", "effect"]].sum())
    known = regression_to_the_mean(people(500, 0.4, 0.2).query("on == 1"), "before", "after", "on", reliability=0.5,
                         population_mean=0.0).table().set_index("term")["estimate"]  # fmt: skip
    assert known["gain"] == pytest.approx(known["regression_to_mean"] + known["effect"])


def test_it_warns_of_selection_only_where_there_is_some():
    low = regression_to_the_mean(people(500), "before", "after", "on")
    assert low.has("selected_low")
    assert low.selection < -0.5
    rng = np.random.default_rng(2)
    lot = regression_to_the_mean(people(500).assign(on=rng.integers(0, 2, 500)), "before", "after", "on")
    assert not lot.has("selected_low")
    best = people(500)
    assert regression_to_the_mean(
        best.assign(on=(best["before"] > 1).astype(int)), "before", "after", "on"
    ).has("selected_high")


def test_reliability_stands_in_for_the_untrained():
    rng = np.random.default_rng(3)
    ability = rng.normal(size=3000)
    frame = pd.DataFrame({"before": ability + 0.5 * rng.normal(size=3000)})
    frame["on"] = (frame["before"] < -0.8).astype(int)
    frame["after"] = ability + 0.5 * rng.normal(size=3000) + 0.4 * frame["on"]
    frame.loc[frame["on"] == 0, "after"] = np.nan
    result = regression_to_the_mean(frame, "before", "after", "on", reliability=0.8)
    row = result.table().set_index("term").loc["effect"]
    assert row["low"] < 0.4 < row["high"]
    assert result.has("nobody_untrained")


def test_bad_data_are_refused():
    frame = people(50)
    with pytest.raises(KinerjaError, match="cannot be split"):
        regression_to_the_mean(frame[frame["on"] == 1], "before", "after", "on")
    with pytest.raises(KinerjaError, match="between 0 and 1"):
        regression_to_the_mean(frame, "before", "after", "on", reliability=1.2)
    with pytest.raises(KinerjaError, match="at least two"):
        regression_to_the_mean(frame.assign(on=0), "before", "after", "on")
    with pytest.raises(KinerjaError, match="do not vary"):
        regression_to_the_mean(frame.assign(before=1.0), "before", "after", "on")
