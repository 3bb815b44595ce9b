"""Names that people write: one that does not exist is refused, with the nearest that does."""

from __future__ import annotations

import difflib
import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any, ParamSpec, TypeVar, cast

from sim.errors import KinerjaError, Message, _

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C", bound=type)

IN_FILES = {"outcomes": "headline"}
"""Key of a study file -> the parameter of Python that it is called there."""


class UnknownAttribute(KinerjaError, AttributeError):
    """An attribute that an object does not have."""


def nearest(name: str, known: Iterable[str]) -> Message | str:
    """Return a hint at the known name most like `name`, to end a message with: `` (did you mean 'x'?)`` or nothing."""
    there = list(known)
    close = difflib.get_close_matches(name, there, 1)
    if not close and IN_FILES.get(name) in there:
        close = [IN_FILES[name]]
    return _(" (did you mean {name!r}?)", name=close[0]) if close else ""


class Fixed:
    """An object with the attributes it was made with: another name is refused, read or set, with the nearest."""

    def __setattr__(self, name: str, value: Any) -> None:
        if vars(self).get("_fixed") and name not in vars(self) and not hasattr(type(self), name):
            raise self._unknown(name)
        object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # asked by copy, pickle and notebooks
            raise AttributeError(name)
        raise self._unknown(name)

    def _fix(self) -> None:
        """Take no new attributes from now on."""
        object.__setattr__(self, "_fixed", True)

    def _unknown(self, name: str) -> UnknownAttribute:
        there = sorted(n for n in {*vars(self), *dir(type(self))} if not n.startswith("_"))
        return UnknownAttribute(
            _(
                "{kind}: there is no {name!r}{hint}; there are {there}.",
                kind=type(self).__name__,
                name=name,
                hint=nearest(name, there),
                there=", ".join(there),
            )
        )


def known_arguments(*specs: type) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a function refuse arguments that it does not take, with the nearest that it takes.

    Parameters
    ----------
    *specs : type
        Dataclasses to which the function's ``**`` arguments go.

    Examples
    --------
    >>> @known_arguments()
    ... def count(seats: int = 1) -> int:
    ...     return seats
    >>> count(seat=3)
    Traceback (most recent call last):
    ...
    sim.errors.KinerjaError: count: unknown parameter 'seat' (did you mean 'seats'?); it has seats.
    """

    def wrap(call: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(call)

        @functools.wraps(call)
        def inner(*args: P.args, **kwargs: P.kwargs) -> R:
            _check_arguments(call.__name__, signature, specs, args, kwargs)
            return call(*args, **kwargs)

        return inner

    return wrap


def named(cls: C) -> C:
    """Make a class refuse arguments that it does not take, as :func:`known_arguments` does for a function."""
    make = cast(Any, cls).__init__
    signature = inspect.signature(make)

    @functools.wraps(make)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        _check_arguments(_called(type(self)), signature, (), (self, *args), kwargs)
        make(self, *args, **kwargs)

    setattr(cls, "__init__", init)  # noqa: B010  (mypy forbids the assignment)
    return cls


def _called(cls: type) -> str:
    """Return what users call a class: a lever by its name, a study by its kind."""
    names = (getattr(cls, word, None) for word in ("name", "kind"))
    return next((name for name in names if isinstance(name, str)), cls.__name__)


def _check_arguments(
    where: str,
    signature: inspect.Signature,
    specs: tuple[type, ...],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> None:
    kinds = inspect.Parameter
    parameters = [p for p in signature.parameters.values() if p.name != "self"]
    takes = [p.name for p in parameters if p.kind in (kinds.POSITIONAL_OR_KEYWORD, kinds.KEYWORD_ONLY)]
    for spec in specs:
        takes += [name for name in inspect.signature(spec).parameters if name not in takes]
    is_open = not specs and any(p.kind is kinds.VAR_KEYWORD for p in parameters)
    for name in kwargs:
        if name not in takes and not is_open:
            raise KinerjaError(
                _(
                    "{where}: unknown parameter {name!r}{hint}; it has {takes}.",
                    where=where,
                    name=name,
                    hint=nearest(name, takes),
                    takes=", ".join(takes) or _("nothing"),
                )
            )
    try:
        signature.bind(*args, **kwargs)
    except TypeError:
        in_order = [p.name for p in parameters if p.kind is kinds.POSITIONAL_OR_KEYWORD]
        without_name = len(args) - ("self" in signature.parameters)
        given = {*in_order[:without_name], *kwargs}
        needed = [p.name for p in parameters if p.default is p.empty and p.name in takes]
        missing = [name for name in needed if name not in given]
        if missing and without_name <= len(in_order):
            raise KinerjaError(
                _("{where}: {missing} is missing.", where=where, missing=", ".join(missing))
            ) from None
        raise KinerjaError(
            _(
                "{where}: too many values without a name, or one given twice; write the names: {takes}.",
                where=where,
                takes=", ".join(f"{name}=" for name in takes),
            )
        ) from None
