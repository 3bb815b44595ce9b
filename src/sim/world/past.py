"""The burn-in, shared: policies with the same past are copies of one world until the study starts.

What a world is made of can be copied, except the processes of its levers: Python cannot copy one that is under way.
So a lever that is in force before the study says whether it *resumes*: whether ``run``, called again in the copy, goes
on where it was. Where one does not, or something else is under way, every policy has a burn-in of its own, with the
same result.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.agency.spec import Agency
from sim.streams import Common
from sim.world.clock import Moment
from sim.world.demand import Days

if TYPE_CHECKING:
    from sim.world.mechanism import Mechanism

REFERRED = ("agency", "scenario", "calendar", "evidence")
"""Attributes of a world that nobody changes, so that copies refer to the same."""
OWN = ("env", "clock", "streams", "policy")
"""Attributes that every world has of its own, and to which its parts refer."""
LEFT_OUT = (
    *REFERRED,
    *OWN,
    "months",
    "_fixed",
    "_streams",
    "_lever",
    "_beside",
    "_running",
    "_processes",
    "_followed",
    "_watching",
    "_heart",
)
"""All other attributes are copied."""


class Beside:
    """What runs of one replication that go on side by side have in common.

    They may use one where their seed, replication, agency, scenario and length are equal. They go on in turn, month by
    month (:meth:`sim.world.World.steps`), and :meth:`forget` is called when all have had their turn.

    Attributes
    ----------
    draws : Common
        Random numbers of the month.
    """

    def __init__(self) -> None:
        self.draws = Common()
        self._pasts: list[tuple[tuple[Mechanism, ...], Past]] = []

    def past(self, levers: tuple[Mechanism, ...]) -> Past | None:
        """Return the past in which these levers were in force; None where no world has had it yet."""
        return next((past for others, past in self._pasts if others == levers), None)

    def keep(self, world: Any) -> None:
        """Keep the past of a world that starts its study now, where it can be copied."""
        levers = world.policy.before_levers
        if self.past(levers) is None and (past := Past.of(world)) is not None:
            self._pasts.append((levers, past))

    def forget(self) -> None:
        """Forget what every run has had by now."""
        self.draws.forget()
        self._pasts.clear()


class Past:
    """A world as it is when its study starts.

    Attributes
    ----------
    tick : int
        Now.
    levers : list of Mechanism
        Levers in force, in the order in which they were started.
    due : dict
        Keys of those under way, in the order in which they asked for their next events -> those events' ticks and
        phases; None where that is never.
    """

    def __init__(self, world: Any, due: dict[str, tuple[int, int] | None]) -> None:
        self.tick = world.clock.now
        self.levers = list(world.in_force)
        self.due = due
        self._latest = world.clock.latest
        self._streams = world.streams.unused()
        self._streams.claim(world.streams)
        self._shared: dict[str, Any] = {name: getattr(world, name) for name in REFERRED}
        self._shared |= {f"row {i}": row for i, row in enumerate(_rows(world.agency))}
        self._shared |= {f"calendar {i}": each for i, each in enumerate(world.calendars)}
        self._state = self._pack(world)

    @classmethod
    def of(cls, world: Any) -> Past | None:
        """Return the past of a world; None where it cannot be copied."""
        if not all(lever.resumes for lever in world.in_force):
            return None
        due = awaited(world)
        try:
            return None if due is None else cls(world, due)
        except (pickle.PicklingError, TypeError, AttributeError):  # a lever keeps what cannot be copied
            return None

    def restore(self, world: Any) -> None:
        """Give a world without any state this past."""
        own: dict[str, Any] = {name: getattr(world, name) for name in OWN}
        unpickler = _Unpickler(io.BytesIO(self._state))
        unpickler.known = self._shared | own | {"world": world}
        vars(world).update(unpickler.load())
        world.clock.latest = self._latest
        world.streams.claim(self._streams)

    def _pack(self, world: Any) -> bytes:
        known = {id(value): name for name, value in self._shared.items()}
        known |= {id(getattr(world, name)): name for name in OWN} | {id(world): "world"}
        file = io.BytesIO()
        pickler = _Pickler(file, pickle.HIGHEST_PROTOCOL)
        pickler.known, pickler.shared = known, self._shared
        pickler.dump({name: value for name, value in vars(world).items() if name not in LEFT_OUT})
        return file.getvalue()


def awaited(world: Any) -> dict[str, tuple[int, int] | None] | None:
    """Return when levers of a world act next.

    Returns
    -------
    dict or None
        Keys of levers under way, in the order in which they asked for their next events -> tick and phase, None
        for never. None instead where anything else is under way, of which it cannot be said.
    """
    targets: dict[str, Any] = {
        key: process.target for key, process in world._processes.items() if process.is_alive
    }
    turns = {event: turn for *__, turn, event in world.env._queue if event.callbacks}
    known = {*targets.values(), *(process.target for process in (world._heart, *world._watching))}
    # an event of another kind, or one in the world's own phase, could have another turn in a copy
    clear = all(
        isinstance(event, Moment) and event.due[1] > 0 for event in targets.values() if event in turns
    )
    if any(process.is_alive for process in world._followed) or not clear or not turns.keys() <= known:
        return None
    order = sorted(targets, key=lambda key: turns.get(targets[key], -1))
    return {key: getattr(targets[key], "due", None) for key in order}


class _Pickler(pickle.Pickler):
    """Leaves out what is not copied, and refers to it by name."""

    known: dict[int, str]
    shared: dict[str, Any]

    def persistent_id(self, value: Any) -> str | None:
        name = self.known.get(id(value))
        if name is None and _never_changes(value):
            name = self.known[id(value)] = f"value {len(self.known)}"
            self.shared[name] = value  # which also keeps its id its own
        return name


class _Unpickler(pickle.Unpickler):
    known: dict[str, Any]

    def persistent_load(self, name: str) -> Any:
        return self.known[name]


def _never_changes(value: Any) -> bool:
    """Tell whether copies of a world may share a value."""
    if isinstance(value, np.ndarray):
        return value.flags.owndata and not value.flags.writeable
    return isinstance(value, Days)


def _rows(agency: Agency) -> Iterator[Any]:
    """Rows of an agency's tables, to which a world's parts refer."""
    for name in agency.__slots__:
        table = getattr(agency, name)
        if isinstance(table, tuple):
            yield from table
