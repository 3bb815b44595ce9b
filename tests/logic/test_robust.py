"""A robust study: the same futures and luck for every policy, answers that follow from its runs, files and words."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from itertools import pairwise

import futures_sample as sample
import numpy as np
import pytest

from sim.errors import KinerjaError, Message, Problems
from sim.levers.policy import load_policy
from sim.runs.futures import uncertainties
from sim.study import load_result, run_study
from sim.study.load import load_study
from sim.study.robust import figure as draw
from sim.study.robust import report as told
from sim.study.robust.design import RobustStudy
from sim.study.robust.run import jobs_of
from sim.study.sensitivity import report as told_sensitivity
from sim.study.sensitivity.design import SensitivityStudy


@pytest.fixture(scope="module")
def found():
    return run_study(sample.spec(), workers=1, progress=False, simulate=sample.simulate)


# what is run


def test_every_policy_meets_the_same_futures_and_luck_and_every_future_other_luck():
    spec = sample.spec(futures=10, repeated=2)
    jobs = list(jobs_of(spec, spec.space.futures(10, spec.seed)))
    assert len(jobs) == 3 * (10 + 2)
    by_future = {}
    for job in jobs:
        _, future, _, repeat = job.key
        by_future.setdefault((future, repeat), []).append(job)
    for jobs_here in by_future.values():
        assert len({job.replication for job in jobs_here}) == 1
        assert all(job.scenario == jobs_here[0].scenario for job in jobs_here)
        assert all(job.agency == jobs_here[0].agency for job in jobs_here)
    assert len({jobs_here[0].replication for jobs_here in by_future.values()}) == len(by_future)
    scenarios = [by_future[future, 0][0].scenario for future in range(10)]
    assert all(a != b for a, b in pairwise(scenarios))
    assert by_future[0, 0][0].scenario == by_future[0, 1][0].scenario


def test_every_government_meets_the_same_futures():
    spec = sample.spec(futures=10, repeated=0, others=("jambi",))
    jobs = {job.key: job for job in jobs_of(spec, spec.space.futures(10, spec.seed))}
    here, there = jobs[0, 4, 1, 0], jobs[1, 4, 1, 0]
    assert here.scenario == there.scenario
    assert (here.agency.name, there.agency.name) == ("contoh", "jambi")


# what is found


def test_gains_regret_and_winners_are_those_of_the_model(found):
    u = found.futures
    feedback = 1 + 1.5 * sample_deviates(found)
    digital = 20 * 0.4 * u["digital_uptake"] * (u["utilisation"] - 0.7)
    true = np.stack([np.zeros(len(u)), feedback, digital], axis=1)
    gain = found.gains()
    assert np.abs(gain - true).max() < 1.4  # luck of single runs is left, drawn in a little
    assert np.abs(gain.mean(axis=0) - true.mean(axis=0)).max() < 0.15
    table = found.table("waiting_minutes").set_index("policy")
    known = true.max(axis=1, keepdims=True) - true
    assert table["regret"].to_numpy() == pytest.approx(known.mean(axis=0), abs=0.15)
    wins = [(true.argmax(axis=1) == p).mean() for p in range(3)]
    assert table["wins"].to_numpy() == pytest.approx(wins, abs=0.1)
    assert (table["wins_surely"] <= table["wins"]).all()
    assert table.loc["citizen_feedback", "noise_sd"] == pytest.approx(sample.LUCK * np.sqrt(2), rel=0.35)
    assert table.loc["citizen_feedback", "futures_sd"] == pytest.approx(true[:, 1].std(), rel=0.1)
    row = table.loc["citizen_feedback"]
    assert row["future_low"] < row["low"] < row["difference"] < row["high"] < row["future_high"]


def sample_deviates(found):
    futures = found.spec.space.futures(found.spec.futures, found.spec.seed)
    return np.array([future.deviates["feedback"] for future in futures])


def test_targets_are_shares_of_futures(found):
    share = found.satisficing()
    values = found.values("waiting_minutes")[:, 0, 0]
    met = share[(share["policy"] == "status_quo") & (share["outcome"] == "waiting_minutes")]["share"].item()
    assert met == pytest.approx((values <= 17).mean(), abs=0.05)
    every = share[share["outcome"] == "*"].set_index("policy")["share"]
    assert (every <= share[share["outcome"] == "waiting_minutes"].set_index("policy")["share"]).all()


def test_the_parameter_that_decides_is_the_one_of_the_model(found):
    table = found.what_decides()
    assert table["parameter"].iloc[0] == "evidence.feedback"
    assert table["p"].iloc[0] < 0.01
    assert table["share"].iloc[0] > 0.6
    assert table["low"].iloc[0] < 0 < table["high"].iloc[0]
    assert table["value"].iloc[0] <= found.value_of_everything() + 1e-9
    box = found.where("citizen_feedback")
    assert box.limits[0].name == "evidence.feedback"
    assert box.limits[0].low == -np.inf
    assert box.density > 0.8


def test_choices_are_told_for_every_government_and_reading(found):
    choices = found.choices().set_index("preset")
    assert list(choices.index) == ["*", "published", "shrunk", "indonesia"]
    assert choices.loc["*", "n"] == 60
    assert choices.loc[["published", "shrunk", "indonesia"], "n"].sum() == 60
    best, second = found.pair()
    assert (best, second) == ("citizen_feedback", "digital_with_ict")
    lead = found.gains()[:, 1] - found.gains()[:, 2]
    assert choices.loc["*", "lead"] == pytest.approx(lead.mean())


def test_an_interruption_keeps_whole_futures():
    spec = sample.spec(futures=20, repeated=0)
    calls = []

    def stops(agency, policy, **known):
        calls.append(1)
        if len(calls) > 16:
            raise KeyboardInterrupt
        return sample.simulate(agency, policy, **known)

    partial = run_study(spec, workers=1, progress=False, simulate=stops)
    assert partial.partial
    assert len(partial.futures) == 5
    assert partial.runs["future"].max() == 4
    assert not partial.runs["waiting_minutes"].isna().any()


def test_a_result_on_disk_is_what_was_found_and_of_this_study_only(found, tmp_path):
    folder = found.save(tmp_path / "r")
    again = load_result(folder, found.spec)
    assert again.spec == found.spec
    assert again.table().equals(found.table())
    with pytest.raises(KinerjaError, match="another study"):
        load_result(folder, replace(found.spec, seed=2))


# what is asked


def test_everything_wrong_is_told_at_once():
    with pytest.raises(Problems) as told_at:
        sample.spec(
            policies=(load_policy("status_quo"),),
            presets=("printed",),
            futures=3,
            targets={"waiting": 3},
            others=("nowhere",),
        )
    columns = {problem.column for problem in told_at.value.problems}
    assert {"policies", "presets", "futures", "targets.waiting", "others"} <= columns


def test_uncertainties_of_a_file_are_named_with_or_without_a_range():
    spec = sample.spec(uncertainties={"demand": [1.0, 1.3], "utilisation": None})
    assert [(u.key, u.high) for u in spec.uncertainties] == [("demand", 1.3), ("utilisation", 0.95)]
    assert sample.spec(uncertainties=()).uncertainties == uncertainties()
    with pytest.raises(Problems, match="did you mean 'demand'"):
        sample.spec(uncertainties={"demmand": None})


@pytest.mark.parametrize("name", ["robust_contoh", "robust_three_governments", "sensitivity"])
def test_shipped_studies_are_read(name):
    spec = load_study(name)
    assert isinstance(spec, RobustStudy)
    assert load_study(name).describe().id == spec.describe().id
    assert load_study(name, seed=7).describe().id != spec.describe().id


# what people read


@pytest.mark.parametrize("lang", ["id", "en"])
def test_the_answer_is_told_in_both_languages(found, lang):
    lines = [told.sentence(found, lang=lang), *told.details(found, lang=lang)]
    assert found.policies[1].label(lang=lang) in lines[0]
    assert not re.search(r"\bnan\b|[{}]", " ".join(lines))


def test_the_brief_has_its_figures_and_says_where_ranges_come_from(found, tmp_path):
    page = told.write_brief(found, tmp_path / "brief.html", lang="id").read_text(encoding="utf-8")
    assert page.count("<img ") == 4
    assert told.sentence(found, lang="id")[-20:] in page
    assert all(
        Message(u.source).text(lang="id")[:20] in html.unescape(page) for u in found.spec.uncertainties
    )


def test_where_no_box_is_found_none_is_drawn(found):
    assert draw.box(found, "citizen_feedback") is not None
    never = run_study(
        sample.spec(
            futures=12,
            repeated=0,
            targets={},
            policies=found.policies[:2],
            uncertainties=uncertainties("demand"),
        ),
        workers=1,
        progress=False,
        simulate=always_better,
    )
    assert draw.box(never, "citizen_feedback") is None
    assert "semua skenario" in "".join(told.details(never, lang="id"))


def always_better(agency, policy, **known):
    tables = sample.simulate(agency, policy, **known)
    tables.summary["waiting_minutes"] = 10.0 if policy.name == "citizen_feedback" else 12.0
    return tables


def test_a_sensitivity_analysis_finds_what_the_model_rests_on(tmp_path):
    spec = SensitivityStudy(
        **{
            key: getattr(sample.spec(), key)
            for key in ("agency", "policies", "uncertainties", "headline", "years", "seed")
        },
        futures=60,
        repeated=10,
        trajectories=4,
    )
    found = spec.run(workers=1, progress=False, simulate=sample.simulate)
    table = found.table().set_index("parameter")
    assert found.table()["parameter"].iloc[0] == "evidence.feedback"
    assert table["total"].idxmax() == "evidence.feedback"
    assert table["mu_star"].idxmax() == "evidence.feedback"
    assert table.loc["retirement", "mu_star"] < 0.2 * table.loc["evidence.feedback", "mu_star"]
    assert 0.5 < found.accuracy <= 1
    assert found.policies[1].label(lang="en") in told_sensitivity.sentence(found, lang="en")
    page = told_sensitivity.write_brief(found, tmp_path / "brief.html", lang="en").read_text(encoding="utf-8")
    assert page.count("<img ") == 2
    folder = found.save(tmp_path / "s")
    assert (folder / "parameters.parquet").is_file()
    again = load_result(folder, spec)
    assert again.table().equals(found.table())
    assert (again.accuracy, again.pair, again.spec) == (found.accuracy, found.pair, spec)
