"""What people read: labels in two languages, tables, figures and the brief.

Names are looked up when they are first used, so that importing this package loads neither matplotlib nor jinja.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.report.brief import write_brief
    from sim.report.labels import label, note, short, unit
    from sim.report.tables import cost_table, evidence_table, ranked_table

_WHERE = {
    "brief": ("write_brief",),
    "labels": ("label", "note", "short", "unit"),
    "tables": ("cost_table", "evidence_table", "ranked_table"),
}
_MODULE = {name: module for module, names in _WHERE.items() for name in names}

__all__ = [
    "cost_table",
    "evidence_table",
    "label",
    "note",
    "ranked_table",
    "short",
    "unit",
    "write_brief",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULE:
        raise AttributeError(f"module 'sim.report' has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(f"sim.report.{_MODULE[name]}"), name)
