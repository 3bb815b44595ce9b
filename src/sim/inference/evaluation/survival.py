"""Durations of cases, of which some are still open: Kaplan-Meier curves and log-rank tests (statsmodels).

Leaving out the open cases makes an office look quick; so does counting them as closed today. These methods use
what is known of them: not closed so far.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight, survdiff

from sim.errors import KinerjaError, Problem, Problems, _
from sim.inference.data.checks import check_complete, distinct_columns, repeated_notes
from sim.inference.data.panel_data import binary, complete, numeric, refuse_constant, require
from sim.inference.result import Note, Result, interval
from sim.language.numbers import number, p_value
from sim.picture import legend
from sim.tables import Place, dates


def durations(
    frame: pd.DataFrame,
    opened: str,
    closed: str,
    as_of: object = None,
    *,
    holidays: Sequence[object] = (),
    working_days: bool = False,
) -> pd.DataFrame:
    """Count days from opening to closing; cases still open last until `as_of`.

    Parameters
    ----------
    frame : DataFrame
        One row per case.
    opened, closed : str
        Dates (or text such as 2025-03-01); `closed` is empty for open cases.
    as_of : date, optional
        Day the register was read; default: the last date in it. Cases opened later are refused, closings
        after it count as open.
    holidays : sequence of dates
        Days off beside Saturday and Sunday.
    working_days : bool
        Count Monday to Friday without `holidays`, the day after opening first; else calendar days.

    Returns
    -------
    DataFrame
        The frame with columns ``days`` (float) and ``done`` (1 closed, 0 still open).

    Raises
    ------
    KinerjaError
        Unreadable dates, closed before opened, opened after `as_of`.

    Examples
    --------
    >>> import pandas as pd
    >>> register = pd.DataFrame({"in": ["2025-01-03", "2025-01-06"], "out": ["2025-01-06", None]})
    >>> durations(register, "in", "out", "2025-01-10", working_days=True)[["days", "done"]].values.tolist()
    [[1.0, 1.0], [4.0, 0.0]]
    """
    require(frame, [opened, closed])
    distinct_columns(opened=opened, closed=closed)
    frame = frame.reset_index(drop=True)
    complete(frame, opened)
    start, end = (_dates(frame, column) for column in (opened, closed))
    last = pd.Timestamp(as_of) if as_of is not None else max(start.max(), end.max())
    late = start > last
    if late.any():
        row = int(np.flatnonzero(late)[0]) + 2
        raise Problems(
            [
                Problem(
                    "data",
                    row,
                    opened,
                    _("is after {last:%Y-%m-%d}.", last=last),
                    _("Check the date or as_of."),
                )
            ]
        )
    done = end.notna() & (end <= last)
    until = end.where(done, last)
    wrong = until < start
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0]) + 2
        raise Problems(
            [Problem("data", row, closed, _("is before the opening."), _("Correct one of the two dates."))]
        )
    if working_days:
        off = np.array([np.datetime64(pd.Timestamp(d), "D") for d in holidays], "datetime64[D]")
        a, b = (s.to_numpy("datetime64[D]") + 1 for s in (start, until))
        days = np.busday_count(a, b, holidays=off).astype(float)
    else:
        days = (until - start).dt.total_seconds().to_numpy() / 86400
    return frame.assign(days=days, done=done.to_numpy(int))


def _dates(frame: pd.DataFrame, column: str) -> pd.Series:
    values, problems, __ = dates(frame[column], Place("data", column, np.arange(len(frame)) + 2))
    if problems:
        raise Problems(problems)
    return values


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class TimeToCloseResult(Result):
    """Kaplan-Meier durations by group.

    Attributes
    ----------
    estimates : DataFrame
        group, n, closed, median (first day with half of the cases closed or more; where the curve rests at one
        half exactly, R shows the middle of the rest), low, high (the same of the curve's limits); NaN where a
        curve does not fall to one half.
    within : DataFrame
        group, clock, share closed within it, low, high.
    curves : DataFrame
        group, time, open (share still open), low, high.
    logrank : Series
        chi2, df, p of equal curves; NaN for one group.
    """

    within: pd.DataFrame
    curves: pd.DataFrame
    logrank: pd.Series
    level: float

    def sentences(self) -> list[str]:
        lines = []
        for r in self.estimates.itertuples():
            line = _(
                "{n:,} cases, {closed:,} closed, median {median:.1f} days {interval}",
                n=r.n,
                closed=r.closed,
                median=r.median,
                interval=interval(r.low, r.high, 1, self.level),
            )
            lines.append(str(line) if len(self.estimates) == 1 else f"{r.group}: {line}")
        for r in self.within.itertuples() if len(self.estimates) == 1 else ():
            line = _(
                "closed within {clock:g} days: {share:.1%} {interval}",
                clock=r.clock,
                share=r.share,
                interval=interval(100 * r.low, 100 * r.high, 1, self.level),
            )
            lines.append(str(line))
        sentences = ["; ".join(lines) + "."]
        if np.isfinite(self.logrank.p):
            test = f"χ²({self.logrank.df:.0f}) = {number(self.logrank.chi2, 2)}, {p_value(self.logrank.p)}"
            sentences.append(str(_("Log-rank test: {test}.", test=test)))
        return sentences

    def _draw_on(self, ax: Axes) -> None:
        names = {}
        for i, (group, part) in enumerate(self.curves.groupby("group", sort=False)):
            names[str(group)] = ax.step(part["time"], part["open"], where="post", color=f"C{i}")[0]
            ax.fill_between(part["time"], part["low"], part["high"], step="post", color=f"C{i}", alpha=0.15)
        for clock in self.within["clock"].unique():
            ax.axvline(clock, color="0.7", lw=1, ls="--")
        ax.set_ylim(0, 1)
        ax.set_xlim(left=0)
        ax.set_xlabel(str(_("days")))
        ax.set_ylabel(str(_("share still open")))
        if len(self.estimates) > 1:
            legend(ax, list(names.values()), list(names))


def time_to_close(
    frame: pd.DataFrame,
    days: str = "days",
    done: str = "done",
    *,
    group: str | None = None,
    within: Sequence[float] = (),
    level: float = 0.95,
) -> TimeToCloseResult:
    """Estimate the Kaplan-Meier median, the share closed within a clock, and a log-rank test.

    Parameters
    ----------
    frame : DataFrame
        One row per case.
    days, done : str
        Duration (>= 0) and whether it ended (1) or goes on (0), as `durations` gives.
    group : str, optional
        Compare these; every group needs a closed case.
    within : sequence of float
        Clocks, in the unit of `days`: the share closed by then, with a log-log interval.
    level : float
        Confidence level.

    Returns
    -------
    TimeToCloseResult

    Raises
    ------
    KinerjaError
        Negative durations, no closed case, a group without one.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"days": [1, 2, 3, 4, 5.0], "done": [1, 1, 1, 1, 0]})
    >>> result = time_to_close(data, within=[2])
    >>> float(result.table()["median"][0]), round(float(result.within["share"][0]), 2)
    (3.0, 0.4)
    """
    used = [days, done, *([group] if group else [])]
    time, status, frame = read_durations(frame, days, done, used[2:])
    empty = check_complete(frame, used)[1]
    labels = frame[group] if group else pd.Series(["all"] * len(frame))
    if group and labels.nunique() < 2:
        raise KinerjaError(
            _(
                "data: {column} is {value} everywhere. Leave it out: there is nothing to compare.",
                column=group,
                value=labels.iloc[0],
            )
        )
    rows, shares, curves = [], [], []
    for name in sorted(labels.unique(), key=str):
        here = (labels == name).to_numpy()
        if not status[here].any():
            raise KinerjaError(
                _("data: no closed case in {name}. Nothing can be said about when cases close.", name=name)
            )
        fit = SurvfuncRight(time[here], status[here])
        s, se, at = (np.asarray(v, float) for v in (fit.surv_prob, fit.surv_prob_se, fit.surv_times))
        low, high = _log_log(s, se, level)
        median = (first_at_half(at, curve) for curve in (s, low, high))
        rows.append((name, int(here.sum()), int(status[here].sum()), *median))
        for clock in within:
            k = int(np.searchsorted(at, clock, side="right")) - 1
            known = clock <= time[here].max()
            if k < 0 or not known:
                value = (0.0, np.nan, np.nan) if known else (np.nan,) * 3
            else:
                value = (1 - s[k], 1 - high[k], 1 - low[k])
            shares.append((name, float(clock), *map(float, value)))
        steps = pd.DataFrame({"time": at, "open": s, "low": low, "high": high})
        first = pd.DataFrame({"time": [0.0], "open": [1.0], "low": [1.0], "high": [1.0]})
        curves.append(pd.concat([first, steps], ignore_index=True).assign(group=name))
    logrank = pd.Series({"chi2": np.nan, "df": np.nan, "p": np.nan})
    if len(rows) > 1:
        chi2, p = survdiff(time, status, labels.astype(str).to_numpy())
        logrank = pd.Series({"chi2": float(chi2), "df": len(rows) - 1.0, "p": float(p)})
    open_share = float(1 - status.mean())
    return TimeToCloseResult(
        estimates=pd.DataFrame(rows, columns=["group", "n", "closed", "median", "low", "high"]),
        notes=(*open_note(open_share), *empty, *repeated_notes(frame, used)),
        within=pd.DataFrame(shares, columns=["group", "clock", "share", "low", "high"]),
        curves=pd.concat(curves, ignore_index=True),
        logrank=logrank,
        level=level,
    )


def read_durations(
    frame: pd.DataFrame, days: str, done: str, others: Sequence[str]
) -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    """Return durations, their status and the frame, checked; `others` are columns that must be complete."""
    require(frame, [days, done, *others])
    distinct_columns(days=days, done=done)
    frame = frame.reset_index(drop=True)
    for column in (days, done, *others):
        complete(frame, column)
    time, status = numeric(frame, days), binary(frame, done)
    if (time < 0).any():
        row = int(np.flatnonzero(time < 0)[0]) + 2
        raise Problems([Problem("data", row, days, _("is negative."), _("A duration starts at 0."))])
    if not status.any():
        raise KinerjaError(_("data: every case is still open. Nothing can be said about when cases close."))
    refuse_constant(time, days)
    return time, status, frame


def _log_log(s: np.ndarray, se: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the interval of a survival probability on the complementary log-log scale."""
    z = stats.norm.ppf(0.5 + level / 2)
    inner = (s > 0) & (s < 1)
    safe = np.where(inner, s, 0.5)
    half = z * se / np.abs(safe * np.log(safe))
    low, high = safe ** np.exp(half), safe ** np.exp(-half)
    return np.where(inner, low, s), np.where(inner, high, s)


def first_at_half(times: np.ndarray, share: np.ndarray) -> float:
    """Return the first time at which a falling share is one half or less; NaN where it never is.

    Examples
    --------
    >>> first_at_half(np.array([1.0, 2.0, 3.0]), np.array([0.75, 0.5, 0.25]))
    2.0
    """
    there = share <= 0.5 + 1e-12  # products of fractions miss one half by a rounding error
    return float(times[there.argmax()]) if there.any() else float("nan")


def open_note(share: float) -> list[Note]:
    """Return a note on the share of cases still open."""
    if share == 0:
        return []
    return [
        Note(
            "censored",
            _("{share:.1%} of cases are still open; the mean of the closed ones is too small.", share=share),
        )
    ]
