"""Published numbers on public data are reproduced; each stands beside the engine that made it.

The data are not part of the project (see the data page of the documentation); without them these tests skip.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from scipy import stats

from sim.inference.data.read import read_ratings
from sim.inference.ratings.generalisability import g_study
from sim.inference.ratings.ordered_model import ordered_model
from sim.inference.ratings.rater_model import rater_model
from sim.inference.ratings.reliability import icc
from sim.paths import shared_data


@pytest.fixture(scope="module")
def folder() -> Path:
    found = shared_data()
    if found is None:
        pytest.skip("the folder of public reference data is absent (KINERJA_DATA)")
    return found


@pytest.fixture(scope="module")
def skating(folder: Path) -> pd.DataFrame:
    """Every judge's total for every performance, 2016-18 (BuzzFeed News 2018, CC BY 4.0)."""
    path = folder / "figure_skating_judge_scores.csv.gz"
    data = read_ratings(path, ratee="performance_id", rater="judge_id", score="final_score")
    # The source's published figures are adjusted for each judge's mean in short and in free programmes.
    own = data.groupby(["judge_id", "program_type"])["points_vs_avg"].transform("mean")
    return data.assign(adjusted=data["points_vs_avg"] - own)


@pytest.fixture(scope="module")
def wine(folder: Path) -> pd.DataFrame:
    """Ratings of wines by nine judges (Randall 1989)."""
    return pd.read_csv(folder / "wine.csv")


def test_buzzfeed_2018_same_country_pairs_and_welch_t(skating: pd.DataFrame) -> None:
    """Engine: the source's own notebook (pandas, scipy)."""
    same = skating.loc[skating["same_country"], "adjusted"]
    other = skating.loc[~skating["same_country"], "adjusted"]
    assert (len(skating), len(same), len(other)) == (14_680, 1305, 13_375)
    assert f"{same.mean():.3f} {other.mean():.3f} {same.mean() - other.mean():.3f}" == "3.088 -0.301 3.389"
    assert f"{stats.ttest_ind(same, other, equal_var=False).statistic:.4f}" == "37.8598"


def test_buzzfeed_2018_differences_by_programme(skating: pd.DataFrame) -> None:
    """Engine: the source's own notebook (pandas)."""
    published = {
        ("DANCE", "free"): "4.759",
        ("MEN", "free"): "4.649",
        ("PAIRS", "free"): "4.096",
        ("LADIES", "free"): "3.916",
        ("DANCE", "short"): "2.907",
        ("PAIRS", "short"): "2.565",
        ("MEN", "short"): "2.230",
        ("LADIES", "short"): "2.213",
    }
    for (discipline, kind), value in published.items():
        rows = skating[
            skating["program"].str.upper().str.contains(rf"\b{discipline}\b")
            & (skating["program_type"] == kind)
        ]
        means = rows.groupby("same_country")["adjusted"].mean()
        assert f"{means[True] - means[False]:.3f}" == value, (discipline, kind)


@pytest.mark.parametrize(
    ("kind", "slope", "se", "judge", "residual"),
    [("free", 4.162, 0.164, 1.787, 3.806), ("short", 2.356, 0.096, 0.900, 2.292)],
)
def test_skating_mixed_model_by_lme4(
    skating: pd.DataFrame, kind: str, slope: float, se: float, judge: float, residual: float
) -> None:
    """Engine: lme4, REML, final_score ~ same + (1|performance) + (1|judge)."""
    rows = skating[skating["program_type"] == kind].assign(same=lambda d: d["same_country"].astype(int))
    model = rater_model(
        rows, score="final_score", ratee="performance_id", rater="judge_id", fixed="same", intervals="none"
    )
    assert model.converged
    assert not model.singular
    found = model.fixed.loc["same"]
    assert [round(float(found["estimate"]), 3), round(float(found["se"]), 3)] == [slope, se]
    assert round(float(model.sds.loc["judge_id", "estimate"]), 3) == judge
    assert round(float(model.sds.loc["residual", "estimate"]), 3) == residual


def test_shrout_fleiss_1979_table_4(folder: Path) -> None:
    """Engine: the paper's own analysis of variance (table 2 holds the data)."""
    table = pd.read_csv(folder / "shrout_fleiss1979.csv").melt("target", var_name="judge", value_name="score")
    found = icc(table, ratee="target", rater="judge", score="score")
    published = {
        "ICC(1,1)": ".1657", "ICC(2,1)": ".2898", "ICC(3,1)": ".7148",
        "ICC(1,k)": ".4428", "ICC(2,k)": ".6201", "ICC(3,k)": ".9093",
    }  # fmt: skip
    assert {name: f"{found[name]:.4f}".lstrip("0") for name in published} == published


def test_shrout_fleiss_1979_by_variance_components(folder: Path) -> None:
    """The same numbers from our REML: agreement and consistency are the two coefficients of a G study."""
    table = pd.read_csv(folder / "shrout_fleiss1979.csv").melt("target", var_name="judge", value_name="score")
    study = g_study(table, score="score", ratee="target", facets=["judge"])
    assert f"{study.coefficient({'judge': 1}, absolute=True)[0]:.4f}" == "0.2898"
    assert f"{study.coefficient({'judge': 4})[0]:.4f}" == "0.9093"


def test_wine_by_clm(wine: pd.DataFrame) -> None:
    """Engine: R package ordinal, clm."""
    model = ordered_model(wine, score="rating", fixed="temp + contact")
    rows = model.table().set_index("term")
    assert (
        f"{rows.loc['temp[T.warm]', 'estimate']:.4f} {rows.loc['temp[T.warm]', 'se']:.4f}" == "2.5031 0.5287"
    )
    assert (
        f"{rows.loc['contact[T.yes]', 'estimate']:.4f} {rows.loc['contact[T.yes]', 'se']:.4f}"
        == "1.5278 0.4766"
    )
    cuts = rows.loc[rows["part"] == "threshold", "estimate"]
    assert [f"{c:.4f}" for c in cuts] == ["-1.3444", "1.2508", "3.4669", "5.0064"]
    assert f"{model.log_likelihood:.2f}" == "-86.49"


def test_wine_by_clmm_with_a_random_judge(wine: pd.DataFrame) -> None:
    """Engine: R package ordinal, clmm with 10-node adaptive quadrature."""
    model = ordered_model(wine, score="rating", fixed="temp + contact", rater="judge", nodes=10)
    rows = model.table().set_index("term")["estimate"]
    assert f"{rows['temp[T.warm]']:.4f} {rows['contact[T.yes]']:.4f}" == "3.0619 1.8334"
    assert rows["judge"] ** 2 == pytest.approx(1.287741, rel=2e-6)
    assert f"{model.log_likelihood:.5f}" == "-81.53246"
