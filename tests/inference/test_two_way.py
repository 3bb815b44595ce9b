"""Claim: the naive two-way estimate is reported with the weights that make it misleading."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.formula.api as smf
from evaluation_data import long_panel

from sim.errors import KinerjaError
from sim.inference.evaluation.staggered_did import staggered_did
from sim.inference.evaluation.two_way_fixed_effects import two_way_fixed_effects


def run(frame):
    return two_way_fixed_effects(frame, "y", "unit", "period", "on")


@pytest.fixture
def frame():
    rng = np.random.default_rng(12)
    return long_panel(rng.normal(size=(15, 7)), [2] * 4 + [4] * 5 + [6] * 2 + [99] * 4)


def test_it_is_the_dummy_regression(frame):
    fit = smf.ols("y ~ on + C(unit) + C(period)", frame).fit()
    assert run(frame).table()["estimate"].item() == pytest.approx(fit.params["on"], rel=1e-9)


def test_comparisons_and_their_weights_add_up_to_it(frame):
    """Goodman-Bacon (2021): weights sum to one, weighted comparisons to the estimate."""
    result = run(frame)
    parts = result.decomposition
    assert parts["weight"].sum() == pytest.approx(1.0)
    assert (parts["weight"] * parts["estimate"]).sum() == pytest.approx(result.table()["estimate"].item())
    assert set(parts["kind"]) == {"treated_vs_never", "earlier_vs_later", "later_vs_earlier"}


def test_cell_weights_say_what_it_makes_of_true_effects():
    """de Chaisemartin & D'Haultfoeuille (2020): noise-free effects, averaged with the weights, give the estimate."""
    first = np.array([1, 1, 3, 3, 5, 5])
    since = np.arange(6) - first[:, None]
    effect = np.where(since >= 0, 1.0 + since**2, 0.0)
    result = run(long_panel(effect + np.arange(6) + np.arange(6)[:, None], first.tolist()))
    weights = result.weights
    cell = {(g, t): 1.0 + (t - g) ** 2 for g in (1, 3, 5) for t in range(g, 6)}
    implied = sum(
        w * cell[g, t]
        for g, t, w in zip(weights["cohort"], weights["period"], weights["weight"], strict=True)
    )
    assert weights["weight"].sum() == pytest.approx(1.0)
    assert implied == pytest.approx(result.table()["estimate"].item())
    assert result.negative_share > 0.1
    assert result.negative_weight < 0


def test_growing_effects_can_turn_its_sign_and_it_says_so():
    """Every effect is positive, the naive estimate is not; staggered_did() gets it right and shows the naive one."""
    rng = np.random.default_rng(13)
    first = np.repeat([1, 4, 99], [16, 16, 4])
    since = np.arange(7) - first[:, None]
    y = np.where(since >= 0, 1.0 + 1.5 * np.maximum(since, 0) ** 1.5, 0.0) + rng.normal(size=(36, 7)) * 0.1
    late = long_panel(y[:32], first[:32].tolist())
    naive = run(late)
    assert naive.table()["estimate"].item() < 0
    assert naive.has("negative_weights")
    assert "negative weight" in naive.summary(lang="en")
    right = staggered_did(long_panel(y, first.tolist()), "y", "unit", "period", "on")
    assert right.best["low"] > 1.0
    assert right.naive.table()["estimate"].item() < right.best["low"]


def test_one_start_has_nothing_forbidden(frame):
    single = frame[(frame["unit"] < 4) | (frame["unit"] > 10)]
    result = run(single)
    assert not result.has("negative_weights")
    assert result.forbidden == 0.0
    assert result.negative_share == 0.0


def test_a_treatment_that_is_all_time_is_refused():
    with pytest.raises(KinerjaError, match="does not vary once"):
        run(long_panel(np.random.default_rng(1).normal(size=(4, 4)), [2] * 4))
