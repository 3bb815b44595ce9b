"""``kinerja ratings``: how reliable are these ratings, and how severe the raters? A file becomes one HTML page."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.cli.reporting import add_file, add_report, reported, tell_report
from sim.language.talk import Talk

HELP = (
    "seberapa andal penilaian dan seberapa ketat penilai? berkas penilaian menjadi laporan HTML",
    "how reliable are ratings, how severe the raters? a file of ratings becomes an HTML report",
)


def add(parser: argparse.ArgumentParser, talk: Talk) -> None:
    """Declare the arguments."""
    needed = {
        "score": talk("kolom nilai (angka atau predikat)", "column of the score (numbers or predikat)"),
        "ratee": talk("kolom pegawai yang dinilai", "column of the person who is rated"),
        "rater": talk("kolom penilai", "column of the rater"),
    }
    add_file(parser, talk, needed)
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
    add_report(parser, talk, "ratings.html")


def run(args: argparse.Namespace, talk: Talk) -> int:
    """Write the report; say where it is."""
    from sim.inference.ratings.report import ratings_report

    written = ratings_report(
        args.file,
        args.score,
        args.ratee,
        args.rater,
        args.out,
        criterion=args.criterion,
        unit=args.unit,
        tie=args.tie,
        min_size=args.min_size,
        scores=args.scores,
        **reported(args, talk),
    )
    return tell_report(written, talk)
