"""Opening hours, weekdays and closed days of an office: fitted to the moments at which it worked, or given."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy import stats

from sim.calendar import minutes_of
from sim.errors import KinerjaError, Message, Problem, Problems, _
from sim.inference.data.panel_data import require
from sim.inference.desk.event_log import EventLogResult
from sim.inference.desk.inputs import real_hours
from sim.inference.result import Note, Result
from sim.tables import Place, dates

WEEKDAYS = (
    _("Monday"),
    _("Tuesday"),
    _("Wednesday"),
    _("Thursday"),
    _("Friday"),
    _("Saturday"),
    _("Sunday"),
)
HOURS = ["unit", "weekday", "open", "close"]
CLOSED_DAYS = ["unit", "date", "why"]

STEP = 30
"""Minutes: opening and closing are found to the half hour."""
RARE = 0.02
"""A weekday with a smaller share of all events is one on which somebody sometimes worked (assumption)."""
SELDOM = 0.25
"""So is a weekday of which fewer dates than this have an event (assumption)."""
QUIET = 0.1
"""A half hour with less than this, relative to one in which a typical event falls, is out of hours (assumption)."""
BREAK = 4
"""Half hours without work that are a break within the hours; after more, work is out of hours (assumption)."""
ENOUGH = 50
"""Events of a weekday from which its own hours are fitted; else those of all open weekdays together."""
LIKELY = 0.8
"""Probability from which a day without an event is taken as closed (assumption)."""
LEAST_STRAY = 0.05
"""Events expected on a closed day, at least (assumption); those on closed weekdays tell whether there are more."""
EM_STEPS = 50
AROUND = 20
"""Open weekdays before, and as many after, by which a day's expected events are judged: the quieter of the two."""

_CLOCK = re.compile(r"([01]?\d|2[0-4])[:.]([0-5]\d)(?::00)?")


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class HoursResult(Result):
    """When an office is open.

    Attributes
    ----------
    estimates : DataFrame
        One row per open weekday: unit, weekday (1 Monday ... 7 Sunday), open, close ("08:00"), dates (days open in the
        log), events, inside (share of that weekday's events within the hours), fitted ("yes" or "given").
    closed_days : DataFrame
        unit, date, why: weekdays of these on which the office was closed.
    moments : DataFrame
        moment (of every event), inside.
    outside : float
        Share of all events outside the hours.
    quiet : int
        Days without an event in a time so quiet that the log does not tell whether the office was closed.
    """

    closed_days: pd.DataFrame
    moments: pd.DataFrame
    outside: float
    quiet: int

    @property
    def hours(self) -> pd.DataFrame:
        """Opening hours as a plain table: unit, weekday, open, close."""
        return self.estimates[HOURS]

    def sentences(self) -> list[str]:
        line = _(
            "{unit} is open {hours}; it was closed on {closed:,} of these days. {outside:.1%} of {events:,} events "
            "lie outside.",
            unit=self.estimates["unit"].iloc[0],
            hours=_by_weekday(self.estimates),
            closed=len(self.closed_days),
            outside=self.outside,
            events=len(self.moments),
        )
        return [str(line)]

    def to_frame(self) -> pd.DataFrame:
        """Return the moments of all events, and whether each is within the hours."""
        return self.moments

    def _draw_on(self, ax: Axes) -> None:
        t, at = self.estimates, self.moments["moment"]
        hour = (at - at.dt.normalize()).dt.total_seconds() / 3600
        ax.plot(hour, at.dt.day_of_week + 1, "|", color="0.6", ms=8)
        opens, closes = ([minutes_of(c) / 60 for c in t[name]] for name in ("open", "close"))
        ax.hlines(t["weekday"], opens, closes, color="C0", lw=6, alpha=0.5)
        ax.set_yticks(range(1, 8), [str(name) for name in WEEKDAYS])
        ax.invert_yaxis()
        ax.set_xlim(0, 24)
        ax.set_xlabel(str(_("hour of the day")))


