"""The repository keeps its promises: pins for everyone alike, no addresses, files where the README says."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]


def pins(path: Path) -> dict[str, str]:
    """Package and marker -> version."""
    rows = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    found = {}
    for row in rows:
        if row and not row.startswith("#"):
            spec, _, marker = row.partition(";")
            name, _, version = spec.strip().partition("==")
            found[f"{name.lower()};{marker.strip()}"] = version
    return found


def test_every_requirement_is_an_exact_pin_without_hash_or_address():
    for name, version in pins(ROOT / "requirements.txt").items():
        assert re.fullmatch(r"[0-9][0-9A-Za-z.+!]*", version), name
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert "://" not in text
    assert "--hash" not in text


def test_conda_users_get_the_same_pins():
    spec = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    conda = [row for row in spec["dependencies"] if isinstance(row, str)]
    (pip,) = [row["pip"] for row in spec["dependencies"] if isinstance(row, dict)]
    assert sorted(row.partition("=")[0] for row in conda) == ["pip", "python"]
    got: dict[str, str] = {}
    for row in pip:
        if row.startswith("-r "):
            got |= pins(ROOT / row[3:])
        else:
            assert row == "-e .", row
    assert got == pins(ROOT / "requirements.txt")


def test_every_declared_dependency_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = project["dependencies"] + extras["lab"] + extras["dev"]
    pinned = {name.partition(";")[0].replace("_", "-") for name in pins(ROOT / "requirements.txt")}
    for row in wanted:
        name = re.split(r"[<>=\[; ]", row)[0].lower().replace("_", "-")
        assert name in pinned or name == "kinerja-lab", name


def test_the_version_is_told_once():
    import sim

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert project["version"] == sim.__version__ == citation["version"]
    assert f"## {sim.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_everything_the_public_face_names_is_there():
    import sim

    for name in sim.__all__:
        assert getattr(sim, name) is not None
    with pytest.raises(AttributeError, match="it has"):
        sim.nothing_of_the_kind  # noqa: B018


@pytest.mark.parametrize("target", ["env", "study", "test", "lab", "bench"])
def test_the_makefile_has_the_targets_the_readme_tells(target):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    if target in ("study", "test", "lab"):
        assert f"make {target}" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_nothing_in_the_package_assumes_posix():
    forbidden = re.compile(r"\b(import fcntl|import pwd|import resource|os\.fork|signal\.SIGKILL|/tmp/)")
    for path in (ROOT / "src").rglob("*.py"):
        assert not forbidden.search(path.read_text(encoding="utf-8")), path
