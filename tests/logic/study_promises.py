"""What a result of every kind of study keeps: it is told in both languages, saved whole, and its file asks the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from sim.runs.results import read_result
from sim.study import load_result, load_study
from sim.study.registry import report_of
from sim.study.study_yaml import study_yaml


def assert_told(found: Any, folder: Path, lang: str) -> list[str]:
    """The brief has its tables and a figure; gives the lines a terminal shows."""
    report = report_of(found.kind)
    page = report.write_brief(found, folder / "brief.html", lang=lang).read_text(encoding="utf-8")
    assert page.count("<table") >= 2
    assert "data:image/svg+xml" in page
    return list(report.details(found, lang=lang))


def assert_kept(found: Any, folder: Path) -> dict[str, Any]:
    """What is saved is whole, and the study file in its brief asks for the same study; gives the manifest."""
    tables, _, manifest = read_result(found.save(folder / "x"))
    assert len(tables["points"]) == len(found.points)
    again = load_result(folder / "x")
    assert again.spec == found.spec
    pd.testing.assert_frame_equal(again.table(), found.table())
    file = folder / "study.yaml"
    file.write_text(study_yaml(found), encoding="utf-8")
    assert load_study(file).describe().id == found.id
    return manifest
