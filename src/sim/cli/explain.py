"""``kinerja explain``: which of a policy's mechanisms bring about what it changes."""

from __future__ import annotations

import argparse

from sim.cli.running import add_options
from sim.language.talk import Talk

HELP = (
    "uraikan dampak sebuah kebijakan menurut kelompok tindakannya",
    "share out what a policy changes among its groups of mechanisms",
)


def add(parser: argparse.ArgumentParser, talk: Talk) -> None:
    """Declare the arguments."""
    agency = talk("nama, folder CSV, atau buku kerja Excel", "name, folder of CSV files, or Excel workbook")
    parser.add_argument("agency", metavar="AGENCY", help=agency)
    policy = talk("nama kebijakan atau berkas YAML", "name of a policy or YAML file")
    parser.add_argument("policy", metavar="POLICY", help=policy)
    years = talk("lama studi dalam tahun (bawaan: 3)", "length in years (default: 3)")
    parser.add_argument("--years", type=int, default=3, metavar=talk("BILANGAN", "N"), help=years)
    add_options(parser, talk)


def run(args: argparse.Namespace, talk: Talk) -> int:
    """Run every subset, write table, figure and runs, and tell the contributions."""
    from sim.language.labels import label
    from sim.outcomes import OUTCOMES
    from sim.report.format import difference
    from sim.study import result_folder
    from sim.study.compare.contributions import contributions
    from sim.study.compare.figure import contributions as draw

    given = {key: getattr(args, key) for key in ("seed", "replications") if getattr(args, key) is not None}
    found = contributions(
        args.agency, args.policy, years=args.years, workers=args.workers, lang=talk.lang, **given
    )
    folder = found.comparison.save(result_folder(found.comparison, args.out))
    table = found.table()
    table.to_csv(folder / "contributions.csv", index=False, encoding="utf-8", lineterminator="\n")
    figure = folder / "contributions.svg"
    draw(found, talk.lang).savefig(figure, metadata={"Date": None})
    whole = talk("seluruhnya", "the whole")
    for outcome, rows in table.groupby("outcome", sort=False):
        if outcome not in OUTCOMES or not rows["contribution"].any():
            continue
        print(f"\n{label(str(outcome), talk.lang)}")
        for row in rows.itertuples():
            half = (row.high - row.low) / 2
            ends = [
                difference(str(outcome), x, with_unit=False, half=half, lang=talk.lang)
                for x in (row.low, row.high)
            ]
            text = difference(str(outcome), row.contribution, half=half, lang=talk.lang)
            name = whole if row.group == "*" else label(f"group.{row.group}", talk.lang)
            print(f"  {name}: {text} ({talk('rentang', 'interval')} 95%: {ends[0]} .. {ends[1]})")
    print(talk(f"\nGambar: {figure}", f"\nFigure: {figure}"))
    return 0
