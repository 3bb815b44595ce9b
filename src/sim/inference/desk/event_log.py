"""Event logs: what happened to each case, when, and which officer did it.

A log has one row per event (an activity completed on a case). Process-mining tools and most office systems
write completion times only; service starts are rare, and `sim.inference.desk.inputs` allows for that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from statsmodels.stats.proportion import proportion_confint

from sim.errors import KinerjaError, Problem, Problems, _
from sim.inference.data.panel_data import complete, require
from sim.inference.result import Note, Result, interval
from sim.tables import Place, dates

DAY = 86400.0


IN_UTC = Note(
    "in_utc",
    _(
        "the times are in UTC; hours of the day are not those of the office. Name its zone "
        "(Python: timezone='Asia/Makassar')."
    ),
)


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class EventLogResult(Result):
    """A checked log and its cases.

    Attributes
    ----------
    estimates : DataFrame
        One row per case: case, first, last (events), seconds between them, events, officers, and the columns
        kept.
    events : DataFrame
        case, activity, time (local, without zone), officer (missing where unknown) and, where the log has
        it, start; sorted by time.
    """

    events: pd.DataFrame

    def sentences(self) -> list[str]:
        t, days = self.estimates, self.estimates["seconds"] / DAY
        line = _(
            "{cases:,} cases, {events:,} events, {activities:,} activities, {officers:,} officers; "
            "{events_per:.2f} events and {officers_per:.2f} officers per case. Cases last {mean:.1f} "
            "calendar days on average, the median is {median:.1f}.",
            cases=len(t),
            events=len(self.events),
            activities=self.events["activity"].nunique(),
            officers=self.events["officer"].nunique(),
            events_per=t["events"].mean(),
            officers_per=t["officers"].mean(),
            mean=days.mean(),
            median=days.median(),
        )
        return [str(line)]

    def to_frame(self) -> pd.DataFrame:
        """Return the events, one per row."""
        return self.events

    def _draw_on(self, ax: Axes) -> None:
        days = np.sort(self.estimates["seconds"].to_numpy() / DAY)
        ax.step(days, np.arange(1, len(days) + 1) / len(days), where="post")
        ax.set_xscale("symlog", linthresh=0.01)
        ax.set_xlim(left=0)
        ax.set_ylim(0, 1)
        ax.set_xlabel(str(_("days")))
        ax.set_ylabel(str(_("share of cases ended")))


def event_log(
    frame: pd.DataFrame,
    case: str,
    activity: str,
    time: str,
    *,
    officer: str | None = None,
    start: str | None = None,
    keep: Sequence[str] = (),
    timezone: str | None = None,
) -> EventLogResult:
    """Check an event log and sum it up by case.

    Parameters
    ----------
    frame : DataFrame
        One row per event.
    case, activity : str
        Columns.
    time : str
        When the event was completed.
    officer : str, optional
        Who did it.
    start : str, optional
        When work on it started.
    keep : sequence of str
        Columns that belong to the case (channel, deadline...): the first value of each case is kept.
    timezone : str, optional
        Zone of the office ("Asia/Makassar"), where the times carry an offset; they are then shown in it.

    Returns
    -------
    EventLogResult

    Raises
    ------
    KinerjaError
        Unreadable times, mixed offsets without `timezone`, work that ends before it starts, duplicate rows.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"case": [1, 1, 2], "what": ["in", "out", "in"], "when":
    ...     ["2025-01-06 09:00", "2025-01-06 10:30", "2025-01-07 09:00"]})
    >>> event_log(rows, "case", "what", "when").table()["seconds"].tolist()
    [5400.0, 0.0]
    """
    columns = [case, activity, time, *(c for c in (officer, start) if c)]
    require(frame, [*columns, *keep])
    frame = frame.reset_index(drop=True)
    for column in (case, activity, time):
        complete(frame, column)
    events = pd.DataFrame({"case": frame[case], "activity": frame[activity]})
    # elapsed time is taken between instants: local clocks jump when summer time begins
    instant = _times(frame, time, timezone)
    events["time"] = instant if instant.dt.tz is None else instant.dt.tz_localize(None)
    events["officer"] = frame[officer] if officer else pd.Series(pd.NA, index=frame.index, dtype="string")
    if start:
        events["start"] = local_times(frame, start, timezone)
        wrong = (events["start"] > events["time"]).to_numpy()
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0]) + 2
            raise Problems(
                [Problem("log", row, start, _("is after {time}.", time=time), _("Correct one of the two."))]
            )
    twice = events.duplicated().to_numpy()
    if twice.any():
        row = int(np.flatnonzero(twice)[0]) + 2
        raise KinerjaError(
            _(
                "log: {n:,} rows repeat another (same case, activity, time and officer); the first "
                "is row {row}. Remove them, or they count as work done twice.",
                n=int(twice.sum()),
                row=row,
            )
        )
    events = events.assign(instant=instant).sort_values("time", kind="stable").reset_index(drop=True)
    by_case = events.groupby("case", sort=True)
    cases = by_case.agg(
        first=("time", "min"),
        last=("time", "max"),
        events=("activity", "size"),
        officers=("officer", "nunique"),
    )
    elapsed = by_case["instant"].max() - by_case["instant"].min()
    cases.insert(2, "seconds", elapsed.dt.total_seconds())
    if keep:
        cases = cases.join(frame.groupby(case)[list(keep)].first())
    unknown = float(events["officer"].isna().mean())
    notes: tuple[Note, ...] = ()
    if officer and unknown > 0:
        notes = (Note("officer_unknown", _("{share:.1%} of events name no officer.", share=unknown)),)
    if timezone is None and in_utc(instant):
        notes += (IN_UTC,)
    return EventLogResult(estimates=cases.reset_index(), notes=notes, events=events.drop(columns="instant"))


def in_utc(times: pd.Series) -> bool:
    """Return whether times are in UTC: written by a machine, not read off the clock of an office."""
    return str(getattr(times.dtype, "tz", "")) in ("UTC", "UTC+00:00")


def local_times(frame: pd.DataFrame, column: str, timezone: str | None, where: str = "log") -> pd.Series:
    """Return a column as local times without zone (NaT where empty), see `sim.tables.dates`.

    Raises
    ------
    Problems
        Unreadable times, day and month in two orders, or offsets that differ without a zone to show them in.
    """
    values = _times(frame, column, timezone, where)
    return values if values.dt.tz is None else values.dt.tz_localize(None)


def _times(frame: pd.DataFrame, column: str, timezone: str | None, where: str = "log") -> pd.Series:
    """Return a column as times, with a zone where they carry an offset."""
    place = Place(where, column, np.arange(len(frame)) + 2)
    values, problems, __ = dates(frame[column], place, timezone=timezone)
    if problems:
        raise Problems(problems)
    return values


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class OnTimeResult(Result):
    """Share of cases that ended by their due date.

    Attributes
    ----------
    estimates : DataFrame
        known, late, unknown (no end), share (in time, of the known), low, high (Wilson).
    """

    def sentences(self) -> list[str]:
        r = self.estimates.iloc[0]
        line = _(
            "Of {known:,} finished cases {share:.1%} {interval} were in time; {late:,} were late.",
            known=int(r.known),
            share=r.share,
            interval=interval(100 * r.low, 100 * r.high, 1),
            late=int(r.late),
        )
        return [str(line)]

    def _draw_on(self, ax: Axes) -> None:
        r = self.estimates.iloc[0]
        names = [str(name) for name in (_("late"), _("in time"), _("unknown"))]
        ax.bar(names, [r.late, r.known - r.late, r.unknown], color=["C1", "C0", "0.8"])


def on_time(cases: pd.DataFrame, end: str, due: str, *, timezone: str | None = None) -> OnTimeResult:
    """Estimate the share of cases with a known end that ended no later than due.

    Cases without an end are counted apart.

    Parameters
    ----------
    cases : DataFrame
        One row per case.
    end, due : str
        Columns of times; `end` may be empty.
    timezone : str, optional
        As in `event_log`.

    Returns
    -------
    OnTimeResult

    Raises
    ------
    KinerjaError
        No case with an end.

    Examples
    --------
    >>> import pandas as pd
    >>> done = pd.DataFrame({"end": ["2025-01-02", "2025-01-09", None], "due": ["2025-01-05"] * 3})
    >>> on_time(done, "end", "due").table()[["known", "late", "unknown"]].values.tolist()
    [[2, 1, 1]]
    """
    require(cases, [end, due], "cases")
    cases = cases.reset_index(drop=True)
    complete(cases, due, "cases")
    ended, limit = local_times(cases, end, timezone, "cases"), local_times(cases, due, timezone, "cases")
    known = ended.notna()
    n, late = int(known.sum()), int((ended[known] > limit[known]).sum())
    if n == 0:
        raise KinerjaError(_("cases: {end} is empty everywhere. No case is known to have ended.", end=end))
    low, high = proportion_confint(n - late, n, method="wilson")
    unknown = len(cases) - n
    row = {
        "known": n,
        "late": late,
        "unknown": unknown,
        "share": 1 - late / n,
        "low": float(low),
        "high": float(high),
    }
    notes: tuple[Note, ...] = ()
    if unknown:
        notes = (
            Note(
                "end_unknown",
                _(
                    "{n:,} cases without an end are not counted; if they are still open, use time_to_close().",
                    n=unknown,
                ),
            ),
        )
    return OnTimeResult(estimates=pd.DataFrame([row]), notes=notes)
