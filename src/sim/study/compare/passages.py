"""The paragraphs of the brief, each made from the comparison it speaks of."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sim.agency import provenance
from sim.errors import _
from sim.evidence import Evidence, Finding
from sim.language.labels import label, short
from sim.language.numbers import number, percent, rupiah_short
from sim.outcomes import OUTCOMES
from sim.report.estimate import Estimate
from sim.report.evidence import distinct, doubt, findings
from sim.report.format import difference, interval
from sim.report.names import FINDING_UNITS, GRADE_NAMES, PRESET_NAMES
from sim.report.plain import Plain, inside, listed
from sim.study.compare import estimates
from sim.study.compare.answer import Answer, level, size
from sim.study.compare.worth import worth
from sim.study.compare.worth_text import price

if TYPE_CHECKING:
    from sim.study.compare.one_way import OneWay
    from sim.study.compare.result import CompareResult

SAID = 5
"""Side effects named in a sentence; the rest are counted."""

ASSUMED = ("A", "M")
"""Grades of numbers that nobody has read in a source: assumed, from memory."""


def question(comparison: CompareResult) -> str:
    """The question where the study states none."""
    shown = [name for name in estimates.shown(comparison) if OUTCOMES[name].better != "none"]
    outcome = inside(label(shown[0])) if shown else str(_("service"))
    return str(
        _("Which policy improves {outcome} in {agency}?", outcome=outcome, agency=comparison.agency.label)
    )


def beside(found: Answer, comparison: CompareResult, voice: Plain) -> list[str]:
    """What else the best policy does, for better and for worse, and its price."""
    if found.verdict not in ("best", "only", "tie", "sign"):
        return []
    texts = []
    for key, names in (("better", found.better), ("worse", found.worse)):
        rows = [(name, estimates.differences(comparison, name)[found.policy]) for name in names]
        said = rows if len(rows) == SAID + 1 else rows[:SAID]
        parts = [f"{inside(label(name))} ({{}})" for name, __ in said]
        if len(rows) > len(said):
            parts.append(str(_("{count} other outcomes", count=len(rows) - len(said))))
        if parts:
            what = voice.fill(listed(parts), [size(name, e, voice) for name, e in said])
            texts.append(voice.say(f"beside.{key}", what=what))
    if not found.worse:
        texts.append(voice.say(_("None of the other outcomes examined gets worse by 1% or more.")))
    price = estimates.extra_cost(comparison)[found.policy]
    years = comparison.manifest["study"]["years"]
    kind = "dearer" if price.mean > 0 else "cheaper" if price.mean < 0 else "no_cost"
    texts.append(
        voice.say(
            f"beside.{kind}",
            total=_money(abs(price.mean), price, voice),
            year=_money(abs(price.mean) / years, price, voice),
            years=years,
        )
    )
    return texts


def _money(amount: float, price: Estimate, voice: Plain) -> str:
    return voice.number(rupiah_short(amount), price, interval("cost", price))


def prices(comparison: CompareResult, outcome: str, voice: Plain) -> list[dict[str, str]]:
    """What each policy costs more, and what a unit of improvement comes to where the improvement is sure."""
    if not outcome:
        return []
    names = {policy.name: policy.label() for policy in comparison.policies}
    costs = estimates.extra_cost(comparison)
    found = {row.policy: row for row in worth(comparison, outcome).itertuples()}
    days = comparison.costs.groupby(["policy"], observed=True)["officer_days"].sum() / comparison.replications
    return [
        {
            "policy": names[name],
            "extra": _money(costs[name].mean, costs[name], voice),
            "per": price(found[name], voice),
            "days": number(float(days.get(name, 0.0) - days.get(comparison.baseline, 0.0)), 0),
        }
        for name in estimates.ranked(comparison, outcome)
    ]


def risk(comparison: CompareResult, found: Answer, voice: Plain) -> str:
    """In how many replications the best policy did better, and the least it did; empty where nothing is compared."""
    if not found.policy:
        return ""
    runs = estimates.paired_by_replication(comparison, found.outcome)[found.policy].dropna()
    gains = runs if OUTCOMES[found.outcome].better == "high" else -runs
    names = {policy.name: voice.name(policy.label()) for policy in comparison.policies}
    least = float(runs[gains.idxmin()])
    e = found.effect
    return voice.say(
        _(
            "{policy} did better than {baseline} in {better} of {n} replications; in the worst "
            "replication, {outcome} changed by {least}.",
            better=int((gains > 0).sum()),
            n=len(runs),
            policy=names[found.policy],
            baseline=names[comparison.baseline],
            least=voice.number(
                difference(found.outcome, least, half=e.half),
                e,
                interval(found.outcome, e),
            ),
            outcome=inside(str(OUTCOMES[found.outcome].label)),
        )
    )


def how_sure(comparison: CompareResult, found: Answer, voice: Plain) -> list[str]:
    """What the intervals leave out."""
    scenario = comparison.scenario
    preset = str(PRESET_NAMES[scenario.preset])
    texts = [
        voice.say(
            (
                _(
                    "The interval covers random variation only. Each action's effect is set to the mean "
                    "of its evidence (evidence weighting: {preset}); the uncertainty of the evidence is "
                    "not included, so reality may differ by more than the width of the interval."
                )
                if scenario.future is None
                else _(
                    "Each action's effect was drawn once from its evidence (evidence weighting: "
                    "{preset}) and is the same in all replications: this is one possible scenario of "
                    "many."
                )
            ).filled(preset=preset)
        )
    ]
    busy = _utilisation(comparison)
    if found.outcome.startswith("waiting") and busy is not None:
        texts.append(
            voice.say(
                _(
                    "Waiting time is very sensitive to the utilisation of officers, here {busy} of "
                    "working time. If they are in fact busier, every option changes the queue more; if "
                    "they have more slack, less.",
                    busy=level("utilisation", busy, voice),
                )
            )
        )
    return texts


def fair(comparison: CompareResult, voice: Plain) -> str:
    """Under which options it is sure, over the whole agency, that ratings become truer and fairer or less so."""
    from sim.study.compare.figure.shares import FAIRNESS

    names = {policy.name: voice.name(policy.label()) for policy in comparison.policies}
    there = [name for name in FAIRNESS if name in comparison.runs_summary]
    found = {name: estimates.differences(comparison, name) for name in there}
    parts, values = [], []
    for policy in estimates.others(comparison):
        sure = [(name, rows[policy]) for name, rows in found.items() if rows[policy].sign]
        if sure:
            parts.append(
                "{} (" + ", ".join(f"{inside(str(OUTCOMES[name].short))} {{}}" for name, __ in sure) + ")"
            )
            values += [names[policy], *(size(name, e, voice) for name, e in sure)]
    if not parts:
        return voice.say(
            _(
                "For the agency as a whole no option clearly changes the accuracy and fairness of "
                "ratings compared with {baseline}.",
                baseline=names[comparison.baseline],
            )
        )
    return voice.say(
        _("Clear changes for the agency as a whole: {what}.", what=voice.fill("; ".join(parts), values))
    )


def how_to_read(comparison: CompareResult, voice: Plain) -> list[str]:
    """What a replication and an interval are, and how many comparisons there are."""
    texts = [
        voice.say(
            _(
                "Each option was simulated {n} times (replications); each time the arrival of "
                "citizens, the difficulty of their requests and the presence of officers are drawn "
                "anew. Within a replication all options meet the same random draws, so differences "
                "come from the policy.",
                n=comparison.replications,
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
    count = len(estimates.others(comparison)) * len(estimates.shown(comparison))
    return (
        [
            *texts,
            voice.say(
                _(
                    "This brief has {count} comparisons. The intervals of one outcome hold for all "
                    "options at once (Bonferroni), but not for all outcomes at once: of twenty outcomes, "
                    "on average at most one interval misses the true value.",
                    count=count,
                )
            ),
        ]
        if count > 1
        else texts
    )


def _utilisation(comparison: CompareResult) -> Estimate | None:
    if "utilisation" not in comparison.runs_summary or comparison.runs_summary["utilisation"].isna().all():
        return None
    return estimates.levels(comparison, "utilisation")[comparison.baseline]


def decides(measured: OneWay, voice: Plain) -> list[str]:
    """Which finding matters most, as measured so far: the one, what it does at its ends, and what was not varied.

    Empty as long as nothing can be said.
    """
    rows = list(measured.table().itertuples())
    policy = voice.name(measured.policy.label())
    if not measured.findings:
        return [
            voice.say(
                _(
                    "{policy} rests on no finding whose uncertainty is reported, so there is none to "
                    "vary to see which decides {outcome}.",
                    policy=policy,
                    outcome=inside(str(OUTCOMES[measured.outcome].label)),
                )
            )
        ]
    if measured.replications < 2:
        return []
    first, outcome = rows[0], inside(str(OUTCOMES[measured.outcome].label))
    names = {row.finding: _named(row.finding, measured, voice) for row in rows}
    sure = abs(first.swing) > first.half_width
    if not sure and measured.replications < measured.total:
        return []
    if not sure:
        texts = [
            voice.say(
                _(
                    "Measured: none of the {count} findings behind {policy}, at its low or its high end, "
                    "moves {outcome} by more than chance.",
                    policy=policy,
                    count=len(rows),
                    outcome=outcome,
                )
            )
        ]
    else:
        tied = [key for key in measured.tied() if abs(_of(rows, key).swing) > _of(rows, key).half_width]
        others = listed([names[other] for other in tied])
        most = {"policy": policy, "finding": names[first.finding]}
        if len(rows) == 1:
            lead = voice.say(
                _(
                    "Measured for {policy}: what matters is {finding}, the only finding whose "
                    "uncertainty is reported."
                ).filled(**most)
            )
        elif tied:
            lead = voice.say(
                _(
                    "Measured for {policy}: what matters most seems to be {finding}, but it cannot yet "
                    "be distinguished from {others}.",
                    others=others,
                ).filled(**most)
            )
        else:
            lead = voice.say(_("Measured for {policy}: what matters most is {finding}.").filled(**most))
        texts = [lead, _ends(first, measured, outcome, voice)]
    how = {"n": measured.replications, "total": measured.total}
    texts.append(
        voice.say(
            (
                _(
                    "Each finding was moved on its own to the ends of its range (eight places in ten lie "
                    "between them), in {n} replications with the same random draws."
                )
                if measured.replications == measured.total
                else _(
                    "So far, from {n} of {total} replications: each finding is moved on its own to the "
                    "ends of its range (eight places in ten lie between them), with the same random "
                    "draws."
                )
            ).filled(**how)
        )
    )
    if measured.fixed:
        texts.append(
            voice.say(
                _(
                    "{count} other findings kept their values: their uncertainty is not reported, or "
                    "calibration rests on them.",
                    count=len(measured.fixed),
                )
            )
        )
    return texts


def _of(rows: list[Any], finding: str) -> Any:
    return next(row for row in rows if row.finding == finding)


def _named(key: str, measured: OneWay, voice: Plain) -> str:
    finding = Evidence.load(measured.scenario.preset)[key]
    return voice.finding(inside(finding.label_id if voice.lang == "id" else finding.label_en), finding)


def _ends(row: Any, measured: OneWay, outcome: str, voice: Plain) -> str:
    """What the difference would be with a finding at its low and at its high end."""
    unit = Evidence.load(measured.scenario.preset)[row.finding].unit
    digits = 0 if max(abs(row.low), abs(row.high)) >= 10 else 2
    half = max(row.half_width, abs(row.swing) / 20)  # decimals enough to see what moved
    said = {x: difference(measured.outcome, getattr(row, x), half=half) for x in _PLACES}
    low, high = (f"{number(x, digits)} {FINDING_UNITS[unit]!s}" for x in (row.low, row.high))
    return voice.say(
        _(
            "At its low end, {low}, {outcome} would change by {at_low} instead of {middle}; at "
            "its high end, {high}, by {at_high}.",
            low=low,
            high=high,
            outcome=outcome,
        ).filled(**said)
    )


_PLACES = ("at_low", "middle", "at_high")


def weakest(comparison: CompareResult, found: Answer, voice: Plain) -> list[str]:
    """The findings the best policy leans on that are known least, at most three."""
    rows = []
    for finding, titles in _shaky(comparison, found)[:3]:
        name = finding.label_id if voice.lang == "id" else finding.label_en
        relative = doubt(finding)
        rows.append(
            voice.say(
                (
                    _(
                        "{finding} (used by {lever}): its size may differ between places by about "
                        "±{relative}. Evidence grade: {grade}."
                    )
                    if math.isfinite(relative) and relative > 0
                    else _("{finding} (used by {lever}). Evidence grade: {grade}.")
                ).filled(
                    finding=voice.finding(name, finding),
                    relative=percent(relative, 0),
                    lever=listed(titles),
                    grade=str(GRADE_NAMES[finding.grade]),
                )
            )
        )
    return rows


def _shaky(comparison: CompareResult, found: Answer) -> list[tuple[Finding, list[str]]]:
    """Findings of the levers in which the policy differs from the baseline, the least known first."""
    chosen = {policy.name: policy for policy in comparison.policies}
    policy = chosen.get(found.policy)
    if policy is None:
        return []
    same = chosen[comparison.baseline].levers
    changed = replace(policy, levers=tuple(lever for lever in policy.levers if lever not in same))
    rows = findings([changed], comparison.scenario.preset)
    return sorted(rows, key=lambda row: (-_rank(doubt(row[0])), row[0].grade not in ASSUMED))


def _rank(relative: float) -> float:
    return 0.0 if math.isnan(relative) else relative


def to_measure(
    comparison: CompareResult, found: Answer, voice: Plain, measured: OneWay | None = None
) -> list[str]:
    """What to find out next: the effect measured to matter most, else those known least; figures nobody has read."""
    first = None if measured is None or measured.replications < 2 else next(measured.table().itertuples())
    if measured is not None and first is not None and abs(first.swing) > first.half_width:
        texts = [
            voice.say(
                _(
                    "The effect that was measured to matter most: {what}. Run a trial in some units, "
                    "with randomly chosen units for comparison.",
                    what=_named(first.finding, measured, voice),
                )
            )
        ]
    else:
        named = [
            voice.finding(inside(f.label_id if lang == "id" else f.label_en), f)
            for f, __ in _shaky(comparison, found)[:2]
        ]
        texts = (
            [
                voice.say(
                    _(
                        "The most uncertain effects here: {what}. Run a trial in some units, with randomly "
                        "chosen units for comparison.",
                        what=listed(named),
                    )
                )
            ]
            if named
            else []
        )
    figures = provenance(comparison.agency)
    counts = figures.loc[figures["status"].isin(ASSUMED), "table"].value_counts()
    if len(counts):
        what = listed([f"{label(f'agency.{table}')} ({n})" for table, n in counts.items()])
        known = {"count": int(counts.sum()), "total": len(figures), "agency": comparison.agency.label}
        texts.append(
            voice.say(
                _(
                    "{count} of {total} figures about “{agency}” are still assumed or unverified: "
                    "{what}. Start with the demand and the working time of each service.",
                    what=what,
                ).filled(**known)
            )
        )
    if found.verdict in ("unknown", "sign"):
        texts.append(
            voice.say(
                _("Run more replications (--replications): narrower intervals may be enough for an answer.")
            )
        )
    return texts


def common_evidence(comparison: CompareResult, voice: Plain) -> str:
    """How much rests on levers that all policies have; empty where nothing does."""
    preset = comparison.scenario.preset
    own = {finding.key for finding, __ in findings(distinct(comparison), preset)}
    rest = [f for f, __ in findings(comparison.policies, preset) if f.key not in own]
    assumed = sum(finding.grade in ASSUMED for finding in rest)
    return (
        voice.say(
            _(
                "The actions common to all options rest on {count} other findings, {assumed} of them "
                "assumptions; they are listed in docs/evidence.md.",
                count=len(rest),
                assumed=assumed,
            )
        )
        if rest
        else ""
    )


def method(comparison: CompareResult, voice: Plain) -> list[tuple[str, str]]:
    """How the numbers were made, as pairs of heading and text."""
    manifest, scenario = comparison.manifest, comparison.scenario
    outcomes = estimates.shown(comparison)
    say = voice.say
    rows = [
        (str(_("Model")), say("method.model.text")),
        (str(_("Replications")), say("method.replications.text", n=comparison.replications)),
        (str(_("Common random numbers")), say("method.luck.text", seed=manifest["study"]["seed"])),
        (str(_("Burn-in")), say("method.burn_in.text", months=scenario.burn_in)),
        (str(_("Evidence weighting")), say(f"preset.{scenario.preset}.text")),
    ]
    saved = _variance_saved(comparison, outcomes)
    if saved is not None:
        rows.append(
            (
                str(_("Saved by pairing")),
                say(
                    "method.saved.text",
                    saved=percent(saved, 0),
                    outcome=inside(short(outcomes[0])),
                ),
            )
        )
    version = manifest.get("versions", {}).get("kinerja-lab", "")
    commit = manifest.get("commit") or {}
    where = commit.get("hash", "")[:12] + ("+" if commit.get("dirty") else "")
    rows.append(
        (
            str(_("Study id")),
            say("method.made.text", id=manifest["id"], version=version or "–", commit=where or "–"),
        )
    )
    return rows


def _variance_saved(comparison: CompareResult, outcomes: list[str]) -> float | None:
    """Share of the variance that common random numbers took away, median over policies, for the first outcome."""
    if not outcomes:
        return None
    saved = comparison.table(outcomes[0])["variance_saved"].dropna()
    return None if saved.empty else float(saved.median())
