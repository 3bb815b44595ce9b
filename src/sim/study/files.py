"""Studies and policies as YAML files, with every problem told at once: file, line, key, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from sim.errors import KinerjaError, Problem, Problems
from sim.levers import LEVERS, Policy, policy_names
from sim.levers.base import nearest
from sim.levers.policy import policy_from_mapping
from sim.paths import data_dir
from sim.study.spec import Study, scenario_from_mapping
from sim.world import Scenario

HEADLINE_STUDY = "headline"
"""The study that is run when none is named."""

KEYS = {
    "title_id": str,
    "title_en": str,
    "question_id": str,
    "question_en": str,
    "agency": str,
    "policies": list,
    "baseline": str,
    "years": int,
    "seed": int,
    "replications": int,
    "precision": dict,
    "max_replications": int,
    "scenario": dict,
    "outcomes": list,
}
"""What a study file may say, and as what."""

_NAMES = {str: "text", int: "a whole number", list: "a list", dict: "a mapping (key: value)"}

Path_ = tuple[str | int, ...]


class YamlFile:
    """A YAML file and the line of each of its keys and items.

    Attributes
    ----------
    where : str
        Name of the file, as errors show it.
    data : dict
        Its content.
    """

    def __init__(self, path: Path) -> None:
        self.where = str(path)
        self._lines: dict[Path_, int] = {}
        self._doubled: list[Problem] = []
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise Problems([self.problem((), "there is no such file.", "Check the name.")]) from None
        except UnicodeDecodeError as error:
            what = f"not UTF-8 text (byte {error.start + 1})."
            raise Problems([self.problem((), what, "Save the file with the encoding UTF-8.")]) from error
        except OSError as error:
            raise Problems(
                [self.problem((), f"cannot be read: {error.strerror}.", "Check the file.")]
            ) from error
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
            data = yaml.safe_load(text)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            what = f"not YAML: {getattr(error, 'problem', None) or error}."
            row = mark.line + 1 if mark else None
            do = "Check indentation, colons and quotes there."
            raise Problems([Problem(self.where, row, None, what, do)]) from error
        if not isinstance(data, dict):
            what = "the file is empty." if data is None else "the file must hold keys, such as name: ..."
            raise Problems([self.problem((), what, "See the examples in data/studies and data/policies.")])
        self.data: dict[str, Any] = data
        self._walk(node, ())
        if self._doubled:
            raise Problems(self._doubled)

    def problem(self, key: Path_, what: str, do: str) -> Problem:
        """A problem at a key path, e.g. ``("policies", 1, "name")``; items are counted from 0."""
        row = next((self._lines[key[:n]] for n in range(len(key), 0, -1) if key[:n] in self._lines), None)
        return Problem(self.where, row, key_text(key) or None, what, do)

    def _walk(self, node: yaml.Node | None, path: Path_) -> None:
        if isinstance(node, yaml.MappingNode):
            for key_node, value_node in node.value:
                key = (*path, str(key_node.value))
                if key in self._lines:
                    what = f"the key is there twice (first in line {self._lines[key]})."
                    row = key_node.start_mark.line + 1
                    self._doubled.append(Problem(self.where, row, key_text(key), what, "Keep one of them."))
                self._lines[key] = key_node.start_mark.line + 1
                self._walk(value_node, key)
        elif isinstance(node, yaml.SequenceNode):
            for i, item in enumerate(node.value):
                self._lines[(*path, i)] = item.start_mark.line + 1
                self._walk(item, (*path, i))


def key_text(key: Path_) -> str:
    """A key path as people count: ``policies[2].levers[1].start``.

    Examples
    --------
    >>> key_text(("policies", 1, "levers", 0))
    'policies[2].levers[1]'
    """
    text = ""
    for part in key:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def study_names() -> list[str]:
    """Names of the studies that ship."""
    return sorted(path.stem for path in (data_dir() / "studies").glob("*.yaml"))


def load_study(name_or_path: str | Path = HEADLINE_STUDY, **changes: Any) -> Study:
    """A study that ships, by name, or one from a YAML file.

    Parameters
    ----------
    name_or_path : str or path
    **changes
        Parameters of :class:`Study` that take the place of what the file says, e.g. ``seed=2``.

    Raises
    ------
    Problems
        With everything that is wrong in the file, each with line, key path and what to do.
    """
    shipped = data_dir() / "studies" / f"{name_or_path}.yaml"
    path = shipped if shipped.is_file() else Path(name_or_path)
    if not path.exists() and path.suffix not in (".yaml", ".yml"):
        names = study_names()
        what = f"there is no study or file of this name{nearest(str(name_or_path), names)}."
        do = f"There are {', '.join(names)}; or give a path."
        raise Problems([Problem(str(name_or_path), None, None, what, do)])
    file = YamlFile(path)
    values: dict[str, Any] = {}
    problems = [*_shape(file)]
    wrong = {problem.column for problem in problems}
    said = {key: value for key, value in file.data.items() if key in KEYS and key not in wrong}
    for key in ("baseline", "years", "seed", "replications", "precision", "max_replications"):
        if said.get(key) is not None:
            values[key] = said[key]
    values["headline"] = tuple(said.get("outcomes") or ())
    for word in ("title", "question"):
        values[word] = {lang: said[f"{word}_{lang}"] for lang in ("id", "en") if said.get(f"{word}_{lang}")}
    for key, read in (("agency", _agency), ("policies", _policies), ("scenario", _scenario)):
        if key in said:
            values[key], found = read(file, said[key])
            problems += found
    if changes.get("replications") is not None:
        values.pop("precision", None)
    values |= {key: value for key, value in changes.items() if value is not None}
    problems += _judged(file, values, wrong)
    if problems:
        raise Problems(problems)
    return Study(**values)


def read_policy(name_or_path: str | Path) -> Policy:
    """A policy that ships, by name, or one from a YAML file, with all its problems told at once."""
    names = policy_names()
    path = Path(name_or_path)
    if str(name_or_path) in names:
        path = data_dir() / "policies" / f"{name_or_path}.yaml"
    elif not path.exists() and path.suffix not in (".yaml", ".yml"):
        what = f"there is no policy or file of this name{nearest(str(name_or_path), names)}."
        do = f"There are {', '.join(names)}; or give a path."
        raise Problems([Problem(str(name_or_path), None, None, what, do)])
    return _policy(YamlFile(path))


def check_yaml(path: str | Path) -> str:
    """Check a YAML file and say what it is: ``"study"`` or ``"policy"``.

    Raises
    ------
    Problems
        With everything that is wrong in it.
    """
    file = YamlFile(Path(path))
    if "policies" in file.data or "agency" in file.data:
        load_study(path)
        return "study"
    _policy(file)
    return "policy"


def _policy(file: YamlFile) -> Policy:
    problems = list(_wrong_policy(file, file.data, ()))
    if problems:
        raise Problems(problems)
    return policy_from_mapping(file.data, file.where)


def _shape(file: YamlFile) -> Iterator[Problem]:
    """Keys that are unknown, missing or of the wrong kind."""
    for key, value in file.data.items():
        kind = KEYS.get(str(key))
        if kind is None:
            what = f"unknown key {key!r}{nearest(str(key), KEYS)}."
            yield file.problem((str(key),), what, f"A study may have {', '.join(KEYS)}.")
        elif value is None and key not in ("agency", "policies"):
            continue
        elif not isinstance(value, kind) or isinstance(value, bool):
            yield file.problem((key,), f"{value!r} is not {_NAMES[kind]}.", "Write it so.")
    for key in ("agency", "policies"):
        if key not in file.data:
            yield file.problem((key,), "the key is missing.", "Add it; see data/studies for examples.")


def _agency(file: YamlFile, name: str) -> tuple[Any, list[Problem]]:
    from sim.agency import load_agency

    try:
        return load_agency(_beside(file, name)), []
    except Problems as error:
        return None, error.problems
    except KinerjaError as error:
        return None, [file.problem(("agency",), str(error), "")]


def _policies(file: YamlFile, rows: list[Any]) -> tuple[tuple[Policy, ...], list[Problem]]:
    policies, problems = [], []
    for i, row in enumerate(rows):
        key: Path_ = ("policies", i)
        if isinstance(row, str):
            try:
                policies.append(read_policy(_beside(file, row)))
            except Problems as error:
                problems += [p if p.row else file.problem(key, p.what, p.do) for p in error.problems]
        elif isinstance(row, dict):
            found = list(_wrong_policy(file, row, key))
            problems += found
            if not found:
                policies.append(policy_from_mapping(row, f"{file.where}, {key_text(key)}"))
        else:
            what = f"{row!r} is neither the name of a policy nor a mapping with name and levers."
            problems.append(file.problem(key, what, "Write one of them."))
    return tuple(policies), problems


def _wrong_policy(file: YamlFile, row: Mapping[str, Any], key: Path_) -> Iterator[Problem]:
    """What is wrong with a policy in a file: lever by lever and parameter by parameter, then as a whole."""
    found = False
    levers = row.get("levers")
    for i, lever in enumerate(levers if isinstance(levers, list) else []):
        name = lever.get("lever") if isinstance(lever, dict) else None
        if not isinstance(name, str):
            continue  # told by the reader of policies, below
        place: Path_ = (*key, "levers", i)
        cls = LEVERS.get(name)
        if cls is None:
            found = True
            what = f"unknown lever {name!r}{nearest(name, LEVERS)}."
            yield file.problem((*place, "lever"), what, f"There are {', '.join(LEVERS)}.")
            continue
        for parameter, value in lever.items():
            try:
                cls.build({} if parameter == "lever" else {parameter: value})
            except KinerjaError as error:
                found = True
                yield file.problem((*place, str(parameter)), str(error), "")
    if not found:
        try:
            policy_from_mapping(dict(row), file.where)
        except KinerjaError as error:
            yield file.problem(key, str(error).removeprefix(f"{file.where}: "), "")


def _scenario(file: YamlFile, mapping: dict[str, Any]) -> tuple[Scenario, list[Problem]]:
    known = set(Scenario.__dataclass_fields__)
    problems = []
    for name in mapping:
        if name not in known:
            what = f"unknown key {name!r}{nearest(str(name), known)}."
            problems.append(
                file.problem(("scenario", str(name)), what, f"It may have {', '.join(sorted(known))}.")
            )
    start = mapping.get("start", date(2026, 1, 1))
    if not isinstance(start, date):
        what = f"{start!r} is not a date."
        problems.append(file.problem(("scenario", "start"), what, "Write it as 2026-01-01."))
    if problems:
        return Scenario(), problems
    try:
        return scenario_from_mapping(mapping), []
    except (KinerjaError, TypeError, ValueError) as error:
        return Scenario(), [file.problem(("scenario",), f"{error}.", "See the examples in data/studies.")]


def _judged(file: YamlFile, values: dict[str, Any], wrong: set[str | None]) -> Iterator[Problem]:
    """What the study itself finds wrong, at the lines of the file."""
    if not (values.get("agency") and values.get("policies")):  # told already; judge the rest
        values = {**values, "agency": None, "policies": (Policy("any"),), "baseline": ""}
    try:
        Study(**values)
    except Problems as error:
        for problem in error.problems:
            key = tuple((problem.column or "").split("."))
            if key[0] not in wrong:
                yield file.problem(key, problem.what, problem.do)


def _beside(file: YamlFile, name: str) -> str:
    """`name` as a path from the study file's folder where there is such a file, else as it stands."""
    beside = Path(file.where).parent / name
    return str(beside) if beside.exists() and ("/" in name or "\\" in name or "." in name) else name
