"""Needs drift whoever looks; an assessment sees them with the error and bias of its source, at its cost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from wide_agency import OFFICERS, UNITS, wide_agency

from sim.agency import load_agency
from sim.agency.spec import DOMAINS
from sim.errors import KinerjaError
from sim.evidence import NO_EFFECT
from sim.levers import Kpi, NeedsAssessment, Policy
from sim.levers.needs import HABIT, citizens, citizens_by_month, estimate, goals, of_units
from sim.runs.run import make_world, simulate
from sim.world import Scenario

NOW = Scenario(burn_in=0)


@pytest.fixture(scope="module")
def wide():
    return wide_agency()


def world_of(agency, *levers, months=1, scenario=NOW, replication=0):
    plan = Policy("p", levers, before=Policy("none"))
    world = make_world(agency, plan, months=months, scenario=scenario, replication=replication)
    world.run()
    return world


# needs


def test_needs_walk_the_same_way_under_every_policy_and_through_the_agencys_own_in_month_one(wide):
    none = make_world(wide, Policy("none", before=Policy("none")), months=12, scenario=NOW)
    kpis = make_world(
        wide, Policy("k", (Kpi(),), before=Policy("none")), months=24, scenario=Scenario(burn_in=6)
    )
    one, other = citizens_by_month(none), citizens_by_month(kpis)
    assert np.array_equal(one, other[6:18])
    table = np.array([[u.speed, u.accuracy, u.courtesy] for u in wide.units])
    assert one[0] == pytest.approx(table / table.sum(axis=1, keepdims=True))
    assert one.sum(axis=2) == pytest.approx(np.ones((12, UNITS)))


def test_needs_drift_as_fast_as_the_table_says(wide):
    steps = []
    for replication in range(4):
        world = make_world(
            wide, Policy("none", before=Policy("none")), months=36, scenario=NOW, replication=replication
        )
        ratio = np.log(citizens_by_month(world)[:, :, 0] / citizens_by_month(world)[:, :, 1])
        steps.append(np.diff(ratio, axis=0))
    sd = world.evidence["needs_drift"].mean * np.sqrt(2)  # of a difference of two log weights
    found = np.concatenate(steps).ravel()
    assert found.std() == pytest.approx(sd, abs=4 * sd / np.sqrt(2 * len(found)))
    assert abs(found.mean()) < 4 * sd / np.sqrt(len(found))


def test_needs_walk_into_the_study_without_a_leap(wide):
    before = Scenario(burn_in=36)
    world = make_world(wide, Policy("none", before=Policy("none")), months=2, scenario=before)
    ratio = np.log(citizens_by_month(world)[:, :, 0] / citizens_by_month(world)[:, :, 1])
    sd = world.evidence["needs_drift"].mean * np.sqrt(2)
    steps = np.diff(ratio, axis=0)[33:]  # the last two months before, into the first, into the second
    assert steps.std(axis=1) == pytest.approx(np.full(4, sd), abs=4 * sd / np.sqrt(2 * UNITS))


def test_needs_that_do_not_drift_stay(wide):
    still = replace(NOW, effects={"needs_drift": NO_EFFECT})
    world = make_world(wide, Policy("none", before=Policy("none")), months=12, scenario=still)
    assert citizens_by_month(world)[11] == pytest.approx(citizens_by_month(world)[0])


def test_a_unit_needs_what_its_organisation_is_for_and_what_its_citizens_need(wide):
    world = world_of(wide, Kpi())
    of_citizens = citizens_by_month(world)[0]
    assert of_units(world, of_citizens) == pytest.approx((goals(wide) + of_citizens) / 2)
    assert citizens(world) == pytest.approx(of_citizens)
    only = replace(NOW, effects={"needs_goals_share": NO_EFFECT})
    assert of_units(world_of(wide, Kpi(), scenario=only), of_citizens) == pytest.approx(of_citizens)


# assessment


def error(wide, **how):
    """Mean over units and replications, so that no unit's luck decides."""
    worlds = [
        world_of(wide, NeedsAssessment(**({"bias": 0.0, "respondents": 0} | how)), replication=r)
        for r in range(3)
    ]
    return np.mean([w.recorder.summary().iloc[-1]["needs_error"] for w in worlds])


def test_an_assessment_nobody_uses_that_costs_nothing_changes_no_byte():
    small = load_agency("contoh")
    base = Policy("base", (Kpi(basis="equal"),))
    free = NeedsAssessment(
        minutes=0, respondent_cost=0, discussion_cost=0, discussions=3, administrative=True
    )
    one, other = (
        simulate(small, replace(plan, before=base), months=2, scenario=Scenario(burn_in=3)).outcomes
        for plan in (base, base.plus(free))
    )
    assert other["needs_error"].notna().all()
    for name in one.columns.drop("needs_error"):
        if one[name].dtype == float:
            assert one[name].to_numpy().tobytes() == other[name].to_numpy().tobytes(), name


