"""Claim: an id changes exactly when what it names changes, values or code, and on every machine alike."""

from __future__ import annotations

import itertools
import linecache
import subprocess
import sys
import threading
from dataclasses import dataclass, field, make_dataclass

import numpy as np
import pandas as pd
import pytest

from sim.runs.identity import Unhashable, content_id, describe

_cells = itertools.count()


class Notebook:
    """Cells run one after another in one namespace, their source where IPython keeps it."""

    def __init__(self, *cells: str) -> None:
        self.names: dict = {"__name__": "__main__"}
        for cell in cells:
            self.run(cell)

    def run(self, cell: str) -> None:
        file = f"<cell {next(_cells)}>"
        linecache.cache[file] = (len(cell), None, cell.splitlines(keepends=True), file)
        exec(compile(cell, file, "exec"), self.names)

    def id(self, expression: str = "Coffee()") -> str:
        return content_id(eval(expression, self.names))


SETUP = "from sim.levers.base import Lever\nimport numpy as np\nSIZE = 0.05\ndef half(x):\n    return x / 2\n"
LEVER = """
class Coffee(Lever):
    every: str = "month"
    cups: float = 1

    def run(self, world):
        yield world.clock.next(self.every)
        world.effects.add("motivation", half(SIZE) * np.sqrt(self.cups))
"""


@pytest.fixture
def original() -> str:
    return Notebook(SETUP, LEVER).id()


@pytest.mark.parametrize(
    ("setup", "lever"),
    [
        (SETUP, LEVER.replace("motivation", "skill")),  # the method
        (SETUP.replace("0.05", "0.06"), LEVER),  # a global it reads
        (SETUP.replace("x / 2", "x / 3"), LEVER),  # a helper it calls
        (
            SETUP.replace("return x / 2", "return x / twice()\ndef twice():\n    return 2"),
            LEVER,
        ),  # its helper
        (SETUP, LEVER.replace('"month"', '"week"')),  # a default
        (
            SETUP,
            LEVER.replace("cups: float = 1", "cups: float = 1\n    group = 'feedback'"),
        ),  # a class attribute
        (SETUP, LEVER.replace("Coffee", "Tea") + "\nCoffee = Tea"),  # its name
    ],
)
def test_every_change_of_what_a_lever_does_changes_the_id(original: str, setup: str, lever: str) -> None:
    assert Notebook(setup, lever).id() != original


@pytest.mark.parametrize(
    "cells",
    [
        (SETUP, LEVER),  # run again, in other cells
        (SETUP, "table = 3\n", LEVER, "other = table + 1\n"),  # unrelated variables...
        (SETUP, "renamed = 3\n", LEVER, "another = renamed + 1\n"),  # ...renamed
        (SETUP, "effects = 'an attribute has this name'\nadd = every = 7\n", LEVER),
        (SETUP + "\n\n", "\n\n# moved down\n" + LEVER),
    ],
)
def test_what_nothing_reads_does_not_change_the_id(original: str, cells: tuple[str, ...]) -> None:
    assert Notebook(*cells).id() == original


def test_a_helper_changed_two_calls_away_changes_the_id() -> None:
    cells = [
        "def a():\n    return b()\n",
        "def b():\n    return c()\n",
        "def c():\n    return {}\n",
        "f = a\n",
    ]
    ids = {Notebook(*[c.replace("{}", str(k)) for c in cells]).id("f") for k in (1, 2)}
    assert len(ids) == 2


def test_closures_defaults_and_decorators_are_code_too() -> None:
    cell = """
import functools
def shout(word):
    def wrap(f):
        @functools.wraps(f)
        def inner(*args):
            return f(*args) + word
        return inner
    return wrap
def plain(x):
    return x
f = shout(WORD)(plain)
"""
    assert Notebook("WORD = 'a'\n", cell).id("f") != Notebook("WORD = 'b'\n", cell).id("f")
    assert Notebook("WORD = 'a'\n", cell).id("f") != Notebook(
        "WORD = 'a'\n", cell.replace("return x\n", "return -x\n")
    ).id("f")
    other_wrapper = cell.replace("f(*args) + word", "f(*args) * word")
    assert Notebook("WORD = 'a'\n", cell).id("f") != Notebook("WORD = 'a'\n", other_wrapper).id("f")
    default = "def f(x=WORD):\n    return x\n"
    assert Notebook("WORD = 1\n", default).id("f") != Notebook("WORD = 2\n", default).id("f")


def test_cached_and_compiled_helpers_show_what_they_wrap() -> None:
    cell = "import functools, numba\n@functools.cache\ndef f(x):\n    return x + {}\n"
    cell += "@numba.njit\ndef g(x):\n    return x * {}\n"
    for name in "fg":
        assert Notebook(cell.format(1, 1)).id(name) == Notebook(cell.format(1, 1)).id(name)
        assert Notebook(cell.format(1, 1)).id(name) != Notebook(cell.format(2, 2)).id(name)


