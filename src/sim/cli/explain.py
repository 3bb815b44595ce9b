"""``kinerja explain``: which of a policy's mechanisms bring about what it changes."""

from __future__ import annotations

import argparse

from sim.cli.running import add_options, add_years, design_of
from sim.errors import _
from sim.language import language

HELP = _("share out what a policy changes among its groups of mechanisms")


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    agency = str(_("name, folder of CSV files, or Excel workbook"))
    parser.add_argument("agency", metavar=str(_("AGENCY")), help=agency)
    policy = str(_("name of a policy or YAML file"))
    parser.add_argument("policy", metavar=str(_("POLICY")), help=policy)
    add_years(parser)
    add_options(parser)


def run(args: argparse.Namespace) -> int:
    """Run every subset, write table, figure and runs, and tell the contributions."""
    from sim.outcomes import OUTCOMES
    from sim.report.format import difference
    from sim.report.names import GROUP_NAMES
    from sim.study import result_folder
    from sim.study.compare.contributions import contributions

    found = contributions(args.agency, args.policy, workers=args.workers, lang=language(), **design_of(args))
    folder = found.save(result_folder(found.comparison, args.out))
    table = found.table()
    figure = folder / "contributions.svg"
    found.plot().savefig(figure, metadata={"Date": None})
    whole = _("the whole")
    for outcome, rows in table.groupby("outcome", sort=False):
        if outcome not in OUTCOMES or not rows["contribution"].any():
            continue
        print(f"\n{OUTCOMES[str(outcome)].label}")
        for row in rows.itertuples():
            half = (row.high - row.low) / 2
            ends = [difference(str(outcome), x, with_unit=False, half=half) for x in (row.low, row.high)]
            text = difference(str(outcome), row.contribution, half=half)
            name = whole if row.group == "*" else GROUP_NAMES.get(row.group, row.group)
            print(
                "  ",
                _(
                    "{name}: {size} (95% confidence interval: {low} to {high})",
                    name=name,
                    size=text,
                    low=ends[0],
                    high=ends[1],
                ),
                sep="",
            )
    print()
    print(_("Figure: {figure}", figure=figure))
    return 0
