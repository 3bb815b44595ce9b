"""Claim: what policies do to groups of officers is read from the very officers of the runs, person by person."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from sim.agency import load_agency
from sim.errors import KinerjaError, Problems
from sim.levers import Feedback, status_quo
from sim.outcomes import across_units
from sim.report.groups import group_table
from sim.report.labels import LANGUAGES
from sim.study.groups import MEASURES, SPLITS, ByGroup, by_group, simulate_people
from sim.study.intervals import half_width
from sim.world import Scenario, simulate

TODAY = status_quo()
TALKS = TODAY.plus(Feedback(supervisor=12), name="talks", label_id="Dialog", label_en="Talks")
N = 6


@cache
def made_up() -> ByGroup:
    """Ten officers, two policies, six runs: "talks" lifts PPPK by 1 SD and harms the PNS who are not close."""
    rng = np.random.default_rng(3)
    rows = []
    for r in range(N):
        who = pd.DataFrame(
            {
                "unit": ["disdik"] * 5 + ["dukcapil"] * 5,
                "supervisor": [True, False, False, False, False] * 2,
                "pns": [True, True, True, False, False] * 2,
                "age": [52, 30, 40, 34.9, 50] * 2,
                "tenure": [20, 1, 9, 0.5, 3] * 2,
                "closeness": [0, -1, 1, -1, 1] * 2,
                "person": np.arange(10) + 100.0 * r,
                "performance": rng.normal(size=10),
                "motivation": rng.normal(size=10),
                "workload": [0.0, 1, 1, 1, 2] * 2,
            }
        )
        for policy in ("status_quo", "talks"):
            now = who.copy()
            now["before"] = np.nan
            if policy == "talks":
                now["performance"] += ~now["pns"] * 1.0
                now["before"] = now["motivation"]
                now["motivation"] -= 0.1 * (now["pns"] & (now["closeness"] < 0))
                now["motivation"] -= 0.005  # less than is felt
            end = now.assign(end=True, month=12, rating=np.nan, level=np.nan, gap=np.nan)
            rated = now.assign(end=False, month=4, before=np.nan, workload=np.nan)
            rated["rating"] = rated["performance"] + 0.3 * rated["closeness"]
            rated["level"] = np.where(rated["rating"] > 0, 3.0, 2.0)
            rated["gap"] = 0.3 * rated["closeness"]
            rows += [part.assign(policy=policy, replication=r) for part in (rated, end)]
    return ByGroup(load_agency("contoh"), (TODAY, TALKS), TODAY.name, N, pd.concat(rows, ignore_index=True))


def told(by: str, measure: str, policy: str = "talks") -> pd.DataFrame:
    table = made_up().table(by, measure)
    return table[table["policy"] == policy].set_index("group")


def test_a_gain_stays_with_the_group_that_has_it() -> None:
    got = told("contract", "performance")
    assert got["difference"]["pppk"] == pytest.approx(1.0)
    assert got["difference"]["pns"] == pytest.approx(0.0)
    assert got["officers"].to_dict() == {"pns": 6, "pppk": 4}


def test_harm_is_counted_person_by_person() -> None:
    assert told("contract", "worse_off")["mean"].to_dict() == pytest.approx({"pns": 1 / 3, "pppk": 0.0})
    assert told("closeness", "worse_off")["mean"].to_dict() == pytest.approx({"close": 0.0, "not_close": 0.5})
    assert told("contract", "worse_off", "status_quo")["mean"].isna().all()


def test_groups_are_those_said() -> None:
    assert told("tenure", "performance")["officers"].to_dict() == {"newcomer": 4, "settled": 6}
    assert told("age", "performance")["officers"].to_dict() == {"young": 4, "middle": 2, "older": 4}
    assert told("closeness", "performance")["officers"].sum() == 8  # supervisors are nobody's favourites
    units = told("unit", "workload")
    assert units["mean"]["disdik"] == pytest.approx(1.0)
    assert set(units.index) == {unit.unit for unit in load_agency("contoh").units}


def test_the_price_of_closeness_is_found() -> None:
    got = told("contract", "favouritism")["mean"]
    assert got["pns"] == pytest.approx(0.3)
    assert np.isnan(got["pppk"])  # four officers are too few for a slope
    assert told("closeness", "rating_gap")["mean"].to_dict() == pytest.approx(
        {"close": 0.3, "not_close": -0.3}
    )


def test_intervals_hold_for_all_groups_at_once() -> None:
    people = made_up().people.copy()
    luck = np.random.default_rng(5).normal(size=N)
    shift = luck[people["replication"]] * (people["policy"] == "talks")
    noisy = replace(made_up(), people=people.assign(performance=people["performance"] + shift))
    row = noisy.table("age", "performance").set_index(["group", "policy"]).loc[("middle", "talks")]
    assert row["high"] - row["difference"] == pytest.approx(half_width(luck, together=3))


@cache
def seen() -> tuple[pd.DataFrame, pd.DataFrame]:
    how = {"seed": 4, "replication": 0, "months": 4, "scenario": Scenario(burn_in=6)}
    agency = load_agency("contoh")
    return simulate_people(agency, TODAY, **how).outcomes, simulate(agency, TODAY, **how).outcomes


def test_looking_changes_nothing_and_agrees_with_the_recorder() -> None:
    """Officers' rows give the same performance, validity and shares as the unit rows of an ordinary run."""
    people, outcomes = seen()
    end, rated = people[people["end"]], people[~people["end"]]
    last = outcomes[outcomes["month"] == 4].set_index("unit")["performance"]
    pd.testing.assert_series_equal(
        end.groupby("unit")["performance"].mean().sort_index(), last.sort_index(), check_names=False
    )
    agency = across_units(outcomes[outcomes["month"] == 4], ["month"]).iloc[0]
    assert len(rated) == len(end)
    one = ByGroup(
        load_agency("contoh"),
        (TODAY,),
        TODAY.name,
        1,
        rated.assign(policy=TODAY.name, replication=0, before=np.nan),
    )
    whole = replace(one, people=one.people.assign(pns=True))  # one group: everybody
    table = whole.table("contract").query("group == 'pns'").set_index("measure")["mean"]
    for name in ("rating_validity", "false_below", "missed_below", "false_top"):
        assert table[name] == pytest.approx(agency[name], nan_ok=True), name


