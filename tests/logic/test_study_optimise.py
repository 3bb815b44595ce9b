"""Claim: the race for the best mix finds the front that is there, keeps to budget and limits, and spends runs where
they matter."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from study_promises import assert_kept, assert_told

from sim.agency import load_agency
from sim.errors import Problems
from sim.levers import status_quo
from sim.runs.run import RunTables
from sim.study import load_study
from sim.study.optimise.design import OptimiseStudy
from sim.study.optimise.mixes import doses_of, mixes
from sim.study.optimise.race import Objective, chance_of_front, clearly_dominates, front, over
from sim.study.optimise.result import OptimiseResult

OPTIONS = (
    {"lever": "training", "seats": [20, 40]},
    {"lever": "dashboard"},
    {"lever": "leadership"},
)
WAIT = {"training": -0.05, "dashboard": -1.4, "leadership": 0.5}
FAIR = {"training": 0.0, "dashboard": 0.0, "leadership": 0.08}
PRICE = {"training": 1e6, "dashboard": 10e6, "leadership": 25e6}


def effect(policy, table: dict[str, float]) -> float:
    """Effects of the levers that were added, a training's by the seat."""
    dose = {lever.name: getattr(lever, "seats", 1) for lever in policy.levers}
    return sum(size * dose.get(name, 0) for name, size in table.items())


def run(agency, policy, *, seed, replication, months, scenario) -> RunTables:
    luck = np.random.default_rng([seed, replication]).standard_normal(2)
    own = np.random.default_rng([seed, replication, len(policy.name)]).standard_normal(2)
    wait = 20 + effect(policy, WAIT) + 2 * luck[0] + 0.2 * own[0]
    fair = 0.5 + effect(policy, FAIR) + 0.05 * luck[1] + 0.005 * own[1]
    price = effect(policy, PRICE)
    summary = pd.DataFrame(
        {"window": ["1-12"], "unit": ["*"], "waiting_minutes": [wait], "rating_validity": [fair]}
    )
    summary["false_below"] = 0.1 + (
        0.05 if any(lever.name == "dashboard" for lever in policy.levers) else 0.0
    )
    costs = pd.DataFrame({"lever": ["any"], "year": [1], "rupiah": [price], "officer_days": [0.0]})
    return RunTables(summary.assign(month=1), summary, costs)


@pytest.fixture(scope="module")
def agency():
    return load_agency("contoh")


def asked(agency, **design) -> OptimiseStudy:
    given = {
        "objectives": {"waiting_minutes": 0.05, "rating_validity": 0.005},
        "years": 1,
        "futures": False,
    } | design
    return OptimiseStudy(agency=agency, policy=status_quo(), options=OPTIONS, **given)


@pytest.fixture(scope="module")
def found(agency) -> OptimiseResult:
    return asked(agency).run(workers=1, progress=False, simulate=run)


def truth(policies, budget: float = np.inf, without: str = "") -> set[str]:
    """The exact front, from the effects themselves."""
    rows = [p for p in policies if effect(p, PRICE) <= budget and without not in {v.name for v in p.levers}]
    points = np.array([[-effect(p, WAIT), effect(p, FAIR), -effect(p, PRICE)] for p in rows])
    return {p.name for p, on in zip(rows, front(points), strict=True) if on}


def test_every_mix_is_there_once() -> None:
    every = list(mixes(status_quo(), OPTIONS))
    assert len(every) == len({mix.policy for mix in every}) == 3 * 2 * 2
    assert every[0].policy == status_quo()
    assert [lever.seats for lever in doses_of(OPTIONS[0])] == [20, 40]
    assert any("40" in mix.policy.label_en and " + " in mix.policy.label_en for mix in every)


def test_the_front_that_is_there_is_found(found: OptimiseResult) -> None:
    assert set(found.front) == truth(found.policies)
    assert found.best == found.table()["policy"].iloc[0]
    assert (found.table().loc[found.table()["front"], "chance"] > 0.5).all()


def test_what_cannot_be_on_the_front_gets_no_more_runs(found: OptimiseResult) -> None:
    fate = found.fate.set_index("policy")
    assert (fate.loc[list(truth(found.policies)), "fate"] == "in").all()
    beaten = fate[fate["fate"] == "dominated"]
    assert beaten["replications"].max() < fate["replications"].max()
    assert found.manifest["runs"] < 0.8 * found.manifest["mixes"] * found.manifest["replications"]


def test_the_budget_is_kept(agency) -> None:
    found = asked(agency, budget=36e6).run(workers=1, progress=False, simulate=run)
    assert set(found.front) == truth(found.policies, 36e6)
    on = found.table()[found.table()["front"]]
    assert on["cost"].max() <= 36e6
    assert "budget" in set(found.fate["fate"])


def test_fairness_is_not_for_sale(agency) -> None:
    found = asked(agency, limits={"false_below": 0.02}).run(workers=1, progress=False, simulate=run)
    assert set(found.front) == truth(found.policies, without="dashboard")
    out = found.fate[found.fate["fate"] == "limit"]
    assert set(out["by"]) == {"false_below"}
    assert len(out) == 6


def test_a_limit_that_is_wide_enough_leaves_all_in(agency, found: OptimiseResult) -> None:
    wide = asked(agency, limits={"false_below": 0.06}).run(workers=1, progress=False, simulate=run)
    assert wide.front == found.front


