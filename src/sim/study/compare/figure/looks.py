"""Colour, marker and line of each policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.report.style import _COLOURS, _LINES, _MARKERS, INK, Look

if TYPE_CHECKING:
    from sim.study.compare.result import CompareResult


def looks(comparison: CompareResult) -> dict[str, Look]:
    """The look of each policy: the status quo in grey, the others in the order of the comparison."""
    others = [policy.name for policy in comparison.policies if policy.name != comparison.baseline]
    found = {
        name: Look(_COLOURS[i % len(_COLOURS)], _MARKERS[i % len(_MARKERS)], _LINES[i % len(_LINES)])
        for i, name in enumerate(others)
    }
    return {comparison.baseline: Look(INK, "|", "-")} | found


def quoted(comparison: CompareResult, lang: str) -> str:
    """Name of the policy the others are compared with, in quotation marks."""
    return next(f"“{p.label(lang)}”" for p in comparison.policies if p.name == comparison.baseline)
