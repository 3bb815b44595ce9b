"""Claim: the doors of a world compose: any levers may use any of them at one time, the people they meet do not depend
on who asks first or on what else is decided, and a wrong name or number is refused with its cure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import sim
from sim.errors import KinerjaError
from sim.levers import LEVERS, Careers, Policy, Training
from sim.runs.run import make_world
from sim.world import Scenario

SHORT = Scenario(burn_in=2)
TODAY = sim.status_quo()


@pytest.fixture(scope="module")
def agency():
    return sim.load_agency("contoh")


def ran(agency, policy, months=3):
    world = make_world(agency, policy, months=months, scenario=SHORT)
    world.run()
    return world


def cell(world, name):
    return world.recorder.outcomes()[name].to_numpy()


class Dismissal(sim.Lever):
    """The five lines that ended in an error."""

    def run(self, world):
        while True:
            yield world.clock.next("month")
            world.replace(world.officers.column("appraisal.score") < -1.2)


def test_dismissal_on_the_status_quo(agency):
    busy = replace(TODAY, before=TODAY).plus(Careers(exits=0.9, vacancy=0.5), Dismissal(), name="both")
    world = ran(agency, busy, months=4)
    alone = ran(agency, busy.minus("dismissal"), months=4)
    assert cell(world, "newcomers").sum() > cell(alone, "newcomers").sum() > 0


# every door, from two levers at once


class Doors(sim.Lever):
    """Opens every public door of a world in each month."""

    outcomes = (sim.Outcome("opened", better="high", months="sum", units="sum"), sim.Outcome("share"))
    seats: int = sim.param("n", default=1)

    def run(self, world):
        officers = world.officers
        cups = officers.column(f"cups.{self.tag}", 0.0)
        grade = officers.column(f"grade.{self.tag}", 1.0, of="post")
        while True:
            yield world.clock.next("month", phase="reward")
            gone = world.dismiss(officers.row(5))
            world.dismiss(world.streams.generator("doors.quits", world.clock.now).random(len(officers)) < 0.1)
            world.hire(world.vacant & (officers.slot % 2 == 0))
            world.hire(
                world.vacant & ~officers.is_supervisor, candidates=3, merit=lambda c: c.motivation, pns=False
            )
            world.replace([2, 3])
            if world.vacant[officers.supervisor[9]]:
                world.promote(9, int(officers.supervisor[9]))
            world.swap(6, 7)
            world.effects.add("motivation", sim.Effect(0.01, spread=0.1), fade_days=30, who=~gone)
            world.effects.add("motivation", sim.Effect(-0.01), who=[1], part="other")
            world.effect("performance", "feedback").set(officers.tenure < 2, 0.5)
            world.climate.trust[:] = np.minimum(1.0, world.climate.trust + 0.01)
            world.offices[0].rules.expected = 1.1
            world.spend(officers.slot == 1, 30)
            world.roster.send_away([4], world.clock.day, 2)
            world.pay(1000.0)
            cups[:] += 1
            grade[:] += 1
            world.recorder.count("opened")
            world.recorder.flow("opened", world.sum_by_unit(cups * 0 + 1))
            world.recorder.state("share", world.by_unit(officers.tenure < 2))
            world.follow(self, self.later(world))

    def later(self, world):
        yield world.clock.after(3)
        world.spend([1], np.full(len(world.officers), 5.0))


def test_every_door_is_open_to_two_levers_at_once(agency):
    both = TODAY.plus(Doors(tag="a"), Doors(tag="b"), Doors(), name="doors")
    world = ran(agency, both, months=3)
    out = world.recorder.outcomes()
    assert out["opened"].sum() == 3 * 3 * agency.officers
    assert out["newcomers"].sum() > 10
    assert out["vacancies"].notna().all()
    assert (world.officers.column("grade.a") == 4.0).all()  # posts do not start anew
    assert world.officers.column("cups.a").min() < 3.0  # people do
    assert ran(agency, both, months=3).recorder.outcomes().equals(out)


@pytest.mark.parametrize("name", sorted(LEVERS))
def test_two_levers_of_a_kind_act_at_once(agency, name):
    """Not that it is sensible, but that it does not end in an error of random numbers."""
    first = next((lever for lever in TODAY.levers if lever.name == name), LEVERS[name]())
    if name == "discipline":
        first = replace(first, recorded=1.0, enforcement=1.0)
    twice = Policy("p", (first, replace(first, tag="two")))
    ran(agency, replace(twice, before=twice), months=2)


# pairing


class Hires(sim.Lever):
    phase = "reward"
    slots: tuple = sim.param("slots", default=(3,))
    among: int = sim.param("candidates", default=1)
    marks: bool = False

    def run(self, world):
        yield world.clock.next("month", 2)
        chosen = np.isin(np.arange(len(world.officers)), self.slots)
        world.dismiss(chosen)
        if self.among > 1:
            world.hire(chosen, candidates=self.among, merit=lambda c: c.skill.mean(axis=-1))
        else:
            world.hire(chosen)


def test_a_newcomer_is_the_same_whoever_hires_and_whatever_else_is_decided(agency):
    quiet = Policy("none", ())
    quiet = replace(quiet, before=quiet)
    one = ran(agency, quiet.plus(Hires(slots=(3,)))).officers
    two = ran(agency, quiet.plus(Hires(slots=(4,)), Hires(tag="x", slots=(3,)))).officers
    assert one.motivation[3] == two.motivation[3]
    assert one.motivation[4] != two.motivation[4]
    # a post that changes hands twice at one time gets another person the second time
    again = ran(agency, quiet.plus(Hires(slots=(3,)), Hires(tag="x", slots=(3, 4)))).officers
    assert again.motivation[3] != one.motivation[3]
    assert again.motivation[4] == two.motivation[4]


def test_who_may_choose_gets_better_people_and_never_worse_ones(agency):
    quiet = Policy("none", ())
    quiet = replace(quiet, before=quiet)
    slots = tuple(range(1, 12))
    one, many = (
        ran(agency, quiet.plus(Hires(slots=slots, among=n))).officers.skill.mean(axis=1)[1:12] for n in (1, 8)
    )
    assert (many >= one).all()
    assert many.mean() - one.mean() > 0.4


def test_responses_of_newcomers_are_those_of_the_shipped_road(agency):
    """Filling posts in two calls gives what one call gives."""

    def made(*calls):
        world = make_world(agency, TODAY, months=1, scenario=SHORT)
        world.effects.add("pace", sim.Effect(0.1, spread=0.2))
        for call in calls:
            world.replace(call)
        return world.effects.total("pace"), world.officers.skill

    at_once, in_two = made([3, 4, 5]), made([4], [3, 5])
    assert all((a == b).all() for a, b in zip(at_once, in_two, strict=True))


# posts and people


def test_promotion_moves_a_person_and_leaves_a_vacancy(agency):
    world = make_world(agency, TODAY, months=1, scenario=SHORT)
    officers, who = world.officers, world.officers.skill[4].copy()
    world.dismiss(0)
    mark = officers.column("mark", 0.0)
    mark[4] = 1.0
    rank = officers.column("rank", 0.0, of="post")
    rank[:] = np.arange(len(officers))
    world.promote(4, 0)
    assert (officers.skill[0] == who).all()
    assert mark[0] == 1.0
    assert (rank == np.arange(len(officers))).all()
    assert np.flatnonzero(world.vacant).tolist() == [4]
    world.hire(4, pns=True)
    assert not world.vacant.any()
    assert officers.pns[4]
    assert mark[4] == 0.0
    assert officers.column("careers.months")[4] == 0.0


def test_a_dismissed_officer_is_not_at_the_desk_and_careers_fills_the_post(agency):
    class Empties(sim.Lever):
        phase = "reward"

        def run(self, world):
            yield world.clock.next("month", 2)
            world.dismiss(world.officers.slot > 0)

    policy = TODAY.plus(Careers(vacancy=2.0, exits=0.0, retirement=0.0, transfers=0.0), Empties())
    world = ran(agency, policy, months=4)
    vacant, served = (world.recorder.outcomes().groupby("month")[x].sum() for x in ("vacancies", "served"))
    assert vacant[2] > 0.5 * agency.officers > vacant[4] > 0
    assert served[2] < 0.7 * served[1]


# wrong names and numbers


def world_of(agency):
    return make_world(agency, TODAY, months=1, scenario=SHORT)


WRONG = {
    "a mask too short": (lambda w: w.dismiss(np.ones(3, bool)), r"no choice of officers. Give a mask of \d+"),
    "a mask of numbers": (lambda w: w.spend(np.ones(len(w.officers)), 5), r"no choice of officers"),
    "zeros and ones": (lambda w: w.dismiss(np.ones(len(w.officers), int)), r"no choice of officers"),
    "a row below": (lambda w: w.swap(-1, 2), r"-1 is no row of an officer; rows are 0 to \d+"),
    "a row beyond": (lambda w: w.promote(3, 10**6), r"is no row of an officer"),
    "a row twice": (lambda w: w.replace([3, 3]), r"different rows"),
    "a post that is taken": (lambda w: w.hire([3]), r"1 of these posts are not vacant \(the first is 3\)"),
    "a promotion onto somebody": (lambda w: w.promote(3, 0), r"post 0 is not vacant"),
    "a promotion of nobody": (
        lambda w: (w.dismiss([0, 3]), w.promote(3, 0)),
        r"post 3 is vacant; there is nobody",
    ),
    "candidates without merit": (
        lambda w: w.replace([3], candidates=3),
        r"candidates and merit belong together",
    ),
    "merit of another shape": (
        lambda w: w.replace([3], candidates=3, merit=lambda c: c.skill),
        r"merit gave numbers of shape",
    ),
    "a trait of candidates": (
        lambda w: w.replace([3], candidates=3, merit=lambda c: c.motivaton),
        r"no 'motivaton' \(did you mean 'motivation'\?\)",
    ),
    "a column": (
        lambda w: w.officers.column("apraisal.score"),
        r"no column 'apraisal.score' \(did you mean 'appraisal.score'\?\)",
    ),
    "a column with a start": (
        lambda w: w.officers.column("apraisal.score", 0.0),
        r"no column 'apraisal.score' \(did you mean 'appraisal.score'\?\)",
    ),
    "a column nobody made": (lambda w: w.officers.column("coffee.cups"), r"column\('coffee.cups', 0.0\)"),
    "a column with another start": (
        lambda w: w.officers.column("training.jp", 1.0),
        r"'training.jp' is there already, with start 0.0",
    ),
    "a trait": (lambda w: w.officers.tenur, r"no 'tenur' \(did you mean 'tenure'\?\)"),
    "a trait that is set": (lambda w: setattr(w.officers, "tenur", 1), r"did you mean 'tenure'"),
    "a climate": (lambda w: setattr(w.climate, "clarty", 1), r"did you mean 'clarity'"),
    "a ratio of the climate": (lambda w: w.climate.ratio("clarty"), r"did you mean 'clarity'"),
    "a rule": (lambda w: setattr(w.offices[0].rules, "onlin", 0.5), r"did you mean 'online'"),
    "a part of the world": (lambda w: w.recoder, r"no 'recoder' \(did you mean 'recorder'\?\)"),
    "a part that is set": (lambda w: setattr(w, "ofices", []), r"did you mean 'offices'"),
    "a channel": (lambda w: w.effects.add("motivaton", sim.Effect(0.1)), r"did you mean 'motivation'"),
    "no effect": (lambda w: w.effects.add("motivation", 0.1), r"0.1 is no effect. Write sim.Effect"),
    "another effect": (
        lambda w: [w.effects.add("motivation", sim.Effect(x)) for x in (0.1, 0.2)],
        r"has an effect on motivation already .* Name the second with part=",
    ),
    "a half-life of nothing": (
        lambda w: w.effects.add("motivation", sim.Effect(0.1), fade_days=0),
        r"a half-life of 0 days",
    ),
    "a finding": (lambda w: w.effect("motivation", "fedback"), r"did you mean 'feedback'"),
    "a period": (lambda w: w.clock.next("moth"), r"did you mean 'month'"),
    "a time": (lambda w: w.clock.next("month", times=0), r"times is 0"),
    "a phase": (lambda w: w.clock.next("month", phase="trian"), r"did you mean 'train'"),
    "an outcome": (
        lambda w: w.recorder.flow("srved", 1.0),
        r"no outcome 'srved' \(did you mean 'served'\?\)",
    ),
    "an outcome that is set": (lambda w: w.recorder.state("absense", 1.0), r"did you mean 'absence'"),
    "an outcome that is counted": (lambda w: w.recorder.count("newcommers"), r"did you mean 'newcomers'"),
    "an outcome that is read": (lambda w: w.recorder.latest("complains"), r"did you mean 'complaints'"),
    "an outcome in two ways": (lambda w: w.recorder.state("cost", 1.0), r"in another way already \(flow\)"),
    "a percentile": (lambda w: w.recorder.flow("waiting_p90", 1.0), r"in another way already \(cases\)"),
    "cases of a mean": (lambda w: w.recorder.cases("served", 0, 1, np.ones(2)), r"not made of single cases"),
    "officers where units are asked": (
        lambda w: w.recorder.flow("sanctions", np.ones(len(w.officers))),
        r"one number for each of 3 units; world.by_unit",
    ),
    "units where officers are asked": (lambda w: w.by_unit(np.ones(3)), r"these have the shape \(3,\)"),
    "money": (lambda w: w.pay(float("nan")), r"nan is no amount of money"),
    "minutes": (lambda w: w.spend([1], -5), r"not negative"),
    "days": (lambda w: w.roster.send_away([1], 0, 1.5), r"whole numbers from 0"),
    "a stream twice": (
        lambda w: [w.streams.generator("coffee.spilt", 1) for _ in range(2)],
        r"requested twice; use it once, or give it another key",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_name_or_number_is_refused_with_its_cure(agency, case):
    act, told = WRONG[case]
    world = world_of(agency)
    world.pay(1.0)
    with pytest.raises(KinerjaError, match=told):
        act(world)


def test_two_outcomes_of_one_name_are_refused(agency):
    class One(sim.Lever):
        outcomes = (sim.Outcome("mine", better="high"),)

        def run(self, world):
            return None

    class Two(sim.Lever):
        outcomes = (sim.Outcome("mine", better="low"),)

        def run(self, world):
            return None

    with pytest.raises(KinerjaError, match="two levers add an outcome 'mine', and not the same one"):
        make_world(agency, TODAY.plus(One(), Two()))


def test_a_lever_may_not_take_the_name_of_a_shipped_outcome():
    with pytest.raises(KinerjaError, match="the project has an outcome 'served' already"):

        class Served(sim.Lever):
            outcomes = (sim.Outcome("served"),)


def test_what_is_no_lever_is_refused():
    for wrong in (lambda: Policy("p", Training()), lambda: TODAY.plus("training")):
        with pytest.raises(KinerjaError, match="are no levers; give them as a sequence"):
            wrong()
