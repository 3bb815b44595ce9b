"""Working time of a case, from an event log: measured where starts are known, bracketed where not."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from sim.errors import KinerjaError, _
from sim.inference.data.panel_data import require
from sim.inference.desk.event_log import EventLogResult
from sim.inference.desk.inputs import COLUMNS, InputsResult, input_row, monday_of
from sim.inference.models.clusters import fit_linear
from sim.inference.result import Note

Clock = Callable[[pd.Series], np.ndarray]
"""A function from times to minutes of working time since any origin."""

MOST_ZERO = 0.2
"""Share of cases without working time above which hours or stamps must be wrong (assumption)."""
FEW_OFFICERS = Note(
    "few_officers",
    _("fewer than three officers are known: the interval is for them, not for the average officer."),
)


def working_minutes(
    start: pd.Series,
    end: pd.Series,
    *,
    opens: float = 8.0,
    closes: float = 16.0,
    holidays: Sequence[object] = (),
) -> np.ndarray:
    """Count minutes of office hours between two times; nights, weekends and holidays do not count.

    Parameters
    ----------
    start, end : Series of datetime64
    opens, closes : float
        Office hours, as hours of the day.
    holidays : sequence of dates
        Closed weekdays.

    Returns
    -------
    ndarray of float

    Examples
    --------
    >>> import pandas as pd
    >>> friday, monday = (pd.Series(pd.to_datetime([t])) for t in ("2025-01-10 15:00", "2025-01-13 09:00"))
    >>> working_minutes(friday, monday).tolist()
    [120.0]
    """
    if not 0 <= opens < closes <= 24:
        raise KinerjaError(
            _(
                "Office hours from {opens:g} to {closes:g} are not hours of one day.",
                opens=opens,
                closes=closes,
            )
        )
    off = np.array([np.datetime64(pd.Timestamp(d), "D") for d in holidays], "datetime64[D]")
    length = (closes - opens) * 60

    def clock(when: pd.Series) -> np.ndarray:
        day = when.to_numpy("datetime64[D]")
        minute = (when.to_numpy("datetime64[us]") - day.astype("datetime64[us]")) / np.timedelta64(1, "m")
        today = np.where(np.is_busday(day, holidays=off), np.clip(minute - opens * 60, 0, length), 0.0)
        return np.busday_count(np.datetime64("1970-01-01"), day, holidays=off) * length + today

    return clock(pd.Series(end)) - clock(pd.Series(start))


def fit_service_time(
    log: EventLogResult,
    service: str,
    source: str,
    *,
    opens: float = 8.0,
    closes: float = 16.0,
    holidays: Sequence[object] = (),
    clock: Clock | None = None,
    cap: float = 30.0,
    level: float = 0.95,
) -> InputsResult:
    """Estimate the minutes of work per case, and their coefficient of variation.

    With starts, the working minutes of a case's events are added up. The mean is that of the cases, so that whoever
    does more of them weighs more: the work this desk does with its officers. Its interval allows for officers who
    differ (CR2 over officers where three or more are known, else over weeks); the variation is that within officers,
    of a lognormal where the logarithms look normal, else by moments.

    With completion times only, work is **not identified**: a gap between two completions of one officer holds the work
    on the second, but also waiting, other duties and breaks, and several completions in one minute were work done
    earlier. The result is then a bracket of assumptions, not an interval:
    gaps within a day count as work up to `cap` minutes (value), up to a sixth of it (low), or in full (high);
    the first completion of an officer's day has no gap and counts as zero.

    Parameters
    ----------
    log : EventLogResult
    service, source : str
        Code of the service; where the log comes from.
    opens, closes, holidays
        Office hours, see `working_minutes`.
    clock : callable, optional
        Times to minutes of working time since any origin, in place of these hours (breaks, short Fridays).
    cap : float
        Minutes.
    level : float
        Confidence level.

    Returns
    -------
    InputsResult
        ``services work`` and ``services work_cv``.

    Raises
    ------
    KinerjaError
        No officers (without starts), or no two completions of one officer on one day; more than a fifth of the cases
        without working time.

    Examples
    --------
    >>> import pandas as pd
    >>> from sim.inference.desk.event_log import event_log
    >>> rows = pd.DataFrame({"case": [1, 2, 3], "what": "x", "who": "a", "when": ["2025-01-06 09:00",
    ...     "2025-01-06 09:12", "2025-01-06 13:00"]})
    >>> log = event_log(rows, "case", "what", "when", officer="who")
    >>> found = fit_service_time(log, "permit", "log").table().set_index("column")
    >>> found.loc["work", ["low", "value", "high"]].astype(float).round(2).tolist(), found.loc["work", "identified"]
    ([3.33, 14.0, 80.0], 'no')
    """

    def minutes(start: pd.Series, end: pd.Series) -> np.ndarray:
        if clock is not None:
            return clock(end) - clock(start)
        return working_minutes(start, end, opens=opens, closes=closes, holidays=holidays)

    if "start" in log.events:
        return _measured(log, service, source, minutes, level)
    events = log.events.dropna(subset=["officer"]).sort_values(["officer", "time"], kind="stable")
    if events.empty:
        raise KinerjaError(_("log: working time cannot be estimated without officers or starts."))
    before = events.groupby("officer")["time"].shift()
    same_day = (before.dt.normalize() == events["time"].dt.normalize()).to_numpy()
    if not same_day.any():
        raise KinerjaError(
            _("log: no officer completes two events on one day, so that gaps do not show working time.")
        )
    gap = np.zeros(len(events))
    linked = events[same_day]
    gap[same_day] = minutes(before[same_day], linked["time"])
    frame = pd.DataFrame({"case": events["case"].to_numpy()})
    for name, limit in (("low", cap / 6), ("value", cap), ("high", np.inf)):
        frame[name] = np.minimum(gap, limit)
    cases = frame.groupby("case")[["low", "value", "high"]].sum()
    cv = cases.std(ddof=1) / cases.mean()
    method = f"gaps between completions, up to {cap / 6:g} / {cap:g} / all minutes"
    mean = cases.mean()
    rows = [
        input_row(
            "services", service, "work", mean["value"], mean["low"], mean["high"], "minutes", len(cases), method,
            "no", source,
        ),
        input_row(
            "services", service, "work_cv", cv["value"], cv.min(), cv.max(), "", len(cases), method, "no", source
        ),
    ]  # fmt: skip
    instant = float((gap[same_day] < 1).mean())
    note = Note(
        "work_not_identified",
        _(
            "the log has completion times only: working time is not identified; {share:.0%} of gaps are shorter "
            "than a minute (recorded in batches). Low and high are assumptions, not an interval.",
            share=instant,
        ),
    )
    return InputsResult(
        estimates=pd.DataFrame(rows, columns=COLUMNS), notes=(note,), data=cases.reset_index()
    )


def _measured(
    log: EventLogResult,
    service: str,
    source: str,
    minutes: Callable[[pd.Series, pd.Series], np.ndarray],
    level: float,
) -> InputsResult:
    """Estimate working time from starts and completions."""
    events = log.events.dropna(subset=["start"])
    took = events.assign(minutes=minutes(events["start"], events["time"]))
    by_case = took.groupby("case")
    cases = by_case.agg(minutes=("minutes", "sum"), time=("time", "max"), officer=("officer", "first"))
    work = cases["minutes"].to_numpy()
    if len(work) < 3 or np.ptp(work) == 0:
        raise KinerjaError(_("log: fewer than three cases have starts, or all take the same time."))
    officers = several_officers(cases["officer"])
    if officers is None:
        week = np.unique(monday_of(cases["time"].to_numpy("datetime64[D]")), return_inverse=True)[1]
        groups, over = week if week.max() >= 9 else np.arange(len(work)), ""
    else:
        groups, over = officers, f", mean of cases, CR2 over {officers.max() + 1} officers"
    mean = fit_linear(work, np.ones((len(work), 1)), groups).contrast(np.ones(1), level)
    cv, low, high, how, notes = _variation(work, officers, level)
    if cases["officer"].notna().any() and officers is None:
        notes.append(FEW_OFFICERS)
    rows = [
        input_row(
            "services", service, "work", mean.estimate, max(mean.low, 0.0), mean.high, "minutes", len(work),
            f"working minutes from start to completion{over}", "yes", source,
        ),
        input_row(
            "services", service, "work_cv", cv, low, high, "", len(work), how, "yes", source,
        ),
    ]  # fmt: skip
    return InputsResult(
        estimates=pd.DataFrame(rows, columns=COLUMNS),
        notes=(*notes, *_overlaps(events)),
        data=cases.reset_index(),
    )


def several_officers(column: pd.Series) -> np.ndarray | None:
    """Return codes of the officers where at least three are known and every case has one; else None."""
    if column.isna().any() or column.nunique() < 3:
        return None
    return pd.factorize(column, sort=True)[0].astype(np.int64)


def _variation(
    work: np.ndarray, officers: np.ndarray | None, level: float
) -> tuple[float, float, float, str, list[Note]]:
    """Estimate the coefficient of variation of the work: of a lognormal where it fits, else by moments.

    Returns value, low, high, method and notes.

    Differences in pace between officers are not variation of the work: where officers are known, the variation
    within each is taken. The simulation draws from the lognormal, and the interval of a raw sd over mean fails for
    skewed work (81 % instead of 95 % of intervals hold the truth at 150 cases); so moments are the way only where
    the lognormal fails: logarithms that are skewed, or work of zero minutes, which has none.
    """
    group = np.zeros(len(work), np.int64) if officers is None else officers
    df = len(work) - 1 - int(group.max())
    zero = work <= 0
    if zero.mean() > MOST_ZERO:
        raise KinerjaError(
            _(
                "log: {n:,} of {all:,} cases take no working time (done outside office hours, or start and completion "
                "stamped together). Correct the office hours, or leave those cases out.",
                n=int(zero.sum()),
                all=len(work),
            )
        )
    if zero.any():
        note = Note(
            "zero_work",
            _(
                "{share:.1%} of cases take no working time; they count as zero minutes, and the coefficient of "
                "variation is by moments.",
                share=float(zero.mean()),
            ),
        )
        return *_moments(work, group, df, level), "moments", [note]
    logs = np.log(work)
    logs = logs - (np.bincount(group, logs) / np.bincount(group))[group]
    skew = float(stats.skew(logs))
    if abs(skew) >= max(0.5, 2.6 * np.sqrt(6 / len(work))):
        note = Note(
            "not_lognormal",
            _(
                "the logarithms of working time are skewed ({skew:.2f}): the coefficient of variation is by moments, "
                "while the simulation draws from a lognormal.",
                skew=skew,
            ),
        )
        return *_moments(work, group, df, level), "moments", [note]
    variance = float((logs**2).sum()) / df
    ends = variance * df / stats.chi2.ppf([0.5 + level / 2, 0.5 - level / 2], df)
    value, low, high = np.sqrt(np.expm1([variance, *ends]))
    return value, low, high, "lognormal", []


def _moments(work: np.ndarray, group: np.ndarray, df: int, level: float) -> tuple[float, float, float]:
    """Return sd over mean within groups, with a delta-method interval on the log scale."""
    own = (np.bincount(group, work) / np.bincount(group))[group]
    mean, square = work.mean(), (work - own) ** 2
    variance = float(square.sum()) / df
    value = np.sqrt(variance) / mean
    influence = (square - variance) / (2 * variance) - (work - mean) / mean
    half = stats.norm.ppf(0.5 + level / 2) * influence.std(ddof=1) / np.sqrt(len(work))
    return value, value * np.exp(-half), value * np.exp(half)


def _overlaps(events: pd.DataFrame) -> list[Note]:
    """Return a note on how often the work of one officer on two things at once is counted twice."""
    known = events.dropna(subset=["officer"]).sort_values(["officer", "start"], kind="stable")
    if known.empty:
        return []
    busy_until = known.groupby("officer")["time"].transform(lambda t: t.cummax().shift())
    share = float((known["start"] < busy_until).mean())
    if share < 0.05:
        return []
    return [
        Note(
            "overlap",
            _(
                "{share:.0%} of events start before the officer's previous one ends: working time is counted twice.",
                share=share,
            ),
        )
    ]


def fit_rework(
    log: EventLogResult, activities: Sequence[str], service: str, source: str, *, level: float = 0.95
) -> InputsResult:
    """Estimate the share of cases that went back: those with any of the named activities (corrections).

    The interval is for the average officer where three or more are known, else for these cases (Wilson).

    Parameters
    ----------
    log : EventLogResult
    activities : sequence of str
        Activities of a correction.
    service, source : str
        Code of the service; where the log comes from.
    level : float
        Confidence level.

    Returns
    -------
    InputsResult
        ``services error``.

    Raises
    ------
    KinerjaError
        An activity the log does not have.

    Examples
    --------
    >>> import pandas as pd
    >>> from sim.inference.desk.event_log import event_log
    >>> rows = pd.DataFrame({"case": [1, 1, 2], "what": ["in", "fix", "in"], "when": pd.date_range("2025", periods=3)})
    >>> fit_rework(event_log(rows, "case", "what", "when"), ["fix"], "permit", "log").table()["value"].item()
    0.5
    """
    require(log.events, ["activity"], "log")
    known = set(log.events["activity"])
    unknown = [a for a in activities if a not in known]
    names = ", ".join(sorted(known))
    if not activities:
        raise KinerjaError(_("activities: name at least one; the log has {known}.", known=names))
    if unknown:
        raise KinerjaError(
            _("log: no activity {unknown}; there are {known}.", unknown=", ".join(unknown), known=names)
        )
    by_case = log.events.assign(again=log.events["activity"].isin(list(activities))).groupby("case")
    again = by_case["again"].any()
    hits, n = int(again.sum()), len(again)
    officers = several_officers(by_case["officer"].first())
    if officers is None or hits in (0, n):
        how = "Wilson"
        low, high = proportion_confint(hits, n, 1 - level, method="wilson")
    else:
        how = f"CR2 over {officers.max() + 1} officers"
        fit = fit_linear(again.to_numpy(float), np.ones((n, 1)), officers).contrast(np.ones(1), level)
        low, high = max(fit.low, 0.0), min(fit.high, 1.0)
    row = input_row(
        "services", service, "error", hits / n, low, high, "share", n,
        f"cases with {', '.join(activities)}, {how}", "bound", source, side="lower",
    )  # fmt: skip
    note = Note(
        "errors_seen", _("only errors that were corrected are recorded: this is a lower bound on errors.")
    )
    return InputsResult(
        estimates=pd.DataFrame([row], columns=COLUMNS), notes=(note,), data=again.reset_index(name="again")
    )
