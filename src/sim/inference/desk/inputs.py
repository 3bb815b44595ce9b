"""Inputs of an agency, fitted to data, with what the data can and cannot say.

Each function returns rows for the agency tables (table, row, column) with value, interval, number of
observations, method, source and status. The column ``identified`` says how far to trust it:

- ``yes``: a sampling interval; status D (derived from data).
- ``bound``: the truth lies on one side of the value, which the column ``side`` names: at most ("upper") or at least
  ("lower") so much. A bound is no estimate: `sim.twin.desk.with_inputs` never puts one into an agency.
- ``no``: the data cannot tell; value, low and high come from stated assumptions; status A.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from sim.errors import KinerjaError, _
from sim.inference.data.checks import repeated_notes
from sim.inference.data.panel_data import binary, complete, require
from sim.inference.desk.event_log import EventLogResult, local_times
from sim.inference.models.clusters import fit_linear
from sim.inference.result import Note, Result, forest
from sim.inference.wording import decimals
from sim.language.numbers import number, percent

COLUMNS = [
    "table",
    "row",
    "column",
    "value",
    "low",
    "high",
    "unit",
    "n",
    "method",
    "identified",
    "side",
    "source",
    "status",
]
MOST_SHOWN = 6
"""Numbers that the sentences name; the table has all."""
UNITS = {
    "requests/working day": _("requests per working day"),
    "minutes": _("minutes"),
}
"""Units in the table that have a name in sentences."""
IDENTIFIED = {
    "yes": _("identified"),
    "no": _("an assumption"),
}
SIDES = {
    "upper": _("at most"),
    "lower": _("at least"),
}


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class InputsResult(Result):
    """Fitted inputs.

    Attributes
    ----------
    estimates : DataFrame
        table, row, column, value, low, high, unit, n, method, identified, side, source, status: ready for the
        agency tables (``row`` joins key columns with "/", as `sim.agency.provenance` does).
    data : DataFrame
        The data the numbers were computed from (one row per day, case or officer).
    tables : mapping of str to DataFrame
        Whole tables that were fitted: ``hours``, ``closed_days``, ``shifts``, ``steps``, ``moves``, ``attention``.
    """

    data: pd.DataFrame = field(default_factory=pd.DataFrame)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def sentences(self) -> list[str]:
        lines = []
        for r in self.estimates.head(MOST_SHOWN).itertuples():
            near = (r.high - r.low) / 4 if r.identified != "bound" else r.value / 10
            places = decimals(near)
            value, low, high = (
                percent(v, max(0, places - 2)) if r.unit == "share" else number(v, places)
                for v in (r.value, r.low, r.high)
            )
            value = f"{value} {UNITS[r.unit]}" if r.unit in UNITS else value
            if r.identified == "bound":
                line = _(
                    "{row} {column}: {side} {value} (a bound)",
                    row=r.row,
                    column=r.column,
                    side=SIDES[r.side],
                    value=value,
                )
            else:
                line = _(
                    "{row} {column}: {value} ({low} to {high}; {identified})",
                    row=r.row,
                    column=r.column,
                    value=value,
                    low=low,
                    high=high,
                    identified=IDENTIFIED[r.identified],
                )
            lines.append(str(line))
        if len(self.estimates) > MOST_SHOWN:
            lines.append(str(_("and {n} more numbers", n=len(self.estimates) - MOST_SHOWN)))
        return ["; ".join(lines) + "."]

    def to_frame(self) -> pd.DataFrame:
        """Return the data behind the numbers."""
        return self.data

    def _draw_on(self, ax: Axes) -> None:
        column = self.estimates["column"]
        shown = self.estimates[column == column.mode().iloc[-1]]  # one scale per figure
        forest(ax, shown.assign(label=shown["row"] + " " + shown["column"]), "label", estimate="value")

    def plus(self, *others: InputsResult) -> InputsResult:
        """Return these inputs and others as one."""
        parts = [self, *others]
        table = pd.concat([p.table() for p in parts], ignore_index=True)
        if table.duplicated(["table", "row", "column"]).any():
            twice = table[table.duplicated(["table", "row", "column"])].iloc[0]
            raise KinerjaError(
                _(
                    "{table} {row} {column} was fitted twice. Keep one.",
                    table=twice.table,
                    row=twice.row,
                    column=twice.column,
                )
            )
        names = dict.fromkeys(name for p in parts for name in p.tables)
        tables = {
            n: pd.concat([p.tables[n] for p in parts if n in p.tables], ignore_index=True) for n in names
        }
        notes = tuple(n for p in parts for n in p.notes)
        return InputsResult(estimates=table, notes=notes, data=self.data, tables=tables)


def input_row(
    table: str,
    row: str,
    column: str,
    value: float,
    low: float,
    high: float,
    unit: str,
    n: int,
    method: str,
    identified: str,
    source: str,
    *,
    side: str = "",
) -> dict[str, Any]:
    """Return one row of `InputsResult.table()`: derived from data (D) when identified, else an assumption (A)."""
    status = "D" if identified == "yes" else "A"
    values = (table, row, column, float(value), float(low), float(high), unit, int(n), method)
    return dict(zip(COLUMNS, (*values, identified, side, source, status), strict=True))


def fit_arrivals(
    times: pd.Series,
    service: str,
    source: str,
    *,
    holidays: Sequence[object] = (),
    days: np.ndarray | None = None,
    opens: float = 8.0,
    level: float = 0.95,
) -> InputsResult:
    """Estimate the demand per working day and its profile, from the times at which requests arrived.

    Parameters
    ----------
    times : Series of datetime64
        One entry per request, local time.
    service : str
        Code of the service.
    source : str
        Where the data come from; written into the table.
    holidays : sequence of dates
        Closed weekdays. Arrivals on closed days count for the next open one.
    days : ndarray of datetime64[D], optional
        The open days themselves, in order, in place of Monday to Friday without the holidays (an office with hours of
        its own: Saturday service, other holidays); they cover the arrivals and the next open day.
    opens : float
        Opening hour of the day (for the profile over working hours 1-8).
    level : float
        Confidence level.

    Returns
    -------
    InputsResult
        ``services demand``; ``services demand_sd``, the spread of a factor on each day's demand around its profile (0
        where days show no more than Poisson); ``demand factor`` by weekday (1 Monday), by month where a year or more
        was observed (over less than two years each month was seen once: its interval covers variation within that
        month only, and the row says ``no``), and by hour where the times of day are real (not where most share one
        stamp).
        Intervals allow for dependence within a week (CR2).

    Raises
    ------
    KinerjaError
        Fewer than ten working days, missing times.

    Examples
    --------
    >>> import pandas as pd
    >>> days = pd.bdate_range("2025-01-06", periods=40)
    >>> times = pd.Series([d + pd.Timedelta(hours=9 + k % 6) for d in days for k in range(5)])
    >>> float(fit_arrivals(times, "ktp", "register 2025").table()["value"].round(6)[0])
    5.0
    """
    times = pd.Series(times).reset_index(drop=True)
    if times.empty or times.isna().any():
        raise KinerjaError(
            _("arrivals: some times are missing, or there are none. Leave out the requests without a time.")
        )
    stamps = local_times(times.to_frame("time"), "time", None, "arrivals")
    dates = stamps.to_numpy("datetime64[D]")
    if days is None:
        off = np.array([np.datetime64(pd.Timestamp(d), "D") for d in holidays], "datetime64[D]")
        days = np.arange(dates.min(), np.busday_offset(dates.max(), 0, roll="forward", holidays=off) + 1)
        days = days[np.is_busday(days, holidays=off)]
    at = np.searchsorted(days, dates)
    if at.max(initial=0) >= len(days):
        raise KinerjaError(
            _(
                "arrivals: the last request came after the last open day, {day}.",
                day=days[-1] if len(days) else "-",
            )
        )
    open_day = days[at]
    moved = float((open_day != dates).mean())
    days = days[at.min() : at.max() + 1]
    if len(days) < 10:
        raise KinerjaError(_("arrivals: {n} working days; at least ten are needed.", n=len(days)))
    count = np.bincount(np.searchsorted(days, open_day), minlength=len(days)).astype(float)
    week = np.unique(monday_of(days), return_inverse=True)[1]
    mean = fit_linear(count, np.ones((len(days), 1)), week).contrast(np.ones(1), level)
    unit = "requests/working day"
    rows = [
        input_row(
            "services", service, "demand", mean.estimate, max(mean.low, 0), mean.high, unit, len(times),
            f"mean of {len(days)} working days, CR2 by week", "yes", source,
        )
    ]  # fmt: skip
    stamp = pd.DatetimeIndex(days)
    months = len(np.unique(days.astype("datetime64[M]")))
    profiles = [("weekday", stamp.day_of_week.to_numpy() + 1, "yes")]
    if months >= 12:
        profiles.append(("month", stamp.month.to_numpy(), "yes" if months >= 24 else "no"))
    for period, index, identified in profiles:
        for k in np.unique(index):
            value, low, high = _factor(count, index == k, week, level)
            rows.append(
                input_row(
                    "demand", f"{service}/{period}/{k}", "factor", value, low, high, "", int((index == k).sum()),
                    "ratio of daily means, by week", identified, source,
                )
            )  # fmt: skip
    real = real_hours(stamps)
    if real:
        rows += _hours(stamps, service, opens, source, level)
    expected, used = _expected(count, [index for __, index, __ in profiles])
    spread = _dispersion(count, expected, used)
    rows.append(
        input_row(
            "services", service, "demand_sd", *_daily_sd(count, expected, used, week, level), "", len(days),
            "moments around the profile, by week", "yes", source,
        )
    )  # fmt: skip
    data = pd.DataFrame({"day": days, "arrivals": count})
    return InputsResult(
        estimates=pd.DataFrame(rows, columns=COLUMNS),
        notes=tuple(_arrival_notes(moved, real, spread)),
        data=data,
    )


def monday_of(days: np.ndarray) -> np.ndarray:
    """Return the Monday of the week of each day (NumPy's own weeks start on Thursday)."""
    number = days.astype("datetime64[D]").astype(np.int64)
    return (number - (number + 3) % 7).astype("datetime64[D]")


def _factor(
    count: np.ndarray, here: np.ndarray, week: np.ndarray, level: float
) -> tuple[float, float, float]:
    """Return the mean of some days over the mean of all, with a week-clustered delta-method interval."""
    overall, part = count.mean(), count[here].mean()
    value = part / overall
    influence = (
        here * (count - part) / here.sum() / overall - value * (count - overall) / len(count) / overall
    )
    weeks = week.max() + 1
    se = np.sqrt((np.bincount(week, influence) ** 2).sum() * weeks / max(weeks - 1, 1))
    half = stats.t.ppf(0.5 + level / 2, max(weeks - 1, 1)) * se
    return value, max(value - half, 0.0), value + half


def _expected(count: np.ndarray, profiles: Sequence[np.ndarray]) -> tuple[np.ndarray, int]:
    """Return the daily means of the profile just fitted, and how many numbers it has."""
    expected, used = np.full(len(count), count.mean()), 1
    for index in profiles:
        code = np.unique(index, return_inverse=True)[1]
        means = np.bincount(code, count) / np.bincount(code)
        expected = expected * means[code] / count.mean()
        used += int(code.max())
    return expected * count.sum() / expected.sum(), used


def _dispersion(count: np.ndarray, expected: np.ndarray, used: int) -> float:
    """Return how often the variance of daily counts is that of a Poisson with the profile just fitted."""
    seen = expected > 0
    return float((((count - expected) ** 2)[seen] / expected[seen]).sum() / (len(count) - used))


def _daily_sd(
    count: np.ndarray, expected: np.ndarray, used: int, week: np.ndarray, level: float
) -> tuple[float, float, float]:
    """Return the standard deviation of a factor on each day's demand, beyond Poisson, by moments around the profile.

    The interval allows for dependence within a week. Where it reaches zero, no more than Poisson shows: the value is 0.
    """
    square = (count - expected) ** 2 * len(count) / (len(count) - used)
    whole = float((expected**2).sum())
    variance = float((square - expected).sum()) / whole
    influence = (square - expected - variance * expected**2) / whole
    weeks = int(week.max()) + 1
    se = np.sqrt((np.bincount(week, influence) ** 2).sum() * weeks / max(weeks - 1, 1))
    half = float(stats.t.ppf(0.5 + level / 2, max(weeks - 1, 1)) * se)
    low, high = (float(np.sqrt(max(variance + sign * half, 0.0))) for sign in (-1, 1))
    return (float(np.sqrt(variance)) if low > 0 else 0.0), low, high


def real_hours(stamps: pd.Series) -> bool:
    """Return False where times of day are stamps: most requests share two clock times, or none has one."""
    clock = stamps.dt.strftime("%H:%M").value_counts(normalize=True)
    return bool(clock.head(2).sum() < 0.5)


def _hours(stamps: pd.Series, service: str, opens: float, source: str, level: float) -> list[dict[str, Any]]:
    hour = np.floor(stamps.dt.hour + stamps.dt.minute / 60 - opens).astype(int) + 1
    inside = hour.between(1, 8)
    rows = []
    for k in range(1, 9):
        n, hits = int(inside.sum()), int((hour == k).sum())
        low, high = proportion_confint(hits, n, 1 - level, method="wilson")
        rows.append(
            input_row(
                "demand", f"{service}/hour/{k}", "factor", 8 * hits / n, 8 * low, 8 * high, "", n,
                "share of arrivals in the hour, Wilson", "yes", source,
            )
        )  # fmt: skip
    return rows


def closed_days_note(share: float) -> Note:
    """Return the note on requests that are dated on closed days."""
    said = _(
        "{share:.0%} of requests are dated on closed days; they count for the next open day.", share=share
    )
    return Note("closed_days", said)


def _arrival_notes(moved: float, real: bool, spread: float) -> list[Note]:
    notes = []
    if moved > 0.02:
        notes.append(closed_days_note(moved))
    if not real:
        notes.append(
            Note(
                "hours_not_identified",
                _("the times of day are date stamps: an hourly profile cannot be estimated."),
            )
        )
    if spread > 1.5:
        notes.append(
            Note(
                "overdispersed",
                _(
                    "the daily variance is {ratio:.1f} times what chance gives around the profile by weekday and "
                    "month: arrivals cluster more than Poisson.",
                    ratio=spread,
                ),
            )
        )
    return notes


def fit_absence(
    register: pd.DataFrame, officer: str, present: str, unit: str, source: str, *, level: float = 0.95
) -> InputsResult:
    """Estimate the share of working days absent, from an attendance register.

    The interval allows for differences between officers (CR2 over officers). Days without a row are not absences.

    Parameters
    ----------
    register : DataFrame
        One row per officer and working day.
    officer, present : str
        Columns; `present` is 1 or 0.
    unit, source : str
        Code of the unit; where the data come from.
    level : float
        Confidence level.

    Returns
    -------
    InputsResult

    Raises
    ------
    KinerjaError
        Fewer than three officers, all present or all absent every day.

    Examples
    --------
    >>> import pandas as pd
    >>> book = pd.DataFrame({"who": [1, 1, 2, 2, 3, 3], "here": [1, 0, 1, 1, 1, 1]})
    >>> round(fit_absence(book, "who", "here", "dukcapil", "register").table()["value"].item(), 3)
    0.167
    """
    require(register, [officer, present], "register")
    register = register.reset_index(drop=True)
    complete(register, officer, "register")
    away = 1.0 - binary(register, present, "register")
    who = pd.factorize(register[officer], sort=True)[0]
    notes = repeated_notes(register, [officer, present])
    if who.max() < 2:
        raise KinerjaError(
            _("register: fewer than three officers, so that differences between them cannot be estimated.")
        )
    if np.ptp(away) == 0:
        if away[0]:
            raise KinerjaError(
                _("register: everybody is absent every day. Check the coding: 1 is present, 0 absent.")
            )
        raise KinerjaError(_("register: nobody is ever absent. Check the coding: 1 is present, 0 absent."))
    fit = fit_linear(away, np.ones((len(away), 1)), who).contrast(np.ones(1), level)
    row = input_row(
        "units", unit, "absence", fit.estimate, max(fit.low, 0.0), min(fit.high, 1.0), "share", len(away),
        f"mean over {who.max() + 1} officers, CR2", "yes", source,
    )  # fmt: skip
    data = pd.DataFrame({"officer": register[officer], "absent": away})
    return InputsResult(
        estimates=pd.DataFrame([row], columns=COLUMNS),
        notes=notes,
        data=data.groupby("officer", as_index=False)["absent"].mean(),
    )


def absence_bound(
    log: EventLogResult,
    unit: str,
    source: str,
    *,
    holidays: Sequence[object] = (),
    days: np.ndarray | None = None,
) -> InputsResult:
    """Bound absence from above by an event log: working days without any event of an officer.

    Between an officer's first and last event, a working day without one may be absence, other duties, or an
    empty queue. The mean over officers is therefore a bound, never an estimate; low is 0.

    Parameters
    ----------
    log : EventLogResult
    unit, source : str
        Code of the unit; where the log comes from.
    holidays : sequence of dates
        Closed weekdays.
    days : ndarray of datetime64[D], optional
        The open days themselves, in order, in place of Monday to Friday without the holidays.

    Returns
    -------
    InputsResult

    Raises
    ------
    KinerjaError
        A log that names no officer.

    Examples
    --------
    >>> import pandas as pd
    >>> from sim.inference.desk.event_log import event_log
    >>> rows = pd.DataFrame({"case": range(4), "what": "x", "who": "a", "when": ["2025-01-06", "2025-01-07",
    ...     "2025-01-09", "2025-01-10"]})
    >>> log = event_log(rows, "case", "what", "when", officer="who")
    >>> absence_bound(log, "desk", "log").table().round(3)[["value", "identified"]].values.tolist()
    [[0.2, 'bound']]
    """
    events = log.events.dropna(subset=["officer"])
    if events.empty:
        raise KinerjaError(_("log: no event names an officer, so that absence cannot be bounded."))
    day = events["time"].to_numpy("datetime64[D]")
    if days is None:
        off = np.array([np.datetime64(pd.Timestamp(d), "D") for d in holidays], "datetime64[D]")
        days = np.arange(day.min(), day.max() + 1)
        days = days[np.is_busday(days, holidays=off)]
    seen = pd.DataFrame({"officer": events["officer"].to_numpy(), "day": day})[np.isin(day, days)]
    if seen.empty:
        raise KinerjaError(_("log: no event lies on an open day, so that absence cannot be bounded."))
    found = seen.groupby("officer")["day"].agg(["min", "max", "nunique"])
    ends = found["max"].to_numpy("datetime64[D]"), found["min"].to_numpy("datetime64[D]")
    span = np.searchsorted(days, ends[0], side="right") - np.searchsorted(days, ends[1])
    idle = pd.DataFrame({"officer": found.index, "days": span, "active": found["nunique"].to_numpy()})
    share = float(1 - idle["active"].sum() / idle["days"].sum())
    row = input_row(
        "units", unit, "absence", share, 0.0, share, "share", int(idle["days"].sum()),
        f"working days without an event, {len(idle)} officers", "bound", source, side="upper",
    )  # fmt: skip
    note = Note("absence_bound", _("a day without an event need not be an absence: this is an upper bound."))
    return InputsResult(estimates=pd.DataFrame([row], columns=COLUMNS), notes=(note,), data=idle)
