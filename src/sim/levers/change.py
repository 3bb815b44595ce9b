"""The change lever: officers adopt a new practice one by one, and a practice affects only those who have adopted it.

Resistance delays adoption (Oreg 2006, 2011: no pooled effect on performance, so on adoption only); colleagues who have
adopted, awareness and committed leaders speed it up. Units also create practices of their own, from officers' ideas
and citizens' suggestions, and practices spread to units of the same sector.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sim.errors import _
from sim.evidence import Effect
from sim.levers.base import Lever, param
from sim.world.climate import REFERENCE
from sim.world.effects import per_unit
from sim.world.officers import Float

if TYPE_CHECKING:
    from sim.world.world import World

HAZARD = 0.35
"""Hazard per month that an average officer adopts before anyone else has: half do within 2 months (assumption)."""
RESISTANCE = 0.7
"""Log-hazard per SD of resistance (assumption: the most resistant sixth take twice as long as the average)."""
PEERS = 1.0
"""Log-hazard when all colleagues of the unit have adopted, relative to none (assumption)."""
CAMPAIGN = 0.15
"""Awareness gained by a campaign; half of it is gone after six months (assumption)."""
CAMPAIGN_HALF_LIFE = 6.0
AWARENESS = 2.0
"""Log-hazard from no awareness to full (assumption)."""
LEADERS = 1.0
"""Log-hazard from no commitment of the head to full (assumption)."""
IDEA = Effect(mean=0.03, spread=0.03)
"""Effect on pace, SD, of a practice that a unit created (assumption)."""
SPREAD = 0.05
"""Chance per month that a unit copies a practice from another one of its sector (assumption)."""
PRACTICES = 12
"""A unit keeps at most this many such practices: newer ones replace older ones (assumption)."""


class Change(Lever):
    """How new practices are adopted: a culture of routine, and campaigns against it.

    Without this lever everybody adopts a practice at once.
    """

    group: ClassVar[str] = "change"
    phase: ClassVar[str] = "adopt"
    title = _("Change and adoption")
    resumes: ClassVar[bool] = True
    evidence: ClassVar[tuple[str, ...]] = ("resistance",)
    outcomes: ClassVar[tuple[str, ...]] = ("adoption", "innovations")

    campaigns: float = param(
        _("awareness campaigns per year"),
        unit="campaigns/year",
        low=0,
        high=12,
        default=0.0,
    )
    minutes: float = param(
        _("minutes per officer and campaign"),
        unit="minutes",
        low=0,
        high=480,
        default=60.0,
    )
    cost: float = param(
        _("cost of a campaign per officer (assumption)"),
        unit="Rp",
        low=0,
        high=1e7,
        default=50_000.0,
    )
    routine: float = param(
        _("culture of routine: by how much everybody's resistance is higher (SD)"),
        unit="SD",
        low=-3,
        high=3,
        default=0.0,
    )
    ideas: float = param(
        _("ideas per unit and year"),
        unit="ideas/year",
        low=0,
        high=50,
        default=0.3,
    )
    suggestions: float = param(
        _("chance that a complaint holds a suggestion that is used"),
        low=0,
        high=1,
        default=0.0005,
    )

    def run(self, world: World) -> Generator[Any, Any, None]:
        officers, climate = world.officers, world.climate
        ideas = world.effects.entry("pace", IDEA)
        # practices are the unit's: they outlast the officers who had the ideas
        own = world.remember(practices=np.array([ideas.dose[rows].max() for rows in officers.slices]))
        world.recorder.count("innovations")
        while True:
            yield world.clock.next("month")
            climate.awareness[:] = REFERENCE["awareness"] + (
                climate.awareness - REFERENCE["awareness"]
            ) * 0.5 ** (1 / CAMPAIGN_HALF_LIFE)
            month = world.clock.month_of_year
            for __ in range(int(month * self.campaigns // 12 - (month - 1) * self.campaigns // 12)):
                climate.awareness[:] = np.minimum(1.0, climate.awareness + CAMPAIGN)
                world.spend(officers.all(), self.minutes)
                world.pay(self.cost * officers.there.sum())
            self._adopt(world)
            self._originate(world, own.practices)
            ideas.dose[:] = own.practices[officers.unit]

    def _adopt(self, world: World) -> None:
        officers, climate = world.officers, world.climate
        shares = []
        for practice in world.practices:
            adopted = officers.column(f"change.adopted.{practice}")
            world.effects.adopted[practice] = adopted
            waiting = officers.there & (adopted < 1)
            if waiting.any():
                colleagues = np.nan_to_num(world.by_unit(adopted))[officers.unit]
                push = (
                    -RESISTANCE * (officers.resistance + self.routine)
                    + PEERS * colleagues
                    + AWARENESS * (climate.awareness - REFERENCE["awareness"])
                    + LEADERS * (climate.commitment - REFERENCE["commitment"])
                )
                draws = per_unit(
                    officers, world.streams, "change.adopt", practice, world.clock.now, kind="uniform"
                )
                adopted[waiting & (draws < 1 - np.exp(-HAZARD * np.exp(push)))] = 1.0
            shares.append(adopted)
        if shares:
            world.recorder.state("adoption", world.by_unit(np.mean(shares, axis=0)))

    def _originate(self, world: World, practices: Float) -> None:
        """Add practices from ideas and suggestions, and spread them within sectors; float64[units] is their number."""
        units = len(world.agency.units)
        draws = world.streams.generator("change.ideas", world.clock.now)
        complaints = np.nan_to_num(world.recorder.latest("complaints"))
        born = draws.poisson(self.ideas / 12 + self.suggestions * complaints, units).astype(np.float64)
        sectors = np.array([u.sector for u in world.agency.units])
        most = np.array([practices[sectors == s].max() for s in sectors])
        copied = (practices < most) & (draws.random(units) < SPREAD)
        practices[:] = np.minimum(practices + born + copied, PRACTICES)
        world.recorder.flow("innovations", born)
