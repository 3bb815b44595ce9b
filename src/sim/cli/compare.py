"""``kinerja compare``: compare policies on an agency without a study file."""

from __future__ import annotations

import argparse

from sim.cli.running import add_options, answer
from sim.errors import _

HELP = _("compare policies for one agency")


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    agency = str(_("name, folder of CSV files, or Excel workbook"))
    policies = str(_("names of policies or YAML files; the first is the baseline"))
    parser.add_argument("agency", metavar=str(_("AGENCY")), help=agency)
    parser.add_argument("policies", metavar=str(_("POLICY")), nargs="+", help=policies)
    years = str(_("length in years (default: 3)"))
    parser.add_argument("--years", type=int, default=3, metavar=str(_("N")), help=years)
    add_options(parser)


def run(args: argparse.Namespace) -> int:
    """Run it."""
    from sim.study import CompareStudy

    given = {key: getattr(args, key) for key in ("seed", "replications") if getattr(args, key) is not None}
    return answer(CompareStudy.of(args.agency, args.policies, years=args.years, **given), args)
