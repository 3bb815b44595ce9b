"""``kinerja check``: every problem of an agency, a policy or a study."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.errors import _

HELP = _("check an agency (folder or workbook), a policy or a study (YAML)")


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("path", type=Path, metavar=str(_("PATH")), help=str(_("folder or file")))


def run(args: argparse.Namespace) -> int:
    """Say that all is well; problems are raised and named by the caller."""
    if args.path.suffix.lower() in (".yaml", ".yml"):
        from sim.study import check_yaml

        kind = check_yaml(args.path)
        what = _("policy") if kind == "policy" else _("study ({kind})", kind=kind)
    else:
        from sim.agency import Doubt, check_agency
        from sim.errors import Problems

        found = check_agency(str(args.path))
        problems = [problem for problem in found if not isinstance(problem, Doubt)]
        if problems:
            raise Problems(problems)
        for doubt in found:
            print(doubt)
        what = _("agency")
    print(_("{path}: {what}, no problem found.", path=args.path, what=what))
    return 0
