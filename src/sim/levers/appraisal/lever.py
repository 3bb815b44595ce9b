"""The appraisal lever: who rates which officers, on what, how often, by which rules, and the resulting predikat.

Mechanism and sources: :mod:`sim.world.ratings`; raters: :mod:`sim.levers.appraisal.raters`; regulation: two axes and
nine cells (PermenPANRB 6/2022), 0-120 points (PP 30/2019), patterns of the mix (SE MenPANRB 3/2023).
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sim.agency.spec import Agency
from sim.errors import KinerjaError, _
from sim.evidence import Effect
from sim.levers.appraisal.fairness import fairness
from sim.levers.appraisal.indicators import blend, measured
from sim.levers.appraisal.raters import RatingDraws, judgement, minutes_of_raters, weights
from sim.levers.base import Lever, param
from sim.regulation import PREDIKAT, apportion, ikm_band, predikat, score_predikat
from sim.world.climate import REFERENCE
from sim.world.effects import per_unit
from sim.world.officers import MOTIVATION_SD, Float, Int
from sim.world.ratings import (
    BERAKHLAK,
    behaviour_axis,
    behaviour_items,
    judged_results,
    points,
    results_weight,
    status_quo_cuts,
)

if TYPE_CHECKING:
    from sim.world.world import World

MONTHS = {"month": 1, "quarter": 3, "year": 12}
TRUST_MONTHS = 12.0
"""Time constant with which trust follows a change of transparency: 63 % of the way (assumption)."""
OPENNESS = 0.5
"""Trust per unit of transparency; the other half depends on the rating received (assumption)."""
TRUST_SD = 0.2
"""SD of trust between the usual officers of an agency, on its scale of 0 to 1 (assumption)."""
SPUR_DAYS = 365.25
"""Half-life of the first effect of a forced distribution; laboratory studies cover the short run only (assumption)."""
FORCED_LONG_RUN = Effect(-0.1, between=0.1)
"""Effect of a forced distribution on courtesy in the long run; citizenship was found to fall, no size is published
(assumption)."""
FORCED_MONTHS = 24.0
"""Time constant of the long-run effect: 63 % of it (assumption)."""
BY_IKM = {"A": "istimewa", "B": "baik", "C": "butuh_perbaikan", "D": "kurang"}
"""An organisation's rating from the quality band of its IKM (assumption; officially it is reviewed)."""


