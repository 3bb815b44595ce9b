"""Claim: what policies do to groups of officers is read from the very officers of the runs, person by person, and told
no surer than that."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.agency import load_agency
from sim.errors import KinerjaError, Problems
from sim.evidence import Effect
from sim.intervals import half_width
from sim.language import LANGUAGES
from sim.levers import Feedback, Lever, Policy, status_quo
from sim.outcomes import across_units
from sim.runs.results import DamagedResult, read_result
from sim.runs.run import RunTables, simulate
from sim.study import FairnessResult, FairnessStudy, load_result, load_study
from sim.study.fairness.groups import MEASURES, SPLITS
from sim.study.fairness.people import simulate_people
from sim.study.fairness.run import fairness
from sim.study.fairness.text import group_table
from sim.study.load import exact_spec
from sim.study.registry import report_of
from sim.study.repeat import repeat
from sim.study.study_yaml import study_yaml
from sim.world import Scenario

TODAY = status_quo()
TALKS = TODAY.plus(Feedback(supervisor=12), name="talks", label_id="Dialog", label_en="Talks")
N = 6
SHORT = Scenario(burn_in=6)
UNITS = ["disdik"] * 5 + ["dukcapil"] * 5


def made_up_run(agency, policy, *, seed, replication, months, scenario, shared: float = 0.0) -> RunTables:
    """Ten officers: "talks" lifts PPPK by 1 SD, harms the PNS who are not close, and a brilliant stranger comes.

    `shared` times the luck of the replication is added to everybody's performance under talks.
    """
    rng = np.random.default_rng([seed, replication])
    luck = rng.standard_normal()
    now = pd.DataFrame(
        {
            "unit": UNITS,
            "supervisor": [True, False, False, False, False] * 2,
            "pns": [True, True, True, False, False] * 2,
            "age": [52, 30, 40, 34.9, 50] * 2,
            "tenure": [20, 1, 9, 0.5, 3] * 2,
            "closeness": [0.0, -1, 1, -1, 1] * 2,
            "person": np.arange(10.0),
            "performance": rng.normal(size=10),
            "motivation": rng.normal(size=10),
            "workload": [0.0, 1, 1, 1, 2] * 2,
        }
    )
    if policy.name == "talks":
        now["performance"] += ~now["pns"] * 1.0 + shared * luck
        now["motivation"] -= 0.1 * (now["pns"] & (now["closeness"] < 0))
        now["motivation"] -= 0.005  # less than is felt
        now.loc[7, ["person", "performance", "motivation"]] = [
            99.0,
            8.0,
            -8.0,
        ]  # a PNS, close, another person
    end = now.assign(end=True, month=months, rating=np.nan, level=np.nan, gap=np.nan)
    rated = now.assign(
        end=False, month=4, workload=np.nan, rating=now["performance"] + 0.3 * now["closeness"]
    )
    rated["level"], rated["gap"] = np.where(rated["rating"] > 0, 3.0, 2.0), 0.3 * rated["closeness"]
    summary = pd.DataFrame({"window": f"1-{months}", "unit": ["*", "dukcapil", "disdik"]})
    summary["waiting_minutes"] = [9.0, 10 + luck - 2 * (policy.name == "talks"), np.nan]
    costs = pd.DataFrame({"lever": ["feedback"], "year": [1], "rupiah": [1e6], "officer_days": [0.0]})
    return RunTables(
        pd.concat([rated, end], ignore_index=True), summary, costs.iloc[: int(policy.name == "talks")]
    )


def asked(*more: Policy, **design) -> FairnessStudy:
    given = {"replications": N, "years": 1, "seed": 3, "scenario": SHORT, "splits": tuple(SPLITS)} | design
    return FairnessStudy(agency=load_agency("contoh"), policies=(TODAY, TALKS, *more), **given)


@cache
def made_up(shared: float = 0.0) -> FairnessResult:
    def run(*given, **more) -> RunTables:
        return made_up_run(*given, **more, shared=shared)

    return asked().run(workers=1, progress=False, simulate=run)


def told(by: str, measure: str, policy: str = "talks") -> pd.DataFrame:
    table = made_up().table(by, measure)
    return table[table["policy"] == policy].set_index("group")


def test_a_gain_stays_with_the_group_that_has_it_and_is_that_of_the_same_people() -> None:
    got = told("contract", "performance")
    assert got["difference"].to_dict() == pytest.approx(
        {"pppk": 1.0, "pns": 0.0}
    )  # the stranger is nobody's gain
    assert got["officers"].to_dict() == {"pns": 6, "pppk": 4}
    everyone = told("everyone", "performance")
    assert everyone["difference"]["everyone"] == pytest.approx(4 / 9)


def test_harm_is_counted_person_by_person() -> None:
    assert told("contract", "worse_off")["mean"].to_dict() == pytest.approx({"pns": 2 / 5, "pppk": 0.0})
    assert told("closeness", "worse_off")["mean"].to_dict() == pytest.approx({"close": 0.0, "not_close": 0.5})
    assert (told("everyone", "better_off")["mean"] == 0).all()
    assert (told("contract", "worse_off", "status_quo")["mean"] == 0).all()


def test_groups_are_those_said() -> None:
    assert told("tenure", "performance")["officers"].to_dict() == {"newcomer": 4, "settled": 6}
    assert told("age", "performance")["officers"].to_dict() == {"young": 4, "middle": 2, "older": 4}
    assert told("closeness", "performance")["officers"].sum() == 8  # supervisors are nobody's favourites
    units = told("unit", "workload")
    assert units["mean"]["disdik"] == pytest.approx(1.0)
    assert set(units.index) == {unit.unit for unit in load_agency("contoh").units}


def test_the_price_of_closeness_is_found() -> None:
    got = told("contract", "favouritism", "status_quo")["mean"]
    assert got["pns"] == pytest.approx(0.3)
    assert np.isnan(got["pppk"])  # four officers are too few for a slope
    gap = told("closeness", "rating_gap")["mean"]
    assert gap.to_dict() == pytest.approx({"close": 0.3, "not_close": -0.3})


def test_intervals_hold_for_all_groups_of_all_splits_at_once() -> None:
    table = made_up(shared=0.5).table("age", "performance").set_index(["group", "policy"])
    luck = [0.5 * np.random.default_rng([3, r]).standard_normal() for r in range(N)]
    row, groups = table.loc[("middle", "talks")], 1 + 2 + 2 + 2 + 3 + 3
    assert row["high"] - row["difference"] == pytest.approx(half_width(np.array(luck), n_intervals=groups))
    assert np.isnan(table.loc[("middle", "status_quo"), "low"])
    narrow = replace(made_up(shared=0.5), spec=replace(asked(), splits=("everyone",))).table(
        "age", "performance"
    )
    assert narrow["high"].sub(narrow["low"]).max() < table["high"].sub(table["low"]).max()


def test_who_gains_more_than_the_rest_is_told_within_the_same_run() -> None:
    """What a replication does to everybody alike is no difference between groups, and widens no interval of one."""
    gaps = made_up(shared=0.5).gaps().set_index("group")
    assert gaps.loc["pppk", ["gap", "low", "high"]].tolist() == pytest.approx([1.0] * 3)
    assert gaps.loc["pns", "gap"] == pytest.approx(-1.0)
    assert gaps.loc["close", "gap"] == pytest.approx(2 / 3 - 2 / 4)  # of the close, the stranger is left out
    assert gaps.loc["older", "gap"] == pytest.approx(2 / 4 - 2 / 5)
    assert "everyone" not in gaps.index
    gain = made_up(shared=0.5).table("contract", "performance").set_index(["group", "policy"])
    assert gain.loc[("pppk", "talks"), "high"] > 1.1


def test_what_changes_for_citizens_is_told_unit_by_unit() -> None:
    got = made_up().by_unit("waiting_minutes").set_index(["unit", "policy"])
    assert got.loc[("dukcapil", "talks"), ["difference", "low", "high"]].tolist() == pytest.approx([-2.0] * 3)
    assert {unit for unit, _ in got.index} == {"dukcapil"}  # the other units have no such outcome
    with pytest.raises(KinerjaError, match=r"no outcome 'waiting'.*mean 'waiting_"):
        made_up().by_unit("waiting")


@cache
def seen() -> tuple[pd.DataFrame, RunTables]:
    how = {"seed": 4, "replication": 0, "months": 4, "scenario": SHORT}
    agency = load_agency("contoh")
    people, plain = simulate_people(agency, TODAY, **how), simulate(agency, TODAY, **how)
    pd.testing.assert_frame_equal(people.summary, plain.summary)
    pd.testing.assert_frame_equal(people.costs, plain.costs)
    return people.outcomes, plain


def test_looking_changes_nothing_and_agrees_with_the_recorder() -> None:
    """Officers' rows give the same performance, validity and shares as the unit rows of an ordinary run."""
    people, plain = seen()
    end, rated, outcomes = people[people["end"]], people[~people["end"]], plain.outcomes
    last = outcomes[outcomes["month"] == 4].set_index("unit")["performance"]
    pd.testing.assert_series_equal(
        end.groupby("unit")["performance"].mean().sort_index(), last.sort_index(), check_names=False
    )
    agency = across_units(outcomes[outcomes["month"] == 4], ["month"]).iloc[0]
    # who was rated at the start of the month may have left since
    assert (len(rated), len(end)) == (agency["rated"], agency["officers"])
    rows = rated.assign(policy=TODAY.name, replication=0, motivation_before=np.nan, performance_before=np.nan)
    alone = FairnessStudy.restored({"agency": load_agency("contoh"), "policies": (TODAY,)})
    one = replace(made_up(), spec=alone, people=rows, manifest=made_up().manifest | {"replications": 1})
    names = ["rating_validity", "false_below", "missed_below", "false_top"]
    table = one.table("everyone", names).set_index("measure")["mean"]
    for name in names:
        assert table[name] == pytest.approx(agency[name], nan_ok=True), name


