"""Who is on duty by weekday and hour: officers seen at work, counted from an event log."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy import stats

from sim.calendar import minutes_of
from sim.errors import KinerjaError, _
from sim.inference.desk.event_log import EventLogResult
from sim.inference.desk.opening_hours import WEEKDAYS, HoursResult, clock_text, weekday_of
from sim.inference.result import Note, Result

SHIFTS = ["unit", "weekday", "from", "to", "on_duty"]
SLOT = 60
"""Minutes of a slot."""
SURE = 3.0
"""Cases per officer and slot from which hardly anybody on duty is missed: one in twenty, were they at random."""


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class ShiftsResult(Result):
    """Officers on duty by weekday and hour.

    Attributes
    ----------
    estimates : DataFrame
        One row per slot: unit, weekday (1 Monday), from, to ("08:00"), on_duty (whole officers, the mean rounded),
        mean, low, high (t interval of the mean over days), days, identified ("yes", or "bound": at least so many).
    seen : DataFrame
        date, from, officers: different officers seen in each slot of each open day.
    acts : float
        Cases in a slot of an officer who is seen in it.
    level : float
    """

    seen: pd.DataFrame
    acts: float
    level: float

    @property
    def shifts(self) -> pd.DataFrame:
        """Staffing as a plain table: unit, weekday, from, to, on_duty."""
        return self.estimates[SHIFTS]

    def sentences(self) -> list[str]:
        t = self.estimates
        busiest, emptiest = t.loc[t["mean"].idxmax()], t.loc[t["mean"].idxmin()]
        line = _(
            "{unit}: {most:.1f} officers are at work on {day} at {at}, the most of the week; {least:.1f} on {other} at "
            "{then}, the fewest.",
            unit=busiest["unit"],
            most=busiest["mean"],
            day=WEEKDAYS[busiest["weekday"] - 1],
            at=busiest["from"],
            least=emptiest["mean"],
            other=WEEKDAYS[emptiest["weekday"] - 1],
            then=emptiest["from"],
        )
        return [str(line)]

    def to_frame(self) -> pd.DataFrame:
        """Return the officers seen in each slot of each day."""
        return self.seen

    def _draw_on(self, ax: Axes) -> None:
        for weekday, rows in self.estimates.groupby("weekday"):
            hour = [minutes_of(c) / 60 for c in rows["from"]]
            ax.step(hour, rows["mean"], where="post", label=str(WEEKDAYS[int(weekday) - 1]))
        ax.set_ylim(bottom=0)
        ax.set_xlabel(str(_("hour of the day")))
        ax.set_ylabel(str(_("officers at work")))
        ax.legend(frameon=False)


def fit_shifts(log: EventLogResult, hours: HoursResult, *, level: float = 0.95) -> ShiftsResult:
    """Count the officers at work by weekday and hour of the opening hours.

    An officer is at work in a slot in which they start or complete something, or work on it the whole time. Whoever is
    on duty and has nothing to do leaves no trace: with few cases in a slot the count is a lower bound, and marked so.
    A day away lowers the mean; it is not the roster.

    Parameters
    ----------
    log : EventLogResult
        With officers.
    hours : HoursResult
        As `fit_hours` gives it; events outside the hours are left out.
    level : float
        Confidence level.

    Returns
    -------
    ShiftsResult

    Raises
    ------
    KinerjaError
        A log that names no officer, or none within the hours.

    Examples
    --------
    >>> import pandas as pd
    >>> from sim.inference import event_log, fit_hours
    >>> days = pd.bdate_range("2026-03-02", periods=20)
    >>> rows = [(d + pd.Timedelta(minutes=m), who) for d in days for who in "ab" for m in range(485, 900, 15)
    ...     if who == "a" or not 720 <= m < 780]
    >>> when, who = zip(*rows)
    >>> frame = pd.DataFrame({"case": range(len(rows)), "what": "x", "when": when, "who": who})
    >>> log = event_log(frame, "case", "what", "when", officer="who")
    >>> found = fit_shifts(log, fit_hours(log, "desk")).shifts
    >>> found.query("weekday == 1")["on_duty"].tolist()
    [2, 2, 2, 2, 1, 2, 2]
    """
    events = log.events.dropna(subset=["officer"])
    if events.empty:
        raise KinerjaError(_("log: no event names an officer, so that staffing cannot be counted."))
    day, end = _split(events["time"])
    begin = end.copy()
    if "start" in events:
        known = events["start"].notna().to_numpy()
        started, at = _split(events["start"].fillna(events["time"]))
        begin = np.where(known & (started == day), at, end)
    off = hours.closed_days["date"].to_numpy("M8[D]")
    span = np.arange(day.min(), day.max() + 1)
    who = pd.factorize(events["officer"], sort=True)[0].astype(np.int64)
    case = pd.factorize(events["case"])[0].astype(np.int64)
    rows, seen = [], []
    cases = officers = 0
    for row in hours.estimates.itertuples():
        dates = span[(weekday_of(span) == row.weekday) & ~np.isin(span, off)]
        here = np.isin(day, dates)
        at_date = np.searchsorted(dates, day[here])
        opens, closes = minutes_of(row.open), minutes_of(row.close)
        for low in range(opens, closes, SLOT):
            high = min(low + SLOT, closes)
            in_slot = (begin[here] < high) & ((end[here] > low) | (begin[here] >= low))
            marks = at_date[in_slot] * (who.max() + 1) + who[here][in_slot]
            pair = np.unique(marks)
            count = np.bincount(pair // (who.max() + 1), minlength=len(dates)).astype(float)
            # several steps of one case, recorded together, are one trace
            cases += len(np.unique(np.stack([marks, case[here][in_slot]]), axis=1).T)
            officers += len(pair)
            half = _half(count, level)
            rows.append(
                (row.unit, row.weekday, clock_text(low), clock_text(high), count.mean(), half, len(dates))
            )
            seen.append(
                pd.DataFrame({"date": dates.astype("M8[s]"), "from": clock_text(low), "officers": count})
            )
    if not officers:
        raise KinerjaError(_("log: no officer's event lies within the opening hours."))
    table = pd.DataFrame(rows, columns=["unit", "weekday", "from", "to", "mean", "half", "days"])
    table["low"], table["high"] = np.maximum(table["mean"] - table["half"], 0), table["mean"] + table["half"]
    table["on_duty"] = np.floor(table["mean"] + 0.5).astype(int)
    per = cases / officers
    table["identified"] = "yes" if per >= SURE else "bound"
    note = Note(
        "idle_unseen",
        _(
            "an officer who is seen in an hour has {acts:.1f} cases in it: some on duty leave none, and the "
            "counts are lower bounds.",
            acts=per,
        ),
    )
    return ShiftsResult(
        estimates=table[[*SHIFTS, "mean", "low", "high", "days", "identified"]],
        notes=() if per >= SURE else (note,),
        seen=pd.concat(seen, ignore_index=True),
        acts=per,
        level=level,
    )


def _split(times: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return dates, and minutes since midnight."""
    moment = times.to_numpy("M8[ms]")
    day = moment.astype("M8[D]")
    return day, (moment - day) / np.timedelta64(1, "m")


def _half(count: np.ndarray, level: float) -> float:
    if len(count) < 2:
        return float("nan")
    return float(stats.t.ppf(0.5 + level / 2, len(count) - 1) * count.std(ddof=1) / np.sqrt(len(count)))
