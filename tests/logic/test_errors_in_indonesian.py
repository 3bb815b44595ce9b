"""Claim: whatever the command line refuses, it says in the language asked for; no English is left in Indonesian."""

from __future__ import annotations

import re
from pathlib import Path

import agency_files as files
import pytest

import sim
from sim.cli import main
from sim.errors import Problems

# what people do wrong

STUDY = """agency: contoh
years: 1
replications: 2
policies:
  - status_quo
  - ict_training
"""


def study(old: str = "", new: str = ""):
    """A study file with a mistake."""

    def command(folder: Path) -> list[str]:
        (folder / "study.yaml").write_text(STUDY.replace(old, new) if old else new, encoding="utf-8")
        return ["study", str(folder / "study.yaml"), "--out", str(folder / "out")]

    return command


def kind(text: str):
    """A study of another kind with mistakes."""
    return study("years: 1\n", f"years: 1\n{text}\n")


def policy(text: str):
    """A policy file with a mistake."""

    def command(folder: Path) -> list[str]:
        (folder / "p.yaml").write_text(text, encoding="utf-8")
        return ["check", str(folder / "p.yaml")]

    return command


def agency(table: str, row: int, column: str, value: object):
    """An agency with a mistake."""

    def command(folder: Path) -> list[str]:
        files.folder(files.put(files.contoh(), table, row, column, value), folder / "mine")
        return ["check", str(folder / "mine")]

    return command


def table(text: str, *options: str):
    """A file of ratings or a panel, and a command for it."""

    def command(folder: Path) -> list[str]:
        (folder / "data.csv").write_text(text, encoding="utf-8")
        name, *rest = options
        return [name, str(folder / "data.csv"), *rest, "--out", str(folder / "out.html")]

    return command


def plain(*arguments: str):
    return lambda folder: [a.replace("HERE", str(folder)) for a in arguments]


def taken(folder: Path) -> list[str]:
    (folder / "taken").write_text("", encoding="utf-8")
    return ["compare", "contoh", "status_quo", "ict_training", "--out", str(folder / "taken")]


def damaged(folder: Path) -> list[str]:
    (folder / "manifest.json").write_text("{}", encoding="utf-8")
    return ["repeat", str(folder)]


def there(folder: Path) -> list[str]:
    (folder / "mine.xlsx").write_bytes(b"")
    return ["template", str(folder / "mine.xlsx")]


RATINGS = ("ratings", "--score", "score", "--ratee", "ratee", "--rater", "rater")
PANEL = ("evaluate", "--outcome", "y", "--unit", "unit", "--time", "t", "--treated", "d")
ROWS = "score,ratee,rater\n"
UNITS = "unit,t,y,d\n"

