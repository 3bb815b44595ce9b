"""Claim: an event log gives back when its office was open, who was on duty, and the route of its cases."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.errors import KinerjaError, Problems
from sim.inference import EventLogResult, event_log, fit_hours, fit_shifts, fit_steps

CLOSED = pd.to_datetime(["2026-03-19", "2026-03-20", "2026-04-03"])


def office(
    *,
    weekdays: tuple[int, ...] = (1, 2, 3, 4, 5, 6),
    opens: float = 8.0,
    closes: float = 15.5,
    saturday: float = 12.0,
    a_day: int = 40,
    weeks: int = 10,
    stray: float = 0.0,
) -> EventLogResult:
    """A log of an office with Saturday service until noon, closed on three days; some events at any time."""
    rng = np.random.default_rng(5)
    days = pd.date_range("2026-03-02", periods=7 * weeks)
    days = days[(days.day_of_week + 1).isin(weekdays) & ~days.isin(CLOSED)]
    moments = []
    for day in days:
        end = saturday if day.day_of_week == 5 else closes
        hour = rng.uniform(opens, end, a_day)
        moments += [day + pd.Timedelta(hours=h) for h in hour]
    odd = rng.uniform(0, 24 * 7 * weeks, round(stray * len(moments)))
    moments += [pd.Timestamp("2026-03-02") + pd.Timedelta(hours=h) for h in odd]
    rows = pd.DataFrame({"case": range(len(moments)), "what": "x", "when": moments})
    return event_log(rows, "case", "what", "when")


@pytest.mark.parametrize("stray", [0.0, 0.02])
def test_hours_weekdays_and_closed_days_come_back(stray: float) -> None:
    """Monday to Friday 8:00 to 15:30, Saturday until noon; with stray events at night and on Sundays too."""
    found = fit_hours(office(stray=stray), "desk")
    assert found.hours["weekday"].tolist() == [1, 2, 3, 4, 5, 6]
    assert set(found.hours["open"]) == {"08:00"}
    assert found.hours["close"].tolist() == ["15:30"] * 5 + ["12:00"]
    assert list(found.hours.columns) == ["unit", "weekday", "open", "close"]
    assert list(found.closed_days.columns) == ["unit", "date", "why"]
    assert found.closed_days["date"].tolist() == list(CLOSED)  # though somebody came in
    if stray == 0:
        assert found.outside == 0
    else:
        assert found.outside == pytest.approx(stray / (1 + stray) * (1 - 6 * 7.2 / 168), abs=0.004)
    assert "Saturday 08:00-12:00" in found.summary(lang="en")
    assert "Sabtu 08:00-12:00" in found.summary(lang="id")


def test_a_quiet_office_is_not_taken_for_closed() -> None:
    """One event a day on average: empty days say nothing, and are counted."""
    rng = np.random.default_rng(6)
    days = pd.bdate_range("2026-03-02", periods=120)
    at = np.repeat(days.to_numpy(), rng.poisson(1.0, 120)) + np.timedelta64(9, "h")
    at = at + (rng.uniform(0, 5 * 3600, len(at)) * 1e3).astype("m8[ms]")
    found = fit_hours(
        event_log(pd.DataFrame({"case": range(len(at)), "what": "x", "when": at}), "case", "what", "when"),
        "u",
    )
    assert found.closed_days.empty
    assert found.quiet == 120 - len(np.unique(at.astype("M8[D]")))
    assert found.has("quiet_days")


def test_the_first_weeks_of_a_log_are_not_holidays() -> None:
    """The log starts with one event every few days, then thirty a day."""
    slow = [pd.Timestamp("2026-01-05 09:00") + pd.Timedelta(days=d, minutes=d) for d in (0, 3, 9, 14)]
    busy = [
        d + pd.Timedelta(hours=8, minutes=15 * k)
        for d in pd.bdate_range("2026-02-02", periods=60)
        for k in range(30)
    ]
    rows = pd.DataFrame({"case": range(len(slow + busy)), "what": "x", "when": slow + busy})
    found = fit_hours(event_log(rows, "case", "what", "when"), "u")
    assert found.closed_days.empty
    assert found.quiet == 20 - 4


def test_given_hours_are_used_as_given() -> None:
    table = pd.DataFrame(
        {"unit": "desk", "weekday": [1, 2], "open": ["7:30", "08.00"], "close": ["24:00", "12:00"]}
    )
    found = fit_hours(office(), "desk", hours=table, closed=["2026-03-09"])
    assert found.hours[["open", "close"]].to_numpy().tolist() == [["07:30", "24:00"], ["08:00", "12:00"]]
    assert found.closed_days["date"].tolist() == [pd.Timestamp("2026-03-09")]
    assert set(found.closed_days["why"]) == {"given"}
    assert found.outside > 0.6  # Wednesday to Saturday
    named = fit_hours(office(), "desk", closed=pd.DataFrame({"date": ["2026-03-09"], "why": ["flood"]}))
    assert named.closed_days["why"].tolist() == ["flood"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"weekday": [1, 1]}, "weekday 1 has another row"),
        ({"weekday": ["Monday", 2]}, "'Monday' is no weekday"),
        ({"open": ["8", "08:00"]}, "'8' is no time of day"),
        ({"close": ["07:00", "12:00"]}, "is not after opening"),
        ({"close": ["24:30", "12:00"]}, "'24:30' is no time of day"),
        ({"unit": "other"}, "no row for desk; there are other"),
    ],
)
def test_hours_that_are_none_are_refused(change: dict[str, object], says: str) -> None:
    table = pd.DataFrame(
        {"unit": "desk", "weekday": [1, 2], "open": ["07:30", "08:00"], "close": ["15:00", "12:00"]}
    )
    with pytest.raises(KinerjaError, match=says):
        fit_hours(office(), "desk", hours=table.assign(**change))


def test_closed_days_that_are_no_dates_and_date_stamps_are_refused() -> None:
    with pytest.raises(Problems, match="are not dates"):
        fit_hours(office(), "desk", closed=["Christmas"])
    stamped = pd.DataFrame({"case": range(30), "what": "x", "when": pd.bdate_range("2026-03-02", periods=30)})
    with pytest.raises(KinerjaError, match="date stamps"):
        fit_hours(event_log(stamped, "case", "what", "when"), "desk")


def shifts_log(minutes: float, *, busy: bool = True) -> EventLogResult:
    """Four officers from eight to four; two are at lunch from 12 to 13, one leaves at noon on Fridays."""
    rng, rows = np.random.default_rng(7), []
    for day in pd.bdate_range("2026-03-02", periods=25):
        for who in range(4):
            at = 8 * 60.0
            while at < 16 * 60:
                took = rng.exponential(minutes) + 0.1
                pause = who < 2 and 720 <= at < 780
                gone = who == 3 and day.day_of_week == 4 and at >= 720
                over = at < 720 < at + took and (who < 2 or (who == 3 and day.day_of_week == 4))
                if not pause and not gone and not over and at + took < 16 * 60:
                    rows.append((day + pd.Timedelta(minutes=at), day + pd.Timedelta(minutes=at + took), who))
                at += took + (0 if busy else 100)
    start, time, officer = zip(*rows, strict=True)
    frame = pd.DataFrame({"case": range(len(rows)), "what": "x", "from": start, "to": time, "who": officer})
    return event_log(frame, "case", "what", "to", officer="who", start="from")


def test_shifts_come_back_with_the_lunch_and_the_short_friday() -> None:
    log = shifts_log(8.0)
    found = fit_shifts(log, fit_hours(log, "desk"))
    table = found.shifts.set_index(["weekday", "from"])["on_duty"]
    assert list(found.shifts.columns) == ["unit", "weekday", "from", "to", "on_duty"]
    monday = [4, 4, 4, 4, 2, 4, 4, 4]
    assert table.loc[1].tolist() == monday
    assert table.loc[5].tolist() == [4, 4, 4, 4, 1, 3, 3, 3]
    assert (found.table()["identified"] == "yes").all()


def test_an_idle_desk_gives_a_lower_bound_on_duty() -> None:
    log = shifts_log(3.0, busy=False)
    found = fit_shifts(log, fit_hours(log, "desk", hours=whole_week()))
    assert found.has("idle_unseen")
    assert (found.table()["identified"] == "bound").all()
    assert found.table().query("`from` != '12:00' and weekday < 5")["mean"].mean() < 3.5


def whole_week() -> pd.DataFrame:
    return pd.DataFrame({"weekday": range(1, 6), "open": "08:00", "close": "16:00"})


def test_nobody_named_is_refused() -> None:
    log = office()
    with pytest.raises(KinerjaError, match="names an officer"):
        fit_shifts(log, fit_hours(log, "desk"))


NEXT = {
    "in": [("check", 1.0)],
    "check": [("in", 0.1), ("sign", 0.6), ("advise", 0.3)],
    "advise": [("sign", 1.0)],
    "sign": [("check", 0.2), ("end", 0.8)],
}
"""A route: from a step to the next with what probability."""


def route(cases: int, seed: int = 8) -> EventLogResult:
    rng, rows = np.random.default_rng(seed), []
    for case in range(cases):
        at, step = pd.Timestamp("2026-03-02 08:00"), "in"
        while step != "end":
            at += pd.Timedelta(minutes=10)
            rows.append((case, step, at))
            names, shares = zip(*NEXT[step], strict=True)
            step = names[rng.choice(len(names), p=shares)]
    rows += [(0, "note", pd.Timestamp("2026-03-02 07:00"))]  # one of a thousand cases
    case, what, when = zip(*rows, strict=True)
    return event_log(pd.DataFrame({"case": case, "what": what, "when": when}), "case", "what", "when")


def test_a_route_comes_back_with_its_branches_and_returns() -> None:
    found = fit_steps(route(1000), "permit", level=0.999)
    assert found.steps["step"].tolist() == ["in", "check", "advise", "sign"]
    assert found.left_out == 1
    moves = found.moves.set_index(["from", "to"])
    for step, ways in NEXT.items():
        for to, share in ways:
            row = moves.loc[(step, to)]
            assert row["low"] <= share <= row["high"], (step, to)
    assert moves.loc[("check", "in"), "kind"] == "back"
    assert moves.loc[("sign", "end"), "kind"] == "end"
    steps = found.steps.set_index("step")
    check = steps.loc["check"]
    assert (check["returns_to"], check["skips_to"]) == ("in", "sign")
    assert check["error"] == pytest.approx(0.1, abs=0.03)
    assert check["skips"] == pytest.approx(0.6 / 0.9, abs=0.04)  # of those that do not go back
    assert steps.loc["sign", ["ends", "returns_to"]].tolist() == [1.0, "check"]
    assert steps.loc["sign", "gap"] == pytest.approx(10.0)
    assert not found.has("other_moves")


def test_moves_that_steps_cannot_hold_are_told() -> None:
    """After "a" a case goes to b, c or d: a step has one next and one skip."""
    rows = [(k, step, k * 10 + j) for k in range(60) for j, step in enumerate(("a", "bcd"[k % 3], "e"))]
    case, what, at = zip(*rows, strict=True)
    when = pd.Timestamp("2026-03-02") + pd.to_timedelta(at, "min")
    found = fit_steps(
        event_log(pd.DataFrame({"case": case, "what": what, "when": when}), "case", "what", "when"), "s"
    )
    assert found.has("other_moves")
    assert found.moves.query("`from` == 'a'")["share"].tolist() == pytest.approx([1 / 3] * 3)


def test_steps_need_two_activities_that_the_log_has() -> None:
    log = route(50)
    with pytest.raises(KinerjaError, match="no activity stamp"):
        fit_steps(log, "s", without=["stamp"])
    with pytest.raises(KinerjaError, match="a route has at least two steps"):
        fit_steps(log, "s", without=["check", "advise", "sign"], rare=0.05)
