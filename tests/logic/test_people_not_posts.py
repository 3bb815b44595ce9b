"""Claim: an outcome of officers is one of people. A vacant post is no average officer, takes no time and costs nothing;
what belongs to an officer moves with them and ends with them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from steady import steady
from wide_agency import wide_agency

from sim.agency import load_agency
from sim.errors import KinerjaError
from sim.evidence import Effect
from sim.levers import (
    Appraisal,
    Careers,
    Change,
    Dashboard,
    Discipline,
    Feedback,
    Lever,
    Policy,
    Reward,
    Training,
)
from sim.outcomes import Outcome
from sim.runs.run import make_world
from sim.study.fairness.people import simulate_people
from sim.world import Scenario
from sim.world.recorder import Recorder

SHORT = Scenario(burn_in=2)


@pytest.fixture(scope="module")
def agency():
    return load_agency("contoh")


@pytest.fixture(scope="module")
def wide():
    return wide_agency()


def half(officers):
    """Every second post, the leaders' not among them."""
    return officers.slot % 2 == 1


def made(agency, *levers, months=1, vacant=None, policy=None):
    world = make_world(agency, policy or steady().plus(*levers), months=months, scenario=SHORT)
    if vacant is not None:
        world.dismiss(vacant(world.officers))
    return world


def ran(agency, *levers, **how):
    world = made(agency, *levers, **how)
    world.run()
    return world


# means


def test_a_mean_is_over_those_there(wide):
    world = made(wide, vacant=half)
    there = ~half(world.officers)
    values = np.where(there, 1.0, 1e6)
    assert (world.by_unit(values) == 1.0).all()
    assert (world.by_unit(there) == 1.0).all()
    assert np.array_equal(world.sum_by_unit(world.officers.there), world.sum_by_unit(there))
    world.dismiss(world.officers.unit == 3)
    assert np.flatnonzero(np.isnan(world.by_unit(values))).tolist() == [3]


def test_vacant_posts_do_not_lower_absence_or_spread_work_unequally(wide, agency):
    """Half of the posts vacant: those there are as often absent as ever."""
    full, few = ran(wide, months=6), ran(wide, months=6, vacant=half)
    absence = [world.recorder.summary().iloc[-1]["absence"] for world in (full, few)]
    usual = np.mean([unit.absence for unit in wide.units])
    assert absence == pytest.approx([usual, usual], abs=0.01)
    counts = [world.recorder.summary().iloc[-1]["officers"] for world in (full, few)]
    assert counts == [wide.officers, (~half(full.officers)).sum()]
    # an unlucky desk: work is shared by those there
    gini = [
        ran(agency, months=2, vacant=vacant).recorder.summary().iloc[0]["workload_gini"]
        for vacant in (None, lambda officers: officers.slot == 2)
    ]
    assert gini[1] < gini[0] + 0.05


def test_whoever_is_rated_is_somebody(wide):
    """Accuracy, severity and mix are those of the officers there, whatever stands in the rows of vacant posts."""

    class Noise(Lever):
        group = "appraisal"
        phase = "observe"

        def run(self, world):
            while True:
                yield world.clock.next("month")
                gone = ~world.officers.there
                world.people.truth[gone] = 50.0
                world.officers.closeness[gone] = -50.0

    found = []
    for levers in ((), (Noise(),)):
        world = ran(wide, Appraisal(every="month"), *levers, vacant=half, months=2)
        found.append(world.recorder.summary().iloc[-1])
    names = ["rating_validity", "favouritism", "severity_sd", "missed_below", "false_top", "sangat_baik"]
    assert found[1][names].to_list() == pytest.approx(found[0][names].to_list())
    assert found[0]["rated"] == (~half(world.officers)).sum()
    assert 0.3 < found[0]["rating_validity"] < 0.65


def test_the_origin_is_the_average_officer_there(wide):
    world = make_world(wide, steady(), months=1, scenario=SHORT)
    entry = world.effects.entry("care", Effect(1.0), source="x")
    entry.set(half(world.officers), 1.0)
    world.dismiss(half(world.officers))
    world.effects.recentre()
    assert world.effects.total("care")[world.officers.there] == pytest.approx(0.0)


