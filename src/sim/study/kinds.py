"""Kinds of study: what a file may ask, what runs it, and who writes its brief.

A kind is a row of :data:`KINDS`. Its *spec* is a frozen dataclass with class attributes ``kind`` and ``file_keys`` and
the two methods of :class:`Spec`; its result has what :class:`Result` says; the module ``sim.report.kinds.<kind>`` has
``write_brief(result, path, lang)``, ``sentence(result, lang)`` and ``details(result, lang)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Protocol

from sim.errors import Problems
from sim.levers.base import nearest
from sim.study.files import YamlFile, policy_of, read_spec, study_file
from sim.study.identity import Description

HEADLINE_STUDY = "headline"
"""The study that is run when none is named."""

KINDS = {
    "compare": "sim.study.spec:Study",
    "selection": "sim.study.selection:Selection",
    "capacity": "sim.study.capacity:CapacityStudy",
    "optimise": "sim.study.optimise:Optimisation",
    "robust": "sim.study.robust:Robust",
    "fairness": "sim.study.fairness:FairnessStudy",
    "sensitivity": "sim.study.sensitivity_study:Sensitivity",
}
"""Kind -> module and class of its spec."""


class Result(Protocol):
    """What a study of any kind gives back."""

    kind: ClassVar[str]

    @property
    def id(self) -> str: ...
    @property
    def partial(self) -> bool: ...
    @property
    def manifest(self) -> Mapping[str, Any]: ...
    @property
    def title(self) -> Mapping[str, str]: ...
    @property
    def question(self) -> Mapping[str, str]: ...
    def save(self, folder: str | Path) -> Path: ...


class Spec(Protocol):
    """What decides the numbers of a study of any kind, and the words around it."""

    kind: ClassVar[str]
    file_keys: ClassVar[Mapping[str, type]]

    def describe(self) -> Description: ...
    def run(self, *, workers: int | None = None, progress: bool = True, lang: str = "id") -> Result: ...


def spec_of(kind: str) -> type[Any]:
    """The class of the specs of a kind."""
    module, name = KINDS[kind].split(":")
    return getattr(import_module(module), name)


def load_any(name_or_path: str | Path = HEADLINE_STUDY, **changes: Any) -> Any:
    """A study of any kind: one that ships, by name, or one from a YAML file.

    Parameters
    ----------
    name_or_path : str or path
    **changes
        Parameters of the spec that take the place of what the file says, e.g. ``seed=2``.

    Returns
    -------
    Spec
        Of the class that belongs to the file's ``kind`` (``compare`` where it says none).

    Raises
    ------
    Problems
        With everything that is wrong in the file, each with line, key path and what to do.

    Examples
    --------
    >>> load_any("headline").kind
    'compare'
    """
    return _read(study_file(name_or_path), changes)


def check_yaml(path: str | Path) -> str:
    """Check a YAML file and say what it is: ``"policy"``, or the kind of study.

    Raises
    ------
    Problems
        With everything that is wrong in it.
    """
    file = YamlFile(Path(path))
    if {"kind", "agency", "policies"} & set(file.data):
        return _read(file, {}).kind
    policy_of(file)
    return "policy"


def result_folder(result: Result, out: str | Path) -> Path:
    """Where a result belongs under `out`; a partial one never takes the place of a whole one."""
    return Path(out) / (f"{result.id}-partial" if result.partial else result.id)


def _read(file: YamlFile, changes: Mapping[str, Any]) -> Any:
    kind = file.data.get("kind") or "compare"
    if kind not in KINDS:
        what = f"no kind of study {kind!r}{nearest(str(kind), KINDS)}."
        raise Problems([file.problem(("kind",), what, f"There are {', '.join(KINDS)}.")])
    return read_spec(file, spec_of(kind), changes)
