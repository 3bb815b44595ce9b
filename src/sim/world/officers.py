"""The officers of an agency, one row each, drawn anew in every replication; none is a real person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from sim.agency.spec import DOMAINS, Agency
from sim.errors import KinerjaError, _
from sim.streams import Streams

SKILL_SD = 0.8
MOTIVATION_SD = 0.6
"""SDs of skill and motivation, which are independent, so that performance has SD 1 (assumption, model.md section 1)."""
CORRELATION = 0.5
"""Correlation between skill domains, and between pace, care and courtesy (assumption)."""
PERFORMANCE = ("pace", "care", "courtesy")
OVERALL = float(np.sqrt((1 + 2 * CORRELATION) / 3))
"""Change of each of the three channels per SD of overall performance."""
LMX_TRUTH = 0.24
"""Correlation of closeness to the supervisor with objective performance (Martin et al. 2016)."""
RETIREMENT_AGE = 58
TRAITS = (
    "age",
    "tenure",
    "skill",
    "motivation",
    "specific",
    "discipline",
    "integrity",
    "resistance",
    "closeness",
    "severity",
)
"""Columns that belong to the person, not to the post."""

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]


@dataclass
class Officers:
    """Columns over officer slots, units one after another; slot 0 of a unit is its supervisor.

    Attributes
    ----------
    unit, slot, supervisor : int64[n]
        Index of the unit, place in the unit, and row of the supervisor (supervisors have their own row).
    pns : bool[n]
        Permanent civil servant (PNS), else on contract (PPPK).
    age, tenure : float64[n]
        Years.
    skill : float64[n, 4]
        Skill at the start, by :data:`~sim.agency.spec.DOMAINS`; performance SDs from the average officer.
    motivation : float64[n]
        Motivation at the start; performance SDs.
    specific : float64[n, 3]
        Part of pace, care and courtesy that is specific to the officer and the channel; unit variance.
    discipline, integrity, resistance : float64[n]
        Traits, unit variance.
    closeness : float64[n]
        Closeness to the supervisor (leader-member exchange), unit variance.
    severity : float64[n]
        Severity as a rater, unit variance; positive is lenient.
    slices : list of slice
        Rows of each unit.
    alike : bool
        Nobody differs in skill, motivation, specific parts and discipline, newcomers neither.
    own, starts : dict
        Columns of levers and their starting values; see :meth:`column`.
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
    alike: bool = False
    own: dict[str, npt.NDArray[Any]] = field(default_factory=dict, repr=False, init=False)
    starts: dict[str, float | bool] = field(default_factory=dict, repr=False, init=False)

    def __len__(self) -> int:
        return len(self.unit)

    def all(self) -> Bool:
        """Return a mask of all officers, bool[n]."""
        return np.ones(len(self), np.bool_)

    def column(self, name: str, start: float | bool = 0.0) -> npt.NDArray[Any]:
        """Return a lever's own column, one value per officer, made at the first call and kept for the run."""
        if name not in self.own:
            self.own[name] = np.full(len(self), start)
            self.starts[name] = start
        return self.own[name]

    def replace(self, who: Bool, traits: dict[str, Float]) -> None:
        """Put newcomers in some slots; levers' own columns restart there."""
        for name, values in traits.items():
            getattr(self, name)[who] = values[who]
        for name, start in self.starts.items():
            self.own[name][who] = start

    def swap(self, one: int, other: int) -> None:
        """Exchange two officers' posts: slots stay, traits and levers' columns move along."""
        # levers also store other state here, e.g. by unit; arrays with one row per officer belong to officers
        own = [values for values in self.own.values() if len(values) == len(self)]
        for values in [self.pns, *(getattr(self, name) for name in TRAITS), *own]:
            values[[one, other]] = values[[other, one]]

    @property
    def unit_sizes(self) -> Int:
        """Headcount of each officer's unit, supervisor included, int64[n]."""
        return np.bincount(self.unit)[self.unit]

    @property
    def colleagues(self) -> Float:
        """Number of other officers in each officer's unit, float64[n]."""
        return (self.unit_sizes - 1).astype(np.float64)

    @property
    def is_supervisor(self) -> Bool:
        """Mask of the officers who lead a unit, bool[n]."""
        return self.slot == 0


