"""The reward lever: the allowance (TPP) from a fixed pool, a bonus by unit, recognition, and the effects of stakes.

Pay for performance works and fades (Gaduh et al. 2020; Olken, Onishi & Wong 2014); unconditional pay has no effect (de
Ree et al. 2018). Pay depends on performance only as far as it *differs*: where all are rated alike it is in fact
unconditional. It works where output can be observed (66 of 68 strong studies: Hasnain et al. 2012) and crowds out the
motivation of interesting work (Weibel et al. 2010). The higher the stakes, the more gaming and side payments (Khan,
Khwaja & Olken 2016, sign only); audits lower them (Olken 2007).
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sim.agency.staffing import share_out
from sim.errors import _
from sim.levers.base import Lever, param
from sim.regulation import PREDIKAT, credit_multiplier, norm, tpp
from sim.world.climate import REFERENCE
from sim.world.effects import Entry, per_unit
from sim.world.officers import Bool, Float, Int

if TYPE_CHECKING:
    from sim.world.world import World

FULL_SPREAD = 0.15
"""Coefficient of variation of pay by predikat at which the incentive is that of the studies: pay graded as credit
points are, under the status quo's mix of 88 % Baik and 11 % Sangat Baik (assumption)."""
DAYS = 21.0
"""Working days per month, for the part by attendance."""
SEEN = {"service": 1.0, "programme": 0.3}
"""Share of work with observable output, by kind of unit; the rest is interesting work (assumption)."""
STAKES = 0.5
"""Stakes added by a fully conditional allowance, on the scale of 0 to 1 (assumption)."""
FREE_RIDE = 0.5
"""The incentive of a bonus shared by n colleagues is n to the power of minus this (assumption)."""
GAMING = 1.0
"""SDs by which an average officer's indicators exceed the truth, per unit of stakes above today's (assumption)."""
SIDE_PAYMENTS = 0.01
"""Hazard per month that an average officer takes a side payment today (assumption; it is not measured)."""
SIDE_STAKES = 1.5
"""Log-hazard of side payments per unit of stakes: the sign is published, no size was seen (assumption)."""
INTEGRITY = 0.7
"""Decrease of the log of gaming, and of the log-hazard of side payments, per SD of integrity (assumption)."""
MISSING = 0.277
"""Missing expenditure without audit in Olken (2007), from which audits cut 8 points (from memory)."""
RECOGNISED = 12.0
"""Rounds of recognition per year that amount to one SD of contingent reward (assumption)."""


