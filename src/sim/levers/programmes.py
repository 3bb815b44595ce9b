"""The outreach lever: visits by programme units (schools, poverty programmes), which raise participation.

Output is the cases that officers complete, at most the cases there are. Participation is a state of the unit that
depends on how citizens are treated and on visits. Information on results makes participation work (Björkman, de
Walque & Svensson), so outreach may report performance data.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sim.errors import _
from sim.levers.base import Lever, param

if TYPE_CHECKING:
    from sim.world.world import World

VISITS = 0.05
"""Logits of participation gained per year by a monthly round of visits (assumption)."""
INFORMED = 2.0
"""Effect of a visit with performance data, relative to one without (assumption; its direction is published)."""


class ProgrammeOutreach(Lever):
    """Visits to the people a programme is for, with or without data on its performance."""

    group: ClassVar[str] = "programmes"
    phase: ClassVar[str] = "practice"
    title = _("Programme outreach")
    evidence: ClassVar[tuple[str, ...]] = ("participation_information",)
    outcomes: ClassVar[tuple[str, ...]] = ("participation", "programme_output")

    visits: float = param(
        _("rounds of visits per year"),
        unit="rounds/year",
        low=0,
        high=52,
        default=12.0,
    )
    informed: bool = param(_("visits bring performance data"), default=False)
    minutes: float = param(
        _("minutes per officer and round"),
        unit="minutes",
        low=0,
        high=4800,
        default=120.0,
    )
    cost: float = param(
        _("cost per unit and round (assumption)"),
        unit="Rp",
        low=0,
        high=1e9,
        default=500_000.0,
    )

    def run(self, world: World) -> Generator[Any, Any, None]:
        units = [i for i, unit in enumerate(world.agency.units) if unit.kind == "programme"]
        who = np.isin(world.officers.unit, units)
        gain = VISITS * (INFORMED if self.informed else 1.0) * self.visits / 12
        while True:
            yield world.clock.next("month")
            for unit in units:
                world.service.reach[unit] += gain
            world.spend(who, self.minutes * self.visits / 12)
            world.pay(self.cost * len(units) * self.visits / 12)
