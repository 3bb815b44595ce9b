"""What a study is, as text: canonical JSON, its digest, and the source of what a notebook added.

Two studies with the same id ask the same question of the same model. An id therefore covers values *and*
code: a class or function from outside this package and the installed libraries brings the source of each of
its methods and of every global and helper they read. Names of cells and files, line numbers, and variables
nothing reads are not part of it. What cannot be described exactly is refused by name.
"""

from __future__ import annotations

import builtins
import dataclasses
import datetime
import dis
import enum
import functools
import hashlib
import inspect
import json
import re
import site
import sys
import sysconfig
import textwrap
import types
import typing
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.errors import KinerjaError, _


class Unhashable(KinerjaError):
    """A value or a piece of code that has no exact description, named by where it was met."""


@dataclasses.dataclass(frozen=True)
class Description:
    """The description of a value, made by :func:`describe`.

    Attributes
    ----------
    canonical : str
        Canonical JSON of values and code.
    sources : dict of str to str
        Qualified name -> source, for every function, class member and module that is not from a library.
    files : str
        Digest of the part of the code that lies in importable files, "" where there is none. Worker processes
        import those once; code of a notebook or script travels with every task.
    """

    canonical: str
    sources: dict[str, str]
    files: str

    @property
    def id(self) -> str:
        """16 hexadecimal digits."""
        return digest(self.canonical.encode("utf-8"))


def digest(data: bytes, size: int = 8) -> str:
    """BLAKE2b digest of `data` as ``2 * size`` hexadecimal digits."""
    return hashlib.blake2b(data, digest_size=size).hexdigest()


def content_id(value: Any) -> str:
    """The id of a value: equal for equal content, on every machine.

    Parameters
    ----------
    value : object
        Frozen dataclasses, plain containers, numbers, text, dates, arrays, frames, functions and classes.

    Raises
    ------
    Unhashable
        Where something in it has no exact description.

    Examples
    --------
    >>> content_id({"years": 3, "seed": 1}) == content_id({"seed": 1, "years": 3})
    True
    """
    return describe(value).id


def describe(value: Any, name: str = "value") -> Description:
    """Canonical JSON of `value`, called `name` in errors, and the sources it rests on."""
    writer = _Writer()
    tree = {"value": writer.value(value, name), "code": writer.code}
    text = json.dumps(tree, sort_keys=True, separators=(",", ":"), allow_nan=False)
    files = {key: code for key, code in writer.code.items() if not key.startswith("__main__.")}
    code = digest(json.dumps(files, sort_keys=True).encode("utf-8")) if files else ""
    return Description(text, dict(sorted(writer.sources.items())), code)


