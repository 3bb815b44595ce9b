"""Claim: docs/mechanisms.md has a row for every lever, no row is empty, and the tests it names exist."""

from __future__ import annotations

import ast
from pathlib import Path

from sim.levers import LEVERS

ROOT = Path(__file__).parents[2]
TESTS = {path.name: path for path in (ROOT / "tests").rglob("test_*.py")}


def rows() -> list[list[str]]:
    text = (ROOT / "docs" / "mechanisms.md").read_text(encoding="utf-8")
    table = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


def test_no_row_is_empty():
    assert len(rows()) > 30
    for row in rows():
        assert len(row) == 5, row
        assert all(row), row
    names = [row[0] for row in rows()]
    assert len(set(names)) == len(names)


def test_every_lever_has_a_row_and_every_row_a_lever():
    named = {row[2].strip("`") for row in rows()}
    assert named == set(LEVERS)


def test_the_tests_it_names_exist():
    for row in rows():
        name, _, function = row[3].strip("`").partition("::")
        assert name in TESTS, row[3]
        tree = ast.parse(TESTS[name].read_text(encoding="utf-8"))
        assert function in {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}, row[3]


def test_every_row_is_seen_in_a_notebook_that_exists():
    """The last column tells the number of a notebook and what to look for; semicolons part several."""
    for row in rows():
        for seen in row[4].split(";"):
            number, _, what = seen.strip().partition(", ")
            assert what, row[4]
            assert len(list((ROOT / "notebooks").glob(f"{number}-*.ipynb"))) == 1, row[4]
