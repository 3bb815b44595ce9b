"""Claim: nothing that Python is given is silently ignored: names that do not exist are refused with the nearest that
does, changes touch only what they name, and agencies made in Python pass the checks of files."""

from __future__ import annotations

import inspect
from dataclasses import fields, is_dataclass, replace
from datetime import date

import numpy as np
import pytest

import sim
from sim.agency.frames import problems_of
from sim.calendar import Calendar, holiday_notes
from sim.errors import KinerjaError, Problems
from sim.evidence import NO_EFFECT, Effect, Evidence
from sim.levers import LEVERS, Training
from sim.runs.run import make_world
from sim.study.registry import KINDS, spec_class
from sim.world import Scenario

CONTOH = sim.load_agency("contoh")

FUNCTIONS = sorted(
    name for name in sim.__all__ if inspect.isfunction(getattr(sim, name)) and name not in ("status_quo",)
)
CLASSES = [Effect, Scenario, sim.Outcome, sim.Policy, *LEVERS.values(), *map(spec_class, KINDS)]


# keywords


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_refuses_a_keyword_it_does_not_have(name):
    with pytest.raises(KinerjaError, match=r"zeed|seed"):
        getattr(sim, name)("headline" if name == "load_study" else "contoh", zeed=1)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_class_names_the_nearest_parameter(cls):
    assert is_dataclass(cls)
    some = fields(cls)[-1].name
    with pytest.raises(KinerjaError, match=rf"unknown parameter '{some}x' \(did you mean '{some}'\?\)"):
        cls(**{f"{some}x": 1})


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda: sim.compare("contoh", ["status_quo"], replication=3), "did you mean 'replications'"),
        (lambda: sim.compare("contoh", ["status_quo"], worker=3), "did you mean 'workers'"),
        (lambda: sim.robust("contoh", ["status_quo"], outcomes=["served"]), "did you mean 'headline'"),
        (lambda: sim.contributions("contoh", "status_quo", yers=1), "did you mean 'years'"),
        (lambda: Training(seat=3), r"training: unknown parameter 'seat' \(did you mean 'seats'\?\)"),
        (lambda: Training(40), "training: too many values without a name.*write the names: start="),
        (lambda: sim.compare("contoh"), "compare: policies is missing"),
        (lambda: sim.param("x", defualt=3), "did you mean 'default'"),
        (lambda: replace(Scenario(), demnd=1), "did you mean 'demand'"),
        (lambda: sim.load_study("headline", sed=3), "did you mean 'seed'"),
    ],
)
def test_wrong_arguments_are_told(wrong, told):
    with pytest.raises(KinerjaError, match=told):
        wrong()


def test_a_parameter_is_called_a_parameter():
    with pytest.raises(Problems) as caught:
        sim.compare("contoh", ["status_quo"], baseline="quo", years=61)
    assert caught.value.lines(lang="en") == [
        "baseline: 'quo' is not one of the policies. There are status_quo.",
        "years: 61 is not a whole number from 1 to 60. Write one.",
    ]


# names instead of objects


def test_simulate_and_trace_take_names():
    short = Scenario(burn_in=1)
    by_name = sim.simulate("contoh", "status_quo", months=1, scenario=short)
    assert by_name.outcomes.equals(sim.simulate(CONTOH, sim.status_quo(), months=1, scenario=short).outcomes)
    assert len(sim.trace("contoh", "status_quo", "dukcapil", months=1, scenario=short)) > 100


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda: sim.simulate("contoh", "status_qo"), "did you mean 'status_quo'"),
        (lambda: sim.simulate("contooh", "status_quo"), "Is 'contoh' meant"),
        (lambda: sim.simulate(3, "status_quo"), "agency: 3 is neither an agency nor the name of one"),
        (lambda: sim.simulate("contoh", Training()), "is neither a policy nor the name of one"),
        (lambda: sim.simulate("contoh", "status_quo", months=0), "months: 0 is not a whole number from 1"),
        (lambda: sim.simulate("contoh", "status_quo", seed=-1), "seed: -1 is not a whole number"),
        (lambda: sim.simulate("contoh", "status_quo", scenario={}), "is no scenario"),
        (lambda: sim.trace("contoh", "status_quo", "dukcapl"), "did you mean 'dukcapil'"),
    ],
)
def test_wrong_names_are_told(wrong, told):
    with pytest.raises(KinerjaError, match=told):
        wrong()


