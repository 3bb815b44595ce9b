"""Claim: policies that run side by side give the bytes that each gives alone, whatever they share."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest
from agency_files import folder, full
from route_agency import permit_agency

from sim.agency import load_agency
from sim.errors import KinerjaError
from sim.evidence import Effect
from sim.levers import (
    Appraisal,
    Careers,
    Change,
    Discipline,
    Feedback,
    Lever,
    Policy,
    Training,
    load_policy,
    status_quo,
)
from sim.outcomes import Outcome
from sim.runs.beside import MOST, OFFICERS, in_groups, most, run_group
from sim.runs.job import Job, RunTables
from sim.runs.replicate import run_jobs
from sim.runs.run import make_world, run_model, simulate
from sim.streams import Common, Streams
from sim.study.fairness.people import simulate_people
from sim.world import Scenario
from sim.world.effects import per_unit
from sim.world.past import Beside, Past

YEAR = Scenario(burn_in=12)


@pytest.fixture(scope="module")
def agency():
    return load_agency("contoh")


def jobs(agency, policies, months: int = 3, scenario: Scenario = YEAR, replication: int = 3) -> list[Job]:
    return [Job((p.name,), agency, p, 7, replication, months, scenario) for p in policies]


def alone(job: Job, run: Any = simulate) -> RunTables:
    given = {"seed": job.seed, "replication": job.replication, "months": job.months, "scenario": job.scenario}
    return run(job.agency, job.policy, **given)


def same(one: RunTables, other: RunTables) -> bool:
    for name in ("outcomes", "summary", "costs"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)
    return True


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the policies whose burn-in was copied from another."""
    names: list[str] = []
    restore = Past.restore

    def told(self: Past, world: Any) -> None:
        names.append(world.policy.name)
        restore(self, world)

    monkeypatch.setattr(Past, "restore", told)
    return names


# policies that change demand and channels, end levers of the past, start later, change who serves, send people away
KINDS = (
    "status_quo",
    "digital_services",
    "appraisal_masked",
    "leaders_at_the_counter",
    "four_short_courses",
    "dashboard",
)


@pytest.mark.parametrize(
    "scenario",
    [YEAR, Scenario(burn_in=7), Scenario(burn_in=0), Scenario(burn_in=5, future=2, demand=1.2)],
    ids=["a year", "ends within a year and a quarter", "none", "a future"],
)
def test_side_by_side_is_the_same_as_alone(agency, scenario: Scenario, copied: list[str]) -> None:
    late = status_quo().plus(Feedback(supervisor=12, start=3), name="late")
    less = status_quo().minus("careers", "reward", name="less")
    group = jobs(agency, [*map(load_policy, KINDS), late, less], scenario=scenario)
    together = run_group(simulate, group)
    assert copied == [job.policy.name for job in group[1:]]
    assert all(same(alone(job), tables) for job, (tables, _) in zip(group, together, strict=True))
    assert all(seconds > 0 for _, seconds in together)


def test_hours_and_routes_of_their_own_are_shared_too(tmp_path, copied: list[str]) -> None:
    """Shifts, closed days, uneven demand; steps, attention and an online service, also where fewer citizens come."""
    policies = [*map(load_policy, ("status_quo", "digital_services", "citizen_voice"))]
    for place in (permit_agency(), load_agency(folder(full(), tmp_path / "varied"))):
        group = jobs(place, policies, scenario=Scenario(burn_in=2))
        for job, (tables, _) in zip(group, run_group(run_model, group), strict=True):
            assert same(alone(job), tables)
    assert len(copied) == 4


class Cups(Lever):
    """Adds an outcome, and draws from streams of its own where it has a tag."""

    outcomes: ClassVar[tuple[Outcome, ...]] = (Outcome("beside_cups", "cups", units="sum"),)

    def run(self, world):
        while True:
            yield world.clock.next("month")
            draws = per_unit(world.officers, world.streams, "cups", world.clock.now, kind="uniform")
            world.recorder.flow("beside_cups", world.sum_by_unit(draws))


