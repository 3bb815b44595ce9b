"""Event log of a desk: its columns, its working days, and the log of a simulated desk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from sim.calendar import TICKS_PER_MINUTE, Calendar
from sim.errors import KinerjaError, _
from sim.inference.desk.event_log import EventLogResult, event_log, local_times
from sim.inference.desk.service_times import Clock

SERVED, BEGUN, CORRECTED, LEFT = "served", "begun", "corrected", "left"
COLUMNS = {
    "case": "case",
    "service": "service",
    "activity": "activity",
    "officer": "officer",
    "start": "start",
    "time": "time",
    "arrived": "arrived",
}
"""Roles in a log -> name of the column; case, activity and time are required."""


def roles_of(log: pd.DataFrame, columns: Mapping[str, str] | None) -> tuple[dict[str, str], dict[str, str]]:
    """Return role -> name of the column, of all roles in `COLUMNS` and of those that the log has."""
    names = COLUMNS | dict(columns or {})
    return names, {role: column for role, column in names.items() if column in log.columns}


def log_of(cases: pd.DataFrame) -> pd.DataFrame:
    """Return the event log that an office would have kept of a trace (:func:`sim.trace`).

    Parameters
    ----------
    cases : DataFrame
        As `sim.trace` returns them.

    Returns
    -------
    DataFrame
        One row per event: case, service, activity ("served", "begun", "corrected" or "left"), officer, start, time,
        arrived, with times to the second. For a case that was done again the log has who started it and when, and when
        it was finally right; complaints are left out.
    """
    cases = cases[(cases["parent"] < 0) & cases["status"].isin(["done", "left", "lost"])]
    done, again = cases["status"] == "done", cases["attempts"] > 1
    last = pd.DataFrame({
        "case": cases["id"], "service": cases["service"],
        "activity": np.select([done & again, done], [CORRECTED, SERVED], LEFT),
        "officer": ("o" + cases["officer"].astype(str)).where(done & ~again),
        "start": cases["first_start_at"].where(done & ~again), "time": cases["finish_at"],
        "arrived": cases["arrival_at"],
    })  # fmt: skip
    begun = last[done & again].assign(
        activity=BEGUN,
        officer="o" + cases["officer"].astype(str)[done & again],
        time=cases["first_start_at"][done & again],
    )
    both = pd.concat([last, begun])
    # a case that did not end has no last time
    return both.dropna(subset=["time"]).sort_values(["time", "case"], kind="stable", ignore_index=True)


def desk_days(log: pd.DataFrame, *, columns: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Sum up a log by working day: the table by which log and simulation are compared.

    Parameters
    ----------
    log : DataFrame
        One row per event.
    columns : mapping, optional
        As in `fit_desk`.

    Returns
    -------
    DataFrame
        One row per working day: day, arrivals, ended; and where the log has starts and arrivals, waiting (minutes of
        working time to the first start, mean of those who were served and arrived that day; 0 where none was).
    """
    names, has = roles_of(log, columns)
    table = events_of(log, has).table()
    arrived = local_times(table, has["arrived"], None) if "arrived" in has else table["first"]
    calendar = calendar_of(log[names["time"]])
    clock = clock_of(calendar)
    day = calendar.day_of(calendar.ticks(arrived.to_numpy("M8[ms]")))
    last = calendar.day_of(np.minimum(calendar.ticks(table["last"].to_numpy("M8[ms]")), calendar.end - 1))
    days = np.arange(min(day.min(), last.min()), max(day.max(), last.max()) + 1)
    day, last = day - days[0], last - days[0]
    out = pd.DataFrame({
        "day": calendar.dates[np.minimum(days, calendar.days - 1)],
        "arrivals": np.bincount(day, minlength=len(days)).astype(float),
        "ended": np.bincount(last, minlength=len(days)).astype(float),
    })  # fmt: skip
    if {"start", "arrived"} <= has.keys():
        started = table["case"].map(_first_start(log, has))
        served = started.notna().to_numpy()
        wait = clock(started[served]) - clock(arrived[served])
        count = np.bincount(day[served], minlength=len(days))
        out["waiting"] = np.bincount(day[served], wait, len(days)) / np.maximum(count, 1)
    return out


def events_of(log: pd.DataFrame, has: Mapping[str, str]) -> EventLogResult:
    """Check a log; `has` are the roles for which it has a column."""
    keep = [has["arrived"]] if "arrived" in has else []
    roles = {role: has[role] for role in ("officer", "start") if role in has}
    absent = [role for role in ("case", "activity", "time") if role not in has]
    if absent:
        raise KinerjaError(
            _(
                "log: no column {columns}. Name them in columns=...",
                columns=", ".join(COLUMNS[r] for r in absent),
            )
        )
    return event_log(log, has["case"], has["activity"], has["time"], keep=keep, **roles)


def _first_start(log: pd.DataFrame, has: Mapping[str, str]) -> pd.Series:
    starts = local_times(log.reset_index(drop=True), has["start"], None)
    return starts.groupby(log[has["case"]].to_numpy()).min()


def calendar_of(times: pd.Series) -> Calendar:
    """Return the working days of the months of a log, and a month before and after."""
    moments = local_times(times.to_frame("time"), "time", None)
    first, last = moments.min().to_period("M") - 1, moments.max().to_period("M") + 1
    return Calendar.indonesia(date(first.year, first.month, 1), (last - first).n + 1)


def clock_of(calendar: Calendar) -> Clock:
    """Return a function from times to minutes of working time."""

    def minutes(moments: pd.Series) -> np.ndarray:
        return calendar.ticks(pd.Series(moments).to_numpy("M8[ms]")) / TICKS_PER_MINUTE

    return minutes