class _Writer:
    """Writes values as JSON trees; code goes into one flat table and is referred to by key."""

    def __init__(self) -> None:
        self.code: dict[str, Any] = {}
        self.sources: dict[str, str] = {}
        self._met: dict[int, tuple[str, Any]] = {}  # by identity; holds the object so that ids stay its own

    def value(self, v: Any, where: str) -> Any:
        """The tree of a value met at `where`."""
        if isinstance(v, enum.Enum):
            return {"enum": f"{_name(type(v))}.{v.name}"}
        if isinstance(v, np.generic) and not isinstance(v, (np.datetime64, np.timedelta64)):
            v = v.item()
        if v is None or isinstance(v, (bool, int, str)):
            return v
        if isinstance(v, float):
            return {"float": v.hex()}
        if isinstance(v, bytes):
            return {"bytes": digest(v, 16)}
        if isinstance(v, (datetime.date, datetime.time)):
            return {type(v).__name__: v.isoformat()}
        if isinstance(v, (list, tuple)):
            return [self.value(x, f"{where}[{i}]") for i, x in enumerate(v)]
        if isinstance(v, (set, frozenset)):
            return {"set": sorted((self.value(x, f"{where} (a member)") for x in v), key=_sort_key)}
        if isinstance(v, (dict, types.MappingProxyType)):
            pairs = [
                [self.value(k, f"{where} (a key)"), self.value(x, f"{where}[{k!r}]")] for k, x in v.items()
            ]
            return {"map": sorted(pairs, key=_sort_key)}
        if isinstance(v, (np.ndarray, np.datetime64, np.timedelta64)):
            return self._array(np.asarray(v), where)
        if isinstance(v, (pd.DataFrame, pd.Series, pd.Index)):
            return self._frame(v, where)
        if isinstance(v, range):
            return {"range": [v.start, v.stop, v.step]}
        if isinstance(v, re.Pattern):
            return {"pattern": [self.value(v.pattern, where), v.flags]}
        if isinstance(v, functools.partial):
            return {"partial": [self.value(x, where) for x in (v.func, v.args, v.keywords)]}
        if isinstance(v, types.ModuleType):
            return self._module(v, where)
        if isinstance(v, type):
            return self._class(v, where)
        if isinstance(v, types.FunctionType):
            return self._function(v, where)
        if isinstance(v, types.MethodType):
            return {"method": [self.value(v.__self__, where), self.value(v.__func__, where)]}
        if isinstance(v, types.BuiltinFunctionType) and (v.__self__ is None or inspect.ismodule(v.__self__)):
            return {"function": _name(v)}
        if isinstance(v, np.ufunc):
            return {"function": f"numpy.{v.__name__}"}
        if isinstance(v, (types.GenericAlias, types.UnionType)) or typing.get_origin(v) is not None:
            return {"type": str(v)}
        if dataclasses.is_dataclass(v):
            return self._dataclass(v, where)
        if isinstance(getattr(v, "__wrapped__", None), types.FunctionType):  # a cache, a compiled function
            return {"wrapped": [_name(type(v)), self.value(v.__wrapped__, where)]}
        raise Unhashable(
            _(
                "{where}: a value of type {kind!r} has no exact description, so the study could not "
                "be recognised again. Use plain numbers, text, arrays, frozen dataclasses or "
                "functions there, or build it inside the method.",
                where=where,
                kind=type(v).__name__,
            )
        )

    def _dataclass(self, v: Any, where: str) -> dict[str, Any]:
        cls = type(v)
        try:
            hints = typing.get_type_hints(cls)
        except (NameError, TypeError, AttributeError):  # a type that is imported for checkers only
            hints = {}
        fields = {}
        for f in dataclasses.fields(v):
            hint = hints.get(f.name, {"float": float, "int": int}.get(str(f.type)))
            fields[f.name] = self.value(_coerced(getattr(v, f.name), hint), f"{where}.{f.name}")
        return {"type": self._class(cls, where), "fields": fields}

    def _array(self, v: np.ndarray, where: str) -> dict[str, Any]:
        if v.dtype.hasobject:
            return {"array": ["object", list(v.shape), self.value(v.ravel().tolist(), where)]}
        v = np.ascontiguousarray(v, dtype=v.dtype.newbyteorder("<"))
        return {"array": [v.dtype.str, list(v.shape), digest(v.tobytes(), 16)]}

    def _frame(self, v: pd.DataFrame | pd.Series | pd.Index, where: str) -> dict[str, Any]:
        if isinstance(v, pd.Index):
            plain = v.to_numpy() if v.dtype.kind in "biufmM" else np.array(v.tolist(), dtype=object)
            return {"index": [self.value(list(v.names), where), self.value(plain, where)]}
        if isinstance(v, pd.Series):
            v = v.to_frame()
        columns = [self._frame(pd.Index(v.iloc[:, i], name=v.columns[i]), where) for i in range(v.shape[1])]
        return {"frame": [self._frame(v.index, where), columns]}

    def _module(self, m: types.ModuleType, where: str) -> dict[str, Any]:
        if from_library(m.__name__):
            return {"module": m.__name__}
        key, new = self._key(m, m.__name__)
        if new:
            try:
                self.sources[key] = inspect.getsource(m)
            except (OSError, TypeError) as error:
                raise _no_source(where, m.__name__) from error
            # What it imports from other files of the user's is part of it; its own names are in its source.
            others = {k: v for k, v in vars(m).items() if not k.startswith("__") and _foreign(v, m.__name__)}
            reads = {k: self.value(v, f"{m.__name__}.{k}") for k, v in sorted(others.items())}
            self.code[key] = {"source": self.sources[key], "reads": reads}
        return {"code": key}

    def _class(self, cls: type, where: str) -> dict[str, Any]:
        name = _name(cls)
        if from_library(cls.__module__):
            return {"class": name}
        key, new = self._key(cls, name)
        if new:
            members = {}
            for k, v in sorted(vars(cls).items()):
                tree = self._member(cls, k, v, f"{cls.__qualname__}.{k}")
                if tree is not None:
                    members[k] = tree
            bases = [self._class(base, where) for base in cls.__bases__]
            self.code[key] = {"bases": bases, "members": members}
        return {"code": key}

    def _member(self, cls: type, name: str, v: Any, where: str) -> Any:
        if isinstance(v, (staticmethod, classmethod)):
            return {type(v).__name__: self.value(v.__func__, where)}
        if isinstance(v, property):
            return {"property": [self.value(f, where) for f in (v.fget, v.fset, v.fdel)]}
        if isinstance(v, functools.cached_property):
            return {"property": self.value(v.func, where)}
        if isinstance(v, types.FunctionType):
            made = dataclasses.is_dataclass(cls) and inspect.unwrap(v).__code__.co_filename in (
                "<string>",
                dataclasses.__file__,
            )
            return None if made and _dunder(name) else self._function(v, where)
        if (
            _dunder(name)
            or name == "_abc_impl"
            or inspect.isgetsetdescriptor(v)
            or inspect.ismemberdescriptor(v)
        ):
            return None
        return self.value(v, where)

    def _function(self, f: types.FunctionType, where: str) -> dict[str, Any]:
        name = _name(f)
        if from_library(f.__globals__.get("__name__", "")):  # f.__module__ may be that of what it wraps
            inner = getattr(f, "__wrapped__", None)
            return {"function": name} if inner is None else {"wrapped": [name, self.value(inner, where)]}
        key, new = self._key(f, name)
        if new:
            try:
                # The code object's own lines: getsource(f) would look through a decorator at what it wraps.
                lines = textwrap.dedent(inspect.getsource(f.__code__))
            except (OSError, TypeError) as error:
                raise _no_source(where, name) from error
            self.sources[key] = "\n".join(line.rstrip() for line in lines.splitlines())
            reads: dict[str, Any] = {}
            for read in sorted(_globals_read(f.__code__)):
                if read in f.__globals__:
                    reads[read] = self.value(f.__globals__[read], f"{where}, which reads {read!r}")
                elif not hasattr(builtins, read):
                    reads[read] = {"undefined": read}
            self.code[key] = {
                "source": self.sources[key],
                "reads": reads,
                "closure": self._closure(f, where),
                "defaults": [
                    self.value(x, f"{where} (a default)") for x in (f.__defaults__, f.__kwdefaults__)
                ],
            }
        return {"code": key}

    def _closure(self, f: types.FunctionType, where: str) -> dict[str, Any]:
        found = {}
        for name, cell in zip(f.__code__.co_freevars, f.__closure__ or (), strict=True):
            try:
                found[name] = self.value(cell.cell_contents, f"{where}, which reads {name!r}")
            except ValueError:  # an empty cell
                found[name] = {"undefined": name}
        return found

    def _key(self, v: Any, name: str) -> tuple[str, bool]:
        """Key of a piece of code in the table, and whether it is new; namesakes are numbered as met."""
        if id(v) in self._met:
            return self._met[id(v)][0], False
        key, number = name, 1
        while key in self.code:
            number += 1
            key = f"{name}#{number}"
        self._met[id(v)] = (key, v)
        self.code[key] = None  # reserved before its parts are met: they may refer back
        return key, True


