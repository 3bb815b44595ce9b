"""Claim: 95 % intervals of every evaluation method hold the known truth in 95 % of data sets, without bias.

40 data sets a case, inside the exact 99.9 % binomial band; 1,000 by ``make proof-recovery``.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from validation.coverage import Check, coverage
from validation.evaluation import CASES, series_newey_west


@pytest.mark.parametrize("name", CASES)
def test_intervals_cover_the_truth(name):
    found = coverage(CASES[name], 40)
    outside = found[~found["inside"]]
    assert outside.empty, f"\n{outside.to_string()}"
    biased = found[found["bias_z"].abs() > 4.0]
    assert biased.empty, f"\n{biased.to_string()}"


def test_the_guard_sees_intervals_that_are_too_sure():
    found = coverage(series_newey_west, 200)
    assert not found["inside"].any()


def test_the_guard_sees_a_biased_method():
    def raw_gain(rng):
        """Before-after of people chosen for low scores: the trap."""
        ability = rng.standard_normal(120)
        before = ability + 0.8 * rng.standard_normal(120)
        gain = (ability + 0.8 * rng.standard_normal(120) - before)[before < np.quantile(before, 0.3)]
        half = stats.t.ppf(0.975, len(gain) - 1) * gain.std(ddof=1) / len(gain) ** 0.5
        yield Check("raw gain", 0.0, gain.mean(), abs(gain.mean()) <= half)

    found = coverage(raw_gain, 200)
    assert not found["inside"].any()
    assert found["bias_z"].item() > 20
