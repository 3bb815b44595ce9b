"""Careers: posts are conserved, rates are the published ones, newcomers climb, promotion follows its rule."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest
from wide_agency import wide_agency

from sim.agency import load_agency
from sim.errors import KinerjaError
from sim.levers import Careers, Lever, Policy, status_quo
from sim.runs.run import make_world, simulate
from sim.world import Scenario

SHORT = Scenario(burn_in=3)
NOBODY = Careers(retirement=0, transfers=0, exits=0)


@pytest.fixture(scope="module")
def agency():
    return load_agency("contoh")


@pytest.fixture(scope="module")
def wide():
    return wide_agency()


def ran(agency, lever, months=6, scenario=SHORT, policy=None):
    world = make_world(agency, policy or status_quo().plus(lever), months=months, scenario=scenario)
    world.run()
    return world


def test_where_nobody_leaves_no_byte_changes(agency):
    young = replace(agency, units=agency.units)
    one = simulate(young, status_quo(), months=3, scenario=SHORT).outcomes
    other = simulate(young, status_quo().plus(NOBODY), months=3, scenario=SHORT).outcomes
    for name in one:
        if name not in ("vacancies", "newcomers", "engagement"):
            left, right = one[name].to_numpy(), other[name].to_numpy()
            assert left.tobytes() == right.tobytes() if left.dtype == float else (left == right).all(), name


def test_posts_are_conserved_and_people_change(agency):
    world = ran(agency, Careers(exits=0.5, vacancy=2), months=12)
    assert len(world.officers) == agency.officers
    out = world.recorder.outcomes()
    assert out["newcomers"].sum() > 5
    assert 0 < out["vacancies"].mean() < 5
    assert (~world.officers.there).sum() == out["vacancies"].iloc[-3:].sum()
    posts = out["officers"] + out["vacancies"]
    assert posts.tolist() == [unit.officers for unit in agency.units] * 12


def test_officers_leave_at_the_published_rates():
    big = load_agency("makassar-full")
    bare = Policy("p", (Careers(vacancy=0.5),))
    world = make_world(big, replace(bare, before=bare), months=1, scenario=Scenario(burn_in=12))
    left, there, dismiss = 0.0, [], world.dismiss

    def counted(who):
        nonlocal left
        left += who.sum()
        there.append(world.officers.there.sum())
        return dismiss(who)

    world.dismiss = counted
    world.env.run(until=int(world.calendar.month_start[12]) - 1)
    retiring = np.average([u.retiring for u in big.units], weights=[u.officers for u in big.units])
    wanted = np.mean(there) * (retiring + big.fact("transfer_rate") + Careers().exits)
    assert left == pytest.approx(wanted, abs=5 * np.sqrt(wanted))


@pytest.mark.parametrize("mean", [0.5, 1.0, 3.0, 9.0])
def test_a_vacancy_lasts_as_long_on_average_as_is_said(wide, mean):
    """A thousand posts are vacated at once; below a month some are filled in the month itself."""

    class Exodus(Lever):
        phase: ClassVar[str] = "reward"

        def run(self, world):
            yield world.clock.next("month")
            world.dismiss(world.officers.all())

    plan = Policy("p", (replace(NOBODY, vacancy=mean), Exodus()))
    world = make_world(wide, plan, months=round(10 + 9 * mean), scenario=Scenario(burn_in=1))
    world.run()
    out = world.recorder.outcomes().groupby("month")["vacancies"].sum()
    assert world.officers.there.all()
    assert out.sum() / len(world.officers) == pytest.approx(mean, abs=4 * (mean + 0.5) / np.sqrt(1000))


def test_newcomers_are_slow_and_learn(agency):
    world = make_world(agency, status_quo().plus(Careers(exits=0.8, vacancy=0.5)), months=4, scenario=SHORT)
    world.run()
    months = world.officers.column("careers.months", 12.0)
    new = months < 6
    pace = world.effects.total("pace")
    assert new.sum() > 3
    assert pace[new].max() < pace[~new].min() + 0.3
    assert np.corrcoef(months[new], pace[new])[0, 1] > 0.5
    # half the experience takes 1/.815 of the time
    entry = next(e for e in world.effects._entries.values() if e.source == "careers")
    ratio = np.exp(np.log(1.2) * entry.dose)
    again = np.isclose(months, 3.0)
    if again.any():
        assert ratio[again].mean() == pytest.approx(0.815 ** np.log2(13 / 4), rel=0.02)


@pytest.mark.parametrize("rule", ["best", "seniority", "talent_box", "random"])
def test_the_promoted_are_who_the_rule_says(agency, rule):
    world = make_world(agency, status_quo().plus(replace(NOBODY, promotion=rule)), months=1, scenario=SHORT)
    world.run()
    officers = world.officers
    officers.column("appraisal.score")[:] = np.arange(len(officers), dtype=float)
    officers.tenure[:] = -np.arange(len(officers), dtype=float)
    world.dismiss(np.arange(len(officers)) == 0)
    marks = officers.column("mark", 0.0)
    marks[:] = np.arange(len(officers))
    lever = Careers(promotion=rule)
    world.people.truth[:] = 0.0
    lever._promote(world)
    rows = officers.slices[0]
    wanted = {"best": rows.stop - 1, "talent_box": rows.stop - 1, "seniority": rows.start + 1}.get(rule)
    assert marks[0] != 0
    assert wanted is None or marks[0] == wanted
    assert not officers.there[int(marks[0])]
    assert officers.there[0]


def test_promoting_the_best_pays_only_if_skill_carries_over(agency):
    """Direction of Pluchino et al. (2010): it hangs on carry-over which rule leads best."""

    def gift(rule, carry_over):
        found = []
        for replication in range(6):
            lever = replace(NOBODY, promotion=rule, carry_over=carry_over)
            world = make_world(
                agency, status_quo().plus(lever), months=1, scenario=SHORT, replication=replication
            )
            world.run()
            world.officers.column("appraisal.score")[:] = world.people.truth
            world.dismiss(world.officers.is_supervisor)
            lever._promote(world)
            found += [world.officers.column("careers.lead")[rows.start] for rows in world.officers.slices]
        return np.mean(found)

    assert gift("best", 1.0) > 1.0 > abs(gift("best", 0.0))


def test_bad_parameters_are_refused_by_name():
    with pytest.raises(KinerjaError, match=r"careers.promotion = 'friends': must be one of best, seniority"):
        Careers(promotion="friends")
    with pytest.raises(KinerjaError, match=r"careers.vacancy = 0: must be at least 0.5"):
        Careers(vacancy=0)
