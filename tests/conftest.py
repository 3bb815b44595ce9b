"""How the suite is run: two tests at a time, each on one core, the longest files first.

What tests measure and do not judge is printed at the end of a run: ``record_property("measured", text)``.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from validation.proofs import stale

# Studies that are not told how many workers to use take one core, and so does linear algebra: two tests run at a time.
os.environ.setdefault("LOKY_MAX_CPU_COUNT", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# A notebook that compares something else than the saved result it reads fails, and does not run it for minutes.
os.environ.setdefault("PYTHONWARNINGS", "error:The saved result")

DURATIONS = Path(__file__).with_name("durations.json")
"""File -> seconds its tests took, all together: ``make durations`` measures them."""


def pytest_addoption(parser: Any) -> None:
    parser.addoption("--write-durations", action="store_true", help=f"write {DURATIONS.name}")


def pytest_collection_modifyitems(config: Any, items: list[Any]) -> None:
    """Begin with the files that take longest, so that neither of the two processes is left with one at the end."""
    seconds = json.loads(DURATIONS.read_text(encoding="utf-8"))
    usual = sum(seconds.values()) / len(seconds)
    items.sort(key=lambda item: -seconds.get(item.nodeid.partition("::")[0], usual))


def _write_durations(reports: Iterable[Any]) -> None:
    seconds: dict[str, float] = defaultdict(float)
    for report in reports:
        seconds[report.nodeid.partition("::")[0]] += report.duration
    rounded = {name: round(value, 1) for name, value in sorted(seconds.items(), key=lambda pair: -pair[1])}
    DURATIONS.write_text(json.dumps(rounded, indent=1) + "\n", encoding="utf-8")


def pytest_terminal_summary(terminalreporter: Any, config: Any) -> None:
    if config.getoption("--write-durations"):
        kinds = ("passed", "failed", "skipped", "")  # "" is what setting up and tearing down took
        _write_durations(report for kind in kinds for report in terminalreporter.getreports(kind))
    lines = [
        value
        for report in terminalreporter.getreports("passed")
        for name, value in report.user_properties
        if name == "measured"
    ]
    if lines:
        terminalreporter.section("measured")
        for line in lines:
            terminalreporter.write_line(line)
    outdated = list(stale())
    if outdated:
        terminalreporter.section("tables in the docs that were made with other code")
        for line in outdated:
            terminalreporter.write_line(line)
