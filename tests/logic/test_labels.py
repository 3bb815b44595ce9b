"""Claim: everything the product shows has words in both languages, and no word is written anywhere else."""

from __future__ import annotations

import ast
import csv
import itertools
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import jinja2
import pytest
from jinja2 import nodes

import sim.report
from sim.agency import STATUSES
from sim.agency.spec import TABLES
from sim.calibration.burn_in import MEASURES
from sim.calibration.figure import PANELS, TARGETS
from sim.errors import KinerjaError
from sim.evidence import PRESETS, Evidence
from sim.language import labels
from sim.language.labels import LANGUAGES, label
from sim.levers import GROUPS
from sim.outcomes import OUTCOMES
from sim.paths import data_dir
from sim.regulation import ELEMENTS, PREDIKAT
from sim.study.capacity.figure import DOSES
from sim.study.capacity.result import Why
from sim.study.capacity.search import State
from sim.study.compare import answer, brief
from sim.study.compare.answer import Verdict
from sim.study.compare.worth import GOODS, VERDICTS
from sim.study.fairness.groups import MEASURES as MEASURED
from sim.study.fairness.groups import SPLITS
from sim.study.load import KINDS
from sim.study.optimise.result import Fate

SOURCE = Path(sim.report.__file__).parent
TEMPLATES = sorted((SOURCE / "templates").glob("*.j2"))
TEMPLATE = SOURCE / "templates" / "brief.html.j2"

LOOK_UPS = {"label": "", "say": "", "t": "", "unit": "unit_", "short": "short_", "note": "note_"}
"""Functions that look a label up -> the columns they read."""


def figures_of_the_brief() -> list[str]:
    tree = jinja2.Environment().parse(TEMPLATE.read_text(encoding="utf-8"))
    calls = [call for call in tree.find_all(nodes.Call) if getattr(call.node, "name", "") == "figure"]
    return [call.args[0].value for call in calls]  # type: ignore[attr-defined]


COMPOSED = {
    "answer.": get_args(Verdict),
    "beside.": ("better", "worse", "dearer", "cheaper", "no_cost"),
    "plain.": tuple(answer._COUNTED),
    "preset.": (*PRESETS, *(f"{preset}.text" for preset in PRESETS)),
    "grade.": STATUSES,
    "finding.": tuple({finding.unit for finding in Evidence.load().all()}),
    "agency.": tuple(TABLES),
    "term.": brief.TERMS,
    "table.": ("se", "between", "spread"),
    "group.": GROUPS,
    "target.": tuple(TARGETS),
    "figure.calibration.": PANELS,
    "capacity.": ("partial", *(state for state in get_args(State) if state != "searching")),
    "capacity.why.": tuple(filter(None, get_args(Why))),
    "optimise.fate.": get_args(Fate),
    "burn_in.": MEASURES,
    "people.": tuple(itertools.chain(*SPLITS.values())),
    "officers.": tuple(name for name in MEASURED if name not in OUTCOMES),
    "fairness.ratings.": ("better", "worse"),
    "worth.": (*GOODS, *(verdict for verdict in VERDICTS if verdict != "price")),
    "dose.": (*DOSES, "other"),
    "kind.": tuple(kind for kind in KINDS if kind != "compare"),
    "figure.": tuple(f"{name}.caption" for name in figures_of_the_brief()),
}
"""Keys that code puts together: what they begin with -> every ending there can be."""