MISTAKES = {
    # arguments
    "no such command": plain("stud"),
    "not a number": plain("study", "--seed", "one"),
    "no workers": plain("study", "--workers", "0"),
    "half a worker": plain("study", "--workers", "x"),
    "two at once": plain("study", "--workers", "1", "--dask", "x:1"),
    "an argument missing": plain("compare", "contoh"),
    "a value missing": plain("study", "--seed"),
    "values missing": plain(*RATINGS, "f.csv", "--pseudonymise"),
    "an unknown option": plain("study", "--sed", "1"),
    "a value too many": plain("planner", "--no-browser=yes"),
    # names
    "no such lever": plain("levers", "trainin"),
    "no such study": plain("study", "headlin"),
    "no such agency or policy": plain("compare", "conto", "status_quo", "citizen_fedback"),
    "nothing like it": plain("compare", "xyzzy", "status_quo", "plugh"),
    "one policy twice": plain("compare", "contoh", "status_quo", "status_quo"),
    "years": plain("compare", "contoh", "status_quo", "ict_training", "--years", "99"),
    "nothing to explain": plain("explain", "contoh", "status_quo"),
    "explain what": plain("explain", "contoh", "statusquo"),
    "an agency to calibrate": plain("calibrate", "conto"),
    "an agency to plan for": plain("planner", "conto", "--no-browser"),
    "no scheduler": plain(
        "compare", "contoh", "status_quo", "ict_training", "--dask", "here", "--out", "HERE/o"
    ),
    # folders and files
    "a file in the way": taken,
    "already there": there,
    "another format": plain("template", "HERE/mine.ods"),
    "no result": plain("repeat", "HERE"),
    "a damaged result": damaged,
    "no file to check": plain("check", "HERE/none.yaml"),
    "no agency to check": plain("check", "HERE/none"),
    "an empty folder": plain("check", "HERE"),
    # study files
    "empty": study("", ""),
    "no mapping": study("", "- a\n"),
    "not YAML": study("", "a: b: c\n"),
    "open bracket": study("", "a: [1\n"),
    "tab": study("", "a:\n\tb: 1\n"),
    "twice": study("years: 1", "years: 1\nyears: 2"),
    "unknown key": study("years", "year"),
    "unknown kind": kind("kind: capacty"),
    "text for a number": study("years: 1", "years: one"),
    "a number for text": study("contoh", "3"),
    "a number for a list": study("replications: 2", "outcomes: 3"),
    "too long": study("years: 1", "years: 100"),
    "no policies": study("policies:\n  - status_quo\n  - ict_training\n", ""),
    "a policy by number": study("ict_training", "3"),
    "a policy that is not there": study("ict_training", "ict_trainin"),
    "a policy file that is not there": study("ict_training", "mine.yaml"),
    "an outcome": study("replications: 2", "replications: 2\noutcomes: [waiting_minute]"),
    "a baseline": study("replications: 2", "replications: 2\nbaseline: today"),
    "both": study("replications: 2", "replications: 2\nprecision: {waiting_minutes: 0}"),
    "scenario": study("years: 1", "scenario: {burn_in: 500, presett: x, utilisation: 7}"),
    "scenario values": study("years: 1", "scenario: {burn_in: 500, preset: x, start: 2026-01-05}"),
    "scenario start": study("years: 1", "scenario: {start: soon}"),
    "capacity": kind("kind: capacity\npolicy: ict_training\nlever: [trainin]\noutcome: jp20\ntarget: a"),
    "capacity of what": kind("kind: capacity\nlever: []\noutcome: patience\nprobability: 2\nlow: -1"),
    "selection": kind("kind: selection\noutcome: waiting\nindifference: -1\nprobability: 3\nfirst: 1"),
    "optimise": kind("kind: optimise\npolicy: status_quo\noptions: []\nobjectives: {}\nfirst: 1"),
    "optimise what": kind(
        "kind: optimise\noptions: [{lever: trainin}]\nobjectives: {costs: x}\nlimits: {cost: 1}"
    ),
    "robust": kind("kind: robust\nfutures: 1\npresets: [mine]\ntargets: {wait: x}\nothers: [contoh]"),
    "sensitivity": kind("kind: sensitivity\ntrajectories: -1\nothers: [jambi]"),
    # policy files
    "no lever of the name": policy("name: p\nlevers:\n  - lever: trainin\n"),
    "no parameter of the name": policy("name: p\nlevers:\n  - lever: training\n    seat: 3\n"),
    "no such value": policy("name: p\nlevers:\n  - lever: training\n    seats: many\n    start: -1\n"),
    "no name": policy("levers: []\n"),
    "an unknown key of a policy": policy("name: p\nlever: []\n"),
    "levers are no list": policy("name: p\nlevers: 3\n"),
    "a lever is no mapping": policy("name: p\nlevers: [3]\n"),
    "twice the same lever": policy("name: p\nlevers: [{lever: feedback}, {lever: feedback}]\n"),
    "nobody rates": policy("name: p\nlevers: [{lever: appraisal, supervisor: 0}]\n"),
    "extends nothing": policy("name: p\nextends: status\n"),
    "without what": policy("name: p\nextends: status_quo\nwithout: [feedbak]\n"),
    # agencies
    "a negative rate": agency("services", 2, "demand", "-5"),
    "no unit": agency("services", 2, "unit", "dukcapl"),
    "text in a number": agency("units", 2, "pns", "ten"),
    "no seats": agency("courses", 2, "seats", "0"),
    # ratings
    "no ratings": plain(*RATINGS, "HERE/none.csv"),
    "no folder to write to": plain(*RATINGS, "HERE/none.csv", "--out", "HERE/none/x.html"),
    "no such column": table("a,b\n1,2\n", *RATINGS),
    "no rows": table(ROWS, *RATINGS),
    "text for a score": table(ROWS + "x,a,b\n3,a,c\n", *RATINGS),
    "too few ratings": table(ROWS + "3,a,b\n3,a,d\n4,c,b\n4,c,d\n", *RATINGS),
    "own ratings": table(ROWS + "3,a,a\n4,c,a\n4,c,b\n3,a,b\n", *RATINGS),
    "the same twice": table(ROWS + "3,a,b\n3,a,b\n4,c,d\n", *RATINGS),
    "all the same": table(ROWS + "3,a,b\n3,c,b\n3,a,d\n", *RATINGS),
    "numbers of persons": table("score,ratee,rater\n3,198001012005011001,b\n4,c,b\n", *RATINGS),
    "no project": table(ROWS + "3,a,b\n4,c,b\n", *RATINGS, "--pseudonymise", "ratee"),
    "a project's name": table(ROWS + "3,a,b\n", *RATINGS, "--pseudonymise", "ratee", "--project", "a b"),
    "another kind of file": plain(*RATINGS, "HERE"),
    # panels
    "no panel": plain(*PANEL, "HERE/none.csv"),
    "columns of a panel": table("unit,t\na,1\n", *PANEL),
    "an empty panel": table(UNITS, *PANEL),
    "nobody is treated": table(UNITS + "a,1,2,0\na,2,3,0\nb,1,2,0\nb,2,4,0\n", *PANEL),
    "back to nought": table(UNITS + "a,1,2,1\na,2,3,0\nb,1,2,0\nb,2,4,0\n", *PANEL),
    "a period missing": table(UNITS + "a,1,2,0\na,2,3,1\nb,1,2,0\n", *PANEL),
    "two rows of a period": table(UNITS + "a,1,2,0\na,1,3,1\nb,1,2,0\n", *PANEL),
    "neither nor": table(UNITS + "a,1,2,0\na,2,3,2\nb,1,2,0\nb,2,3,0\n", *PANEL),
    "an empty cell": table(UNITS + "a,1,2,\na,2,3,1\nb,1,2,0\nb,2,3,0\n", *PANEL),
    "text for an outcome": table(UNITS + "a,1,x,0\na,2,3,1\n", *PANEL),
    "one treated": table(UNITS + "a,1,2,0\na,2,3,1\nb,1,2,0\nb,2,4,0\n", *PANEL),
    "one period": table(UNITS + "a,1,2,0\nb,1,3,1\n", *PANEL),
    "always treated": table(UNITS + "a,1,2,1\na,2,3,1\nb,1,2,1\nb,2,4,1\n", *PANEL),
}

