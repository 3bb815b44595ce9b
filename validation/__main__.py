"""Run a long proof: ``python -m validation recovery | kills | saved | treatment-centre``; see ``make proofs``."""

from __future__ import annotations

import argparse
import sys


def main() -> int:
    """Run one proof; the exit code is 1 where it fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    proofs = parser.add_subparsers(dest="proof", required=True)
    recovery = proofs.add_parser("recovery", help="do 95 %% intervals cover the truth?")
    recovery.add_argument("--datasets", type=int, default=1000)
    recovery.add_argument("--seed", type=int, default=1)
    recovery.add_argument("--only", nargs="+", metavar="CASE", default=[])
    recovery.add_argument("--workers", type=int, default=-1)
    kills = proofs.add_parser("kills", help="does a killed study lose anything?")
    kills.add_argument(
        "--scale", type=float, default=1.0, help="share of the kills; below 1 nothing is written"
    )
    saved = proofs.add_parser("saved", help="the results that notebooks read")
    saved.add_argument("names", nargs="*", metavar="NAME", help="all when none is named")
    centre = proofs.add_parser("treatment-centre", help="routes of an agency against a plain SimPy model")
    centre.add_argument(
        "--replications", type=int, default=200, help="with fewer than 200 nothing is written"
    )
    args = parser.parse_args()
    if args.proof == "recovery":
        from validation.recovery import run

        return int(run(args.datasets, args.seed, args.only, args.workers) > 0)
    if args.proof == "kills":
        from validation import kills as killing

        return int(killing.run(args.scale) > 0)
    if args.proof == "treatment-centre":
        from validation import treatment_centre

        return treatment_centre.run(args.replications)
    from validation import saved as keeping

    return keeping.run(args.names)


if __name__ == "__main__":
    sys.exit(main())
