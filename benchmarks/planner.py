"""The planner's page in a real browser: time to the first answer, and from a moved slider to a new answer.

Needs Chromium on the path and playwright (a development dependency).
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

MOVES = 20
FRESH = "!document.querySelector('.k-old') && document.querySelector('.k-status')"
DONE = "+document.querySelector('.k-status span').dataset.done > 5"


def main() -> None:
    """Open the page once, then move a slider twenty times."""
    from playwright.sync_api import sync_playwright

    from tests.browser.conftest import CHROMIUM, PATIENCE, served, shutil

    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        print("there is no Chromium on the path: apt-get install chromium")
        return
    command = [sys.executable, "-c", "import sys; from sim.cli import main; sys.exit(main())", "planner"]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=found, args=["--no-sandbox"])
        pattern = r"http://127\.0\.0\.1:(\d+)/\?token=\S+"
        with served(command, pattern, Path(folder) / "log.txt") as address:
            page = browser.new_page()
            page.set_default_timeout(PATIENCE)
            _measure(page, address)
        browser.close()


def _measure(page: Any, address: str) -> None:
    began = time.perf_counter()
    page.goto(address)
    page.wait_for_selector(".k-status")
    print(f"{time.perf_counter() - began:.1f} s from the address to the first answer")
    page.wait_for_function(DONE)
    times = []
    for _ in range(MOVES):
        words = page.locator(".k-label:has(+ .k-training-classes)")
        before = words.inner_text()
        began = time.perf_counter()
        page.locator(".k-training-classes .noUi-handle").press("ArrowRight")
        page.wait_for_function(
            "old => document.querySelector('.k-label:has(+ .k-training-classes)').innerText !== old",
            arg=before,
        )
        page.wait_for_function(FRESH)
        times.append(time.perf_counter() - began)
    print(
        f"from a moved slider to a new answer: {statistics.median(times):.1f} s (median), "
        f"{max(times):.1f} s (worst) of {MOVES}"
    )


if __name__ == "__main__":
    main()
