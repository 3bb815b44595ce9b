"""An agency of many programme units and no desk: a month of a thousand officers takes milliseconds."""

from __future__ import annotations

from dataclasses import replace

from sim.agency import load_agency
from sim.agency.spec import Agency

UNITS, OFFICERS = 40, 25


def wide_agency() -> Agency:
    """Forty education offices of 25 officers each, alike but for what their citizens need."""
    small = load_agency("contoh")
    unit = next(u for u in small.units if u.kind == "programme")
    programme = small.programmes[0]
    codes = [f"unit{i:02d}" for i in range(UNITS)]
    needs = [(0.2, 0.5, 0.3), (0.5, 0.2, 0.3), (0.3, 0.3, 0.4), (0.25, 0.45, 0.3)]
    return replace(
        small,
        units=tuple(
            replace(
                unit,
                unit=code,
                pns=OFFICERS,
                pppk=0,
                speed=needs[i % 4][0],
                accuracy=needs[i % 4][1],
                courtesy=needs[i % 4][2],
                access=0.0,
            )
            for i, code in enumerate(codes)
        ),
        services=(),
        demand=(),
        programmes=tuple(replace(programme, programme=code, unit=code) for code in codes),
    )
