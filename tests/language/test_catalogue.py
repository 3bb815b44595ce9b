"""Claim: every text people see has its Indonesian, made of the same slots, and none is there for nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.pofile import read_po as babel_reads

from sim.errors import Message
from sim.language import extract
from sim.language.catalogue import CATALOGUE, read_po

FOUND = extract.messages()
ENTRIES = {key: said for key, said in read_po(CATALOGUE).items() if key[1]}


def test_no_text_is_without_indonesian() -> None:
    missing = {key: FOUND[key] for key in FOUND if not ENTRIES.get(key)}
    assert not missing, "run `make messages`, then translate what stands empty in id.po"


def test_no_translation_is_there_for_nothing() -> None:
    assert not sorted(text for _context, text in ENTRIES.keys() - FOUND.keys()), "run `make messages`"


def test_a_translation_has_the_slots_of_its_text() -> None:
    wrong = {
        text: said
        for (_, text), said in ENTRIES.items()
        if said and extract.slots(said) != extract.slots(text)
    }
    assert not wrong


def test_texts_are_marked_so_that_they_can_be_found() -> None:
    assert extract.misuses() == []


def test_the_catalogue_is_what_make_messages_writes(tmp_path: Path) -> None:
    copy = tmp_path / "id.po"
    copy.write_bytes(CATALOGUE.read_bytes())
    extract.update(copy)
    assert copy.read_bytes() == CATALOGUE.read_bytes(), "run `make messages`"


def test_nothing_is_said_of_nothing() -> None:
    """gettext gives the catalogue's header as the translation of an empty text."""
    assert Message("").text(lang="id") == ""


def test_babel_reads_the_same() -> None:
    with CATALOGUE.open("rb") as file:
        read = {(m.context, m.id): m.string for m in babel_reads(file) if m.id}
    assert read == ENTRIES


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('_(f"no {name}")', "literal"),
        ('_("no " + name)', "literal"),
        ("_(name)", "literal"),
        ('_("no {name}", nam=3)', "slots"),
        ('_("no {name}").format(name=3)', "filled"),
        ('_("no", context=name)', "context"),
        ("for _ in range(3): pass", "marker"),
        ("def f(*_): pass", "marker"),
    ],
)
def test_a_text_that_cannot_be_found_is_refused(line: str, why: str, tmp_path: Path) -> None:
    package = tmp_path / "sim"
    package.mkdir()
    (package / "a.py").write_text(f"from sim.errors import _\n{line}\n", encoding="utf-8")
    found = extract.misuses(package)
    assert len(found) == 1
    assert why in found[0].why
    assert found[0].place == "sim/a.py:2"


def test_texts_are_found_in_code_and_templates(tmp_path: Path) -> None:
    package = tmp_path / "sim"
    package.mkdir()
    (package / "a.py").write_text('_("one " "text", context="c")\n_("{n} more", n=3)\n', encoding="utf-8")
    (package / "b.j2").write_text(
        "{{ _('in a page', n=3) }} {% if x %}{{ _(\"two\") }}{% endif %}\n", encoding="utf-8"
    )
    found = extract.messages(package)
    assert {"sim/a.py", "sim/b.j2"} <= {place for places in found.values() for place in places}
    assert {("c", "one text"), (None, "{n} more"), (None, "in a page"), (None, "two")} <= found.keys()


def test_make_messages_keeps_translations_and_drops_the_rest(tmp_path: Path) -> None:
    package = tmp_path / "sim"
    package.mkdir()
    (package / "a.py").write_text('_("old")\n_("new\\n\\"line\\"")\n', encoding="utf-8")
    path = tmp_path / "id.po"
    extract.write_po(path, {(None, "old"): "lama\ttab", (None, "gone"): "hilang"})
    said = extract.update(path, package)
    assert said == {"missing": ['new\n"line"'], "dropped": ["gone"]}
    entries = read_po(path)
    assert entries[None, "old"] == "lama\ttab"
    assert entries[None, 'new\n"line"'] == ""
