"""Feedback: every source counts and costs, conditions scale what helps and not what harms, briefings open talk."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from steady import steady

from sim.agency import load_agency
from sim.errors import KinerjaError
from sim.evidence import NO_EFFECT
from sim.levers import Feedback, status_quo
from sim.levers.feedback import SOURCES
from sim.runs.run import make_world, simulate
from sim.world import Scenario

SHORT = Scenario(burn_in=3)


@pytest.fixture(scope="module")
def agency():
    return load_agency("contoh")


def entry_of(world):
    return next(e for e in world.effects._entries.values() if e.source == "feedback")


def ran(agency, lever, months=3, scenario=SHORT, **climate):
    world = make_world(agency, steady().plus(lever), months=months, scenario=scenario)
    for name, value in climate.items():
        getattr(world.climate, name)[:] = value
    world.run()
    return world


def test_without_effect_minutes_or_money_no_byte_changes(agency):
    none = replace(SHORT, effects={"feedback": NO_EFFECT})
    free = Feedback(supervisor=2, minutes=0, cost=0)
    base = status_quo().plus(free)
    more = replace(free, citizens=12, online=12, system=52, briefings=50, briefing_minutes=0)
    one = simulate(agency, replace(base, before=base), months=3, scenario=none).outcomes
    other = simulate(agency, replace(base.plus(more), before=base), months=3, scenario=none).outcomes
    for name in one.columns.drop("adoption"):
        left, right = one[name].to_numpy(), other[name].to_numpy()
        assert left.tobytes() == right.tobytes() if left.dtype == float else (left == right).all(), name


@pytest.mark.parametrize("source", list(SOURCES))
def test_every_source_adds_up_to_monthly_and_no_further(source):
    doses = [Feedback(**{"supervisor": 0, source: n}).dose() for n in (0, 4, 12, 52)]
    assert doses[0] == 0 < doses[1] < doses[2] == doses[3]
    assert doses[2] == pytest.approx(SOURCES[source].quality / SOURCES["supervisor"].quality)


def test_online_feedback_reaches_units_with_an_online_service_only(agency):
    world = ran(agency, Feedback(supervisor=0, online=12), months=12)
    dose = world.by_unit(entry_of(world).dose)
    by_office = {office.index: office.online_service is not None for office in world.offices}
    assert set(by_office.values()) == {True, False}
    for unit in range(len(dose)):
        assert (dose[unit] > 0.2) == by_office.get(unit, False)


@pytest.mark.parametrize("name", ["engagement", "communication", "commitment"])
def test_conditions_scale_the_mean_and_not_the_harm(agency, name):
    low = ran(agency, Feedback(supervisor=12), **{name: 0.3})
    usual = ran(agency, Feedback(supervisor=12))
    high = ran(agency, Feedback(supervisor=12), **{name: 0.7})
    mean = [entry_of(w).condition.mean() for w in (low, usual, high)]
    assert mean[0] < mean[1] < mean[2]
    assert mean[1] == 1.0
    assert np.array_equal(entry_of(low).personal, entry_of(high).personal)
    assert np.array_equal(entry_of(low).dose, entry_of(high).dose)


def test_engagement_matters_to_dialogue_and_not_to_citizens(agency):
    world = ran(agency, Feedback(supervisor=0, citizens=12), engagement=0.0, communication=0.0)
    assert entry_of(world).condition.mean() == 1.0


def test_briefings_open_communication_and_make_dialogue_better(agency):
    levels = [Feedback(briefings=n).communication() for n in (0, 6, 12, 50, 250)]
    assert levels == sorted(levels)
    assert levels[0] == 0.5
    assert levels[-1] <= 1
    plain, open_ = (ran(agency, Feedback(supervisor=12, briefings=n), months=12) for n in (0, 24))
    assert plain.climate.communication.mean() == 0.5
    assert open_.climate.communication.mean() > 0.7
    assert open_.people.motivation.mean() > plain.people.motivation.mean() + 0.01
    hours = [w.recorder.summary().iloc[-1]["feedback_hours"] for w in (plain, open_)]
    officers = len(plain.officers)
    assert hours[1] - hours[0] == pytest.approx(24 * 20 / 60 * officers)


def test_time_and_money_are_those_of_each_source(agency):
    def hours_and_cost(**how):
        world = ran(agency, Feedback(supervisor=0, **how), months=12)
        summary = world.recorder.summary().iloc[-1]
        return summary["feedback_hours"], summary["cost"]

    led = int((~make_world(agency, status_quo(), months=1).officers.is_supervisor).sum())
    hours, cost = hours_and_cost(peers=12)
    assert (hours, cost) == pytest.approx((12 * 2 * 0.5 * led, 0.0))
    hours, cost = hours_and_cost(citizens=12)
    assert (hours, cost) == pytest.approx((12 * 0.5 * led, 12 * 150_000 * led))
    hours, cost = hours_and_cost(system=12)
    assert (hours, cost) == pytest.approx((12 * 0.1 * led, 12 * 15_000 * led))


def test_bad_parameters_are_refused_by_name():
    with pytest.raises(KinerjaError, match=r"feedback.online = 53: must be at most 52"):
        Feedback(online=53)
    with pytest.raises(KinerjaError, match=r"unknown parameter 'briefing' \(did you mean 'briefings'\?\)"):
        Feedback.build({"briefing": 3})
