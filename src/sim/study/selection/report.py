"""What people read of a selection: the best policy, how surely, and when the others were out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from sim.errors import _
from sim.language import speaking
from sim.language.numbers import number, percent
from sim.outcomes import OUTCOMES
from sim.report.estimate import Estimate
from sim.report.evidence import distinct
from sim.report.format import difference, interval, level_interval, value
from sim.report.html import Html
from sim.report.names import PRESET_NAMES
from sim.report.plain import Plain, inside, listed
from sim.study.page import Page, write_page

if TYPE_CHECKING:
    from sim.study.selection.result import SelectionResult


def sentence(result: SelectionResult, *, lang: str | None = None) -> str:
    """The answer in a sentence."""
    with speaking(lang):
        return _sentence(result, Plain())


def _sentence(result: SelectionResult, voice: Plain) -> str:
    study = result.manifest["study"]
    names = {policy.name: voice.name(policy.label()) for policy in result.policies}
    table = result.table()
    best, second = table.iloc[0], _second(table, result.outcome)
    own = Estimate(
        best["n"], best["mean"], best["mean"] - best["half_width"], best["mean"] + best["half_width"]
    )
    level = value(result.outcome, own.mean)
    behind = Estimate(second["n"], second["difference"], second["low"], second["high"])
    gap = difference(result.outcome, abs(behind.mean), signed=False, half=behind.half)
    still = [names[name] for name in table["policy"][table["screened_at"] == 0] if name != result.best]
    return voice.say(
        (
            _(
                "{policy} is the best for {outcome}: {level} on average. The nearest option, "
                "{second}, is {gap} behind. The procedure selects the best option with a probability "
                "of at least {probability} if it leads by {indifference} or more."
            )
            if result.decided
            else _(
                "Not yet clear after {n} replications: {policy} looks best for {outcome} ({level} on "
                "average; the nearest option, {second}, is {gap} behind), but {still} has not been "
                "eliminated."
            )
        ).filled(
            policy=names[result.best],
            outcome=inside(str(OUTCOMES[result.outcome].label)),
            level=voice.number(level, own, level_interval(result.outcome, own)),
            second=names[second["policy"]],
            gap=voice.number(gap, behind, interval(result.outcome, behind)),
            probability=percent(study["probability"], 0),
            indifference=difference(
                result.outcome, study["indifference"], signed=False, half=study["indifference"]
            ),
            still=listed(still),
            n=result.manifest["replications"],
        )
    )


def _second(table: pd.DataFrame, outcome: str) -> pd.Series:
    """The row nearest behind the best."""
    sign = 1 if OUTCOMES[outcome].better == "low" else -1
    others = table.iloc[1:]
    return others.loc[(sign * others["difference"]).idxmin()]


def details(result: SelectionResult, *, lang: str | None = None) -> list[str]:
    """Each policy: how far behind, and when it was out."""
    with speaking(lang):
        shown = _table(result, Plain())
        return ["", *("  " + "; ".join(str(x) for x in row) for row in shown.itertuples(index=False))]


def write_brief(result: SelectionResult, path: str | Path, *, lang: str | None = None) -> Path:
    """Write the brief of a selection: the answer, the ranking, and who was screened out when."""
    with speaking(lang):
        voice = Html(result.manifest["study"]["seed"])
        say, manifest = voice.say, result.manifest
        saved = result.table()["variance_saved"].dropna()
        full = manifest["replications"] * len(result.policies)
        more = [say("selection.runs", runs=len(result), full=full)]
        if not saved.empty:
            more.append(say("selection.saved", saved=percent(float(saved.median()), 0)))
        study = manifest["study"]
        preset = str(PRESET_NAMES[study["scenario"]["preset"]])
        said = say("sure.futures", preset=preset) if study["futures"] else say("sure.chance", preset=preset)
        page = Page(
            question=str(
                _(
                    "Which option is best for {outcome} in {agency}?",
                    outcome=inside(str(OUTCOMES[result.outcome].label)),
                    agency=result.agency.label,
                )
            ),
            answer=_sentence(result, voice),
            more=more,
            figures=[
                (
                    str(
                        _(
                            "Left: the difference of each option from the best (star), with 95% confidence "
                            "intervals that hold together. Right: replications run; hatched = never eliminated."
                        )
                    ),
                    result.plot(),
                )
            ],
            tables=[
                (
                    str(_("Every option: the best first, then those that stayed in longest.")),
                    _table(result, voice),
                    1,
                )
            ],
            sure=[
                say("selection.sure", probability=percent(study["probability"], 0)),
                said,
            ],
            method=[
                (
                    str(_("How it was selected")),
                    say("selection.method.text", first=study["first"], most=manifest["most"]),
                ),
            ],
            policies=distinct(result),
        )
        return write_page(result, page, path)


def _table(result: SelectionResult, voice: Plain) -> pd.DataFrame:
    names = {policy.name: policy.label() for policy in result.policies}
    rows = []
    for row in result.table().itertuples():
        own = Estimate(row.n, row.mean, row.mean - row.half_width, row.mean + row.half_width)
        behind = Estimate(row.n, row.difference, row.low, row.high)
        itself = row.policy == result.best
        text = difference(result.outcome, row.difference, half=behind.half)
        ends = interval(result.outcome, behind)
        out = (
            str(_("eliminated at replication {n}, by {by}", n=row.screened_at, by=names[row.screened_by]))
            if row.screened_at
            else ""
        )
        rows.append(
            {
                str(_("Option")): names[row.policy],
                str(_("Mean")): voice.number(
                    value(result.outcome, row.mean),
                    own,
                    level_interval(result.outcome, own),
                ),
                str(_("Difference from the best")): "–" if itself else voice.number(text, behind, ends),
                str(_("95% confidence interval")): "–" if itself else ends,
                str(_("Replications")): number(row.n, 0),
                str(_("Status")): out or str(_("selected") if itself else _("never eliminated")),
            }
        )
    return pd.DataFrame(rows, dtype=object)  # text of pandas would forget what is HTML
