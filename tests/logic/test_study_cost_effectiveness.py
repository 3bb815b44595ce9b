"""Claim: a price is told only where there is surely an effect, and its interval is right; the budget adds up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from report_sample import comparison
from scipy.stats import binom

from sim.errors import KinerjaError
from sim.intervals import half_width
from sim.language import LANGUAGES
from sim.study.compare.cost_effectiveness import GOODS, budget, cost_effectiveness, fieller
from sim.study.compare.cost_effectiveness_text import cheapest, cost_effectiveness_table, good
from sim.study.compare.figure import budget as draw_budget


def test_a_fixed_cost_divides_the_ends_of_the_effect() -> None:
    """With a cost that does not vary, Fieller's interval is the cost over the ends of the t interval."""
    effect = np.array([2.0, 2.6, 1.9, 2.2, 2.4])
    mean, half = effect.mean(), half_width(effect)
    assert fieller(np.full(5, 12.0), effect) == pytest.approx(
        (12 / mean, 12 / (mean + half), 12 / (mean - half))
    )


def test_a_perfectly_proportional_cost_leaves_nothing_open() -> None:
    effect = np.array([2.0, 2.6, 1.9, 2.2, 2.4])
    assert fieller(7 * effect, effect) == pytest.approx((7, 7, 7))


def test_no_ratio_where_the_effect_may_be_nought() -> None:
    """The interval is finite exactly where the t interval of the effect excludes nought."""
    rng = np.random.default_rng(1)
    finite = []
    for mean in np.linspace(0, 1.5, 60):
        effect = rng.normal(mean, 1, 8)
        excludes = abs(effect.mean()) > half_width(effect, 3)
        finite.append(excludes)
        assert np.isfinite(fieller(rng.normal(5, 1, 8), effect, 3)).all() == excludes
    assert 5 < sum(finite) < 55
    assert np.isnan(fieller(np.array([1.0]), np.array([1.0]))).all()


def test_the_interval_holds_the_true_ratio_as_often_as_it_says() -> None:
    """Cost and effect correlated, effect five standard errors from nought: exact 99.9 % binomial band round 95 %."""
    rng = np.random.default_rng(2)
    trials, held = 1500, 0
    for _ in range(trials):
        luck = rng.normal(size=(3, 10))
        cost, effect = 20 + luck[0] + luck[1], 4 + 2 * luck[0] + 1.5 * luck[2]
        _, low, high = fieller(cost, effect)
        held += bool(low <= 5 <= high) if np.isfinite(low) else 1  # unbounded: nothing is excluded
    low, high = binom.interval(0.999, trials, 0.95)
    assert low <= held <= high


def test_prices_of_a_known_study() -> None:
    c = comparison(replications=12, noise=0.5)
    table = cost_effectiveness(c).set_index(["policy", "outcome"])
    row = table.loc[("feedback", "waiting_minutes")]
    assert row["verdict"] == "price"
    assert row["cost"] == pytest.approx(9e6 * 3 * 36)
    minutes = (30 * 6 + sum(range(1, 7))) / 36  # the ramp of the sample: six months to the full six minutes
    assert row["bought"] == pytest.approx(3 * minutes, rel=0.02)
    assert row["low"] < 9e6 * 3 * 36 / (3 * minutes) < row["high"]
    assert row["low"] < row["price"] < row["high"]
    nothing = table.loc[("inspection", "waiting_minutes")]
    assert nothing["verdict"] == "not_sure"
    assert nothing[["price", "low", "high"]].isna().all()
    assert cost_effectiveness(c, "rating_validity").set_index("policy")["verdict"]["inspection"] == "worse"
    # a share is bought by the percentage point
    share = cost_effectiveness(c, "error_rate").set_index("policy").loc["both"]
    assert share["bought"] == pytest.approx(100 * 3 * 0.01 * (30 + 3.5) / 36, rel=0.05)


def test_the_baselines_complaints_are_the_measure() -> None:
    """A policy under which fewer complain must not pay for that."""
    c = comparison(replications=8, noise=0.5)
    fewer = c.runs_summary.copy()
    fewer.loc[fewer["policy"] == "both", "complaints"] /= 2
    rows = [cost_effectiveness(x, "complaints_in_time") for x in (c, replace(c, runs_summary=fewer))]
    pd.testing.assert_frame_equal(*rows)
    both = rows[0].set_index("policy").loc["both"]
    share = c.table("complaints_in_time").set_index("policy")["difference"]["both"]
    assert both["bought"] == pytest.approx(share * 40 * 36 * 2)


def test_what_costs_nothing_has_no_price_but_is_told() -> None:
    c = comparison(replications=8, noise=0.5)
    same = c.costs.copy()
    same.loc[same["policy"] == "feedback", "rupiah"] = 0.0
    table = cost_effectiveness(replace(c, costs=same), "waiting_minutes").set_index("policy")
    assert table["verdict"]["feedback"] == "free"
    luck = np.where(same["replication"] % 2, 1e9, -1e9)
    same.loc[same["policy"] == "feedback", "rupiah"] = luck[same["policy"] == "feedback"]
    table = cost_effectiveness(replace(c, costs=same), "waiting_minutes").set_index("policy")
    assert table["verdict"]["feedback"] == "unsure_cost"
    assert table["low"]["feedback"] < 0 < table["high"]["feedback"]


def test_what_cannot_be_bought_is_refused() -> None:
    c = comparison(replications=4)
    for name in ("arrivals", "cost", "nothing_like_it"):
        with pytest.raises(KinerjaError, match=f"no price of '{name}'"):
            cost_effectiveness(c, name)


def test_the_budget_adds_up_over_levers_and_years() -> None:
    c = comparison(replications=6)
    table = budget(c)
    assert table["year"].unique().tolist() == [2026, 2027, 2028]
    assert table.groupby("policy")["rupiah"].sum()["both"] == pytest.approx(30e6 * 3 * 36)
    # a lever that cost nothing in some replications is averaged over all of them
    some = c.costs[(c.costs["policy"] != "feedback") | (c.costs["replication"] < 2)]
    less = budget(replace(c, costs=some)).set_index(["policy", "year"]).loc[("feedback", 2026)]
    assert less["rupiah"] == pytest.approx(9e6 * 3 * 12 * 2 / 6)
    assert less["half_width"] > 0


@pytest.mark.parametrize("lang", LANGUAGES)
def test_people_read_prices_or_why_there_is_none(lang: str) -> None:
    c = comparison(replications=8, noise=0.5)
    table = cost_effectiveness_table(c, lang=lang)
    assert list(table.columns)[1:] == [good(name).text(lang=lang) for name in GOODS]
    assert len(table) == 4
    assert "Rp" in table[good("waiting_minutes").text(lang=lang)][1]
    assert {"id": "pengaruh belum jelas", "en": "no clear effect"}[lang] in table.iloc[0].tolist()
    texts = cheapest(c, lang=lang)
    assert len(texts) == len(GOODS)
    name = {"id": "“Umpan balik bulanan dari warga”", "en": "“Monthly feedback from citizens”"}[lang]
    assert name in texts[0]


def test_the_budget_is_drawn_for_every_policy_that_costs_something() -> None:
    figure = draw_budget(comparison(replications=4))
    assert len(figure.axes) == 4
    assert {text.get_text() for text in figure.legends[0].get_texts()} >= {
        "inspection",
        "feedback",
        "training",
    }
