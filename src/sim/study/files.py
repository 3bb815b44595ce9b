"""Studies and policies as YAML files, with every problem reported at once: file, line, key, and what to do."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from sim.agency import Agency, load_agency
from sim.errors import NOTHING, KinerjaError, Message, Problem, Problems, _, system_reason
from sim.levers import LEVERS, Policy, policy_names
from sim.levers.base import nearest
from sim.levers.policy import policy_from_mapping, yaml_reason
from sim.paths import data_dir
from sim.runs.futures import Uncertainty
from sim.study.checks import scenario_from_mapping
from sim.world import Scenario

WORDS = ("title", "question")
"""Written in two languages, as ``title_id`` and ``title_en``."""

_FILE_KEYS = {"headline": "outcomes"}
"""Parameter -> its key in a study file, where they differ."""

_NAMES = {
    str: _("text"),
    int: _("a whole number"),
    float: _("a number"),
    bool: _("true or false"),
    list: _("a list"),
    dict: _("a mapping (key: value)"),
}

_OF_POLICIES = ("policies", "policy", "baseline", "lever", "parameter")
"""Keys that cannot be checked while the policies are wrong."""

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
            raise Problems([self.problem((), _("there is no such file."), _("Check the name."))]) from None
        except UnicodeDecodeError as error:
            what = _("not UTF-8 text (byte {start}).", start=error.start + 1)
            raise Problems([self.problem((), what, _("Save the file with the encoding UTF-8."))]) from error
        except OSError as error:
            raise Problems(
                [
                    self.problem(
                        (),
                        _("cannot be read: {strerror}.", strerror=system_reason(error)),
                        _("Check the file."),
                    )
                ]
            ) from error
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
            data = yaml.safe_load(text)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            what = _("not YAML: {reason}.", reason=yaml_reason(error))
            row = mark.line + 1 if mark else None
            do = _("Check indentation, colons and quotes there.")
            raise Problems([Problem(self.where, row, None, what, do)]) from error
        if not isinstance(data, dict):
            what = (
                _("the file is empty.") if data is None else _("the file must hold keys, such as name: ...")
            )
            raise Problems([self.problem((), what, _("See the examples in data/studies and data/policies."))])
        self.data: dict[str, Any] = data
        self._walk(node, ())
        if self._doubled:
            raise Problems(self._doubled)

    def problem(self, key: Path_, what: Message, do: Message = NOTHING) -> Problem:
        """A problem at a key path, e.g. ``("policies", 1, "name")``; items are counted from 0."""
        row = next((self._lines[key[:n]] for n in range(len(key), 0, -1) if key[:n] in self._lines), None)
        return Problem(self.where, row, key_text(key) or None, what, do)

    def _walk(self, node: yaml.Node | None, path: Path_) -> None:
        if isinstance(node, yaml.MappingNode):
            for key_node, value_node in node.value:
                key = (*path, str(key_node.value))
                if key in self._lines:
                    what = _("the key is there twice (first in line {lines}).", lines=self._lines[key])
                    row = key_node.start_mark.line + 1
                    self._doubled.append(
                        Problem(self.where, row, key_text(key), what, _("Keep one of them."))
                    )
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


def study_file(name_or_path: str | Path) -> YamlFile:
    """The file of a study that ships, by name, or of any other, by path."""
    shipped = data_dir() / "studies" / f"{name_or_path}.yaml"
    path = shipped if shipped.is_file() else Path(name_or_path)
    if not path.exists() and path.suffix not in (".yaml", ".yml"):
        names = study_names()
        what = _("there is no study or file of this name{hint}.", hint=nearest(str(name_or_path), names))
        do = _("There are {names}; or give a path.", names=", ".join(names))
        raise Problems([Problem(str(name_or_path), None, None, what, do)])
    return YamlFile(path)


def keys_of(spec: type[Any]) -> dict[str, type]:
    """Return what a study file of a kind may have, and of which type.

    A key is the parameter of the same name, except ``title_id``... (`title`) and ``outcomes`` (`headline`).

    Parameters
    ----------
    spec : type
        Class of the specifications of the kind, a frozen dataclass.

    Examples
    --------
    >>> from sim.study import SelectionStudy
    >>> keys_of(SelectionStudy)["indifference"]
    <class 'float'>
    """
    hints = typing.get_type_hints(spec)
    keys: dict[str, type] = {"kind": str}
    for f in dataclasses.fields(spec):
        if f.name in WORDS:
            keys |= {f"{f.name}_{lang}": str for lang in ("id", "en")}
        elif f.name not in spec.not_in_files:
            keys[_FILE_KEYS.get(f.name, f.name)] = _file_type(hints[f.name])
    return keys


def _file_type(hint: Any) -> type:
    """Return the type in a file of a parameter with a type hint."""
    arms = [arm for arm in typing.get_args(hint) if arm is not type(None)]
    if isinstance(hint, types.UnionType):
        return _file_type(arms[0])
    origin = typing.get_origin(hint) or hint
    if hint in (Agency, Policy):
        return str  # by name or path
    if hint is Scenario or origin is Mapping or arms[:1] == [Uncertainty]:
        return dict
    return list if origin is tuple else origin


def read_spec(file: YamlFile, spec: type[Any], changes: Mapping[str, Any]) -> Any:
    """Return the study that a file specifies.

    Parameters
    ----------
    file : YamlFile
    spec : type
        Class of the kind; see :func:`keys_of`. Lists become tuples.
    changes : mapping
        Parameters that replace what the file says; None changes nothing.

    Raises
    ------
    Problems
        With everything that is wrong in the file, each with line, key path and what to do.
    """
    keys = keys_of(spec)
    parameters = {f.name: f for f in dataclasses.fields(spec)}
    required = [
        name for name, f in parameters.items() if f.default is f.default_factory is dataclasses.MISSING
    ]
    names = {key: name for name, key in _FILE_KEYS.items()}
    values: dict[str, Any] = {}
    problems = [*_shape(file, keys, [name for name in required if name in keys])]
    wrong = {problem.column for problem in problems}
    said = {key: value for key, value in file.data.items() if key in keys and key not in wrong}
    readers: dict[str, Callable[[YamlFile, Any], tuple[Any, list[Problem]]]]
    readers = {"agency": _agency, "policies": _policies, "policy": _policy, "scenario": _scenario}
    for key, value in said.items():
        name = names.get(key, key)
        if key in readers:
            values[key], found = readers[key](file, value)
            problems += found
        elif value is not None and name in parameters:
            values[name] = tuple(value) if isinstance(value, list) else value
    for word in WORDS:
        values[word] = {lang: said[f"{word}_{lang}"] for lang in ("id", "en") if said.get(f"{word}_{lang}")}
    for name, value in changes.items():
        if value is not None and name not in parameters:
            raise KinerjaError(
                _(
                    "{file}: a study of the kind {spec!r} has no {name!r}; leave it out.",
                    file=file.where,
                    spec=spec.kind,
                    name=name,
                )
            )
    if changes.get("replications") is not None:
        values.pop("precision", None)
    values |= {key: value for key, value in changes.items() if value is not None}
    problems += _checked(file, spec, values, required, wrong)
    if problems:
        raise Problems(problems)
    return spec(**values)


def read_policy(name_or_path: str | Path) -> Policy:
    """Read a policy that ships, by name, or one from a YAML file; raise all its problems at once."""
    names = policy_names()
    path = Path(name_or_path)
    if str(name_or_path) in names:
        path = data_dir() / "policies" / f"{name_or_path}.yaml"
    elif not path.exists() and path.suffix not in (".yaml", ".yml"):
        what = _("there is no policy or file of this name{hint}.", hint=nearest(str(name_or_path), names))
        do = _("There are {names}; or give a path.", names=", ".join(names))
        raise Problems([Problem(str(name_or_path), None, None, what, do)])
    return policy_of(YamlFile(path))


def policy_of(file: YamlFile) -> Policy:
    """Return the policy that a file specifies.

    Raises
    ------
    Problems
        With everything that is wrong in it.
    """
    problems = list(_wrong_policy(file, file.data, ()))
    if problems:
        raise Problems(problems)
    return policy_from_mapping(file.data, file.where)


def _shape(file: YamlFile, keys: Mapping[str, type], required: Iterable[str]) -> Iterator[Problem]:
    """Keys that are unknown, missing or of the wrong type."""
    for key, value in file.data.items():
        kind = keys.get(str(key))
        if kind is None:
            what = _("unknown key {key!r}{hint}.", key=key, hint=nearest(str(key), keys))
            yield file.problem((str(key),), what, _("It may have {keys}.", keys=", ".join(keys)))
        elif (value is None and key not in required) or (key == "policy" and isinstance(value, dict)):
            continue
        elif not isinstance(value, (int, float) if kind is float else kind) or (
            isinstance(value, bool) and kind is not bool
        ):
            what = _("{value!r} is not {kind}.", value=value, kind=_NAMES[kind])
            yield file.problem((key,), what, _("Write {kind}.", kind=_NAMES[kind]))
    for key in required:
        if key not in file.data:
            yield file.problem((key,), _("the key is missing."), _("Add it; see data/studies for examples."))


def _agency(file: YamlFile, name: str) -> tuple[Any, list[Problem]]:
    try:
        return load_agency(_beside(file, name)), []
    except Problems as error:
        return None, error.problems
    except KinerjaError as error:
        return None, [file.problem(("agency",), error.message)]


def _policies(file: YamlFile, rows: list[Any]) -> tuple[tuple[Policy, ...], list[Problem]]:
    policies: list[Policy] = []
    problems: list[Problem] = []
    for i, row in enumerate(rows):
        policy, found = _read_policy(file, row, ("policies", i))
        policies += [] if policy is None else [policy]
        problems += found
    return tuple(policies), problems


def _policy(file: YamlFile, row: Any) -> tuple[Policy | None, list[Problem]]:
    return _read_policy(file, row, ("policy",))


def _read_policy(file: YamlFile, row: Any, key: Path_) -> tuple[Policy | None, list[Problem]]:
    """Read a policy given by name, path or mapping."""
    if isinstance(row, str):
        try:
            return read_policy(_beside(file, row)), []
        except Problems as error:
            return None, [p if p.row else file.problem(key, p.what, p.do) for p in error.problems]
    if isinstance(row, dict):
        found = list(_wrong_policy(file, row, key))
        return (None if found else policy_from_mapping(row, f"{file.where}, {key_text(key)}")), found
    what = _("{row!r} is neither the name of a policy nor a mapping with name and levers.", row=row)
    return None, [file.problem(key, what, _("Write one of them."))]


def _wrong_policy(file: YamlFile, row: Mapping[str, Any], key: Path_) -> Iterator[Problem]:
    """What is wrong with a policy in a file: lever by lever and parameter by parameter, then as a whole."""
    found = False
    levers = row.get("levers")
    for i, lever in enumerate(levers if isinstance(levers, list) else []):
        name = lever.get("lever") if isinstance(lever, dict) else None
        if not isinstance(name, str):
            continue  # reported by the reader of policies, below
        place: Path_ = (*key, "levers", i)
        cls = LEVERS.get(name)
        if cls is None:
            found = True
            what = _("unknown lever {name!r}{hint}.", name=name, hint=nearest(name, LEVERS))
            yield file.problem((*place, "lever"), what, _("There are {levers}.", levers=", ".join(LEVERS)))
            continue
        for parameter, value in lever.items():
            try:
                cls.build({} if parameter == "lever" else {parameter: value})
            except KinerjaError as error:
                found = True
                yield file.problem((*place, str(parameter)), error.message)
    if not found:
        try:
            policy_from_mapping(dict(row), file.where)
        except KinerjaError as error:
            what = Message("{what}", (("what", _WithoutPlace(error, f"{file.where}: ")),))
            yield file.problem(key, what)


@dataclass(frozen=True)
class _WithoutPlace:
    """An error without the place it begins with, where a problem says that already."""

    error: KinerjaError
    place: str

    def text(self, *, lang: str | None = None) -> str:
        return self.error.text(lang=lang).removeprefix(self.place)


def _scenario(file: YamlFile, mapping: dict[str, Any]) -> tuple[Scenario, list[Problem]]:
    known = set(Scenario.__dataclass_fields__)
    problems = []
    for name in mapping:
        if name not in known:
            what = _("unknown key {name!r}{hint}.", name=name, hint=nearest(str(name), known))
            problems.append(
                file.problem(
                    ("scenario", str(name)), what, _("It may have {known}.", known=", ".join(sorted(known)))
                )
            )
    start = mapping.get("start", date(2026, 1, 1))
    if not isinstance(start, date):
        what = _("{start!r} is not a date.", start=start)
        problems.append(file.problem(("scenario", "start"), what, _("Write it as 2026-01-01.")))
    if problems:
        return Scenario(), problems
    try:
        return scenario_from_mapping(mapping), []
    except (KinerjaError, TypeError, ValueError) as error:
        return Scenario(), [
            file.problem(("scenario",), _("{error}.", error=error), _("See the examples in data/studies."))
        ]


def _checked(
    file: YamlFile,
    spec: type[Any],
    values: dict[str, Any],
    required: Iterable[str],
    wrong: set[str | None],
) -> Iterator[Problem]:
    """Yield what the specification itself finds wrong, at the lines of the file."""
    # what was already reported is replaced, so that the rest can be checked too
    replacements: dict[str, Any] = {"agency": None, "policies": (Policy("any"),), "policy": Policy("any")}
    lost = {key for key in required if key in replacements and not values.get(key)}
    if lost:
        values = {**values, **{key: replacements[key] for key in lost}, "agency": _any_agency()}
    if any(key not in values for key in required):
        return
    try:
        spec(**values)
    except Problems as error:
        for problem in error.problems:
            key = tuple((problem.column or "").split("."))
            if key[0] not in wrong and not (lost and key[0] in _OF_POLICIES):
                yield file.problem(key, problem.what, problem.do)


def _any_agency() -> Any:
    return load_agency("contoh")


def _beside(file: YamlFile, name: str) -> str:
    """`name` as a path from the study file's folder where there is such a file, else as it stands."""
    beside = Path(file.where).parent / name
    return str(beside) if beside.exists() and ("/" in name or "\\" in name or "." in name) else name
