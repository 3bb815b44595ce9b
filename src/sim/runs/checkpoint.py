"""Finished runs on disk while a study is under way: a kill at any moment loses only what was half done.

A run is one small file, named after the content hash of everything that decides it: agency, policy, scenario, seed,
replication, months, the model's data and code, a notebook's code, and the versions of packages. A file that is there
is therefore the run that is wanted, or it is damaged, which its digest tells. Nothing in it is code.

Processes that work on the same study share it by way of this folder. Before a run is begun a *claim* is laid down, an
empty file; others put a claimed run off for a while and then look again. A claim is a hint, not a lock: that of a
process that was killed costs nothing but the order, and when two do the same run, both write the same bytes.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import warnings
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import KinerjaError
from sim.paths import write_whole
from sim.runs.identity import content_id, describe, digest
from sim.runs.packing import NotARun, pack, unpack
from sim.runs.provenance import model_code, model_data, versions

if TYPE_CHECKING:
    from sim.runs.job import Compute, Job, RunTables, Simulate

LOOK_AGAIN = 8
"""Runs handed out before one that somebody else has begun is looked at again."""


class DamagedRun(UserWarning):
    """A finished run that is not what was written; it is run again."""


class RunStore:
    """The finished runs of a study in a folder, which is made with the first of them.

    Parameters
    ----------
    folder : path
        See :func:`running_folder`.
    damaged : callable, optional
        Told the path of each damaged run; by default a :class:`DamagedRun` warning.

    Examples
    --------
    ::

        store = RunStore(running_folder("results", study.describe().id))
        with execution(store=store):
            result = study.run()
        result.save(result_folder(result, "results"))
        store.clear()
    """

    def __init__(self, folder: str | Path, damaged: Callable[[Path], None] | None = None) -> None:
        self.folder = Path(folder)
        self._damaged = damaged or _warn
        self._ids: dict[int, tuple[Any, str]] = {}  # by identity; holds the object so that ids stay its own
        self._model = ""

    def key(self, job: Job, simulate: Simulate | None = None) -> str:
        """The content hash of a run: 32 hexadecimal digits."""
        if not self._model:
            self._model = content_id([model_data(), model_code(), versions()])
        parts = [
            self._model,
            *(self._id(x) for x in (job.agency, job.policy, job.scenario, simulate)),
            *map(str, (job.seed, job.replication, job.months)),
        ]
        return digest("\n".join(parts).encode("utf-8"), 16)

    def _id(self, value: Any) -> str:
        if id(value) not in self._ids:
            before = getattr(value, "before_levers", None)  # the status quo of a policy that names no other
            self._ids[id(value)] = (value, describe([value, before], "run").id)
        return self._ids[id(value)][1]

    def get(self, key: str) -> RunTables | None:
        """A finished run; None where it is not there, or damaged, which is told."""
        path = self._path(key)
        try:
            return unpack(path.read_bytes(), key)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, NotARun):
            self._damaged(path)
            return None

    def put(self, key: str, tables: RunTables) -> None:
        """Keep a finished run, and take its claim away.

        Raises
        ------
        KinerjaError
            Where the folder cannot be written.
        """
        path, content = self._path(key), pack(key, tables)
        with self._told():
            try:
                self._write(path, content)
            except FileNotFoundError:  # somebody else's result is in its place, and he has just cleared up
                self._write(path, content)
            except PermissionError:
                if not path.is_file():  # on Windows: somebody else has just put the same run there
                    raise
            self._claim(key).unlink(missing_ok=True)

    def _write(self, path: Path, content: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        # not waited for: what a power cut takes is noticed by its digest, and run again
        write_whole(path, content, durable=False)

    def clear(self) -> None:
        """Remove what was kept: the result is in its place."""
        shutil.rmtree(self.folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            self.folder.parent.rmdir()  # if this was the last study under way

    def share(
        self, jobs: Iterable[Job], compute: Compute, simulate: Simulate | None = None
    ) -> Generator[tuple[Job, RunTables, float]]:
        """Yield the runs that are there (they took 0 s), then compute and keep the others.

        Parameters
        ----------
        jobs : iterable of Job
        compute : callable
            Runs jobs and yields them with tables and seconds, in any order.
        simulate : callable, optional
            What `compute` runs, where it is not the model.
        """
        todo: list[tuple[str, Job]] = []
        for job in jobs:
            key = self.key(job, simulate)
            tables = self.get(key)
            if tables is None:
                todo.append((key, job))
            else:
                yield job, tables, 0.0
        if not todo:
            return
        made = self._make()
        keys = {job.key: key for key, job in todo}
        found: deque[tuple[Job, RunTables, float]] = deque()  # by another process, meanwhile
        claimed: set[str] = set()
        try:
            with contextlib.closing(compute(self._in_turn(todo, claimed, found))) as computed:
                for job, tables, seconds in computed:
                    self.put(keys[job.key], tables)
                    claimed.discard(keys[job.key])
                    yield job, tables, seconds
                    while found:
                        yield found.popleft()
            yield from found
        finally:
            with contextlib.suppress(OSError):
                for key in claimed:
                    self._claim(key).unlink(missing_ok=True)
                for folder in made:
                    folder.rmdir()  # only where nothing was finished

    def _make(self) -> list[Path]:
        """Make the folder, and find out that it can be written before any work is done; folders made, inner first."""
        with self._told():
            made = [path for path in (self.folder, *self.folder.parents) if not path.exists()]
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.folder):
                return made

    def _in_turn(
        self,
        todo: list[tuple[str, Job]],
        claimed: set[str],
        found: deque[tuple[Job, RunTables, float]],
    ) -> Iterator[Job]:
        """The jobs to be done here, each as late as possible; what others have begun comes after what nobody has."""
        others: deque[tuple[int, str, Job]] = deque()
        for turn, (key, job) in enumerate(todo):
            if self._begin(key):
                claimed.add(key)
                yield from self._unless_there(key, job, found)
            else:
                others.append((turn, key, job))
            while others and others[0][0] + LOOK_AGAIN <= turn:
                yield from self._unless_there(*others.popleft()[1:], found)
        for _, key, job in others:
            yield from self._unless_there(key, job, found)

    def _unless_there(self, key: str, job: Job, found: deque[tuple[Job, RunTables, float]]) -> Iterator[Job]:
        tables = self.get(key) if self._path(key).exists() else None
        if tables is None:
            yield job
        else:
            found.append((job, tables, 0.0))

    def _begin(self, key: str) -> bool:
        """Lay down a claim; False where there is one. It is asked for in a thread of the pool, and must not fail."""
        try:
            self._claim(key).touch(exist_ok=False)
        except FileExistsError:
            return False
        except OSError:
            pass  # a hint not given; keeping the run will tell
        return True

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.run"

    def _claim(self, key: str) -> Path:
        return self.folder / f"{key}.begun"

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise KinerjaError(
                f"{self.folder}: a finished run cannot be kept ({error.strerror or error}); free some space or "
                "make the folder writable, and give the same command again: what was finished is there."
            ) from error


def running_folder(out: str | Path, study: str) -> Path:
    """Where the finished runs of a study lie until its result is in place: ``out/.running/<id>``."""
    return Path(out) / ".running" / study


def _warn(path: Path) -> None:
    warnings.warn(f"{path}: truncated or edited; it is run again", DamagedRun, stacklevel=2)
