"""Claim: Ctrl-C in a shell, with workers running, ends in a partial result that says so, and in nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from sim.study import load_result

COMMAND = [sys.executable, "-c", "import sys; from sim.cli import main; sys.exit(main())"]


def listening() -> None:
    """Ctrl-C means what it means in a shell, also where the suite itself was started to ignore it, as by nohup."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def ctrl_c():
    """Interrupt as a terminal does: the whole group of processes at once."""
    if os.name == "nt":
        pytest.skip("a terminal on Windows interrupts in another way")
    return lambda process: os.killpg(process.pid, signal.SIGINT)


def test_ctrl_c_keeps_what_was_finished(tmp_path: Path, ctrl_c) -> None:
    arguments = ["compare", "contoh", "status_quo", "citizen_feedback", "--years", "1", "--lang", "en"]
    process = subprocess.Popen(
        [*COMMAND, *arguments, "--replications", "500", "--workers", "2"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=listening,
    )
    try:
        assert process.stderr is not None
        assert "Estimated time" in process.stderr.readline()  # the first replication is there
        time.sleep(2)
        workers = psutil.Process(process.pid).children(recursive=True)
        ctrl_c(process)
        out, err = process.communicate(timeout=120)
    finally:
        if process.poll() is None:
            process.kill()
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert "INTERRUPTED: a partial result" in err
    brief = tmp_path / out.splitlines()[-1].removeprefix("Brief: ")
    assert brief.parent.name.endswith("-partial")
    result = load_result(brief.parent)
    assert result.partial
    assert 0 < result.replications < 500
    assert result.runs_summary["replication"].nunique() == result.replications
    assert {path.name for path in (tmp_path / "results").iterdir()} == {brief.parent.name, ".running"}
    psutil.wait_procs(workers, timeout=30)
    assert not [worker for worker in workers if worker.is_running()]


def test_ctrl_c_before_anything_is_finished_leaves_nothing(tmp_path: Path, ctrl_c) -> None:
    process = subprocess.Popen(
        [
            *COMMAND,
            "compare",
            "makassar",
            "status_quo",
            "citizen_feedback",
            "--years",
            "20",
            "--workers",
            "1",
        ],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=listening,
    )
    try:
        time.sleep(3.5)
        ctrl_c(process)
        out, err = process.communicate(timeout=60)
    finally:
        if process.poll() is None:
            process.kill()
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert out == ""
    assert list(tmp_path.iterdir()) == []