def test_each_has_its_own_outcomes_and_streams_of_tags(agency, copied: list[str]) -> None:
    cups = status_quo().plus(Cups(), Cups(tag="x"), name="cups")
    watched = status_quo().plus(Discipline(recorded=0.9), name="watched")
    tagged = status_quo().plus(Cups(tag="x"), name="tagged")
    group = jobs(agency, [status_quo(), watched, cups, tagged])
    together = [tables for tables, _ in run_group(run_model, group)]
    assert copied == ["watched", "cups", "tagged"]
    assert all(same(alone(job), tables) for job, tables in zip(group, together, strict=True))
    assert ["beside_cups" in tables.outcomes for tables in together] == [False, False, True, True]
    both, one = (tables.outcomes["beside_cups"].sum() for tables in together[2:])
    assert both > 1.5 * one > 0


class Renewal(Lever):
    """Replaces everybody, every month."""

    resumes: ClassVar[bool] = True

    def run(self, world):
        while True:
            yield world.clock.next("month")
            world.replace(world.officers.all())


def test_what_outlasts_officers_goes_on(agency, copied: list[str]) -> None:
    """Practices are the unit's, also where all its officers are new when the study starts."""
    before = Policy("before", (Renewal(), Change(ideas=50.0)))
    group = jobs(agency, [Policy(name, (Change(ideas=50.0),), before=before) for name in "ab"], months=2)
    for job, (tables, _) in zip(group, run_group(run_model, group), strict=True):
        assert same(alone(job), tables)
    assert copied == ["b"]


def test_officers_are_seen_the_same(agency, copied: list[str]) -> None:
    monthly = status_quo().plus(Appraisal(every="month"), name="monthly")
    group = jobs(agency, [status_quo(), load_policy("feedback_loops"), monthly], months=5)
    for job, (tables, _) in zip(group, run_group(simulate_people, group), strict=True):
        assert same(alone(job, simulate_people), tables)
    assert len(copied) == 2


class Own(Lever):
    """A lever of a notebook; it counts months in a variable."""

    def run(self, world):
        months = 0
        while True:
            yield world.clock.next("month")
            months += 1
            world.effects.add("motivation", Effect(mean=0.1, spread=0.1), fade_days=30, dose=1 / months)


def test_another_past_is_not_copied(agency, copied: list[str]) -> None:
    """A lever that does not resume, a course under way, or another policy before: each has a burn-in of its own."""
    own = Policy("own", (Own(),), before=status_quo().plus(Own(), name="before"))
    courses = Policy("courses", before=status_quo().plus(Training(classes=12), name="courses_before"))
    group = jobs(agency, [own, status_quo(), replace(own, name="own2"), courses, replace(courses, name="c2")])
    for job, (tables, _) in zip(group, run_group(simulate, group), strict=True):
        assert same(alone(job), tables)
    assert copied == []


def test_a_lever_in_force_before_and_after_goes_on(agency, copied: list[str]) -> None:
    before = Policy("before", (Careers(), Appraisal(every="quarter")))
    group = jobs(agency, [replace(before, name=n, before=before) for n in ("a", "b")])
    (a, _), (b, _) = run_group(simulate, group)
    assert copied == ["b"]
    assert same(a, b)
    assert same(alone(group[1]), b)


def test_what_another_run_does_is_not_inherited() -> None:
    class MyCareers(Careers):
        def run(self, world):
            yield world.clock.next("month")

    class Renamed(Careers):
        title_en = "Careers, renamed"

    assert (Careers.resumes, MyCareers.resumes, Renamed.resumes, Own.resumes) == (True, False, True, False)


class Forgetful(Lever):
    """Says that it resumes, but forgets which month is its turn."""

    resumes: ClassVar[bool] = True

    def run(self, world):
        turn = 0
        while True:
            turn += 1
            yield world.clock.next("month", times=2 if turn % 2 else 1)


