"""The citizens lever: a satisfaction survey, publication of its results, and a published service standard.

Monitoring by citizens at scale raised quality and satisfaction modestly, use and mortality not at all (Raffler et al.
2018, the study used here); participation without information does little. A standard changes what citizens expect,
and so perception, not service. Surveys by the office's own staff find more than independent ones (assumption, 8
points) and less difference between units; a survey at the counter misses those who left
(:mod:`sim.world.citizens.surveys`).
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sim.errors import _
from sim.levers.base import Lever, param
from sim.world.citizens.surveys import reading

if TYPE_CHECKING:
    from sim.world.world import World


class CitizenVoice(Lever):
    """A plan for the citizen survey (SKM), its publication, and a service standard."""

    group: ClassVar[str] = "citizens"
    phase: ClassVar[str] = "feedback"
    title = _("Citizens' voice")
    practice: ClassVar[bool] = True
    evidence: ClassVar[tuple[str, ...]] = (
        "citizen_monitoring",
        "participation_information",
        "waiting_gap",
        "survey_spread_self",
        "survey_spread_independent",
    )
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
    coverage: str = param(
        _("who is asked: those served (at the counter) or those who left as well (in the population)"),
        choices=("counter", "population"),
        default="counter",
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
        how = {
            "bias": agency.fact("survey_bias"),
            "spread_self": world.effect_size("survey_spread_self").mean,
            "spread_independent": world.effect_size("survey_spread_independent").mean,
        }
        error = world.scenario.respondent_sd / np.sqrt(self.respondents)
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
                felt = world.service.perceived(self.coverage)
                ikm = reading(agency, felt, self.collected, **how) + error * draws
                world.recorder.state("ikm_survey", np.where(serves, np.clip(ikm, 25.0, 100.0), np.nan))
                world.pay(self.cost * self.respondents * serves.sum())
        finally:
            for office in world.offices:
                office.rules.expected = 1.0
