"""Claim: group-time effects and their averages are Callaway & Sant'Anna's, by hand and against R's did."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from evaluation_data import long_panel, shared

from sim.errors import KinerjaError
from sim.inference.data.panel_data import NEVER
from sim.inference.evaluation.group_time import average, group_time_effects, subset
from sim.inference.evaluation.staggered_did import staggered_did


def run(frame, **options):
    return staggered_did(frame, "y", "unit", "period", "on", **options)


@pytest.fixture
def small():
    """Cohorts 1 and 2 of two units, two never treated, three periods; noise-free changes."""
    y = np.array(
        [
            [0.0, 2, 5],  # cohort 1: changes 2, 5 from period 0
            [1.0, 5, 8],  # 4, 7
            [2.0, 3, 7],  # cohort 2: change 4 from period 1
            [3.0, 5, 11],  # 6
            [4.0, 5, 6],  # never: 1, 2
            [5.0, 6, 9],  # 1, 4
        ]
    )
    return long_panel(y, [1, 1, 2, 2, 99, 99])


def test_by_hand(small):
    """ATT(1,1) = 3 - 5/4 (not yet treated: changes 1, 2, 1, 1); ATT(1,2) = 6 - 3; ATT(2,2) = 5 - 2."""
    cells = run(small).group_time.set_index(["cohort", "period"])["estimate"]
    assert cells[1, 1] == pytest.approx(3 - 5 / 4)
    assert cells[1, 2] == pytest.approx(6 - 3)
    assert cells[2, 2] == pytest.approx(5 - 2)
    never = run(small, control="never").group_time.set_index(["cohort", "period"])["estimate"]
    assert never[1, 1] == pytest.approx(3 - 1)


def test_averages_by_hand(small):
    """Equal cohorts, so shares are equal: simple over three cells, group, dynamic and calendar."""
    table = run(small).table().set_index("aggregate")["estimate"]
    a11, a12, a22 = 3 - 5 / 4, 3.0, 3.0
    assert table["simple"] == pytest.approx((a11 + a12 + a22) / 3)
    assert table["group"] == pytest.approx(((a11 + a12) / 2 + a22) / 2)
    assert table["dynamic"] == pytest.approx(((a11 + a22) / 2 + a12) / 2)
    assert table["calendar"] == pytest.approx((a11 + (a12 + a22) / 2) / 2)


def test_cohorts_count_by_their_size():
    """Effects 1 for a cohort of two units and 4 for one of six: the group average is 3.25, not 2.5."""
    first = [1, 1, 2, 2, 2, 2, 2, 2, 99, 99]
    effect = {1: 1.0, 2: 4.0, 99: 0.0}
    y = np.array([[effect[g] * (t >= g) for t in range(3)] for g in first])
    y += np.arange(3) + np.resize([0.01, -0.01, -0.01, 0.01], 10)[:, None] * np.array([1, -1, 1])
    table = run(long_panel(y, first), control="never").table().set_index("aggregate")["estimate"]
    assert table["group"] == pytest.approx((2 * 1 + 6 * 4) / 8, abs=0.03)
    assert table["simple"] == pytest.approx((2 * 2 * 1 + 6 * 4) / 10, abs=0.03)


def test_influence_is_what_a_unit_adds():
    """Doubling a unit moves an average by its influence, the sampling of cohort shares included."""
    rng = np.random.default_rng(23)
    first = np.repeat([1, 2, NEVER], 30)
    y = rng.normal(size=(90, 4)) + np.where(first == 1, 5.0, 0.5)[:, None] * (
        (first != NEVER)[:, None] & (np.arange(4) >= first[:, None])
    )
    options = {"control": "never", "base": "universal", "anticipation": 0, "small_sample": False}

    def simple(rows):
        cells = group_time_effects(y[rows], first[rows], np.empty((len(rows), 0)), **options)
        after = subset(cells, (cells.table["event_time"] >= 0).to_numpy())
        return average(after, first[rows], None, by_size=True)

    every = np.arange(90)
    base = simple(every)
    moved = [
        simple(np.append(every, i)).table["estimate"].item() - base.table["estimate"].item() for i in every
    ]
    np.testing.assert_allclose(moved, base.influence[:, 0], rtol=0.1, atol=0.003)
    # the part that cohort shares contribute is not small here
    assert np.abs(base.influence[:, 0]).mean() > 0.015


def test_standard_error_of_a_cell_by_hand(small):
    """ATT(1,2) against two never treated: changes 5, 7 and 2, 4, so Welch's error is sqrt(2/2 + 2/2)."""
    cell = run(small, control="never").group_time.query("cohort == 1 and period == 2").iloc[0]
    assert cell["se"] == pytest.approx(np.sqrt(2.0))
    assert cell["df"] == pytest.approx(2.0)


