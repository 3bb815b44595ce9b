"""What the world knows of a lever, and of a policy: a few attributes and two calls.

Levers stand above the world; anything with these attributes can act in it.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from sim.agency.spec import Agency


class Mechanism(Protocol):
    """One thing that acts in a world month after month; see :class:`sim.levers.Lever`."""

    @property
    def key(self) -> str:
        """Name by which its effects, costs and draws are kept; unique within a plan."""

    @property
    def start(self) -> int:
        """First month of the study in which it acts."""

    @property
    def phase(self) -> str:
        """Phase of the month in which it acts; see :data:`sim.world.clock.PHASES`."""

    @property
    def practice(self) -> bool:
        """Whether officers have to take it up."""

    @property
    def sort_key(self) -> Any:
        """Its place in the canonical order."""

    def check(self, agency: Agency) -> None:
        """Refuse an agency on which it cannot act."""

    def run(self, world: Any) -> Generator[Any, Any, None] | None:
        """Act: an ordinary SimPy process."""


class Plan(Protocol):
    """The mechanisms of a run; see :class:`sim.levers.Policy`."""

    @property
    def levers(self) -> tuple[Any, ...]:
        """Mechanisms in force from their start month on, in canonical order."""

    @property
    def before_levers(self) -> tuple[Any, ...]:
        """Mechanisms in force during the burn-in."""
