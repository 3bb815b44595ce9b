"""docs/architecture.md is true: every room is on the map, and imports run one way."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "sim"
MAP = ROOT / "docs" / "architecture.md"


def floors() -> dict[str, int]:
    """Room -> floor, from the table of the map."""
    rows = re.findall(r"^\| (\d+) \| (.+?) \|", MAP.read_text(encoding="utf-8"), re.MULTILINE)
    return {room.strip("`/ "): int(floor) for floor, rooms in rows for room in rooms.split(",")}


def rooms() -> set[str]:
    return {path.stem for path in SOURCE.iterdir() if path.suffix == ".py" and path.stem != "__init__"} | {
        path.name for path in SOURCE.iterdir() if (path / "__init__.py").is_file()
    }


def imports(path: Path) -> set[str]:
    """Rooms a file imports when it runs; what only the type checker reads does not count."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            node.body = []
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "sim":
            names = [node.module] if "." in node.module else [f"sim.{alias.name}" for alias in node.names]
            found |= {name.split(".")[1] for name in names}
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("sim.")}
    return found


def up_the_stairs() -> set[tuple[str, str]]:
    """Imports of a higher floor that the map owns up to: ``study -> report``."""
    text = MAP.read_text(encoding="utf-8")
    return {(a, b) for a, b in re.findall(r"^- `(\w+) -> (\w+)`", text, re.MULTILINE)}


def test_every_room_is_on_the_map_and_the_map_has_no_other():
    assert set(floors()) == rooms()


def test_imports_run_one_way():
    floor, allowed, used = floors(), up_the_stairs(), set()
    for path in sorted(SOURCE.rglob("*.py")):
        room = path.relative_to(SOURCE).parts[0].removesuffix(".py")
        if room == "__init__":
            continue
        for other in imports(path) - {room}:
            if other not in floor:
                continue  # a name of the public face
            if floor[other] >= floor[room]:
                assert (room, other) in allowed, (
                    f"{path.relative_to(ROOT)} imports {other}, which is not below it"
                )
                used.add((room, other))
    assert used == allowed, "the map owns up to imports that are gone"


def test_the_ways_in_that_the_map_names_exist():
    text = MAP.read_text(encoding="utf-8")
    for name in set(
        re.findall(r"`(src/[\w/.]+|data/[\w/.]+|tests/[\w/.]+|docs/[\w/.]+|benchmarks/[\w/.]+)`", text)
    ):
        assert (ROOT / name).exists(), name


def test_files_have_one_subject():
    # the kernel is one file on purpose: its hash names the cache of compiled code
    long = {
        p.name: n
        for p in SOURCE.rglob("*.py")
        if (n := len(p.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert set(long) <= {"kernel.py"}
