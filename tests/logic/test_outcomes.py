"""Claim: outcomes add up over units and months as their kind demands, and NaN is not zero."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.outcomes import HEADLINE, OUTCOMES, across_months, across_units

NAN = float("nan")


def test_every_weight_is_itself_an_outcome_that_sums() -> None:
    for outcome in OUTCOMES.values():
        if outcome.weight is not None:
            assert OUTCOMES[outcome.weight].units == "sum", outcome.name
            assert "mean" in (outcome.months, outcome.units), outcome.name


def test_headline_outcomes_say_which_way_is_better() -> None:
    assert 3 <= len(HEADLINE) <= 10
    assert all(OUTCOMES[name].better != "none" for name in HEADLINE)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 200), st.integers(0, 1000)), min_size=1, max_size=8))
def test_weighted_mean_keeps_the_total(rows: list[tuple[float, int]]) -> None:
    """Minutes waited by everyone are the same before and after adding units up."""
    frame = pd.DataFrame(rows, columns=["waiting_minutes", "served_counter"]).assign(month=1)
    one = across_units(frame, ["month"]).iloc[0]
    total = (frame["waiting_minutes"] * frame["served_counter"]).sum()
    if frame["served_counter"].sum() == 0:
        assert np.isnan(one["waiting_minutes"])
    else:
        assert one["waiting_minutes"] * one["served_counter"] == pytest.approx(total)


def test_what_is_missing_neither_counts_nor_becomes_zero() -> None:
    frame = pd.DataFrame(
        {"month": 1, "served_counter": [10.0, 30.0], "waiting_minutes": [8.0, NAN], "left": [NAN, NAN]}
    )
    one = across_units(frame, ["month"]).iloc[0]
    assert one["waiting_minutes"] == 8.0
    assert np.isnan(one["left"])


def test_stocks_are_read_at_the_end_whatever_the_order_of_rows() -> None:
    frame = pd.DataFrame(
        {"unit": "a", "month": [3, 1, 2], "backlog": [7.0, 1.0, 5.0], "served": [3.0, 1.0, 2.0]}
    )
    one = across_months(frame, ["unit"]).iloc[0]
    assert (one["backlog"], one["served"]) == (7.0, 6.0)


def test_a_percentile_of_percentiles_is_not_made_up() -> None:
    two = pd.DataFrame({"month": [1, 1, 2], "waiting_p90": [10.0, 20.0, 30.0]})
    assert across_units(two, ["month"])["waiting_p90"].isna().tolist() == [True, False]


def test_a_mean_without_its_weight_is_refused_by_name() -> None:
    with pytest.raises(KeyError, match="served_counter"):
        across_units(pd.DataFrame({"month": [1], "waiting_minutes": [3.0]}), ["month"])
