"""Stores of finished runs: in memory, or on disk while a study is under way, so that a kill loses only unfinished runs.

On disk a run is one small file, named after the content hash of everything that decides it: agency, policy, scenario,
seed, replication, months, the model's data and code, a notebook's code, and the versions of packages. A file with that
name is therefore the run that is needed, or it is damaged, which its digest shows. Nothing in it is code.

Processes that work on the same study share it through this folder. Before a run starts a *claim* is written, an empty
file; others postpone a claimed run for a while and then look again. A claim is a hint, not a lock: that of a process
that was killed costs nothing but the order, and when two do the same run, both write the same bytes.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import warnings
from abc import ABC, abstractmethod
from collections import OrderedDict, deque
from collections.abc import Callable, Generator, Hashable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import KinerjaError, _, system_reason
from sim.paths import write_whole
from sim.runs.identity import content_id, describe, digest
from sim.runs.packing import NotARun, pack, unpack
from sim.runs.provenance import model_code, model_data, versions

if TYPE_CHECKING:
    from sim.runs.job import Compute, Job, RunTables, Simulate

LOOK_AGAIN = 8
"""Runs handed out before one that another process has claimed is looked at again."""

Finished = tuple["Job", "RunTables", float]
"""A run with its tables and the seconds it took."""


class RunStore(ABC):
    """Finished runs by the key of what decides them; used by :func:`sim.runs.replicate.execution`."""

    @abstractmethod
    def key(self, job: Job, simulate: Simulate | None = None) -> Any:
        """Return the key of a run: equal where everything that decides its tables is equal."""

    @abstractmethod
    def get(self, key: Any) -> RunTables | None:
        """Return a finished run, or None."""

    @abstractmethod
    def put(self, key: Any, tables: RunTables) -> None:
        """Keep a finished run."""

    def share(
        self, jobs: Iterable[Job], compute: Compute, simulate: Simulate | None = None
    ) -> Generator[Finished]:
        """Yield the runs that are kept (they took 0 s), then compute and keep the others.

        Parameters
        ----------
        jobs : iterable of Job
        compute : callable
            Runs jobs and yields them with tables and seconds, in any order.
        simulate : callable, optional
            What `compute` runs, where it is not the model.
        """
        missing: list[tuple[Any, Job]] = []
        for job in jobs:
            key = self.key(job, simulate)
            tables = self.get(key)
            if tables is None:
                missing.append((key, job))
            else:
                yield job, tables, 0.0
        if missing:
            yield from self._compute(missing, compute)

    def _compute(self, missing: Sequence[tuple[Any, Job]], compute: Compute) -> Generator[Finished]:
        keys = {job.key: key for key, job in missing}
        with contextlib.closing(compute(job for _key, job in missing)) as computed:
            for job, tables, seconds in computed:
                self.put(keys[job.key], tables)
                yield job, tables, seconds


class RunsInMemory(RunStore):
    """Finished runs of this process, the longest unused forgotten first.

    Parameters
    ----------
    most : int
        Runs kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, RunTables] = OrderedDict()
        self._agency: tuple[Any, str] = (None, "")

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._kept

    def key(self, job: Job, simulate: Simulate | None = None) -> Hashable:
        """Return the key of a run; one store serves one model (`simulate`)."""
        if job.agency is not self._agency[0]:
            self._agency = job.agency, content_id(job.agency)
        levers, before = job.policy.levers, job.policy.before
        return (self._agency[1], levers, before, job.seed, job.replication, job.months, repr(job.scenario))

    def get(self, key: Hashable) -> RunTables | None:
        """Return a finished run, or None."""
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def put(self, key: Hashable, tables: RunTables) -> None:
        """Keep a finished run."""
        self._kept[key] = tables
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)


class DamagedRun(UserWarning):
    """A finished run on disk is not what was written; it is run again."""


