"""What the commands that run studies share: their options, and writing and telling the answer."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.talk import Talk

if TYPE_CHECKING:
    from sim.study import Comparison, Study

RESULTS = "results"
"""Folder of results, where no other is named."""

OUTCOMES_TOLD = 3
"""The rest stands in the brief."""


def add_options(parser: argparse.ArgumentParser, talk: Talk) -> None:
    """The options of every command that runs a study."""
    whole = talk("BILANGAN", "N")
    parser.add_argument(
        "--workers",
        type=_count,
        metavar=whole,
        help=talk("proses sejajar (bawaan: semua inti)", "parallel processes (default: every core)"),
    )
    parser.add_argument(
        "--seed", type=int, metavar=whole, help=talk("akar bilangan acak", "root of the random numbers")
    )
    parser.add_argument(
        "--replications",
        type=int,
        metavar=whole,
        help=talk("banyaknya ulangan", "number of replications"),
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path(RESULTS),
        metavar="DIR",
        help=talk("folder hasil (bawaan: results)", "folder of results (default: results)"),
    )


def _count(text: str) -> int:
    """A number of processes: argparse tells what is wrong with another."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def answer(study: Study, args: argparse.Namespace, talk: Talk) -> int:
    """Run a study, write result and brief, tell the answer; the last line says where the brief is."""
    from sim.cli import INTERRUPTED, OK
    from sim.report.brief import write_brief
    from sim.study import result_folder, run_study

    _writable(args.out)
    result = run_study(study, workers=args.workers, lang=talk.lang)
    folder = result.save(result_folder(result, args.out))
    brief = folder / "brief.html"
    write_brief(result, brief, lang=talk.lang)
    _tell(result, talk)
    print(talk(f"Ringkasan: {brief}", f"Brief: {brief}"))
    return INTERRUPTED if result.partial else OK


def _writable(folder: Path) -> None:
    """Find out before the work, not after it, that nothing can be written; leaves nothing behind."""
    from sim.errors import KinerjaError

    nearest = next((p for p in (folder, *folder.absolute().parents) if p.exists()), None)
    if nearest is None or not nearest.is_dir() or not os.access(nearest, os.W_OK):
        raise KinerjaError(f"--out {folder}: cannot be written; choose another folder.")


def _tell(result: Comparison, talk: Talk) -> None:
    """The question, the answer in a sentence, and what it rests on."""
    from sim.report.answer import Plain, sentence
    from sim.report.answer import answer as found_in
    from sim.report.estimates import differences, ranked, shown
    from sim.report.labels import label
    from sim.report.tables import marked

    lang = talk.lang
    if result.partial:
        print(
            talk(
                f"DIHENTIKAN: hasil sementara dari {result.replications} ulangan.",
                f"INTERRUPTED: a partial result from {result.replications} replications.",
            ),
            file=sys.stderr,
        )
    if question := result.question.get(lang):
        print(f"{question}\n")
    print(sentence(found_in(result), result, Plain(lang)))
    names = {policy.name: policy.label(lang) for policy in result.policies}
    for outcome in shown(result)[:OUTCOMES_TOLD]:
        print(f"\n{label(outcome, lang)} ({talk('dibanding', 'against')} {names[result.baseline]})")
        found = differences(result, outcome)
        for name in ranked(result, outcome):
            print(f"  {names[name]}: {marked(outcome, found[name], lang)}")
    print()
