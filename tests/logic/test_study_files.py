"""Claim: a study file is read exactly, and every problem in it is told at once with file, line, key and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import Problems
from sim.paths import data_dir
from sim.study import check_yaml, load_study, read_policy, study_names

GOOD = """\
title_id: Percobaan
question_en: Does it help?
agency: contoh
policies:
  - status_quo
  - name: often
    extends: status_quo
    levers:
      - lever: feedback
        citizens: 12
years: 2
seed: 7
precision: {waiting_minutes: 1.5}
scenario:
  utilisation: 0.9
  start: 2027-01-01
outcomes: [waiting_minutes, cost]
"""


@pytest.fixture
def write(tmp_path: Path):
    def write(text: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "study.yaml"
        path.write_bytes(text.encode(encoding))
        return path

    return write


def problems(path: Path) -> list[tuple[int | None, str | None, str]]:
    """Line, key and text of everything wrong; every problem names the file."""
    with pytest.raises(Problems) as caught:
        load_study(path)
    assert all(p.where == str(path) for p in caught.value.problems)
    return [(p.row, p.column, f"{p.what} {p.do}") for p in caught.value.problems]


def test_a_study_file_says_what_the_study_is(write) -> None:
    study = load_study(write(GOOD))
    assert study.agency.name == "contoh"
    assert study.names == ("status_quo", "often")
    assert study.policies[1].levers != study.policies[0].levers
    assert (study.years, study.seed, study.replications) == (2, 7, None)
    assert study.precision == {"waiting_minutes": 1.5}
    assert study.scenario.utilisation == 0.9
    assert study.scenario.start.isoformat() == "2027-01-01"
    assert study.headline == ("waiting_minutes", "cost")
    assert study.title == {"id": "Percobaan"}
    assert study.question == {"en": "Does it help?"}


def test_the_command_line_may_change_what_the_file_says(write) -> None:
    study = load_study(write(GOOD), seed=9, replications=3)
    assert (study.seed, study.replications, dict(study.precision)) == (9, 3, {})
    assert load_study(write(GOOD), seed=None).seed == 7


def test_policies_and_agencies_are_found_beside_the_study(write, tmp_path: Path) -> None:
    text = (data_dir() / "policies" / "citizen_feedback.yaml").read_text(encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(text.replace("citizen_feedback", "mine"), encoding="utf-8")
    assert load_study(write(GOOD.replace("- status_quo", "- ./mine.yaml"))).names == ("mine", "often")


@pytest.mark.parametrize("name", study_names())
def test_the_studies_that_ship_are_right(name: str) -> None:
    study = load_study(name)
    assert len(getattr(study, "policies", (study, study))) > 1
    assert set(study.question) == set(study.title) == {"id", "en"}


def test_there_is_a_headline_study() -> None:
    assert load_study().agency.name == "contoh"


def test_every_problem_is_told_at_once(write) -> None:
    text = (
        GOOD.replace("years: 2", "years: two")
        .replace("seed: 7", "sead: 7")
        .replace("agency: contoh", "agency: conto")
        .replace("lever: feedback", "lever: feedbak")
        .replace("utilisation: 0.9", "utilization: 0.9")
        .replace("[waiting_minutes, cost]", "[waiting, cost]")
        .replace("waiting_minutes: 1.5", "waiting_minutes: none")
    )
    with pytest.raises(Problems) as caught:
        load_study(write(text))
    found = {(p.row, p.column): f"{p.what} {p.do}" for p in caught.value.problems}
    assert "a whole number" in found.pop((11, "years"))
    assert "did you mean 'seed'" in found.pop((12, "sead"))
    assert "did you mean 'feedback'" in found.pop((9, "policies[2].levers[1].lever"))
    assert "did you mean 'utilisation'" in found.pop((15, "scenario.utilization"))
    assert "waiting_minutes" in found.pop((17, "outcomes"))
    assert "'none' is not a number" in found.pop((13, "precision"))
    (text,) = found.values()
    assert "contoh" in text


@pytest.mark.parametrize(
    ("old", "new", "row", "column", "says"),
    [
        ("citizens: 12", "citizen: 12", 10, "policies[2].levers[1].citizen", "did you mean 'citizens'"),
        ("citizens: 12", "citizens: twelve", 10, "policies[2].levers[1].citizens", "must be a number"),
        ("citizens: 12", "citizens: -1", 10, "policies[2].levers[1].citizens", "must be at least"),
        ("- status_quo", "- status_que", 5, "policies[1]", "did you mean 'status_quo'"),
        ("- status_quo", "- 5", 5, "policies[1]", "neither the name of a policy nor"),
        ("name: often", "nam: often", 6, "policies[2]", "unknown key 'nam'"),
        ("name: often", "name: status_quo", 4, "policies", "two policies are called 'status_quo'"),
        ("extends: status_quo", "extends: nothing", 6, "policies[2]", "no policy 'nothing'"),
        ("seed: 7", "seed: 7\nseed: 8", 13, "seed", "twice (first in line 12)"),
        ("seed: 7", "replications: 5", 13, "precision", "both given"),
        ("seed: 7", "baseline: usual", 12, "baseline", "not one of the policies"),
        ("agency: contoh\n", "", None, "agency", "the key is missing"),
        ("{waiting_minutes: 1.5}", "1.5", 13, "precision", "is not a mapping"),
        ("utilisation: 0.9", "demand: -1", 15, "scenario.demand", "-1 is not a number from"),
        ("utilisation: 0.9", "preset: published?", 15, "scenario.preset", "did you mean 'published'"),
        ("start: 2027-01-01", "start: 2027-01-15", 16, "scenario.start", "not the first day"),
        ("start: 2027-01-01", "start: tomorrow", 16, "scenario.start", "not a date"),
    ],
)
def test_a_mistake_is_named_where_it_is(write, old: str, new: str, row: int, column: str, says: str) -> None:
    assert old in GOOD
    ((at, key, text),) = problems(write(GOOD.replace(old, new)))
    assert (at, key) == (row, column)
    assert says in text


@pytest.mark.parametrize(
    ("text", "encoding", "row", "says"),
    [
        ("", "utf-8", None, "empty"),
        ("# nothing yet\n", "utf-8", None, "empty"),
        ("just words", "utf-8", None, "must hold keys"),
        ("a: [1, 2\nb: 3\n", "utf-8", 2, "not YAML"),
        ("a: 'open\n", "utf-8", 2, "not YAML"),
        ("question_id: caf\u00e9\n", "latin-1", None, "not UTF-8"),
        (GOOD, "utf-16", None, "not UTF-8"),
    ],
)
def test_a_file_that_is_no_study_is_named(
    write, text: str, encoding: str, row: int | None, says: str
) -> None:
    ((at, _, told),) = problems(write(text, encoding))
    assert at == row
    assert says in told


def test_a_byte_order_mark_does_no_harm(write) -> None:
    assert load_study(write(GOOD, "utf-8-sig")).seed == 7


def test_a_name_that_is_nowhere_gets_the_nearest() -> None:
    with pytest.raises(Problems, match="did you mean 'headline'"):
        load_study("headlin")
    with pytest.raises(Problems, match="did you mean 'status_quo'"):
        read_policy("status_qo")
    with pytest.raises(Problems, match="no such file"):
        load_study("nowhere.yaml")


def test_a_yaml_file_is_recognised_for_what_it_is(write, tmp_path: Path) -> None:
    assert check_yaml(write(GOOD)) == "compare"
    assert check_yaml(data_dir() / "policies" / "status_quo.yaml") == "policy"
    policy = tmp_path / "p.yaml"
    policy.write_text(
        "name: p\nlevers:\n  - lever: training\n    seats: 0\n    classes: many\n", encoding="utf-8"
    )
    with pytest.raises(Problems) as caught:
        check_yaml(policy)
    assert [(p.row, p.column) for p in caught.value.problems] == [
        (4, "levers[1].seats"),
        (5, "levers[1].classes"),
    ]