class RunsOnDisk(RunStore):
    """The finished runs of a study in a folder, which is made with the first of them.

    Parameters
    ----------
    folder : path
        See :func:`running_folder`.
    damaged : callable, optional
        Called with the path of each damaged run; by default it warns (:class:`DamagedRun`).

    Examples
    --------
    What :func:`sim.study.run_study` does::

        store = RunsOnDisk(running_folder("results", spec.describe().id))
        with execution(store=store):
            result = spec.run()
        result.save(result_folder(result, "results"))
        store.clear()
    """

    def __init__(self, folder: str | Path, damaged: Callable[[Path], None] | None = None) -> None:
        self.folder = Path(folder)
        self._damaged = damaged or _warn
        self._ids: dict[int, tuple[Any, str]] = {}  # by identity; holds the object so that ids stay its own
        self._model = ""

    def key(self, job: Job, simulate: Simulate | None = None) -> str:
        """Return the content hash of a run: 32 hexadecimal digits."""
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
        """Return a finished run; None where there is none, or it is damaged, which is reported."""
        path = self._path(key)
        try:
            return unpack(path.read_bytes(), key)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, NotARun):
            self._damaged(path)
            return None

    def put(self, key: str, tables: RunTables) -> None:
        """Keep a finished run and remove its claim.

        Raises
        ------
        KinerjaError
            Where the folder cannot be written.
        """
        path, content = self._path(key), pack(key, tables)
        with self._reported():
            try:
                self._write(path, content)
            except FileNotFoundError:  # another process has saved the result and just removed the folder
                self._write(path, content)
            except PermissionError:
                if not path.is_file():  # on Windows: another process has just put the same run there
                    raise
            self._claim(key).unlink(missing_ok=True)

    def _write(self, path: Path, content: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        # no fsync: a file lost in a power cut fails its digest and is run again
        write_whole(path, content, durable=False)

    def clear(self) -> None:
        """Remove what was kept, when the result is in its place."""
        shutil.rmtree(self.folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            self.folder.parent.rmdir()  # if this was the last study under way

    def _compute(self, missing: Sequence[tuple[str, Job]], compute: Compute) -> Generator[Finished]:
        made = self._make()
        keys = {job.key: key for key, job in missing}
        found: deque[Finished] = deque()  # by another process, meanwhile
        claimed: set[str] = set()
        try:
            with contextlib.closing(compute(self._in_turn(missing, claimed, found))) as computed:
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
        """Make the folder, and check before any work that it can be written; return the folders made, inner first."""
        with self._reported():
            made = [path for path in (self.folder, *self.folder.parents) if not path.exists()]
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.folder):
                return made

    def _in_turn(
        self,
        missing: Sequence[tuple[str, Job]],
        claimed: set[str],
        found: deque[Finished],
    ) -> Iterator[Job]:
        """Yield the jobs to run here, each as late as possible; those that others have claimed come last."""
        others: deque[tuple[int, str, Job]] = deque()
        for turn, (key, job) in enumerate(missing):
            if self._claimed_here(key):
                claimed.add(key)
                yield from self._unless_there(key, job, found)
            else:
                others.append((turn, key, job))
            while others and others[0][0] + LOOK_AGAIN <= turn:
                yield from self._unless_there(*others.popleft()[1:], found)
        for __, key, job in others:
            yield from self._unless_there(key, job, found)

    def _unless_there(self, key: str, job: Job, found: deque[Finished]) -> Iterator[Job]:
        tables = self.get(key) if self._path(key).exists() else None
        if tables is None:
            yield job
        else:
            found.append((job, tables, 0.0))

    def _claimed_here(self, key: str) -> bool:
        """Write a claim; False where there is one. Called in a thread of the pool, so it must not fail."""
        try:
            self._claim(key).touch(exist_ok=False)
        except FileExistsError:
            return False
        except OSError:
            pass  # no claim is no harm; keeping the run will show what is wrong
        return True

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.run"

    def _claim(self, key: str) -> Path:
        return self.folder / f"{key}.begun"

    @contextlib.contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise KinerjaError(
                _(
                    "{folder}: a finished run cannot be kept ({why}); free some space or make the folder writable, "
                    "and give the same command again: finished runs are kept.",
                    folder=self.folder,
                    why=system_reason(error),
                )
            ) from error


def running_folder(out: str | Path, study: str) -> Path:
    """Return where the finished runs of a study are until its result is in place: ``out/.running/<id>``."""
    return Path(out) / ".running" / study


def _warn(path: Path) -> None:
    warnings.warn(str(_("{path}: truncated or edited; it is run again", path=path)), DamagedRun, stacklevel=2)
