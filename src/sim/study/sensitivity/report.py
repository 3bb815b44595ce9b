"""What people read of a sensitivity analysis: the parameters that decide, and what to measure first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from sim.language.labels import label
from sim.language.numbers import number, percent
from sim.report.evidence import distinct
from sim.report.format import difference
from sim.report.html import Html
from sim.report.plain import Plain, inside, listed
from sim.study.page import Page, write_page
from sim.study.robust import figure as draw
from sim.study.robust import report as said
from sim.study.robust.text import parameter
from sim.study.sensitivity.figure import tornado

if TYPE_CHECKING:
    from sim.study.sensitivity.design import SensitivityResult

FIVE = 5
GOOD = 0.5
"""An emulator that foretells less of the variance is not relied on."""


def sentence(result: SensitivityResult, lang: str = "id") -> str:
    """The answer in a sentence."""
    return _answer(result, Plain(lang))


def details(result: SensitivityResult, lang: str = "id") -> list[str]:
    """The table of the parameters that decide most."""
    rows = _table(result, lang)
    return [
        "",
        *("  " + "; ".join(str(x) for x in row[1:]) for row in rows.itertuples()),
        "",
        *_more(result, Plain(lang)),
    ]


def write_brief(result: SensitivityResult, path: str | Path, lang: str = "id") -> Path:
    """Write the brief: what decides, the tornado, the table with Sobol and Morris beside."""
    voice = Html(lang, result.manifest["study"]["seed"])
    best, second = _pair(result, Plain(lang))
    page = Page(
        question=label(
            "sensitivity.question",
            lang,
            outcome=inside(label(result.outcome, lang)),
            agency=result.agency.label,
        ),
        answer=_answer(result, voice),
        more=_more(result, voice),
        figures=[
            (label("robust.figure.tornado", lang), tornado(result, lang)),
            (
                label(
                    "robust.figure.futures",
                    lang,
                    baseline=said.names(result, Plain(lang))[result.baseline],
                    outcome=inside(label(result.outcome, lang)),
                ),
                draw.futures(result.robust, lang),
            ),
        ],
        tables=[
            (label("sensitivity.table", lang, best=best, second=second), _table(result, lang), 1),
            (label("robust.world", lang), said.world(result.robust, lang), 4),
        ],
        sure=said.sure(result.robust, voice),
        method=said.method(result.robust, lang),
        policies=distinct(result),
    )
    return write_page(result, page, path, lang)


def deciding(result: SensitivityResult) -> pd.DataFrame:
    """Rows of parameters whose say in the choice is more than chance, and which move anything; at most five."""
    table = result.table
    return table[(table["p"] < said.CHANCE) & (table["value"] > 0) & table["moves"]].head(FIVE)


def _answer(result: SensitivityResult, voice: Plain) -> str:
    lang, rows = voice.lang, deciding(result)
    best, second = _pair(result, voice)
    if rows.empty:
        return voice.say("sensitivity.none", best=best, second=second)
    known = result.robust.spec.space.uncertainties
    told = [inside(parameter(name, known, lang)) for name in rows["parameter"]]
    outcome = inside(label(result.outcome, lang))
    return voice.say("sensitivity.five", best=best, second=second, outcome=outcome, names=listed(told, lang))


def _more(result: SensitivityResult, voice: Plain) -> list[str]:
    lang = voice.lang
    texts = [
        voice.say(
            "sensitivity.emulator" if result.accuracy >= GOOD else "sensitivity.poor",
            accuracy=percent(max(0.0, result.accuracy), 0, lang=lang),
        )
    ]
    if result.table["mu_star"].notna().any():
        still = int((~result.table["moves"]).sum())
        texts.append(voice.say("sensitivity.inert", count=still, all=len(result.table)))
    return texts


def _table(result: SensitivityResult, lang: str) -> pd.DataFrame:
    known = said.parameters(result.table, result.robust, lang)
    rows = result.table.iloc[: len(known)]
    known[label("sensitivity.sobol", lang)] = [percent(x, 0, lang=lang) for x in rows["total"]]
    known[label("sensitivity.morris", lang)] = [
        difference(result.outcome, x, with_unit=False, signed=False, half=max(x, 1e-9) / 3, lang=lang)
        if x == x
        else number(x, lang=lang)
        for x in rows["mu_star"]
    ]
    return known


def _pair(result: SensitivityResult, voice: Plain) -> tuple[str, str]:
    names = said.names(result, voice)
    return names[result.pair[0]], names[result.pair[1]]
