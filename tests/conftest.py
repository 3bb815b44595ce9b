"""How the suite is run: two tests at a time, each on one core, the longest files first.

What tests measure and do not judge is printed at the end of a run: ``record_property("measured", text)``.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from validation.proofs import stale

# Studies that are not told how many workers to use take one core, and so does linear algebra: two tests run at a time.
os.environ.setdefault("LOKY_MAX_CPU_COUNT", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# A notebook that compares something else than the saved result it reads fails, and does not run it for minutes.
os.environ.setdefault("PYTHONWARNINGS", "error:The saved result")

LONGEST = ("browser", "notebooks", "reliability", "theory", "inference")
"""Folders whose files take longest; begun last they would leave one of the two processes with nothing to do."""


def pytest_collection_modifyitems(items: list[Any]) -> None:
    def rank(item: Any) -> int:
        folder = Path(item.path).parent.name
        return LONGEST.index(folder) if folder in LONGEST else len(LONGEST)

    items.sort(key=rank)


def pytest_terminal_summary(terminalreporter: Any) -> None:
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
