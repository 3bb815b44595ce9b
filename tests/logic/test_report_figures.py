"""Claim: figures draw the numbers they say they draw, legibly, in both languages, and touch nobody's settings."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from itertools import combinations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from report_sample import comparison

from sim.calibration import CalibrationResult
from sim.calibration.figure import calibration
from sim.calibration.targets import FIT
from sim.errors import KinerjaError
from sim.language import LANGUAGES, catalogue
from sim.levers.policy import Policy
from sim.report import style
from sim.study.compare import estimates
from sim.study.compare import figure as figures
from sim.study.compare.contributions import ContributionsResult
from sim.study.compare.figure.looks import looks
from sim.study.compare.result import CompareResult

LONG = (
    "Umpan balik warga bulanan dengan papan nilai terbuka",
    "Pelatihan TIK",
    "Pelatihan kepemimpinan dan pendampingan",
    "Penilaian 360 derajat",
    "Inspeksi mendadak",
    "Layanan daring satu pintu",
    "Penegakan disiplin PP 94/2021",
    "Gabungan semua kebijakan",
)


def fit() -> CalibrationResult:
    """Targets of every kind: met and missed, with an interval and without."""
    rows = [("one_rater", "*", "*", 0.48, np.nan, np.nan, 0.46, 0.5, 0.005, True)]
    for agency in ("gorontalo", "makassar"):
        for target, unit, x in (
            ("sangat_baik", "*", 0.12), ("absence", "dukcapil", 0.11), ("absence", "puskesmas", 0.25),
            ("ikm_self", "dukcapil", 80.2), ("discarded", "*", 0.41), ("utilisation", "*", 0.8),
        ):  # fmt: skip
            rows.append((target, agency, unit, x, 0.97 * x, 1.03 * x, 0.95 * x, x, 0.0, x < 0.2))
    return CalibrationResult(pd.DataFrame(), pd.DataFrame(), pd.DataFrame(rows, columns=list(FIT)))


def explained() -> ContributionsResult:
    """Of two groups that do not add up."""
    groups = {"feedback": ("feedback",), "training": ("training",)}
    policies = tuple(p for p in comparison(replications=4).policies if p.name != "inspection")
    return ContributionsResult(policies[-1], groups, comparison(replications=4, policies=policies))


FIGURES: dict[str, Callable[..., Figure]] = {
    "calibration": lambda _, **more: calibration(fit(), **more),
    "contributions": lambda _, **more: figures.contributions(
        explained(), outcomes=["waiting_minutes", "cost"], **more
    ),
    "budget": figures.budget,
    "ranking": figures.ranking,
    "paths": figures.paths,
    "people": figures.people,
    "fairness": figures.fairness,
    "predikat": figures.predikat,
    "units": figures.units,
    "cost_effect": figures.cost_effect,
    "forest": lambda c, **more: figures.forest(c, c.policies[-1].name, **more),
}


def few() -> CompareResult:
    return comparison(replications=4)


def many() -> CompareResult:
    """Eight policies with long names."""
    names = [f"p{i}" for i in range(len(LONG))]
    effect = {"status_quo": 0.0} | {name: 3 - 1.3 * i for i, name in enumerate(names)}
    quo = Policy("status_quo", (), "Praktik saat ini", "Status quo")
    policies = (quo, *(Policy(name, (), text, text) for name, text in zip(names, LONG, strict=True)))
    return comparison(effect, replications=4, policies=policies)


CASES = {"few": few, "many": many}


@cache
def drawn(name: str, case: str, lang: str) -> Figure:
    return FIGURES[name](CASES[case](), lang=lang)


def test_every_figure_is_tested() -> None:
    assert set(FIGURES) - {"calibration"} == {name for name in figures.__all__ if name.islower()}


def texts(figure: Figure) -> list[Text]:
    """Everything written, as it will be printed."""
    figure.draw_without_rendering()
    found = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]
    box = figure.bbox
    ticks = {id(t) for ax in figure.axes for t in _hidden_ticks(ax)}
    return [t for t in found if id(t) not in ticks and box.overlaps(t.get_window_extent())]


def _hidden_ticks(ax) -> list[Text]:  # type: ignore[no-untyped-def]
    """Tick labels outside the limits exist but are not drawn."""
    hidden = []
    for axis, (low, high) in ((ax.xaxis, sorted(ax.get_xlim())), (ax.yaxis, sorted(ax.get_ylim()))):
        for tick in axis.get_major_ticks():
            if not low - 1e-9 <= tick.get_loc() <= high + 1e-9:
                hidden += [tick.label1, tick.label2]
    return hidden


@pytest.mark.parametrize("case", ["few", "many"])
@pytest.mark.parametrize("name", FIGURES)
def test_no_text_covers_another_or_leaves_the_page(name: str, case: str) -> None:
    figure = drawn(name, case, "id")
    # of the text alone: an annotation's own extent takes in its arrow
    boxes = [(t.get_text(), Text.get_window_extent(t).padded(-1.0)) for t in texts(figure)]
    assert len(boxes) > 8
    width, height = figure.bbox.width, figure.bbox.height
    for text, box in boxes:
        inside = box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1
        assert inside, f"{text!r} leaves the page"
    for (a, first), (b, second) in combinations(boxes, 2):
        assert not first.overlaps(second), f"{a!r} and {b!r} touch"


@pytest.mark.parametrize("name", FIGURES)
def test_no_panel_is_empty(name: str) -> None:
    for ax in drawn(name, "few", "id").axes:
        lines = [line for line in ax.lines if len(line.get_xdata()) and np.isfinite(line.get_ydata()).any()]
        assert len(lines) >= 3 or len(ax.patches) >= 3


@pytest.mark.parametrize("name", FIGURES)
def test_the_words_are_those_of_the_language(name: str) -> None:
    c = few()
    rows = [{"id": said, "en": text} for (_context, text), said in catalogue.indonesian().items()]
    only = {lang: _only(rows, lang) for lang in LANGUAGES}
    for lang, other in (("id", "en"), ("en", "id")):
        written = [t.get_text().replace("\n", " ") for t in texts(drawn(name, "few", lang))]
        assert not {text for text in written if text in only[other]}
        names = [policy.label(lang=other) for policy in c.policies]
        assert not [text for text in written if text in names]


def _only(rows, lang: str) -> set[str]:  # type: ignore[no-untyped-def]
    other = "en" if lang == "id" else "id"
    return {row[lang] for row in rows} - {row[other] for row in rows}


def test_the_ranking_draws_the_paired_differences_best_on_top() -> None:
    c = comparison(replications=6)
    ax = figures.ranking(c, lang="en").axes[0]
    found = estimates.differences(c, "waiting_minutes")
    points = {
        round(float(line.get_ydata()[0])): line for line in ax.lines if line.get_marker() not in ("None", "")
    }
    order = estimates.ranked(c, "waiting_minutes")
    assert order[0] == "both"
    for y, name in enumerate(order):
        assert points[y].get_xdata()[0] == pytest.approx(found[name].mean)
        hollow = points[y].get_markerfacecolor() == "white"
        assert hollow == (found[name].sign == 0), name


def test_better_is_up_in_the_price_figure() -> None:
    low = figures.cost_effect(few(), outcome="waiting_minutes").axes[0]
    high = figures.cost_effect(few(), outcome="ikm_service").axes[0]
    assert low.get_ylim()[0] > low.get_ylim()[1]
    assert high.get_ylim()[0] < high.get_ylim()[1]


def test_policies_differ_by_marker_as_well_as_colour() -> None:
    drawn = list(looks(many()).values())
    assert len({look.marker for look in drawn}) == len(drawn)
    assert len({(look.colour, str(look.line), look.marker) for look in drawn}) == len(drawn)


def test_labels_of_lines_keep_their_order_and_do_not_touch() -> None:
    sizes = [2.0, 1.0, 1.0, 3.0]
    placed = style.spread([5.0, 5.1, 5.2, 20.0], sizes)
    assert placed[3] == 20.0
    assert placed == sorted(placed)
    for i in range(3):
        assert placed[i + 1] - placed[i] >= (sizes[i] + sizes[i + 1]) / 2 - 1e-9


def test_figures_leave_the_settings_of_the_user_alone() -> None:
    before = dict(mpl.rcParams)
    for name in ("ranking", "people", "predikat"):
        FIGURES[name](few(), lang="en")
    assert dict(mpl.rcParams) == before


def test_nothing_to_compare_is_said() -> None:
    for name in ("ranking", "units", "cost_effect", "paths"):
        with pytest.raises(KinerjaError, match="second policy"):
            FIGURES[name](comparison({"status_quo": 0.0}))


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_goes_into_the_place_of_ones_own_axes(name: str) -> None:
    figure = Figure(figsize=(14, 6), layout="constrained")
    own, other = figure.subplots(1, 2)
    other.plot([0, 1], [0, 1])
    assert FIGURES[name](few(), ax=own) is figure
    assert own not in figure.axes
    assert other in figure.axes
    figure.draw_without_rendering()
    assert len(figure.findobj(Text)) > 20


@pytest.mark.parametrize("name", ["ranking", "predikat", "budget"])
def test_a_plain_grid_makes_room_and_numbers_have_a_decimal_comma(name: str) -> None:
    """Without a layout of its own, the grid cut the names of policies."""
    figure = Figure(figsize=(14, 6))
    other, own = figure.subplots(1, 2)
    FIGURES[name](many(), lang="id", ax=own)
    figure.draw_without_rendering()
    edge = other.get_window_extent().x1
    for panel in figure.axes:
        if panel is not other:
            for label in (*panel.get_yticklabels(), *panel.get_xticklabels()):
                assert not label.get_text() or label.get_window_extent().x0 > edge, label
                assert not re.search(r"\d\.\d(?!\d\d)", label.get_text()), label


def test_a_figure_shows_itself_in_a_notebook() -> None:
    picture = figures.predikat(few())._repr_png_()
    assert picture.startswith(b"\x89PNG")


def test_names_are_written_as_they_are() -> None:
    """A dollar starts no formula, and a name that begins with an underscore stays in the legend."""
    policies = tuple(
        Policy(p.name, p.levers, f"_{p.label_id} $5 and $6", f"_{p.label_en} $5 and $6")
        for p in few().policies
    )
    c = comparison(replications=4, policies=policies)
    for name in ("people", "budget", "ranking", "cost_effect", "paths"):
        figure = FIGURES[name](c)
        figure.draw_without_rendering()
        written = [t for t in figure.findobj(Text) if t.get_visible() and "$5" in t.get_text()]
        assert written, name
        assert not any(t.get_parse_math() for t in written), name
    legend = FIGURES["people"](c).legends[0]
    assert [t.get_text()[0] for t in legend.get_texts()] == ["_"] * 5


def test_matplotlib_waits_until_a_figure_is_drawn() -> None:
    code = (
        "import sys, sim.report, sim.study.compare.estimates, sim.study.compare.tables, "
        "sim.study.compare.answer, sim.study.compare.brief;"
        "print('matplotlib' in sys.modules, 'matplotlib.pyplot' in sys.modules);"
        "import sim.study.compare.figure;"
        "print('matplotlib' in sys.modules, 'matplotlib.pyplot' in sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8"
    )
    assert told.stdout.split() == ["False", "False", "True", "False"]
