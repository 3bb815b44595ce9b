"""Claim: a randomised trial is read with the right estimate and error, and bad data are refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from sim.errors import KinerjaError
from sim.inference.evaluation.randomised_trial import randomised_trial


@pytest.fixture
def trial():
    rng = np.random.default_rng(4)
    arm, x = rng.permutation(np.repeat([0, 1], [40, 20])), rng.normal(size=60)
    return pd.DataFrame(
        {
            "y": 2 + arm + x * (1 + arm) + rng.normal(size=60),
            "arm": arm,
            "x": x,
            "grade": np.tile(["II", "III", "IV"], 20),
            "office": np.repeat(np.arange(12), 5),
        }
    )


def test_difference_is_welchs(trial):
    r = randomised_trial(trial, "y", "arm").table().iloc[0]
    a, b = trial.loc[trial["arm"] == 1, "y"], trial.loc[trial["arm"] == 0, "y"]
    welch = stats.ttest_ind(a, b, equal_var=False)
    assert r["estimate"] == pytest.approx(a.mean() - b.mean())
    assert r["estimate"] / r["se"] == pytest.approx(welch.statistic, rel=1e-9)


def test_adjusted_is_lins_regression(trial):
    """Interacted, centred regression with HC2 errors, by statsmodels."""
    centred = trial["x"] - trial["x"].mean()
    design = sm.add_constant(np.column_stack([trial["arm"], centred, centred * trial["arm"]]))
    reference = sm.OLS(trial["y"], design).fit(cov_type="HC2")
    r = randomised_trial(trial, "y", "arm", covariates=["x"]).best
    assert r["estimate"] == pytest.approx(reference.params.iloc[1], rel=1e-9)
    assert r["se"] == pytest.approx(reference.bse.iloc[1], rel=1e-9)


def test_text_covariates_become_dummies_and_balance_is_shown(trial):
    result = randomised_trial(trial, "y", "arm", covariates=["x", "grade"])
    assert result.balance["term"].tolist() == ["x", "grade_III", "grade_IV"]
    on, off = trial[trial["arm"] == 1]["x"], trial[trial["arm"] == 0]["x"]
    expected = (on.mean() - off.mean()) / np.sqrt((on.var() + off.var()) / 2)
    assert result.balance["std_difference"][0] == pytest.approx(expected)


def test_missing_outcomes_are_counted_by_arm(trial):
    trial.loc[trial.index[trial["arm"] == 1][:5], "y"] = np.nan
    result = randomised_trial(trial, "y", "arm")
    assert result.n == 55
    assert result.missing.set_index("arm").loc["treated", "missing"] == 5
    assert result.has("attrition")


def test_few_clusters_are_noted_and_widen_the_interval(trial):
    arm = pd.Series([0, 1] * 6)[trial["office"]].to_numpy()
    flat = randomised_trial(trial.assign(arm=arm), "y", "arm").best
    clustered = randomised_trial(trial.assign(arm=arm), "y", "arm", cluster="office")
    assert clustered.clusters == 12
    assert clustered.has("few_clusters")
    assert clustered.best["df"] < 12 < flat["df"]


def test_it_speaks_both_languages(trial):
    result = randomised_trial(trial, "y", "arm", covariates=["x"])
    assert "Pengaruh perlakuan" in result.summary(lang="id")
    assert "The effect of treatment" in result.summary(lang="en")
    assert "," in result.summary(lang="id").split("selang")[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"arm": 1}, "0 control rows"),
        ({"arm": 2}, "neither 0 nor 1"),
        ({"y": 3.0}, "is 3 everywhere"),
        ({"y": "high"}, "not a finite number"),
        ({"x": 1.0}, "does not vary"),
    ],
)
def test_bad_data_are_refused(trial, change, message):
    with pytest.raises(KinerjaError, match=message):
        randomised_trial(trial.assign(**change), "y", "arm", covariates=["x"])


def test_other_misuse_is_refused(trial):
    with pytest.raises(KinerjaError, match="No such column"):
        randomised_trial(trial, "y", "course")
    with pytest.raises(KinerjaError, match="collinear"):
        randomised_trial(trial.assign(z=trial["x"] * 2), "y", "arm", covariates=["x", "z"])
    with pytest.raises(KinerjaError, match="name the cluster"):
        randomised_trial(trial, "y", "arm", inference="wild")
    with pytest.raises(KinerjaError, match="single cluster"):
        one = trial.assign(arm=(trial["office"] == 0).astype(int))
        randomised_trial(one, "y", "arm", cluster="office")
    with pytest.raises(KinerjaError, match="is empty"):
        randomised_trial(trial.assign(x=trial["x"].where(trial.index > 0)), "y", "arm", covariates=["x"])