# scenarios and effects


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"effects": {"fedback": {"mean": 1.0}}}, r"effects: no finding 'fedback' \(did you mean 'feedback'"),
        ({"effects": {"feedback": {"men": 1.0}}}, "did you mean 'mean'"),
        (
            {"effects": {"feedback": Effect(0.8)}},
            r"does not say which numbers it changes. Name them, e.g. {'mean'",
        ),
        ({"effects": {"feedback": {"spread": -1.0}}}, r"spread is -1.0; an SD is not negative"),
        ({"effects": {"feedback": {"mean": "much"}}}, "mean is 'much', which is no number"),
        ({"effects": ["feedback"]}, "effects: .* is no mapping"),
        ({"draws": {"fedback": 1.0}}, r"draws: no finding 'fedback' \(did you mean 'feedback'"),
        ({"draws": {"feedback": float("nan")}}, "draws.feedback: nan is not a number"),
        ({"usual": {"dukcapil": 15}}, "usual.dukcapil: 15 is not a number from .12.0 to 12.0"),
        ({"usual": {"dukcapil": "long"}}, "'long' is not a number"),
        ({"demand": 0}, "demand: 0 is not a number from 0.01 to 100"),
        ({"burn_in": 1.5}, "burn_in: 1.5 is not a whole number"),
        ({"preset": "publised"}, "did you mean 'published'"),
        ({"start": date(2026, 1, 2)}, "2026-01-02 is not the first day of a month"),
        ({"start": "2026"}, "start: '2026' is not a date"),
    ],
)
def test_a_scenario_that_cannot_be_is_refused(given, told):
    with pytest.raises(Problems, match=told):
        Scenario(**given)


def test_what_is_usual_names_units_of_the_agency():
    odd = Scenario(usual={"dukcapl": 2.0})
    for run in (
        lambda: sim.simulate("contoh", "status_quo", scenario=odd),
        lambda: sim.compare("contoh", ["status_quo"], scenario=odd),
    ):
        with pytest.raises(Problems, match=r"no service unit 'dukcapl' \(did you mean 'dukcapil'\?\)"):
            run()


def test_an_override_changes_only_the_numbers_it_names():
    plain = make_world("contoh", "status_quo", months=1).expected_size("feedback")
    changed = Scenario(effects={"feedback": {"mean": 0.8}})
    found = make_world("contoh", "status_quo", months=1, scenario=changed).expected_size("feedback")
    assert (found.mean, found.se, found.between, found.spread) == (0.8, plain.se, plain.between, plain.spread)
    assert plain.spread > 0
    none = Scenario(effects={"feedback": NO_EFFECT})
    assert make_world("contoh", "status_quo", months=1, scenario=none).expected_size("feedback") == Effect(
        0.0
    )
    # the rest follows the preset, whenever it is set
    spread = Scenario(effects={"feedback": {"spread": 0.0}})
    for preset in ("published", "shrunk"):
        world = make_world("contoh", "status_quo", months=1, scenario=replace(spread, preset=preset))
        assert world.expected_size("feedback").mean == Evidence.load(preset)["feedback"].mean


@pytest.mark.parametrize("name", ["se", "between", "spread"])
def test_an_effect_has_no_negative_sd(name):
    with pytest.raises(KinerjaError, match=f"{name} is -1; an SD is not negative"):
        Effect(0.1, **{name: -1})
    with pytest.raises(KinerjaError, match="which is no number"):
        Effect(float("inf"))


# agencies in Python


def test_frames_make_the_same_agency():
    for name in ("contoh", "makassar"):
        agency = sim.load_agency(name)
        assert sim.Agency.from_frames(agency.frames()) == agency
        assert problems_of(agency) == ()


def test_a_change_touches_what_it_names():
    agency = CONTOH.with_(
        units={"dukcapil": {"absence": 0.2}}, agency={"ikm": 80}, demand={("*", "hour", 1): {"factor": 1.5}}
    )
    assert agency.unit("dukcapil").absence == 0.2
    assert agency.fact("ikm") == 80.0
    assert next(d for d in agency.demand if (d.service, d.period, d.index) == ("*", "hour", 1)).factor == 1.5
    back = agency.with_(
        units={"dukcapil": {"absence": CONTOH.unit("dukcapil").absence}},
        agency={"ikm": CONTOH.fact("ikm")},
        demand=CONTOH.frames()["demand"],
    )
    assert back == CONTOH


