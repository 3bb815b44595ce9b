"""From an event log to a simulated desk, and back: fit, simulate, compare.

The path, in order::

    log = sim.inference.read_events("log.csv", case="case", activity="activity", time="time", officer="officer",
                                    start="start", arrived="arrived")
    hours = office_hours(log, "dukcapil")  # opening hours, weekdays and closed days, as the log shows them
    inputs = fit_desk(log, agency, "dukcapil", source="desk log 2026", attendance=register)  # estimates
    fitted = with_inputs(agency, inputs, name="my-city")  # the agency with these estimates
    sim.write_agency(fitted, "my-city")  # with provenance: source, interval and status of every number
    check = check_desk(log, fitted, "dukcapil")  # simulated months beside the log
    print(check.summary(lang="en"))
    check.plot()

A log that the simulation itself has written (`log_of`) goes the same way: the estimates must be the inputs of the
simulation. An office that is in no agency yet starts from `desk_form`, one with other hours than Indonesian offices
passes `hours=hours` on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

import numpy as np
import pandas as pd

from sim.agency import Agency
from sim.agency.demand import profile
from sim.agency.desks.hours import calendar_of as unit_calendar
from sim.calendar import TICKS_PER_MINUTE, Calendar
from sim.errors import KinerjaError, _
from sim.inference.desk.inputs import (
    InputsResult,
    absence_bound,
    closed_days_note,
    fit_absence,
    fit_arrivals,
)
from sim.inference.desk.opening_hours import HoursResult
from sim.inference.desk.patience import fit_patience
from sim.inference.desk.posterior_predictive import PosteriorPredictiveResult, posterior_predictive
from sim.inference.desk.routes import fit_steps
from sim.inference.desk.service_times import fit_rework, fit_service_time
from sim.inference.desk.shifts import fit_shifts
from sim.inference.result import Note
from sim.levers import Policy, status_quo
from sim.runs.run import trace
from sim.twin.desk_form import desk_form
from sim.twin.desk_log import (
    BEGUN,
    CORRECTED,
    LEFT,
    Days,
    DeskLog,
    calendar_of,
    clock_of,
    days_of,
    desk_days,
    log_of,
    office_hours,
    read_log,
    waits_of,
    within_hours,
)
from sim.twin.with_inputs import kept_bounds, with_inputs
from sim.world import Scenario

__all__ = [
    "check_desk",
    "desk_days",
    "desk_form",
    "fit_desk",
    "kept_bounds",
    "log_of",
    "office_hours",
    "with_inputs",
]


def fit_desk(
    log: pd.DataFrame,
    agency: Agency,
    unit: str,
    *,
    source: str,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    hours: HoursResult | None = None,
    corrections: Sequence[str] | None = None,
    gave_up: Sequence[str] | None = None,
    gave_up_seen: str = "when they left",
    attendance: pd.DataFrame | None = None,
    level: float = 0.95,
) -> InputsResult:
    """Estimate a unit's demand, work, errors, patience and absence from an event log.

    Parameters
    ----------
    log : DataFrame
        One row per event.
    agency : Agency
        Has the services of the unit, and the seasons that the log is too short to show.
    unit : str
        Code of the unit.
    source : str
        What to write as the source of every number.
    columns : mapping, optional
        Where the log has other names: role (see `COLUMNS`) -> column.
    timezone : str, optional
        Zone of the office, where times carry offsets and were not read with it.
    hours : HoursResult, optional
        The office's own hours, as `office_hours` gives them; by default those of the unit. With them come the tables
        hours, closed_days and shifts.
    corrections : sequence of str, optional
        Activities by which a case went back; by default "corrected".
    gave_up : sequence of str, optional
        Activities by which a citizen leaves without being served; by default "left". Such a row is no work.
    gave_up_seen : {"when they left", "when called"}
        What the time of such a row is, see `sim.inference.fit_patience`.
    attendance : DataFrame, optional
        One row per officer and working day: officer, present (1 or 0). Without it absence is bounded from the log.
    level : float
        Confidence level.

    Returns
    -------
    InputsResult
        With the cautions of every part; `data` has one row per working day, as `desk_days` makes it. `tables` has steps
        and moves where a service's cases pass several activities, attention (working days from arrival to the first
        event) where files have arrivals, and with `hours` the tables named there.

    Raises
    ------
    KinerjaError
        A service that the unit does not have, an activity or a column that the log does not have, and whatever is wrong
        with the log.
    """
    read = read_log(log, columns=columns, timezone=timezone)
    services = [s.service for s in agency.services_of(unit)]
    if not read.has("service") and len(services) != 1:
        raise KinerjaError(
            _(
                "log: no column {column}, and {unit} has the services {services}.",
                column="service",
                unit=unit,
                services=", ".join(services),
            )
        )
    by = read.rows["service"] if read.has("service") else pd.Series(services[0], index=read.rows.index)
    strange = sorted(set(by) - set(services))
    if strange:
        raise KinerjaError(
            _(
                "log: {unit} has no service {strange}; there are {services}.",
                unit=unit,
                strange=", ".join(strange),
                services=", ".join(services),
            )
        )
    fixes, leaves = _activities(read, corrections, CORRECTED), _activities(read, gave_up, LEFT)
    every = [read.rows[role] for role in ("time", "start", "arrived") if read.has(role)]
    days = _days(agency, unit, hours)
    calendar = calendar_of(pd.concat(every), days)
    parts: list[InputsResult] = []
    for service in (s for s in services if (by == s).any()):
        parts += _service(
            read.of(by == service), agency, service, calendar, source, fixes, leaves, gave_up_seen, level
        )
    worked = read.of(~read.rows["activity"].isin(leaves))
    if attendance is not None:
        parts.append(fit_absence(attendance, "officer", "present", unit, source, level=level))
    elif read.has("officer"):
        parts.append(absence_bound(worked.events(), unit, source, days=calendar.dates))
    inputs = parts[0].plus(*parts[1:])
    notes = [*read.notes, *inputs.notes]
    outside = float(1 - within_hours(calendar, worked.rows["time"]).mean())
    if outside > 0:
        notes.append(
            Note(
                "outside_hours",
                _(
                    "{share:.1%} of events lie outside the opening hours; they count for the next moment of work.",
                    share=outside,
                ),
            )
        )
    tables = dict(inputs.tables)
    if hours is not None:
        tables |= {"hours": hours.hours, "closed_days": hours.closed_days}
        notes += hours.notes
        if read.has("officer"):
            shifts = fit_shifts(worked.events(), hours, level=level)
            tables["shifts"] = shifts.shifts
            notes += shifts.notes
    once = tuple({note.text(lang="en"): note for note in notes}.values())  # each once, not for every service
    return replace(inputs, notes=once, data=desk_days(read, days=days), tables=tables)


def _days(agency: Agency, unit: str, hours: HoursResult | None = None) -> Days:
    """Return what makes the working days: of the hours given, else of the unit."""
    return partial(unit_calendar, agency, unit) if hours is None else days_of(hours)


def _activities(read: DeskLog, named: Sequence[str] | None, usual: str) -> list[str]:
    """Return activities of a kind: those named, which the log must have, else the usual one where it has it."""
    known = sorted(set(read.rows["activity"].astype(str)))
    if named is None:
        return [usual] if usual in known else []
    unknown = [a for a in named if a not in known]
    if unknown:
        raise KinerjaError(
            _(
                "log: no activity {unknown}; there are {known}.",
                unknown=", ".join(unknown),
                known=", ".join(known),
            )
        )
    return list(named)


def _service(
    read: DeskLog, agency: Agency, service: str, calendar: Calendar, source: str, fixes: list[str],
    leaves: list[str], seen: str, level: float,
) -> list[InputsResult]:  # fmt: skip
    """Estimate everything about one service of the log."""
    events = read.events()
    cases = events.table()
    arrived = cases["arrived"] if read.has("arrived") else cases["first"]
    parts = [_demand(arrived, agency, service, calendar, source, level)]
    activity = events.events["activity"]
    done = replace(events, events=events.events[~activity.isin(leaves)])
    clock = clock_of(calendar)
    at_counter = _at_counter(agency, service)
    work = fit_service_time(done, service, source, clock=clock, level=level)
    parts.append(work if at_counter else _set_aside(work))
    known = [a for a in fixes if (done.events["activity"] == a).any()]
    if known:
        parts.append(fit_rework(done, known, service, source, level=level))
    if leaves and at_counter and read.has("start", "arrived"):
        waits = waits_of(read, calendar, leaves)
        parts.append(fit_patience(waits, "waited", "left", service, source, seen=seen, level=level))
    if read.has("arrived") and not at_counter:
        attention = _attention(cases, service, calendar)
        parts[0] = _with_table(parts[0], attention=attention)
        if attention["noticed"].item() >= 1:
            said = _(
                "half of the cases of {service} have their first event {days:.0f} working days or more after they "
                "arrive: those that arrived late in the log are missing from it, and from the demand.",
                service=service,
                days=attention["noticed"].item(),
            )
            parts[0] = replace(parts[0], notes=(*parts[0].notes, Note("late_arrivals_missing", said)))
    other = sorted(set(activity) & {BEGUN, CORRECTED, *leaves})
    if len(set(activity) - set(other)) > 1:
        steps = fit_steps(events, service, without=other, clock=clock, level=level)
        parts[0] = _with_table(parts[0], steps=steps.steps, moves=steps.moves)
        parts[0] = replace(parts[0], notes=(*parts[0].notes, *steps.notes))
    return parts


def _with_table(part: InputsResult, **tables: pd.DataFrame) -> InputsResult:
    return replace(part, tables={**part.tables, **tables})


def _attention(cases: pd.DataFrame, service: str, calendar: Calendar) -> pd.DataFrame:
    """Return how many working days pass from arrival to the first event: median, and SD of the logarithm.

    It is waiting for attention and for hands together, so an upper bound on either.
    """
    clock = clock_of(calendar)
    length = float(np.diff(calendar.day_start).mean()) / TICKS_PER_MINUTE
    days = (clock(cases["first"]) - clock(cases["arrived"])) / length
    later = days[days > 0]
    spread = float(np.log(later).std(ddof=1)) if len(later) > 2 else float("nan")
    row = (service, float(np.median(days)), spread, float((days <= 0).mean()), len(days), "bound")
    names = ["service", "noticed", "noticed_spread", "at_once", "n", "identified"]
    return pd.DataFrame([row], columns=names)


def check_desk(
    log: pd.DataFrame,
    agency: Agency,
    unit: str,
    *,
    policy: Policy | None = None,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    hours: HoursResult | None = None,
    first: date | None = None,
    last: date | None = None,
    replications: int = 40,
    seed: int = 1,
    burn_in: int = 6,
    level: float = 0.95,
) -> PosteriorPredictiveResult:
    """Compare the log with simulations of the same months in the fitted agency.

    Log and simulation are cut at the same dates: cases that arrived before `first` and events after `last` are left out
    of both, and every working day between counts in both.

    Parameters
    ----------
    log : DataFrame
        One row per event.
    agency : Agency
        As `with_inputs` gives it.
    unit : str
        Code of the unit.
    policy : Policy, optional
        Policy in force; by default the status quo.
    columns, timezone, hours
        As in `fit_desk`.
    first, last : date, optional
        By default the first arrival and the last event of the log.
    replications : int
        Simulated versions of the log; at least 20.
    seed, burn_in, level
        Seed and burn-in months of the simulation; level of the ranges.

    Returns
    -------
    PosteriorPredictiveResult
        Statistics of the columns of `desk_days` that both have: arrivals, ended, and waiting, or total where the log
        has no starts.
    """
    read = read_log(log, columns=columns, timezone=timezone)
    arrived = read.rows["arrived" if read.has("arrived") else "time"]
    first = first or arrived.min().date()
    last = last or read.rows["time"].max().date()
    observed = desk_days(read, days=_days(agency, unit, hours), first=first, last=last)
    start = first.replace(day=1)
    months = (last.year - start.year) * 12 + last.month - start.month + 1
    scenario = Scenario(start=start, burn_in=burn_in)
    runs = []
    for k in range(replications):
        cases = trace(
            agency, policy or status_quo(), unit, seed=seed, replication=k, months=months, scenario=scenario
        )
        days = desk_days(log_of(cases), days=_days(agency, unit), first=first, last=last)
        runs.append(days.assign(replication=k))
    compared = [c for c in ("arrivals", "ended") if c in observed]
    compared += [c for c in ("waiting", "total") if c in observed][:1]
    return posterior_predictive(observed, pd.concat(runs, ignore_index=True), columns=compared, level=level)


def _at_counter(agency: Agency, service: str) -> bool:
    return next(s for s in agency.services if s.service == service).channel == "counter"


def _set_aside(work: InputsResult) -> InputsResult:
    """Mark work that may be interrupted: start to completion bounds its mean, and says nothing of its variation."""
    table = work.table()
    if (table["identified"] == "no").all():
        return work  # an assumption stays one
    table = table[table["column"] == "work"].assign(identified="bound", side="upper", status="A")
    note = Note(
        "set_aside",
        _("files may be set aside for other work: from start to completion is an upper bound on the work."),
    )
    return replace(work, estimates=table, notes=(*work.notes, note))


def _demand(
    arrived: pd.Series, agency: Agency, service: str, calendar: Calendar, source: str, level: float
) -> InputsResult:
    """Estimate arrivals, as demand on a day when the factors that the log cannot show are 1."""
    ticks = calendar.ticks(arrived.to_numpy("M8[ms]"))
    day = np.minimum(calendar.day_of(ticks), calendar.days - 1)
    # eight equal parts of the working day, whatever its length, on a clock from eight to four
    part = (ticks - calendar.day_start[day]) / np.diff(calendar.day_start)[day]
    moments = pd.Series(
        calendar.dates[day].astype("M8[ms]") + ((8 + 8 * np.minimum(part, 0.9999)) * 3.6e6).astype("m8[ms]")
    )
    inputs = fit_arrivals(moments, service, source, days=calendar.dates, level=level)
    moved = float((~np.isin(arrived.to_numpy("M8[D]"), calendar.dates)).mean())
    if moved > 0:
        inputs = replace(inputs, notes=(closed_days_note(moved), *inputs.notes))
    table = inputs.table().copy()
    kept = profile(agency, service)
    seen = (calendar.dates >= calendar.dates[day.min()]) & (calendar.dates <= calendar.dates[day.max()])
    month = calendar.dates.astype("M8[M]").astype(int) % 12
    factor = np.append(1.0, kept.after_lebaran)[calendar.week_after_lebaran]
    if not table["row"].str.contains("/month/").any():
        factor = factor * kept.month[month]
    mean = float(factor[seen].mean())
    if abs(mean - 1.0) > 1e-9:
        here = table["column"] == "demand"
        table.loc[here, ["value", "low", "high"]] /= mean
        table.loc[here, "method"] += f", over the mean seasonal factor {mean:.3g} of those days"
    return replace(inputs, estimates=table)
