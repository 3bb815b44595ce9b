"""SKM and IKM: nine elements, weights, and bands without a gap."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sim.regulation.satisfaction as module
from sim.errors import KinerjaError
from sim.regulation import ELEMENTS, ikm, ikm_band
from sim.regulation._tables import rows


def test_examples_in_the_docstrings_run():
    assert doctest.testmod(module).failed == 0


def test_nine_elements_in_official_order():
    official = "requirements procedure time cost product competence behaviour facilities complaints"
    assert " ".join(ELEMENTS) == official
    assert [row["column"] for row in rows("skm_elements")] == [f"u{i}" for i in range(1, 10)]


def test_the_printed_weights_keep_a_perfect_survey_from_a_hundred():
    """9 x 0.111 = 0.999."""
    assert ikm(np.full(9, 4.0)) == 100
    assert ikm(np.full(9, 1.0)) == 25
    assert ikm(np.full(9, 4.0), "printed") == pytest.approx(99.9)
    assert ikm(np.full(9, 1.0), "printed") == pytest.approx(24.975)
    scores = np.random.default_rng(1).uniform(1, 4, (50, 9))
    assert ikm(scores, "printed") / ikm(scores) == pytest.approx(0.999)


def test_ikm_is_vectorised_and_keeps_nan():
    scores = np.full((2, 3, 9), 3.0)
    scores[1, 2, 4] = np.nan
    result = ikm(scores)
    assert result.shape == (2, 3)
    assert np.isnan(result).sum() == 1
    assert result[0, 0] == 75


@pytest.mark.parametrize(
    ("index", "band"),
    [
        (100, "A"),
        (88.31, "A"),
        (88.306, "A"),
        (88.304, "B"),
        (88.30, "B"),
        (76.61, "B"),
        (76.606, "B"),
        (76.60, "C"),
        (65.00, "C"),
        (64.996, "C"),
        (64.99, "D"),
        (25, "D"),
        (24.975, "D"),
        (float("nan"), ""),
    ],
)
def test_bands_and_their_borders(index, band):
    assert ikm_band(index) == band


@given(st.integers(2500, 10000))
def test_every_printed_value_is_in_the_band_that_prints_it(hundredths):
    value = hundredths / 100
    printed = [r["band"] for r in rows("ikm_bands") if float(r["low"]) <= value <= float(r["high"])]
    assert ikm_band([value]).tolist() == printed


def test_wrong_surveys_are_refused():
    with pytest.raises(ValueError, match="nine elements"):
        ikm(np.ones(8))
    for wrong in (0.9, 4.1, 75):
        with pytest.raises(ValueError, match="1 to 4"):
            ikm(np.full(9, wrong))
    with pytest.raises(KinerjaError, match="equal or printed"):
        ikm(np.ones(9), "official")
