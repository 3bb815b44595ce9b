"""Reward: the allowance (TPP) from a conserved pool, a bonus by unit, recognition; and what stakes bring with them.

Pay that depends on what one does works and fades (Gaduh et al. 2020; Olken, Onishi & Wong 2014); pay that does not
does nothing (de Ree et al. 2018). It depends only as far as it *differs*: where all are rated alike the rule is in
fact unconditional. It works where output can be seen (66 of 68 strong studies: Hasnain et al. 2012) and crowds out
the motivation of interesting work (Weibel et al. 2010). The more hangs on it, the more gaming and side payments (Khan,
Khwaja & Olken 2016, sign only); audits lower them (Olken 2007).
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sim.errors import _
from sim.levers.base import Lever, param
from sim.regulation import PREDIKAT, credit_multiplier, norm, tpp
from sim.world.climate import REFERENCE
from sim.world.effects import Entry, per_unit
from sim.world.officers import Bool, Float, Int

if TYPE_CHECKING:
    from sim.world.world import World

FULL_SPREAD = 0.15
"""Spread of pay by predikat, over its mean, at which the incentive is that of the studies: paid as credit points are,
to the status quo's mix of 88 % Baik and 11 % Sangat Baik (assumption)."""
DAYS = 21.0
"""Working days of a month, for the part by attendance."""
SEEN = {"service": 1.0, "programme": 0.3}
"""How far work is of the kind whose output can be seen, by kind of unit; the rest of it is interesting (assumption)."""
STAKES = 0.5
"""Stakes that a fully conditional allowance adds, on the scale of 0 to 1 (assumption)."""
FREE_RIDE = 0.5
"""A bonus shared by n colleagues spurs each by n to the power of minus this (assumption)."""
GAMING = 1.0
"""SDs by which an average officer's indicators exceed the truth, per unit of stakes above today's (assumption)."""
SIDE_PAYMENTS = 0.01
"""Chance a month that an average officer takes a side payment today (assumption; it is not measured)."""
SIDE_STAKES = 1.5
"""Log-hazard of side payments per unit of stakes: the sign is known, no size was seen (assumption)."""
INTEGRITY = 0.7
"""Log of gaming, and of the hazard of side payments, per SD of integrity, with the minus sign (assumption)."""
MISSING = 0.277
"""Missing expenditure without audit in Olken (2007), the level his -8 points start from (from memory)."""
RECOGNISED = 12.0
"""Rounds of recognition a year that make up one SD of contingent reward (assumption)."""


class Reward(Lever):
    """How the allowance is shared out, and other rewards.

    ``conditional`` is how far the allowance depends on predikat and attendance: 0 pays everybody the same, 1 as the
    rule has it. The sum paid is the pool, to the rupiah, whatever the rule; only ``rise`` adds to it.
    """

    group: ClassVar[str] = "reward"
    phase: ClassVar[str] = "reward"
    title = _("Rewards and allowance")
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
        """What each officer is paid this month, in rupiah; it adds up to the pool, less what sanctions withhold."""
        officers = world.officers
        full = np.full(len(officers), world.agency.fact("tpp_monthly")) * (1 + self.rise)
        cut = officers.column("discipline.cut")
        days = world.roster.unexcused_days / DAYS
        shown = 1 - self.conditional * self.verified * np.minimum(days, 1.0)
        earned = tpp(full, self._graded(world), shown, self.performance_share, cut)
        pool = round(float((full * (1 - cut)).sum()))
        bonus = round(pool * self.unit_bonus)
        by_unit = full * (1 - cut) * unit_quality(world)[officers.unit]
        return share_out(pool - bonus, earned) + share_out(bonus, by_unit)

    def _graded(self, world: World) -> Float:
        """Part of the performance pay by predikat, as credit points are graded; Baik is 1, and so are the unrated."""
        level = world.officers.column("appraisal.predikat", float(PREDIKAT.index("baik")))
        graded = np.asarray(credit_multiplier(level.astype(np.int64)), np.float64)
        return np.asarray(1 + self.conditional * (graded - 1))

    def _pay(self, world: World) -> None:
        officers = world.officers
        paid = self.allowances(world)
        world.pay(world.agency.fact("tpp_monthly") * self.rise * len(officers))
        mean = paid.mean()
        world.recorder.state("pay_spread", world.by_unit(np.abs(paid - mean) / mean))
        world.effect("performance", "pay_unconditional").set(officers.all(), self.rise)
        graded = self._graded(world)
        differs = min(1.0, float(graded.std() / graded.mean()) / FULL_SPREAD)
        seen = np.array([SEEN[unit.kind] for unit in world.agency.units])[officers.unit]
        size = np.array([rows.stop - rows.start for rows in officers.slices], np.float64)[officers.unit]
        alone = (1 - self.unit_bonus) * differs * self.performance_share / norm("tpp_performance")
        spur = alone + self.unit_bonus * size**-FREE_RIDE
        there = self.conditional * self.verified * (1 - self.unit_bonus)
        there *= (1 - self.performance_share) / norm("tpp_attendance")
        _spur(world, world.effect("performance", "pay_performance_public"), seen * spur)
        _spur(world, world.effect("performance", "pay_presence_camera"), np.full(len(officers), there))
        # what is done for its own sake is done less gladly for money
        inner = world.effect("motivation", "pay_interesting_tasks")
        inner.set(officers.all(), (1 - seen) * spur)

    def _recognise(self, world: World) -> None:
        """Praise without money counts as far as those who give it are engaged."""
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
        luck = per_unit(officers, world.streams, "reward.side_payment", world.clock.now, kind="uniform")
        world.recorder.flow("side_payments", world.sum_by_unit(luck < 1 - np.exp(-hazard)))
        world.pay(self.audit_cost * self.audit / 12 * len(officers.slices))


def share_out(pool: int, weights: Float) -> Int:
    """Share a pool of whole rupiah in proportion to weights; the sum is the pool, to the rupiah.

    Parameters
    ----------
    pool : int
    weights : float64[n]
        Not negative; where all are nought, everybody gets the same.

    Returns
    -------
    int64[n]
        Largest remainders get the rupiah that are left over; ties go to the first.

    Examples
    --------
    >>> share_out(100, np.array([1.0, 1.0, 1.0])).tolist()
    [34, 33, 33]
    """
    total = float(weights.sum())
    exact = pool * (weights / total if total > 0 else np.full(len(weights), 1 / len(weights)))
    paid = np.floor(exact).astype(np.int64)
    left = pool - int(paid.sum())
    order = np.argsort(paid - exact, kind="stable")
    paid[order[:left]] += 1
    return paid


def unit_quality(world: World) -> Float:
    """Latest IKM of each unit over the mean of all; 1 where none is known."""
    ikm = world.recorder.latest("ikm_service")
    known = ~np.isnan(ikm)
    return np.where(known, ikm / (ikm[known].mean() if known.any() else 1.0), 1.0)


def _spur(world: World, entry: Entry, level: Float) -> None:
    """What is new in an incentive spurs and fades; that which is known already does not spur again."""
    known = world.officers.column(f"reward.known.{entry.finding}")
    who: Bool = level > known
    entry.add(who, (level - known)[who])
    known[who] = level[who]
