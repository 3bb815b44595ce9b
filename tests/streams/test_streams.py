"""Random streams are found by name: no stream depends on which others exist or on the order of asking."""

from __future__ import annotations

import ast
import doctest
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sim.streams
from sim.streams import Streams

keys = st.lists(st.one_of(st.integers(-(2**70), 2**70), st.text(max_size=6)), max_size=3).map(tuple)
paths = st.tuples(st.text(max_size=8), keys)


def draw(seed: int, replication: int, name: str, *key: int | str) -> list[int]:
    return Streams(seed, replication).generator(name, *key).integers(0, 2**63, 4).tolist()


def test_examples_in_the_docstrings_run():
    assert doctest.testmod(sim.streams).failed == 0


@given(st.lists(paths, min_size=2, max_size=8, unique=True), st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_other_streams_and_the_order_of_asking_change_nothing(wanted, random):
    alone = {path: draw(7, 3, path[0], *path[1]) for path in wanted}
    assert len({tuple(numbers) for numbers in alone.values()}) == len(wanted)
    shuffled = random.sample(wanted, len(wanted))
    together = Streams(7, 3)
    for path in shuffled:
        generator = together.generator(path[0], *path[1])
        generator.random(random.randrange(5))  # using one stream must not move another
        assert draw(7, 3, path[0], *path[1]) == alone[path]
    fresh = Streams(7, 3)
    assert {p: fresh.generator(p[0], *p[1]).integers(0, 2**63, 4).tolist() for p in shuffled} == alone


def test_seed_replication_name_and_key_each_make_another_stream():
    variants = [
        draw(1, 0, "arrivals", 1, 2),
        draw(2, 0, "arrivals", 1, 2),
        draw(1, 1, "arrivals", 1, 2),
        draw(1, 0, "work", 1, 2),
        draw(1, 0, "arrivals", 2, 1),
        draw(1, 0, "arrivals", 1),
        draw(1, 0, "arrivals", "1", 2),
        draw(1, 0, "arrivals", 1, 2, 0),
        draw(1, 0, "arrivals", 12),
        draw(1, 0, "arrivals1", 2),
        draw(1, 0, "arrivals", 2**32),
        draw(1, 0, "arrivals", 0, 1),
    ]
    assert len({tuple(numbers) for numbers in variants}) == len(variants)


def test_numpy_integers_are_the_same_key_as_python_integers():
    assert draw(1, 0, "absence", np.int64(5)) == draw(1, 0, "absence", 5)


@given(st.integers(0, 50), st.integers(0, 50))
@settings(max_examples=40, deadline=None)
def test_seed_and_replication_do_not_run_into_each_other(seed, replication):
    """`SeedSequence((a, 0))` equals `SeedSequence(a)`: seeding with a tuple would repeat streams."""
    trap = np.random.SeedSequence((seed, 0)).generate_state(4)
    assert (trap == np.random.SeedSequence(seed).generate_state(4)).all()
    assert draw(seed, replication, "a") != draw(seed, replication + 1, "a")
    assert draw(seed, replication, "a") != draw(seed + 1, replication, "a")
    assert draw(seed, 0, "a") != np.random.default_rng(seed).integers(0, 2**63, 4).tolist()
    if seed != replication:
        assert draw(seed, replication, "a") != draw(replication, seed, "a")


def test_streams_do_not_depend_on_the_process():
    """Python's hash() of text differs between processes."""
    code = (
        "from sim.streams import Streams;"
        "print(Streams(1, 0).generator('arrivals', 'ktp', 7).integers(0, 2**63, 4).tolist())"
    )
    for salt in ("1", "2"):
        told = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": salt},
            capture_output=True,
            text=True,
            check=True,
        )
        assert told.stdout.strip() == str(draw(1, 0, "arrivals", "ktp", 7))


def test_a_stream_is_used_once():
    streams = Streams(1, 0, future=0)
    streams.generator("arrivals", 1)
    streams.generator("arrivals", 2)
    streams.future("arrivals", 1)
    with pytest.raises(ValueError, match=r"\('arrivals', 1\) was requested twice"):
        streams.generator("arrivals", 1)
    with pytest.raises(ValueError, match="twice"):
        streams.future("arrivals", 1)
    with pytest.raises(ValueError, match="twice"):
        streams.generator("arrivals", np.int64(2))