def test_more_respondents_read_needs_better(wide):
    errors = [error(wide, respondents=n) for n in (5, 20, 100, 1000, 100_000)]
    assert errors == sorted(errors, reverse=True)
    assert errors[0] > 4 * errors[2]
    assert errors[-1] < 0.002


def test_the_error_of_a_survey_is_that_of_its_sample(wide):
    # a weight of p is known with an SD of sqrt(p (1 - p) / 5 n); half the sum of the three absolute errors
    n = 50
    needs = np.array([[u.speed, u.accuracy, u.courtesy] for u in wide.units])
    expected = (np.sqrt(2 / np.pi) * np.sqrt(needs * (1 - needs) / (5 * n)).sum(axis=1) / 2).mean()
    assert error(wide, respondents=n) == pytest.approx(expected, rel=0.15)


def test_respondents_chosen_by_officers_say_what_the_office_is_used_to(wide):
    errors = [error(wide, respondents=10_000, bias=b) for b in (0.0, 0.3, 0.6, 1.0)]
    assert errors == sorted(errors)
    everyone = world_of(wide, NeedsAssessment(respondents=10_000, bias=1.0))
    assert np.abs(estimate(everyone) - HABIT).max() < 0.02


def test_sources_differ_in_what_they_show(wide):
    talk, more_talk = error(wide, discussions=1), error(wide, discussions=8)
    assert talk > more_talk
    survey_of_as_many = error(wide, respondents=10)
    assert talk > survey_of_as_many  # people in one room repeat one another
    world = world_of(wide, NeedsAssessment(respondents=0, administrative=True))
    manners = (estimate(world) - citizens_by_month(world)[0])[:, 2]
    assert manners.mean() < -0.1  # hardly on file


def test_sources_together_are_weighted_by_what_they_are_worth():
    plan = NeedsAssessment(respondents=100, discussions=2, administrative=True)
    assert plan.sources() == pytest.approx({"survey": 100, "discussion": 20 / 3.7, "administrative": 30})
    assert NeedsAssessment(respondents=0, discussions=1).sources().keys() == {"discussion"}


def test_an_assessment_shows_what_officers_lack(wide):
    def seen(**how):
        world = world_of(wide, NeedsAssessment(**({"respondents": 0} | how)))
        o = world.officers
        out = []
        for k, domain in enumerate(DOMAINS):
            gap = o.column(f"needs.gap.{domain}")
            assert gap.std() > 0
            out.append(np.corrcoef(gap, -o.skill[:, k])[0, 1])
        return np.mean(out)

    survey, both = seen(respondents=100), seen(respondents=100, discussions=1, administrative=True)
    assert survey == pytest.approx(np.sqrt(0.2), abs=0.05)
    total = 0.2 / 0.8 + 0.4 / 0.6 + 0.3 / 0.7
    assert both == pytest.approx(np.sqrt(total / (1 + total)), abs=0.05)
    # what the job hardly takes is hardly missed
    world = world_of(wide, NeedsAssessment())
    sd = [world.officers.column(f"needs.gap.{d}").std() for d in DOMAINS]
    assert sd[0] > 2 * sd[1]


def test_assessments_are_repeated_and_grow_old_in_between(wide):
    fast = replace(NOW, effects={"needs_drift": {**NO_EFFECT, "mean": 0.15}})
    yearly, quarterly = (
        world_of(wide, NeedsAssessment(respondents=10_000, bias=0, every=every), months=13, scenario=fast)
        .recorder.outcomes()
        .groupby("month")["needs_error"]
        .mean()
        .to_numpy()
        for every in ("year", "quarter")
    )
    assert (np.diff(yearly[:12]) > 0).all()
    assert yearly[12] < 0.2 * yearly[11]
    assert quarterly[3] < 0.2 * quarterly[2]
    assert quarterly.mean() < yearly.mean()


def test_what_it_costs_is_booked(wide):
    plan = NeedsAssessment(
        respondents=100,
        discussions=2,
        administrative=True,
        minutes=150,
        respondent_cost=1000,
        discussion_cost=50_000,
    )
    costs = world_of(wide, plan, months=12).ledger.table()
    assert costs["rupiah"].tolist() == [UNITS * (100 * 1000 + 2 * 50_000)]
    assert costs["officer_days"].tolist() == [UNITS * 3 * 150 / 450]
    assert OFFICERS > 1  # leaders only


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: NeedsAssessment(respondents=0), r"needs_assessment: there is no source"),
        (lambda: NeedsAssessment(respondents=-1), r"needs_assessment.respondents = -1: must be at least 0"),
        (lambda: NeedsAssessment(bias=2), r"needs_assessment.bias = 2.*must be at most 1"),
        (
            lambda: NeedsAssessment(administrative="yes"),
            r"needs_assessment.administrative = 'yes': must be true",
        ),
        (
            lambda: NeedsAssessment(every="month"),
            r"needs_assessment.every = 'month': must be one of quarter, year",
        ),
    ],
)
def test_bad_parameters_are_refused_by_name(make, message):
    with pytest.raises(KinerjaError, match=message):
        make()
