"""The working-time clock: its days are the days offices are open, and it converts exactly both ways."""

from __future__ import annotations

import csv
import doctest
from datetime import date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sim.calendar
from sim.calendar import EVERY, TICKS_PER_MINUTE, Calendar
from sim.errors import KinerjaError
from sim.paths import data_dir

START = date(2023, 1, 1)


@pytest.fixture(scope="module")
def clock() -> Calendar:
    return Calendar.indonesia(START, 72)


calendars = st.builds(
    Calendar.indonesia,
    st.builds(date, st.integers(1995, 2070), st.integers(1, 12), st.just(1)),
    st.integers(1, 30),
)


def test_examples_in_the_docstrings_run():
    assert doctest.testmod(sim.calendar).failed == 0


# --- which days ------------------------------------------------------------------------------------------


def test_known_holidays_and_joint_leave_are_not_working_days(clock):
    """Dates published by the government (joint ministerial decrees)."""
    closed = [
        "2024-04-10",
        "2024-04-12",
        "2025-03-31",
        "2025-04-07",
        "2026-03-20",
        "2026-08-17",
        "2026-12-24",
    ]
    assert not np.isin(np.array(closed, "M8[D]"), clock.dates).any()
    opened = ["2024-04-16", "2025-04-08", "2026-03-25", "2026-08-18"]
    assert np.isin(np.array(opened, "M8[D]"), clock.dates).all()


@pytest.mark.parametrize(
    ("eid", "resumed"),
    [
        ("2023-04-22", "2023-04-26"),
        ("2024-04-10", "2024-04-16"),
        ("2025-03-31", "2025-04-08"),
        ("2026-03-21", "2026-03-25"),
    ],
)
def test_the_weeks_after_known_eids_start_when_work_resumed(clock, eid, resumed):
    resumed_day = int(np.searchsorted(clock.dates, np.datetime64(resumed)))
    before = clock.week_after_lebaran[clock.dates < np.datetime64(eid)][-40:]
    assert (before == 0).all()
    assert clock.dates[resumed_day] == np.datetime64(resumed)
    assert clock.week_after_lebaran[resumed_day] == 1
    weeks = clock.week_after_lebaran[resumed_day : resumed_day + 70]
    assert set(weeks[weeks > 0]) == set(range(1, 13))
    assert (np.diff(weeks[weeks > 0]) >= 0).all()
    assert weeks[-1] == 0


@pytest.mark.parametrize(
    ("first", "eid"),
    [("2023-03-23", "2023-04-22"), ("2025-03-01", "2025-03-31"), ("2026-02-19", "2026-03-21")],
)
def test_ramadan_is_the_month_announced_by_the_government(clock, first, eid):
    inside = (clock.dates >= np.datetime64(first)) & (clock.dates < np.datetime64(eid))
    around = (clock.dates >= np.datetime64(first) - 60) & (clock.dates < np.datetime64(eid) + 60)
    assert inside.any()
    assert (clock.ramadan[around] == inside[around]).all()


def test_two_eids_in_one_year_are_both_kept():
    """In 2033 Eid falls in January and again in December."""
    clock = Calendar.indonesia(date(2032, 12, 1), 14)
    begins = clock.dates[np.flatnonzero(np.diff(clock.week_after_lebaran, prepend=0) > 0)]
    firsts = {str(day)[:7] for day in begins[clock.week_after_lebaran[np.isin(clock.dates, begins)] == 1]}
    assert len(firsts) == 2


def test_a_year_without_a_decree_gets_assumed_joint_leave(clock):
    """2028 was not decreed when this was written; its working days must not jump by a week."""
    years = clock.dates.astype("M8[Y]").astype(int) + 1970
    counts = {year: int((years == year).sum()) for year in range(2023, 2029)}
    assert all(235 <= count <= 244 for count in counts.values()), counts
    with (data_dir() / "calendar" / "joint_leave.csv").open(encoding="utf-8", newline="") as file:
        assumed = list(csv.DictReader(file))
    bare = weekdays_without_holiday(2028)
    extra = bare - counts[2028]
    assert 0 < extra <= sum(int(row["before"]) + int(row["after"]) for row in assumed)
    assert {row["status"] for row in assumed} == {"A"}


