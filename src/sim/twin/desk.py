"""From an event log to a simulated desk, and back: fit, simulate, compare.

The path, in order::

    log = sim.inference.read_events("log.csv", case="case", activity="activity", time="time", officer="officer")
    inputs = fit_desk(log, agency, "dukcapil", source="desk log 2026", attendance=register)  # estimates
    fitted = with_inputs(agency, inputs, name="my-city")  # the agency with these estimates
    sim.write_agency(fitted, "my-city")  # with provenance: source, interval and status of every number
    check = check_desk(log, fitted, "dukcapil")  # simulated months beside the log
    print(check.summary(lang="en"))
    check.plot()

A log that the simulation itself has written (`log_of`) goes the same way: the estimates must be the inputs of the
simulation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pandas as pd

from sim.agency import Agency
from sim.agency.demand import profile
from sim.agency.spec import KEYS, TABLES, Demand
from sim.calendar import Calendar
from sim.errors import KinerjaError, _
from sim.inference.desk.event_log import local_times
from sim.inference.desk.inputs import InputsResult, absence_bound, fit_absence, fit_arrivals
from sim.inference.desk.posterior_predictive import PosteriorPredictiveResult, posterior_predictive
from sim.inference.desk.service_times import fit_rework, fit_service_time
from sim.inference.result import Note
from sim.levers import Policy, status_quo
from sim.runs.run import trace
from sim.twin.desk_log import CORRECTED, LEFT, calendar_of, clock_of, desk_days, events_of, log_of, roles_of
from sim.world import Scenario


def fit_desk(
    log: pd.DataFrame,
    agency: Agency,
    unit: str,
    *,
    source: str,
    columns: Mapping[str, str] | None = None,
    corrections: Sequence[str] = (CORRECTED,),
    attendance: pd.DataFrame | None = None,
    level: float = 0.95,
) -> InputsResult:
    """Estimate a unit's demand, work, errors and absence from an event log.

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
    corrections : sequence of str
        Activities by which a case went back.
    attendance : DataFrame, optional
        One row per officer and working day: officer, present (1 or 0). Without it absence is bounded from the log.
    level : float
        Confidence level.

    Returns
    -------
    InputsResult
        With the cautions of every part; `data` has one row per working day, as `desk_days` makes it.

    Raises
    ------
    KinerjaError
        A service that the unit does not have, and whatever is wrong with the log.
    """
    names, has = roles_of(log, columns)
    services = [s.service for s in agency.services_of(unit)]
    if "service" not in has and len(services) != 1:
        raise KinerjaError(
            _(
                "log: no column {column}, and {unit} has the services {services}.",
                column=names["service"],
                unit=unit,
                services=", ".join(services),
            )
        )
    by = log[has["service"]] if "service" in has else pd.Series(services[0], index=log.index)
    strange = sorted(set(by.dropna().astype(str)) - set(services))
    if strange:
        raise KinerjaError(
            _(
                "log: {unit} has no service {strange}; there are {services}.",
                unit=unit,
                strange=", ".join(strange),
                services=", ".join(services),
            )
        )
    calendar = calendar_of(log[names["time"]])
    parts = []
    for service in (s for s in services if (by == s).any()):
        events = events_of(log[by == service], has)
        arrived = (
            local_times(events.table(), has["arrived"], None) if "arrived" in has else events.table()["first"]
        )
        parts.append(_demand(arrived, agency, service, calendar, source, level))
        done = replace(events, events=events.events[events.events["activity"] != LEFT])
        clock = clock_of(calendar)
        work = fit_service_time(done, service, source, clock=clock, level=level)
        parts.append(work if _at_counter(agency, service) else _set_aside(work))
        known = [a for a in corrections if (done.events["activity"] == a).any()]
        if known:
            parts.append(fit_rework(done, known, service, source, level=level))
    closed = _closed(calendar)
    if attendance is not None:
        parts.append(fit_absence(attendance, "officer", "present", unit, source, level=level))
    elif "officer" in has:
        parts.append(absence_bound(events_of(log, has), unit, source, holidays=closed))
    inputs = parts[0].plus(*parts[1:])
    notes = tuple({note.key: note for note in inputs.notes}.values())  # each once, not for every service
    return replace(inputs, notes=notes, data=desk_days(log, columns=columns))


def with_inputs(
    agency: Agency, inputs: InputsResult, *, name: str | None = None, label: str | None = None
) -> Agency:
    """Replace numbers of an agency by fitted ones, each with its source, interval and status.

    Where the demand of a unit's services was fitted, the unit's stated utilisation is removed: it follows from
    demand, work and staff.

    Parameters
    ----------
    agency : Agency
    inputs : InputsResult
        Rows of the tables services, demand and units.
    name, label : str, optional
        Of the new agency; by default those it had.

    Returns
    -------
    Agency

    Raises
    ------
    KinerjaError
        A row that the agency does not have, a number outside the range of its column (see `sim.agency.spec`).

    Examples
    --------
    >>> from sim.agency import load_agency
    >>> from sim.inference import fit_absence
    >>> book = pd.DataFrame({"who": [1, 1, 2, 2, 3, 3], "here": [1, 0, 1, 1, 1, 1]})
    >>> found = fit_absence(book, "who", "here", "dukcapil", "attendance 2026")
    >>> unit = with_inputs(load_agency("contoh"), found).unit("dukcapil")
    >>> round(unit.absence, 3), unit.source.split("; ")[-1]
    (0.167, 'absence: attendance 2026, mean over 3 officers, CR2, 6 observations, 0 to 0.884 [D]')
    """
    tables: dict[str, dict[str, Any]] = {
        table: {"/".join(str(getattr(row, k)) for k in KEYS[table]): row for row in agency.rows(table)}
        for table in ("units", "services", "demand")
    }
    for row in inputs.table().to_dict("records"):
        rows = tables.get(row["table"])
        if rows is None:
            raise KinerjaError(
                _(
                    "{table} is not a table that can be fitted; there are {tables}.",
                    table=row["table"],
                    tables=", ".join(tables),
                )
            )
        old = rows.get(row["row"])
        if old is None and row["table"] == "demand":
            service, period, index = row["row"].split("/")
            if service in tables["services"]:
                old = Demand(
                    service=service, period=period, index=int(index), factor=1.0, source="", status="D"
                )
        if old is None:
            raise KinerjaError(
                _(
                    "{table}: {agency} has no {row}; there are {rows}.",
                    table=row["table"],
                    agency=agency.name,
                    row=row["row"],
                    rows=", ".join(rows),
                )
            )
        rows[row["row"]] = _fitted(old, row)
    fitted = {tables["services"][r].unit for r in inputs.table().query("column == 'demand'")["row"]}
    for code in fitted:
        tables["units"][code] = replace(tables["units"][code], utilisation=None)
    renamed = {"name": name or agency.name, "label": label or agency.label}
    return replace(
        agency,
        name=renamed["name"],
        label=renamed["label"],
        facts=tuple(replace(f, value=renamed[f.key]) if f.key in renamed else f for f in agency.facts),
        units=tuple(tables["units"].values()),
        services=tuple(tables["services"].values()),
        demand=tuple(tables["demand"].values()),
    )


def check_desk(
    log: pd.DataFrame,
    agency: Agency,
    unit: str,
    *,
    policy: Policy | None = None,
    columns: Mapping[str, str] | None = None,
    replications: int = 40,
    seed: int = 1,
    burn_in: int = 6,
    level: float = 0.95,
) -> PosteriorPredictiveResult:
    """Compare the log with simulations of the same months in the fitted agency.

    Parameters
    ----------
    log : DataFrame
        One row per event, over whole months.
    agency : Agency
        As `with_inputs` gives it.
    unit : str
        Code of the unit.
    policy : Policy, optional
        Policy in force; by default the status quo.
    columns : mapping, optional
        As in `fit_desk`.
    replications : int
        Simulated versions of the log; at least 20.
    seed, burn_in, level
        Seed and burn-in months of the simulation; level of the ranges.

    Returns
    -------
    PosteriorPredictiveResult
        Statistics of the columns of `desk_days` that both have.
    """
    observed = desk_days(log, columns=columns)
    first = observed["day"].iloc[0].date().replace(day=1)
    last = observed["day"].iloc[-1]
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    scenario = Scenario(start=first, burn_in=burn_in)
    runs = []
    for k in range(replications):
        cases = trace(
            agency, policy or status_quo(), unit, seed=seed, replication=k, months=months, scenario=scenario
        )
        days = desk_days(log_of(cases))
        runs.append(days[days["day"].between(observed["day"].iloc[0], last)].assign(replication=k))
    columns_ = [c for c in ("arrivals", "ended", "waiting") if c in observed]
    return posterior_predictive(observed, pd.concat(runs, ignore_index=True), columns=columns_, level=level)


def _at_counter(agency: Agency, service: str) -> bool:
    return next(s for s in agency.services if s.service == service).channel == "counter"


def _set_aside(work: InputsResult) -> InputsResult:
    """Mark work that may be interrupted: from start to completion is an upper bound."""
    table = work.table().assign(identified="bound", status="A")
    note = Note(
        "set_aside",
        _("files may be set aside for other work: from start to completion is an upper bound on the work."),
    )
    return replace(work, estimates=table, notes=(*work.notes, note))


def _closed(calendar: Calendar) -> list[np.datetime64]:
    """Return the weekdays on which offices are closed."""
    every = np.arange(calendar.dates[0], calendar.dates[-1] + 1)
    return [d for d in every[np.is_busday(every)] if d not in set(calendar.dates)]


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
    inputs = fit_arrivals(moments, service, source, holidays=_closed(calendar), level=level)
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


def _fitted(old: Any, row: Mapping[str, Any]) -> Any:
    """Return a row of an agency's table with one number replaced, and the source of that number."""
    column, value = row["column"], float(row["value"])
    about = next(f for f in fields(TABLES[row["table"]]) if f.name == column).metadata
    low, high = about["low"], about["high"]
    if (low is not None and value < low) or (high is not None and value > high):
        raise KinerjaError(
            _(
                "{table} {row}: {column} {value:.4g} is outside {low} to {high}.",
                table=row["table"],
                row=row["row"],
                column=column,
                value=value,
                low=low,
                high=high,
            )
        )
    basis = f"{row['source']}, {row['method']}, {int(row['n'])} observations, {row['low']:.3g} to {row['high']:.3g}"
    clause = f"{column}: {basis.replace(';', ',')} [{row['status']}]"
    if row["table"] == "demand":
        return replace(old, factor=value, source=clause, status=row["status"])
    kept = [_without(part, column) for part in old.source.split("; ")]
    return replace(old, **{column: value}, source="; ".join([*(k for k in kept if k), clause]))


def _without(clause: str, column: str) -> str:
    """Return a clause of a source without one column; empty where it was about that column only."""
    match = re.match(r"([a-z0-9_]+(?:, [a-z0-9_]+)*): ", clause)
    if not match or column not in match[1].split(", "):
        return clause
    others = [name for name in match[1].split(", ") if name != column]
    return f"{', '.join(others)}: {clause[match.end() :]}" if others else ""
