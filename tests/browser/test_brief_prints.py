"""Claim: the brief prints on A4, its first part on two pages, with nothing wider than the sheet."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from report_sample import POLICIES, comparison
from test_report_figures import many
from test_study_fairness import made_up

from sim.language import LANGUAGES
from sim.study.compare.brief import brief
from sim.study.compare.result import CompareResult
from sim.study.registry import report_of

TEXT_WIDTH = 176 / 25.4 * 96
"""CSS pixels between the margins of A4 in brief.css."""


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


CASES = {"few": lambda: comparison(replications=4, policies=POLICIES), "many": many}


WIDER = (
    "() => [...document.querySelectorAll('table, img, pre')]"
    ".filter(x => x.getBoundingClientRect().right > document.documentElement.clientWidth + 1).length"
)
"""How many things are wider than the page."""


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_part_before_the_appendix_is_two_pages(page: Any, case: str, lang: str) -> None:
    made: CompareResult = CASES[case]()
    page.set_viewport_size({"width": int(TEXT_WIDTH), "height": 900})
    page.set_content(brief(made, lang=lang))
    page.emulate_media(media="print")
    whole = pages(page.pdf(prefer_css_page_size=True))
    assert page.evaluate(WIDER) == 0
    page.evaluate("() => document.querySelectorAll('aside, footer').forEach(x => x.remove())")
    assert pages(page.pdf(prefer_css_page_size=True)) == 2
    assert whole > 4
    assert not page.elsewhere


@pytest.mark.parametrize("lang", LANGUAGES)
def test_intervals_below_numbers_leave_the_tables_of_groups_on_the_sheet(
    page: Any, lang: str, tmp_path: Path
) -> None:
    path = report_of("fairness").write_brief(made_up(), tmp_path / "brief.html", lang=lang)
    page.set_viewport_size({"width": int(TEXT_WIDTH), "height": 900})
    page.set_content(path.read_text(encoding="utf-8"))
    page.emulate_media(media="print")
    assert page.evaluate(WIDER) == 0
    assert page.evaluate("() => document.querySelectorAll('td .ends').length") > 50
    assert not page.elsewhere