def _without(table):
    frames = CONTOH.frames()
    del frames[table]
    return frames


def _frames(table, row, column, value):
    frames = CONTOH.frames()
    frames[table][column] = frames[table][column].astype(object) if column in frames[table] else None
    frames[table].loc[row, column] = value
    return frames


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda: CONTOH.with_(unit={}), "no table 'unit' .did you mean 'units'"),
        (
            lambda: CONTOH.with_(units={"dukcapl": {}}),
            "units: there is no 'dukcapl' .did you mean 'dukcapil'",
        ),
        (
            lambda: CONTOH.with_(units={"dukcapil": {"absense": 0.1}}),
            "no column 'absense' .did you mean 'absence'",
        ),
        (lambda: CONTOH.with_(units=0.1), "give a DataFrame, or a mapping of keys"),
        (
            lambda: CONTOH.with_(units={"dukcapil": {"absence": 7}}),
            r"frames\['units'\], row 0, column absence: '7'",
        ),
        (lambda: CONTOH.with_(units={"dukcapil": {"pns": 2.5}}), "'2.5' is not a whole number"),
        (lambda: CONTOH.with_(agency={"ikm": "high"}), "'high' is not a number"),
        (lambda: sim.Agency.from_frames(_without("units")), r"frames\['units'\]: the table is missing"),
        (lambda: sim.Agency.from_frames(CONTOH.frames() | {"unit": 3}), "no table 'unit'"),
        (
            lambda: sim.Agency.from_frames(_frames("services", 1, "work", np.nan)),
            "row 1, column work: the cell is empty",
        ),
        (
            lambda: sim.Agency.from_frames(_frames("services", 1, "wrk", 3)),
            "column wrk: this column is unknown",
        ),
        (
            lambda: sim.Agency.from_frames(_frames("services", 0, "unit", "dukcapl")),
            "there is no unit 'dukcapl'",
        ),
        (lambda: sim.Agency.from_frames(_frames("units", 0, "source", "1" * 16)), "NIK or NIP"),
    ],
)
def test_an_agency_that_cannot_be_is_refused_with_its_place(wrong, told):
    with pytest.raises(KinerjaError, match=told):
        wrong()


def test_an_agency_changed_behind_the_back_of_the_checks_is_refused_where_it_is_used():
    odd = replace(CONTOH, units=(replace(CONTOH.units[0], absence=7.0), *CONTOH.units[1:]))
    for use in (
        lambda: sim.simulate(odd, "status_quo", months=1),
        lambda: sim.compare(odd, ["status_quo"]),
        lambda: sim.study.CompareStudy(agency=odd, policies=(sim.status_quo(),)),
    ):
        with pytest.raises(Problems, match=r"row 0, column absence: '7' is out of range"):
            use()
    with pytest.raises(Problems, match="it would load as another agency"):
        sim.simulate(replace(CONTOH, name="another"), "status_quo", months=1)


def test_what_is_odd_about_an_agency_in_python_is_told_as_of_files():
    doubts = sim.agency.check_agency(CONTOH.with_(units={"dukcapil": {"utilisation": 0.3}}))
    assert [(d.row, d.column) for d in doubts] == [(0, "utilisation")]


# sixty years


def test_a_calendar_of_sixty_years_has_all_its_holidays():
    calendar = Calendar.indonesia(date(2023, 1, 1), 63 * 12)
    days = np.bincount(calendar.dates.astype("M8[Y]").astype(int) + 1970)[2023:]
    assert days.min() >= 233
    assert days.max() <= 248
    assert len(calendar.starts("year")) == 63
    lebaran = calendar.week_after_lebaran == 1
    assert all(lebaran[calendar.month // 12 == year].any() for year in range(63))
    assert calendar.ramadan[calendar.month >= 55 * 12].mean() == pytest.approx(0.08, abs=0.02)


def test_the_day_of_silence_after_the_known_ones_is_near_a_new_moon():
    from sim.calendar import _days_of_silence

    for day in _days_of_silence(range(2051, 2080)):
        assert day.month in (3, 4)
        age = ((day - date(2000, 1, 6)).days % 29.530588) / 29.530588  # a new moon was on 6 January 2000
        assert min(age, 1 - age) < 0.13


def test_a_study_says_which_holidays_are_assumed():
    assert holiday_notes(date(2026, 1, 1), 12) == ()
    (note,) = holiday_notes(date(2026, 1, 1), 720)
    assert "2028–2085" in note.text(lang="en")
