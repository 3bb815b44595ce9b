"""What the status quo was fitted to, and what came of it: the tables of ``data/calibration``.

``targets.csv`` is published; ``expectations.csv`` is written by ``kinerja calibrate`` (see docs/calibration.md).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from sim.agency.spec import Agency
from sim.paths import data_dir
from sim.world.officers import Float


@dataclass(frozen=True)
class Target:
    """A published figure that the status quo must show.

    Attributes
    ----------
    key, unit, agencies, identifies, source, status : str
        `agencies`: ``all`` (a property of the rating model), ``each`` agency, or ``pooled`` over agencies.
    value, low, high : float
        NaN where there is none; a range without a value is met anywhere inside.
    tolerance : float
        How far a simulated figure may be from the value, or outside the range.
    n : float
        Observations the figure rests on; NaN where not known.
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
        """Whether a simulated figure lies inside the range, or near the value where there is no range."""
        low, high = (self.value if np.isnan(end) else end for end in (self.low, self.high))
        room = 0.0 if np.isnan(self.tolerance) else self.tolerance
        return bool(low - room <= simulated <= high + room)


@cache
def targets() -> dict[str, Target]:
    """Every target by key.

    Examples
    --------
    >>> targets()["sangat_baik"].value
    0.1127
    """
    numbers = ("value", "low", "high", "tolerance", "n")
    return {
        row["key"]: Target(**{k: float(v or "nan") if k in numbers else v for k, v in row.items()})  # type: ignore[arg-type]
        for row in _rows(data_dir() / "calibration" / "targets.csv")
    }


def expectations(agency: Agency) -> Float:
    """What the waiting that citizens expect is multiplied by, one number a unit; 1 where nothing was fitted.

    Kept by the agency's name and the unit's code, so that an agency of one's own starts at 1.
    """
    fitted = _expectations()
    return np.array([fitted.get((agency.name, unit.unit), 1.0) for unit in agency.units])


@cache
def _expectations() -> dict[tuple[str, str], float]:
    rows = _rows(data_dir() / "calibration" / "expectations.csv")
    return {(row["agency"], row["unit"]): float(row["value"]) for row in rows}


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
