"""Claim: what notebooks read from data/saved is what the model gives, and answers what the notebook compares.

One replication of a policy of every saved result is run again and compared byte by byte; ``make proof-saved`` runs
them whole.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import sim
from sim.runs.job import ORDER
from sim.runs.replicate import run_jobs
from sim.runs.search_runs import SearchRuns
from sim.study import load_result, load_study
from sim.study.robust.run import jobs_of
from sim.study.saved import compare_saved, saved_result
from validation.saved import FOLDER, LARGEST, names, notebooks


@pytest.mark.parametrize("name", names())
def test_one_replication_is_the_same_to_the_byte(name: str) -> None:
    saved = load_result(FOLDER / name)
    assert saved.manifest["not_restored"] == []
    last = saved.policies[-1]
    again = sim.compare(
        saved.agency,
        [last],
        years=saved.manifest["study"]["years"],
        seed=saved.manifest["study"]["seed"],
        scenario=saved.scenario,
        replications=1,
        workers=1,
        progress=False,
    )
    for table, keys in ORDER.items():
        kept, new = (by_name(result.tables()[table], keys) for result in (saved, again))
        kept = kept[(kept["replication"] == 0) & (kept["policy"] == last.name)]
        assert table == "outcomes" or list(kept.columns) == list(new.columns)
        for column in kept.columns:
            assert plain(kept[column]) == plain(new[column]), (table, column)


def by_name(frame: pd.DataFrame, keys: tuple[str, ...]) -> pd.DataFrame:
    """In the order of the keys' names: the order of levers in a table depends on all policies of a study."""
    return frame.sort_values(
        list(keys), key=lambda column: column if column.dtype.kind == "i" else column.astype(str)
    )


def plain(values: pd.Series) -> bytes | list[str]:
    numbers = pd.api.types.is_numeric_dtype(values)
    return values.to_numpy(np.float64).tobytes() if numbers else values.astype(str).tolist()


def test_one_run_of_the_robust_study_is_the_same_to_the_byte() -> None:
    study = load_study("robust_three_governments")
    saved = saved_result("robust_three_governments", study)
    futures = study.space.futures(study.futures, study.seed)
    pd.testing.assert_frame_equal(study.space.table(futures), saved.futures, check_exact=True)
    job = next(job for job in jobs_of(study, futures) if job.key[:3] == (2, 0, 1))  # Makassar, feedback
    ((_, tables, _),) = run_jobs([job])
    new = tables.summary.query("unit == '*'").iloc[0]
    kept = saved.runs.query(
        "agency == 'makassar' and policy == 'citizen_feedback' and future == 0 and repeat == 0"
    )
    for outcome in study.outcomes:
        assert kept[outcome].item() == new[outcome], outcome


SEARCHES = sorted(
    {path.parent.name for kind in ("points", "screening") for path in FOLDER.glob(f"*/{kind}.parquet")}
)


@pytest.mark.parametrize("name", SEARCHES)
def test_one_run_of_a_search_is_the_same_to_the_byte(name: str) -> None:
    """The last policy that the search ran, in replication 0; a dose is that of the policy."""
    saved = load_result(FOLDER / name)
    spec = saved.spec
    runs = SearchRuns(
        saved.agency, seed=spec.seed, months=12 * spec.years, scenario=spec.scenario, futures=spec.futures
    )
    kept = (saved.runs if name == "21-selection" else saved.points).query("replication == 0").iloc[-1]
    if name[:2] == "20":
        policy, outcomes = spec.at(kept["dose"]), {spec.outcome: kept["value"]}
    else:
        policy = next(policy for policy in saved.policies if policy.name == kept["policy"])
        outcomes = kept.drop(["policy", "replication", "window", "cost"], errors="ignore").to_dict()
    runs.run([(policy, 0)])
    new = runs.table().iloc[-1]
    for outcome, value in outcomes.items():
        assert np.float64(new[outcome]).tobytes() == np.float64(value).tobytes(), outcome


@pytest.mark.parametrize("name", [path.name for path in sorted(FOLDER.iterdir())])
def test_saved_results_are_small(name: str) -> None:
    assert sum(path.stat().st_size for path in (FOLDER / name).iterdir()) <= LARGEST


def test_every_saved_comparison_is_read_by_the_notebook_whose_number_it_bears() -> None:
    """That it answers just what the notebook compares is seen when the notebook runs: tests/conftest.py."""
    numbers = {path.name[:2] for path in notebooks()} - {"23"}  # its study is one of data/studies
    assert {path.name[:2] for path in FOLDER.glob("[0-9]*")} == numbers


def test_a_changed_study_is_run_and_not_read() -> None:
    saved = load_result(FOLDER / names()[0])
    design = {"years": 1, "replications": 1, "seed": 7}
    with pytest.warns(UserWarning, match="The saved result"):
        run = compare_saved(names()[0], "contoh", ["status_quo", "kpi_speed"], **design)
    assert run.replications == 1 != saved.replications
    kept = saved.manifest["study"]
    again = compare_saved(
        names()[0],
        saved.agency,
        saved.policies,
        **{key: kept[key] for key in ("years", "replications", "seed")},
        scenario=saved.scenario,
    )
    pd.testing.assert_frame_equal(again.tables()["summary"], saved.tables()["summary"])