def test_a_fairness_study_looks_at_people(agency):
    class Exodus(Lever):
        def run(self, world):
            yield world.clock.next("month")
            world.dismiss(half(world.officers))

    seen = simulate_people(
        agency, steady().plus(Exodus()), seed=1, replication=0, months=2, scenario=SHORT
    ).outcomes
    last = seen[seen["end"]]
    assert len(last) == sum((np.arange(unit.officers) % 2 == 0).sum() for unit in agency.units)


def test_every_post_is_held_or_vacant_whoever_empties_it(agency):
    """Two levers let people go in one tick, and the careers lever fills the posts of both."""

    class Dismissal(Lever):
        def run(self, world):
            while True:
                yield world.clock.next("month")
                world.dismiss(world.officers.all() & (world.officers.slot == 4 + world.clock.month % 8))

    world = ran(agency, Dismissal(), Careers(exits=0.5, vacancy=1), months=8)
    out = world.recorder.outcomes()
    posts = (out["officers"] + out["vacancies"]).to_numpy().reshape(8, -1)
    assert (posts == [unit.officers for unit in agency.units]).all()
    assert out["newcomers"].sum() > 12
    assert out["vacancies"].min() >= 1


# money and time


@pytest.mark.parametrize(
    "lever",
    [
        Appraisal(every="month", citizens=0.5, measured=0.0),
        Change(campaigns=12),
        Dashboard(),
        Discipline(cost=1e5),
        Feedback(supervisor=0, citizens=12),
        Reward(conditional=0.0, rise=0.5),
    ],
    ids=lambda lever: lever.key,
)
def test_what_costs_by_officer_counts_officers(wide, lever):
    full, few = (ran(wide, lever, vacant=vacant, months=2) for vacant in (None, half))
    costs = [world.ledger.table().set_index("lever").loc[lever.key] for world in (full, few)]
    led = ~full.officers.is_supervisor if lever.key == "feedback" else full.officers.all()
    left = (led & ~half(full.officers)).sum() / led.sum()
    assert costs[0]["rupiah"] > 0
    assert costs[1]["rupiah"] / costs[0]["rupiah"] == pytest.approx(left)
    if costs[0]["officer_days"]:
        assert costs[1]["officer_days"] / costs[0]["officer_days"] == pytest.approx(left, rel=0.2)
    table = few.recorder.summary().set_index("unit")["cost"]
    assert table.drop("*").sum() == pytest.approx(table["*"]) == pytest.approx(costs[1]["rupiah"])


def test_minutes_are_booked_of_those_there_only(wide):
    world = made(wide, vacant=half)
    world.env.run(until=int(world.calendar.month_start[SHORT.burn_in]) + 1)
    world.effects.acting = "x"
    world.spend(world.officers.slot < 4, 45.0)
    assert world.roster.minutes.sum() == 45.0 * 2 * len(wide.units)
    assert (world.roster.minutes[half(world.officers)] == 0).all()
    booked = world.ledger.table().set_index("lever").loc["x", "officer_days"]
    assert booked == pytest.approx(0.1 * 2 * len(wide.units))


def test_the_allowance_of_a_vacant_post_is_not_shared_out(agency):
    world = ran(agency, Reward(), vacant=half)
    paid = Reward().allowances(world)
    assert paid[half(world.officers)].sum() == 0
    assert paid.sum() == round(agency.fact("tpp_monthly")) * (~half(world.officers)).sum()


# what belongs to an officer


def state(world, row):
    """What a row holds of one person."""
    roster, book = world.roster, world.service
    return (
        world.officers.person[row],
        roster.minutes[row],
        roster.year_unexcused[row],
        roster.unexcused_days[row],
        roster.longest[row],
        *(record[row] for record in book._records()),
    )


def marked(world):
    """Give every row values of its own."""
    n = len(world.officers)
    roster = world.roster
    for k, values in enumerate(
        (
            roster.minutes,
            roster.year_unexcused,
            roster.unexcused_days,
            roster.longest,
            *world.service._records(),
        )
    ):
        values[:] = 1 + np.arange(n) + 100 * k
    return world


def test_an_officer_who_moves_takes_along_days_minutes_records_and_courses(agency):
    world = marked(made(agency))
    one, other = 3, 20  # of two units
    before = [state(world, row) for row in (one, other)]
    logit = world.roster._logit.copy()
    world.roster.send_away(np.arange(len(world.officers)) == one, 1, 2)
    world.swap(one, other)
    assert [state(world, row) for row in (other, one)] == before
    # how often officers are absent is usual in the unit, not in the person
    assert np.array_equal(world.roster._logit, logit)
    until = np.concatenate(world.roster.draw_month(0, np.full(len(world.officers), 20.0)), axis=1)
    opening = world.calendar.day_start
    assert (until[1:3, other] == opening[1:3]).all()
    assert (until[1:3, one] > opening[1:3]).all()


