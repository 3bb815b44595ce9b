"""The dashboard lever: a dashboard of daily activity reports, which helps or controls officers.

Reports take minutes of every day. Used to support, they shorten processing times (-14 %, between PayDash and
scorecards); used to control, they cost autonomy (-14 % of projects completed per SD of monitoring: Rasul & Rogger
2018) and raise presence until officers find ways around them.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sim.errors import _
from sim.evidence import Effect
from sim.levers.base import Lever, param
from sim.levers.discipline import capture, presence_size
from sim.world.office import PACE_LOG

if TYPE_CHECKING:
    from sim.world.world import World

WORK = 0.15
"""Part of a shorter processing time that is quicker work; the rest is less queueing. One minus a desk's utilisation of
.85: at M/M/1 one per cent quicker work is 1 / (1 - rho) per cent less time in the system (D)."""
FELT = 0.2
"""Felt control from a dashboard used for control only, on the scale of 0 to 1 (assumption)."""
CONTROL_SD = 0.2
"""SD of felt control between the usual offices of an agency, on that scale (assumption, as for trust in appraisal)."""
SHOWN = 0.5
"""Effect of daily reports on presence, relative to fingerprints (assumption: reports can be filed from elsewhere)."""


class Dashboard(Lever):
    """Daily activity reports and a dashboard made from them."""

    group: ClassVar[str] = "feedback"
    phase: ClassVar[str] = "feedback"
    title = _("Dashboard and daily reports")
    practice: ClassVar[bool] = True
    evidence: ClassVar[tuple[str, ...]] = (
        "tracking_processing_time",
        "monitoring_control",
        "biometric_presence",
        "monitoring_capture",
        "output_sd",
    )
    outcomes: ClassVar[tuple[str, ...]] = ("performance", "absence", "control", "waiting_minutes", "cost")

    minutes: float = param(
        _("minutes per day to file the report"),
        unit="minutes",
        low=0,
        high=120,
        default=15.0,
    )
    review: float = param(
        _("minutes per day that the supervisor reads, per subordinate"),
        unit="minutes",
        low=0,
        high=30,
        default=1.0,
    )
    control: float = param(
        _("share of its use that is control; the rest is support"),
        low=0,
        high=1,
        default=0.3,
    )
    acted_on: float = param(
        _("chance that absence it shows is acted on"),
        low=0,
        high=1,
        default=0.1,
    )
    cost: float = param(
        _("cost per officer and month (assumption)"),
        unit="Rp",
        low=0,
        high=1e7,
        default=10_000.0,
    )

    def run(self, world: World) -> Generator[Any, Any, None]:
        officers, climate = world.officers, world.climate
        quicker = world.effects.entry("pace", _as_pace(world), finding="tracking_processing_time")
        watched = world.effects.entry("performance", _as_performance(world), finding="monitoring_control")
        present = world.effects.entry("presence", presence_size(world), finding="biometric_presence")
        felt = FELT * self.control
        shown = SHOWN * self.control
        climate.control += felt
        try:
            while True:
                yield world.clock.next("month")
                everyone, size = officers.all(), officers.colleagues
                quicker.set(everyone, 1 - self.control)
                quicker.require(climate.ratio("commitment"))
                watched.set(everyone, felt / CONTROL_SD)
                present.set(everyone, shown)
                shown *= 1 - capture(self.acted_on)
                month = world.clock.month + world.scenario.burn_in - 1
                days = int(np.diff(world.calendar.month_first_day)[month])
                world.spend(everyone, days * (self.minutes + self.review * size * officers.is_supervisor))
                world.pay(self.cost * everyone.sum())
                world.recorder.state("control", world.by_unit(climate.control))
        finally:
            climate.control -= felt


def _as_pace(world: World) -> Effect:
    """Convert the change of processing time to SDs of pace: only the part that is quicker work."""
    time = world.effect_size("tracking_processing_time")
    per_share = WORK / (1 + time.mean) / PACE_LOG
    pace = -WORK * float(np.log1p(time.mean)) / PACE_LOG
    return replace(time, mean=pace, se=per_share * time.se, between=per_share * time.between)


def _as_performance(world: World) -> Effect:
    """Convert a share of output to SDs of performance."""
    share, sd = world.effect_size("monitoring_control"), world.finding("output_sd").mean
    return Effect(share.mean / sd, share.se / sd, share.between / sd, share.spread / sd)
