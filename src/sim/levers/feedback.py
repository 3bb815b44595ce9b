"""The feedback lever: feedback from supervisor, peers, citizens and systems, which acts on motivation only.

Kluger & DeNisi (1996): d = .41 over 607 effects, more than a third negative. An officer's response is drawn once for
life, so the same officers are harmed every time. Sources saturate: ``dose = 1 - prod_k(1 - q_k f_k)``, relative to
the reference programme, a monthly talk with the supervisor. A committed head scales the mean effect, as do, for the
part that is dialogue, an engaged supervisor and open communication; none of them scales the harm.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sim.errors import _
from sim.levers.base import Lever, param
from sim.world.climate import REFERENCE
from sim.world.officers import Bool, Float

if TYPE_CHECKING:
    from sim.world.world import World


@dataclass(frozen=True)
class Source:
    """One source of feedback.

    Attributes
    ----------
    quality : float
        Share of a full dose that a monthly round gives.
    time : float
        Officer's time per round, relative to a talk with the supervisor.
    cost : float
        Cost per round, relative to a survey of citizens at the counter.
    """

    quality: float
    time: float
    cost: float


SOURCES = {
    "supervisor": Source(quality=0.5, time=1.0, cost=0.0),
    "peers": Source(quality=0.3, time=2.0, cost=0.0),
    "citizens": Source(quality=0.4, time=1.0, cost=1.0),
    "online": Source(quality=0.3, time=0.5, cost=0.1),
    "system": Source(quality=0.2, time=0.2, cost=0.1),
}
"""Quality (assumption, ordered as in Smither et al. 2005: those who see the work inform best), time and cost
(assumption: peers both give and receive; the counts of a system are read in a fifth of the time of a talk)."""
FADE_DAYS = 90.0
"""Half-life of the effect of feedback once it stops (assumption)."""
ONSET_MONTHS = 2.0
"""Time constant with which the effect of a new programme builds up: 63 % of it (assumption)."""
BRIEFING_MONTHS = 6.0
"""Time constant with which communication follows the briefings held: 63 % of the way (assumption)."""


class Feedback(Lever):
    """Routine feedback to officers, in rounds per year by source, and briefings, which improve communication."""

    group: ClassVar[str] = "feedback"
    phase: ClassVar[str] = "feedback"
    title = _("Routine feedback")
    practice: ClassVar[bool] = True
    resumes: ClassVar[bool] = True
    evidence: ClassVar[tuple[str, ...]] = ("feedback", "mbo_high_commitment", "mbo_low_commitment")
    outcomes: ClassVar[tuple[str, ...]] = ("motivation", "feedback_hours")

    supervisor: float = param(
        _("talks with the supervisor"),
        unit="rounds/year",
        low=0,
        high=52,
        default=2.0,
    )
    peers: float = param(_("rounds of peer feedback"), unit="rounds/year", low=0, high=52, default=0.0)
    citizens: float = param(
        _("rounds of citizens' feedback at the counter"),
        unit="rounds/year",
        low=0,
        high=52,
        default=0.0,
    )
    online: float = param(
        _("rounds of citizens' feedback online, in units with an online service"),
        unit="rounds/year",
        low=0,
        high=52,
        default=0.0,
    )
    system: float = param(
        _("rounds of feedback by a system (counts, times, errors)"),
        unit="rounds/year",
        low=0,
        high=52,
        default=0.0,
    )
    minutes: float = param(
        _("minutes per person and round"),
        unit="minutes",
        low=0,
        high=480,
        default=30.0,
    )
    briefings: float = param(
        _("meetings of supervisor and subordinates, beyond those of today"),
        unit="meetings/year",
        low=0,
        high=250,
        default=0.0,
    )
    briefing_minutes: float = param(_("minutes per meeting"), unit="minutes", low=0, high=240, default=20.0)
    cost: float = param(
        _("cost of a citizens' round per officer; a tenth of it online and by system (assumption)"),
        unit="Rp",
        low=0,
        high=1e8,
        default=150_000.0,
    )

    def dose(self, without: tuple[str, ...] = ()) -> float:
        """Dose relative to the reference programme; sources may be left out."""
        left = 1.0
        for name, source in SOURCES.items():
            if name not in without:
                left *= 1 - source.quality * min(1.0, getattr(self, name) / 12)
        return (1 - left) / SOURCES["supervisor"].quality

    def communication(self) -> float:
        """Communication that the briefings lead to: every twelve per year halve the gap to 1 (assumption)."""
        return float(1 - (1 - REFERENCE["communication"]) * 0.5 ** (self.briefings / 12))

    def run(self, world: World) -> Generator[Any, Any, None]:
        officers, climate = world.officers, world.climate
        entry = world.effect("motivation", "feedback")
        entry.half_life = np.inf
        led = ~officers.is_supervisor
        goes_online = np.zeros(len(officers), np.bool_)
        for office in world.offices:
            goes_online[officers.slices[office.index]] = office.online_service is not None
        target = np.where(goes_online, self.dose(), self.dose(without=("online",)))
        step, opening = 1 - np.exp(-1 / ONSET_MONTHS), 1 - np.exp(-1 / BRIEFING_MONTHS)
        try:
            while True:
                yield world.clock.next("month")
                climate.communication += opening * (self.communication() - climate.communication)
                entry.set(led, entry.dose[led] + step * (target[led] - entry.dose[led]))
                entry.require(self._conditions(world))
                self._spend(world, led & officers.there, goes_online)
        finally:
            entry.half_life = FADE_DAYS / world.effects.MONTH_DAYS

    def _conditions(self, world: World) -> Float:
        """Conditions of the programme relative to today's: a committed head, and dialogue of good quality."""
        given = {name: s.quality * min(1.0, getattr(self, name) / 12) for name, s in SOURCES.items()}
        part = given["supervisor"] / sum(given.values()) if any(given.values()) else 0.0
        dialogue = world.climate.ratio("engagement") * world.climate.ratio("communication")
        return np.asarray(world.climate.ratio("commitment") * (1 + part * (dialogue - 1)))

    def _spend(self, world: World, led: Bool, goes_online: Bool) -> None:
        """Book a month's time of officers and supervisors, and the surveys."""
        officers = world.officers
        leads, size = officers.is_supervisor & officers.there, officers.colleagues
        talk = self.minutes * self.supervisor / 12
        each = np.zeros(len(led))
        for name, source in SOURCES.items():
            reached = goes_online if name == "online" else officers.all()
            rounds = getattr(self, name) / 12 * reached
            each += self.minutes * source.time * rounds
            world.pay(self.cost * source.cost * float(rounds[led].sum()))
        meeting = self.briefing_minutes * self.briefings / 12
        world.spend(led, each + meeting)
        world.spend(leads, talk * size + meeting)
        took = (each + meeting) * led + (talk * size + meeting) * leads
        world.recorder.flow("feedback_hours", world.sum_by_unit(took / 60))
