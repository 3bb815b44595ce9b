"""Complaint clocks, the index IP ASN, training entitlements and single numbers."""

from __future__ import annotations

import doctest

import numpy as np
import pytest

from sim.calendar import TICKS_PER_HOUR, Calendar
from sim.errors import KinerjaError
from sim.regulation import (
    EDUCATION,
    _tables,
    clock_days,
    competence_points,
    complaints,
    entitled,
    ip_asn,
    ip_asn_band,
    norm,
    performance_points,
    professionalism,
    score_0_100,
    training,
    within_clock,
)


@pytest.mark.parametrize("module", [complaints, professionalism, training, _tables])
def test_examples_in_the_docstrings_run(module):
    assert doctest.testmod(module).failed == 0


def test_clocks():
    local = ("light", "normative", "non_supervisory", "supervisory")
    assert [clock_days(clock) for clock in local] == [2, 5, 14, 60]
    assert [clock_days(f"lapor_{step}") for step in ("verification", "follow_up", "closing")] == [3, 5, 10]
    assert clock_days("perpres_resolution") == 60
    assert clock_days("law_first_response") == 14
    with pytest.raises(KinerjaError, match="lapor_follow_up"):
        clock_days("lapor")


def test_in_time_is_on_the_last_day_and_never_is_not_in_time():
    assert within_clock([2, 2.5, 3, np.nan], "light").tolist() == [True, False, False, False]
    assert within_clock([2, 5, 6], np.array([2, 5, 5])).tolist() == [True, True, False]


# --- IP ASN ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("score", "points"),
    [
        (0, 1),
        (50, 1),
        (50.4, 1),
        (50.5, 5),
        (60, 5),
        (61, 15),
        (75, 15),
        (76, 25),
        (90, 25),
        (91, 30),
        (100, 30),
    ],
)
def test_performance_points(score, points):
    assert performance_points(score) == points


def test_competence_points_pay_for_attendance():
    assert competence_points(20, True, True) == 40
    assert competence_points(19, True, True) == 25
    assert competence_points(20, True, clerk=True) == 40
    assert competence_points(20, False, True, clerk=True) == 22.5
    assert competence_points([0, 20], False).tolist() == [0, 15]


def test_the_index_adds_up():
    assert ip_asn("s3", 40, 100, "none") == 100
    assert ip_asn("lower", 0, 0, "heavy") == 3
    points = {"s3": 25, "s2": 20, "s1": 15, "d3": 10, "sma": 5, "lower": 1}
    assert {level: float(ip_asn(level, 0, 0, "heavy")) - 2 for level in EDUCATION} == points
    assert (ip_asn("s1", 0, 0, ["none", "light", "moderate", "heavy"]) - 16).tolist() == [5, 3, 2, 1]
    assert ip_asn([0, 2], [40, 0], [95, 80], [0, 0]).tolist() == [100, 45]
    with pytest.raises(ValueError, match="education"):
        ip_asn("phd", 0, 0, "none")


def test_the_weights_of_the_index_are_its_largest_points():
    largest = {"qualification": 25, "competence": 40, "performance": 30, "discipline": 5}
    weights = {r["level"]: float(r["points"]) for r in _tables.rows("ip_asn") if r["dimension"] == "weight"}
    assert weights == largest
    assert sum(weights.values()) == 100


@pytest.mark.parametrize(
    ("index", "band"),
    [
        (0, "very_low"),
        (60, "very_low"),
        (61, "low"),
        (70, "low"),
        (71, "medium"),
        (81, "high"),
        (91, "very_high"),
    ],
)
def test_bands_of_the_index(index, band):
    assert ip_asn_band(index) == band


def test_scores_are_mapped_by_an_explicit_choice():
    scores = np.array([0, 60, 90, 120])
    assert score_0_100(scores, "proportional").tolist() == [0, 50, 75, 100]
    assert score_0_100(scores, "capped").tolist() == [0, 60, 90, 100]
    with pytest.raises(TypeError):
        score_0_100(scores)
    with pytest.raises(KinerjaError, match="proportional or capped"):
        score_0_100(scores, "linear")
    with pytest.raises(ValueError, match="0 to 120"):
        score_0_100(121, "capped")


# --- entitlements and single numbers ---------------------------------------------------------------------


def test_pns_have_a_floor_and_pppk_a_ceiling():
    assert entitled([20, 19.9, 100], True).tolist() == [True, False, True]
    assert entitled([24, 24.1, 0], False).tolist() == [True, False, True]


def test_norms_that_follow_from_one_another():
    assert norm("tpp_performance") + norm("tpp_attendance") == 1
    assert norm("corpu_formal") + norm("corpu_social") + norm("corpu_assignment") == pytest.approx(1)
    for key, rupiah, jp in [
        ("technical", 2_986_250, 69),
        ("long", 11_526_250, 319),
        ("leadership", 22_783_750, 254),
    ]:
        assert norm(f"cost_jp_{key}") == pytest.approx(rupiah / jp, abs=1)
    with pytest.raises(KinerjaError, match="jp_minutes"):
        norm("jp_minute")


def test_the_calendar_keeps_the_decreed_week():
    """The rule and the clock are two tables; they must agree."""
    from datetime import date

    clock = Calendar.indonesia(date(2025, 1, 1), 24)
    hours = np.diff(clock.day_start) / TICKS_PER_HOUR
    for ramadan, key in [(False, "week_hours"), (True, "week_hours_ramadan")]:
        week = [hours[(clock.ramadan == ramadan) & (clock.weekday == day)][0] for day in range(5)]
        assert sum(week) == norm(key)
