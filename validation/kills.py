"""The count of kills in docs/reliability.md: studies killed at random moments, and what was lost.

Kills are counted some at a time, and what was counted is kept in ``results/proofs``: an interrupted count goes on.
"""

from __future__ import annotations

import dataclasses
import json
import random
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from validation.proofs import KILLS
from validation.stamps import ROOT

RELIABILITY = ROOT / "tests" / "reliability"
RUNS = 40
"""Runs of the study that is killed: two policies, 20 replications."""

NAMES = {
    "forks": "a study of arithmetic, 30 runs",
    "study": f"the study of the model, {RUNS} runs in two processes, by the command line",
    "workers": f"one of two Dask workers, {RUNS} runs",
}
COUNTS = {"forks": (100, 100, 100), "study": (10, 10, 10), "workers": (5, 5)}
"""How many kills; each part is kept."""


def run(scale: float = 1.0) -> int:
    """Kill, count and write the table of the page.

    Parameters
    ----------
    scale : float
        Share of the kills; below 1 nothing is written.

    Returns
    -------
    int
        How many of the three lost something.
    """
    digest = KILLS.digest()
    folder = ROOT / "results" / "proofs" / digest / "kills"
    folder.mkdir(parents=True, exist_ok=True)
    tallies = {
        name: _sum([_part(folder, name, k, max(1, round(kills * scale))) for k, kills in enumerate(parts)])
        for name, parts in COUNTS.items()
    }
    if scale == 1.0:
        KILLS.write(markdown(tallies), digest)
    return sum(any(tally[fault] for fault in FAULTS) for tally in tallies.values())


FAULTS = ("lost", "damaged", "different", "orphans")


def _part(folder: Path, name: str, number: int, kills: int) -> dict[str, Any]:
    path = folder / f"{name}-{number}-{kills}.json"
    if not path.is_file():
        tally = dataclasses.asdict(_kill(name, number, kills))
        print(f"{name}, part {number + 1}: {tally}", flush=True)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(tally), encoding="utf-8")
        part.replace(path)
    return json.loads(path.read_text(encoding="utf-8"))


def _kill(name: str, number: int, kills: int) -> Any:
    sys.path.insert(0, str(RELIABILITY))
    import kill_study as by

    command = (*by.STUDY, "--replications", str(RUNS // 2))
    chances = random.Random(f"{name} {number}")
    does: dict[str, Callable[[Path], Any]] = {
        "forks": lambda place: by.kill_forks(place, kills, chances),
        "study": lambda place: by.kill_study(place, kills, chances, command),
        "workers": lambda place: by.kill_workers(place, kills, chances, command),
    }
    with tempfile.TemporaryDirectory() as place:
        return does[name](Path(place))


def _sum(parts: list[dict[str, Any]]) -> dict[str, Any]:
    total = parts[0]
    for part in parts[1:]:
        total = {key: total[key] + part[key] for key in total}  # lists are joined
    return total


def markdown(tallies: dict[str, dict[str, Any]]) -> str:
    """Write the table of the page and what was there when the kills came."""
    lines = [
        "| what was killed | kills | studies ended in between | finished runs lost | damaged | other bytes "
        "| workers left over |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, tally in tallies.items():
        left = "" if name == "workers" else tally["orphans"]
        lines.append(
            f"| {NAMES[name]} | {tally['kills']} | {tally['finished']} | {tally['lost']} | {tally['damaged']} "
            f"| {tally['different']} | {left} |"
        )
    there = [kept for kept in tallies["study"]["kept"] if kept]
    lines.append(
        f"\nAt {len(there)} of the {tallies['study']['kills']} kills of the command finished runs were there "
        f"(up to {max(there, default=0)} of {RUNS}), and at {sum(map(bool, tallies['workers']['kept']))} of the "
        f"{tallies['workers']['kills']} kills of workers. Studies on Dask that were given up after four killed "
        f"workers and begun again: {tallies['workers']['given_up']}."
    )
    return "\n".join(lines)
