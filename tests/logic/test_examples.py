"""Claim: the examples in docstrings and docs run, and those that show an answer give that answer.

Doctests run as they stand. Blocks of code after ``::`` and the Python blocks of README and docs run with small settings
(`SMALL`) and with what their reader has at hand (`AT_HAND`), in an empty folder; what is not run says why (`NOT_RUN`).
"""

from __future__ import annotations

import ast
import doctest
import importlib
import pkgutil
import re
import textwrap
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
import sim.inference
import sim.levers
import sim.study
from sim.planner.plans import Plan, Question
from sim.runs.replicate import execution
from sim.runs.store import RunsOnDisk
from sim.twin.desk_log import log_of
from sim.world import Scenario
from validation.ratings import crossed

ROOT = Path(__file__).parents[2]

FEW = {"years": 1, "workers": 1, "progress": False}
SMALL: dict[str, dict[str, Any]] = {
    "compare": {**FEW, "replications": 2},
    "capacity": {**FEW, "high": 4, "batch": 5, "confirm": 5, "max_replications": 15},
    "check_desk": {"replications": 20},
    "contributions": {**FEW, "replications": 2},
    "fairness": {**FEW, "replications": 2},
    "optimise": {**FEW, "first": 3, "most": 3},
    "robust": {**FEW, "futures": 10, "repeated": 0},
    "run_jobs": {"workers": 1},
    "select": {**FEW, "first": 5, "max_replications": 5},
    "sensitivity": {**FEW, "futures": 10, "repeated": 0, "trajectories": 0},
    "trial_power": {"replications": 2},
}
"""Function -> arguments that take the place of those in the text or are added to them."""

NOT_RUN = {
    "# cluster.py": "needs a SLURM cluster and dask_jobqueue",
    'with connected("scheduler.json") as client': "needs a cluster; tests/reliability/test_cluster.py runs the same",
    "from sim.runs.cluster import connected": "needs a cluster; tests/reliability/test_cluster.py runs the same",
    "calibrate([load_agency": "takes a minute; tests/logic/test_calibration.py runs the same",
    'read_events("receipt_wabo.csv.gz"': "needs the shared data; tests/inference/test_permit_desk.py runs the same",
    'repeat("results/': "needs that result; tests/reliability/test_repeat.py runs the same",
}
"""A piece of a block -> why it is not run."""


class Small(ast.NodeTransformer):
    """Take small settings and a tiny agency in place of those of the text."""

    def __init__(self, tiny: str) -> None:
        self.tiny = tiny

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant(self.tiny) if node.value == "contoh" else node

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in SMALL:
            new = {key: ast.Constant(value) for key, value in SMALL[name].items()}
            kept = [word for word in node.keywords if word.arg not in new]
            node.keywords = kept + [ast.keyword(key, value) for key, value in new.items()]
        return node


def modules() -> list[str]:
    names = [m.name for m in pkgutil.walk_packages(sim.__path__, "sim.")]
    return ["sim", *(name for name in names if not name.endswith("__main__"))]


def literal_blocks(text: str) -> Iterator[str]:
    """Code after ``::`` in a docstring."""
    lines = text.split("\n")
    for i, line in enumerate(lines):
        if line.rstrip().endswith("::"):
            depth = len(line) - len(line.lstrip())
            block = []
            for row in lines[i + 1 :]:
                if row.strip() and len(row) - len(row.lstrip()) <= depth:
                    break
                block.append(row)
            yield textwrap.dedent("\n".join(block)).strip()


