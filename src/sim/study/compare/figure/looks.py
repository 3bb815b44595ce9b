"""Colour, marker and line of each policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sim.report.style import COLOURS, INK, LINES, MARKERS, Look

if TYPE_CHECKING:
    from sim.levers import Policy


class HasBaseline(Protocol):
    """A result about several policies, one of which the others are compared with."""

    @property
    def policies(self) -> tuple[Policy, ...]: ...
    @property
    def baseline(self) -> str: ...


def looks(result: HasBaseline) -> dict[str, Look]:
    """Return the look of each policy: the baseline in black, the others in their order."""
    others = [policy.name for policy in result.policies if policy.name != result.baseline]
    coloured = {
        name: Look(COLOURS[i % len(COLOURS)], MARKERS[i % len(MARKERS)], LINES[i % len(LINES)])
        for i, name in enumerate(others)
    }
    return {result.baseline: Look(INK, "|", "-")} | coloured


def quoted(result: HasBaseline) -> str:
    """Return the name of the baseline in quotation marks."""
    return next(f"“{policy.label()}”" for policy in result.policies if policy.name == result.baseline)