class Reward(Lever):
    """How the allowance is shared out, and other rewards.

    ``conditional`` is how far the allowance depends on predikat and attendance: 0 pays everybody the same, 1 follows
    the rule fully. The sum paid is the pool, to the rupiah, under any rule; only ``rise`` adds to it.
    """

    group: ClassVar[str] = "reward"
    phase: ClassVar[str] = "reward"
    title = _("Rewards and allowance")
    resumes: ClassVar[bool] = True
    evidence: ClassVar[tuple[str, ...]] = (
        "pay_performance_public",
        "pay_presence_camera",
        "pay_unconditional",
        "pay_interesting_tasks",
        "pay_tax_bribes",
        "pay_studies_positive",
        "reward_contingent",
        "audit_missing_spend",
    )
    outcomes: ClassVar[tuple[str, ...]] = (
        "performance",
        "motivation",
        "side_payments",
        "gaming",
        "pay_spread",
        "cost",
    )

    conditional: float = param(
        _("how far the allowance depends on predikat and attendance"),
        low=0,
        high=1,
        default=1.0,
    )
    performance_share: float = param(
        _("part of the allowance by performance; the rest by attendance (60:40 in one regency)"),
        low=0,
        high=1,
        default=0.6,
    )
    verified: float = param(
        _("share of attendance that is verified (camera, fingerprint)"),
        low=0,
        high=1,
        default=0.5,
    )
    unit_bonus: float = param(
        _("part of the pool shared out by the unit's quality (IKM)"),
        low=0,
        high=1,
        default=0.0,
    )
    rise: float = param(_("increase of the pool"), unit="share", low=0, high=3, default=0.0)
    recognition: float = param(
        _("rounds of recognition without money per year"),
        unit="rounds/year",
        low=0,
        high=52,
        default=0.0,
    )
    audit: float = param(
        _("chance of an audit, beyond today's"),
        low=0,
        high=1,
        default=0.0,
    )
    recognition_cost: float = param(
        _("cost of a round of recognition per unit (assumption)"),
        unit="Rp",
        low=0,
        high=1e8,
        default=500_000.0,
    )
    audit_cost: float = param(
        _("cost per unit and year where audits are certain (assumption)"),
        unit="Rp",
        low=0,
        high=1e10,
        default=60e6,
    )

    def run(self, world: World) -> Generator[Any, Any, None]:
        world.recorder.count("side_payments")
        stakes = STAKES * self.conditional
        own = world.remember(begun=False)
        if not own.begun:
            own.begun = True
            world.climate.stakes += stakes
        try:
            while True:
                yield world.clock.next("month")
                self._pay(world)
                self._recognise(world)
                self._temptation(world)
        finally:
            world.climate.stakes -= stakes

    def allowances(self, world: World) -> Int:
        """Return each officer's pay this month, in rupiah; the sum is the pool less what sanctions withhold.

        The pool is the allowance of the officers there: that of a vacant post is not shared out.
        """
        officers = world.officers
        full = world.agency.fact("tpp_monthly") * (1 + self.rise) * officers.there
        cut = officers.column("discipline.cut")
        days = world.roster.unexcused_days / DAYS
        shown = 1 - self.conditional * self.verified * np.minimum(days, 1.0)
        earned = tpp(full, self._graded(world), shown, self.performance_share, cut)
        pool = round(float((full * (1 - cut)).sum()))
        bonus = round(pool * self.unit_bonus)
        by_unit = full * (1 - cut) * unit_quality(world)[officers.unit]
        return share_out(pool - bonus, earned) + share_out(bonus, by_unit)

    def _graded(self, world: World) -> Float:
        """Return each officer's performance pay, graded as credit points are; Baik and the unrated have 1."""
        level = world.officers.column("appraisal.predikat", float(PREDIKAT.index("baik")))
        graded = np.asarray(credit_multiplier(level.astype(np.int64)), np.float64)
        return np.asarray(1 + self.conditional * (graded - 1))

    def _pay(self, world: World) -> None:
        officers = world.officers
        everyone = officers.all()
        if not everyone.any():
            return
        paid = self.allowances(world)
        world.pay(world.agency.fact("tpp_monthly") * self.rise * everyone.sum())
        mean = paid[everyone].mean()
        world.recorder.state("pay_spread", world.by_unit(np.abs(paid - mean) / mean))
        world.effect("performance", "pay_unconditional").set(everyone, self.rise)
        graded = self._graded(world)[everyone]
        differs = min(1.0, float(graded.std() / graded.mean()) / FULL_SPREAD)
        seen = np.array([SEEN[unit.kind] for unit in world.agency.units])[officers.unit]
        size = np.maximum(officers.unit_sizes, 1).astype(np.float64)
        alone = (1 - self.unit_bonus) * differs * self.performance_share / norm("tpp_performance")
        spur = alone + self.unit_bonus * size**-FREE_RIDE
        there = self.conditional * self.verified * (1 - self.unit_bonus)
        there *= (1 - self.performance_share) / norm("tpp_attendance")
        _spur(world, world.effect("performance", "pay_performance_public"), seen * spur)
        _spur(world, world.effect("performance", "pay_presence_camera"), np.full(len(officers), there))
        # pay crowds out the motivation of interesting work
        inner = world.effect("motivation", "pay_interesting_tasks")
        inner.set(everyone, (1 - seen) * spur)

    def _recognise(self, world: World) -> None:
        """Apply recognition without money, which counts as far as those who give it are engaged."""
        officers = world.officers
        given = officers.column("recognition")
        given[:] = min(1.0, self.recognition / RECOGNISED)
        entry = world.effect("motivation", "reward_contingent")
        entry.set(officers.all(), given)
        entry.require(world.climate.ratio("engagement"))
        world.pay(self.recognition_cost * self.recognition / 12 * len(officers.slices))

    def _temptation(self, world: World) -> None:
        officers = world.officers
        more = world.climate.stakes - REFERENCE["stakes"]
        weak = np.exp(-INTEGRITY * officers.integrity)
        kept = 1 + self.audit * world.effect_size("audit_missing_spend").mean / MISSING
        gaming = officers.column("reward.gaming")
        gaming[:] = GAMING * np.maximum(more, 0.0) * weak * kept
        world.recorder.state("gaming", world.by_unit(gaming))
        hazard = SIDE_PAYMENTS * np.exp(SIDE_STAKES * more) * weak * kept
        draws = per_unit(officers, world.streams, "reward.side_payment", world.clock.now, kind="uniform")
        taken = officers.there & (draws < 1 - np.exp(-hazard))
        world.recorder.flow("side_payments", world.sum_by_unit(taken))
        world.pay(self.audit_cost * self.audit / 12 * len(officers.slices))


def unit_quality(world: World) -> Float:
    """Return the latest IKM of each unit relative to the mean of all; 1 where none is known."""
    ikm = world.recorder.latest("ikm_service")
    known = ~np.isnan(ikm)
    return np.where(known, ikm / (ikm[known].mean() if known.any() else 1.0), 1.0)


def _spur(world: World, entry: Entry, level: Float) -> None:
    """Add the part of an incentive that is new to an officer, which then fades; known parts have no new effect."""
    known = world.officers.column(f"reward.known.{entry.finding}")
    who: Bool = level > known
    entry.add(who, (level - known)[who])
    known[who] = level[who]
