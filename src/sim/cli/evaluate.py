"""``kinerja evaluate``: did it work? A panel file becomes one HTML page."""

from __future__ import annotations

import argparse

from sim.cli.reporting import add_file, add_report, reported, tell_report, words
from sim.errors import _

HELP = _("did it work? a panel file (unit, period, outcome, treatment) becomes an HTML report")


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    columns = {
        "outcome": str(_("column of the outcome (numbers)")),
        "unit": str(_("column of the unit or person")),
        "time": str(_("column of the period")),
        "treated": str(_("column 0/1: 1 from treatment on")),
    }
    add_file(parser, columns)
    parser.add_argument(
        "--cluster",
        metavar=str(_("COLUMN")),
        help=str(_("level at which treatment was given")),
    )
    parser.add_argument(
        "--drop-incomplete",
        action="store_true",
        help=str(_("leave out units that lack a period (counted)")),
    )
    parser.add_argument(
        "--order",
        type=words,
        default=[],
        metavar=str(_("PERIODS")),
        help=str(_("the periods, first to last, where their names do not tell: --order pre,post")),
    )
    add_report(parser, "evaluation.html")


def run(args: argparse.Namespace) -> int:
    """Write the report; say where it is."""
    from sim.inference.evaluation.report import evaluation_report

    written = evaluation_report(
        args.file,
        args.outcome,
        args.unit,
        args.time,
        args.treated,
        args.out,
        cluster=args.cluster,
        incomplete="drop" if args.drop_incomplete else "refuse",
        order=args.order,
        **reported(args),
    )
    return tell_report(written)
