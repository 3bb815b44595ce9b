"""``kinerja check``: every problem of an agency, a policy or a study."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.language.talk import Talk

HELP = (
    "periksa pemerintah daerah (folder/buku kerja), kebijakan, atau studi (YAML)",
    "check an agency (folder or workbook), a policy or a study (YAML)",
)


def add(parser: argparse.ArgumentParser, talk: Talk) -> None:
    """Declare the arguments."""
    parser.add_argument("path", type=Path, metavar="PATH", help=talk("folder atau berkas", "folder or file"))


def run(args: argparse.Namespace, talk: Talk) -> int:
    """Say that all is well; problems are raised and named by the caller."""
    if args.path.suffix.lower() in (".yaml", ".yml"):
        from sim.study import check_yaml

        kind = check_yaml(args.path)
        what = talk("kebijakan", "policy") if kind == "policy" else talk(f"studi ({kind})", f"study ({kind})")
    else:
        from sim.agency import Doubt, check_agency
        from sim.errors import Problems
        from sim.language.problems import line

        found = check_agency(str(args.path))
        problems = [problem for problem in found if not isinstance(problem, Doubt)]
        if problems:
            raise Problems(problems)
        for doubt in found:
            print(line(doubt, talk.lang))
        what = talk("pemerintah daerah", "agency")
    print(talk(f"{args.path}: {what}, tidak ada masalah.", f"{args.path}: {what}, no problem found."))
    return 0
