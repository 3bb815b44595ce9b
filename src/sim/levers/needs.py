"""The needs-assessment lever: what is needed of a unit, measured by survey, group discussion or administrative data.

A unit's needs are shares of speed, accuracy and courtesy: ``w * goals of its organisation + (1 - w) * needs of its
citizens``. Citizens' needs drift (a random walk of log weights) under every policy; an assessment measures them with
the error and bias of its source, and also measures which skills officers lack.
"""

from __future__ import annotations

from collections.abc import Generator
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from scipy.special import softmax

from sim.agency.spec import DOMAINS, Agency
from sim.errors import KinerjaError, _
from sim.levers.base import Lever, param
from sim.paths import data_table
from sim.world.officers import SKILL_SD, Float

if TYPE_CHECKING:
    from sim.world.world import World

SHARES = ("speed", "accuracy", "courtesy")
"""What effort is spent on and citizens need: pace, care and courtesy in this order."""
HABIT = np.full(len(SHARES), 1 / len(SHARES))
"""Shares of effort when nothing in particular is required (assumption)."""
CITIZENS_ALIKE = 4.0
"""Similarity of citizens' needs, as a Dirichlet concentration: a weight of 1/3 has an SD of .21 (assumption)."""
PARTICIPANTS, CONFORMITY = 10, 0.3
"""People in a group discussion, and how much they repeat one another: intraclass correlation (assumption)."""
RECORDED = np.array([1.0, 1.0, 0.3])
"""Share of each need visible in administrative data: delays and errors are on file, manners hardly (assumption)."""
RECORDS = 30.0
"""Precision of administrative data, as a number of respondents (assumption)."""
GAP_RELIABILITY = {"survey": 0.2, "discussion": 0.4, "administrative": 0.3}
"""Reliability of each source alone as a measure of an officer's skill in a domain (assumption)."""
FULL_USE = 0.3
"""Weight of a skill in the job from which on a lack of it matters fully (assumption, as for training)."""


@cache
def goals_by_sector() -> dict[str, Float]:
    """Read the shares of speed, accuracy and courtesy in organisations' goals, ``data/needs/goals.csv``; float64[3]."""
    rows = {
        row["sector"]: np.array([float(row[share]) for share in SHARES])
        for row in data_table("needs", "goals.csv")
    }
    return {sector: shares / shares.sum() for sector, shares in rows.items()}


def goals(agency: Agency) -> Float:
    """Return the goals of each unit's organisation; float64[units, 3]."""
    return np.array([goals_by_sector()[unit.sector] for unit in agency.units])


def citizens(world: World) -> Float:
    """Return the needs of each unit's citizens this month, after the study those of the last; float64[units, 3]."""
    path = citizens_by_month(world)
    return np.asarray(path[min(world.clock.month + world.scenario.burn_in, len(path)) - 1])


def citizens_by_month(world: World) -> Float:
    """Return the needs of each unit's citizens in each month from the start of the burn-in; float64[months, units, 3].

    The agency's table gives the needs in month 1 of the study; before and after it the log weights follow a random
    walk, one walk per unit, the same under every policy.
    """
    if "needs.path" not in world.kept:
        world.kept["needs.path"] = _walk(world)
    path: Float = world.kept["needs.path"]
    return path


def _walk(world: World) -> Float:
    before, after = world.scenario.burn_in, world.months - 1
    step = world.effect_size("needs_drift").mean
    paths = []
    for index, unit in enumerate(world.agency.units):
        back, on = (
            np.cumsum(
                world.streams.shared.generator("needs.drift", index, way).standard_normal((n, len(SHARES))),
                axis=0,
            )
            for way, n in (("before", before), ("after", after))
        )
        walk = np.concatenate([back[::-1], np.zeros((1, len(SHARES))), on])
        with np.errstate(divide="ignore"):
            start = np.log([unit.speed, unit.accuracy, unit.courtesy])
        paths.append(softmax(start + step * walk, axis=1))
    return np.stack(paths, axis=1)


def of_units(world: World, of_citizens: Float) -> Float:
    """Combine true or estimated needs of citizens with goals into the needs of units; float64[units, 3]."""
    share = world.effect_size("needs_goals_share").mean
    return np.asarray(share * goals(world.agency) + (1 - share) * of_citizens)


def estimate(world: World) -> Float:
    """Return the estimated needs of each unit's citizens: the usual ones until an assessment; float64[units, 3]."""
    kept = world.officers.own
    if "needs.estimate" not in kept:
        kept["needs.estimate"] = np.tile(HABIT, (len(world.agency.units), 1))
    estimated: Float = kept["needs.estimate"]
    return estimated


