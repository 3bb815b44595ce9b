"""Codes of ratees and raters, and names of columns: one rule at every door."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.errors import Problems
from sim.inference.evaluation.randomised_trial import randomised_trial
from sim.inference.evaluation.regression_to_the_mean import regression_to_the_mean
from sim.inference.evaluation.staggered_did import staggered_did
from sim.inference.evaluation.survival import time_to_close
from sim.inference.ratings.agreement import fleiss_kappa, krippendorff_alpha
from sim.inference.ratings.generalisability import g_study
from sim.inference.ratings.identification import identification
from sim.inference.ratings.many_facet_rasch import many_facet_rasch
from sim.inference.ratings.rater_errors import halo
from sim.inference.ratings.rater_model import rater_model
from sim.inference.ratings.reliability import icc, unit_icc
from sim.inference.ratings.report import ratings_report
from sim.inference.result import Result

NAMES = {"ratee": "who", "rater": "by", "score": "score"}


def numbered() -> pd.DataFrame:
    """Ratees 1-40 and raters 1-12, numbered each by itself, as in the data InstEval; 12 rows have equal numbers."""
    rng = np.random.default_rng(3)
    data = pd.DataFrame([(i, j) for i in range(1, 41) for j in range(1, 13)], columns=["who", "by"])
    effect = rng.normal(size=41)[data["who"]] + rng.normal(size=13)[data["by"]]
    return data.assign(score=np.clip(np.round(3 + effect + rng.normal(size=480)), 1, 5))


DOORS: dict[str, Callable[..., Result]] = {
    "rater_model": lambda d, **k: rater_model(d, **NAMES, intervals="none", **k),
    "g_study": lambda d, **k: g_study(d, score="score", ratee="who", facets=["by"], intervals=False, **k),
    "icc": lambda d, **k: icc(d, **NAMES, **k),
    "fleiss_kappa": lambda d, **k: fleiss_kappa(d, **NAMES, draws=5, **k),
    "krippendorff_alpha": lambda d, **k: krippendorff_alpha(d, **NAMES, draws=5, **k),
    "many_facet_rasch": lambda d, **k: many_facet_rasch(d.head(180), **NAMES, nodes=5, **k),
    "halo": lambda d, **k: halo(
        pd.concat(
            [d.assign(item="a"), d.assign(item="b", score=(d["score"] + pd.factorize(d["by"])[0]) % 5)]
        ),
        **NAMES,
        criterion="item",
        intervals=False,
        **k,
    ),
}


@pytest.mark.parametrize(
    ("door", "kind"),
    # the facets model is slow to fit, and reads text as the others do
    [
        pytest.param(door, kind, id=f"{kind.__name__}-{name}")
        for name, door in DOORS.items()
        for kind in ((int,) if name == "many_facet_rasch" else (int, str))
    ],
)
def test_numbers_that_overlap_are_not_taken_for_self_ratings(door: Callable[..., Result], kind: type) -> None:
    data = numbered().astype({"who": kind, "by": kind})
    found = door(data)
    assert found.has("same_number")
    assert any("same_codes=True" in note.text(lang="en") for note in found.notes)
    sure = door(data, same_codes=False)
    assert not sure.has("same_number")
    pd.testing.assert_frame_equal(found.table(), sure.table())
    with pytest.raises(Problems, match="ratings are by the ratees themselves"):
        door(data, same_codes=True)
    named = data.assign(who="p" + data["who"].astype(str), by="p" + data["by"].astype(str))
    with pytest.raises(Problems, match="ratings are by the ratees themselves"):
        door(named)
    assert not door(named, same_codes=False).has("same_number")


def test_the_report_follows_the_same_rule(tmp_path: Path) -> None:
    data = numbered().rename(columns={"who": "officer_code", "by": "rater_code"})

    def page(frame: pd.DataFrame, **more: bool) -> str:
        out = ratings_report(
            frame, "score", "officer_code", "rater_code", tmp_path / "r.html", lang="en", **more
        )
        return out.read_text(encoding="utf-8")

    assert "480 ratings of 40 ratees" in page(data)
    assert "In 12 rows rater and ratee have the same number" in page(data)
    assert "same number" not in page(data, same_codes=False)
    assert "468 ratings of 40 ratees" in page(data, same_codes=True)
    assert "12 self-ratings were left out" in page(data, same_codes=True)
    named = data.assign(
        officer_code="p" + data["officer_code"].astype(str), rater_code="p" + data["rater_code"].astype(str)
    )
    assert "12 self-ratings were left out" in page(named)
    assert "480 ratings of 40 ratees" in page(named, same_codes=False)


def test_numbers_of_persons_are_one_numbering() -> None:
    """Eighteen digits are nobody's numbering of a list."""
    data = numbered()
    long = data.assign(who=data["who"] + 198_001_010_000_000_000, by=data["by"] + 198_001_010_000_000_000)
    with pytest.raises(Problems, match="12 ratings are by the ratees themselves"):
        g_study(long, score="score", ratee="who", facets=["by"], intervals=False)


PANEL = pd.DataFrame(
    {"unit": np.repeat(list("abcd"), 4), "month": np.tile(range(4), 4), "y": np.arange(16.0) % 7}
)
PANEL["on"] = ((PANEL["unit"] < "c") & (PANEL["month"] > 1)).astype(int)
TWICE: dict[str, Callable[[], object]] = {
    "rater_model": lambda: rater_model(numbered(), score="score", ratee="who", rater="who"),
    "icc": lambda: icc(numbered(), score="who", ratee="who", rater="by"),
    "identification": lambda: identification(numbered(), ratee="who", rater="who"),
    "unit_icc": lambda: unit_icc(numbered(), unit="who", score="who"),
    "staggered_did": lambda: staggered_did(PANEL, "y", "unit", "unit", "on"),
    "randomised_trial": lambda: randomised_trial(PANEL, "on", "on"),
    "regression_to_the_mean": lambda: regression_to_the_mean(PANEL, "y", "y", "on"),
    "time_to_close": lambda: time_to_close(PANEL, "y", "y"),
}


@pytest.mark.parametrize("call", TWICE.values(), ids=TWICE)
def test_one_column_in_two_roles_is_told(call: Callable[[], object]) -> None:
    with pytest.raises(Problems, match="The same column is given as"):
        call()


def test_a_list_where_a_name_belongs_is_told() -> None:
    with pytest.raises(Problems, match="by: Several names stand where the name of one column belongs"):
        rater_model(numbered(), score="score", ratee="who", rater=["by"])  # type: ignore[arg-type]
    with pytest.raises(Problems, match="Several names stand"):
        staggered_did(PANEL, ["y"], "unit", "month", "on")  # type: ignore[arg-type]
    with pytest.raises(Problems, match="Several names stand"):
        time_to_close(PANEL, "y", "on", group=["unit"])  # type: ignore[arg-type]


def test_a_number_and_its_text_in_one_column_are_refused() -> None:
    data = pd.DataFrame({"days": [1.0, 2, 3, 4], "done": 1, "team": pd.Series([1, "1", 2, 2], dtype=object)})
    with pytest.raises(Problems, match='team: Holds the number 1 and the text "1"'):
        time_to_close(data, group="team")
    with pytest.raises(Problems, match='by: Holds the number 1 and the text "1"'):
        mixed = numbered().astype({"by": object})
        mixed.loc[0, "by"] = "1"
        mixed.loc[12, "by"] = 1
        rater_model(mixed, **NAMES)
