"""Claim: CR2, its degrees of freedom and the wild bootstrap are what their papers define."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from sim.errors import KinerjaError
from sim.inference.models.clusters import fit_linear, joint_test, wild_interval


@pytest.fixture
def data():
    rng = np.random.default_rng(3)
    groups = np.repeat(np.arange(7), [3, 4, 5, 6, 7, 8, 9])
    arm = np.array([0, 1, 0, 1, 0, 1, 1.0])[groups]
    x = np.column_stack([np.ones(len(groups)), arm, rng.normal(size=len(groups))])
    y = x @ [1, 0.5, -1] + rng.normal(size=7)[groups] + rng.normal(size=len(groups))
    return y, x, groups


def test_cr2_and_its_df_equal_the_matrix_definition(data):
    """Bell & McCaffrey (2002) and Pustejovsky & Tipton (2018), written with full matrices."""
    y, x, groups = data
    bread = np.linalg.inv(x.T @ x)
    hat = x @ bread @ x.T
    e = y - hat @ y
    contrast = np.array([0.0, 1.0, 0.0])
    meat, p = np.zeros((3, 3)), []
    for g in range(7):
        i = groups == g
        values, vectors = np.linalg.eigh(np.eye(i.sum()) - hat[np.ix_(i, i)])
        adjust = vectors @ np.diag(values**-0.5) @ vectors.T
        score = x[i].T @ adjust @ e[i]
        meat += np.outer(score, score)
        p.append((np.eye(len(y)) - hat)[:, i] @ adjust @ x[i] @ bread @ contrast)
    lam = np.linalg.eigvalsh(np.array(p) @ np.array(p).T)
    fit = fit_linear(y, x, groups)
    np.testing.assert_allclose(fit.cov, bread @ meat @ bread, rtol=1e-9)
    c = fit.contrast(contrast)
    assert c.df == pytest.approx(lam.sum() ** 2 / (lam**2).sum(), rel=1e-9)
    assert c.se == pytest.approx(np.sqrt((bread @ meat @ bread)[1, 1]), rel=1e-9)
    assert (fit.influence(contrast) ** 2).sum() == pytest.approx(c.se**2, rel=1e-9)


def test_without_clusters_it_is_hc2_of_statsmodels(data):
    y, x, _ = data
    reference = sm.OLS(y, x).fit(cov_type="HC2")
    np.testing.assert_allclose(fit_linear(y, x).cov, reference.cov_params(), rtol=1e-9)


def test_degrees_of_freedom_of_two_groups_have_the_closed_form():
    """Imbens & Kolesar (2016), equation for a difference of two means."""
    n1, n0 = 5, 20
    arm = np.repeat([1.0, 0.0], [n1, n0])
    y = np.random.default_rng(1).normal(size=25)
    df = fit_linear(y, np.column_stack([np.ones(25), arm])).contrast([0, 1]).df
    expected = (n0 + n1) ** 2 * (n0 - 1) * (n1 - 1) / (n1**2 * (n1 - 1) + n0**2 * (n0 - 1))
    assert df == pytest.approx(expected, rel=1e-9)


def test_cluster_level_treatment_equals_the_test_of_cluster_means():
    """Equal sizes, treatment by cluster: CR2 is Welch's standard error on the means."""
    rng = np.random.default_rng(2)
    groups = np.repeat(np.arange(8), 5)
    arm = (np.arange(8) < 3).astype(float)
    y = rng.normal(size=8)[groups] + rng.normal(size=40)
    c = fit_linear(y, np.column_stack([np.ones(40), arm[groups]]), groups).contrast([0, 1])
    means = y.reshape(8, 5).mean(axis=1)
    a, b = means[arm == 1], means[arm == 0]
    assert c.estimate == pytest.approx(a.mean() - b.mean())
    assert c.se == pytest.approx(np.sqrt(a.var(ddof=1) / 3 + b.var(ddof=1) / 5), rel=1e-9)


def test_wild_bootstrap_equals_one_written_out(data):
    y, x, groups = data
    found = wild_interval(y, x, groups, 1, draws=199, rng=np.random.default_rng(5))
    points = np.concatenate([np.sqrt([0.5, 1.0, 1.5]), -np.sqrt([0.5, 1.0, 1.5])])
    weights = np.random.default_rng(5).choice(points, size=(199, 7))

    def t_value(outcome):
        fit = sm.OLS(outcome, x).fit()
        scores = np.array([x[groups == g].T @ fit.resid[groups == g] for g in range(7)])
        bread = np.linalg.inv(x.T @ x)
        v = bread @ scores.T @ scores @ bread * 7 / 6
        return fit.params[1] / np.sqrt(v[1, 1])

    null = sm.OLS(y, x[:, [0, 2]]).fit()
    drawn = [t_value(null.fittedvalues + w[groups] * null.resid) for w in weights]
    expected = (np.sum(np.abs(drawn) >= abs(t_value(y))) + 1) / 200
    assert found.p == pytest.approx(expected, abs=1e-12)
    assert found.low < found.estimate < found.high


def test_joint_test_of_one_estimate_is_its_t_test(data):
    y, x, groups = data
    fit = fit_linear(y, x, groups)
    f, df1, df2, p = joint_test(fit.coef[[1]], fit.influence([0, 1, 0])[:, None])
    t = fit.contrast([0, 1, 0])
    assert (df1, df2) == (1, 5)
    assert f == pytest.approx((t.estimate / t.se) ** 2, rel=1e-9)
    assert p == pytest.approx(stats.f.sf(f, 1, 5))


def test_joint_test_holds_its_level():
    """3 placebo effects, 20 clusters in two groups: 5 % of tests reject (exact 99.9 % band of 1,000)."""
    rng = np.random.default_rng(7)
    x = np.column_stack([np.ones(20), np.repeat([0.0, 1.0], 10)])
    rejected = 0
    for _ in range(1000):
        fits = [fit_linear(column, x) for column in rng.standard_normal((3, 20))]
        estimates = np.array([f.coef[1] for f in fits])
        influence = np.column_stack([f.influence([0, 1]) for f in fits])
        rejected += joint_test(estimates, influence)[3] < 0.05
    low, high = stats.binom.interval(0.999, 1000, 0.05)
    assert low <= rejected <= high


def test_a_single_cluster_on_one_side_is_refused():
    y, groups = np.random.default_rng(1).normal(size=12), np.repeat(np.arange(4), 3)
    x = np.column_stack([np.ones(12), groups == 0]).astype(float)
    with pytest.raises(KinerjaError, match="rests on a single cluster"):
        fit_linear(y, x, groups).contrast([0, 1])
    with pytest.raises(KinerjaError, match="rests on a single cluster"):
        wild_interval(y, x, groups, 1, rng=np.random.default_rng(1))


def test_one_cluster_collinear_columns_and_too_few_rows_are_refused():
    y = np.arange(6.0)
    x = np.column_stack([np.ones(6), np.arange(6)])
    with pytest.raises(KinerjaError, match="only one cluster"):
        fit_linear(y, x, np.zeros(6, int))
    with pytest.raises(KinerjaError, match="collinear"):
        fit_linear(y, np.column_stack([x, x[:, 1] * 2]))
    with pytest.raises(KinerjaError, match="cannot carry"):
        fit_linear(y[:2], x[:2])
