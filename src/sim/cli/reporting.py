"""What the commands that make a report of a data file share: its columns, whose names are hidden, where it goes."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.errors import _
from sim.language import language


def add_file(parser: argparse.ArgumentParser, columns: Mapping[str, str]) -> None:
    """The file, and the columns it must have: option -> help."""
    parser.add_argument("file", type=Path, metavar=str(_("FILE")), help=str(_("CSV, Excel or parquet")))
    for name, text in columns.items():
        parser.add_argument(f"--{name}", required=True, metavar=str(_("COLUMN")), help=text)


def add_report(parser: argparse.ArgumentParser, out: str) -> None:
    """Identities to replace by pseudonyms, and the page to write."""
    parser.add_argument(
        "--pseudonymise",
        nargs="+",
        default=[],
        metavar=str(_("COLUMN")),
        help=str(_("columns of identities to replace by pseudonyms")),
    )
    parser.add_argument(
        "--project",
        metavar=str(_("NAME")),
        help=str(_("name of the project; its key fixes the pseudonyms")),
    )
    parser.add_argument(
        "--missing",
        type=words,
        default=[],
        metavar=str(_("WORDS")),
        help=str(_("words that mean an empty cell, with commas between: --missing=NA,-")),
    )
    parser.add_argument(
        "--decimal", choices=[".", ","], help=str(_("decimal mark, where the numbers do not show it"))
    )
    parser.add_argument(
        "--sheet", default=0, metavar=str(_("NAME")), help=str(_("sheet of a workbook (default: the first)"))
    )
    parser.add_argument("--out", type=Path, default=Path(out), metavar="HTML", help=str(_("report file")))


def words(text: str) -> list[str]:
    """Split words at commas."""
    return [word.strip() for word in text.split(",") if word.strip()]


def reported(args: argparse.Namespace) -> dict[str, Any]:
    """What every report is asked for: language, pseudonyms, project, how the file is read."""
    return {
        "lang": language(),
        "pseudonyms": tuple(args.pseudonymise),
        "project": args.project,
        "missing": args.missing,
        "decimal": args.decimal,
        "sheet": args.sheet,
    }


def tell_report(written: Path) -> int:
    """Say where it is."""
    print(_("Report: {written}", written=written))
    return 0
