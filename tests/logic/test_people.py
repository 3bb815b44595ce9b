"""Officers, effects, clock, roster, satisfaction and demand, each on its own."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
import simpy

from sim.agency import load_agency
from sim.calendar import Calendar
from sim.errors import KinerjaError
from sim.evidence import Effect
from sim.streams import Streams
from sim.world import satisfaction
from sim.world.clock import PHASES, Clock
from sim.world.demand import days, draw_month, join
from sim.world.effects import EffectBook
from sim.world.officers import MOTIVATION_SD, OVERALL, SKILL_SD, general, hire
from sim.world.people import People
from sim.world.roster import Roster


@pytest.fixture(scope="module")
def agency():
    return load_agency("contoh")


@pytest.fixture(scope="module")
def many():
    """Officers of the full-size agency: enough for moments."""
    agency = load_agency("makassar-full")
    return agency, hire(agency, Streams(3, 0))


@pytest.fixture
def book(agency):
    officers = hire(agency, Streams(1, 0))
    return officers, EffectBook(officers, Streams(1, 0))


# officers


def test_officers_have_the_spreads_of_the_model(many):
    _, officers = many
    n = len(officers)
    assert officers.skill.std(axis=0) == pytest.approx(np.full(4, SKILL_SD), abs=4 / np.sqrt(2 * n))
    assert officers.motivation.std() == pytest.approx(MOTIVATION_SD, abs=4 * MOTIVATION_SD / np.sqrt(2 * n))
    assert np.corrcoef(officers.skill[:, 0], officers.skill[:, 1])[0, 1] == pytest.approx(0.5, abs=0.04)
    ability = general(officers.skill, officers.motivation)
    assert np.corrcoef(officers.closeness, ability)[0, 1] == pytest.approx(0.24, abs=0.04)


def test_performance_and_truth_have_unit_variance_at_the_start(many):
    agency, officers = many
    people = People(agency, officers, EffectBook(officers, Streams(3, 0)))
    assert people.channels.std(axis=0) == pytest.approx(np.ones(3), abs=0.03)
    assert people.truth.std() == pytest.approx(1, abs=0.03)
    assert np.corrcoef(people.channels.T)[0, 1] == pytest.approx(0.5, abs=0.04)


def test_a_unit_of_officers_does_not_depend_on_the_others(agency):
    from dataclasses import replace

    fewer = replace(agency, units=agency.units[:1])
    one, other = hire(agency, Streams(1, 0)), hire(fewer, Streams(1, 0))
    rows = other.slices[0]
    assert np.array_equal(one.skill[rows], other.skill)


# effects


def test_an_effect_is_mean_times_condition_plus_person(book):
    officers, effects = book
    entry = effects.entry("motivation", Effect(0.4, 0.0, 0.0, 0.5), source="x")
    entry.set(officers.all(), 1.0)
    full = effects.total("motivation").copy()
    entry.require(0.5)
    assert effects.total("motivation") == pytest.approx(full - 0.2)
    entry.require(9.0)
    assert effects.total("motivation") == pytest.approx(full + 0.2)  # at most 1.5
    entry.require(0.0)
    assert effects.total("motivation").std() == pytest.approx(
        0.5, abs=0.25
    )  # harm is not amplified or undone


def test_doses_fade_by_half(book):
    officers, effects = book
    entry = effects.add("pace", Effect(1.0), fade_days=EffectBook.MONTH_DAYS * 2)
    effects.fade(2)
    assert entry.dose == pytest.approx(np.full(len(officers), 0.5))


def test_a_response_is_for_life_and_named(agency):
    officers = hire(agency, Streams(1, 0))
    spread = Effect(0.0, 0.0, 0.0, 1.0)
    first, second = EffectBook(officers, Streams(1, 0)), EffectBook(officers, Streams(1, 0))
    second.entry("pace", spread, source="another")
    one = first.entry("pace", spread, source="x").personal
    assert np.array_equal(one, second.entry("pace", spread, source="x").personal)
    assert np.array_equal(one, first.entry("pace", spread, source="x").personal)


def test_a_future_draws_the_mean_once(agency):
    officers = hire(agency, Streams(1, 0))

    def mean(replication: int, future: int) -> float:
        book = EffectBook(officers, Streams(1, replication, future), drawn=True)
        return book.entry("pace", Effect(0.3, 0.1, 0.2), source="x").mean

    assert mean(0, 4) == mean(9, 4) != mean(0, 5)
    draws = np.array([mean(0, f) for f in range(400)])
    assert draws.mean() == pytest.approx(0.3, abs=4 * 0.2236 / 20)
    assert draws.std() == pytest.approx(np.hypot(0.1, 0.2), abs=0.035)


def test_unknown_channels_are_refused_by_name(book):
    with pytest.raises(KinerjaError, match="no channel 'speed'"):
        book[1].add("speed", Effect(1.0))


def test_an_effect_on_performance_reaches_all_three_channels(agency, book):
    officers, effects = book
    people = People(agency, officers, effects)
    before = people.channels.copy()
    effects.add("performance", Effect(0.3))
    people.settle()
    assert people.channels - before == pytest.approx(np.full((len(officers), 3), 0.3 * OVERALL))


def test_motivation_saturates(agency, book):
    officers, effects = book
    people = People(agency, officers, effects)
    for source in "abcd":
        effects.entry("motivation", Effect(1.0), source=source).set(officers.all(), 1.0)
    people.settle()
    assert people.motivation == pytest.approx(np.full(len(officers), np.tanh(4.0)))


# clock


def test_phases_of_one_tick_follow_one_another():
    env = simpy.Environment()
    clock = Clock(env, Calendar.indonesia(date(2026, 1, 1), 3), 1)
    told = []

    def wait(phase):
        yield clock.next("quarter", phase=phase)
        told.append((clock.now, phase))

    for phase in reversed(PHASES):
        env.process(wait(phase))
    env.run(until=1)
    assert told == [(0, phase) for phase in PHASES]


def test_next_is_this_period_if_it_starts_now_and_the_phase_is_to_come():
    env = simpy.Environment()
    clock = Clock(env, Calendar.indonesia(date(2026, 1, 1), 4), 0)
    seen = []

    def monthly():
        while True:
            yield clock.next("month", phase="train")
            seen.append(clock.month)

    env.process(monthly())
    env.run(until=clock.calendar.end)
    assert seen == [1, 2, 3, 4]


# roster


def test_absence_is_the_units(many):
    agency, officers = many
    calendar = Calendar.indonesia(date(2026, 1, 1), 2)
    roster = Roster(agency, officers, calendar, Streams(3, 0))
    roster.draw_month(0, np.zeros(len(officers)))
    until = np.concatenate(roster.draw_month(1, np.zeros(len(officers))), axis=1)
    first, last = calendar.month_first_day[1:3]
    absent = (until <= calendar.day_start[first:last, None]).mean()
    wanted = np.average([u.absence for u in agency.units], weights=[u.officers for u in agency.units])
    assert absent == pytest.approx(wanted, abs=0.01)
    assert 0 < roster.unexcused_days.sum() < roster.absent_days.sum()


def test_days_away_and_minutes_shorten_the_day(agency):
    officers = hire(agency, Streams(1, 0))
    calendar = Calendar.indonesia(date(2026, 1, 1), 1)
    plain, other = (Roster(agency, officers, calendar, Streams(1, 0)) for _ in range(2))
    who = np.zeros(len(officers), bool)
    who[2] = True
    other.send_away(who, 3, 2)
    other.take_minutes(np.roll(who, 1), 60.0)
    zero = np.zeros(len(officers))
    one, two = (np.concatenate(r.draw_month(0, zero), axis=1) for r in (plain, other))
    assert (two[3:5, 2] == calendar.day_start[3:5]).all()
    there = one[:, 3] > calendar.day_start[:-1]
    minutes = (one - two)[there, 3].sum() / 60_000
    assert minutes == pytest.approx(60 * there.mean(), rel=0.01)
    assert (one[:, 4:] == two[:, 4:]).all()


# satisfaction


def test_an_average_citizen_gives_the_units_own_ikm():
    one = np.ones(5)
    for ikm in (60.0, 81.0, 95.0):
        nine = satisfaction.elements(
            ikm, 30 * one, 30 * one, 0.08 * one, 0.08 * one, 0 * one, 0 * one, 0.5, 0.5, -0.89
        )
        assert 25 * nine.mean() == pytest.approx(ikm, abs=0.05)


def test_each_element_moves_with_its_own_cause_only():
    one = np.ones(5)
    base = {"waited": 30 * one, "expected": 30 * one, "wrong": 0 * one, "usual": 0 * one}
    base |= {"care": 0 * one, "courtesy": 0 * one}

    def moved(**change):
        before = satisfaction.elements(80, **base, answered=0.5, usually=0.5, per_wait=-0.89)
        after = satisfaction.elements(80, **(base | change), answered=0.5, usually=0.5, per_wait=-0.89)
        return np.flatnonzero(np.abs(after - before) > 1e-9).tolist(), np.sign((after - before).sum())

    assert moved(waited=60 * one) == ([satisfaction.TIME], -1)
    assert moved(wrong=one) == ([satisfaction.PRODUCT], -1)
    assert moved(care=one) == ([satisfaction.COMPETENCE], 1)
    assert moved(courtesy=one) == ([satisfaction.BEHAVIOUR], 1)


# demand


def test_fewer_citizens_are_some_of_the_same(agency):
    calendar = Calendar.indonesia(date(2026, 1, 1), 1)
    service = agency.services[0]
    shape = days(agency, service, calendar, 1.0)
    mix = (np.array([1.0]), np.array([10.0]))

    def drawn(keep):
        return join(draw_month(Streams(1, 0), calendar, 0, service, 0, shape, *mix, keep))

    all_, some, more = drawn(1.0), drawn(0.6), drawn(1.3)
    assert len(some) / len(all_) == pytest.approx(0.6, abs=0.05)
    assert len(more) / len(all_) == pytest.approx(1.3, abs=0.05)
    assert set(some.id) < set(all_.id) < set(more.id)
    at = np.searchsorted(all_.id, some.id, sorter=np.argsort(all_.id))
    assert np.array_equal(all_.arrival[np.argsort(all_.id)][at], some.arrival)


def test_arrivals_follow_the_day_profile_and_luck_is_in_range(agency):
    calendar = Calendar.indonesia(date(2026, 1, 1), 1)
    service = agency.services[0]
    shape = days(agency, service, calendar, 20.0)
    mix = (np.array([0.5, 0.5]), np.array([10.0, 20.0]))
    batch = join(draw_month(Streams(1, 0), calendar, 0, service, 0, shape, *mix, 1.0))
    assert (np.diff(batch.arrival) >= 0).all()
    day = calendar.day_of(batch.arrival)
    eighth = (batch.arrival - calendar.day_start[day]) * 8 // np.diff(calendar.day_start)[day]
    share = np.bincount(eighth, minlength=8) / len(batch)
    assert share == pytest.approx(shape.hourly, abs=0.01)
    assert batch.work[:, 0].mean() == pytest.approx(service.work * 60_000, rel=0.03)


# newcomers


def test_new_people_have_no_history(agency):
    from sim.levers import Training, status_quo
    from sim.runs.run import make_world
    from sim.world import Scenario

    plan = status_quo().plus(Training(course="ict-classroom", seats=400, classes=12))
    world = make_world(agency, plan, months=3, scenario=Scenario(burn_in=6))
    world.run()
    who = world.officers.all()
    who[::2] = False
    before, skill = world.officers.skill.copy(), world.effects.total("skill.ict")
    world.replace(who)
    world.effects.recentre()
    entry = next(e for e in world.effects._entries.values() if e.source == "training")
    assert (entry.dose[who] == 0).all()
    assert (entry.dose[~who] > 0).any()
    assert (world.officers.skill[who] != before[who]).all()
    assert (world.officers.skill[~who] == before[~who]).all()
    assert (world.officers.column("training.jp")[who] == 0).all()
    assert skill[~who].max() > 0
