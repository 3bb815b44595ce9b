"""A future is the same world for every policy: evidence drawn once, the world's unknowns set, nothing else touched."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import kstest

from sim.agency import load_agency
from sim.errors import KinerjaError
from sim.evidence import PRESETS, Effect, Evidence
from sim.levers import Appraisal, DigitalServices, Discipline, Policy
from sim.levers.policy import load_policy, policy_names, status_quo
from sim.runs.futures import (
    NOT_DRAWN,
    PRESET,
    Future,
    findings_of,
    load_uncertainties,
    space_of,
    uncertainties,
)
from sim.runs.run import make_world
from sim.world import Scenario

POLICIES = tuple(load_policy(name) for name in ("status_quo", "digital_with_ict", "appraisal_se3"))
SHORT = Scenario(burn_in=2)


@pytest.fixture(scope="module")
def agency():
    return load_agency("contoh")


def world_of(agency, policy="status_quo", replication=0, **scenario):
    return make_world(
        agency,
        load_policy(policy),
        months=2,
        replication=replication,
        scenario=replace(SHORT, **scenario),
    )


# what is drawn


def test_a_future_is_the_same_for_every_policy_and_replication(agency):
    sizes = [
        world_of(agency, policy, replication, future=3).effect_size("feedback")
        for policy in ("status_quo", "citizen_feedback")
        for replication in (0, 1)
    ]
    assert len(set(sizes)) == 1
    assert world_of(agency, future=4).effect_size("feedback") != sizes[0]
    assert world_of(agency).effect_size("feedback").mean == Evidence.load("shrunk")["feedback"].mean


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_means_have_the_spread_of_sampling_error_and_studies_together(agency, share):
    world = world_of(agency, future=0, between_share=share)
    expected = world.expected_size("feedback")
    total = math.hypot(0.6718, 0.6718)
    assert (expected.between, expected.spread) == pytest.approx(
        (total * math.sqrt(share), total * math.sqrt(1 - share))
    )
    means = []
    for future in range(400):
        world._sizes.clear()
        world._streams = type(world.streams)(1, 0, future)
        means.append(world.effect_size("feedback").mean)
    known = kstest(means, "norm", (expected.mean, math.hypot(expected.se, expected.between)))
    assert known.pvalue > 0.001
    drawn = world.effect_size("feedback")
    assert (drawn.se, drawn.between, drawn.spread) == (0.0, 0.0, expected.spread)


def test_a_deviate_that_is_given_takes_the_place_of_luck(agency):
    known = Evidence.load("shrunk")["training_behaviour"].effect
    for future in (None, 5):
        world = world_of(agency, future=future, draws={"training_behaviour": -1.5})
        assert world.effect_size("training_behaviour").mean == pytest.approx(known.mean - 1.5 * known.doubt)
    assert world_of(agency, draws={"training_behaviour": 2.0}).effect_size("feedback").mean == pytest.approx(
        Evidence.load("shrunk")["feedback"].mean
    )


def test_levers_that_rest_on_one_finding_meet_one_draw(agency):
    world = world_of(agency, future=2)
    size = world.effect_size("reward_contingent")
    for source in ("reward", "leadership"):
        world.effects.acting = source
        assert world.effect("motivation", "reward_contingent").mean == size.mean


def test_a_levers_own_effect_is_drawn_too(agency):
    means = set()
    for future in (0, 1):
        world = world_of(agency, future=future)
        world.effects.acting = "mine"
        means.add(world.effects.entry("pace", Effect(0.1, se=0.05)).mean)
    assert len(means) == 2
    assert 0.1 not in means


@pytest.mark.parametrize("name", policy_names())
def test_whatever_a_run_reads_of_the_evidence_is_a_parameter_of_its_futures(agency, name):
    policy = load_policy(name)
    world = make_world(agency, policy, months=5, scenario=SHORT)
    world.run()
    doubtful = {key for key, size in world._sizes.items() if size.doubt > 0}
    assert doubtful <= set(findings_of([policy]))
    assert not doubtful & set(NOT_DRAWN)


# the world's unknowns


def test_every_uncertainty_names_what_is_there_and_where_its_range_comes_from(agency):
    levers = {lever.name: lever for policy in POLICIES for lever in policy.levers}
    levers |= {"digital_services": DigitalServices(), "discipline": Discipline()}
    for u in load_uncertainties():
        assert u.low < u.high, u.key
        assert u.how in ("set", "times")
        assert u.source, u.key
        assert u.status in ("A", "D"), u.key
        for target in u.targets:
            if u.acts == "scenario":
                assert hasattr(Scenario(), target)
            elif u.acts == "agency":
                table, column = target.split(".")
                assert all(hasattr(row, column) for row in getattr(agency, table))
            else:
                lever, parameter = target.split(".")
                assert parameter in levers[lever].parameters()


def test_a_future_sets_what_it_says_and_nothing_else(agency):
    space = space_of(POLICIES, presets=("published",))
    future = space.at(np.full(len(space.names), 0.25), 7)
    for policy in POLICIES:
        town, changed, scenario = space.apply(future, agency, policy, SHORT)
        assert scenario.preset == "published"
        assert scenario.future == 7
        assert scenario.utilisation == pytest.approx(0.7625)
        assert scenario.burn_in == SHORT.burn_in
        assert [unit.retiring for unit in town.units] == pytest.approx([0.0375] * len(town.units))
        assert replace(town, units=agency.units) == agency
        assert changed.before_levers == policy.before_levers
        same = [
            (old, new)
            for old, new in zip(policy.levers, changed.levers, strict=True)
            if old in policy.before_levers
        ]
        assert all(old == new for old, new in same)
    digital = space.apply(future, agency, POLICIES[1], SHORT)[1]
    lever = next(lever for lever in digital.levers if lever.name == "digital_services")
    assert lever.share == pytest.approx(0.4 * 0.5)
    assert lever.induced == pytest.approx(0.125)
    rated = space.apply(future, agency, POLICIES[2], SHORT)[1]
    assert next(x for x in rated.levers if x.name == "appraisal").compliance == pytest.approx(0.475)
    assert space.apply(future, agency, POLICIES[0], SHORT)[1] == POLICIES[0]


def test_a_parameter_stays_within_its_bounds():
    policy = Policy("all online", (DigitalServices(share=0.8),), before=Policy("none"))
    space = space_of(
        [policy], evidence=False, presets=("shrunk",), uncertainties=uncertainties("digital_uptake")
    )
    changed = space.apply(space.at([1.0], 0), load_agency("contoh"), policy, SHORT)[1]
    assert changed.levers[0].share == 0.9


def test_what_can_change_nothing_is_left_out():
    space = space_of([status_quo()], presets=("shrunk",))
    assert not {"digital_uptake", "induced_demand", "compliance", PRESET} & set(space.names)
    own = Policy("strict", (Appraisal(distribution="se3"),))
    assert "compliance" in space_of([own]).names
    assert "evidence.training_behaviour" not in space.names
    assert "evidence.training_behaviour" in space_of([load_policy("ict_training")]).names


def test_the_sample_is_a_latin_hypercube_and_one_seed_is_one_sample():
    space = space_of(POLICIES)
    points = space.sample(30, 1)
    for column in points.T:
        assert sorted((column * 30).astype(int)) == list(range(30))
    assert np.array_equal(points, space.sample(30, 1))
    assert not np.array_equal(points, space.sample(30, 2))
    read = [future.preset for future in space.futures(30, 1)]
    assert {preset: read.count(preset) for preset in PRESETS} == dict.fromkeys(PRESETS, 10)


def test_the_table_tells_means_in_their_own_units():
    space = space_of(POLICIES, presets=("published",))
    future = Future(
        0, "published", {u.key: u.low for u in space.uncertainties}, dict.fromkeys(space.findings, 1.0)
    )
    row = space.table([future]).iloc[0]
    size = Evidence.load("published")["training_behaviour"].effect
    assert row["evidence.training_behaviour"] == pytest.approx(0.62 + math.hypot(size.se, size.between))
    assert row["evidence.feedback"] == pytest.approx(
        0.41 + 0.013
    )  # between_share is 0: all of it between people
    assert row["demand"] == 0.9


def test_unknown_names_and_ranges_are_refused():
    with pytest.raises(KinerjaError, match="did you mean 'demand'"):
        uncertainties("demmand")
    with pytest.raises(KinerjaError, match="not a range"):
        uncertainties(demand=(1.2, 1.0))
    assert uncertainties(demand=(1.0, 1.3))[0].high == 1.3
