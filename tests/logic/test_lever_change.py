"""Change: new practices are adopted one by one; resistance delays, and does nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from steady import steady

from sim.agency import load_agency
from sim.errors import KinerjaError
from sim.evidence import NO_EFFECT
from sim.levers import Change, Feedback, Policy
from sim.runs.run import make_world, simulate
from sim.world import Scenario

SHORT = Scenario(burn_in=6)
STILL = Change(ideas=0, suggestions=0)


@pytest.fixture(scope="module")
def agency():
    return load_agency("contoh")


def with_change(change: Change, *levers, mean=0.3):
    before = steady().plus(change)
    effects = {"feedback": {**NO_EFFECT, "mean": mean}}
    return replace(before.plus(*levers), before=before), replace(SHORT, effects=effects)


def ran(agency, plan, months):
    policy, scenario = plan
    world = make_world(agency, policy, months=months, scenario=scenario)
    world.run()
    return world


def test_without_new_practices_nothing_changes(agency):
    before = steady()
    with_it = before.plus(STILL)
    one = simulate(agency, before, months=3, scenario=SHORT)
    other = simulate(agency, replace(with_it, before=with_it), months=3, scenario=SHORT)
    same = [c for c in one.outcomes if c not in ("innovations", "adoption")]
    for name in same:
        left, right = one.outcomes[name].to_numpy(), other.outcomes[name].to_numpy()
        assert left.tobytes() == right.tobytes() if left.dtype == float else (left == right).all(), name


def test_what_is_not_adopted_has_no_effect_and_the_old_practice_goes_on(agency):
    world = ran(agency, with_change(STILL, Feedback(supervisor=2, citizens=12)), months=4)
    adopted = world.officers.column("change.adopted.feedback") == 1
    led = ~world.officers.is_supervisor
    assert 0.3 < adopted[led].mean() < 1
    motivation = world.people.motivation
    assert motivation[led & adopted].min() > 0.02
    assert motivation[led & ~adopted] == pytest.approx(0.0, abs=0.01)


def test_resistance_delays_and_campaigns_and_leaders_hasten(agency):
    def share(change, **climate):
        plan = with_change(change, Feedback(citizens=12))
        world = make_world(agency, plan[0], months=3, scenario=plan[1])
        for name, value in climate.items():
            getattr(world.climate, name)[:] = value
        world.run()
        return world.officers.column("change.adopted.feedback").mean(), world

    usual, world = share(STILL)
    resistant = world.officers.resistance > 0.5
    assert world.officers.column("change.adopted.feedback")[resistant].mean() <= usual
    assert share(replace(STILL, routine=1.0))[0] < usual
    assert share(replace(STILL, campaigns=12))[0] > usual
    assert share(STILL, commitment=1.0)[0] > usual > share(STILL, commitment=0.0)[0]


def test_resistance_does_nothing_but_delay(agency):
    """After long enough everyone has adopted, and the effect is what it is without the lever."""
    slow = ran(agency, with_change(STILL, Feedback(citizens=12)), months=36)
    base = steady().plus(Feedback(citizens=12))
    quick = ran(agency, (base, with_change(STILL)[1]), months=36)
    assert slow.officers.column("change.adopted.feedback").mean() == 1
    assert slow.people.motivation == pytest.approx(quick.people.motivation, abs=1e-9)


def test_more_campaigns_more_adoption_and_more_cost(agency):
    shares, costs = [], []
    for campaigns in (0, 4, 12):
        world = ran(agency, with_change(replace(STILL, campaigns=campaigns), Feedback(citizens=12)), months=3)
        shares.append(world.officers.column("change.adopted.feedback").mean())
        table = world.ledger.table().set_index("lever")["rupiah"]
        costs.append(table.get("change", 0.0))
    assert shares == sorted(shares)
    assert shares[0] < shares[-1]
    assert costs[0] == 0 < costs[1] < costs[2]


def test_units_originate_practices_that_raise_pace(agency):
    plan = with_change(Change(ideas=12, suggestions=0), mean=0.0)
    world = ran(agency, plan, months=12)
    none = ran(agency, with_change(STILL, mean=0.0), months=12)
    assert world.recorder.summary()["innovations"].iloc[-1] > 10
    assert world.people.channels[:, 0].mean() > none.people.channels[:, 0].mean() + 0.05
    assert np.allclose(world.people.channels[:, 1], none.people.channels[:, 1])


def test_bad_parameters_are_refused_by_name():
    with pytest.raises(KinerjaError, match=r"change.campaigns = 13: must be at most 12"):
        Change(campaigns=13)
    with pytest.raises(KinerjaError, match=r"unknown parameter 'campaign' \(did you mean 'campaigns'\?\)"):
        Change.build({"campaign": 1})
    assert Policy("p", (Change(),)).levers[0].key == "change"
