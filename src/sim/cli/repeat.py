"""``kinerja repeat``: run a saved result again and compare."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.cli.running import add_computers, computing
from sim.language.talk import Talk

HELP = (
    "jalankan ulang sebuah hasil dan bandingkan setiap tabelnya",
    "run a saved result again and compare every table",
)


def add(parser: argparse.ArgumentParser, talk: Talk) -> None:
    """Declare the arguments."""
    text = talk("folder hasil, misalnya results/<id>", "folder of a result, e.g. results/<id>")
    parser.add_argument("folder", type=Path, metavar="RESULT", help=text)
    add_computers(parser, talk)


def run(args: argparse.Namespace, talk: Talk) -> int:
    """Run it: the same bytes, or what differs and what has changed since."""
    from sim.cli import DIFFERENT, OK
    from sim.study.repeat import WHOLE, repeat

    with computing(args):
        found = repeat(args.folder, workers=args.workers, lang=talk.lang)
    if found.tables:
        tables = ", ".join(found.tables)
        print(talk(f"Sama sampai ke byte: {tables}.", f"The same bytes: {tables}."))
    for row in found.differences.itertuples():
        what = talk("seluruh tabel", "the table as a whole") if row.column == WHOLE else row.column
        told = talk(f"{row.rows} dari {row.of} baris", f"{row.rows} of {row.of} rows")
        size = talk(f", paling banyak {row.largest:.6g}", f", by up to {row.largest:.6g}")
        print(
            talk("BERBEDA", "DIFFERENT") + f": {row.table}, {what}: {told}{size if row.largest > 0 else ''}"
        )
    if not found.changed.empty:
        print(talk("Yang berubah sejak hasil itu dibuat:", "Changed since that result was made:"))
        for row in found.changed.itertuples():
            print(f"  {row.what}: {row.then} -> {row.now}")
    elif not found.same:
        print(
            talk(
                "Versi, kode, dan data sama: mesin lain, atau kebijakan dengan acak sendiri?",
                "Versions, code and data are the same: another machine, or a lever with luck of its own?",
            )
        )
    return OK if found.same else DIFFERENT
