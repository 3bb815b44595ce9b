"""The paragraphs of the brief, each made from the comparison it speaks of."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sim.agency import provenance
from sim.evidence import Evidence, Finding
from sim.language.labels import label, short
from sim.language.numbers import number, percent, rupiah_short
from sim.outcomes import OUTCOMES
from sim.report.estimate import Estimate
from sim.report.evidence import distinct, doubt, findings
from sim.report.format import difference, interval
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


def question(comparison: CompareResult, lang: str) -> str:
    """The question where the study states none."""
    shown = [name for name in estimates.shown(comparison) if OUTCOMES[name].better != "none"]
    outcome = inside(label(shown[0], lang)) if shown else label("brief.outcomes", lang)
    return label("brief.question", lang, outcome=outcome, agency=comparison.agency.label)


def beside(found: Answer, comparison: CompareResult, voice: Plain) -> list[str]:
    """What else the best policy does, for better and for worse, and its price."""
    if found.verdict not in ("best", "only", "tie", "sign"):
        return []
    lang, texts = voice.lang, []
    for key, names in (("better", found.better), ("worse", found.worse)):
        rows = [(name, estimates.differences(comparison, name)[found.policy]) for name in names]
        said = rows if len(rows) == SAID + 1 else rows[:SAID]
        parts = [f"{inside(label(name, lang))} ({{}})" for name, _ in said]
        if len(rows) > len(said):
            parts.append(label("beside.more", lang, count=len(rows) - len(said)))
        if parts:
            what = voice.fill(listed(parts, lang), [size(name, e, voice) for name, e in said])
            texts.append(voice.say(f"beside.{key}", what=what))
    if not found.worse:
        texts.append(voice.say("beside.nothing_worse"))
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
    return voice.number(
        rupiah_short(amount, lang=voice.lang), price, interval("cost", price, lang=voice.lang)
    )


def prices(comparison: CompareResult, outcome: str, voice: Plain) -> list[dict[str, str]]:
    """What each policy costs more, and what a unit of improvement comes to where the improvement is sure."""
    if not outcome:
        return []
    names = {policy.name: policy.label(voice.lang) for policy in comparison.policies}
    costs = estimates.extra_cost(comparison)
    found = {row.policy: row for row in worth(comparison, outcome).itertuples()}
    days = comparison.costs.groupby(["policy"], observed=True)["officer_days"].sum() / comparison.replications
    return [
        {
            "policy": names[name],
            "extra": _money(costs[name].mean, costs[name], voice),
            "per": price(found[name], voice),
            "days": number(
                float(days.get(name, 0.0) - days.get(comparison.baseline, 0.0)), 0, lang=voice.lang
            ),
        }
        for name in estimates.ranked(comparison, outcome)
    ]


def risk(comparison: CompareResult, found: Answer, voice: Plain) -> str:
    """In how many replications the best policy did better, and the least it did; empty where nothing is compared."""
    if not found.policy:
        return ""
    runs = estimates.paired_by_replication(comparison, found.outcome)[found.policy].dropna()
    gains = runs if OUTCOMES[found.outcome].better == "high" else -runs
    names = {policy.name: voice.name(policy.label(voice.lang)) for policy in comparison.policies}
    least = float(runs[gains.idxmin()])
    e = found.effect
    return voice.say(
        "risk.chance",
        better=int((gains > 0).sum()),
        n=len(runs),
        policy=names[found.policy],
        baseline=names[comparison.baseline],
        least=voice.number(
            difference(found.outcome, least, half=e.half, lang=voice.lang),
            e,
            interval(found.outcome, e, lang=voice.lang),
        ),
        outcome=inside(label(found.outcome, voice.lang)),
    )


def how_sure(comparison: CompareResult, found: Answer, voice: Plain) -> list[str]:
    """What the intervals leave out."""
    scenario = comparison.scenario
    preset = label(f"preset.{scenario.preset}", voice.lang)
    texts = [voice.say("sure.chance" if scenario.future is None else "sure.future", preset=preset)]
    busy = _utilisation(comparison)
    if found.outcome.startswith("waiting") and busy is not None:
        texts.append(voice.say("sure.busy", busy=level("utilisation", busy, voice)))
    return texts


def fair(comparison: CompareResult, voice: Plain) -> str:
    """Under which options it is sure, over the whole agency, that ratings become truer and fairer or less so."""
    from sim.study.compare.figure.shares import FAIRNESS

    names = {policy.name: voice.name(policy.label(voice.lang)) for policy in comparison.policies}
    there = [name for name in FAIRNESS if name in comparison.summary]
    found = {name: estimates.differences(comparison, name) for name in there}
    parts, values = [], []
    for policy in estimates.others(comparison):
        sure = [(name, rows[policy]) for name, rows in found.items() if rows[policy].sign]
        if sure:
            parts.append(
                "{} (" + ", ".join(f"{inside(short(name, voice.lang))} {{}}" for name, _ in sure) + ")"
            )
            values += [names[policy], *(size(name, e, voice) for name, e in sure)]
    if not parts:
        return voice.say("brief.fair.none", baseline=names[comparison.baseline])
    return voice.say("brief.fair.some", what=voice.fill("; ".join(parts), values))


def how_to_read(comparison: CompareResult, voice: Plain) -> list[str]:
    """What a replication and an interval are, and how many comparisons there are."""
    texts = [voice.say("sure.replications", n=comparison.replications), voice.say("sure.interval")]
    count = len(estimates.others(comparison)) * len(estimates.shown(comparison))
    return [*texts, voice.say("sure.many", count=count)] if count > 1 else texts


def _utilisation(comparison: CompareResult) -> Estimate | None:
    if "utilisation" not in comparison.summary or comparison.summary["utilisation"].isna().all():
        return None
    return estimates.levels(comparison, "utilisation")[comparison.baseline]


def decides(measured: OneWay, voice: Plain) -> list[str]:
    """Which finding matters most, as measured so far: the one, what it does at its ends, and what was not varied.

    Empty as long as nothing can be said.
    """
    lang, rows = voice.lang, list(measured.table().itertuples())
    policy = voice.name(measured.policy.label(lang))
    if not measured.findings:
        return [voice.say("measured.nothing", policy=policy, outcome=inside(label(measured.outcome, lang)))]
    if measured.replications < 2:
        return []
    first, outcome = rows[0], inside(label(measured.outcome, lang))
    names = {row.finding: _named(row.finding, measured, voice) for row in rows}
    sure = abs(first.swing) > first.half_width
    if not sure and measured.replications < measured.total:
        return []
    if not sure:
        texts = [voice.say("measured.none", policy=policy, count=len(rows), outcome=outcome)]
    else:
        tied = [key for key in measured.tied() if abs(_of(rows, key).swing) > _of(rows, key).half_width]
        others = listed([names[other] for other in tied], lang)
        most = {"policy": policy, "finding": names[first.finding]}
        if len(rows) == 1:
            lead = voice.say("measured.only", **most)
        elif tied:
            lead = voice.say("measured.tied", others=others, **most)
        else:
            lead = voice.say("measured.most", **most)
        texts = [lead, _ends(first, measured, outcome, voice)]
    how = {"n": measured.replications, "total": measured.total}
    texts.append(
        voice.say("measured.how" if measured.replications == measured.total else "measured.so_far", **how)
    )
    if measured.fixed:
        texts.append(voice.say("measured.fixed", count=len(measured.fixed)))
    return texts


def _of(rows: list[Any], finding: str) -> Any:
    return next(row for row in rows if row.finding == finding)


def _named(key: str, measured: OneWay, voice: Plain) -> str:
    finding = Evidence.load(measured.scenario.preset)[key]
    return voice.finding(inside(finding.label_id if voice.lang == "id" else finding.label_en), finding)


def _ends(row: Any, measured: OneWay, outcome: str, voice: Plain) -> str:
    """What the difference would be with a finding at its low and at its high end."""
    lang, unit = voice.lang, Evidence.load(measured.scenario.preset)[row.finding].unit
    digits = 0 if max(abs(row.low), abs(row.high)) >= 10 else 2
    half = max(row.half_width, abs(row.swing) / 20)  # decimals enough to see what moved
    said = {x: difference(measured.outcome, getattr(row, x), half=half, lang=lang) for x in _PLACES}
    low, high = (
        f"{number(x, digits, lang=lang)} {label(f'finding.{unit}', lang)}" for x in (row.low, row.high)
    )
    return voice.say("measured.ends", low=low, high=high, outcome=outcome, **said)


_PLACES = ("at_low", "middle", "at_high")


def weakest(comparison: CompareResult, found: Answer, voice: Plain) -> list[str]:
    """The findings the best policy leans on that are known least, at most three."""
    rows = []
    for finding, titles in _shaky(comparison, found, voice.lang)[:3]:
        name = finding.label_id if voice.lang == "id" else finding.label_en
        relative = doubt(finding)
        rows.append(
            voice.say(
                "weak.spread" if math.isfinite(relative) and relative > 0 else "weak.plain",
                finding=voice.finding(name, finding),
                relative=percent(relative, 0, lang=voice.lang),
                lever=listed(titles, voice.lang),
                grade=label(f"grade.{finding.grade}", voice.lang),
            )
        )
    return rows


def _shaky(comparison: CompareResult, found: Answer, lang: str) -> list[tuple[Finding, list[str]]]:
    """Findings of the levers in which the policy differs from the baseline, the least known first."""
    chosen = {policy.name: policy for policy in comparison.policies}
    policy = chosen.get(found.policy)
    if policy is None:
        return []
    same = chosen[comparison.baseline].levers
    changed = replace(policy, levers=tuple(lever for lever in policy.levers if lever not in same))
    rows = findings([changed], comparison.scenario.preset, lang)
    return sorted(rows, key=lambda row: (-_rank(doubt(row[0])), row[0].grade not in ASSUMED))


def _rank(relative: float) -> float:
    return 0.0 if math.isnan(relative) else relative


def to_measure(
    comparison: CompareResult, found: Answer, voice: Plain, measured: OneWay | None = None
) -> list[str]:
    """What to find out next: the effect measured to matter most, else those known least; figures nobody has read."""
    lang = voice.lang
    first = None if measured is None or measured.replications < 2 else next(measured.table().itertuples())
    if measured is not None and first is not None and abs(first.swing) > first.half_width:
        texts = [voice.say("measure.decides", what=_named(first.finding, measured, voice))]
    else:
        named = [
            voice.finding(inside(f.label_id if lang == "id" else f.label_en), f)
            for f, _ in _shaky(comparison, found, lang)[:2]
        ]
        texts = [voice.say("measure.effect", what=listed(named, lang))] if named else []
    figures = provenance(comparison.agency)
    counts = figures.loc[figures["status"].isin(ASSUMED), "table"].value_counts()
    if len(counts):
        what = listed([f"{label(f'agency.{table}', lang)} ({n})" for table, n in counts.items()], lang)
        known = {"count": int(counts.sum()), "total": len(figures), "agency": comparison.agency.label}
        texts.append(voice.say("measure.agency", what=what, **known))
    if found.verdict in ("unknown", "sign"):
        texts.append(voice.say("measure.replications"))
    return texts


def common_evidence(comparison: CompareResult, voice: Plain) -> str:
    """How much rests on levers that all policies have; empty where nothing does."""
    preset = comparison.scenario.preset
    own = {finding.key for finding, _ in findings(distinct(comparison), preset)}
    rest = [f for f, _ in findings(comparison.policies, preset) if f.key not in own]
    assumed = sum(finding.grade in ASSUMED for finding in rest)
    return voice.say("brief.evidence.common", count=len(rest), assumed=assumed) if rest else ""


def method(comparison: CompareResult, voice: Plain) -> list[tuple[str, str]]:
    """How the numbers were made, as pairs of heading and text."""
    lang, manifest, scenario = voice.lang, comparison.manifest, comparison.scenario
    outcomes = estimates.shown(comparison)
    say = voice.say
    rows = [
        (label("method.model", lang), say("method.model.text")),
        (label("method.replications", lang), say("method.replications.text", n=comparison.replications)),
        (label("method.luck", lang), say("method.luck.text", seed=manifest["study"]["seed"])),
        (label("method.burn_in", lang), say("method.burn_in.text", months=scenario.burn_in)),
        (label("method.evidence", lang), say(f"preset.{scenario.preset}.text")),
    ]
    saved = _variance_saved(comparison, outcomes)
    if saved is not None:
        rows.append(
            (
                label("method.saved", lang),
                say(
                    "method.saved.text",
                    saved=percent(saved, 0, lang=lang),
                    outcome=inside(short(outcomes[0], lang)),
                ),
            )
        )
    version = manifest.get("versions", {}).get("kinerja-lab", "")
    commit = manifest.get("commit") or {}
    where = commit.get("hash", "")[:12] + ("+" if commit.get("dirty") else "")
    rows.append(
        (
            label("method.made", lang),
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
