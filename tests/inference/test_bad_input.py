"""Claim: whatever is wrong with the data, every way in says so; a silent number is never the answer.

One table for ratings and one for everything else: a row an entry point, a column a kind of bad input. What is expected
is the text of a refusal or, as ``note:key``, a caution that travels with the result.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from evaluation_data import long_panel

import sim.inference as inference
from sim.errors import KinerjaError
from sim.inference import (
    agreement,
    central_tendency,
    cronbach_alpha,
    difference_in_differences,
    durations,
    event_log,
    fit_absence,
    fit_arrivals,
    fit_mixed_world,
    fit_patience,
    fleiss_kappa,
    g_study,
    halo,
    hazard_model,
    icc,
    identification,
    interrupted_time_series,
    krippendorff_alpha,
    many_facet_rasch,
    matching,
    omega,
    on_time,
    ordered_model,
    panel_models,
    posterior_predictive,
    predikat_compliance,
    randomised_trial,
    rater_model,
    regression_to_the_mean,
    round_robin,
    staggered_did,
    time_to_close,
    treatment_effect,
    two_way_fixed_effects,
    unit_icc,
)

Spoil = Callable[[pd.DataFrame], pd.DataFrame]
RNG = np.random.default_rng(1)
N = {"score": "score", "ratee": "ratee", "rater": "rater"}


def const(column: str, value: object = 3.0) -> Spoil:
    return lambda d: d.assign(**{column: value})


def infinite(column: str) -> Spoil:
    return lambda d: d.assign(**{column: d[column].astype(float).where(d.index != 4, np.inf)})


def ghost(column: str) -> Spoil:
    """A category without rows."""
    return lambda d: d.assign(**{column: pd.Categorical(d[column], [*d[column].unique(), "ghost"])})


def twice(d: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([d, d.iloc[[2, 7]]], ignore_index=True)


# ---- ratings -----------------------------------------------------------------------------------------------------


def _ratings() -> pd.DataFrame:
    who = np.repeat(np.arange(24), 3)
    by = np.argsort(RNG.random((24, 6)), axis=1)[:, :3].ravel()
    score = RNG.normal(size=24)[who] + 0.5 * RNG.normal(size=6)[by] + 0.6 * RNG.normal(size=72)
    frame = pd.DataFrame(
        {"ratee": [f"o{i:02}" for i in who], "rater": [f"r{j:02}" for j in by], "score": score}
    )
    return frame.assign(x=RNG.normal(size=72))


CROSSED = _ratings()
STEPS = CROSSED.assign(score=np.clip(np.round(CROSSED["score"]) + 3, 1, 5))
CRITERIA = pd.concat(
    [CROSSED.assign(criterion=c, score=CROSSED["score"] + 0.3 * RNG.normal(size=72)) for c in "ab"],
    ignore_index=True,
)
FULL = pd.DataFrame([(f"o{i}", f"r{j}") for i in range(12) for j in range(4)], columns=["ratee", "rater"])
FULL["score"] = RNG.integers(1, 4, 48).astype(float)
PEERS = pd.DataFrame(
    [(g, f"{g}{i}", f"{g}{j}", RNG.normal()) for g in "AB" for i in range(6) for j in range(6) if i != j],
    columns=["unit", "rater", "ratee", "score"],
)


def by_themselves(d: pd.DataFrame) -> pd.DataFrame:
    return d.assign(rater=d["rater"].where(d.index != 5, d["ratee"]))


def islands(d: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([d, d.assign(ratee="x" + d["ratee"], rater="x" + d["rater"])], ignore_index=True)


def one_supervisor(d: pd.DataFrame) -> pd.DataFrame:
    return d.assign(rater="h" + pd.Series(pd.factorize(d["ratee"])[0] // 6, index=d.index).astype(str))


def emptied(d: pd.DataFrame) -> pd.DataFrame:
    """The first rater's scores are all missing."""
    return d.assign(score=d["score"].where(d["rater"] != d["rater"].iloc[0]))


