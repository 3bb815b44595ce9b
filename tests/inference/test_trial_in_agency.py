"""Claim: a trial can be planned in the simulated agency; what it truly does there is known, leaks are reported."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.agency import check_agency, load_agency, write_agency
from sim.errors import KinerjaError
from sim.inference import (
    ClusterTrial,
    FavouritismStudy,
    SteppedWedge,
    detectable_effect,
    staff_needed,
    trial_power,
)
from sim.levers import Appraisal, Policy, status_quo
from sim.twin.trial import AgencyRatings, AgencyWorld, enlarged
from sim.world.ratings import SEVERITY, Source, composite

CONTOH = load_agency("contoh")
OFFICE = AgencyWorld(CONTOH, kinds=("disdik",))  # no desk: quick


def run(world: AgencyWorld | AgencyRatings, design: object, effect: float, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return world(design.schedule(rng), effect, rng)  # type: ignore[attr-defined]


def test_more_units_of_the_same_kinds_are_an_agency_too(tmp_path):
    big = enlarged(CONTOH, 7, officers=20)
    assert [u.unit for u in big.units] == [
        *("dukcapil", "puskesmas", "disdik", "dukcapil-2", "puskesmas-2", "disdik-2", "dukcapil-3")
    ]
    assert {u.officers for u in big.units} == {20}
    assert sum(s.unit == "dukcapil-3" for s in big.services) == len(CONTOH.services_of("dukcapil"))
    assert next(s for s in big.services if s.service == "ktp-2").demand == pytest.approx(100 * 20 / 15)
    assert not [p for p in check_agency(write_agency(big, tmp_path / "big")) if type(p).__name__ == "Problem"]
    with pytest.raises(KinerjaError, match=r"cannot be made; .* has dukcapil, puskesmas, disdik"):
        enlarged(CONTOH, 4, kinds=("samsat",))


def test_the_truth_of_a_trial_is_the_same_run_without_it():
    """Treated officers gain what the effect book says of .4 SD; nobody else is touched, to the last bit."""
    data = run(OFFICE, ClusterTrial(units=6, before=2, after=2), 0.4)
    on = data["treated"] == 1
    assert (data.loc[~on, "true_effect"] == 0.0).all()
    assert (data.loc[~on, "exposure"] == 0.0).all()
    assert (data.loc[on, "exposure"] == 1.0).all()
    np.testing.assert_allclose(data.loc[on, "true_effect"], 0.4, atol=0.02)
    again = run(OFFICE, ClusterTrial(units=6, before=2, after=2), 0.0)
    np.testing.assert_allclose(again["outcome"], data["outcome"] - data["true_effect"], rtol=1e-12)


def test_a_desk_gets_quicker_by_it():
    world = AgencyWorld(CONTOH, outcome="waiting_minutes", contamination=0.3)
    assert world.kinds == ("dukcapil", "puskesmas")
    data = run(world, SteppedWedge(units=4, steps=2), 0.6)
    first = data[data["period"] == 0]
    last = data[data["period"] == 2]
    assert (first["true_effect"] == 0.0).all()
    assert last["true_effect"].mean() < -1.0
    waiting = data[(data["period"] == 1) & (data["treated"] == 0)]
    # two of the three others are treated, and a part of the dose stays with whoever got it
    np.testing.assert_allclose(waiting["exposure"], 0.3 * 2 / 3)
    assert waiting["true_effect"].mean() < 0.0


def test_periods_of_several_months_are_means_of_them():
    """The schedule of a quarter is that of its three months, which count by the officers there in each."""
    quarter = run(AgencyWorld(CONTOH, kinds=("disdik",), months=3), SteppedWedge(units=4, steps=2), 0.5)
    month = run(OFFICE, SteppedWedge(units=4, steps=2, length=3), 0.5)
    by = month.assign(period=month["period"] // 3).groupby(["unit", "period"])["outcome"].mean()
    np.testing.assert_allclose(quarter.set_index(["unit", "period"])["outcome"].sort_index(), by, rtol=2e-3)


def test_power_in_the_agency_is_against_the_truth_there():
    design = ClusterTrial(units=10, before=1, after=1)
    found = trial_power(design, OFFICE, 0.25, replications=40).table().iloc[0]
    assert abs(found["bias"]) < 4 * found["bias_se"]
    assert found["truth"] == pytest.approx(0.25, abs=0.01)
    assert 0.85 <= found["coverage"] <= 1.0
    # no contamination, and an estimate with a known error has the power of its t test
    cut = stats.t.ppf(0.975, 7)
    expected = stats.nct.sf(cut, 7, found["truth"] / found["sd"])
    assert abs(found["power"] - expected) < 4 * np.sqrt(expected * (1 - expected) / 40) + 0.02


def test_contamination_is_reported_and_biases_the_estimate():
    leaky = AgencyWorld(CONTOH, kinds=("disdik",), contamination=0.5)
    found = trial_power(ClusterTrial(units=8, before=1, after=1), leaky, 0.6, replications=12)
    row = found.table().iloc[0]
    assert row["contamination"] == pytest.approx(0.5 * 4 / 7)
    assert row["bias"] < -0.1
    assert "exposed" in found.summary(lang="en")


def test_the_smallest_effect_that_can_be_found():
    """Unit means of 15 officers of unit variance, compared once: the t test of two groups of four."""
    design, effects = ClusterTrial(units=8, before=0), (0.2, 0.5, 0.8, 1.1)
    answer = detectable_effect(design, OFFICE, effects=effects, replications=16).table().iloc[0]
    se, df = np.sqrt(2 / 4 / 15), 6
    closed = se * (stats.t.ppf(0.975, df) + stats.t.ppf(0.8, df))
    assert answer["low"] - 0.05 < closed < answer["high"] + 0.05


def test_ratings_of_the_agency_hold_the_favour_that_was_put_in():
    """One superior gives .3 SD; half weight among peers leaves half of it, over the SD of that composite."""
    data = run(AgencyRatings(CONTOH), FavouritismStudy(6, 10), 0.3)
    on = data["treated"] == 1
    np.testing.assert_allclose(data.loc[on, "true_effect"], 0.3)
    assert (data.loc[~on, "true_effect"] == 0.0).all()
    half = Policy("half", (Appraisal(supervisor=0.5, peers=0.5, peer_raters=3),))
    shared = run(AgencyRatings(CONTOH, policy=half), FavouritismStudy(6, 10), 0.3)
    alone, both = (
        float(composite(sources, 0.0)[0])
        for sources in (
            [Source(1.0, closeness=1.0)],
            [Source(0.5, closeness=1.0), Source(0.5, raters=3)],
        )
    )
    np.testing.assert_allclose(shared.loc[on, "true_effect"], 0.5 * 0.3 * alone / both)
    masked = status_quo().minus("appraisal").plus(Appraisal(second="masked"))
    assert run(AgencyRatings(CONTOH, policy=masked), FavouritismStudy(6, 10), 0.3)["true_effect"].max() < 0.15


def test_staff_needed_to_see_favouritism_agrees_with_the_closed_form():
    """Within a supervisor ratings vary by 1 less what is the same for all his staff."""
    ratings = AgencyRatings(CONTOH, kinds=("disdik",))
    answer = staff_needed(0.8, units=6, world=ratings, sizes=(5, 12, 30), replications=16).table().iloc[0]
    t = stats.t.ppf(0.975, 5) + stats.t.ppf(0.8, 5)
    closed = t**2 * (1 - SEVERITY) / (0.3 * 0.7 * 6 * 0.8**2)
    assert answer["low"] - 3 <= closed <= answer["high"] + 5


def test_what_cannot_be_tried_is_refused():
    with pytest.raises(KinerjaError, match="no outcome 'happiness'"):
        AgencyWorld(CONTOH, outcome="happiness")
    with pytest.raises(KinerjaError, match="at least 1"):
        AgencyWorld(CONTOH, months=0)
    with pytest.raises(KinerjaError, match="waiting_minutes is empty for disdik"):
        run(AgencyWorld(CONTOH, outcome="waiting_minutes", kinds=("disdik",)), ClusterTrial(units=4), 0.1)
    with pytest.raises(KinerjaError, match="has no appraisal"):
        run(AgencyRatings(CONTOH, policy=Policy("none")), FavouritismStudy(4, 6), 0.1)
    with pytest.raises(KinerjaError, match="at least three"):
        detectable_effect(ClusterTrial(units=4), OFFICE, effects=(0.1, 0.2))
