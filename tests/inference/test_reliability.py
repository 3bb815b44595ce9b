"""Reliability coefficients: published examples, limits, and what they refuse."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.errors import KinerjaError, Problems
from sim.inference.ratings.agreement import fleiss_kappa, krippendorff_alpha
from sim.inference.ratings.consistency import cronbach_alpha, omega
from sim.inference.ratings.generalisability import g_study
from sim.inference.ratings.reliability import icc, unit_icc

# Shrout and Fleiss (1979), table 2: six targets by four judges.
SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float
)


def long(values: np.ndarray) -> pd.DataFrame:
    n, k = values.shape
    frame = pd.DataFrame(
        {"who": [f"p{i}" for i in range(n)] * k, "by": np.repeat([f"j{i}" for i in range(k)], n)}
    )
    return frame.assign(score=values.T.ravel()).dropna()


def test_icc_intervals_of_pingouin() -> None:
    """Engine: pingouin 0.7.0, intraclass_corr (its CI95, printed to two decimals; estimates to six)."""
    table = icc(long(SHROUT_FLEISS), ratee="who", rater="by", score="score").table().set_index("coefficient")
    assert {n: (round(r.low, 2), round(r.high, 2)) for n, r in table.iterrows()} == {
        "ICC(1,1)": (-0.13, 0.72), "ICC(2,1)": (0.02, 0.76), "ICC(3,1)": (0.34, 0.95),
        "ICC(1,k)": (-0.88, 0.91), "ICC(2,k)": (0.07, 0.93), "ICC(3,k)": (0.68, 0.99),
    }  # fmt: skip


def test_icc_estimates_of_pingouin() -> None:
    """Engine: pingouin 0.7.0, intraclass_corr."""
    table = icc(long(SHROUT_FLEISS), ratee="who", rater="by", score="score").table()
    expected = [0.165742, 0.289764, 0.714841, 0.442797, 0.620051, 0.909316]
    np.testing.assert_allclose(table["estimate"], expected, atol=5e-7)


def test_icc_of_incomplete_data_by_variance_components() -> None:
    values = SHROUT_FLEISS.copy()
    values[0, 0] = np.nan
    found = icc(long(values), ratee="who", rater="by", score="score")
    assert set(found.table()["method"]) == {"reml"}
    whole = icc(long(SHROUT_FLEISS), ratee="who", rater="by", score="score")
    for name in ("ICC(2,1)", "ICC(3,1)", "ICC(3,k)"):
        assert found[name] == pytest.approx(whole[name], abs=0.03)
    assert found.raters == pytest.approx(6 / (1 / 3 + 5 / 4))
    rows = found.table()
    assert (rows["low"] < rows["estimate"]).all()
    assert (rows["estimate"] < rows["high"]).all()


def test_alpha_is_icc_3k_and_has_its_interval() -> None:
    """Cronbach's alpha of judges as items is ICC(3,k) (McGraw and Wong 1996), Feldt's interval included."""
    alpha = cronbach_alpha(pd.DataFrame(SHROUT_FLEISS)).table().iloc[0]
    reference = icc(long(SHROUT_FLEISS), ratee="who", rater="by", score="score").table().iloc[5]
    for name in ("estimate", "low", "high"):
        assert alpha[name] == pytest.approx(reference[name], rel=1e-12)


def test_omega_of_a_known_covariance() -> None:
    loadings, unique = np.array([0.9, 0.7, 0.5, 0.8]), np.array([0.4, 0.6, 0.9, 0.5])
    covariance = np.outer(loadings, loadings) + np.diag(unique)
    z = np.random.default_rng(1).standard_normal((400, 4))
    z = (z - z.mean(axis=0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(z, rowvar=False))).T
    items = pd.DataFrame(z @ np.linalg.cholesky(covariance).T)  # sample covariance exactly as given
    found = omega(items)
    assert found["omega"] == pytest.approx(
        loadings.sum() ** 2 / (loadings.sum() ** 2 + unique.sum()), abs=1e-3
    )
    assert found["omega"] >= cronbach_alpha(items)["alpha"]
    assert omega(items * 7.0 + 3.0)["omega"] == pytest.approx(found["omega"], abs=1e-6)


def test_fleiss_1971_psychiatric_example() -> None:
    """Engine: the worked example of Fleiss' kappa, 10 subjects by 14 raters: .210."""
    table = [
        [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
    ]  # fmt: skip
    rows = [(i, k, c) for i, counts in enumerate(table) for k, c in enumerate(np.repeat(range(5), counts))]
    data = pd.DataFrame(rows, columns=["who", "by", "score"])
    found = fleiss_kappa(data, ratee="who", rater="by", score="score", draws=200)
    assert f"{found['kappa']:.3f}" == "0.210"
    assert found.table()["low"].item() < 0.21 < found.table()["high"].item()


def test_krippendorff_worked_example() -> None:
    """Engine: package krippendorff, its own documented example (three coders, fifteen units)."""
    nan = np.nan
    values = np.array([
        [nan, nan, nan, nan, nan, 3, 4, 1, 2, 1, 1, 3, 3, nan, 3],
        [1, nan, 2, 1, 3, 3, 4, 3, nan, nan, nan, nan, nan, nan, nan],
        [nan, nan, 2, 1, 3, 4, 4, nan, 2, 1, 1, 3, 3, nan, 4],
    ]).T  # fmt: skip
    for measurement, expected in (("nominal", "0.691"), ("interval", "0.811")):
        found = krippendorff_alpha(
            long(values), ratee="who", rater="by", score="score", measurement=measurement, draws=50
        )
        assert f"{found['krippendorff']:.3f}" == expected


def test_unit_icc_of_equal_units_is_the_one_way_icc() -> None:
    values = SHROUT_FLEISS
    found = unit_icc(long(values), unit="who", score="score")
    other = icc(long(values), ratee="who", rater="by", score="score")
    assert found["ICC(1)"] == pytest.approx(other["ICC(1,1)"])
    assert found["ICC(2)"] == pytest.approx(other["ICC(1,k)"])


def test_g_study_says_how_many_raters() -> None:
    rng = np.random.default_rng(4)
    values = (
        3
        + rng.standard_normal((80, 1))
        + 0.5 * rng.standard_normal((1, 6))
        + 1.2 * rng.standard_normal((80, 6))
    )
    study = g_study(long(values), score="score", ratee="who", facets=["by"])
    person, judge, rest = study.table()["variance"]
    assert study.coefficient({"by": 3})[0] == pytest.approx(person / (person + rest / 3))
    assert study.coefficient({"by": 3}, absolute=True)[0] == pytest.approx(
        person / (person + (judge + rest) / 3)
    )
    n = study.needed(0.7)
    assert n is not None
    assert study.coefficient({"by": n})[0] >= 0.7 > study.coefficient({"by": n - 1})[0]
    curve = study.d_study(counts=[1, 2, 4, 8])
    assert curve["relative"].is_monotonic_increasing
    assert (curve["relative"] >= curve["absolute"]).all()
    assert (curve["relative_low"] < curve["relative"]).all()


def test_g_study_of_two_facets_matches_the_analysis_of_variance() -> None:
    rng = np.random.default_rng(5)
    shape = (15, 4, 3)
    parts = [(15, 1, 1), (1, 4, 1), (1, 1, 3), (15, 4, 1), (15, 1, 3), (1, 4, 3), shape]
    sds = [1.0, 0.7, 0.5, 0.8, 0.6, 0.4, 0.5]
    y = sum(s * rng.standard_normal(p) for s, p in zip(sds, parts, strict=True))
    i, j, k = np.indices(shape)
    data = pd.DataFrame({
        "p": np.char.add("p", i.ravel().astype(str)), "r": np.char.add("r", j.ravel().astype(str)),
        "c": np.char.add("c", k.ravel().astype(str)), "score": y.ravel(),
    })  # fmt: skip
    study = g_study(data, score="score", ratee="p", facets=["r", "c"], intervals=False)
    found = study.table().set_index("component")["variance"]
    m = {axes: y.mean(axis=tuple(a for a in range(3) if a not in axes), keepdims=True)
         for axes in [(), (0,), (1,), (2,), (0, 1), (0, 2), (1, 2)]}  # fmt: skip
    rest = y - m[0, 1] - m[0, 2] - m[1, 2] + m[(0,)] + m[(1,)] + m[(2,)] - m[()]
    error = (rest**2).sum() / (14 * 3 * 2)
    pr = 3 * ((m[0, 1] - m[(0,)] - m[(1,)] + m[()]) ** 2).sum() / (14 * 3)
    pc = 4 * ((m[0, 2] - m[(0,)] - m[(2,)] + m[()]) ** 2).sum() / (14 * 2)
    p = 12 * ((m[(0,)] - m[()]) ** 2).sum() / 14
    assert found["residual"] == pytest.approx(error, rel=1e-4)
    assert found["p:r"] == pytest.approx((pr - error) / 3, rel=1e-3)
    assert found["p:c"] == pytest.approx((pc - error) / 4, rel=1e-3)
    assert found["p"] == pytest.approx((p - pr - pc + error) / 12, rel=1e-3)
    assert study.needed(0.999) is None  # two criteria are not enough, whatever the number of raters


def test_what_cannot_be_measured_is_refused() -> None:
    data = long(SHROUT_FLEISS)
    names = {"ratee": "who", "rater": "by", "score": "score"}
    with pytest.raises(Problems, match="repeat an earlier row"):
        icc(pd.concat([data, data.head(1)]), **names)
    with pytest.raises(Problems, match="occur more than once"):
        icc(pd.concat([data, data.head(1).assign(score=1.5)]), **names)
    with pytest.raises(KinerjaError, match="agree perfectly"):
        icc(long(np.arange(5.0)[:, None] + np.array([[0.0, 2.0, 5.0]])), **names)
    with pytest.raises(KinerjaError, match="same number of ratings"):
        fleiss_kappa(data.iloc[1:], **names)
    with pytest.raises(KinerjaError, match="are equal"):
        krippendorff_alpha(data.assign(score=1), **names)
    with pytest.raises(KinerjaError, match="use icc"):
        krippendorff_alpha(long(np.random.default_rng(1).standard_normal((80, 3))), **names)
    with pytest.raises(KinerjaError, match="not a number"):
        krippendorff_alpha(data.assign(score=data["score"].map(str)), **names, measurement="interval")
    with pytest.raises(KinerjaError, match="was rated twice"):
        krippendorff_alpha(data[(data.index % 6) == (data.index // 6)], **names)
    with pytest.raises(KinerjaError, match="are equal"):
        cronbach_alpha(pd.DataFrame(SHROUT_FLEISS).assign(flat=3.0))
    with pytest.raises(KinerjaError, match="not numbers"):
        cronbach_alpha(pd.DataFrame(SHROUT_FLEISS).assign(name="x"))
    with pytest.raises(KinerjaError, match="at least three items"):
        omega(pd.DataFrame(SHROUT_FLEISS[:, :2]))
    with pytest.raises(KinerjaError, match="at least two units"):
        unit_icc(data.assign(unit="u"), unit="unit", score="score")
    once = data[(data.index % 6) == (data.index // 6)]
    with pytest.raises(KinerjaError, match="has one rating"):
        g_study(once, score="score", ratee="who", facets=["by"])
    with pytest.raises(KinerjaError, match="between 0 and 1"):
        g_study(data, score="score", ratee="who", facets=["by"], intervals=False).needed(1.0)


def test_summaries_and_figures() -> None:
    import matplotlib.figure

    for found in (
        icc(long(SHROUT_FLEISS), ratee="who", rater="by", score="score"),
        g_study(long(SHROUT_FLEISS), score="score", ratee="who", facets=["by"]),
        cronbach_alpha(pd.DataFrame(SHROUT_FLEISS)),
    ):
        assert found.summary(lang="id") != found.summary(lang="en")
        found.plot(ax=matplotlib.figure.Figure().subplots())
