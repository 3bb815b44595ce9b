"""Crossed raters of the simulation give back what its world was built with; one supervisor each gives back nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.agency import load_agency
from sim.errors import KinerjaError
from sim.inference import FavouritismStudy, ratings_report
from sim.inference.ratings.identification import identification
from sim.inference.ratings.rater_model import rater_model
from sim.twin.trial import AgencyRatings
from sim.world.officers import LMX_TRUTH
from sim.world.ratings import CLOSENESS, PERSPECTIVE, SEVERITY, Source, composite, rate

SUPERIOR = Source(1.0, closeness=1.0)


def ratings(by: np.ndarray, kinds: int, seed: int = 1) -> pd.DataFrame:
    """One rating a row: officer i is rated by the raters in row i of `by`; rater j is of kind j modulo `kinds`."""
    rng = np.random.default_rng(seed)
    officers, each = by.shape
    who, rater = np.repeat(np.arange(officers), each), by.ravel()
    kind = rater % kinds
    truth, severity = rng.standard_normal(officers), rng.standard_normal(by.max() + 1)
    perspective = rng.standard_normal((officers, kinds))
    n = len(who)
    close = LMX_TRUTH * truth[who] + np.sqrt(1 - LMX_TRUTH**2) * rng.standard_normal(n)
    parts = (
        SUPERIOR,
        severity[rater],
        rng.standard_normal(n),
        perspective[who, kind],
        rng.standard_normal(n),
    )
    score = rate([parts], truth[who], close, np.zeros(n), 0.0)
    data = pd.DataFrame(
        {"officer": who, "rater": rater, "kind": kind, "close": close, "score": score, "truth": truth[who]}
    )
    mean = data.groupby("officer")["close"].transform("mean")
    names = {"officer": "o" + data["officer"].astype(str), "rater": "r" + data["rater"].astype(str)}
    return data.assign(**names, within=data["close"] - mean)


def test_crossed_raters_give_back_severity_favouritism_and_validity() -> None:
    rng = np.random.default_rng(7)
    by = np.argsort(rng.random((300, 80)), axis=1)[:, :8]
    data = ratings(by, kinds=2)
    model = rater_model(
        data, score="score", ratee="officer", rater="rater", fixed="1 + within", groups=["officer:kind"]
    )
    # Validity of one rating is what all kinds of raters agree on: truth, and the little of it in closeness.
    sd, validity = (float(v) for v in composite([SUPERIOR], 0.0))
    built = {"officer": validity, "officer:kind": np.sqrt(PERSPECTIVE) / sd, "rater": np.sqrt(SEVERITY) / sd}
    for name, value in built.items():
        row = model.sds.loc[name]
        assert abs(row["estimate"] - value) < 3.3 * row["se"], name
        assert row["se"] < 0.2 * value, name
    # Favouritism is read within officers: closeness also rises with true performance (LMX_TRUTH).
    slope = model.fixed.loc["within"]
    assert abs(slope["estimate"] - CLOSENESS / sd) < 3.3 * slope["se"]
    assert slope["low"] > 0.0
    fair = model.fair_scores.set_index("officer")["estimate"]
    actual = data.groupby("officer")["truth"].first()
    assert (
        np.corrcoef(fair, actual.loc[fair.index])[0, 1]
        > np.corrcoef(data["score"], data["truth"])[0, 1] + 0.1
    )


def test_one_supervisor_each_identifies_nothing_of_it() -> None:
    data = ratings(np.repeat(np.arange(20), 15)[:, None] @ np.ones((1, 4), dtype=int), kinds=1)
    report = identification(data, ratee="officer", rater="rater")
    table = report.table().set_index("quantity")["identified"]
    assert not table[["severity_within_parts", "severity_across_parts", "fair_scores_across_parts"]].any()
    assert "Tidak teridentifikasi" in report.summary(lang="id")
    with pytest.raises(KinerjaError, match="Severity is not identified"):
        rater_model(data, score="score", ratee="officer", rater="rater")


def test_the_report_of_the_agencys_own_appraisal_says_so(tmp_path: Path) -> None:
    """The first appraisal of an agency, one supervisor a unit, as a partner's file: the page names what is unknown."""
    rng = np.random.default_rng(3)
    data = AgencyRatings(load_agency("contoh"), kinds=("disdik",))(
        FavouritismStudy(12, 10).schedule(rng), 0.0, rng
    )
    path = tmp_path / "appraisal.csv"
    file = data.assign(officer="o" + data["person"].astype(str), head="h" + data["unit"].astype(str))
    file[["officer", "head", "outcome"]].to_csv(path, index=False)
    for lang, words in (("id", "tidak teridentifikasi"), ("en", "not identified")):
        page = ratings_report(path, "outcome", "officer", "head", tmp_path / f"{lang}.html", lang=lang)
        assert words in page.read_text(encoding="utf-8").lower()
