"""Each lever: refuses bad parameters by name, moves its proximal state in the published direction, and by dose."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from steady import steady

from sim.agency import load_agency
from sim.errors import KinerjaError
from sim.evidence import Effect
from sim.language import speaking
from sim.levers import (
    LEVERS,
    Appraisal,
    Discipline,
    Feedback,
    Lever,
    Policy,
    Training,
    describe,
    load_policy,
    param,
    policy_from_yaml,
    policy_names,
    status_quo,
)
from sim.runs.run import make_world
from sim.world import Scenario

SHORT = Scenario(burn_in=12)


@pytest.fixture(scope="module")
def agency():
    return load_agency("contoh")


def ran(agency, policy, months=6, scenario=SHORT):
    world = make_world(agency, policy, months=months, scenario=scenario)
    world.run()
    return world


# a lever as such


def test_levers_describe_themselves_in_both_languages():
    for name, cls in LEVERS.items():
        assert cls.name == name
        assert cls.title.text(lang="id") != cls.title.text(lang="en"), name
        assert cls.__doc__, name
        for row in describe(cls):
            assert row["note"].text(lang="id") != row["note"].text(lang="en"), (name, row["parameter"])


def test_a_lever_of_ones_own_describes_itself_in_one_language_or_two():
    class Coffee(Lever):
        title_id, title_en = "Kopi pagi", "Morning coffee"
        cups: int = param("cangkir", "cups", default=1)
        sugar: int = param("spoons of sugar", default=0)

    class PlainTea(Lever):
        pass

    notes = {row["parameter"]: row["note"] for row in describe(Coffee)}
    assert [notes["cups"].text(lang=lang) for lang in ("id", "en")] == ["cangkir", "cups"]
    assert [notes["sugar"].text(lang=lang) for lang in ("id", "en")] == ["spoons of sugar"] * 2
    assert [Coffee.title.text(lang=lang) for lang in ("id", "en")] == ["Kopi pagi", "Morning coffee"]
    assert str(PlainTea.title) == "Plain tea"
    with speaking("id"):
        assert (str(notes["cups"]), str(Coffee.title)) == ("cangkir", "Kopi pagi")


def test_levers_rest_on_rows_of_the_evidence_table():
    from sim.evidence import Evidence

    table = Evidence.load("published")
    for cls in LEVERS.values():
        for key in cls.evidence:
            assert table[key].source, (cls.name, key)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Training(course="ict-classroom", seats=0), r"training.seats = 0: must be at least 1"),
        (lambda: Training(course="ict-classroom", seats=2.5), r"must be a whole number"),
        (lambda: Training(course="ict-classroom", nomination="luck"), r"must be one of gap, needs, rota"),
        (lambda: Feedback(citizens="often"), r"feedback.citizens = 'often': must be a number"),
        (lambda: Feedback(minutes=-1), r"must be at least 0"),
        (lambda: Appraisal(supervisor=0), r"nobody rates"),
        (lambda: Discipline(recorded=1.5), r"must be at most 1"),
        (
            lambda: Feedback.build({"citizen": 12}),
            r"unknown parameter 'citizen' \(did you mean 'citizens'\?\)",
        ),
        (lambda: Policy("two", (Feedback(), Feedback(citizens=1))), r"has the lever 'feedback' twice"),
        (lambda: status_quo().minus("feedbak"), r"no lever 'feedbak' \(did you mean 'feedback'\?\)"),
        (lambda: load_policy("statusquo"), r"no policy 'statusquo' \(did you mean 'status_quo'\?\)"),
        (
            lambda: policy_from_yaml("name: x\nlevers: [{lever: trainin}]"),
            r"lever 1: unknown lever 'trainin'",
        ),
        (lambda: policy_from_yaml("name: x\nlever: []"), r"unknown key 'lever' \(did you mean 'levers'\?\)"),
        (lambda: policy_from_yaml("levers: []"), r"key 'name' is missing"),
        (lambda: policy_from_yaml("{"), r"not YAML"),
    ],
)
def test_bad_parameters_are_refused_by_name(make, message):
    with pytest.raises(KinerjaError, match=message):
        make()


def test_a_course_or_unit_the_agency_has_not_is_named(agency):
    for lever, message in [
        (Training(course="ict-clasroom"), "did you mean 'ict-classroom'"),
        (Training(course="ict-classroom", unit="dukcapl"), "did you mean 'dukcapil'"),
    ]:
        with pytest.raises(KinerjaError, match=message):
            ran(agency, status_quo().plus(lever), months=1)


def test_policies_go_to_yaml_and_back():
    for name in policy_names():
        policy = load_policy(name)
        assert policy_from_yaml(policy.to_yaml()) == policy


def test_a_notebooks_lever_is_not_told_by_yaml():
    class Own(Lever):
        strength: float = param("kekuatan", "strength", default=1.0)

        def run(self, world):
            return None

    with pytest.raises(KinerjaError, match="no code is read from files"):
        status_quo().plus(Own()).to_yaml()


# feedback


def test_feedback_moves_motivation_to_the_mean_of_its_evidence(agency):
    always = Feedback(supervisor=12)
    policy = replace(Policy("p", (always,)), before=Policy("none"))
    flat = replace(SHORT, effects={"feedback": Effect(0.2)})
    world = ran(agency, policy, months=24, scenario=flat)
    led = ~world.officers.is_supervisor
    assert world.people.motivation[led] == pytest.approx(np.full(led.sum(), np.tanh(0.2)), abs=0.02)
    assert world.people.motivation[~led] == pytest.approx(0.0)
    assert np.abs(world.people.skill).max() == 0  # feedback acts on motivation only


def test_feedback_harms_a_third_and_the_same_officers_every_time(agency):
    published = replace(SHORT, preset="published", between_share=0.0)
    big = load_agency("makassar-full")
    harmed = []
    for months in (1, 2):
        world = make_world(
            big, replace(Policy("p", (Feedback(supervisor=12),)), before=Policy("none")), months=months
        )
        book = world.effects
        book.acting = "feedback"
        spread = world.effect_size("feedback")
        total = float(np.hypot(spread.between, spread.spread))
        size = book.entry("motivation", replace(spread, between=0.0, spread=total), source="feedback")
        published_mean = 0.41
        harmed.append((published_mean + size.personal) < 0)
        assert published.preset == "published"
    assert np.array_equal(harmed[0], harmed[1])
    assert harmed[0].mean() == pytest.approx(1 / 3, abs=0.02)


def test_more_feedback_is_more_and_sources_saturate():
    doses = [Feedback(supervisor=n).dose() for n in (0, 2, 6, 12, 52)]
    assert doses == sorted(doses)
    assert doses[0] == 0
    assert doses[3] == doses[4] == 1
    both, one, other = (
        Feedback(supervisor=12, citizens=12).dose(),
        Feedback(supervisor=12).dose(),
        Feedback(supervisor=0, citizens=12).dose(),
    )
    assert max(one, other) < both < one + other


# training


def trained(agency, months, **how):
    lever = Training(course="ict-classroom", **how)
    return ran(agency, status_quo().plus(lever), months=months)


def test_training_raises_the_skill_it_teaches_by_its_evidence(agency):
    world = trained(agency, 1, seats=4800, classes=12, trainers=100)
    size = world.evidence["training_behaviour"].mean
    entry = next(e for e in world.effects._entries.values() if e.source == "training")
    followers = ~world.officers.is_supervisor
    taught = entry.dose[followers] > 0
    assert 0.35 < taught.mean() < 0.85  # 60 % transfer
    world.people.settle()
    gained = world.people.skill[followers, 1][taught]
    assert gained == pytest.approx(np.full(taught.sum(), size / 0.6), rel=1e-6)
    assert world.people.skill[:, [0, 2, 3]] == pytest.approx(0.0)


def test_skill_is_lost_without_refreshing(agency):
    world = trained(agency, 13, seats=40, classes=1)
    entry = next(e for e in world.effects._entries.values() if e.source == "training")
    assert 6.5 <= entry.half_life <= 26
    fresh = entry.dose.copy()
    world.effects.fade(entry.half_life)
    assert entry.dose == pytest.approx(fresh / 2)


def test_seats_are_not_exceeded_and_days_are_lost(agency):
    world = trained(agency, 12, seats=10, classes=4)
    out = world.recorder.summary().iloc[-1]
    assert out["seats_used"] == 10
    assert out["desk_days_lost"] == 10 * 2
    assert out["jp20"] == pytest.approx(10 / len(world.officers))
    costs = world.ledger.table().set_index("lever")
    course = next(c for c in agency.courses if c.course == "ict-classroom")
    assert costs.loc["training", "rupiah"] == pytest.approx(10 * course.cost)


def test_more_seats_more_skill_and_fewer_waiting(agency):
    some, more = (trained(agency, 12, seats=n, classes=4).recorder.summary().iloc[-1] for n in (8, 24))
    assert more["skill"] > some["skill"] > 0
    assert more["seats_waiting"] < some["seats_waiting"]


def test_nomination_by_gap_sends_the_lowest_rated(agency):
    world = trained(agency, 1, seats=60, classes=12)
    went = np.isfinite(world.officers.column("training.last.ict-classroom"))
    score = world.officers.column("appraisal.score")
    stayed = ~went & ~world.officers.is_supervisor
    assert went.sum() == 5
    assert score[went].max() <= score[stayed].min()


def test_one_trainer_holds_one_class_at_a_time(agency):
    both = trained(agency, 1, seats=960, classes=24, trainers=2)
    one = trained(agency, 1, seats=960, classes=24, trainers=1)
    assert both.recorder.summary().iloc[-1]["seats_used"] >= one.recorder.summary().iloc[-1]["seats_used"]


# appraisal


def validity(agency, **how):
    big = load_agency("makassar-full")
    world = make_world(
        big,
        replace(Policy("p", (Appraisal(**how),)), before=Policy("p", (Appraisal(**how),))),
        scenario=SHORT,
        months=1,
    )
    world.env.run(until=int(world.calendar.month_start[SHORT.burn_in]) - 1)
    score, truth = world.officers.column("appraisal.score"), world.people.truth
    close = world.officers.closeness
    residual = score - np.polyval(np.polyfit(truth, score, 1), truth)
    return np.corrcoef(score, truth)[0, 1], np.corrcoef(residual, close)[0, 1], score.std()


def test_one_supervisor_gives_the_published_validity_in_a_run(agency):
    r, favour, sd = validity(agency)
    assert 0.44 <= r <= 0.55
    assert favour > 0.1
    assert sd == pytest.approx(1.0, abs=0.06)  # 110 supervisors, clustered


def test_more_raters_rate_more_truly_and_favour_less(agency):
    alone = validity(agency)
    round_ = validity(agency, supervisor=0.4, own=0.1, peers=0.3, citizens=0.2)
    assert round_[0] > alone[0] + 0.08
    assert round_[1] < alone[1]


def test_measured_indicators_raise_validity(agency):
    def run(share):
        plan = Policy("p", (Appraisal(measured=share),))
        return ran(agency, plan, months=13).recorder.summary().iloc[-1]["rating_validity"]

    assert run(0.6) > run(0.0)


# discipline


def test_monitoring_raises_presence_and_is_captured_unless_acted_on(agency):
    def effect(months, **how):
        no_threat = replace(SHORT, effects={"sanction_deterrence": Effect(0.0)})
        world = ran(agency, steady().plus(Discipline(recorded=1.0, **how)), months, no_threat)
        return world.effects.total("presence").mean()

    start, later = effect(1, enforcement=0.0), effect(18, enforcement=0.0)
    assert start > 0.1
    assert later < 0.25 * start
    assert effect(18, enforcement=0.9) == pytest.approx(effect(1, enforcement=0.9))
