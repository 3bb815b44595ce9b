"""Claim: `kinerja repeat` says "the same" only of the same bytes, else which column differs and what has changed."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from runs_sample import fixed, study

import sim.runs.results as store
import sim.study.repeat as repeat_module
from sim.agency import load_agency, write_agency
from sim.cli import main
from sim.errors import KinerjaError
from sim.evidence import NO_EFFECT
from sim.levers import Feedback, Lever, Policy, status_quo
from sim.runs.results import DamagedResult, read_result
from sim.study import CompareStudy, load_result, load_study, run_study, study_names
from sim.study.compare.run import compare
from sim.study.load import exact_spec
from sim.study.repeat import differing, repeat
from sim.world import Scenario


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of the model as small as they come; stopped by its precision, on an agency with one thing changed."""
    out = tmp_path_factory.mktemp("results")
    result = compare(
        "contoh", ["status_quo", "citizen_feedback"], years=1, replications=2, progress=False, workers=1
    )
    return result.save(out / result.id)


def edited(saved: Path, folder: Path, **changes: object) -> Path:
    """A copy of a result whose manifest says something else, vouched for anew."""
    tables, documents, manifest = read_result(saved)
    for frame in (tables["outcomes"],):
        frame.loc[frame.index[:3], "waiting_minutes"] += 0.25
    return store.write_result(folder, tables=tables, documents=documents, manifest={**manifest, **changes})


def test_the_same_is_the_same(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path.name: path.read_bytes() for path in saved.iterdir()}
    assert main(["repeat", str(saved), "--lang", "en", "--workers", "1"]) == 0
    out = capsys.readouterr().out
    assert "The same bytes: outcomes, summary, costs." in out
    assert "DIFFERENT" not in out
    assert {path.name: path.read_bytes() for path in saved.iterdir()} == before


def test_what_differs_is_named_with_what_changed(
    saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = json.loads((saved / "manifest.json").read_text(encoding="utf-8"))
    then = {
        "versions": {**manifest["versions"], "numpy": "1.0"},
        "commit": {"hash": "0123456789abcdef", "dirty": True},
        "data": {**manifest["data"], "evidence/gone.csv": "0"},
    }
    other = edited(saved, tmp_path / "other", **then)
    again = load_result(saved)  # what a run gives is known: it need not be run once more
    monkeypatch.setattr(CompareStudy, "run", lambda self, **how: again)
    assert main(["repeat", str(other), "--lang", "en", "--workers", "1"]) == 1
    out = capsys.readouterr().out
    assert "The same bytes: summary, costs." in out
    assert "DIFFERENT: outcomes, waiting_minutes: 2 of 144 rows, by up to 0.25" in out
    assert out.count("DIFFERENT") == 1
    assert "numpy: 1.0 -> " in out
    assert "commit: 0123456789ab with changes -> " in out
    assert "data/evidence/gone.csv: 0 -> -" in out
    assert "pandas: " not in out


def test_a_table_with_other_rows_or_columns_is_named() -> None:
    frame = pd.DataFrame({"x": [1.0, float("nan")], "unit": pd.Categorical(["a", "b"])})
    assert differing("t", frame, frame[:1])[0][:4] == ("t", "*", 1, 2)
    assert [row[1] for row in differing("t", frame, frame.assign(y=1.0))] == ["y"]
    assert [row[1] for row in differing("t", frame, frame.drop(columns="unit"))] == ["unit"]
    text = differing("t", frame, frame.assign(unit=["a", "c"]))
    assert text[0][1:4] == ("unit", 1, 2)
    assert differing("t", frame, frame.assign(x=[1.0, 0.0]))[0][2] == 1, "a value where there was none"
    assert differing("t", frame, frame) == [("t", "*", 0, 2, 0.0)]


def test_a_study_is_had_again_from_its_result(saved: Path, tmp_path: Path) -> None:
    _, documents, manifest = read_result(saved)
    assert exact_spec(documents, manifest).describe().id == saved.name
    write_agency(load_agency("contoh"), tmp_path / "mine")  # one that has no name to be found by
    before = status_quo().plus(Feedback(citizens=2), name="before")
    asked = CompareStudy(
        agency=load_agency(tmp_path / "mine"),
        policies=(status_quo(), Policy("other", (Feedback(),), before=before)),
        baseline="other",
        years=2,
        precision={"waiting_minutes": 2.0},
        scenario=Scenario(demand=1.1, effects={"feedback": NO_EFFECT}),
        headline=("cost",),
        question={"en": "Why?"},
    )
    documents = {"agency": dataclasses.asdict(asked.agency)}
    again = exact_spec(json.loads(json.dumps(documents)), {"study": asked.to_dict(), "partial": False})
    assert again == asked
    assert again.describe().id == asked.describe().id


def test_an_interrupted_result_is_repeated_as_far_as_it_went(saved: Path) -> None:
    _, documents, manifest = read_result(saved)
    study = {**manifest["study"], "replications": None, "precision": {"waiting_minutes": 1.0}}
    spec = exact_spec(documents, {**manifest, "study": study, "partial": True, "replications": 2})
    assert (spec.replications, dict(spec.precision)) == (2, {})


class Mine(Lever):
    """A lever of a notebook."""

    def run(self, world):
        yield world.clock.next("month")


def test_a_lever_of_a_notebook_is_not_guessed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = study(policies=(status_quo(), status_quo().plus(Mine(), name="mine")), replications=1)
    folder = run_study(own, simulate=fixed, progress=False, workers=1).save(tmp_path / "r")
    assert main(["repeat", str(folder), "--lang", "en"]) == 2
    assert "mine has a lever that was defined in a notebook" in capsys.readouterr().err


def test_damage_is_told_before_anything_runs(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(saved, tmp_path / "copy"))
    (folder / "costs.parquet").write_bytes(b"")
    monkeypatch.setattr(repeat_module, "exact_spec", None)
    with pytest.raises(DamagedResult, match=r"costs\.parquet.*truncated or edited.*again"):
        repeat(folder)


def test_another_kind_that_is_not_known_is_refused(saved: Path) -> None:
    _, documents, manifest = read_result(saved)
    with pytest.raises(KinerjaError, match="kind 'seance', which this version does not know"):
        exact_spec(documents, {**manifest, "study": {**manifest["study"], "kind": "seance"}})


@pytest.mark.parametrize("name", study_names())
def test_studies_of_every_kind_are_had_again(name: str) -> None:
    asked = load_study(name)
    told = asked.to_dict()
    agencies = {"agency": asked.agency, **{f"agency-{a.name}": a for a in getattr(asked, "others", ())}}
    documents = {key: dataclasses.asdict(agency) for key, agency in agencies.items()}
    plain = json.loads(json.dumps([documents, {"study": told, "partial": False}]))
    again = exact_spec(*plain)
    assert again == asked
    assert again.describe().id == asked.describe().id


def test_what_a_manifest_cannot_tell_is_refused() -> None:
    asked = load_study("robust_contoh")
    told = asked.to_dict() | {"uncertainties": {"utilisation": None}}
    documents = {"agency": dataclasses.asdict(asked.agency)}
    with pytest.raises(KinerjaError, match="uncertainties cannot be restored"):
        exact_spec(documents, {"study": told, "partial": False})