class Appraisal(Lever):
    """Periodic appraisal of results and behaviour.

    The weights of raters are relative. ``measured`` is the quantitative part of results: indicators of the officer's
    own cases in the proportions of their KPIs. The rest of results, and behaviour, is judged.
    """

    group: ClassVar[str] = "appraisal"
    phase: ClassVar[str] = "appraise"
    title = _("Performance appraisal")
    resumes: ClassVar[bool] = True
    evidence: ClassVar[tuple[str, ...]] = (
        "rating_share_ratee",
        "rating_share_rater",
        "rating_share_residual",
        "lmx_rated",
        "lmx_objective",
        "self_leniency",
        "leniency_stakes",
        "rater_training",
        "masked_second_rater",
        "appraisal_fairness",
        "forced_distribution",
        "forced_distribution_long_run",
    )
    outcomes: ClassVar[tuple[str, ...]] = (
        "rating_validity",
        "severity_sd",
        "favouritism",
        "false_below",
        "missed_below",
        "false_top",
        "trust",
        "rater_hours",
        "motivation",
        *PREDIKAT,
    )

    every: str = param(_("how often"), choices=("month", "quarter", "year"), default="quarter")
    supervisor: float = param(_("weight of the supervisor"), low=0, high=1, default=1.0)
    own: float = param(_("weight of the self-rating"), low=0, high=1, default=0.0)
    peers: float = param(_("weight of peers"), low=0, high=1, default=0.0)
    subordinates: float = param(
        _("weight of subordinates, for those who lead"),
        low=0,
        high=1,
        default=0.0,
    )
    citizens: float = param(_("weight of citizens"), low=0, high=1, default=0.0)
    peer_raters: int = param(_("peers who rate an officer"), low=1, high=20, default=3)
    citizen_raters: int = param(_("citizens who rate an officer"), low=1, high=1000, default=10)
    second: str = param(
        _("a second superior rates too: none; open; masked = nobody knows whose rating will count"),
        choices=("none", "open", "masked"),
        default="none",
    )
    rater_training: float = param(
        _("rater training of superiors"),
        unit="hours/year",
        low=0,
        high=40,
        default=0.0,
    )
    measured: float = param(
        _("share of measured indicators in results"),
        low=0,
        high=1,
        default=0.0,
    )
    scoring: str = param(
        _("matrix = 3x3 matrix (PermenPANRB 6/2022), score = 0-120 points (PP 30/2019)"),
        choices=("matrix", "score"),
        default="matrix",
    )
    ideas: float = param(
        _(
            "share of officers with a proven new idea, which Sangat Baik requires under 0-120 points (assumption)"
        ),
        low=0,
        high=1,
        default=0.2,
    )
    distribution: str = param(
        _("pattern of the mix: none, se3 = SE 3/2023, forced = forced distribution (caps of PP 30/2019)"),
        choices=("none", "se3", "forced"),
        default="none",
    )
    compliance: float = param(_("compliance with the pattern"), low=0, high=1, default=1.0)
    organisation: str = param(
        _("the organisation's rating for SE 3/2023; ikm = by the band of each unit's IKM"),
        choices=("ikm", "istimewa", "baik", "butuh_perbaikan", "kurang", "sangat_kurang"),
        default="ikm",
    )
    transparency: float = param(
        _("transparency: officers know what their rating rests on and may object (0.5 today)"),
        low=0,
        high=1,
        default=REFERENCE["trust"],
    )
    stakes: float = param(
        _("stakes: how much depends on the rating (0.3 today)"),
        low=0,
        high=1,
        default=REFERENCE["stakes"],
    )
    minutes: float = param(
        _("minutes per rating"),
        unit="minutes",
        low=0,
        high=600,
        default=45.0,
    )
    cost: float = param(
        _("cost per rating by a citizen (assumption)"),
        unit="Rp",
        low=0,
        high=1e7,
        default=15_000.0,
    )
    training_cost: float = param(
        _("cost of rater training per rater and year (assumption)"),
        unit="Rp",
        low=0,
        high=1e8,
        default=500_000.0,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not any(weights(self).values()):
            raise KinerjaError(
                _("appraisal: nobody rates; give supervisor, own, peers, subordinates or citizens a weight.")
            )
        if self.second != "none" and not self.supervisor:
            raise KinerjaError(
                _(
                    "appraisal.second = {second!r}: a second superior shares the weight of the first; "
                    "give appraisal.supervisor a weight.",
                    second=self.second,
                )
            )

    def check(self, agency: Agency) -> None:
        if self.second != "none" and len(agency.units) < 2:
            raise KinerjaError(
                _(
                    "appraisal.second = {second!r}: the second superior leads another unit, and {agency} "
                    "has one unit only.",
                    second=self.second,
                    agency=agency.name,
                )
            )

    def hours(self, agency: Agency) -> float:
        """Return officers' working hours per year for rating and rater training, to compare designs of equal effort."""
        counts = [unit.officers for unit in agency.units]
        leads = np.concatenate([np.arange(n) == 0 for n in counts])
        minutes = minutes_of_raters(self, np.repeat(counts, counts), leads)
        return float(minutes.sum() / 60 * 12 / MONTHS[self.every] + self.rater_training * len(counts))

    def run(self, world: World) -> Generator[Any, Any, None]:
        draws = RatingDraws(world)
        world.recorder.count("rater_hours")
        own = world.remember(begun=False, trained=-np.inf)
        if not own.begun:
            own.begun = True
            world.climate.stakes += self.stakes - REFERENCE["stakes"]
        try:
            while True:
                yield world.clock.next(self.every)
                self._spend(world)
                if self.rater_training and world.clock.month - own.trained >= 12:
                    own.trained = world.clock.month
                    self._train_raters(world)
                self._appraise(world, draws)
                self._felt(world)
                world.service.forget()
        finally:
            world.climate.stakes -= self.stakes - REFERENCE["stakes"]

    def _spend(self, world: World) -> None:
        officers = world.officers
        there = officers.all()
        minutes = there * minutes_of_raters(self, officers.unit_sizes, officers.is_supervisor)
        world.spend(there, minutes)
        world.recorder.flow("rater_hours", world.sum_by_unit(minutes) / 60)
        world.pay(self.cost * self.citizen_raters * there.sum() * (self.citizens > 0))

    def _train_raters(self, world: World) -> None:
        leads = world.officers.is_supervisor & world.officers.there
        world.spend(leads, 60 * self.rater_training)
        world.recorder.flow("rater_hours", world.sum_by_unit(leads * self.rater_training))
        world.pay(self.training_cost * leads.sum())

    def _appraise(self, world: World, draws: RatingDraws) -> None:
        officers = world.officers
        judged, validity = judgement(self, world, draws)
        results = judged_results(judged, draws.now("results")[:, 0])
        items = behaviour_items(judged, draws.now("behaviour", len(BERAKHLAK)))
        behaviour = behaviour_axis(items)
        score = judged
        if self.measured:
            # the axis of results and judgement share a part only, which attenuates the validity of the axis, too
            alike = np.sqrt(status_quo_cuts().correlation)
            indicator, true = measured(world)
            results = blend(results, alike * validity, indicator, true, self.measured)
            score = blend(judged, validity, indicator, true, self.measured * results_weight(self._scheme()))
        level = self._distribute(world, score, self._levels(world, results, behaviour))
        officers.column("appraisal.score")[:] = score
        # officers not yet rated count as Baik
        officers.column("appraisal.predikat", float(PREDIKAT.index("baik")))[:] = level
        for value, item in zip(BERAKHLAK, items.T, strict=True):
            officers.column(f"appraisal.{value}")[:] = item
        for name, values in fairness(world, score, level).items():
            world.recorder.state(name, values)

    def _scheme(self) -> str:
        """Weights of PP 30/2019: results and behaviour 60 : 40 where peers or subordinates rate, else 70 : 30."""
        return "peers" if self.peers or self.subordinates else "supervisor"

    def _levels(self, world: World, results: Float, behaviour: Float) -> Int:
        """Return the predikat that raters would give without a pattern."""
        if self.scoring == "score":
            draws = per_unit(world.officers, world.streams, "appraisal.idea", world.clock.now, kind="uniform")
            return score_predikat(points(results, behaviour, self._scheme()), draws < self.ideas)
        cuts = status_quo_cuts()
        return predikat(
            _expectation(results, cuts.low_results, cuts.top),
            _expectation(behaviour, cuts.low_behaviour, cuts.top),
        )

    def _distribute(self, world: World, score: Float, level: Int) -> Int:
        """Return the predikat after each unit's raters follow the pattern, as far as they comply."""
        if self.distribution == "none":
            return level
        given = level.copy()
        for unit, rows in zip(world.agency.units, world.officers.slices, strict=True):
            pattern = "pp30"
            if self.distribution == "se3":
                pattern = BY_IKM[str(ikm_band(unit.ikm))] if self.organisation == "ikm" else self.organisation
            rated = rows.start + np.flatnonzero(world.officers.there[rows])
            if len(rated):
                given[rated] = apportion(score[rated], level[rated], pattern, self.compliance)
        return given

    def _felt(self, world: World) -> None:
        """Apply the effects of the design on officers: trust, and so motivation; masking; a forced distribution."""
        everyone, climate = world.officers.all(), world.climate
        passed = MONTHS[self.every]
        trust = REFERENCE["trust"] + OPENNESS * (self.transparency - REFERENCE["trust"])
        climate.trust += (1 - np.exp(-passed / TRUST_MONTHS)) * (trust - climate.trust)
        world.recorder.state("trust", world.by_unit(climate.trust))
        # a correlation with motivation: from SDs of trust to SDs of motivation, and those to SDs of performance
        fair = world.effect("motivation", "appraisal_fairness")
        fair.set(everyone, MOTIVATION_SD * (climate.trust - REFERENCE["trust"]) / TRUST_SD)
        masked = world.effect("performance", "masked_second_rater")
        masked.set(everyone, float(self.second == "masked"))
        masked.require(climate.ratio("stakes"))
        self._forced(world, passed)

    def _forced(self, world: World, months: int) -> None:
        """Apply a forced distribution: it motivates officers new to it, and lowers courtesy over time."""
        compliance = self.compliance if self.distribution == "forced" else 0.0
        knows = world.officers.column("appraisal.forced", False)
        spur = world.effect("motivation", "forced_distribution", half_life_days=SPUR_DAYS)
        new = ~knows & (compliance > 0)
        spur.set(new, compliance / world.finding("output_sd").mean)
        spur.require(world.climate.ratio("stakes"))
        knows[:] = compliance > 0
        wear = world.effects.entry("courtesy", FORCED_LONG_RUN, finding="forced_distribution_long_run")
        wear.dose += (1 - np.exp(-months / FORCED_MONTHS)) * (compliance - wear.dose)


def _expectation(values: Float, low: float, top: float) -> Int:
    """Return 0 for values below, 1 at and 2 above expectations."""
    return (values >= low).astype(np.int64) + (values > top)
