"""Dashboard: shorter days for everybody; support quickens, control costs autonomy and brings people in for a while."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from steady import steady

from sim.agency import load_agency
from sim.errors import KinerjaError
from sim.evidence import NO_EFFECT
from sim.levers import Dashboard, status_quo
from sim.runs.run import make_world, simulate
from sim.world import Scenario
from sim.world.climate import REFERENCE

SHORT = Scenario(burn_in=3)
FREE = Dashboard(minutes=0, review=0, cost=0)
FINDINGS = ("tracking_processing_time", "monitoring_control", "biometric_presence")


@pytest.fixture(scope="module")
def agency():
    return load_agency("contoh")


def ran(agency, lever, months=2, scenario=SHORT, **climate):
    world = make_world(agency, steady().plus(lever), months=months, scenario=scenario)
    for name, value in climate.items():
        getattr(world.climate, name)[:] = value
    world.run()
    return world


def part_of(world, finding):
    return next(e for e in world.effects._entries.values() if (e.source, e.finding) == ("dashboard", finding))


def test_without_effect_minutes_or_money_no_byte_changes(agency):
    none = replace(SHORT, effects=dict.fromkeys(FINDINGS, NO_EFFECT))
    one = simulate(agency, status_quo(), months=3, scenario=none).outcomes
    other = simulate(agency, status_quo().plus(FREE), months=3, scenario=none).outcomes
    for name in one:
        if name not in ("control", "adoption"):
            left, right = one[name].to_numpy(), other[name].to_numpy()
            assert left.tobytes() == right.tobytes() if left.dtype == float else (left == right).all(), name


def test_support_is_quicker_work_by_its_evidence(agency):
    world = ran(agency, replace(FREE, control=0.0))
    quicker = world.effects.total("pace").mean()
    time = world.evidence["tracking_processing_time"].mean
    # at utilisation .85 the time in an M/M/1 system falls by what was published
    rate = np.exp(np.log(1.2) * quicker)
    shorter = (1 - 0.85) / (rate - 0.85) - 1
    assert shorter == pytest.approx(time, abs=0.03)
    assert part_of(world, "monitoring_control").contribution == pytest.approx(0.0)


def test_control_costs_performance_by_its_evidence(agency):
    world = ran(agency, replace(FREE, control=1.0))
    assert world.climate.control.mean() == pytest.approx(REFERENCE["control"] + 0.2)
    share = world.evidence["monitoring_control"].mean
    assert part_of(world, "monitoring_control").contribution.mean() * 0.2 == pytest.approx(share)
    assert part_of(world, "tracking_processing_time").contribution == pytest.approx(0.0)


def test_more_control_is_less_performance_and_more_presence(agency):
    worlds = [ran(agency, replace(FREE, control=c), months=1) for c in (0.0, 0.3, 0.6, 1.0)]
    performance = [w.people.truth.mean() for w in worlds]
    presence = [w.effects.total("presence").mean() for w in worlds]
    control = [w.recorder.summary().iloc[-1]["control"] for w in worlds]
    assert performance == sorted(performance, reverse=True)
    assert presence == sorted(presence)
    assert control == sorted(control)
    assert presence[0] == pytest.approx(0.0, abs=1e-6)


def test_presence_is_captured_within_eighteen_months_unless_acted_on(agency):
    def left(months, acted_on):
        world = ran(agency, replace(FREE, control=1.0, acted_on=acted_on), months=months)
        return part_of(world, "biometric_presence").contribution.mean()

    assert left(18, 0.0) < 0.2 * left(1, 0.0)
    assert left(18, 0.9) == pytest.approx(left(1, 0.9))


def test_reports_shorten_everybodys_day(agency):
    def hours(**how):
        world = ran(agency, replace(FREE, **how), months=2)
        return world.ledger.table().set_index("lever")["officer_days"].get("dashboard", 0.0), world

    none, some, more = hours(), hours(minutes=15.0), hours(minutes=30.0)
    edges = make_world(agency, status_quo(), months=2, scenario=SHORT).calendar.month_first_day
    days, officers = int(edges[-1] - edges[3]), len(none[1].officers)
    assert none[0] == 0
    assert some[0] == pytest.approx(days * 15 * officers / 450)
    assert more[0] == pytest.approx(2 * some[0])
    busy = [w.recorder.summary().iloc[-1]["utilisation"] for _, w in (none, some, more)]
    assert busy == sorted(busy)


def test_support_needs_a_committed_head(agency):
    low, high = (
        part_of(ran(agency, replace(FREE, control=0.0), commitment=c), "tracking_processing_time")
        for c in (0.1, 0.7)
    )
    assert low.contribution.mean() < 0.3 * high.contribution.mean()


def test_control_ends_with_the_lever(agency):
    late = status_quo().plus(replace(FREE, control=1.0))
    world = make_world(agency, replace(status_quo(), before=late), months=2, scenario=SHORT)
    world.run()
    assert world.climate.control == pytest.approx(REFERENCE["control"])


def test_bad_parameters_are_refused_by_name():
    with pytest.raises(KinerjaError, match=r"dashboard.minutes = 121: must be at most 120"):
        Dashboard(minutes=121)
    with pytest.raises(KinerjaError, match=r"unknown parameter 'contol' \(did you mean 'control'\?\)"):
        Dashboard.build({"contol": 1})
