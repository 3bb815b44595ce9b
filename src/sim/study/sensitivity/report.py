"""The report of a sensitivity analysis: the parameters that decide, and what to measure first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from sim.errors import _
from sim.language import speaking
from sim.language.numbers import number, percent
from sim.outcomes import OUTCOMES
from sim.report.evidence import distinct
from sim.report.format import difference
from sim.report.html import Html
from sim.report.plain import Plain, inside, listed, text_lines
from sim.study.page import Page, write_page
from sim.study.robust import figure, report
from sim.study.robust.text import parameter
from sim.study.sensitivity.figure import tornado

if TYPE_CHECKING:
    from sim.study.sensitivity.result import SensitivityResult

MOST = 5
"""Parameters named in the answer."""

GOOD = 0.5
"""Share of the variance that an emulator must predict to be relied on."""


def sentence(result: SensitivityResult, *, lang: str | None = None) -> str:
    """State the answer in a sentence."""
    with speaking(lang):
        return _answer(result, Plain())


def details(result: SensitivityResult, *, lang: str | None = None) -> list[str]:
    """List the parameters that decide most."""
    with speaking(lang):
        return ["", *text_lines(_table(result)), "", *_more(result, Plain())]


def write_brief(result: SensitivityResult, path: str | Path, *, lang: str | None = None) -> Path:
    """Write the brief: what decides, the tornado, and the table with Sobol and Morris."""
    with speaking(lang):
        voice = Html(result.manifest["study"]["seed"])
        best, second = _pair(result, Plain())
        caption = _(
            "Parameters that decide most how far {best} leads {second}. Sobol: share of the "
            "variance, interactions included (emulator); Morris: mean size of the change as the "
            "parameter moves from end to end.",
            best=best,
            second=second,
        )
        page = Page(
            question=_(
                "Which uncertainties decide the choice on {outcome} in {agency}?",
                outcome=inside(OUTCOMES[result.outcome].label),
                agency=result.agency.label,
            ),
            answer=_answer(result, voice),
            more=_more(result, voice),
            figures=[
                (_("What decides the choice most."), tornado(result)),
                (report.futures_caption(result.robust), figure.futures(result.robust)),
            ],
            tables=[(caption, _table(result), 1), report.world_table(result.robust)],
            sure=report.sure(result.robust, voice),
            method=report.method(result.robust),
            policies=distinct(result),
        )
        return write_page(result, page, path)


def deciding(result: SensitivityResult) -> pd.DataFrame:
    """Return the parameters that influence the choice by more than chance and move the outcome; at most five."""
    table = result.table()
    return table[(table["p"] < report.CHANCE) & (table["value"] > 0) & table["moves"]].head(MOST)


def _answer(result: SensitivityResult, voice: Plain) -> str:
    rows = deciding(result)
    best, second = _pair(result, voice)
    if rows.empty:
        none = _(
            "Between {best} and {second}, no parameter has an influence on the choice that can "
            "be distinguished from chance."
        )
        return voice.say(none.filled(best=best, second=second))
    known = result.robust.spec.space.uncertainties
    return voice.say(
        _(
            "Between {best} and {second}, what decides {outcome} most is: {names}.",
            best=best,
            second=second,
            outcome=inside(OUTCOMES[result.outcome].label),
            names=listed([inside(parameter(name, known)) for name in rows["parameter"]]),
        )
    )


def _more(result: SensitivityResult, voice: Plain) -> list[str]:
    if result.accuracy >= GOOD:
        emulator = _(
            "Sobol indices come from an emulator that predicts {accuracy} of the variance of "
            "runs it has not seen."
        )
    else:
        emulator = _(
            "The emulator predicts only {accuracy} of the variance; its Sobol indices are not reliable."
        )
    texts = [voice.say(emulator.filled(accuracy=percent(max(0.0, result.accuracy), 0)))]
    table = result.table()
    if table["mu_star"].notna().any():
        inert = _(
            "According to Morris {count} of {all} parameters have no influence; any value or "
            "share shown for them is chance.",
            count=int((~table["moves"]).sum()),
            all=len(table),
        )
        texts.append(voice.say(inert))
    return texts


def _table(result: SensitivityResult) -> pd.DataFrame:
    decides = result.table()
    table = report.parameters(decides, result.robust)
    rows = decides.iloc[: len(table)]
    table[str(_("Sobol, total"))] = [percent(x, 0) for x in rows["total"]]
    table[str(_("Morris"))] = [_morris(result, x) for x in rows["mu_star"]]
    return table


def _morris(result: SensitivityResult, x: float) -> str:
    if x != x:
        return number(x)
    return difference(result.outcome, x, with_unit=False, signed=False, half=max(x, 1e-9) / 3)


def _pair(result: SensitivityResult, voice: Plain) -> tuple[str, str]:
    names = voice.names(result.policies)
    return names[result.pair[0]], names[result.pair[1]]
