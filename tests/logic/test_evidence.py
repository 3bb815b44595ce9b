"""The evidence says what its sources say, marks what is assumed, and its three presets follow their rule."""

from __future__ import annotations

import dataclasses
import doctest
import math
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

import sim.evidence
from sim.errors import KinerjaError
from sim.evidence import PRESETS, Effect, Evidence, Finding, document
from sim.paths import data_dir

PUBLISHED = {
    # key: mean as the source states it, read off the domain notes again by hand
    "training_learning": 0.63,
    "training_behaviour": 0.62,
    "training_results": 0.62,
    "leadership_training_learning": 0.73,
    "leadership_training_transfer": 0.82,
    "leadership_training_results": 0.72,
    "training_web_declarative": 0.15,
    "training_web_procedural": -0.07,
    "decay_over_a_year": -1.4,
    "transfer_at_once": 0.6,
    "transfer_after_a_year": 0.3,
    "transfer_supervisor_support": 0.31,
    "output_sd": 0.2,
    "feedback": 0.41,
    "feedback_360_direct_report": 0.24,
    "feedback_360_peer": 0.12,
    "feedback_360_supervisor": 0.14,
    "feedback_360_self": 0.0,
    "goal_setting": 0.34,
    "mbo_high_commitment": 0.56,
    "mbo_low_commitment": 0.06,
    "interrater_administrative": 0.45,
    "interrater_research": 0.61,
    "interrater_supervisor": 0.52,
    "self_boss": 0.22,
    "self_leniency": 0.32,
    "lmx_rated": 0.30,
    "lmx_objective": 0.24,
    "pay_unconditional": 0.0,
    "pay_tax_revenue": 0.094,
    "camera_pay_absence": -0.21,
    "biometric_presence": 0.15,
    "autonomy": 0.18,
    "monitoring_control": -0.14,
    "autonomy_prices": -0.09,
    "people_share": 0.39,
    "turnover": -0.15,
    "turnover_involuntary": -0.01,
    "audit_missing_spend": -0.08,
    "audit_grassroots": 0.0,
    "phone_monitoring": -0.078,
    "tracking_paydash": -0.17,
    "tracking_scorecards": 0.11,
    "digital_leakage": -0.4,
}


@pytest.fixture(scope="module")
def published() -> Evidence:
    return Evidence.load("published")


def test_examples_in_the_docstrings_run():
    assert doctest.testmod(sim.evidence).failed == 0


@pytest.mark.parametrize(("key", "mean"), PUBLISHED.items())
def test_published_means_are_those_of_the_sources(published, key, mean):
    assert published[key].mean == mean


def test_derived_numbers_follow_from_what_they_are_derived_from(published):
    e = published
    month = 365.25 / 12
    for key, months, kept in [("accuracy", 6.5, 0.28), ("speed", 13, 0.53), ("mixed", 11, 0.47)]:
        days = e[f"decay_{key}"].half_life_days
        assert days == pytest.approx(months * month, abs=0.1)
        assert 0.5 ** (365.25 / days) == pytest.approx(kept, abs=0.006)
    assert e["training_behaviour"].half_life_days == e["decay_mixed"].half_life_days
    shares = [e[f"rating_share_{part}"].mean for part in ("ratee", "rater", "residual", "perspective")]
    assert sum(shares) == pytest.approx(1)
    s = 0.21
    for k, key in [(1, "one"), (4, "four")]:
        assert math.sqrt(s / (s + (1 - s) / k)) == pytest.approx(e[f"rating_validity_{key}"].mean, abs=0.005)
    top = e["lmx_rated"].mean - math.sqrt(e["rating_share_ratee"].mean) * e["lmx_objective"].mean
    excess = e["lmx_rating_excess"]
    assert excess.mean + excess.between == pytest.approx(top, abs=0.001)
    assert excess.mean - excess.between == pytest.approx(0.09, abs=0.001)
    wait = e["waiting_satisfaction"]
    assert math.exp(wait.mean) == pytest.approx(0.41, abs=1e-4)
    assert [math.exp(wait.mean + z * wait.se) for z in (-1.96, 1.96)] == pytest.approx([0.33, 0.52], abs=0.01)
    odds = 0.8 / 0.2 * math.exp(wait.mean)
    assert odds / (1 + odds) == pytest.approx(0.62, abs=0.005)
    assert math.hypot(wait.se, wait.between) == pytest.approx(0.5, abs=1e-3)
    goal = e["goal_setting"]
    assert [goal.mean + z * goal.se for z in (-1.96, 1.96)] == pytest.approx([0.28, 0.41], abs=0.01)
    assert math.log2(e["learning_curve_ratio"].mean) == pytest.approx(-0.30, abs=0.01)
    capture = e["monitoring_capture"]
    assert capture.mean * capture.half_life_days / month == pytest.approx(math.log(2), rel=1e-3)


def test_waiting_never_pleases_in_any_future():
    """Lognormal with the mean and the SD of the row; a larger deviate is a larger value, as for every finding."""
    for preset in PRESETS:
        found = Evidence.load(preset)["waiting_satisfaction"]
        z = norm.ppf((np.arange(20_000) + 0.5) / 20_000)
        means = np.array([found.effect.drawn(x).mean for x in z])
        assert (means < 0).all()
        assert (np.diff(means) > 0).all()
        assert means.mean() == pytest.approx(found.mean, rel=0.005)
        assert means.std() == pytest.approx(0.5, rel=0.03)
    assert Evidence.load("shrunk")["waiting_satisfaction"].mean == -0.7


