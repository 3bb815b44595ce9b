"""Claim: whatever name a report can meet has its words, and templates and figures hold none of their own."""

from __future__ import annotations

import ast
import csv
import itertools
import re
from collections.abc import Iterable
from pathlib import Path
from typing import get_args

import jinja2
import pytest

import sim
from sim.agency import STATUSES
from sim.agency.spec import TABLES
from sim.calibration import burn_in_figure
from sim.calibration import figure as calibration_figure
from sim.calibration.burn_in import MEASURES as SETTLING
from sim.evidence import PRESETS, Evidence
from sim.levers import GROUPS
from sim.outcomes import OUTCOMES
from sim.paths import data_dir
from sim.regulation import ELEMENTS, PREDIKAT
from sim.report import names
from sim.study.capacity import report as capacity
from sim.study.capacity.result import Why
from sim.study.capacity.search import State
from sim.study.compare.answer import ANSWERS, Verdict
from sim.study.compare.brief import CAPTIONS
from sim.study.compare.cost_effectiveness import GOODS, VERDICTS
from sim.study.compare.cost_effectiveness_text import GOOD_NAMES, NO_PRICE
from sim.study.compare.passages import AGENCY_TABLES
from sim.study.fairness.groups import MEASURES, SPLITS
from sim.study.fairness.text import GROUP_NAMES, MEASURE_NAMES
from sim.study.optimise.report import FATES
from sim.study.optimise.result import Fate
from sim.study.page import KIND_NAMES
from sim.study.registry import KINDS

SOURCE = Path(sim.__file__).parent
TEMPLATES = sorted((SOURCE / "report" / "templates").glob("*.j2"))
FIGURES = [*SOURCE.glob("study/*/figure.py"), *SOURCE.glob("study/compare/figure/*.py")]

COVERED: dict[str, tuple[Iterable[str], Iterable[str]]] = {
    "verdicts": (ANSWERS, get_args(Verdict)),
    "weightings": (names.PRESET_NAMES, PRESETS),
    "notes on weightings": (names.PRESET_NOTES, PRESETS),
    "grades": (names.GRADE_NAMES, STATUSES),
    "units of findings": (names.FINDING_UNITS, {finding.unit for finding in Evidence.load().all()}),
    "groups of levers": (names.GROUP_NAMES, GROUPS),
    "tables of agencies": (AGENCY_TABLES, TABLES),
    "kinds": (KIND_NAMES, KINDS),
    "states of a search": (capacity.ANSWERS, {"partial", *get_args(State)} - {"searching"}),
    "why no dose is enough": (capacity.WHY, filter(None, get_args(Why))),
    "fates of a mix": (FATES, get_args(Fate)),
    "unit costs": (GOOD_NAMES, GOODS),
    "no unit cost": (NO_PRICE, set(VERDICTS) - {"price"}),
    "groups of officers": (GROUP_NAMES, itertools.chain(*SPLITS.values())),
    "measures of groups": (MEASURE_NAMES, set(MEASURES) - set(OUTCOMES)),
    "burn-in": (burn_in_figure.NAMES, SETTLING),
    "targets": (calibration_figure.NAMES, calibration_figure.TARGETS),
    "panels of targets": (calibration_figure.PANELS, set(calibration_figure.TARGETS.values())),
}
"""What has words -> what can be met."""


@pytest.mark.parametrize("what", COVERED)
def test_every_name_has_words_and_no_words_are_there_for_nothing(what: str) -> None:
    words, met = COVERED[what]
    assert set(words) == set(met)


@pytest.mark.parametrize("lang", ["id", "en"])
def test_every_outcome_has_name_unit_short_name_and_note(lang: str) -> None:
    for name, outcome in OUTCOMES.items():
        for word in (outcome.label, outcome.short, outcome.unit, outcome.note):
            assert word.text(lang=lang).strip(), name


def test_every_figure_of_the_brief_has_a_caption() -> None:
    text = (SOURCE / "report" / "templates" / "brief.html.j2").read_text(encoding="utf-8")
    assert set(re.findall(r"figure\('(\w+)'", text)) == set(CAPTIONS)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_holds_no_words_of_its_own(template: Path) -> None:
    tokens = jinja2.Environment().lex(template.read_text(encoding="utf-8"))
    text = "".join(value if kind == "data" else " " for _line, kind, value in tokens)
    words = re.findall(r"[A-Za-z]{2,}", re.sub(r"<[^>]*>", " ", text))
    assert words == ["kinerja", "study", "lang", "kinerja", "repeat", "results", "lang"]  # how to repeat it


@pytest.mark.parametrize("path", FIGURES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_figure_writes_marked_texts_only(path: Path) -> None:
    """Bare texts of several words are settings of matplotlib."""
    allowed = {"outside lower center", "outside upper center", "offset points", "axes fraction"}
    tree = ast.parse(path.read_text(encoding="utf-8"))
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    marked = {
        id(call.args[0])
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "_"
    }
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in prose | marked else ""
        if isinstance(text, str) and re.search(r"[A-Za-z]{3,} [A-Za-z]{3,}", text):
            assert text in allowed, f"{text!r} is not marked for translation"


def test_survey_elements_and_ratings_are_named_as_the_regulation_names_them() -> None:
    with (data_dir() / "regulation" / "skm_elements.csv").open(encoding="utf-8", newline="") as file:
        official = {row["column"]: row["label_id"] for row in csv.DictReader(file)}
    assert len(official) == len(ELEMENTS) == 9
    for column, name in official.items():
        assert name.casefold() in OUTCOMES[column].label.text(lang="id").casefold(), column
    assert set(PREDIKAT) <= set(OUTCOMES)
