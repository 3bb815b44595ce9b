"""Scenario discovery finds a box that is there, and none that is not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.study.robust.prim import prim


def futures(n, seed, extra=6):
    luck = np.random.default_rng(seed)
    x = pd.DataFrame({name: luck.random(n) for name in "abcdefgh"[: 2 + extra]})
    x["kind"] = luck.choice(["p", "q", "r"], n)
    return x, luck


def test_a_known_box_is_recovered():
    x, _ = futures(400, 1)
    cases = (x["a"] > 0.6) & (x["b"] < 0.5)
    box = prim(x, cases)
    found = {limit.name: limit for limit in box.limits}
    assert set(found) == {"a", "b"}
    assert (found["a"].low, found["a"].high) == (pytest.approx(0.6, abs=0.04), np.inf)
    assert (found["b"].low, found["b"].high) == (-np.inf, pytest.approx(0.5, abs=0.04))
    assert box.coverage > 0.95
    assert box.density > 0.95
    assert (box.holds(x) == cases).mean() > 0.98


def test_one_cut_among_many_parameters_and_few_futures_is_found_where_it_is():
    luck = np.random.default_rng(5)
    x = pd.DataFrame({f"x{i}": luck.normal(0.4, 0.7, 60) for i in range(25)})
    box = prim(x, x["x7"] < 0.2)
    (limit,) = box.limits
    assert limit.name == "x7"
    assert box.density > 0.85
    assert box.coverage > 0.95


def test_a_box_with_two_ends_and_a_category_is_recovered():
    x, _ = futures(600, 2)
    cases = x["c"].between(0.3, 0.7) & (x["kind"] != "q")
    box = prim(x, cases)
    found = {limit.name: limit for limit in box.limits}
    assert set(found) == {"c", "kind"}
    assert (found["c"].low, found["c"].high) == pytest.approx((0.3, 0.7), abs=0.05)
    assert set(found["kind"].categories) == {"p", "r"}
    assert box.holds(x).sum() == box.inside


@pytest.mark.parametrize("seed", range(4))
def test_it_is_found_through_noise(seed):
    x, luck = futures(400, 10 + seed)
    cases = ((x["a"] > 0.6) & (x["b"] < 0.5)).to_numpy()
    cases = np.where(luck.random(400) < 0.1, ~cases, cases)
    box = prim(x, cases)
    names = [limit.name for limit in box.limits]
    assert {"a", "b"} <= set(names)
    assert box.density > 2 * box.base
    assert all(limit.p <= 0.05 for limit in box.limits)


def test_of_chance_alone_hardly_anything_is_made():
    found = 0
    for seed in range(6):
        x, luck = futures(200, 30 + seed)
        box = prim(x, luck.random(200) < 0.3)
        found += bool(box.limits) and box.density > 0.6
    assert found == 0


def test_what_always_or_never_happens_has_no_box():
    x, _ = futures(50, 3)
    for cases in (np.ones(50, bool), np.zeros(50, bool)):
        assert prim(x, cases).limits == ()