def fit_hours(
    log: EventLogResult,
    unit: str,
    *,
    hours: pd.DataFrame | None = None,
    closed: pd.DataFrame | Sequence[object] | None = None,
) -> HoursResult:
    """Fit when an office is open, from the moments at which it started or completed something.

    A weekday is open where it holds at least 2 % of the events and a quarter of its dates have one. Its hours are the
    half hours around the busiest one that are at least a tenth as busy as that of a typical event; two hours without
    work are a break, work after a longer pause is out of hours. A date is closed where it is so empty
    that this is likelier (four to one) than an open day left empty by chance, given how busy the days around it are,
    how much days differ and how many are empty in all. Moments at which *others* act, such as
    requests sent at night, do not belong in it.

    Parameters
    ----------
    log : EventLogResult
    unit : str
        Code of the unit, for the tables.
    hours : DataFrame, optional
        Known hours in place of fitted ones: weekday (1 Monday ... 7 Sunday), open, close ("08:00"); a column unit is
        looked at where there is one. A weekday without a row is closed.
    closed : DataFrame or sequence of dates, optional
        Known closed days in place of fitted ones: date and, in a frame, why.

    Returns
    -------
    HoursResult

    Raises
    ------
    KinerjaError
        Times of day that are date stamps; given hours that are none.

    Examples
    --------
    >>> import pandas as pd
    >>> from sim.inference import event_log
    >>> days = pd.bdate_range("2026-03-02", periods=20).delete(7)
    >>> at = [d + pd.Timedelta(minutes=k) for d in days for k in range(8 * 60 + 5, 15 * 60, 20)]
    >>> log = event_log(pd.DataFrame({"case": range(len(at)), "what": "x", "when": at}), "case", "what", "when")
    >>> found = fit_hours(log, "desk")
    >>> found.hours.iloc[[0, -1]].values.tolist(), found.closed_days["date"].dt.day.tolist()
    ([['desk', 1, '08:00', '15:00'], ['desk', 5, '08:00', '15:00']], [11])
    """
    stamps = log.events["time"]
    if "start" in log.events:
        stamps = pd.concat([stamps, log.events["start"].dropna()])
    moments = stamps.sort_values(kind="stable").reset_index(drop=True)
    day = moments.to_numpy("M8[D]")
    minute = ((moments.to_numpy("M8[ms]") - day) // np.timedelta64(1, "m")).astype(np.int64)
    span = np.arange(day[0], day[-1] + 1)
    if hours is None:
        if not real_hours(moments):
            raise KinerjaError(
                _(
                    "log: the times of day are date stamps, from which opening hours cannot be fitted. "
                    "Give them (hours=...)."
                )
            )
        table = _fitted(day, minute, span)
    else:
        table = _given(hours, unit)
    count = np.bincount((day - span[0]).astype(np.int64), minlength=len(span))
    open_days = np.isin(weekday_of(span), table["weekday"])
    quiet, notes = 0, []
    if closed is None:
        stray = float(count[~open_days].mean()) if not open_days.all() else 0.0
        off, quiet = _closed(span[open_days], count[open_days], stray)
        off = off.assign(why="as good as no event in the log")
    else:
        off = _closed_given(closed)
    if quiet:
        notes.append(
            Note(
                "quiet_days",
                _(
                    "days without an event in quiet times: {n:,}. The log does not tell whether the office was closed; "
                    "they count as open.",
                    n=quiet,
                ),
            )
        )
    if "start" not in log.events and hours is None:
        notes.append(
            Note(
                "hours_of_completions",
                _("the log has completion times only: the office may open earlier than the hours found."),
            )
        )
    is_off = np.isin(day, off["date"].to_numpy("M8[D]"))
    of = weekday_of(day)
    inside = np.zeros(len(day), bool)
    rows = []
    for row in table.to_dict("records"):
        here = of == row["weekday"]
        low, high = minutes_of(row["open"]), minutes_of(row["close"])
        # the closing minute still belongs to the day
        inside |= here & ~is_off & (minute >= low) & (minute <= high)
        dates_ = span[weekday_of(span) == row["weekday"]]
        rows.append(
            {
                "unit": unit,
                **row,
                "dates": int((~np.isin(dates_, off["date"].to_numpy("M8[D]"))).sum()),
                "events": int(here.sum()),
                "inside": float(inside[here].mean()) if here.any() else float("nan"),
            }
        )
    estimates = pd.DataFrame(rows)[[*HOURS, "dates", "events", "inside", "fitted"]]
    return HoursResult(
        estimates=estimates,
        notes=tuple(notes),
        closed_days=off.assign(unit=unit)[CLOSED_DAYS],
        moments=pd.DataFrame({"moment": moments, "inside": inside}),
        outside=float(1 - inside.mean()),
        quiet=quiet,
    )


def weekday_of(days: np.ndarray) -> np.ndarray:
    """Return the weekday of dates, 1 Monday ... 7 Sunday."""
    return (days.astype("M8[D]").astype(np.int64) + 3) % 7 + 1


def clock_text(minutes: int) -> str:
    """Return minutes since midnight as "08:30"."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _fitted(day: np.ndarray, minute: np.ndarray, span: np.ndarray) -> pd.DataFrame:
    """Return weekday, open, close and fitted of the weekdays that are open."""
    of, dated = weekday_of(day), weekday_of(span)
    worked = np.isin(span, day)
    is_open = [w for w in range(1, 8) if (of == w).mean() >= RARE and worked[dated == w].mean() >= SELDOM]
    if not is_open:
        raise KinerjaError(
            _("log: no weekday has events on a quarter of its dates. Give the opening hours (hours=...).")
        )
    rows = []
    for w in is_open:
        here = of == w if (of == w).sum() >= ENOUGH else np.isin(of, is_open)
        low, high = _run(minute[here])
        rows.append({"weekday": w, "open": clock_text(low), "close": clock_text(high), "fitted": "yes"})
    return pd.DataFrame(rows)


def _run(minute: np.ndarray) -> tuple[int, int]:
    """Return the first and the last minute of the busy half hours around the busiest."""
    count = np.bincount(minute // STEP, minlength=24 * 60 // STEP)
    typical = np.median(np.repeat(count, count))  # of the half hour in which an event falls
    busy = np.flatnonzero(count >= QUIET * typical)
    at = int(np.searchsorted(busy, int(count.argmax())))
    first = last = at
    while first > 0 and busy[first] - busy[first - 1] <= BREAK + 1:
        first -= 1
    while last < len(busy) - 1 and busy[last + 1] - busy[last] <= BREAK + 1:
        last += 1
    return int(busy[first]) * STEP, (int(busy[last]) + 1) * STEP


def _closed(days: np.ndarray, count: np.ndarray, stray: float) -> tuple[pd.DataFrame, int]:
    """Return the days so empty that chance does not explain it, and how many others have no event.

    Events on a day are those of an open day (negative binomial) or of a closed one, on which somebody may have come in
    (Poisson with the mean of closed weekdays, `stray`); how many days are closed is estimated from the log (EM).
    """
    total = np.concatenate([[0], np.cumsum(count)])
    at = np.arange(len(days))
    low, high = np.maximum(at - AROUND, 0), np.minimum(at + AROUND + 1, len(days))
    before = (total[at] - total[low]) / np.maximum(at - low, 1)
    after = (total[high] - total[at + 1]) / np.maximum(high - at - 1, 1)
    expected = np.where(at == 0, after, np.where(at == len(days) - 1, before, np.minimum(before, after)))
    # officers who record in batches leave more open days empty than a Poisson would
    worked, around = count > 0, (before + after) / 2
    over = float((((count - around) ** 2 - around)[worked]).mean())
    size = float((around[worked] ** 2).mean()) / over if over > 1e-9 else np.inf
    chance = stats.poisson.pmf(count, expected)
    if np.isfinite(size):
        chance = stats.nbinom.pmf(count, size, size / (size + expected))
    shut = stats.poisson.pmf(count, max(stray, LEAST_STRAY))
    rate, likely = float((count == 0).mean()), np.zeros(len(days))
    for __ in range(EM_STEPS):  # the share of closed days, and from it the probability of each day
        both = rate * shut + (1 - rate) * chance
        likely = np.divide(rate * shut, both, out=np.zeros(len(days)), where=both > 0)
        rate = float(likely.mean())
    sure = (likely >= LIKELY) & (count < expected)
    none = count == 0
    return pd.DataFrame({"date": days[sure].astype("M8[s]")}), int((none & ~sure).sum())


def _given(hours: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Check hours that were given: every weekday at most once, each opening before it closes."""
    require(hours, ["weekday", "open", "close"], "hours")
    table = hours[hours["unit"] == unit] if "unit" in hours else hours
    if table.empty:
        raise KinerjaError(
            _(
                "hours: no row for {unit}; there are {units}.",
                unit=unit,
                units=", ".join(sorted(map(str, hours["unit"].unique()))),
            )
        )
    problems: list[Problem] = []
    rows: list[dict[str, Any]] = []
    for k, row in enumerate(table.to_dict("records")):
        clocks = {name: _clock(row[name]) for name in ("open", "close")}
        w = _whole(row["weekday"])
        at = int(table.index[k]) + 2 if pd.api.types.is_integer_dtype(table.index) else k + 2

        def wrong(column: str, what: Message, do: Message, row_: int = at) -> None:
            problems.append(Problem("hours", row_, column, what, do))

        if w is None:
            wrong(
                "weekday", _("{value!r} is no weekday.", value=row["weekday"]), _("Use 1 Monday to 7 Sunday.")
            )
        elif w in [r["weekday"] for r in rows]:
            wrong("weekday", _("weekday {n} has another row.", n=w), _("Keep one row for each weekday."))
        for name, minutes in clocks.items():
            if minutes is None:
                wrong(name, _("{value!r} is no time of day.", value=row[name]), _("Write it as 08:00."))
        opens, closes = clocks["open"], clocks["close"]
        if opens is not None and closes is not None and opens >= closes:
            wrong("close", _("is not after opening."), _("Correct one of the two."))
        if w is not None and opens is not None and closes is not None:
            rows.append(
                {"weekday": w, "open": clock_text(opens), "close": clock_text(closes), "fitted": "given"}
            )
    if problems:
        raise Problems(problems)
    return pd.DataFrame(rows).sort_values("weekday", ignore_index=True)


def _clock(value: Any) -> int | None:
    """Return the minutes since midnight that a cell means, or None."""
    text = value.strftime("%H:%M") if isinstance(value, time) else str(value).strip()
    found = _CLOCK.fullmatch(text)
    minutes = 60 * int(found[1]) + int(found[2]) if found else None
    return None if minutes is None or minutes > 24 * 60 else minutes


def _whole(value: Any) -> int | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return int(number) if number in range(1, 8) and not isinstance(value, bool) else None


def _closed_given(closed: pd.DataFrame | Sequence[object]) -> pd.DataFrame:
    """Check closed days that were given."""
    frame = (
        closed
        if isinstance(closed, pd.DataFrame)
        else pd.DataFrame({"date": pd.Series(list(closed), dtype=object)})
    )
    if "date" not in frame:
        require(frame, ["date"], "closed")
    place = Place("closed", "date", np.arange(len(frame)) + 2)
    values, problems, __ = dates(frame["date"], place)
    if problems:
        raise Problems(problems)
    whole = pd.to_datetime(values).dt.normalize().astype("M8[s]")
    why = frame["why"] if "why" in frame else pd.Series("given", index=frame.index)
    return pd.DataFrame({"date": whole, "why": why}).drop_duplicates("date").reset_index(drop=True)


def _by_weekday(table: pd.DataFrame) -> list[Message]:
    """Return the hours in words, weekdays in a row with the same hours together."""
    groups: list[list[Any]] = []
    for row in table.itertuples():
        if groups and groups[-1][1] == row.weekday - 1 and groups[-1][2:] == [row.open, row.close]:
            groups[-1][1] = row.weekday
        else:
            groups.append([row.weekday, row.weekday, row.open, row.close])
    return [
        _("{day} {open}-{close}", day=WEEKDAYS[a - 1], open=opens, close=closes)
        if a == b
        else _(
            "{first} to {last} {open}-{close}",
            first=WEEKDAYS[a - 1],
            last=WEEKDAYS[b - 1],
            open=opens,
            close=closes,
        )
        for a, b, opens, closes in groups
    ]
