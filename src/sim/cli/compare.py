"""``kinerja compare``: compare policies on an agency without a study file."""

from __future__ import annotations

import argparse

from sim.cli.running import add_options, add_years, answer, design_of
from sim.errors import _

HELP = _("compare policies for one agency")


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    agency = str(_("name, folder of CSV files, or Excel workbook"))
    policies = str(_("names of policies or YAML files; the first is the baseline"))
    parser.add_argument("agency", metavar=str(_("AGENCY")), help=agency)
    parser.add_argument("policies", metavar=str(_("POLICY")), nargs="+", help=policies)
    add_years(parser)
    add_options(parser)


def run(args: argparse.Namespace) -> int:
    """Run it."""
    from sim.study import CompareStudy

    return answer(CompareStudy.of(args.agency, args.policies, **design_of(args)), args)
