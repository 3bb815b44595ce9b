"""``kinerja ratings``: how reliable are these ratings, and how severe the raters? A file becomes one HTML page."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Literal

from sim.cli.talk import Talk

HELP = (
    "seberapa andal penilaian dan seberapa ketat penilai? berkas penilaian menjadi laporan HTML",
    "how reliable are ratings, how severe the raters? a file of ratings becomes an HTML report",
)


def add(parser: argparse.ArgumentParser, talk: Talk) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "file", type=Path, metavar="FILE", help=talk("CSV, Excel atau parquet", "CSV, Excel or parquet")
    )
    needed = {
        "score": talk("kolom nilai (angka atau predikat)", "column of the score (numbers or predikat)"),
        "ratee": talk("kolom pegawai yang dinilai", "column of the person who is rated"),
        "rater": talk("kolom penilai", "column of the rater"),
    }
    for name, text in needed.items():
        parser.add_argument(f"--{name}", required=True, metavar="COLUMN", help=text)
    optional = {
        "criterion": talk(
            "kolom kriteria, bila lebih dari satu", "column of the criterion, if there are several"
        ),
        "unit": talk("kolom unit pegawai yang dinilai", "column of the ratee's unit"),
        "tie": talk("kolom kedekatan (0/1 atau angka)", "column of closeness (0/1 or a number)"),
    }
    for name, text in optional.items():
        parser.add_argument(f"--{name}", metavar="COLUMN", help=text)
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
        "--min-size",
        type=int,
        default=10,
        metavar=talk("BILANGAN", "N"),
        help=talk(
            "kelompok di bawah ini tidak ditampilkan (bawaan: 10)",
            "smaller groups are not shown (default: 10)",
        ),
    )
    parser.add_argument(
        "--scores",
        type=Path,
        metavar="CSV",
        help=talk(
            "tulis nilai adil dan peringkat tiap pegawai", "write fair scores and ranks of every ratee"
        ),
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("ratings.html"),
        metavar="HTML",
        help=talk("berkas laporan", "report file"),
    )


def run(args: argparse.Namespace, talk: Talk) -> int:
    """Write the report; say where it is."""
    from sim.inference.report import ratings_report

    lang: Literal["id", "en"] = "id" if talk.lang == "id" else "en"
    written = ratings_report(
        args.file,
        args.score,
        args.ratee,
        args.rater,
        args.out,
        lang,
        criterion=args.criterion,
        unit=args.unit,
        tie=args.tie,
        min_size=args.min_size,
        scores=args.scores,
        pseudonyms=tuple(args.pseudonymise),
        project=args.project,
    )
    print(talk(f"Laporan: {written}", f"Report: {written}"))
    return 0
