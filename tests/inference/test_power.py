"""Claim: simulated power agrees with closed forms, and says its Monte Carlo error and contamination."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.errors import KinerjaError
from sim.inference.trials.designs import ClusterTrial, FavouritismStudy, SteppedWedge
from sim.inference.trials.power import exact_interval, trial_power
from sim.inference.trials.power_curve import detectable_effect, staff_needed
from sim.inference.trials.worlds import MixedWorld, RatingWorld, fit_mixed_world

ICC_WORLD = MixedWorld(staff=10, unit_sd=0.3, residual_sd=1.0)


def noncentral_t(effect, se, df):
    """Power of a two-sided 5 % t test."""
    cut = stats.t.ppf(0.975, df)
    return stats.nct.sf(cut, df, effect / se) + stats.nct.cdf(-cut, df, effect / se)


def test_cluster_trial_has_the_power_of_the_design_effect():
    """Variance of a mean inflated by 1 + (m - 1) ICC; noncentral t with units - 2 degrees of freedom."""
    m, icc = ICC_WORLD.staff, ICC_WORLD.icc
    total = 0.3**2 + 1.0
    se = np.sqrt(2 * total * (1 + (m - 1) * icc) / (10 * m))
    found = trial_power(ClusterTrial(20, before=0), ICC_WORLD, 0.5, replications=400).table().iloc[0]
    low, high = exact_interval(round(found["power"] * 400), 400, 0.999)
    assert low < noncentral_t(0.5, se, 18) < high
    assert found["sd"] == pytest.approx(se, rel=4 / np.sqrt(2 * 400))


def test_stepped_wedge_has_the_variance_of_the_fixed_effects_design():
    """Hussey & Hughes (2007) with the unit variance taken out: I s2 T / (U^2 + I T U - T W - I V)."""
    on = np.array([[0] * s + [1] * (5 - s) for s in np.repeat([1, 2, 3, 4], 3)])
    i, t = on.shape
    u, w, v = on.sum(), (on.sum(0) ** 2).sum(), (on.sum(1) ** 2).sum()
    sd = np.sqrt(i * 0.1 * t / (u**2 + i * t * u - t * w - i * v))
    found = trial_power(SteppedWedge(12, 4), ICC_WORLD, 0.3, replications=400).table().iloc[0]
    assert found["sd"] == pytest.approx(sd, rel=4 / np.sqrt(2 * 400))
    assert abs(found["bias"]) < 4 * found["bias_se"]


def test_level_is_held_without_effect():
    found = trial_power(ClusterTrial(8, before=1), ICC_WORLD, 0.0, replications=600).table().iloc[0]
    low, high = stats.binom.interval(0.999, 600, 0.05)
    assert low / 600 <= found["power"] <= high / 600


def test_detectable_effect_is_the_closed_one():
    se = np.sqrt(4 / 20 * (0.09 + 0.1))
    grid = np.linspace(0.3, 0.9, 601)
    target = grid[np.argmin([abs(noncentral_t(e, se, 18) - 0.8) for e in grid])]
    answer = detectable_effect(ClusterTrial(20, before=0), ICC_WORLD, replications=150).table().iloc[0]
    half = (answer["high"] - answer["low"]) / 1.96 / 2
    assert abs(answer["estimate"] - target) < 4 * half < 0.12


def test_baseline_periods_buy_power():
    world = MixedWorld(staff=10, unit_sd=1.0, residual_sd=1.0)
    without = trial_power(ClusterTrial(16, before=0), world, 0.6, replications=150).table()["power"].item()
    with_it = trial_power(ClusterTrial(16, before=3), world, 0.6, replications=150).table()["power"].item()
    assert with_it > without + 0.2


def test_contamination_is_reported_and_costs_power():
    clean = trial_power(SteppedWedge(12, 3), ICC_WORLD, 0.5, replications=150)
    leaky = MixedWorld(staff=10, unit_sd=0.3, residual_sd=1.0, contamination=0.4)
    mixed = trial_power(SteppedWedge(12, 3), leaky, 0.5, replications=150)
    assert clean.table()["contamination"].item() == 0.0
    assert 0.1 < mixed.table()["contamination"].item() < 0.4
    assert mixed.table()["power"].item() < clean.table()["power"].item()
    assert mixed.table()["mean_estimate"].item() < 0.5 - 4 * mixed.table()["bias_se"].item()
    assert "exposed" in mixed.summary(lang="en")
    assert "terpapar" in mixed.summary(lang="id")


def test_exposure_by_hand():
    """4 units, 2 treated, a quarter leaks at full spread: an untreated unit sees 2 of its 3 others treated."""
    schedule = pd.DataFrame({"unit": range(4), "period": 0, "treated": [1, 1, 0, 0]})
    data = MixedWorld(staff=1, residual_sd=0.0, contamination=0.25)(schedule, 3.0, np.random.default_rng(1))
    np.testing.assert_allclose(data["exposure"], [1, 1, 0.25 * 2 / 3, 0.25 * 2 / 3])
    np.testing.assert_allclose(data["outcome"], [3, 3, 0.5, 0.5])


def test_the_same_seed_gives_the_same_runs_and_effects_share_luck():
    a, b = (
        trial_power(ClusterTrial(8), ICC_WORLD, e, replications=20, seed=3).runs["estimate"]
        for e in (0.2, 0.7)
    )
    pd.testing.assert_series_equal(
        a, trial_power(ClusterTrial(8), ICC_WORLD, 0.2, replications=20, seed=3).runs["estimate"]
    )
    np.testing.assert_allclose(b - a, 0.5)
    assert not np.allclose(
        a, trial_power(ClusterTrial(8), ICC_WORLD, 0.2, replications=20, seed=4).runs["estimate"]
    )


def test_staff_needed_agrees_with_the_closed_form():
    """Variance v within supervisors, three in ten close: about n = (1.96 + .84)^2 v / (.21 U b^2)."""
    own = 0.23 + 0.57 * 0.5 + 0.20
    closed = (stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) ** 2 * own / (0.3 * 0.7 * 20 * 0.3**2)
    answer = staff_needed(0.3, 20, sizes=(10, 20, 30, 40), replications=200).table().iloc[0]
    assert answer["low"] - 2 <= closed <= answer["high"] + 3


def test_bias_that_differs_between_supervisors_cannot_be_bought_off_with_staff():
    same, varied = RatingWorld(), RatingWorld(bias_sd=0.6)
    design = FavouritismStudy(units=6, staff=100)
    assert trial_power(design, same, 0.3, replications=100).table()["power"].item() > 0.8
    assert trial_power(design, varied, 0.3, replications=100).table()["power"].item() < 0.5


def test_a_world_fitted_to_data_gives_back_its_components():
    truth = MixedWorld(staff=8, unit_sd=0.6, unit_period_sd=0.4, person_sd=0.7, residual_sd=0.9, mean=5.0)
    schedule = pd.DataFrame(
        {"unit": np.repeat(np.arange(60), 4), "period": np.tile(np.arange(4), 60), "treated": 0}
    )
    data = truth(schedule, 0.0, np.random.default_rng(2))
    found = fit_mixed_world(data, "outcome", "unit", person="person", period="period", contamination=0.2)
    assert found.staff == 8
    assert found.contamination == 0.2
    for name in ("unit_sd", "unit_period_sd", "person_sd", "residual_sd"):
        assert getattr(found, name) == pytest.approx(getattr(truth, name), rel=0.25), name


def test_a_callable_of_ones_own_is_a_world():
    def world(schedule, effect, rng):
        return schedule.assign(outcome=rng.normal(size=len(schedule)) + effect * schedule["treated"])

    result = trial_power(SteppedWedge(8, 4), world, 3.0, replications=30)
    assert result.table()["power"].item() > 0.9
    assert result.table()["contamination"].item() == 0.0


def test_impossible_plans_and_worlds_are_refused():
    with pytest.raises(KinerjaError, match="cannot be analysed"):
        ClusterTrial(3)
    with pytest.raises(KinerjaError, match="two units per step"):
        SteppedWedge(5, 3)
    with pytest.raises(KinerjaError, match="all or none are close"):
        FavouritismStudy(5, 2, close=0.1)
    with pytest.raises(KinerjaError, match="complete column outcome"):
        trial_power(ClusterTrial(6), lambda s, e, r: s, 0.1, replications=2)
    with pytest.raises(KinerjaError, match="failed in 5 of 5 runs"):
        trial_power(ClusterTrial(6), lambda s, e, r: s.assign(outcome=1.0), 0.1, replications=5)
    rng, design = np.random.default_rng(1), ClusterTrial(6)
    data = MixedWorld(staff=2)(design.schedule(rng), 0.1, rng)
    with pytest.raises(KinerjaError, match="no data before or after"):
        design.analyse(data[(data["unit"] > 0) | (data["period"] < 0)])
    with pytest.raises(KinerjaError, match="at least 1"):
        trial_power(ClusterTrial(6), ICC_WORLD, 0.1, replications=0)
    with pytest.raises(KinerjaError, match="needs values on both sides"):
        staff_needed(3.0, 20, sizes=(10, 20, 30), replications=20)
    with pytest.raises(KinerjaError, match="contamination in"):
        MixedWorld(staff=5, contamination=2.0)
    with pytest.raises(KinerjaError, match="fewer than three units"):
        fit_mixed_world(pd.DataFrame({"u": [1, 2], "y": [1.0, 2]}), "y", "u")
