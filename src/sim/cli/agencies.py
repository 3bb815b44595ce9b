"""``kinerja agencies``: the agencies that ship."""

from __future__ import annotations

import argparse

from sim.errors import _

HELP = _("list the agencies that come with the project")


def add(parser: argparse.ArgumentParser) -> None:
    """It has no arguments of its own."""


def run(args: argparse.Namespace) -> int:
    """Print a line an agency."""
    from sim.agency import agencies
    from sim.language.numbers import number

    table = agencies()
    width = max(len(name) for name in table["name"])
    for row in table.to_dict("records"):
        units, officers = (number(row[key], 0) for key in ("units", "officers"))
        counted = _("{units} units, {officers} officers", units=units, officers=officers)
        print(f"{row['name']:{width}}  {row['label']}: {counted}, IKM {number(row['ikm'])}")
    return 0
