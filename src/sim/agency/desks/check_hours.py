"""Checks of opening hours, closed days and shifts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from sim.agency.desks.duty import Duty, duty_minutes, week_minutes
from sim.agency.desks.hours import opening_hours, work_until
from sim.agency.doubt import Doubt
from sim.agency.parse import Table
from sim.agency.routes import route, routes_of
from sim.agency.sheets import near, shown
from sim.agency.spec import GROUPS, Agency, Shift, Unit
from sim.agency.staffing import by_service, eligibility
from sim.calendar import minutes_of
from sim.errors import Problem, _

WEEK, FAR = 37.5, 1.3
"""Working hours a week (Perpres 21/2023), and how many times as long a duty is odd (assumption)."""

WEEKDAYS = (
    _("Monday"),
    _("Tuesday"),
    _("Wednesday"),
    _("Thursday"),
    _("Friday"),
    _("Saturday"),
    _("Sunday"),
)


def hours_problems(tables: dict[str, Table]) -> Iterator[Problem]:
    """Find what is wrong with the tables hours, closed_days and shifts."""
    for name in ("hours", "closed_days", "shifts"):
        if name in tables and "units" in tables:
            yield from belonging(tables[name], tables["units"], "service", everywhere=name == "closed_days")
    if "hours" in tables:
        yield from _hours(tables["hours"])
    if "shifts" in tables:
        yield from _shifts(tables)


def belonging(table: Table, units: Table, kind: str, *, everywhere: bool = False) -> Iterator[Problem]:
    """Check that the rows of a table belong to units of a kind; where they may hold `everywhere`, * is all units."""
    known = {unit.unit: unit for __, unit in units.rows}
    for n, row in table.rows:
        if everywhere and row.unit == "*":
            continue
        if row.unit not in units.keys:
            do = _(
                "{hint}Add the unit to the units table, or correct the code.",
                hint=near(row.unit, sorted(units.keys)),
            )
            yield table.problem(n, "unit", _("there is no unit {unit}.", unit=shown(row.unit)), do)
        elif row.unit in known and known[row.unit].kind != kind:
            what = _(
                "{unit} is a unit of kind '{kind}'; it cannot have a row here.",
                unit=shown(row.unit),
                kind=known[row.unit].kind,
            )
            yield table.problem(
                n, "unit", what, _("Give it to another unit, or change the kind of this one.")
            )


def _hours(table: Table) -> Iterator[Problem]:
    normal = {row.unit for __, row in table.rows if row.regime == "normal"}
    for n, row in table.rows:
        if minutes_of(row.open) >= minutes_of(row.close):
            what = _("the unit closes at {close}, not after {open}.", close=row.close, open=row.open)
            do = _("Give a later hour; what goes on after midnight is the next weekday's row, from 00:00.")
            yield table.problem(n, "close", what, do)
        else:
            yield from _break(table, n, row.open, row.close, row.break_start, row.break_end)
        if table.complete and row.unit not in normal:
            what = _("{unit} has hours for Ramadan and none for the rest of the year.", unit=shown(row.unit))
            yield table.problem(n, "regime", what, _("Add its normal hours."))


def _break(table: Table, n: int, start: str, end: str, away: str, back: str) -> Iterator[Problem]:
    """Check that a break has two ends, in order, within the hours; hours may go past midnight."""
    if not away and not back:
        return
    if not away or not back:
        column = "break_start" if not away else "break_end"
        what = _("the break has a beginning or an end only.")
        yield table.problem(n, column, what, _("Give both, or leave both empty."))
        return
    first = minutes_of(start)
    length, gone, there = ((minutes_of(at) - first) % 1440 for at in (end, away, back))
    if not 0 < gone < there < (length or 1440):
        what = _(
            "the break {away} to {back} does not lie within {start} to {end}.",
            away=away,
            back=back,
            start=start,
            end=end,
        )
        yield table.problem(n, "break_start", what, _("Give hours in between, the earlier first."))


def _shifts(tables: dict[str, Table]) -> Iterator[Problem]:
    table = tables["shifts"]
    units = {u.unit: u for __, u in tables["units"].rows} if "units" in tables else {}
    for n, row in table.rows:
        yield from _break(table, n, row.start, row.end, row.break_start, row.break_end)
        if row.number is not None and row.share is not None:
            what = _("there are both a number and a share.")
            yield table.problem(n, "share", what, _("Keep one of the two."))
        if row.share == 0:
            what = _("a share of 0 takes nobody.")
            yield table.problem(n, "share", what, _("Give a share above 0, or take the row out."))
        if row.unit in units and units[row.unit].kind == "service" and "services" in tables:
            yield from _group(tables, n, row, units[row.unit])


def _group(tables: dict[str, Table], n: int, row: Shift, unit: Unit) -> Iterator[Problem]:
    """Check that the group of a shift exists, and has so many people."""
    table, services = tables["shifts"], tables["services"]
    mine = [s for __, s in services.rows if s.unit == unit.unit]
    codes = [s.service for s in mine]
    if not services.complete or not mine or any(s.staff > unit.officers for s in mine):
        return  # the wrong rows are told elsewhere
    if row.who not in (*GROUPS, *codes):
        known = [*GROUPS, *codes]
        what = _("{unit} has no group or service {who}.", unit=shown(unit.unit), who=shown(row.who))
        yield table.problem(
            n, "who", what, _("{hint}It can be {known}.", hint=near(row.who, known), known=known)
        )
        return
    if not unit.officers:
        return
    steps = [row for __, row in tables["steps"].rows] if "steps" in tables else []
    routes = [route(s, [step for step in steps if step.service == s.service]) for s in mine]
    can = by_service(eligibility(unit, mine, routes), routes, signing=False)
    slot = np.arange(unit.officers)
    masks = {"all": slot >= 0, "pns": slot < unit.pns, "pppk": slot >= unit.pns}
    masks |= {code: can[:, k] for k, code in enumerate(codes)}
    people = int((can.any(axis=1) & masks[row.who]).sum())
    if people == 0:
        what = _(
            "nobody of the group {who} serves at the desk of {unit}.",
            who=shown(row.who),
            unit=shown(unit.unit),
        )
        yield table.problem(n, "who", what, _("Choose another group, or raise the staff of the services."))
    elif row.number is not None and row.number > people:
        what = _(
            "{number} officers are to be on duty, but the group {who} has {people} at the desk.",
            number=row.number,
            who=shown(row.who),
            people=people,
        )
        yield table.problem(n, "number", what, _("Lower the number, or leave it empty for all."))


def hours_doubts(agency: Agency, tables: dict[str, Table]) -> Iterator[Doubt]:
    """Find what is odd about opening hours and shifts without being wrong."""
    for unit in dict.fromkeys([*(row.unit for row in agency.hours), *(row.unit for row in agency.shifts)]):
        name = "shifts" if any(row.unit == unit for row in agency.shifts) else "hours"
        table = tables[name]
        first = next(n for n, row in table.rows if row.unit == unit)
        if name == "shifts":
            yield from _never_open(agency, table, unit)
            yield from _unserved(agency, table, unit, first)
            longest = float(week_minutes(agency, unit).sum(axis=1).mean(axis=0).max()) / 60
        else:
            days = int((opening_hours(agency, unit)[0, :, 1] > 0).sum())
            longest = float(duty_minutes(agency, unit).max()) * days / 60
        if longest > FAR * WEEK:
            what = _(
                "an officer of {unit} would be on duty {hours:.0f} hours a week, against {week:g} by law.",
                unit=shown(unit),
                hours=longest,
                week=WEEK,
            )
            do = _("Say in the table shifts who is on duty when.")
            yield Doubt(table.where, first, table.places.get("unit", "unit"), what, do)


def _never_open(agency: Agency, table: Table, unit: str) -> Iterator[Doubt]:
    """Report shifts that lie outside the opening hours."""
    hours, duty = opening_hours(agency, unit)[0], Duty(agency, unit)
    used = set()
    for weekday in np.flatnonzero(hours[:, 1]):
        for shift in duty.shifts_on(int(weekday)):
            start, end = minutes_of(shift.start), minutes_of(shift.end)
            tomorrow = end <= start and hours[(weekday + 1) % 7, 1]
            worked = work_until(hours[weekday], [start, 1440 if end <= start else end])
            rest = work_until(hours[(weekday + 1) % 7], [0, end]) if tomorrow else np.zeros(2, np.int64)
            if np.diff(worked)[0] + np.diff(rest)[0] > 0:
                used.add(shift)
    for n, row in table.rows:
        if row.unit == unit and row not in used:
            what = _("the unit is closed whenever this shift is on duty.")
            yield Doubt(
                table.where,
                n,
                table.places.get("start", "start"),
                what,
                _("Check it against the opening hours."),
            )


def _unserved(agency: Agency, table: Table, unit: str, row: int) -> Iterator[Doubt]:
    """Report opening hours in which nobody is on duty who serves a service."""
    hours, duty = opening_hours(agency, unit)[0], Duty(agency, unit)
    services = agency.services_of(unit)
    routes = routes_of(agency, unit)
    can = eligibility(agency.unit(unit), services, routes)
    stations = [
        service.service if step is None else f"{service.service}, {step.step}"
        for service, steps in zip(services, routes, strict=True)
        for step in steps or (None,)
    ]
    told = set()
    for weekday in np.flatnonzero(hours[:, 1]):
        yesterday = (int(weekday) - 1) % 7
        opening, work, before_break, pause = hours[weekday]
        for week in range(min(20, max(1, int(duty.desk.sum())))):
            before = (yesterday, week - (weekday == 0)) if hours[yesterday, 1] else None
            windows = duty.windows(int(weekday), week, before)
            closing = opening + work + pause
            pauses = (opening + before_break, opening + before_break + pause)
            marks = {int(m) for m in (*windows.ravel(), *pauses) if opening < m < closing}
            edges = sorted({int(opening), int(closing), *marks})
            for start, end in pairwise(edges):
                there = ((windows[:, :, 0] <= start) & (windows[:, :, 1] > start)).any(axis=1)
                if pauses[0] <= start and end <= pauses[1]:
                    continue
                for k, station in enumerate(stations):
                    if station not in told and not (there & can[:, k]).any():
                        told.add(station)
                        what = _(
                            "nobody who serves {service} is on duty on {weekday} from {start} to {end}.",
                            service=shown(station),
                            weekday=WEEKDAYS[weekday],
                            start=_time(start),
                            end=_time(end),
                        )
                        do = _("Let somebody be on duty, or close the unit then.")
                        yield Doubt(table.where, row, table.places.get("unit", "unit"), what, do)


def _time(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
