"""What people read of a selection: the best policy, how surely, and when the others were out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from sim.language.labels import label
from sim.language.numbers import number, percent
from sim.outcomes import OUTCOMES
from sim.report.estimate import Estimate
from sim.report.evidence import distinct
from sim.report.format import difference, interval, level_interval, value
from sim.report.html import Html
from sim.report.plain import Plain, inside, listed
from sim.study.page import Page, write_page

if TYPE_CHECKING:
    from sim.study.selection.result import SelectionResult


def sentence(result: SelectionResult, lang: str = "id") -> str:
    """The answer in a sentence."""
    return _sentence(result, Plain(lang))


def _sentence(result: SelectionResult, voice: Plain) -> str:
    lang, study = voice.lang, result.manifest["study"]
    names = {policy.name: voice.name(policy.label(lang)) for policy in result.policies}
    table = result.table()
    best, second = table.iloc[0], _second(table, result.outcome)
    own = Estimate(
        best["n"], best["mean"], best["mean"] - best["half_width"], best["mean"] + best["half_width"]
    )
    level = value(result.outcome, own.mean, lang=lang)
    behind = Estimate(second["n"], second["difference"], second["low"], second["high"])
    gap = difference(result.outcome, abs(behind.mean), signed=False, half=behind.half, lang=lang)
    still = [names[name] for name in table["policy"][table["screened_at"] == 0] if name != result.best]
    return voice.say(
        "selection.best" if result.decided else "selection.undecided",
        policy=names[result.best],
        outcome=inside(label(result.outcome, lang)),
        level=voice.number(level, own, level_interval(result.outcome, own, lang=lang)),
        second=names[second["policy"]],
        gap=voice.number(gap, behind, interval(result.outcome, behind, lang=lang)),
        probability=percent(study["probability"], 0, lang=lang),
        indifference=difference(
            result.outcome, study["indifference"], signed=False, half=study["indifference"], lang=lang
        ),
        still=listed(still, lang),
        n=result.manifest["replications"],
    )


def _second(table: pd.DataFrame, outcome: str) -> pd.Series:
    """The row nearest behind the best."""
    sign = 1 if OUTCOMES[outcome].better == "low" else -1
    others = table.iloc[1:]
    return others.loc[(sign * others["difference"]).idxmin()]


def details(result: SelectionResult, lang: str = "id") -> list[str]:
    """Each policy: how far behind, and when it was out."""
    shown = _table(result, Plain(lang))
    return ["", *("  " + "; ".join(str(x) for x in row) for row in shown.itertuples(index=False))]


def write_brief(result: SelectionResult, path: str | Path, lang: str = "id") -> Path:
    """Write the brief of a selection: the answer, the ranking, and who was screened out when."""
    voice = Html(lang, result.manifest["study"]["seed"])
    say, manifest = voice.say, result.manifest
    saved = result.table()["variance_saved"].dropna()
    full = manifest["replications"] * len(result.policies)
    more = [say("selection.runs", runs=len(result), full=full)]
    if not saved.empty:
        more.append(say("selection.saved", saved=percent(float(saved.median()), 0, lang=lang)))
    study = manifest["study"]
    preset = label(f"preset.{study['scenario']['preset']}", lang)
    said = say("sure.futures", preset=preset) if study["futures"] else say("sure.chance", preset=preset)
    page = Page(
        question=label(
            "selection.question",
            lang,
            outcome=inside(label(result.outcome, lang)),
            agency=result.agency.label,
        ),
        answer=_sentence(result, voice),
        more=more,
        figures=[(label("selection.caption", lang), result.plot(lang))],
        tables=[(label("selection.table", lang), _table(result, voice), 1)],
        sure=[
            say("selection.sure", probability=percent(study["probability"], 0, lang=lang)),
            said,
        ],
        method=[
            (
                label("selection.method", lang),
                say("selection.method.text", first=study["first"], most=manifest["most"]),
            ),
        ],
        policies=distinct(result),
    )
    return write_page(result, page, path, lang)


def _table(result: SelectionResult, voice: Plain) -> pd.DataFrame:
    lang = voice.lang
    names = {policy.name: policy.label(lang) for policy in result.policies}
    rows = []
    for row in result.table().itertuples():
        own = Estimate(row.n, row.mean, row.mean - row.half_width, row.mean + row.half_width)
        behind = Estimate(row.n, row.difference, row.low, row.high)
        itself = row.policy == result.best
        text = difference(result.outcome, row.difference, half=behind.half, lang=lang)
        ends = interval(result.outcome, behind, lang=lang)
        out = (
            label("selection.out", lang, n=row.screened_at, by=names[row.screened_by])
            if row.screened_at
            else ""
        )
        rows.append(
            {
                label("table.policy", lang): names[row.policy],
                label("selection.level", lang): voice.number(
                    value(result.outcome, row.mean, lang=lang),
                    own,
                    level_interval(result.outcome, own, lang=lang),
                ),
                label("selection.behind", lang): "–" if itself else voice.number(text, behind, ends),
                label("table.interval", lang): "–" if itself else ends,
                label("table.replications", lang): number(row.n, 0, lang=lang),
                label("selection.fate", lang): out
                or label("selection.selected" if itself else "selection.in", lang),
            }
        )
    return pd.DataFrame(rows, dtype=object)  # text of pandas would forget what is HTML
