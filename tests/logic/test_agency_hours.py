"""Claim: opening hours, closed days, shifts and work content of an agency mean what the guide says, or are refused."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import pytest
from agency_files import Cells, contoh, folder, full, put, workbook
from scipy import stats

from sim.agency import (
    Agency,
    ClosedDay,
    Doubt,
    Hours,
    Shift,
    WorkSample,
    calendar_of,
    check_agency,
    implied_utilisation,
    load_agency,
    profile,
    provenance,
    write_agency,
)
from sim.agency.desks.duty import Duty, duty_minutes
from sim.agency.desks.hours import work_until
from sim.agency.desks.work import Work, moments, work_of
from sim.agency.parse import Wrong, clock, day
from sim.calendar import Calendar, standard_hours
from sim.errors import KinerjaError
from sim.levers import Policy
from sim.runs.run import make_world

CONTOH = load_agency("contoh")
SOURCE = {"source": "assumed", "status": "A"}
START = date(2026, 1, 1)


def hours(weekdays: range | tuple[int, ...], opens: str, closes: str, **more: str) -> tuple[Hours, ...]:
    return tuple(
        Hours(unit="dukcapil", weekday=d, open=opens, close=closes, **more, **SOURCE) for d in weekdays
    )


def shift(code: str, start: str, end: str, **more: object) -> Shift:
    return Shift(unit="dukcapil", shift=code, start=start, end=end, **more, **SOURCE)  # type: ignore[arg-type]


def duties(*shifts: Shift, **changes: object) -> Duty:
    return Duty(replace(CONTOH, shifts=shifts, **changes), "dukcapil")


# Wrong cells

CASES = [
    # table, row, column, value -> column named, words of the message
    ("hours", 2, "unit", "dukcapi", "unit", "no unit 'dukcapi'.*'dukcapil' meant"),
    ("hours", 2, "unit", "disdik", "unit", "of kind 'programme'"),
    ("hours", 2, "weekday", "8", "weekday", "out of range.*1 to 7"),
    ("hours", 2, "weekday", "6", "unit", "already in row 2"),
    ("hours", 2, "open", "730", "open", "not a time of day.*07:30"),
    ("hours", 2, "open", "7.3", "open", "not a time of day"),
    ("hours", 2, "open", "", "open", "empty"),
    ("hours", 2, "close", "24:30", "close", "not a time of day"),
    ("hours", 2, "close", "07:30", "close", "closes at 07:30, not after 07:30"),
    ("hours", 2, "break_end", "", "break_end", "beginning or an end only"),
    ("hours", 2, "break_end", "11:00", "break_start", "break 12:00 to 11:00 does not lie within"),
    ("hours", 2, "break_start", "07:00", "break_start", "does not lie within 07:30 to 15:30"),
    ("hours", 2, "regime", "ramadhan", "regime", "'ramadan' meant"),
    ("closed_days", 2, "unit", "puskesma", "unit", "'puskesmas' meant"),
    ("closed_days", 2, "date", "3/2/2026", "date", "not a date.*2026-03-19"),
    ("closed_days", 2, "date", "2026-02-30", "date", "not a date"),
    ("closed_days", 2, "why", "", "why", "empty"),
    ("shifts", 2, "unit", "nowhere", "unit", "no unit 'nowhere'"),
    ("shifts", 2, "who", "pppks", "who", "no group or service 'pppks'.*'pppk' meant"),
    ("shifts", 2, "who", "umum", "who", "no group or service 'umum'"),
    ("shifts", 2, "share", "0", "share", "takes nobody"),
    ("shifts", 2, "number", "3", "share", "both a number and a share"),
    ("shifts", 4, "number", "7", "number", "7 officers.*'ktp' has 6"),
    ("shifts", 4, "number", "2.5", "number", "whole number"),
    ("shifts", 2, "break_end", "15:00", "break_start", "does not lie within 07:30 to 14:00"),
    ("shifts", 2, "weekday", "0", "weekday", "out of range"),
    ("shifts", 2, "end", "14.0", "end", "not a time of day"),
    ("work_samples", 2, "service", "umm", "service", "no service 'umm'.*'umum' meant"),
    ("work_samples", 2, "service", "ktp", "service", "nothing reads this sample: the work_kind of 'ktp' is"),
    ("work_samples", 2, "quantile", "", "quantile", "this one has none"),
    ("work_samples", 2, "quantile", "0.1", "quantile", "run from 0.1 to 1"),
    ("work_samples", 3, "quantile", "0", "quantile", "is there twice"),
    ("work_samples", 3, "minutes", "3", "minutes", "fewer than at a lower one"),
    ("work_samples", 2, "number", "2", "service", "already in row"),
    ("services", 2, "work_kind", "weibull", "work_kind", "not a choice.*lognormal, exponential"),
    ("services", 3, "work_kind", "exponential", "work_cv", "variation 1, not 0.8"),
    ("services", 3, "work_kind", "constant", "work_cv", "variation 0, not 0.8"),
    ("services", 3, "work_cv", "0", "work_cv", "gamma varies"),
    ("services", 2, "work_kind", "sample", "work_kind", "work_samples has no row of 'ktp'"),
    ("services", 6, "work", "12", "work", "work is 12, but the sample has 10"),
    ("services", 6, "work_cv", "1", "work_cv", "sample has 0.476"),
    ("services", 2, "demand_sd", "-1", "demand_sd", "negative"),
    ("demand", 2, "index", "7", "index", "open on weekday 7"),
]


def told(path: Path, table: str, named: str, words: str) -> bool:
    """Whether a problem of this table names the column, and says so."""
    found = [p for p in check_agency(path) if not isinstance(p, Doubt)]
    match = [
        p
        for p in found
        if table in p.where and str(p.column).split(" ")[0] == named and re.search(words, f"{p.what} {p.do}")
    ]
    assert match, [str(p) for p in found]
    return all(p.do for p in match)


@pytest.mark.parametrize(("table", "row", "column", "value", "named", "words"), CASES)
def test_a_wrong_cell_is_named_in_csv(tmp_path: Path, table, row, column, value, named, words) -> None:
    assert told(folder(put(full(), table, row, column, value), tmp_path / "a"), table, named, words)


EXCEL = [case for case in CASES if case[2] in ("weekday", "open", "date", "quantile", "share")]


@pytest.mark.parametrize(("table", "row", "column", "value", "named", "words"), EXCEL[::2])
def test_a_wrong_cell_is_named_in_excel(tmp_path: Path, table, row, column, value, named, words) -> None:
    assert told(workbook(put(full(), table, row, column, value), tmp_path / "a.xlsx"), table, named, words)


def test_hours_for_ramadan_alone_are_refused(tmp_path: Path) -> None:
    tables = full()
    for row in tables["hours"][1:]:
        row[1] = "ramadan"
    assert any(
        "none for the rest of the year" in str(p) for p in check_agency(folder(tables, tmp_path / "a"))
    )


def test_what_is_odd_is_a_doubt(tmp_path: Path) -> None:
    tables = contoh() | {"shifts": full()["shifts"][:2]}
    put(tables, "shifts", 2, "start", "16:30")
    put(tables, "shifts", 2, "end", "17:30")
    put(tables, "shifts", 2, "break_start", "")
    put(tables, "shifts", 2, "break_end", "")
    found = [str(p) for p in check_agency(folder(tables, tmp_path / "a"))]
    assert any("closed whenever this shift is on duty" in text for text in found)
    assert any("nobody who serves 'ktp' is on duty on Monday from 07:30 to 12:00" in text for text in found)
    with pytest.raises(KinerjaError, match="ever on duty"):
        make_world(load_agency(tmp_path / "a"), Policy("nothing"), months=1)
    row = ["dukcapil", "normal", "", "00:00", "24:00", "", "", "assumed", "A"]
    week = [[*row[:2], str(d), *row[3:]] for d in range(1, 8)]
    all_day = contoh() | {"hours": [full()["hours"][0], *week]}
    found = [str(p) for p in check_agency(folder(all_day, tmp_path / "b"))]
    assert any("168 hours a week" in text for text in found)


# Times and dates


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("07:30", "07:30"),
        ("7:30", "07:30"),
        ("07.30", "07:30"),
        ("07:30:00", "07:30"),
        ("24:00", "24:00"),
        (time(7, 30), "07:30"),
        (timedelta(days=1), "24:00"),
        (timedelta(hours=7, minutes=5), "07:05"),
        (datetime(1900, 1, 1), "24:00"),
    ],
)
def test_times_that_are_clear(cell: object, text: str) -> None:
    assert clock(cell) == text


@pytest.mark.parametrize(
    "cell", ["7.30", "0.25", 0.25, 7.5, "24:01", "25:00", "07:60", "half past", time(7, 30, 5), True, "1:2"]
)
def test_times_that_are_not(cell: object) -> None:
    with pytest.raises(Wrong):
        clock(cell)


def test_dates() -> None:
    assert day("2026-03-19") == day(date(2026, 3, 19)) == day(datetime(2026, 3, 19)) == "2026-03-19"
    for cell in ("19-03-2026", "2026-13-01", "46100", 46100, "20260319"):
        with pytest.raises(Wrong):
            day(cell)


def test_times_and_dates_of_excel_are_read(tmp_path: Path) -> None:
    tables = full()
    put(tables, "hours", 2, "open", time(7, 30))
    put(tables, "closed_days", 2, "date", date(2026, 2, 3))
    one = load_agency(workbook(tables, tmp_path / "a.xlsx"))
    assert one == load_agency(folder(full(), tmp_path / "a"))


# Files


def test_tables_that_may_be_left_out_are_written_only_where_they_have_rows(tmp_path: Path) -> None:
    whole = load_agency(folder(full(), tmp_path / "whole"))
    out = write_agency(whole, tmp_path / "a")
    assert load_agency(out) == whole
    assert {"hours.csv", "closed_days.csv", "shifts.csv", "work_samples.csv"} <= {
        p.name for p in out.iterdir()
    }
    with pytest.raises(KinerjaError, match="already there"):
        write_agency(CONTOH, out)
    write_agency(CONTOH, out, overwrite=True)  # the old tables must not stay beside the new agency
    assert load_agency(out) == CONTOH
    assert not (out / "hours.csv").exists()


def test_provenance_lists_the_new_numbers(tmp_path: Path) -> None:
    found = provenance(load_agency(folder(full(), tmp_path / "a"))).set_index(["table", "row", "column"])
    assert found.loc[("shifts", "dukcapil/morning/", "share"), "value"] == 0.5
    assert found.loc[("work_samples", "umum/3", "minutes"), "value"] == 20


# When a unit is open


def test_without_hours_a_unit_has_the_common_calendar() -> None:
    assert calendar_of(CONTOH, "dukcapil", START, 6) is Calendar.indonesia(START, 6)


def test_saturdays_closed_days_and_holidays() -> None:
    agency = replace(CONTOH, hours=(*hours(range(1, 6), "08:00", "15:00"), *hours((6,), "08:00", "12:00")))
    closed = ClosedDay(unit="*", date="2026-01-05", why="moving", **SOURCE)
    mine = calendar_of(replace(agency, closed_days=(closed,)), "dukcapil", START, 12)
    dates = {str(d): k for k, d in enumerate(mine.dates)}
    assert mine.day_start[dates["2026-01-10"] + 1] - mine.day_start[dates["2026-01-10"]] == 4 * 3_600_000
    assert "2026-01-05" not in dates  # closed by the table
    assert "2026-08-17" not in dates  # a public holiday
    assert "2026-05-14" not in dates  # Ascension Day
    assert not any(mine.weekday == 6)
    other = calendar_of(replace(agency, closed_days=(closed,)), "puskesmas", START, 12)
    assert np.datetime64("2026-01-05") not in other.dates
    unit = replace(agency.units[0], holidays="own")
    foreign = calendar_of(replace(agency, units=(unit, *agency.units[1:])), "dukcapil", START, 12)
    assert {np.datetime64("2026-01-05"), np.datetime64("2026-08-17")} <= set(foreign.dates)


def test_breaks_and_ramadan() -> None:
    rows = (
        *hours(range(1, 6), "07:30", "15:30", break_start="12:00", break_end="13:00"),
        *hours(range(1, 6), "08:00", "14:00", regime="ramadan"),
    )
    mine = calendar_of(replace(CONTOH, hours=rows), "dukcapil", START, 6)
    length = np.diff(mine.day_start) / 3_600_000
    assert mine.ramadan.any()
    assert set(length[mine.ramadan]) == {6.0}
    assert set(length[~mine.ramadan]) == {7.0}
    at = mine.tick_at(0, np.array([11, 12, 12.5, 13, 14]) * 3_600_000) / 3_600_000
    assert at.tolist() == [3.5, 4.5, 4.5, 4.5, 5.5]
    assert mine.shuts.all()
    without = calendar_of(replace(CONTOH, hours=rows[:5]), "dukcapil", START, 6)
    assert set(np.diff(without.day_start)) == {7 * 3_600_000}


def test_a_unit_open_day_and_night_does_not_shut() -> None:
    rows = (*hours(range(1, 6), "00:00", "24:00"), *hours((6,), "00:00", "12:00"))
    unit = replace(CONTOH.units[0], holidays="own")
    mine = calendar_of(
        replace(CONTOH, units=(unit, *CONTOH.units[1:]), hours=rows), "dukcapil", date(2026, 1, 1), 1
    )
    shut = dict(zip(mine.dates.astype(str), mine.shuts, strict=False))
    assert shut["2026-01-01"]  # its first opening
    assert shut["2026-01-05"]  # a Monday, after the night from Saturday noon
    assert not shut["2026-01-06"]
    assert not shut["2026-01-03"]  # Saturday, from Friday midnight
    assert mine.shuts[-1]


def test_a_unit_that_is_never_open_is_refused() -> None:
    days = tuple(ClosedDay(unit="dukcapil", date=f"2026-01-{d:02d}", why="x", **SOURCE) for d in range(1, 32))
    with pytest.raises(KinerjaError, match="No day from 2026-01-01"):
        calendar_of(replace(CONTOH, closed_days=days), "dukcapil", START, 1)


@pytest.mark.parametrize(
    "hours_",
    [np.zeros((2, 5, 4)), np.full((2, 7, 4), 700), -standard_hours()],
    ids=["shape", "long", "negative"],
)
def test_hours_that_no_day_has_are_refused(hours_: np.ndarray) -> None:
    with pytest.raises(KinerjaError, match="fit into a day"):
        Calendar.of(START, 1, hours_)


def test_demand_on_saturday_counts_in_the_mean_of_a_unit_that_is_open_then() -> None:
    rows = [replace(CONTOH.demand[0], service="ktp", period="weekday", index=6, factor=0.4)]
    agency = replace(CONTOH, demand=tuple(rows), hours=hours(range(1, 7), "08:00", "15:00"))
    assert profile(agency, "ktp").mean == pytest.approx((5 + 0.4) / 6)
    assert profile(agency, "umum").mean == 1.0


# Who is on duty


def spans(windows: np.ndarray, officer: int) -> list[tuple[int, int]]:
    return [(int(a) // 60, int(b) // 60) for a, b in windows[officer] if b > a]


def test_shares_of_a_group_take_different_people_in_turns() -> None:
    early, late = shift("early", "07:00", "11:00", share=0.5), shift("late", "11:00", "15:00", share=0.5)
    duty = duties(early, late)
    desk = np.flatnonzero(duty.desk)
    assert len(desk) == 14
    weeks = [duty.windows(0, week) for week in (0, 1, 2)]
    for windows in weeks:
        at = [tuple(spans(windows, o)) for o in desk]
        assert sorted(at).count(((7, 11),)) == sorted(at).count(((11, 15),)) == 7
        assert spans(windows, 0) == [(0, 24)]  # the supervisor, who serves nothing at the desk
    assert (weeks[0] != weeks[1]).any()
    assert (weeks[0] == weeks[2]).all()


def test_neighbours_in_a_group_serve_different_services() -> None:
    duty = duties(shift("few", "08:00", "12:00", number=5))
    can = {code: set(officers.tolist()) for code, officers in duty.groups.items()}
    for week in range(14):
        there = {o for o in np.flatnonzero(duty.desk) if spans(duty.windows(5, week), o)}
        assert len(there) == 5
        assert there & can["ktp"]
        assert there & can["kk"]


def test_a_row_with_a_weekday_replaces_that_without() -> None:
    duty = duties(
        shift("a", "08:00", "15:00"),
        shift("a", "08:00", "12:00", weekday=6, who="ktp"),
        shift("b", "16:00", "17:00"),
    )
    assert spans(duty.windows(0, 0), 1) == [(8, 15), (16, 17)]
    assert spans(duty.windows(5, 0), 1) == [(8, 12), (16, 17)]
    assert spans(duty.windows(5, 0), 8) == [(16, 17)]  # does not serve ktp


def test_breaks_groups_and_windows_that_touch() -> None:
    duty = duties(
        shift("all", "08:00", "12:00", break_start="10:00", break_end="11:00"),
        shift("pppk", "12:00", "13:00", who="pppk"),
    )
    pns = CONTOH.unit("dukcapil").pns
    assert spans(duty.windows(0, 0), 1) == [(8, 10), (11, 12)]
    assert spans(duty.windows(0, 0), pns) == [(8, 10), (11, 13)]


def test_a_night_shift_ends_on_the_next_day() -> None:
    duty = duties(shift("night", "22:00", "06:00", break_start="01:00", break_end="02:00"))
    assert spans(duty.windows(0, 0), 1) == [(22, 24)]
    assert spans(duty.windows(1, 0, (0, 0)), 1) == [(0, 1), (2, 6), (22, 24)]


def test_minutes_on_duty_and_utilisation_by_hand() -> None:
    agency = replace(
        CONTOH,
        hours=(*hours(range(1, 6), "08:00", "16:00"), *hours((6,), "08:00", "12:00")),
        shifts=(shift("day", "08:00", "12:00"), shift("day", "09:00", "12:00", weekday=6, number=7)),
    )
    minutes = duty_minutes(agency, "dukcapil")
    desk = Duty(agency, "dukcapil").desk
    assert minutes[desk].sum() == pytest.approx((5 * 14 * 240 + 7 * 180) / 6)
    assert minutes[~desk].sum() == pytest.approx((5 * 480 + 240) / 6)
    plain = replace(CONTOH, units=tuple(replace(u, absence=0.0) for u in CONTOH.units))
    same = replace(agency, units=plain.units)
    ratio = implied_utilisation(same)["dukcapil"] / implied_utilisation(plain)["dukcapil"]
    assert ratio == pytest.approx(14 * 450 / minutes[desk].sum())
    assert work_until(np.array([480, 240, 120, 60]), [0, 480, 600, 630, 660, 700, 900]).tolist() == [
        0,
        0,
        120,
        120,
        120,
        160,
        240,
    ]


# Work


def sampled(minutes: list[float], quantiles: list[float] | None = None) -> Agency:
    shares = quantiles or [None] * len(minutes)
    rows = tuple(
        WorkSample(service="ktp", number=k, minutes=m, quantile=q, **SOURCE)
        for k, (m, q) in enumerate(zip(minutes, shares, strict=True), start=1)
    )
    ktp = replace(CONTOH.services[0], work_kind="sample")
    return replace(CONTOH, services=(ktp, *CONTOH.services[1:]), work_samples=rows)


@pytest.mark.parametrize(
    ("work", "cv"),
    [
        (Work("lognormal", 0.8, np.empty(0)), 0.8),
        (Work("exponential", 1.0, np.empty(0)), 1.0),
        (Work("gamma", 0.5, np.empty(0)), 0.5),
        (Work("gamma", 2.0, np.empty(0)), 2.0),
        (Work("constant", 0.0, np.empty(0)), 0.0),
        (work_of(sampled([2, 4, 4, 30]), "ktp"), np.std([2, 4, 4, 30]) / 10),
        (work_of(sampled([20, 0, 8], [1, 0, 0.5]), "ktp"), None),
    ],
)
def test_each_distribution_has_its_mean_and_variation(work: Work, cv: float | None) -> None:
    normal = np.random.default_rng(1).standard_normal(200_000)
    found = work.draw(normal)
    wanted = work.cv if cv is None else cv
    assert work.cv == pytest.approx(wanted)
    assert found.mean() == pytest.approx(1, abs=0.012 * max(wanted, 0.1))
    assert found.std() == pytest.approx(wanted, rel=0.04, abs=1e-12)
    order = np.argsort(normal)
    assert (np.diff(found[order]) >= 0).all()  # a harder case is harder in every distribution


@pytest.mark.parametrize("cv", [0.05, 0.5, 1.0, 3.0])
def test_gamma_work_has_the_quantiles_of_the_gamma_distribution(cv: float) -> None:
    normal = np.random.default_rng(2).standard_normal(200)
    exact = stats.gamma.ppf(stats.norm.cdf(normal), 1 / cv**2, scale=cv**2)
    assert np.allclose(Work("gamma", cv, np.empty(0)).draw(normal), exact, rtol=2e-5)


def test_tails_are_finite_and_positive() -> None:
    far = np.array([-30.0, -8.0, 8.0, 30.0])
    for kind, cv in (("exponential", 1.0), ("gamma", 0.5), ("gamma", 2.0)):
        found = Work(kind, cv, np.empty(0)).draw(far)
        assert np.isfinite(found[:3]).all()
        assert (found >= 0).all()


def test_a_sample_gives_its_own_minutes() -> None:
    work = work_of(sampled([30, 2, 4, 4]), "ktp")
    found = work.draw(np.array([-3, -0.5, 0.5, 3.0])) * 10
    assert found.tolist() == [2, 4, 4, 30]
    uniform = work_of(sampled([0, 12], [0, 1]), "ktp")
    assert moments(uniform.minutes, uniform.quantiles) == pytest.approx((6, np.sqrt(12)))
    assert uniform.draw(np.zeros(1)) * 6 == pytest.approx(6)


def test_cells_of_older_agencies_mean_what_they_meant(tmp_path: Path) -> None:
    tables: Cells = contoh()
    assert not {"work_kind", "demand_sd"} & set(tables["services"][0])
    agency = load_agency(folder(tables, tmp_path / "a"))
    assert {s.work_kind for s in agency.services} == {"lognormal"}
    assert {s.demand_sd for s in agency.services} == {0.0}
    assert {u.holidays for u in agency.units} == {"national"}
    assert agency.fact("officers_alike") == 0.0
    assert (agency.hours, agency.closed_days, agency.shifts, agency.work_samples) == ((), (), (), ())


@pytest.mark.parametrize("value", ["0.5", "2", "yes"])
def test_officers_are_alike_or_not(tmp_path: Path, value: str) -> None:
    tables = contoh()
    tables["agency"].append(["officers_alike", value, "0 or 1", "assumed", "A"])
    found = [str(p) for p in check_agency(folder(tables, tmp_path / "a"))]
    assert any("agency.csv" in text and "column value" in text for text in found)
