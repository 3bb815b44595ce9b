"""``kinerja repeat``: run a saved result again and compare."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.cli.running import add_computers, computing
from sim.errors import _
from sim.language.talk import Talk

HELP = _("run a saved result again and compare every table")


def add(parser: argparse.ArgumentParser, talk: Talk) -> None:
    """Declare the arguments."""
    text = str(_("folder of a result, e.g. results/<id>"))
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
        print(str(_("The same bytes: {tables}.", tables=tables)))
    for row in found.differences.itertuples():
        what = str(_("the table as a whole")) if row.column == WHOLE else row.column
        told = str(_("{rows} of {of} rows", rows=row.rows, of=row.of))
        size = str(_(", by up to {largest:.6g}", largest=row.largest))
        print(str(_("DIFFERENT")) + f": {row.table}, {what}: {told}{size if row.largest > 0 else ''}")
    if not found.changed.empty:
        print(str(_("Changed since that result was made:")))
        for row in found.changed.itertuples():
            print(f"  {row.what}: {row.then} -> {row.now}")
    elif not found.same:
        print(
            str(_("Versions, code and data are the same: another machine, or a lever with luck of its own?"))
        )
    return OK if found.same else DIFFERENT
