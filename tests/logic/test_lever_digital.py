"""Digital services move requests from the counter, the easy ones first, and induce some."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.agency import load_agency
from sim.errors import KinerjaError
from sim.levers import DigitalServices, status_quo
from sim.runs.run import simulate, trace
from sim.world import Scenario

SHORT = Scenario(burn_in=3)
QUICK = DigitalServices(months=1, share=0.6, induced=0, platform=1, setup=0, monthly=0)


@pytest.fixture(scope="module")
def agency():
    return load_agency("contoh")


def run(agency, lever, months=4):
    return simulate(agency, status_quo().plus(lever), months=months, scenario=SHORT)


def test_without_effect_or_money_no_byte_changes(agency):
    none = replace(QUICK, share=0.0, staff=0.0)
    one = simulate(agency, status_quo(), months=3, scenario=SHORT).outcomes
    other = run(agency, none, months=3).outcomes
    for name in one:
        if name != "digital_share":
            left, right = one[name].to_numpy(), other[name].to_numpy()
            assert left.tobytes() == right.tobytes() if left.dtype == float else (left == right).all(), name


def test_the_same_citizens_come_the_easy_ones_online(agency):
    plan = status_quo().plus(QUICK)
    before = trace(agency, status_quo(), "dukcapil", months=4, scenario=SHORT)
    after = trace(agency, plan, "dukcapil", months=4, scenario=SHORT)
    both = before[before["parent"] < 0].merge(after[after["parent"] < 0], on="id", suffixes=("", "_new"))
    moved = (both["service"] == "ktp") & (both["service_new"] == "daring")
    stayed = (both["service"] == "ktp") & (both["service_new"] == "ktp")
    assert (both["arrival"] == both["arrival_new"]).all()
    assert 0.3 < moved.sum() / (moved.sum() + stayed.sum()) < 0.6
    took = (before["finish"] - before["first_start"]).groupby(before["id"]).first()
    assert took[both.loc[moved, "id"]].median() < took[both.loc[stayed, "id"]].median()


def test_waiting_at_the_counter_falls_by_dose(agency):
    waits = [
        run(agency, replace(QUICK, share=share)).summary["waiting_minutes"].iloc[-1]
        for share in (0.05, 0.3, 0.6)
    ]
    assert waits[0] > waits[1] > waits[2]


def test_some_demand_is_induced_and_a_platform_brings_complaints(agency):
    plain, induced = run(agency, QUICK), run(agency, replace(QUICK, induced=0.5))
    ratio = induced.summary["arrivals"].iloc[-1] / plain.summary["arrivals"].iloc[-1]
    assert 1.05 < ratio < 1.25
    easy = run(agency, replace(QUICK, platform=3))
    assert easy.summary["complaints"].iloc[-1] > 1.3 * plain.summary["complaints"].iloc[-1]


def test_it_costs_what_it_says(agency):
    table = run(agency, replace(QUICK, setup=1e6, monthly=1e3), months=3).costs.set_index("lever")
    offices = sum(any(s.channel == "online" for s in agency.services_of(u.unit)) for u in agency.units)
    assert table.loc["digital_services", "rupiah"] == pytest.approx(offices * (1e6 + 3e3))


def test_bad_parameters_are_refused_by_name(agency):
    with pytest.raises(KinerjaError, match=r"digital_services.share = 1.5: must be at most 0.9"):
        DigitalServices(share=1.5)
    offline = replace(agency, services=tuple(s for s in agency.services if s.channel != "online"))
    with pytest.raises(KinerjaError, match="no service with channel 'online'"):
        run(offline, QUICK)
    assert np.isfinite(QUICK.share)