SPOILT: dict[str, Spoil] = {
    "constant": const("score"),
    "one rater": const("rater", "r00"),
    "twice": twice,
    "themselves": by_themselves,
    "islands": islands,
    "one supervisor": one_supervisor,
    "ghost": ghost("rater"),
    "emptied": emptied,
    "infinite": infinite("score"),
    "text": lambda d: d.assign(score="abc"),
    "all missing": const("score", np.nan),
    "no rows": lambda d: d.iloc[:0],
    "no column": lambda d: d.drop(columns="rater"),
    "twins": lambda d: pd.concat([d, d[["rater"]]], axis=1),
}
COMMON = {
    "constant": "All scores are equal",
    "one rater": "one rater only",
    "twice": "2 rows repeat an earlier row",
    "themselves": "by the ratees themselves",
    "ghost": "note:empty_groups",
    "emptied": "note:empty_groups",
    "infinite": r"1 values are infinite \(rows 6\)",
    "text": "not numbers",
    "all missing": "No row is complete",
    "no rows": "No row is complete",
    "no column": "rater: No such column",
    "twins": "rater: Several columns have this name",
}
PARTS = {"islands": "2 parts share neither ratee nor rater", "one supervisor": "Severity is not identified"}
NOTED = {"islands": "note:not_identified", "one supervisor": "note:not_identified"}
PAIRS = {"islands": "note:not_identified", "one supervisor": "repeat an earlier|occur more than once"}

RATINGS: dict[str, tuple[Callable[[pd.DataFrame], Any], pd.DataFrame, dict[str, str]]] = {
    "rater_model": (lambda d: rater_model(d, **N, intervals="none"), CROSSED, COMMON | PARTS),
    "central_tendency": (
        lambda d: central_tendency(rater_model(d, **N, intervals="none")),
        CROSSED,
        COMMON | PARTS | {"ghost": "", "emptied": ""},
    ),
    "icc": (lambda d: icc(d, **N), CROSSED, COMMON | PAIRS),
    "icc, complete": (lambda d: icc(d, **N), FULL, COMMON | PAIRS),
    "g_study": (
        lambda d: g_study(d, score="score", ratee="ratee", facets=["rater"], intervals=False),
        CROSSED,
        COMMON | NOTED,
    ),
    "halo": (lambda d: halo(d, **N, criterion="criterion", intervals=False), CRITERIA, COMMON | NOTED),
    "many_facet_rasch": (
        lambda d: many_facet_rasch(d, **N),
        STEPS,
        COMMON | PARTS | {"text": "All scores are equal"},
    ),
    "agreement": (
        lambda d: agreement(d, **N, draws=20),
        STEPS,
        COMMON | PAIRS | {"text": "scores are equal"},
    ),
    "fleiss_kappa": (
        lambda d: fleiss_kappa(d, **N, draws=20),
        FULL,
        COMMON | PAIRS | {"text": "scores are equal"},
    ),
    "krippendorff_alpha": (
        lambda d: krippendorff_alpha(d, **N, draws=20),
        STEPS,
        COMMON | PAIRS | {"text": "scores are equal"},
    ),
    "round_robin": (
        lambda d: round_robin(
            d, perceiver="rater", target="ratee", score="score", intervals=False, group="unit"
        ),
        PEERS,
        COMMON
        | {
            "one rater": "pairs occur twice",
            "twice": "pairs occur twice",
            "themselves": "people rate themselves",
            "islands": "Within A, B there are circles of people",
            "one supervisor": "pairs occur twice",
        },
    ),
    "identification": (
        lambda d: identification(d, ratee="ratee", rater="rater"),
        CROSSED,
        {
            "islands": "says:2 parts never meet",
            "one supervisor": "says:severity is confounded",
            "no rows": "No row is complete",
            "no column": "No such column",
            "twins": "Several columns have this name",
        },
    ),
}


# ---- everything else ---------------------------------------------------------------------------------------------

