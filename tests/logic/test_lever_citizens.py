"""Citizens' voice: what a survey finds, and perception told apart from service."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from steady import steady

from sim.agency import load_agency
from sim.errors import KinerjaError
from sim.evidence import NO_EFFECT
from sim.levers import CitizenVoice, status_quo
from sim.runs.run import make_world, simulate
from sim.world import Scenario

SHORT = Scenario(burn_in=3)
FREE = CitizenVoice(every="month", cost=0)


@pytest.fixture(scope="module")
def agency():
    return load_agency("contoh")


def run(agency, lever, months=4, scenario=SHORT):
    return simulate(agency, status_quo().plus(lever), months=months, scenario=scenario)


def test_without_effect_or_money_no_byte_changes(agency):
    none = replace(SHORT, effects={"citizen_monitoring": NO_EFFECT})
    one = simulate(agency, status_quo(), months=3, scenario=none).outcomes
    other = run(agency, replace(FREE, publish=True), months=3, scenario=none).outcomes
    for name in one:
        if name not in ("ikm_survey", "adoption"):
            left, right = one[name].to_numpy(), other[name].to_numpy()
            assert left.tobytes() == right.tobytes() if left.dtype == float else (left == right).all(), name


def test_publication_moves_performance_to_its_evidence(agency):
    world = make_world(agency, steady().plus(replace(FREE, publish=True)), months=2, scenario=SHORT)
    world.run()
    size = world.evidence["citizen_monitoring"].mean
    assert world.effects.total("performance").mean() == pytest.approx(size, abs=1e-9)


def test_a_generous_standard_pleases_without_anyone_waiting_less(agency):
    plain = run(agency, FREE).summary.iloc[-1]
    generous = run(agency, replace(FREE, standard=2.0)).summary.iloc[-1]
    strict = run(agency, replace(FREE, standard=0.5)).summary.iloc[-1]
    assert generous["waiting_minutes"] == plain["waiting_minutes"] == strict["waiting_minutes"]
    assert generous["ikm_service"] == plain["ikm_service"]
    assert strict["ikm_perceived"] < plain["ikm_perceived"] < generous["ikm_perceived"]


def test_an_outside_survey_finds_less_and_more_respondents_err_less(agency):
    own = run(agency, FREE).outcomes
    outside = run(agency, replace(FREE, collected="independent")).outcomes
    bias = agency.fact("survey_bias")
    more = (own["ikm_survey"] - outside["ikm_survey"]).groupby(own["month"]).mean().dropna()
    assert more.to_numpy() == pytest.approx(bias, abs=1e-9)
    months = own["month"] == own["month"].max()
    assert own[months]["ikm_survey"].std() != pytest.approx(outside[months]["ikm_survey"].std())

    def error(respondents):
        out = run(agency, replace(FREE, respondents=respondents, collected="independent"), months=6).outcomes
        out = out[out["unit"] == "dukcapil"]
        found = out["ikm_survey"].iloc[1:].to_numpy() + bias
        return np.abs(found - out["ikm_perceived"].iloc[:-1].to_numpy()).mean()

    assert error(10_000) < 0.5 < error(8)


def test_a_survey_of_the_population_meets_those_who_left(agency):
    crowded = Scenario(burn_in=3, demand=2.0, usual={"dukcapil": -1.2, "puskesmas": -1.6})
    counter, population = (
        run(agency, replace(FREE, coverage=who, respondents=100_000), scenario=crowded).summary.iloc[-1]
        for who in ("counter", "population")
    )
    assert population["ikm_perceived"] == counter["ikm_perceived"]
    assert population["ikm_survey"] < counter["ikm_survey"] - 0.3


def test_bad_parameters_are_refused_by_name():
    with pytest.raises(KinerjaError, match=r"citizen_voice.respondents = 0: must be at least 1"):
        CitizenVoice(respondents=0)
    with pytest.raises(KinerjaError, match=r"must be one of self, independent"):
        CitizenVoice(collected="friends")
