"""Claim: in a real browser a planner gets from a slider to an answer and takes it away, in either language."""

from __future__ import annotations

import re
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from planner_mistakes import CELLS, mistaken

from sim.errors import Message
from sim.language import LANGUAGES
from sim.levers import policy_from_yaml
from sim.outcomes import OUTCOMES


def opened(page: Any, address: str, lang: str = "id") -> None:
    """The page with its first answer, in a language."""
    page.goto(address)
    page.wait_for_selector(".k-status")
    if lang == "en":
        page.get_by_role("button", name="English").click()
    page.get_by_text(Message("Plans").text(lang=lang), exact=True).wait_for()


def fresh(page: Any) -> None:
    """Wait until the answer is that to the present question."""
    page.wait_for_function("!document.querySelector('.k-old') && document.querySelector('.k-status')")


def choose(page: Any, button: str, file: Path) -> None:
    """Choose a file with one of the page's buttons."""
    with page.expect_file_chooser() as chooser:
        page.locator(f"button.k-{button}").click()
    chooser.value.set_files(file)


def press(page: Any, slider: str, key: str) -> str:
    """Move a slider one place by the keyboard and wait until its words change; the words."""
    words = page.locator(f".k-label:has(+ .k-{slider})")
    before = words.inner_text()
    page.locator(f".k-{slider} .noUi-handle").press(key)
    page.wait_for_function(
        "([name, old]) => document.querySelector(`.k-label:has(+ .k-${name})`).innerText !== old",
        arg=[slider, before],
    )
    return words.inner_text()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_from_a_slider_to_an_answer(page: Any, planner: str, lang: str) -> None:
    opened(page, planner, lang)
    press(page, "training-seats", "ArrowRight")
    assert "50" in press(page, "training-seats", "ArrowRight")
    fresh(page)
    page.wait_for_function("+document.querySelector('.k-status span').dataset.done > 1")
    table = page.locator(".k-table").first.inner_text()
    for outcome in ("waiting_minutes", "complaints_in_time", "jp20"):
        assert OUTCOMES[outcome].label.text(lang=lang) in table
    assert Message("Extra cost per year").text(lang=lang) in table
    assert re.search(r"Rp\d+[,.]\d", table.replace("\N{NO-BREAK SPACE}", " "))
    assert page.locator(".k-table svg").count() > 5
    other = "en" if lang == "id" else "id"
    everything = page.locator(".k-page").inner_text()
    for text in (
        Message(
            "Difference from the status quo, with its 95% confidence interval below. Solid dot: clear "
            "difference. Hollow dot: not yet clear. ▲ better, ▼ worse, ○ not yet clear."
        ),
        Message("What the result rests on"),
        Message("An Excel workbook, a zip archive, or the CSV files of one folder. No names, NIP or NIK."),
        Message("Training"),
    ):
        assert text.text(lang=lang) in everything
        assert text.text(lang=other) not in everything
    page.get_by_role("button", name=Message("Copy").text(lang=lang)).click()
    page.wait_for_function("document.querySelector('.k-table')?.tHead.rows[0].cells.length === 4")
    fresh(page)
    for width, height in ((1280, 720), (1440, 900)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        shown = "[...document.querySelectorAll('.k-table td, .k-label, .k-page button')]"
        cut = f"{shown}.filter(x => x.scrollWidth > x.clientWidth + 1).map(x => x.innerText)"
        assert page.evaluate(cut) == []


def test_ten_mistakes_of_a_workbook_are_shown_by_sheet_and_cell(
    page: Any, planner: str, tmp_path: Path
) -> None:
    opened(page, planner)
    choose(page, "upload", mistaken(tmp_path / "kota.xlsx"))
    for lang in LANGUAGES:
        if lang == "en":
            page.get_by_role("button", name="English").click()
            page.get_by_text(Message("Plans").text(lang=lang), exact=True).wait_for()
        page.wait_for_selector(".k-problems")
        shown = page.locator(".k-problems .k-cell").all_inner_texts()
        assert sorted(shown) == sorted(CELLS)
        whole = page.locator(".k-problems").inner_text()
        assert ("bukan angka" in whole) == (lang == "id")
        assert page.locator(".k-problems").is_visible()


def test_plan_results_and_brief_are_saved(page: Any, planner: str, tmp_path: Path) -> None:
    opened(page, planner)
    for _ in range(2):
        press(page, "training-seats", "ArrowLeft")
    fresh(page)
    page.wait_for_function("+document.querySelector('.k-status span').dataset.done > 1")
    saved = {}
    for kind in ("plan", "workbook", "brief", "plans"):
        page.locator(f"button.k-get-{kind}").click()
        link = page.locator(".k-save a")
        ending = {"plan": ".yaml", "plans": "-contoh.yaml", "workbook": ".xlsx", "brief": ".html"}[kind]
        page.wait_for_function(
            "end => document.querySelector('.k-save a')?.download.endsWith(end)", arg=ending
        )
        with page.expect_download() as download:
            link.click()
        saved[kind] = tmp_path / download.value.suggested_filename
        download.value.save_as(saved[kind])
    training = [x for x in policy_from_yaml(saved["plan"].read_text("utf-8")).levers if x.name == "training"]
    assert [x.seats for x in training] == [30]
    assert sum(len(sheet._charts) for sheet in load_workbook(saved["workbook"]).worksheets) == 3
    assert "<h1" in saved["brief"].read_text("utf-8")
    columns = "document.querySelector('.k-table')?.tHead.rows[0].cells.length"
    page.locator("button.k-add").click()
    page.wait_for_function(f"{columns} === 4")
    choose(page, "load", saved["plans"])
    page.wait_for_function(f"{columns} === 3")
    page.wait_for_function("document.querySelector('.k-label').innerText.includes('30')")


def test_nobody_without_the_token_gets_in_and_nothing_leaves_the_machine(page: Any, planner: str) -> None:
    bare = planner.partition("?")[0]
    with urllib.request.urlopen(bare) as answer:
        assert "/login" in answer.url
        assert "k-page" not in answer.read().decode("utf-8")
    opened(page, planner)
    answered = page.evaluate("fetch('https://example.org').then(() => 'through', () => 'stopped')")
    assert answered == "stopped"
    assert [
        url for url in page.elsewhere if not url.startswith("https://cdn.jsdelivr.net/npm/@fortawesome")
    ] in ([], ["https://example.org/"])
