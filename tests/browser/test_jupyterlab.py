"""Claim: JupyterLab opens where `make lab` says, goes where one clicks, runs notebook 01, and shows the planner."""

from __future__ import annotations

import json
import re
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import PATIENCE, ROOT, served

FIRST = "01-first-run.ipynb"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the notebooks, without outputs: JupyterLab saves what it opens."""
    copy = tmp_path_factory.mktemp("lab")
    for path in (
        *(ROOT / "notebooks").glob("*.ipynb"),
        *(ROOT / "docs").glob("*.md"),
        *ROOT.glob("src/sim/planner/*.ipynb"),
    ):
        target = copy / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix != ".ipynb":
            shutil.copy(path, target)
            continue
        book = json.loads(path.read_text(encoding="utf-8"))
        for cell in book["cells"]:
            if cell["cell_type"] == "code":
                cell |= {"outputs": [], "execution_count": None}
        target.write_text(json.dumps(book), encoding="utf-8")
    return copy


@pytest.fixture(scope="module")
def lab(chromium: Any, place: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of JupyterLab, begun with what the Makefile gives it."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    given = re.search(r"\$\(BIN\)/jupyter lab(.*)", makefile)
    assert given is not None
    here = ["--no-browser", "--ip=127.0.0.1", "--port=0", "--allow-root", "--LabApp.news_url="]
    here += [f"--LabApp.{kind}_dir={place / kind}" for kind in ("workspaces", "user_settings")]
    command = [sys.executable, "-m", "jupyterlab", *given[1].split(), *here]
    log = tmp_path_factory.mktemp("server") / "log.txt"
    with served(command, r"http://127\.0\.0\.1:(\d+)/lab\S*\?token=\S+", log, place) as address:
        yield address


def run_all(page: Any) -> None:
    """Run every cell; asked again where the menu was quicker than the notebook, and nothing began."""
    shown = ".jp-NotebookPanel:not(.lm-mod-hidden)"
    page.wait_for_selector(f"{shown} .jp-Notebook-ExecutionIndicator[data-status=idle]")
    begun = page.locator(f"{shown} .jp-InputPrompt", has_text=re.compile(r"\[(\*|\d+)\]"))
    for _ in range(10):
        page.locator(".lm-MenuBar-itemLabel", has_text=re.compile("^Run$")).click()
        page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Run All Cells$")).click()
        page.wait_for_timeout(3000)
        if begun.count():
            return
    pytest.fail("JupyterLab ran no cell")


def code_cells(path: Path) -> list[dict[str, Any]]:
    while not (text := path.read_text(encoding="utf-8")).rstrip().endswith("}"):
        time.sleep(0.1)  # JupyterLab is just writing it
    return [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]


def test_the_launcher_leads_to_notebook_01_and_it_runs(
    page: Any, lab: str, place: Path, record_property: Any
) -> None:
    page.goto(lab)
    page.get_by_role("heading", name="Mulai di sini / Start here").wait_for()
    page.locator(f"a[href*='{FIRST}'], a[data-commandlinker-args*='{FIRST}']").first.click()
    page.get_by_role("heading", name="01 First run").wait_for()
    began = time.perf_counter()
    run_all(page)
    path = place / "notebooks" / FIRST
    while not all(cell["execution_count"] for cell in code_cells(path)):
        assert time.perf_counter() - began < 4 * PATIENCE / 1000, "notebook 01 did not end"
        page.wait_for_timeout(1000)
        page.keyboard.press("Control+s")
    record_property("measured", f"JupyterLab: notebook 01 run in {time.perf_counter() - began:.0f} s")
    outputs = [output for cell in code_cells(path) for output in cell["outputs"]]
    assert [output["evalue"] for output in outputs if output["output_type"] == "error"] == []
    assert any("image/png" in output.get("data", {}) for output in outputs)


def test_the_planner_works_in_jupyterlab_too(page: Any, lab: str) -> None:
    page.goto(re.sub(r"/lab\S*\?", "/lab/tree/src/sim/planner/planner.ipynb?reset&", lab))
    run_all(page)
    page.wait_for_selector(".k-status")
    assert page.locator(".k-table tbody tr").count() > 8
