"""Claim: every number in an Indonesian text has a decimal comma, whichever way its slot is written."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import sim
from sim.cli import main
from sim.language import extract
from sim.language.numbers import formatted
from sim.levers import LEVERS

ROOT = Path(sim.__file__).parent

ENGLISH = {
    "calibration/calibrate.py": "sources of calibrated numbers, in data files",
    "calibration/targets.py": "tables of docs/calibration.md",
    "evidence.py": "docs/evidence.md, and reasons in data tables",
    "inference/desk/service_times.py": "names of methods, in data tables",
    "twin/desk.py": "sources and methods, in data tables",
    "study/capacity/doses.py": "names of policies, which are keys",
    "language/numbers.py": "writes the numbers",
}
"""Modules that write numbers as data, or in pages that are English only."""

SPECIFICATION = re.compile(r"[<>^+ ]*\d*,?(\.\d+)?[eEfFgG%]|,")


def specifications(text: str) -> Iterator[str]:
    """How the slots of a text are to be written."""
    try:
        yield from (spec for _, name, spec, _ in string.Formatter().parse(text) if name is not None and spec)
    except ValueError:
        return  # a brace that is no slot


SPECS = sorted({spec for _context, text in extract.messages() for spec in specifications(text)})


@pytest.mark.parametrize("spec", [spec for spec in SPECS if SPECIFICATION.fullmatch(spec)])
def test_a_slot_has_a_decimal_comma_in_indonesian(spec: str) -> None:
    assert "." not in formatted(-2.5, spec, lang="id")
    assert "," not in formatted(-2.5, spec, lang="en")


def test_no_other_slot_takes_numbers_with_decimals() -> None:
    """What is left are whole numbers, text and dates."""
    assert {"g", ".3g", ".2f", ".0%", ","} <= set(SPECS)
    for spec in SPECS:
        if not SPECIFICATION.fullmatch(spec):
            assert re.fullmatch(r"d|\d+X|[<>^]?\d*|(%[a-zA-Z]\W?)+", spec), spec


def written(source: str) -> list[str]:
    """F-strings of a module that write decimals without a language."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FormattedValue) and isinstance(node.format_spec, ast.JoinedStr):
            spec = "".join(str(getattr(part, "value", "0")) for part in node.format_spec.values)
            if SPECIFICATION.fullmatch(spec) and not re.fullmatch(r",?\.0f", spec):
                found.append(f"line {node.lineno}: {spec}")
    return found


def test_no_f_string_writes_decimals_for_people() -> None:
    wrong = {}
    for path in sorted(ROOT.rglob("*.py")):
        place = path.relative_to(ROOT).as_posix()
        found = written(path.read_text(encoding="utf-8"))
        assert not (place in ENGLISH and not found), f"{place} needs no exception any more"
        if found and place not in ENGLISH:
            wrong[place] = found
    assert not wrong, "use sim.language.numbers"


def test_an_f_string_with_decimals_is_found() -> None:
    assert written('f"{x:.1f} {y:g} {n:d} {df:.0f} {day:%Y} {z:>8}"') == ["line 1: .1f", "line 1: g"]


def test_levers_are_told_with_decimal_commas_and_no_float_noise(capsys: pytest.CaptureFixture[str]) -> None:
    for name in LEVERS:
        assert main(["levers", name, "--lang", "id"]) == 0
    told = capsys.readouterr().out
    assert ": 334,8 hari " in told
    for line in told.splitlines():
        if line.startswith("  ") and " = " in line:
            line = line.partition("  ")[2].partition(" = ")[2].partition("  ")[2]  # the default is YAML
        elif re.search(r"\[[A-Z]\d?\] ", line):
            line = re.split(r" \[[A-Z]\d?\] ", line)[0]  # the source comes after
        assert not re.search(r"\d\.\d(?!\d\d)", line), line