LEFT = re.compile(
    r"\b(the|this|there|that|is|are|not|must|give|choose|write|with|its|it|no|of|in|or|and|from|be|cannot|which|use|"
    r"row|column|missing|unknown|argument|required|invalid|problem|see|did|mean|value|number|file)\b",
    re.IGNORECASE,
)
"""English words that are not Indonesian ones."""

QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`|/\S+|kolom \S+:|--\S+( [A-Z]+)?|\w+=\S+|\S+\.\S+|\w+_\w+")
"""Names, paths, values and options are nobody's language."""


def told_of(command: list[str], lang: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    try:
        code = main([*command, "--lang", lang])
    except SystemExit as error:
        code = int(error.code or 0)
    return code, capsys.readouterr().err


@pytest.mark.parametrize("what", MISTAKES)
def test_no_english_is_left_in_indonesian_errors(what: str, tmp_path: Path, capsys) -> None:
    command = MISTAKES[what](tmp_path)
    code, told = told_of(command, "id", capsys)
    assert code == 2
    assert LEFT.findall(QUOTED.sub("", told)) == [], told
    code, english = told_of(command, "en", capsys)
    assert code == 2
    assert LEFT.findall(english), english


def test_english_errors_are_those_that_were_raised(tmp_path: Path, capsys) -> None:
    command = agency("services", 2, "demand", "-5")(tmp_path)
    _, english = told_of(command, "en", capsys)
    with pytest.raises(Problems) as error:
        sim.load_agency(command[1])
    assert english == f"1 problem(s):\n  {error.value}\n"
    _, indonesian = told_of(command, "id", capsys)
    found = error.value.problems[0]
    assert indonesian.startswith(f"1 masalah:\n  {found.where}, baris 2, kolom demand: ")
