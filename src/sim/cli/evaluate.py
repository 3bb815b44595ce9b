"""``kinerja evaluate``: did it work? A panel file becomes one HTML page."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Literal

from sim.cli.talk import Talk

HELP = (
    "apakah berhasil? berkas panel (unit, periode, hasil, perlakuan) menjadi laporan HTML",
    "did it work? a panel file (unit, period, outcome, treatment) becomes an HTML report",
)


def add(parser: argparse.ArgumentParser, talk: Talk) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "file", type=Path, metavar="FILE", help=talk("CSV, Excel atau parquet", "CSV, Excel or parquet")
    )
    columns = {
        "outcome": talk("kolom hasil (angka)", "column of the outcome (numbers)"),
        "unit": talk("kolom unit atau orang", "column of the unit or person"),
        "time": talk("kolom periode", "column of the period"),
        "treated": talk("kolom 0/1: 1 sejak perlakuan", "column 0/1: 1 from treatment on"),
    }
    for name, text in columns.items():
        parser.add_argument(f"--{name}", required=True, metavar="COLUMN", help=text)
    parser.add_argument(
        "--cluster",
        metavar="COLUMN",
        help=talk("tingkat tempat perlakuan diberikan", "level at which treatment was given"),
    )
    parser.add_argument(
        "--drop-incomplete",
        action="store_true",
        help=talk(
            "buang unit yang kurang periode (dihitung)", "leave out units that lack a period (counted)"
        ),
    )
    parser.add_argument(
        "--pseudonymise",
        nargs="+",
        default=[],
        metavar="COLUMN",
        help=talk("kolom identitas yang disamarkan", "columns of identities to replace by pseudonyms"),
    )
    parser.add_argument(
        "--project",
        metavar=talk("NAMA", "NAME"),
        help=talk(
            "nama proyek; kuncinya menetapkan samaran", "name of the project; its key fixes the pseudonyms"
        ),
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("evaluation.html"),
        metavar="HTML",
        help=talk("berkas laporan", "report file"),
    )


def run(args: argparse.Namespace, talk: Talk) -> int:
    """Write the report; say where it is."""
    from sim.inference.evaluation_report import evaluation_report

    lang: Literal["id", "en"] = "id" if talk.lang == "id" else "en"
    written = evaluation_report(
        args.file,
        args.outcome,
        args.unit,
        args.time,
        args.treated,
        args.out,
        lang,
        cluster=args.cluster,
        incomplete="drop" if args.drop_incomplete else "refuse",
        pseudonyms=tuple(args.pseudonymise),
        project=args.project,
    )
    print(talk(f"Laporan: {written}", f"Report: {written}"))
    return 0
