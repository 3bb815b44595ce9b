"""``kinerja levers``: what can be decided, with parameters and evidence."""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING, Any

from sim.language.talk import Talk

if TYPE_CHECKING:
    from sim.levers import Lever

HELP = (
    "daftar yang dapat diputuskan; dengan nama: parameter dan buktinya",
    "list what can be decided; with a name: its parameters and evidence",
)


def add(parser: argparse.ArgumentParser, talk: Talk) -> None:
    """Declare the arguments."""
    text = talk("nama tindakan (bawaan: semua)", "name of a lever (default: all)")
    parser.add_argument("name", nargs="?", metavar="NAME", help=text)


def run(args: argparse.Namespace, talk: Talk) -> int:
    """Print one line a lever, or one lever in full."""
    from sim.errors import KinerjaError
    from sim.levers import LEVERS
    from sim.levers.base import nearest

    if args.name is None:
        width = max(len(name) for name in LEVERS)
        for name, lever in LEVERS.items():
            print(f"{name:{width}}  {_title(lever, talk)}")
        return 0
    if args.name not in LEVERS:
        guess = nearest(args.name, LEVERS)
        raise KinerjaError(f"no lever {args.name!r}{guess}; there are {', '.join(LEVERS)}.")
    _show(LEVERS[args.name], talk)
    return 0


def _title(lever: type[Lever], talk: Talk) -> str:
    return talk(lever.title_id, lever.title_en)


def _show(lever: type[Lever], talk: Talk) -> None:
    from sim.evidence import Evidence
    from sim.language.numbers import number
    from sim.levers.base import describe

    print(f"{lever.name}: {_title(lever, talk)}")
    print(f"\n{talk('Parameter', 'Parameters')}")
    for row in describe(lever):
        note = talk(row.get("note_id", ""), row.get("note_en", ""))
        default = row["default"] if row["default"] != "" else '""'
        print(f"  {row['parameter']} = {default}  {note}{_range(row, talk)}")
    print(f"\n{talk('Bukti', 'Evidence')}")
    evidence = Evidence.load()
    for key in lever.evidence:
        finding = evidence[key]
        size = number(finding.mean, 2, lang=talk.lang)
        if math.isfinite(finding.se):
            size += f" ± {number(finding.se, 2, lang=talk.lang)}"
        name = talk(finding.label_id, finding.label_en)
        print(f"  {key}: {name}: {size} {finding.unit} [{finding.grade}] {finding.source}")
    if not lever.evidence:
        print(f"  {talk('tidak ada; hanya asumsi', 'none; assumptions only')}")


def _range(row: dict[str, Any], talk: Talk) -> str:
    """What may stand there, and in which unit."""
    low, high, choices, unit = (row.get(key) for key in ("low", "high", "choices", "unit"))
    if choices:
        return f" ({' | '.join(map(str, choices))})"
    ends = [] if low is None else [talk(f"dari {low:g}", f"from {low:g}")]
    ends += [] if high is None else [talk(f"sampai {high:g}", f"to {high:g}")]
    text = " ".join([*ends, *([str(unit)] if unit else [])])
    return f" ({text})" if text else ""
