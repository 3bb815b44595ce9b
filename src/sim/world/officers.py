"""The officers of an agency, one row each, drawn afresh for every replication; nobody real is among them."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.agency.spec import DOMAINS, Agency
from sim.errors import KinerjaError
from sim.streams import Streams

SKILL_SD = 0.8
MOTIVATION_SD = 0.6
"""Skill and motivation are independent, so that performance has SD 1 (assumption, model.md section 1)."""
CORRELATION = 0.5
"""Between skill domains, and between pace, care and courtesy (assumption)."""
PERFORMANCE = ("pace", "care", "courtesy")
OVERALL = float(np.sqrt((1 + 2 * CORRELATION) / 3))
"""What one SD of overall performance adds to each of the three channels."""
LMX_TRUTH = 0.24
"""Correlation of closeness to the supervisor with objective performance (Martin et al. 2016)."""
RETIREMENT_AGE = 58

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]


@dataclass
class Officers:
    """A struct of arrays over officer slots, units one after another; slot 0 of a unit is its supervisor.

    Attributes
    ----------
    unit, slot, supervisor : int64[n]
        Index of the unit, place in it, and the officer who supervises (a supervisor supervises himself).
    pns : bool[n]
        Permanent civil servant (PNS), else on contract (PPPK).
    age, tenure : float64[n]
        Years.
    skill : float64[n, 4]
        At the start, by :data:`~sim.agency.spec.DOMAINS`; performance SDs from the average officer.
    motivation : float64[n]
        At the start; performance SDs.
    specific : float64[n, 3]
        What is particular to an officer's pace, care and courtesy; unit variance.
    discipline, integrity, resistance : float64[n]
        Traits, unit variance.
    closeness : float64[n]
        To the supervisor (leader-member exchange), unit variance.
    severity : float64[n]
        As a rater, unit variance; positive is lenient.
    slices : list of slice
        Rows of each unit.
    """

    unit: Int
    slot: Int
    supervisor: Int
    pns: Bool
    age: Float
    tenure: Float
    skill: Float
    motivation: Float
    specific: Float
    discipline: Float
    integrity: Float
    resistance: Float
    closeness: Float
    severity: Float
    slices: list[slice]
    own: dict[str, npt.NDArray[Any]] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.unit)

    def all(self) -> Bool:
        """A mask with everybody in it."""
        return np.ones(len(self), np.bool_)

    def column(self, name: str, start: float | bool = 0.0) -> npt.NDArray[Any]:
        """A lever's own state, one value an officer, made at the first call and kept for the run."""
        if name not in self.own:
            self.own[name] = np.full(len(self), start)
        return self.own[name]

    @property
    def is_supervisor(self) -> Bool:
        """Who leads a unit."""
        return self.slot == 0

    @property
    def general(self) -> Float:
        """Skill (all domains alike) and motivation at the start, unit variance."""
        mean = self.skill.mean(axis=1)
        size = len(DOMAINS)
        sd = SKILL_SD * np.sqrt((1 + (size - 1) * CORRELATION) / size)
        return np.asarray(mean / sd * SKILL_SD + self.motivation)


def hire(agency: Agency, streams: Streams) -> Officers:
    """Draw the officers of every unit from its headcount.

    Each trait has a stream of its own keyed by unit, so that a unit's officers do not depend on other units.
    """
    sizes = [unit.officers for unit in agency.units]
    for row in agency.units:
        if row.officers < 1:
            raise KinerjaError(f"unit {row.unit!r} has no officers; give it at least one PNS or PPPK.")
    edges = np.concatenate([[0], np.cumsum(sizes)])
    slices = [slice(int(a), int(b)) for a, b in pairwise(edges)]

    def normal(name: str, width: int = 1) -> Float:
        parts = [
            streams.generator(f"officer.{name}", index).standard_normal((size, width))
            for index, size in enumerate(sizes)
        ]
        out: Float = np.concatenate(parts)
        return out if width > 1 else out[:, 0]

    def uniform(name: str) -> Float:
        return np.concatenate(
            [streams.generator(f"officer.{name}", index).random(size) for index, size in enumerate(sizes)]
        )

    unit = np.repeat(np.arange(len(sizes)), sizes)
    slot = np.concatenate([np.arange(size) for size in sizes])
    # PPPK take the last slots, so that a supervisor is PNS where there is one
    pns = np.concatenate([np.arange(size) < agency.units[i].pns for i, size in enumerate(sizes)])
    common, own = normal("skill"), normal("skill-domain", len(DOMAINS))
    skill = SKILL_SD * (np.sqrt(CORRELATION) * common[:, None] + np.sqrt(1 - CORRELATION) * own)
    motivation = MOTIVATION_SD * normal("motivation")
    age = 24 + (RETIREMENT_AGE - 24) * uniform("age")
    officers = Officers(
        unit=unit.astype(np.int64),
        slot=slot.astype(np.int64),
        supervisor=np.repeat(edges[:-1], sizes).astype(np.int64),
        pns=pns,
        age=age,
        tenure=(age - 24) * uniform("tenure"),
        skill=skill,
        motivation=motivation,
        specific=normal("specific", len(PERFORMANCE)),
        discipline=normal("discipline"),
        integrity=normal("integrity"),
        resistance=normal("resistance"),
        closeness=np.zeros(len(unit)),
        severity=normal("severity"),
        slices=slices,
    )
    officers.closeness = LMX_TRUTH * officers.general + np.sqrt(1 - LMX_TRUTH**2) * normal("closeness")
    return officers
