"""``kinerja evaluate``: did it work? A panel file becomes one HTML page."""

from __future__ import annotations

import argparse

from sim.cli.reporting import add_file, add_report, reported, tell_report
from sim.language.talk import Talk

HELP = (
    "apakah berhasil? berkas panel (unit, periode, hasil, perlakuan) menjadi laporan HTML",
    "did it work? a panel file (unit, period, outcome, treatment) becomes an HTML report",
)


def add(parser: argparse.ArgumentParser, talk: Talk) -> None:
    """Declare the arguments."""
    columns = {
        "outcome": talk("kolom hasil (angka)", "column of the outcome (numbers)"),
        "unit": talk("kolom unit atau orang", "column of the unit or person"),
        "time": talk("kolom periode", "column of the period"),
        "treated": talk("kolom 0/1: 1 sejak perlakuan", "column 0/1: 1 from treatment on"),
    }
    add_file(parser, talk, columns)
    parser.add_argument(
        "--cluster",
        metavar="COLUMN",
        help=talk("tingkat tempat perlakuan diberikan", "level at which treatment was given"),
    )
    parser.add_argument(
        "--drop-incomplete",
        action="store_true",
        help=talk(
            "buang unit yang kurang periode (dihitung)", "leave out units that lack a period (counted)"
        ),
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
