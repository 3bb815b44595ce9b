"""The answer in a sentence, no surer than the intervals allow.

A policy is called better only if its interval excludes zero after being widened for the number of policies looked
at; it is called the best only if it also beats each of the others, pair by pair. Short of that the sentence says
so: only a sign, a tie, or that it cannot be told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pandas as pd

from sim.language.labels import label
from sim.language.numbers import number
from sim.outcomes import OUTCOMES
from sim.report.estimate import Estimate, estimate
from sim.report.format import difference, interval, level_interval, value
from sim.report.plain import Plain, inside, listed
from sim.study.compare import estimates

if TYPE_CHECKING:
    from sim.study.compare.result import CompareResult

Verdict = Literal["alone", "nothing", "same", "worse", "unknown", "sign", "tie", "only", "best"]

_SAID_ELSEWHERE = ("cost", *(f"u{i}" for i in range(1, 10)))
"""Money has a sentence of its own, and the nine elements make up the IKM."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What can be said about the outcome that decides.

    Attributes
    ----------
    outcome : str
        The outcome that decides: the first one shown.
    verdict : str
        ``best``: better than the baseline and than every other; ``only``: the same with one policy to look at;
        ``tie``: better than the baseline, not told apart from those in `ties`; ``sign``: better by its own
        interval but not by the wider one; ``unknown``; ``worse``: all are worse; ``same``: no difference at all
        in any run; ``alone``: nothing to compare; ``nothing``: no value.
    policy : str
        The best policy, or the one that looks best ("" where there is none).
    effect : Estimate
        Its difference from the baseline.
    before : Estimate
        The outcome under the baseline.
    ties : tuple of str
        Policies not told apart from `policy`.
    second : str
        The next best policy, where `policy` is surely the best.
    margin : Estimate
        `policy` minus `second`, pair by pair.
    better, worse : tuple of str
        Other outcomes that `policy` surely and noticeably improves (of those shown) or worsens (of all).
    """

    outcome: str
    verdict: Verdict
    policy: str
    effect: Estimate
    before: Estimate
    margin: Estimate
    second: str = ""
    ties: tuple[str, ...] = ()
    better: tuple[str, ...] = ()
    worse: tuple[str, ...] = ()


def answer(comparison: CompareResult) -> Answer:
    """Read the verdict from a comparison."""
    none = estimate(())
    outcomes = [name for name in estimates.shown(comparison) if OUTCOMES[name].better != "none"]
    if not outcomes:
        return Answer("", "nothing", "", none, none, none)
    outcome = outcomes[0]
    before = estimates.levels(comparison, outcome)[comparison.baseline]
    runs = estimates.paired_by_replication(comparison, outcome)
    if runs.empty:
        return Answer(outcome, "alone", "", none, before, none)
    gains = runs if OUTCOMES[outcome].better == "high" else -runs
    best = str(gains.mean().idxmax())
    verdict, ties = _verdict(gains, best)
    effect = estimate(runs[best])
    second = str(gains.drop(columns=best).mean().idxmax()) if verdict == "best" else ""
    moved = {}
    for name in dict.fromkeys([*outcomes, *OUTCOMES]):
        if name not in (outcome, *_SAID_ELSEWHERE) and name in comparison.summary:
            change = estimates.differences(comparison, name)[best]
            if estimates.goodness(name, change) and estimates.material(comparison, name, change):
                moved[name] = estimates.goodness(name, change)
    return Answer(
        outcome,
        verdict,
        best,
        effect,
        before,
        estimate(runs[best] - runs[second]) if second else none,
        second,
        ties,
        better=tuple(name for name, sign in moved.items() if sign > 0 and name in outcomes),
        worse=tuple(name for name, sign in moved.items() if sign < 0),
    )


def _verdict(gains: pd.DataFrame, best: str) -> tuple[Verdict, tuple[str, ...]]:
    """Verdict and ties from gains: a row per replication, a column per policy, more is better."""
    count = len(gains.columns)
    if (gains.dropna() == 0).to_numpy().all():
        return "same", ()
    if estimate(gains[best], together=count).low > 0:
        if count == 1:
            return "only", ()
        rivals = [name for name in gains if name != best]
        ties = tuple(
            str(name)
            for name in rivals
            if not estimate(gains[best] - gains[name], together=count - 1).low > 0
        )
        return ("tie", ties) if ties else ("best", ())
    if estimate(gains[best]).sign > 0:
        return "sign", ()
    if all(estimate(gains[name]).sign < 0 for name in gains):
        return "worse", ()
    return "unknown", ()


def sentence(found: Answer, comparison: CompareResult, voice: Plain) -> str:
    """The answer in a sentence."""
    lang = voice.lang
    names = {policy.name: voice.name(policy.label(lang)) for policy in comparison.policies}
    if found.verdict in ("nothing", "alone"):
        return voice.say(f"answer.{found.verdict}", policy=names[comparison.baseline])
    return voice.say(
        f"answer.{found.verdict}",
        policy=names[found.policy],
        baseline=names[comparison.baseline],
        outcome=inside(label(found.outcome, lang)),
        moves=label("answer.falls" if found.effect.mean < 0 else "answer.rises", lang),
        size=size(found.outcome, found.effect, voice, signed=False),
        before=level(found.outcome, found.before, voice),
        interval=voice.number(ends := interval(found.outcome, found.effect, lang=lang), found.effect, ends),
        second=names.get(found.second, ""),
        margin=size(found.outcome, found.margin, voice, signed=False),
        ties=listed([names[name] for name in found.ties], lang),
        count=len(names) - 1,
    )


def size(outcome: str, e: Estimate, voice: Plain, signed: bool = True, decimals: int | None = None) -> str:
    """A difference as it stands in a sentence."""
    text = difference(outcome, e.mean, signed=signed, half=e.half, lang=voice.lang)
    return voice.number(text, e, interval(outcome, e, lang=voice.lang))


def level(outcome: str, e: Estimate, voice: Plain) -> str:
    """A level as it stands in a sentence."""
    return voice.number(
        value(outcome, e.mean, lang=voice.lang), e, level_interval(outcome, e, lang=voice.lang)
    )


_COUNTED = {
    "waiting_minutes": 1000 / 60,
    "error_rate": 1000.0,
    "complaints_in_time": 100.0,
    "performance": 20.0,
}
"""Outcome -> what a unit of it comes to: hours in 1,000 visits, cases in 1,000 or 100, per cent of output."""


def in_plain_terms(found: Answer, voice: Plain) -> str:
    """What the size means for citizens, in things one can count; empty where it is not sure or has no such image."""
    if found.verdict not in ("only", "best", "tie") or found.outcome not in _COUNTED:
        return ""
    e = found.effect
    count = number(abs(e.mean) * _COUNTED[found.outcome], 0, lang=voice.lang)
    more = label("answer.more" if e.mean > 0 else "answer.fewer", voice.lang)
    return voice.say(
        f"plain.{found.outcome}",
        count=voice.number(count, e, interval(found.outcome, e, lang=voice.lang)),
        more=more,
    )
