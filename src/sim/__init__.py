"""Kinerja Lab: weigh up designs of performance policies for Indonesia's civil servants before they are tried on people.

An agency exists, a policy is a set of levers pulled on it, a world is one run, a study weighs policies up::

    import sim

    agency = sim.load_agency("contoh")
    result = sim.compare(agency, [sim.status_quo(), sim.load_policy("citizen_feedback")], years=3)
    result.table()
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.agency import Agency, agencies, load_agency, write_agency, write_template
    from sim.evidence import Effect, Evidence
    from sim.levers import Lever, Policy, load_policy, param, status_quo
    from sim.outcomes import Outcome
    from sim.study import (
        Comparison,
        capacity,
        compare,
        fairness,
        load_comparison,
        optimise,
        robust,
        select,
        sensitivity,
    )
    from sim.world import Scenario, World, simulate, trace

_WHERE = {
    "sim.agency": ("Agency", "agencies", "load_agency", "write_agency", "write_template"),
    "sim.evidence": ("Effect", "Evidence"),
    "sim.levers": ("Lever", "Policy", "load_policy", "param", "status_quo"),
    "sim.outcomes": ("Outcome",),
    "sim.study": (
        "Comparison",
        "capacity",
        "compare",
        "fairness",
        "load_comparison",
        "optimise",
        "robust",
        "select",
        "sensitivity",
    ),
    "sim.world": ("Scenario", "World", "simulate", "trace"),
}
_MODULE = {name: module for module, names in _WHERE.items() for name in names}

__version__ = "0.1.0"
__all__ = sorted(_MODULE)


def __getattr__(name: str) -> Any:
    # imported when first asked for, so that "kinerja --help" does not wait for numba and pandas
    if name not in _MODULE:
        raise AttributeError(f"module 'sim' has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(_MODULE[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
