"""What people read of a sensitivity analysis: the parameters that decide, and what to measure first."""

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
from sim.report.plain import Plain, inside, listed
from sim.study.page import Page, write_page
from sim.study.robust import figure as draw
from sim.study.robust import report as said
from sim.study.robust.text import parameter
from sim.study.sensitivity.figure import tornado

if TYPE_CHECKING:
    from sim.study.sensitivity.result import SensitivityResult

FIVE = 5
GOOD = 0.5
"""An emulator that foretells less of the variance is not relied on."""


def sentence(result: SensitivityResult, *, lang: str | None = None) -> str:
    """The answer in a sentence."""
    with speaking(lang):
        return _answer(result, Plain())


def details(result: SensitivityResult, *, lang: str | None = None) -> list[str]:
    """The table of the parameters that decide most."""
    with speaking(lang):
        rows = _table(result)
        return [
            "",
            *("  " + "; ".join(str(x) for x in row[1:]) for row in rows.itertuples()),
            "",
            *_more(result, Plain()),
        ]


def write_brief(result: SensitivityResult, path: str | Path, *, lang: str | None = None) -> Path:
    """Write the brief: what decides, the tornado, the table with Sobol and Morris beside."""
    with speaking(lang):
        voice = Html(result.manifest["study"]["seed"])
        best, second = _pair(result, Plain())
        page = Page(
            question=str(
                _(
                    "Which uncertainties decide the choice on {outcome} in {agency}?",
                    outcome=inside(str(OUTCOMES[result.outcome].label)),
                    agency=result.agency.label,
                )
            ),
            answer=_answer(result, voice),
            more=_more(result, voice),
            figures=[
                (str(_("What decides the choice most.")), tornado(result)),
                (
                    str(
                        _(
                            "Difference from {baseline} in every scenario, for {outcome}.",
                            baseline=said.names(result, Plain())[result.baseline],
                            outcome=inside(str(OUTCOMES[result.outcome].label)),
                        )
                    ),
                    draw.futures(result.robust),
                ),
            ],
            tables=[
                (
                    str(
                        _(
                            "Parameters that decide most how far {best} leads {second}. Sobol: share of the "
                            "variance, interactions included (emulator); Morris: mean size of the change as the "
                            "parameter moves from end to end.",
                            best=best,
                            second=second,
                        )
                    ),
                    _table(result),
                    1,
                ),
                (
                    str(_("Unknown circumstances, and the source of their ranges.")),
                    said.world(result.robust),
                    4,
                ),
            ],
            sure=said.sure(result.robust, voice),
            method=said.method(result.robust),
            policies=distinct(result),
        )
        return write_page(result, page, path)


def deciding(result: SensitivityResult) -> pd.DataFrame:
    """Rows of parameters whose say in the choice is more than chance, and which move anything; at most five."""
    table = result.table()
    return table[(table["p"] < said.CHANCE) & (table["value"] > 0) & table["moves"]].head(FIVE)


def _answer(result: SensitivityResult, voice: Plain) -> str:
    rows = deciding(result)
    best, second = _pair(result, voice)
    if rows.empty:
        return voice.say(
            _(
                "Between {best} and {second}, no parameter has an influence on the choice that can "
                "be distinguished from chance.",
                best=best,
                second=second,
            )
        )
    known = result.robust.spec.space.uncertainties
    told = [inside(parameter(name, known)) for name in rows["parameter"]]
    outcome = inside(str(OUTCOMES[result.outcome].label))
    return voice.say(
        _(
            "Between {best} and {second}, what decides {outcome} most is: {names}.",
            best=best,
            second=second,
            outcome=outcome,
            names=listed(told),
        )
    )


def _more(result: SensitivityResult, voice: Plain) -> list[str]:
    texts = [
        voice.say(
            (
                _(
                    "Sobol indices come from an emulator that predicts {accuracy} of the variance of "
                    "runs it has not seen."
                )
                if result.accuracy >= GOOD
                else _(
                    "The emulator predicts only {accuracy} of the variance; its Sobol indices are not "
                    "reliable."
                )
            ).filled(accuracy=percent(max(0.0, result.accuracy), 0))
        )
    ]
    if result.table()["mu_star"].notna().any():
        still = int((~result.table()["moves"]).sum())
        texts.append(
            voice.say(
                _(
                    "According to Morris {count} of {all} parameters have no influence; any value or "
                    "share shown for them is chance.",
                    count=still,
                    all=len(result.table()),
                )
            )
        )
    return texts


def _table(result: SensitivityResult) -> pd.DataFrame:
    known = said.parameters(result.table(), result.robust)
    rows = result.table().iloc[: len(known)]
    known[str(_("Sobol, total"))] = [percent(x, 0) for x in rows["total"]]
    known[str(_("Morris"))] = [
        difference(result.outcome, x, with_unit=False, signed=False, half=max(x, 1e-9) / 3)
        if x == x
        else number(x)
        for x in rows["mu_star"]
    ]
    return known


def _pair(result: SensitivityResult, voice: Plain) -> tuple[str, str]:
    names = said.names(result, voice)
    return names[result.pair[0]], names[result.pair[1]]
