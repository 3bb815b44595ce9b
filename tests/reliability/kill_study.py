"""Kill a study again and again, and see whether anything is lost.

``make proof-kills`` (`validation.kills`) makes the count of docs/reliability.md with it.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parent))  # as a script its neighbours are not on the path of workers

from dask_cluster import Cluster
from runs_sample import contents, fixed, study

from sim.study import CompareStudy, run_study

COMMAND = (sys.executable, "-c", "import sys; from sim.cli import main; sys.exit(main())")
STUDY = ("compare", "contoh", "status_quo", "citizen_feedback", "--years", "1", "--lang", "en")


@dataclass
class Tally:
    """What happened.

    Attributes
    ----------
    kills : int
        Processes (or workers) that were alive when they were killed.
    kept : list of int
        Finished runs there after each kill.
    finished : int
        Studies that came to their end in between.
    lost, damaged, different, orphans : int
        Finished runs that the next start did not find, or found damaged; studies that ended with other bytes; worker
        processes that outlived a killed parent.
    given_up : int
        Studies that ended by saying that a run had met four killed workers, and were begun again.
    """

    kills: int = 0
    kept: list[int] = field(default_factory=list)
    finished: int = 0
    lost: int = 0
    damaged: int = 0
    different: int = 0
    orphans: int = 0
    given_up: int = 0

    @property
    def nothing_lost(self) -> bool:
        """Whether all is as it should be."""
        return not (self.lost or self.damaged or self.different or self.orphans)


def reference(folder: Path, command: Sequence[str]) -> tuple[dict[str, bytes], float, float]:
    """Bytes of the study run in one go, and the seconds until its first run was there and from then to its end."""
    began = time.monotonic()
    process = subprocess.Popen(
        [*COMMAND, *command, "--out", "whole"],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    first = _first_run(process, folder / "whole", 0)
    assert process.wait() == 0
    (result,) = (folder / "whole").iterdir()
    return contents(result), first - began, time.monotonic() - first


def _first_run(process: subprocess.Popen, out: Path, there: int) -> float:
    """Wait until more runs are there, or the process has ended; the moment."""
    while process.poll() is None and len(list(out.rglob("*.run"))) <= there:
        time.sleep(0.05)
    return time.monotonic()


def kill_study(
    folder: Path, kills: int, luck: random.Random, command: Sequence[str], say: Callable[[str], None] = print
) -> Tally:
    """Start a study, kill it at a random moment, and give the same command again, until it was killed so often.

    One moment in four lies anywhere before the first new run is there, the others between it and the end.
    Every other time all its processes are killed at once (a power cut), else the parent only (memory ran out).
    """
    whole, start, rest = reference(folder, command)
    say(f"in one go: {start:.1f} s until the first run, {rest:.1f} s from there to the end")
    tally, out, there = Tally(), folder / "results", 0
    while tally.kills < kills or out.exists():
        error = open(folder / "stderr", "w+", encoding="utf-8")  # noqa: SIM115
        with error:
            process = subprocess.Popen(
                [*COMMAND, *command, "--out", out.name],
                cwd=folder,
                stdout=subprocess.DEVNULL,
                stderr=error,
                start_new_session=True,
            )
            early = luck.random() < 0.25
            if not early:
                _first_run(process, out, there)
            try:
                process.wait(luck.uniform(0, start if early else rest) if tally.kills < kills else None)
            except subprocess.TimeoutExpired:
                children = psutil.Process(process.pid).children(recursive=True)
                if tally.kills % 2:
                    process.kill()
                else:
                    os.killpg(process.pid, signal.SIGKILL)
                tally.kills += 1
            code = process.wait()
            error.seek(0)
            told = error.read()
        resumed = re.search(r"Resumed: (\d+) of", told)
        tally.lost += max(0, there - int(resumed.group(1))) if resumed else 0
        tally.damaged += told.count("truncated or edited")
        if code == 0:
            (result,) = out.glob("[!.]*")
            tally.finished += 1
            tally.different += contents(result) != whole
            shutil.rmtree(out)
            there = 0
        elif code == -signal.SIGKILL:
            tally.orphans += len(psutil.wait_procs(children, timeout=60)[1])
            there = len(list(out.rglob("*.run")))
            tally.kept.append(there)
            say(f"kill {tally.kills}: {there} runs are there")
        else:
            raise RuntimeError(told)
    return tally


def kill_forks(folder: Path, kills: int, luck: random.Random, say: Callable[[str], None] = print) -> Tally:
    """As :func:`kill_study`, with runs of arithmetic and processes that need no start: many kills in little time.

    Moments lie anywhere in the time the study takes, the writing of its result included, or a little later: some end.
    """
    fork, asked = multiprocessing.get_context("fork"), study(replications=10)
    began = time.monotonic()
    _in_fork(folder / "whole", asked)
    seconds = time.monotonic() - began
    whole = contents(folder / "whole" / asked.describe().id)
    tally, out, there = Tally(), folder / "results", set[str]()
    result = out / asked.describe().id
    while tally.kills < kills or there:
        process = fork.Process(target=_in_fork, args=(out, asked))
        process.start()
        process.join(luck.uniform(0, 1.5 * seconds) if tally.kills < kills else None)
        if process.is_alive():
            process.kill()
            tally.kills += 1
        process.join()
        now = {path.name for path in out.rglob("*.run")}
        if process.exitcode == 0:
            tally.finished += 1
            tally.different += contents(result) != whole
            shutil.rmtree(out)
            now = set()
        else:
            assert process.exitcode == -signal.SIGKILL, process.exitcode
            tally.kept.append(len(now))
            if not result.is_dir():  # once the result is in its place the runs are cleared away
                tally.lost += len(there - now)
        there = now
    say(f"{seconds:.2f} s in one go")
    return tally


def _in_fork(out: Path, asked: CompareStudy) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a damaged run
        run_study(asked, simulate=fixed, progress=False, workers=1, out=out)


def kill_workers(
    folder: Path, kills: int, luck: random.Random, command: Sequence[str], say: Callable[[str], None] = print
) -> Tally:
    """Run a study on a Dask cluster of two and kill a worker now and then; each time another joins late."""
    whole, _, rest = reference(folder, command)
    tally = Tally()
    with Cluster(folder) as cluster:
        cluster.worker()
        cluster.worker()
        while tally.kills < kills:
            out = folder / f"on-{tally.finished}"
            process = subprocess.Popen(
                [*COMMAND, *command, "--out", out.name, "--dask", cluster.address],
                cwd=folder,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
            )
            while process.poll() is None:
                time.sleep(luck.uniform(0, rest / 3))
                there = len(list(out.rglob("*.run")))
                if tally.kills < kills and there and process.poll() is None:
                    victim = luck.choice([worker for worker in cluster.workers if worker.poll() is None])
                    victim.kill()
                    cluster.worker()
                    tally.kills += 1
                    tally.kept.append(there)
                    say(f"kill {tally.kills}: {there} runs are there")
            told = process.communicate()[1]
            if process.returncode:
                if "taken down" not in told:
                    raise RuntimeError(told)
                tally.given_up += 1
                tally.lost += max(0, there - len(list(out.rglob("*.run"))))
                say("given up, and begun again")
                continue
            (result,) = out.iterdir()
            tally.finished += 1
            tally.damaged += told.count("truncated or edited")
            tally.different += contents(result) != whole
    return tally
