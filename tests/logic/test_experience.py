"""Claim: whoever is served badly marks every element lower, the element concerned most; waiting costs what the evidence
says; answers hang together as stated; and a survey finds what whom it asks has met."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit
from steady import steady

from sim.agency import load_agency
from sim.errors import KinerjaError
from sim.runs.run import make_world, simulate
from sim.world import Scenario
from sim.world.citizens.satisfaction import (
    BEHAVIOUR,
    CAUSES,
    COMPETENCE,
    COMPLAINTS,
    OWN_VARIANCE,
    PRODUCT,
    TIME,
    Experience,
    Response,
    answers,
    doublings,
    per_doubling,
)
from sim.world.citizens.surveys import reading

RESPONSE = Response.of(Scenario(), waiting=-0.7)
HOW = {"bias": 8.0, "spread_self": 2.3, "spread_independent": 6.5}


def citizens(n=4, **causes):
    none = {name: np.zeros(n) for name in ("waiting", "wrong", "care", "courtesy", "complaint")}
    return Experience(**(none | {name: np.full(n, value) for name, value in causes.items()}))


def asked(ikm=81.0, usual=0.0, response=RESPONSE, **causes):
    return answers(response, ikm, usual, citizens(**causes))


@pytest.fixture(scope="module")
def agency():
    return load_agency("contoh")


# one citizen


@pytest.mark.parametrize("ikm", [60.0, 81.0, 95.0])
@pytest.mark.parametrize("usual", [-2.0, 0.0, 1.0])
def test_who_meets_what_is_usual_gives_the_units_own_ikm(ikm, usual):
    assert asked(ikm, usual, waiting=usual).ikm == pytest.approx(ikm, abs=0.01)


@pytest.mark.parametrize(
    ("cause", "element", "sign"),
    [
        ({"waiting": 1.0}, TIME, -1),
        ({"wrong": 1.0}, PRODUCT, -1),
        ({"care": 1.0}, COMPETENCE, 1),
        ({"courtesy": 1.0}, BEHAVIOUR, 1),
        ({"complaint": -0.5}, COMPLAINTS, -1),
    ],
)
def test_each_cause_moves_every_element_and_its_own_most(cause, element, sign):
    moved = sign * (asked(**cause).elements - asked().elements)
    others = np.delete(moved, element)
    assert (others > 0.04).all()
    assert moved[element] > 1.5 * others.max()
    assert sign * (asked(**cause).satisfied - asked().satisfied) > 0.01


def test_without_the_own_path_all_elements_are_alike():
    nine = asked(response=replace(RESPONSE, own_path=0.0), waiting=1.0).elements
    assert np.ptp(nine) == pytest.approx(0.0, abs=1e-12)


def test_complaints_move_the_answers_of_complainants_only():
    none, some = citizens(100), citizens(100)
    some.complaint[:10] = -0.5
    before, after = (answers(RESPONSE, 81.0, 0.0, who).elements for who in (none, some))
    ten = answers(RESPONSE, 81.0, 0.0, some.of(np.arange(10))).elements
    assert after == pytest.approx(0.9 * before + 0.1 * ten, abs=1e-9)


@pytest.mark.parametrize("odds", [-0.25, -0.7, -1.9])
@pytest.mark.parametrize(("ikm", "usual"), [(81.0, 0.0), (81.0, -1.5), (65.0, -1.0), (92.0, 0.5)])
def test_an_hour_costs_the_log_odds_of_the_evidence(odds, ikm, usual):
    response = replace(RESPONSE, waiting=odds)
    short, long = (
        asked(ikm, usual, response, waiting=float(doublings(minutes, 30))).satisfied for minutes in (15, 60)
    )
    assert np.log(long / (1 - long)) - np.log(short / (1 - short)) == pytest.approx(odds, abs=0.01)
    assert per_doubling(response, ikm, usual) < 0


@pytest.mark.parametrize("halo", [0.45, 0.6, 0.75])
def test_two_answers_of_a_citizen_hang_together_as_stated(halo):
    """A million answers drawn one by one: latents correlate `halo`, IKM of citizens differ by the SD stated."""
    scale = replace(RESPONSE, halo=halo).scale
    rng, n = np.random.default_rng(3), 120_000
    cause = np.sqrt(CAUSES) * rng.standard_normal((n, 1))
    latent = cause + scale.disposition * rng.standard_normal((n, 1)) + rng.logistic(size=(n, 9))
    assert np.corrcoef(latent[:, 0], latent[:, 1])[0, 1] == pytest.approx(halo, abs=0.01)
    level = scale.level(81.0)
    given = 1 + (level + latent[..., None] > scale.spacing * np.array([-1.0, 0.0, 1.0])).sum(-1)
    assert 25 * given.mean() == pytest.approx(25 * scale.score(level + cause).mean(), abs=0.15)
    assert 25 * given.mean(axis=1).std() == pytest.approx(12.0, rel=0.02)
    share = expit(scale.log_odds(level + cause)).mean()
    assert (given >= 3).mean() == pytest.approx(share, abs=0.003)


def test_nobody_asked_is_no_answer():
    found = answers(RESPONSE, 81.0, 0.0, citizens(0))
    assert np.isnan([*found.elements, found.satisfied, found.ikm]).all()


# a whole unit


def test_answers_of_one_citizen_correlate_as_stated_with_all_that_happened_to_them(agency):
    """Causes differ between citizens, too: all of it together is .6, and in the range of the proxy, .45 to .75."""
    world = make_world(agency, steady(), months=3, scenario=Scenario(burn_in=0))
    world.run()
    for respondents in world.service.respondents.values():
        met = Experience.together([past for _ids, _served, past in respondents._past])
        waits = per_doubling(RESPONSE, 81.0, -1.0) * met.waiting
        experience = waits - met.wrong + 0.5 * (met.care + met.courtesy) + met.complaint
        shared = experience.var() + RESPONSE.scale.disposition**2
        plain = shared / (shared + OWN_VARIANCE)
        assert plain == pytest.approx(0.6, abs=0.05)
        # with the element on time, which shares more of the cause and has more of its own
        time = (shared + np.cov(experience, waits)[0, 1]) / np.sqrt(
            (shared + OWN_VARIANCE) * ((experience + waits).var() + shared - experience.var() + OWN_VARIANCE)
        )
        assert 0.45 < time < 0.75


def test_an_agency_of_ones_own_starts_at_the_ikm_of_its_table(agency):
    """What its citizens are used to is learnt from a year of its own; a table with another IKM starts at that one."""
    units = tuple(replace(u, ikm=ikm) for u, ikm in zip(agency.units, (88.0, 70.0, 81.0), strict=True))
    own = replace(agency, name="mine", units=units).with_(agency={"name": "mine"})
    found = [
        simulate(own, steady(), months=12, replication=r, scenario=Scenario(burn_in=0)).summary
        for r in (0, 1)
    ]
    mean = (
        sum(run.set_index("unit").loc[["dukcapil", "puskesmas"], "ikm_service"].iloc[:2] for run in found) / 2
    )
    assert mean.to_numpy() == pytest.approx([88.0, 70.0], abs=2.5)


def test_a_future_that_minds_waiting_more_does_not_change_what_today_is_worth(agency):
    short = {"burn_in": 0}
    found = [
        simulate(
            agency,
            steady(),
            months=4,
            scenario=Scenario(**short, effects={"waiting_satisfaction": {"mean": size}}),
        ).summary.iloc[-1]["ikm_service"]
        for size in (-0.2, -0.7, -1.8)
    ]
    assert np.ptp(found) < 2.5


def test_who_left_is_met_by_a_survey_of_the_population_only(agency):
    units = tuple(replace(unit, ikm_coverage="population") for unit in agency.units)
    crowded = Scenario(burn_in=0, demand=2.0, usual={"dukcapil": -1.2, "puskesmas": -1.6})
    counter = simulate(agency, steady(), months=2, scenario=crowded).summary.iloc[-1]
    everyone = simulate(replace(agency, units=units), steady(), months=2, scenario=crowded).summary.iloc[-1]
    assert everyone["left"] == counter["left"] > 100
    assert everyone["ikm_service"] < counter["ikm_service"] - 0.3


def test_waits_are_those_published_or_of_the_channel(agency):
    plain = replace(agency, services=tuple(replace(s, expected_wait=None) for s in agency.services))
    assert [s.published_wait for s in plain.services] == [30, 30, 1350, 450, 30, 30, 1350]
    assert [s.published_wait for s in agency.services] == [30, 30, 1350, 450, 45, 45, 450]


def test_a_unit_that_is_not_there_is_refused(agency):
    with pytest.raises(KinerjaError, match="contoh has no service unit 'dukcapill'"):
        make_world(agency, steady(), months=1, scenario=Scenario(usual={"dukcapill": 1.0}))


# whose survey


def test_an_office_finds_more_and_less_difference_than_an_independent_body(agency):
    units = tuple(replace(u, ikm=ikm) for u, ikm in zip(agency.units, (79.0, 83.0, 81.0), strict=True))
    town = replace(agency, units=units)
    felt = np.array([79.0, 83.0, np.nan])
    assert reading(town, felt, "self", **HOW) == pytest.approx(felt, nan_ok=True)
    outside = reading(town, felt, "independent", **HOW)
    assert np.nanmean(outside) == pytest.approx(81 - 8)
    assert outside[1] - outside[0] == pytest.approx(4 * 6.5 / 2.3)


def test_what_changed_is_felt_in_full_and_found_in_part_by_the_office(agency):
    felt = np.array([81.0, 81.0, np.nan])
    worse = felt - np.array([6.0, 0.0, 0.0])
    for by, share in (("independent", 1.0), ("self", 2.3 / 6.5)):
        fall = reading(agency, felt, by, **HOW) - reading(agency, worse, by, **HOW)
        assert fall[0] - fall[1] == pytest.approx(6 * share)
        assert np.nanmean(fall) == pytest.approx(3.0)


def test_a_table_that_an_independent_body_filled_is_read_so():
    makassar = load_agency("makassar")
    felt = np.array([81.761] * 3 + [np.nan] * 2)
    assert reading(makassar, felt, "independent", **HOW)[:3] == pytest.approx([81.761] * 3)
    assert reading(makassar, felt, "self", **HOW)[:3] == pytest.approx([89.761] * 3)