def literal_keys(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Function and first argument of each look-up; a composed key as its constant beginning with an asterisk."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name not in LOOK_UPS:
            continue
        for part in ast.walk(node.args[0]):
            if isinstance(part, ast.JoinedStr) and isinstance(part.values[0], ast.Constant):
                yield name, str(part.values[0].value) + "*"
                break
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield name, part.value


def template_keys() -> Iterator[tuple[str, str]]:
    trees = [jinja2.Environment().parse(path.read_text(encoding="utf-8")) for path in TEMPLATES]
    for call in (call for tree in trees for call in tree.find_all(nodes.Call)):
        if isinstance(call.node, nodes.Name) and call.node.name == "t":
            first = call.args[0]
            if isinstance(first, nodes.Concat):
                first = first.nodes[0]
                yield "t", first.value + "*"  # type: ignore[attr-defined]
            else:
                yield "t", first.value  # type: ignore[attr-defined]


def used() -> set[tuple[str, str]]:
    found = set(template_keys())
    for path in SOURCE.rglob("*.py"):
        found |= set(literal_keys(ast.parse(path.read_text(encoding="utf-8"))))
    whole: set[tuple[str, str]] = set()
    for name, key in found:
        if key.endswith("*"):
            assert key[:-1] in COMPOSED, f"{name}({key!r}): say in COMPOSED what this key can become"
            whole |= {(name, key[:-1] + ending) for ending in COMPOSED[key[:-1]]}
        else:
            whole.add((name, key))
    return whole


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_outcome_has_name_unit_short_name_and_note(lang: str) -> None:
    for name in OUTCOMES:
        for look_up in (labels.label, labels.unit, labels.short, labels.note):
            assert look_up(name, lang).strip(), f"{look_up.__name__} of {name} in {lang}"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_key_in_code_and_template_has_words(lang: str) -> None:
    keys = used()
    assert len(keys) > 120  # the scan finds them
    missing = [
        (name, key)
        for name, key in sorted(keys)
        if not labels.table().get(key, {}).get(f"{LOOK_UPS[name]}{lang}", "").strip()
    ]
    assert not missing


def test_no_label_is_there_for_nothing() -> None:
    wanted = {key for _, key in used()} | set(OUTCOMES) | {f"term.{key}" for key in brief.TERMS}
    planner = {key for key in labels.table() if key.startswith("planner.")}  # test_planner.py holds these
    assert not sorted(set(labels.table()) - wanted - planner)


def test_both_languages_have_the_same_placeholders() -> None:
    for key, row in labels.table().items():
        for column in ("", "unit_", "short_", "note_"):
            fields = [{f for _, f, _, _ in string.Formatter().parse(row[column + x]) if f} for x in LANGUAGES]
            assert fields[0] == fields[1], f"{key} {column}"
            assert bool(row[f"{column}id"]) == bool(row[f"{column}en"]), f"{key} {column}"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_the_template_holds_no_words_of_its_own(template: Path) -> None:
    tokens = jinja2.Environment().lex(template.read_text(encoding="utf-8"))
    text = "".join(value if kind == "data" else " " for _, kind, value in tokens)
    words = re.findall(r"[A-Za-z]{2,}", re.sub(r"<[^>]*>", " ", text))
    assert words == ["kinerja", "study", "lang", "kinerja", "repeat", "results", "lang"]  # how to repeat it


def test_figures_hold_no_words_of_their_own() -> None:
    allowed = {
        "DejaVu Sans",
        "outside lower center",
        "outside upper center",
        "offset points",
        "axes fraction",
    }
    for path in (SOURCE / "figures").glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            text = node.value if isinstance(node, ast.Constant) and id(node) not in prose else ""
            if isinstance(text, str) and re.search(r"[A-Za-z]{3,} [A-Za-z]{3,}", text):
                assert text in allowed, f"{path.name}: {text!r} belongs into data/labels.csv"


def test_survey_elements_and_ratings_are_named_as_the_regulation_names_them() -> None:
    with (data_dir() / "regulation" / "skm_elements.csv").open(encoding="utf-8", newline="") as file:
        official = {row["column"]: row["label_id"] for row in csv.DictReader(file)}
    assert len(official) == len(ELEMENTS) == 9
    for column, name in official.items():
        assert name.casefold() in label(column, "id").casefold(), column
    assert set(PREDIKAT) <= set(OUTCOMES)


def test_a_missing_label_is_named() -> None:
    with pytest.raises(KinerjaError, match=r"labels\.csv.*'no\.such'.*'en'"):
        label("no.such", "en")
    with pytest.raises(KinerjaError, match="no language 'de'"):
        label("cost", "de")
    with pytest.raises(KinerjaError, match=r"unit label 'answer\.best'"):
        labels.unit("answer.best")


HEAD = ",".join(labels.COLUMNS)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (f"{HEAD}\na,b,c,,,,,,\na,b,c,,,,,,\n", "line 3: 'a' is there twice"),
        (f"{HEAD}\na,b,c,,,,,,,\n", "line 2: needs 9 cells"),
        (f"{HEAD}\na,b,c\n", "line 2: needs 9 cells"),
        ("key,id,en\na,b,c\n", "the heading must be"),
    ],
)
def test_a_damaged_table_is_refused_with_its_line(
    text: str, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "labels.csv").write_text(text, encoding="utf-8")
    monkeypatch.setattr(labels, "data_dir", lambda: tmp_path)
    labels.table.cache_clear()
    try:
        with pytest.raises(KinerjaError, match=complaint):
            labels.table()
    finally:
        labels.table.cache_clear()
