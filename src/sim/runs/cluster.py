"""Runs on a Dask cluster: workers may join late, leave or be killed, and the tables stay the same bytes.

Handed out by a client of ours, not through joblib's Dask backend: that decides at the start, by the workers it then
finds, how many runs it keeps in flight, so that workers that join later stand idle (see ``docs/reliability.md``).
"""

from __future__ import annotations

import json
import math
import socket
import sys
import time
import uuid
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from sim.errors import KinerjaError, _
from sim.runs.beside import in_groups, run_group
from sim.runs.identity import content_id, from_library
from sim.runs.provenance import model_code, model_data, versions

if TYPE_CHECKING:
    from distributed import Client

    from sim.runs.job import Job, RunTables, Simulate

AHEAD = 2
"""Runs in flight for each thread of the cluster."""
RECOUNT = 1.0
"""Seconds after which the threads of the cluster are counted again."""
PATIENCE = 10
"""Seconds to wait for a scheduler."""
NOBODY = 300
"""Seconds to wait for a worker where there is none; a queue may be slow."""
PAUSE = 0.01
"""Seconds between looks at what has finished."""
AGAIN = _(
    "Runs that were finished are kept where the result is to be saved: the same command goes on from there."
)


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """Connect to a Dask scheduler that is running.

    Parameters
    ----------
    address : str
        Of the scheduler, e.g. ``tcp://10.0.0.5:8786``, or the path of the file it wrote (``--scheduler-file``).

    Raises
    ------
    KinerjaError
        Where Dask is not installed, or no scheduler or worker answers.

    Examples
    --------
    ::

        with connected("scheduler.json") as client, execution(client=client):
            result = study.run()
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise KinerjaError(_('--dask: Dask is not installed; pip install "kinerja-lab[cluster]".')) from error
    where = _address(address)
    try:
        # checked first: a client that finds no scheduler takes long to give up
        with socket.create_connection((where.hostname, where.port), PATIENCE):
            pass
        client = Client(where.geturl(), timeout=PATIENCE, set_as_default=False, name="kinerja")
    except (OSError, TimeoutError) as error:
        raise KinerjaError(
            _("--dask {address}: no scheduler answers; check the address, or start one.", address=address)
        ) from error
    try:
        try:
            client.wait_for_workers(1, timeout=NOBODY)
        except TimeoutError as error:
            what = _("the scheduler has had no worker for {nobody} s", nobody=NOBODY)
            raise KinerjaError(
                _(
                    "--dask {address}: {what}; start some with: dask worker ADDRESS.",
                    address=address,
                    what=what,
                )
            ) from error
        yield client
    finally:
        client.close()


def _address(given: str) -> SplitResult:
    """Return the address of a scheduler, from the address or the file it wrote."""
    path, address = Path(given), given
    try:
        if path.is_file():
            address = json.loads(path.read_text(encoding="utf-8"))["address"]
        where = urlsplit(address if "://" in address else f"tcp://{address}")
        if where.hostname and where.port:
            return where
    except (ValueError, KeyError, TypeError, OSError):
        pass
    what = _("neither an address such as tcp://10.0.0.5:8786 nor the file of a scheduler")
    raise KinerjaError(_("--dask {told}: {what}; see docs/howto-cluster.md.", told=given, what=what))


def threads(client: Client) -> int:
    """Return how many runs the cluster does in parallel now."""
    return max(1, _threads(client))


def _threads(client: Client) -> int:
    try:
        return sum(client.nthreads().values())
    except OSError as error:
        raise KinerjaError(_("the scheduler of the cluster is gone. {again}", again=AGAIN)) from error


def compute_on(
    client: Client, jobs: Iterable[Job], simulate: Simulate | None = None
) -> Generator[tuple[Job, RunTables, float]]:
    """Run jobs on a cluster and yield each with its tables and the seconds it took, as it finishes.

    A run whose worker is killed is repeated by another worker. Workers must have this very model; what a notebook
    or a file of one's own defines travels with the runs.

    Raises
    ------
    KinerjaError
        Where workers have another version, where a run has taken its worker down again and again, or where the
        scheduler is gone.
    """
    from distributed import as_completed
    from distributed.comm import CommClosedError
    from distributed.scheduler import KilledWorker

    from sim.runs.run import run_model

    run = simulate or run_model
    rest = in_groups(jobs, run, max(1, _threads(client)))
    flying: dict[Any, list[Job]] = {}
    finished = as_completed(loop=client.loop)
    study, counted, there = uuid.uuid4().hex[:8], -math.inf, 0
    seen = time.monotonic()
    try:
        with _carried_by_value() as pack:
            number = 0
            while True:
                if time.monotonic() - counted > RECOUNT:
                    there, counted = _threads(client), time.monotonic()
                    seen = counted if there else seen
                    if counted - seen > NOBODY:
                        raise KinerjaError(
                            _(
                                "the cluster has had no worker for {nobody} s. {again}",
                                nobody=NOBODY,
                                again=AGAIN,
                            )
                        )
                for group in islice(rest, max(0, AHEAD * max(1, there) - len(flying))):
                    number += 1
                    name = f"kinerja-{study}-{number}"
                    future = client.submit(
                        _on_worker, pack((run, group)), fingerprint(), key=name, pure=False
                    )
                    flying[future] = group
                    finished.add(future)
                if not flying:
                    return
                if not finished.has_ready():
                    time.sleep(PAUSE)
                    continue
                future = next(finished)
                for job, (tables, seconds) in zip(flying.pop(future), future.result(), strict=True):
                    yield job, tables, seconds
    except KilledWorker as error:
        raise KinerjaError(
            _(
                "a run has taken down {allowed_failures} workers one after the other, perhaps "
                "because memory ran out; give each worker more. {again}",
                allowed_failures=error.allowed_failures + 1,
                again=AGAIN,
            )
        ) from error
    except ModuleNotFoundError as error:
        raise KinerjaError(
            _(
                "a worker has no {name!r}: install there what is installed here. {again}",
                name=error.name,
                again=AGAIN,
            )
        ) from error
    except (CancelledError, CommClosedError, TimeoutError) as error:
        raise KinerjaError(_("the scheduler of the cluster is gone. {again}", again=AGAIN)) from error
    finally:
        if flying and client.status == "running":
            client.cancel(list(flying))


@cache
def fingerprint() -> str:
    """What must be the same on all machines: the model's code and data, and the versions of packages."""
    return content_id([model_code(), model_data(), versions()])


def _on_worker(packed: bytes, expected: str) -> list[tuple[RunTables, float]]:
    if fingerprint() != expected:
        raise KinerjaError(
            _(
                "a worker has another version of the model or of a package, so its runs would not be "
                "those of this study; install there what is installed here (same commit, same "
                "requirements.txt)."
            )
        )
    import cloudpickle

    simulate, group = cloudpickle.loads(packed)
    return run_group(simulate, group)


@contextmanager
def _carried_by_value() -> Iterator[Any]:
    """Packs what is sent to workers; code from files of the user's, which workers do not have, goes along."""
    import cloudpickle

    own = [
        module
        for name, module in list(sys.modules.items())
        if str(getattr(module, "__file__", None)).endswith(".py")
        and name != "__main__"
        and not from_library(name)
    ]
    for module in own:
        cloudpickle.register_pickle_by_value(module)
    try:
        yield cloudpickle.dumps
    finally:
        for module in own:
            cloudpickle.unregister_pickle_by_value(module)