PEOPLE = pd.DataFrame(
    {"id": range(80), "y": RNG.normal(size=80), "arm": [0, 1] * 40, "x": RNG.normal(size=80)}
)
UNITS = PEOPLE.assign(arm=np.repeat([0, 1] * 4, 10), office=np.repeat([f"u{i}" for i in range(8)], 10))
LOW = PEOPLE.assign(on=(PEOPLE["x"] < 0).astype(int))
PANEL = long_panel(RNG.normal(size=(30, 6)), [2] * 8 + [4] * 8 + [99] * 14).assign(x=RNG.normal(size=180))
SINGLE = PANEL[(PANEL["unit"] < 8) | (PANEL["unit"] >= 16)].reset_index(drop=True)
CASES = pd.DataFrame(
    {
        "id": range(60),
        "days": RNG.exponential(9, 60),
        "done": [1] * 48 + [0] * 12,
        "x": RNG.normal(size=60),
        "g": ["a", "b"] * 30,
    }
)
REGISTER = pd.DataFrame({"id": range(30), "in": pd.date_range("2025-01-06", periods=30)})
REGISTER["out"] = REGISTER["in"] + pd.Timedelta(days=3)
ITEMS = pd.DataFrame(RNG.normal(size=(30, 1)) + RNG.normal(size=(30, 4)), columns=list("abcd"))
ORDERED = pd.DataFrame({"id": range(200), "x": RNG.normal(size=200), "g": ["p", "q"] * 100})
ORDERED["y"] = (RNG.logistic(0.7 * ORDERED["x"])[:, None] > [-1, 0.5, 2]).sum(axis=1)
PREDIKAT = pd.DataFrame({"id": range(60), "unit": list("abcdef") * 10, "y": ["Baik", "Sangat Baik"] * 30})
BOOK = pd.DataFrame({"who": np.repeat(range(6), 20), "day": [*range(20)] * 6, "here": ([1] * 9 + [0]) * 12})
GROUPS = pd.DataFrame({"unit": np.repeat(range(10), 8), "id": range(80), "y": RNG.normal(size=80)})
LOG = pd.DataFrame({"case": [1, 1, 2], "what": list("xyx"), "when": pd.date_range("2025-01-06", periods=3)})
WAITS = pd.DataFrame({"waited": [5.0, 10.0, 30.0, 20.0] * 5, "left": [0, 1, 0, 1] * 5})
C = ("y", "unit", "period", "on")


def basic(y: str, **more: str) -> dict[str, tuple[Spoil, str]]:
    """What goes wrong with any outcome `y`; `more` changes what is expected."""
    usual: dict[str, tuple[Spoil, str]] = {
        "constant": (const(y), "does not vary|everywhere|is 3 |never changes|nothing to"),
        "twice": (twice, "duplicate unit-period rows"),
        "infinite": (infinite(y), "not a finite number|infinite"),
        "text": (
            const(y, "abc"),
            "not a finite number|have no order|not numbers|not known|not dates|not a date",
        ),
        "all missing": (
            const(y, np.nan),
            "is empty|no rows|No row is complete|lack a period|0 treated|0 trained",
        ),
        "no rows": (lambda d: d.iloc[:0], "no rows|No row is complete"),
        "no column": (lambda d: d.drop(columns=y), "No such column"),
        "twins": (lambda d: pd.concat([d, d[[y]]], axis=1), "Several columns have this name"),
    }
    return {k: (spoil, more.get(k.replace(" ", "_"), says)) for k, (spoil, says) in usual.items()}


ROWS = {"twice": "note:repeated_rows"}
SEPARATED = {
    "separated": (lambda d: d.assign(x=d["arm"] + 0.1 * d["x"].clip(-1, 1)), "separate"),
    "constant covariate": (const("x"), "does not vary"),
    "one arm": (const("arm", 1), "0 untreated"),
}
TREATED = {
    "nobody": (const("on", 0), "nobody is treated"),
    "always": (const("on", 1), "before its treatment"),
}
EXACT = {"exact": (lambda d: d.assign(y=1.0 * d["on"]), "note:exact_fit")}

