"""``kinerja repeat``: run a saved result again and compare."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.cli.running import add_computers, computing
from sim.errors import _
from sim.language import language

HELP = _("run a saved result again and compare every table")


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    text = str(_("folder of a result, e.g. results/<id>"))
    parser.add_argument("folder", type=Path, metavar=str(_("RESULT")), help=text)
    add_computers(parser)


def run(args: argparse.Namespace) -> int:
    """Run it: the same bytes, or what differs and what has changed since."""
    from sim.cli import DIFFERENT, OK
    from sim.study.repeat import WHOLE, repeat

    with computing(args):
        found = repeat(args.folder, workers=args.workers, lang=language())
    if found.tables:
        tables = ", ".join(found.tables)
        print(_("The same bytes: {tables}.", tables=tables))
    for row in found.differences.itertuples():
        what = _("the table as a whole") if row.column == WHOLE else row.column
        size = _(", by up to {largest:.6g}", largest=row.largest) if row.largest > 0 else ""
        place = {"table": row.table, "what": what, "rows": row.rows, "of": row.of, "size": size}
        print(_("DIFFERENT: {table}, {what}: {rows} of {of} rows{size}").filled(**place))
    if not found.changed.empty:
        print(_("Changed since that result was made:"))
        for row in found.changed.itertuples():
            print(f"  {row.what}: {row.then} -> {row.now}")
    elif not found.same:
        print(
            _(
                "Versions, code and data are the same: another machine, or a lever with random numbers of its own?"
            )
        )
    return OK if found.same else DIFFERENT
