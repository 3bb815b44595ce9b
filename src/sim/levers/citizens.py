"""The citizens lever: a satisfaction survey, publication of its results, and a published service standard.

Monitoring by citizens at scale raised quality and satisfaction modestly, use and mortality not at all (Raffler et al.
2018, the study used here); participation without information does little. A standard changes what citizens expect,
and so perception, not service. Surveys by the office's own staff give higher results than independent ones
(assumption, 8 points).
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sim.errors import _
from sim.levers.base import Lever, param

if TYPE_CHECKING:
    from sim.world.world import World

RESPONDENT_SD = 12.0
"""SD between respondents of one unit, IKM points (assumption); with 32 respondents a unit's IKM is +-4.2."""


class CitizenVoice(Lever):
    """A plan for the citizen survey (SKM), its publication, and a service standard."""

    group: ClassVar[str] = "citizens"
    phase: ClassVar[str] = "feedback"
    title = _("Citizens' voice")
    practice: ClassVar[bool] = True
    evidence: ClassVar[tuple[str, ...]] = ("citizen_monitoring", "participation_information", "waiting_gap")
    outcomes: ClassVar[tuple[str, ...]] = ("ikm_survey", "ikm_perceived", "performance")

    respondents: int = param(
        _("respondents per unit and survey"),
        unit="persons",
        low=1,
        high=100_000,
        default=32,
    )
    every: str = param(_("how often"), choices=("month", "quarter", "year"), default="year")
    collected: str = param(
        _("who collects: the office itself or outsiders"),
        choices=("self", "independent"),
        default="self",
    )
    publish: bool = param(_("results are published by unit"), default=False)
    standard: float = param(
        _("published waiting standard over what citizens expect (1: none)"),
        low=0.2,
        high=5,
        default=1.0,
    )
    cost: float = param(
        _("cost per respondent (assumption)"),
        unit="Rp",
        low=0,
        high=1e7,
        default=50_000.0,
    )

    def run(self, world: World) -> Generator[Any, Any, None]:
        agency, officers = world.agency, world.officers
        size = world.effect_size("citizen_monitoring")
        entry = world.effects.entry("performance", size, finding="citizen_monitoring")
        bias = agency.fact("survey_bias") if self.collected == "independent" else 0.0
        serves = np.array([unit.kind == "service" for unit in agency.units])
        for office in world.offices:
            office.rules.expected = self.standard
        try:
            while True:
                yield world.clock.next(self.every)
                entry.set(officers.all(), 1.0 if self.publish else 0.0)
                draws = world.streams.generator("citizens.survey", world.clock.now).standard_normal(
                    len(serves)
                )
                # agency tables hold what offices publish about themselves: an independent survey is lower
                ikm = world.recorder.latest("ikm_perceived") - bias
                ikm += RESPONDENT_SD / np.sqrt(self.respondents) * draws
                world.recorder.state("ikm_survey", np.where(serves, np.clip(ikm, 25.0, 100.0), np.nan))
                world.pay(self.cost * self.respondents * serves.sum())
        finally:
            for office in world.offices:
                office.rules.expected = 1.0
