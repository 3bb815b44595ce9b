"""The status quo with everybody staying and taking up new practices at once, so that one lever is seen alone."""

from __future__ import annotations

from dataclasses import replace

from sim.levers import Policy, status_quo


def steady() -> Policy:
    """The status quo without `change` and `careers`, before the study as well."""
    quo = status_quo().minus("change", "careers")
    return replace(quo, before=quo)
