"""Claim: officers are given to services by the documented rule, and the load of a desk is the hand sum."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.agency import Demand, daily_work, eligibility, implied_utilisation, load_agency, profile

CONTOH = load_agency("contoh")
UNIT, SERVICES = CONTOH.unit("dukcapil"), CONTOH.services_of("dukcapil")


def may(officers: int, *staff: int) -> list[str]:
    """Who serves what: a string of 0 and 1 over officers for each service."""
    unit = replace(UNIT, pns=officers, pppk=0)
    found = eligibility(unit, [replace(SERVICES[0], staff=n) for n in staff])
    return ["".join("01"[int(x)] for x in column) for column in found.T]


def test_blocks_follow_one_another_after_the_supervisor():
    assert may(6, 2, 2) == ["011000", "000110"]


def test_blocks_go_round_and_overlap():
    assert may(5, 3, 3) == ["01110", "01101"]


def test_the_supervisor_serves_only_where_a_service_needs_everybody():
    assert may(3, 2) == ["011"]
    assert may(3, 1, 3) == ["100", "111"]
    assert may(1, 1) == ["1"]


@given(officers=st.integers(1, 30), wanted=st.lists(st.integers(1, 30), min_size=1, max_size=6))
def test_everyone_in_turn(officers, wanted):
    staff = [min(n, officers) for n in wanted]
    found = eligibility(replace(UNIT, pns=officers, pppk=0), [replace(SERVICES[0], staff=n) for n in staff])
    assert found.sum(axis=0).tolist() == staff
    on_desk = found[0 if found[0].any() else 1 :].sum(axis=1)
    assert np.ptp(on_desk) <= 1  # no one serves two services more than another
    assert found[0].any() == (max(staff) == officers)


def one_service(**changes: object):
    """Contoh with one service of demand 50 x 20 minutes for 4 officers, no absence, complaints all alike."""
    service = replace(SERVICES[0], demand=50.0, work=20.0, error=0.1, staff=4)
    complaint = replace(CONTOH.complaints[0], share=1.0, work=100.0)
    figures = {"discard_share": "0.5", "complain_error": "0.2", "complain_fine": "0.01"} | changes
    return replace(
        CONTOH,
        facts=tuple(replace(f, value=figures.get(f.key, f.value)) for f in CONTOH.facts),
        units=(replace(UNIT, absence=0.2),),
        services=(service,),
        complaints=(complaint,),
        demand=(),
        programmes=(),
    )


def test_daily_work_is_the_hand_sum():
    attempts = 1 + 0.1 + 0.01
    complaints = 0.1 * 0.2 + 0.9 * 0.01
    assert daily_work(one_service())["ktp"] == pytest.approx(50 * (20 * attempts + complaints * 0.5 * 100))
    alone = one_service(complain_error="0", complain_fine="0")
    assert daily_work(alone)["ktp"] == pytest.approx(50 * 20 * attempts)
    assert daily_work(one_service(discard_share="1"))["ktp"] == pytest.approx(50 * 20 * attempts)


def test_utilisation_counts_the_officers_who_serve_and_are_present():
    agency = one_service()
    assert implied_utilisation(agency)["dukcapil"] == pytest.approx(
        daily_work(agency)["ktp"] / (4 * 450 * 0.8)
    )
    assert implied_utilisation(CONTOH).index.tolist() == ["dukcapil", "puskesmas"]


def test_demand_factors_scale_the_load_but_for_lebaran():
    def with_rows(*rows: tuple[str, str, int, float]):
        demand = [
            Demand(service=s, period=p, index=i, factor=f, source="", status="A") for s, p, i, f in rows
        ]
        return replace(one_service(), demand=tuple(demand))

    plain = daily_work(one_service())["ktp"]
    month = with_rows(("*", "month", 1, 13.0))
    assert daily_work(month)["ktp"] == pytest.approx(2 * plain)
    own = with_rows(("ktp", "month", 1, 1.0), ("*", "month", 1, 13.0), ("ktp", "after_lebaran", 1, 9.0))
    assert daily_work(own)["ktp"] == pytest.approx(plain)
    found = profile(own, "ktp")
    assert (found.month[0], found.after_lebaran[0], found.after_lebaran[1]) == (1.0, 9.0, 1.0)
    assert [len(found.month), len(found.weekday), len(found.hour), len(found.after_lebaran)] == [12, 7, 8, 12]
