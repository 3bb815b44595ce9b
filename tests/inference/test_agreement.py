"""Agreement on categories: published values, and the order of answers in words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score

from sim.errors import KinerjaError, Problems
from sim.inference.data.scales import SCALES, in_order
from sim.inference.ratings.agreement import agreement, fleiss_kappa, krippendorff_alpha
from sim.inference.ratings.many_facet_rasch import many_facet_rasch

NAMES = {"ratee": "who", "rater": "by", "score": "score"}
KRIPPENDORFF_2011 = (
    "1 2 3 3 2 1 4 1 2 - - -",
    "1 2 3 3 2 2 4 1 2 5 - 3",
    "- 3 3 3 2 3 4 2 2 5 1 -",
    "1 2 3 3 2 4 4 1 2 5 1 -",
)
"""Krippendorff (2011), Computing Krippendorff's alpha-reliability: four observers, twelve units."""
HAYES_KRIPPENDORFF_2007 = (
    "1 1 2 - 0 0 1 1 2 2 - 0 1 3 1 1 2 1 1 0 0 0 2 0 1 0 0 1 1 1 1 2 2 3 2 2 2 2 2 1",
    "1 1 3 0 0 0 0 - 2 1 1 0 2 3 1 1 1 2 1 0 0 0 3 0 2 1 0 2 1 1 1 1 2 2 2 2 2 2 2 1",
    "2 0 3 0 0 0 2 2 2 1 0 0 2 2 1 1 2 3 0 0 1 - 3 0 - 1 0 1 2 2 0 2 - 2 2 3 2 - 2 1",
    "- 1 3 - - - - 0 - 1 0 0 2 2 - - - 3 1 - 1 0 3 0 2 1 1 2 2 - - 1 2 2 - - - 1 2 -",
    "2 - - 0 0 0 1 - 2 - - - - 3 1 1 2 - - 0 - 0 - - 2 - 0 - - 2 0 - 2 - 2 2 2 2 - 1",
)
"""Hayes and Krippendorff (2007), Answering the call for a standard reliability measure: five observers, forty units."""


def long(table: tuple[str, ...]) -> pd.DataFrame:
    rows = [
        (f"u{j:02d}", f"r{i}", int(v))
        for i, line in enumerate(table)
        for j, v in enumerate(line.split())
        if v != "-"
    ]
    return pd.DataFrame(rows, columns=["who", "by", "score"])


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (KRIPPENDORFF_2011, {"nominal": 0.743, "ordinal": 0.815, "interval": 0.849, "ratio": 0.797}),
        (HAYES_KRIPPENDORFF_2007, {"nominal": 0.477, "ordinal": 0.760, "interval": 0.757}),
    ],
)
def test_krippendorff_as_published(table: tuple[str, ...], expected: dict[str, float]) -> None:
    data = long(table)
    found = {m: krippendorff_alpha(data, **NAMES, measurement=m, draws=20)["krippendorff"] for m in expected}
    assert {m: round(a, 3) for m, a in found.items()} == expected


WORDS = {
    "predikat": ("Sangat Kurang", "Kurang", "Butuh Perbaikan", "Baik", "Sangat Baik"),
    "predikat of 2019": ("SANGAT KURANG", "kurang", "Cukup", "baik ", "Sangat  Baik"),
    "codes": ("SK", "K", "C", "B", "SB"),
    "Likert": ("Sangat Tidak Setuju", "Tidak Setuju", "Netral", "Setuju", "Sangat Setuju"),
    "Likert codes": ("STS", "TS", "N", "S", "SS"),
    "English": ("Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree"),
    "numbers as text": ("2", "3", "9", "10", "11"),
}


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_words_keep_the_order_of_their_scale(words: tuple[str, ...]) -> None:
    """By alphabet, alpha of these answers would be another number."""
    data = long(KRIPPENDORFF_2011)
    data["score"] = data["score"].map(dict(enumerate(words, start=1)))
    assert krippendorff_alpha(data, **NAMES, draws=20)["krippendorff"] == pytest.approx(0.8154, abs=5e-5)
    free = data.assign(score=pd.Categorical(data["score"]))  # categories by alphabet, without an order
    assert krippendorff_alpha(free, **NAMES, draws=20)["krippendorff"] == pytest.approx(0.8154, abs=5e-5)


def test_the_order_of_the_data_goes_before_that_of_words() -> None:
    data = long(KRIPPENDORFF_2011)
    names = ["ash", "oak", "elm", "fir", "yew"]
    data["score"] = data["score"].map(dict(enumerate(names, start=1)))
    said = pd.Categorical(data["score"], categories=names, ordered=True)
    for found in (
        krippendorff_alpha(data.assign(score=said), **NAMES, draws=20),
        krippendorff_alpha(data, **NAMES, levels=names, draws=20),
    ):
        assert found["krippendorff"] == pytest.approx(0.8154, abs=5e-5)
    with pytest.raises(Problems, match=r"ash, elm, fir, oak, yew have no order.*`levels`, lowest first"):
        krippendorff_alpha(data, **NAMES)
    assert krippendorff_alpha(data, **NAMES, measurement="nominal", draws=20)[
        "krippendorff"
    ] == pytest.approx(0.7434, abs=5e-5)
    with pytest.raises(Problems, match="have no order"):
        many_facet_rasch(data, ratee="who", rater="by", score="score")


