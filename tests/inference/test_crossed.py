"""The mixed-model engine is exact: against the likelihood written out in full, and against statsmodels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import optimize

from sim.errors import KinerjaError
from sim.inference.models import crossed
from sim.inference.models.crossed import CrossedModel, Term
from sim.inference.models.mixed_fit import fit
from sim.inference.models.mixed_profile import component, profile_covers, profile_deviance, profile_interval


def term(name: str, codes: np.ndarray, columns: np.ndarray | None = None) -> Term:
    levels = pd.RangeIndex(codes.max() + 1)
    if columns is None:
        return Term(name, codes, levels, np.ones((len(codes), 1)))
    return Term(name, codes, levels, columns, ("intercept", "x"))


def design(kind: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, list[Term], np.ndarray]:
    """Data of one kind of design, and covariance parameters to look at."""
    n = 40
    X = np.column_stack([np.ones(n), rng.standard_normal(n)])
    y = 50.0 + rng.standard_normal(n)
    a, b, c = (np.sort(rng.integers(0, m, n)) if m == 5 else rng.integers(0, m, n) for m in (9, 6, 5))
    a, b, c = (np.unique(v, return_inverse=True)[1] for v in (a, b, c))
    slope = np.column_stack([np.ones(n), X[:, 1]])
    terms, theta = {
        "crossed": ([term("a", a), term("b", b)], [0.7, 1.3]),
        "three": ([term("c", c), term("a", a), term("b", b)], [0.4, 0.7, 1.3]),
        "one": ([term("a", a)], [0.8]),
        "slope of the largest": ([term("a", a, slope), term("b", b)], [0.7, -0.3, 0.5, 1.1]),
        "slope of another": ([term("a", a), term("b", b, slope)], [0.7, 1.1, 0.4, 0.6]),
        "variance zero": ([term("a", a), term("b", b)], [0.0, 0.9]),
        "perfect correlation": ([term("a", a), term("b", b, slope)], [0.7, 1.1, -0.4, 0.0]),
    }[kind]
    return y, X, terms, np.array(theta)


def full(
    y: np.ndarray, X: np.ndarray, terms: list[Term], theta: np.ndarray, sigma: float, reml: bool
) -> float:
    """Minus twice the log-likelihood with the covariance of all ratings written out."""
    model = CrossedModel(y, X, terms)
    V = np.eye(len(y))
    for t, entries in zip(terms, model.stretches(theta), strict=True):
        Z, root = t.matrix().toarray(), np.kron(np.eye(len(t.levels)), t.root.matrix(entries))
        V += Z @ root @ root.T @ Z.T
    V *= sigma**2
    inverse = np.linalg.inv(V)
    beta = np.linalg.solve(X.T @ inverse @ X, X.T @ inverse @ y)
    e = y - X @ beta
    value = np.linalg.slogdet(V)[1] + e @ inverse @ e + len(y) * np.log(2 * np.pi)
    if reml:
        value += np.linalg.slogdet(X.T @ inverse @ X)[1] - X.shape[1] * np.log(2 * np.pi)
    return float(value)


KINDS = [
    "crossed",
    "three",
    "one",
    "slope of the largest",
    "slope of another",
    "variance zero",
    "perfect correlation",
]


@pytest.mark.parametrize("path", ["dense", "sparse pairs", "sparse product"])
@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_deviance_equals_the_likelihood_written_out(
    kind: str, reml: bool, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crossed, "DENSE_ABOVE", 0.0 if path == "dense" else 1.1)
    monkeypatch.setattr(crossed, "LARGEST_PAIRS", 10**6 if path == "sparse pairs" else 0)
    y, X, terms, theta = design(kind, np.random.default_rng(3))
    model = CrossedModel(y, X, terms)
    assert model.deviance(theta, reml=reml, sigma=0.9) == pytest.approx(
        full(y, X, terms, theta, 0.9, reml), abs=1e-8
    )
    profiled = optimize.minimize_scalar(
        lambda s: full(y, X, terms, theta, s, reml), bounds=(0.1, 5.0), method="bounded"
    )
    assert model.deviance(theta, reml=reml) == pytest.approx(profiled.fun, abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_predictions_and_their_errors_solve_the_mixed_model_equations(kind: str) -> None:
    y, X, terms, theta = design(kind, np.random.default_rng(4))
    model = CrossedModel(y, X, terms)
    solution = model.solve(theta)
    Z, blocks = [], []
    for t, entries in zip(terms, model.stretches(theta), strict=True):
        Z.append(t.matrix().toarray())
        blocks.append(np.kron(np.eye(len(t.levels)), t.root.matrix(entries)))
    # Spherical effects, so that singular covariances need no inverse.
    size = sum(b.shape[0] for b in blocks)
    root = np.zeros((size, size))
    at = 0
    for b in blocks:
        root[at : at + len(b), at : at + len(b)] = b
        at += len(b)
    W = np.column_stack([np.hstack(Z) @ root, X])
    C = W.T @ W + np.diag([1.0] * size + [0.0] * X.shape[1])
    inverse = np.linalg.inv(C)
    found = inverse @ W.T @ y
    np.testing.assert_allclose(solution.beta, found[size:], atol=1e-8)
    np.testing.assert_allclose(solution.covariance, solution.sigma**2 * inverse[size:, size:], atol=1e-9)
    at, x0 = 0, np.array([1.0, 0.3])
    for t in terms:
        for j in range(t.width):
            pick = np.zeros((len(t.levels), size + 2))
            pick[:, :size] = root[at + j : at + t.size : t.width]
            pick[:, size:] = x0
            effects = solution.effects(t.name, j, at=x0)
            np.testing.assert_allclose(effects.predicted, pick @ found, atol=1e-8)
            variance = solution.sigma**2 * np.einsum("ij,jk,ik->i", pick, inverse, pick)
            np.testing.assert_allclose(solution.standard_errors(effects), np.sqrt(variance), atol=1e-8)
            draws = solution.draws(effects, 10_000, np.random.default_rng(1))
            np.testing.assert_allclose(draws.mean(axis=1), pick @ found, atol=0.05)
            wanted = solution.sigma**2 * pick @ inverse @ pick.T
            np.testing.assert_allclose(np.cov(draws), wanted, atol=0.08 * max(1.0, wanted.max()))
        at += t.size
    total = np.hstack(Z) @ root @ found[:size] + X @ found[size:]
    np.testing.assert_allclose(solution.fitted(X), total, atol=1e-8)


@pytest.mark.parametrize("reml", [True, False])
def test_one_factor_agrees_with_statsmodels(reml: bool) -> None:
    """Engine: statsmodels MixedLM, run here."""
    rng = np.random.default_rng(5)
    codes = np.repeat(np.arange(25), 6)
    x = rng.standard_normal(150)
    y = 2.0 + 0.5 * x + 0.9 * rng.standard_normal(25)[codes] + rng.standard_normal(150)
    X = np.column_stack([np.ones(150), x])
    slope = np.column_stack([np.ones(150), x])
    y += 0.8 * rng.standard_normal(25)[codes] * x
    for columns in (None, slope):
        ours = fit(CrossedModel(y, X, [term("a", codes, columns)]), reml=reml)
        theirs = sm.MixedLM(y, X, groups=codes, exog_re=columns).fit(reml=reml)
        assert ours.log_likelihood == pytest.approx(theirs.llf, abs=2e-4)
        np.testing.assert_allclose(ours.solution.beta, theirs.fe_params, rtol=1e-3)
        # statsmodels takes these from the curvature of the whole likelihood: half a percent apart.
        np.testing.assert_allclose(np.diag(ours.solution.covariance), theirs.bse_fe**2, rtol=2e-2)
        assert ours.sds()["a"] == pytest.approx(float(theirs.cov_re[0, 0]) ** 0.5, rel=5e-3)


def test_balanced_crossed_design_gives_the_analysis_of_variance() -> None:
    rng = np.random.default_rng(6)
    values = (
        10
        + rng.standard_normal((12, 1))
        + 0.7 * rng.standard_normal((1, 5))
        + 0.5 * rng.standard_normal((12, 5))
    )
    a, b = (v.ravel() for v in np.indices((12, 5)))
    fitted = fit(CrossedModel(values.ravel(), np.ones((60, 1)), [term("a", a), term("b", b)]))
    rest = values - values.mean(axis=1, keepdims=True) - values.mean(axis=0) + values.mean()
    error = (rest**2).sum() / (11 * 4)
    of_a = (5 * values.mean(axis=1).var(ddof=1) - error) / 5
    of_b = (12 * values.mean(axis=0).var(ddof=1) - error) / 12
    found = np.array(list(fitted.sds().values())) ** 2
    np.testing.assert_allclose(found, [of_a, of_b, error], rtol=1e-5)
    # One mean with balanced data: Satterthwaite's degrees of freedom by hand from the mean squares.
    ms = np.array([error + 5 * of_a, error + 12 * of_b, error])
    df = (ms @ [1, 1, -1]) ** 2 / (ms**2 / np.array([11, 4, 44])).sum()
    assert fitted.degrees_of_freedom()[0] == pytest.approx(df, rel=1e-3)


def test_no_variance_is_put_at_zero_and_named() -> None:
    rng = np.random.default_rng(7)
    a, b = rng.integers(0, 20, 200), rng.integers(0, 8, 200)
    y = rng.standard_normal(20)[a] + rng.standard_normal(200)
    y -= pd.Series(y).groupby(b).transform("mean").to_numpy()
    fitted = fit(CrossedModel(y, np.ones((200, 1)), [term("a", a), term("b", b)]))
    assert fitted.boundary == ("b",)
    assert fitted.sds()["b"] == 0.0
    assert fitted.converged
    low, high = profile_interval(fitted, component(fitted.model, "b"), 0.0)
    assert low == 0.0
    assert high > 0.0


@pytest.mark.parametrize("name", ["a", "b", "b:x", "b:correlation", "residual"])
def test_profile_interval_ends_where_the_deviance_has_risen_by_384(name: str) -> None:
    rng = np.random.default_rng(8)
    n = 400
    a, b, x = rng.integers(0, 40, n), rng.integers(0, 15, n), rng.standard_normal(n)
    own = rng.multivariate_normal([0, 0], [[0.5, 0.1], [0.1, 0.3]], 15)
    y = rng.standard_normal(40)[a] + own[b, 0] + own[b, 1] * x + 0.8 * rng.standard_normal(n)
    columns = np.column_stack([np.ones(n), x])
    fitted = fit(CrossedModel(y, columns, [term("a", a), term("b", b, columns)]))
    assert fitted.converged
    quantity = component(fitted.model, name)
    estimate = fitted.sds()[name]
    low, high = profile_interval(fitted, quantity, estimate)
    assert low < estimate < high
    for end in (low, high):
        rise = profile_deviance(fitted, quantity, end)[0] - fitted.deviance
        assert rise == pytest.approx(3.8415, abs=0.01)
    assert profile_covers(fitted, quantity, low - 0.02 * (estimate - low)) is False
    assert profile_covers(fitted, quantity, low + 0.02 * (estimate - low)) is True


def test_nothing_depends_on_units_of_measurement() -> None:
    y, X, terms, _ = design("slope of another", np.random.default_rng(9))
    x = 1000.0 * X[:, 1]
    scaled = [
        terms[0],
        Term("b", terms[1].codes, terms[1].levels, np.column_stack([np.ones(40), x]), ("intercept", "x")),
    ]
    one = fit(CrossedModel(y, X, terms))
    two = fit(CrossedModel(y, np.column_stack([np.ones(40), x]), scaled))
    # REML changes by the log determinant of the change of units.
    assert two.deviance == pytest.approx(one.deviance + 2.0 * np.log(1000.0), abs=1e-4)
    assert two.sds()["b:x"] * 1000.0 == pytest.approx(one.sds()["b:x"], rel=1e-2, abs=1e-4)


def test_a_factor_too_large_is_refused_not_attempted() -> None:
    n = 26_000
    codes = np.arange(n) // 2
    with pytest.raises(KinerjaError, match="Drop a grouping factor"):
        CrossedModel(np.zeros(n), np.ones((n, 1)), [term("a", codes), term("b", codes[::-1].copy())])
