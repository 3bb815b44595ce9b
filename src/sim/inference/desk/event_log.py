"""Event logs: what happened to each case, when, by whom.

A log has one row an event (an activity completed on a case). Process-mining tools and most office systems
write completion times only; service starts are rare, and `sim.inference.desk.inputs` is careful about that.
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
from sim.inference.result import Lang, Note, Result, interval
from sim.language.numbers import number, percent

DAY = 86400.0


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class EventLogResult(Result):
    """A checked log and its cases.

    Attributes
    ----------
    table : DataFrame
        One row a case: case, first, last (events), seconds between them, events, officers, and the columns
        kept.
    events : DataFrame
        case, activity, time (local, without zone), officer (missing where unknown) and, where the log has
        it, start; sorted by time.
    """

    events: pd.DataFrame

    def prose(self, lang: Lang) -> str:
        t, days = self.estimates, self.estimates["seconds"] / DAY
        who = self.events["officer"].nunique()
        per, wide = number(t["events"].mean(), 2, lang=lang), number(t["officers"].mean(), 2, lang=lang)
        mean, middle = number(days.mean(), 1, lang=lang), number(days.median(), 1, lang=lang)
        n = [
            number(k, 0, lang=lang)
            for k in (len(t), len(self.events), self.events["activity"].nunique(), who)
        ]
        return _(
            "{first_n} cases, {n} events, {n_2} activities, {n_3} officers; {per} events and "
            "{wide} officers a case. Cases last {mean} calendar days on average, the median is "
            "{middle}.",
            first_n=n[0],
            n=n[1],
            n_2=n[2],
            n_3=n[3],
            per=per,
            wide=wide,
            mean=mean,
            middle=middle,
        ).text(lang)

    def _draw_on(self, ax: Axes) -> None:
        days = np.sort(self.estimates["seconds"].to_numpy() / DAY)
        ax.step(days, np.arange(1, len(days) + 1) / len(days), where="post")
        ax.set_xscale("symlog", linthresh=0.01)
        ax.set_xlim(left=0)
        ax.set_ylim(0, 1)
        ax.set_xlabel("days")
        ax.set_ylabel("F(t)")


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
    """A checked event log.

    Parameters
    ----------
    frame : DataFrame
        One row an event.
    time : str
        When the event was completed.
    start : str, optional
        When work on it began.
    keep : sequence of str
        Columns that belong to the case (channel, deadline...): the first value of each case is kept.
    timezone : str, optional
        Zone of the office ("Asia/Makassar"), where the times carry an offset; they are then shown in it.

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
    events["time"] = local_times(frame, time, timezone)
    # elapsed time is taken between instants: local clocks jump when summer time begins
    instant = events["time"] if timezone is None else pd.to_datetime(frame[time], format="mixed", utc=True)
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
                "log: {sum} rows repeat another (same case, activity, time and officer); the first "
                "is row {row}. Remove them, or they count as work done twice.",
                sum=int(twice.sum()),
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
        notes = (Note("officer_unknown", _("{unknown:.1%} of events name no officer.", unknown=unknown)),)
    return EventLogResult(estimates=cases.reset_index(), notes=notes, events=events.drop(columns="instant"))


def local_times(frame: pd.DataFrame, column: str, timezone: str | None, where: str = "log") -> pd.Series:
    """A column as local times without zone (NaT where empty).

    Raises
    ------
    KinerjaError
        Unreadable times, or offsets without a zone to show them in.
    """
    text = frame[column]
    if timezone is None:
        try:
            values = pd.to_datetime(text, errors="coerce", format="mixed")
        except ValueError as error:  # offsets that differ (summer time)
            raise KinerjaError(
                _(
                    "{where}: the times in {column} carry offsets that differ. Name the timezone of the "
                    "office.",
                    where=where,
                    column=column,
                )
            ) from error
        if isinstance(values.dtype, pd.DatetimeTZDtype):
            values = values.dt.tz_localize(None)
    else:
        values = pd.to_datetime(text, errors="coerce", format="mixed", utc=True).dt.tz_convert(timezone)
        values = values.dt.tz_localize(None)
    bad = (values.isna() & text.notna()).to_numpy()
    if bad.any():
        at = int(np.flatnonzero(bad)[0])
        what = _("{iloc!r} is not a time.", iloc=text.iloc[at])
        raise Problems([Problem(where, at + 2, column, what, _("Write times as 2025-03-01 14:30."))])
    return values


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class OnTimeResult(Result):
    """Share of cases that ended by their due date.

    Attributes
    ----------
    table : DataFrame
        known, late, unknown (no end), share (in time, of the known), low, high (Wilson).
    """

    def prose(self, lang: Lang) -> str:
        r = self.estimates.iloc[0]
        around = f"{percent(r.share, lang=lang)} {interval(100 * r.low, 100 * r.high, 1, lang=lang)}"
        return _(
            "Of {known:.0f} finished cases {around} were in time; {late:.0f} were late.",
            known=r.known,
            around=around,
            late=r.late,
        ).text(lang)

    def _draw_on(self, ax: Axes) -> None:
        r = self.estimates.iloc[0]
        ax.bar(
            ["late", "in time", "unknown"], [r.late, r.known - r.late, r.unknown], color=["C1", "C0", "0.8"]
        )


def on_time(cases: pd.DataFrame, end: str, due: str, *, timezone: str | None = None) -> OnTimeResult:
    """Share of cases with a known end that ended no later than due; the unknown are counted, not guessed.

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
                    "{unknown} cases without an end are not counted; if they are still open, use "
                    "time_to_close().",
                    unknown=unknown,
                ),
            ),
        )
    return OnTimeResult(estimates=pd.DataFrame([row]), notes=notes)
