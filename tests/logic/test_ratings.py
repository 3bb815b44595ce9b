"""Ratings restate their sources: variance shares, validity by number of raters, today's mix of predikat."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from sim.regulation import PREDIKAT, score_predikat
from sim.world.officers import LMX_TRUTH
from sim.world.ratings import (
    BERAKHLAK,
    CLOSENESS,
    PERSPECTIVE,
    RATER,
    RESIDUAL,
    TRUTH,
    Source,
    behaviour_axis,
    behaviour_items,
    composite,
    item_halo,
    judged_results,
    own_variance,
    points,
    published_mix,
    rate,
    results_weight,
    status_quo_cuts,
)

N = 400_000
SUPERIOR = Source(1.0, closeness=1.0)
DESIGNS = {
    "one superior": [SUPERIOR],
    "with peers": [replace(SUPERIOR, weight=0.6), Source(0.4, 3)],
    "all round": [replace(SUPERIOR, weight=0.5), Source(0.2), Source(0.3, 10)],
    "trained": [replace(SUPERIOR, idiosyncratic=0.6)],
    "masked pair": [replace(SUPERIOR, weight=0.5, closeness=0.5), Source(0.5)],
    "in a hurry": [replace(SUPERIOR, residual=4.0)],
}


def synthetic(sources: list[Source], shared: float, n: int = N, seed: int = 5):
    rng = np.random.default_rng(seed)
    truth = rng.standard_normal(n)
    close = LMX_TRUTH * truth + np.sqrt(1 - LMX_TRUTH**2) * rng.standard_normal(n)
    rows = [(s, *(rng.standard_normal(n) for _ in range(4))) for s in sources]
    return truth, close, rate(rows, truth, close, rng.standard_normal(n), shared)


@pytest.mark.parametrize("shared", [0.0, 0.22])
def test_one_rater_has_the_published_validity(shared):
    truth, close, y = synthetic([SUPERIOR], shared)
    assert 0.46 <= np.corrcoef(truth, y)[0, 1] <= 0.52  # closeness carries a little truth
    assert 0.46 <= np.corrcoef(truth, synthetic([Source(1.0)], shared)[2])[0, 1] <= 0.50
    assert np.corrcoef(close, y)[0, 1] == pytest.approx(0.30, abs=0.02)


def test_one_rating_has_the_published_shares():
    assert (TRUTH, RATER, RESIDUAL) == (0.23, 0.57, 0.15)
    assert TRUTH + own_variance(Source(1.0), 0.0) == pytest.approx(1.0)
    assert own_variance(Source(1.0, 1e9), 0.0) == pytest.approx(PERSPECTIVE)
    assert own_variance(SUPERIOR, 0.0) == pytest.approx(1 - TRUTH - CLOSENESS**2)
    assert 0.09 <= CLOSENESS <= 0.185


def test_four_raters_have_the_published_validity():
    # of four kinds, so that perspectives average out, too; .626 and .738 exactly
    four = [Source(0.25)] * 4
    validity = {shared: np.corrcoef(*synthetic(four, shared)[::2])[0, 1] for shared in (0.0, 0.22)}
    assert validity[0.22] == pytest.approx(np.sqrt(0.23 / (0.23 + 0.22 + 0.55 / 4)), abs=0.005)
    assert validity[0.0] == pytest.approx(np.sqrt(0.23 / (0.23 + 0.77 / 4)), abs=0.005)
    assert 0.62 <= validity[0.22] < validity[0.0] <= 0.745


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("shared", [0.0, 0.22])
def test_composites_have_the_spread_and_validity_that_their_design_says(design, shared):
    truth, _, y = synthetic(DESIGNS[design], shared)
    _, validity = composite(DESIGNS[design], shared)
    assert y.std() == pytest.approx(1.0, abs=0.01)
    assert np.corrcoef(truth, y)[0, 1] == pytest.approx(validity, abs=0.005)


def test_training_raters_masking_them_and_giving_them_time_make_ratings_truer():
    validity = {name: composite(sources, 0.0)[1] for name, sources in DESIGNS.items()}
    for better in ("with peers", "all round", "trained", "masked pair"):
        assert validity[better] > validity["one superior"] + 0.04
    assert validity["in a hurry"] < validity["one superior"] - 0.04
    training = [composite([replace(SUPERIOR, idiosyncratic=f)], 0.0)[1] for f in (1, 0.8, 0.6, 0.4)]
    assert training == sorted(training)


def test_weights_may_differ_between_officers():
    some = np.array([1.0, 0.5])
    sd, validity = composite([Source(some, closeness=1.0), Source(1 - some, np.array([1.0, 3.0]))], 0.0)
    for i, alone in enumerate([[SUPERIOR, Source(0.0)], [replace(SUPERIOR, weight=0.5), Source(0.5, 3.0)]]):
        assert (sd[i], validity[i]) == pytest.approx(composite(alone, 0.0))


def axes(n: int, seed: int = 11):
    rng = np.random.default_rng(seed)
    y = synthetic([SUPERIOR], 0.0, n)[2]
    items = behaviour_items(y, rng.standard_normal((n, len(BERAKHLAK))))
    return judged_results(y, rng.standard_normal(n)), items


def test_the_cuts_give_the_published_mix_on_a_million_ratings():
    cuts = status_quo_cuts()
    n = 1_000_000
    results, items = axes(n)
    behaviour = behaviour_axis(items)
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


def test_axes_are_as_alike_as_the_mix_demands():
    assert status_quo_cuts().correlation == pytest.approx(0.93, abs=0.02)
    results, items = axes(N)
    behaviour = behaviour_axis(items)
    assert np.corrcoef(results, behaviour)[0, 1] == pytest.approx(status_quo_cuts().correlation, abs=0.002)
    assert results.std() == pytest.approx(1, abs=0.01)
    assert behaviour.std() == pytest.approx(1, abs=0.01)


def test_seven_values_share_one_impression():
    _, items = axes(N)
    assert items.shape[1] == 7
    between = np.corrcoef(items.T)[np.triu_indices(7, 1)]
    assert between == pytest.approx(np.full(21, item_halo()), abs=0.01)
    assert 0.5 < item_halo() < 0.8


def test_points_of_today_give_todays_share_of_low_and_top_ratings():
    n = 1_000_000
    results, items = axes(n)
    for scheme in ("supervisor", "peers"):
        score = points(results, behaviour_axis(items), scheme)
        assert score.min() >= 0
        assert score.max() <= 120
        mix = np.bincount(score_predikat(score, True), minlength=5) / n
        wanted = published_mix()
        assert mix[PREDIKAT.index("sangat_baik")] == pytest.approx(wanted["sangat_baik"], abs=0.002)
        assert mix[: PREDIKAT.index("baik")].sum() == pytest.approx(
            1 - wanted["baik"] - wanted["sangat_baik"], abs=0.0003
        )
        without = np.bincount(score_predikat(score, False), minlength=5)
        assert without[PREDIKAT.index("sangat_baik")] == 0
    assert (results_weight("supervisor"), results_weight("peers")) == (0.7, 0.6)
