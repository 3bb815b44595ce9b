"""Claim: the compiled desk and its SimPy reference agree on every request and every job, to the tick.

`DESK_CASES` sets how many random weeks are tried on each kind of clock.
"""

import os

import pytest
from desk_cases import differences, random_week
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.desk import Desk
from sim.desk.reference import ReferenceDesk

CASES = int(os.environ.get("DESK_CASES", "200"))


@pytest.mark.parametrize("coarse", [True, False], ids=["7-1,000 ticks a day", "millions of ticks a day"])
@settings(max_examples=CASES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32 - 1), requests=st.integers(0, 60), changes=st.integers(0, 29))
def test_equal(coarse: bool, seed: int, requests: int, changes: int) -> None:
    assert differences(random_week(seed, coarse, requests, changes), Desk, ReferenceDesk) == []
