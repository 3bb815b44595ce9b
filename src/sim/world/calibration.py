"""Read the tables of ``data/calibration``: the targets of the status quo and the values fitted to them.

``targets.csv`` holds published figures; ``kinerja calibrate`` writes ``usual.csv`` (see docs/calibration.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from sim.agency.spec import Agency
from sim.errors import KinerjaError, _
from sim.paths import data_dir, data_table
from sim.world.officers import Float


@dataclass(frozen=True)
class Target:
    """A published figure that the status quo must reproduce.

    Attributes
    ----------
    key, unit, agencies, identifies, source, status : str
        `agencies`: ``all`` (a property of the rating model), ``each`` agency, or ``pooled`` over agencies.
    value, low, high : float
        NaN where there is none; a range without a value is met anywhere inside it.
    tolerance : float
        How far a simulated figure may be from the value, or outside the range.
    n : float
        Number of observations behind the figure; NaN where not known.
    """

    key: str
    value: float
    low: float
    high: float
    tolerance: float
    n: float
    unit: str
    agencies: str
    identifies: str
    source: str
    status: str

    def met_by(self, simulated: float) -> bool:
        """Tell whether a simulated figure lies inside the range, or near the value where there is no range."""
        low, high = (self.value if np.isnan(end) else end for end in (self.low, self.high))
        room = 0.0 if np.isnan(self.tolerance) else self.tolerance
        return bool(low - room <= simulated <= high + room)


@cache
def targets() -> dict[str, Target]:
    """Return every target by key.

    Examples
    --------
    >>> targets()["sangat_baik"].value
    0.1127
    """
    numbers = ("value", "low", "high", "tolerance", "n")
    return {
        row["key"]: Target(**{k: float(v or "nan") if k in numbers else v for k, v in row.items()})  # type: ignore[arg-type]
        for row in data_table("calibration", "targets.csv")
    }


def usual_waits(agency: Agency, given: Mapping[str, float]) -> Float:
    """Return the wait that citizens of each unit are used to, in doublings of what is published.

    Fitted values are stored by the agency's name and the unit's code, so that a user's own agency has none.

    Parameters
    ----------
    agency : Agency
    given : mapping
        Unit -> value that replaces the fitted one.

    Returns
    -------
    float64[units]
        NaN where nothing was fitted, as in programme units.

    Raises
    ------
    KinerjaError
        `given` names a unit that the agency has not.
    """
    codes = [unit.unit for unit in agency.units]
    for code in given:
        if code not in codes:
            raise KinerjaError(
                _(
                    "usual: no unit {code!r} in {agency}; there are {codes}.",
                    code=code,
                    agency=agency.name,
                    codes=", ".join(codes),
                )
            )
    fitted = _fitted()
    return np.array([given.get(code, fitted.get((agency.name, code), np.nan)) for code in codes], np.float64)


@cache
def _fitted() -> dict[tuple[str, str], float]:
    there = (data_dir() / "calibration" / "usual.csv").is_file()
    rows = data_table("calibration", "usual.csv") if there else []
    return {(row["agency"], row["unit"]): float(row["value"]) for row in rows}
