"""Claim: the burn-in is watched as it is, its rules are those of the literature, and 36 months settle people."""

from __future__ import annotations

import numpy as np
import pytest

from sim.calibration.burn_in import MEASURES, BurnInResult, burn_in, mser, welch
from sim.errors import KinerjaError
from sim.world import Scenario


@pytest.fixture(scope="module")
def watched() -> BurnInResult:
    return burn_in("contoh", months=60, replications=3, seed=5)


def test_mser_leaves_out_what_is_not_settled() -> None:
    rng = np.random.default_rng(1)
    series = rng.standard_normal(200)
    assert mser(series) <= 30
    series[:35] += np.linspace(8, 1, 35)
    assert 25 <= mser(series) <= 45


def test_mser_by_hand() -> None:
    """Batches 9, 1, 2, 1, 2, 1: leaving out the first halves the variance of the mean."""
    batches = [9.0, 1, 2, 1, 2, 1]
    series = np.repeat(batches, 5)
    errors = [np.var(batches[d:]) / (6 - d) for d in range(4)]
    assert int(np.argmin(errors)) == 1
    assert mser(series) == 5


def test_welch_is_a_moving_average_that_shrinks_at_the_start() -> None:
    series = np.arange(10.0) ** 2
    smooth = welch(series, 2)
    assert smooth[0] == series[0]
    assert smooth[1] == series[:3].mean()
    assert smooth[5] == series[3:8].mean()
    assert np.isnan(smooth[-2:]).all()


def test_every_month_of_every_run_is_there(watched: BurnInResult) -> None:
    table = watched.to_frame()
    assert len(table) == 60 * len(MEASURES)
    assert set(table["measure"]) == set(MEASURES)
    assert all(values.shape == (3, 60) for values in watched.series.values())


def test_the_burn_in_does_not_leave_much_to_settle(watched: BurnInResult) -> None:
    left = watched.table().set_index("measure")
    for name in ("level", "spread", "motivation"):  # in performance SDs
        assert abs(left.loc[name, "left"]) - left.loc[name, "half_width"] < 0.05
    assert (
        watched.series["motivation"][:, 0].mean() < watched.series["motivation"][:, 35].mean()
    )  # it does move


def test_people_are_those_a_study_starts_with(watched: BurnInResult) -> None:
    """The state after the 36th month is what a study with that burn-in finds, its luck being the same by month."""
    from sim.agency import load_agency
    from sim.levers import status_quo
    from sim.runs.run import make_world

    world = make_world(load_agency("contoh"), status_quo(), seed=5, months=1, scenario=Scenario(burn_in=60))
    world.env.run(until=int(world.calendar.month_start[36]))
    assert world.officers.tenure[world.officers.there].mean() == pytest.approx(
        watched.series["tenure"][0, 35]
    )


def test_too_short_a_watch_is_refused() -> None:
    with pytest.raises(KinerjaError, match="watch 24 more"):
        burn_in("contoh", months=40)


def test_its_figure_has_a_panel_a_measure_in_the_language_asked_for(watched: BurnInResult) -> None:
    for lang, age, said in (("id", "Usia", "segitiga"), ("en", "Age", "triangle")):
        figure = watched.plot(lang=lang)
        assert len(figure.axes) == len(MEASURES)
        assert figure.axes[MEASURES.index("age")].get_title(loc="left").startswith(age)
        assert said in figure.get_supxlabel()
