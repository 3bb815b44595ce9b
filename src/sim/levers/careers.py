"""The careers lever: retirement, transfers, exits, vacancies, intake of PPPK, promotion.

The number of posts is constant: an officer who leaves leaves a vacancy, and a newcomer climbs the learning curve
(Dutton & Thomas 1984: 18 % less time whenever experience doubles). Good officers need not lead well: if little skill
carries over, promoting the best lowers overall performance (Pluchino et al. 2010). Here that is a result, not an input.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sim.errors import _
from sim.evidence import Effect
from sim.levers.base import Lever, param
from sim.world.effects import per_unit
from sim.world.office import PACE_LOG
from sim.world.officers import RETIREMENT_AGE, SINCE, Float

if TYPE_CHECKING:
    from sim.world.world import World

OLDEST_YEARS = 7.0
"""Years before the retirement age over which the published rate of retirement is spread (PNS aged 51 to 58)."""
EXPERIENCED = 12.0
"""Months after which a newcomer is as quick as the others (assumption)."""
LEADING = 0.15
"""Engagement, on its scale of 0 to 1, per SD of a supervisor's talent for leading (assumption)."""
RULES = ("best", "seniority", "talent_box", "random")


class Careers(Lever):
    """Who leaves, who comes, who is promoted."""

    group: ClassVar[str] = "careers"
    phase: ClassVar[str] = "practice"
    title = _("Careers and workforce")
    resumes: ClassVar[bool] = True
    evidence: ClassVar[tuple[str, ...]] = ("learning_curve_ratio",)
    outcomes: ClassVar[tuple[str, ...]] = ("vacancies", "newcomers", "engagement")

    retirement: float = param(_("multiplies the units' rate of retirement"), low=0, high=5, default=1.0)
    transfers: float = param(
        _("multiplies the agency's rate of transfers"),
        low=0,
        high=20,
        default=1.0,
    )
    exits: float = param(
        _("share of officers who quit per year (assumption)"),
        unit="1/year",
        low=0,
        high=1,
        default=0.01,
    )
    vacancy: float = param(
        _("months until a vacancy is filled, on average"),
        unit="months",
        low=0.5,
        high=120,
        default=9.0,
    )
    pppk: float = param(_("share of newcomers who are PPPK"), low=0, high=1, default=0.7)
    promotion: str = param(
        _(
            "who becomes supervisor: best = highest rated, seniority, talent_box = rating and true performance, random"
        ),
        choices=RULES,
        default="seniority",
    )
    carry_over: float = param(
        _("correlation of performance in the old post with talent for leading"),
        low=0,
        high=1,
        default=0.2,
    )

    def run(self, world: World) -> Generator[Any, Any, None]:
        officers = world.officers
        curve = world.effects.entry("pace", Effect(1.0), finding="learning_curve_ratio")
        months = officers.column("careers.months", EXPERIENCED)
        slope = np.log2(world.effect_size("learning_curve_ratio").mean)
        world.recorder.count("newcomers")
        while True:
            yield world.clock.next("month")
            officers.age += 1 / 12
            officers.tenure += 1 / 12
            months += 1
            self._leave(world)
            self._promote(world)
            self._fill(world)
            world.recorder.state("engagement", world.by_unit(world.climate.engagement))
            # time per case is experience^slope, relative to an experienced officer
            doublings = np.log2(np.minimum(months + 1, EXPERIENCED + 1) / (EXPERIENCED + 1))
            curve.set(officers.all(), -slope * doublings * np.log(2) / PACE_LOG)

    def _leave(self, world: World) -> None:
        officers = world.officers
        there = officers.there
        retiring = np.array([unit.retiring for unit in world.agency.units])[officers.unit]
        # the published rate is a share of all PNS; only those in their last years retire
        old = there & (officers.age >= RETIREMENT_AGE - OLDEST_YEARS)
        share_old = max(old.sum() / max(there.sum(), 1), 1e-9)
        rate = np.where(old, self.retirement * retiring / share_old, 0.0)
        rate = rate + self.transfers * world.agency.fact("transfer_rate") + self.exits
        rate = np.where(officers.age >= RETIREMENT_AGE + 2, np.inf, rate)
        draws = per_unit(officers, world.streams, "careers.leave", world.clock.now, kind="uniform")
        world.dismiss(there & (draws < 1 - np.exp(-rate / 12)))

    def _fill(self, world: World) -> None:
        """Fill the posts whose vacancy is over with new officers; it lasts a random time with the stated mean."""
        officers, now = world.officers, world.clock.now
        vacant, until = world.vacant, officers.column("careers.vacant_until")
        fresh = vacant & np.isnan(until)
        if fresh.any():
            draws = per_unit(officers, world.streams, "careers.vacancy", now, kind="uniform", width=2)
            until[fresh] = officers.column(SINCE)[fresh] + whole_months(self.vacancy, *draws[fresh].T)
        filled = vacant & (until <= world.clock.month)
        if filled.any():
            lead = officers.column("careers.lead")
            for rows in officers.slices:
                if filled[rows.start]:  # nobody was there to be promoted
                    self._led(world, rows, 0.0, former=lead[rows.start])
            kinds = per_unit(officers, world.streams, "careers.kind", world.clock.now, kind="uniform")
            world.hire(filled, pns=kinds >= self.pppk)

    def _promote(self, world: World) -> None:
        """Replace a supervisor who left by an officer of the unit, whose post becomes vacant instead."""
        officers = world.officers
        draws = None
        for rows in officers.slices:
            head, others = rows.start, np.arange(rows.start + 1, rows.stop)
            able = others[officers.there[others]]
            if officers.there[head] or not len(able):
                continue
            if draws is None:
                draws = per_unit(officers, world.streams, "careers.promote", world.clock.now)
            chosen = int(able[np.argmax(self._merit(world, draws)[able])])
            talent = (
                self.carry_over * world.people.truth[chosen] + np.sqrt(1 - self.carry_over**2) * draws[head]
            )
            former = officers.column("careers.lead")[head]
            world.promote(chosen, head)
            self._led(world, rows, talent, former)

    def _led(self, world: World, rows: slice, talent: float, former: float) -> None:
        """Give a unit a leader with this talent for leading, after one with the former."""
        world.officers.column("careers.lead")[rows.start] = talent
        engagement = world.climate.engagement
        engagement[rows] = np.clip(engagement[rows] + LEADING * (talent - former), 0.0, 1.0)

    def _merit(self, world: World, draws: Float) -> Float:
        officers = world.officers
        if self.promotion == "random":
            return draws
        if self.promotion == "seniority":
            return officers.tenure
        score = officers.column("appraisal.score")
        if self.promotion == "best":
            return score
        return score + world.people.truth  # the talent box considers potential, too


def whole_months(mean: float, length: Float, rounding: Float) -> Float:
    """Return whole numbers of months with a mean of exactly `mean`, from uniforms.

    Each is exponential, rounded up or down by chance in proportion to its fraction; a vacancy of no month at all is
    filled in the month in which it arises.

    Examples
    --------
    >>> draws = np.random.default_rng(1).random((2, 1_000_000))
    >>> [round(float(whole_months(mean, *draws).mean()), 2) for mean in (0.5, 9.0)]
    [0.5, 9.0]
    """
    return np.asarray(np.floor(-mean * np.log1p(-length) + rounding))
