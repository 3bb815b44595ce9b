"""Claim: every result of inference has sentences in two languages, its cautions and a figure."""

from __future__ import annotations

import io
import pickle
from dataclasses import FrozenInstanceError, dataclass
from pathlib import Path
from typing import Any

import matplotlib.figure
import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from sim import load_result
from sim.errors import KinerjaError, _
from sim.inference.desk.event_log import event_log
from sim.inference.evaluation.difference_in_differences import difference_in_differences
from sim.inference.evaluation.hazard_model import hazard_model
from sim.inference.evaluation.survival import time_to_close
from sim.inference.page import Section, html_table, page
from sim.inference.ratings.consistency import cronbach_alpha
from sim.inference.ratings.rater_model import rater_model
from sim.inference.ratings.report import ratings_report
from sim.inference.result import Note, Result, forest, interval
from sim.language import speaking


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class Example(Result):
    def sentences(self) -> list[str]:
        return ["Result <b>."]

    def _draw_on(self, ax: Any) -> None:
        ax.plot([0, 1])


class Named(Example):
    def _draw_on(self, ax: Any) -> None:
        forest(ax, self.estimates, "name")


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


def test_what_a_model_saves_is_for_readers(tmp_path: Path) -> None:
    """It holds no data, so it is not read back; that was answered with "no manifest.json"."""
    folder = Example(estimates=pd.DataFrame({"a": [1.5]})).save(tmp_path / "model")
    assert sorted(path.name for path in folder.iterdir()) == ["summary.en.txt", "summary.id.txt", "table.csv"]
    with pytest.raises(KinerjaError, match="fit the model again") as found:
        load_result(folder)
    assert "model statistik" in found.value.text(lang="id")


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


NAMES = ["$$", "$_$", "_team", "$x^2$", "a_b^c"]


