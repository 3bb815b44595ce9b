"""Claim: durations with open cases are read as published software reads them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from evaluation_data import shared

from sim.errors import KinerjaError
from sim.inference.evaluation.hazard_model import hazard_model
from sim.inference.evaluation.survival import durations, time_to_close


@pytest.fixture
def freireich():
    """Remission of leukaemia, weeks (Freireich et al. 1963, the data of Cox 1972); 0 is censored."""
    mp = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    done = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    placebo = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
    frame = pd.DataFrame({"days": mp + placebo, "done": done + [1] * 21})
    return frame.assign(arm=["6-MP"] * 21 + ["placebo"] * 21, placebo=[0] * 21 + [1] * 21)


def test_freireich_as_r_survival(freireich):
    """Medians 23 (log-log interval from 13) and 8 (4 to 11); log-rank 16.79 on 1 df; Cox (Efron) 1.572, se
    .412: engine R survival."""
    result = time_to_close(freireich, group="arm", within=[10])
    assert result.table()["median"].tolist() == [23.0, 8.0]
    assert result.table()["low"].tolist() == [13.0, 4.0]
    assert np.isnan(result.table()["high"][0])
    assert result.table()["high"][1] == 11.0
    assert round(result.logrank["chi2"], 2) == 16.79
    hazard = hazard_model(freireich, ["placebo"]).table().iloc[0]
    assert (round(hazard["estimate"], 3), round(hazard["se"], 3)) == (1.572, 0.412)


def test_share_within_a_clock_by_hand():
    """Five cases, one censored before the clock: Kaplan-Meier 1 - (4/5)(2/3)."""
    frame = pd.DataFrame({"days": [1, 2, 3, 6, 7.0], "done": [1, 0, 1, 1, 1]})
    result = time_to_close(frame, within=[5, 30])
    assert result.within["share"][0] == pytest.approx(1 - 4 / 5 * 2 / 3)
    at_the_clock = time_to_close(frame, within=[3]).within["share"][0]
    assert at_the_clock == pytest.approx(1 - 4 / 5 * 2 / 3)  # closed on the last day allowed is in time
    assert np.isnan(result.within["share"][1])  # nobody was watched that long
    assert result.has("censored")


def test_nyc_council_complaints_as_their_readme():
    """20,000 of the register, 51 offices, 4 % open; the full register's closed cases: median 7, mean 154.7 days."""
    register = durations(pd.read_csv(shared("nyc_council_complaints_sample.csv.gz")), "opendate", "closedate")
    assert len(register) == 20_000
    assert register["account"].nunique() == 51
    assert round(1 - register["done"].mean(), 2) == 0.04
    closed = register.loc[register["done"] == 1, "days"]
    assert closed.median() == 7.0
    # the sample's mean agrees with the full register's within four standard errors
    assert abs(closed.mean() - 154.7) < 4 * closed.std() / len(closed) ** 0.5
    result = time_to_close(register, within=[14])
    assert result.table()["median"][0] > closed.median()  # open cases count
    assert result.within["low"][0] < result.within["share"][0] < result.within["high"][0]


def test_working_days_skip_weekends_and_holidays():
    register = pd.DataFrame({"in": ["2025-03-27", "2025-03-28"], "out": ["2025-04-08", None]})
    days = durations(
        register, "in", "out", "2025-04-09", working_days=True, holidays=["2025-03-31", "2025-04-01"]
    )
    assert days["days"].tolist() == [6.0, 6.0]  # 28 March, 2, 3, 4, 7, 8 April; 2, 3, 4, 7, 8, 9 April
    assert days["done"].tolist() == [1, 0]


def test_closed_after_the_reading_counts_as_open():
    register = pd.DataFrame({"in": ["2025-01-01", "2025-01-02"], "out": ["2025-01-05", "2025-02-01"]})
    assert durations(register, "in", "out", "2025-01-10")["done"].tolist() == [1, 0]


def test_strata_and_clusters_change_what_they_should():
    rng = np.random.default_rng(17)
    office = np.repeat(np.arange(20), 15)
    fast = rng.integers(0, 2, 300)
    pace = np.exp(1.0 * fast + 1.5 * rng.normal(size=20)[office])
    frame = pd.DataFrame({"days": rng.exponential(1 / pace), "done": 1, "fast": fast, "office": office})
    plain, by_office = hazard_model(frame, ["fast"]), hazard_model(frame, ["fast"], strata="office")
    robust = hazard_model(frame, ["fast"], cluster="office")
    assert by_office.table()["estimate"][0] > plain.table()["estimate"][0]  # unseen offices shrink the ratio
    assert robust.table()["estimate"][0] == plain.table()["estimate"][0]
    model = sm.PHReg(frame["days"], frame[["fast"]].to_numpy(float), status=frame["done"], ties="efron")
    assert robust.table()["se"][0] == pytest.approx(
        model.fit(groups=office).bse[0] * np.sqrt(20 / 19), rel=1e-6
    )


