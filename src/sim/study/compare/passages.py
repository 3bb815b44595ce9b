"""The paragraphs of the brief of a comparison."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sim.agency import provenance
from sim.errors import Message, _
from sim.evidence import Evidence, Finding
from sim.language import own_text
from sim.language.numbers import number, rupiah_short
from sim.outcomes import OUTCOMES
from sim.report.estimate import Estimate
from sim.report.evidence import distinct, doubt, findings
from sim.report.format import difference, interval
from sim.report.names import FINDING_UNITS, GRADE_NAMES
from sim.report.plain import Plain, inside, labels, listed
from sim.study.compare import estimates
from sim.study.compare.answer import Answer, level, size
from sim.study.compare.cost_effectiveness import cost_effectiveness
from sim.study.compare.cost_effectiveness_text import price
from sim.study.page import coverage, how_made

if TYPE_CHECKING:
    from sim.study.compare.one_way import OneWay
    from sim.study.compare.result import CompareResult

SAID = 5
"""Side effects named in a sentence; the rest are counted."""

ASSUMED = ("A", "M")
"""Grades of numbers that are not verified at a source: assumed, or from memory."""

AGENCY_TABLES: dict[str, Message] = {
    "agency": _("general figures"),
    "units": _("units"),
    "services": _("services"),
    "demand": _("patterns of demand"),
    "complaints": _("classes of complaints"),
    "programmes": _("programmes"),
    "courses": _("courses"),
    "hours": _("opening hours"),
    "closed_days": _("closed days"),
    "shifts": _("shifts"),
    "work_samples": _("samples of work"),
}
"""Tables of an agency by name."""

BESIDE: dict[str, Message] = {
    "better": _("Other improvements: {what}."),
    "worse": _("Consequences to expect: {what}."),
    "dearer": _("It costs {total} more over {years} years, or {year} per year."),
    "cheaper": _("It costs {total} less over {years} years, or {year} per year."),
    "no_cost": _("There is no extra cost."),
}
"""What else the best policy does, and its price."""


def question(result: CompareResult) -> str:
    """Return the question where the study states none."""
    shown = [name for name in estimates.shown(result) if OUTCOMES[name].better != "none"]
    outcome = inside(OUTCOMES[shown[0]].label) if shown else _("service")
    return str(_("Which policy improves {outcome} in {agency}?", outcome=outcome, agency=result.agency.label))


def beside(answer: Answer, result: CompareResult, voice: Plain) -> list[str]:
    """Return what else the best policy does, for better and for worse, and its price."""
    if answer.verdict not in ("best", "only", "tie", "sign"):
        return []
    texts = []
    for key, names in (("better", answer.better), ("worse", answer.worse)):
        rows = [(name, estimates.differences(result, name)[answer.policy]) for name in names]
        said = rows if len(rows) == SAID + 1 else rows[:SAID]
        parts = [f"{inside(OUTCOMES[name].label)} ({{}})" for name, __ in said]
        if len(rows) > len(said):
            parts.append(str(_("{count} other outcomes", count=len(rows) - len(said))))
        if parts:
            what = voice.fill(listed(parts), [size(name, e, voice) for name, e in said])
            texts.append(voice.say(BESIDE[key].filled(what=what)))
    if not answer.worse:
        texts.append(voice.say(_("None of the other outcomes examined gets worse by 1% or more.")))
    price = estimates.extra_cost(result)[answer.policy]
    years = result.manifest["study"]["years"]
    kind = "dearer" if price.mean > 0 else "cheaper" if price.mean < 0 else "no_cost"
    cost = BESIDE[kind].filled(
        total=_money(abs(price.mean), price, voice),
        year=_money(abs(price.mean) / years, price, voice),
        years=years,
    )
    return [*texts, voice.say(cost)]


def _money(amount: float, price: Estimate, voice: Plain) -> str:
    return voice.number(rupiah_short(amount), price, interval("cost", price))


def prices(result: CompareResult, outcome: str, voice: Plain) -> list[dict[str, str]]:
    """Return what each policy costs more, and the unit cost of an improvement where the improvement is clear."""
    if not outcome:
        return []
    names = labels(result.policies)
    costs = estimates.extra_cost(result)
    priced = {row.policy: row for row in cost_effectiveness(result, outcome).itertuples()}
    days = result.costs.groupby(["policy"], observed=True)["officer_days"].sum() / result.replications
    return [
        {
            "policy": names[name],
            "extra": _money(costs[name].mean, costs[name], voice),
            "per": price(priced[name], voice),
            "days": number(float(days.get(name, 0.0) - days.get(result.baseline, 0.0)), 0),
        }
        for name in estimates.ranked(result, outcome)
    ]


def risk(result: CompareResult, answer: Answer, voice: Plain) -> str:
    """Return in how many replications the best policy did better, and the worst; empty where nothing is compared."""
    if not answer.policy:
        return ""
    runs = estimates.paired_by_replication(result, answer.outcome)[answer.policy].dropna()
    gains = runs if OUTCOMES[answer.outcome].better == "high" else -runs
    names = voice.names(result.policies)
    e = answer.effect
    worst = difference(answer.outcome, float(runs[gains.idxmin()]), half=e.half)
    return voice.say(
        _(
            "{policy} did better than {baseline} in {better} of {n} replications; in the worst "
            "replication, {outcome} changed by {least}.",
            better=int((gains > 0).sum()),
            n=len(runs),
            policy=names[answer.policy],
            baseline=names[result.baseline],
            least=voice.number(worst, e, interval(answer.outcome, e)),
            outcome=inside(OUTCOMES[answer.outcome].label),
        )
    )


def how_sure(result: CompareResult, answer: Answer, voice: Plain) -> list[str]:
    """Return what the intervals leave out."""
    scenario = result.scenario
    texts = [coverage(voice, scenario.preset, future=scenario.future is not None)]
    busy = _utilisation(result)
    if answer.outcome.startswith("waiting") and busy is not None:
        sensitive = _(
            "Waiting time is very sensitive to the utilisation of officers, here {busy} of "
            "working time. If they are in fact busier, every option changes the queue more; if "
            "they have more slack, less.",
            busy=level("utilisation", busy, voice),
        )
        texts.append(voice.say(sensitive))
    return texts


def fair(result: CompareResult, voice: Plain) -> str:
    """Return under which options ratings clearly become more or less accurate and fair, over the whole agency."""
    from sim.study.compare.figure.shares import FAIRNESS

    names = voice.names(result.policies)
    there = [name for name in FAIRNESS if name in result.runs_summary]
    changes = {name: estimates.differences(result, name) for name in there}
    parts, values = [], []
    for policy in estimates.others(result):
        clear = [(name, rows[policy]) for name, rows in changes.items() if rows[policy].sign]
        if clear:
            parts.append(
                "{} (" + ", ".join(f"{inside(OUTCOMES[name].short)} {{}}" for name, __ in clear) + ")"
            )
            values += [names[policy], *(size(name, e, voice) for name, e in clear)]
    if not parts:
        return voice.say(
            _(
                "For the agency as a whole no option clearly changes the accuracy and fairness of "
                "ratings compared with {baseline}.",
                baseline=names[result.baseline],
            )
        )
    return voice.say(
        _("Clear changes for the agency as a whole: {what}.", what=voice.fill("; ".join(parts), values))
    )


def how_to_read(result: CompareResult, voice: Plain) -> list[str]:
    """Return what a replication and an interval are, and how many comparisons there are."""
    texts = [
        voice.say(
            _(
                "Each option was simulated {n} times (replications); each time the arrival of "
                "citizens, the difficulty of their requests and the presence of officers are drawn "
                "anew. Within a replication all options meet the same random draws, so differences "
                "come from the policy.",
                n=result.replications,
            )
        ),
        voice.say(
            _(
                "A 95% confidence interval (the lower and upper limit of the plausible values) shows "
                "how precisely a difference is known: if the whole computation were repeated, about "
                "95 of 100 intervals would contain the model's true difference. Where the interval "
                "contains zero, the text says “not yet clear”."
            )
        ),
    ]
    count = len(estimates.others(result)) * len(estimates.shown(result))
    if count > 1:
        many = _(
            "This brief has {count} comparisons. The intervals of one outcome hold for all "
            "options at once (Bonferroni), but not for all outcomes at once: of twenty outcomes, "
            "on average at most one interval misses the true value.",
            count=count,
        )
        texts.append(voice.say(many))
    return texts


def _utilisation(result: CompareResult) -> Estimate | None:
    if "utilisation" not in result.runs_summary or result.runs_summary["utilisation"].isna().all():
        return None
    return estimates.levels(result, "utilisation")[result.baseline]


def decides(measured: OneWay, voice: Plain) -> list[str]:
    """Return which finding matters most as measured so far, what it does at its ends, and what was not varied.

    Empty as long as nothing can be said.
    """
    rows = list(measured.table().itertuples())
    policy, outcome = voice.name(measured.policy.label()), inside(OUTCOMES[measured.outcome].label)
    if not measured.findings:
        nothing = _(
            "{policy} rests on no finding whose uncertainty is reported, so there is none to "
            "vary to see which decides {outcome}."
        )
        return [voice.say(nothing.filled(policy=policy, outcome=outcome))]
    if measured.replications < 2:
        return []
    first = rows[0]
    clear = abs(first.swing) > first.half_width
    if not clear and measured.replications < measured.total:
        return []
    if not clear:
        none = _(
            "Measured: none of the {count} findings behind {policy}, at its low or its high end, "
            "moves {outcome} by more than chance."
        )
        texts = [voice.say(none.filled(count=len(rows), policy=policy, outcome=outcome))]
    else:
        names = {row.finding: _named(row.finding, measured, voice) for row in rows}
        tied = [key for key in measured.tied() if abs(_of(rows, key).swing) > _of(rows, key).half_width]
        if len(rows) == 1:
            lead = _(
                "Measured for {policy}: what matters is {finding}, the only finding whose "
                "uncertainty is reported."
            )
        elif tied:
            lead = _(
                "Measured for {policy}: what matters most seems to be {finding}, but it cannot yet "
                "be distinguished from {others}."
            ).filled(others=listed([names[other] for other in tied]))
        else:
            lead = _("Measured for {policy}: what matters most is {finding}.")
        lead = lead.filled(policy=policy, finding=names[first.finding])
        texts = [voice.say(lead), _ends(first, measured, outcome, voice)]
    if measured.replications == measured.total:
        how = _(
            "Each finding was moved on its own to the ends of its range (eight places in ten lie "
            "between them), in {n} replications with the same random draws."
        )
    else:
        how = _(
            "So far, from {n} of {total} replications: each finding is moved on its own to the "
            "ends of its range (eight places in ten lie between them), with the same random "
            "draws."
        ).filled(total=measured.total)
    texts.append(voice.say(how.filled(n=measured.replications)))
    if measured.fixed:
        fixed = _(
            "{count} other findings kept their values: their uncertainty is not reported, or "
            "calibration rests on them.",
            count=len(measured.fixed),
        )
        texts.append(voice.say(fixed))
    return texts


def _of(rows: list[Any], finding: str) -> Any:
    return next(row for row in rows if row.finding == finding)


def _named(key: str, measured: OneWay, voice: Plain) -> str:
    finding = Evidence.load(measured.scenario.preset)[key]
    return voice.finding(inside(own_text(finding)), finding)


def _ends(row: Any, measured: OneWay, outcome: str, voice: Plain) -> str:
    """Return what the difference would be with a finding at its low and at its high end."""
    unit = Evidence.load(measured.scenario.preset)[row.finding].unit
    digits = 0 if max(abs(row.low), abs(row.high)) >= 10 else 2
    half = max(row.half_width, abs(row.swing) / 20)  # decimals enough to see what moved
    at_low, middle, at_high = (
        difference(measured.outcome, x, half=half) for x in (row.at_low, row.middle, row.at_high)
    )
    low, high = (f"{number(x, digits)} {FINDING_UNITS[unit]}" for x in (row.low, row.high))
    return voice.say(
        _(
            "At its low end, {low}, {outcome} would change by {at_low} instead of {middle}; at "
            "its high end, {high}, by {at_high}.",
            low=low,
            high=high,
            outcome=outcome,
            at_low=at_low,
            middle=middle,
            at_high=at_high,
        )
    )


def weakest(result: CompareResult, answer: Answer, voice: Plain) -> list[str]:
    """Return the findings the best policy rests on that are known least, at most three."""
    rows = []
    for finding, titles in _shaky(result, answer)[:3]:
        relative = doubt(finding)
        if math.isfinite(relative) and relative > 0:
            text = _(
                "{finding} (used by {lever}): its size may differ between places by about "
                "±{relative:.0%}. Evidence grade: {grade}."
            ).filled(relative=relative)
        else:
            text = _("{finding} (used by {lever}). Evidence grade: {grade}.")
        name = voice.finding(own_text(finding), finding)
        grade = GRADE_NAMES[finding.grade]
        rows.append(voice.say(text.filled(finding=name, lever=listed(titles), grade=grade)))
    return rows


def _shaky(result: CompareResult, answer: Answer) -> list[tuple[Finding, list[str]]]:
    """Return the findings of the levers in which the policy differs from the baseline, the least known first."""
    chosen = {policy.name: policy for policy in result.policies}
    policy = chosen.get(answer.policy)
    if policy is None:
        return []
    same = chosen[result.baseline].levers
    changed = replace(policy, levers=tuple(lever for lever in policy.levers if lever not in same))
    rows = findings([changed], result.scenario.preset)
    return sorted(rows, key=lambda row: (-_rank(doubt(row[0])), row[0].grade not in ASSUMED))


def _rank(relative: float) -> float:
    return 0.0 if math.isnan(relative) else relative


def to_measure(
    result: CompareResult, answer: Answer, voice: Plain, measured: OneWay | None = None
) -> list[str]:
    """Return what to find out next: the effect measured to matter most, else the least known; unverified figures."""
    first = None if measured is None or measured.replications < 2 else next(measured.table().itertuples())
    texts = []
    if measured is not None and first is not None and abs(first.swing) > first.half_width:
        most = _(
            "The effect that was measured to matter most: {what}. Run a trial in some units, "
            "with randomly chosen units for comparison.",
            what=_named(first.finding, measured, voice),
        )
        texts.append(voice.say(most))
    elif shaky := _shaky(result, answer)[:2]:
        named = [voice.finding(inside(own_text(finding)), finding) for finding, __ in shaky]
        uncertain = _(
            "The most uncertain effects here: {what}. Run a trial in some units, with randomly "
            "chosen units for comparison.",
            what=listed(named),
        )
        texts.append(voice.say(uncertain))
    figures = provenance(result.agency)
    counts = figures.loc[figures["status"].isin(ASSUMED), "table"].value_counts()
    if len(counts):
        unverified = _(
            "{count} of {total} figures about “{agency}” are still assumed or unverified: "
            "{what}. Start with the demand and the working time of each service.",
            what=listed([f"{AGENCY_TABLES[str(table)]} ({n})" for table, n in counts.items()]),
            count=int(counts.sum()),
            total=len(figures),
            agency=result.agency.label,
        )
        texts.append(voice.say(unverified))
    if answer.verdict in ("unknown", "sign"):
        texts.append(
            voice.say(
                _("Run more replications (--replications): narrower intervals may be enough for an answer.")
            )
        )
    return texts


def common_evidence(result: CompareResult, voice: Plain) -> str:
    """Return how much rests on levers that all policies have; empty where nothing does."""
    preset = result.scenario.preset
    own = {finding.key for finding, __ in findings(distinct(result), preset)}
    rest = [finding for finding, __ in findings(result.policies, preset) if finding.key not in own]
    if not rest:
        return ""
    return voice.say(
        _(
            "The actions common to all options rest on {count} other findings, {assumed} of them "
            "assumptions; they are listed in docs/evidence.md.",
            count=len(rest),
            assumed=sum(finding.grade in ASSUMED for finding in rest),
        )
    )


def method(result: CompareResult) -> list[tuple[Message, Message]]:
    """Return how the numbers were made, as pairs of heading and text."""
    model, *rest, made = how_made(result.manifest)
    replications = _(
        "{n} replications of each option; t intervals of paired differences over replications, widened to hold "
        "for all options at once (Bonferroni).",
        n=result.replications,
    )
    rows = [model, (_("Replications"), replications), *rest]
    outcomes = estimates.shown(result)
    saved = _variance_saved(result, outcomes)
    if saved is not None:
        text = _(
            "Common random numbers reduce the variance of differences ({outcome}) by {saved:.0%}, compared with "
            "unpaired replications.",
            saved=saved,
            outcome=inside(OUTCOMES[outcomes[0]].short),
        )
        rows.append((_("Saved by pairing"), text))
    return [*rows, made]


def _variance_saved(result: CompareResult, outcomes: list[str]) -> float | None:
    """Return the share of the variance that common random numbers remove, median over policies, first outcome."""
    if not outcomes:
        return None
    saved = result.table(outcomes[0])["variance_saved"].dropna()
    return None if saved.empty else float(saved.median())
