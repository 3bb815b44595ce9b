"""Do the intervals cover? Data sets with known truth for every method of evaluation.

Each case draws a data set from a world whose effect is known, analyses it with the public functions and
says what the interval held; `validation.coverage` counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
import pandas as pd

from sim.inference.desk.event_log import event_log, on_time
from sim.inference.desk.inputs import fit_absence, fit_arrivals
from sim.inference.desk.opening_hours import fit_hours
from sim.inference.desk.patience import fit_patience
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
from sim.inference.evaluation.treatment_effect import Method, treatment_effect
from sim.inference.evaluation.two_way_fixed_effects import two_way_fixed_effects
from sim.inference.trials.designs import ClusterTrial, Design, FavouritismStudy, SteppedWedge, World
from sim.inference.trials.worlds import MixedWorld, RatingWorld
from validation.coverage import Case, Check, seen


def _autocorrelated(rng: np.random.Generator, n: int, periods: int, rho: float) -> np.ndarray:
    e = rng.standard_normal((n, periods))
    for t in range(1, periods):
        e[:, t] = rho * e[:, t - 1] + np.sqrt(1 - rho**2) * e[:, t]
    return e


def persons(rng: np.random.Generator) -> Iterator[Check]:
    """A trial of 60 persons; the treated vary more; one useful covariate."""
    x, arm = rng.standard_normal(60), rng.permutation(np.repeat([0, 1], [35, 25]))
    y = 0.5 * arm + x * (1 + 0.5 * arm) + rng.standard_normal(60) * (1 + arm)
    y = y - 0.5 * arm * x.mean()  # the effect on the people in the trial is 0.5 exactly
    trial = randomised_trial(pd.DataFrame({"y": y, "arm": arm, "x": x}), "y", "arm", covariates=["x"])
    yield seen("persons, adjusted (HC2)", 0.5, trial.best)


def clusters(rng: np.random.Generator) -> Iterator[Check]:
    """A trial of 10 offices of unequal size."""
    size = np.tile([4, 6, 8, 10, 12], 2)
    office = np.repeat(np.arange(10), size)
    arm = rng.permutation(np.repeat([0, 1], 5))[office]
    y = 0.4 * arm + 0.5 * rng.standard_normal(10)[office] + rng.standard_normal(len(office))
    frame = pd.DataFrame({"y": y, "arm": arm, "office": office})
    yield seen("10 offices (CR2)", 0.4, randomised_trial(frame, "y", "arm", cluster="office").best)


def wild(rng: np.random.Generator) -> Iterator[Check]:
    """A trial of 12 offices, by the wild bootstrap."""
    office = np.repeat(np.arange(12), 6)
    arm = rng.permutation(np.repeat([0, 1], 6))[office]
    y = 0.4 * arm + 0.5 * rng.standard_normal(12)[office] + rng.standard_normal(72)
    frame = pd.DataFrame({"y": y, "arm": arm, "office": office})
    trial = randomised_trial(
        frame, "y", "arm", cluster="office", inference="wild", seed=int(rng.integers(2**31))
    )
    yield seen("12 offices (wild bootstrap)", 0.4, trial.best)


def _long(y: np.ndarray, on: np.ndarray, **columns: np.ndarray) -> pd.DataFrame:
    n, t = y.shape
    frame = pd.DataFrame({"unit": np.repeat(np.arange(n), t), "period": np.tile(np.arange(t), n)})
    frame["y"], frame["on"] = y.ravel(), on.ravel().astype(int)
    return frame.assign(**{k: np.repeat(v, t) for k, v in columns.items()})


def two_groups(rng: np.random.Generator) -> Iterator[Check]:
    """16 units, 8 periods, strongly autocorrelated; the effect grows."""
    e = _autocorrelated(rng, 16, 8, 0.6)
    first = np.where(np.arange(16) < 6, 4, 99)
    since = np.arange(8) - first[:, None]
    on = since >= 0
    y = rng.standard_normal(16)[:, None] + rng.standard_normal(8) + e + on * (0.5 + 0.1 * since)
    result = difference_in_differences(_long(y, on), "y", "unit", "period", "on")
    yield seen("difference in differences", 0.65, result.table().iloc[0])
    yield seen("event study, second period", 0.6, result.event.iloc[5])
    yield seen("event study, placebo", 0.0, result.event.iloc[1])


def adoption(rng: np.random.Generator) -> Iterator[Check]:
    """45 units in three starting cohorts and a never-treated one; effects grow, and differ by cohort."""
    n, t = 45, 7
    first = rng.choice([2, 4, 99], n)
    since = np.arange(t) - first[:, None]
    on = since >= 0
    size = np.where(first == 2, 0.3, 0.6)[:, None]
    y = rng.standard_normal(n)[:, None] + rng.standard_normal(t) + _autocorrelated(rng, n, t, 0.5)
    result = staggered_did(_long(y + on * size * (1 + since), on), "y", "unit", "period", "on", draws=1)
    early, late = 0.3 * np.arange(1, 6), 0.6 * np.arange(1, 4)
    both = (early[:3] + late) / 2
    truth = {
        "simple": (early.sum() + late.sum()) / 8,
        "group": (early.mean() + late.mean()) / 2,
        "dynamic": float(np.mean([*both, *early[3:]])),
        "calendar": float(np.mean([early[0], early[1], *((early[2:] + late) / 2)])),
    }
    for _, r in result.table().iterrows():
        yield seen(f"staggered, {r['aggregate']}", truth[r["aggregate"]], r)
    cell = result.group_time.query("cohort == 4 and period == 5").iloc[0]
    yield seen("staggered, one ATT(g, t)", 1.2, cell)


def adoption_with_trend(rng: np.random.Generator) -> Iterator[Check]:
    """Trends differ with a covariate that also drives who starts; adjusted by regression."""
    n, t = 80, 5
    x = rng.standard_normal(n)
    odds = np.column_stack([np.ones(n), np.exp(0.7 * x), np.exp(0.7 * x)])
    pick = (rng.random(n)[:, None] > np.cumsum(odds / odds.sum(1, keepdims=True), axis=1)).sum(1)
    first = np.array([99, 2, 3])[pick]
    on = np.arange(t) >= first[:, None]
    y = (
        rng.standard_normal(n)[:, None]
        + 0.4 * x[:, None] * np.arange(t)
        + rng.standard_normal((n, t))
        + 0.5 * on
    )
    frame = _long(y, on, x=x)
    result = staggered_did(frame, "y", "unit", "period", "on", covariates=["x"], control="never", draws=1)
    yield seen("staggered, covariate trends", 0.5, result.best)


def constant_effect(rng: np.random.Generator) -> Iterator[Check]:
    """The two-way regression where it is right: one effect for all."""
    first = rng.permutation(np.repeat([2, 4, 99], 8))
    on = np.arange(6) >= first[:, None]
    y = (
        rng.standard_normal(24)[:, None]
        + rng.standard_normal(6)
        + _autocorrelated(rng, 24, 6, 0.4)
        + 0.5 * on
    )
    yield seen(
        "two-way, constant effect",
        0.5,
        two_way_fixed_effects(_long(y, on), "y", "unit", "period", "on").table().iloc[0],
    )


def series(rng: np.random.Generator) -> Iterator[Check]:
    """48 months, autocorrelation .4, the change after 24."""
    t = np.arange(48)
    y = 10 + 0.1 * t - 1.5 * (t >= 24) + 0.05 * np.maximum(t - 24, 0) + _autocorrelated(rng, 1, 48, 0.4)[0]
    found = interrupted_time_series(pd.DataFrame({"t": t, "y": y}), "y", "t", 24).table().set_index("term")
    for term, truth in (("level", -1.5), ("slope", 0.05), ("average", -1.5 + 0.05 * 11.5)):
        yield seen(f"interrupted series, {term}", truth, found.loc[term])


def series_newey_west(rng: np.random.Generator) -> Iterator[Check]:
    """The same with Newey-West errors: known to be too sure; not part of the tests."""
    t = np.arange(48)
    y = 10 + 0.1 * t - 1.5 * (t >= 24) + _autocorrelated(rng, 1, 48, 0.4)[0]
    frame = pd.DataFrame({"t": t, "y": y})
    found = interrupted_time_series(frame, "y", "t", 24, errors="newey-west").table().iloc[0]
    yield seen("interrupted series, level (Newey-West)", -1.5, found)


def effects(rng: np.random.Generator) -> Iterator[Check]:
    """Fixed and random effects of 15 units over 6 periods."""
    unit = np.repeat(np.arange(15), 6)
    x = rng.standard_normal(90) + rng.standard_normal(15)[unit]
    y = 0.5 * x + rng.standard_normal(15)[unit] + rng.standard_normal(90)
    frame = pd.DataFrame({"unit": unit, "t": np.tile(np.arange(6), 15), "x": x, "y": y})
    for _, r in panel_models(frame, "y", ["x"], "unit", "t").table().iterrows():
        yield seen(f"panel, {r['model']} effects", 0.5, r)


def observed(rng: np.random.Generator) -> Iterator[Check]:
    """150 people who chose; two covariates explain who."""
    x = rng.standard_normal((150, 2))
    arm = (rng.random(150) < 1 / (1 + np.exp(-0.5 * x.sum(1)))).astype(int)
    y = 1 + x @ [1.0, 0.5] + 0.5 * arm + rng.standard_normal(150)
    frame = pd.DataFrame({"y": y, "arm": arm, "a": x[:, 0], "b": x[:, 1]})
    pairs: list[tuple[Method, Literal["att", "ate"]]] = [
        ("ipw_ra", "att"),
        ("aipw", "ate"),
        ("ipw", "att"),
        ("ra", "ate"),
    ]
    for method, effect in pairs:
        found = treatment_effect(frame, "y", "arm", ["a", "b"], effect=effect, method=method)
        yield seen(f"{method} {effect}", 0.5, found.table().iloc[1])
    for effect in ("att", "ate"):
        yield seen(
            f"matching {effect}", 0.5, matching(frame, "y", "arm", ["a", "b"], effect=effect).table().iloc[1]
        )


def chosen_low(rng: np.random.Generator) -> Iterator[Check]:
    """The weakest 30 % are trained; raw gains mislead, the split does not."""
    ability = rng.standard_normal(120)
    before = ability + 0.8 * rng.standard_normal(120)
    arm = (before < np.quantile(before, 0.3)).astype(int)
    after = ability + 0.3 + 0.4 * arm + 0.8 * rng.standard_normal(120)
    frame = pd.DataFrame({"before": before, "after": after, "arm": arm})
    found = regression_to_the_mean(frame, "before", "after", "arm").table().set_index("term")
    yield seen("chosen low, effect", 0.4, found.loc["effect"])
    yield seen("chosen low, common change", 0.3, found.loc["common_change"])
    quiet = frame.assign(after=after - 0.3).where(frame["arm"] == 1)
    alone = frame.assign(after=quiet["after"])
    known = (
        regression_to_the_mean(alone, "before", "after", "arm", reliability=1 / 1.64)
        .table()
        .set_index("term")
    )
    yield seen("chosen low, reliability known", 0.4, known.loc["effect"])


def complaints(rng: np.random.Generator) -> Iterator[Check]:
    """60 complaints, a quarter still open; closing twice as fast in one group."""
    fast = rng.integers(0, 2, 60)
    days = 10 * rng.exponential(1 / np.where(fast == 1, 2.0, 1.0))
    until = rng.uniform(0, 35, 60)
    frame = pd.DataFrame({"days": np.minimum(days, until), "done": (days <= until).astype(int), "fast": fast})
    slow = frame[frame["fast"] == 0]
    found = time_to_close(slow, within=[5])
    row = found.table().iloc[0]
    yield seen("median days", 10 * np.log(2), row.fillna({"high": np.inf}), "median")
    yield seen("share within the clock", 1 - np.exp(-0.5), found.within.iloc[0], "share")
    hazard = hazard_model(frame, ["fast"]).table().iloc[0]
    yield seen("log hazard ratio", np.log(2), hazard)


def designs(rng: np.random.Generator) -> Iterator[Check]:
    """The analyses that trial designs carry."""
    world = MixedWorld(staff=8, unit_sd=0.4, unit_period_sd=0.2, person_sd=0.5, residual_sd=0.8)
    plans: list[tuple[str, Design, World]] = [
        ("design, cluster trial", ClusterTrial(10, before=2, after=2), world),
        ("design, stepped wedge", SteppedWedge(12, 3), world),
        ("design, favouritism", FavouritismStudy(12, 8), RatingWorld(bias_sd=0.2)),
    ]
    for name, plan, make in plans:
        data = make(plan.schedule(rng), 0.4, rng)
        c = plan.analyse(data, 0.95)
        yield Check(name, 0.4, c.estimate, bool(c.low <= 0.4 <= c.high))


def inputs(rng: np.random.Generator) -> Iterator[Check]:
    """Arrivals with busy weeks, attendance, and measured work."""
    days = pd.bdate_range("2025-01-06", periods=80)
    week = rng.gamma(20, 1 / 20, 16)[np.arange(80) // 5]
    profile = np.array([1.3, 1.0, 1.0, 0.9, 0.8])[np.arange(80) % 5]
    count = rng.poisson(12 * week * profile)
    times = pd.Series(np.repeat(days.to_numpy(), count)) + pd.to_timedelta(
        rng.uniform(8, 16, count.sum()), "h"
    )
    table = fit_arrivals(times, "s", "simulated").table().set_index("row")
    yield seen("demand a day", 12.0, table.loc["s"].set_index("column").loc["demand"], "value")
    yield seen("Monday factor", 1.3, table.loc["s/weekday/1"], "value")
    yield seen("first hour factor", 1.0, table.loc["s/hour/1"], "value")
    who = np.repeat(np.arange(30), 30)
    away = rng.random(900) < rng.beta(2, 14, 30)[who]
    book = pd.DataFrame({"who": who, "here": (~away).astype(int)})
    yield seen("absence", 2 / 16, fit_absence(book, "who", "here", "u", "simulated").table().iloc[0], "value")
    sigma = np.sqrt(np.log(1 + 0.5**2))
    work = rng.lognormal(np.log(20) - sigma**2 / 2, sigma, 80)
    start = pd.Series(pd.bdate_range("2025-01-06", periods=80)) + pd.Timedelta(hours=9)
    rows = pd.DataFrame({"case": np.arange(80), "what": "x", "from": start})
    rows["to"] = start + pd.to_timedelta(work, "min")
    log = event_log(rows, "case", "what", "to", start="from")
    found = fit_service_time(log, "s", "simulated", closes=24).table().set_index("column")
    yield seen("work, minutes", 20.0, found.loc["work"], "value")
    yield seen("work, variation", 0.5, found.loc["work_cv"], "value")


def officers_differ(rng: np.random.Generator) -> Iterator[Check]:
    """Work and corrections of 12 officers who differ in pace and care and do equally much: the truth is their mean."""
    officers, each = 12, 25
    who = np.repeat(np.arange(officers), each)
    sigma = np.sqrt(np.log(1 + 0.5**2))
    pace = np.exp(0.2 * rng.standard_normal(officers) - 0.02)[who]
    work = pace * rng.lognormal(np.log(20) - sigma**2 / 2, sigma, len(who))
    back = np.flatnonzero(rng.random(len(who)) < rng.beta(3, 17, officers)[who])
    rows = pd.DataFrame({"case": np.arange(len(who)), "what": "in", "who": who})
    rows["from"] = pd.Timestamp("2025-01-06 08:00") + pd.to_timedelta(np.arange(len(who)), "D")
    rows["to"] = rows["from"] + pd.to_timedelta(work, "min")
    fixed = rows.loc[back].assign(what="fix", **{"from": pd.NaT})
    log = event_log(pd.concat([rows, fixed]), "case", "what", "to", officer="who", start="from")
    found = fit_service_time(log, "s", "simulated", clock=_minutes_of_day).table().set_index("column")
    yield seen("work, officers differ", 20.0, found.loc["work"], "value")
    yield seen("work, variation within officers", 0.5, found.loc["work_cv"], "value")
    if len(back):
        again = fit_rework(log, ["fix"], "s", "simulated").table().iloc[0]
        yield seen("corrections, officers differ", 0.15, again, "value")


def _minutes_of_day(moments: pd.Series) -> np.ndarray:
    return (moments - moments.dt.normalize()).dt.total_seconds().to_numpy() / 60


def office(rng: np.random.Generator) -> Iterator[Check]:
    """A queue of 80 with give-ups, 50 cases of which three in ten go back, six officers of whom one in five is away."""
    patience, offered = rng.exponential(60, 80), rng.exponential(25, 80)
    left = patience < offered
    waits = pd.DataFrame({"waited": np.minimum(patience, offered), "left": left.astype(int)})
    if left.any():
        found = fit_patience(waits, "waited", "left", "s", "simulated").table().iloc[0]
        yield seen("patience, minutes", 60.0, found, "value")
    days, rows = pd.bdate_range("2025-01-06", periods=50), []
    for k, day in enumerate(days):
        back = int(rng.geometric(0.7)) - 1
        steps = ["in", *["fix", "in"] * back, "out"]
        rows += [(k, what, day + pd.Timedelta(hours=8, minutes=5 * j)) for j, what in enumerate(steps)]
    moves = fit_steps(
        event_log(pd.DataFrame(rows, columns=["case", "what", "when"]), "case", "what", "when"), "s"
    ).moves
    fixed = moves[(moves["from"] == "in") & (moves["to"] == "fix")]
    if len(fixed):
        yield seen("share sent back", 0.3, fixed.iloc[0], "share")
    here = [(day, who) for day in days for who in range(6) if rng.random() < 0.8]
    times = [day + pd.Timedelta(hours=8, minutes=10 * j + who) for day, who in here for j in range(3)]
    who = np.repeat([who for __, who in here], 3)
    rows_ = pd.DataFrame({"case": range(len(times)), "what": "x", "when": times, "who": who})
    log = event_log(rows_, "case", "what", "when", officer="who")
    week = pd.DataFrame({"weekday": range(1, 6), "open": "08:00", "close": "09:00"})
    monday = fit_shifts(log, fit_hours(log, "u", hours=week, closed=[])).table().iloc[0]
    yield seen("officers at work", 4.8, monday, "mean")


def shares(rng: np.random.Generator) -> Iterator[Check]:
    """Cases in time and cases that went back, of 150; .8 and .15 are true."""
    n = 150
    due = pd.Series(pd.Timestamp("2025-01-10"), index=range(n))
    done = pd.DataFrame({"due": due, "end": due + pd.to_timedelta(np.where(rng.random(n) < 0.8, -1, 1), "D")})
    yield seen("share in time", 0.8, on_time(done, "end", "due").table().iloc[0], "share")
    back = np.flatnonzero(rng.random(n) < 0.15)
    rows = pd.DataFrame(
        {"case": np.concatenate([np.arange(n), back]), "what": "in", "when": "2025-01-06 09:00"}
    )
    rows.loc[n:, ["what", "when"]] = ["fix", "2025-01-06 10:00"]
    found = (
        fit_rework(event_log(rows, "case", "what", "when"), ["fix"], "s", "simulated") if len(back) else None
    )
    if found is not None:
        yield seen("share that went back", 0.15, found.table().iloc[0], "value")


CASES: dict[str, Case] = {
    "randomised_trial": persons,
    "randomised_trial, units": clusters,
    "randomised_trial, wild bootstrap": wild,
    "difference_in_differences": two_groups,
    "staggered_did": adoption,
    "staggered_did, covariates": adoption_with_trend,
    "two_way_fixed_effects": constant_effect,
    "interrupted_time_series": series,
    "panel_models": effects,
    "treatment_effect, matching": observed,
    "regression_to_the_mean": chosen_low,
    "time_to_close, hazard_model": complaints,
    "trial designs": designs,
    "fit_arrivals, fit_absence, fit_service_time": inputs,
    "fit_service_time, fit_rework": officers_differ,
    "on_time, fit_rework": shares,
    "fit_patience, fit_steps, fit_shifts": office,
}
