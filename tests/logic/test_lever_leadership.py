"""Leadership: engagement and commitment act through what others do; a leader at the counter supervises less."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.agency import load_agency
from sim.errors import KinerjaError
from sim.evidence import Effect
from sim.levers import Careers, Feedback, Leadership, Reward, status_quo
from sim.runs.run import make_world, simulate
from sim.world import Scenario

SHORT = Scenario(burn_in=3)
STILL = Leadership(commitment=0.5, engagement=0.5, seats=0, praise=0)


@pytest.fixture(scope="module")
def agency():
    return load_agency("contoh")


def ran(agency, *levers, months=3, scenario=SHORT):
    world = make_world(agency, status_quo().plus(*levers), months=months, scenario=scenario)
    world.run()
    return world


def part_of(world, source, finding):
    return next(e for e in world.effects._entries.values() if (e.source, e.finding) == (source, finding))


def test_without_anything_done_no_byte_changes(agency):
    one = simulate(agency, status_quo(), months=3, scenario=SHORT).outcomes
    other = simulate(agency, status_quo().plus(STILL), months=3, scenario=SHORT).outcomes
    for name in one:
        if name != "engagement":
            left, right = one[name].to_numpy(), other[name].to_numpy()
            assert left.tobytes() == right.tobytes() if left.dtype == float else (left == right).all(), name


def test_commitment_and_engagement_do_nothing_by_themselves(agency):
    none = replace(SHORT, effects={"feedback": Effect(0.0)})
    bare = ran(agency, STILL, scenario=none)
    asked = ran(agency, replace(STILL, commitment=1.0, engagement=1.0), scenario=none)
    assert asked.climate.commitment.mean() > 0.6
    assert np.array_equal(asked.people.truth, bare.people.truth)


def test_they_scale_what_feedback_does(agency):
    talks = Feedback(supervisor=12)
    gains = []
    for level in (0.2, 0.5, 0.8):
        lever = replace(STILL, commitment=level, engagement=level)
        gains.append(ran(agency, lever, talks, months=12).people.motivation.mean())
    assert gains == sorted(gains)
    assert gains[0] < 0.5 * gains[1] < 0.5 * gains[2]


def test_courses_raise_engagement_by_their_evidence_and_are_forgotten(agency):
    world = ran(agency, replace(STILL, seats=36, days=0), months=1)
    entry = part_of(world, "leadership", "leadership_training_transfer")
    assert (entry.dose > 0).tolist() == world.officers.is_supervisor.tolist()
    size = world.evidence["leadership_training_transfer"].mean
    # the course is held at the tick at which engagement is read
    assert world.climate.engagement == pytest.approx(np.full(len(world.officers), 0.5 + 0.2 * size), rel=1e-3)
    fresh = entry.dose.copy()
    world.effects.fade(entry.half_life)
    assert entry.dose == pytest.approx(fresh / 2)


def test_more_seats_more_engagement_and_seats_are_not_exceeded(agency):
    engaged, costs = [], []
    for seats in (0, 1, 2, 3, 30):
        world = ran(agency, replace(STILL, seats=seats), months=12)
        summary = world.recorder.summary().iloc[-1]
        engaged.append(summary["engagement"])
        costs.append(summary["cost"] / STILL.course_cost)
        assert summary["desk_days_lost"] == 5 * costs[-1]
    assert engaged == sorted(engaged)
    assert costs == [0, 1, 2, 3, 3]  # three supervisors, each at most once a year


def test_praise_motivates_those_who_are_led_and_counts_once(agency):
    gains = []
    for praise in (0, 1, 4, 40):
        world = ran(agency, replace(STILL, praise=praise), months=1)
        led = ~world.officers.is_supervisor
        gains.append(part_of(world, "leadership", "reward_contingent").contribution[led].mean())
        assert part_of(world, "leadership", "reward_contingent").dose[~led] == pytest.approx(0.0)
    assert gains == sorted(gains)
    size = world.evidence["reward_contingent"].mean
    assert gains[-1] == pytest.approx(size, rel=1e-3)
    both = ran(agency, replace(STILL, praise=40), Reward(conditional=0.0, recognition=6), months=2).effects
    given = [e.dose[1] for e in both._entries.values() if e.finding == "reward_contingent"]
    assert sum(given) == pytest.approx(1.0)


def test_a_leader_at_the_counter_serves_and_supervises_less(agency):
    away, there, longer = (ran(agency, replace(STILL, desk=d), months=3) for d in (0, 120, 240))
    waits = [w.recorder.summary().iloc[-1]["waiting_minutes"] for w in (away, there, longer)]
    assert waits == sorted(waits, reverse=True)
    engaged = [w.climate.engagement.mean() for w in (away, there, longer)]
    assert engaged == sorted(engaged, reverse=True)
    assert engaged[0] == 0.5
    office = there.offices[0]
    lead = there.officers.slices[office.index].start
    assert 0 < there.service.jobs[lead] < longer.service.jobs[lead]
    assert away.service.jobs[lead] == 0
    days = there.ledger.table().set_index("lever").loc["leadership", "officer_days"]
    edges = there.calendar.month_first_day
    assert days == pytest.approx(len(there.offices) * 120 / 450 * (edges[6] - edges[3]))


def test_a_leader_serves_for_the_minutes_he_gives(agency):
    world = ran(agency, replace(STILL, desk=120), months=1)
    rows = world.officers.slices[world.offices[0].index]
    minutes = world.service._present[rows.start] / 60_000
    edges = world.calendar.month_first_day
    days = int(edges[4] - edges[3]) - world.roster.absent_days[rows.start]
    assert minutes / days == pytest.approx(120, abs=5)  # days are not equally long


def test_all_ends_with_the_lever(agency):
    before = status_quo().plus(Leadership(desk=120))
    world = make_world(agency, replace(status_quo(), before=before), months=2, scenario=SHORT)
    world.run()
    assert world.climate.engagement == pytest.approx(0.5)
    assert world.climate.commitment == pytest.approx(0.5)
    for office in world.offices:
        assert not office.can[0].any()
        assert not office.on_desk[0]


def test_a_programme_does_not_take_away_the_gift_of_those_promoted(agency):
    leave = Careers(exits=1.0, vacancy=0.5, carry_over=0.0)
    policy = status_quo().plus(leave, STILL)
    world = make_world(agency, policy, months=12, scenario=SHORT, seed=2)
    world.run()
    gift = world.officers.column("careers.lead")[world.officers.supervisor]
    assert len(np.unique(gift)) > 2
    assert world.climate.engagement == pytest.approx(np.clip(0.5 + 0.15 * gift, 0, 1))


def test_bad_parameters_are_refused_by_name():
    with pytest.raises(KinerjaError, match=r"leadership.desk = 30.0: must be 0 or at least 90"):
        Leadership(desk=30)
    with pytest.raises(KinerjaError, match=r"leadership.seats = 2.5: must be a whole number"):
        Leadership(seats=2.5)
    with pytest.raises(KinerjaError, match=r"unknown parameter 'commitmnt' \(did you mean 'commitment'\?\)"):
        Leadership.build({"commitmnt": 1})
