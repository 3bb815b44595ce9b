"""Patterns of SE 3/2023: what complies, the nearest mix that does, and raters who follow it part of the way."""

from __future__ import annotations

import doctest
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

import sim.regulation.distribution as module
from sim.errors import KinerjaError
from sim.regulation import ORGANISATIONS, PREDIKAT, apportion, complies, count_mix, nearest_mix
from sim.regulation._tables import rows

organisations = st.sampled_from(ORGANISATIONS)
mixes = st.lists(st.integers(0, 40), min_size=5, max_size=5).map(tuple)


def test_examples_in_the_docstrings_run():
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("organisation", "mix", "broken"),
    [
        # worst first: Sangat Kurang, Kurang, Butuh Perbaikan, Baik, Sangat Baik, of 100
        ("istimewa", (0, 0, 0, 30, 70), []),
        ("istimewa", (0, 0, 0, 29, 71), ["at most 70% sangat_baik"]),
        ("istimewa", (0, 0, 0, 50, 50), ["most sangat_baik"]),
        ("istimewa", (12, 12, 12, 13, 51), []),
        ("baik", (0, 0, 1, 70, 29), []),
        ("baik", (0, 1, 0, 70, 29), []),
        ("baik", (1, 0, 0, 70, 29), ["some butuh_perbaikan or kurang"]),
        ("baik", (0, 0, 1, 71, 28), ["at most 70% baik"]),
        ("baik", (0, 0, 50, 50, 0), ["most baik"]),
        ("butuh_perbaikan", (0, 0, 60, 30, 10), []),
        ("butuh_perbaikan", (0, 0, 59, 31, 10), ["at least 60% butuh_perbaikan"]),
        ("butuh_perbaikan", (0, 0, 60, 29, 11), ["at most 10% sangat_baik"]),
        ("kurang", (0, 60, 10, 20, 10), []),
        ("kurang", (0, 59, 9, 21, 11), 3),
        ("sangat_kurang", (60, 5, 5, 30, 0), []),
        ("sangat_kurang", (60, 10, 0, 30, 0), []),
        ("sangat_kurang", (60, 5, 4, 31, 0), ["at least 10% kurang or butuh_perbaikan"]),
        ("sangat_kurang", (60, 10, 0, 29, 1), ["at most 0% sangat_baik"]),
        ("pp30", (5, 5, 10, 60, 20), []),
        ("pp30", (0, 0, 9, 71, 20), ["at most 70% baik"]),
    ],
)
def test_the_rules_of_the_circular(organisation, mix, broken):
    found = complies(mix, organisation)
    assert len(found) == broken if isinstance(broken, int) else [str(rule) for rule in found] == broken


def test_the_mix_observed_in_2022_to_2024_breaks_every_pattern():
    """88.46 % Baik, 11.27 % Sangat Baik: no organisation rating allows it."""
    observed = (1029, 617, 1132, 910_293, 115_977)
    assert all(complies(observed, organisation) for organisation in ORGANISATIONS)


def _milp(mix: tuple[int, ...], organisation: str) -> tuple[int, ...]:
    """The same problem as integer linear programming over who moves where."""
    rules = module._rules(organisation, sum(mix))
    here, there = np.divmod(np.arange(25), 5)
    lines = [here == code for code in range(5)] + [np.isin(there, rule.group) for rule in rules]
    solved = milp(
        np.abs(here - there) * (4 * sum(mix) + 1) - there,
        constraints=LinearConstraint(
            np.array(lines, float), [*mix, *(r.fewest for r in rules)], [*mix, *(r.most for r in rules)]
        ),
        integrality=np.ones(25),
        bounds=Bounds(0, sum(mix)),
        options={"mip_rel_gap": 0},
    )
    return tuple(int(n) for n in np.round(solved.x).reshape(5, 5).sum(axis=0))


