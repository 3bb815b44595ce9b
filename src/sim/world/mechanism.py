"""The protocols of a lever and of a policy: all that a world knows of them.

Levers are on a higher floor than the world, so it imports none: anything with these attributes can act in it.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from sim.agency.spec import Agency


class Mechanism(Protocol):
    """Something that acts in a world month after month; see :class:`sim.levers.Lever`."""

    @property
    def key(self) -> str:
        """Name under which its effects, costs and draws are stored; unique within a plan."""

    @property
    def start(self) -> int:
        """First month of the study in which it acts."""

    @property
    def phase(self) -> str:
        """Phase of the month in which it acts; see :data:`sim.world.clock.PHASES`."""

    @property
    def practice(self) -> bool:
        """Whether it affects only officers who have adopted it."""

    @property
    def outcomes(self) -> tuple[Any, ...]:
        """Outcomes it moves, by name, and those it adds, as :class:`~sim.outcomes.Outcome`."""

    @property
    def resumes(self) -> bool:
        """Whether `run`, called again in a copy of the world, goes on where it was; see :mod:`sim.world.past`."""

    @property
    def sort_key(self) -> Any:
        """Its place in the canonical order."""

    def check(self, agency: Agency) -> None:
        """Raise :class:`~sim.errors.KinerjaError` for an agency in which it cannot act."""

    def run(self, world: Any) -> Generator[Any, Any, None] | None:
        """Act in a world, as a SimPy process or once."""


class Plan(Protocol):
    """Mechanisms of a run; see :class:`sim.levers.Policy`."""

    @property
    def levers(self) -> tuple[Any, ...]:
        """Mechanisms in force from their start month on, in canonical order."""

    @property
    def before_levers(self) -> tuple[Any, ...]:
        """Mechanisms in force during the burn-in."""
