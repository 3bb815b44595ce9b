"""A real browser, and servers on free ports of this machine that are always shut down."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "logic"))  # workbooks with mistakes are made there

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")
PATIENCE = 120_000
"""Milliseconds; a busy machine is slow, and nothing here is asserted to be quick."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        pytest.skip("there is no Chromium on the path: apt-get install chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    """An empty page the size of a laptop's; what it asks of other machines is an error."""
    context = chromium.new_context(viewport={"width": 1280, "height": 720}, accept_downloads=True)
    context.set_default_timeout(PATIENCE)
    made = context.new_page()
    made.elsewhere = []
    made.on("request", lambda request: _elsewhere(request.url) and made.elsewhere.append(request.url))
    yield made
    context.close()


def _elsewhere(url: str) -> bool:
    return url.startswith(("http", "ws")) and "//127.0.0.1:" not in url


@contextmanager
def served(command: list[str], address: str, log: Path, folder: Path = ROOT) -> Iterator[str]:
    """A server, from the moment it prints its address (a pattern) until it is shut down."""
    own_group: dict[str, Any] = (
        {"start_new_session": True, "preexec_fn": _listen}
        if os.name == "posix"
        else {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    )
    with log.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(
            command,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "BROWSER": "true"},  # opens nothing
            **own_group,
        )
    try:
        yield _address(process, address, log)
    finally:
        _stop(process)


def _listen() -> None:
    """Take interrupts, also where the suite itself was started to ignore them."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Interrupted, as by Ctrl-C, so that its kernels end too; then told, then made to."""
    process.send_signal(signal.SIGINT if os.name == "posix" else signal.CTRL_BREAK_EVENT)
    for harder in (process.terminate, process.kill, lambda: None):
        try:
            process.wait(8)
            return
        except subprocess.TimeoutExpired:
            harder()


def _address(process: subprocess.Popen[bytes], pattern: str, log: Path) -> str:
    for _ in range(PATIENCE // 200):
        found = re.search(pattern, log.read_text(encoding="utf-8"))
        if found and _listens(int(found[1])):
            return found[0]
        if process.poll() is not None:
            break
        time.sleep(0.2)
    pytest.fail(f"the server did not start: {log.read_text(encoding='utf-8')}")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def planner(chromium: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the planner's page, token and all."""
    command = [sys.executable, "-c", "import sys; from sim.cli import main; sys.exit(main())"]
    log = tmp_path_factory.mktemp("planner") / "log.txt"
    with served([*command, "planner"], r"http://127\.0\.0\.1:(\d+)/\?token=\S+", log) as address:
        yield address
