"""Ratings restate their sources: variance shares, validity by number of raters, today's mix of predikat."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from sim.world.officers import LMX_TRUTH
from sim.world.ratings import (
    CLOSENESS,
    Source,
    composite_sd,
    published_mix,
    rate,
    status_quo_cuts,
)

N = 400_000


def synthetic(sources: list[Source], shared: float, n: int = N, seed: int = 5):
    rng = np.random.default_rng(seed)
    truth = rng.standard_normal(n)
    close = LMX_TRUTH * truth + np.sqrt(1 - LMX_TRUTH**2) * rng.standard_normal(n)
    rows = [(s, *(rng.standard_normal(n) for _ in range(4))) for s in sources]
    return truth, close, rate(rows, truth, close, rng.standard_normal(n), shared)


@pytest.mark.parametrize("shared", [0.0, 0.22])
def test_one_rater_has_the_published_validity(shared):
    truth, close, y = synthetic([Source(1.0, 1, closeness=True)], shared)
    assert 0.46 <= np.corrcoef(truth, y)[0, 1] <= 0.52  # closeness carries a little truth
    assert 0.46 <= np.corrcoef(truth, synthetic([Source(1.0)], shared)[2])[0, 1] <= 0.50
    assert np.corrcoef(close, y)[0, 1] == pytest.approx(0.30, abs=0.02)


def test_four_raters_have_the_published_validity():
    # of four kinds, so that perspectives average out, too; .626 and .738 exactly
    four = [Source(0.25)] * 4
    validity = {shared: np.corrcoef(*synthetic(four, shared)[::2])[0, 1] for shared in (0.0, 0.22)}
    assert validity[0.22] == pytest.approx(np.sqrt(0.23 / (0.23 + 0.22 + 0.55 / 4)), abs=0.005)
    assert validity[0.0] == pytest.approx(np.sqrt(0.23 / (0.23 + 0.77 / 4)), abs=0.005)
    assert 0.62 <= validity[0.22] < validity[0.0] <= 0.745


@pytest.mark.parametrize(
    "sources",
    [
        [Source(1.0, 1, closeness=True)],
        [Source(0.6, 1, closeness=True), Source(0.4, 3)],
        [Source(0.5, 1, closeness=True), Source(0.2, 1), Source(0.3, 10)],
    ],
)
@pytest.mark.parametrize("shared", [0.0, 0.22])
def test_composites_have_unit_variance_under_every_design(sources, shared):
    _, _, y = synthetic(sources, shared)
    assert y.std() == pytest.approx(1.0, abs=0.01)
    assert composite_sd(sources, shared) > 0


def test_the_cuts_give_the_published_mix_on_a_million_ratings():
    cuts = status_quo_cuts()
    rng = np.random.default_rng(11)
    n = 1_000_000
    y = synthetic([Source(1.0, 1, closeness=True)], 0.0, n)[2]
    a, b = np.sqrt(cuts.correlation), np.sqrt(1 - cuts.correlation)
    results, behaviour = (a * y + b * rng.standard_normal(n) for _ in range(2))
    share = {
        "sangat_baik": ((results > cuts.top) & (behaviour > cuts.top)).mean(),
        "butuh_perbaikan": ((results < cuts.low_results) & (behaviour >= cuts.low_behaviour)).mean(),
        "kurang": ((results >= cuts.low_results) & (behaviour < cuts.low_behaviour)).mean(),
        "sangat_kurang": ((results < cuts.low_results) & (behaviour < cuts.low_behaviour)).mean(),
    }
    share["baik"] = 1 - sum(share.values())
    for name, wanted in published_mix().items():
        band = norm.ppf(0.9999) * np.sqrt(wanted / n) + 1e-5
        assert share[name] == pytest.approx(wanted, abs=band), name


def test_axes_are_as_alike_as_the_model_says():
    assert status_quo_cuts().correlation == pytest.approx(0.93, abs=0.02)
    assert 0.09 <= CLOSENESS <= 0.185
