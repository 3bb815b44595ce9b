"""Claim: every result of inference has sentences in two languages, its cautions and a figure."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, dataclass
from typing import Any

import matplotlib.figure
import pandas as pd
import pytest

from sim.errors import _
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
