"""``kinerja evaluate``: did it work? A panel file becomes one HTML page."""

from __future__ import annotations

import argparse

from sim.cli.reporting import add_file, add_report, reported, tell_report
from sim.errors import _
from sim.language.talk import Talk

HELP = _("did it work? a panel file (unit, period, outcome, treatment) becomes an HTML report")


def add(parser: argparse.ArgumentParser, talk: Talk) -> None:
    """Declare the arguments."""
    columns = {
        "outcome": str(_("column of the outcome (numbers)")),
        "unit": str(_("column of the unit or person")),
        "time": str(_("column of the period")),
        "treated": str(_("column 0/1: 1 from treatment on")),
    }
    add_file(parser, talk, columns)
    parser.add_argument(
        "--cluster",
        metavar="COLUMN",
        help=str(_("level at which treatment was given")),
    )
    parser.add_argument(
        "--drop-incomplete",
        action="store_true",
        help=str(_("leave out units that lack a period (counted)")),
    )
    add_report(parser, talk, "evaluation.html")


def run(args: argparse.Namespace, talk: Talk) -> int:
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
        **reported(args, talk),
    )
    return tell_report(written, talk)
