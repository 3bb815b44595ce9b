"""The base class of levers: a frozen set of parameters and a SimPy process.

A lever written in a notebook can do all that the shipped ones can::

    class CoffeeMornings(Lever):
        every: str = "month"

        def run(self, world):
            while True:
                yield world.clock.next(self.every)
                world.effects.add("motivation", Effect(mean=0.05, spread=0.05), fade_days=20)
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Generator, Iterable
from dataclasses import MISSING, dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self, dataclass_transform

from sim.errors import KinerjaError, Message, OwnText, _
from sim.names import known_arguments, named, nearest
from sim.outcomes import OUTCOMES, Outcome

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
"""Subjects of levers, in canonical order; a lever written in a notebook is in ``own`` unless it says otherwise."""


@known_arguments()
def param(
    note: Message | str,
    english: str | None = None,
    *,
    default: Any,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
) -> Any:
    """Declare a parameter of a lever: its meaning, default and range.

    Parameters
    ----------
    note : str or Message
        What the parameter means. In a lever of your own: a text, or an Indonesian one followed by an English one
        (``param("seberapa sering", "how often", default=12)``). Levers that ship give a message.
    english : str, optional
        The English text; by default `note` is shown in both languages.
    default : object
        Value where none is given.
    unit : str
        Unit of the value.
    low, high : float, optional
        Range, both ends included.
    choices : tuple of str
        What a text may be.
    """
    meta = {
        "note": OwnText(note, note if english is None else english) if isinstance(note, str) else note,
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
        named(dataclass(frozen=True, kw_only=True)(cls))


class Lever(_Frozen):
    """Something that can be decided. Subclass it, declare parameters as fields, write :meth:`run`.

    Parameters
    ----------
    start : int
        First month of the study (1 = January of the first year) in which the lever is in force.
    tag : str
        Tells two levers of one class in one policy apart.

    Attributes
    ----------
    name : str
        Class attribute, by default the class name in snake_case.
    title : Message or OwnText
        Class attribute: name for people. A lever of your own gives ``title_id`` and ``title_en`` instead, or neither.
    group : str
        Class attribute, one of :data:`GROUPS`.
    phase : str
        Class attribute: the phase of the month in which ``world.clock.next`` wakes the lever
        (see :data:`sim.world.clock.PHASES`).
    practice : bool
        Class attribute: the lever affects only officers who have adopted it. Where the change lever is in force they
        adopt it one by one, else all at once.
    resumes : bool
        Class attribute: ``run``, called again in a copy of the world, goes on where it was, because it keeps its past
        in the world (``world.remember``, columns of officers) and not in variables. The burn-in of policies whose
        levers before the study all resume is computed once for them all. Stated by the class that defines ``run``.
    evidence : tuple of str
        Class attribute: rows of the evidence table the lever rests on.
    outcomes : tuple of str or Outcome
        Class attribute: outcome columns it moves; a :class:`~sim.outcomes.Outcome` is one it adds, and records with
        ``world.recorder``.
    """

    name: ClassVar[str] = "lever"
    group: ClassVar[str] = "own"
    phase: ClassVar[str] = "practice"
    title: ClassVar[Message | OwnText]
    title_id: ClassVar[str] = ""
    title_en: ClassVar[str] = ""
    practice: ClassVar[bool] = False
    resumes: ClassVar[bool] = False
    evidence: ClassVar[tuple[str, ...]] = ()
    outcomes: ClassVar[tuple[str | Outcome, ...]] = ()

    start: int = param(_("first month in force"), low=1, high=1200, default=1)
    tag: str = param(_("tells two levers of one kind apart"), default="")

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if "name" not in cls.__dict__:
            cls.name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()
        if "title" not in cls.__dict__:
            titles = [cls.__dict__.get(name) for name in ("title_id", "title_en")]
            plain = titles[1] or titles[0] or cls.name.replace("_", " ").capitalize()
            cls.title = OwnText(titles[0] or plain, plain)
        for outcome in own_outcomes(cls):
            OUTCOMES.add(outcome)
        if "run" in cls.__dict__ and "resumes" not in cls.__dict__:
            cls.resumes = False  # what another run does is not inherited
        super().__init_subclass__(**kwargs)

    def __post_init__(self) -> None:
        for f in dataclasses.fields(self):
            object.__setattr__(self, f.name, _checked(self.name, f, getattr(self, f.name)))

    @property
    def key(self) -> str:
        """Name, with the tag where there is one: unique within a policy."""
        return f"{self.name}:{self.tag}" if self.tag else self.name

    @property
    def sort_key(self) -> tuple[int, str]:
        """Place in the canonical order: by group, then by key."""
        return GROUPS.index(self.group), self.key

    def check(self, agency: Agency) -> None:
        """Check, before any run, that the lever fits an agency.

        Raises
        ------
        KinerjaError
            It does not fit.
        """

    def run(self, world: World) -> Generator[Any, Any, None] | None:
        """Act in a world: an ordinary SimPy process, or a function that acts once and returns."""
        raise TypeError(f"lever {self.name!r} has no run(self, world); write one")

    def parameters(self) -> dict[str, Any]:
        """Return the values of all parameters, defaults included."""
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}

    @classmethod
    def build(cls, values: dict[str, Any]) -> Self:
        """Make a lever from plain values (a YAML mapping).

        Raises
        ------
        KinerjaError
            A parameter is unknown (the nearest known one is named), or its value has the wrong type or range.
        """
        return cls(**values)


def own_outcomes(lever: Any) -> tuple[Outcome, ...]:
    """Return the outcomes that a lever adds."""
    return tuple(outcome for outcome in lever.outcomes if isinstance(outcome, Outcome))


def check_code(place: str, code: str, known: Iterable[str], owner: Message | str) -> None:
    """Check that a parameter names something that exists.

    Parameters
    ----------
    place : str
        Lever and parameter, for the message.
    code : str
        The value.
    known : iterable of str
        What there is.
    owner : Message or str
        An agency's name, or the table that holds what there is.

    Raises
    ------
    KinerjaError
        It does not exist; names the nearest that does.
    """
    codes = list(known)
    if code not in codes:
        raise KinerjaError(
            _(
                "{place} = {code!r}: {owner} has none of that name{hint}; it has {codes}.",
                place=place,
                code=code,
                owner=owner,
                hint=nearest(code, codes),
                codes=", ".join(codes),
            )
        )


def _checked(lever: str, f: dataclasses.Field[Any], value: Any) -> Any:
    """Return the value in its declared type; raise KinerjaError for one of another type or out of range."""
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
    """Describe the parameters of a lever class, one mapping per parameter.

    Returns
    -------
    list of dict
        Keys ``parameter``, ``default`` and, of parameters declared with :func:`param`, ``note`` (a
        :class:`~sim.errors.Message` or :class:`OwnText`), ``unit``, ``low``, ``high`` and ``choices``.
    """
    return [
        {"parameter": f.name, "default": None if f.default is MISSING else f.default, **f.metadata}
        for f in dataclasses.fields(cls)
    ]