def test_assumed_joint_leave_is_counted_in_days_otherwise_worked(clock):
    """Eid 2028 is estimated on Sunday 27 February, its second day on Monday: leave on Fri, Tue and Wed."""
    worked = clock.dates[
        (clock.dates > np.datetime64("2028-02-20")) & (clock.dates < np.datetime64("2028-03-06"))
    ]
    assert [str(day) for day in worked] == [
        *(f"2028-02-{day}" for day in (21, 22, 23, 24)),
        *("2028-03-02", "2028-03-03"),
    ]


def weekdays_without_holiday(year: int) -> int:
    """Weekdays that are no public holiday, counted straight from the library."""
    from holidays.countries import Indonesia

    public = Indonesia(years=year, categories=("public",))
    day, count = date(year, 1, 1), 0
    while day.year == year:
        count += day.weekday() < 5 and day not in public
        day += timedelta(1)
    return count


def test_every_holiday_named_in_the_pattern_exists_in_the_library():
    """A renamed holiday would silently lose its joint leave."""
    from holidays.countries import Indonesia

    public = Indonesia(years=2028, categories=("public",), language="en_US")
    names = {name.removesuffix(" (estimated)") for day in public for name in public.get_list(day)}
    with (data_dir() / "calendar" / "joint_leave.csv").open(encoding="utf-8", newline="") as file:
        assert {row["holiday"] for row in csv.DictReader(file)} <= names


@given(calendars)
@settings(max_examples=40, deadline=None)
def test_working_days_are_weekdays_and_no_public_holidays(clock):
    from holidays.countries import Indonesia

    dates = [day.item() for day in clock.dates]
    public = Indonesia(years=range(dates[0].year, dates[-1].year + 1), categories=("public", "government"))
    assert not [day for day in dates if day.weekday() > 4 or day in public]
    assert [day.weekday() for day in dates] == clock.weekday.tolist()
    assert [
        12 * (d.year - clock.start.year) + d.month - clock.start.month for d in dates
    ] == clock.month.tolist()
    assert clock.month_first_day.tolist() == [
        int((clock.month < month).sum()) for month in range(clock.months + 1)
    ]


# --- how long --------------------------------------------------------------------------------------------


@given(calendars)
@settings(max_examples=25, deadline=None)
def test_every_day_lasts_what_the_table_of_hours_says(clock):
    with (data_dir() / "calendar" / "hours.csv").open(encoding="utf-8", newline="") as file:
        minutes = {
            (r["regime"] == "ramadan", int(r["weekday"])): int(r["minutes"]) for r in csv.DictReader(file)
        }
    lengths = np.diff(clock.day_start) / TICKS_PER_MINUTE
    expected = [minutes[bool(r), int(w)] for r, w in zip(clock.ramadan, clock.weekday, strict=True)]
    assert lengths.tolist() == expected
    assert clock.day_start[0] == 0
    assert clock.day_start.dtype == np.int64


def test_the_weeks_have_the_decreed_hours_and_ramadan_days_are_shorter(clock):
    """37.5 and 32.5 hours a week: Perpres 21/2023."""
    length = np.diff(clock.day_start) / TICKS_PER_MINUTE
    normal, ramadan = (
        [length[(clock.ramadan == regime) & (clock.weekday == weekday)][0] for weekday in range(5)]
        for regime in (False, True)
    )
    assert sum(normal) == 37.5 * 60
    assert sum(ramadan) == 32.5 * 60
    assert all(short < long for short, long in zip(ramadan, normal, strict=True))


# --- ticks and dates -------------------------------------------------------------------------------------


@given(calendars, st.data())
@settings(max_examples=60, deadline=None)
def test_ticks_become_dates_and_dates_the_same_ticks(clock, data):
    ticks = np.array(data.draw(st.lists(st.integers(0, clock.end - 1), min_size=1, max_size=20)))
    moments = clock.datetimes(ticks)
    assert (clock.ticks(moments) == ticks).all()
    assert (moments.astype("M8[D]") == clock.dates[clock.day_of(ticks)]).all()
    assert clock.to_tick(clock.to_datetime(int(ticks[0]))) == ticks[0]
    assert (np.argsort(moments, kind="stable") == np.argsort(ticks, kind="stable")).all()


