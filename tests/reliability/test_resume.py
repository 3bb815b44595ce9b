"""Claim: a stopped study goes on from its finished runs, ends with the same bytes, and trusts no damaged run."""

from __future__ import annotations

import dataclasses
import multiprocessing
import os
import pickle
import time
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from runs_sample import contents, fixed, study

import sim.runs.store as runs_module
from sim.agency import load_agency
from sim.errors import KinerjaError
from sim.levers import Feedback, Policy
from sim.runs.job import Job
from sim.runs.packing import NotARun, pack, unpack
from sim.runs.replicate import execution, run_jobs
from sim.runs.store import DamagedRun, RunsOnDisk, running_folder
from sim.study import load_result, run_study
from sim.study.result import result_folder
from sim.world import Scenario

quiet = partial(run_study, progress=False, workers=1)


def job(**changes: object) -> Job:
    given = Job(("k",), load_agency("contoh"), Policy("base"), 1, 0, 12, Scenario())
    return dataclasses.replace(given, **changes)


def ran(policy: str = "better"):
    given = job(policy=Policy(policy))
    return fixed(given.agency, given.policy, seed=1, replication=0, months=12, scenario=given.scenario)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The bytes of the study run in one go."""
    out = tmp_path_factory.mktemp("whole")
    return contents(result_folder(quiet(study(), simulate=fixed, out=out), out))


class Stopping:
    """Remembers what was asked for, and stops the study at a call."""

    def __init__(self, at: int | None = None, error: type[BaseException] = KeyboardInterrupt) -> None:
        self.calls: list[tuple[str, int]] = []

        def run(agency, policy, **given):
            if len(self.calls) == at:
                raise error
            self.calls.append((policy.name, given["replication"]))
            return fixed(agency, policy, **given)

        self.run = run


def kept(out: Path) -> list[Path]:
    return sorted((out / ".running").rglob("*.run"))


@pytest.fixture
def as_fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever computes it, a run is known as one of `fixed`."""
    key = RunsOnDisk.key
    monkeypatch.setattr(RunsOnDisk, "key", lambda self, job, simulate=None: key(self, job, fixed))


@pytest.mark.parametrize("policy", ["base", "better"])
def test_a_run_comes_back_bit_by_bit(policy: str) -> None:
    run = ran(policy)
    again = unpack(pack("k", run), "k")
    for name in ("outcomes", "summary"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(run, name), check_exact=True)
    assert list(again.costs) == list(run.costs)
    assert again.costs.to_numpy().tolist() == run.costs.to_numpy().tolist()
    strange = ran().costs.assign(lever=[object()])
    with pytest.raises(TypeError, match="costs, column 'lever'"):
        pack("k", dataclasses.replace(run, costs=strange))


def test_no_damage_to_a_run_goes_unnoticed() -> None:
    good = pack("k", ran())
    for at in range(len(good)):
        with pytest.raises(NotARun):
            unpack(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :], "k")
        with pytest.raises(NotARun):
            unpack(good[:at], "k")
    with pytest.raises(NotARun):
        unpack(good, "another")
    with pytest.raises(NotARun):
        unpack(pickle.dumps(ran()), "k")


def test_a_run_is_known_by_everything_that_decides_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = RunsOnDisk(tmp_path)
    key = store.key(job())
    assert RunsOnDisk(tmp_path).key(job(key=("other", 1))) == key
    others = [
        job(seed=2),
        job(replication=1),
        job(months=24),
        job(scenario=Scenario(demand=1.1)),
        job(scenario=Scenario(draws={"feedback": 0.1})),
        job(agency=load_agency("makassar")),
        job(policy=Policy("base", (Feedback(),))),
        job(policy=Policy("base", before=Policy("none"))),
    ]
    keys = [store.key(other) for other in others] + [store.key(job(), fixed)]
    for name in ("model_code", "model_data", "versions"):
        with monkeypatch.context() as patched:
            patched.setattr(runs_module, name, lambda: "another")
            keys.append(RunsOnDisk(tmp_path).key(job()))
    with monkeypatch.context() as patched:  # what is in force before the policy, where it names nothing
        patched.setattr("sim.levers.policy.status_quo", lambda: Policy("status_quo", (Feedback(),)))
        keys.append(RunsOnDisk(tmp_path).key(job()))
    assert len({key, *keys}) == 1 + len(keys)


