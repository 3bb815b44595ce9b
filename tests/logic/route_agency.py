"""The example agency with routes: a permit through counter, file and signature, and a service that goes online."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sim.agency import Agency, Step, load_agency

NAMES: dict[str, Any] = {"label_id": "Langkah", "label_en": "Step", "source": "assumed", "status": "A"}


def step(service: str, code: str, place: str, who: str, work: float, **more: Any) -> Step:
    return Step(**NAMES | {"service": service, "step": code, "place": place, "who": who, "work": work} | more)


PERMIT = (
    step("ktp", "intake", "counter", "front", 6.0, hand_off=30.0),
    step("ktp", "check", "file", "verifier", 8.0, staff=2, error=0.1, returns_to="intake", skips=0.2,
         skips_to="deliver", ends=0.1, noticed=0.2, noticed_spread=0.8, unnoticed=0.01),
    step("ktp", "sign", "file", "supervisor", 2.0, error=0.0, noticed=0.1, settled=0.05, settled_spread=0.3),
    step("ktp", "deliver", "counter", "front", 3.0, error=0.02),
)  # fmt: skip
"""Work on the way: 6 + 8 + .7 * 2 + .9 * 3 = 18.1 minutes."""


def with_steps(agency: Agency, *steps: Step, **service: Any) -> Agency:
    """The agency with these steps, and other values for the service that they belong to."""
    code = steps[0].service
    rows = tuple(replace(s, **service) if s.service == code else s for s in agency.services)
    return replace(agency, steps=(*agency.steps, *steps), services=rows)


def permit_agency() -> Agency:
    """`contoh` whose identity card is a route, and whose complaints wait for attention."""
    agency = with_steps(load_agency("contoh"), *PERMIT, work=18.1)
    complaints = tuple(
        replace(row, noticed=1.0, noticed_spread=1.0, unnoticed=0.2, settled=0.5, settled_spread=0.5)
        for row in agency.complaints
    )
    return replace(agency, complaints=complaints)
