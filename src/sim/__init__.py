"""Kinerja Lab: weigh up designs of performance policies for Indonesia's civil servants before they are tried on people.

An agency exists, a policy is a set of levers pulled on it, a world is one run, a study weighs policies up::

    import sim

    agency = sim.load_agency("contoh")
    result = sim.compare(agency, [sim.status_quo(), sim.load_policy("citizen_feedback")], years=3)
    result.table()
"""

from typing import Any

import lazy_loader

# loaded when first used, so that "kinerja --help" does not wait for numba and pandas
_load, _, __all__ = lazy_loader.attach_stub(__name__, __file__)

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    try:
        return _load(name)
    except AttributeError:
        raise AttributeError(f"module 'sim' has no attribute {name!r}; it has {', '.join(__all__)}") from None


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