class Snub(Lever):
    """Those whom the supervisor does not like are told so."""

    def run(self, world):
        yield world.clock.next("month")
        world.effects.add("motivation", Effect(mean=-0.4), who=world.officers.closeness < 0)


@cache
def snubbed() -> FairnessResult:
    policies = (TODAY, TODAY.plus(Snub(), name="snub", label_id="Dicueki", label_en="Snubbed"))
    study = replace(asked(), policies=policies, replications=3, splits=("closeness", "contract"))
    return study.run(workers=1, progress=False)


def test_a_policy_that_harms_those_far_from_their_supervisor_is_found_out() -> None:
    result = snubbed()
    off = result.table("closeness", "worse_off").query("policy == 'snub'").set_index("group")["mean"]
    assert off["not_close"] > 0.9
    assert off["close"] < 0.1  # whoever is close is left in peace
    gap = result.gaps("closeness").set_index("group").loc["not_close"]
    assert gap["high"] < 0
    people = result.people[result.people["end"]]
    pairs = people.pivot_table(index=["replication", "person"], columns="policy", values="closeness").dropna()
    assert (pairs["status_quo"] == pairs["snub"]).all()
    assert len(pairs) > 3 * 40


HARM = {
    "id": r"Kelompok yang jelas dirugikan: .*“tidak dekat dengan atasan” \((kinerja nyata|motivasi) −0,",
    "en": r"It clearly harms .*“not close to the supervisor” \((true performance|motivation) −0\.",
}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_answer_names_who_is_harmed_and_who_gains(lang: str) -> None:
    text = snubbed().sentence(lang=lang)
    assert re.search(HARM[lang], text)
    assert "“dekat dengan atasan” (" not in text
    assert "“close to the supervisor” (" not in text
    gain = made_up().sentence(lang=lang)
    assert "“PPPK” (+1" in gain
    assert "“PNS” (+" not in gain
    assert {"id": "belum dapat disimpulkan", "en": "not yet clear"}[lang] in gain


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_brief_has_every_number_with_what_it_rests_on(lang: str, tmp_path: Path) -> None:
    page = (
        report_of("fairness")
        .write_brief(made_up(), tmp_path / "b.html", lang=lang)
        .read_text(encoding="utf-8")
    )
    assert page.count("<table") >= 5
    assert page.count("data:image/svg+xml") == 3
    assert not re.search(
        r"\bnan\b|None|&lt;span|\{\w*\}", re.sub(r"<style>.*?</style>|base64,[^\"]*", "", page, flags=re.S)
    )
    titles = re.findall(r'class="n" title="([^"]*)"', page)
    assert len(titles) > 60
    assert all(re.search(rf"^[1-{N}] .*\b3$", title) for title in titles)  # a group may have nobody in a run
    lead = re.search(r'class="lead">(.*?)</p>', page, re.S)
    assert lead
    bare = re.sub(r"<[^>]*>[^<]*</span>", "", re.sub(r"“[^”]*”|\[[^]]*\]", "", lead[1]))
    assert not re.search(r"\d[.,]\d", bare)  # none without
    assert "dukcapil" not in page
    assert len(report_of("fairness").details(made_up(), lang=lang)) > 10