def test_a_future_is_shared_by_replications_and_differs_from_their_luck():
    def future(replication: int, future: int) -> list[int]:
        return Streams(1, replication, future).future("effect", "training").integers(0, 2**63, 4).tolist()

    assert future(0, 4) == future(9, 4)
    assert future(0, 4) != future(0, 5)
    assert future(0, 4) != draw(1, 4, "effect", "training")
    assert Streams(1, 0, 4).generator("a").random() == Streams(1, 0).generator("a").random()
    with pytest.raises(ValueError, match="no future"):
        Streams(1, 0).future("effect")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((-1, 0), ValueError),
        ((2**64, 0), ValueError),
        ((1, -1), ValueError),
        ((1, 2**32), ValueError),
        ((1, 0, -1), ValueError),
        ((1.5, 0), TypeError),
        (((1, 0), 0), TypeError),
    ],
)
def test_wrong_seeds_are_refused(arguments, error):
    with pytest.raises(error):
        Streams(*arguments)


@pytest.mark.parametrize("key", [1.0, None, True, (1,), b"a"])
def test_keys_are_integers_or_text(key):
    with pytest.raises(TypeError):
        Streams(1, 0).generator("a", key)


# --- nobody else makes randomness ------------------------------------------------------------------------

SOURCE = Path(sim.streams.__file__).parent


def _offences(path: Path, text: str) -> list[str]:
    """Uses of randomness that do not come from a named stream."""
    # what analyses a study may draw for itself, from a seed it is given; what a citizen or officer meets may not
    analysis = path.relative_to(SOURCE).parts[0] in ("inference", "study")
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import) and any(a.name in ("random", "numpy.random") for a in node.names):
            found.append(f"{path.name}:{node.lineno} imports a random module")
        if isinstance(node, ast.ImportFrom) and (
            node.module in ("random", "numpy.random")
            or (node.module == "numpy" and any(a.name == "random" for a in node.names))
        ):
            found.append(f"{path.name}:{node.lineno} imports from a random module")
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("np.random", "numpy.random"):
            allowed = {"Generator"} | ({"default_rng", "SeedSequence"} if analysis else set())
            if node.attr not in allowed:
                found.append(f"{path.name}:{node.lineno} uses np.random.{node.attr}")
        if (
            analysis
            and isinstance(node, ast.Call)
            and ast.unparse(node.func).endswith(("default_rng", "SeedSequence"))
        ):
            named = {
                getattr(n, "id", getattr(n, "attr", "")).lstrip("_")
                for a in node.args[:1]
                for n in ast.walk(a)
            }
            if "seed" not in named:
                found.append(f"{path.name}:{node.lineno} makes a generator without a seed argument")
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "rvs"
            and "random_state" not in {k.arg for k in node.keywords}
        ):
            found.append(f"{path.name}:{node.lineno} calls rvs without random_state")
    return found


def test_only_named_streams_make_random_numbers():
    files = [path for path in SOURCE.rglob("*.py") if path != Path(sim.streams.__file__)]
    assert len(files) > 5
    assert [o for path in files for o in _offences(path, path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    ("where", "code", "caught"),
    [
        ("world/x.py", "import numpy as np\nnp.random.default_rng(1)", True),
        ("world/x.py", "import numpy as np\nnp.random.seed(1)", True),
        ("world/x.py", "from numpy.random import default_rng", True),
        ("world/x.py", "from numpy import random", True),
        ("world/x.py", "import random", True),
        ("world/x.py", "stats.norm.rvs(size=3)", True),
        ("world/x.py", "def f(rng: np.random.Generator): return rng.normal()", False),
        ("inference/x.py", "np.random.default_rng(seed)", False),
        ("study/x.py", "np.random.default_rng(self._seed)", False),
        ("study/x.py", "np.random.default_rng(7)", True),
        ("levers/x.py", "np.random.default_rng(seed)", True),
        ("inference/x.py", "np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(k,)))", False),
        ("inference/x.py", "np.random.default_rng(np.random.SeedSequence(1, spawn_key=(k,)))", True),
        ("inference/x.py", "np.random.default_rng()", True),
        ("inference/x.py", "np.random.default_rng(0)", True),
        ("inference/x.py", "np.random.normal()", True),
    ],
)
def test_the_guard_sees_what_it_should(where, code, caught):
    assert bool(_offences(SOURCE / where, code)) == caught