def _no_source(where: str, name: str) -> Unhashable:
    return Unhashable(
        _(
            "{where}: the source of {name!r} is not there; define it in a file or a notebook cell.",
            where=where,
            name=name,
        )
    )


def _name(v: Any) -> str:
    return f"{v.__module__}.{v.__qualname__}"


def _dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _sort_key(tree: Any) -> str:
    return json.dumps(tree, sort_keys=True)


def _foreign(v: Any, module: str) -> bool:
    """Whether a module's global is code of the user's from another file."""
    if isinstance(v, types.ModuleType):
        return not from_library(v.__name__)
    own = isinstance(v, (type, types.FunctionType)) and v.__module__ != module
    return own and not from_library(v.__module__)


def _globals_read(code: types.CodeType) -> set[str]:
    """Names of the globals a code object and the functions inside it read.

    ``co_names`` alone would not do: it holds attribute names too, and an unrelated global may share one.
    """
    loads = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS")
    names = {i.argval for i in dis.get_instructions(code) if i.opname in loads}
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            names |= _globals_read(inner)
    return names


@functools.cache
def _library_folders() -> tuple[Path, ...]:
    paths = sysconfig.get_paths()
    folders = {paths[k] for k in ("stdlib", "platstdlib", "purelib", "platlib")} | {
        site.getusersitepackages()
    }
    return tuple(Path(folder).resolve() for folder in folders)


def from_library(module: str) -> bool:
    """Whether a module is ours, the standard library's or installed: its version identifies it."""
    if module.partition(".")[0] in ("sim", "builtins") or module in sys.builtin_module_names:
        return True
    file = getattr(sys.modules.get(module), "__file__", None)
    if module == "__main__" or file is None:
        return False
    path = Path(file).resolve()
    return any(path.is_relative_to(folder) for folder in _library_folders())


def _coerced(v: Any, hint: Any) -> Any:
    """`v` as its declared type would hold it: 1 is 1.0 where a float is declared."""
    whole = isinstance(v, (int, np.integer)) and not isinstance(v, bool)
    if hint is float and whole:
        return float(v)
    if hint is int and isinstance(v, (float, np.floating)) and float(v).is_integer():
        return int(v)
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        members = [a for a in args if a is not type(None)]
        if whole and int in members:
            return v
        if whole and float in members:
            return float(v)
        return _coerced(v, members[0]) if len(members) == 1 and v is not None else v
    if origin is tuple and args and isinstance(v, (tuple, list)):
        each = [args[0]] * len(v) if args[-1] is Ellipsis else list(args)
        return tuple(_coerced(x, h) for x, h in zip(v, each, strict=False)) if len(each) == len(v) else v
    if origin in (list, set, frozenset) and args and isinstance(v, origin):
        return [_coerced(x, args[0]) for x in v] if origin is list else {_coerced(x, args[0]) for x in v}
    if origin is dict and isinstance(v, dict):
        return {_coerced(k, args[0]): _coerced(x, args[1]) for k, x in v.items()}
    return v
