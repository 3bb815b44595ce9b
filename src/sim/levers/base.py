"""What a lever is: a frozen set of parameters and a SimPy process.

A lever written in a notebook has the same rights as the ones that ship::

    class CoffeeMornings(Lever):
        every: str = "month"

        def run(self, world):
            while True:
                yield world.clock.next(self.every)
                world.effects.add("motivation", Effect(mean=0.05, spread=0.05), fade_days=20)
"""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Generator, Iterable
from dataclasses import MISSING, dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self, dataclass_transform

from sim.errors import KinerjaError, _

if TYPE_CHECKING:
    from sim.agency.spec import Agency
    from sim.world.world import World

GROUPS = (
    "needs",
    "appraisal",
    "feedback",
    "training",
    "reward",
    "discipline",
    "leadership",
    "change",
    "digital",
    "citizens",
    "complaints",
    "careers",
    "programmes",
    "own",
)
"""Subjects of levers, in canonical order; a notebook's lever is in ``own`` unless it says otherwise."""


def param(
    note_id: str,
    note_en: str,
    *,
    default: Any,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
) -> Any:
    """A lever's parameter with its meaning and range (both ends included)."""
    meta = {
        "note_id": note_id,
        "note_en": note_en,
        "unit": unit,
        "low": low,
        "high": high,
        "choices": choices,
    }
    return field(default=default, metadata=meta)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(param, field))
class _Frozen:
    """Makes every subclass a frozen, keyword-only dataclass, so that a notebook needs no decorator."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        dataclass(frozen=True, kw_only=True)(cls)


class Lever(_Frozen):
    """Something that can be decided. Subclass it, declare parameters as fields, write :meth:`run`.

    Parameters
    ----------
    start : int
        First month of the study (1 = January of the first year) in which it is in force.
    tag : str
        Tells two levers of one class in one policy apart.

    Attributes
    ----------
    name : str
        Class attribute, by default the class name in snake_case.
    group : str
        Class attribute, one of :data:`GROUPS`.
    phase : str
        Class attribute: the phase of the month in which ``world.clock.next`` wakes it
        (see :data:`sim.world.clock.PHASES`).
    practice : bool
        Class attribute: officers must take it up for it to have an effect on them, so that it is adopted one by one
        where the change lever is in force.
    evidence, outcomes : tuple of str
        Class attributes: rows of the evidence table it rests on; outcome columns it moves or adds.
    """

    name: ClassVar[str] = "lever"
    group: ClassVar[str] = "own"
    phase: ClassVar[str] = "practice"
    title_id: ClassVar[str] = ""
    title_en: ClassVar[str] = ""
    practice: ClassVar[bool] = False
    evidence: ClassVar[tuple[str, ...]] = ()
    outcomes: ClassVar[tuple[str, ...]] = ()

    start: int = param(_("first month in force"), low=1, high=1200, default=1)
    tag: str = param(_("tells two levers of one kind apart"), default="")

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if "name" not in cls.__dict__:
            cls.name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()
        if not cls.__dict__.get("title_en"):
            cls.title_en = cls.title_id = cls.name.replace("_", " ").capitalize()
        super().__init_subclass__(**kwargs)

    def __post_init__(self) -> None:
        for f in dataclasses.fields(self):
            object.__setattr__(self, f.name, _checked(self.name, f, getattr(self, f.name)))

    @property
    def key(self) -> str:
        """Name, and tag where there is one: unique within a policy."""
        return f"{self.name}:{self.tag}" if self.tag else self.name

    @property
    def sort_key(self) -> tuple[int, str]:
        """Canonical order: by group, then key."""
        return GROUPS.index(self.group), self.key

    def check(self, agency: Agency) -> None:
        """Raise :class:`~sim.errors.KinerjaError` when the lever does not fit an agency; called before any run."""

    def run(self, world: World) -> Generator[Any, Any, None] | None:
        """The mechanism: an ordinary SimPy process; it may also act once and return."""
        raise TypeError(f"lever {self.name!r} has no run(self, world); write one")

    def parameters(self) -> dict[str, Any]:
        """Values of its parameters, defaults included."""
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}

    @classmethod
    def build(cls, values: dict[str, Any]) -> Self:
        """A lever from plain values (a YAML mapping); unknown names are refused with the nearest known one."""
        known = {f.name for f in dataclasses.fields(cls)}
        for name in values:
            if name not in known:
                raise KinerjaError(
                    _(
                        "{name}: unknown parameter {name_2!r}{hint}; it has {known}.",
                        name=cls.name,
                        name_2=name,
                        hint=nearest(name, known),
                        known=", ".join(sorted(known)),
                    )
                )
        return cls(**values)


def nearest(name: str, known: Iterable[str]) -> str:
    """`` (did you mean 'x'?)`` or nothing."""
    close = difflib.get_close_matches(name, list(known), 1)
    return _(" (did you mean {first_close!r}?)", first_close=close[0]) if close else ""


def known(place: str, value: str, there: Iterable[str], agency: str) -> None:
    """Refuse a code that an agency does not have, with the nearest it has."""
    codes = list(there)
    if value not in codes:
        raise KinerjaError(
            _(
                "{place} = {value!r}: {agency} has none of that name{hint}; it has {codes}.",
                place=place,
                value=value,
                agency=agency,
                hint=nearest(value, codes),
                codes=", ".join(codes),
            )
        )


def _checked(lever: str, f: dataclasses.Field[Any], value: Any) -> Any:
    """The value in its declared type and range, or an error that says what may stand there."""
    place = f"{lever}.{f.name} = {value!r}"
    kind = f.type if isinstance(f.type, str) else getattr(f.type, "__name__", str(f.type))
    if kind in ("int", "float") and (isinstance(value, bool) or not isinstance(value, (int, float))):
        raise KinerjaError(_("{place}: must be a number.", place=place))
    if kind == "int":
        if value != int(value):
            raise KinerjaError(_("{place}: must be a whole number.", place=place))
        value = int(value)
    elif kind == "float":
        value = float(value)
    elif kind == "bool" and not isinstance(value, bool):
        raise KinerjaError(_("{place}: must be true or false.", place=place))
    elif kind == "str" and not isinstance(value, str):
        raise KinerjaError(_("{place}: must be text.", place=place))
    elif kind.startswith("tuple") and isinstance(value, list):
        value = tuple(value)
    low, high, choices = (f.metadata.get(k) for k in ("low", "high", "choices"))
    if choices and value not in choices:
        raise KinerjaError(_("{place}: must be one of {choices}.", place=place, choices=", ".join(choices)))
    if low is not None and not value >= low:
        raise KinerjaError(_("{place}: must be at least {low}.", place=place, low=low))
    if high is not None and not value <= high:
        raise KinerjaError(_("{place}: must be at most {high}.", place=place, high=high))
    return value


def describe(cls: type[Lever]) -> list[dict[str, Any]]:
    """One row a parameter of a lever class: name, default, unit, low, high, choices, notes."""
    return [
        {"parameter": f.name, "default": None if f.default is MISSING else f.default, **f.metadata}
        for f in dataclasses.fields(cls)
    ]
