"""The answer in a sentence, no stronger than the intervals allow.

A policy is called better only if its interval excludes zero after being widened for the number of policies compared;
it is called the best only if it also beats each of the others, pair by pair. Short of that the sentence says so:
only a sign, a tie, or not yet clear.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pandas as pd

from sim.errors import Message, _
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
    """What the study says about the outcome that decides.

    Attributes
    ----------
    outcome : str
        The outcome that decides: the first one shown.
    verdict : str
        ``best``: better than the baseline and than every other; ``only``: better than the baseline, and there is no
        other; ``tie``: better than the baseline, not distinguishable from those in `ties`; ``sign``: better by its own
        interval but not by the wider one; ``unknown``; ``worse``: all are worse; ``same``: no difference at all
        in any run; ``alone``: nothing to compare; ``nothing``: no value.
    policy : str
        The best policy, or the one that looks best ("" where there is none).
    effect : Estimate
        Its difference from the baseline.
    before : Estimate
        The outcome under the baseline.
    ties : tuple of str
        Policies not distinguishable from `policy`.
    second : str
        The next best policy, where `policy` is clearly the best.
    margin : Estimate
        `policy` minus `second`, pair by pair.
    better, worse : tuple of str
        Other outcomes that `policy` clearly and noticeably improves (of those shown) or worsens (of all).
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


def answer(result: CompareResult) -> Answer:
    """Return the answer of a comparison."""
    none = estimate(())
    outcomes = [name for name in estimates.shown(result) if OUTCOMES[name].better != "none"]
    if not outcomes:
        return Answer("", "nothing", "", none, none, none)
    outcome = outcomes[0]
    before = estimates.levels(result, outcome)[result.baseline]
    runs = estimates.paired_by_replication(result, outcome)
    if runs.empty:
        return Answer(outcome, "alone", "", none, before, none)
    gains = runs if OUTCOMES[outcome].better == "high" else -runs
    best = str(gains.mean().idxmax())
    verdict, ties = _verdict(gains, best)
    effect = estimate(runs[best])
    second = str(gains.drop(columns=best).mean().idxmax()) if verdict == "best" else ""
    moved = {}
    for name in dict.fromkeys([*outcomes, *OUTCOMES, *result.own_outcomes]):
        if name not in (outcome, *_SAID_ELSEWHERE) and name in result.runs_summary:
            change = estimates.differences(result, name)[best]
            if estimates.goodness(name, change) and estimates.material(result, name, change):
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
    """Return verdict and ties from gains: one row per replication, one column per policy, more is better."""
    count = len(gains.columns)
    if (gains.dropna() == 0).to_numpy().all():
        return "same", ()
    if estimate(gains[best], n_intervals=count).low > 0:
        if count == 1:
            return "only", ()
        rivals = [name for name in gains if name != best]
        ties = tuple(
            str(name)
            for name in rivals
            if not estimate(gains[best] - gains[name], n_intervals=count - 1).low > 0
        )
        return ("tie", ties) if ties else ("best", ())
    if estimate(gains[best]).sign > 0:
        return "sign", ()
    if all(estimate(gains[name]).sign < 0 for name in gains):
        return "worse", ()
    return "unknown", ()


ANSWERS: dict[Verdict, Message] = {
    "best": _(
        "{policy} does best: {outcome} {moves} by {size} from {before}. That is {margin} better than the next "
        "option, {second}."
    ),
    "only": _("{policy} brings an improvement: {outcome} {moves} by {size} from {before}."),
    "tie": _(
        "{policy} looks best: {outcome} {moves} by {size} from {before}. However, it cannot yet be distinguished "
        "from {ties}."
    ),
    "sign": _(
        "There is a sign, but it is not clear yet: under {policy}, {outcome} {moves} by {size} (95% interval: "
        "{interval}). With {count} options compared at once, it may still be chance."
    ),
    "unknown": _(
        "Not yet clear. No option clearly improves {outcome}; the one that looks best, {policy}, changes it by "
        "{interval}."
    ),
    "worse": _(
        "No option is better than {baseline}: {outcome} worsens under all of them. Under the mildest, {policy}, it "
        "changes by {interval}."
    ),
    "same": _(
        "There is no difference: {outcome} is exactly the same under every option in every replication."
    ),
    "alone": _("Only {baseline} was simulated, so there is nothing to compare it with."),
    "nothing": _("This study has no outcome that can be judged."),
}
"""The answer by verdict."""


def sentence(answer: Answer, result: CompareResult, voice: Plain) -> str:
    """Return the answer in a sentence."""
    names = voice.names(result.policies)
    text = ANSWERS[answer.verdict]
    if answer.verdict in ("nothing", "alone"):
        return voice.say(text.filled(baseline=names[result.baseline]))
    ends = interval(answer.outcome, answer.effect)
    return voice.say(
        text.filled(
            policy=names[answer.policy],
            baseline=names[result.baseline],
            outcome=inside(OUTCOMES[answer.outcome].label),
            moves=_("falls") if answer.effect.mean < 0 else _("rises"),
            size=size(answer.outcome, answer.effect, voice, signed=False),
            before=level(answer.outcome, answer.before, voice),
            interval=voice.number(ends, answer.effect, ends),
            second=names.get(answer.second, ""),
            margin=size(answer.outcome, answer.margin, voice, signed=False),
            ties=listed([names[name] for name in answer.ties]),
            count=len(names) - 1,
        )
    )


def size(outcome: str, e: Estimate, voice: Plain, *, signed: bool = True) -> str:
    """Return a difference as it stands in a sentence."""
    return voice.number(difference(outcome, e.mean, signed=signed, half=e.half), e, interval(outcome, e))


def level(outcome: str, e: Estimate, voice: Plain) -> str:
    """Return a level as it stands in a sentence."""
    return voice.number(value(outcome, e.mean), e, level_interval(outcome, e))


COUNTED: dict[str, tuple[float, Message]] = {
    "waiting_minutes": (1000 / 60, _("In every 1,000 visits, citizens wait {count} {more} hours in total.")),
    "error_rate": (
        1000.0,
        _("In every 1,000 services, {count} {more} have an error and must be done again."),
    ),
    "complaints_in_time": (100.0, _("Of every 100 complaints, {count} {more} are resolved in time.")),
    "performance": (20.0, _("That is roughly {count}% {more} output from each officer.")),
}
"""Outcome -> what one unit of it comes to in things that can be counted, and the sentence that says so."""


def in_plain_terms(answer: Answer, voice: Plain) -> str:
    """Return what the size means in things one can count; empty where it is not clear or cannot be counted."""
    if answer.verdict not in ("only", "best", "tie") or answer.outcome not in COUNTED:
        return ""
    e, (factor, text) = answer.effect, COUNTED[answer.outcome]
    count = voice.number(number(abs(e.mean) * factor, 0), e, interval(answer.outcome, e))
    return voice.say(text.filled(count=count, more=_("more") if e.mean > 0 else _("fewer")))
