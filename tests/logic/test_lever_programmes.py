"""Programme units: output is bounded by the cases there are; outreach brings people in, and is lost again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim.agency import load_agency
from sim.errors import KinerjaError
from sim.levers import ProgrammeOutreach, status_quo
from sim.runs.run import simulate
from sim.world import Scenario

SHORT = Scenario(burn_in=3)


@pytest.fixture(scope="module")
def agency():
    return load_agency("contoh")


def run(agency, lever=None, months=6):
    policy = status_quo().plus(lever) if lever else status_quo()
    out = simulate(agency, policy, months=months, scenario=SHORT).outcomes
    return out[out["unit"] == "disdik"]


def test_without_visits_no_byte_changes(agency):
    one = simulate(agency, status_quo(), months=3, scenario=SHORT).outcomes
    none = status_quo().plus(ProgrammeOutreach(visits=0))
    other = simulate(agency, none, months=3, scenario=SHORT).outcomes
    for name in one:
        left, right = one[name].to_numpy(), other[name].to_numpy()
        assert left.tobytes() == right.tobytes() if left.dtype == float else (left == right).all(), name


def test_participation_starts_at_the_agencys_figure_and_follows_visits_by_dose(agency):
    wanted = agency.programmes[0].participation
    assert run(agency)["participation"].mean() == pytest.approx(wanted, abs=0.08)
    shares = [
        run(agency, ProgrammeOutreach(visits=v, minutes=0))["participation"].iloc[-1] for v in (0, 6, 12, 52)
    ]
    assert shares == sorted(shares)
    assert shares[-1] > shares[0] + 0.05


def test_visits_with_data_do_more(agency):
    plain, informed = (
        run(agency, ProgrammeOutreach(informed=i))["participation"].iloc[-1] for i in (False, True)
    )
    assert informed > plain


def test_officers_complete_no_more_than_there_is(agency):
    few = replace(agency, programmes=tuple(replace(p, caseload=1.0) for p in agency.programmes))
    unit = agency.unit(agency.programmes[0].unit)
    out = run(few)
    most = 1.0 * unit.officers / 3 * out["participation"] / agency.programmes[0].participation
    assert (out["programme_output"] <= most + 1e-9).all()
    assert out["programme_output"].mean() < 0.5 * run(agency)["programme_output"].mean()


def test_time_on_the_road_is_not_spent_on_cases(agency):
    heavy = run(agency, ProgrammeOutreach(visits=12, minutes=2400))
    light = run(agency, ProgrammeOutreach(visits=12, minutes=0))
    assert heavy["programme_output"].mean() < light["programme_output"].mean()


def test_bad_parameters_are_refused_by_name():
    with pytest.raises(KinerjaError, match=r"programme_outreach.visits = 60: must be at most 52"):
        ProgrammeOutreach(visits=60)
