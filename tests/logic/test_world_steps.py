"""Claim: services of several steps, and what waits for attention, do in an agency what their tables say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from route_agency import permit_agency, step, with_steps

from sim import status_quo
from sim.agency import load_agency
from sim.calendar import TICKS_PER_MINUTE
from sim.evidence import Effect
from sim.levers import DigitalServices, Lever
from sim.runs.run import make_world, simulate, trace
from sim.streams import Streams
from sim.world import Scenario

SHORT = Scenario(burn_in=2)
DAY = 450 * TICKS_PER_MINUTE


class Noticing(Lever):
    """Raises the rate of attention from a month on."""

    def __init__(self, rate: float, start: int = 1) -> None:
        super().__init__(start=start)
        object.__setattr__(self, "rate", rate)

    def run(self, world) -> Iterator:
        world.effects.add("attention", Effect(float(np.log(self.rate))))
        yield world.clock.next("year")


@pytest.fixture(scope="module")
def agency():
    return permit_agency()


@pytest.fixture(scope="module")
def log(agency):
    return trace(agency, status_quo(), "dukcapil", months=2, scenario=SHORT, by="step")


@pytest.fixture(scope="module")
def cases(agency):
    return trace(agency, status_quo(), "dukcapil", months=2, scenario=SHORT)


def test_the_log_has_a_row_per_step_and_its_rows_are_one_story(log, cases):
    assert set(log["id"]) == set(cases[cases["first_start"] >= 0]["id"])
    mine = log[log["service"] == "ktp"]
    assert set(zip(mine["step"], mine["place"], strict=True)) == {
        ("intake", "counter"), ("check", "file"), ("sign", "file"), ("sign", "settled"), ("deliver", "counter"),
    }  # fmt: skip
    one = log.groupby("id")
    ended = cases.set_index("id")
    assert (one["came"].first() == ended.loc[one["id"].first().index, "arrival"]).all()
    done = ended[ended["status"] == "done"]
    assert (one["finish"].last()[done.index] == done["finish"]).all()
    assert (one["start"].first()[done.index] == done["first_start"]).all()
    for earlier, later in (("came", "joined"), ("joined", "start"), ("start", "finish")):
        assert (log[earlier] <= log[later]).all()
    counts = log[log["officer"] >= 0].groupby("id").size()
    delays = log[log["officer"] < 0].groupby("id").size()
    assert (counts.add(delays, fill_value=0)[done.index] == done["attempts"]).all()


def test_hand_offs_attention_and_counters_are_told_apart(log):
    mine = log[log["service"] == "ktp"].reset_index(drop=True)
    before, here = mine.iloc[:-1].reset_index(drop=True), mine.iloc[1:].reset_index(drop=True)
    on = (before["id"] == here["id"]) & (before["round"] == here["round"])
    hand_off = here["came"] - before["finish"]
    assert (hand_off[on & (before["step"] == "intake")] == 30 * TICKS_PER_MINUTE).all()
    assert (hand_off[on & (before["step"] != "intake")] == 0).all()
    held = (mine["joined"] - mine["came"]) / DAY
    assert (held[(mine["place"] == "counter") & (mine["round"] == 1)] == 0).all()
    first = mine[(mine["step"] == "check") & (mine["round"] == 1)]
    delay = held[first.index]
    assert np.median(delay) == pytest.approx(0.2, rel=0.06)
    assert np.log(delay).std() == pytest.approx(0.8, rel=0.06)
    np.testing.assert_allclose(held[mine["step"] == "sign"][mine["officer"] >= 0], 0.1, rtol=1e-6)


def test_shares_of_branches_and_errors_are_those_of_the_tables(log):
    mine = log[(log["service"] == "ktp") & (log["officer"] >= 0)]
    first = mine[mine["round"] == 1]
    n = first["step"].value_counts()
    wrong = first.groupby("step")["error"].sum()
    assert wrong["sign"] == 0
    assert wrong["check"] / n["check"] == pytest.approx(0.1, abs=0.05)  # two officers, who differ in care
    right = n["check"] - wrong["check"]
    # 1 % are never opened, some give up before the counter, some are still on the way
    assert n["sign"] / right == pytest.approx(0.7, abs=0.03)
    again = mine[mine["round"] > 1].groupby("id")["step"].first()
    back = mine[(mine["round"] == 1) & mine["error"]].set_index("id")["step"]
    assert set(again[back[back == "check"].index.intersection(again.index)]) == {"intake"}
    assert set(again[back[back == "deliver"].index.intersection(again.index)]) == {"deliver"}


def test_only_those_who_may_do_a_step(log):
    who = log[log["service"] == "ktp"].groupby("step")["officer"].unique()
    assert set(who["sign"]) == {0, -1}
    assert set(who["check"]) == {7, 8}
    assert set(who["intake"]) == set(who["deliver"]) == {1, 2, 3, 4, 5, 6}


def test_monthly_outcomes_are_those_of_the_log(agency, log, cases):
    run = simulate(agency, status_quo(), months=2, scenario=SHORT)
    row = run.outcomes[run.outcomes["unit"] == "dukcapil"].iloc[0]
    world = make_world(agency, status_quo(), months=2, scenario=SHORT)
    end = int(world.calendar.month_start[SHORT.burn_in + 1])
    done = cases[(cases["status"] == "done") & (cases["parent"] < 0) & (cases["finish"] < end)]
    steps = log[log["id"].isin(done["id"]) & (log["officer"] >= 0)]
    route = done["service"] == "ktp"
    waits = steps[(steps["place"] == "counter") & (steps["round"] == 1)]
    wait = ((waits["start"] - waits["joined"]) / TICKS_PER_MINUTE).groupby(waits["id"]).sum()
    counters = done["service"].isin(["ktp", "kk"])
    assert row["served"] == len(done)
    assert row["waiting_minutes"] == pytest.approx(wait[done["id"][counters]].mean())
    files = done[done["service"] != "kk"]  # which is one step at a counter
    assert row["response_days"] == pytest.approx(((files["finish"] - files["arrival"]) / DAY).mean())
    assert row["handling_minutes"] == pytest.approx(steps.groupby("id")["minutes"].sum().mean())
    assert row["unnoticed"] > 0
    assert route.any()
    assert row["handling_minutes"] > 15


def test_outcomes_of_routes_are_in_no_other_table(agency):
    run = simulate(load_agency("contoh"), status_quo(), months=1, scenario=SHORT)
    assert not {"handling_minutes", "unnoticed"} & {*run.outcomes.columns, *run.summary.columns}


# one step is one step


def test_a_route_of_one_step_has_the_law_of_a_service_of_one_step():
    agency = load_agency("contoh")
    free = tuple(replace(unit, utilisation=None) for unit in agency.units)
    plain = replace(agency, units=free)
    row = step("ktp", "all", "counter", "front", plain.services[0].work)
    logs = [
        trace(a, status_quo(), "dukcapil", months=3, scenario=SHORT) for a in (plain, with_steps(plain, row))
    ]
    one, other = (log[(log["service"] == "ktp") & (log["status"] == "done")] for log in logs)
    both = one.merge(other, on="id", suffixes=("", "_other"))
    assert len(both) > 0.95 * len(one)
    assert (both["arrival"] == both["arrival_other"]).all()  # the same citizens, with other work
    assert one["attempts"].mean() == pytest.approx(other["attempts"].mean(), abs=0.02)
    steps = [
        trace(a, status_quo(), "dukcapil", months=3, scenario=SHORT, by="step").query("service == 'ktp'")
        for a in (plain, with_steps(plain, row))
    ]
    assert set(steps[0]["place"]) == set(steps[1]["place"]) == {"counter"}
    assert steps[0]["minutes"].mean() == pytest.approx(steps[1]["minutes"].mean(), rel=0.03)
    assert steps[0]["minutes"].std() == pytest.approx(steps[1]["minutes"].std(), rel=0.1)


def test_other_services_meet_the_same_citizens_with_and_without_a_route(agency):
    plain = load_agency("contoh")
    free = tuple(replace(unit, utilisation=None) for unit in plain.units)
    logs = [
        trace(replace(a, units=free), status_quo(), "dukcapil", months=1, scenario=SHORT, by="step")
        for a in (plain, agency)
    ]
    one, other = (log[(log["service"] == "kk") & (log["round"] == 1)].set_index("id") for log in logs)
    both = one.index.intersection(other.index)
    assert len(both) > 0.9 * len(one)
    assert (one["came"][both] == other["came"][both]).all()
    same = one["officer"][both] == other["officer"][both]
    assert same.sum() > 100
    assert (one["minutes"][both] == other["minutes"][both])[same].all()


# draws


def test_every_policy_meets_the_same_citizens_at_every_step(agency):
    busy = status_quo().plus(Noticing(4.0))
    one, other = (
        trace(agency, policy, "dukcapil", months=1, scenario=SHORT, by="step")
        for policy in (status_quo(), busy)
    )
    keys = ["id", "step", "place", "round"]
    both = one[one["service"] == "ktp"].merge(other, on=keys, suffixes=("", "_other"))
    assert len(both) > 0.9 * (one["service"] == "ktp").sum()
    same = both["officer"] == both["officer_other"]
    assert same.sum() > 1000
    assert (both["minutes"] == both["minutes_other"])[same].all()
    assert (both["error"] == both["error_other"])[same].all()
    assert (both["start"] != both["start_other"]).any()


def test_a_policy_that_keeps_fewer_citizens_does_not_change_the_others_luck(agency):
    world = make_world(agency, status_quo(), months=1, scenario=SHORT)
    office = world.offices[0]
    whole = office.month(Streams(1, 0), SHORT.burn_in)
    office.rules.keep["ktp"] = 0.5
    some = office.month(Streams(1, 0), SHORT.burn_in)
    place = np.searchsorted(np.sort(whole.id), some.id)
    rows = np.argsort(whole.id)[place]
    assert len(some) < 0.9 * len(whole)
    for name in ("work", "u_error", "u_branch", "attention", "complaint_attention", "complaint_work"):
        assert np.array_equal(getattr(whole, name)[rows], getattr(some, name)), name


# attention


def medians(log: pd.DataFrame) -> tuple[float, float]:
    held = (log["joined"] - log["came"])[(log["step"] == "check") & (log["round"] == 1)] / DAY
    answered = log[(log["place"] == "complaint") & (log["round"] == 1)]
    return float(held.median()), float(((answered["joined"] - answered["came"]) / DAY).median())


def test_attention_shortens_delays_and_only_from_when_it_comes(agency):
    slow, quick = (
        trace(
            agency,
            status_quo().plus(Noticing(2.0, start=start)),
            "dukcapil",
            months=2,
            scenario=SHORT,
            by="step",
        )
        for start in (2, 1)
    )
    month = int(make_world(agency, status_quo(), months=2, scenario=SHORT).calendar.month_start[3])
    early = [log[log["joined"] < month] for log in (slow, quick)]
    late = [log[log["came"] >= month] for log in (slow, quick)]
    assert medians(early[0])[0] == pytest.approx(0.2, rel=0.1)
    assert medians(early[1])[0] == pytest.approx(0.1, rel=0.1)
    assert medians(late[0])[0] == pytest.approx(medians(late[1])[0], rel=0.05)
    assert medians(late[0])[0] == pytest.approx(0.1, rel=0.15)


def test_effects_on_attention_multiply_and_end_with_their_lever(agency):
    world = make_world(agency, status_quo().plus(Noticing(2.0)), months=1, scenario=SHORT)
    world.run()
    assert np.exp(world.by_unit(world.effects.total("attention"))) == pytest.approx(2.0)
    plain = make_world(agency, status_quo(), months=1, scenario=SHORT)
    plain.run()
    assert np.exp(plain.by_unit(plain.effects.total("attention"))) == pytest.approx(1.0)


def test_what_is_never_opened_stays_and_is_counted(agency):
    rows = tuple(replace(row, unnoticed=1.0) for row in agency.complaints)
    never = simulate(replace(agency, complaints=rows), status_quo(), months=2, scenario=SHORT).outcomes
    never = never[never["unit"] == "puskesmas"]
    assert (never["complaint_days"].isna()).all()
    assert (never["unnoticed"].diff().dropna() > 0).all()
    assert never["unnoticed"].iloc[-1] <= never["complaints"].sum()


# people and other levers


def test_who_only_signs_neither_answers_complaints_nor_serves_online(agency):
    world = make_world(agency, status_quo().plus(DigitalServices(staff=1.0)), months=1, scenario=SHORT)
    world.run()
    office = world.offices[0]
    office.rules.complaint_staff = 1.0
    can = office._eligible()
    assert not can[0, office.layout.complaints :].any()
    online = office.layout.service == office.online_service
    assert not can[0, online].any()
    assert can[1:, online].any()
    assert can[0].sum() == 1


@pytest.mark.parametrize("online_is_a_route", [False, True])
def test_requests_of_a_route_may_go_online(agency, online_is_a_route):
    if online_is_a_route:
        service = next(s for s in agency.services if s.channel == "online" and s.unit == "dukcapil")
        half = service.work / 2
        rows = [step(service.service, code, "online", "front", half) for code in ("form", "reply")]
        agency = with_steps(agency, *rows)
    plan = status_quo().plus(DigitalServices(share=0.6, months=1, staff=1.0))
    before, after = (
        trace(agency, policy, "dukcapil", months=2, scenario=SHORT, by="step")
        for policy in (status_quo(), plan)
    )
    moved = after[(after["id"].to_numpy() >> 52 == 0) & (after["service"] == "daring")]
    came = before[before["service"] == "ktp"]["id"].nunique()
    assert 0.05 < moved["id"].nunique() / came < 0.2  # .6 * 1 / 2 of the second month
    assert set(moved["step"]) == ({"form", "reply"} if online_is_a_route else {""})
    per_request = moved[moved["round"] == 1].groupby("id")["minutes"].sum().mean()
    assert per_request < 0.8 * 18.1  # the easy ones, and less work online
    if online_is_a_route:
        by_step = moved[moved["round"] == 1].groupby("step")["minutes"].mean()
        assert by_step["form"] == pytest.approx(by_step["reply"], rel=0.15)