def test_an_interruption_keeps_the_replications_that_were_whole() -> None:
    calls = 0

    def stopping(*given, **more) -> RunTables:
        nonlocal calls
        calls += 1
        if calls > 5:
            raise KeyboardInterrupt
        return made_up_run(*given, **more)

    found = asked().run(workers=1, progress=False, simulate=stopping)
    assert (found.partial, found.replications, found.id) == (True, 2, made_up().id)
    assert set(found.people["replication"]) == {0, 1}
    assert found.table("contract", "performance")["n"].max() == 2
    calls = 4
    with pytest.raises(KeyboardInterrupt):  # nothing was finished
        asked().run(workers=1, progress=False, simulate=stopping)


def test_it_is_read_as_it_was_written_and_its_file_asks_the_same(tmp_path: Path) -> None:
    found = made_up()
    folder = found.save(tmp_path / "x")
    again = load_result(folder)
    for name in ("people", "runs_summary", "costs"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(found, name))
    pd.testing.assert_frame_equal(again.table(), found.table())
    assert again.sentence(lang="en") == found.sentence(lang="en")
    file = tmp_path / "study.yaml"
    file.write_text(study_yaml(found), encoding="utf-8")
    assert load_study(file).describe().id == found.id
    _, documents, manifest = read_result(folder)
    assert exact_spec(documents, {**manifest, "partial": True, "replications": 2}).replications == 2
    (folder / "people.parquet").write_bytes(b"")
    with pytest.raises(DamagedResult, match=r"people\.parquet"):
        load_result(folder)


