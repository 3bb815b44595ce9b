"""Claim: an interrupted series gives level and slope changes whose errors admit autocorrelation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import linalg

from sim.errors import KinerjaError
from sim.inference.evaluation.interrupted_time_series import interrupted_time_series


@pytest.fixture
def frame():
    rng = np.random.default_rng(14)
    e = rng.normal(size=40)
    for t in range(1, 40):
        e[t] += 0.5 * e[t - 1]
    t = np.arange(40)
    y = 5 + 0.1 * t - 2 * (t >= 25) + e
    return pd.DataFrame({"month": t, "y": y, "season": np.sin(2 * np.pi * t / 12), "other": 3 + 0.1 * t})


def run(frame, **options):
    return interrupted_time_series(frame, "y", "month", 25, **options)


def design(n, s):
    t = np.arange(n)
    return np.column_stack([np.ones(n), t - s, t >= s, np.maximum(t - s, 0)]).astype(float)


def test_exact_without_noise():
    t = np.arange(30)
    y = 1 + 0.5 * t - 3 * (t >= 12) - 0.25 * np.maximum(t - 12, 0) + np.resize([1e-6, -1e-6], 30)
    table = interrupted_time_series(pd.DataFrame({"m": t, "y": y}), "y", "m", 12).table().set_index("term")
    assert table.loc["level", "estimate"] == pytest.approx(-3.0, abs=1e-4)
    assert table.loc["slope", "estimate"] == pytest.approx(-0.25, abs=1e-4)
    assert table.loc["trend", "estimate"] == pytest.approx(0.5, abs=1e-4)
    assert table.loc["average", "estimate"] == pytest.approx(-3 - 0.25 * 17 / 2, abs=1e-4)
    assert table.loc["last", "estimate"] == pytest.approx(-3 - 0.25 * 17, abs=1e-4)


def test_it_is_generalised_least_squares_at_the_reml_correlation(frame):
    """Coefficients and errors equal statsmodels GLS; the correlation maximises the restricted likelihood."""
    result = run(frame)
    x, y = design(40, 25), frame["y"].to_numpy()

    def criterion(rho):
        v = linalg.toeplitz(rho ** np.arange(40)) / (1 - rho**2)
        gls = sm.GLS(y, x, sigma=v).fit()
        e = y - x @ gls.params
        inverse = np.linalg.inv(v)
        s2 = e @ inverse @ e / 36
        return 36 * np.log(s2) + np.linalg.slogdet(v)[1] + np.linalg.slogdet(x.T @ inverse @ x)[1]

    grid = np.arange(-0.5, 0.95, 0.005)
    assert result.rho == pytest.approx(grid[np.argmin([criterion(r) for r in grid])], abs=0.005)
    gls = sm.GLS(y, x, sigma=linalg.toeplitz(result.rho ** np.arange(40))).fit()
    found = result.table().set_index("term")
    assert found.loc["level", "estimate"] == pytest.approx(gls.params[2], rel=1e-6)
    assert found.loc["level", "se"] == pytest.approx(gls.bse[2], rel=1e-6)
    assert found.loc["level", "df"] < 36


def test_newey_west_is_statsmodels_and_says_it_is_too_sure(frame):
    result = run(frame, errors="newey-west")
    fit = sm.OLS(frame["y"], design(40, 25)).fit(
        cov_type="HAC", cov_kwds={"maxlags": 3, "use_correction": True}
    )
    assert result.table()["se"].iloc[0] == pytest.approx(np.asarray(fit.bse)[2], rel=1e-9)
    assert result.has("newey_west")


def test_a_control_series_takes_out_what_moved_both(frame):
    shock = np.where(frame["month"] >= 25, 4.0, 0.0)
    both = frame.assign(y=frame["y"] + shock, other=frame["other"] + shock)
    plain = run(frame.assign(y=frame["y"] - frame["other"]))
    found = run(both, control="other")
    assert found.table()["estimate"].iloc[0] == pytest.approx(plain.table()["estimate"].iloc[0])
    assert found.has("no_control_series") is False
    assert plain.has("no_control_series")


def test_season_is_taken_out(frame):
    noisy = frame.assign(y=frame["y"] + 5 * frame["season"])
    with_season, without = run(noisy, season=12).table().iloc[0], run(noisy).table().iloc[0]
    assert with_season["se"] < without["se"]


def test_short_series_are_noted(frame):
    short = frame[frame["month"].between(18, 33)]
    assert interrupted_time_series(short, "y", "month", 25).has("short_series")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda f: f[f["month"] != 7], "a period is missing"),
        (lambda f: pd.concat([f, f.iloc[[3]]]), "appears twice"),
        (lambda f: f[f["month"] > 22], "at least four on each side"),
        (lambda f: f[f["month"] < 25], "is not a value of month"),
        (lambda f: f.assign(y=2.0), "does not vary"),
        (lambda f: f.assign(y=f["y"].where(f["month"] != 3)), "is empty"),
    ],
)
def test_bad_data_are_refused(frame, make, message):
    with pytest.raises(KinerjaError, match=message):
        run(make(frame))
