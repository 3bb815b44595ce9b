"""Where a result came from: versions, commit, machine, and the digests of the data the model reads."""

from __future__ import annotations

import functools
import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from sim.paths import data_dir
from sim.runs.identity import digest

DISTRIBUTION = "kinerja-lab"

MODEL_DATA = ("calendar", "calibration", "evidence", "regulation")
"""Folders of ``data/`` a run reads; the agency and the policies are part of a study themselves."""

PRESENTING = ("study", "report", "cli", "planner")
"""Rooms of the package that specify and report; the others decide what a run gives."""


def version() -> str:
    """Version of this package."""
    return importlib.metadata.version(DISTRIBUTION)


def versions() -> dict[str, str]:
    """Python's version and those of the packages this one depends on."""
    found = {"python": platform.python_version(), DISTRIBUTION: version()}
    for requirement in importlib.metadata.requires(DISTRIBUTION) or []:
        match = re.match(r"[A-Za-z0-9._-]+", requirement)
        if match is not None and "extra ==" not in requirement:
            found[match.group()] = importlib.metadata.version(match.group())
    return found


def commit() -> dict[str, Any] | None:
    """The commit of the checkout this package runs from, and whether it has changes; None outside one."""
    root = Path(__file__).resolve().parents[3]
    git = shutil.which("git")
    if git is None or not (root / ".git").exists():
        return None
    try:
        head, status = (
            subprocess.run(
                [git, "-C", str(root), *command],
                capture_output=True,
                text=True,
                encoding="utf-8",
                timeout=20,
                check=True,
            ).stdout
            for command in (["rev-parse", "HEAD"], ["status", "--porcelain"])
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return {"hash": head.strip(), "dirty": bool(status.strip())}


def machine() -> dict[str, Any]:
    """Kind of machine, without its name."""
    return {
        "system": platform.system(),
        "release": platform.release(),
        "processor": platform.machine(),
        "cpus": os.cpu_count(),
    }


@functools.cache
def model_code() -> str:
    """Digest of the source of all rooms that decide what a run gives; line ends do not count."""
    root = Path(__file__).resolve().parents[1]
    files = {path.relative_to(root): path for path in root.rglob("*.py")}
    deciding = {k: v for k, v in files.items() if k.parts[0].removesuffix(".py") not in PRESENTING}
    digests = sorted((name.as_posix(), _of_text(path)) for name, path in deciding.items())
    return digest(repr(digests).encode("utf-8"), 16)


@functools.cache
def model_data() -> dict[str, str]:
    """Digest of each file in :data:`MODEL_DATA`, by its path under ``data/``; line ends do not count."""
    root = data_dir()
    files = sorted(
        p for folder in MODEL_DATA for p in (root / folder).rglob("*") if p.is_file() and p.name[0] != "."
    )
    return {p.relative_to(root).as_posix(): _of_text(p) for p in files}


def _of_text(path: Path) -> str:
    return digest(path.read_bytes().replace(b"\r\n", b"\n"))
