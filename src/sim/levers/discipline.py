"""Absence and discipline: what is recorded, what is sanctioned, and whether that brings anyone to work.

PP 94/2021 ladder, PNS only, on *recorded* unexcused days of the year. Monitoring raises presence by 15 % of what it was
(Dhaliwal & Hanna 2017) and is captured at a hazard of 1/9 a month unless it is acted on (nil at 18 months: Banerjee,
Duflo & Glennerster). A sanction itself is not assumed to improve anyone (evidence: none).
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from scipy.special import logit

from sim.evidence import Effect
from sim.levers.base import Lever, param
from sim.regulation import sanction

if TYPE_CHECKING:
    from sim.world.world import World

CAPTURE = 1 / 9
"""Hazard a month that monitoring is got round where nobody acts on it (assumption from nil at 18 months)."""
EVER_ACTED_ON = 0.8
"""Enforcement from which on monitoring is not captured at all (assumption)."""


class Discipline(Lever):
    """Recording of absence and enforcement of sanctions."""

    group: ClassVar[str] = "discipline"
    phase: ClassVar[str] = "reward"
    title_id: ClassVar[str] = "Kehadiran dan disiplin"
    title_en: ClassVar[str] = "Attendance and discipline"
    evidence: ClassVar[tuple[str, ...]] = ("biometric_presence", "monitoring_capture")
    outcomes: ClassVar[tuple[str, ...]] = ("absence", "sanctions")

    recorded: float = param(
        "bagian ketidakhadiran yang tercatat",
        "share of unexcused absence that is recorded",
        low=0,
        high=1,
        default=0.1,
    )
    enforcement: float = param(
        "peluang hukuman dijatuhkan", "chance that a sanction due is imposed", low=0, high=1, default=0.1
    )
    cost: float = param(
        "biaya per pegawai per bulan", "cost an officer and month", unit="Rp", low=0, high=1e7, default=0.0
    )

    def run(self, world: World) -> Generator[Any, Any, None]:
        officers = world.officers
        known = officers.column("discipline.recorded_days")
        level = officers.column("discipline.level")
        luck_name = "discipline.imposed"
        usual = Discipline()
        entry = self._presence(world)
        dose = max(0.0, (self.recorded - usual.recorded) / (1 - usual.recorded))
        hazard = CAPTURE * max(0.0, 1 - self.enforcement / EVER_ACTED_ON)
        if dose:
            entry.set(officers.all(), dose)
        while True:
            yield world.clock.next("month")
            if world.clock.month_of_year == 1:
                known[:] = 0
                level[:] = 0
            known += self.recorded * world.roster.unexcused_days
            entry.dose *= 1 - hazard
            due = sanction(known, world.roster.longest * (self.recorded >= 0.5), officers.pns)
            fresh = due > level
            if fresh.any():
                luck = np.concatenate(
                    [
                        world.streams.generator(luck_name, i, world.clock.now).random(r.stop - r.start)
                        for i, r in enumerate(officers.slices)
                    ]
                )
                imposed = fresh & (luck < self.enforcement)
                world.recorder.flow("sanctions", world.sum_by_unit(imposed))
            level[:] = np.maximum(level, due)
            world.pay(self.cost * len(officers))

    def _presence(self, world: World):  # type: ignore[no-untyped-def]
        """Presence rises by a share of what it was: in logits, at the agency's mean presence."""
        relative = world.effect_size("biometric_presence")
        here = 1 - np.average(
            [u.absence for u in world.agency.units], weights=[u.officers for u in world.agency.units]
        )

        def as_logit(x: float) -> float:
            return float(logit(min(0.99, here * (1 + x))) - logit(here))

        size = Effect(
            as_logit(relative.mean), as_logit(relative.mean + relative.se) - as_logit(relative.mean)
        )
        return world.effects.entry("presence", size, finding="biometric_presence")
