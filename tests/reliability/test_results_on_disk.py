"""Claim: a saved result loads as it was, appears whole or not at all, and damage is named file by file."""

from __future__ import annotations

import json
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from sim.agency import load_agency
from sim.errors import KinerjaError
from sim.levers import Appraisal, Feedback, Policy, status_quo
from sim.runs.results import DamagedResult, read_result, write_result
from sim.study import CompareStudy, load_result, load_study, result_folder, run_study
from sim.study.study_yaml import study_yaml
from sim.world import Scenario

FILES = ("outcomes.parquet", "summary.parquet", "costs.parquet", "agency.json")


@dataclass(frozen=True)
class Fixed:
    """A run made of its arguments alone; `odd` makes its numbers awkward."""

    odd: bool = False

    def __call__(self, agency, policy, *, seed, replication, months, scenario):
        units = [unit.unit for unit in agency.units]
        value = np.random.Generator(np.random.PCG64([seed, replication, len(policy.levers)])).normal()
        outcomes = pd.DataFrame(
            {"month": np.repeat(range(1, months + 1), len(units)), "unit": units * months}
        )
        outcomes["waiting_minutes"] = np.where(outcomes["month"] % 5 == 0, np.nan, value / 3)
        outcomes["served"] = np.inf if self.odd else -0.0
        summary = pd.DataFrame({"window": f"1-{months}", "unit": [*units, "*"], "waiting_minutes": value})
        rows = [(lever.key, 2026, 1e6 / 3, 0.1) for lever in policy.levers]
        costs = pd.DataFrame(rows, columns=["lever", "year", "rupiah", "officer_days"])
        from types import SimpleNamespace

        return SimpleNamespace(outcomes=outcomes, summary=summary, costs=costs)


def study(**design) -> CompareStudy:
    often = status_quo().plus(Feedback(citizens=12), name="often", label_id="Sering", label_en="Often")
    given = {
        "agency": load_agency("contoh"),
        "policies": (status_quo(), often, Policy("nothing", before=often)),
        "years": 1,
        "replications": 2,
        "scenario": Scenario(demand=1.1),
        "question": {"id": "Apakah?"},
        "headline": ("waiting_minutes",),
    }
    return CompareStudy(**{**given, **design})


run = partial(run_study, progress=False, workers=1, simulate=Fixed())


@pytest.fixture(scope="module")
def result():
    return run(study())


@pytest.fixture
def saved(result, tmp_path: Path) -> Path:
    return result.save(tmp_path / "results" / result.id)


@pytest.mark.parametrize("odd", [False, True])
def test_a_result_loads_as_it_was(tmp_path: Path, odd: bool) -> None:
    result = run(study(), simulate=Fixed(odd))
    again = load_result(result.save(tmp_path / "r"))
    for table in ("outcomes", "runs_summary", "costs"):
        pd.testing.assert_frame_equal(getattr(again, table), getattr(result, table), check_exact=True)
    for name in ("agency", "policies", "baseline", "scenario", "headline", "question", "id", "partial"):
        assert getattr(again, name) == getattr(result, name), name
    pd.testing.assert_frame_equal(again.table(), result.table())


@pytest.mark.parametrize("own", [0.5, 1.0])
def test_a_parameter_called_own_is_no_mark_of_a_lever_of_ones_own(tmp_path: Path, own: float) -> None:
    """In what is saved, ``own: true`` marks a lever of a notebook; the weight of self-ratings is called own as well."""
    asked = study(policies=(status_quo(), status_quo().plus(Appraisal(own=own), name="rated")))
    result = run(asked)
    again = load_result(result.save(tmp_path / "r"))
    assert again.policies == asked.policies
    assert again.manifest["not_restored"] == []
    file = tmp_path / "study.yaml"
    file.write_text(study_yaml(again), encoding="utf-8")
    assert load_study(file).policies == asked.policies


def test_what_is_loaded_asks_the_same_question(result, saved: Path) -> None:
    again = load_result(saved)
    names = ("agency", "policies", "baseline", "scenario")
    assert study(**{name: getattr(again, name) for name in names}).describe().id == result.id


def test_a_loaded_result_saved_again_is_the_same_files(result, saved: Path, tmp_path: Path) -> None:
    other = load_result(saved).save(tmp_path / "other")
    assert {f: (other / f).read_bytes() for f in FILES} == {f: (saved / f).read_bytes() for f in FILES}


