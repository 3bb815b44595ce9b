"""Recovery of known truth by the models of ratings: does a 95% interval cover 95% of the time?

Each case draws one data set from a known truth, fits, and says for every quantity whether its interval covers;
`validation.coverage` counts. Standard deviations and correlations by profile likelihood.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy import special

from sim.inference.models.mixed import Array
from sim.inference.models.mixed_fit import Fit
from sim.inference.models.mixed_profile import component, profile_covers
from sim.inference.models.variance_components import components_table
from sim.inference.ratings.agreement import agreement as all_agreement
from sim.inference.ratings.agreement import fleiss_kappa, krippendorff_alpha
from sim.inference.ratings.consistency import cronbach_alpha, omega
from sim.inference.ratings.generalisability import g_study
from sim.inference.ratings.many_facet_rasch import many_facet_rasch
from sim.inference.ratings.ordered_model import ordered_model
from sim.inference.ratings.predikat_compliance import predikat_compliance
from sim.inference.ratings.rater_errors import SHARE_OF_PAIR, central_tendency, halo
from sim.inference.ratings.rater_model import rater_model
from sim.inference.ratings.rater_shares import share_of, shares_at
from sim.inference.ratings.reliability import icc, unit_icc
from sim.inference.ratings.round_robin import round_robin
from validation.coverage import Case, Check, seen


def _profiled(fitted: Fit, truth: dict[str, float]) -> Iterator[Check]:
    """Standard deviations and correlations of a mixed model, by profile likelihood."""
    found = components_table(fitted, "none", 0.95).set_index("term")["estimate"]
    for name, value in truth.items():
        covers = profile_covers(fitted, component(fitted.model, name), value)
        label = name if name.endswith(("correlation", "reciprocity")) else f"sd {name}"
        yield Check(label, value, float(found[name]), covers)


def crossed(
    rng: np.random.Generator, ratees: int = 30, raters: int = 10, each: int = 4
) -> tuple[pd.DataFrame, Array, Array]:
    """Ratings in a random, incomplete crossed design: sd of ratees .8, raters .5, residual .6, slope .5 of a tie."""
    ratee, rater = 0.8 * rng.standard_normal(ratees), 0.5 * rng.standard_normal(raters)
    who = np.repeat(np.arange(ratees), each)
    by = np.argsort(rng.random((ratees, raters)), axis=1)[:, :each].ravel()
    tie = rng.integers(0, 2, len(who)).astype(float)
    score = 3.0 + 0.5 * tie + ratee[who] + rater[by] + 0.6 * rng.standard_normal(len(who))
    data = pd.DataFrame({"ratee": who, "rater": by, "tie": tie, "score": score})
    return data, ratee, rater


def rater_effects(rng: np.random.Generator) -> Iterator[Check]:
    """`rater_model`: fixed effects, standard deviations (profile), one severity, one fair score."""
    data, ratee, rater = crossed(rng)
    model = rater_model(data, score="score", ratee="ratee", rater="rater", fixed="1 + tie", intervals="none")
    yield seen("intercept", 3.0, model.fixed.loc["Intercept"])
    yield seen("slope", 0.5, model.fixed.loc["tie"])
    yield from _profiled(model.fit, {"ratee": 0.8, "rater": 0.5, "residual": 0.6})
    yield seen("severity", -rater[0], model.severity.set_index("rater").loc[0])
    fair = 3.0 + 0.5 * float(data["tie"].mean()) + ratee[0]
    yield seen("fair score", fair, model.fair_scores.set_index("ratee").loc[0])
    variances = model.sds["estimate"].to_numpy(float) ** 2
    for k, (name, truth) in enumerate((("truth", 0.64), ("rater", 0.25), ("residual", 0.36))):
        covers = profile_covers(model.fit, share_of(name, shares_at(model)), truth / 1.25)
        yield Check(f"share of {name}", truth / 1.25, float(variances[k] / variances.sum()), covers)


def relationship_bias(rng: np.random.Generator) -> Iterator[Check]:
    """`rater_model` with a random slope of a tie by rater: its mean, its sd and its correlation with the intercept."""
    raters, ratees, each = 16, 40, 6
    cov = np.array([[0.25, 0.05], [0.05, 0.16]])
    own = rng.multivariate_normal([0.0, 0.0], cov, raters)
    who = np.repeat(np.arange(ratees), each)
    by = np.argsort(rng.random((ratees, raters)), axis=1)[:, :each].ravel()
    tie = rng.integers(0, 2, len(who)).astype(float)
    score = 0.8 * rng.standard_normal(ratees)[who] + own[by, 0] + (0.5 + own[by, 1]) * tie
    data = pd.DataFrame(
        {"ratee": who, "rater": by, "tie": tie, "score": score + 0.5 * rng.standard_normal(len(who))}
    )
    model = rater_model(
        data,
        score="score",
        ratee="ratee",
        rater="rater",
        fixed="1 + tie",
        slopes={"rater": "tie"},
        intervals="none",
    )
    yield seen("mean slope", 0.5, model.fixed.loc["tie"])
    yield from _profiled(model.fit, {"rater:tie": 0.4, "rater:correlation": 0.25})


def generalisability(rng: np.random.Generator) -> Iterator[Check]:
    """`g_study`: the generalisability coefficient and the index of dependability of one rater."""
    data, *_ = crossed(rng)
    data["score"] -= 0.5 * data["tie"]
    study = g_study(data, score="score", ratee="ratee", facets=["rater"], intervals=False)
    one = {"rater": 1.0}
    for name, error in (("relative", 0.36), ("absolute", 0.25 + 0.36)):
        quantity, truth = study.quantity(one, absolute=name == "absolute"), 0.64 / (0.64 + error)
        estimate = study.coefficient(one, absolute=name == "absolute", interval=False)[0]
        yield Check(name, truth, estimate, profile_covers(study.fit, quantity, truth))


def intraclass(rng: np.random.Generator) -> Iterator[Check]:
    """`icc` on complete data: agreement and consistency under two-way truth, one-way under one-way truth."""
    n, k = 25, 4
    person, judge, noise = (
        rng.standard_normal((n, 1)),
        0.6 * rng.standard_normal(k),
        0.8 * rng.standard_normal((n, k)),
    )
    two = _icc(person + judge + noise)
    one = _icc(person + noise)
    agreement, consistency = 1.0 / 2.0, 1.0 / 1.64
    yield seen("ICC(1,1)", consistency, one.loc["ICC(1,1)"])
    yield seen("ICC(2,1)", agreement, two.loc["ICC(2,1)"])
    yield seen("ICC(3,1)", consistency, two.loc["ICC(3,1)"])
    for name, frame, single in (
        ("(1,k)", one, consistency),
        ("(2,k)", two, agreement),
        ("(3,k)", two, consistency),
    ):
        yield seen(f"ICC{name}", k * single / (1.0 + (k - 1) * single), frame.loc[f"ICC{name}"])


def _icc(values: Array) -> pd.DataFrame:
    n, k = values.shape
    data = pd.DataFrame(
        {"who": np.repeat(np.arange(n), k), "by": np.tile(np.arange(k), n), "score": values.ravel()}
    )
    return icc(data, ratee="who", rater="by", score="score").table().set_index("coefficient")


def unit_level(rng: np.random.Generator) -> Iterator[Check]:
    """`unit_icc` with units of 4 to 12 members."""
    sizes = rng.integers(4, 13, 30)
    unit = np.repeat(np.arange(30), sizes)
    data = pd.DataFrame(
        {"unit": unit, "score": 0.5 * rng.standard_normal(30)[unit] + rng.standard_normal(len(unit))}
    )
    yield seen("ICC(1)", 0.2, unit_icc(data, unit="unit", score="score").table().iloc[0])


def scales(rng: np.random.Generator) -> Iterator[Check]:
    """`cronbach_alpha` of parallel items, `omega` of congeneric ones."""
    n = 120
    parallel = rng.standard_normal((n, 1)) + rng.standard_normal((n, 5))
    loadings, unique = np.array([0.9, 0.7, 0.5, 0.8, 0.6]), np.array([0.5, 0.6, 0.9, 0.4, 0.7])
    congeneric = rng.standard_normal((n, 1)) * loadings + rng.standard_normal((n, 5)) * np.sqrt(unique)
    truth = loadings.sum() ** 2 / (loadings.sum() ** 2 + unique.sum())
    yield seen("alpha", 5.0 / 6.0, cronbach_alpha(pd.DataFrame(parallel)).table().iloc[0])
    yield seen("omega", float(truth), omega(pd.DataFrame(congeneric)).table().iloc[0])


def agreement(rng: np.random.Generator) -> Iterator[Check]:
    """Fleiss' kappa and Krippendorff's alpha where each rater names the true category with chance .8, else guesses."""
    n, k, mix = 100, 3, [0.2, 0.5, 0.3]
    truth, guess = rng.choice(3, (n, 1), p=mix), rng.choice(3, (n, k), p=mix)
    score = np.where(rng.random((n, k)) < 0.8, truth, guess)
    data = pd.DataFrame(
        {"who": np.repeat(np.arange(n), k), "by": np.tile(np.arange(k), n), "score": score.ravel()}
    )
    kappa = fleiss_kappa(data, ratee="who", rater="by", score="score", draws=200)
    alpha = krippendorff_alpha(data, ratee="who", rater="by", score="score", measurement="nominal", draws=200)
    yield seen("kappa", 0.64, kappa.table().iloc[0])
    yield seen("Krippendorff", 0.64, alpha.table().iloc[0])
    others = (
        all_agreement(data, ratee="who", rater="by", score="score", draws=200)
        .table()
        .set_index("coefficient")
    )
    alike = 0.64 + 0.36 * 0.38  # both know, or guess the same
    yield seen("agreement, Gwet's AC1", (alike - 0.31) / 0.69, others.loc["ac"])
    yield seen("agreement, Brennan and Prediger", (alike - 1 / 3) / (2 / 3), others.loc["brennan_prediger"])


def _predikat(rng: np.random.Generator, eta: Array) -> Array:
    """An ordered score 0..3 with thresholds -1, 0.5, 2 on the logit scale."""
    return (rng.logistic(eta)[:, None] > [-1.0, 0.5, 2.0]).sum(axis=1)


def _chance_of_top(eta: Array, spread: float = 0.0) -> float:
    nodes, weights = np.polynomial.hermite.hermgauss(30)
    at = eta[:, None] + np.sqrt(2.0) * spread * nodes
    return float((special.expit(at - 2.0) @ weights).mean() / np.sqrt(np.pi))


def ordered_fixed(rng: np.random.Generator) -> Iterator[Check]:
    """`ordered_model`: slopes, a threshold, an average marginal effect, a predicted share."""
    n = 200
    data = pd.DataFrame({"x": rng.standard_normal(n), "g": rng.integers(0, 2, n)})
    eta = 0.7 * data["x"].to_numpy() + 0.5 * data["g"].to_numpy()
    data["score"] = _predikat(rng, eta)
    model = ordered_model(data, score="score", fixed="x + g")
    rows = model.table().set_index("term")
    effects = model.effects().set_index(["variable", "level"])
    base = eta - 0.5 * data["g"].to_numpy()
    yield seen("slope", 0.7, rows.loc["x"])
    yield seen("threshold", 0.5, rows.iloc[3])
    gain = _chance_of_top(base + 0.5) - _chance_of_top(base)
    yield seen("marginal effect", gain, effects.loc[("g", 3)])
    yield seen("share", _chance_of_top(eta), model.mix().iloc[-1], "share")


def ordered_rater(rng: np.random.Generator) -> Iterator[Check]:
    """`ordered_model` with a random rater (quadrature): slope, sd of raters, one severity, a predicted share."""
    raters, each = 25, 8
    own = 0.8 * rng.standard_normal(raters)
    by, x = np.repeat(np.arange(raters), each), rng.standard_normal(raters * each)
    data = pd.DataFrame({"rater": by, "x": x, "score": _predikat(rng, 0.7 * x + own[by])})
    model = ordered_model(data, score="score", fixed="x", rater="rater")
    rows = model.table().set_index("term")
    yield seen("slope", 0.7, rows.loc["x"])
    yield seen("sd of raters", 0.8, rows.loc["rater"])
    assert model.raters is not None
    yield seen("severity", -own[0], model.raters.iloc[0])
    yield seen("share", _chance_of_top(0.7 * x, 0.8), model.mix().iloc[-1], "share")


def rasch(rng: np.random.Generator) -> Iterator[Check]:
    """`many_facet_rasch`: a severity, a criterion, a threshold, a measure."""
    ratees, raters, each = 50, 6, 2
    measure, severity = 1.2 * rng.standard_normal(ratees), np.array([-0.8, -0.3, 0.0, 0.2, 0.3, 0.6])
    difficulty, cuts = np.array([-0.4, 0.4]), np.array([-1.2, 0.0, 1.2])
    who = np.repeat(np.arange(ratees), 2 * each)
    by = np.repeat(np.argsort(rng.random((ratees, raters)), axis=1)[:, :each].ravel(), 2)
    what = np.tile([0, 1], ratees * each)
    eta = measure[who] - severity[by] - difficulty[what]
    p = special.softmax(
        np.multiply.outer(eta, np.arange(4)) - np.concatenate([[0.0], np.cumsum(cuts)]), axis=1
    )
    score = (rng.random(len(eta))[:, None] > p.cumsum(axis=1)).sum(axis=1)
    data = pd.DataFrame({"who": who, "by": by, "what": what, "score": score})
    model = many_facet_rasch(data, score="score", ratee="who", rater="by", facets=["what"], nodes=9)
    yield seen("severity", severity[0], model.facet("by").loc[0])
    yield seen("difficulty", 0.4, model.facet("what").loc[1])
    yield seen("threshold", cuts[0], model.thresholds.iloc[0])
    yield seen("measure", measure[0], model.ratees.set_index("who").loc[0], "measure")


def social_relations(rng: np.random.Generator) -> Iterator[Check]:
    """`round_robin`: the three standard deviations and the two reciprocities (profile)."""
    groups, size = 14, 6
    person = rng.multivariate_normal([0.0, 0.0], [[0.36, 0.144], [0.144, 0.64]], (groups, size))
    rows = []
    for g in range(groups):
        pair = rng.multivariate_normal([0.0, 0.0], [[0.49, 0.196], [0.196, 0.49]], (size, size))
        for i in range(size):
            for j in range(size):
                if i != j:
                    special_liking = pair[i, j, 0] if i < j else pair[j, i, 1]
                    rows.append(
                        (g, f"{g}.{i}", f"{g}.{j}", person[g, i, 0] + person[g, j, 1] + special_liking)
                    )
    data = pd.DataFrame(rows, columns=["unit", "from", "to", "score"])
    found = round_robin(data, perceiver="from", target="to", score="score", group="unit", intervals=False)
    truth = {
        "perceiver": 0.6,
        "target": 0.8,
        "residual": 0.7,
        "generalised_reciprocity": 0.3,
        "dyadic_reciprocity": 0.4,
    }
    yield from _profiled(found.fit, truth)


def rating_errors(rng: np.random.Generator) -> Iterator[Check]:
    """`halo` (correlation of residuals .5) and the spread of one rater in `central_tendency` (as expected)."""
    ratees, raters, each, criteria = 20, 6, 3, 2
    who = np.repeat(np.arange(ratees), each * criteria)
    by = np.repeat(np.argsort(rng.random((ratees, raters)), axis=1)[:, :each].ravel(), criteria)
    what = np.tile(np.arange(criteria), ratees * each)
    pair = np.repeat(0.7 * rng.standard_normal(ratees * each), criteria)
    score = rng.standard_normal(ratees)[who] + 0.5 * rng.standard_normal(raters)[by] + pair
    data = pd.DataFrame(
        {"who": who, "by": by, "what": what, "score": score + 0.7 * rng.standard_normal(len(who))}
    )
    found = halo(data, score="score", ratee="who", rater="by", criterion="what", intervals=False)
    single, *_ = crossed(rng, 120, 24, 4)  # each rater sees a sixth of the ratees
    model = rater_model(single, score="score", ratee="ratee", rater="rater", fixed="tie", intervals="none")
    spread = central_tendency(model).table().set_index("rater").loc[0]
    yield Check("halo", 0.5, found.estimate, profile_covers(found.fit, SHARE_OF_PAIR, 0.5))
    yield seen("spread", 1.0, spread, "ratio")


def compliance(rng: np.random.Generator) -> Iterator[Check]:
    """`predikat_compliance`: the share of units that comply, among units of which .6 do."""
    follows = rng.random(60) < 0.6
    mixes = [["Baik"] * 6 + ["Sangat Baik"] * 2 + ["Butuh Perbaikan"] * 2, ["Baik"] * 10]
    rows = [(u, name) for u, good in enumerate(follows) for name in mixes[0 if good else 1]]
    data = pd.DataFrame(rows, columns=["unit", "predikat"])
    found = predikat_compliance(data, unit="unit", predikat="predikat", organisation="baik")
    yield Check("share that complies", 0.6, found.share, bool(found.low <= 0.6 <= found.high))


CASES: dict[str, Case] = {
    "rater_model, fit_rater_shares": rater_effects,
    "rater_model, random slope": relationship_bias,
    "g_study": generalisability,
    "icc": intraclass,
    "unit_icc": unit_level,
    "alpha, omega": scales,
    "kappa, Krippendorff": agreement,
    "ordered_model": ordered_fixed,
    "ordered_model, random rater": ordered_rater,
    "many_facet_rasch": rasch,
    "round_robin": social_relations,
    "halo, central_tendency": rating_errors,
    "predikat_compliance": compliance,
}
