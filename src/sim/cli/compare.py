"""``kinerja compare``: compare policies on an agency without a study file."""

from __future__ import annotations

import argparse

from sim.cli.running import add_options, answer
from sim.language.talk import Talk

HELP = (
    "bandingkan beberapa kebijakan pada satu pemerintah daerah",
    "compare policies on one local government",
)


def add(parser: argparse.ArgumentParser, talk: Talk) -> None:
    """Declare the arguments."""
    agency = talk("nama, folder CSV, atau buku kerja Excel", "name, folder of CSV files, or Excel workbook")
    policies = talk(
        "nama kebijakan atau berkas YAML; yang pertama menjadi pembanding",
        "names of policies or YAML files; the first is the baseline",
    )
    parser.add_argument("agency", metavar="AGENCY", help=agency)
    parser.add_argument("policies", metavar="POLICY", nargs="+", help=policies)
    years = talk("lama studi dalam tahun (bawaan: 3)", "length in years (default: 3)")
    parser.add_argument("--years", type=int, default=3, metavar=talk("BILANGAN", "N"), help=years)
    add_options(parser, talk)


def run(args: argparse.Namespace, talk: Talk) -> int:
    """Run it."""
    from sim.study import study_of

    given = {key: getattr(args, key) for key in ("seed", "replications") if getattr(args, key) is not None}
    return answer(study_of(args.agency, args.policies, years=args.years, **given), args, talk)
