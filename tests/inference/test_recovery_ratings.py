"""95% intervals of the rating models cover known truth 95% of the time, within the exact 99.9% binomial band.

Up to 40 data sets a case here; the table of 1,000 is made by ``make proof-recovery`` and kept in docs/inference.md.
"""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import sim.inference as inference
from validation.coverage import Case, Check, band, coverage
from validation.ratings import CASES
from validation.recovery import cases

DATASETS = {
    "rater_model, fit_rater_shares": 40,
    "rater_model, random slope": 25,
    "g_study": 40,
    "icc": 40,
    "unit_icc": 40,
    "alpha, omega": 40,
    "kappa, Krippendorff": 40,
    "ordered_model": 40,
    "ordered_model, random rater": 20,
    "many_facet_rasch": 40,
    "round_robin": 20,
    "halo, central_tendency": 15,
    "predikat_compliance": 40,
}


def test_every_case_is_run_here() -> None:
    assert set(DATASETS) == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_intervals_cover_the_truth(name: str) -> None:
    table = coverage(CASES[name], DATASETS[name], seed=2)
    assert table["inside"].all(), table.to_string()


def test_the_band_is_the_one_in_use_and_can_fail() -> None:
    assert band(200) == (0.895, 0.99)
    assert band(1000) == (0.926, 0.971)
    narrow = coverage(lambda rng: [_normal(rng, 1.5)], 200)
    assert not narrow["inside"].any()
    right = coverage(lambda rng: [_normal(rng, 1.96)], 200)
    assert right["inside"].all()


def _normal(rng: np.random.Generator, half: float) -> Check:
    estimate = float(rng.standard_normal())
    return Check("mean", 0.0, estimate, abs(estimate) < half)


def test_data_sets_do_not_depend_on_how_many_there_are() -> None:
    seen: list[list[float]] = [[], []]

    def case(store: list[float]) -> Case:
        def run(rng: np.random.Generator) -> list[Check]:
            store.append(float(rng.random()))
            return [Check("x", 0.0, 0.0, True)]

        return run

    coverage(case(seen[0]), 3)
    coverage(case(seen[1]), 6)
    assert seen[0] == seen[1][:3]


def test_every_model_that_gives_an_interval_is_in_the_table() -> None:
    """Those left out: data in, designs and worlds, Monte Carlo intervals (test_power), assumptions without a truth."""
    names = " ".join(cases())
    data_in = {
        "read_ratings",
        "read_360",
        "read_panel",
        "read_events",
        "read_complaints",
        "event_log",
        "durations",
    }
    privacy = {"personal_columns", "pseudonymise", "refuse_personal", "suppress_small"}
    worlds = {"fit_mixed_world"}
    powers = {"trial_power", "detectable_effect", "staff_needed"}
    no_truth = {
        "identification",
        "absence_bound",
        "fit_hours",
        "posterior_predictive",
        "ratings_report",
        "evaluation_report",
    }
    other_names = {
        "cronbach_alpha": "alpha",
        "fleiss_kappa": "kappa",
        "krippendorff_alpha": "Krippendorff",
        "agreement": "kappa",
    }
    functions = {name for name in inference.__all__ if inspect.isfunction(getattr(inference, name))}
    for name in functions - data_in - privacy - worlds - powers - no_truth:
        assert other_names.get(name, name) in names, name
