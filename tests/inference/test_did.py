"""Claim: difference in differences is the two-way estimate on a balanced panel, with honest errors and checks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from evaluation_data import long_panel

from sim.errors import KinerjaError
from sim.inference.evaluation.difference_in_differences import difference_in_differences


@pytest.fixture
def panel():
    rng = np.random.default_rng(5)
    y = rng.normal(size=(12, 6)) + rng.normal(size=(12, 1)) + np.arange(6)
    return long_panel(y, [3] * 5 + [99] * 7)


def did(frame, **options):
    return difference_in_differences(frame, "y", "unit", "period", "on", **options)


def test_by_hand():
    """Two treated units change by 3 and 5, two controls by 1 and 1: the effect is 3."""
    y = np.array([[1.0, 4], [2, 7], [5, 6], [7, 8]])
    result = did(long_panel(y, [1, 1, 9, 9]))
    assert result.table()["estimate"].item() == pytest.approx(3.0)
    assert result.table()["se"].item() == pytest.approx(1.0)  # variances 2 and 0 of two changes each
    assert result.has("no_pretrend")


def test_it_is_the_two_way_regression(panel):
    fit = smf.ols("y ~ on + C(unit) + C(period)", panel).fit()
    assert did(panel).table()["estimate"].item() == pytest.approx(fit.params["on"], rel=1e-9)


def test_event_study_is_the_dummy_regression(panel):
    group = panel["unit"] < 5
    frame = panel.assign(**{f"d{k}": ((panel["period"] == k) & group).astype(int) for k in (0, 1, 3, 4, 5)})
    fit = smf.ols("y ~ d0 + d1 + d3 + d4 + d5 + C(unit) + C(period)", frame).fit()
    event = did(panel).event.set_index("period")["estimate"]
    assert event[2] == 0.0
    for k in (0, 1, 3, 4, 5):
        assert event[k] == pytest.approx(fit.params[f"d{k}"], rel=1e-9)


def test_covariates_take_out_a_trend_that_follows_them():
    rng = np.random.default_rng(6)
    x = np.repeat([0.0, 1.0, 2.0], 20) + rng.normal(size=60) / 10
    first = np.where(rng.random(60) < x / 3, 2, 99)
    y = np.outer(x, np.arange(4)) + rng.normal(size=(60, 4)) / 10 + 0.5 * (np.arange(4) >= first[:, None])
    frame = long_panel(y, first.tolist())
    frame["x"] = x[frame["unit"]]
    assert did(frame).table()["estimate"].item() > 1.0
    adjusted = did(frame, covariates=["x"]).table().iloc[0]
    assert abs(adjusted["estimate"] - 0.5) < 4 * adjusted["se"] < 0.2


def test_diverging_trends_are_seen():
    rng = np.random.default_rng(7)
    y = rng.normal(size=(30, 8)) * 0.3 + np.outer(np.arange(30) < 10, np.arange(8)) * 0.5
    result = did(long_panel(y, [5] * 10 + [99] * 20))
    assert result.pretrend["p"] < 0.001
    assert result.has("parallel_trends")


def test_cluster_above_the_unit(panel):
    frame = panel.assign(district=panel["unit"] // 2)
    result = did(
        frame.assign(on=((frame["district"] < 3) & (frame["period"] >= 3)).astype(int)), cluster="district"
    )
    assert result.clusters == 6
    assert "CR2" in result.table()["method"].item()


def test_always_treated_units_are_left_out_and_said(panel):
    extra = long_panel(np.ones((1, 6)), [0]).assign(unit=99)
    result = did(pd.concat([panel, extra]))
    assert result.has("always_treated")
    assert result.table()["estimate"].item() == did(panel).table()["estimate"].item()


def test_incomplete_units_are_refused_or_dropped_and_counted(panel):
    holes = panel.drop(index=[1])
    with pytest.raises(KinerjaError, match=r"1 of 12 units lack a period; the first is unit 0, period 1"):
        did(holes)
    dropped = did(holes, incomplete="drop")
    assert dropped.has("dropped")
    assert dropped.treated == 4


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda f: pd.concat([f, f.iloc[[0]]]), "1 duplicate unit-period rows"),
        (lambda f: f[f["period"] == 0], "only one value"),
        (lambda f: f[f["period"] != 2], "a period is missing for every unit"),
        (lambda f: f.assign(on=0), "nobody is treated"),
        (lambda f: f.assign(on=(f["period"] >= 3).astype(int)), "every unit is treated"),
        (lambda f: f.assign(on=((f["period"] == 3) & (f["unit"] < 5)).astype(int)), "goes from 1 back to 0"),
        (lambda f: f.assign(on=(f["period"] >= f["unit"]).astype(int)), "use staggered"),
        (lambda f: f.assign(y=1.0), "nothing to test"),
        (lambda f: f.assign(on=((f["period"] >= 3) & (f["unit"] == 0)).astype(int)), "single cluster"),
        (lambda f: f.assign(unit=f["unit"].where(f.index > 0)), "is empty"),
    ],
)
def test_bad_data_are_refused(panel, make, message):
    with pytest.raises(KinerjaError, match=message):
        did(make(panel))