@given(mixes, organisations)
@example((0, 0, 0, 1, 0), "baik")
@example((0, 0, 0, 4, 0), "baik")
@example((0, 0, 0, 0, 3), "kurang")
@settings(max_examples=60, deadline=None)
def test_the_nearest_mix_is_the_one_integer_programming_finds(mix, organisation):
    nearest = nearest_mix(mix, organisation)
    assert nearest == _milp(mix, organisation)
    assert complies(nearest, organisation) == []
    if not complies(mix, organisation):
        assert nearest == mix


@pytest.mark.parametrize("organisation", ORGANISATIONS)
def test_groups_of_every_size_can_follow_every_pattern(organisation):
    for officers in range(41):
        nearest = nearest_mix((0, 0, 0, officers, 0), organisation)
        assert sum(nearest) == officers
        assert complies(nearest, organisation) == []


def test_shares_are_rounded_the_other_way_only_where_whole_officers_cannot_hold_them():
    """Of 4, 60 to 70 % is no whole number; of 10 it is."""
    assert complies((0, 0, 1, 3, 0), "pp30") == []
    assert [str(rule) for rule in complies((0, 0, 1, 8, 1), "pp30")] == ["at most 70% baik"]
    assert complies((0, 1, 0, 1, 0), "kurang") == []
    assert [rule.text(lang="en") for rule in complies((0, 1, 1, 1, 0), "kurang")] == ["at least 60% kurang"]


def test_groups_of_predikat_are_neighbours():
    """The search for the nearest mix is exact only then."""
    for row in rows("distribution"):
        group = sorted(PREDIKAT.index(name) for name in row["predikat"].split())
        assert group == list(range(group[0], group[-1] + 1))


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9)), min_size=1, max_size=60),
    organisations,
    st.sampled_from([0.0, 0.25, 0.5, 1.0]),
)
@settings(max_examples=100, deadline=None)
def test_raters_keep_their_order_and_go_part_of_the_way(officers, organisation, compliance):
    own, scores = (np.array(column) for column in zip(*officers, strict=True))
    given_ = apportion(scores, own, organisation, compliance)
    mix, target = count_mix(own), np.array(nearest_mix(tuple(count_mix(own).tolist()), organisation))
    order = np.lexsort((-scores, -own))
    assert (np.diff(given_[order]) <= 0).all()
    assert np.abs(count_mix(given_) - ((1 - compliance) * mix + compliance * target)).max() < 1
    if compliance == 0:
        assert (given_ == own).all()
    if compliance == 1:
        assert complies(count_mix(given_), organisation) == []
        assert count_mix(given_).tolist() == target.tolist()


def test_more_compliance_moves_more_officers():
    own = np.repeat([2, 3, 4], [1, 88, 11])
    scores = np.arange(100)
    moved = [int((apportion(scores, own, "kurang", c) != own).sum()) for c in (0, 0.2, 0.4, 0.6, 0.8, 1)]
    assert moved[0] == 0
    assert all(a < b for a, b in pairwise(moved))


def test_ties_go_to_the_first_and_equal_predikat_ranks_by_score():
    given_ = apportion([1, 1, 1, 5, 0, 1, 1, 1, 1, 1], [3] * 10, "baik")
    assert given_.tolist() == [4, 3, 3, 4, 2, 3, 3, 3, 3, 3]


def test_wrong_input_is_refused():
    with pytest.raises(KinerjaError, match="istimewa"):
        complies((1, 1, 1, 1, 1), "excellent")
    for mix in ((1, 1, 1, 1), (0.2, 0.2, 0.2, 0.2, 0.2), (-1, 1, 1, 1, 1)):
        with pytest.raises(ValueError, match="mix"):
            complies(mix, "baik")
    with pytest.raises(ValueError, match="one number per officer"):
        apportion([1, 2], [3], "baik")
    with pytest.raises(ValueError, match="no NaN"):
        apportion([1, np.nan], [3, 3], "baik")
    with pytest.raises(ValueError, match="compliance"):
        apportion([1, 2], [3, 3], "baik", 1.1)
    with pytest.raises(ValueError, match="smaller groups"):
        nearest_mix((0, 0, 0, 300_000, 0), "baik")
