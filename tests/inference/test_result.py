"""What every result shares: prose in two languages, cautions that travel, figures on demand."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass
from typing import Any

import matplotlib.figure
import pandas as pd
import pytest

from sim.errors import KinerjaError
from sim.inference.result import Note, Result, interval, number, p_value, percent


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class Example(Result):
    def prose(self, lang: str) -> str:
        return {"id": "Hasil.", "en": "Result <b>."}[lang]

    def draw(self, ax: Any) -> None:
        ax.plot([0, 1])


def test_cautions_are_part_of_the_summary() -> None:
    plain = Example(table=pd.DataFrame({"a": [1]}))
    warned = Example(table=plain.table, notes=(Note("boundary", "di batas", "on the boundary"),))
    assert plain.summary("en") == "Result <b>."
    assert warned.summary("id") == "Hasil.\nPerhatian: di batas"
    assert warned.summary("en").endswith("Note: on the boundary")
    assert warned.has("boundary")
    assert not plain.has("boundary")
    assert "&lt;b&gt;" not in warned._repr_html_()  # the page speaks Indonesian by default
    assert "di batas" in repr(warned)
    with pytest.raises(KinerjaError, match="not known"):
        plain.summary("de")  # type: ignore[arg-type]
    with pytest.raises(FrozenInstanceError):
        plain.table = None  # type: ignore[misc]


def test_plot_uses_the_axes_it_is_given() -> None:
    ax = matplotlib.figure.Figure().subplots()
    assert Example(table=pd.DataFrame()).plot(ax) is ax
    assert len(ax.lines) == 1


def test_numbers_are_written_as_the_language_does() -> None:
    assert number(1234.5, "id") == "1.234,50"
    assert number(1234.5, "en") == "1,234.50"
    assert number(float("nan"), "id") == "–"
    assert percent(0.125, "id") == "12,5%"
    assert percent(0.125, "en") == "12.5%"
    assert interval(-1, 2.5, "id") == "(selang 95% −1,00 sampai 2,50)"
    assert interval(-1, 2.5, "en", level=0.9) == "(90% interval −1.00 to 2.50)"
    assert p_value(0.0001, "id") == "p < 0,001"
    assert p_value(0.25, "en") == "p = 0.250"
