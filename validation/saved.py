"""The results that notebooks read from ``data/saved``: every such comparison is run and kept there.

Finished runs are kept in ``results/proofs/saved`` until a result is there: interrupted, it goes on.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib

from sim.outcomes import OUTCOMES
from sim.runs.job import ORDER
from sim.runs.provenance import model_code
from sim.study import (
    CompareResult,
    CompareStudy,
    SensitivityResult,
    SensitivityStudy,
    StudySpec,
    load_result,
    load_study,
)
from sim.study import saved as face
from validation.stamps import ROOT

FOLDER = ROOT / "data" / "saved"
KEPT = ROOT / "results" / "proofs" / "saved"
"""Finished runs."""

LARGEST = 300_000
"""Bytes that a saved result may have."""

FACES = ("compare_saved", "sensitivity_saved")
"""By which notebooks read them."""

ROBUST = "robust_three_governments"
"""A study of data/studies that a notebook reads as a whole."""


def names() -> list[str]:
    """List the saved comparisons."""
    return sorted(path.parent.name for path in FOLDER.glob("[0-9]*/outcomes.parquet"))


def notebooks() -> Iterator[Path]:
    """Yield the notebooks that read saved results of their own."""
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        if any(f"{face}(" in path.read_text(encoding="utf-8") for face in FACES):
            yield path


def cells(notebook: Path) -> list[str]:
    """Give the code of a notebook, cell by cell, without what only IPython understands."""
    found = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in found if cell["cell_type"] == "code"]
    return ["\n".join(row for row in text.split("\n") if not row.startswith("%")) for text in texts]


def run(only: Sequence[str] = ()) -> int:
    """Run the saved comparisons of all notebooks, or those named, and keep them.

    Returns
    -------
    int
        0; what goes wrong is raised.
    """
    matplotlib.use("agg")
    read = {name: getattr(face, name) for name in FACES}

    def run_and_keep(
        name: str, agency: Any, policies: Any, *, months: Sequence[str] = (), **design: Any
    ) -> CompareResult:
        if only and name not in only:
            return read["compare_saved"](name, agency, policies, **design)
        keep(_finished(CompareStudy.of(agency, policies, **design)), name, months)
        print(f"data/saved/{name}", file=sys.stderr, flush=True)
        return load_result(FOLDER / name)

    def analyse_and_keep(name: str, agency: Any, policies: Any, **design: Any) -> SensitivityResult:
        if only and name not in only:
            return read["sensitivity_saved"](name, agency, policies, **design)
        result = _finished(SensitivityStudy.of(agency, policies, **design))
        result.save(FOLDER / name)
        print(f"data/saved/{name}", file=sys.stderr, flush=True)
        return result

    if not only or ROBUST in only:
        _finished(load_study(ROBUST)).save(FOLDER / ROBUST)
        print(f"data/saved/{ROBUST}", file=sys.stderr, flush=True)
    face.compare_saved, face.sensitivity_saved = run_and_keep, analyse_and_keep  # type: ignore[assignment]
    try:
        for notebook in notebooks():
            space: dict[str, Any] = {"__name__": "__main__"}
            with contextlib.redirect_stdout(io.StringIO()):
                for text in cells(notebook):
                    exec(compile(text, notebook.name, "exec"), space)
    finally:
        face.compare_saved, face.sensitivity_saved = (read[name] for name in FACES)
    return 0


def _finished(study: StudySpec) -> Any:
    """Run a study, or read what this very code has finished already."""
    folder = KEPT / study.describe().id
    if folder.is_dir():
        result = load_result(folder)
        if result.manifest["code"] == model_code():
            return result
    return study.run(out=KEPT, progress=False)


def keep(result: CompareResult, name: str, months: Sequence[str]) -> Path:
    """Save a comparison in ``data/saved``, with the months of some outcomes only."""
    weights = [OUTCOMES[outcome].weight for outcome in months]
    columns = dict.fromkeys([*ORDER["outcomes"], *months, *(weight for weight in weights if weight)])
    return replace(result, outcomes=result.outcomes[list(columns)]).save(FOLDER / name)
