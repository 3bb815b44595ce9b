"""Event log of a desk: its columns, its working days, and the log of a simulated desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from sim.agency.sheets import near
from sim.calendar import REGIMES, TICKS_PER_MINUTE, Calendar, minutes_of
from sim.errors import KinerjaError, _
from sim.inference.data.panel_data import complete
from sim.inference.desk.event_log import IN_UTC, EventLogResult, event_log, in_utc, local_times
from sim.inference.desk.opening_hours import HoursResult, fit_hours
from sim.inference.desk.service_times import Clock
from sim.inference.result import Note

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
TIMES = ("time", "start", "arrived")


@dataclass(frozen=True)
class DeskLog:
    """A log under the names of `COLUMNS`, all times local.

    Attributes
    ----------
    rows : DataFrame
        One row per event; columns are the roles that the log has.
    notes : tuple of Note
        What was noticed on the way.
    """

    rows: pd.DataFrame
    notes: tuple[Note, ...] = ()

    def has(self, *roles: str) -> bool:
        """Return whether the log has all these roles."""
        return set(roles) <= set(self.rows.columns)

    def of(self, chosen: pd.Series) -> DeskLog:
        """Return the log of some rows."""
        return DeskLog(self.rows[chosen].reset_index(drop=True))

    def events(self) -> EventLogResult:
        """Return the checked log; its cases have a column arrived where the log has one."""
        roles = {role: role for role in ("officer", "start") if self.has(role)}
        keep = ["arrived"] if self.has("arrived") else []
        return event_log(self.rows, "case", "activity", "time", keep=keep, **roles)


def read_log(
    log: pd.DataFrame, *, columns: Mapping[str, str] | None = None, timezone: str | None = None
) -> DeskLog:
    """Bring a log under the names of `COLUMNS`, with local times; it may be under them already.

    Raises
    ------
    KinerjaError
        A role that there is not, a column that the log does not have, empty cells of case, activity, time or service.
    """
    named = dict(columns or {})
    for role, column in named.items():
        if role not in COLUMNS:
            raise KinerjaError(
                _(
                    "columns: there is no role {role!r}. {hint}The roles are {known}.",
                    role=role,
                    hint=near(role, list(COLUMNS)),
                    known=", ".join(COLUMNS),
                )
            )
        if column not in log.columns:
            raise KinerjaError(
                _(
                    "log: no column {column!r}, which columns= gives for {role}. {hint}The columns are {known}.",
                    column=column,
                    role=role,
                    hint=near(column, list(map(str, log.columns))),
                    known=", ".join(map(str, log.columns)),
                )
            )
    names = COLUMNS | named
    absent = [role for role in ("case", "activity", "time") if names[role] not in log.columns]
    if absent:
        raise KinerjaError(
            _(
                "log: no column {columns}. Name them in columns=...",
                columns=", ".join(COLUMNS[r] for r in absent),
            )
        )
    log = log.reset_index(drop=True)
    rows = pd.DataFrame({role: log[column] for role, column in names.items() if column in log.columns})
    notes: tuple[Note, ...] = ()
    for role in TIMES:
        if role in rows:
            if timezone is None and role == "time" and in_utc(rows[role]):
                notes = (IN_UTC,)
            rows[role] = local_times(log, names[role], timezone)
    complete(rows, "time")
    if "service" in rows:
        complete(rows, "service")
        rows["service"] = rows["service"].astype(str)
    if "arrived" in rows:
        first = rows.groupby("case", sort=False)["time"].transform("min")
        if "start" in rows:
            first = first.where(first <= rows["start"].fillna(first), rows["start"])
            first = first.groupby(rows["case"]).transform("min")
        late = (rows["arrived"] > first).to_numpy()
        unknown = rows["arrived"].isna().to_numpy()
        if late.any() or unknown.any():
            rows["arrived"] = first.where(late | unknown, rows["arrived"])
            notes += (
                Note(
                    "arrivals_corrected",
                    _(
                        "{late:,} cases arrive after their first event and {unknown:,} without a date; the first event "
                        "counts as their arrival.",
                        late=rows.loc[late, "case"].nunique(),
                        unknown=rows.loc[unknown, "case"].nunique(),
                    ),
                ),
            )
    return DeskLog(rows, notes)


def office_hours(
    log: pd.DataFrame,
    unit: str,
    *,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    hours: pd.DataFrame | None = None,
    closed: pd.DataFrame | None = None,
) -> HoursResult:
    """Fit the opening hours, weekdays and closed days of an office to its log, or take them as given.

    Parameters
    ----------
    log : DataFrame
        One row per event.
    unit : str
        Code of the unit.
    columns, timezone
        As in `fit_desk`.
    hours, closed : DataFrame, optional
        Known hours and closed days, as `sim.inference.fit_hours` takes them.

    Returns
    -------
    HoursResult
        For `fit_desk(..., hours=)` and `check_desk(..., hours=)`. Moments at which citizens give up are left out.

    Raises
    ------
    KinerjaError
        As `read_log` and `sim.inference.fit_hours`.

    Examples
    --------
    >>> days = pd.bdate_range("2026-03-02", periods=20)
    >>> at = [d + pd.Timedelta(minutes=k) for d in days for k in range(9 * 60, 14 * 60, 20)]
    >>> rows = pd.DataFrame({"case": range(len(at)), "activity": "served", "when": at})
    >>> office_hours(rows, "izin", columns={"time": "when"}).hours.loc[0, ["open", "close"]].tolist()
    ['09:00', '14:00']
    """
    read = read_log(log, columns=columns, timezone=timezone)
    return fit_hours(read.of(read.rows["activity"] != LEFT).events(), unit, hours=hours, closed=closed)


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


def desk_days(
    log: pd.DataFrame | DeskLog,
    *,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    days: Days = Calendar.indonesia,
    first: date | None = None,
    last: date | None = None,
) -> pd.DataFrame:
    """Sum up a log by working day: the table by which log and simulation are compared.

    Parameters
    ----------
    log : DataFrame
        One row per event.
    columns, timezone
        As in `fit_desk`.
    days : callable, optional
        Makes the working days of the office; by default those of government offices (see `days_of`).
    first, last : date, optional
        Cut the log: cases that arrived before `first` and events after `last` are left out, and every working day
        between has a row. By default from the first arrival to the last event.

    Returns
    -------
    DataFrame
        One row per working day: day, arrivals, ended; where the log has arrivals, total (minutes of working time from
        arrival to the last event, mean of those who were served and arrived that day; 0 where none was); and where it
        has starts as well, waiting (the same, to the first start).
    """
    read = log if isinstance(log, DeskLog) else read_log(log, columns=columns, timezone=timezone)
    read = cut(read, first, last)
    cases = read.events().table()
    arrived = cases["arrived"] if read.has("arrived") else cases["first"]
    calendar = calendar_of(pd.concat([read.rows["time"], arrived]), days, *(d for d in (first, last) if d))
    clock = clock_of(calendar)
    day = calendar.day_of(calendar.ticks(arrived.to_numpy("M8[ms]")))  # after closing: for the next day
    end = _day(calendar, cases["last"])
    span = np.arange(min(day.min(), end.min()), min(max(day.max(), end.max()), calendar.days - 1) + 1)
    if first is not None:
        span = np.arange(np.searchsorted(calendar.dates, np.datetime64(first)), span[-1] + 1)
    if last is not None:
        span = np.arange(span[0], np.searchsorted(calendar.dates, np.datetime64(last), side="right"))

    def by_day(at: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        within = (at >= span[0]) & (at <= span[-1])  # what arrives after the last closing is not in it
        kept = None if weights is None else weights[within]
        return np.bincount(at[within] - span[0], kept, len(span)).astype(float)

    out = pd.DataFrame({"day": calendar.dates[span], "arrivals": by_day(day), "ended": by_day(end)})
    if not read.has("arrived"):
        return out
    begun = _began(read)
    gone = set(read.rows.loc[read.rows["activity"] == LEFT, "case"])
    spans = {"total": cases["last"].where(~cases["case"].isin(gone))}
    if read.has("start"):
        spans["waiting"] = cases["case"].map(begun)
    for name, moment in spans.items():
        known = moment.notna().to_numpy()
        minutes = clock(moment[known]) - clock(arrived[known])
        out[name] = by_day(day[known], minutes) / np.maximum(by_day(day[known]), 1)
    return out


def cut(read: DeskLog, first: date | None, last: date | None) -> DeskLog:
    """Return a log without cases that arrived before `first` and without events after `last`.

    Raises
    ------
    KinerjaError
        Nothing is left.
    """
    rows = read.rows
    keep = np.ones(len(rows), bool)
    if first is not None:
        begin = rows["arrived"] if read.has("arrived") else rows.groupby("case")["time"].transform("min")
        keep &= (begin >= pd.Timestamp(first)).to_numpy()
    if last is not None:
        keep &= (rows["time"] < pd.Timestamp(last) + pd.Timedelta(days=1)).to_numpy()
    if not keep.any():
        raise KinerjaError(_("log: no event from {first} to {last}.", first=first or "-", last=last or "-"))
    return DeskLog(rows[keep].reset_index(drop=True), read.notes)


def _day(calendar: Calendar, moments: pd.Series) -> np.ndarray:
    """Return the working day of moments: their date, or the next open one."""
    return np.searchsorted(calendar.dates, moments.to_numpy("M8[D]"))


def _began(read: DeskLog) -> pd.Series:
    """Return the first start of each case, where it is known."""
    if not read.has("start"):
        return pd.Series(dtype="M8[ms]")
    return read.rows.groupby("case")["start"].min()


def waits_of(read: DeskLog, calendar: Calendar, gave_up: list[str]) -> pd.DataFrame:
    """Return how long each citizen was seen to wait in the room, and whether they gave up.

    Parameters
    ----------
    read : DeskLog
        With starts and arrivals.
    calendar : Calendar
    gave_up : list of str
        Activities by which a citizen leaves without being served.

    Returns
    -------
    DataFrame
        waited (minutes), left (1 or 0). Nobody waits overnight: who is sent home at closing and comes back has shown
        the longest of their waits, and who is sent home for good, no more than that wait.
    """
    rows = read.rows
    left = rows["activity"].isin(gave_up)
    start = rows["start"].where(~(rows["activity"] == BEGUN), rows["time"])
    begun = start[~left].groupby(rows["case"][~left]).min()
    gone = rows.loc[left].groupby("case")["time"].min()
    arrived = rows.groupby("case")["arrived"].min()
    until = begun.reindex(arrived.index)
    is_gone = until.isna().to_numpy() & arrived.index.isin(gone.index)
    until = until.where(~is_gone, gone.reindex(arrived.index))
    known = until.notna().to_numpy()
    arrived, until, is_gone = arrived[known], until[known], is_gone[known]
    first, last = _day(calendar, arrived), np.minimum(_day(calendar, until), calendar.days - 1)
    a, b = (calendar.ticks(m.to_numpy("M8[ms]")) / TICKS_PER_MINUTE for m in (arrived, until))
    opens = calendar.day_start / TICKS_PER_MINUTE
    b = np.clip(b, opens[last], opens[last + 1])
    overnight = last > first
    rest = np.where(overnight, opens[first + 1] - a, 0.0)  # until the first closing
    length = np.diff(opens)
    between = np.array([length[f + 1 : k].max(initial=0.0) for f, k in zip(first, last, strict=True)])
    today = b - np.where(overnight, opens[last], a)
    sent_home = is_gone & (opens[last + 1] - b <= AT_CLOSING)
    served = ~is_gone | sent_home
    waited = np.where(served, np.maximum(np.maximum(rest, between), today), today)
    return pd.DataFrame({"waited": np.maximum(waited, 0.0), "left": (~served).astype(int)})


AT_CLOSING = 1.0
"""Minutes before closing within which who leaves is sent home (assumption)."""


Days = Callable[[date, int], Calendar]
"""Makes the working days of an office from a first day and a number of months."""


def days_of(hours: HoursResult) -> Days:
    """Return the working days of an office with the hours and closed days of a log, or as given."""
    table = np.zeros((len(REGIMES), 7, 4), np.int64)
    for row in hours.hours.itertuples():
        opens, length = minutes_of(row.open), minutes_of(row.close) - minutes_of(row.open)
        table[:, row.weekday - 1] = (opens, length, length, 0)
    closed = [day.date() for day in hours.closed_days["date"]]

    def make(start: date, months: int) -> Calendar:
        return Calendar.of(start, months, table, holidays=False, closed=closed)

    return make


def calendar_of(times: pd.Series, days: Days = Calendar.indonesia, *also: date) -> Calendar:
    """Return the working days of the months of some times, and a month before and after.

    By default those of government offices.
    """
    moments = pd.concat([times, pd.Series(list(also), dtype="M8[ms]")]) if also else times
    first, last = moments.min().to_period("M") - 1, moments.max().to_period("M") + 1
    return days(date(first.year, first.month, 1), (last - first).n + 1)


def within_hours(calendar: Calendar, moments: pd.Series) -> np.ndarray:
    """Return whether moments lie on an open day, from opening to closing; breaks are within."""
    at = moments.to_numpy("M8[ms]")
    day = np.minimum(_day(calendar, moments), calendar.days - 1)
    clock = (at - calendar.dates[day].astype("M8[ms]")).astype(np.int64) - calendar.opening[day]
    whole = np.diff(calendar.day_start)[day] + calendar.pause[day]
    return (calendar.dates[day] == at.astype("M8[D]")) & (clock >= 0) & (clock <= whole)


def clock_of(calendar: Calendar) -> Clock:
    """Return a function from times to minutes of working time."""

    def minutes(moments: pd.Series) -> np.ndarray:
        return calendar.ticks(pd.Series(moments).to_numpy("M8[ms]")) / TICKS_PER_MINUTE

    return minutes
