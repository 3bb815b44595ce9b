"""``kinerja agencies``: the agencies that ship, or the units and services of one, with the steps of routes."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.errors import Message, _

if TYPE_CHECKING:
    from sim.agency import Agency, Step

HELP = _("list the agencies that come with the project, or the services of one")

_PLACES = {"counter": _("counter"), "file": _("file"), "online": _("online")}
_WHO = {"front": _("front line"), "verifier": _("verifier"), "supervisor": _("signature")}


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "agency",
        metavar=str(_("AGENCY")),
        nargs="?",
        help=str(_("name, folder or workbook: show its services and their steps")),
    )


def run(args: argparse.Namespace) -> int:
    """Print a line per agency, or per service and step of one."""
    from sim.agency import agencies, load_agency
    from sim.language.numbers import number

    if args.agency is not None:
        for line in described(load_agency(args.agency)):
            print(line)
        return 0
    table = agencies()
    width = max(len(name) for name in table["name"])
    for row in table.to_dict("records"):
        units, officers = (number(row[key], 0) for key in ("units", "officers"))
        counted = _("{units} units, {officers} officers", units=units, officers=officers)
        print(f"{row['name']:{width}}  {row['label']}: {counted}, IKM {number(row['ikm'])}")
    return 0


def described(agency: Agency) -> Iterator[str]:
    """Give a line per unit and service of an agency, and one per step of a service that is a route."""
    from sim.agency import eligibility, routes_of
    from sim.language import language
    from sim.language.numbers import number

    yield f"{agency.label} ({agency.name})"
    for unit in agency.units:
        officers = _("{n} officers", n=number(unit.officers, 0))
        yield f"{unit.unit}  {getattr(unit, f'label_{language()}')}: {officers}"
        services, routes = agency.services_of(unit.unit), routes_of(agency, unit.unit)
        able = iter(eligibility(unit, services, routes).sum(axis=0).tolist() if services else ())
        for service, steps in zip(services, routes, strict=True):
            name = f"  {service.service}  {getattr(service, f'label_{language()}')}"
            minutes = _("{minutes} minutes of work", minutes=number(service.work))
            if not steps:
                yield f"{name}: {_PLACES[service.channel]}, {_officers(next(able))}, {minutes}"
                continue
            yield f"{name}: {_('{n} steps', n=len(steps))}, {minutes}"
            for place, step in enumerate(steps, start=1):
                label = getattr(step, f"label_{language()}")
                facts = [str(fact) for fact in _facts(step, next(able))]
                yield f"    {place}. {step.step}  {label}: {'; '.join(facts)}"


def _officers(n: int) -> Message:
    from sim.language.numbers import number

    return _("{n} officers", n=number(n, 0))


def _facts(step: Step, able: int) -> Iterator[Message | str]:
    from sim.language.numbers import percent
    from sim.language.numbers import shortest as number

    yield f"{_PLACES[step.place]}, {_WHO[step.who]} ({able})"
    yield _("{minutes} minutes of work", minutes=number(step.work))
    if step.error:
        yield _("{share} errors, back to {step}", share=percent(step.error), step=step.returns_to)
    if step.skips:
        yield _("{share} skip to {step}", share=percent(step.skips), step=step.skips_to)
    if 0 < step.ends < 1:
        yield _("{share} end here", share=percent(step.ends))
    if step.hand_off:
        yield _("hand-off {minutes} minutes", minutes=number(step.hand_off))
    if step.unnoticed:
        yield _("{share} never opened", share=percent(step.unnoticed))
    if step.noticed:
        yield _("opened after {days} working days (median)", days=number(step.noticed))
    if step.settled:
        yield _("settled after {days} working days (median)", days=number(step.settled))
