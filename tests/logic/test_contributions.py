"""Claim: contributions are Shapley values: they share out the whole difference, equally where groups do the same, with
nothing for a group that does nothing, and those of a run are those of its subsets."""

from __future__ import annotations

from itertools import permutations
from typing import ClassVar, NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sim import load_agency, load_result
from sim.errors import KinerjaError
from sim.levers import Feedback, Lever, Policy, Training, status_quo
from sim.study.compare.contributions import contributions, shapley
from sim.study.compare.figure import contributions as draw
from sim.world import Scenario

PLAYERS = st.integers(1, 6)
games = PLAYERS.flatmap(
    lambda k: hnp.arrays(np.float64, (1 << k, 3), elements=st.floats(-1e6, 1e6, allow_nan=False))
)


@given(games)
@settings(max_examples=60, deadline=None)
def test_contributions_sum_to_the_whole_difference(values):
    assert shapley(values).sum(axis=0) == pytest.approx(values[-1] - values[0], abs=1e-9 * 1e6)
    scaled = values / 1e6
    assert shapley(scaled).sum(axis=0) == pytest.approx(scaled[-1] - scaled[0], abs=1e-9)


@given(games)
@settings(max_examples=30, deadline=None)
def test_it_is_the_mean_over_every_order_of_switching_on(values):
    k = len(values).bit_length() - 1
    wanted = np.zeros((k, 3))
    orders = list(permutations(range(k)))
    for order in orders:
        on = 0
        for player in order:
            wanted[player] += values[on | 1 << player] - values[on]
            on |= 1 << player
    assert shapley(values) == pytest.approx(wanted / len(orders), rel=1e-9, abs=1e-6)


@given(st.lists(st.floats(-100, 100), min_size=8, max_size=8))
def test_players_who_do_the_same_get_the_same(raw):
    values = np.array(raw)
    values[0b010], values[0b110] = values[0b001], values[0b101]  # 0 and 1 are interchangeable
    found = shapley(values)
    assert found[0] == pytest.approx(found[1], abs=1e-9)


@given(st.lists(st.floats(-100, 100), min_size=4, max_size=4))
def test_who_adds_nothing_gets_nothing(raw):
    values = np.array([*raw, *raw])  # the third player changes no subset
    assert shapley(values)[2] == 0


def test_values_that_are_not_of_every_subset_are_refused():
    with pytest.raises(ValueError, match=r"2\*\*k"):
        shapley(np.zeros(3))


class Speeds(Lever):
    """Shortens waiting by so many minutes."""

    group: ClassVar[str] = "feedback"
    minutes: float = 0.0


class Helps(Speeds):
    group: ClassVar[str] = "training"


class Idle(Speeds):
    group: ClassVar[str] = "reward"


class Run(NamedTuple):
    outcomes: pd.DataFrame
    summary: pd.DataFrame
    costs: pd.DataFrame


def arithmetic(agency, policy, *, seed, replication, months, scenario):
    """Waiting is 30, less the minutes of every lever, less 4 more where two kinds speed it up; luck is everybody's."""
    minutes = [lever.minutes for lever in policy.levers if isinstance(lever, Speeds) and lever.minutes]
    waiting = 30.0 + replication - sum(minutes) - 4.0 * (len(minutes) > 1)
    columns = {"unit": ["*"], "served": [1.0], "waiting_minutes": [waiting]}
    summary = pd.DataFrame({"window": [f"1-{months}"], **columns})
    outcomes = pd.DataFrame(
        {"month": [1], "unit": [agency.units[0].unit], "served": [1.0], "waiting_minutes": [waiting]}
    )
    costs = pd.DataFrame({"lever": [], "year": [], "rupiah": [], "officer_days": []})
    return Run(outcomes, summary, costs.astype({"year": int}))


@pytest.fixture(scope="module")
def agency():
    return load_agency("contoh")


def explained(agency, policy, **more):
    return contributions(
        agency, policy, years=1, replications=3, workers=1, progress=False, simulate=arithmetic, **more
    )


