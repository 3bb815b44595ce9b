"""Claim: weighting, doubly robust and matching estimates and errors are those of Stata and statsmodels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from evaluation_data import cattaneo
from statsmodels.treatment.treatment_effects import TreatmentEffect

from sim.errors import KinerjaError
from sim.inference.evaluation.matching import matching
from sim.inference.evaluation.treatment_effect import fit_propensity, solve, treatment_effect

MATCHED = {"ate": (-210.0558, 29.32803), "att": (-238.5204, 30.41661)}


@pytest.mark.parametrize("effect", MATCHED)
def test_cattaneo_matching_as_stata(effect):
    """teffects nnmatch (bweight mmarried mage fage medu prenatal1) (mbsmoke), ematch(mmarried prenatal1)
    biasadj(mage fage medu): engine Stata, Abadie-Imbens robust errors."""
    result = matching(
        cattaneo(),
        "bweight",
        "mbsmoke_",
        ["mage", "fage", "medu"],
        exact=["mmarried_", "prenatal1_"],
        effect=effect,
    )
    row = result.table().iloc[1]
    assert (round(row["estimate"], 4), round(row["se"], 5)) == MATCHED[effect]
    assert result.matched["neighbours"].max() == 16


REGRESSION = {"ate": (-239.6392, 23.82402), "att": (-223.3017, 22.7422)}


@pytest.mark.parametrize("effect", REGRESSION)
def test_cattaneo_regression_adjustment_as_stata(effect):
    """teffects ra (bweight prenatal1 mmarried mage fbaby) (mbsmoke): engine Stata (statsmodels' results_teffects)."""
    data = cattaneo()
    result = treatment_effect(
        data, "bweight", "mbsmoke_", ["prenatal1_", "mmarried_", "mage", "fbaby_"], effect=effect, method="ra"
    )
    row = result.table().iloc[1]
    assert (row["estimate"], row["se"]) == pytest.approx(REGRESSION[effect], rel=1e-5)


@pytest.mark.parametrize(
    ("method", "effect"),
    [("ipw", "ate"), ("ipw", "att"), ("aipw", "ate"), ("ipw_ra", "ate"), ("ipw_ra", "att")],
)
def test_cattaneo_weighting_as_statsmodels(method, effect):
    """Point estimates and GMM standard errors of statsmodels.treatment with a logit propensity."""
    data = cattaneo().iloc[::6]
    one = np.ones((len(data), 1))
    x = np.hstack([one, data[["mmarried_", "mage", "mage2", "fbaby_", "medu"]].to_numpy(float)])
    z = np.hstack([one, data[["prenatal1_", "mmarried_", "mage", "fbaby_"]].to_numpy(float)])
    arm, y = data["mbsmoke_"].to_numpy(), data["bweight"].to_numpy(float)
    logit = sm.Logit(arm, x).fit(disp=False, tol=1e-12)
    reference = getattr(TreatmentEffect(sm.OLS(y, z), arm, results_select=logit), method)
    expected = reference() if effect == "ate" else reference(effect_group=1)
    gamma = fit_propensity(arm, x)
    np.testing.assert_allclose(gamma, logit.params, rtol=1e-5)
    estimate, se = solve(y, arm, z, x, gamma, effect, method)
    assert estimate == pytest.approx(expected.effect[0], rel=1e-6)
    assert se == pytest.approx(expected.results_gmm.bse[0], rel=2e-3)


@pytest.fixture
def chosen():
    rng = np.random.default_rng(16)
    x = rng.normal(size=(400, 2))
    arm = (rng.random(400) < 1 / (1 + np.exp(-x[:, 0]))).astype(int)
    y = 1 + x @ [1, 1] + arm + rng.normal(size=400)
    return pd.DataFrame({"y": y, "arm": arm, "a": x[:, 0], "b": x[:, 1], "unit": np.tile(list("pqrs"), 100)})


def test_doubly_robust_survives_one_wrong_model(chosen):
    """A cubic outcome that the linear outcome model misses: the weights save the estimate."""
    curved = chosen.assign(y=chosen["y"] + chosen["a"] ** 3 / 3)
    right = treatment_effect(curved, "y", "arm", ["a", "b"], method="aipw").table().iloc[1]
    wrong = treatment_effect(curved, "y", "arm", ["a", "b"], method="ra").table().iloc[1]
    assert abs(right["estimate"] - 1) < 3 * right["se"]
    assert abs(right["estimate"] - 1) < abs(wrong["estimate"] - 1)


def test_weights_balance_what_they_should(chosen):
    result = treatment_effect(chosen, "y", "arm", ["a", "b"], method="ipw")
    assert result.balance["std_difference"].abs().max() > 0.5
    assert result.balance["weighted_std_difference"].abs().max() < 0.15
    assert result.effective["treated"] == pytest.approx((chosen["arm"] == 1).sum())
    assert result.effective["control"] < (chosen["arm"] == 0).sum()


def test_matching_by_hand():
    """Two treated at 1 and 4; the nearest controls at 1 (y 5) and the tie at 3 and 5 (y 1 and 3)."""
    frame = pd.DataFrame(
        {"y": [7.0, 6.0, 8.0, 5.0, 1.0, 3.0, 9.0], "d": [1, 1, 1, 0, 0, 0, 0], "x": [1.0, 4, 9, 1, 3, 5, 9]}
    )
    result = matching(frame, "y", "d", ["x"], adjust=False)
    assert result.table()["estimate"][1] == pytest.approx(((7 - 5) + (6 - 2) + (8 - 9)) / 3)
    assert result.matched["neighbours"].tolist() == [1, 2, 1]


def test_exact_matching_counts_who_has_no_counterpart(chosen):
    alone = chosen.assign(unit=np.where((chosen["arm"] == 1) & (chosen["a"] > 1), "z", chosen["unit"]))
    result = matching(alone, "y", "arm", ["a", "b"], exact=["unit"])
    assert result.has("unmatched")
    assert len(result.matched) == ((alone["arm"] == 1) & (alone["unit"] != "z")).sum()


def test_poor_overlap_is_noted(chosen):
    keen = chosen.assign(arm=(chosen["a"] + np.random.default_rng(1).normal(size=400) / 3 > 0).astype(int))
    assert treatment_effect(keen, "y", "arm", ["a", "b"]).has("overlap")


@pytest.mark.parametrize("method", [treatment_effect, matching])
def test_bad_data_are_refused(chosen, method):
    with pytest.raises(KinerjaError, match="at least one"):
        method(chosen, "y", "arm", [])
    with pytest.raises(KinerjaError, match="0 untreated rows"):
        method(chosen.assign(arm=1), "y", "arm", ["a"])
    with pytest.raises(KinerjaError, match="nothing to compare"):
        method(chosen.assign(y=1.0), "y", "arm", ["a"])
    with pytest.raises(KinerjaError, match="repeat one another"):
        method(chosen.assign(c=chosen["a"] * 3), "y", "arm", ["a", "c"])


def test_perfect_separation_is_refused(chosen):
    separated = chosen.assign(arm=(chosen["a"] > 0).astype(int))
    with pytest.raises(KinerjaError, match="separate treated from untreated perfectly"):
        treatment_effect(separated, "y", "arm", ["a", "b"])
    with pytest.raises(KinerjaError, match="no case has 1 counterparts"):
        matching(chosen.assign(unit=chosen["arm"].astype(str)), "y", "arm", ["a"], exact=["unit"])
