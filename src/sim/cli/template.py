"""``kinerja template``: an empty agency to fill in."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.language.talk import Talk

HELP = (
    "tulis tabel kosong berpetunjuk: folder CSV, atau buku kerja bila berakhiran .xlsx",
    "write empty tables with notes: a folder of CSV files, or a workbook if it ends in .xlsx",
)


def add(parser: argparse.ArgumentParser, talk: Talk) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "out", type=Path, metavar="OUT", help=talk("folder atau berkas .xlsx", "folder or .xlsx file")
    )


def run(args: argparse.Namespace, talk: Talk) -> int:
    """Write it; what is there is not overwritten."""
    from sim.agency import write_template

    write_template(args.out)
    print(talk(f"Isi, lalu periksa: kinerja check {args.out}", f"Fill it in, then: kinerja check {args.out}"))
    print(args.out)
    return 0
