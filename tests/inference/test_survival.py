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
