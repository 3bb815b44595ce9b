"""The report of a comparison: its answer in a sentence, its first outcomes for the terminal, and the brief."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.errors import _
from sim.language import speaking
from sim.outcomes import OUTCOMES
from sim.report.plain import Plain, labels
from sim.study.compare import answer
from sim.study.compare.brief import write_brief
from sim.study.compare.estimates import differences, ranked, shown
from sim.study.compare.tables import marked

if TYPE_CHECKING:
    from sim.study.compare.result import CompareResult

__all__ = ["details", "sentence", "write_brief"]

MOST_OUTCOMES = 3
"""Outcomes listed in the terminal; the brief has the rest."""


def sentence(result: CompareResult, *, lang: str | None = None) -> str:
    """State the answer in a sentence."""
    with speaking(lang):
        return answer.sentence(answer.answer(result), result, Plain())


def details(result: CompareResult, *, lang: str | None = None) -> list[str]:
    """List each policy against the baseline on the first outcomes."""
    with speaking(lang):
        names = labels(result.policies)
        lines = []
        for outcome in shown(result)[:MOST_OUTCOMES]:
            head = _(
                "{outcome} (compared with {baseline})",
                outcome=OUTCOMES[outcome].label,
                baseline=names[result.baseline],
            )
            changes = differences(result, outcome)
            lines += ["", str(head)]
            lines += [
                f"  {names[name]}: {marked(outcome, changes[name])}" for name in ranked(result, outcome)
            ]
        return lines
