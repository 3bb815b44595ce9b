"""Many-facet Rasch, halo, central tendency and round-robin ratings: exactness where it can be had, and refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.errors import KinerjaError, Problems
from sim.inference.ratings.many_facet_rasch import many_facet_rasch
from sim.inference.ratings.rater_errors import central_tendency, halo
from sim.inference.ratings.rater_model import rater_model
from sim.inference.ratings.round_robin import round_robin


def ordered_ratings(seed: int = 1, ratees: int = 80, raters: int = 8) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    measure, severity = 1.2 * rng.standard_normal(ratees), np.linspace(-1.0, 1.0, raters)
    who, by = np.repeat(np.arange(ratees), 4), np.argsort(rng.random((ratees, raters)), axis=1)[:, :4].ravel()
    eta = measure[who] - severity[by]
    p = np.exp(np.multiply.outer(eta, np.arange(4)) - np.array([0.0, -1.0, -1.0, 0.0]))
    p /= p.sum(axis=1, keepdims=True)
    score = (rng.random(len(eta))[:, None] > p.cumsum(axis=1)).sum(axis=1)
    names = np.array(["Kurang", "Butuh Perbaikan", "Baik", "Sangat Baik"])
    return pd.DataFrame(
        {"officer": [f"o{i}" for i in who], "rater": [f"r{j}" for j in by], "predikat": names[score]}
    )


def test_rasch_severities_are_centred_and_in_order() -> None:
    model = many_facet_rasch(ordered_ratings(), score="predikat", ratee="officer", rater="rater")
    severity = model.facet("rater")["estimate"]
    assert severity.sum() == pytest.approx(0.0, abs=1e-9)
    assert np.corrcoef(severity[[f"r{j}" for j in range(8)]], np.arange(8))[0, 1] > 0.9
    assert model.levels == ("Kurang", "Butuh Perbaikan", "Baik", "Sangat Baik")
    assert 0.0 < model.reliability < 1.0
    assert model.table()["outfit"].between(0.4, 1.8).all()
    # Fair scores rise with measures, and a severe rater lowers what is expected.
    ranked = model.ratees.sort_values("measure")["fair"]
    assert ranked.is_monotonic_increasing
    assert ranked.between(0.0, 3.0).all()
    with pytest.raises(KinerjaError, match="not a facet"):
        model.facet("unit")


def test_rasch_information_gives_the_errors_of_repeated_samples() -> None:
    estimates, errors = [], []
    for seed in range(25):
        found = many_facet_rasch(
            ordered_ratings(seed), score="predikat", ratee="officer", rater="rater", nodes=9
        )
        row = found.facet("rater").loc["r7"]
        estimates.append(row["estimate"])
        errors.append(row["se"])
    assert np.std(estimates, ddof=1) == pytest.approx(
        np.mean(errors), rel=0.45
    )  # 25 samples: sd of an sd is 14 %
    assert np.mean(estimates) == pytest.approx(1.0, abs=4 * np.mean(errors) / 5)


def test_raters_with_only_extreme_scores_are_named_not_estimated() -> None:
    data = ordered_ratings()
    data.loc[data["rater"] == "r2", "predikat"] = "Sangat Baik"
    model = many_facet_rasch(data, score="predikat", ratee="officer", rater="rater")
    assert "rater: r2" in next(n.text(lang="en") for n in model.notes if n.key == "extreme")
    assert np.isnan(model.facet("rater").loc["r2", "estimate"])
    assert model.facet("rater")["estimate"].notna().sum() == 7


def test_rasch_refuses_what_it_cannot_place_on_one_scale() -> None:
    data = ordered_ratings()
    apart = pd.concat(
        [data, data.assign(officer="x" + data["officer"], rater="x" + data["rater"])], ignore_index=True
    )
    with pytest.raises(KinerjaError, match="2 parts share neither"):
        many_facet_rasch(apart, score="predikat", ratee="officer", rater="rater")
    with pytest.raises(KinerjaError, match="nested in each other"):
        many_facet_rasch(
            data.assign(team=data["rater"]), score="predikat", ratee="officer", rater="rater", facets=["team"]
        )
    with pytest.raises(Problems, match="All scores are equal"):
        many_facet_rasch(data.assign(predikat="Baik"), score="predikat", ratee="officer", rater="rater")


def criteria(noise: float, shared: float, seed: int = 2) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = []
    person, profile = rng.standard_normal(25), 0.6 * rng.standard_normal((25, 3))
    for i in range(25):
        for j in rng.choice(6, 3, replace=False):
            pair = shared * rng.standard_normal()
            for c in range(3):
                rows.append(
                    (
                        f"o{i}",
                        f"r{j}",
                        f"c{c}",
                        person[i] + profile[i, c] + pair + noise * rng.standard_normal(),
                    )
                )
    return pd.DataFrame(rows, columns=["officer", "rater", "criterion", "score"])


NAMES = {"score": "score", "ratee": "officer", "rater": "rater"}


def test_halo_is_told_from_a_true_profile_and_from_level() -> None:
    strong = halo(criteria(0.5, 1.0), **NAMES, criterion="criterion", intervals=False)
    none = halo(criteria(1.0, 0.0), **NAMES, criterion="criterion")
    assert strong.estimate == pytest.approx(0.8, abs=0.12)
    assert none.low <= 0.05
    assert none.estimate < 0.25
    # Plain correlations are high in both: they hold the officers' level as well.
    assert none.correlations.to_numpy()[0, 1] > 0.3
    with pytest.raises(KinerjaError, match="two criteria"):
        halo(
            criteria(1.0, 0.0).assign(criterion="c0").drop_duplicates(["officer", "rater"]),
            **NAMES,
            criterion="criterion",
        )


def test_a_rater_who_bunches_scores_is_found_and_others_are_not() -> None:
    rng = np.random.default_rng(3)
    who, by = np.repeat(np.arange(120), 3), np.tile(np.arange(12), 30)
    score = rng.standard_normal(120)[who] + 0.6 * rng.standard_normal(360)
    middle = by == 5
    score[middle] = 0.15 * score[middle]
    data = pd.DataFrame({"officer": [f"o{i}" for i in who], "rater": [f"r{j}" for j in by], "score": score})
    found = central_tendency(rater_model(data, **NAMES, disconnected="assume", intervals="none"))
    assert found.table().loc[found.table()["bunched"], "rater"].tolist() == ["r5"]
    assert found.table()["rater"].iloc[0] == "r5"
    assert found.table().set_index("rater").loc["r5", "ratio"] < 0.3
    assert "1 dari 12" in found.summary(lang="id")


def peers(groups: int, size: int, seed: int = 4) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = []
    for g in range(groups):
        own = rng.multivariate_normal([0, 0], [[0.5, 0.2], [0.2, 0.8]], size)
        pair = rng.multivariate_normal([0, 0], [[0.6, 0.25], [0.25, 0.6]], (size, size))
        for i in range(size):
            for j in range(size):
                if i != j:
                    rest = pair[i, j, 0] if i < j else pair[j, i, 1]
                    rows.append((f"g{g}", f"g{g}p{i}", f"g{g}p{j}", 3 + own[i, 0] + own[j, 1] + rest))
    return pd.DataFrame(rows, columns=["unit", "from", "to", "score"])


def test_round_robin_gives_the_estimates_of_warner_kenny_and_stoto() -> None:
    """Their formulas (1979), group by group and averaged, computed here."""
    data = peers(6, 6)
    total = []
    for _, part in data.groupby("unit"):
        people = sorted(set(part["from"]))
        M = (
            part.pivot_table(index="from", columns="to", values="score")
            .reindex(index=people, columns=people)
            .to_numpy()
        )
        n = len(M)
        rows, columns, grand = np.nanmean(M, axis=1), np.nanmean(M, axis=0), np.nanmean(M)
        k = n * (n - 2)
        a = (n - 1) ** 2 / k * rows + (n - 1) / k * columns - (n - 1) / (n - 2) * grand
        b = (n - 1) ** 2 / k * columns + (n - 1) / k * rows - (n - 1) / (n - 2) * grand
        G = M - a[:, None] - b - grand
        upper = np.triu_indices(n, 1)
        sums, gaps = (G[upper] + G.T[upper]) / 2, G[upper] - G.T[upper]
        between = 2 * (sums**2).sum() / ((n - 1) * (n - 2) / 2 - 1)
        within = (gaps**2).sum() / 2 / ((n - 1) * (n - 2) / 2)
        own, mutual = (between + within) / 2, (between - within) / 2
        total.append([
            a @ a / (n - 1) - own * (n - 1) / k - mutual / k, b @ b / (n - 1) - own * (n - 1) / k - mutual / k,
            a @ b / (n - 1) - own / k - mutual * (n - 1) / k, own, mutual,
        ])  # fmt: skip
    perceiver, target, both, own, mutual = np.mean(total, axis=0)
    found = round_robin(data, perceiver="from", target="to", score="score", group="unit", intervals=False)
    term = found.table().set_index("term")["estimate"]
    assert term["perceiver"] ** 2 == pytest.approx(perceiver, rel=1e-4)
    assert term["target"] ** 2 == pytest.approx(target, rel=1e-4)
    assert term["residual"] ** 2 == pytest.approx(own, rel=1e-4)
    assert term["generalised_reciprocity"] == pytest.approx(both / np.sqrt(perceiver * target), abs=1e-4)
    assert term["dyadic_reciprocity"] == pytest.approx(mutual / own, abs=1e-4)
    assert sum(found.shares.values()) == pytest.approx(1.0)
    assert len(found.people) == 36


def test_round_robin_with_missing_ratings_and_bad_input() -> None:
    data = peers(6, 6)
    some = data[np.random.default_rng(5).random(len(data)) > 0.2]
    whole, part = (
        round_robin(d, perceiver="from", target="to", score="score", group="unit", intervals=False)
        for d in (data, some)
    )
    for name in ("perceiver", "target", "residual"):
        one, two = (m.table().set_index("term")["estimate"][name] for m in (whole, part))
        assert two == pytest.approx(one, rel=0.25)
    names = {"perceiver": "from", "target": "to", "score": "score", "group": "unit"}
    with pytest.raises(Problems, match="rate themselves"):
        round_robin(data.assign(to=data["to"].where(data.index != 3, data["from"])), **names)
    with pytest.raises(Problems, match="occur twice"):
        round_robin(pd.concat([data, data.head(2)], ignore_index=True), **names)
    with pytest.raises(Problems, match="fewer than four"):
        round_robin(peers(5, 3), **names)
    with pytest.raises(Problems, match="All scores are equal"):
        round_robin(data.assign(score=1.0), **names)


def test_summaries_and_figures() -> None:
    import matplotlib.figure

    for found in (
        many_facet_rasch(ordered_ratings(), score="predikat", ratee="officer", rater="rater"),
        halo(criteria(0.5, 1.0), **NAMES, criterion="criterion", intervals=False),
        round_robin(peers(4, 5), perceiver="from", target="to", score="score", group="unit", intervals=False),
    ):
        assert found.summary(lang="id") != found.summary(lang="en")
        found.plot(ax=matplotlib.figure.Figure().subplots())