def test_a_covariate_equals_the_regression_of_controls():
    """With one covariate the estimate is the treated mean minus the controls' line at the treated."""
    rng = np.random.default_rng(1)
    y, x = rng.normal(size=(14, 2)), rng.normal(size=14)
    first = np.array([1] * 6 + [NEVER] * 8)
    effects = group_time_effects(
        y, first, x[:, None], control="never", base="universal", anticipation=0, small_sample=False
    )
    change = y[:, 1] - y[:, 0]
    slope, level = np.polyfit(x[6:], change[6:], 1)
    assert effects.table["estimate"].item() == pytest.approx((change[:6] - level - slope * x[:6]).mean())


def test_placebos_vanish_without_effect_or_trend():
    rng = np.random.default_rng(8)
    first = rng.choice([3, 5, 99], 60)
    result = run(long_panel(rng.normal(size=(60, 7)), first.tolist()))
    before = result.dynamic.query("event_time < 0")
    assert len(before) == 4
    assert (before["estimate"].abs() < 4 * before["se"]).all()
    assert result.pretrend["p"] > 0.01


def test_universal_placebos_are_minus_the_sum_of_varying_ones():
    rng = np.random.default_rng(9)
    frame = long_panel(rng.normal(size=(20, 6)), [4] * 10 + [99] * 10)
    varying = run(frame, base="varying", control="never").group_time.set_index("period")["estimate"]
    universal = run(frame, control="never").group_time.set_index("period")["estimate"]
    assert universal[0] == pytest.approx(-(varying[1] + varying[2] + varying[3]))
    assert universal[2] == pytest.approx(-varying[3])
    assert universal[4] == varying[4]


def test_simultaneous_bands_are_wider_than_intervals():
    rng = np.random.default_rng(10)
    dynamic = run(long_panel(rng.normal(size=(40, 6)), [2] * 12 + [4] * 12 + [99] * 16)).dynamic
    assert (dynamic["band_high"] > dynamic["high"]).all()
    assert (dynamic["band_low"] < dynamic["low"]).all()


def test_it_repeats_itself():
    rng = np.random.default_rng(10)
    frame = long_panel(rng.normal(size=(40, 6)), [2] * 12 + [4] * 12 + [99] * 16)
    pd.testing.assert_frame_equal(run(frame).dynamic, run(frame.sample(frac=1, random_state=1)).dynamic)


def test_single_unit_cohorts_and_small_ones_are_said():
    rng = np.random.default_rng(11)
    result = run(long_panel(rng.normal(size=(12, 5)), [1, 2, 2, 3, 3, 3] + [99] * 6))
    assert result.has("single_unit_cohorts")
    assert result.has("small_cohorts")
    assert result.by_group["cohort"].tolist() == [2, 3]


def test_all_at_once_or_one_cluster_is_refused(small):
    with pytest.raises(KinerjaError, match="no cohort has a comparison"):
        run(small[small["unit"] < 2])
    with pytest.raises(KinerjaError, match="needs at least two"):
        run(small[small["unit"] < 4], control="never")
    with pytest.raises(KinerjaError, match="only one cluster"):
        run(small.assign(all=1), cluster="all")
    with pytest.raises(KinerjaError, match="does not vary between two periods"):
        run(small.assign(y=1.0))


MPDTA = {
    ("never", ()): {
        "simple": (-0.0399512751551763, 0.0120340127701854),
        "group": (-0.0310182822287484, 0.0124460593209979),
        "dynamic": (-0.0772398214573151, 0.0199649890618494),
        "calendar": (-0.0417004321312822, 0.01597185188456),
    },
    ("not_yet", ()): {
        "simple": (-0.0397636256230437, 0.0120524247873419),
        "group": (-0.030462228112565, 0.0125751201316818),
        "dynamic": (-0.0773993139705847, 0.0195601769463944),
        "calendar": (-0.0442670834758837, 0.0155709044211449),
    },
    ("never", ("lpop",)): {
        "simple": (-0.0419686124215432, 0.0114448297682151),
        "group": (-0.0329292402290042, 0.0118603087662617),
        "dynamic": (-0.0807817453337615, 0.0187458547114755),
        "calendar": (-0.0445323313531745, 0.0148850278130483),
    },
}


@pytest.mark.parametrize("setting", MPDTA, ids=str)
def test_mpdta_as_r_did(setting):
    """County teen employment (Callaway & Sant'Anna's example): engine R package did, analytic errors."""
    control, covariates = setting
    data = pd.read_csv(shared("mpdta.csv"))
    data["on"] = ((data["first.treat"] > 0) & (data["year"] >= data["first.treat"])).astype(int)
    result = staggered_did(
        data, "lemp", "countyreal", "year", "on", control=control, covariates=covariates, base="varying",
        small_sample=False, draws=1,
    )  # fmt: skip
    for _, row in result.table().iterrows():
        expected = MPDTA[setting][row["aggregate"]]
        assert (row["estimate"], row["se"]) == pytest.approx(expected, rel=1e-9)
    if setting == ("never", ()):
        first = result.group_time.iloc[0]
        assert (first["estimate"], first["se"]) == pytest.approx(
            (-0.0105032462209624, 0.0232510363681664), rel=1e-9
        )
