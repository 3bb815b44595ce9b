"""The world does what model.md says: zero levers change nothing, draws are shared, order does not matter."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
from steady import steady

from sim.agency import load_agency
from sim.evidence import NO_EFFECT, Effect
from sim.levers import ComplaintHandling, Discipline, Feedback, Lever, Policy, Training, status_quo
from sim.runs.run import make_world, simulate, trace
from sim.streams import Streams
from sim.world import Scenario, World

MONTHS = 3
SHORT = Scenario(burn_in=12)


@pytest.fixture(scope="module")
def agency():
    return load_agency("contoh")


@pytest.fixture(scope="module")
def today(agency):
    return simulate(agency, status_quo(), months=MONTHS, scenario=SHORT)


class Nothing(Lever):
    """Acts every week, with zero effect, no minutes and no rupiah."""

    def run(self, world):
        while True:
            yield world.clock.next("week")
            world.effects.add("motivation", Effect(0.0, 0.0, 0.0, 0.0), fade_days=20)
            world.effects.add("pace", Effect(0.0))
            world.spend(world.officers.all(), 0.0)
            world.pay(0.0)


def assert_same_bytes(one: pd.DataFrame, other: pd.DataFrame) -> None:
    assert list(one.columns) == list(other.columns)
    for name in one:
        left, right = one[name].to_numpy(), other[name].to_numpy()
        if left.dtype == float:
            assert left.tobytes() == right.tobytes(), name
        else:
            assert (left == right).all(), name


def test_a_lever_that_does_nothing_changes_no_byte(agency, today):
    with_nothing = simulate(agency, status_quo().plus(Nothing()), months=MONTHS, scenario=SHORT)
    assert_same_bytes(today.outcomes, with_nothing.outcomes)
    assert_same_bytes(today.summary, with_nothing.summary)


def test_shipped_levers_without_effect_time_or_money_change_no_byte(agency):
    none = Scenario(burn_in=12, effects={"feedback": NO_EFFECT})
    base = steady().minus("feedback")
    base = replace(base, before=base)
    free = base.plus(Feedback(citizens=12, minutes=0, cost=0))
    with_it = replace(free, before=base)
    one = simulate(agency, base, months=MONTHS, scenario=none)
    other = simulate(agency, with_it, months=MONTHS, scenario=none)
    assert_same_bytes(one.outcomes, other.outcomes)


def test_the_order_in_which_levers_are_added_does_not_matter(agency):
    a, b = Feedback(citizens=12), Training(course="ict-classroom", seats=20)
    one = simulate(agency, status_quo().plus(a).plus(b), months=MONTHS, scenario=SHORT)
    other = simulate(agency, status_quo().plus(b).plus(a), months=MONTHS, scenario=SHORT)
    assert_same_bytes(one.outcomes, other.outcomes)
    assert_same_bytes(one.costs, other.costs)


def test_a_run_can_be_repeated_and_another_replication_differs(agency, today):
    again = simulate(agency, status_quo(), months=MONTHS, scenario=SHORT)
    assert_same_bytes(today.outcomes, again.outcomes)
    other = simulate(agency, status_quo(), months=MONTHS, scenario=SHORT, replication=1)
    assert (other.outcomes["arrivals"] != today.outcomes["arrivals"]).any()


def test_policies_meet_the_same_citizens(agency):
    busy = status_quo().plus(Feedback(citizens=12, minutes=120))
    one = trace(agency, status_quo(), "dukcapil", months=2, scenario=SHORT)
    other = trace(agency, busy, "dukcapil", months=2, scenario=SHORT)
    both = one[one["parent"] < 0].merge(other[other["parent"] < 0], on="id", suffixes=("", "_other"))
    assert len(both) > 0.95 * len(one[one["parent"] < 0])
    assert (both["arrival"] == both["arrival_other"]).all()
    assert (both["service"] == both["service_other"]).all()
    assert (both["first_start"] != both["first_start_other"]).any()


def test_burn_in_is_the_same_for_every_policy(agency):
    plans = [status_quo(), status_quo().plus(Training(course="ict-classroom", seats=40, classes=12))]
    states = []
    for plan in plans:
        world = make_world(agency, plan, months=1, scenario=SHORT)
        world.env.run(until=int(world.calendar.month_start[SHORT.burn_in]) - 1)
        states.append((world.people.truth.copy(), world.officers.column("appraisal.score").copy()))
    assert np.array_equal(states[0][0], states[1][0])
    assert np.array_equal(states[0][1], states[1][1])
    assert states[0][1].std() > 0


def test_states_are_recentred_when_the_study_starts(agency):
    world = make_world(agency, status_quo(), months=1, scenario=SHORT)
    world.run()
    assert abs(world.effects.total("motivation").mean()) < 0.05
    assert "average at the start" in set(world.effects.explain(3)["source"])


def test_every_effect_on_an_officer_is_explained(agency):
    world = make_world(
        agency,
        status_quo().plus(Training(course="ict-classroom", seats=40, classes=12)),
        months=3,
        scenario=SHORT,
    )
    world.run()
    for officer in (1, 7):
        told = world.effects.explain(officer).groupby("channel")["contribution"].sum()
        for channel in told.index:
            assert told[channel] == pytest.approx(world.effects.total(channel)[officer], abs=1e-12)


def test_a_lever_starts_when_it_says_and_replaces_its_like(agency):
    late = status_quo().plus(Feedback(citizens=12, start=3))
    one = simulate(agency, status_quo(), months=MONTHS, scenario=SHORT).outcomes
    other = simulate(agency, late, months=MONTHS, scenario=SHORT).outcomes
    early = one["month"] < 3
    assert_same_bytes(one[early], other[early])
    assert (other.loc[~early, "feedback_hours"] > one.loc[~early, "feedback_hours"]).all()


def test_what_stops_and_does_not_fade_is_gone(agency):
    class Poster(Lever):
        def run(self, world):
            world.effects.add("courtesy", Effect(0.3))
            yield world.clock.next("year")

    before = steady().plus(Poster())
    world = make_world(agency, replace(steady(), before=before), months=2, scenario=SHORT)
    world.run()
    assert world.effects.total("courtesy").mean() == pytest.approx(-0.3)


def test_no_policy_at_all_is_a_policy(agency):
    empty = Policy("empty")
    result = simulate(agency, empty, months=1, scenario=SHORT).summary
    assert result["served"].iloc[-1] > 0
    assert result["rating_validity"].notna().any() or result["sangat_baik"].isna().all()


def test_cases_are_conserved(agency):
    months = 4
    log = trace(agency, status_quo(), "dukcapil", months=months, scenario=SHORT)
    out = simulate(agency, status_quo(), months=months, scenario=SHORT).outcomes
    unit = out[out["unit"] == "dukcapil"]
    requests = log[log["parent"] < 0]
    assert unit["served"].sum() + unit["left"].sum() == len(requests)
    born = unit["arrivals"].sum() + unit["complaints"].sum()
    assert born == len(log) + unit["backlog"].iloc[-1]


def test_demand_follows_the_scenario(agency, today):
    half = simulate(agency, status_quo(), months=MONTHS, scenario=replace(SHORT, demand=0.5))
    ratio = half.outcomes["arrivals"].sum() / today.outcomes["arrivals"].sum()
    assert ratio == pytest.approx(0.5, abs=0.02)
    assert half.summary["waiting_minutes"].iloc[-1] < today.summary["waiting_minutes"].iloc[-1]


def test_utilisation_is_what_the_scenario_says(agency):
    # outside the Lebaran peak and with every post filled; citizens who give up take their work with them, so the
    # desk is a little less busy
    quiet = Scenario(burn_in=12, utilisation=0.6)
    out = simulate(agency, steady(), months=2, scenario=quiet).outcomes
    assert out.loc[out["unit"] == "dukcapil", "utilisation"].mean() == pytest.approx(0.6, abs=0.04)


def test_complaints_in_order_of_their_due_date_are_answered_in_time_more_often(agency):
    def in_time(**how):
        policy = status_quo().plus(ComplaintHandling(staff=0.1, discard=0, **how))
        policy = replace(policy, before=policy)
        full = replace(SHORT, utilisation=0.98)
        return simulate(agency, policy, months=6, scenario=full).summary["complaints_in_time"].iloc[-1]

    last, first = in_time(order="arrival", priority=9), in_time(order="arrival", priority=0)
    assert first > last
    # in the class of a service, in either order: by due date complaints go just before it, so no order is mixed
    assert in_time(order="due", priority=1) > in_time(order="arrival", priority=1)


def test_rules_for_complaints_that_start_later_take_hold(agency):
    late = status_quo().plus(ComplaintHandling(staff=0.1, discard=0, priority=0, start=4))
    full = replace(SHORT, utilisation=0.98)
    before = status_quo().plus(ComplaintHandling(staff=0.1, discard=0, priority=9))
    late = replace(late, before=before)
    always = replace(before, before=before)
    one, other = (simulate(agency, p, months=6, scenario=full).outcomes for p in (always, late))
    assert_same_bytes(one[one["month"] < 4], other[other["month"] < 4])
    days = [
        o.loc[(o["month"] >= 5) & (o["unit"] == "dukcapil"), "complaint_days"].mean() for o in (one, other)
    ]
    assert days[1] < days[0]


def test_sanctions_need_records_and_enforcement(agency):
    def imposed(**how):
        policy = status_quo().plus(Discipline(**how))
        return simulate(agency, policy, months=12, scenario=SHORT).summary["sanctions"].iloc[-1]

    assert imposed(recorded=1.0, enforcement=0.0) == 0
    assert imposed(recorded=1.0, enforcement=1.0) > imposed(recorded=0.1, enforcement=1.0)


def test_citizens_come_in_crowds_after_lebaran(agency):
    log = trace(agency, status_quo(), "dukcapil", months=4, scenario=SHORT)
    world = make_world(agency, status_quo(), months=4, scenario=SHORT)
    ktp = log[(log["service"] == "ktp") & (log["parent"] < 0)]
    day = world.calendar.day_of(ktp["arrival"].to_numpy())
    week = world.calendar.week_after_lebaran
    per_day = np.bincount(day, minlength=world.calendar.days)[world.calendar.month_first_day[12] :]
    weeks = week[world.calendar.month_first_day[12] :]
    assert per_day[weeks == 1].mean() > 2.5 * per_day[weeks == 0].mean()


# what a world knows of levers


def test_anything_with_the_attributes_of_a_mechanism_acts_in_a_world(agency):
    @dataclass(frozen=True)
    class Fee:
        key: str = "fee"
        start: int = 1
        phase: str = "practice"
        practice: bool = False
        outcomes: tuple = ()
        sort_key: str = "fee"

        def check(self, agency):
            assert agency.units

        def run(self, world):
            while True:
                yield world.clock.next("month")
                world.pay(10.0)

    @dataclass(frozen=True)
    class Fees:
        levers: tuple = (Fee(),)
        before_levers: tuple = ()

    world = World(agency, Fees(), Streams(1, 0), Scenario(burn_in=2), months=3)
    world.run()
    costs = world.ledger.table()
    assert (costs["lever"].tolist(), costs["rupiah"].tolist()) == (["fee"], [30.0])
