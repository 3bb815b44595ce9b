"""Claim: the answer in a sentence is no stronger than the data, and says how large, in things citizens can count."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from report_sample import comparison
from scipy.stats import binom

from sim.language import speaking
from sim.report.estimate import Estimate, estimate
from sim.report.plain import Plain
from sim.study.compare.answer import _verdict, answer, in_plain_terms, sentence
from sim.study.compare.estimates import differences, material

QUO = {"status_quo": 0.0}


@pytest.mark.parametrize(
    ("effect", "noise", "verdict", "policy"),
    [
        (QUO | {"feedback": -6.0, "training": -6.0, "both": -11.0}, 8.0, "best", "both"),
        (QUO | {"feedback": -3.0}, 8.0, "only", "feedback"),
        (QUO | {"inspection": 0.0, "feedback": -6.0, "both": -6.3}, 40.0, "tie", "both"),
        (QUO | {"inspection": 0.0, "feedback": 0.0, "training": 0.0}, 8.0, "unknown", "training"),
        (QUO | {"feedback": 5.0, "training": 6.0}, 8.0, "worse", "training"),
        (QUO | {"feedback": 0.0, "training": 0.0}, 0.0, "same", "feedback"),
        (QUO, 8.0, "alone", ""),
    ],
)
def test_verdict(effect: dict[str, float], noise: float, verdict: str, policy: str) -> None:
    found = answer(comparison(effect, noise=noise))
    assert (found.verdict, found.policy) == (verdict, policy)


def _gains(means: list[float], rng: np.random.Generator, n: int = 10) -> pd.DataFrame:
    names = [f"p{i}" for i in range(len(means))]
    return pd.DataFrame(rng.normal(size=(n, len(means))) + means, columns=names)


def test_chance_alone_is_called_better_in_at_most_one_study_of_forty() -> None:
    """Eight useless policies: the widened interval keeps the error of the whole sentence at its one-sided 2.5 %."""
    rng = np.random.default_rng(7)
    studies = 500
    wrong = 0
    for _ in range(studies):
        gains = _gains([0.0] * 8, rng)
        wrong += _verdict(gains, str(gains.mean().idxmax()))[0] in ("best", "tie", "only")
    assert wrong <= binom.ppf(0.999, studies, 0.025)
    assert wrong >= 1  # the rule is strict, not deaf


def test_a_tie_is_hardly_ever_called_a_single_best() -> None:
    rng = np.random.default_rng(8)
    studies = 300
    wrong = 0
    for _ in range(studies):
        gains = _gains([2.0, 2.0, 2.0, 0.0], rng)
        wrong += _verdict(gains, str(gains.mean().idxmax()))[0] == "best"
    assert wrong <= binom.ppf(0.999, studies, 0.1)


def test_a_sign_is_called_a_sign() -> None:
    """Between the single interval and the one that holds for all policies together."""
    rng = np.random.default_rng(9)
    found = {}
    while "sign" not in found:
        gains = _gains([0.8, 0.0, 0.0, 0.0], rng)
        best = str(gains.mean().idxmax())
        found[_verdict(gains, best)[0]] = (
            estimate(gains[best]).low,
            estimate(gains[best], n_intervals=4).low,
        )
    assert found["sign"][0] > 0 >= found["sign"][1]


@pytest.mark.parametrize("lang", ["id", "en"])
def test_the_sentence_tells_size_and_next_best(lang: str) -> None:
    c = comparison()
    found = answer(c)
    with speaking(lang):
        text, plain = sentence(found, c, Plain()), in_plain_terms(found, Plain())
    both = {"id": "Umpan balik warga dan pelatihan TIK", "en": "Citizen feedback and ICT training"}[lang]
    assert f"“{both}”" in text
    size, before, margin = (
        float(x.replace(",", ".")) for x in re.findall(r"(\d+[.,]\d+)\N{NO-BREAK SPACE}m", text)
    )
    assert size == pytest.approx(-differences(c, "waiting_minutes")["both"].mean, abs=0.051)
    assert before == pytest.approx(found.before.mean, abs=0.051)
    assert margin == pytest.approx(-found.margin.mean, abs=0.051)
    assert {"id": "turun", "en": "falls"}[lang] in text
    assert found.second == "feedback"
    hours = round(abs(found.effect.mean) * 1000 / 60)
    assert f"{hours} " in plain


@pytest.mark.parametrize("lang", ["id", "en"])
def test_what_cannot_be_told_is_not_told(lang: str) -> None:
    c = comparison(QUO | {"feedback": 0.0, "training": 0.0})
    found = answer(c)
    with speaking(lang):
        text, plain = sentence(found, c, Plain()), in_plain_terms(found, Plain())
    assert {"id": "Belum dapat disimpulkan", "en": "Not yet clear"}[lang] in text
    assert found.effect.low < 0 < found.effect.high
    assert plain == ""


def test_what_gets_worse_is_found_beyond_the_headline() -> None:
    found = answer(comparison())
    assert "desk_days_lost" in found.worse
    assert "performance" in found.better
    assert "feedback_hours" in found.worse
    assert "waiting_minutes" not in found.better  # it is the answer itself


def test_ties_are_named() -> None:
    c = comparison(QUO | {"inspection": 0.0, "feedback": -6.0, "both": -6.3}, noise=40.0)
    assert "“Monthly feedback from citizens”" in sentence(answer(c), c, Plain())


def test_trifles_are_left_to_the_appendix() -> None:
    """Sure, but less than 1 % of the level: not worth a sentence."""
    c = comparison()
    change, base = differences(c, "officers")["both"], 80.0
    assert change.mean == 0
    assert material(c, "officers", Estimate(12, 0.01 * base, 0.7, 0.9))
    assert not material(c, "officers", Estimate(12, 0.0099 * base, 0.7, 0.9))