def docstrings(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            yield ast.get_docstring(node) or ""


def blocks() -> list[Any]:
    """Each block with the page before it: what a page defined, later blocks of the page use."""
    found = []
    for path in sorted((ROOT / "src" / "sim").rglob("*.py")):
        for text in docstrings(path):
            found += [(path, [code]) for code in literal_blocks(text)]
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        text = page.read_text(encoding="utf-8")
        fences = re.findall(r"^```(?:py|python)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        runnable = [code for code in fences if not why_not(code)]
        found += [(page, [code]) for code in fences if why_not(code)]
        found += [(page, runnable)] if runnable else []
    return [
        pytest.param(path, codes, id=f"{path.relative_to(ROOT).as_posix()}: {codes[0].splitlines()[0][:40]}")
        for path, codes in found
    ]


def why_not(code: str) -> str | None:
    return next((why for piece, why in NOT_RUN.items() if piece in code), None)


def at_hand(path: Path) -> dict[str, Any]:
    """What a reader of the page has: the module itself, and the public names of the package."""
    names: dict[str, Any] = {"sim": sim, "np": np, "pd": pd, "Path": Path}
    for package in (sim, sim.levers, sim.inference, sim.study):
        names |= {name: getattr(package, name) for name in package.__all__}
    if path.suffix == ".py":
        parts = path.relative_to(ROOT / "src").with_suffix("").parts
        module = importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
        names |= vars(module)
    return {**names, "__name__": "__main__"}


@pytest.mark.parametrize("name", modules())
def test_doctests_give_what_they_show(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(name)
    assert isinstance(module, ModuleType)
    assert doctest.testmod(module).failed == 0


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Folder of an agency with one unit of six officers and one service."""
    contoh = sim.load_agency("contoh")
    unit, service = replace(contoh.units[0], pns=4, pppk=2), contoh.services[0]
    folder = tmp_path_factory.mktemp("tiny") / "tiny"
    demand = tuple(row for row in contoh.demand if row.service in ("*", service.service))
    small = replace(contoh, units=(unit,), services=(service,), demand=demand, programmes=())
    sim.write_agency(small, folder)
    return str(folder)


def small_study(_: Path) -> Any:
    policies = (sim.status_quo(), sim.load_policy("citizen_feedback"))
    return sim.study.CompareStudy(
        agency=sim.load_agency("contoh"), policies=policies, years=1, replications=1
    )


def small_question(_: Path) -> Any:
    return Question(sim.load_agency("contoh"), (Plan.new("A"),), replications=2)


def desk_log(folder: Path) -> None:
    scenario = Scenario(start=date(2026, 7, 1), burn_in=0)
    cases = sim.trace(
        sim.load_agency("contoh"), sim.status_quo(), "dukcapil", seed=1, months=1, scenario=scenario
    )
    log_of(cases).to_csv(folder / "log.csv", index=False)


def ratings_book(folder: Path) -> None:
    data, *_ = crossed(np.random.default_rng(1), ratees=12, raters=6)
    data.columns = ["pegawai", "penilai", "same_unit", "nilai"]
    data["nilai"] = data["nilai"].round().clip(1, 5)
    data.assign(
        pegawai="p" + data["pegawai"].astype(str), penilai="q" + data["penilai"].astype(str)
    ).to_excel(folder / "penilaian.xlsx", index=False)


AT_HAND: dict[str, Callable[[Path], Any]] = {
    "agency": lambda _: sim.load_agency("contoh"),
    "policy": lambda _: sim.status_quo(),
    "study": small_study,
    "spec": small_study,
    "question": small_question,
    "RunsOnDisk": lambda _: RunsOnDisk,
    "execution": lambda _: execution,
    "frame": lambda _: pd.DataFrame({"step": [1, 2]}),
    "register": lambda _: pd.DataFrame({"officer": [1, 1, 2, 2, 3, 3], "present": [1, 0, 1, 1, 1, 1]}),
}
"""Name that a text reads and does not define -> what it is."""

FILES: dict[str, Callable[[Path], None]] = {"log.csv": desk_log, "penilaian.xlsx": ratings_book}
"""File that a text reads -> who writes it."""


@pytest.mark.parametrize(("path", "codes"), blocks())
def test_code_in_texts_runs(
    path: Path, codes: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    names = at_hand(path)
    reason = why_not(codes[0])
    if reason:
        ours = [
            node
            for node in ast.parse(codes[0]).body
            if ast.unparse(node).startswith(("from sim", "import sim"))
        ]
        exec(compile(ast.Module(ours, []), str(path), "exec"), names)  # at least what it imports is there
        pytest.skip(reason)
    for code in codes:
        tree = ast.parse(code)
        defined = {n.name for n in ast.walk(tree) if isinstance(n, ast.ClassDef | ast.FunctionDef)}
        defined |= {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        read = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} - defined
        names |= {name: AT_HAND[name](tmp_path) for name in read & set(AT_HAND)}
        for name, write in FILES.items():
            if name in code:
                write(tmp_path)
        small = ast.fix_missing_locations(Small(tiny).visit(tree))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a saved result that a small study does not use
            exec(compile(small, str(path), "exec", dont_inherit=True), names)
