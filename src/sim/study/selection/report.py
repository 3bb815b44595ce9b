"""The report of a selection: the best policy, with what probability, and when the others were eliminated."""

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
from sim.report.plain import Plain, inside, labels, listed, text_lines, text_table
from sim.study.page import Page, coverage, write_page
from sim.study.selection import figure

if TYPE_CHECKING:
    from sim.study.selection.result import SelectionResult


def sentence(result: SelectionResult, *, lang: str | None = None) -> str:
    """State the answer in a sentence."""
    with speaking(lang):
        return _answer(result, Plain())


def details(result: SelectionResult, *, lang: str | None = None) -> list[str]:
    """List how far each policy is behind, and when it was eliminated."""
    with speaking(lang):
        return ["", *text_lines(_table(result, Plain()))]


def write_brief(result: SelectionResult, path: str | Path, *, lang: str | None = None) -> Path:
    """Write the brief of a selection: the answer, the ranking, and when each policy was eliminated."""
    with speaking(lang):
        voice = Html(result.manifest["study"]["seed"])
        study, most = result.manifest["study"], result.manifest["most"]
        probability = percent(study["probability"], 0)
        page = Page(
            question=_(
                "Which option is best for {outcome} in {agency}?",
                outcome=inside(OUTCOMES[result.outcome].label),
                agency=result.agency.label,
            ),
            answer=_answer(result, voice),
            more=_more(result, voice),
            figures=[
                (
                    _(
                        "Left: the difference of each option from the best (star), with 95% confidence "
                        "intervals that hold together. Right: replications run; hatched = never eliminated."
                    ),
                    figure.selection(result),
                )
            ],
            tables=[
                (
                    _("Every option: the best first, then those that stayed in longest."),
                    _table(result, voice),
                    1,
                )
            ],
            sure=[
                voice.say(
                    _(
                        "The probability of {probability} belongs to the procedure: if the whole computation "
                        "were repeated, at least that share would select the best option, provided that it "
                        "leads by the stated margin. Where it leads by less, another that is nearly as good may "
                        "be selected. The intervals come after a search that stopped because of its own data: "
                        "take them as an indication.",
                        probability=probability,
                    )
                ),
                coverage(voice, study["scenario"]["preset"], futures=study["futures"]),
            ],
            method=[
                (
                    _("How it was selected"),
                    _(
                        "The sequential procedure KN (Kim and Nelson 2001): after {first} replications of every "
                        "option, each further one is run only for options not yet eliminated; at most {most} "
                        "replications.",
                        first=study["first"],
                        most=most,
                    ),
                ),
            ],
            policies=distinct(result),
        )
        return write_page(result, page, path)


def _answer(result: SelectionResult, voice: Plain) -> str:
    study, table = result.manifest["study"], result.table()
    names = voice.names(result.policies)
    second = _second(table, result.outcome)
    own, behind = Estimate.of_level(table.iloc[0]), Estimate.of_difference(second)
    gap = difference(result.outcome, abs(behind.mean), signed=False, half=behind.half)
    margin = study["indifference"]
    still = [names[name] for name in table["policy"][table["screened_at"] == 0] if name != result.best]
    if result.decided:
        text = _(
            "{policy} is the best for {outcome}: {level} on average. The nearest option, "
            "{second}, is {gap} behind. The procedure selects the best option with a probability "
            "of at least {probability} if it leads by {indifference} or more."
        )
    else:
        text = _(
            "Not yet clear after {n} replications: {policy} looks best for {outcome} ({level} on "
            "average; the nearest option, {second}, is {gap} behind), but {still} has not been "
            "eliminated."
        )
    return voice.say(
        text.filled(
            policy=names[result.best],
            outcome=inside(OUTCOMES[result.outcome].label),
            level=voice.number(value(result.outcome, own.mean), own, level_interval(result.outcome, own)),
            second=names[second["policy"]],
            gap=voice.number(gap, behind, interval(result.outcome, behind)),
            probability=percent(study["probability"], 0),
            indifference=difference(result.outcome, margin, signed=False, half=margin),
            still=listed(still),
            n=result.manifest["replications"],
        )
    )


def _second(table: pd.DataFrame, outcome: str) -> pd.Series:
    """Return the row of the policy nearest behind the best."""
    sign = 1 if OUTCOMES[outcome].better == "low" else -1
    others = table.iloc[1:]
    return others.loc[(sign * others["difference"]).idxmin()]


def _more(result: SelectionResult, voice: Plain) -> list[str]:
    """Return what the search cost, and what common random numbers saved."""
    full = result.manifest["replications"] * len(result.policies)
    runs = _("This took {runs} runs; without elimination, with every option to the end, {full}.")
    texts = [voice.say(runs.filled(runs=len(result), full=full))]
    saved = result.table()["variance_saved"].dropna()
    if not saved.empty:
        reduced = _("Common random numbers reduced the variance of differences by {saved}.")
        texts.append(voice.say(reduced.filled(saved=percent(float(saved.median()), 0))))
    return texts


def _table(result: SelectionResult, voice: Plain) -> pd.DataFrame:
    names, rows = labels(result.policies), []
    for row in result.table().itertuples():
        own, behind = Estimate.of_level(row), Estimate.of_difference(row)
        best = row.policy == result.best
        gap, ends = (
            difference(result.outcome, behind.mean, half=behind.half),
            interval(result.outcome, behind),
        )
        level = voice.number(value(result.outcome, own.mean), own, level_interval(result.outcome, own))
        if row.screened_at:
            by = names[row.screened_by]
            status = _("eliminated at replication {n}, by {by}", n=row.screened_at, by=by)
        else:
            status = _("selected") if best else _("never eliminated")
        rows.append(
            {
                _("Option"): names[row.policy],
                _("Mean"): level,
                _("Difference from the best"): "–" if best else voice.number(gap, behind, ends),
                _("95% confidence interval"): "–" if best else ends,
                _("Replications"): number(row.n, 0),
                _("Status"): status,
            }
        )
    return text_table(rows)
