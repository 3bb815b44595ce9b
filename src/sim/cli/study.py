"""``kinerja study``: run a study file and write its brief."""

from __future__ import annotations

import argparse

from sim.cli.running import add_options, answer
from sim.errors import _

HELP = _("run a study and write its brief (without a name: the headline study)")


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    text = str(_("YAML file or name of a study (default: headline)"))
    parser.add_argument("study", nargs="?", default="headline", metavar="STUDY.yaml", help=text)
    add_options(parser)


def run(args: argparse.Namespace) -> int:
    """Run it."""
    from sim.study import load_study

    return answer(load_study(args.study, seed=args.seed, replications=args.replications), args)
