"""What the commands that run studies share: their options, and writing and telling the answer."""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import _
from sim.language import language

if TYPE_CHECKING:
    from sim.study.result import StudyResult
    from sim.study.spec import StudySpec

RESULTS = "results"
"""Folder of results, where no other is named."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of every command that runs a study."""
    add_computers(parser)
    whole = str(_("N"))
    parser.add_argument("--seed", type=int, metavar=whole, help=str(_("random seed")))
    parser.add_argument(
        "--replications",
        type=int,
        metavar=whole,
        help=str(_("number of replications")),
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path(RESULTS),
        metavar=str(_("DIR")),
        help=str(_("folder of results (default: results)")),
    )


def add_years(parser: argparse.ArgumentParser) -> None:
    """The option for the length of a study that no file specifies."""
    years = str(_("length in years (default: 3)"))
    parser.add_argument("--years", type=int, default=3, metavar=str(_("N")), help=years)


def design_of(args: argparse.Namespace) -> dict[str, Any]:
    """Return what the options say of a study that no file specifies; what was not given has its default there."""
    given = {key: getattr(args, key) for key in ("seed", "replications") if getattr(args, key) is not None}
    return {"years": args.years, **given}


def add_computers(parser: argparse.ArgumentParser) -> None:
    """The options that say who does the runs."""
    one = parser.add_mutually_exclusive_group()
    one.add_argument(
        "--workers",
        type=_count,
        metavar=str(_("N")),
        help=str(_("parallel processes (default: every core)")),
    )
    one.add_argument(
        "--dask",
        metavar=str(_("ADDRESS")),
        help=str(_("run on a Dask cluster: the scheduler's address or the file it wrote")),
    )


@contextmanager
def computing(args: argparse.Namespace) -> Iterator[None]:
    """Run what is inside on the workers or the cluster that the options name."""
    if args.dask is None:
        yield
        return
    from sim.runs.cluster import connected
    from sim.runs.replicate import execution

    with connected(args.dask) as client, execution(client=client):
        yield


def _count(text: str) -> int:
    """A number of processes: argparse tells what is wrong with another."""
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(_("{text!r} is not a whole number.", text=text)) from None
    if number < 1:
        raise argparse.ArgumentTypeError(_("must be 1 or more"))
    return number


def answer(study: StudySpec, args: argparse.Namespace) -> int:
    """Run a study of any kind, write result and brief, print the answer; the last line says where the brief is.

    Finished runs are kept beside the results until both are written, so that the same command goes on after a kill.
    """
    from sim.cli import INTERRUPTED, OK
    from sim.runs.store import DamagedRun
    from sim.study.registry import report_of
    from sim.study.run import run_study

    def show(message: Warning | str, category: type[Warning], *more: Any, **where: Any) -> None:
        if issubclass(category, DamagedRun):
            print(message, file=sys.stderr)
        else:
            usual(message, category, *more, **where)

    def brief_of(folder: Path) -> Path:
        return folder / "brief.html"

    report, folders = report_of(study.kind), []

    def finish(result: StudyResult, folder: Path) -> None:
        folders.append(folder)
        report.write_brief(result, brief_of(folder))

    _writable(args.out)
    with computing(args), warnings.catch_warnings():
        warnings.simplefilter("always", DamagedRun)
        usual, warnings.showwarning = warnings.showwarning, show
        given = {"workers": args.workers, "out": args.out, "lang": language()}
        result = run_study(study, **given, finish=finish)
    if result.partial:
        print(_("INTERRUPTED: a partial result. The same command goes on from here."), file=sys.stderr)
    if question := result.question.get(language()):
        print(f"{question}\n")
    print(result.sentence())
    for line in report.details(result):
        print(line)
    print()
    print(_("Brief: {brief}", brief=brief_of(folders[0])))
    return INTERRUPTED if result.partial else OK


def _writable(folder: Path) -> None:
    """Find out before the work, not after it, that nothing can be written; leaves nothing behind."""
    from sim.errors import KinerjaError

    nearest = next((p for p in (folder, *folder.absolute().parents) if p.exists()), None)
    if nearest is None or not nearest.is_dir() or not os.access(nearest, os.W_OK):
        raise KinerjaError(_("--out {folder}: cannot be written; choose another folder.", folder=folder))
