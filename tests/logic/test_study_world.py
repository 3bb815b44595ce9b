"""Claim: a study of the real world is its runs, whoever ran them: alone or together, here or in workers, now or
repeated from what was kept of it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from sim.agency import load_agency
from sim.errors import KinerjaError
from sim.levers import load_policy
from sim.runs.job import ORDER
from sim.runs.run import simulate
from sim.study import CompareResult, load_result, load_study, run_study
from sim.study.compare.run import compare
from sim.study.study_yaml import study_yaml

TABLES = ("outcomes.parquet", "summary.parquet", "costs.parquet")


@pytest.fixture(scope="module")
def result() -> CompareResult:
    """One year of the small agency, eight replications in two workers."""
    policies = ["status_quo", "feedback_and_training"]
    return compare("contoh", policies, years=1, replications=8, workers=2, progress=False)


def test_replication_seven_alone_is_replication_seven_of_a_study(result: CompareResult) -> None:
    alone = simulate(load_agency("contoh"), load_policy("feedback_and_training"), replication=7, months=12)
    for table, order in ORDER.items():
        study = result.tables()[table]
        part = study[(study["policy"] == "feedback_and_training") & (study["replication"] == 7)]
        own = getattr(alone, table)
        part = part.drop(columns=["policy", "replication"]).astype(own.dtypes)
        part, own = (frame.sort_values(list(order[2:]), ignore_index=True) for frame in (part, own))
        pd.testing.assert_frame_equal(part, own, check_exact=True)


def test_replications_differ(result: CompareResult) -> None:
    assert result.differences("waiting_minutes")["difference"].nunique() == 8


def test_what_was_kept_runs_to_the_same_bytes_on_one_worker(result: CompareResult, tmp_path: Path) -> None:
    """By way of the file a brief prints under "repeat"."""
    kept = result.save(tmp_path / "kept")
    file = tmp_path / "again.yaml"
    file.write_text(study_yaml(load_result(kept)), encoding="utf-8")
    study = load_study(file)
    assert study.describe().id == result.id
    again = run_study(study, workers=1, progress=False).save(tmp_path / "again")
    assert [(again / name).read_bytes() for name in TABLES] == [(kept / name).read_bytes() for name in TABLES]


def test_a_trace_is_the_run_case_by_case(result: CompareResult) -> None:
    log = result.trace("feedback_and_training", 3, "dukcapil")
    months = result.outcomes
    months = months[
        (months["policy"] == "feedback_and_training")
        & (months["replication"] == 3)
        & (months["unit"] == "dukcapil")
    ]
    requests = log[log["service"] != "complaint"]
    assert (requests["status"] == "done").sum() == months["served"].sum()
    assert requests["status"].isin(["left", "lost"]).sum() == months["left"].sum()
    assert log["sent_home"].sum() == months["sent_home"].sum()


def test_a_trace_of_what_is_not_there_is_refused(result: CompareResult) -> None:
    with pytest.raises(KinerjaError, match="no policy 'both'"):
        result.trace("both", 0, "dukcapil")
    with pytest.raises(KinerjaError, match="no unit 'samsat'"):
        result.trace("status_quo", 0, "samsat")


def test_every_window_and_unit_has_its_table(result: CompareResult) -> None:
    assert result.windows[0] == "1-12"
    for unit in ("*", "dukcapil"):
        table = result.table("served", unit=unit)
        assert table["mean"].gt(0).all()
    with pytest.raises(KinerjaError, match="no window '25-36'"):
        result.table(window="25-36")
    with pytest.raises(KinerjaError, match="no outcome 'waiting'"):
        result.table("waiting")


def test_the_costs_of_levers_add_up_to_the_cost_of_the_policy(result: CompareResult) -> None:
    levers = result.costs_by_lever().groupby("policy", observed=True)["rupiah"].sum()
    policy = result.table("cost").set_index("policy")["mean"]
    assert policy["feedback_and_training"] > 0
    assert levers["feedback_and_training"] == pytest.approx(policy["feedback_and_training"])
