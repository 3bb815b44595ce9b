"""Training: formats, refreshers, budget, the Lebaran peak, and supervisors who support what was learnt."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.agency import load_agency
from sim.evidence import NO_EFFECT
from sim.levers import Training, status_quo
from sim.runs.run import make_world, simulate
from sim.world import Scenario

SHORT = Scenario(burn_in=3)
BIG = Training(course="ict-classroom", seats=2000, classes=12, trainers=100)


@pytest.fixture(scope="module")
def agency():
    return load_agency("contoh")


def ran(agency, *levers, months=2, scenario=SHORT, before=None, **climate):
    world = make_world(agency, status_quo().plus(*levers), months=months, scenario=scenario)
    if before:
        before(world)
    world.run()
    return world


def dose(world, domain="ict", source="training"):
    return next(
        e.dose
        for e in world.effects._entries.values()
        if (e.source, e.channel) == (source, f"skill.{domain}")
    )


def test_without_effect_days_or_money_no_byte_changes(agency):
    free = replace(
        agency,
        courses=tuple(
            replace(c, days=0, cost=0) if c.course == "ict-classroom" else c for c in agency.courses
        ),
    )
    none = replace(SHORT, effects={"training_behaviour": NO_EFFECT})
    one = simulate(free, status_quo(), months=3, scenario=none).outcomes
    other = simulate(free, status_quo().plus(BIG), months=3, scenario=none).outcomes
    for name in one:
        if name not in ("seats_used", "seats_waiting", "jp20"):  # the plan's own books
            left, right = one[name].to_numpy(), other[name].to_numpy()
            assert left.tobytes() == right.tobytes() if left.dtype == float else (left == right).all(), name


def test_blended_courses_teach_more_by_the_published_difference(agency):
    blended = replace(BIG, course="ict-blended")
    classroom = dose(ran(agency, BIG)).max()
    more = dose(ran(agency, blended)).max()
    table = ran(agency).evidence
    difference = table["training_blended_procedural"].mean / table["training_behaviour"].mean
    assert more / classroom == pytest.approx(1 + difference, rel=0.06)


def test_a_refresher_restores_what_was_once_learnt_and_teaches_little_else(agency):
    refresher = Training(course="ict-refresher", seats=2000, classes=12, trainers=100, tag="again")
    once = Training(course="ict-classroom", seats=2000, classes=1, trainers=100, start=1)
    forgetting = ran(agency, once, months=24)
    kept = ran(agency, once, refresher, months=24)
    assert kept.people.skill[:, 1].mean() > 1.2 * forgetting.people.skill[:, 1].mean() > 0
    only = ran(agency, refresher, months=2)
    assert 0 < dose(only, source="training:again").max() < 0.5 * dose(ran(agency, BIG)).max()


def test_a_budget_ends_the_classes(agency):
    cost = next(c.cost for c in agency.courses if c.course == "ict-classroom")
    limited = Training(course="ict-classroom", seats=40, classes=4, budget=15 * cost)
    world = ran(agency, limited, months=24)
    costs = world.ledger.table().set_index(["lever", "year"])["rupiah"]
    assert 0 < costs["training", 1] <= 15 * cost
    assert costs["training", 2] <= 15 * cost
    assert world.recorder.summary()["seats_used"].iloc[-1] <= 30


def test_classes_are_put_off_until_the_peak_is_over(agency):
    monthly = Training(course="ict-classroom", seats=36, classes=12)
    plain = ran(agency, monthly, months=6).recorder.outcomes().groupby("month")["seats_used"].sum()
    later = ran(agency, replace(monthly, avoid_peak=True), months=6).recorder.outcomes()
    later = later.groupby("month")["seats_used"].sum()
    peak = later[later == 0].index
    assert len(peak) >= 1
    assert (plain[peak] > 0).all()
    assert later.sum() == plain.sum()


def test_engaged_supervisors_make_more_of_it_stick(agency):
    def transferred(engagement):
        def before(world):
            world.climate.engagement[:] = engagement

        return (dose(ran(agency, BIG, before=before)) > 0).mean()

    assert transferred(1.0) > transferred(0.5) > transferred(0.0)


def test_needs_send_those_with_the_largest_gap(agency):
    def before(world):
        world.officers.column("needs.gap.ict")[:] = np.arange(len(world.officers))

    plan = Training(course="ict-classroom", seats=60, classes=12, nomination="needs")
    world = make_world(agency, status_quo().plus(plan), months=1, scenario=Scenario(burn_in=0))
    before(world)
    world.run()
    went = np.flatnonzero(np.isfinite(world.officers.column("training.last.ict-classroom")))
    assert went.min() > len(world.officers) - 9
