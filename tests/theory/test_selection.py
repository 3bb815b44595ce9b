"""Claim: a selection is right as often as it says, and intervals hold as often as they say: 200 macro-replications on
cases with known means, inside the exact 99.9 % binomial band; 1,000 by ``python tests/theory/selection_cases.py``."""

from __future__ import annotations

import numpy as np
import pytest
from selection_cases import (
    CASES,
    SLIPPAGE,
    band,
    correct,
    coverage,
    coverage_when_stopped,
    select,
)

from sim.errors import KinerjaError
from sim.study.selection.kim_nelson import KimNelson

RUNS = 200


def test_the_band_is_that_of_the_issue() -> None:
    assert band(RUNS)[0] == 179


@pytest.mark.parametrize("case", CASES)
def test_the_best_is_selected_as_often_as_stated(case: str) -> None:
    draw, best = CASES[case]
    right, _ = correct(draw, best, RUNS, seed=list(CASES).index(case))
    assert right >= band(RUNS)[0]


def test_common_luck_saves_runs() -> None:
    alone = correct(*CASES["slippage, independent"], 40, seed=3)[1]
    common = correct(*CASES["slippage, correlation 0.8"], 40, seed=3)[1]
    assert common < 0.5 * alone


@pytest.mark.parametrize("n", [10, 40])
def test_intervals_hold_as_often_as_stated(n: int) -> None:
    low, high = band(RUNS)
    single, family = coverage(CASES["slippage, correlation 0.8"][0], SLIPPAGE, RUNS, seed=n, n=n)
    assert low <= single <= high
    assert low <= family  # Bonferroni's rule may be wider than it need be, never narrower
    independent, together = coverage(CASES["slippage, independent"][0], SLIPPAGE, RUNS, seed=n, n=n)
    assert low <= independent <= high
    assert low <= together


def test_intervals_hold_when_replications_are_added_until_they_are_narrow() -> None:
    draw = CASES["slippage, correlation 0.8"][0]
    assert coverage_when_stopped(draw, SLIPPAGE, RUNS, seed=5, width=1.0) >= band(RUNS)[0]


def test_the_procedure_by_hand() -> None:
    """k = 2, first = 3, probability .9, indifference 1: eta = (0.2 ** -1 - 1) / 2 = 2 and h^2 = 2 * 2 * 2 = 8."""
    procedure = KimNelson(2, 1.0, 0.9, first=3)
    for row in ([0.0, 1.0], [0.0, 2.0], [0.0, 3.0]):
        assert not procedure.done
        procedure.feed(row)
    # differences 1, 2, 3: variance 1, so at most floor(8) + 1 = 9 replications; W(3) = (8 - 3) / 6 = .83 < 2
    assert procedure.most == 9
    assert procedure.screened == {0: (3, 1)}
    assert procedure.best == 1


def test_one_stays_in_while_its_gap_is_within_the_distance() -> None:
    procedure = KimNelson(2, 1.0, 0.9, first=3)
    for row in (
        [0.0, 0.0],
        [0.0, 2.0],
        [0.0, 0.4],
    ):  # mean gap .8; variance 1.12, so W(3) = (8.96 - 3) / 6 = .99
        procedure.feed(row)
    assert procedure.alive == [0, 1]
    procedure.feed([0.0, 0.9])  # mean gap .825 > W(4) = (8.96 - 4) / 8 = .62
    assert procedure.screened == {0: (4, 1)}


def test_it_ends_even_where_nothing_differs() -> None:
    rng = np.random.default_rng(1)

    def same(rng: np.random.Generator):
        while True:
            yield rng.standard_normal(5)

    procedure = select(same, rng)
    assert procedure.done
    assert procedure.n <= procedure.most
    constant = KimNelson(3, 1.0, 0.95, first=5)
    for _ in range(5):
        constant.feed([1.0, 1.0, 1.0])
    assert constant.done


@pytest.mark.parametrize(
    "given", [(1, 1.0, 0.95, 10), (3, 0.0, 0.95, 10), (3, 1.0, 1.0, 10), (3, 1.0, 0.3, 10), (3, 1.0, 0.95, 1)]
)
def test_what_cannot_be_asked_is_refused(given) -> None:
    with pytest.raises(KinerjaError):
        KimNelson(*given)
