"""Discipline: cuts of the allowance, threats that bite only when likely, days that are excused again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.agency import load_agency
from sim.errors import KinerjaError
from sim.evidence import NO_EFFECT
from sim.levers import Discipline, status_quo
from sim.levers.discipline import capture, deterrence
from sim.runs.run import make_world, simulate
from sim.world import Scenario

SHORT = Scenario(burn_in=3)
NO_THREAT = replace(SHORT, effects={"biometric_presence": NO_EFFECT, "sanction_deterrence": NO_EFFECT})


@pytest.fixture(scope="module")
def agency():
    return load_agency("contoh")


def ran(agency, lever, months=12, scenario=SHORT):
    world = make_world(agency, status_quo().plus(lever), months=months, scenario=scenario)
    world.run()
    return world


def part_of(world, finding):
    return next(e for e in world.effects._entries.values() if e.finding == finding)


def test_without_effect_or_money_only_sanctions_change(agency):
    one = simulate(agency, status_quo(), months=3, scenario=NO_THREAT).outcomes
    strict = Discipline(recorded=1.0, enforcement=0.0)
    other = simulate(agency, status_quo().plus(strict), months=3, scenario=NO_THREAT).outcomes
    for name in one:
        left, right = one[name].to_numpy(), other[name].to_numpy()
        assert left.tobytes() == right.tobytes() if left.dtype == float else (left == right).all(), name


def test_sanctions_improve_nobodys_performance(agency):
    """TOST, margin .02 SD: evidence of the effect of punishment on performance is null."""
    strict = Discipline(recorded=1.0, enforcement=1.0)
    none, all_ = (ran(agency, lever, scenario=NO_THREAT) for lever in (Discipline(), strict))
    assert all_.recorder.summary().iloc[-1]["sanctions"] > 5
    gap = (all_.people.truth - none.people.truth)[all_.officers.column("discipline.level") > 0]
    se = gap.std(ddof=1) / np.sqrt(len(gap))
    assert abs(gap.mean()) + 1.645 * se < 0.02


def test_a_threat_bites_only_when_it_is_likely():
    chance = np.array([0.0, 0.01, 0.1, 0.3, 0.5, 0.8, 1.0])
    felt = deterrence(chance)
    assert (np.diff(felt) > 0).all()
    assert felt[2] < 0.01
    assert felt[3] < 0.15
    assert felt[5] > 0.85


def test_more_enforcement_brings_more_people_in_and_contracts_are_not_threatened(agency):
    totals = []
    for enforcement in (0.0, 0.3, 0.6, 1.0):
        world = ran(agency, Discipline(recorded=1.0, enforcement=enforcement))
        threat = part_of(world, "sanction_deterrence").contribution
        totals.append(threat[world.officers.pns].mean())
        assert threat[~world.officers.pns] == pytest.approx(0.0)
    assert totals == sorted(totals)
    size = world.evidence["sanction_deterrence"].mean
    assert totals[0] == pytest.approx(0.0, abs=1e-9)
    assert totals[1] < 0.1 * size  # rarely enough, and nothing comes of it
    assert 0.8 * size < totals[-1] < size


def test_what_is_not_acted_on_is_captured_and_no_longer_recorded(agency):
    lax, strict = (
        ran(agency, Discipline(recorded=1.0, enforcement=e), months=18, scenario=NO_THREAT)
        for e in (0.0, 1.0)
    )
    # whoever is there is watched, newcomers from their second month on
    watched = [w.officers.there & (w.officers.column("careers.months") > 0) for w in (lax, strict)]
    monitored = [
        part_of(w, "biometric_presence").dose[who] for w, who in zip((lax, strict), watched, strict=True)
    ]
    assert monitored[0] == pytest.approx((1 - capture(0.0)) ** 18)
    assert capture(0.0) == pytest.approx(1 / 9)
    assert (monitored[1] == 1.0).all()
    known = [w.officers.column("discipline.recorded_days").mean() for w in (lax, strict)]
    assert known[0] < 0.5 * known[1]


def test_supervisors_who_excuse_days_do_so_for_those_close_to_them_and_take_the_threat_away(agency):
    worlds = [
        ran(agency, Discipline(recorded=1.0, enforcement=1.0, excused=e), scenario=NO_THREAT)
        for e in (0.0, 0.5, 0.9, 1.0)
    ]
    sanctions = [w.recorder.summary().iloc[-1]["sanctions"] for w in worlds]
    threat = [part_of(w, "sanction_deterrence").dose.mean() for w in worlds]
    assert sanctions == sorted(sanctions, reverse=True)
    assert sanctions[0] > sanctions[2] >= sanctions[3] == 0
    assert threat == sorted(threat, reverse=True)
    half, off = worlds[1], worlds[1].officers
    there = half.roster.year_unexcused > 3
    kept = off.column("discipline.recorded_days")[there] / half.roster.year_unexcused[there]
    assert np.corrcoef(kept, off.closeness[there])[0, 1] < -0.5


def test_a_cut_withholds_a_quarter_for_its_months_and_is_saved(agency):
    strict = Discipline(recorded=1.0, enforcement=1.0)
    world = ran(agency, strict, months=24, scenario=NO_THREAT)
    cut = world.officers.column("discipline.cut")
    until = world.officers.column("discipline.cut_until")
    assert set(np.unique(cut)) <= {0.0, 0.25}
    assert ((cut > 0) == (until > world.clock.month)).all()
    costs = world.ledger.table().set_index("lever").loc["discipline", "rupiah"]
    saved = -float(np.sum(costs)) / (0.25 * agency.fact("tpp_monthly"))
    assert saved == pytest.approx(round(saved))
    assert saved >= 6


def test_bad_parameters_are_refused_by_name():
    with pytest.raises(KinerjaError, match=r"discipline.excused = 1.2: must be at most 1"):
        Discipline(excused=1.2)
