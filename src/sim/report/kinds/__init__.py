"""What people read of each kind of study: a module a kind (see :mod:`sim.study.kinds`)."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast


class Report(Protocol):
    """What the module of a kind has."""

    def write_brief(self, result: Any, path: str | Path, lang: str = "id") -> Path:
        """Write the brief: one HTML page."""

    def sentence(self, result: Any, lang: str = "id") -> str:
        """The answer in a sentence."""

    def details(self, result: Any, lang: str = "id") -> list[str]:
        """Lines that the terminal shows below the sentence; may be none."""


def report_of(kind: str) -> Report:
    """The module that reports a kind of study."""
    return cast(Report, import_module(f"sim.report.kinds.{kind}"))
