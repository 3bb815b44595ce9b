"""Claim: every evaluation result speaks both languages, has a tidy table and draws itself; inputs fit the agency."""

from __future__ import annotations

from dataclasses import fields

import matplotlib
import numpy as np
import pandas as pd
import pytest
from evaluation_data import long_panel

from sim.agency.spec import KEYS, TABLES
from sim.inference.desk.event_log import event_log, on_time
from sim.inference.desk.inputs import absence_bound, fit_absence, fit_arrivals
from sim.inference.desk.opening_hours import fit_hours
from sim.inference.desk.patience import fit_patience
from sim.inference.desk.posterior_predictive import posterior_predictive
from sim.inference.desk.routes import fit_steps
from sim.inference.desk.service_times import fit_rework, fit_service_time
from sim.inference.desk.shifts import fit_shifts
from sim.inference.evaluation.difference_in_differences import difference_in_differences
from sim.inference.evaluation.hazard_model import hazard_model
from sim.inference.evaluation.interrupted_time_series import interrupted_time_series
from sim.inference.evaluation.matching import matching
from sim.inference.evaluation.panel_models import panel_models
from sim.inference.evaluation.randomised_trial import randomised_trial
from sim.inference.evaluation.regression_to_the_mean import regression_to_the_mean
from sim.inference.evaluation.staggered_did import staggered_did
from sim.inference.evaluation.survival import time_to_close
from sim.inference.evaluation.treatment_effect import treatment_effect
from sim.inference.evaluation.two_way_fixed_effects import two_way_fixed_effects
from sim.inference.result import Result
from sim.inference.trials.designs import ClusterTrial
from sim.inference.trials.power import trial_power
from sim.inference.trials.power_curve import staff_needed
from sim.inference.trials.worlds import MixedWorld

matplotlib.use("Agg")
RNG = np.random.default_rng(24)
PEOPLE = pd.DataFrame({"y": RNG.normal(size=80), "arm": np.tile([0, 1], 40), "x": RNG.normal(size=80)})
PANEL = long_panel(RNG.normal(size=(30, 6)), [2] * 8 + [4] * 8 + [99] * 14)
SINGLE = PANEL[(PANEL["unit"] < 8) | (PANEL["unit"] >= 16)]
COLUMNS = ("y", "unit", "period", "on")
OPEN = pd.DataFrame(
    {"days": RNG.exponential(9, 60), "done": (RNG.random(60) < 0.8).astype(int), "x": RNG.normal(size=60)}
)
DAYS = pd.bdate_range("2025-01-06", periods=30)
LOG = event_log(
    pd.DataFrame(
        {
            "case": np.arange(60),
            "what": ["in", "fix"] * 30,
            "when": np.repeat(DAYS, 2) + pd.to_timedelta(RNG.uniform(8, 16, 60), "h"),
            "who": np.repeat(["a", "b", "c"], 20),
        }
    ),
    "case", "what", "when", officer="who",
)  # fmt: skip
WAITS = pd.DataFrame({"waited": RNG.exponential(20, 60), "left": np.tile([1, 0, 0], 20)})
ROUTE = event_log(
    pd.DataFrame(
        {
            "case": np.repeat(np.arange(20), 2),
            "what": ["in", "out"] * 20,
            "when": pd.date_range("2025-01-06", periods=40, freq="h"),
        }
    ),
    "case", "what", "when",
)  # fmt: skip
BOOK = pd.DataFrame({"who": np.repeat(range(6), 20), "here": (RNG.random(120) < 0.9).astype(int)})
DUE = pd.DataFrame({"end": ["2025-01-02", "2025-01-09", None], "due": ["2025-01-05"] * 3})

