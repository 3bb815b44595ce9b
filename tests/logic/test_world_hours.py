"""Claim: a world keeps the hours, shifts, work and demand of its agency; usual hours written down move no byte."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from agency_files import folder, full
from scipy import stats

from sim.agency import Agency, ClosedDay, Fact, Hours, Shift, load_agency, write_agency
from sim.calendar import REGIMES, standard_hours
from sim.levers import Leadership, Policy, Training, status_quo
from sim.runs.run import make_world, simulate, trace
from sim.streams import Streams
from sim.study.compare.design import CompareStudy
from sim.study.load import _answers
from sim.twin.trial import enlarged
from sim.world import Scenario

CONTOH = load_agency("contoh")
SOURCE = {"source": "assumed", "status": "A"}
SHORT = Scenario(burn_in=3)
AT_ONCE = Scenario(burn_in=0)
NOTHING = Policy("nothing")


@pytest.fixture(scope="module")
def varied(tmp_path_factory) -> Agency:
    """Contoh with Saturdays, a closed day, shifts with breaks, gamma work, a sample and uneven demand."""
    return load_agency(folder(full(), tmp_path_factory.mktemp("varied") / "a"))


def clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def usual() -> Agency:
    """Contoh with the usual hours of dukcapil written down, and one shift for everybody, day and night."""
    rows = []
    for k, regime in enumerate(REGIMES):
        for weekday in range(5):
            opening, work, before, pause = standard_hours()[k, weekday].tolist()
            rows.append(
                Hours(unit="dukcapil", regime=regime, weekday=weekday + 1, open=clock(opening),
                      close=clock(opening + work + pause), break_start=clock(opening + before),
                      break_end=clock(opening + before + pause), **SOURCE)
            )  # fmt: skip
    everybody = Shift(unit="dukcapil", shift="all", start="00:00", end="24:00", **SOURCE)
    return replace(CONTOH, hours=tuple(rows), shifts=(everybody,))


def test_usual_hours_written_down_change_no_byte() -> None:
    """The roads for own calendars and for shifts are those of units without them, but for the length of a day."""
    busy = status_quo().plus(Training(course="ict-classroom", seats=20, classes=12))
    one, other = (simulate(a, busy, months=3, scenario=SHORT).outcomes for a in (CONTOH, usual()))
    assert list(one) == list(other)
    for name in one:
        left, right = one[name].to_numpy(), other[name].to_numpy()
        if name in (
            "response_days",
            "complaint_days",
            "complaint_p90_days",
        ):  # in days of the unit: Ramadan counts
            assert np.allclose(left, right, rtol=0.05, equal_nan=True)
        elif left.dtype == float:
            assert left.tobytes() == right.tobytes(), name
        else:
            assert (left == right).all()


def started(cases: pd.DataFrame) -> pd.Series:
    return cases["first_start_at"].dropna()


def test_who_is_on_duty_serves_and_nobody_else(varied: Agency) -> None:
    cases = trace(varied, NOTHING, "dukcapil", months=2, scenario=AT_ONCE)
    at = started(cases)
    assert set(at.dt.dayofweek) == {0, 1, 2, 3, 4, 5}
    minutes = at.dt.hour * 60 + at.dt.minute
    saturday = at.dt.dayofweek == 5
    assert minutes[saturday].between(8 * 60, 12 * 60).all()
    assert minutes[~saturday].between(450, 930).all()
    assert not minutes[~saturday].between(12 * 60, 13 * 60 - 1).any()
    assert "2026-02-03" not in set(cases["arrival_at"].dt.strftime("%Y-%m-%d"))
    served = cases.loc[at.index]
    day = at.dt.strftime("%Y-%m-%d")
    early = served[(minutes < 510).to_numpy()].groupby(day)["officer"].nunique()
    assert early.max() <= 7  # the morning shift is half of 14
    both = served.assign(day=day, early=minutes < 510, late=minutes > 840)
    for _, part in both[~saturday].groupby("day"):
        # before 08:30 only the morning shift is there, after 14:00 only the late one
        assert not set(part.loc[part["early"], "officer"]) & set(part.loc[part["late"], "officer"])


def test_a_day_and_night_unit_sends_nobody_home() -> None:
    rows = tuple(
        Hours(unit="dukcapil", weekday=d, open="00:00", close="24:00", **SOURCE) for d in range(1, 8)
    )
    unit = replace(CONTOH.units[0], holidays="own")
    shifts = tuple(
        Shift(unit="dukcapil", shift=f"s{k}", start=start, end=end, share=1 / 3, **SOURCE)
        for k, (start, end) in enumerate((("06:00", "14:00"), ("14:00", "22:00"), ("22:00", "06:00")))
    )
    agency = replace(CONTOH, units=(unit, *CONTOH.units[1:]), hours=rows, shifts=shifts)
    world = make_world(agency, NOTHING, months=2, scenario=AT_ONCE)
    world.run()
    found = world.recorder.outcomes().query("unit == 'dukcapil'")
    assert (found["sent_home"] == 0).all()
    assert (found["served"] > 1000).all()
    assert (found["overtime_hours"] == 0)[:1].all()
    # a third of the desk at any time: 480 of 1,440 minutes; the supervisor is there all the time
    desk = world.offices[0].on_desk
    present = world.roster.present[world.officers.slices[0]] / 60_000 / 28
    assert present[desk].sum() / desk.sum() == pytest.approx(480 * (1 - unit.absence), rel=0.06)
    cases = trace(agency, NOTHING, "dukcapil", months=1, scenario=AT_ONCE)
    assert set(started(cases).dt.hour) == set(range(24))


def test_a_unit_may_be_closed_for_a_month() -> None:
    closed = tuple(
        ClosedDay(unit="dukcapil", date=str(d), why="moving", **SOURCE)
        for d in np.arange("2026-02-01", "2026-03-01", dtype="M8[D]")
    )
    agency = replace(CONTOH, closed_days=closed)
    found = simulate(agency, status_quo(), months=3, scenario=SHORT).outcomes.query("unit == 'dukcapil'")
    assert found["arrivals"].tolist()[1] == 0
    assert (found["arrivals"].to_numpy()[[0, 2]] > 1000).all()
    assert np.isnan(found["absence"].tolist()[1])  # nobody was to be there


def test_part_time_pppk_are_there_less_and_absence_counts_days_of_duty() -> None:
    shifts = (
        Shift(unit="dukcapil", shift="pns", who="pns", start="00:00", end="24:00", **SOURCE),
        Shift(unit="dukcapil", shift="pppk", who="pppk", weekday=1, start="08:00", end="12:00", **SOURCE),
    )
    world = make_world(replace(CONTOH, shifts=shifts), NOTHING, months=1, scenario=AT_ONCE)
    world.run()
    rows = world.officers.slices[0]
    pns, there = world.officers.pns[rows], world.roster.present[rows] / 60_000
    days = world.roster.duty_days[rows]
    assert set(days[pns]) == {20.0}  # working days of January 2026
    assert set(days[~pns]) == {4.0}  # Mondays among them
    assert there[~pns].max() <= 4 * 240
    assert (world.roster.absent_days[rows] <= days).all()


def test_courses_and_minutes_are_taken_from_time_on_duty(varied: Agency) -> None:
    world = make_world(varied, NOTHING, months=1, scenario=AT_ONCE)
    other = make_world(varied, NOTHING, months=1, scenario=AT_ONCE)
    who = np.zeros(len(world.officers), bool)
    who[3] = True
    other.roster.send_away(who, 2, 3)
    other.roster.take_minutes(np.roll(who, 1), 300.0)
    zero = np.zeros(len(who))
    one, two = (w.roster.draw_month(0, zero)[0] for w in (world, other))
    own = {str(d): k for k, d in enumerate(world.calendars[0].dates[: len(one)])}
    for k in (2, 3, 4):
        day = own[str(world.calendar.dates[k])]
        assert (two[day, 3, 1:] == world.calendars[0].day_start[day + 1]).all()
    lost = (one[:, 4, 2::2] - one[:, 4, 1::2]).sum() - (two[:, 4, 2::2] - two[:, 4, 1::2]).sum()
    there = world.roster.present[4] > 0
    assert there
    share = 1 - world.roster.absent_days[4] / world.roster.duty_days[4]
    assert lost / 60_000 == pytest.approx(300 * share, abs=1)
    assert (np.diff(two, axis=2) >= 0).all()


def test_a_leader_at_the_counter_keeps_the_hours_of_the_unit(varied: Agency) -> None:
    policy = NOTHING.plus(Leadership(desk=120.0))
    world = make_world(varied, policy, months=2, scenario=AT_ONCE)
    world.run()
    days = np.diff(world.calendars[0].month_first_day)[1]
    present = world.roster.present[0] / 60_000
    assert 0.5 * 120 * days < present <= 120 * days + 1


@pytest.mark.parametrize("sd", [0.0, 0.3])
def test_demand_is_as_uneven_as_stated(sd: float) -> None:
    ktp = replace(CONTOH.services[0], demand_sd=sd)
    agency = replace(CONTOH, services=(ktp, *CONTOH.services[1:]), demand=())
    counts: list[int] = []
    for r in range(4):
        world = make_world(agency, NOTHING, replication=r, months=6, scenario=AT_ONCE)
        office = world.offices[0]
        for month in range(6):
            batch = office.month(world.streams, month)
            first, last = office.calendar.month_first_day[month : month + 2]
            day = office.calendar.day_of(batch.arrival[batch.queue == 0])
            counts += np.bincount(day - first, minlength=last - first).tolist()
    mean = np.mean(counts)
    wanted = 1 + mean * sd**2
    ratio = np.var(counts, ddof=1) / mean
    low, high = stats.chi2.ppf([0.0001, 0.9999], len(counts) - 1) / (len(counts) - 1)
    slack = 1.3 if sd else 1.0  # a gamma mixture has heavier tails than the chi-square band knows
    assert low / slack < ratio / wanted < high * slack


def test_uneven_demand_of_one_service_moves_no_other() -> None:
    ktp = replace(CONTOH.services[0], demand_sd=0.5)
    uneven = replace(CONTOH, services=(ktp, *CONTOH.services[1:]))
    one, other = (
        make_world(a, NOTHING, months=1, scenario=AT_ONCE).offices[0].month for a in (CONTOH, uneven)
    )
    left, right = one(Streams(1, 0), 0), other(Streams(1, 0), 0)
    assert (left.arrival[left.queue == 2] == right.arrival[right.queue == 2]).all()
    assert len(left) != len(right)


def alike(agency: Agency = CONTOH) -> Agency:
    fact = Fact(key="officers_alike", value="1", unit="0 or 1", **SOURCE)
    return replace(agency, facts=(*agency.facts, fact))


def test_officers_who_are_alike_work_alike() -> None:
    world = make_world(alike(), NOTHING, months=1, scenario=AT_ONCE)
    office = world.offices[0]
    world.run()
    rows = world.officers.slices[0]
    state = world.people.perform(office.mix[None], rows)
    rate, p_error = office.rates(state[:, :, 0], state[:, :, 1])
    assert np.allclose(rate, 1.0)
    assert np.allclose(p_error, office.base_error)
    usual = np.array([u.absence for u in world.agency.units])[world.officers.unit]
    assert np.allclose(world.roster.absence(np.zeros(len(world.officers))), usual)
    assert world.officers.age.std() > 1  # people all the same


def test_the_status_quo_runs_with_officers_who_are_alike() -> None:
    found = simulate(alike(), status_quo(), months=3, scenario=SHORT)
    service = found.outcomes.query("unit == 'dukcapil'")
    assert (service["served"] > 1000).all()
    assert np.isfinite(service["waiting_minutes"]).all()


def test_saved_results_answer_agencies_without_the_new_tables() -> None:
    spec = CompareStudy.of(CONTOH, ["status_quo"])
    old = asdict(CONTOH)
    for name in ("hours", "closed_days", "shifts", "work_samples"):
        del old[name]
    for row in old["services"]:
        del row["work_kind"], row["demand_sd"]
    for row in old["units"]:
        del row["holidays"]
    study = {"study": spec.to_dict()}
    assert _answers({"agency": old}, study, spec)
    assert not _answers({"agency": old}, study, CompareStudy.of(usual(), ["status_quo"]))


def test_units_repeated_for_a_trial_keep_their_hours_and_shifts(varied: Agency, tmp_path) -> None:
    many = enlarged(varied, 5)
    assert load_agency(write_agency(many, tmp_path / "many")) == many
    for table in ("hours", "shifts"):
        rows = {code: [r for r in many.rows(table) if r.unit == code] for code in ("dukcapil", "dukcapil-2")}
        assert len(rows["dukcapil"]) == len(rows["dukcapil-2"]) > 0
    assert {row.who for row in many.shifts} == {"all", "ktp", "ktp-2"}
    assert {row.service for row in many.work_samples} == {"umum", "umum-2"}


def test_the_date_of_a_month_is_the_same_for_all_units(varied: Agency) -> None:
    world = make_world(varied, NOTHING, months=2, scenario=Scenario(burn_in=0, start=date(2026, 5, 1)))
    for calendar in world.calendars:
        assert calendar.months == world.calendar.months
        first = calendar.dates[calendar.month_first_day[1]]
        assert str(first)[:7] == "2026-06"
