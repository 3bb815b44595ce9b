"""Something to look at that does not keep an agency from being used."""

from __future__ import annotations

from dataclasses import dataclass

from sim.errors import Problem


@dataclass(frozen=True, slots=True)
class Doubt(Problem):
    """A warning: the agency loads, but its reader should know.

    Same attributes as :class:`sim.errors.Problem`; tell the two apart with ``isinstance``.
    """

    def __str__(self) -> str:
        return f"warning: {Problem.__str__(self)}"