MAKERS = {
    "randomised": lambda: randomised_trial(PEOPLE, "y", "arm", covariates=["x"]),
    "did": lambda: difference_in_differences(SINGLE, *COLUMNS),
    "staggered": lambda: staggered_did(PANEL, *COLUMNS),
    "two_way": lambda: two_way_fixed_effects(PANEL, *COLUMNS),
    "its": lambda: interrupted_time_series(PEOPLE.assign(t=np.arange(80)), "y", "t", 40),
    "panel": lambda: panel_models(PANEL.assign(x=RNG.normal(size=180)), "y", ["x"], "unit", "period"),
    "weighting": lambda: treatment_effect(PEOPLE, "y", "arm", ["x"]),
    "matching": lambda: matching(PEOPLE, "y", "arm", ["x"]),
    "selected_low": lambda: regression_to_the_mean(
        PEOPLE.assign(on=(PEOPLE["x"] < 0).astype(int)), "x", "y", "on"
    ),
    "time_to_close": lambda: time_to_close(OPEN, within=[5]),
    "hazard": lambda: hazard_model(OPEN, ["x"]),
    "power": lambda: trial_power(
        ClusterTrial(8), MixedWorld(staff=4, contamination=0.2), 0.5, replications=20
    ),
    "staff_needed": lambda: staff_needed(0.4, 20, sizes=(4, 8, 16, 32), replications=60),
    "event_log": lambda: LOG,
    "on_time": lambda: on_time(DUE, "end", "due"),
    "arrivals": lambda: fit_arrivals(LOG.events["time"], "ktp", "log"),
    "service_time": lambda: fit_service_time(LOG, "ktp", "log"),
    "rework": lambda: fit_rework(LOG, ["fix"], "ktp", "log"),
    "hours": lambda: fit_hours(LOG, "dukcapil"),
    "shifts": lambda: fit_shifts(LOG, fit_hours(LOG, "dukcapil")),
    "patience": lambda: fit_patience(WAITS, "waited", "left", "ktp", "queue machine"),
    "patience_bound": lambda: fit_patience(WAITS.assign(left=0), "waited", "left", "ktp", "queue machine"),
    "steps": lambda: fit_steps(ROUTE, "ktp"),
    "absence": lambda: fit_absence(BOOK, "who", "here", "dukcapil", "register"),
    "absence_bound": lambda: absence_bound(LOG, "dukcapil", "log"),
    "predictive": lambda: posterior_predictive(
        pd.DataFrame({"n": RNG.poisson(9, 30)}),
        pd.DataFrame({"replication": np.repeat(np.arange(50), 30), "n": RNG.poisson(9, 1500)}),
    ),
}


@pytest.mark.parametrize("name", MAKERS)
def test_a_result_speaks_draws_and_is_tidy(name):
    result = MAKERS[name]()
    assert isinstance(result, Result)
    indonesian, english = ("\n".join(result.summary(lang=lang).sentences) for lang in ("id", "en"))
    assert len(indonesian) > 30
    assert len(english) > 30
    assert indonesian != english
    for text in (indonesian, english):
        assert "nan" not in text.lower().split()
        assert "{" not in text
        assert "0x" not in text
    assert not isinstance(result.table().index, pd.MultiIndex)
    assert result.table().columns.is_unique
    assert len(result.table()) > 0
    figure = result.plot()
    assert any(axes.has_data() for axes in figure.axes)
    assert figure._repr_png_()  # labels and ticks are only laid out when drawn


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError, match="no language"):
        MAKERS["randomised"]().summary(lang="fr")


@pytest.mark.parametrize(
    "name", ["arrivals", "service_time", "rework", "patience", "absence", "absence_bound"]
)
def test_inputs_are_numbers_the_agency_has_and_allows(name):
    """Table, key and column exist in the agency's tables, the value is in its range, and status is one of its own."""
    for row in MAKERS[name]().table().itertuples():
        columns = {f.name: f for f in fields(TABLES[row.table])}
        assert row.column in columns
        assert len(row.row.split("/")) == len(KEYS[row.table])
        meta = columns[row.column].metadata
        assert meta["low"] <= row.value <= meta["high"]
        assert row.status in columns["status"].metadata["choices"]
        assert row.low <= row.value <= row.high