OTHERS: dict[str, tuple[Callable[[pd.DataFrame], Any], pd.DataFrame, dict[str, tuple[Spoil, str]]]] = {
    "randomised_trial": (
        lambda d: randomised_trial(d, "y", "arm", covariates=["x"]),
        PEOPLE,
        basic("y", **ROWS)
        | {
            "one arm": (const("arm", 1), "0 control rows"),
            "separated": (lambda d: d.assign(x=1.0 * d["arm"]), "collinear"),
        },
    ),
    "randomised_trial, units": (
        lambda d: randomised_trial(d, "y", "arm", cluster="office"),
        UNITS,
        basic("y", **ROWS)
        | {
            "one unit": (const("office", "u"), "only one cluster"),
            "emptied": (lambda d: d.assign(y=d["y"].where(d["office"] != "u1")), "note:attrition"),
        },
    ),
    "difference_in_differences": (
        lambda d: difference_in_differences(d, *C),
        SINGLE,
        basic("y", constant="same amount in every unit") | TREATED | EXACT,
    ),
    "staggered_did": (
        lambda d: staggered_did(d, *C, draws=9),
        PANEL,
        basic("y") | TREATED | {"exact": (EXACT["exact"][0], "does not vary")},
    ),
    "two_way_fixed_effects": (lambda d: two_way_fixed_effects(d, *C), PANEL, basic("y") | TREATED | EXACT),
    "interrupted_time_series": (
        lambda d: interrupted_time_series(d, "y", "t", 40),
        PEOPLE.assign(t=range(80)),
        basic("y", twice="appears twice") | {"exact": (lambda d: d.assign(y=2.0 * d["t"]), "note:exact_fit")},
    ),
    "panel_models": (
        lambda d: panel_models(d, "y", ["x"], "unit", "period"),
        PANEL,
        basic("y") | {"lasting": (lambda d: d.assign(x=1.0 * d["unit"]), "never changes within a unit")},
    ),
    "treatment_effect": (
        lambda d: treatment_effect(d, "y", "arm", ["x"]),
        PEOPLE,
        basic("y", **ROWS) | SEPARATED,
    ),
    "matching": (lambda d: matching(d, "y", "arm", ["x"]), PEOPLE, basic("y", **ROWS) | SEPARATED),
    "regression_to_the_mean": (
        lambda d: regression_to_the_mean(d, "x", "y", "on"),
        LOW,
        basic("y", constant="do not vary", **ROWS),
    ),
    "durations": (
        lambda d: durations(d, "in", "out"),
        REGISTER,
        {k: v for k, v in basic("in").items() if k not in ("constant", "twice", "infinite")},
    ),
    "time_to_close": (
        lambda d: time_to_close(d, group="g"),
        CASES,
        basic("days", **ROWS)
        | {
            "open": (const("done", 0), "every case is still open"),
            "one group": (const("g", "a"), "is a everywhere"),
            "ghost": (ghost("g"), "note:empty_groups"),
            "nobody": (lambda d: d.assign(done=1 * (d["g"] == "a")), "no closed case in b"),
        },
    ),
    "hazard_model": (
        lambda d: hazard_model(d, ["x"]),
        CASES,
        basic("days", **ROWS)
        | {
            "separated": (lambda d: d.assign(x=-d["days"].rank()), "separates perfectly"),
            "constant covariate": (const("x"), "does not vary"),
        },
    ),
    "ordered_model": (
        lambda d: ordered_model(d, score="y", fixed="x + g"),
        ORDERED,
        basic("y", constant="All scores are equal", **ROWS)
        | {
            "separated": (lambda d: d.assign(x=np.where(d["y"] == 3, 5.0, -1.0)), "x separates the levels"),
            "ghost": (ghost("g"), "No rating belongs to"),
            "infinite covariate": (infinite("x"), "x: 1 values are infinite"),
        },
    ),
    "unit_icc": (
        lambda d: unit_icc(d, unit="unit", score="y"),
        GROUPS,
        basic("y", constant="constant within every unit", **ROWS)
        | {"one unit": (const("unit", 1), "at least two units")},
    ),
    "predikat_compliance": (
        lambda d: predikat_compliance(d, unit="unit", predikat="y", organisation="baik"),
        PREDIKAT,
        {k: v for k, v in basic("y", **ROWS).items() if k not in ("constant", "infinite")}
        | {"ghost": (ghost("unit"), "note:empty_groups")},
    ),
    "fit_mixed_world": (
        lambda d: fit_mixed_world(d, "y", "unit"),
        GROUPS,
        {k: v for k, v in basic("y").items() if k != "twice"}
        | {"one unit": (const("unit", 1), "three units")},
    ),
    "fit_absence": (
        lambda d: fit_absence(d, "who", "here", "u", "book"),
        BOOK,
        basic("here", constant="neither 0 nor 1", **ROWS)
        | {
            "never": (const("here", 1), "nobody is ever absent"),
            "one officer": (const("who", 1), "three officers"),
        },
    ),
    "fit_arrivals": (
        lambda d: fit_arrivals(d["in"], "s", "log"),
        REGISTER,
        {
            "no rows": (lambda d: d.iloc[:0], "missing"),
            "text": (const("in", "abc"), "not dates"),
            "constant": (const("in", pd.Timestamp("2025-01-06")), "at least ten"),
        },
    ),
    "cronbach_alpha": (
        cronbach_alpha,
        ITEMS,
        {
            "constant": (const("a"), "answers to a are equal"),
            "infinite": (infinite("a"), "a hold infinite"),
            "text": (const("a", "x"), "not numbers"),
            "copies": (lambda d: d.assign(b=d["a"]), "b repeat another"),
            "all missing": (const("a", np.nan), "0 persons with complete"),
        },
    ),
    "omega": (
        omega,
        ITEMS,
        {
            "constant": (const("a"), "answers to a are equal"),
            "infinite": (infinite("a"), "a hold infinite"),
            "copies": (lambda d: d.assign(b=d["a"]), "b repeat another"),
            "no rows": (lambda d: d.iloc[:0], "0 persons with complete"),
        },
    ),
    "event_log": (
        lambda d: event_log(d, "case", "what", "when"),
        LOG,
        {
            "twice": (lambda d: d.iloc[[0, 1, 2, 2]], "repeat another"),
            "text": (const("when", "abc"), "not dates"),
            "no rows": (lambda d: d.iloc[:0], "no rows"),
            "no column": (lambda d: d.drop(columns="what"), "No such column"),
        },
    ),
    "fit_patience": (
        lambda d: fit_patience(d, "waited", "left", "ktp", "log"),
        WAITS,
        {
            "all served": (const("left", 0), "note:nobody_gave_up"),
            "text": (const("waited", "abc"), "not a finite number"),
            "infinite": (infinite("waited"), "not a finite number"),
            "gap": (lambda d: d.assign(left=d["left"].where(d.index > 0)), "is empty"),
            "no rows": (lambda d: d.iloc[:0], "no rows"),
            "no column": (lambda d: d.drop(columns="left"), "No such column"),
        },
    ),
    "on_time": (
        lambda d: on_time(d, "out", "in"),
        REGISTER,
        {
            "all open": (const("out", pd.NaT), "empty everywhere"),
            "no column": (lambda d: d.drop(columns="in"), "No such column"),
        },
    ),
    "posterior_predictive": (
        lambda d: posterior_predictive(
            d[["y"]], pd.DataFrame({"replication": np.repeat(range(25), 80), "y": np.tile(PEOPLE["y"], 25)})
        ),
        PEOPLE,
        {
            "constant": (const("y"), "has no value"),
            "infinite": (infinite("y"), "not a finite number"),
            "all missing": (const("y", np.nan), "is empty"),
        },
    ),
}

