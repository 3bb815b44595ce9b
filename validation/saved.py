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
from sim.study import CompareResult, StudySpec, load_result
from sim.study import saved as face
from validation.stamps import ROOT

FOLDER = ROOT / "data" / "saved"
KEPT = ROOT / "results" / "proofs" / "saved"
"""Finished runs."""

LARGEST = 300_000
"""Bytes that a saved result may have."""


def names() -> list[str]:
    """List the saved comparisons."""
    return sorted(path.parent.name for path in FOLDER.glob("[0-9]*/outcomes.parquet"))


def notebooks(only: Sequence[str] = ()) -> Iterator[Path]:
    """Yield the notebooks that read saved results, or those of the results named."""
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        text = path.read_text(encoding="utf-8")
        named = not only or any(name[:2] == path.name[:2] or name in text for name in only)
        if named and "sim.study.saved" in text:
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
    read = face.saved_result

    def run_and_keep(name: str, spec: StudySpec, *, months: Sequence[str] = ()) -> Any:
        if not only or name in only:
            keep(_finished(spec), name, months)
        return read(name, spec, months=months)

    face.saved_result = run_and_keep
    try:
        for notebook in notebooks(only):
            space: dict[str, Any] = {"__name__": "__main__"}
            with contextlib.redirect_stdout(io.StringIO()):
                for text in cells(notebook):
                    exec(compile(text, notebook.name, "exec"), space)
    finally:
        face.saved_result = read
    return 0


def _finished(spec: StudySpec) -> Any:
    """Run a study, or read what this very code has finished already."""
    folder = KEPT / spec.describe().id
    if folder.is_dir():
        result = load_result(folder)
        if result.manifest["code"] == model_code():
            return result
    return spec.run(out=KEPT, progress=False)


def keep(result: Any, name: str, months: Sequence[str] = ()) -> None:
    """Save a result in ``data/saved``; of a comparison only the months of some outcomes."""
    if isinstance(result, CompareResult):
        weights = [OUTCOMES[outcome].weight for outcome in months]
        columns = dict.fromkeys([*ORDER["outcomes"], *months, *(weight for weight in weights if weight)])
        result = replace(result, outcomes=result.outcomes[list(columns)])
    result.save(FOLDER / name)
    print(f"data/saved/{name}", file=sys.stderr, flush=True)
