"""``kinerja ratings``: how reliable are these ratings, and how severe the raters? A file becomes one HTML page."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.cli.reporting import add_file, add_report, reported, tell_report, words
from sim.errors import _

HELP = _("how reliable are ratings, how severe the raters? a file of ratings becomes an HTML report")


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    needed = {
        "score": str(_("column of the score (numbers or predikat)")),
        "ratee": str(_("column of the person who is rated")),
        "rater": str(_("column of the rater")),
    }
    add_file(parser, needed)
    optional = {
        "criterion": str(_("column of the criterion, if there are several")),
        "unit": str(_("column of the ratee's unit")),
        "tie": str(_("column of closeness (0/1 or a number)")),
    }
    for name, text in optional.items():
        parser.add_argument(f"--{name}", metavar=str(_("COLUMN")), help=text)
    parser.add_argument(
        "--levels",
        type=words,
        default=[],
        metavar=str(_("WORDS")),
        help=str(_("words that are scores, lowest first, with commas between, where they are no predikat")),
    )
    parser.add_argument(
        "--min-size",
        type=int,
        default=10,
        metavar=str(_("N")),
        help=str(_("smaller groups are not shown (default: 10)")),
    )
    parser.add_argument(
        "--scores",
        type=Path,
        metavar="CSV",
        help=str(_("write fair scores and ranks of every ratee")),
    )
    parser.add_argument(
        "--same-codes",
        choices=("yes", "no"),
        help=str(
            _("are rater and ratee with the same code one person? (default: unless codes are short numbers)")
        ),
    )
    add_report(parser, "ratings.html")


def run(args: argparse.Namespace) -> int:
    """Write the report; say where it is."""
    from sim.inference.ratings.report import ratings_report

    written = ratings_report(
        args.file,
        args.score,
        args.ratee,
        args.rater,
        args.out,
        criterion=args.criterion,
        unit=args.unit,
        tie=args.tie,
        min_size=args.min_size,
        scores=args.scores,
        same_codes=None if args.same_codes is None else args.same_codes == "yes",
        levels=args.levels,
        **reported(args),
    )
    return tell_report(written)