@given(calendars, st.data())
@settings(max_examples=60, deadline=None)
def test_any_moment_maps_to_the_next_working_moment(clock, data):
    """Against the definition: the first tick whose date and time is not before the moment."""
    seconds = data.draw(st.integers(0, 86400 * 28))
    moment = datetime(clock.start.year, clock.start.month, 1) + timedelta(seconds=seconds)
    tick = clock.to_tick(moment)
    assert tick == clock.end or clock.to_datetime(tick) >= moment
    assert tick == 0 or clock.to_datetime(tick - 1) < moment


def test_days_are_half_open(clock):
    """Closing time belongs to the next day, whose opening it is."""
    opens = clock.day_start[1:-1]
    assert (clock.day_of(opens) == np.arange(1, clock.days)).all()
    assert (clock.day_of(opens - 1) == np.arange(clock.days - 1)).all()
    assert clock.day_of(0) == 0
    assert clock.day_of(clock.end) == clock.days
    last_moment = clock.to_datetime(int(opens[0]) - 1)
    assert clock.to_tick(last_moment + timedelta(milliseconds=1)) == opens[0]


def test_a_known_week():
    """2026: Friday 2 January is the first working day; hours and breaks by hand."""
    clock = Calendar.indonesia(date(2026, 1, 1), 2)
    minute = TICKS_PER_MINUTE
    assert clock.to_datetime(0) == datetime(2026, 1, 2, 7, 30)
    assert clock.to_datetime(239 * minute) == datetime(2026, 1, 2, 11, 29)
    assert clock.to_datetime(240 * minute) == datetime(2026, 1, 2, 13, 0)  # after the 90 minutes of Friday
    assert clock.to_tick(datetime(2026, 1, 2, 12, 15)) == 240 * minute
    assert clock.to_tick(date(2026, 1, 1)) == 0
    assert clock.to_tick(date(2026, 1, 3)) == clock.to_tick(date(2026, 1, 5)) == 390 * minute
    assert clock.to_tick(datetime(2026, 1, 5, 16, 15)) == 390 * minute + 465 * minute
    assert clock.to_tick(datetime(2026, 2, 28, 12, 0)) == clock.end


def test_moments_outside_are_refused(clock):
    with pytest.raises(ValueError, match="outside"):
        clock.to_tick(date(2022, 12, 31))
    with pytest.raises(ValueError, match="outside"):
        clock.to_tick(date(2029, 1, 1))
    for tick in (-1, clock.end):
        with pytest.raises(ValueError, match="outside"):
            clock.to_datetime(tick)


# --- periods ---------------------------------------------------------------------------------------------


@given(calendars, st.sampled_from(EVERY))
@settings(max_examples=60, deadline=None)
def test_periods_start_at_their_first_working_moment(clock, every):
    def period(day: date) -> tuple[int, ...]:
        return {
            "day": (day.toordinal(),),
            "week": day.isocalendar()[:2],
            "month": (day.year, day.month),
            "quarter": (day.year, (day.month - 1) // 3),
            "year": (day.year,),
        }[every]

    seen, expected = set(), []
    for start, day in zip(clock.day_start[:-1].tolist(), clock.dates.tolist(), strict=True):
        if period(day) not in seen:
            seen.add(period(day))
            expected.append(start)
    assert clock.starts(every).tolist() == expected


def test_month_starts_agree(clock):
    assert (clock.starts("month") == clock.month_start[:-1]).all()
    assert clock.month_start[-1] == clock.end


def test_wrong_requests_are_told_what_to_do(clock):
    with pytest.raises(KinerjaError, match="first of a month"):
        Calendar.indonesia(date(2026, 1, 2), 3)
    with pytest.raises(KinerjaError, match="at least one month"):
        Calendar.indonesia(START, 0)
    with pytest.raises(KinerjaError, match="2099"):
        Calendar.indonesia(date(2099, 12, 1), 2)
    with pytest.raises(KinerjaError, match="quarter"):
        clock.starts("fortnight")


def test_one_calendar_is_shared_and_cannot_be_changed(clock):
    assert Calendar.indonesia(START, 12) is Calendar.indonesia(START, 12)
    with pytest.raises(ValueError, match="read-only"):
        clock.day_start[0] = 1
