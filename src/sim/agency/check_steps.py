"""Checks of the steps table, and of what waits for attention."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim.agency.desks.work import variation_problems
from sim.agency.parse import Table
from sim.agency.routes import flow, route
from sim.agency.sheets import near, shown
from sim.agency.spec import ATTENTION, DOMAINS, Service, Step
from sim.agency.staffing import eligibility
from sim.errors import Message, Problem, _

TOLERANCE = 0.01
"""The work of a service may miss that of its steps by this share, because it is written with few decimals."""


def check_steps(tables: dict[str, Table]) -> Iterator[Problem]:
    """Find problems in the steps of services, row by row and in the route that they make together."""
    if "complaints" in tables:
        for n, row in tables["complaints"].rows:
            yield from _delays(tables["complaints"], n, row)
    if "steps" not in tables:
        return
    table = tables["steps"]
    for n, row in table.rows:
        yield from _step(table, n, row)
    services = tables.get("services")
    if services is None:
        return
    groups: dict[str, list[tuple[int, Step]]] = {}
    for n, row in table.rows:
        groups.setdefault(row.service, []).append((n, row))
        if row.service not in services.keys:
            do = _(
                "{hint}Correct the code, or add the service to the services table.",
                hint=near(row.service, sorted(services.keys)),
            )
            what = _("there is no service {service}.", service=shown(row.service))
            yield table.problem(n, "service", what, do)
    if not table.complete:
        return  # of a route with a wrong row nothing can be said as a whole
    for n, service in services.rows:
        rows = groups.get(service.service, [])
        found = list(_route(table, rows))
        yield from found
        if rows and not found:
            yield from _against_service(services, n, service, [row for _n, row in rows], table, rows)
    if services.complete and "units" in tables:
        yield from _people(tables, groups)


def _step(table: Table, n: int, row: Step) -> Iterator[Problem]:
    """What is wrong with a row by itself."""
    if row.skips + row.ends > 1 + 1e-9:
        what = _("skips and ends are {total:.3g} together, more than 1.", total=row.skips + row.ends)
        do = _("Lower one: the rest goes on to the next row.")
        yield table.problem(n, "skips", what, do)
    if row.skips and not row.skips_to:
        what = _("a share skips, but it is not said where to.")
        yield table.problem(n, "skips_to", what, _("Name a later step, or leave skips empty."))
    if row.skips_to and not row.skips:
        what = _("no share skips to {step}.", step=shown(row.skips_to))
        yield table.problem(n, "skips", what, _("Say which share, or leave skips_to empty."))
    if row.place == "counter":
        for name in ATTENTION:
            if getattr(row, name) is not None:
                what = _("at a counter a citizen is noticed at once.")
                yield table.problem(n, name, what, _("Leave the cell empty, or change the place."))
    yield from _delays(table, n, row)


def _delays(table: Table, n: int, row: Any) -> Iterator[Problem]:
    for name in ("noticed", "settled"):
        if getattr(row, f"{name}_spread") is not None and getattr(row, name) is None:
            what = _("there is a spread of {delay}, but no {delay}.", delay=name)
            do = _("Fill {delay}, or leave the spread empty.", delay=name)
            yield table.problem(n, f"{name}_spread", what, do)


def _route(table: Table, rows: list[tuple[int, Step]]) -> Iterator[Problem]:
    """What is wrong with where the steps of one service lead."""
    place = {row.step: k for k, (_n, row) in enumerate(rows)}
    names = list(place)
    for k, (n, row) in enumerate(rows):
        for column, target in (("skips_to", row.skips_to), ("returns_to", row.returns_to)):
            if not target:
                continue
            if target not in place:
                what = _("{service} has no step {step}.", service=shown(row.service), step=shown(target))
                do = _("{hint}It has {steps}.", hint=near(target, names), steps=names)
                yield table.problem(n, column, what, do)
            elif column == "skips_to" and place[target] <= k:
                what = _("{step} is not a later step.", step=shown(target))
                do = _("Requests skip forward only; what goes back after an error is returns_to.")
                yield table.problem(n, column, what, do)
            elif column == "returns_to" and place[target] > k:
                what = _("{step} is a later step.", step=shown(target))
                do = _("An error sends back to this step or an earlier one.")
                yield table.problem(n, column, what, do)
        if k == len(rows) - 1:
            for column in ("skips", "ends", "hand_off"):
                if getattr(row, column):
                    what = _("this is the last step of {service}.", service=shown(row.service))
                    yield table.problem(n, column, what, _("Leave the cell empty: every request ends here."))


def _against_service(
    services: Table, n: int, service: Service, rows: list[Step], table: Table, placed: list[tuple[int, Step]]
) -> Iterator[Problem]:
    """What a service says that its steps do not."""
    steps = route(service, rows)
    if service.channel != steps[0].place:
        what = _(
            "its channel is {channel}, but its first step is at the place {place}.",
            channel=shown(service.channel),
            place=shown(steps[0].place),
        )
        yield services.problem(n, "channel", what, _("Make the two the same."))
    reach = flow(steps).reach
    for (row, step), share in zip(placed, reach, strict=True):
        if share <= 0:
            what = _("no request comes to {step}.", step=shown(step.step))
            yield table.problem(
                row, "step", what, _("Change skips and ends of the steps before, or delete it.")
            )
    minutes = float(reach @ [step.work for step in steps])
    if abs(service.work - minutes) > TOLERANCE * minutes:
        what = _(
            "its work is {work:.4g} minutes, but its steps take {minutes:.4g} on average.",
            work=service.work,
            minutes=minutes,
        )
        do = _("Write {minutes:.4g}, or correct the work of its steps.", minutes=minutes)
        yield services.problem(n, "work", what, do)
    if service.expected_wait is None:
        what = _("a route has no usual wait of its kind.")
        do = _("Write the working minutes until the end that the office publishes.")
        yield services.problem(n, "expected_wait", what, do)
    for (row, _step), step in zip(placed, steps, strict=True):
        if step.work_kind == "sample":
            what = _("its work has no distribution: that of its service is a sample of the whole.")
            yield table.problem(row, "work_kind", what, _("Choose a work_kind for the step."))
        yield from variation_problems(table, row, step.work_kind, step.work_cv or 0.0)
        if not any(getattr(step, domain) for domain in DOMAINS):
            what = _("the weights {domains} are all 0.", domains=", ".join(DOMAINS))
            do = _("Say which skills the work needs; only their ratio counts.")
            yield table.problem(row, DOMAINS[0], what, do)


def _people(tables: dict[str, Table], groups: dict[str, list[tuple[int, Step]]]) -> Iterator[Problem]:
    """Which steps have nobody, or too few, who may do them."""
    table = tables["steps"]
    for _n, unit in tables["units"].rows:
        services = [s for _row, s in tables["services"].rows if s.unit == unit.unit]
        rows = [groups.get(s.service, []) for s in services]
        short = [(n, row) for part in rows for n, row in part if (row.staff or 1) > unit.officers]
        for n, row in short:
            what = _(
                "{staff} officers do it, but the unit has {officers}.",
                staff=row.staff,
                officers=unit.officers,
            )
            yield table.problem(n, "staff", what, _("Lower staff, or raise the unit's pns or pppk."))
        if short or not unit.officers or any(s.staff > unit.officers for s in services):
            continue
        steps = [route(s, [row for _row, row in part]) for s, part in zip(services, rows, strict=True)]
        able = eligibility(unit, services, steps).sum(axis=0)
        column = 0
        for part in rows:
            for n, row in part:
                few, wanted = int(able[column]), row.staff or 1
                if row.who == "verifier" and few < wanted:
                    yield table.problem(n, "staff", _too_few(few, wanted, unit.officers), _MORE)
                column += 1
            column += not part


_MORE = _("Lower staff here or at the front line of the service, or raise the unit's pns or pppk.")


def _too_few(few: int, wanted: int, officers: int) -> Message:
    if not few:
        return _(
            "nobody may verify it: all {officers} officers of the unit are its front line or its supervisor.",
            officers=officers,
        )
    return _(
        "{wanted} officers verify it, but only {few} are not its front line or its supervisor.",
        wanted=wanted,
        few=few,
    )
