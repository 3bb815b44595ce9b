"""Claim: the notebook one starts from leads to every question and every notebook, and no way in it is dead."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from sim.agency import agencies
from sim.cli import COMMANDS
from sim.levers import LEVERS, policy_names
from sim.study import study_names

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "notebooks"
START = NOTEBOOKS / "00-start.ipynb"


def text() -> str:
    cells = json.loads(START.read_text(encoding="utf-8"))["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells)


def links() -> list[str]:
    return re.findall(r"\]\(([^)]+)\)", text())


def test_no_link_is_dead() -> None:
    assert len(links()) > 40
    for link in links():
        assert (NOTEBOOKS / link).is_file(), link


def test_every_notebook_can_be_reached() -> None:
    there = {path.name for path in NOTEBOOKS.glob("*.ipynb")} - {START.name}
    assert there - set(links()) == set()


def test_all_twenty_five_questions_lead_somewhere_in_both_languages() -> None:
    rows = [row.split("|")[1:-1] for row in text().splitlines() if re.match(r"\| \d+ \|", row)]
    assert [int(row[0]) for row in rows] == list(range(1, 26))
    for number, indonesian, english, way in rows:
        assert indonesian.strip().endswith("?"), number
        assert english.strip().endswith("?"), number
        assert "](" in way or "`kinerja " in way, number


KNOWN = {
    "study": lambda names: set(names) <= {*study_names()},
    "levers": lambda names: set(names) <= {*LEVERS},
    "compare": lambda names: names[0] in set(agencies()["name"]) and set(names[1:]) <= {*policy_names()},
}


@pytest.mark.parametrize("command", sorted(set(re.findall(r"`kinerja ([^`]+)`", text()))))
def test_every_command_can_be_run(command: str) -> None:
    name, *rest = command.split()
    if name == "--help":
        return
    assert name in COMMANDS
    names = [word for word in rest if not word.startswith("--")]
    assert not names or KNOWN[name](names)
    if name == "compare":
        assert len(names) > 2
        assert names[1] == "status_quo"