def test_a_run_says_who_is_harmed() -> None:
    result = by_group(
        "contoh", [TODAY, TALKS], years=1, replications=1, seed=4, scenario=Scenario(burn_in=6), workers=1,
        progress=False,
    )  # fmt: skip
    got = result.table("contract", "worse_off").set_index(["group", "policy"])["mean"]
    assert 0.05 < got[("pns", "talks")] < 0.6  # about a third of responses to feedback are negative
    people = result.people[result.people["end"]]
    pairs = people.pivot_table(index="person", columns="policy", values="closeness").dropna()
    assert (pairs["status_quo"] == pairs["talks"]).all()
    assert len(pairs) > 40


@pytest.mark.parametrize("lang", LANGUAGES)
def test_people_read_it(lang: str) -> None:
    frame = group_table(made_up(), "contract", lang, ["performance", "worse_off"])
    assert len(frame) == 4
    assert frame.iloc[3, 2].startswith("▲")
    assert made_up().plot("contract", lang=lang).axes
    assert set(MEASURES) >= {"worse_off", "false_below"}


def test_mistakes_are_named() -> None:
    with pytest.raises(KinerjaError, match=r"no split by 'contracts'.*contract"):
        made_up().table("contracts")
    with pytest.raises(KinerjaError, match="no measure 'happiness'"):
        made_up().table("contract", "happiness")
    with pytest.raises(Problems):
        by_group("contoh", ["status_quo", "no_such_policy"], progress=False)
    assert set(SPLITS) == {"contract", "closeness", "tenure", "age", "unit"}
