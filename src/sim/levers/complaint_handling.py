"""The complaint-handling lever: the order of complaints, who answers them, and what triage discards.

The time limits of 2, 5, 14 and 60 working days by class are the agency's; the 43 % discarded are those of LAPOR
(January to mid-June 2018).
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, ClassVar

from sim.errors import _
from sim.levers.base import Lever, param

if TYPE_CHECKING:
    from sim.world.world import World


class ComplaintHandling(Lever):
    """Rules for complaints at every service unit."""

    group: ClassVar[str] = "complaints"
    title = _("Complaint handling")
    resumes: ClassVar[bool] = True
    outcomes: ClassVar[tuple[str, ...]] = (
        "complaints",
        "complaint_days",
        "complaint_p90_days",
        "complaints_in_time",
        "complaints_discarded",
    )

    order: str = param(
        _("order: by arrival or by due date"),
        choices=("arrival", "due"),
        default="arrival",
    )
    priority: int = param(
        _("queue class; below a service's goes first, and so does the same class in order of due dates"),
        low=0,
        high=9,
        default=5,
    )
    discard: float = param(_("share discarded at triage"), low=0, high=1, default=0.426)
    staff: float = param(
        _("share of desk officers who answer complaints"),
        low=0,
        high=1,
        default=1.0,
    )
    cost: float = param(_("cost per month and unit"), unit="Rp", low=0, high=1e9, default=0.0)

    def run(self, world: World) -> Generator[Any, Any, None]:
        for office in world.offices:
            office.rules.complaint_priority = self.priority
            office.rules.by_due = self.order == "due"
            office.rules.discard = self.discard
            office.rules.complaint_staff = self.staff
        while True:
            yield world.clock.next("month")
            world.pay(self.cost * len(world.offices))
