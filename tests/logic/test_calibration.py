"""Claim: the simulated status quo shows what is published about Indonesia's, within the tolerances told; the world uses
what was fitted; and the tables, the policy and the page agree."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, norm

from sim import load_agency
from sim.calibration.calibrate import RECORDED, _ratings, _sanctions, _usual, calibrate
from sim.calibration.targets import Runs, as_markdown, by_unit, check, clustered_band, synthetic
from sim.errors import KinerjaError
from sim.levers import ComplaintHandling, Discipline, status_quo
from sim.paths import data_dir
from sim.regulation import PREDIKAT
from sim.world import Scenario
from sim.world.calibration import Target, targets, usual_waits
from sim.world.ratings import SEVERITY, status_quo_cuts

ROOT = Path(__file__).parents[2]
FOLDER = data_dir() / "calibration"
THREE = ("gorontalo", "jambi", "makassar")


@pytest.fixture(scope="module")
def parameters() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "parameters.csv").set_index("parameter")


@pytest.fixture(scope="module")
def fit() -> pd.DataFrame:
    """Two runs of a year of each agency, under luck nothing was fitted to."""
    agencies = [load_agency(name) for name in THREE]
    runs = Runs(seed=77, replications=2, months=12, workers=1)
    tables = {agency.name: runs.of(agency, [status_quo()]) for agency in agencies}
    return check(agencies, tables, synthetic(5))


def test_the_mix_of_a_million_ratings_is_the_published_one(fit):
    rows = fit[(fit["agency"] == "*") & fit["target"].isin(PREDIKAT)]
    assert len(rows) == 5
    assert rows["met"].all()


@pytest.mark.parametrize("agency", THREE)
def test_every_target_is_met_in_every_agency(fit, agency):
    rows = fit[fit["agency"] == agency]
    assert {"absence", "ikm_self", "discarded", "utilisation", *PREDIKAT} == set(rows["target"])
    missed = rows[~rows["met"]]
    # IKM and absence of single units vary by more than the tolerance from year to year: their means must not
    assert set(missed["target"]) <= {"ikm_self", "absence"}, missed
    assert (missed["unit"] != "*").all(), missed
    near = rows[(rows["target"] == "ikm_self") & (rows["unit"] != "*")]
    # two years of a unit of six officers; the fit on file is held to its tolerance
    assert (near["simulated"] - near["aim_low"]).abs().max() < 8


def test_one_and_four_raters_and_the_outside_survey(fit):
    rows = fit[fit["target"].isin(["one_rater", "four_raters", "ikm_independent"])]
    assert len(rows) == 4
    assert rows["met"].all()


def test_sanctions_are_as_rare_as_they_are_said_to_be(fit):
    """Of some 175 PNS, two runs of a year: few events, so the count must fit a rate in the range."""
    pns = sum(unit.pns for name in THREE for unit in load_agency(name).units)
    row = fit[fit["target"] == "sanctions"].iloc[0]
    count = round(row["simulated"] * pns * 2)
    assert count <= binom.ppf(0.9999, 2 * pns, targets()["sanctions"].high)


def test_the_fit_on_file_meets_its_targets_and_is_the_one_in_the_docs():
    kept = pd.read_csv(FOLDER / "fit.csv")
    missed = kept[~kept["met"]]
    # one is missed, and the page says so: a small office with files near saturation
    assert missed[["target", "agency", "unit"]].to_numpy().tolist() == [["ikm_self", "makassar", "bkpsdm"]]
    assert set(THREE) < set(kept["agency"])
    assert set(targets()) == set(kept["target"])
    page = (ROOT / "docs" / "calibration.md").read_text(encoding="utf-8")
    tables = [pd.read_csv(FOLDER / f"{name}.csv") for name in ("parameters", "usual")]
    for name, table in as_markdown(*tables, kept).items():
        found = re.search(f"<!-- {name} -->\n(.*?)<!-- end -->", page, re.DOTALL)
        assert found is not None, name
        assert found[1] == table, name


def test_what_was_fitted_is_what_is_used(parameters):
    levers = {type(lever): lever for lever in status_quo().levers}
    discipline, complaints = levers[Discipline], levers[ComplaintHandling]
    assert discipline.recorded == RECORDED[0]
    assert discipline.enforcement == pytest.approx(
        parameters.loc["discipline.enforcement", "value"], abs=5e-5
    )
    share = parameters.loc["complaint_handling.discard"]
    assert share["low"] <= complaints.discard <= share["high"]
    assert status_quo_cuts().correlation == pytest.approx(
        parameters.loc["ratings.correlation", "value"], abs=1e-4
    )
    kept = pd.read_csv(FOLDER / "usual.csv")
    for name in THREE:
        agency = load_agency(name)
        for unit, usual in zip(agency.units, usual_waits(agency, {}), strict=True):
            own = kept[(kept["agency"] == name) & (kept["unit"] == unit.unit)]["value"].tolist()
            assert own == ([usual] if unit.kind == "service" else [])
            assert np.isnan(usual) == (unit.kind != "service")


def test_every_value_has_its_provenance(parameters):
    for frame in (parameters.reset_index(), pd.read_csv(FOLDER / "usual.csv")):
        assert not frame[["target", "source", "status", "seed", "command"]].isna().any(axis=None)
        assert ((frame["low"] <= frame["value"]) & (frame["value"] <= frame["high"])).all()
        assert set(frame["status"]) <= {"solved", "fitted", "told"}
    assert all(t.source and t.identifies and t.status in "VDA" for t in targets().values())


def test_what_is_usual_changes_what_citizens_say_and_nothing_else():
    agency = load_agency("contoh")
    runs = Runs(seed=3, replications=1, months=2, workers=1)
    code = agency.units[0].unit
    given = {code: -4.0}
    short = {"burn_in": 3}
    a = runs.of(agency, [status_quo()], Scenario(**short)).outcomes
    b = runs.of(agency, [status_quo()], Scenario(**short, usual=given)).outcomes
    differ = {c for c in a if not a[c].equals(b[c])}
    assert differ == {"satisfied", "ikm_service", "ikm_perceived", *(f"u{k}" for k in range(1, 10))}
    mine = a["unit"] == code
    assert (b.loc[mine, "u3"] < a.loc[mine, "u3"]).all()
    assert b.loc[~mine].equals(a.loc[~mine])


def test_an_agency_of_ones_own_has_nothing_fitted():
    own = replace(load_agency("contoh"), name="mine")
    assert np.isnan(usual_waits(own, {})).all()
    assert usual_waits(own, {"dukcapil": -1.0})[0] == -1.0


def test_what_is_usual_is_found_wherever_the_search_starts():
    """The small agency twice, from what was fitted and from nothing: the same."""
    agency = load_agency("contoh")
    runs = Runs(seed=4, replications=2, months=1, workers=1)
    found = [
        [row["value"] for row in _usual(a, status_quo(), runs)]
        for a in (agency, replace(agency, name="mine"))
    ]
    assert found[0] == pytest.approx(found[1], abs=0.02)


def test_cuts_have_the_interval_of_their_counts_and_rounding():
    rows = {row["parameter"]: row for row in _ratings(1)}
    low = rows["ratings.low_results"]
    assert low["low"] < low["value"] < low["high"]
    # .21 % of ten million, two shares rounded to a hundredth of a per cent
    n, p = targets()["baik"].n, 0.0021
    sd = np.hypot(np.sqrt(p / n), np.sqrt(2 / 12) * 1e-4) / norm.pdf(norm.ppf(p))
    assert (low["high"] - low["low"]) / 3.92 == pytest.approx(sd, rel=0.3)


def test_more_recording_takes_less_enforcement_for_as_many_sanctions():
    runs = Runs(seed=6, replications=2, months=12, workers=1)
    values = [row["value"] for row in _sanctions([load_agency("contoh")], runs)]
    assert values[0] > values[1] > values[2] > 0


def test_bands_allow_for_one_superior_rating_many():
    agency = load_agency("makassar")
    low, high = clustered_band(agency, 0.1127, 1)
    rng = np.random.default_rng(1)
    sizes = [unit.officers for unit in agency.units]
    cut, shares = norm.ppf(1 - 0.1127), []
    for _ in range(4000):
        marks = [np.sqrt(SEVERITY) * rng.normal() + np.sqrt(1 - SEVERITY) * rng.normal(size=m) for m in sizes]
        shares.append((np.concatenate(marks) > cut).mean())
    assert (high - 0.1127) / 3.3 == pytest.approx(np.std(shares), rel=0.06)
    assert low == pytest.approx(max(0.0, 2 * 0.1127 - high))


def test_a_target_is_met_inside_its_range_and_tolerance_only():
    target = replace(targets()["absence"], low=0.1, high=0.2, tolerance=0.01)
    assert [target.met_by(x) for x in (0.08, 0.095, 0.15, 0.205, 0.22)] == [False, True, True, True, False]
    point = Target("x", 1.0, np.nan, np.nan, np.nan, np.nan, "", "", "", "", "")
    assert [point.met_by(x) for x in (0.99, 1.0)] == [False, True]


def test_bad_requests_are_refused():
    with pytest.raises(KinerjaError, match="at least 2"):
        calibrate([], replications=1)


def test_percentages_by_unit_are_read_from_the_first_window():
    agency = load_agency("contoh")
    tables = Runs(seed=3, replications=2, months=1, workers=1).of(agency, [status_quo()], Scenario(burn_in=3))
    found = by_unit(tables, "absence", ["disdik", "*"])
    assert found.shape == (2, 2)
    rows = tables.summary[(tables.summary["unit"] == "disdik")].sort_values("replication")
    assert found[:, 0].tolist() == rows["absence"].tolist()