def test_what_belonged_to_an_officer_ends_with_them(agency):
    world = marked(made(agency))
    who = np.arange(len(world.officers)) == 5
    others = [state(world, row) for row in (4, 6)]
    world.roster.send_away(who, 1, 1)
    world.dismiss(who)
    assert state(world, 5) == (-1, *[0] * (len(state(world, 5)) - 1))
    assert [state(world, row) for row in (4, 6)] == others
    world.service.jobs[5] = 7  # of a post nobody holds
    world.replace(who)
    assert state(world, 5)[1:] == (0,) * (len(state(world, 5)) - 1)
    assert world.officers.person[5] not in (-1, 5)
    until = np.concatenate(world.roster.draw_month(0, np.full(len(world.officers), 20.0)), axis=1)
    assert until[1, 5] > world.calendar.day_start[1]  # the course was booked for somebody else


def test_state_by_unit_is_not_taken_for_that_of_officers():
    """An agency of as many units as officers: rows of units stay when officers exchange posts."""
    two = wide_agency()
    two = replace(two, units=tuple(replace(u, pns=1) for u in two.units))
    world = make_world(two, Policy("p"), months=1, scenario=SHORT)
    world.officers.own["needs.estimate"] = np.arange(3.0 * len(two.units)).reshape(-1, 3)
    kept = world.officers.own["needs.estimate"].copy()
    world.swap(0, 1)
    assert np.array_equal(world.officers.own["needs.estimate"], kept)


def test_whoever_took_the_course_has_learnt_it_wherever_they_are(wide):
    """An officer moves, and another leaves, while both sit in a course."""
    world = made(wide, Training(course="ict-classroom", seats=12 * wide.officers, classes=12, trainers=100))
    start = int(world.calendar.month_start[SHORT.burn_in])
    world.env.run(until=start + 1)
    in_class = np.flatnonzero(world.officers.column("training.last.ict-classroom") == world.clock.month)
    mover, leaver, stays = in_class[:3]
    outside = int(np.flatnonzero(world.officers.is_supervisor)[-1])
    world.swap(int(mover), outside)
    world.dismiss(np.arange(len(world.officers)) == leaver)
    world.replace(np.arange(len(world.officers)) == leaver)
    learnt = []
    learn = Training._learn
    try:
        Training._learn = lambda self, world, course, who, key: learnt.append(who.copy())
        world.run()
    finally:
        Training._learn = learn
    taught = np.any(learnt, axis=0)
    assert taught[outside]
    assert taught[stays]
    assert not taught[mover]
    assert not taught[leaver]


def test_a_practice_of_a_unit_outlasts_the_officer_who_had_the_idea(agency):
    class Head(Lever):
        def run(self, world):
            yield world.clock.next("month", 3)
            world.replace(world.officers.is_supervisor)

    quiet = Change(ideas=0, suggestions=0)
    plan = steady().plus(Change(ideas=50, suggestions=0))
    plan = replace(steady().plus(quiet, Head()), before=plan)
    world = ran(agency, months=5, policy=plan)
    dose = next(e.dose for e in world.effects._entries.values() if e.source == "change")
    assert dose.min() >= 3


# doors


def test_a_base_that_is_no_outcome_is_refused(agency):
    shoes = Outcome("shoes", better="high", weight="fete")
    with pytest.raises(KinerjaError, match="no outcome 'fete'"):
        Recorder(agency, 3, (shoes,))
    assert Recorder(agency, 3, (shoes, Outcome("fete", months="sum", units="sum"))).own["shoes"] is shoes


def test_a_dose_may_be_given_for_the_chosen_or_for_every_row(agency):
    world = made(agency)
    who = half(world.officers)
    every = np.arange(len(who), dtype=float)
    one = world.effects.entry("pace", Effect(1.0), source="x")
    one.set(who, every)
    assert np.array_equal(one.dose, np.where(who, every, 0.0))
    one.add(who, every[who])
    assert np.array_equal(one.dose, np.where(who, 2 * every, 0.0))
