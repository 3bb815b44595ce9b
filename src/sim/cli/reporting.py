"""What the commands that make a report of a data file share: its columns, whose names are hidden, where it goes."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from sim.language.talk import Talk


def add_file(parser: argparse.ArgumentParser, talk: Talk, columns: Mapping[str, str]) -> None:
    """The file, and the columns it must have: option -> help."""
    parser.add_argument(
        "file", type=Path, metavar="FILE", help=talk("CSV, Excel atau parquet", "CSV, Excel or parquet")
    )
    for name, text in columns.items():
        parser.add_argument(f"--{name}", required=True, metavar="COLUMN", help=text)


def add_report(parser: argparse.ArgumentParser, talk: Talk, out: str) -> None:
    """Identities to replace by pseudonyms, and the page to write."""
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
        "--out", type=Path, default=Path(out), metavar="HTML", help=talk("berkas laporan", "report file")
    )


def reported(args: argparse.Namespace, talk: Talk) -> dict[str, Any]:
    """What every report is asked for: language, pseudonyms, project."""
    lang: Literal["id", "en"] = "id" if talk.lang == "id" else "en"
    return {"lang": lang, "pseudonyms": tuple(args.pseudonymise), "project": args.project}


def tell_report(written: Path, talk: Talk) -> int:
    """Say where it is."""
    print(talk(f"Laporan: {written}", f"Report: {written}"))
    return 0