@pytest.mark.parametrize("stop", range(12))
@pytest.mark.usefixtures("as_fixed")
def test_a_stopped_study_runs_only_what_is_missing(tmp_path: Path, whole, stop: int) -> None:
    with pytest.raises(MemoryError):
        quiet(study(), simulate=Stopping(stop, MemoryError).run, out=tmp_path)
    assert len(kept(tmp_path)) == stop
    assert list(tmp_path.rglob("*.begun")) == []
    rest = Stopping()
    result = quiet(study(), simulate=rest.run, out=tmp_path)
    assert len(rest.calls) == 12 - stop
    assert contents(tmp_path / result.id) == whole
    assert [path.name for path in tmp_path.iterdir()] == [result.id]


@pytest.mark.usefixtures("as_fixed")
def test_an_interrupted_study_goes_on_too(tmp_path: Path, whole) -> None:
    partial_result = quiet(study(), simulate=Stopping(7).run, out=tmp_path)
    assert partial_result.replications == 2
    assert len(kept(tmp_path)) == 7
    result = quiet(study(), simulate=fixed, out=tmp_path)
    assert contents(tmp_path / result.id) == whole
    assert kept(tmp_path) == []


def test_it_says_how_many_runs_were_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], as_fixed
) -> None:
    with pytest.raises(MemoryError):
        quiet(study(), simulate=Stopping(5, MemoryError).run, out=tmp_path)
    capsys.readouterr()
    run_study(study(), simulate=fixed, out=tmp_path, workers=1, lang="en")
    assert "Resumed: 5 of 12 runs were there." in capsys.readouterr().err


def test_damaged_runs_are_named_and_run_again(tmp_path: Path, whole, as_fixed) -> None:
    with pytest.raises(MemoryError):
        quiet(study(), simulate=Stopping(9, MemoryError).run, out=tmp_path)
    cut, edited, emptied, swapped = kept(tmp_path)[:4]
    cut.write_bytes(cut.read_bytes()[:-1])
    edited.write_bytes(edited.read_bytes().replace(b"kinerja_run", b"kinerja_ran"))
    emptied.write_bytes(b"")
    swapped.write_bytes(kept(tmp_path)[8].read_bytes())
    rest = Stopping()
    with pytest.warns(DamagedRun) as told:
        result = quiet(study(), simulate=rest.run, out=tmp_path)
    assert len(rest.calls) == 3 + 4
    named = " ".join(str(warning.message) for warning in told)
    assert all(path.name in named for path in (cut, edited, emptied, swapped))
    assert contents(tmp_path / result.id) == whole


def test_a_full_disk_stops_the_study_and_loses_nothing(tmp_path: Path, whole, monkeypatch, as_fixed) -> None:
    write, left = runs_module.write_whole, [5]

    def full(path: Path, content: bytes, **how: bool) -> Path:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")
        return write(path, content, **how)

    with monkeypatch.context() as patched:
        patched.setattr(runs_module, "write_whole", full)
        with pytest.raises(KinerjaError, match=r"No space left on device.*same command again"):
            quiet(study(), simulate=fixed, out=tmp_path)
    assert len(kept(tmp_path)) == 5
    rest = Stopping()
    result = quiet(study(), simulate=rest.run, out=tmp_path)
    assert len(rest.calls) == 7
    assert contents(tmp_path / result.id) == whole


@pytest.fixture
def unwritable(tmp_path: Path):
    if os.name == "nt" or os.geteuid() == 0:
        folder = tmp_path / "file"  # an administrator may write anywhere, but not into a file
        folder.write_text("", encoding="utf-8")
        yield folder
        return
    tmp_path.chmod(0o500)
    yield tmp_path
    tmp_path.chmod(0o700)


