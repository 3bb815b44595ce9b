"""``kinerja calibrate``: fit today's practice to what is published about it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sim.errors import _

HELP = _("fit the status quo to published figures (takes minutes)")
AGENCIES = ("contoh", "gorontalo", "jambi", "makassar")


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    agency = str(_("name, folder of CSV files, or Excel workbook"))
    default = str(_("default: {agencies}", agencies=" ".join(AGENCIES)))
    whole = str(_("N"))
    parser.add_argument("agencies", metavar=str(_("AGENCY")), nargs="*", help=f"{agency} ({default})")
    parser.add_argument("--seed", type=int, default=2026, metavar=whole, help=str(_("random seed")))
    replications = str(_("replications of a trial value (default: 20)"))
    parser.add_argument("--replications", type=int, default=20, metavar=whole, help=replications)
    workers = str(_("parallel processes (default: every core)"))
    parser.add_argument("--workers", type=int, metavar=whole, help=workers)
    out = str(_("folder of tables and figure (default: results/calibration)"))
    parser.add_argument(
        "--out", type=Path, default=Path("results") / "calibration", metavar=str(_("DIR")), help=out
    )


def run(args: argparse.Namespace) -> int:
    """Fit, write, and tell which targets are met."""
    from sim.agency import load_agency
    from sim.calibration import calibrate
    from sim.calibration.targets import as_markdown

    names = args.agencies or list(AGENCIES)
    agencies = [load_agency(name) for name in names]
    command = f"kinerja calibrate {' '.join(a.name for a in agencies)} --seed {args.seed}"
    command += f" --replications {args.replications}"
    found = calibrate(
        agencies,
        seed=args.seed,
        replications=args.replications,
        workers=args.workers,
        command=command,
        report=lambda part: print(f"... {part}", file=sys.stderr),
    )
    found.save(args.out)
    # as they are written, so that the page and the tables agree to the last digit
    kept = [table.round(6) for table in (found.parameters, found.usual, found.fit)]
    for name, text in as_markdown(*kept).items():
        (args.out / f"{name}.md").write_text(text, encoding="utf-8", newline="\n")
    found.plot().savefig(args.out / "fit.svg", metadata={"Date": None})
    print(found.fit.round(4).to_string(index=False))
    missed = int((~found.fit["met"]).sum())
    print(
        _(
            "{met} of {n} targets met; tables and figure: {out}",
            met=len(found.fit) - missed,
            n=len(found.fit),
            out=args.out,
        )
    )
    return 0