def hire(agency: Agency, streams: Streams) -> Officers:
    """Draw the officers of every unit.

    Each trait has a stream of its own, keyed by unit, so that a unit's officers do not depend on other units.

    Raises
    ------
    KinerjaError
        A unit has no officers.
    """
    sizes = [unit.officers for unit in agency.units]
    for row in agency.units:
        if row.officers < 1:
            raise KinerjaError(
                _("unit {unit!r} has no officers; give it at least one PNS or PPPK.", unit=row.unit)
            )
    edges = np.concatenate([[0], np.cumsum(sizes)])
    alike = bool(agency.fact("officers_alike"))

    def draw(name: str, width: int) -> Float:
        return np.concatenate(
            [
                streams.generator(f"officer.{name}", index).standard_normal((size, width))
                for index, size in enumerate(sizes)
            ]
        )

    return Officers(
        unit=np.repeat(np.arange(len(sizes)), sizes).astype(np.int64),
        slot=np.concatenate([np.arange(size) for size in sizes]).astype(np.int64),
        supervisor=np.repeat(edges[:-1], sizes).astype(np.int64),
        # PPPK take the last slots, so that the supervisor is PNS where the unit has any
        pns=np.concatenate([np.arange(size) < agency.units[i].pns for i, size in enumerate(sizes)]),
        slices=[slice(int(a), int(b)) for a, b in pairwise(edges)],
        alike=alike,
        **_traits(draw, alike),
    )


def newcomers(officers: Officers, streams: Streams, *key: int | str) -> dict[str, Float]:
    """Draw traits of newcomers for all slots, as :func:`hire` does, with the ages of a first post."""
    n = len(officers)
    traits = _traits(
        lambda name, width: streams.generator(f"newcomer.{name}", *key).standard_normal((n, width)),
        officers.alike,
    )
    return traits | {"age": 24 + (traits["age"] - 24) / 3, "tenure": np.zeros(n)}


def _traits(draw: Callable[[str, int], Float], alike: bool) -> dict[str, Float]:
    """Make traits from standard normals: ``draw(name, width)`` returns float64[n, width].

    Where officers are `alike`, those that decide how they work are 0, the average; others are not.
    """

    def normal(name: str) -> Float:
        return draw(name, 1)[:, 0]

    common, own = draw("skill", 1), draw("skill-domain", len(DOMAINS))
    skill = SKILL_SD * (np.sqrt(CORRELATION) * common + np.sqrt(1 - CORRELATION) * own)
    motivation = MOTIVATION_SD * normal("motivation")
    specific, discipline = draw("specific", len(PERFORMANCE)), normal("discipline")
    if alike:
        skill, motivation, specific, discipline = (0.0 * x for x in (skill, motivation, specific, discipline))
    age = 24 + (RETIREMENT_AGE - 24) * ndtr(normal("age"))
    truth = LMX_TRUTH * general(skill, motivation)
    return {
        "age": age,
        "tenure": (age - 24) * ndtr(normal("tenure")),
        "skill": skill,
        "motivation": motivation,
        "specific": specific,
        "discipline": discipline,
        "integrity": normal("integrity"),
        "resistance": normal("resistance"),
        "severity": normal("severity"),
        "closeness": truth + np.sqrt(1 - LMX_TRUTH**2) * normal("closeness"),
    }


def general(skill: Float, motivation: Float) -> Float:
    """Combine skill (all domains equally) and motivation, with unit variance over officers."""
    size = skill.shape[1]
    sd = np.sqrt((1 + (size - 1) * CORRELATION) / size)
    return np.asarray(skill.mean(axis=1) / sd + motivation)
