"""Input at the edge of what a method can use: an answer at once, a note, or a refusal in words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.errors import KinerjaError
from sim.inference.evaluation.interrupted_time_series import interrupted_time_series
from sim.inference.evaluation.panel_models import panel_models
from sim.inference.evaluation.randomised_trial import randomised_trial
from sim.inference.evaluation.staggered_did import staggered_did
from sim.inference.ratings.generalisability import g_study
from sim.inference.ratings.rater_model import rater_model

SQUARE = pd.DataFrame(
    [(f"a{i}", f"r{j}", 70.0 + 5 * ((i + j) % 4)) for i in range(4) for j in range(4)],
    columns=["who", "by", "score"],
)
"""A Latin square: ratees have the same mean, and so have raters."""


@pytest.mark.parametrize("tilt", [0.0, 1e-9, 1e-5, 1e-3])
def test_without_variance_between_ratees_no_number_of_raters_is_enough(tilt: float) -> None:
    data = SQUARE.assign(score=SQUARE["score"] + tilt * (SQUARE["who"] == "a0"))
    study = g_study(data, score="score", ratee="who", facets=["by"])
    assert study.needed() is None
    assert study.needed(absolute=True) is None
    assert "no number for ranking, no number against a standard" in study.summary(lang="en")


def test_the_number_of_raters_is_the_smallest_that_reaches_the_target() -> None:
    rng = np.random.default_rng(2)
    who, by = np.indices((30, 6)).reshape(2, -1)
    for share in (0.05, 0.3, 1.0, 3.0):
        score = share * rng.normal(size=30)[who] + 0.4 * rng.normal(size=6)[by] + rng.normal(size=180)
        data = pd.DataFrame({"who": who, "by": by + 100, "score": score})
        study = g_study(data, score="score", ratee="who", facets=["by"], intervals=False)
        for target in (0.5, 0.7, 0.9):
            for absolute in (False, True):
                n = study.needed(target, absolute=absolute)
                if n is None:
                    most = study.coefficient({"by": 100_000}, absolute=absolute, interval=False)[0]
                    assert most < target
                    continue
                values = [
                    study.coefficient({"by": k}, absolute=absolute, interval=False)[0]
                    for k in (n, max(1, n - 1))
                ]
                assert values[0] >= target
                assert n == 1 or values[1] < target


def test_wald_means_wald() -> None:
    rng = np.random.default_rng(3)
    who, by = np.indices((12, 5)).reshape(2, -1)
    data = pd.DataFrame({"who": who, "by": by + 100, "score": rng.normal(size=12)[who] + rng.normal(size=60)})
    names = {"score": "score", "ratee": "who", "rater": "by"}
    table = rater_model(data, **names, intervals="wald").table().query("part == 'sd'")
    assert set(table.loc[table["estimate"] > 0, "method"]) == {"wald"}
    inner = table[table["estimate"] > 0]
    assert np.allclose(np.log(inner["high"] / inner["estimate"]), 1.959964 * inner["se"] / inner["estimate"])
    assert set(rater_model(data, **names).table().query("part == 'sd'")["method"]) == {"profile"}
    flat = rater_model(SQUARE, **names, intervals="wald")
    assert flat.has("no_wald_interval")
    assert flat.table().query("term == 'who'")["low"].isna().all()
    with pytest.raises(KinerjaError, match='use "profile", "wald" or "none"'):
        rater_model(data, **names, intervals="walt")  # type: ignore[arg-type]


def test_a_wild_bootstrap_does_not_advise_itself() -> None:
    rng = np.random.default_rng(4)
    office = np.repeat(np.arange(8), 6)
    data = pd.DataFrame({"y": rng.normal(size=48), "arm": office % 2, "office": office})
    for inference, advised in (("cr2", True), ("wild", False)):
        found = randomised_trial(data, "y", "arm", cluster="office", inference=inference)
        said = next(n.text(lang="en") for n in found.notes if n.key == "few_clusters")
        assert ("Compare with" in said) == advised


def test_staggered_without_untreated_units_names_what_is_dropped() -> None:
    rng = np.random.default_rng(5)
    first = np.repeat([2022, 2023, 2025], 6)
    rows = [(u, t, int(t >= g), rng.normal()) for u, g in enumerate(first) for t in range(2020, 2027)]
    panel = pd.DataFrame(rows, columns=["unit", "year", "on", "y"])
    found = staggered_did(panel, "y", "unit", "year", "on", draws=1)
    said = next(n.text(lang="en") for n in found.notes if n.key == "no_comparison")
    assert "start in 2025" in said
    assert "the periods 2025, 2026" in said
    more = pd.DataFrame([(100 + u, t, 0, rng.normal()) for u in range(6) for t in range(2020, 2027)])
    whole = pd.concat([panel, more.set_axis(panel.columns, axis=1)])
    assert not staggered_did(whole, "y", "unit", "year", "on", draws=1).has("no_comparison")


def test_a_regressor_of_time_alone_is_estimated_where_it_can_be() -> None:
    rng = np.random.default_rng(6)
    unit, t = np.repeat(np.arange(20), 6), np.tile(np.arange(6), 20)
    frame = pd.DataFrame(
        {"unit": unit, "t": t, "campaign": (t % 3 == 1).astype(float), "x": rng.normal(size=120)}
    )
    frame["y"] = (
        2.0 * frame["campaign"] + 0.5 * frame["x"] + rng.normal(size=20)[unit] + 0.1 * rng.normal(size=120)
    )
    both = panel_models(frame, "y", ["campaign", "x"], "unit", "t")
    estimates = both.table().set_index(["model", "term"])["estimate"]
    for model in ("fixed", "random"):
        assert estimates[model, "campaign"] == pytest.approx(2.0, abs=0.1)
        assert estimates[model, "x"] == pytest.approx(0.5, abs=0.1)
    assert both.has("time_alone")
    assert both.hausman["df"] == 1
    assert 0 < both.mundlak["p"] < 1
    within = frame - frame.groupby("unit").transform("mean").assign(unit=0, t=0)
    least = np.linalg.lstsq(within[["campaign", "x"]].to_numpy(), within["y"].to_numpy(), rcond=None)[0]
    assert np.allclose([estimates["fixed", "campaign"], estimates["fixed", "x"]], least)
    alone = panel_models(frame, "y", ["campaign"], "unit", "t")
    assert "nan" not in alone.summary(lang="en").split("\n\n")[0].lower()
    assert "Hausman" not in alone.summary(lang="en").split("\n\n")[0]
    with pytest.raises(KinerjaError, match="campaign is the same for all units in every period"):
        panel_models(frame, "y", ["campaign", "x"], "unit", "t", time_effects=True)


def test_seasons_are_whole_and_short_years_are_fitted() -> None:
    rng = np.random.default_rng(7)
    t = np.arange(40)
    frame = pd.DataFrame(
        {"t": t, "y": 3 * np.cos(np.pi * t / 2) - 2.0 * (t >= 20) + 0.2 * rng.normal(size=40)}
    )
    for season in (0, 1, -4, 2.5, True):
        with pytest.raises(KinerjaError, match="give the periods of a year, 2 or more"):
            interrupted_time_series(frame, "y", "t", 20, season=season)  # type: ignore[arg-type]
    quarters = interrupted_time_series(frame, "y", "t", 20, season=4).table()  # was a singular matrix
    assert quarters["estimate"][0] == pytest.approx(-2.0, abs=0.3)
    for season in (2, 3, 5, 12):
        assert np.isfinite(interrupted_time_series(frame, "y", "t", 20, season=season).table()["se"]).all()


def test_an_autocorrelation_at_its_bound_is_noted() -> None:
    rng = np.random.default_rng(8)
    quiet = pd.DataFrame({"t": np.arange(60), "y": rng.normal(size=60)})
    assert not interrupted_time_series(quiet, "y", "t", 30).has("boundary")
    swing = pd.DataFrame({"t": np.arange(60), "y": np.tile([1.0, -1.0], 30) + 0.01 * rng.normal(size=60)})
    assert interrupted_time_series(swing, "y", "t", 30).has("boundary")
