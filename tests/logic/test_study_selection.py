"""Claim: a selection runs only the policies still in, on the same luck, and its result says who was out when."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import study_sample as sample

from sim.agency import load_agency
from sim.errors import Problems
from sim.runs.results import read_result
from sim.study import load_study
from sim.study.registry import report_of
from sim.study.selection.design import SelectionStudy
from sim.study.selection.result import SelectionResult
from sim.study.study_yaml import study_yaml


@pytest.fixture(scope="module")
def agency():
    return load_agency("contoh")


@pytest.fixture(scope="module")
def asked(agency) -> SelectionStudy:
    return SelectionStudy(
        agency=agency,
        policies=sample.policies(),
        outcome="waiting_minutes",
        indifference=0.5,
        years=1,
        question={"en": "Which?"},
    )


@pytest.fixture(scope="module")
def found(asked) -> SelectionResult:
    return asked.run(workers=1, progress=False, simulate=sample.run)


def test_the_best_is_found_and_the_rest_are_screened_out(found: SelectionResult) -> None:
    assert found.best == "better"  # waiting is less
    assert found.decided
    assert not found.partial
    table = found.table().set_index("policy")
    assert table.index[0] == "better"
    assert (table.loc[["base", "worse"], "screened_at"] > 0).all()
    assert (table.loc[["base", "worse"], "difference"] > 0).all()
    assert table.loc["worse", "variance_saved"] > 0.9


def test_a_policy_that_is_out_is_run_no_more(asked, agency) -> None:
    calls: list[tuple[str, int]] = []

    def counting(agency, policy, **given) -> sample.Run:
        calls.append((policy.name, given["replication"]))
        return sample.run(agency, policy, **given)

    found = asked.run(workers=1, progress=False, simulate=counting)
    assert len(calls) == len(set(calls)) == len(found)
    most = found.screening.set_index("policy")["replications"]
    assert all(max(r for name, r in calls if name == policy) + 1 == n for policy, n in most.items())
    assert most["worse"] <= most["better"]


def test_the_indifference_zone_decides_how_much_is_run(agency, asked) -> None:
    narrow = SelectionStudy(
        agency=agency, policies=sample.policies(), outcome="waiting_minutes", indifference=0.02, years=1
    )
    assert len(narrow.run(workers=1, progress=False, simulate=sample.run)) > len(
        asked.run(workers=1, progress=False, simulate=sample.run)
    )


def test_it_stops_at_the_cap_and_says_that_it_is_undecided(agency) -> None:
    same = SelectionStudy(
        agency=agency,
        policies=sample.policies("base", "better"),
        outcome="served",
        indifference=1e-6,
        max_replications=12,
        years=1,
    )

    def noisy(agency, policy, **given) -> sample.Run:
        tables = sample.run(agency, policy, **given)
        rng = np.random.default_rng([len(policy.name), given["replication"]])
        return tables._replace(summary=tables.summary.assign(served=rng.standard_normal(len(tables.summary))))

    found = same.run(workers=1, progress=False, simulate=noisy)
    assert not found.decided
    assert found.manifest["replications"] == 12
    assert "Not yet clear" in found.sentence(lang="en")


def test_an_interruption_keeps_what_was_there(asked) -> None:
    calls = 0

    def stopping(agency, policy, **given) -> sample.Run:
        nonlocal calls
        calls += 1
        if calls > 31:
            raise KeyboardInterrupt
        return sample.run(agency, policy, **given)

    hard = SelectionStudy(**{**vars(asked), "indifference": 1e-9})
    found = hard.run(workers=1, progress=False, simulate=stopping)
    assert found.partial
    assert not found.decided
    assert found.manifest["replications"] == 10


@pytest.mark.parametrize("lang", ["id", "en"])
def test_it_is_told_in_both_languages(found: SelectionResult, tmp_path: Path, lang: str) -> None:
    report = report_of("selection")
    page = report.write_brief(found, tmp_path / "brief.html", lang=lang).read_text(encoding="utf-8")
    assert found.sentence(lang=lang)[:20] in page.replace("<strong>", "“").replace("</strong>", "”")
    assert "data:image/svg+xml" in page
    assert len(report.details(found, lang=lang)) == 4


def test_it_is_saved_whole_and_its_file_asks_the_same(found: SelectionResult, asked, tmp_path: Path) -> None:
    tables, documents, manifest = read_result(found.save(tmp_path / "x"))
    assert manifest["best"] == "better"
    assert manifest["kind"] == "selection"
    assert len(tables["runs"]) == len(found.runs)
    assert documents["agency"]["name"] == "contoh"
    file = tmp_path / "study.yaml"
    file.write_text(study_yaml(found), encoding="utf-8")
    assert load_study(file).describe().id == found.id


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    file.write_text(
        "kind: selection\nagency: contoh\npolicies: [status_quo]\noutcome: served_\nindifference: 0\n"
        "probability: 0.2\nfutures: 1\n",
        encoding="utf-8",
    )
    with pytest.raises(Problems) as caught:
        load_study(file)
    assert {(p.row, p.column) for p in caught.value.problems} == {
        (3, "policies"),
        (4, "outcome"),
        (5, "indifference"),
        (6, "probability"),
        (7, "futures"),
    }


def test_only_those_still_in_are_run_on(agency) -> None:
    """Two that are close need many replications; a third that is far off gets the first stage only."""
    calls: dict[str, int] = {}

    def close(agency, policy, **given) -> sample.Run:
        calls[policy.name] = calls.get(policy.name, 0) + 1
        tables = sample.run(agency, policy, **given)
        mean = {"base": 20.0, "better": 19.5, "worse": 40.0}[policy.name]
        luck = np.random.default_rng([len(policy.name), ord(policy.name[0]), given["replication"]])
        return tables._replace(summary=tables.summary.assign(waiting_minutes=mean + luck.standard_normal()))

    study = SelectionStudy(
        agency=agency, policies=sample.policies(), outcome="waiting_minutes", indifference=0.5, years=1
    )
    found = study.run(workers=1, progress=False, simulate=close)
    assert found.best == "better"
    assert calls["worse"] == 10
    assert calls["better"] > 10
    assert found.screening.set_index("policy").loc["worse", "screened_at"] == 10
