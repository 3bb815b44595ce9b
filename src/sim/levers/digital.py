"""The digital-services lever: requests move online, the harder ones stay, and some demand is induced.

Speed and quality are separate outcomes (one-stop shops in Brazil: a large cut in time, no better social quality).
Published shares of online users are 2-3 %, so the share that a policy reaches, and how fast, is a declared assumption.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, ClassVar

from sim.errors import KinerjaError, _
from sim.levers.base import Lever, param

if TYPE_CHECKING:
    from sim.agency.spec import Agency
    from sim.world.world import World


class DigitalServices(Lever):
    """Online registration and consultation, and a platform for complaints.

    The share of counter requests that move online grows towards ``share``; half of it is reached after ``months``.
    Online work takes the online service's mix of skills, so ICT skill matters more there.
    """

    group: ClassVar[str] = "digital"
    title = _("Digital services")
    evidence: ClassVar[tuple[str, ...]] = ("digital_one_stop",)
    outcomes: ClassVar[tuple[str, ...]] = ("digital_share", "waiting_minutes", "u9")

    share: float = param(
        _("share of counter requests that move online in the end"),
        low=0,
        high=0.9,
        default=0.4,
    )
    months: float = param(
        _("months until half of it is reached"),
        unit="months",
        low=1,
        high=120,
        default=9.0,
    )
    induced: float = param(
        _("new requests for every one that moves online"),
        low=0,
        high=0.5,
        default=0.1,
    )
    staff: float = param(
        _("share of desk officers who also serve online"),
        low=0,
        high=1,
        default=0.5,
    )
    platform: float = param(
        _("multiplies complaints, because a platform makes them easy"),
        low=1,
        high=10,
        default=1.5,
    )
    setup: float = param(
        _("cost of setting up per unit (assumption)"),
        unit="Rp",
        low=0,
        high=1e11,
        default=250e6,
    )
    monthly: float = param(
        _("running cost per month and unit (assumption)"),
        unit="Rp",
        low=0,
        high=1e10,
        default=10e6,
    )

    def check(self, agency: Agency) -> None:
        if self.share and not any(s.channel == "online" for s in agency.services):
            raise KinerjaError(
                _(
                    "digital_services: {agency} has no service with channel 'online' to move requests "
                    "to; add a row to its services table.",
                    agency=agency.name,
                )
            )

    def run(self, world: World) -> Generator[Any, Any, None]:
        offices = [office for office in world.offices if office.online_service is not None]
        world.pay(self.setup * len(offices))
        started = world.clock.month
        while True:
            yield world.clock.next("month")
            age = world.clock.month - started
            reached = self.share * age / (age + self.months)
            for office in offices:
                office.rules.online = reached
                office.rules.online_staff = self.staff
                office.rules.complain = 1 + (self.platform - 1) * (
                    reached / self.share if self.share else 1.0
                )
                for service in office.services:
                    if service.channel == "counter":
                        office.rules.keep[service.service] = 1 + self.induced * reached
            world.pay(self.monthly * len(offices))