@pytest.mark.parametrize("workers", [1, 2])
def test_the_tables_are_the_same_bytes(result, saved: Path, tmp_path: Path, workers: int) -> None:
    again = run(study(), workers=workers).save(tmp_path / "again")
    assert {f: (again / f).read_bytes() for f in FILES} == {f: (saved / f).read_bytes() for f in FILES}


def test_anyone_can_read_the_tables(saved: Path) -> None:
    table = pq.read_table(saved / "outcomes.parquet")
    assert [str(field.type) for field in table.schema][:4] == ["string", "int64", "int64", "string"]
    assert table.schema.metadata is None


def test_the_manifest_says_what_was_run_where_and_with_what(result, saved: Path) -> None:
    manifest = json.loads((saved / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["id"] == result.id
    assert manifest["study"]["seed"] == 1
    assert manifest["study"]["scenario"]["demand"] == 1.1
    assert manifest["study"]["policies"][1]["levers"]
    assert {"python", "kinerja-lab", "numpy", "simpy", "pandas"} <= set(manifest["versions"])
    assert {"system", "processor", "cpus"} <= set(manifest["machine"])
    assert manifest["seconds"] > 0
    assert set(manifest["commit"] or {"hash", "dirty"}) == {"hash", "dirty"}
    assert any(name.startswith("evidence/") for name in manifest["data"])
    assert set(manifest["files"]) == set(FILES)


@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
@pytest.mark.parametrize("damage", ["truncated", "edited", "empty", "missing"])
def test_damage_is_named(saved: Path, name: str, damage: str) -> None:
    path = saved / name
    data = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        middle = len(data) // 2
        changed = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
        path.write_bytes({"truncated": data[:middle], "edited": changed, "empty": b""}[damage])
    with pytest.raises(DamagedResult, match=name.replace(".", r"\.")):
        load_result(saved)


def test_an_honest_looking_edit_of_the_manifest_is_noticed(saved: Path) -> None:
    path = saved / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["study"]["seed"] = 2
    path.write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    with pytest.raises(DamagedResult, match="truncated or edited"):
        load_result(saved)


def test_a_folder_that_is_no_result_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(DamagedResult, match=r"there is no manifest\.json"):
        load_result(tmp_path)


def test_a_new_result_replaces_the_old_one_as_a_whole(saved: Path) -> None:
    (saved / "brief.html").write_text("old", encoding="utf-8")
    run(study(seed=2)).save(saved)
    assert load_result(saved).manifest["study"]["seed"] == 2
    assert not (saved / "brief.html").exists()
    assert [p.name for p in saved.parent.iterdir()] == [saved.name]


def test_other_files_are_never_replaced_by_a_result(result, tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("years of work", encoding="utf-8")
    with pytest.raises(KinerjaError, match="holds other files"):
        result.save(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.docx"]


@pytest.mark.parametrize("file", range(len(FILES) + 1))
def test_a_full_disk_leaves_the_old_result_and_nothing_else(
    result, saved: Path, monkeypatch: pytest.MonkeyPatch, file: int
) -> None:
    """The disk is full at the first, second... file."""
    import sim.runs.results as store

    left = [file]

    def full(write):
        def writing(*given, **more):
            left[0] -= 1
            if left[0] < 0:
                raise OSError(28, "No space left on device")
            return write(*given, **more)

        return writing

    monkeypatch.setattr(store.pq, "write_table", full(store.pq.write_table))
    monkeypatch.setattr(store, "_write_json", full(store._write_json))
    before = {p.name: p.read_bytes() for p in saved.iterdir()}
    with pytest.raises(KinerjaError, match="No space left on device"):
        run(study(seed=2)).save(saved)
    assert {p.name: p.read_bytes() for p in saved.iterdir()} == before
    assert [p.name for p in saved.parent.iterdir()] == [saved.name]


@pytest.fixture
def read_only(tmp_path: Path):
    if os.name == "nt" or os.geteuid() == 0:
        pytest.skip("an administrator may write anywhere")
    tmp_path.chmod(0o500)
    yield tmp_path
    tmp_path.chmod(0o700)


def test_a_read_only_folder_is_named(result, read_only: Path) -> None:
    with pytest.raises(KinerjaError, match="cannot be written"):
        result.save(read_only / "results" / "x")


def test_a_file_in_the_way_is_named(result, tmp_path: Path) -> None:
    (tmp_path / "results").write_text("", encoding="utf-8")
    with pytest.raises(KinerjaError, match="cannot be written"):
        result.save(tmp_path / "results" / "x")


def test_a_partial_result_does_not_take_the_place_of_a_whole_one(result, saved: Path) -> None:
    whole, left = Fixed(), [4]

    def interrupted(*given, **more):
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return whole(*given, **more)

    partial_result = run(study(), simulate=interrupted, out=saved.parent)
    folder = result_folder(partial_result, saved.parent)
    assert partial_result.id == result.id
    assert folder != saved
    assert load_result(folder).partial
    assert not load_result(saved).partial


def test_a_lever_this_version_does_not_know_is_not_guessed(saved: Path) -> None:
    import sim.runs.results as store

    path = saved / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["study"]["policies"][1]["levers"][0]["lever"] = "telepathy"
    manifest.pop("digest")
    store._write_json(path, {**manifest, "digest": store._own_digest(manifest)})
    again = load_result(saved)
    assert again.manifest["not_restored"] == ["often"]
    assert len(again.table("waiting_minutes")) == 3
    with pytest.raises(KinerjaError, match="no code is read from files"):
        again.trace("often", 0, "dukcapil")


@pytest.mark.parametrize(
    ("value", "lost"), [({}, []), ({"dukcapil.waiting": 0.2}, ["scenario.expectations"])]
)
def test_an_older_scenario_opens_and_what_has_no_place_any_more_is_named(saved: Path, value, lost) -> None:
    import sim.runs.results as store

    path = saved / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["study"]["scenario"]["expectations"] = value
    manifest.pop("digest")
    store._write_json(path, {**manifest, "digest": store._own_digest(manifest)})
    again = load_result(saved)
    assert again.manifest["not_restored"] == lost
    assert again.scenario == Scenario(demand=1.1)


def test_results_may_be_moved(saved: Path, tmp_path: Path) -> None:
    shutil.move(saved, tmp_path / "elsewhere")
    assert load_result(tmp_path / "elsewhere").id


def test_a_result_of_any_kind_reads_as_it_was_written(tmp_path: Path) -> None:
    frame = pd.DataFrame({"n": [3, 1], "x": [np.nan, -0.0], "text": ["é", None], "sure": [True, False]})
    frame["kind"] = pd.Categorical(["b", "b"], categories=["b", "a"])
    documents = {"agency": {"name": "x", "units": [1, 2.5, None]}, "why": ["é"]}
    folder = write_result(
        tmp_path / "r", tables={"steps": frame, "none": frame[:0]}, documents=documents, manifest={"id": "x"}
    )
    tables, read, manifest = read_result(folder)
    pd.testing.assert_frame_equal(tables["steps"], frame, check_exact=True)
    pd.testing.assert_frame_equal(tables["none"], frame[:0], check_exact=True)
    assert list(tables) == ["steps", "none"]
    assert read == documents
    assert manifest["id"] == "x"
    with pytest.raises(KinerjaError, match="another kind"):
        load_result(folder)


def test_a_table_with_an_index_of_its_own_is_refused(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": [1.0, 2.0]}, index=["a", "b"])
    with pytest.raises(ValueError, match="table steps: its index would be lost"):
        write_result(tmp_path / "r", tables={"steps": frame}, documents={}, manifest={})
    assert list(tmp_path.iterdir()) == []


def test_what_killed_writers_left_is_removed_but_not_what_others_are_writing(saved: Path) -> None:
    folder = saved.parent
    for name in ("dead", "busy"):
        (folder / f".{saved.name}-{name.encode().hex()}").mkdir()
    long_ago = time.time() - 7200
    os.utime(folder / f".{saved.name}-{b'dead'.hex()}", (long_ago, long_ago))
    (folder / ".notes-12345678").mkdir()
    os.utime(folder / ".notes-12345678", (long_ago, long_ago))
    run(study()).save(saved)
    assert {p.name for p in folder.iterdir()} == {
        saved.name,
        f".{saved.name}-{b'busy'.hex()}",
        ".notes-12345678",
    }


def test_two_that_finish_at_once_leave_one_whole_result(result, tmp_path: Path) -> None:
    folder = tmp_path / "r"
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: result.save(folder), range(24)))
    assert load_result(folder).id == result.id
    assert [path.name for path in tmp_path.iterdir()] == ["r"]
