"""Claim: arrival, peak and fading of an effect are found where they were put, and not where there is only noise."""

from __future__ import annotations

import numpy as np
import pytest
from report_sample import comparison

from sim.language import LANGUAGES
from sim.study.compare.timing import arrival
from sim.study.compare.timing_text import when_said

MONTHS = np.arange(1, 25)


def found(path: np.ndarray, half: float = 0.5) -> dict[str, float]:
    return arrival(MONTHS[: len(path)], path, path - half, path + half)


def test_arrival_peak_and_fading_are_where_they_were_put() -> None:
    path = np.concatenate([np.zeros(4), [2, 4, 6, 4, 2.9, 2.9, 2, 1, 1, 1], np.zeros(10)])
    got = found(-path)
    assert (got["first"], got["last"], got["peak"]) == (5, 14, 7)
    assert got["peak_difference"] == pytest.approx(-14 / 3)
    assert got["half"] == 11  # smoothed 1.97 is below half of 4.67 for the first time


def test_a_month_or_two_are_chance() -> None:
    path = np.zeros(24)
    path[[3, 4, 9, 15, 16]] = 2.0
    assert np.isnan(list(found(path).values())).all()


def test_what_stays_has_not_faded_and_a_late_dip_is_not_fading() -> None:
    path = np.minimum(MONTHS / 6, 1.0) * 3
    assert found(path)["last"] == 24
    assert np.isnan(found(path)["half"])
    path[-2:] = 0
    assert np.isnan(found(path)["half"])


def test_the_side_is_that_of_the_longer_run() -> None:
    path = np.concatenate([np.full(3, -2.0), np.zeros(3), np.full(12, 2.0), np.zeros(6)])
    assert (found(path)["first"], found(path)["last"]) == (7, 18)


def test_timing_of_a_known_study() -> None:
    table = comparison(replications=8, noise=2.0).timing("waiting_minutes").set_index("policy")
    assert 13 <= table["first"]["training"] <= 14  # nothing in the first year
    assert table["first"]["feedback"] <= 4
    assert (table["last"][["feedback", "training", "both"]] == 36).all()
    assert table["peak_difference"]["both"] == pytest.approx(-11, abs=1.5)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_is_said_in_words(lang: str) -> None:
    c = comparison(replications=8, noise=2.0)
    arrives = when_said(c, "training", "waiting_minutes", lang=lang)
    assert "2027" in arrives.split(".")[0]
    never = when_said(c, "inspection", "waiting_minutes", lang=lang)
    assert {"id": "tidak pernah jelas", "en": "never clear"}[lang] in never