@pytest.mark.parametrize(
    "change",
    [
        lambda study: replace(study, splits=("unit",)),
        lambda study: replace(study, baseline="talks"),
        lambda study: replace(study, replications=N + 1),
        lambda study: replace(study, policies=study.policies[::-1], baseline=TODAY.name),
    ],
)
def test_another_question_has_another_id(change: Callable[[FairnessStudy], FairnessStudy]) -> None:
    assert change(asked()).describe().id != asked().describe().id
    assert replace(asked(), title={"en": "T"}).describe().id == asked().describe().id


def test_a_saved_result_is_had_again_to_the_byte(tmp_path: Path) -> None:
    result = fairness(
        "contoh", [TODAY, TALKS], years=1, replications=1, seed=4, scenario=SHORT, workers=1, progress=False
    )
    got = result.table("contract", "worse_off").set_index(["group", "policy"])["mean"]
    assert 0.05 < got[("pns", "talks")] < 0.6  # about a third of responses to feedback are negative
    again = repeat(result.save(tmp_path / "r"), workers=1, progress=False)
    assert again.same
    assert again.changed.empty
    assert set(again.tables) == {"people", "summary", "costs"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_people_read_it(lang: str) -> None:
    frame = group_table(made_up(), "contract", measures=["performance", "worse_off"], lang=lang)
    assert len(frame) == 4
    assert frame.iloc[3, 2].startswith("▲")
    assert made_up().plot(by="contract", lang=lang).axes
    levels = made_up().plot(measures=["workload", "rating_validity"], lang=lang)
    assert len(levels.axes) == 2
    assert set(MEASURES) >= {"worse_off", "false_below"}


def test_mistakes_are_named(tmp_path: Path) -> None:
    with pytest.raises(KinerjaError, match=r"no split by 'contracts'.*contract"):
        made_up().table("contracts")
    with pytest.raises(KinerjaError, match="no measure 'happiness'"):
        made_up().table("contract", "happiness")
    with pytest.raises(Problems):
        fairness("contoh", ["status_quo", "no_such_policy"], progress=False)
    file = tmp_path / "study.yaml"
    file.write_text(
        "kind: fairness\nagency: contoh\npolicies: [status_quo]\nbaseline: other\nsplits: [contracts, 3]\n"
        "replications: 0\n",
        encoding="utf-8",
    )
    with pytest.raises(Problems) as caught:
        load_study(file)
    assert sorted((p.row, p.column) for p in caught.value.problems) == [
        (3, "policies"),
        (4, "baseline"),
        (5, "splits"),
        (5, "splits"),
        (6, "replications"),
    ]
    assert any("did you mean 'contract'" in str(p.what) for p in caught.value.problems)
