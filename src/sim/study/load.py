"""Load a study of any kind from a YAML file, or check one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Protocol

from sim.errors import Problems
from sim.levers.base import nearest
from sim.runs.identity import Description
from sim.study.files import YamlFile, policy_of, read_spec, study_file
from sim.study.registry import KINDS, spec_class

HEADLINE_STUDY = "headline"
"""The study that is run when none is named."""


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


def _read(file: YamlFile, changes: Mapping[str, Any]) -> Any:
    kind = file.data.get("kind") or "compare"
    if kind not in KINDS:
        what = f"no kind of study {kind!r}{nearest(str(kind), KINDS)}."
        raise Problems([file.problem(("kind",), what, f"There are {', '.join(KINDS)}.")])
    return read_spec(file, spec_class(kind), changes)
