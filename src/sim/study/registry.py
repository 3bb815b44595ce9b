"""The kinds of study: one row per kind, one folder per kind.

The folder ``sim/study/<kind>`` holds ``design.py`` (the specification), ``run.py`` (how it is run), ``result.py`` (the
result), ``report.py`` (``sentence``, ``details`` and ``write_brief``) and ``figure.py``. Specifications reach their
runs, and results their words and figures, through this table only, so that no file imports what is built on it.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

KINDS = {
    "compare": "Compare",
    "selection": "Selection",
    "capacity": "Capacity",
    "optimise": "Optimise",
    "robust": "Robust",
    "fairness": "Fairness",
    "sensitivity": "Sensitivity",
}
"""Kind -> what the names of its classes begin with: ``CompareStudy``, ``CompareResult``."""


class Runner(Protocol):
    """The module ``run`` of a kind."""

    def run(self, study: Any, /) -> Any:
        """Run a :class:`sim.study.run.StudyRun` and return the result."""


class Report(Protocol):
    """The module ``report`` of a kind."""

    def write_brief(self, result: Any, path: str | Path, *, lang: str | None = None) -> Path:
        """Write the brief: one HTML page."""

    def sentence(self, result: Any, *, lang: str | None = None) -> str:
        """State the answer in a sentence."""

    def details(self, result: Any, *, lang: str | None = None) -> list[str]:
        """List the lines that the terminal shows below the sentence; may be none."""


def spec_class(kind: str) -> type[Any]:
    """Return the class of the specifications of a kind."""
    return getattr(import_module(f"sim.study.{kind}.design"), f"{KINDS[kind]}Study")


def result_class(kind: str) -> type[Any]:
    """Return the class of the results of a kind."""
    return getattr(import_module(f"sim.study.{kind}.result"), f"{KINDS[kind]}Result")


def runner_of(kind: str) -> Runner:
    """Return the module that runs a kind of study."""
    return cast(Runner, import_module(f"sim.study.{kind}.run"))


def report_of(kind: str) -> Report:
    """Return the module that reports a kind of study."""
    return cast(Report, import_module(f"sim.study.{kind}.report"))


def figure_of(kind: str) -> Any:
    """Return the module that draws the figures of a kind of study."""
    return import_module(f"sim.study.{kind}.figure")
