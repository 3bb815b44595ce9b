"""The discipline lever: absence that is recorded and sanctioned, and what that does to presence.

The ladder of PP 94/2021 applies to PNS only, on *recorded* unexcused days of the year. Monitoring raises presence by a
relative 15 % (Dhaliwal & Hanna 2017), but is captured at a hazard of 1/9 per month unless it is acted on (no effect at
18 months: Banerjee, Duflo & Glennerster): days are excused again. A sanction does not improve the performance of
the officer sanctioned (no evidence that it does). Its *threat* raises presence only where it is likely: sanctions that
are rarely imposed did nothing (SMERU).
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from scipy.special import expit, logit

from sim.errors import _
from sim.evidence import Effect
from sim.levers.base import Lever, param
from sim.regulation import ladder, sanction
from sim.world.effects import per_unit
from sim.world.officers import Float, Int

if TYPE_CHECKING:
    from sim.world.world import World

CAPTURE = 1 / 9
"""Hazard per month that monitoring is circumvented where nobody acts on it (assumption from no effect at 18 months)."""
EVER_ACTED_ON = 0.8
"""Enforcement from which on monitoring is not captured at all (assumption)."""
STUDIED = 0.6
"""Presence where fingerprints were studied: Indian health centres, absence near 40 % (Chaudhury et al. 2006; assumption
that the centres of the trial were like them)."""
HALF_DETERRED = 0.5
"""Chance of being sanctioned for punishable absence at which half of the full deterrence is reached (assumption)."""
STEEPNESS = 4.0
"""Exponent of deterrence: at a chance of .1, as today or less, it is under 1 % of the full one (assumption)."""
LEARN_MONTHS = 6.0
"""Time constant with which officers learn how likely a sanction is: 63 % of the way (assumption)."""
WEARS_OFF_DAYS = 365.25
"""Half-life of a sanction's effect on the officer sanctioned, which is zero at the evidence's mean (assumption)."""
FAVOUR = 1.0
"""Log-odds that a supervisor excuses a day, per SD of the officer's closeness to them (assumption)."""


class Discipline(Lever):
    """Recording of absence and enforcement of sanctions."""

    group: ClassVar[str] = "discipline"
    phase: ClassVar[str] = "reward"
    title = _("Attendance and discipline")
    resumes: ClassVar[bool] = True
    evidence: ClassVar[tuple[str, ...]] = (
        "biometric_presence",
        "monitoring_capture",
        "sanction_deterrence",
        "punishment_contingent",
    )
    outcomes: ClassVar[tuple[str, ...]] = ("absence", "sanctions", "cost")

    recorded: float = param(
        _("share of unexcused absence that is recorded"),
        low=0,
        high=1,
        default=0.1,
    )
    enforcement: float = param(_("chance that a sanction due is imposed"), low=0, high=1, default=0.1)
    excused: float = param(
        _("share of recorded days that supervisors excuse, more often for those close to them"),
        low=0,
        high=1,
        default=0.0,
    )
    cost: float = param(_("cost per officer and month"), unit="Rp", low=0, high=1e7, default=0.0)

    def hazard(self) -> float:
        """Hazard per month that the monitoring is captured."""
        return capture(self.enforcement)

    def run(self, world: World) -> Generator[Any, Any, None]:
        officers = world.officers
        known = officers.column("discipline.recorded_days")
        level = officers.column("discipline.level")
        felt = officers.column("discipline.felt")
        monitored = world.effects.entry("presence", presence_size(world), finding="biometric_presence")
        threat = world.effect("presence", "sanction_deterrence")
        usual = Discipline().recorded
        dose = max(0.0, (self.recorded - usual) / (1 - usual))
        own = world.remember(holds=1.0)
        while True:
            yield world.clock.next("month")
            if world.clock.month_of_year == 1:
                known[:] = 0
                level[:] = 0
            # absence recorded beyond the usual share is excused again once monitoring is captured
            recorded = min(self.recorded, usual) + max(0.0, self.recorded - usual) * own.holds
            there = officers.all()
            counted = recorded * (1 - self._excuse(officers.closeness))
            known += counted * world.roster.unexcused_days
            own.holds *= 1 - self.hazard()
            monitored.set(there, dose * own.holds)
            due = sanction(known, world.roster.longest * (self.recorded >= 0.5), officers.pns)
            self._impose(world, due, there & (due > level))
            level[:] = np.maximum(level, due)
            chance = counted * self.enforcement * officers.pns
            felt += (1 - np.exp(-1 / LEARN_MONTHS)) * (chance - felt)
            threat.set(there, deterrence(felt))
            self._withhold(world)
            world.pay(self.cost * there.sum())

    def _excuse(self, closeness: Float) -> Float | float:
        """Chance that a recorded day is excused."""
        if self.excused in (0.0, 1.0):
            return self.excused
        return np.asarray(expit(logit(self.excused) + FAVOUR * closeness))

    def _impose(self, world: World, due: Int, fresh: np.ndarray) -> None:
        """Impose sanctions that are due, by chance; a cut of the allowance lasts for its months."""
        if not fresh.any():
            return
        officers, steps = world.officers, ladder()
        draws = per_unit(officers, world.streams, "discipline.imposed", world.clock.now, kind="uniform")
        imposed = fresh & (draws < self.enforcement)
        world.recorder.flow("sanctions", world.sum_by_unit(imposed))
        world.effect("performance", "punishment_contingent", half_life_days=WEARS_OFF_DAYS).set(imposed, 1.0)
        cut = imposed & (steps.tukin_cut[due] > 0)
        officers.column("discipline.cut")[cut] = steps.tukin_cut[due][cut]
        officers.column("discipline.cut_until", -np.inf)[cut] = world.clock.month + steps.months[due][cut]

    def _withhold(self, world: World) -> None:
        """End cuts that are over, and book what the others withhold as saved."""
        cut = world.officers.column("discipline.cut")
        cut[world.officers.column("discipline.cut_until", -np.inf) <= world.clock.month] = 0.0
        withheld = float(cut[world.officers.there].sum())
        world.pay(-world.agency.fact("tpp_monthly") * withheld)


def capture(acted_on: float) -> float:
    """Hazard per month that monitoring is captured, given the chance that what it shows is acted on."""
    return CAPTURE * max(0.0, 1 - acted_on / EVER_ACTED_ON)


def deterrence(chance: Float) -> Float:
    """Share of the full deterrence, 0 to 1, at a chance of being sanctioned.

    Examples
    --------
    >>> deterrence(np.array([0.0, 0.1, 0.5, 0.9])).round(3).tolist()
    [0.0, 0.002, 0.5, 0.913]
    """
    power = chance**STEEPNESS
    return np.asarray(power / (power + HALF_DETERRED**STEEPNESS))


def presence_size(world: World) -> Effect:
    """Effect of biometric attendance on presence in logits: the relative change at the presence where it was studied.

    The same relative change of presence here would end nearly all absence, more than cameras with pay did.
    """
    relative = world.effect_size("biometric_presence")

    def as_logit(x: float) -> float:
        return float(logit(min(0.99, STUDIED * (1 + x))) - logit(STUDIED))

    mean = as_logit(relative.mean)
    return Effect(mean, as_logit(relative.mean + float(np.hypot(relative.se, relative.between))) - mean)
