"""What people read of a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.errors import _
from sim.language import speaking
from sim.outcomes import OUTCOMES
from sim.report.plain import Plain
from sim.study.compare.answer import answer
from sim.study.compare.answer import sentence as said
from sim.study.compare.brief import write_brief
from sim.study.compare.estimates import differences, ranked, shown
from sim.study.compare.tables import marked

if TYPE_CHECKING:
    from sim.study.compare.result import CompareResult

__all__ = ["details", "sentence", "write_brief"]

OUTCOMES_TOLD = 3
"""The rest stands in the brief."""


def sentence(result: CompareResult, *, lang: str | None = None) -> str:
    """The answer in a sentence."""
    with speaking(lang):
        return said(answer(result), result, Plain())


def details(result: CompareResult, *, lang: str | None = None) -> list[str]:
    """Each policy against the baseline on the first outcomes."""
    with speaking(lang):
        names = {policy.name: policy.label() for policy in result.policies}
        lines = []
        for outcome in shown(result)[:OUTCOMES_TOLD]:
            lines += [
                "",
                str(
                    _(
                        "{outcome} (compared with {baseline})",
                        outcome=str(OUTCOMES[outcome].label),
                        baseline=names[result.baseline],
                    )
                ),
            ]
            found = differences(result, outcome)
            lines += [f"  {names[name]}: {marked(outcome, found[name])}" for name in ranked(result, outcome)]
        return lines
