"""Claim: p values reject a true hypothesis in 5 % of data sets: 40 a case here, 1,000 by ``make proof-recovery``."""

from __future__ import annotations

import pytest

from validation.coverage import coverage
from validation.nulls import CASES


@pytest.mark.parametrize("name", CASES)
def test_p_values_keep_their_promise(name: str) -> None:
    found = coverage(CASES[name], 40)
    outside = found[~found["inside"]]
    assert outside.empty, f"\n{outside.to_string()}"
    skewed = found[found["bias_z"].abs() > 4.0]  # the mean p value is one half
    assert skewed.empty, f"\n{skewed.to_string()}"
