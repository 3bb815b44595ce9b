"""``kinerja levers``: what can be decided, with parameters and evidence."""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING, Any

from sim.errors import Message, _
from sim.language import own_text

if TYPE_CHECKING:
    from sim.levers import Lever

HELP = _("list what can be decided; with a name: its parameters and evidence")


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    text = str(_("name of a lever (default: all)"))
    parser.add_argument("name", nargs="?", metavar=str(_("NAME")), help=text)


def run(args: argparse.Namespace) -> int:
    """Print one line a lever, or one lever in full."""
    from sim.errors import KinerjaError
    from sim.levers import LEVERS
    from sim.levers.base import nearest

    if args.name is None:
        width = max(len(name) for name in LEVERS)
        for name, lever in LEVERS.items():
            print(f"{name:{width}}  {lever.title}")
        return 0
    if args.name not in LEVERS:
        guess = nearest(args.name, LEVERS)
        raise KinerjaError(
            _(
                "no lever {name!r}{guess}; there are {levers}.",
                name=args.name,
                guess=guess,
                levers=", ".join(LEVERS),
            )
        )
    _show(LEVERS[args.name])
    return 0


def _show(lever: type[Lever]) -> None:
    from sim.evidence import Evidence
    from sim.language.numbers import shortest
    from sim.levers.base import describe
    from sim.report.names import FINDING_UNITS

    print(f"{lever.name}: {lever.title}")
    print(f"\n{_('Parameters')}")
    for row in describe(lever):
        note = row.get("note", "")
        print(f"  {row['parameter']} = {_plain(row['default'])}  {note}{_range(row)}")
    print(f"\n{_('Evidence')}")
    evidence = Evidence.load()
    for key in lever.evidence:
        finding = evidence[key]
        size = shortest(finding.mean)
        if math.isfinite(finding.se):
            size += f" ± {shortest(finding.se)}"
        unit = FINDING_UNITS[finding.unit]
        print(f"  {key}: {own_text(finding)}: {size} {unit} [{finding.grade}] {finding.source}")
    if not lever.evidence:
        print(f"  {_('none; assumptions only')}")


def _plain(value: object) -> str:
    """A default as a policy file would have it."""
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    return str(value) or '""'


def _range(row: dict[str, Any]) -> str:
    """What may stand there, and in which unit."""
    low, high, choices, unit = (row.get(key) for key in ("low", "high", "choices", "unit"))
    if choices:
        return f" ({' | '.join(map(str, choices))})"
    ends = [] if low is None else [_("from {low:,}", low=low)]
    ends += [] if high is None else [_("to {high:,}", high=high)]
    text = " ".join(map(str, [*ends, *([Message(unit)] if unit else [])]))
    return f" ({text})" if text else ""
