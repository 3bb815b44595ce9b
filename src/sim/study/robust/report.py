"""What people read of a robust study: what is least regretted, where it loses, and what to measure first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.language.labels import label, short
from sim.language.numbers import number, percent
from sim.outcomes import OUTCOMES
from sim.report.estimate import Estimate
from sim.report.evidence import distinct
from sim.report.format import difference, interval, value
from sim.report.html import Html
from sim.report.plain import Plain, inside, listed
from sim.study.page import Page, write_page
from sim.study.robust import figure as draw
from sim.study.robust.text import condition, parameter, parameter_value

if TYPE_CHECKING:
    from sim.study.robust.result import RobustResult

TOLD = 3
"""Parameters worth measuring first that are named."""
LISTED = 10
"""Parameters in a table."""
CHANCE = 0.05


def sentence(result: RobustResult, lang: str = "id") -> str:
    """The answer in a sentence."""
    return _answer(result, Plain(lang))


def details(result: RobustResult, lang: str = "id") -> list[str]:
    """Against the baseline, by way of reading the evidence, where it loses, what to measure."""
    return [
        "",
        *more(result, Plain(lang)),
        "",
        *(_line(row) for row in policies(result, Plain(lang)).itertuples()),
    ]


def write_brief(result: RobustResult, path: str | Path, lang: str = "id") -> Path:
    """Write the brief: the answer, futures, regret, what decides and where the best one loses."""
    voice = Html(lang, result.manifest["study"]["seed"])
    name, base = inside(label(result.outcome, lang)), names(result, Plain(lang))[result.baseline]
    best, second = (names(result, Plain(lang))[policy] for policy in result.pair())
    chosen = least_regretted(result)
    figures = [
        (label("robust.figure.futures", lang, baseline=base, outcome=name), draw.futures(result, lang)),
        (label("robust.figure.regret", lang), draw.regret_map(result, lang)),
        (label("robust.figure.tornado", lang), draw.tornado(result, lang)),
    ]
    boxed = draw.box(result, chosen, lang)
    if boxed is not None:
        caption = label("robust.figure.box", lang, policy=names(result, Plain(lang))[chosen])
        figures.append((caption, boxed))
    tables = [(label("robust.table", lang, baseline=base, outcome=name), policies(result, voice), 1)]
    if result.spec.targets:
        tables.append((label("robust.targets", lang), targets(result, lang), 1))
    tables.append((label("robust.readings", lang, outcome=name), readings(result, voice), 4))
    decides = label("robust.decides", lang, outcome=name, best=best, second=second)
    tables.append((decides, parameters(result.what_decides(), result, lang), 1))
    tables.append((label("robust.world", lang), world(result, lang), 4))
    page = Page(
        question=label("robust.question", lang, outcome=name, agency=result.agency.label),
        answer=_answer(result, voice),
        more=more(result, voice),
        figures=figures,
        tables=tables,
        sure=sure(result, voice),
        method=method(result, lang),
        policies=distinct(result),
    )
    return write_page(result, page, path, lang)


def least_regretted(result: RobustResult) -> str:
    """The policy with the least mean regret on the outcome that decides."""
    table = result.table(result.outcome).set_index("policy")
    return str(table["regret"].idxmin())


def names(result: Any, voice: Plain) -> dict[str, str]:
    """Names of the policies as the voice says them."""
    return {policy.name: voice.name(policy.label(voice.lang)) for policy in result.policies}


def _answer(result: RobustResult, voice: Plain) -> str:
    lang, policy = voice.lang, least_regretted(result)
    row = result.table(result.outcome).set_index("policy").loc[policy]
    return voice.say(
        "robust.least",
        n=len(result.futures),
        policy=names(result, voice)[policy],
        outcome=inside(label(result.outcome, lang)),
        regret=_size(result, row["regret"], lang),
        wins=percent(row["wins"], 0, lang=lang),
        surely=percent(row["wins_surely"], 0, lang=lang),
    )


def more(result: RobustResult, voice: Plain) -> list[str]:
    """The sentences below the answer."""
    lang, chosen = voice.lang, least_regretted(result)
    said = names(result, voice)
    table = result.table(result.outcome).set_index("policy")
    texts = []
    if chosen == result.baseline:
        texts.append(voice.say("robust.baseline"))
    else:
        row = table.loc[chosen]
        e = Estimate(int(row["n"]), row["difference"], row["low"], row["high"])
        over = Estimate(int(row["n"]), row["difference"], row["future_low"], row["future_high"])
        text = difference(result.outcome, e.mean, half=e.half, lang=lang)
        mean = voice.number(text, e, interval(result.outcome, e, lang=lang))
        texts.append(
            voice.say(
                "robust.gain",
                baseline=said[result.baseline],
                mean=mean,
                ends=interval(result.outcome, e, lang=lang),
                range=interval(result.outcome, over, lang=lang),
            )
        )
    best = result.pair()[0]
    if best != chosen:
        texts.append(voice.say("robust.mean_best", policy=said[best]))
    texts += _read(result, voice)
    texts.append(where_it_loses(result, voice, chosen))
    texts.append(_first(result, voice))
    return texts


def _read(result: RobustResult, voice: Plain) -> list[str]:
    """Whether the answer changes with how the evidence is read."""
    found = result.choices()
    found = found[(found["agency"] == result.agency.name) & (found["preset"] != "*")]
    if len(found) < 2:
        return []
    said = names(result, voice)
    if len(set(found["best"])) == 1:
        return [voice.say("robust.same_reading", policy=said[found["best"].iloc[0]])]
    parts = [
        voice.say(
            "robust.choice" if row.sure else "robust.choice.unsure",
            preset=label(f"preset.{row.preset}", voice.lang),
            policy=said[row.best],
        )
        for row in found.itertuples()
    ]
    return [voice.say("robust.flips", choices=voice.fill("; ".join(["{}"] * len(parts)), parts))]


def where_it_loses(result: RobustResult, voice: Plain, policy: str) -> str:
    """Where a policy is not the best, in words."""
    lang, box = voice.lang, result.where(policy)
    said = names(result, voice)[policy]
    if not box.cases:
        return voice.say("robust.loses.never", policy=said)
    share = percent(box.base, 0, lang=lang)
    if not box.limits:
        return voice.say("robust.loses.anywhere", policy=said, share=share)
    parts = [inside(condition(limit, result.spec.space.uncertainties, lang)) for limit in box.limits]
    return voice.say(
        "robust.loses",
        policy=said,
        share=share,
        conditions=label("robust.and", lang).join(parts),
        inside=percent(box.density, 0, lang=lang),
        coverage=percent(box.coverage, 0, lang=lang),
    )


def _first(result: RobustResult, voice: Plain) -> str:
    lang, found = voice.lang, result.what_decides()
    found = found[(found["p"] < CHANCE / len(found)) & (found["value"] > 0)]
    everything = _size(result, result.value_of_everything(), lang)
    if found.empty:
        return voice.say("robust.first.nothing", everything=everything)
    told = [
        inside(parameter(name, result.spec.space.uncertainties, lang))
        for name in found["parameter"].iloc[:TOLD]
    ]
    value_ = _size(result, found["value"].iloc[0], lang)
    return voice.say("robust.first", names=listed(told, lang), value=value_, everything=everything)


def policies(result: RobustResult, voice: Plain) -> pd.DataFrame:
    """Every policy: mean difference with its interval, range over futures, regret, wins; the least regretted first."""
    lang, said = voice.lang, names(result, Plain(voice.lang))
    rows = []
    for row in result.table(result.outcome).sort_values("regret").itertuples():
        e = Estimate(int(row.n), row.difference, row.low, row.high)
        over = Estimate(int(row.n), row.difference, row.future_low, row.future_high)
        itself = row.policy == result.baseline
        text = difference(result.outcome, e.mean, half=e.half, lang=lang)
        ends = interval(result.outcome, e, lang=lang)
        rows.append(
            {
                label("table.policy", lang): said[str(row.policy)],
                label("robust.mean", lang): "–" if itself else voice.number(text, e, ends),
                label("table.interval", lang): "–" if itself else ends,
                label("robust.range", lang): "–" if itself else interval(result.outcome, over, lang=lang),
                label("robust.regret", lang): _size(result, row.regret, lang),
                label("robust.wins", lang): percent(row.wins, 0, lang=lang),
                label("robust.surely", lang): percent(row.wins_surely, 0, lang=lang),
            }
        )
    return pd.DataFrame(rows, dtype=object)  # text of pandas would forget what is HTML


def targets(result: RobustResult, lang: str) -> pd.DataFrame:
    """Share of futures in which each policy meets each target."""
    found, said = result.satisficing(), names(result, Plain(lang))
    rows = []
    for policy, part in found.groupby("policy", sort=False):
        row = {label("table.policy", lang): said[str(policy)]}
        for one in part.itertuples():
            head = label("robust.all_targets", lang)
            if one.outcome != "*":
                sign = "≤ " if OUTCOMES[one.outcome].better == "low" else "≥ "
                target = sign + value(one.outcome, one.target, lang=lang)
                head = label("robust.target", lang, outcome=short(one.outcome, lang), target=target)
            row[head] = percent(one.share, 0, lang=lang)
        rows.append(row)
    return pd.DataFrame(rows, dtype=object)  # text of pandas would forget what is HTML


def readings(result: RobustResult, voice: Plain) -> pd.DataFrame:
    """The best policy by government and way to read the evidence."""
    lang, said = voice.lang, names(result, Plain(voice.lang))
    places = {place.name: place.label for place in result.spec.agencies}
    rows = []
    for row in result.choices().itertuples():
        e = Estimate(row.n, row.lead, row.low, row.high)
        text = difference(result.outcome, row.lead, signed=False, half=e.half, lang=lang)
        everywhere = label("robust.reading.all", lang)
        rows.append(
            {
                label("robust.place", lang): places[row.agency],
                label("robust.reading", lang): everywhere
                if row.preset == "*"
                else label(f"preset.{row.preset}", lang),
                label("robust.best", lang): said[row.best],
                label("robust.second", lang): said[row.second],
                label("robust.lead", lang): voice.number(text, e, interval(result.outcome, e, lang=lang)),
                label("table.interval", lang): interval(result.outcome, e, lang=lang),
                label("robust.wins", lang): percent(row.wins, 0, lang=lang),
                label("robust.futures", lang): number(row.n, 0, lang=lang),
            }
        )
    return pd.DataFrame(rows, dtype=object)  # text of pandas would forget what is HTML


def parameters(table: pd.DataFrame, result: RobustResult, lang: str) -> pd.DataFrame:
    """The parameters that decide most."""
    rows = []
    for row in table.iloc[:LISTED].itertuples():
        ends = [
            difference(result.outcome, x, with_unit=False, half=abs(x) / 5, lang=lang)
            for x in (row.low, row.high)
        ]
        rows.append(
            {
                label("robust.parameter", lang): parameter(
                    row.parameter, result.spec.space.uncertainties, lang
                ),
                label("robust.value", lang): _size(result, row.value, lang),
                label("robust.p", lang): number(row.p, 3, lang=lang),
                label("robust.share", lang): percent(row.share, 0, lang=lang),
                label("robust.low_high", lang): " → ".join(ends),
            }
        )
    return pd.DataFrame(rows, dtype=object)  # text of pandas would forget what is HTML


def world(result: RobustResult, lang: str) -> pd.DataFrame:
    """The uncertainties of the world with their ranges and sources."""
    known = result.spec.space.uncertainties
    rows = [
        {
            label("robust.parameter", lang): u.label(lang),
            label("robust.range_of", lang): " – ".join(
                parameter_value(u.key, x, known, lang) for x in (u.low, u.high)
            ),
            label("table.grade", lang): label(f"grade.{u.status}", lang),
            label("table.source", lang): u.source,
        }
        for u in known
    ]
    return pd.DataFrame(rows, dtype=object)  # text of pandas would forget what is HTML


def sure(result: RobustResult, voice: Plain) -> list[str]:
    """How the numbers vary, and what they leave out."""
    lang, said = voice.lang, names(result, voice)
    best, second = result.pair()
    texts = [voice.say("robust.sure.futures", n=len(result.futures))]
    luck = result.luck()
    if luck == luck:
        texts.append(
            voice.say(
                "robust.sure.luck",
                repeated=min(result.spec.repeated, len(result.futures)),
                best=said[best],
                second=said[second],
                luck=_size(result, luck, lang),
            )
        )
    return [*texts, voice.say("robust.sure.ranges")]


def method(result: RobustResult, lang: str) -> list[tuple[str, str]]:
    """How the futures were made."""
    size = {"n": len(result.futures), "parameters": len(result.spec.space.names)}
    return [(label("robust.method", lang), label("robust.method.text", lang, **size))]


def _size(result: RobustResult, x: float, lang: str) -> str:
    return difference(result.outcome, x, signed=False, half=max(abs(x), 1e-9) / 3, lang=lang)


def _line(row: Any) -> str:
    return "  " + "; ".join(str(x) for x in row[1:])
