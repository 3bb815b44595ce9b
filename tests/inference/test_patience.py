"""Claim: patience comes back from who gave up and who did not, whichever way a desk notices that somebody has left."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.errors import KinerjaError
from sim.inference import fit_patience

NAMES = ("waited", "left", "ktp", "queue machine")


def queue(
    n: int, mean: float = 60.0, offered: float = 25.0, seed: int = 9, *, called: bool = False
) -> pd.DataFrame:
    """Citizens of exponential patience and the waits before them; who gives up leaves, or is called in vain."""
    rng = np.random.default_rng(seed)
    patience, offer = rng.exponential(mean, n), rng.exponential(offered, n)
    left = patience < offer
    waited = offer if called else np.where(left, patience, offer)
    return pd.DataFrame({"waited": waited, "left": left.astype(int)})


@pytest.mark.parametrize("called", [False, True])
def test_the_interval_holds_the_truth(called: bool) -> None:
    """120 queues of 80 citizens: 95 % of intervals hold 60 minutes (exact 99.9 % band)."""
    seen = "when called" if called else "when they left"
    held = 0
    for seed in range(120):
        row = fit_patience(queue(80, seed=seed, called=called), *NAMES, seen=seen).table().iloc[0]
        held += row["low"] <= 60 <= row["high"]
    low, high = stats.binom.interval(0.999, 120, 0.95)
    assert low <= held <= high


def test_the_mean_of_those_who_left_would_be_wrong() -> None:
    data = queue(20_000)
    row = fit_patience(data, *NAMES).table().iloc[0]
    assert row["value"] == pytest.approx(60, rel=0.05)
    assert data.loc[data["left"] == 1, "waited"].mean() < 20
    assert (row["identified"], row["status"]) == ("yes", "D")
    late = fit_patience(queue(20_000, called=True), *NAMES).table().iloc[0]  # read as if they had left then
    assert late["value"] > 75


def test_nobody_gave_up_is_a_lower_bound() -> None:
    found = fit_patience(queue(50).assign(left=0), *NAMES)
    row = found.table().iloc[0]
    assert (row["identified"], row["side"], row["status"]) == ("bound", "lower", "A")
    assert row["value"] == pytest.approx(queue(50)["waited"].sum() / -np.log(0.05))
    assert "at least" in found.summary(lang="en")


def test_patience_of_another_shape_is_noted() -> None:
    rng = np.random.default_rng(3)
    patience, offer = 40 * rng.weibull(3, 2000), rng.exponential(40, 2000)
    left = patience < offer
    data = pd.DataFrame({"waited": np.minimum(patience, offer), "left": left.astype(int)})
    assert fit_patience(data, *NAMES).has("not_exponential")
    assert not fit_patience(queue(2000), *NAMES).has("not_exponential")


@pytest.mark.parametrize(
    ("spoil", "options", "says"),
    [
        (lambda d: d.assign(waited=-1.0), {}, "waits are negative"),
        (lambda d: d.assign(waited=0.0), {}, "nobody waited"),
        (lambda d: d.assign(left=2), {}, "neither 0 nor 1"),
        (lambda d: d.assign(left=1), {"seen": "when called"}, "nobody who waited was served"),
        (lambda d: d, {"seen": "later"}, "seen is 'later'; the choices are"),
    ],
)
def test_waits_that_say_nothing_are_refused(spoil, options, says) -> None:
    with pytest.raises(KinerjaError, match=says):
        fit_patience(spoil(queue(30)), *NAMES, **options)