def test_a_lever_that_only_says_that_it_resumes_is_found_out(agency) -> None:
    before = Policy("before", (Forgetful(),))
    group = jobs(agency, [Policy(n, before=before) for n in ("a", "b")], scenario=Scenario(burn_in=5))
    with pytest.raises(KinerjaError, match=r"'forgetful' says that it resumes.*world\.remember"):
        run_group(simulate, group)


def test_what_a_lever_remembers_ends_with_it(agency) -> None:
    world = make_world(agency, status_quo().minus("kpi", name="less"), months=1, scenario=YEAR)
    world.env.run(until=int(world.calendar.month_start[12]))
    assert world.remembered["kpi"].due > -12
    world.run()
    assert "kpi" not in world.remembered


def test_draws_are_made_once_and_counted_for_every_run() -> None:
    made: list[int] = []

    def draw(streams: Streams) -> np.ndarray:
        made.append(1)
        return streams.generator("coin").random(3)

    beside = Common()
    one, other = Streams(1, 0, common=beside), Streams(1, 0, common=beside)
    drawn = [streams.once("coin", draw) for streams in (one, other)]
    assert np.array_equal(*drawn)
    assert np.array_equal(drawn[0], Streams(1, 0).once("coin", draw))
    assert len(made) == 2
    for again in (lambda: other.generator("coin"), lambda: other.once("coin", draw)):
        with pytest.raises(ValueError, match="requested twice"):
            again()
    late = Streams(1, 0, common=beside)
    late.generator("coin")
    with pytest.raises(ValueError, match="requested twice"):
        late.once("coin", draw)
    beside.forget()
    Streams(1, 0, common=beside).once("coin", draw)
    assert len(made) == 3


def test_groups_share_draws_and_leave_no_worker_idle(agency) -> None:
    policies = [Policy(name) for name in "abcde"]
    given = [job for r in range(5) for job in jobs(agency, policies, replication=r)]

    def sizes(workers: int, run: Any = simulate, of: list[Job] = given) -> list[int]:
        groups = list(in_groups(of, run, workers))
        assert [job for group in groups for job in group] == of
        assert all(len({job.replication for job in group}) == 1 for group in groups)
        return [len(group) for group in groups]

    assert sizes(1) == sizes(5) == [5, 5, 5, 5, 5]
    assert sizes(2) == [5, 5, 5, 5, 3, 2]
    assert sizes(4, of=given[:5]) == [2, 2, 1]
    assert sizes(8, of=given[:5]) == [1, 1, 1, 1, 1]
    assert sizes(1, run=alone) == [1] * 25, "one that does not run in steps"
    others = [replace(given[0], seed=8), replace(given[0], months=4), replace(given[0], scenario=Scenario())]
    assert sizes(1, of=[*given[:2], *others]) == [2, 1, 1, 1]
    assert most(given[0]) == MOST
    big = replace(agency, units=tuple(replace(unit, pns=OFFICERS // 3) for unit in agency.units[:1]))
    assert most(replace(given[0], agency=big)) in (2, 3)


def test_jobs_are_asked_for_one_group_a_worker_ahead(agency) -> None:
    asked: list[Job] = []

    def asking():
        for r in range(9):
            for job in jobs(agency, [Policy("a"), Policy("b")], replication=r):
                asked.append(job)
                yield job

    next(in_groups(asking(), simulate, 2))
    assert len(asked) == 5


def test_workers_run_groups(agency) -> None:
    group = jobs(agency, [status_quo(), load_policy("dashboard"), load_policy("ict_training")], months=1)
    done = {job.key: tables for job, tables, _ in run_jobs(group, workers=2)}
    assert all(same(alone(job), done[job.key]) for job in group)


def test_what_is_shared_is_forgotten(agency) -> None:
    beside = Beside()
    worlds = [make_world(agency, status_quo(), months=1, scenario=YEAR, beside=beside).steps() for _ in "ab"]
    for world in worlds:
        next(world)
    assert beside.past(status_quo().levers) is not None
    beside.forget()
    assert beside.past(status_quo().levers) is None
