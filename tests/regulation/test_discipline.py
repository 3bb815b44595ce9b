"""The ladder of PP 94/2021: days without reason, step, cut and months; only for PNS."""

from __future__ import annotations

import doctest

import numpy as np
import pytest

import sim.regulation.discipline as module
from sim.regulation import ladder, sanction, tpp

LADDER = [
    # first day, last day, step, level, cut, months
    (0, 2, "none", "none", 0, 0),
    (3, 3, "oral", "light", 0, 0),
    (4, 6, "written", "light", 0, 0),
    (7, 10, "dissatisfaction", "light", 0, 0),
    (11, 13, "cut_6", "moderate", 0.25, 6),
    (14, 16, "cut_9", "moderate", 0.25, 9),
    (17, 20, "cut_12", "moderate", 0.25, 12),
    (21, 24, "demotion", "heavy", 0, 12),
    (25, 27, "stripped", "heavy", 0, 12),
    (28, 240, "dismissal", "heavy", 0, 0),
]


def test_examples_in_the_docstrings_run():
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(("first", "last", "name", "level", "cut", "months"), LADDER)
def test_each_step_of_the_ladder(first, last, name, level, cut, months):
    table = ladder()
    for days in {first, last, (first + last) // 2}:
        step = int(sanction(days))
        assert table.names[step] == name
        assert module.LEVELS[table.level[step]] == level
        assert table.tukin_cut[step] == cut
        assert table.months[step] == months


def test_what_heavy_sanctions_do():
    table = ladder()
    outcomes = {name: outcome for name, outcome in zip(table.names, table.outcome, strict=True) if outcome}
    assert outcomes == {"demotion": "demoted", "stripped": "stripped", "dismissal": "dismissed"}


def test_ten_days_in_a_row_are_dismissal():
    names = ladder().names
    assert names[int(sanction(9, 9))] == "dissatisfaction"
    assert names[int(sanction(10, 10))] == "dismissal"
    assert names[int(sanction(30, 0))] == "dismissal"


def test_the_ladder_is_for_pns_only():
    assert sanction([30, 30, 12], [12, 12, 0], pns=[True, False, False]).tolist() == [
        len(ladder().names) - 1,
        0,
        0,
    ]


def test_steps_never_fall_with_more_days():
    steps = sanction(np.arange(60))
    assert steps.shape == (60,)
    assert (np.diff(steps) >= 0).all()
    with pytest.raises(ValueError, match="negative"):
        sanction([3, -1])


def test_allowance_is_sixty_forty_less_the_cut():
    assert tpp(1e6, 0.5, 1.0) == pytest.approx(0.6 * 0.5e6 + 0.4e6)
    assert tpp(1e6, 0.5, 1.0, performance_share=0.8) == pytest.approx(0.8 * 0.5e6 + 0.2e6)
    cut = ladder().tukin_cut[sanction([0, 12])]
    assert tpp(1e6, 1.0, 1.0, cut=cut).tolist() == [1e6, 0.75e6]
