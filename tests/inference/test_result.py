"""Claim: every result of inference has sentences in two languages, its cautions and a figure."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, dataclass
from typing import Any

import matplotlib.figure
import numpy as np
import pandas as pd
import pytest

from sim.errors import _
from sim.inference.evaluation.difference_in_differences import difference_in_differences
from sim.inference.page import html_table
from sim.inference.ratings.rater_model import rater_model
from sim.inference.result import Note, Result, interval
from sim.language import speaking


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class Example(Result):
    def sentences(self) -> list[str]:
        return ["Result <b>."]

    def _draw_on(self, ax: Any) -> None:
        ax.plot([0, 1])


def test_cautions_are_part_of_the_summary() -> None:
    plain = Example(estimates=pd.DataFrame({"a": [1]}))
    warned = Example(estimates=plain.table(), notes=(Note("boundary", _("the results")),))
    assert plain.summary(lang="en").sentences == ("Result <b>.",)
    assert warned.summary(lang="en").sentences == ("Result <b>.", "Note: the results")
    assert warned.has("boundary")
    assert not plain.has("boundary")
    assert "&lt;b&gt;" in warned._repr_html_()
    assert "Note: the results" in repr(warned)
    assert pickle.loads(pickle.dumps(warned.notes)) == warned.notes
    with pytest.raises(ValueError, match="no language"):
        plain.summary(lang="de")
    with pytest.raises(FrozenInstanceError):
        plain.estimates = None  # type: ignore[misc, assignment]


def test_plot_uses_the_axes_it_is_given() -> None:
    ax = matplotlib.figure.Figure().subplots()
    assert Example(estimates=pd.DataFrame()).plot(ax=ax) is ax.figure
    assert len(ax.lines) == 1
    assert Example(estimates=pd.DataFrame()).plot()._repr_png_().startswith(b"\x89PNG")  # type: ignore[attr-defined]


def test_an_interval_is_written_as_the_language_does() -> None:
    with speaking("id"):
        assert interval(-1, 2.5) == "(selang kepercayaan 95% −1,00 sampai 2,50)"
    with speaking("en"):
        assert interval(-1, 2.5, level=0.9) == "(90% confidence interval −1.00 to 2.50)"


def test_tiny_numbers_are_not_shown_as_zero() -> None:
    """An outcome of size 1e-9 showed "-0.000000, p = 0.005"."""
    rng = np.random.default_rng(1)
    unit, month = np.indices((20, 8)).reshape(2, -1)
    frame = pd.DataFrame({"unit": unit, "month": month, "treated": ((unit < 10) & (month > 3)).astype(int)})
    y = rng.normal(size=20)[unit] + rng.normal(size=160) - 1.5 * frame["treated"]
    for size, name in ((1e-9, "e-9"), (1e-6, "e-6"), (1e-12, "e-12")):
        tiny = difference_in_differences(frame.assign(y=size * y), "y", "unit", "month", "treated")
        line = tiny.summary(lang="en").sentences[0]
        assert f"{name} (95% confidence interval −" in line, line
        assert "0.000" not in line.split(", p")[0]
        cells = html_table(tiny.table()[["term", "estimate", "se", "low", "high"]], lang="id")
        assert cells.count("e-") >= 4
    plain = difference_in_differences(frame.assign(y=y), "y", "unit", "month", "treated")
    assert "e-" not in plain.summary(lang="en").sentences[0]
    ratings = frame.rename(columns={"unit": "who", "month": "by"}).assign(
        by=lambda d: d["by"] + 50, score=1e-9 * y
    )
    said = rater_model(ratings, score="score", ratee="who", rater="by", fixed="treated").summary(lang="en")
    assert "(standard deviation 0.00)" not in said
    assert "e-9" in said.sentences[1]
