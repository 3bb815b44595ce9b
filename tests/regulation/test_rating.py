"""The 3x3 matrix and the 0-120 score are those of the regulations."""

from __future__ import annotations

import doctest

import numpy as np
import pytest

import sim.regulation.rating as module
from sim.errors import KinerjaError
from sim.regulation import (
    EXPECTATIONS,
    PREDIKAT,
    Predikat,
    credit_multiplier,
    predikat,
    predikat_label,
    score_0_120,
    score_predikat,
)

MATRIX = [
    # results, behaviour, predikat: PermenPANRB 6/2022
    ("di_atas", "di_atas", "Sangat Baik"),
    ("di_atas", "sesuai", "Baik"),
    ("di_atas", "di_bawah", "Kurang/Misconduct"),
    ("sesuai", "di_atas", "Baik"),
    ("sesuai", "sesuai", "Baik"),
    ("sesuai", "di_bawah", "Kurang/Misconduct"),
    ("di_bawah", "di_atas", "Butuh Perbaikan"),
    ("di_bawah", "sesuai", "Butuh Perbaikan"),
    ("di_bawah", "di_bawah", "Sangat Kurang"),
]


def test_examples_in_the_docstrings_run():
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(("results", "behaviour", "label"), MATRIX)
def test_each_cell_of_the_matrix(results, behaviour, label):
    by_name = predikat(results, behaviour)
    by_code = predikat(EXPECTATIONS.index(results), EXPECTATIONS.index(behaviour))
    assert predikat_label(by_name, lang="id") == predikat_label(by_code, lang="id") == label


def test_the_matrix_is_vectorised_and_broadcasts():
    grid = predikat(np.arange(3)[:, None], np.arange(3))
    assert grid.shape == (3, 3)
    assert grid.dtype == np.int64
    singly = [[int(predikat(r, b)) for b in range(3)] for r in range(3)]
    assert grid.tolist() == singly
    assert (np.sort(grid.ravel()) == [0, 1, 1, 2, 2, 3, 3, 3, 4]).all()
    assert predikat(np.array([], np.int64), np.array([], np.int64)).shape == (0,)


def test_behaviour_below_expectation_dominates_results():
    assert (predikat([0, 1, 2], 0) <= Predikat.KURANG).all()
    assert (predikat([1, 2], 0) == Predikat.KURANG).all()


@pytest.mark.parametrize("wrong", [-1, 3, 1.0, "above"])
def test_codes_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match="results"):
        predikat(wrong, 1)
    with pytest.raises(ValueError, match="behaviour"):
        predikat(1, wrong)


def test_names_follow_the_codes():
    assert PREDIKAT == ("sangat_kurang", "kurang", "butuh_perbaikan", "baik", "sangat_baik")
    assert predikat_label([4, 3], lang="en").tolist() == ["Very good", "Good"]
    assert credit_multiplier([4, 3, 2, 1, 0]).tolist() == [1.5, 1.0, 0.75, 0.5, 0.25]


def test_scores_are_weighted_and_capped():
    assert score_0_120(100, 60) == pytest.approx(0.7 * 100 + 0.3 * 60)
    assert score_0_120(100, 60, weights="peers") == pytest.approx(0.6 * 100 + 0.4 * 60)
    assert score_0_120([150, 130], [120, 200]).tolist() == [120, 120]
    assert score_0_120(150, 100) == pytest.approx(0.7 * 120 + 30)
    with pytest.raises(KinerjaError, match="supervisor, peers"):
        score_0_120(1, 1, weights="boss")


@pytest.mark.parametrize(
    ("score", "idea", "expected"),
    [
        (120, True, "sangat_baik"),
        (110, True, "sangat_baik"),
        (110, False, "baik"),
        (120, False, "baik"),
        (109.99, True, "baik"),
        (90, False, "baik"),
        (89.99, True, "butuh_perbaikan"),
        (70, False, "butuh_perbaikan"),
        (69.99, False, "kurang"),
        (50, False, "kurang"),
        (49.99, True, "sangat_kurang"),
        (0, False, "sangat_kurang"),
    ],
)
def test_score_bands(score, idea, expected):
    assert PREDIKAT[int(score_predikat(score, idea))] == expected


def test_score_bands_are_vectorised_and_refuse_nan():
    assert score_predikat([115, 115, 60], [True, False, True]).tolist() == [4, 3, 1]
    assert score_predikat([[95.0], [75.0]], [True, False]).shape == (2, 2)
    with pytest.raises(ValueError, match="NaN"):
        score_predikat([90, np.nan])