def test_names_that_are_markup_to_the_renderer_are_drawn_as_written(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    who, by = np.indices((8, 5)).reshape(2, -1)
    data = pd.DataFrame(
        {"who": who, "by": np.array(NAMES)[by], "score": rng.normal(size=8)[who] + rng.normal(size=40)}
    )
    figure = rater_model(data, score="score", ratee="who", rater="by").plot(lang="en")
    figure.savefig(io.BytesIO(), format="png")
    assert set(NAMES) <= {t.get_text() for t in figure.axes[0].get_yticklabels()}
    assert not any(t.get_parse_math() for t in figure.findobj(Text))

    cases = pd.DataFrame({"days": rng.exponential(5, 100), "done": 1, "team": np.resize(NAMES, 100)})
    curves = time_to_close(cases, group="team").plot(lang="en")
    curves.savefig(io.BytesIO(), format="svg")
    assert [t.get_text() for t in curves.axes[0].get_legend().get_texts()] == sorted(
        NAMES
    )  # the underscore too

    panel = pd.DataFrame(
        {"unit": np.repeat(range(10), 6), "t": np.tile(range(6), 10), "$$": rng.normal(size=60)}
    )
    panel["on"] = ((panel["unit"] < 5) & (panel["t"] > 2)).astype(int)
    result = difference_in_differences(panel, "$$", "unit", "t", "on")
    result.plot(lang="en").savefig(io.BytesIO(), format="png")
    assert "$$" in page("$$", "$$", [Section("$$", figure=result, caption="$$")])

    host = matplotlib.figure.Figure()
    left, right = host.subplots(1, 2)
    left.set_title("$x^2$")  # the owner's formula stays one
    result.plot(ax=right)
    assert left.title.get_parse_math()
    assert not right.yaxis.label.get_parse_math()
    host.savefig(io.BytesIO(), format="png")


def test_a_report_on_raters_with_such_names_is_written(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    who, by = np.indices((12, 5)).reshape(2, -1)
    data = pd.DataFrame(
        {"pegawai": who + 100, "penilai": np.array(NAMES)[by], "nilai": rng.normal(size=60) + who / 4}
    )
    out = ratings_report(data, "nilai", "pegawai", "penilai", tmp_path / "r.html", lang="en", min_size=1)
    assert "$_$" in out.read_text(encoding="utf-8")


def test_hazard_ratios_are_on_an_axis_of_plain_numbers() -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=200)
    cases = pd.DataFrame({"days": rng.exponential(np.exp(-2 * x)), "done": 1, "$x$": x})
    figure = hazard_model(cases, ["$x$"]).plot(lang="id")
    figure.savefig(io.BytesIO(), format="png")
    ticks = [t.get_text() for t in figure.axes[0].get_xticklabels()]
    assert "10" in ticks
    assert not any("$" in t for t in ticks)


def ticks_of(figure: matplotlib.figure.Figure) -> list[str]:
    """Numbers on the axes, as they are shown."""
    figure.draw_without_rendering()
    labels = [label for ax in figure.axes for label in (*ax.get_xticklabels(), *ax.get_yticklabels())]
    return [label.get_text() for label in labels]


def test_axes_have_the_decimal_mark_of_the_language() -> None:
    rng = np.random.default_rng(5)
    panel = pd.DataFrame({"unit": np.repeat(range(10), 6), "t": np.tile(range(6), 10)})
    panel["y"] = 0.2 * rng.normal(size=60)
    panel["on"] = ((panel["unit"] < 5) & (panel["t"] > 2)).astype(int)
    result = difference_in_differences(panel, "y", "unit", "t", "on")
    indonesian, english = ticks_of(result.plot(lang="id")), ticks_of(result.plot(lang="en"))
    assert [text.replace(",", ".") for text in indonesian] == english
    assert any("," in text for text in indonesian)
    assert not any("." in text for text in indonesian)


def test_a_scale_of_powers_is_written_in_full() -> None:
    """The times of an event log stood under ``$\\mathdefault{10^{-2}}$``."""
    start = pd.Timestamp("2026-01-05 08:00")
    minutes = np.geomspace(1, 20_000, 30)
    rows = [
        (c, a, start + pd.Timedelta(minutes=m))
        for c, m in enumerate(minutes)
        for a, m in (("a", 0), ("b", m))
    ]
    log = pd.DataFrame(rows, columns=["case", "activity", "time"])
    ticks = ticks_of(event_log(log, "case", "activity", "time").plot(lang="id"))
    assert {"0", "0,01", "0,1", "1", "10"} <= set(ticks)
    assert not any("$" in text for text in ticks)


def test_a_plain_grid_makes_room_for_long_names() -> None:
    table = pd.DataFrame(
        {"name": ["Kepala Bidang Pelayanan Pendaftaran"], "estimate": 0.0, "low": -1.0, "high": 1.0}
    )
    host = matplotlib.figure.Figure()
    left, right = host.subplots(1, 2)
    Named(estimates=table).plot(ax=right)
    host.draw_without_rendering()
    (label,) = right.get_yticklabels()
    assert label.get_window_extent().x0 > left.get_window_extent().x1
    host = matplotlib.figure.Figure(layout="tight")
    Named(estimates=table).plot(ax=host.subplots())
    assert "Tight" in type(host.get_layout_engine()).__name__  # its owner's choice stays
    host = matplotlib.figure.Figure()
    Named(estimates=table).plot(ax=host.add_axes((0.5, 0.5, 0.4, 0.4)))
    assert host.get_layout_engine() is None  # placed by hand: there is no grid


def test_a_name_that_is_too_long_is_broken_into_lines() -> None:
    ax = matplotlib.figure.Figure().subplots()
    table = pd.DataFrame({"name": ["Kepala " + "x" * 80, "b"], "estimate": 0.0, "low": -1.0, "high": 1.0})
    forest(ax, table, "name")
    lines = ax.get_yticklabels()[0].get_text().split("\n")
    assert max(map(len, lines)) <= 40
    assert "".join(lines).replace(" ", "") == "Kepala" + "x" * 80


@pytest.mark.parametrize("level", [95, 0, 1, -0.5, float("nan")])
def test_a_level_is_a_share(level: float) -> None:
    items = pd.DataFrame({"a": [1, 2, 3, 4, 2], "b": [1, 2, 3, 5, 3], "c": [2, 2, 3, 4, 1]})
    with pytest.raises(KinerjaError, match="share between 0 and 1"):
        cronbach_alpha(items, level=level)
