"""``kinerja template``: an empty agency to fill in."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.errors import _

HELP = _("write empty tables with notes: a folder of CSV files, or a workbook if it ends in .xlsx")


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("out", type=Path, metavar=str(_("OUT")), help=str(_("folder or .xlsx file")))


def run(args: argparse.Namespace) -> int:
    """Write it; what is there is not overwritten."""
    from sim.agency import write_template

    write_template(args.out)
    print(_("Fill it in, then: kinerja check {out}", out=args.out))
    print(args.out)
    return 0
