"""Ordered models of the predikat, and the compliance test against SE 3/2023."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, special

from sim.errors import KinerjaError, Problems
from sim.inference.models.ordinal import OrdinalModel
from sim.inference.ratings.ordered_model import ordered_model
from sim.inference.ratings.predikat_compliance import predikat_compliance
from sim.regulation import PREDIKAT, complies


def sample(n: int, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    data = pd.DataFrame({
        "x": rng.standard_normal(n), "trained": rng.integers(0, 2, n), "unit": rng.choice(["A", "B", "C"], n),
        "rater": rng.integers(0, 20, n).astype(str),
    })  # fmt: skip
    own = 0.9 * rng.standard_normal(20)[data["rater"].astype(int)]
    eta = 0.8 * data["x"] + 0.6 * data["trained"] + own
    step = rng.logistic(np.asarray(eta))[:, None]
    names = np.array(["Butuh Perbaikan", "Baik", "Sangat Baik"])
    return data.assign(predikat=names[(step > [-1.0, 1.5]).sum(axis=1)])


@pytest.mark.parametrize("family", ["cumulative", "adjacent"])
def test_score_and_information_are_derivatives(family: str) -> None:
    rng = np.random.default_rng(2)
    y, X, cluster = rng.integers(0, 4, 90), rng.standard_normal((90, 2)), rng.integers(0, 7, 90)
    model = OrdinalModel(y, 4, X, cluster, family=family, nodes=30)  # type: ignore[arg-type]
    at = np.array([-1.0, 0.3, 1.2, 0.5, -0.4, 0.8])
    state = model.evaluate(at)
    h = 1e-5 * np.eye(len(at))
    slope = [(model.evaluate(at + e).value - model.evaluate(at - e).value) / 2e-5 for e in h]
    bend = [(model.evaluate(at + e).score - model.evaluate(at - e).score) / 2e-5 for e in h]
    np.testing.assert_allclose(state.score, slope, atol=1e-6)
    np.testing.assert_allclose(state.information, -np.array(bend), atol=1e-6)


def test_errors_of_predicted_effects_hold_those_of_the_parameters() -> None:
    """The derivative of posterior means in the parameters, against differences."""
    rng = np.random.default_rng(6)
    y, X, cluster = rng.integers(0, 3, 120), rng.standard_normal((120, 1)), np.repeat(np.arange(12), 10)
    y = (X[:, 0] + rng.standard_normal(12)[cluster] + rng.logistic(size=120) > np.array([[-0.5], [1.0]])).sum(
        axis=0
    )
    model = OrdinalModel(y, 3, X, cluster, nodes=25)
    found = model.fit()
    at = np.concatenate([found.cuts, found.beta, [found.sd]])

    def means(params: np.ndarray) -> np.ndarray:
        state = model.evaluate(params)
        return params[-1] * (state.posterior * state.u).sum(axis=1)

    state = model.evaluate(at)
    own = found.sd**2 * ((state.posterior * state.u**2).sum(axis=1) - (means(at) / found.sd) ** 2)
    moves = np.array([(means(at + e) - means(at - e)) / 2e-5 for e in 1e-5 * np.eye(len(at))]).T
    expected = own + np.einsum("ij,jk,ik->i", moves, found.covariance, moves)
    np.testing.assert_allclose(found.spreads**2, expected, rtol=1e-5)


def test_profile_interval_of_the_sd_ends_where_the_deviance_has_risen_by_384() -> None:
    data = sample(400)
    model = ordered_model(data, score="predikat", fixed="x", rater="rater")
    row = model.table().set_index("term").loc["rater"]
    codes = pd.Categorical(data["predikat"], list(model.levels), ordered=True).codes.astype(np.int64)
    engine = OrdinalModel(
        codes, 3, data[["x"]].to_numpy(float), pd.factorize(data["rater"])[0].astype(np.int64)
    )
    for end in (row["low"], row["high"]):
        held = optimize.minimize(
            lambda p, end=end: -engine.evaluate(np.append(p, end)).value,
            model.params[:-1],
            jac=lambda p, end=end: -engine.evaluate(np.append(p, end)).score[:-1],
        )
        assert 2 * (model.log_likelihood + held.fun) == pytest.approx(3.8415, abs=0.02)


@pytest.mark.parametrize("family", ["cumulative", "adjacent"])
def test_marginal_likelihood_is_the_integral(family: str) -> None:
    """Against 2,000-point trapezoids over the random intercept."""
    rng = np.random.default_rng(3)
    y, X, cluster = rng.integers(0, 3, 40), rng.standard_normal((40, 1)), np.repeat(np.arange(5), 8)
    model = OrdinalModel(y, 3, X, cluster, family=family, nodes=25)  # type: ignore[arg-type]
    cuts, beta, sd = np.array([-0.5, 0.9]), np.array([0.7]), 1.1
    u = np.linspace(-8, 8, 2001)
    eta = (X @ beta)[:, None] + sd * u
    if family == "cumulative":
        reach = special.expit(np.array([-np.inf, *cuts, np.inf])[:, None, None] - eta)
        p = np.diff(reach, axis=0)[y, np.arange(40)]
    else:
        logits = np.arange(3)[:, None, None] * eta - np.concatenate([[0.0], np.cumsum(cuts)])[:, None, None]
        p = special.softmax(logits, axis=0)[y, np.arange(40)]
    weight = np.exp(-0.5 * u**2) / np.sqrt(2 * np.pi)
    expected = sum(np.log(np.trapezoid(p[cluster == c].prod(axis=0) * weight, u)) for c in range(5))
    assert model.evaluate(np.array([*cuts, *beta, sd])).value == pytest.approx(expected, abs=1e-7)


def test_fixed_and_random_agree_when_raters_do_not_differ() -> None:
    data = sample(300)
    rng = np.random.default_rng(4)
    flat = data.assign(predikat=rng.permutation(data["predikat"].to_numpy()))
    with_rater = ordered_model(flat, score="predikat", fixed="x + trained", rater="rater")
    without = ordered_model(flat, score="predikat", fixed="x + trained")
    if with_rater.table().set_index("term").loc["rater", "estimate"] < 1e-3:
        assert with_rater.has("boundary")
    assert with_rater.log_likelihood >= without.log_likelihood - 1e-6
    np.testing.assert_allclose(with_rater.slopes["estimate"], without.slopes["estimate"], atol=0.15)


def test_effects_and_mix_add_up() -> None:
    data = sample(400)
    model = ordered_model(data, score="predikat", fixed="x + trained + C(unit)", rater="rater")
    assert model.levels == ("Butuh Perbaikan", "Baik", "Sangat Baik")  # predikat need no order given
    effects = model.effects()
    assert set(effects["change"]) == {"+1", "0 → 1", "A → B", "A → C"}
    np.testing.assert_allclose(effects.groupby(["variable", "change"])["estimate"].sum(), 0.0, atol=1e-8)
    mix = model.mix()
    assert mix["share"].sum() == pytest.approx(1.0)
    observed = data["predikat"].value_counts(normalize=True)[list(model.levels)]
    np.testing.assert_allclose(mix["share"], observed, atol=0.03)
    assert ((mix["low"] < mix["share"]) & (mix["share"] < mix["high"])).all()
    # Everybody trained, against nobody: the predicted mixes differ by the marginal effect.
    top = effects[(effects["variable"] == "trained") & (effects["level"] == "Sangat Baik")]["estimate"].item()
    trained, not_trained = (model.mix(data.assign(trained=v))["share"].iloc[-1] for v in (1, 0))
    assert trained - not_trained == pytest.approx(top, abs=1e-9)
    # A measure's effect is a slope: half a unit up and down.
    slope = effects[(effects["variable"] == "x") & (effects["level"] == "Sangat Baik")]["estimate"].item()
    up, down = (model.mix(data.assign(x=data["x"] + d))["share"].iloc[-1] for d in (0.01, -0.01))
    assert (up - down) / 0.02 == pytest.approx(slope, rel=1e-3)
    some = model.effects(of="Baik")
    assert not np.allclose(some["estimate"], effects["estimate"])


def test_predicted_mix_is_averaged_over_raters() -> None:
    """Against 2,001-point trapezoids over the normal of raters, for one officer."""
    data = sample(200)
    model = ordered_model(data, score="predikat", fixed="x", rater="rater")
    rows = model.table().set_index("term")["estimate"]
    cuts, u = (
        model.table().loc[model.table()["part"] == "threshold", "estimate"].to_numpy(),
        np.linspace(-8, 8, 2001),
    )
    weight = np.exp(-0.5 * u**2) / np.sqrt(2 * np.pi)
    reach = [np.trapezoid(special.expit(c - rows["x"] * 0.7 - rows["rater"] * u) * weight, u) for c in cuts]
    found = model.mix(data.head(1).assign(x=0.7))["share"]
    np.testing.assert_allclose(found, np.diff(reach, prepend=0.0, append=1.0), atol=1e-9)


def test_severity_of_a_rater_is_lower_odds() -> None:
    data = sample(600)
    harsh = data.assign(predikat=np.where(data["rater"] == "7", "Butuh Perbaikan", data["predikat"]))
    model = ordered_model(harsh, score="predikat", fixed="x", rater="rater")
    assert model.raters is not None
    assert model.raters.set_index("rater")["estimate"].idxmax() == "7"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"predikat": "Baik"}, "All scores are equal"),
        ({"predikat": lambda d: "level " + d["predikat"].astype(str)}, "have no order"),
        ({"x": lambda d: np.where(d["predikat"] == "Sangat Baik", 5.0, -1.0)}, "x separates"),
        ({"x": 1.0}, "constant|combination"),
        ({"trained": lambda d: 2 * d["x"]}, "combination"),
    ],
)
def test_what_has_no_estimate_is_refused(change: dict[str, object], says: str) -> None:
    with pytest.raises(KinerjaError, match=says):
        ordered_model(sample(200).assign(**change), score="predikat", fixed="x + trained", rater="rater")


def test_quasi_separation_is_found_and_innocent_data_pass() -> None:
    data = sample(200)
    alone = data.assign(head=np.where(data["predikat"] == "Sangat Baik", data.index % 2, 0))
    with pytest.raises(KinerjaError, match="head separates"):
        ordered_model(alone, score="predikat", fixed="x + head")
    ordered_model(data, score="predikat", fixed="x + trained")


def test_levels_nobody_has_are_told() -> None:
    data = sample(150)
    order = ["Sangat Kurang", "Kurang", "Butuh Perbaikan", "Baik", "Sangat Baik"]
    model = ordered_model(data.assign(predikat=pd.Categorical(data["predikat"], order, ordered=True)),
                          score="predikat", fixed="x")  # fmt: skip
    assert "Kurang" in next(n.text(lang="en") for n in model.notes if n.key == "empty_levels")
    with pytest.raises(Problems, match="Not among the levels"):
        ordered_model(data, score="predikat", fixed="x", levels=["Baik", "Sangat Baik"])


def test_compliance_agrees_with_the_regulation_unit_by_unit() -> None:
    rng = np.random.default_rng(5)
    rows = [
        (f"u{u}", PREDIKAT[k])
        for u in range(12)
        for k in rng.choice(5, rng.integers(4, 40), p=[0.02, 0.03, 0.1, 0.65, 0.2])
    ]
    data = pd.DataFrame(rows, columns=["unit", "predikat"])
    data["rating"] = data["unit"].map(lambda u: ["baik", "istimewa", "butuh_perbaikan"][int(u[1:]) % 3])
    found = predikat_compliance(data, unit="unit", predikat="predikat", organisation="rating")
    for row in found.table().to_dict("records"):
        mix = [row[name] for name in PREDIKAT]
        assert row["complies"] == (complies(mix, row["organisation"]) == [])
        assert (row["steps"] == 0) == row["complies"] or np.isnan(row["steps"])
    assert found.table()["officers"].sum() == len(data)
    assert found.low <= found.share <= found.high
    assert "SE 3/2023" in found.summary(lang="id")


def test_the_published_mix_breaks_the_pattern() -> None:
    """88.46 % Baik, 11.27 % Sangat Baik (domain brief): more than 70 % Baik."""
    names = (
        ["Baik"] * 8846
        + ["Sangat Baik"] * 1127
        + ["Butuh Perbaikan"] * 11
        + ["Kurang"] * 6
        + ["Sangat Kurang"] * 10
    )
    data = pd.DataFrame({"unit": "Indonesia", "predikat": names})
    found = predikat_compliance(data, unit="unit", predikat="predikat", organisation="Baik")
    assert not found.table()["complies"].item()
    assert "70%" in found.table()["broken"].item()
    assert found.table()["steps"].item() == 8846 - 7000


def test_compliance_refuses_unknown_names_and_two_ratings() -> None:
    data = pd.DataFrame({"unit": ["a", "a"], "predikat": ["Baik", "Bagus"], "rating": ["baik", "kurang"]})
    with pytest.raises(Problems, match=r"(?s)1 values are not known \(rows 3\).*a has 2 ratings"):
        predikat_compliance(data, unit="unit", predikat="predikat", organisation="rating")
