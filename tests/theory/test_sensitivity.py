"""Sensitivity, value of information and regret on cases whose answer is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from sim.study.robust.regret import gains, noise_sd, regret, satisfied, spread, winners, without_noise
from sim.study.robust.value_of_information import evpi, evppi, explained, swing
from sim.study.sensitivity.methods import emulate, morris_effects, morris_points, ranks, sobol


def ishigami(u, a=7.0, b=0.1):
    x = np.pi * (2 * u - 1)
    return np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0])


WEIGHTS = np.array([0.0, 1.0, 4.5, 9.0, 99.0])


def sobol_g(u):
    return np.prod((np.abs(4 * u - 2) + WEIGHTS) / (1 + WEIGHTS), axis=1)


def known_ishigami(a=7.0, b=0.1):
    """Ishigami and Homma (1990)."""
    v1, v2, v13 = 0.5 * (1 + b * np.pi**4 / 5) ** 2, a**2 / 8, b**2 * np.pi**8 * (1 / 18 - 1 / 50)
    total = v1 + v2 + v13
    return np.array([v1, v2, 0]) / total, np.array([v1 + v13, v2, v13]) / total


def known_g():
    """Saltelli and Sobol (1995)."""
    v = 1 / 3 / (1 + WEIGHTS) ** 2
    total = np.prod(1 + v) - 1
    return v / total, v * np.prod(1 + v) / (1 + v) / total


# Sobol and Morris


@pytest.mark.parametrize(("function", "known"), [(ishigami, known_ishigami()), (sobol_g, known_g())])
def test_sobol_indices_of_functions_with_known_ones_are_recovered(function, known):
    names = [f"x{i}" for i in range(len(known[0]))]
    found = sobol(function, names, points=2048, seed=3)
    assert found["first"].to_numpy() == pytest.approx(known[0], abs=0.02)
    assert found["total"].to_numpy() == pytest.approx(known[1], abs=0.02)
    assert (np.abs(found["total"] - known[1]) <= 2 * found["total_half"] + 0.01).all()


def test_morris_finds_slopes_interactions_and_what_does_nothing():
    names = ["plus", "minus", "bent", "nothing"]
    points = morris_points(names, 12, seed=1)
    y = 5 * points[:, 0] - 2 * points[:, 1] + 8 * (points[:, 2] - 0.5) ** 2
    found = morris_effects(names, points, y).set_index("parameter")
    assert found.loc["plus", "mu"] == pytest.approx(5)
    assert found.loc["minus", "mu"] == pytest.approx(-2)
    assert found.loc["minus", "mu_star"] == pytest.approx(2)
    assert found.loc["plus", "sigma"] == pytest.approx(0, abs=1e-9)
    assert found.loc["bent", "sigma"] > 1
    assert found.loc["nothing", "mu_star"] == 0


def test_an_emulator_gives_back_the_indices_through_noise():
    luck = np.random.default_rng(5)
    u = (np.stack([luck.permutation(160) for _ in range(3)], axis=1) + 0.5) / 160
    y = ishigami(u) + luck.normal(0, 0.3, 160)
    found = emulate(u, y, ["a", "b", "c"])
    assert 0.8 < found.accuracy < 1
    assert found.sobol()["total"].to_numpy() == pytest.approx(known_ishigami()[1], abs=0.08)
    assert emulate(u, luck.normal(size=160), ["a", "b", "c"]).accuracy < 0.1


def test_ranks_are_points_of_the_unit_cube():
    table = pd.DataFrame({"a": [3.0, 1.0, 2.0, 4.0], "preset": ["p", "q", "q", "p"]})
    assert ranks(table).tolist() == [[0.625, 0.25], [0.125, 0.75], [0.375, 0.75], [0.875, 0.25]]


# value of information


def normal_gains(n=4000, sd=1.0, other=0.5, mean=0.2):
    luck = np.random.default_rng(1)
    x, z = luck.normal(0, sd, n), luck.normal(0, other, n)
    return np.stack([np.zeros(n), mean + x + z], axis=1), x, z


def unit_loss(mean, sd):
    """E max(0, N(mean, sd)) - max(0, mean): the value of knowing a normal difference."""
    return mean * norm.cdf(mean / sd) + sd * norm.pdf(mean / sd) - max(0.0, mean)


def test_the_value_of_knowing_a_normal_difference_and_its_parts():
    gain, x, z = normal_gains()
    assert evpi(gain) == pytest.approx(unit_loss(0.2, np.hypot(1.0, 0.5)), abs=0.03)
    assert evppi(gain, x).value == pytest.approx(unit_loss(0.2, 1.0), abs=0.03)
    assert evppi(gain, z).value == pytest.approx(unit_loss(0.2, 0.5), abs=0.03)


def test_knowing_what_does_not_matter_is_worth_nothing_and_chance_is_taken_off():
    luck = np.random.default_rng(2)
    gain, x, _ = normal_gains(120)
    found = [evppi(gain, luck.random(120), seed) for seed in range(12)]
    assert np.mean([f.value for f in found]) < 0.02
    assert sum(f.p < 0.05 for f in found) <= 3
    assert evppi(gain, x).p < 0.01


def test_knowing_is_worth_nothing_where_one_policy_always_wins():
    gain, x, _ = normal_gains(500, mean=30.0)
    assert evpi(gain) == pytest.approx(0, abs=1e-9)
    assert evppi(gain, x).value == pytest.approx(0, abs=1e-9)
    assert evppi(gain, x).p == 1


def test_the_value_of_a_category_and_of_a_bend():
    luck = np.random.default_rng(4)
    kind = luck.choice(["a", "b", "c"], 3000)
    effect = pd.Series(kind).map({"a": -1.0, "b": 0.0, "c": 1.0}).to_numpy()
    gain = np.stack([np.zeros(3000), effect + luck.normal(0, 0.5, 3000)], axis=1)
    assert evppi(gain, kind).value == pytest.approx(1 / 3, abs=0.04)
    x = luck.random(3000)
    bent = np.stack([np.zeros(3000), 8 * (x - 0.5) ** 2 - 2 / 3], axis=1)
    assert evppi(bent, x).value == pytest.approx(evpi(bent), rel=0.05)


def test_shares_of_variance_and_swings():
    luck = np.random.default_rng(6)
    a, b = luck.random(2000), luck.random(2000)
    y = 3 * a + 4 * b
    assert explained(y, a) == pytest.approx(0.36, abs=0.03)
    assert explained(y, luck.random(2000)) < 0.01
    assert swing(y, a) == pytest.approx((2 + 0.3, 2 + 2.7), abs=0.2)
    assert explained(np.zeros(50), luck.random(50)) == 0


# regret, and luck told apart


def test_regret_is_nought_for_the_best_and_what_is_lost_for_the_others():
    gain = np.array([[0.0, 2.0, -1.0], [0.0, -3.0, -1.0]])
    assert regret(gain).tolist() == [[2.0, 0.0, 3.0], [0.0, 3.0, 1.0]]


def test_gains_are_read_the_way_the_outcome_is_better():
    runs = np.array([[[10.0], [7.0]], [[10.0], [13.0]]])
    assert gains(runs, 0, "low")[:, 1].tolist() == [3.0, -3.0]
    assert gains(runs, 0, "high")[:, 1].tolist() == [-3.0, 3.0]


def simulated(futures=400, repeated=150, between=2.0, luck=1.0, mean=0.5):
    rng = np.random.default_rng(8)
    true = rng.normal(mean, between, futures)
    runs = true[:, None] + rng.normal(0, luck, (futures, 2))
    runs[repeated:, 1] = np.nan
    return true, runs


def test_luck_and_futures_are_told_apart():
    true, runs = simulated()
    found = spread(runs)
    assert found.noise_sd == pytest.approx(1.0, abs=0.12)
    assert found.futures_sd == pytest.approx(2.0, abs=0.15)
    assert found.low < 0.5 < found.high
    assert (found.future_low, found.future_high) == pytest.approx(
        tuple(np.quantile(true, [0.05, 0.95])), abs=0.45
    )
    assert np.std(runs[:, 0]) > found.futures_sd + 0.1  # the raw values vary more than futures do


def test_where_all_is_luck_nothing_is_left_to_futures():
    _, runs = simulated(between=0.0, repeated=400)
    assert without_noise(runs).std() < 0.35
    assert noise_sd(runs) == pytest.approx(1.0, abs=0.1)
    once = runs[:, :1]
    assert np.isnan(noise_sd(once))
    assert without_noise(once).tolist() == once[:, 0].tolist()


def test_a_winner_is_sure_only_where_it_leads_by_more_than_luck():
    rng = np.random.default_rng(9)
    true = np.stack([np.zeros(300), np.repeat([0.1, 5.0], 150)], axis=1)
    runs = true[:, :, None] + rng.normal(0, 0.7, (300, 2, 2))
    runs[100:, :, 1] = np.nan
    best, sure = winners(runs, gains(runs, 0, "high"))
    assert (best[150:] == 1).all()
    assert sure[150:].mean() > 0.97
    assert sure[:150].mean() < 0.2


def test_targets_are_met_at_the_level_itself():
    runs = np.array([[[20.0], [21.0]], [[19.0], [np.nan]]])
    assert satisfied(runs, 20.0, "low")[:, 0].tolist() == [1.0, 1.0]
    assert satisfied(runs, 20.0, "low")[0, 1] == 0
    assert np.isnan(satisfied(runs, 20.0, "low")[1, 1])
    assert satisfied(runs, 20.0, "high")[:, 0].tolist() == [1.0, 0.0]
