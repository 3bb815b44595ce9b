"""Claim: docs/architecture.md is true: every room is on it, imports go down, no circles, no crowded folders."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "sim"
MAP = ROOT / "docs" / "architecture.md"

MOST_FILES = 20
"""Files in a folder; it is hard to find one's way among more."""


def floors() -> dict[str, int]:
    """Room -> floor, from the table of the map."""
    rows = re.findall(r"^\| (\d+) \| (.+?) \|", MAP.read_text(encoding="utf-8"), re.MULTILINE)
    return {room.strip("`/ "): int(floor) for floor, rooms in rows for room in rooms.split(",")}


def rooms() -> set[str]:
    return {path.stem for path in SOURCE.iterdir() if path.suffix == ".py" and path.stem != "__init__"} | {
        path.name for path in SOURCE.iterdir() if (path / "__init__.py").is_file()
    }


@cache
def modules() -> dict[str, Path]:
    """Dotted name -> file."""
    return {
        ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts).removesuffix(".__init__"): path
        for path in SOURCE.rglob("*.py")
    }


def statements(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All statements, those inside others too; expressions, which hold no imports, are skipped to save time."""
    for node in nodes:
        yield node
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            yield from statements(getattr(node, name, ()))


def imports(path: Path) -> set[str]:
    """Modules of the project that a file imports anywhere, inside functions and for type checking too."""
    names = set()
    for node in statements(ast.parse(path.read_text(encoding="utf-8")).body):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    found = set()
    for name in names:
        known = name if name in modules() else name.rpartition(".")[0]
        if known in modules():
            found.add(known)
    return found


@cache
def arrows() -> dict[str, set[str]]:
    return {name: imports(path) - {name} for name, path in modules().items()}


def circles(graph: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Strongly connected groups of more than one (Tarjan 1972)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    groups: list[list[str]] = []

    def visit(node: str) -> None:
        order[node] = low[node] = len(order)
        stack.append(node)
        for other in graph.get(node, ()):
            if other not in order:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], order[other])
        if low[node] == order[node]:
            group = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(group) > 1:
                groups.append(sorted(group))

    for node in graph:
        if node not in order:
            visit(node)
    return groups


def test_every_room_is_on_the_map_and_the_map_has_no_other():
    assert set(floors()) == rooms()


def test_imports_run_down():
    """Rooms of the ground floor may use each other; above it a room uses lower floors only."""
    floor = floors()
    up = []
    for name, others in arrows().items():
        room = name.split(".")[1] if "." in name else ""
        for other in others - {"sim"}:
            target = other.split(".")[1]
            if target == room or not room:
                continue
            if floor[target] > floor[room] or (floor[target] == floor[room] != 1):
                up.append(f"{name} -> {other}")
    assert not up


def test_no_circles_between_files():
    assert not circles(arrows())


def test_a_circle_is_seen():
    assert circles({"a": ["b"], "b": ["c"], "c": ["a"], "d": ["a"]}) == [["a", "b", "c"]]


def test_no_folder_is_crowded():
    crowded = {
        folder: n
        for folder, n in Counter(path.parent.relative_to(ROOT) for path in modules().values()).items()
        if n > MOST_FILES
    }
    assert not crowded


def test_the_ways_in_that_the_map_names_exist():
    text = MAP.read_text(encoding="utf-8")
    for name in set(re.findall(r"`((?:src|data|tests|docs|benchmarks|validation)/[\w/.]+)`", text)):
        assert (ROOT / name).exists(), name


def test_importing_a_module_runs_no_command():
    """What runs a module as a command stands under ``if __name__ == "__main__"``."""
    run = {
        name: text
        for name, path in modules().items()
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if (text := ast.unparse(node)).startswith(("sys.std", "print(", "main(", "raise "))
    }
    assert not run