CELLS = [
    *(
        (f"{name}, {bad}", call, data, SPOILT[bad], says)
        for name, (call, data, row) in RATINGS.items()
        for bad, says in row.items()
        if says
    ),
    *(
        (f"{name}, {bad}", call, data, spoil, says)
        for name, (call, data, row) in OTHERS.items()
        for bad, (spoil, says) in row.items()
    ),
]


@pytest.mark.parametrize(("call", "data", "spoil", "says"), [c[1:] for c in CELLS], ids=[c[0] for c in CELLS])
def test_bad_input_is_named(
    call: Callable[[pd.DataFrame], Any], data: pd.DataFrame, spoil: Spoil, says: str
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # nothing is left to a warning that scrolls away
        if says.startswith("note:"):
            found = call(spoil(data))
            assert found.has(says[5:]), found.notes
            assert not call(data).has(says[5:])
        elif says.startswith("says:"):
            assert says[5:] in call(spoil(data)).summary(lang="en")
        else:
            with pytest.raises(KinerjaError, match=says):
                call(spoil(data))


@pytest.mark.parametrize("name", [*RATINGS, *OTHERS])
def test_the_same_data_unspoilt_pass(name: str) -> None:
    call, data, _ = (RATINGS | OTHERS)[name]  # type: ignore[operator]
    assert call(data) is not None


def test_every_way_in_has_its_row() -> None:
    """Readers are held by test_data; the rest takes no data of its own, or what another row has checked."""
    readers = {"read_ratings", "read_360", "read_panel", "read_events", "read_complaints"}
    safe = {
        "personal_columns",
        "pseudonymise",
        "refuse_personal",
        "suppress_small",
        "ratings_report",
        "evaluation_report",
        "band",
        "coverage",
    }
    planned = {"trial_power", "detectable_effect", "staff_needed"}
    checked = {
        "fit_service_time",
        "fit_rework",
        "absence_bound",
        "fit_hours",
        "fit_shifts",
        "fit_steps",
        "fit_rater_shares",
    }  # take an EventLogResult or a RaterModel
    rows = {name.split(",")[0] for name in [*RATINGS, *OTHERS]}
    functions = {name for name in inference.__all__ if inspect.isfunction(getattr(inference, name))}
    assert rows == functions - readers - safe - planned - checked
