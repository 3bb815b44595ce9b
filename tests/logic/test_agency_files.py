"""Claim: what is written loads as the same agency, is written whole or not at all, and replaces nothing unasked."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from sim.agency import Agency, check_agency, load_agency, write_agency, write_template
from sim.agency.describe import headings, notes, page
from sim.agency.facts import FIGURES
from sim.agency.spec import OPTIONAL, TABLES
from sim.errors import KinerjaError, Problems

SHIPPED = ["contoh", "gorontalo", "jambi", "makassar", "makassar-full"]


def listing(path: Path) -> list[str]:
    return sorted(str(p.relative_to(path)) for p in path.rglob("*"))


@pytest.mark.parametrize("name", SHIPPED)
def test_folder_and_workbook_give_back_the_same_agency(tmp_path, name):
    agency = load_agency(name)
    assert load_agency(write_agency(agency, tmp_path / "new" / "a")) == agency
    assert load_agency(write_agency(agency, tmp_path / "new" / "a.xlsx")) == agency
    assert sorted(os.listdir(tmp_path / "new")) == ["a", "a.xlsx"]  # nothing beside them


TEXTS = st.text(st.characters(exclude_categories=["Cc", "Z"]), min_size=1, max_size=30) | st.text(max_size=3)


@settings(max_examples=20, deadline=None)
@given(
    demand=st.floats(0.01, 20000),
    patience=st.none() | st.floats(1, 1e6),
    suffix=st.sampled_from(["", ".xlsx"]),
)
def test_any_numbers_survive(tmp_path_factory, demand, patience, suffix):
    agency = load_agency("contoh")
    first = replace(agency.services[0], demand=demand, patience=patience)
    agency = replace(agency, services=(first, *agency.services[1:]))
    assert load_agency(write_agency(agency, tmp_path_factory.mktemp("any") / f"a{suffix}")) == agency


@settings(max_examples=20, deadline=None)
@given(texts=st.tuples(TEXTS, TEXTS), suffix=st.sampled_from(["", ".xlsx"]))
def test_any_texts_survive_or_are_refused(tmp_path_factory, texts, suffix):
    agency = load_agency("contoh")
    first = replace(agency.services[0], label_id=texts[0], source=texts[1])
    agency = replace(agency, services=(first, *agency.services[1:]))
    folder = tmp_path_factory.mktemp("any")
    try:
        out = write_agency(agency, folder / f"a{suffix}")
    except KinerjaError:
        assert listing(folder) == []
    else:
        assert load_agency(out) == agency


def test_ordinary_texts_are_not_refused(tmp_path):
    texts = 'Poli "umum"; KIA, gigi\u2019s \u20ac 100 % (50-50) | #1 - null'
    agency = load_agency("contoh")
    agency = replace(agency, services=(replace(agency.services[0], label_id=texts), *agency.services[1:]))
    for out in ("a", "a.xlsx"):
        assert load_agency(write_agency(agency, tmp_path / out)) == agency


@pytest.mark.parametrize("out", ["a", "a.xlsx"])
def test_what_is_there_stays_unless_told(tmp_path, out):
    agency, other = load_agency("contoh"), load_agency("jambi")
    path = write_agency(agency, tmp_path / out)
    for write in (
        lambda **more: write_agency(other, path, **more),
        lambda **more: write_template(path, **more),
    ):
        with pytest.raises(KinerjaError, match="already there"):
            write()
        assert load_agency(path) == agency
    write_agency(other, path, overwrite=True)
    assert load_agency(path) == other


def test_other_files_in_a_folder_stay(tmp_path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    write_agency(load_agency("contoh"), tmp_path)
    write_agency(load_agency("jambi"), tmp_path, overwrite=True)
    assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "mine"
    assert load_agency(tmp_path).name == "jambi"


@pytest.mark.parametrize("out", ["a", "a.xlsx"])
def test_an_agency_that_would_not_load_is_not_written(tmp_path, out):
    agency = load_agency("contoh")
    with pytest.raises(Problems, match="no service 'ktp'"):
        write_agency(replace(agency, services=()), tmp_path / out)
    with pytest.raises(KinerjaError, match="another agency"):
        write_agency(replace(agency, label="Another"), tmp_path / out)
    assert listing(tmp_path) == []


@pytest.mark.parametrize("out", ["a", "a.xlsx"])
def test_a_disk_that_fails_half_way_leaves_nothing_new(tmp_path, monkeypatch, out):
    path = write_agency(load_agency("contoh"), tmp_path / out)
    before = listing(tmp_path)

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full_disk)
    with pytest.raises(KinerjaError, match="No space left"):
        write_agency(load_agency("jambi"), path, overwrite=True)
    with pytest.raises(KinerjaError, match="No space left"):
        write_agency(load_agency("jambi"), tmp_path / f"new-{out}")
    monkeypatch.undo()
    assert listing(tmp_path) == before
    assert load_agency(path) == load_agency("contoh")


def test_names_that_are_taken_or_of_another_kind(tmp_path):
    (tmp_path / "a.xlsx").mkdir()
    (tmp_path / "a").write_text("", encoding="utf-8")
    wrong = {"a.xlsx": "a folder of this name", "a": "a file of this name", "a.xls": "cannot write .xls"}
    for out, words in wrong.items():
        with pytest.raises(KinerjaError, match=words):
            write_agency(load_agency("contoh"), tmp_path / out, overwrite=True)


# Template


@pytest.mark.parametrize("lang", ["id", "en"])
@pytest.mark.parametrize("out", ["a", "a.xlsx"])
def test_the_template_loads_and_checks_clean(tmp_path, lang, out):
    path = write_template(tmp_path / out, lang=lang)
    assert check_agency(path) == []
    agency: Agency = load_agency(path)
    assert all(agency.rows(table) or table in OPTIONAL for table in TABLES)
    assert agency.steps == ()  # to be filled in, not to be deleted first
    assert len(agency.facts) == len(FIGURES)


def test_folder_and_workbook_templates_agree(tmp_path):
    assert load_agency(write_template(tmp_path / "a")) == load_agency(
        write_template(tmp_path / "a.xlsx", lang="en")
    )


def test_notes_explain_every_column_and_figure_in_both_languages(tmp_path):
    for lang in ("id", "en"):
        assert {len(row) for row in notes(lang=lang)} == {len(headings(lang=lang))}
        assert all(row[5] and row[6] and row[7] for row in notes(lang=lang))
    named = {(row[0], row[1]) for row in notes(lang="id")}
    assert {(t, c) for t, row in TABLES.items() for c in row.__dataclass_fields__} <= named
    assert {("agency", f"key {key}") for key in FIGURES} <= named
    assert [row[5] for row in notes(lang="id")] == [row[6] for row in notes(lang="en")]


def test_the_workbook_offers_choices_and_explains_headings(tmp_path):
    book = load_workbook(write_template(tmp_path / "a.xlsx"))
    assert book.sheetnames == ["notes", *TABLES]
    units = book["units"]
    assert all(cell.comment.text for cell in units[1])
    lists = {v.formula1: str(v.sqref) for v in units.data_validations.dataValidation}
    assert lists['"service,programme"'] == "D2:D500"


def test_unknown_language(tmp_path):
    with pytest.raises(ValueError, match="id, en"):
        write_template(tmp_path / "a", lang="fr")


def test_the_format_page_is_what_the_code_says():
    """Renew it: python -c "from sim.agency.describe import page; print(page(), end='')" > docs/agency-format.md"""
    written = Path(__file__).parents[2] / "docs" / "agency-format.md"
    assert written.read_text(encoding="utf-8") == page()
