"""Claim: a study file says what kind of study it is, one command runs any kind, and a kind is whole or not there."""

from __future__ import annotations

import dataclasses
import inspect
from pathlib import Path

import pytest

from sim.errors import KinerjaError, Problems
from sim.study import check_yaml, load_study
from sim.study.files import keys_of
from sim.study.registry import KINDS, report_of, result_class, spec_class

GOOD = "agency: contoh\npolicies: [status_quo, citizen_feedback]\nyears: 1\nseed: 3\n"


@pytest.fixture
def write(tmp_path: Path):
    def write(text: str) -> Path:
        path = tmp_path / "study.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_a_spec_a_result_and_a_report(kind: str) -> None:
    spec = spec_class(kind)
    assert spec.kind == kind
    fields = {f.name for f in dataclasses.fields(spec)}
    assert spec.__dataclass_params__.frozen
    keys = keys_of(spec)
    words = {f"{word}_{lang}" for word in ("title", "question") for lang in ("id", "en")}
    assert {"kind", "agency", "years", "seed", "scenario", *words} <= set(keys)
    named = {"outcomes": "headline", "kind": "agency"} | {key: key[:-3] for key in words}
    assert {named.get(key, key) for key in keys} == fields - set(spec.not_in_files)
    assert {"agency", "years", "seed", "scenario", "title", "question"} <= fields
    assert result_class(kind).kind == kind
    assert {"workers", "progress", "lang"} <= set(inspect.signature(spec.run).parameters)
    report = report_of(kind)
    for name in ("write_brief", "sentence", "details"):
        assert callable(getattr(report, name))


def test_a_file_that_names_no_kind_compares(write) -> None:
    plain, said = load_study(write(GOOD)), load_study(write("kind: compare\n" + GOOD))
    assert plain.kind == said.kind == "compare"
    assert plain.describe().id == said.describe().id
    assert check_yaml(write(GOOD)) == "compare"


def test_a_kind_that_is_not_there_is_told_with_its_line(write) -> None:
    with pytest.raises(Problems) as caught:
        load_study(write(GOOD + "kind: compair\n"))
    (problem,) = caught.value.problems
    assert (problem.row, problem.column) == (5, "kind")
    assert "did you mean 'compare'" in str(problem.what)


def test_a_key_of_another_kind_is_refused_with_what_this_kind_has(write) -> None:
    with pytest.raises(Problems) as caught:
        load_study(write(GOOD + "indifference: 2\n"))
    (problem,) = caught.value.problems
    assert (problem.row, problem.column) == (5, "indifference")
    assert "baseline" in str(problem.do)


def test_a_change_that_the_kind_does_not_know_is_refused(write) -> None:
    with pytest.raises(KinerjaError, match="'probability'"):
        load_study(write(GOOD), probability=0.9)
