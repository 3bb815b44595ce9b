"""Claim: one concept has one Indonesian term everywhere; words the glossary rules out stand in no text."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import sim
from sim.paths import data_dir

CATALOGUE = Path(sim.__file__).parent / "language" / "id.po"
GLOSSARY = data_dir().parent / "docs" / "glossary.md"

ALLOWED = {
    "campuran": (r"[Mm]odel campuran", "the statistical term: a mixed model"),
    "online": (r"'online'|online: daring", "a value in the tables of an agency"),
    "file": (r"file: berkas", "a value in the tables of an agency"),
}
"""Word -> the texts it may stand in, and why."""

WRITTEN = re.compile(r"^ *(?:- )?(label_id|title_id|question_id): (.+)$", re.MULTILINE)
"""Indonesian texts of policies and studies that ship."""

SLOT = re.compile(r"\{[^{}]*\}|`[^`]*`")
"""Slots are filled later, code is quoted: neither is prose."""


def fixed_terms() -> list[tuple[str, str, tuple[str, ...]]]:
    """English, Indonesian and the words not to use, from the last part of the glossary."""
    rows = []
    text = GLOSSARY.read_text(encoding="utf-8")
    for line in text[text.index("## Istilah baku") :].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 3 and cells[0] not in ("English", "---"):
            english, indonesian, ruled_out = cells
            words = () if ruled_out == "—" else tuple(word.strip() for word in ruled_out.split(","))
            rows.append((english, indonesian, words))
    return rows


def indonesian_texts() -> Iterator[tuple[str, str]]:
    """Where a text stands, and the text: the catalogue, and the Indonesian columns of tables that ship."""
    if CATALOGUE.exists():
        with CATALOGUE.open("rb") as file:
            for message in read_po(file):
                if message.id:
                    yield f"id.po: {message.id}", str(message.string)
    for path in sorted(data_dir().rglob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                for column, text in row.items():
                    if column and (column == "id" or column.endswith("_id")) and text:
                        yield f"{path.name}: {next(iter(row.values()))}, {column}", text
    for folder in ("policies", "studies"):
        for path in sorted((data_dir() / folder).glob("*.yaml")):
            for key, text in WRITTEN.findall(path.read_text(encoding="utf-8")):
                yield f"{path.name}: {key}", text


def uses(word: str, text: str) -> bool:
    """Whether a text has the word, as a whole word, in whatever case, where it is not allowed."""
    prose = SLOT.sub(" ", text)
    start = r"(?<!\w)" if word[0].isalnum() else ""
    end = r"(?!\w)" if word[-1].isalnum() else ""
    flags = re.NOFLAG if word.isupper() else re.IGNORECASE
    if not re.search(f"{start}{re.escape(word)}{end}", prose, flags):
        return False
    allowed, _ = ALLOWED.get(word, ("", ""))
    return not (allowed and re.search(allowed, text))


TERMS = fixed_terms()


def test_the_glossary_is_read() -> None:
    assert 150 < len(TERMS) <= 200
    assert len({english for english, _, _ in TERMS}) == len(TERMS)
    assert ("replication", "replikasi", ("ulangan",)) in TERMS


def test_no_term_is_ruled_out_elsewhere() -> None:
    """A word that one row rules out is no term of another."""
    for english, _, words in TERMS:
        for word in words:
            clash = [other for other, term, _ in TERMS if other != english and uses(word, term)]
            assert not clash, (word, clash)


@pytest.mark.parametrize("english", [english for english, _, words in TERMS if words])
def test_words_that_are_ruled_out_are_not_used(english: str) -> None:
    words = next(words for other, _, words in TERMS if other == english)
    found = [(word, where, text) for where, text in indonesian_texts() for word in words if uses(word, text)]
    assert not found, "\n".join(f"{word!r} in {where}: {text}" for word, where, text in found)


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("no space before the per cent sign", r"[\d}][ \N{NO-BREAK SPACE}]%"),
        ("no space after Rp", r"\bRp[ \N{NO-BREAK SPACE}][\d{]"),
        ("a dash, not a hyphen, between two figures", r"(?<![\w-])\d{1,3}-\d{1,3}(?![\w-])"),
    ],
)
def test_notation_follows_the_spelling_rules(what: str, pattern: str) -> None:
    found = [f"{where}: {text}" for where, text in indonesian_texts() if re.search(pattern, text)]
    assert not found, f"{what}:\n" + "\n".join(found)
