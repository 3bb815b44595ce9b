"""Rater models: what they mean, what they refuse, and what they say is not identified."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.errors import KinerjaError, Problems
from sim.inference.ratings.identification import identification
from sim.inference.ratings.rater_model import rater_model
from validation.ratings import crossed


@pytest.fixture(scope="module")
def ratings() -> pd.DataFrame:
    data, *_ = crossed(np.random.default_rng(1), 40, 12, 5)
    data["ratee"] = "o" + data["ratee"].astype(str).str.zfill(2)
    data["rater"] = "r" + data["rater"].astype(str).str.zfill(2)
    return data


NAMES = {"score": "score", "ratee": "ratee", "rater": "rater"}


def test_a_rater_made_more_severe_is_found_more_severe_by_as_much(ratings: pd.DataFrame) -> None:
    before = rater_model(ratings, **NAMES, intervals="none")
    harsh = ratings.assign(score=ratings["score"] - 2.0 * (ratings["rater"] == "r03"))
    after = rater_model(harsh, **NAMES, intervals="none")
    one, two = (m.severity.set_index("rater") for m in (before, after))
    assert two.index[0] == "r03"
    # Shrunken towards the mean of raters, so a little less than 2 relative to the others.
    others = one.index != "r03"
    gap = two.loc["r03", "estimate"] - two[two.index != "r03"]["estimate"].mean()
    assert gap - (one.loc["r03", "estimate"] - one[others]["estimate"].mean()) == pytest.approx(2.0, abs=0.35)
    # His ratees are not made to suffer for it: fair scores hardly move, raw means do.
    met = set(ratings.loc[ratings["rater"] == "r03", "ratee"])
    fair = after.fair_scores.set_index("ratee") - before.fair_scores.set_index("ratee")
    centred = fair["estimate"] - fair["estimate"].mean()
    assert centred[[r in met for r in fair.index]].abs().max() < 0.15
    assert fair["raw"][[r in met for r in fair.index]].max() == pytest.approx(-0.4)


def test_severity_rows_hold_together(ratings: pd.DataFrame) -> None:
    model = rater_model(ratings, **NAMES, fixed="tie")
    table = model.severity
    assert table["estimate"].is_monotonic_decreasing
    assert (table["low"] < table["estimate"]).all()
    assert (table["estimate"] < table["high"]).all()
    assert table["n"].sum() == len(ratings)
    assert table["identified"].all()
    assert model.residuals.sum() == pytest.approx(0.0, abs=1e-6)
    assert model.share("rater") + model.share("ratee") < 1.0


def test_ranks_come_with_intervals_that_hold_them(ratings: pd.DataFrame) -> None:
    ranks = rater_model(ratings, **NAMES, intervals="none").ranks(draws=500)
    assert sorted(ranks["rank"]) == list(range(1, 41))
    assert (ranks["low"] <= ranks["rank"]).mean() > 0.95
    assert (ranks["rank"] <= ranks["high"]).mean() > 0.95
    assert ranks["high"].max() <= 40
    assert ranks["low"].min() >= 1


def test_ml_and_reml_differ_as_they_should(ratings: pd.DataFrame) -> None:
    reml = rater_model(ratings, **NAMES, intervals="none")
    ml = rater_model(ratings, **NAMES, method="ml", intervals="none")
    assert ml.sds.loc["rater", "estimate"] < reml.sds.loc["rater", "estimate"]
    assert ml.log_likelihood > reml.log_likelihood


def test_nested_unit_is_part_of_the_fair_score(ratings: pd.DataFrame) -> None:
    unit = (ratings["ratee"].str[1:].astype(int) % 5).astype(str)
    lifted = ratings.assign(unit="u" + unit, score=ratings["score"] + 3.0 * (unit == "4"))
    model = rater_model(lifted, **NAMES, groups=["unit"], intervals="none")
    fair = model.fair_scores.merge(lifted[["ratee", "unit"]].drop_duplicates(), on="ratee")
    means = fair.groupby("unit")["estimate"].mean()
    assert means["u4"] - means.drop("u4").mean() == pytest.approx(3.0, abs=0.5)


def test_a_pair_seen_on_several_occasions_has_a_relationship_variance(ratings: pd.DataFrame) -> None:
    rng = np.random.default_rng(3)
    pairs = ratings[["ratee", "rater"]].drop_duplicates()
    pairs["liking"] = 0.7 * rng.standard_normal(len(pairs))
    twice = pd.concat([ratings.assign(occasion=k) for k in range(3)]).merge(pairs)
    noise = 0.5 * rng.standard_normal(len(twice))
    data = twice.assign(score=twice["score"] + twice["liking"] + noise).drop(columns="liking")
    model = rater_model(data, **NAMES, groups=["ratee:rater"], intervals="none")
    # score itself holds a residual of .6 that repeats within the pair: sqrt(.49 + .36).
    assert model.sds.loc["ratee:rater", "estimate"] == pytest.approx(0.92, abs=0.12)
    assert model.sds.loc["residual", "estimate"] == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda d: d.assign(score=3.0), "All scores are equal"),
        (lambda d: d[d["rater"] == "r01"].drop_duplicates("ratee"), "one rater only"),
        (lambda d: d[d["ratee"] == "o01"], "one ratee only"),
        (
            lambda d: pd.concat([d, d.iloc[[4, 7]]], ignore_index=True),
            r"2 rows repeat an earlier row \(rows 202, 203\)",
        ),
        (
            lambda d: d.assign(rater=d["rater"].where(d.index != 9, d["ratee"])),
            r"by the ratees themselves \(rows 11\)",
        ),
        (lambda d: d.assign(score=d["score"].astype(str)), "not numbers"),
        (lambda d: d.assign(score=d["score"].where(d.index != 5, np.inf)), "1 values are infinite"),
        (lambda d: d.drop(columns="rater"), "No such column"),
        (lambda d: d.assign(score=np.nan), "No row is complete"),
    ],
)
def test_bad_ratings_are_refused_with_the_reason(ratings: pd.DataFrame, spoil: object, says: str) -> None:
    with pytest.raises(Problems, match=says):
        rater_model(spoil(ratings), **NAMES)  # type: ignore[operator]


def test_missing_rows_are_left_out_and_told(ratings: pd.DataFrame) -> None:
    holes = ratings.assign(score=ratings["score"].where(ratings.index > 2), unit="a")
    holes.loc[holes["rater"] == "r01", "rater"] = None
    model = rater_model(holes, **NAMES, intervals="none")
    assert model.has("rows_dropped")
    assert len(model.frame) == holes[["score", "rater"]].notna().all(axis=1).sum()
    gone = ratings.assign(unit=np.where(ratings["tie"] > 0, "u1", "u2"))
    gone.loc[gone["unit"] == "u2", "score"] = np.nan
    assert rater_model(gone, **NAMES, groups=[], fixed="1", intervals="none").has("rows_dropped")
    with pytest.raises(KinerjaError, match="variance of unit is taken up by the fixed effects"):
        rater_model(gone, **NAMES, groups=["unit"], intervals="none")


def test_empty_groups_are_named(ratings: pd.DataFrame) -> None:
    data = ratings.assign(purpose=np.where(ratings["tie"] > 0, "yearly", "quarterly"))
    data.loc[data.index < 4, "purpose"] = "trial"
    data.loc[data["purpose"] == "trial", "score"] = np.nan
    model = rater_model(data, **NAMES, fixed="C(purpose)", intervals="none")
    assert "trial" in next(n.text(lang="en") for n in model.notes if n.key == "empty_groups")


def test_collinear_and_confounded_effects_are_named(ratings: pd.DataFrame) -> None:
    data = ratings.assign(copy=2.0 * ratings["tie"] + 1.0, supervisor=ratings["rater"])
    with pytest.raises(KinerjaError, match=r"Not identified: (tie|copy) is a combination"):
        rater_model(data, **NAMES, fixed="tie + copy")
    with pytest.raises(KinerjaError, match=r"variances of rater \+ supervisor cannot be separated"):
        rater_model(data, **NAMES, groups=["supervisor"])
    once = ratings.drop_duplicates("ratee")
    with pytest.raises(KinerjaError, match=r"ratee \+ residual"):
        rater_model(once, **NAMES, disconnected="assume")
    with pytest.raises(KinerjaError, match="names an outcome"):
        rater_model(data, **NAMES, fixed="score ~ tie")
    with pytest.raises(KinerjaError, match="cannot be read"):
        rater_model(data, **NAMES, fixed="tie +* 2")
    with pytest.raises(KinerjaError, match="not a grouping factor"):
        rater_model(data, **NAMES, slopes={"unit": "tie"})


def test_disconnected_parts_are_named(ratings: pd.DataFrame) -> None:
    island = ratings.assign(ratee="x" + ratings["ratee"], rater="x" + ratings["rater"])
    both = pd.concat([ratings, island], ignore_index=True)
    with pytest.raises(KinerjaError, match=r"2 parts share neither ratee nor rater.*o00.*xo00"):
        rater_model(both, **NAMES)
    report = identification(both, ratee="ratee", rater="rater")
    assert not report.connected
    assert report.severity_identified
    assert report.parts["ratees"].tolist() == [40, 40]
    told = report.table().set_index("quantity")["identified"]
    assert told["severity_within_parts"]
    assert not told["severity_across_parts"]
    assumed = rater_model(both, **NAMES, disconnected="assume", intervals="none")
    assert assumed.has("not_identified")


def test_one_supervisor_an_officer_is_not_identified() -> None:
    """As an agency does it: each unit's head rates everyone in the unit, four quarters."""
    rng = np.random.default_rng(2)
    officers, units = np.arange(60), np.arange(60) // 6
    who = np.repeat(officers, 4)
    truth, severity = rng.standard_normal(60), 0.8 * rng.standard_normal(10)
    data = pd.DataFrame({
        "officer": [f"o{i}" for i in who], "head": [f"h{units[i]}" for i in who], "quarter": np.tile(range(4), 60),
        "score": truth[who] - severity[units[who]] + 0.5 * rng.standard_normal(240),
    })  # fmt: skip
    report = identification(data, ratee="officer", rater="head")
    assert not report.severity_identified
    assert report.single_rater == 1.0
    assert "not identified" in report.summary(lang="en").lower()
    assert "tidak teridentifikasi" in report.summary(lang="id").lower()
    with pytest.raises(
        KinerjaError, match="Severity is not identified: every officer was rated by one head only"
    ):
        rater_model(data, score="score", ratee="officer", rater="head")
    model = rater_model(data, score="score", ratee="officer", rater="head", disconnected="assume")
    assert "Severity is not identified" in model.summary(lang="en")
    assert not model.severity["identified"].any()
    # With the unit in the model as well, head and unit are one and the same.
    with pytest.raises(KinerjaError, match=r"head \+ unit cannot be separated"):
        rater_model(
            data.assign(unit=data["head"].str.replace("h", "u")),
            score="score", ratee="officer", rater="head", groups=["unit"], disconnected="assume",
        )  # fmt: skip


def test_an_unidentified_slope_is_on_the_boundary_not_hidden(ratings: pd.DataFrame) -> None:
    model = rater_model(ratings, **NAMES, fixed="tie", slopes={"rater": "tie"}, intervals="none")
    assert model.converged or model.has("not_converged")
    if model.singular:
        assert model.has("boundary")


def test_summary_in_both_languages_and_figures(ratings: pd.DataFrame) -> None:
    import matplotlib.figure

    model = rater_model(ratings, **NAMES, fixed="tie")
    assert "penilai" in model.summary(lang="id")
    assert "raters" in model.summary(lang="en")
    assert "," in model.summary(lang="id").split("simpangan baku ")[1][:5]  # decimal comma
    figure = matplotlib.figure.Figure()
    ax = figure.subplots()
    assert model.plot(ax=ax) is ax.figure
    assert len(model.diagnostics().axes) == 4
    identification(ratings, ratee="ratee", rater="rater").plot(ax=matplotlib.figure.Figure().subplots())
    assert "<table" in model._repr_html_()
    with pytest.raises(ValueError, match="no language"):
        model.summary(lang="fr")
