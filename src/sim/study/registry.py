"""The kinds of study: one row per kind, one folder per kind.

The folder ``sim/study/<kind>`` holds ``design.py`` (the specification and how it is run), ``result.py`` (the result),
``report.py`` (``sentence``, ``details`` and ``write_brief``) and ``figure.py``. Results reach their words and figures
through this table only, so that no result imports what is written about it.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

KINDS = {
    "compare": "CompareStudy",
    "selection": "SelectionStudy",
    "capacity": "CapacityStudy",
    "optimise": "OptimiseStudy",
    "robust": "RobustStudy",
    "fairness": "FairnessStudy",
    "sensitivity": "SensitivityStudy",
}
"""Kind -> class of its specification in ``sim.study.<kind>.design``."""


class Report(Protocol):
    """The module ``report`` of a kind."""

    def write_brief(self, result: Any, path: str | Path, lang: str = "id") -> Path:
        """Write the brief: one HTML page."""

    def sentence(self, result: Any, lang: str = "id") -> str:
        """State the answer in a sentence."""

    def details(self, result: Any, lang: str = "id") -> list[str]:
        """List the lines that the terminal shows below the sentence; may be none."""


def spec_class(kind: str) -> type[Any]:
    """Return the class of the specifications of a kind."""
    return getattr(import_module(f"sim.study.{kind}.design"), KINDS[kind])


def report_of(kind: str) -> Report:
    """Return the module that reports a kind of study."""
    return cast(Report, import_module(f"sim.study.{kind}.report"))


def figure_of(kind: str) -> Any:
    """Return the module that draws the figures of a kind of study."""
    return import_module(f"sim.study.{kind}.figure")
