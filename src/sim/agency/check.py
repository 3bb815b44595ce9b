"""Checks between the tables of an agency: problems that make it invalid, and doubts worth a look."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.agency.check_steps import check_steps
from sim.agency.demand import profile
from sim.agency.desks.check_hours import belonging, hours_doubts, hours_problems
from sim.agency.desks.duty import duty_minutes, implied_utilisation
from sim.agency.desks.work import work_problems
from sim.agency.doubt import Doubt
from sim.agency.facts import FIGURES
from sim.agency.parse import Table
from sim.agency.routes import routes_of
from sim.agency.sheets import near, shown
from sim.agency.spec import DOMAINS, NEEDS, PERIODS, Agency
from sim.agency.staffing import daily_work, eligibility, serving, step_work
from sim.errors import Message, Problem, _

TOLERANCE = 0.01
"""Shares and weights may miss their sum by this much, because they are written with few decimals."""

OVERLOADED, FAR = 1.3, 0.1
"""Doubts: a desk with a utilisation above the first is overloaded; an implied utilisation further than the second from
the stated one is odd."""


def check_tables(tables: dict[str, Table]) -> list[Problem]:
    """Find problems between rows and tables; rows that are wrong by themselves are skipped.

    Where a table is absent or has wrong rows, no row is reported as having nothing that refers to it.
    """
    problems = [*_facts(tables), *_units(tables)]
    for table, kind in (("services", "service"), ("programmes", "programme")):
        problems += _belonging(tables, table, kind)
    return [
        *problems,
        *_services(tables),
        *check_steps(tables),
        *_demand(tables),
        *_complaints(tables),
        *hours_problems(tables),
        *work_problems(tables),
    ]


def _facts(tables: dict[str, Table]) -> Iterator[Problem]:
    if "agency" not in tables:
        return
    table = tables["agency"]
    for key, known in FIGURES.items():
        if key not in table.keys and known.default is None:
            strangers = [k for k in table.keys if k not in FIGURES]
            do = _(
                "{hint}Add a row for {key}: {note} ({unit}), e.g. {example}.",
                hint=near(key, strangers),
                key=key,
                note=known.note,
                unit=known.unit,
                example=known.example,
            )
            yield table.problem(None, "key", _("the figure {key!r} is missing.", key=key), do)


def _units(tables: dict[str, Table]) -> Iterator[Problem]:
    if "units" not in tables:
        return
    table = tables["units"]
    for n, unit in table.rows:
        if unit.officers == 0:
            yield table.problem(
                n, "pns", _("the unit has no officers."), _("Give it PNS or PPPK, or take it out.")
            )
        total = sum(getattr(unit, need) for need in NEEDS)
        if abs(total - 1) > TOLERANCE:
            what = _("the weights {needs} sum to {total:.3g}, not 1.", needs=", ".join(NEEDS), total=total)
            yield table.problem(n, NEEDS[0], what, _("Divide each by their sum."))


def _belonging(tables: dict[str, Table], name: str, kind: str) -> Iterator[Problem]:
    """Check that services belong to service units and programmes to programme units, and that each unit has one."""
    if name not in tables or "units" not in tables:
        return
    table, units = tables[name], tables["units"]
    yield from belonging(table, units, kind)
    used = {row.unit for __, row in table.rows}
    if table.complete:
        for n, unit in units.rows:
            if unit.kind == kind and unit.unit not in used:
                what = _(
                    "{unit}, a unit of kind '{kind}', has no row in the table '{table}'.",
                    unit=shown(unit.unit),
                    kind=kind,
                    table=name,
                )
                yield units.problem(n, "unit", what, _("Add at least one, or change its kind."))


def _services(tables: dict[str, Table]) -> Iterator[Problem]:
    if "services" not in tables:
        return
    table = tables["services"]
    officers = {u.unit: u.officers for __, u in tables["units"].rows} if "units" in tables else {}
    for n, service in table.rows:
        if service.staff > officers.get(service.unit, service.staff):
            what = _(
                "{staff} officers serve it, but the unit has {officers}.",
                staff=service.staff,
                officers=officers[service.unit],
            )
            yield table.problem(n, "staff", what, _("Lower staff, or raise the unit's pns or pppk."))
        if sum(getattr(service, domain) for domain in DOMAINS) == 0:
            what = _("the weights {domains} are all 0.", domains=", ".join(DOMAINS))
            yield table.problem(
                n, DOMAINS[0], what, _("Say which skills the work needs; only their ratio counts.")
            )


def _demand(tables: dict[str, Table]) -> Iterator[Problem]:
    if "demand" not in tables:
        return
    table = tables["demand"]
    services = tables["services"].keys if "services" in tables else None
    for n, row in table.rows:
        if services is not None and row.service != "*" and row.service not in services:
            do = _(
                "{hint}Correct the code, or write * for all services.",
                hint=near(row.service, sorted(services)),
            )
            yield table.problem(
                n, "service", _("there is no service {service}.", service=shown(row.service)), do
            )
        if row.index > PERIODS[row.period]:
            what = _("there is no {period} number {index}.", period=row.period, index=row.index)
            yield table.problem(
                n, "index", what, _("Write a number from 1 to {periods}.", periods=PERIODS[row.period])
            )
        elif row.period == "weekday" and row.index not in _open(tables, row.service):
            what = _("no unit of this service is open on weekday {index}.", index=row.index)
            yield table.problem(
                n,
                "index",
                what,
                _("Give the unit hours on that weekday in the table hours, or take the row out."),
            )


def _open(tables: dict[str, Table], service: str) -> set[int]:
    """Return the weekdays, from 1, on which units of a service (* for all) are open."""
    hours = [row for __, row in tables["hours"].rows] if "hours" in tables else []
    services = [row for __, row in tables["services"].rows] if "services" in tables else []
    units = {row.unit for row in services if service in ("*", row.service)}
    own = {row.unit for row in hours}
    return {row.weekday for row in hours if row.unit in units} | (
        set() if units and units <= own else {1, 2, 3, 4, 5}
    )


def _complaints(tables: dict[str, Table]) -> Iterator[Problem]:
    if "complaints" not in tables or not tables["complaints"].complete:
        return
    table = tables["complaints"]
    total = sum(row.share for __, row in table.rows)
    if table.rows and abs(total - 1) > TOLERANCE:
        yield table.problem(
            None,
            "share",
            _("the shares sum to {total:.3g}, not 1.", total=total),
            _("Divide each by their sum."),
        )


def doubts(agency: Agency, tables: dict[str, Table]) -> Iterator[Doubt]:
    """Find what is odd about an agency without being wrong.

    Parameters
    ----------
    agency : Agency
        Complete and free of problems.
    tables : dict of str to Table
        The tables it was read from, for the places of its rows.
    """
    facts, units, services, demand = (tables[t] for t in ("agency", "units", "services", "demand"))
    if agency.officers > agency.fact("pns_total") + agency.fact("pppk_total"):
        what = _(
            "the units have {officers} officers, more than pns_total + pppk_total.", officers=agency.officers
        )
        yield _doubt(facts, None, "value", what, _("Correct one or the other."))
    implied, work = implied_utilisation(agency), daily_work(agency)
    for n, unit in units.rows:
        if unit.kind == "programme" and unit.utilisation is not None:
            what = _("a programme unit has no desk, so nothing reads its utilisation.")
            yield _doubt(units, n, "utilisation", what, _("Leave the cell empty."))
        elif unit.unit in implied:
            yield from _busy(units, n, unit.utilisation, float(implied[unit.unit]))
    yield from hours_doubts(agency, tables)
    routed = {step.service for step in agency.steps}
    for n, service in services.rows:
        unit = agency.unit(service.unit)
        column = [s.service for s in agency.services_of(service.unit)].index(service.service)
        able = duty_minutes(agency, service.unit)[serving(agency, service.unit)[:, column]].sum()
        own = work[service.service] / (able * (1 - unit.absence)) if able else np.inf
        if own > 1 and service.service not in routed:
            what = _(
                "it brings {own:.2f} times the work that its {staff} officers can do.",
                own=own,
                staff=service.staff,
            )
            yield _doubt(services, n, "staff", what, _("Raise staff, or lower demand or work."))
        mean = profile(agency, service.service).mean
        if abs(mean - 1) > FAR:
            what = _(
                "the demand factors of its months, weekdays and hours average {mean:.2f}, not 1.", mean=mean
            )
            yield _doubt(
                services, n, "demand", what, _("Scale the factors, or leave out periods that are ordinary.")
            )
    if "steps" in tables:
        yield from _steps(agency, tables["steps"])
    peak = max((row.factor for __, row in demand.rows if row.period == "after_lebaran"), default=1.0)
    if not np.isclose(peak, agency.fact("lebaran_peak")):
        what = _(
            "the highest after_lebaran factor is {peak:.3g}, which is not the figure lebaran_peak.", peak=peak
        )
        yield _doubt(
            demand, None, "factor", what, _("Only the demand table acts; make the figure say the same.")
        )


def _steps(agency: Agency, table: Table) -> Iterator[Doubt]:
    """Find steps that bring more work than those who do them can do, whatever else they do."""
    work, rows = step_work(agency), {(s.service, s.step): n for n, s in table.rows}
    for unit in agency.units:
        services, steps = agency.services_of(unit.unit), routes_of(agency, unit.unit)
        if not any(steps):
            continue
        may = eligibility(unit, services, steps)
        staffs, ables = iter(may.sum(axis=0)), iter(duty_minutes(agency, unit.unit) @ may)
        for step in (step for part in steps for step in part or (None,)):
            staff, able = int(next(staffs)), float(next(ables)) * (1 - unit.absence)
            if step is None:
                continue
            own = work[step.service, step.step] / able if able else np.inf
            if own > 1:
                what = _(
                    "it brings {own:.2f} times the work that its {staff} officers can do.",
                    own=own,
                    staff=staff,
                )
                do = _("Raise staff, or lower demand or work.")
                yield _doubt(table, rows[step.service, step.step], "staff", what, do)


def _busy(units: Table, n: int, stated: float | None, implied: float) -> Iterator[Doubt]:
    do = _("Check demand, work and staff of its services.")
    if implied > OVERLOADED:
        what = _(
            "demand, work and staff imply a utilisation of {implied:.2f}: the desk would be overloaded.",
            implied=implied,
        )
        yield _doubt(units, n, "utilisation", what, do)
    elif stated is not None and abs(implied - stated) > FAR:
        what = _(
            "demand, work and staff imply a utilisation of {implied:.2f}, not the stated {stated:.2f}.",
            implied=implied,
            stated=stated,
        )
        yield _doubt(units, n, "utilisation", what, do)


def _doubt(table: Table, row: int | None, column: str, what: Message, do: Message) -> Doubt:
    return Doubt(table.where, row, table.places.get(column, column), what, do)
