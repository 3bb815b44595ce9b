"""What people read of a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.language.labels import label
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


def sentence(result: CompareResult, lang: str = "id") -> str:
    """The answer in a sentence."""
    return said(answer(result), result, Plain(lang))


def details(result: CompareResult, lang: str = "id") -> list[str]:
    """Each policy against the baseline on the first outcomes."""
    names = {policy.name: policy.label(lang) for policy in result.policies}
    lines = []
    for outcome in shown(result)[:OUTCOMES_TOLD]:
        lines += [
            "",
            label("details.against", lang, outcome=label(outcome, lang), baseline=names[result.baseline]),
        ]
        found = differences(result, outcome)
        lines += [
            f"  {names[name]}: {marked(outcome, found[name], lang)}" for name in ranked(result, outcome)
        ]
    return lines
