"""Claim: there is one compiled desk, of one signature, never a stale one; without a compiler it is slow but right."""

import ast
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numba
import numpy as np
import pytest
from desk_cases import outcome, random_week

import sim.desk.cache
from sim.desk import Desk, kernel

KERNEL = Path(kernel.__file__)
COMPILED = not numba.config.DISABLE_JIT


@pytest.fixture
def jit() -> None:
    if not COMPILED:
        pytest.skip("numba is switched off")


def test_one_signature(jit: None) -> None:
    for seed in range(20):
        outcome(Desk, random_week(seed, coarse=True))
    assert len(kernel.advance.signatures) == 1
    *arrays, to = kernel.advance.signatures[0]
    assert to == numba.int64
    assert {(array.layout, array.mutable, str(array.dtype)) for array in arrays} == {
        ("C", True, "int64"),
        ("C", True, "float64"),
    }


def test_all_compiled_code_is_in_one_file_that_imports_only_its_decorators() -> None:
    source = Path(sim.desk.cache.__file__).parents[1]
    users = [
        file.relative_to(source).as_posix()
        for file in source.rglob("*.py")
        if "numba" in (text := file.read_text(encoding="utf-8")) and "import numba" in text
    ]
    assert users == ["desk/cache.py"]
    imported = [
        node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(ast.parse(KERNEL.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert imported == ["__future__", "numpy", "sim.desk.cache"]


def load(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SMALL_KERNEL = """
from sim.desk.cache import compiled, entry
STEP = {step}
@compiled
def _add(x):
    return x + STEP
@entry
def go(x):
    return _add(x)
"""


def test_an_edited_kernel_never_meets_an_old_cache(
    jit: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    file = tmp_path / "small_kernel.py"
    for step, result, hits in ((10, 20, 0), (10, 20, 1), (20, 30, 0)):
        file.write_text(SMALL_KERNEL.format(step=step), encoding="utf-8")
        os.utime(file, (1, 1))  # not even by its time and size could the edit be noticed
        module = load(file)
        assert module.go(10) == result
        assert sum(module.go.stats.cache_hits.values()) == hits
    assert len(list((tmp_path / "cache" / "kinerja-lab").iterdir())) == 2


def test_other_code_keeps_its_own_cache_folder(jit: None) -> None:
    before = numba.config.CACHE_DIR
    sim.desk.cache.entry(lambda x: x)
    assert before == numba.config.CACHE_DIR


def test_the_user_is_told_where_nothing_can_be_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    with pytest.warns(RuntimeWarning, match="Set NUMBA_CACHE_DIR to a folder you can write to"):
        assert sim.desk.cache.cache_folder(KERNEL, tmp_path / "file") is None


def test_slow_but_right_without_a_compiler() -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from desk_cases import differences, random_week\n"
        "from sim.desk import Desk, kernel\n"
        "from sim.desk.reference import ReferenceDesk\n"
        "assert type(kernel.advance).__name__ == 'function'\n"
        "print([differences(random_week(seed, True), Desk, ReferenceDesk) for seed in range(10)])\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", script, str(Path(__file__).parent)],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert told.stdout.strip() == str([[]] * 10)


def test_collections_are_copies() -> None:
    """What was collected does not change when the desk goes on."""
    week = random_week(3, coarse=False)
    desk = Desk(week.day_start, week.queues, week.officers)
    feeds = [arguments for _, method, arguments in week.actions if method == "feed" and len(arguments[0]) > 5]
    desk.feed(*feeds[0])
    desk.advance(int(week.day_start[-1]))
    cases, _ = desk.collect()
    before = cases.frame()
    desk._cases[...] = -9
    assert len(before) > 0
    assert np.array_equal(before.to_numpy(), cases.frame().to_numpy())