class NeedsAssessment(Lever):
    """A regular assessment of what citizens need and which skills officers lack."""

    group: ClassVar[str] = "needs"
    phase: ClassVar[str] = "appraise"
    title = _("Needs assessment")
    evidence: ClassVar[tuple[str, ...]] = ("needs_drift", "needs_goals_share")
    outcomes: ClassVar[tuple[str, ...]] = ("needs_error",)

    every: str = param(_("how often"), choices=("quarter", "year"), default="year")
    respondents: int = param(
        _("survey respondents per unit (0: no survey)"),
        unit="persons",
        low=0,
        high=100_000,
        default=100,
    )
    bias: float = param(
        _("share of respondents who say what the office is used to, e.g. because officers chose them"),
        low=0,
        high=1,
        default=0.1,
    )
    discussions: int = param(_("group discussions per unit"), low=0, high=100, default=0)
    administrative: bool = param(_("administrative data are used"), default=False)
    minutes: float = param(
        _("minutes of the unit's leader per discussion, and for administrative data"),
        unit="minutes",
        low=0,
        high=2400,
        default=120.0,
    )
    respondent_cost: float = param(
        _("cost per respondent (assumption)"),
        unit="Rp",
        low=0,
        high=1e7,
        default=50_000.0,
    )
    discussion_cost: float = param(
        _("cost per discussion (assumption)"),
        unit="Rp",
        low=0,
        high=1e9,
        default=2_000_000.0,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (self.respondents or self.discussions or self.administrative):
            raise KinerjaError(
                _(
                    "needs_assessment: there is no source; give respondents or discussions, or set administrative."
                )
            )

    def run(self, world: World) -> Generator[Any, Any, None]:
        estimated = estimate(world)
        started = False
        while True:
            yield world.clock.next("month")
            if not started or world.clock.month_of_year in ((1,) if self.every == "year" else (1, 4, 7, 10)):
                started = True
                estimated[:] = self._measure(world)
                self._find_gaps(world)
                self._spend(world)
            error = np.abs(estimated - citizens(world)).sum(axis=1) / 2
            world.recorder.state("needs_error", error)

    def sources(self) -> dict[str, float]:
        """Return the sources in use -> their precision as a number of respondents."""
        precision = {
            "survey": float(self.respondents),
            "discussion": self.discussions * PARTICIPANTS / (1 + (PARTICIPANTS - 1) * CONFORMITY),
            "administrative": RECORDS * self.administrative,
        }
        return {name: n for name, n in precision.items() if n}

    def _measure(self, world: World) -> Float:
        """Measure citizens' needs: the sources together, each weighted by its precision."""
        true, now = citizens(world), world.clock.now
        total = np.zeros_like(true)
        for name, precision in self.sources().items():
            shown = true
            if name == "survey":
                shown = (1 - self.bias) * true + self.bias * HABIT
            elif name == "administrative":
                shown = true * RECORDED / (true * RECORDED).sum(axis=1, keepdims=True)
            # the mean of n citizens, each Dirichlet around what is shown, is approximately Dirichlet with this sum
            sharp = precision * (CITIZENS_ALIKE + 1) - 1
            for index, shares in enumerate(shown):
                stream = world.streams.generator(f"needs.{name}", index, now)
                total[index] += precision * stream.dirichlet(sharp * np.maximum(shares, 1e-6))
        return np.asarray(total / sum(self.sources().values()))

    def _find_gaps(self, world: World) -> None:
        """Measure how far each officer is below the average skill in each domain, weighted by its use in their job."""
        officers, now = world.officers, world.clock.now
        signal = sum(r / (1 - r) for name, r in GAP_RELIABILITY.items() if name in self.sources())
        noise = np.concatenate(
            [
                world.streams.generator("needs.gap", i, now).standard_normal(
                    (rows.stop - rows.start, len(DOMAINS))
                )
                for i, rows in enumerate(officers.slices)
            ]
        )
        seen = officers.skill + world.people.skill + SKILL_SD / np.sqrt(signal) * noise
        gap = -seen * signal / (1 + signal) * np.minimum(1.0, world.people.mix / FULL_USE)
        for domain, values in zip(DOMAINS, gap.T, strict=True):
            officers.column(f"needs.gap.{domain}")[:] = values

    def _spend(self, world: World) -> None:
        units = len(world.agency.units)
        world.spend(world.officers.is_supervisor, self.minutes * (self.discussions + self.administrative))
        world.pay(units * (self.respondents * self.respondent_cost + self.discussions * self.discussion_cost))
