"""KPIs: effort leans to what is rewarded, gains most where that is what is needed, and speed alone is bought dearly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from wide_agency import OFFICERS, wide_agency

from sim.agency import load_agency
from sim.errors import KinerjaError
from sim.evidence import NO_EFFECT, Evidence
from sim.levers import Appraisal, Kpi, Lever, NeedsAssessment, Policy, policy_from_yaml
from sim.levers.kpi import LEAST, effort, fitted, gain, indicators, tilt
from sim.levers.needs import HABIT, citizens_by_month, of_units
from sim.runs.run import make_world, simulate
from sim.world import Scenario
from sim.world.climate import REFERENCE

NONE = Policy("none")
NOW = Scenario(burn_in=0)
NO_GOALS = replace(NOW, effects={"goal_setting": NO_EFFECT})
SPEED = ("documents_on_time",)


class Climate(Lever):
    """Sets stakes, trust and the like from the first moment, for tests."""

    stakes: float = REFERENCE["stakes"]
    trust: float = REFERENCE["trust"]
    communication: float = REFERENCE["communication"]

    def run(self, world):
        for name in ("stakes", "trust", "communication"):
            getattr(world.climate, name)[:] = getattr(self, name)


def world_of(agency, *levers, months=1, scenario=NO_GOALS):
    world = make_world(agency, Policy("p", levers, before=NONE), months=months, scenario=scenario)
    world.run()
    return world


def steered(agency, stakes, months=1, scenario=NO_GOALS, **how):
    """A world in which KPIs pull with the stakes alone."""
    climate = Climate(stakes=stakes, trust=1.0, communication=1.0)
    return world_of(agency, climate, Kpi(clarity=1.0, **how), months=months, scenario=scenario)


@pytest.fixture(scope="module")
def wide():
    return wide_agency()


@pytest.fixture(scope="module")
def small():
    return load_agency("contoh")


shares = arrays(np.float64, 3, elements=st.floats(0.06, 1.0)).map(lambda x: x / x.sum())
pulls = st.floats(0.0, 1.0)


# the mechanism


@settings(max_examples=200, deadline=None)
@given(shares, shares)
def test_the_gain_is_largest_exactly_where_effort_goes_to_what_is_needed(needs, elsewhere):
    best, other = gain(needs, needs), gain(needs, elsewhere)
    assert best >= other - 1e-12
    if np.abs(needs - elsewhere).max() > 1e-3:
        assert best > other
    # and the gain is what pace, care and courtesy are worth to those who need them
    assert (needs * tilt(elsewhere)).sum() == pytest.approx(other, abs=1e-12)


@settings(max_examples=200, deadline=None)
@given(shares, st.lists(pulls, min_size=2, max_size=6))
def test_the_harder_a_true_kpi_pulls_the_more_is_gained(needs, pull):
    pull = np.sort(np.array([0.0, *pull]))
    kpi = np.tile(np.maximum(needs, LEAST), (len(pull), 1))
    kpi /= kpi.sum(axis=1, keepdims=True)
    gains = gain(kpi, effort(kpi, pull))
    assert (np.diff(gains) >= -1e-12).all()


@settings(max_examples=200, deadline=None)
@given(arrays(np.float64, (4, 3), elements=st.floats(0.0, 1.0)), st.lists(pulls, min_size=4, max_size=4))
def test_effort_is_shared_out_and_none_is_forgotten(kpi, pull):
    kpi = (kpi + 1e-9) / (kpi + 1e-9).sum(axis=1, keepdims=True)
    spent = effort(kpi, np.array(pull))
    assert spent.sum(axis=1) == pytest.approx(np.ones(4))
    assert spent.min() >= LEAST - 1e-12
    assert effort(kpi, np.zeros(4)).tobytes() == np.tile(HABIT, (4, 1)).tobytes()
    assert effort(kpi, np.ones(4))[kpi.min(axis=1) >= LEAST] == pytest.approx(kpi[kpi.min(axis=1) >= LEAST])


@settings(max_examples=100, deadline=None)
@given(shares, st.integers(0, 1000))
def test_no_other_weights_of_the_indicators_come_closer_to_what_is_wanted(wanted, seed):
    profiles = np.array([i.effort for i in indicators().values()])
    weights = fitted(profiles, wanted)
    assert weights.sum() == pytest.approx(1)
    assert weights.min() >= 0
    distance = np.linalg.norm(weights @ profiles - wanted)
    others = np.random.default_rng(seed).dirichlet(np.full(len(profiles), 0.3), 200)
    assert distance <= np.linalg.norm(others @ profiles - wanted, axis=1).min() + 1e-4


def test_the_indicators_of_the_practice_are_there():
    for code in (
        "complaint_response",
        "citizen_satisfaction",
        "parent_satisfaction",
        "participation",
        "documents_on_time",
    ):
        assert sum(indicators()[code].effort) == pytest.approx(1)
        assert indicators()[code].label_id != indicators()[code].label_en
    most = {code: np.argmax(i.effort) for code, i in indicators().items()}
    assert most["documents_on_time"] == most["complaint_response"] == 0
    assert most["parent_satisfaction"] == most["participation"] == 2


def test_indicators_fit_the_units_they_are_for(small):
    registry, schools = small.unit("dukcapil"), small.unit("disdik")
    assert "parent_satisfaction" in Kpi().weights(schools, HABIT)
    assert "parent_satisfaction" not in Kpi().weights(registry, HABIT)
    assert Kpi(indicators=("parent_satisfaction",)).weights(registry, HABIT) == {}
    equal = Kpi(basis="equal").weights(registry, HABIT)
    assert set(equal.values()) == {1 / len(equal)}


# in a run


def test_kpis_that_do_not_pull_cost_nothing_and_set_no_goals_change_no_byte(small):
    base = Policy("base", (Appraisal(stakes=0.0),))
    plan = replace(base.plus(Kpi(minutes=0, cost=0)), before=base)
    one, other = (
        simulate(small, policy, months=3, scenario=NO_GOALS).outcomes
        for policy in (replace(base, before=base), plan)
    )
    same = [name for name in one if name not in ("kpi_alignment", "kpi_gain")]
    assert other["kpi_alignment"].notna().all()
    for name in same:
        if one[name].dtype == float:
            assert one[name].to_numpy().tobytes() == other[name].to_numpy().tobytes(), name


def test_a_kpi_on_speed_alone_buys_speed_with_errors_and_rudeness(small):
    # not so busy that queues have no room, so that all effects are those of the officers
    scenario = replace(NO_GOALS, utilisation=0.8)
    habit, speed = (
        steered(small, stakes, months=6, scenario=scenario, indicators=SPEED, minutes=0)
        for stakes in (0.0, 0.9)
    )
    change = speed.people.channels.mean(axis=0) - habit.people.channels.mean(axis=0)
    assert change[0] > 0.3
    assert change[1] < -0.3
    assert change[2] < -0.3
    before, after = (w.recorder.summary().iloc[-1] for w in (habit, speed))
    assert after["waiting_minutes"] < before["waiting_minutes"]
    assert after["error_rate"] > before["error_rate"] + 0.005
    assert after["u7"] < before["u7"]  # behaviour of officers
    assert after["performance"] < before["performance"]
    assert after["kpi_gain"] < 0


def test_kpis_from_needs_gain_and_a_misread_need_gains_less(wide):
    asked = NeedsAssessment(respondents=100_000, bias=0.0)
    climate = Climate(stakes=0.9, trust=1.0, communication=1.0)
    known, unknown, speed = (
        world_of(wide, climate, *levers).recorder.summary().iloc[-1]
        for levers in (
            (Kpi(clarity=1.0, local=1.0), asked),
            (Kpi(clarity=1.0, local=1.0),),
            (Kpi(clarity=1.0, basis="equal", indicators=SPEED),),
        )
    )
    assert known["kpi_alignment"] > 0.97
    assert known["kpi_gain"] > unknown["kpi_gain"] > 0 > speed["kpi_gain"]
    assert known["performance"] > speed["performance"]


def test_what_units_need_themselves_is_lost_when_all_is_handed_down(wide):
    asked = NeedsAssessment(respondents=100_000, bias=0.0)
    climate = Climate(communication=1.0)
    alignment = [
        world_of(wide, climate, asked, Kpi(clarity=1.0, local=local))
        .recorder.summary()
        .iloc[-1]["kpi_alignment"]
        for local in (0.0, 0.5, 1.0)
    ]
    assert alignment == sorted(alignment)
    assert alignment[2] > alignment[0] + 0.03


def test_higher_stakes_tilt_effort_further(wide):
    speed = [
        steered(wide, stakes, indicators=SPEED).people.channels[:, 0].mean() for stakes in (0, 0.3, 0.6, 0.9)
    ]
    assert speed == sorted(speed)
    assert speed[-1] > speed[0] + 0.3


@pytest.mark.parametrize("missing", ["stakes", "clarity", "trust"])
def test_without_stakes_clarity_or_trust_nothing_pulls(wide, missing):
    how = {"stakes": 1.0, "clarity": 1.0, "trust": 1.0} | {missing: 0.0}
    clarity = how.pop("clarity")
    world = world_of(wide, Climate(**how), Kpi(clarity=clarity, indicators=SPEED))
    assert (world.effects.total("pace") == 0).all()


def test_clarity_and_talking_keep_weights_on_the_way_down(wide):
    def spread(clarity, communication):
        world = world_of(wide, Climate(communication=communication), Kpi(clarity=clarity))
        return world.officers.column("kpi.speed").std()

    spreads = [spread(0.0, 0.0), spread(0.5, 0.5), spread(0.8, 0.8), spread(1.0, 1.0)]
    assert spreads == sorted(spreads, reverse=True)
    assert spreads[0] > 0.1
    # nothing lost: all that differs is what units need
    assert spreads[-1] < 0.02


def test_kpis_go_stale_until_they_are_renewed(wide):
    drifting = replace(NO_GOALS, effects={**NO_GOALS.effects, "needs_drift": {**NO_EFFECT, "mean": 0.15}})
    asked = NeedsAssessment(respondents=100_000, bias=0.0)
    how = {"clarity": 1.0, "local": 1.0}

    def paths(renewal):
        world = world_of(
            wide,
            Climate(stakes=0.9, trust=1.0, communication=1.0),
            asked,
            Kpi(renewal=renewal, **how),
            months=36,
            scenario=drifting,
        )
        out = world.recorder.outcomes().groupby("month")[["kpi_alignment", "kpi_gain"]].mean()
        return out["kpi_alignment"].to_numpy(), out["kpi_gain"].to_numpy()

    (yearly, yearly_gain), (never, never_gain) = paths(1), paths(3)
    assert np.array_equal(yearly[:12], never[:12])
    assert yearly[0] - yearly[11] > 0.05  # stale at the end of the year
    assert yearly[12] > yearly[11] + 0.05  # renewed
    assert yearly[24:].mean() > never[24:].mean() + 0.05
    assert yearly_gain[24:].mean() > never_gain[24:].mean()


def test_clear_goals_motivate_as_the_evidence_says(wide):
    size = Evidence.load("shrunk")["goal_setting"].mean
    moved = []
    for clarity in (0.2, 0.5, 0.8, 1.0):
        world = world_of(wide, Kpi(clarity=clarity), scenario=NOW)
        expected = np.tanh(size * (clarity - REFERENCE["clarity"]))
        assert world.people.motivation == pytest.approx(np.full(len(world.officers), expected))
        assert (world.climate.clarity == clarity).all()
        moved.append(expected)
    assert moved == sorted(moved)


def test_goals_need_a_committed_head(wide):
    class Head(Lever):
        commitment: float = 0.5

        def run(self, world):
            world.climate.commitment[:] = self.commitment

    low, usual, high, higher = (
        world_of(wide, Kpi(clarity=1.0), Head(commitment=c), scenario=NOW).people.motivation.mean()
        for c in (0.25, 0.5, 0.75, 1.0)
    )
    assert low < usual < high
    assert higher == pytest.approx(high)  # capped at 1.5 times


def test_what_kpis_did_ends_with_them(wide):
    before = Policy("before", (Climate(stakes=0.9, trust=1.0), Kpi(clarity=1.0, indicators=SPEED)))
    scenario = replace(NO_GOALS, burn_in=3)
    world = make_world(wide, Policy("after", before=before), months=1, scenario=scenario)
    world.run()
    assert (world.climate.clarity == REFERENCE["clarity"]).all()
    rows = world.effects.explain(3)
    assert (rows.loc[rows["source"] == "kpi", "contribution"] == 0).all()
    assert set(rows.loc[rows["source"] == "kpi", "channel"]) == {"pace", "care", "courtesy", "motivation"}


def test_a_newcomer_works_as_usual_until_indicators_are_renewed(wide):
    class Turnover(Lever):
        def run(self, world):
            yield world.clock.next("month", 2)
            world.replace(world.officers.slot == 3)

    plan = Policy("p", (Climate(stakes=0.9, trust=1.0), Kpi(indicators=SPEED), Turnover()), before=NONE)
    world = make_world(wide, plan, months=3, scenario=NO_GOALS)
    world.run()
    pace = world.effects.total("pace")
    new = world.officers.slot == 3
    assert (pace[new] == 0).all()
    assert (pace[~new] > 0.05).all()


def test_renewal_takes_time_and_money(wide):
    world = world_of(wide, Kpi(minutes=60, cost=1_000_000, renewal=1), months=24)
    cost = world.ledger.table()
    assert cost["rupiah"].tolist() == [40e6, 40e6]
    assert cost["officer_days"].tolist() == pytest.approx([40 * OFFICERS * 60 / 450] * 2)


def test_alignment_is_measured_against_the_needs_of_the_month(wide):
    world = world_of(wide, Kpi())
    asked = np.stack([world.officers.column(f"kpi.{s}") for s in ("speed", "accuracy", "courtesy")], axis=1)
    needs = of_units(world, citizens_by_month(world)[0])[world.officers.unit]
    expected = np.minimum(asked, needs).sum(axis=1).mean()  # what two sets of shares have in common
    assert world.recorder.summary().iloc[-1]["kpi_alignment"] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Kpi(indicators=("document_on_time",)), r"kpi.indicators = 'document_on_time'.*did you mean"),
        (lambda: Kpi(renewal=0), r"kpi.renewal = 0: must be at least 1"),
        (lambda: Kpi(basis="speed"), r"kpi.basis = 'speed': must be one of needs, equal"),
        (lambda: Kpi(clarity=1.2), r"kpi.clarity = 1.2: must be at most 1"),
        (lambda: Kpi(local="all"), r"kpi.local = 'all': must be a number"),
        (lambda: Kpi.build({"renew": 3}), r"kpi: unknown parameter 'renew' \(did you mean 'renewal'\?\)"),
    ],
)
def test_bad_parameters_are_refused_by_name(make, message):
    with pytest.raises(KinerjaError, match=message):
        make()


def test_kpis_go_to_yaml_and_back():
    plan = Policy("p", (Kpi(indicators=SPEED, renewal=3), NeedsAssessment(discussions=2)))
    assert policy_from_yaml(plan.to_yaml()) == plan