def test_what_two_groups_do_together_is_shared_between_them(agency):
    base = Policy("base")
    policy = Policy("all", (Speeds(minutes=3.0), Helps(minutes=1.0), Idle()))
    table = explained(agency, policy, against=base).table("waiting_minutes").set_index("group")
    assert table["contribution"].to_dict() == pytest.approx(
        {"feedback": -5.0, "training": -3.0, "reward": 0.0, "*": -8.0}
    )
    assert table.loc["feedback", ["alone", "last"]].tolist() == pytest.approx([-3.0, -7.0])
    assert (table["low"] == table["high"]).all()  # luck is the same for all: no interval is left


def test_groups_may_be_made_and_must_hold_every_lever_once(agency):
    base = Policy("base")
    policy = Policy("all", (Speeds(minutes=3.0), Helps(minutes=1.0)))
    found = explained(agency, policy, against=base, groups={"both": ["speeds", "helps"]})
    assert found.table("waiting_minutes")["contribution"].tolist() == pytest.approx([-8.0, -8.0])
    with pytest.raises(KinerjaError, match="'helps' is there 0 times"):
        explained(agency, policy, against=base, groups={"one": ["speeds"]})
    with pytest.raises(KinerjaError, match="'idle' does not differ"):
        explained(agency, policy, against=base, groups={"a": ["speeds", "helps"], "b": ["idle"]})


def test_what_was_saved_is_read_back(agency, tmp_path):
    """It came back as the comparison of its runs."""
    policy = Policy("all", (Training(), Feedback()), "semua", "everything")
    groups = {"b": ["training"], "a": ["feedback"]}
    found = explained(agency, policy, against=Policy("base"), groups=groups)
    again = load_result(found.save(tmp_path / "result"))
    assert type(again) is type(found)
    assert (again.policy, again.groups) == (policy, found.groups)
    pd.testing.assert_frame_equal(again.table(), found.table())
    assert again.summary(lang="en") == found.summary(lang="en")
    assert type(load_result(tmp_path / "result", found.comparison.spec)) is type(found.comparison)


def test_a_lever_that_both_have_is_switched_back_and_not_off(agency):
    base, policy = (
        Policy("base", (Speeds(minutes=1.0),)),
        Policy("more", (Speeds(minutes=3.0), Helps(minutes=1.0))),
    )
    table = explained(agency, policy, against=base).table("waiting_minutes").set_index("group")
    # subsets: 29; 27; 29 - 1 - 4 = 24; 22
    assert table["contribution"].to_dict() == pytest.approx({"feedback": -2.0, "training": -5.0, "*": -7.0})


def test_a_lever_the_policy_drops_counts_too(agency):
    base, policy = Policy("base", (Speeds(minutes=2.0),)), Policy("none")
    table = explained(agency, policy, against=base).table("waiting_minutes").set_index("group")
    assert table["contribution"].to_dict() == pytest.approx({"feedback": 2.0, "*": 2.0})


def test_nothing_to_explain_and_too_much_are_told(agency):
    with pytest.raises(KinerjaError, match="nothing to explain"):
        explained(agency, status_quo())
    levers = [type(f"G{i}", (Speeds,), {"group": g})(minutes=1.0) for i, g in enumerate(
        ("needs", "appraisal", "feedback", "training", "reward", "discipline", "digital")
    )]  # fmt: skip
    with pytest.raises(KinerjaError, match=r"7 groups.*at most 6"):
        explained(agency, Policy("much", tuple(levers)), against=Policy("base"))


def test_contributions_of_real_runs_sum_to_the_difference_in_every_replication(agency):
    course = agency.courses[0].course
    policy = status_quo().plus(Feedback(citizens=12.0), Training(course=course), name="both")
    found = contributions(
        agency, policy, years=1, replications=2, workers=1, progress=False, scenario=Scenario(burn_in=6)
    )
    assert list(found.groups) == ["feedback", "training"]
    for outcome in ("waiting_minutes", "performance", "motivation", "cost"):
        parts = found.by_replication(outcome)
        whole = found.comparison.differences(outcome)
        last = whole[whole["policy"] == found.comparison.policies[-1].name]["difference"].to_numpy()
        assert parts[:-1].sum(axis=0) == pytest.approx(parts[-1], abs=1e-9, rel=1e-12)
        assert parts[-1] == pytest.approx(last, abs=1e-9)
        assert np.abs(parts[:-1]).max() > 0
    bars = [patch.get_width() for patch in draw(found, outcomes=["motivation"]).axes[0].patches]
    assert bars == pytest.approx(found.table("motivation")["contribution"].tolist())
