"""Claim: whatever people are shown is a text of the catalogue: no page, figure, table or error has words of its own."""

from __future__ import annotations

import ast
import csv
import re
import string
from collections.abc import Iterator
from pathlib import Path

import jinja2
import pytest

import sim
from sim.agency import STATUSES
from sim.errors import Message
from sim.evidence import PRESETS, Evidence
from sim.language.catalogue import indonesian
from sim.levers import GROUPS
from sim.outcomes import OUTCOMES
from sim.paths import data_dir
from sim.regulation import ELEMENTS, PREDIKAT
from sim.report import names

ROOT = Path(sim.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))
TEMPLATES = sorted(ROOT.rglob("*.j2"))
RAISED = {"KinerjaError", "Problem", "Doubt", "Wrong", "DamagedResult", "Unhashable", "ArgumentTypeError"}
"""What carries a text for people."""


def trees() -> Iterator[tuple[str, ast.Module]]:
    for path in MODULES:
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", OUTCOMES)
def test_every_outcome_has_name_unit_short_name_and_note(name: str) -> None:
    outcome = OUTCOMES[name]
    for text in (outcome.label, outcome.short, outcome.unit, outcome.note):
        assert text.text(lang="en")
        assert indonesian()[None, text.template]


@pytest.mark.parametrize(
    ("words", "there"),
    [
        (names.PRESET_NAMES, PRESETS),
        (names.PRESET_NOTES, PRESETS),
        (names.GRADE_NAMES, STATUSES),
        (names.GROUP_NAMES, GROUPS),
        (names.FINDING_UNITS, {finding.unit for finding in Evidence.load().all()}),
    ],
)
def test_whatever_can_be_named_has_a_name(words: dict[str, Message], there) -> None:
    assert set(words) == set(there)


def test_survey_elements_and_ratings_are_named_as_the_regulation_names_them() -> None:
    with (data_dir() / "regulation" / "skm_elements.csv").open(encoding="utf-8", newline="") as file:
        official = {row["column"]: row["label_id"] for row in csv.DictReader(file)}
    assert len(official) == len(ELEMENTS) == 9
    for column, name in official.items():
        assert name.casefold() in OUTCOMES[column].label.text(lang="id").casefold(), column
    assert set(PREDIKAT) <= set(OUTCOMES)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_holds_no_words_of_its_own(template: Path) -> None:
    tokens = jinja2.Environment().lex(template.read_text(encoding="utf-8"))
    text = "".join(value if kind == "data" else " " for _line, kind, value in tokens)
    words = re.findall(r"[A-Za-z]{2,}", re.sub(r"<[^>]*>", " ", text))
    assert set(words) <= {"kinerja", "study", "lang", "repeat", "results"}  # how to repeat it


def test_figures_hold_no_words_of_their_own() -> None:
    allowed = {
        "DejaVu Sans",
        "outside lower center",
        "outside upper center",
        "offset points",
        "axes fraction",
    }
    for place, tree in trees():
        if not re.search(r"(figure|picture|style)(\.py|/)", place):
            continue
        marked = {
            id(part)
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("_", "KinerjaError")
            for part in ast.walk(node)
        }
        prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)} | marked
        for node in ast.walk(tree):
            text = node.value if isinstance(node, ast.Constant) and id(node) not in prose else ""
            if isinstance(text, str) and re.search(r"[A-Za-z]{3,} [A-Za-z]{3,}", text):
                assert text in allowed, f"{place}:{node.lineno}: {text!r} is not marked for translation"


def test_every_error_carries_a_message() -> None:
    bare = []
    for place, tree in trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name not in RAISED:
                continue
            for argument in node.args[3:] if name in ("Problem", "Doubt") else node.args:
                if isinstance(argument, ast.JoinedStr) or (
                    isinstance(argument, ast.Constant)
                    and isinstance(argument.value, str)
                    and " " in argument.value
                ):
                    bare.append(f"{place}:{argument.lineno}")
    assert bare == []


def test_no_text_is_chosen_by_hand() -> None:
    """Only what its author wrote in two languages is picked, in one place: ``own_text``."""
    chosen = []
    for place, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare) and re.search(r"\blang\b|language\(\)", ast.unparse(node.left)):
                right = node.comparators[0]
                if isinstance(right, ast.Constant) and right.value in ("id", "en"):
                    chosen.append(f"{place}:{node.lineno}")
    allowed = ("language/",)
    assert [place for place in chosen if not place.startswith(allowed)] == []


def test_the_language_is_named_by_keyword() -> None:
    """No function of the product takes ``lang`` by position, and none has a language of its own as default."""
    wrong = []
    for place, tree in trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            if place.startswith("language/") or node.name in ("text", "html", "lines"):  # what they are about
                continue
            positional = [*node.args.posonlyargs, *node.args.args]
            if any(argument.arg == "lang" for argument in positional):
                wrong.append(f"{place}:{node.lineno} {node.name}: lang by position")
            for argument, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
                if argument.arg == "lang" and isinstance(default, ast.Constant) and default.value is not None:
                    wrong.append(f"{place}:{node.lineno} {node.name}: lang={default.value!r}")
    assert wrong == []


def test_slots_of_texts_have_names() -> None:
    """Numbered slots would be mixed up by a translator."""
    for _context, text in indonesian():
        try:
            fields = [
                field for _literal, field, _spec, _kind in string.Formatter().parse(text) if field is not None
            ]
        except ValueError:
            continue
        assert all(field and not field.isdigit() for field in fields), text