def test_a_folder_that_cannot_be_written_is_told_before_any_work(unwritable: Path, as_fixed) -> None:
    nothing = Stopping()
    with pytest.raises(KinerjaError, match="cannot be kept"):
        quiet(study(), simulate=nothing.run, out=unwritable)
    assert nothing.calls == []


def test_runs_are_shared_by_whatever_runs_jobs_inside(tmp_path: Path) -> None:
    store = RunsOnDisk(running_folder(tmp_path, "x"))
    jobs = [job(key=(name, r), policy=Policy(name), replication=r) for r in range(3) for name in "ab"]
    with execution(store=store):
        first = {j.key: t.outcomes for j, t, s in run_jobs(jobs, simulate=fixed) if s > 0}
        again = {j.key: t.outcomes for j, t, s in run_jobs(jobs, simulate=fixed) if s == 0}
    assert set(first) == set(again) == {j.key for j in jobs}
    for key, frame in first.items():
        pd.testing.assert_frame_equal(again[key], frame, check_exact=True)
    store.clear()
    assert list(tmp_path.iterdir()) == []
    outside = [s for _, _, s in run_jobs(jobs, simulate=fixed)]
    assert min(outside) > 0
    assert list(tmp_path.iterdir()) == []


@dataclasses.dataclass(frozen=True)
class Logged:
    """A slow run that leaves a line where it was done."""

    log: str

    def __call__(self, agency, policy, **given):
        time.sleep(0.05)
        with open(self.log, "a", encoding="utf-8") as file:
            file.write(f"{os.getpid()} {policy.name} {given['replication']}\n")
        return fixed(agency, policy, **given)


def _one_of_two(out: Path, log: str) -> None:
    quiet(study(replications=20), simulate=Logged(log), out=out)


def test_two_processes_on_one_study_share_the_work(tmp_path: Path) -> None:
    out, log = tmp_path / "results", tmp_path / "log"
    spawn = multiprocessing.get_context("spawn")
    both = [spawn.Process(target=_one_of_two, args=(out, str(log))) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join(120)
    assert [process.exitcode for process in both] == [0, 0]
    (folder,) = out.iterdir()
    result = load_result(folder)
    assert result.replications == 20
    lines = log.read_text(encoding="utf-8").splitlines()
    assert len({line.split(" ", 1)[1] for line in lines}) == 60
    assert len(lines) < 90  # 120 if neither knew of the other; they do not start at once
    alone = quiet(study(replications=20), simulate=fixed, out=tmp_path / "alone")
    assert contents(folder) == contents(tmp_path / "alone" / alone.id)


def test_claims_of_the_dead_stop_nobody(tmp_path: Path, whole, as_fixed) -> None:
    store = RunsOnDisk(running_folder(tmp_path, study().describe().id))
    store.folder.mkdir(parents=True)
    for name in ("base", "worse"):
        for r in range(4):
            key = store.key(job(policy=Policy(name), replication=r))
            (store.folder / f"{key}.begun").touch()
    result = quiet(study(), simulate=fixed, out=tmp_path)
    assert contents(tmp_path / result.id) == whole
    assert [path.name for path in tmp_path.iterdir()] == [result.id]


def test_a_killed_worker_is_told_and_loses_nothing(tmp_path: Path, whole, as_fixed) -> None:
    with pytest.raises(KinerjaError, match=r"worker process was killed.*same command"):
        run_study(study(), simulate=_dies_at_three, out=tmp_path, workers=2, progress=False)
    result = run_study(study(), simulate=fixed, out=tmp_path, workers=2, progress=False)
    assert contents(tmp_path / result.id) == whole


def _dies_at_three(agency, policy, **given):
    if given["replication"] == 3:
        os._exit(9)
    return fixed(agency, policy, **given)
