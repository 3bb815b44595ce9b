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

from sim.study import saved as face
from sim.study.compare import compare
from sim.study.comparison import Comparison
from sim.study.store import load_comparison
from validation.stamps import ROOT

FOLDER = ROOT / "data" / "saved"
LARGEST = 300_000
"""Bytes of a saved result; one that is larger is kept without the months of single units."""

WHOLE = "*"
"""The unit that is the whole agency, in tables."""


def names() -> list[str]:
    """List the saved comparisons."""
    return sorted(path.parent.name for path in FOLDER.glob("[0-9]*/manifest.json"))


def notebooks() -> Iterator[Path]:
    """Yield the notebooks that read saved comparisons."""
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        if "compare_saved(" in path.read_text(encoding="utf-8"):
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
    read = face.compare_saved

    def run_and_keep(name: str, agency: Any, policies: Any, **design: Any) -> Comparison:
        if only and name not in only:
            return read(name, agency, policies, **design)
        folder = ROOT / "results" / "proofs" / "saved"
        result = compare(agency, policies, **design, out=folder, progress=False)
        keep(result, name)
        print(f"data/saved/{name}", file=sys.stderr, flush=True)
        return load_comparison(FOLDER / name)

    face.compare_saved = run_and_keep  # type: ignore[assignment]
    try:
        for notebook in notebooks():
            space: dict[str, Any] = {"__name__": "__main__"}
            with contextlib.redirect_stdout(io.StringIO()):
                for text in cells(notebook):
                    exec(compile(text, notebook.name, "exec"), space)
    finally:
        face.compare_saved = read
    return 0


def keep(result: Comparison, name: str) -> Path:
    """Save a comparison in ``data/saved``, without the months of single units where it would be too large."""
    folder = result.save(FOLDER / name)
    if sum(path.stat().st_size for path in folder.iterdir()) > LARGEST:
        months = result.outcomes[result.outcomes["unit"] == WHOLE].reset_index(drop=True)
        folder = replace(
            result, outcomes=months, manifest={**result.manifest, "months_of_units": "left out"}
        ).save(folder)
    return folder
