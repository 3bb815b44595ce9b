"""What a result of every kind of study keeps: it is told in both languages, saved whole, and its file asks the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sim.runs.results import read_result
from sim.study import load_any
from sim.study.registry import report_of
from sim.study.study_yaml import study_yaml


def assert_told(found: Any, folder: Path, lang: str) -> list[str]:
    """The brief has its tables and a figure; gives the lines a terminal shows."""
    report = report_of(found.kind)
    page = report.write_brief(found, folder / "brief.html", lang).read_text(encoding="utf-8")
    assert page.count("<table") >= 2
    assert "data:image/svg+xml" in page
    return list(report.details(found, lang))


def assert_kept(found: Any, folder: Path) -> dict[str, Any]:
    """What is saved is whole, and the study file in its brief asks for the same study; gives the manifest."""
    tables, _, manifest = read_result(found.save(folder / "x"))
    assert len(tables["points"]) == len(found.points)
    file = folder / "study.yaml"
    file.write_text(study_yaml(found), encoding="utf-8")
    assert load_any(file).describe().id == found.id
    return manifest