def test_an_interruption_keeps_the_stages_that_were_whole(agency) -> None:
    calls = 0

    def stopping(*given, **more):
        nonlocal calls
        calls += 1
        if calls > 70:
            raise KeyboardInterrupt
        return run(*given, **more)

    found = asked(agency).run(workers=1, progress=False, simulate=stopping)
    assert found.partial
    assert found.fate["replications"].max() == 5
    assert len(found.table()) == 12


def test_one_of_two_alike_stays_in() -> None:
    goals = (Objective("a", "high", 0.1),)
    rng = np.random.default_rng(1)
    one = {"a": rng.standard_normal(50)}
    near = {"a": one["a"] - 0.05}
    assert clearly_dominates(one, near, goals, 2)
    assert not clearly_dominates(near, one, goals, 2)
    noisy = {"a": one["a"] - 0.05 + rng.standard_normal(50)}
    assert not clearly_dominates(one, noisy, goals, 2)


def test_indifference_lets_one_be_a_little_worse_on_another_goal() -> None:
    strict = (Objective("wait", "low", 0.0), Objective("fair", "high", 0.0))
    lax = (Objective("wait", "low", 0.0), Objective("fair", "high", 0.02))
    noise = np.random.default_rng(2).standard_normal(30)
    one = {"wait": 10 + noise, "fair": 0.49 + 0.001 * noise}
    other = {"wait": 12 + noise, "fair": 0.50 + 0.001 * noise}
    assert not clearly_dominates(one, other, strict, 2)
    assert clearly_dominates(one, other, lax, 2)


def test_the_chance_of_the_front_knows_what_is_sure() -> None:
    rng = np.random.default_rng(3)
    luck = rng.standard_normal((20, 1))
    best, tied, worst = (luck + shift + 0.3 * rng.standard_normal((20, 1)) for shift in (1.0, 1.0, -1.0))
    chance = chance_of_front(np.array([best, tied, worst]))
    assert chance[2] == 0
    assert chance[:2].sum() == pytest.approx(1)
    assert 0.02 < chance[0] < 0.98


def test_over_a_limit_surely_and_on_the_face_of_it() -> None:
    values = np.array([0.9, 1.3, 1.1, 1.2])
    assert over(values, 1.0, n_intervals=0)
    assert not over(values, 1.0, n_intervals=1)
    assert over(values, 0.5, n_intervals=1)


@pytest.mark.parametrize("lang", ["id", "en"])
def test_it_is_told_in_both_languages(found: OptimiseResult, tmp_path: Path, lang: str) -> None:
    assert len(assert_told(found, tmp_path, lang)) == 1 + len(found.front)
    assert "12" in found.sentence(lang=lang)


def test_it_is_saved_whole_and_its_file_asks_the_same(found: OptimiseResult, tmp_path: Path) -> None:
    assert assert_kept(found, tmp_path)["mixes"] == 12


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    file.write_text(
        "kind: optimise\nagency: contoh\npolicy: status_quo\noptions:\n  - {lever: trainng}\n  - {lever: training, "
        "seats: [0]}\nobjectives: {cost: 1}\nlimits: {fairness: 0.1}\nfirst: 2\n",
        encoding="utf-8",
    )
    with pytest.raises(Problems) as caught:
        load_study(file)
    told = [(p.row, p.column, str(p.what)) for p in caught.value.problems]
    assert {(row, column) for row, column, _ in told} == {
        (4, "options"),
        (7, "objectives"),
        (8, "limits"),
        (9, "first"),
    }
    assert sum("did you mean 'training'" in what for _, _, what in told) == 1


def test_too_many_mixes_are_refused(agency) -> None:
    with pytest.raises(Problems, match="mixes, more than"):
        OptimiseStudy(
            agency=agency,
            policy=status_quo(),
            options=({"lever": "training", "seats": list(range(1, 300))},),
            objectives={"waiting_minutes": 0.1},
        )


def test_two_that_each_make_the_other_superfluous_do_not_both_go(agency) -> None:
    """One is better on waiting and the other on fairness, both by less than what matters."""

    def close(agency, policy, *, seed, replication, months, scenario) -> RunTables:
        names = {lever.name for lever in policy.levers} & {"training", "dashboard"}
        wait, fair = {0: (20.0, 0.5), 2: (25.0, 0.3)}.get(len(names), (19.0, 0.503))
        if names == {"dashboard"}:
            wait, fair = 18.97, 0.5
        luck = np.random.default_rng([seed, replication]).standard_normal()
        summary = pd.DataFrame({"window": ["1-12"], "unit": ["*"], "waiting_minutes": [wait + luck]})
        summary["rating_validity"] = fair
        costs = pd.DataFrame({"lever": ["any"], "year": [1], "rupiah": [0.0], "officer_days": [0.0]})
        return RunTables(summary.assign(month=1), summary, costs)

    pair = ({"lever": "training", "seats": [20]}, {"lever": "dashboard"})
    study = OptimiseStudy(
        agency=agency,
        policy=status_quo(),
        options=pair,
        objectives={"waiting_minutes": 0.05, "rating_validity": 0.005},
        years=1,
        futures=False,
    )
    fate = study.run(workers=1, progress=False, simulate=close).fate.set_index("policy")["fate"]
    assert sorted(fate[["status_quo-0-1", "status_quo-1-0"]]) == ["dominated", "in"]
