"""Claim: a lever written in a notebook, a script or a file of one's own has the rights of those that ship: it runs in
worker processes, its source is kept with the result, and editing it makes it another study."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

LEVER = """
from sim.levers import Lever, status_quo
from sim.evidence import Effect

def size():
    return Effect(mean=SIZE)

class CoffeeMornings(Lever):
    every: str = "month"

    def run(self, world):
        while True:
            yield world.clock.next(self.every)
            world.effects.add("motivation", size(), fade_days=20)
"""
RUN = """
import json
from sim import compare

def run(workers):
    policies = [status_quo(), status_quo().plus(CoffeeMornings(), name="coffee")]
    return compare("contoh", policies, years=1, replications=2, workers=workers, progress=False)

def told(result):
    table = result.table("motivation").set_index("policy")
    bytes_ = result.outcomes.to_csv() + result.runs_summary.to_csv() + result.costs.to_csv()
    return {
        "id": result.id,
        "sources": result.manifest["sources"],
        "difference": table.loc["coffee", "difference"],
        "tables": bytes_,
        "parameters": result.manifest["study"]["policies"][1]["levers"][-1],
    }
"""


def notebook(*cells: str) -> list[dict]:
    """Run cells in a fresh kernel; what they print as JSON."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(book, timeout=300, kernel_name="python3").execute()
    printed = "".join(o["text"] for cell in book.cells for o in cell["outputs"] if o.get("name") == "stdout")
    return [json.loads(line) for line in printed.splitlines()]


@pytest.fixture(scope="module")
def told() -> list[dict]:
    tell = "print(json.dumps(told(run({}))))"
    return notebook(
        "SIZE = 0.5",
        LEVER,
        RUN,
        tell.format(2),
        "unrelated = 1\n" + tell.format(1),
        "SIZE = 1.0",
        tell.format(2),
        "renamed = 2",
        LEVER.replace("fade_days=20", "fade_days=200"),
        tell.format(2),
    )


def test_a_lever_of_a_notebook_runs_in_workers_and_does_something(told: list[dict]) -> None:
    assert told[0]["difference"] > 0.05


def test_one_worker_and_two_agree_about_it(told: list[dict]) -> None:
    assert told[0]["tables"] == told[1]["tables"]
    assert told[0]["id"] == told[1]["id"]


def test_a_changed_global_reaches_the_workers_and_is_another_study(told: list[dict]) -> None:
    assert told[2]["id"] != told[0]["id"]
    assert told[2]["difference"] > 1.5 * told[0]["difference"]


def test_an_edited_lever_reaches_the_workers_and_is_another_study(told: list[dict]) -> None:
    assert len({t["id"] for t in told}) == 3
    assert told[3]["difference"] > 1.5 * told[2]["difference"]


def test_its_source_is_in_the_manifest(told: list[dict]) -> None:
    assert set(told[0]["sources"]) == {"__main__.CoffeeMornings.run", "__main__.size"}
    assert "fade_days=20)" in told[0]["sources"]["__main__.CoffeeMornings.run"]
    assert "fade_days=200)" in told[3]["sources"]["__main__.CoffeeMornings.run"]
    assert told[0]["parameters"]["own"] is True
    assert told[0]["parameters"]["every"] == "month"


def test_a_script_needs_no_main_guard(tmp_path: Path, told: list[dict]) -> None:
    script = tmp_path / "study.py"
    script.write_text(f"SIZE = 0.5\n{LEVER}\n{RUN}\nprint(json.dumps(told(run(2))))", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    (found,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert found["tables"] == told[0]["tables"]
    assert found["id"] == told[0]["id"]  # the same code in another place is the same study


def test_an_edited_and_reloaded_file_reaches_workers_that_are_running(tmp_path: Path) -> None:
    script = f"""
import importlib, sys, time
from pathlib import Path
sys.path.insert(0, {str(tmp_path)!r})
sys.dont_write_bytecode = True
file = Path({str(tmp_path / "my_levers.py")!r})
text = '''SIZE = 0.5\\n{LEVER}'''
file.write_text(text, encoding="utf-8")
import my_levers
from my_levers import CoffeeMornings, status_quo
{RUN}
print(json.dumps(told(run(2))))
file.write_text(text.replace("SIZE = 0.5", "SIZE = 1.0 "), encoding="utf-8")
importlib.reload(my_levers)
from my_levers import CoffeeMornings
print(json.dumps(told(run(2))))
print(json.dumps(told(run(1))))
"""
    path = tmp_path / "session.py"
    path.write_text(script, encoding="utf-8")
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    before, after, here = (json.loads(line) for line in done.stdout.splitlines())
    assert before["id"] != after["id"] == here["id"]
    assert after["tables"] == here["tables"] != before["tables"]
    assert "my_levers.CoffeeMornings.run" in after["sources"]
