"""Claim: panel estimates are those of published software; organisations of the UK civil service as data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from evaluation_data import shared

from sim.errors import KinerjaError
from sim.inference.evaluation.panel_models import panel_models


@pytest.fixture
def grunfeld():
    """Grunfeld's ten large firms (statsmodels' copy has an eleventh, which R's plm leaves out)."""
    data = sm.datasets.grunfeld.load_pandas().data
    return data[data["firm"] != "American Steel"]


def test_grunfeld_as_r_plm(grunfeld):
    """Within .110124, .310065; random (Swamy-Arora) .109781, .308113; phtest 2.3304, p .3119: engine R plm."""
    result = panel_models(grunfeld, "invest", ["value", "capital"], "firm", "year")
    estimates = result.table().set_index(["model", "term"])["estimate"].round(6)
    assert estimates.tolist() == [0.110124, 0.310065, 0.109781, 0.308113]
    assert result.hausman["statistic"] == pytest.approx(2.3304, abs=5e-5)
    assert result.hausman["p"] == pytest.approx(0.3119, abs=5e-5)
    assert result.hausman["df"] == 2


def test_correlated_effects_are_found_by_both_hausman_tests():
    rng = np.random.default_rng(15)
    unit = np.repeat(np.arange(40), 6)
    level = rng.normal(size=40)
    x = rng.normal(size=240) + level[unit]
    frame = pd.DataFrame({"u": unit, "t": np.tile(np.arange(6), 40), "x": x, "y": x + 2 * level[unit]})
    frame["y"] += rng.normal(size=240)
    result = panel_models(frame, "y", ["x"], "u", "t")
    assert result.hausman["p"] < 0.001
    assert result.mundlak["p"] < 0.001
    assert "fixed effects are needed" in result.summary(lang="en")


def test_period_effects_take_out_common_shocks(grunfeld):
    shock = grunfeld["year"].map(lambda y: 100 * np.sin(y))
    plain = panel_models(grunfeld, "invest", ["value"], "firm", "year", time_effects=True)
    shocked = panel_models(
        grunfeld.assign(invest=grunfeld["invest"] + shock),
        "invest",
        ["value"],
        "firm",
        "year",
        time_effects=True,
    )
    np.testing.assert_allclose(plain.table()["estimate"][:1], shocked.table()["estimate"][:1], rtol=1e-8)


def test_unbalanced_panels_are_read(grunfeld):
    result = panel_models(
        grunfeld.drop(grunfeld.index[[0, 25, 77]]), "invest", ["value", "capital"], "firm", "year"
    )
    assert result.rows == 197
    assert result.table()["estimate"].notna().all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda f: pd.concat([f, f.iloc[[0]]]), "duplicate unit-period"),
        (
            lambda f: f.assign(value=f.groupby("firm")["value"].transform("mean")),
            "never changes within a unit",
        ),
        (lambda f: f.assign(invest=f.groupby("firm")["invest"].transform("mean")), "never changes within"),
        (lambda f: f[f["firm"].isin(f["firm"].unique()[:2])], "at least three"),
        (lambda f: f.assign(capital=f["value"] * 2), "collinear"),
    ],
)
def test_bad_data_are_refused(grunfeld, make, message):
    with pytest.raises(KinerjaError, match=message):
        panel_models(make(grunfeld), "invest", ["value", "capital"], "firm", "year")


def test_csps_engagement_benchmark_2009_2022():
    """UK Civil Service People Survey, data/README: the benchmark as published."""
    benchmarks = pd.read_parquet(shared("csps_benchmarks.parquet"))
    index = benchmarks[benchmarks["question_measure"].str.contains("ngagement index", na=False)]
    index = index[index["obj"].str.endswith("_csbm") & (index["obj_year"] >= index["year"])]
    first_published = (
        index.sort_values("obj_year").drop_duplicates("year").set_index("year")["value"].sort_index()
    )
    published = [58, 56, 56, 58, 58, 59, 58, 59, 61, 62, 63, 66, 65.72, 64.58]
    assert first_published.loc[2009:2022].round(2).tolist() == published
    assert len(benchmarks) == 24_094
    assert len(pd.read_parquet(shared("csps_organisation_scores_2009_2024.parquet"))) == 151_495


def test_csps_organisations_with_fairer_appraisal_are_more_engaged():
    """The panel model on real organisations: engagement on 'my performance is evaluated fairly', 2016-2022."""
    scores = pd.read_parquet(shared("csps_organisation_scores_2009_2024.parquet"))
    scores = scores[scores["obj_year"].between(2016, 2022) & scores["org_code"].notna()]
    engagement = scores[scores["question_measure"].str.contains("mployee engagement index", na=False)]
    fair = scores[scores["question_measure"].str.contains("performance is evaluated fairly", na=False)]
    both = engagement.merge(fair, on=["org_code", "obj_year"], suffixes=("", "_fair")).drop_duplicates(
        ["org_code", "obj_year"]
    )
    assert both["org_code"].nunique() > 80
    result = panel_models(
        both.rename(columns={"value_fair": "fair"}),
        "value",
        ["fair"],
        "org_code",
        "obj_year",
        time_effects=True,
    )
    row = result.table().iloc[0]
    assert 0 < row["low"] < row["estimate"] < 1
