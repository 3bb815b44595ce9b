"""Claim: shares of a rating are given back from crossed ratings, and marked where a design hides them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.inference.ratings.rater_model import RaterModelResult, rater_model
from sim.inference.ratings.rater_shares import fit_rater_shares


def ratings(shares=(0.23, 0.57, 0.20), officers=250, raters=120, each=6, seed=1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"officer": np.repeat(np.arange(officers), each)})
    frame["rater"] = np.concatenate([rng.choice(raters, each, replace=False) for _ in range(officers)])
    sd = np.sqrt(shares)
    frame["score"] = sd[0] * rng.normal(size=officers)[frame["officer"]]
    frame["score"] += sd[1] * rng.normal(size=raters)[frame["rater"]] + sd[2] * rng.normal(size=len(frame))
    return frame


def fitted(frame: pd.DataFrame) -> RaterModelResult:
    return rater_model(frame, score="score", ratee="officer", rater="rater")


def test_shares_are_given_back():
    table = fit_rater_shares(fitted(ratings()), "simulated").table().set_index("row")
    for name, truth in (("truth", 0.23), ("rater", 0.57), ("residual", 0.20)):
        row = table.loc[name]
        assert row["low"] < truth < row["high"]
        assert row["high"] - row["low"] < 0.25
    assert table["value"].sum() == pytest.approx(1.0)
    assert (table["status"] == "D").all()


def test_separate_teams_of_raters_are_marked_as_not_identified():
    frame = ratings(officers=60, raters=12)
    frame["rater"] += 100 * (frame["officer"] % 2)
    model = rater_model(frame, score="score", ratee="officer", rater="rater", disconnected="assume")
    found = fit_rater_shares(model, "two offices")
    assert (found.table()["identified"] == "no").all()
    assert (found.table()["status"] == "A").all()
    assert found.has("not_identified")
