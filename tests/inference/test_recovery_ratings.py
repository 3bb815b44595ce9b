"""95% intervals of the rating models cover known truth 95% of the time, within the exact 99.9% binomial band.

The full table (1,000 data sets a model) is made by ``python -m sim.inference.recovery`` and kept in docs/inference.md.
"""

from __future__ import annotations

import numpy as np
import pytest

from sim.inference.recovery import band, coverage
from sim.inference.recovery_ratings import CASES

DATASETS = {
    "rater_model": 100,
    "rater_model, random slope": 25,
    "g_study": 60,
    "icc": 200,
    "unit_icc": 200,
    "alpha, omega": 200,
    "kappa, Krippendorff": 50,
    "ordered_model": 40,
    "ordered_model, random rater": 60,
    "many_facet_rasch": 40,
    "round_robin": 20,
    "halo, central_tendency": 15,
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
    narrow = coverage(lambda rng: {"too narrow": bool(abs(rng.standard_normal()) < 1.5)}, 200)
    assert not narrow["inside"].any()
    right = coverage(lambda rng: {"right": bool(abs(rng.standard_normal()) < 1.96)}, 200)
    assert right["inside"].all()


def test_data_sets_do_not_depend_on_how_many_there_are() -> None:
    seen: list[list[float]] = [[], []]

    def case(store: list[float]) -> object:
        def run(rng: np.random.Generator) -> dict[str, bool]:
            store.append(float(rng.random()))
            return {"x": True}

        return run

    coverage(case(seen[0]), 3)  # type: ignore[arg-type]
    coverage(case(seen[1]), 6)  # type: ignore[arg-type]
    assert seen[0] == seen[1][:3]
