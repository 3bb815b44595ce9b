"""Claim: a capacity plan asks for doses of a lever, keeps to the budget, and says what it found or why it did not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from study_promises import assert_kept, assert_told

from sim.agency import load_agency
from sim.errors import KinerjaError, Problems
from sim.levers import Training, load_policy, status_quo
from sim.levers.training import held_in
from sim.runs.run import RunTables
from sim.study import load_study
from sim.study.capacity.design import CapacityStudy
from sim.study.capacity.doses import dosed, timetable
from sim.study.capacity.run import steps
from sim.study.registry import report_of
from sim.study.run import StudyRun

SEAT = 1e6


def run(agency, policy, *, seed, replication, months, scenario) -> RunTables:
    """Waiting is least at 83 seats; a seat costs Rp 1 million and two days; a future makes training weak or strong."""
    seats = sum(lever.seats for lever in policy.levers if lever.name == "training")
    luck = np.random.default_rng([seed, replication])
    own = np.random.default_rng([seed, replication, seats])
    strength = 1.0 if scenario.future is None else np.random.default_rng(scenario.future).uniform(0.6, 1.4)
    wait = 20 - strength * (0.2 * seats - 0.0012 * seats**2)
    wait += 1.0 * luck.standard_normal() + 0.4 * own.standard_normal()
    summary = pd.DataFrame(
        {"window": ["1-12"], "unit": ["*"], "waiting_minutes": [wait], "cost": [seats * SEAT]}
    )
    summary["desk_days_lost"] = 2.0 * seats
    rows = [("training", 1, seats * SEAT, 2.0 * seats)] * bool(seats) + [("kpi", 1, 5e6, 1.0)]
    costs = pd.DataFrame(rows, columns=["lever", "year", "rupiah", "officer_days"])
    return RunTables(summary.assign(month=1), summary, costs)


@pytest.fixture(scope="module")
def agency():
    return load_agency("contoh")


def asked(agency, **design) -> CapacityStudy:
    given = {"outcome": "waiting_minutes", "target": 16.0, "high": 120, "futures": False} | design
    return CapacityStudy(agency=agency, policy=load_policy("ict_training"), lever=("training",), **given)


@pytest.fixture(scope="module")
def found(agency):
    return asked(agency, along={"classes": 20}).run(workers=1, progress=False, simulate=run)


def test_the_smallest_number_that_is_enough_is_found(found) -> None:
    """Mean 16 - 1.28 * 1.08 = 14.6 is reached first at 35 seats."""
    assert found.reached
    assert 30 <= found.seats <= 40
    assert found.between[0] <= 35 <= found.between[1]
    assert found.manifest["replications"] <= found.manifest["grid"] / 4


def test_the_frontier_counts_what_was_run(found) -> None:
    frontier = found.frontier()
    assert frontier["n"].sum() == len(found.points) == found.manifest["replications"]
    for row in frontier.itertuples():
        part = found.points[found.points["dose"] == row.dose]
        assert row.reached == pytest.approx((part["value"] <= 16).mean())
        assert row.rupiah == pytest.approx(row.dose * SEAT)  # of the lever in question, not of the others
        assert row.desk_days == pytest.approx(2 * row.dose)
        assert row.p10 <= row.mean <= row.p90


def test_a_smaller_budget_buys_less(found) -> None:
    left = found.cut(0.3)
    assert left["rupiah"] <= 0.7 * found.dose * SEAT
    assert left["dose"] < found.dose
    assert left["reached"] < found.curve().set_index("dose").loc[found.dose, "reached"]
    with pytest.raises(KinerjaError, match="does not pay"):
        found.at_budget(-1.0)


@pytest.mark.parametrize(
    ("design", "why"),
    [
        ({"target": 9.5}, "peak"),
        ({"target": 14.0, "budget": 25e6}, "budget"),
        ({"target": 12.5, "high": 50}, "range"),
    ],
)
def test_why_it_cannot_be_reached(agency, design, why: str) -> None:
    found = asked(agency, **design).run(workers=1, progress=False, simulate=run)
    assert not found.reached
    assert np.isnan(found.seats)
    assert found.why == why
    if why == "peak":
        assert abs(found.dose - 83) <= 15
    if why == "budget":
        assert found.points["rupiah"].max() <= 25e6 or found.points["dose"].max() == 25


def test_where_the_number_changes_nothing_it_says_so(agency) -> None:
    def flat(agency, policy, **given) -> RunTables:
        return run(agency, status_quo(), **given)

    found = asked(agency, target=17.0).run(workers=1, progress=False, simulate=flat)
    assert (found.state, found.why) == ("never", "flat")


def test_a_budget_that_is_wide_enough_changes_nothing(agency, found) -> None:
    wide = asked(agency, along={"classes": 20}, budget=1e12).run(workers=1, progress=False, simulate=run)
    assert wide.dose == found.dose
    assert not wide.manifest["limited"]


def test_the_least_that_is_already_enough(agency) -> None:
    found = asked(agency, target=30.0).run(workers=1, progress=False, simulate=run)
    assert found.state == "least"
    assert found.seats == 0


def test_futures_are_part_of_the_probability(agency) -> None:
    drawn = asked(agency, futures=True).run(workers=1, progress=False, simulate=run)
    assert drawn.seats > asked(agency).run(workers=1, progress=False, simulate=run).seats


def test_it_tells_how_far_it_is_and_stops_when_nobody_listens(agency) -> None:
    calls = 0

    def counting(*given, **more):
        nonlocal calls
        calls += 1
        return run(*given, **more)

    known = steps(StudyRun(asked(agency), workers=1, progress=False, simulate=counting))
    first = next(known)
    assert first.partial
    assert calls == first.manifest["replications"] == 30
    assert report_of("capacity").sentence(first, lang="en").startswith("Partial result")
    known.close()
    assert calls == 30
    taken = [
        found.manifest["replications"]
        for found in steps(StudyRun(asked(agency), workers=1, progress=False, simulate=run))
    ]
    assert taken == sorted(taken)


def test_an_interruption_keeps_what_is_known(agency) -> None:
    calls = 0

    def stopping(*given, **more):
        nonlocal calls
        calls += 1
        if calls > 45:
            raise KeyboardInterrupt
        return run(*given, **more)

    found = asked(agency).run(workers=1, progress=False, simulate=stopping)
    assert found.partial
    assert len(found.points) == 40


def test_doses_are_divided_as_the_policy_divides_them() -> None:
    plan = status_quo().plus(
        Training(tag="ict", seats=40), Training(tag="time", course="time-classroom", seats=20), name="plan"
    )
    keys = ["training:ict", "training:time"]

    def seats(dose: int) -> dict[str, int]:
        levers = dosed(plan, keys, "seats", dose, {"classes": 25}).levers
        return {lever.tag: lever.seats for lever in levers if isinstance(lever, Training)}

    assert seats(90) == {"ict": 60, "time": 30}
    assert seats(10) == {"ict": 7, "time": 3}
    assert seats(1) == {"ict": 1}
    assert seats(0) == {}
    many = dosed(plan, keys, "seats", 90, {"classes": 25})
    assert [lever.classes for lever in many.levers if isinstance(lever, Training)] == [3, 2]


def test_the_timetable_holds_every_seat(agency) -> None:
    plan = status_quo().plus(Training(seats=90, classes=5), name="plan")
    table = timetable(agency, plan, ["training"])
    course = next(c for c in agency.courses if c.course == "ict-classroom")
    assert table["seats"].sum() == 90
    assert table["classes"].sum() == 5
    assert table["rupiah"].sum() == 90 * course.cost
    assert table["officer_days"].sum() == 90 * course.days
    assert (table["rooms"] * course.seats >= table["seats"]).all()
    with pytest.raises(KinerjaError, match="no training plan"):
        timetable(agency, plan, ["feedback"])


def test_classes_are_held_when_the_lever_holds_them(agency) -> None:
    """The timetable and the lever spread classes alike: seats used by month in a run."""
    from sim.runs.run import simulate
    from sim.world import Scenario

    lever = Training(course="communication-classroom", seats=18, classes=5)
    plan = replace(status_quo().plus(lever, name="plan"), before=status_quo())
    tables = simulate(agency, plan, months=7, scenario=Scenario(burn_in=1))
    used = tables.outcomes.groupby("month")["seats_used"].sum()
    assert [sum(held_in(lever, month)) for month in range(1, 8)] == used.astype(int).tolist()


@pytest.mark.parametrize("lang", ["id", "en"])
def test_it_is_told_in_both_languages(found, tmp_path: Path, lang: str) -> None:
    assert "30" in assert_told(found, tmp_path, lang)[-1]


def test_it_is_saved_whole_and_its_file_asks_the_same(found, tmp_path: Path) -> None:
    assert assert_kept(found, tmp_path)["state"] == "enough"


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    file.write_text(
        "kind: capacity\nagency: contoh\npolicy: ict_training\nlever: [trainin]\noutcome: waiting\ntarget: soon\n"
        "probability: 2\nbatch: 1\n",
        encoding="utf-8",
    )
    with pytest.raises(Problems) as caught:
        load_study(file)
    assert (6, "target") in {(p.row, p.column) for p in caught.value.problems}
    file.write_text(file.read_text(encoding="utf-8").replace("target: soon", "target: 15"), encoding="utf-8")
    with pytest.raises(Problems) as caught:
        load_study(file)
    told = {(p.row, p.column): str(p.what) for p in caught.value.problems}
    assert set(told) == {(4, "lever"), (5, "outcome"), (7, "probability"), (8, "batch")}
    assert "did you mean 'training'" in told[4, "lever"]
