"""Does every p value keep its promise? Data sets in which nothing is to be found, and how often 5 % finds it.

Each case draws a data set for which the tested hypothesis is true, and gives every p value and diagnostic of a method.
`validation.coverage` counts: 95 % must not be rejected, and the mean p value is one half.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import get_args

import numpy as np
import pandas as pd

from sim.inference.desk.posterior_predictive import posterior_predictive
from sim.inference.evaluation.difference_in_differences import difference_in_differences
from sim.inference.evaluation.hazard_model import hazard_model
from sim.inference.evaluation.interrupted_time_series import interrupted_time_series
from sim.inference.evaluation.matching import matching
from sim.inference.evaluation.panel_models import panel_models
from sim.inference.evaluation.randomised_trial import randomised_trial
from sim.inference.evaluation.regression_to_the_mean import regression_to_the_mean
from sim.inference.evaluation.staggered_did import staggered_did
from sim.inference.evaluation.survival import time_to_close
from sim.inference.evaluation.treatment_effect import Method, treatment_effect
from sim.inference.ratings.ordered_model import ordered_model
from sim.inference.ratings.rater_errors import central_tendency
from sim.inference.ratings.rater_model import rater_model
from validation.coverage import Case, Check
from validation.evaluation import _autocorrelated, _long


def kept(quantity: str, p: float) -> Check:
    """Check one p value of a true hypothesis: it is kept at 5 % in 95 of 100 data sets."""
    return Check(f"p: {quantity}", 0.5, float(p), bool(p >= 0.05))


def durations(rng: np.random.Generator) -> Iterator[Check]:
    """150 complaints in whole days, a fifth open; hazards are proportional, three offices are alike."""
    n = 150
    x, office = rng.standard_normal(n), rng.integers(0, 3, n)
    days = np.ceil(rng.exponential(10 / np.exp(0.7 * x)))
    until = np.ceil(rng.exponential(40, n))
    frame = pd.DataFrame({"days": np.minimum(days, until), "done": (days <= until).astype(int), "x": x})
    frame["new"], frame["office"] = rng.integers(0, 2, n), office
    frame["team"] = rng.integers(0, 20, n)
    yield kept("log-rank, three groups", time_to_close(frame, group="office").logrank.p)
    found = hazard_model(frame, ["x", "new"])
    yield kept("hazard ratio", found.table()["p"][1])
    yield kept("hazard ratio, clusters", hazard_model(frame, ["x", "new"], cluster="team").table()["p"][1])
    for name, p in zip(("x", "new", "together"), found.proportional["p"], strict=True):
        yield kept(f"proportional hazards, {name}", p)
    apart = hazard_model(frame, ["x"], strata="office").proportional["p"][0]
    yield kept("proportional hazards, strata", apart)


def trials(rng: np.random.Generator) -> Iterator[Check]:
    """Persons and offices of whom nobody gains."""
    x, arm = rng.standard_normal(50), rng.permutation(np.repeat([0, 1], [30, 20]))
    frame = pd.DataFrame({"y": x + rng.standard_normal(50), "arm": arm, "x": x})
    yield kept("trial, difference", randomised_trial(frame, "y", "arm").table()["p"][0])
    yield kept("trial, adjusted", randomised_trial(frame, "y", "arm", covariates=["x"]).best["p"])
    office = np.repeat(np.arange(12), 6)
    treated = rng.permutation(np.repeat([0, 1], 6))[office]
    y = 0.5 * rng.standard_normal(12)[office] + rng.standard_normal(72)
    both = pd.DataFrame({"y": y, "arm": treated, "office": office})
    yield kept("trial, 12 offices (CR2)", randomised_trial(both, "y", "arm", cluster="office").best["p"])
    seed = int(rng.integers(2**31))
    wild = randomised_trial(both, "y", "arm", cluster="office", inference="wild", seed=seed)
    yield kept("trial, 12 offices (wild)", wild.best["p"])


def panels(rng: np.random.Generator) -> Iterator[Check]:
    """Units whose trends are the same, and regressors that do nothing and know nothing of the units."""
    n, t = 24, 7
    e = rng.standard_normal(n)[:, None] + rng.standard_normal(t) + _autocorrelated(rng, n, t, 0.5)
    on = np.arange(t) >= np.where(np.arange(n) < 10, 4, 99)[:, None]
    two = difference_in_differences(_long(e, on), "y", "unit", "period", "on")
    yield kept("difference in differences", two.table()["p"][0])
    yield kept("difference in differences, trends before", two.pretrend.p)
    first = rng.permutation(np.repeat([3, 5, 99], 8))
    some = staggered_did(_long(e, np.arange(t) >= first[:, None]), "y", "unit", "period", "on", draws=1)
    yield kept("staggered, by group", some.best["p"])
    yield kept("staggered, trends before", some.pretrend.p)
    yield kept("two-way regression", some.naive.table()["p"][0])
    unit = np.repeat(np.arange(30), 5)
    x = rng.standard_normal(30)[unit] + rng.standard_normal(150)
    y = rng.standard_normal(30)[unit] + rng.standard_normal(150)
    frame = pd.DataFrame({"unit": unit, "t": np.tile(np.arange(5), 30), "x": x, "y": y})
    found = panel_models(frame, "y", ["x"], "unit", "t")
    for model, p in zip(found.table()["model"], found.table()["p"], strict=True):
        yield kept(f"panel, {model} effects", p)
    yield kept("panel, Hausman", found.hausman.p)
    yield kept("panel, Mundlak", found.mundlak.p)
    noise = _autocorrelated(rng, 1, 60, 0.4)[0]
    series = interrupted_time_series(pd.DataFrame({"t": np.arange(60), "y": noise}), "y", "t", 30).table()
    for term, p in zip(series["term"], series["p"], strict=True):
        yield kept(f"interrupted series, {term}", p)


def choices(rng: np.random.Generator) -> Iterator[Check]:
    """People who chose a course that does nothing; people chosen for low scores."""
    x = rng.standard_normal((150, 2))
    arm = (rng.random(150) < 1 / (1 + np.exp(-0.5 * x.sum(1)))).astype(int)
    y = x @ [1.0, 0.5] + rng.standard_normal(150)
    frame = pd.DataFrame({"y": y, "arm": arm, "a": x[:, 0], "b": x[:, 1]})
    for method in get_args(Method):
        found = treatment_effect(frame, "y", "arm", ["a", "b"], method=method)
        yield kept(method, found.table()["p"][1])
    yield kept("matching", matching(frame, "y", "arm", ["a", "b"]).table()["p"][1])
    ability = rng.standard_normal(120)
    before, after = ability + 0.8 * rng.standard_normal((2, 120))
    low = pd.DataFrame(
        {"before": before, "after": after, "arm": (before < np.quantile(before, 0.3)).astype(int)}
    )
    found = regression_to_the_mean(low, "before", "after", "arm").table().set_index("term")["p"]
    yield kept("chosen low, effect", found["effect"])
    yield kept("chosen low, common change", found["common_change"])


def ratings(rng: np.random.Generator) -> Iterator[Check]:
    """40 ratees and 12 raters, six ratings each; closeness and the raters' age do nothing, nobody bunches."""
    who = np.repeat(np.arange(40), 6)
    by = np.concatenate([rng.choice(12, 6, replace=False) for __ in range(40)])
    score = rng.standard_normal(40)[who] + 0.7 * rng.standard_normal(12)[by] + rng.standard_normal(240)
    data = pd.DataFrame({"who": who, "by": by, "score": score, "close": rng.standard_normal(240)})
    data["age"] = rng.standard_normal(12)[by]
    fit = partial(
        rater_model, data, score="score", ratee="who", rater="by", same_codes=False, intervals="none"
    )
    model = fit(fixed="close + age")
    p = model.table().set_index("term")["p"]
    yield kept("rater model, within raters", p["close"])
    yield kept("rater model, between raters", p["age"])
    spread = central_tendency(fit()).table().set_index("by")["p"]
    yield kept("bunched scores of a rater", spread[0])
    data["level"] = pd.cut(data["score"], [-99, -1, 1, 99], labels=["Kurang", "Baik", "Sangat Baik"])
    grades = ordered_model(data, score="level", fixed="close", rater="by")
    yield kept("ordered model, random rater", grades.table()["p"][0])
    yield kept("ordered model, average effect", grades.effects()["p"].iloc[-1])
    alone = data.groupby("who").first()
    yield kept("ordered model", ordered_model(alone, score="level", fixed="close").table()["p"][0])


def months(rng: np.random.Generator) -> Iterator[Check]:
    """Observed months from the model that the simulated ones come from."""
    y = _autocorrelated(rng, 200, 24, 0.3)
    simulated = pd.DataFrame({"replication": np.repeat(np.arange(199), 24), "y": y[1:].ravel()})
    found = posterior_predictive(pd.DataFrame({"y": y[0]}), simulated, columns=["y"])
    for name, p in zip(found.table()["statistic"], found.table()["p"], strict=True):
        yield kept(f"posterior check, {name}", p)


CASES: dict[str, Case] = {
    "nulls, durations": durations,
    "nulls, trials": trials,
    "nulls, panels": panels,
    "nulls, choices": choices,
    "nulls, ratings": ratings,
    "nulls, posterior_predictive": months,
}