def test_feedback_harms_a_third_however_its_spread_is_divided(published):
    finding = published["feedback"]
    for effect in (finding.effect, *(finding.effect.divided(share) for share in (0, 0.5, 1))):
        total = math.hypot(effect.between, effect.spread)
        assert total == pytest.approx(0.95, abs=1e-3)
        assert norm.cdf(0, effect.mean, total) == pytest.approx(published["feedback_harm"].mean, abs=0.005)
    assert finding.effect.divided(0).between == 0
    assert finding.effect.divided(1).spread == 0
    assert dataclasses.astuple(finding.effect.divided(0.5)) == pytest.approx(
        dataclasses.astuple(finding.effect), abs=1e-4
    )
    with pytest.raises(KinerjaError, match="share"):
        finding.effect.divided(1.5)


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("key", ["pay_unconditional", "audit_grassroots", "training_team_format"])
def test_null_evidence_is_null_in_every_preset_and_every_future(preset, key):
    assert Evidence.load(preset)[key].effect == Effect(0.0)


# --- presets ---------------------------------------------------------------------------------------------


def test_shrinking_moves_means_towards_nought_by_the_factor_of_the_design(published):
    shrunk = Evidence.load("shrunk")
    factors = {"randomised": 0.8, "mixed": 0.5, "observational": 0.5, "laboratory": 0.5}
    own = [found.key for found in shrunk.all() if "recalled" in found.why or "docs/model.md" in found.why]
    assert len(own) == 6
    for found in published.all():
        now = shrunk[found.key]
        for name in ("se", "between", "spread"):
            assert getattr(now, name) == getattr(found, name) or math.isnan(getattr(found, name))
        if found.key in own:
            continue
        assert now.mean == pytest.approx(found.mean * factors.get(found.design, 1), nan_ok=True)
        assert now.grade == ("A" if now.mean != found.mean and not math.isnan(found.mean) else found.grade)


def test_indonesia_uses_local_evidence_as_it_is_and_the_shrunk_value_elsewhere(published):
    shrunk, indonesia = Evidence.load("shrunk"), Evidence.load("indonesia")
    local = {found.key for found in published.all() if found.local}
    assert {"pay_unconditional", "pay_presence_camera", "audit_missing_spend", "pay_village_health"} <= local
    for found in indonesia.all():
        expected = published if found.key in local else shrunk
        assert found.mean == pytest.approx(expected[found.key].mean, nan_ok=True)
        assert found.why.startswith("measured in Indonesia" if found.key in local else "no local evidence")
    assert indonesia["pay_presence_camera"].mean > shrunk["pay_presence_camera"].mean
    assert {found.key for found in published.all() if "Indonesia" in found.source} == local


# --- the table -------------------------------------------------------------------------------------------


def test_every_row_is_complete_and_says_how_well_it_is_known(published):
    assert len(published) > 120
    for found in published.all():
        assert found.key.isidentifier()
        for text in (found.label_id, found.label_en, found.unit, found.source, found.group):
            assert text.strip() == text
            assert text
        assert found.grade in ("V", "V2", "M", "D", "A"), found.key
        assert found.verified in ("y", "part", "n"), found.key
        assert found.design in (
            "randomised",
            "mixed",
            "observational",
            "laboratory",
            "description",
            "assumption",
        )
        assert (found.design == "assumption") <= (found.grade == "A" and bool(found.assumption)), found.key
        assert math.isnan(found.mean) == (found.unit == "direction"), found.key
        assert all(math.isnan(x) or x >= 0 for x in (found.se, found.between, found.spread)), found.key
        assert found.half_life_days is None or found.half_life_days > 0


def test_a_spread_between_studies_that_nobody_measured_is_called_assumed(published):
    """Every tau is derived (D) in the row, or its assumption says how it was set."""
    for found in published.all():
        if found.between > 0:
            assert "pread" in found.assumption, found.key
        if "Spread between studies: .3" in found.assumption:
            assert found.between == pytest.approx(min(0.3, abs(found.mean)), abs=1e-4), found.key
        if "half the size" in found.assumption:
            assert found.between == pytest.approx(abs(found.mean) / 2, abs=1e-4), found.key


def test_keys_are_unique():
    lines = (data_dir() / "evidence" / "effects.csv").read_text(encoding="utf-8").splitlines()[1:]
    keys = [line.split(",")[0] for line in lines]
    assert len(keys) == len(set(keys)) == len(Evidence.load())


def test_the_table_has_the_presets_side_by_side(published):
    table = Evidence.table().set_index("key")
    assert list(table.index) == list(published)
    for preset in PRESETS:
        expected = [found.mean for found in Evidence.load(preset).all()]
        assert np.array_equal(table[f"mean_{preset}"].to_numpy(), expected, equal_nan=True)
        assert table[f"why_{preset}"].str.len().min() > 0
    assert set(Finding.__slots__) - {"key", "mean", "grade", "why"} <= set(table.columns)


def test_a_finding_of_unknown_size_gives_no_effect(published):
    with pytest.raises(KinerjaError, match="Only the direction of 'harmony_mean'"):
        _ = published["harmony_mean"].effect


def test_unreported_uncertainty_is_nan_in_the_finding_and_nought_in_the_draw(published):
    found = published["leadership_training_results"]
    assert math.isnan(found.se)
    assert found.effect == Effect(0.72, 0.0, 0.3, 0.0)


def test_unknown_names_are_told_what_to_do(published):
    with pytest.raises(KinerjaError, match="did you mean 'feedback_360'"):
        _ = published["feedback_306"]
    with pytest.raises(KinerjaError, match="published, shrunk, indonesia"):
        Evidence.load("optimistic")
    assert "feedback" in published
    assert "feedback_306" not in published


def test_the_page_in_docs_is_the_one_the_table_makes():
    page = Path(__file__).parents[2] / "docs" / "evidence.md"
    assert page.read_text(encoding="utf-8") == document(), "run: python -m sim.evidence > docs/evidence.md"