def test_functions_that_call_each_other_have_an_id() -> None:
    cell = "def even(n):\n    return n == 0 or odd(n - 1)\ndef odd(n):\n    return n != 0 and even(n - 1)\n"
    assert Notebook(cell).id("even") == Notebook(cell).id("even") != Notebook(cell).id("odd")


@pytest.mark.parametrize(
    ("how", "call"), [("import idmod_b", "idmod_b.g()"), ("from idmod_b import g", "g()")]
)
def test_a_module_of_the_researchers_own_is_followed_into_its_imports(
    tmp_path, monkeypatch, how: str, call: str
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    ids = set()
    for factor in (1, 2):
        for name in ("idmod_a", "idmod_b"):
            sys.modules.pop(name, None)
        (tmp_path / "idmod_b.py").write_text(f"def g():\n    return {factor}\n", encoding="utf-8")
        (tmp_path / "idmod_a.py").write_text(f"{how}\n\ndef f():\n    return {call}\n", encoding="utf-8")
        linecache.checkcache()
        ids.add(Notebook("import idmod_a\ndef h():\n    return idmod_a.f()\n").id("h"))
    assert len(ids) == 2


def test_the_sources_are_told() -> None:
    book = Notebook(SETUP, LEVER)
    sources = describe(book.names["Coffee"]()).sources
    assert set(sources) == {"__main__.Coffee.run", "__main__.half"}
    assert "half(SIZE)" in sources["__main__.Coffee.run"]
    assert sources["__main__.half"] == "def half(x):\n    return x / 2"


@dataclass(frozen=True)
class Spec:
    rate: float = 1.0
    count: int = 1
    limit: float | None = None
    shares: tuple[float, ...] = ()
    by_name: dict[str, float] = field(default_factory=dict)


@pytest.mark.parametrize(
    ("one", "same"),
    [
        (Spec(rate=1), Spec(rate=1.0)),
        (Spec(count=2.0), Spec(count=2)),  # type: ignore[arg-type]
        (Spec(rate=np.float64(2)), Spec(rate=2)),
        (Spec(limit=3), Spec(limit=3.0)),
        (Spec(shares=(1, 2)), Spec(shares=(1.0, 2.0))),
        (Spec(by_name={"a": 1, "b": 2}), Spec(by_name={"b": 2.0, "a": 1.0})),
        ({"a", "b", "c"}, {"c", "b", "a"}),
        (np.arange(3, dtype=">f8"), np.arange(3, dtype="<f8")),
        (np.arange(6).reshape(2, 3).T, np.ascontiguousarray(np.arange(6).reshape(2, 3).T)),
    ],
)
def test_equal_content_has_one_id(one: object, same: object) -> None:
    assert content_id(one) == content_id(same)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Spec(rate=0.1), Spec(rate=np.nextafter(0.1, 1))),
        (Spec(limit=None), Spec(limit=float("nan"))),
        (Spec(), make_dataclass("Other", ["rate"])(1.0)),
        (1, 1.0),  # undeclared: a number is what it is
        (1, True),
        ("1", 1),
        ((1, (2, 3)), (1, 2, 3)),
        (np.zeros((2, 3)), np.zeros((3, 2))),
        (np.zeros(2, dtype=np.int32), np.zeros(2, dtype=np.int64)),
        (pd.DataFrame({"a": [1.0]}), pd.DataFrame({"b": [1.0]})),
        (pd.DataFrame({"a": ["x"]}), pd.DataFrame({"a": ["y"]})),
        (pd.DataFrame({"a": [1.0]}, index=[5]), pd.DataFrame({"a": [1.0]})),
    ],
)
def test_different_content_has_different_ids(one: object, other: object) -> None:
    assert content_id(one) != content_id(other)


def test_what_has_no_exact_description_is_refused_by_name() -> None:
    with pytest.raises(Unhashable, match=r"value\['lock'\].*'lock'"):
        content_id({"lock": threading.Lock()})
    book = Notebook(SETUP, "rng = np.random.default_rng(1)\n", LEVER.replace("half(SIZE)", "rng.random()"))
    with pytest.raises(Unhashable, match=r"Coffee\.run, which reads 'rng'.*Generator"):
        book.id()
    with pytest.raises(Unhashable, match=r"source of '__main__\.<lambda>' is not there"):
        content_id(eval("lambda: 0", {"__name__": "__main__"}))


def test_an_id_is_the_same_in_another_process() -> None:
    code = (
        "from sim.runs.identity import content_id; print(content_id({'a': {1.5, 'x', None}, 'b': (2, 'é')}))"
    )
    ids = {
        subprocess.run(
            [sys.executable, "-X", f"hash_seed={seed}", "-c", code],
            text=True,
            capture_output=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "SYSTEMROOT": "C:\\Windows"},
        ).stdout
        for seed in ("1", "2")
    }
    assert ids == {content_id({"b": (2, "é"), "a": {None, 1.5, "x"}}) + "\n"}
