"""The leadership lever: engaged supervisors and a committed head, who make other levers work better.

Engagement and commitment act only through other levers: they scale the mean effect of dialogue, recognition,
transfer of training and support (management by objectives gained 56 % under committed heads, 6 % under others: Rodgers
& Hunter 1991). A leadership course teaches supervisors to lead, and is forgotten (Lacerenza et al. 2017).
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sim.calendar import TICKS_PER_MINUTE
from sim.errors import KinerjaError, _
from sim.levers.base import Lever, param
from sim.levers.careers import LEADING
from sim.world.climate import REFERENCE
from sim.world.officers import Bool, Float

if TYPE_CHECKING:
    from sim.world.office import Office
    from sim.world.world import World

ENGAGEMENT_SD = 0.2
"""SD of engagement between the usual supervisors of an agency, on its scale of 0 to 1 (assumption)."""
ENGAGE_MONTHS = 6.0
"""Time constant with which engagement and commitment reach their targets: 63 % of the way (assumption)."""
SUPERVISION = 0.5
"""Engagement lost by supervisors who spend the whole day at the counter (assumption)."""
PRAISED = 2.0
"""Words of praise per month that amount to 63 % of one SD of contingent reward (assumption)."""
PRAISE_MINUTES = 5.0
"""Minutes of the supervisor per word of praise (assumption)."""
DESK_AT_LEAST = 90.0
"""Shortest time per day at the counter: a working day cannot be cut shorter than Friday allows."""


class Leadership(Lever):
    """A programme for leaders: courses, time for leading, praise, time at the counter, a committed head."""

    group: ClassVar[str] = "leadership"
    phase: ClassVar[str] = "reward"
    title = _("Leadership")
    evidence: ClassVar[tuple[str, ...]] = (
        "leadership_training_transfer",
        "reward_contingent",
        "mbo_high_commitment",
        "mbo_low_commitment",
    )
    outcomes: ClassVar[tuple[str, ...]] = ("engagement", "motivation", "waiting_minutes", "desk_days_lost")

    commitment: float = param(
        _("commitment of the agency's head (0.5 today)"),
        low=0,
        high=1,
        default=0.8,
    )
    engagement: float = param(
        _("engagement required of supervisors and followed up (0.5 today)"),
        low=0,
        high=1,
        default=0.6,
    )
    seats: int = param(
        _("seats on leadership courses per year"),
        unit="persons/year",
        low=0,
        high=10_000,
        default=3,
    )
    days: int = param(
        _("working days per course"),
        unit="working days",
        low=0,
        high=60,
        default=5,
    )
    praise: float = param(
        _("words of praise per subordinate and month"),
        unit="times/month",
        low=0,
        high=40,
        default=1.0,
    )
    desk: float = param(
        _("minutes per day that the supervisor serves at the counter, too; 0 or at least 90"),
        unit="minutes",
        low=0,
        high=390,
        default=0.0,
    )
    course_cost: float = param(
        _("cost of a course per person (40 JP; tariff of Diklatpim III of 2017 at today's prices)"),
        unit="Rp",
        low=0,
        high=1e9,
        default=4_520_000.0,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if 0 < self.desk < DESK_AT_LEAST:
            raise KinerjaError(
                _(
                    "leadership.desk = {desk}: must be 0 or at least {least:g}.",
                    desk=self.desk,
                    least=DESK_AT_LEAST,
                )
            )

    def run(self, world: World) -> Generator[Any, Any, None]:
        officers, climate = world.officers, world.climate
        learnt = world.effect("skill.communication", "leadership_training_transfer", part="course")
        followers = officers.colleagues
        step = 1 - np.exp(-1 / ENGAGE_MONTHS)
        target = self.engagement - SUPERVISION * self.desk / 450
        joined = [office for office in world.offices if self.desk and not office.can[0].any()]
        for office in joined:
            _join(office, True)
        lead = np.full(len(officers), REFERENCE["engagement"])
        try:
            while True:
                yield world.clock.next("month")
                self._send(world, learnt.dose)
                lead += step * (target - lead)
                taught = ENGAGEMENT_SD * learnt.contribution[officers.supervisor]
                climate.engagement[:] = np.clip(lead + taught + _talent(world), 0.0, 1.0)
                climate.commitment += step * (self.commitment - climate.commitment)
                world.recorder.state("engagement", world.by_unit(climate.engagement))
                self._praise(world, followers)
                self._serve(world, joined)
        finally:
            climate.engagement[:] = np.clip(REFERENCE["engagement"] + _talent(world), 0.0, 1.0)
            climate.commitment[:] = REFERENCE["commitment"]
            for office in joined:
                _join(office, False)

    def _send(self, world: World, dose: Float) -> None:
        """Send supervisors to courses, evenly over the year, those who have waited longest first."""
        officers, month = world.officers, world.clock.month_of_year
        seats = month * self.seats // 12 - (month - 1) * self.seats // 12
        last = officers.column("leadership.last", -np.inf)
        waits = officers.is_supervisor & (world.clock.month - last >= 12)
        if not seats or not waits.any():
            return
        order = np.flatnonzero(waits)
        chosen: Bool = np.zeros(len(officers), np.bool_)
        chosen[order[np.argsort(last[order], kind="stable")][:seats]] = True
        last[chosen] = world.clock.month
        # a second course restores what was forgotten
        dose[chosen] = np.maximum(dose[chosen], 1.0)
        if self.days:
            world.roster.send_away(chosen, world.clock.day, self.days)
            world.ledger.spend_days(self.key, world.clock.month, float(self.days * chosen.sum()))
            world.recorder.flow("desk_days_lost", world.sum_by_unit(chosen * float(self.days)))
        world.pay(self.course_cost * float(chosen.sum()))

    def _praise(self, world: World, followers: Float) -> None:
        """Apply recognition by the supervisor; what the reward lever gives already is not counted twice."""
        officers = world.officers
        led = ~officers.is_supervisor
        entry = world.effect("motivation", "reward_contingent")
        entry.set(led, (1 - np.exp(-self.praise / PRAISED)) * (1 - officers.column("recognition")[led]))
        entry.require(world.climate.ratio("engagement"))
        world.spend(officers.is_supervisor, PRAISE_MINUTES * self.praise * followers)

    def _serve(self, world: World, joined: list[Office]) -> None:
        """Put leaders at the counter for the first minutes of each day; their talks are in the rest of it."""
        officers = world.officers
        serving: Bool = np.zeros(len(officers), np.bool_)
        there, total = np.zeros(len(officers)), 0.0
        month = world.clock.month + world.scenario.burn_in - 1
        for office in joined:
            head, calendar = officers.slices[office.index].start, office.calendar
            first, last = (int(d) for d in calendar.month_first_day[month : month + 2])
            serving[head] = True
            there[head] = np.diff(calendar.day_start[first : last + 1]).sum() / TICKS_PER_MINUTE
            there[head] -= self.desk * (last - first)
            total += self.desk * (last - first)
        if not serving.any():
            return
        world.roster.take_minutes(serving, np.maximum(there - world.roster.minutes, 0.0))
        world.ledger.spend_days(self.key, world.clock.month, float(total / 450))


def _talent(world: World) -> Float:
    """Engagement from the talent for leading of promoted supervisors, which no programme takes away."""
    return np.asarray(LEADING * world.officers.column("careers.lead")[world.officers.supervisor])


def _join(office: Office, serves: bool) -> None:
    """Let the supervisor of a unit serve all that its officers serve, or stop it."""
    office.can[0] = office.can[1:].any(axis=0) & serves
    office.on_desk = office.can.any(axis=1)