@pytest.mark.parametrize(
    ("register", "message"),
    [
        ({"in": ["2025-01-05"], "out": ["2025-01-01"]}, "before the opening"),
        ({"in": ["yesterday"], "out": [None]}, "are not dates"),
        ({"in": [None], "out": [None]}, "is empty"),
    ],
)
def test_bad_registers_are_refused(register, message):
    with pytest.raises(KinerjaError, match=message):
        durations(pd.DataFrame(register), "in", "out", "2025-02-01")


def test_bad_durations_are_refused(freireich):
    with pytest.raises(KinerjaError, match="is negative"):
        time_to_close(freireich.assign(days=-1))
    with pytest.raises(KinerjaError, match="every case is still open"):
        time_to_close(freireich.assign(done=0))
    with pytest.raises(KinerjaError, match="no closed case in placebo"):
        time_to_close(freireich.assign(done=1 - freireich["placebo"]), group="arm")
    with pytest.raises(KinerjaError, match="separates perfectly"):
        never = freireich.assign(done=np.where(freireich["placebo"] == 1, 0, freireich["done"]))
        hazard_model(never, ["placebo"])
    with pytest.raises(KinerjaError, match="at least ten"):
        hazard_model(freireich, ["placebo"], cluster="arm")
    with pytest.raises(KinerjaError, match="is after"):
        durations(pd.DataFrame({"in": ["2025-03-01"], "out": [None]}), "in", "out", "2025-02-01")


def test_proportional_hazards_as_r_cox_zph(freireich):
    """Freireich: p .88 (R survival, cox.zph with transform "km")."""
    found = hazard_model(freireich, ["placebo"]).proportional.iloc[0]
    assert found["chi2"] == pytest.approx(0.0229, abs=2e-4)
    assert found["p"] == pytest.approx(0.88, abs=0.005)


@pytest.mark.parametrize("whole", [True, False], ids=["whole days", "no ties"])
def test_hazards_that_are_proportional_are_seldom_called_otherwise(whole):
    """Ties in whole days are the normal case of a complaint register; a rank correlation rejected 91 of 100."""
    rng, p = np.random.default_rng(5), []
    for __ in range(40):
        x, done = rng.normal(size=120), rng.random(120) < 0.8
        days = rng.exponential(10 / np.exp(0.7 * x))
        frame = pd.DataFrame({"days": np.ceil(days) if whole else days, "done": done, "x": x})
        p.append(hazard_model(frame, ["x"]).proportional["p"][0])
    assert sum(v < 0.05 for v in p) <= 7  # 8 or more of 40: once in 10,000 at a level of 5 %
    assert 0.35 < np.mean(p) < 0.65


def test_hazards_that_are_not_proportional_are_called_so():
    rng = np.random.default_rng(6)
    arm = np.repeat([0, 1], 150)
    days = np.ceil(rng.weibull(np.where(arm == 1, 2.5, 0.8)) * 20 + 0.01)
    frame = pd.DataFrame({"days": days, "done": 1, "arm": arm, "age": rng.normal(size=300)})
    found = hazard_model(frame, ["arm", "age"]).proportional.set_index("term")["p"]
    assert found["arm"] < 1e-6
    assert found["global"] < 1e-6
    assert found["age"] > 0.01


@pytest.mark.parametrize(
    ("days", "done", "median"),
    [
        ([1, 2, 3, 4], 1, 2.0),  # the first time at which half or more have closed
        ([1, 2, 3, 4, 5], 1, 3.0),
        ([1, 1, 2, 2, 3, 3], 1, 2.0),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [1, 0, 1, 1, 1, 1, 1, 1, 1, 1], 6.0),
        ([1, 2, 3, 4], [1, 0, 0, 0], np.nan),
        (list(range(1, 15)), 1, 7.0),  # products of fractions end at one half but for rounding
    ],
)
def test_the_median_is_the_first_time_at_one_half(days, done, median):
    found = time_to_close(pd.DataFrame({"days": days, "done": done})).table()["median"][0]
    assert found == median or (np.isnan(found) and np.isnan(median))


def test_robust_errors_of_tied_days_fit_the_likelihood():
    """Whole days: statsmodels takes Breslow's residuals for Efron's likelihood (.0879, .0961 here); leaving out one
    team at a time tells .098 and .103."""
    rng = np.random.default_rng(3)
    x, team, done = rng.normal(size=(200, 2)), rng.integers(0, 20, 200), rng.random(200) < 0.8
    days = np.ceil(rng.exponential(10 / np.exp(0.7 * x[:, 0])))
    frame = pd.DataFrame({"days": days, "done": done, "a": x[:, 0], "b": x[:, 1], "team": team})
    found = hazard_model(frame, ["a", "b"], cluster="team").table()
    without = [
        hazard_model(frame[frame["team"] != k], ["a", "b"]).table()["estimate"].to_numpy() for k in range(20)
    ]
    jackknife = np.sqrt(((without - found["estimate"].to_numpy()) ** 2).sum(axis=0) * 19 / 20)
    assert found["se"].to_numpy() == pytest.approx(jackknife, rel=0.08)
    assert found["low"][0] == pytest.approx(found["estimate"][0] - 2.093024 * found["se"][0])  # t of 19
