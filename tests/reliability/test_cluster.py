"""Claim: a Dask cluster gives the same bytes, whether workers are killed, join late or the scheduler goes."""

from __future__ import annotations

import dataclasses
import os
import sys
import threading
import time
from pathlib import Path

import pytest
from dask_cluster import Cluster
from runs_sample import contents, fixed, study

import sim.runs.cluster as cluster_module
from sim.cli import main
from sim.errors import KinerjaError
from sim.evidence import Effect
from sim.levers import Lever, status_quo
from sim.runs.cluster import connected
from sim.runs.replicate import execution, n_parallel
from sim.runs.store import RunsOnDisk
from sim.study import run_study
from sim.study.compare.run import compare


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory):
    """A scheduler with one worker, for all tests that leave it as it is."""
    with Cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        cluster.worker()
        yield cluster


@pytest.fixture(scope="module")
def doomed(tmp_path_factory: pytest.TempPathFactory):
    """A scheduler with two workers, which gives a run up when both have died of it."""
    with Cluster(
        tmp_path_factory.mktemp("doomed"), DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="1"
    ) as cluster:
        cluster.worker()
        cluster.worker()
        yield cluster


@dataclasses.dataclass(frozen=True)
class Slow:
    """The sample run, slowly, leaving a line where it began."""

    log: str
    seconds: float = 0.2

    def __call__(self, agency, policy, **given):
        with open(self.log, "a", encoding="utf-8") as file:
            file.write(f"{os.getpid()} {policy.name} {given['replication']}\n")
        time.sleep(self.seconds)
        return fixed(agency, policy, **given)


def began(log: Path) -> list[list[str]]:
    return [line.split() for line in log.read_text(encoding="utf-8").splitlines()] if log.exists() else []


def wait_for(what, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def test_one_worker_killed_and_one_late_change_no_byte(cluster: Cluster, tmp_path: Path) -> None:
    log = tmp_path / "log"
    here = run_study(study(replications=15), simulate=fixed, progress=False, workers=1, out=tmp_path / "here")
    victim = cluster.worker()

    def meanwhile() -> None:
        wait_for(lambda: sum(int(row[0]) == victim.pid for row in began(log)) >= 3)
        victim.kill()
        cluster.worker()

    trouble = threading.Thread(target=meanwhile)
    trouble.start()
    with connected(cluster.address) as client, execution(client=client):
        client.wait_for_workers(2, timeout=60)
        assert n_parallel() == 2
        there = run_study(
            study(replications=15), simulate=Slow(str(log)), progress=False, out=tmp_path / "there"
        )
    trouble.join()
    assert contents(tmp_path / "there" / there.id) == contents(tmp_path / "here" / here.id)
    rows = began(log)
    assert len({row[0] for row in rows}) == 3, "the worker that joined late did nothing"
    assert len({(row[1], row[2]) for row in rows}) == 45
    last = [row for row in rows if int(row[0]) == victim.pid][-1]
    assert sum(row[1:] == last[1:] for row in rows) == 2, "the run that was killed was not done again"


class Coffee(Lever):
    """A lever of one's own, in a file that workers do not have."""

    every: str = "month"

    def run(self, world):
        while True:
            yield world.clock.next(self.every)
            world.effects.add("motivation", size(), fade_days=20)


def size() -> Effect:
    return Effect(mean=0.5)


def test_a_lever_of_ones_own_travels_and_the_model_gives_the_same_bytes(
    cluster: Cluster, tmp_path: Path
) -> None:
    policies = [status_quo(), status_quo().plus(Coffee(), name="coffee")]
    given = {"years": 1, "replications": 2, "progress": False}
    here = compare("contoh", policies, workers=1, **given)
    assert here.table("motivation")["difference"].iloc[1] > 0.05
    with connected(cluster.address) as client, execution(client=client):
        there = compare("contoh", policies, **given)
    tables = [contents(result.save(tmp_path / name)) for name, result in (("here", here), ("there", there))]
    assert tables[0] == tables[1]


def test_the_command_runs_on_a_cluster(cluster: Cluster, tmp_path: Path) -> None:
    out = tmp_path / "out"
    policies = ["status_quo", "citizen_feedback"]
    options = ["--years", "1", "--replications", "1", "--out", str(out), "--dask", cluster.address]
    assert main(["compare", "contoh", *policies, *options]) == 0
    (there,) = out.iterdir()
    here = compare("contoh", policies, years=1, replications=1, workers=1, progress=False)
    assert there.name == here.id
    assert contents(there) == contents(here.save(tmp_path / "here"))


def test_workers_with_another_model_are_refused(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "fingerprint", lambda: "another")
    told = pytest.raises(KinerjaError, match="another version of the model or of a package")
    with connected(cluster.address) as client, execution(client=client), told:
        run_study(study(), simulate=fixed, progress=False)


def test_a_run_that_takes_down_every_worker_is_told(doomed: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    with connected(doomed.address) as client, execution(client=client):
        client.wait_for_workers(2, timeout=60)
        one = study(policies=(status_quo(),), replications=1)
        with pytest.raises(KinerjaError, match="taken down 2 workers"):
            run_study(one, simulate=_deadly, progress=False)
        monkeypatch.setattr(cluster_module, "NOBODY", 1)
        with pytest.raises(KinerjaError, match=r"no worker for 1 s.*same command goes on"):
            run_study(one, simulate=fixed, progress=False)


def _deadly(agency, policy, **given):
    os._exit(9)


def test_a_lost_scheduler_is_told_and_the_study_goes_on_without_it(
    doomed: Cluster, tmp_path: Path, monkeypatch
) -> None:
    key, log = RunsOnDisk.key, tmp_path / "log"
    monkeypatch.setattr(RunsOnDisk, "key", lambda self, job, simulate=None: key(self, job, fixed))
    doomed.worker()

    def meanwhile() -> None:
        wait_for(lambda: len(began(log)) >= 4)
        doomed.scheduler.kill()

    trouble = threading.Thread(target=meanwhile)
    trouble.start()
    out = tmp_path / "out"
    told = pytest.raises(KinerjaError, match=r"scheduler of the cluster is gone.*same command goes on")
    with connected(doomed.address) as client, execution(client=client), told:
        run_study(study(), simulate=Slow(str(log)), progress=False, out=out)
    trouble.join()
    assert len(list(out.rglob("*.run"))) >= 2
    result = run_study(study(), simulate=fixed, progress=False, workers=1, out=out)
    whole = run_study(study(), simulate=fixed, progress=False, workers=1, out=tmp_path / "whole")
    assert contents(out / result.id) == contents(tmp_path / "whole" / whole.id)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("tcp://127.0.0.1:9", "no scheduler answers"),
        ("127.0.0.1:9", "no scheduler answers"),
        ("scheduler.json", "neither an address such as"),
        ("tcp://127.0.0.1", "neither an address such as"),
    ],
)
def test_an_address_where_nobody_answers_is_told(address: str, told: str) -> None:
    with pytest.raises(KinerjaError, match=told), connected(address):
        pass


def test_without_dask_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(KinerjaError, match=r"pip install .kinerja-lab\[cluster\]"), connected("x"):
        pass
