"""A real Dask scheduler and workers, each a process of its own, on the loopback address."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


class Cluster:
    """Started in a folder; every process it started is gone when it is left.

    Attributes
    ----------
    address : str
        What ``--dask`` takes: the file the scheduler writes.
    workers : list of Popen
    """

    def __init__(self, folder: Path, **environment: str) -> None:
        self._environment = {**os.environ, **environment, **dict.fromkeys(THREADS, "1")}
        self.address = str(folder / "scheduler.json")
        self.workers: list[subprocess.Popen[bytes]] = []
        self._folder = folder
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0")
        for _ in range(600):
            if Path(self.address).is_file():
                return
            time.sleep(0.1)
        raise TimeoutError("the scheduler has not started")

    def worker(self) -> subprocess.Popen[bytes]:
        """One more worker; it joins when it is ready, a second or two later."""
        self.workers.append(self._start("worker", "--nthreads", "1", "--no-nanny", "--host", "127.0.0.1"))
        return self.workers[-1]

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        log = open(self._folder / f"{command[0]}.log", "ab")  # noqa: SIM115
        with log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", *command, "--scheduler-file", self.address, "--no-dashboard"],
                cwd=self._folder,
                env=self._environment,
                stdout=log,
                stderr=log,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
        for process in (*self.workers, self.scheduler):
            process.wait(30)