def test_levels_that_cannot_be_ordered_are_refused() -> None:
    with pytest.raises(Problems, match="several ways: Baik = baik"):
        in_order(pd.Series(["Baik", "baik", "Kurang"]))
    with pytest.raises(Problems, match="Not among the levels given: c"):
        in_order(pd.Series(["a", "b", "c"]), ["b", "a"])
    data = long(KRIPPENDORFF_2011)
    with pytest.raises(KinerjaError, match="below zero"):
        krippendorff_alpha(data.assign(score=data["score"] - 3), **NAMES, measurement="ratio")
    with pytest.raises(KinerjaError, match="choose one of nominal, ordinal"):
        krippendorff_alpha(data, **NAMES, measurement="ordinals")


def test_known_scales_do_not_contradict_each_other() -> None:
    """Two words that stand in several scales stand in the same order in all, so that it does not matter which fits."""
    places = [{n: k for k, level in enumerate(s) for n in level.split("|")} for s in SCALES]
    for one in places:
        for other in places:
            both = sorted(one.keys() & other.keys(), key=lambda n: one[n])
            there = [other[n] for n in both]
            assert there == sorted(there), (both, there)


def test_alpha_of_what_nobody_disagrees_about_has_no_value() -> None:
    data = long(("1 1 1 1 2", "1 1 1 1 -"))
    with pytest.raises(KinerjaError, match="same value; agreement beyond chance is not defined"):
        krippendorff_alpha(data, **NAMES, draws=20)


def test_all_measures_in_one_call_as_published() -> None:
    """Gwet's handbook (and R irrCAC) on the same four raters and twelve units: pa .818, kappa .761, AC1 .775,
    Brennan-Prediger .773, alpha .743."""
    found = agreement(long(KRIPPENDORFF_2011), **NAMES, draws=100).table().set_index("coefficient")
    expected = {
        "percent": 0.818,
        "fleiss": 0.761,
        "ac": 0.775,
        "brennan_prediger": 0.773,
        "krippendorff": 0.743,
    }
    assert found["estimate"].round(3).to_dict() == expected
    assert (found["low"] < found["estimate"]).all()
    assert (found["estimate"] < found["high"]).all()


def test_two_raters_have_cohens_kappa() -> None:
    """Cohen (1968): unweighted and weighted kappa of one table, against scikit-learn."""
    rng = np.random.default_rng(1)
    a = rng.integers(1, 6, 60)
    b = np.clip(a + rng.choice([-1, 0, 0, 0, 1, 2], 60), 1, 5)
    data = pd.DataFrame({"who": np.tile([f"u{k}" for k in range(60)], 2), "by": np.repeat(["x", "y"], 60)})
    data["score"] = np.concatenate([a, b])
    for weights in ("none", "linear", "quadratic"):
        found = agreement(data, **NAMES, weights=weights, draws=50)
        other = cohen_kappa_score(a, b, weights=None if weights == "none" else weights)
        assert found["cohen"] == pytest.approx(other, rel=1e-12)
    assert found["krippendorff"] == pytest.approx(
        krippendorff_alpha(data, **NAMES, measurement="interval", draws=5)["krippendorff"], rel=1e-12
    )
    plain = agreement(data, **NAMES, draws=5)
    assert plain["fleiss"] == pytest.approx(fleiss_kappa(data, **NAMES, draws=5)["kappa"], rel=1e-12)
    assert plain["percent"] == pytest.approx((a == b).mean())


def test_levels_that_nobody_has_count_for_gwet_and_brennan_prediger() -> None:
    data = long(KRIPPENDORFF_2011)
    wide = agreement(data, **NAMES, levels=[1, 2, 3, 4, 5, 6, 7], draws=5)
    close = agreement(data, **NAMES, draws=5)
    assert wide["brennan_prediger"] == pytest.approx((0.8181818 - 1 / 7) / (1 - 1 / 7), abs=1e-6)
    assert wide["ac"] > close["ac"]
    assert wide["fleiss"] == pytest.approx(close["fleiss"])
    words = data.assign(score=data["score"].map(dict(enumerate(WORDS["Likert"], start=1))))
    assert agreement(words, **NAMES, weights="quadratic", draws=5).table()[
        "estimate"
    ].to_numpy() == pytest.approx(
        agreement(data, **NAMES, weights="quadratic", draws=5).table()["estimate"].to_numpy()
    )
    with pytest.raises(KinerjaError, match="choose one of none, linear"):
        agreement(data, **NAMES, weights="cubic")
