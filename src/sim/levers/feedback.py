"""Feedback: from the supervisor, peers and citizens; to motivation only, and to the harm of about a third.

Kluger & DeNisi (1996): d = .41 over 607 effects, more than a third negative. An officer's response is drawn once for
life, so it is the same officers who are harmed every time. Sources saturate:
``dose = 1 - prod_k(1 - q_k f_k)`` over the reference programme, a monthly talk with the supervisor.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sim.levers.base import Lever, param
from sim.world.officers import Bool, Float

if TYPE_CHECKING:
    from sim.world.world import World

QUALITY = {"supervisor": 0.5, "peers": 0.3, "citizens": 0.4}
"""How much of a full dose a monthly round of one source gives (assumption, ordered as in Smither et al. 2005)."""
FADE_DAYS = 90.0
"""Half-life of what feedback did, once it stops (assumption)."""
ONSET_MONTHS = 2.0
"""Time in which the effect of a new programme comes about, 63 % of it (assumption)."""


class Feedback(Lever):
    """Routine feedback to officers, so many rounds a year by source."""

    group: ClassVar[str] = "feedback"
    phase: ClassVar[str] = "feedback"
    title_id: ClassVar[str] = "Umpan balik rutin"
    title_en: ClassVar[str] = "Routine feedback"
    practice: ClassVar[bool] = True
    evidence: ClassVar[tuple[str, ...]] = ("feedback",)
    outcomes: ClassVar[tuple[str, ...]] = ("motivation", "feedback_hours")

    supervisor: float = param(
        "dialog kinerja dengan atasan",
        "talks with the supervisor",
        unit="rounds/year",
        low=0,
        high=52,
        default=2.0,
    )
    peers: float = param(
        "umpan balik rekan", "rounds of peer feedback", unit="rounds/year", low=0, high=52, default=0.0
    )
    citizens: float = param(
        "umpan balik warga", "rounds of citizens' feedback", unit="rounds/year", low=0, high=52, default=0.0
    )
    minutes: float = param(
        "menit per orang per putaran",
        "minutes a round takes each person in it",
        unit="minutes",
        low=0,
        high=480,
        default=30.0,
    )
    cost: float = param(
        "biaya survei warga per pegawai per putaran (asumsi)",
        "cost of a citizens' round an officer (assumption)",
        unit="Rp",
        low=0,
        high=1e8,
        default=150_000.0,
    )

    def dose(self) -> float:
        """Dose in units of the reference programme."""
        left = 1.0
        for source, quality in QUALITY.items():
            left *= 1 - quality * min(1.0, getattr(self, source) / 12)
        return (1 - left) / QUALITY["supervisor"]

    def run(self, world: World) -> Generator[Any, Any, None]:
        officers = world.officers
        published = world.effect_size("feedback")
        # between studies and between people cannot be told apart: the scenario says how the two share the spread
        spread, between = np.hypot(published.between, published.spread), world.scenario.between_share
        split = replace(
            published, between=float(np.sqrt(between) * spread), spread=float(np.sqrt(1 - between) * spread)
        )
        entry = world.effects.entry("motivation", split, finding="feedback")
        entry.half_life = np.inf
        led = ~officers.is_supervisor
        size = np.array([rows.stop - rows.start - 1 for rows in officers.slices], np.float64)[officers.unit]
        step = 1 - np.exp(-1 / ONSET_MONTHS)
        try:
            while True:
                yield world.clock.next("month")
                entry.set(led, entry.dose[led] + step * (self.dose() - entry.dose[led]))
                self._spend(world, led, size)
        finally:
            entry.half_life = FADE_DAYS / world.effects.MONTH_DAYS

    def _spend(self, world: World, led: Bool, size: Float) -> None:
        """Time of officers and supervisors, and the citizens' survey, for a month."""
        leads = world.officers.is_supervisor
        talk = self.minutes * self.supervisor / 12
        each = talk + self.minutes * (2 * self.peers + self.citizens) / 12
        world.spend(led, each)
        world.spend(leads, talk * size)
        world.pay(self.cost * self.citizens / 12 * led.sum())
        world.recorder.flow("feedback_hours", world.sum_by_unit((each * led + talk * size * leads) / 60))
