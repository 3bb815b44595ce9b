"""Claim: satisfaction responds: each of its causes, driven from its best to its worst in a whole run, lowers the index
and the share satisfied by more than the least that was written down before (`liveness_satisfaction.py`)."""

from __future__ import annotations

import pytest
from liveness_satisfaction import LEAST
from steady import steady

from sim.agency import load_agency
from sim.evidence import Effect
from sim.levers import Lever
from sim.runs.run import simulate
from sim.world import Scenario

MONTHS = 3
SHORT = {"burn_in": 2}


class Driven(Lever):
    """Everybody's care or courtesy, by some SDs."""

    channel: str = "care"
    size: float = 0.0

    def run(self, world):
        world.effects.add(self.channel, Effect(self.size))


class Wrong(Lever):
    """Every service errs equally often."""

    share: float = 0.1

    def run(self, world):
        for office in world.offices:
            office.base_error[: 2 * len(office.services)] = self.share


def found(agency, *levers, **scenario):
    run = simulate(agency, steady().plus(*levers), months=MONTHS, scenario=Scenario(**SHORT, **scenario))
    return run.summary.iloc[-1]


@pytest.fixture(scope="module")
def agency():
    return load_agency("contoh")


def extremes(agency, cause):
    """The best and the worst: few or many citizens; no or every second answer wrong; +-2 SD of an officer."""
    if cause == "waiting":
        return found(agency, demand=0.3), found(agency, demand=3.0)
    if cause == "errors":
        # few citizens, so that doing work again keeps hardly anybody waiting
        return tuple(found(agency, Wrong(share=p), demand=0.4) for p in (0.0001, 0.6))
    return found(agency, Driven(channel=cause, size=2.0)), found(agency, Driven(channel=cause, size=-2.0))


@pytest.mark.parametrize("cause", LEAST)
def test_each_cause_moves_satisfaction_by_more_than_its_least(agency, cause):
    best, worst = extremes(agency, cause)
    for outcome, least in LEAST[cause].items():
        print(cause, outcome, best[outcome], worst[outcome])
        assert best[outcome] - worst[outcome] > least, (cause, outcome)
