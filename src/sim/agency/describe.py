"""The tables explained, from the metadata of the spec: notes for templates, and docs/agency-format.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, Field, fields

from sim.agency.facts import FIGURES
from sim.agency.parse import canonical
from sim.agency.spec import KEYS, MAY_BE_EMPTY, TABLES

LANGUAGES = ("id", "en")

HEADINGS = {
    "id": ("tabel", "kolom", "wajib", "satuan", "boleh diisi", "arti", "arti (Inggris)", "contoh"),
    "en": ("table", "column", "required", "unit", "allowed", "meaning", "meaning (Indonesian)", "example"),
}
_YES = {"id": ("ya", "tidak"), "en": ("yes", "no")}
_WORDS = {
    "id": {"code": "kode: huruf, angka, - dan _", "text": "teks", "to": "s.d.", "whole": "bilangan bulat"},
    "en": {"code": "code: letters, digits, - and _", "text": "text", "to": "to", "whole": "whole number"},
}


def notes(lang: str) -> list[tuple[str, ...]]:
    """One row a column and a figure of the agency table, under ``HEADINGS[lang]``."""
    rows: list[tuple[str, ...]] = []
    for table, row in TABLES.items():
        for c in fields(row):
            required = _YES[lang][c.default is not MISSING]
            meanings = _both(lang, c.metadata["note_id"], c.metadata["note_en"])
            unit, example = c.metadata["unit"], str(c.metadata["example"])
            rows.append((table, c.name, required, unit, allowed(c, lang), *meanings, example))
    for key, figure in FIGURES.items():
        span = _span(figure.low, figure.high, lang) if not figure.is_text else _WORDS[lang]["text"]
        meanings = _both(lang, figure.note_id, figure.note_en)
        rows.append(("agency", f"key {key}", _YES[lang][0], figure.unit, span, *meanings, figure.example))
    return rows


def allowed(column: Field, lang: str) -> str:
    """What a cell of the column may hold, in words."""
    words, meta, kind = _WORDS[lang], column.metadata, str(column.type)
    if meta["choices"]:
        return " | ".join(meta["choices"])
    if kind == "str":
        return words["code"] if meta["code"] else words["text"]
    span = _span(meta["low"], meta["high"], lang)
    return f"{words['whole']} {span}" if kind == "int" else span


def _span(low: float | None, high: float | None, lang: str) -> str:
    ends = [canonical(float(end)) for end in (low, high) if end is not None]
    return f" {_WORDS[lang]['to']} ".join(ends)


def _both(lang: str, note_id: str, note_en: str) -> tuple[str, str]:
    return (note_id, note_en) if lang == "id" else (note_en, note_id)


def page() -> str:
    """docs/agency-format.md, the whole text."""
    return "\n".join([_INTRODUCTION, *_tables(), *_figures(), ""])


def _tables() -> Iterator[str]:
    for table, row in TABLES.items():
        keys = ", ".join(f"`{k}`" for k in KEYS[table])
        empty = " It may hold a heading alone." if table in MAY_BE_EMPTY else ""
        summary = str(row.__doc__).splitlines()[0]
        yield f"\n## {table}\n\n{summary} Rows are told apart by {keys}.{empty}\n"
        yield "| column | unit | allowed | empty means | meaning | arti | example |\n|---|---|---|---|---|---|---|"
        for c in fields(row):
            meta = c.metadata
            absent = (
                "not allowed"
                if c.default is MISSING
                else "none"
                if c.default is None
                else canonical(c.default)
            )
            cells = (f"`{c.name}`", meta["unit"], allowed(c, "en"), absent)
            yield _line(*cells, meta["note_en"], meta["note_id"], str(meta["example"]))


def _figures() -> Iterator[str]:
    yield "\n## Figures of the agency table\n"
    yield "Each is required; further rows are kept and shown, and not simulated.\n"
    yield _heading("key", "unit", "allowed", "meaning", "arti", "example")
    for key, f in FIGURES.items():
        span = "text" if f.is_text else _span(f.low, f.high, "en")
        yield _line(f"`{key}`", f.unit, span, f.note_en, f.note_id, f.example)


def _heading(*names: str) -> str:
    return _line(*names) + "\n" + "|---" * len(names) + "|"


def _line(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


_INTRODUCTION = """\
# The agency format

<!-- Written from the code: sim.agency.describe.page(). A test holds it equal; edit the code. -->

An agency is a folder of CSV files, or one Excel workbook (`.xlsx`) with the same tables as sheets. `kinerja
template OUT` writes either, with notes and example rows (`OUT.xlsx` for a workbook); `kinerja check PATH`
tells everything that is wrong with it, each with its file or sheet, row, column and what to do.

**Files.** `agency.csv`, `units.csv`, `services.csv`, `demand.csv`, `complaints.csv`, `programmes.csv`,
`courses.csv`; a file or sheet called `notes` is not read. The first row is the heading; columns may stand
in any order. Text is UTF-8, with or without a byte order mark. Cells are parted by commas, semicolons or
tabs, whichever the heading uses.

**Numbers.** `12.5` and `12,5` both work, but never separators of thousands. Where cells are parted by
semicolons, as Excel in Indonesian does, the decimal mark is the comma, else the point; a number that could
be read both ways (`1.250` beside decimal commas) is refused. Shares are written as `0.12`, not as
percentages. In a workbook numbers should be numbers; formulas count with the result that was saved.

**Sources.** Every row says in `source` where its numbers come from, and in `status` how well they are
known: V read in its source, V2 second-hand, M from memory, D derived, A assumed. Where columns differ, the
source has clauses between semicolons, `ikm: SKM report 2025 [V]; pns, pppk: BKD, January 2025 [V]; the rest
assumed`: the numbers without a clause have the status of the row. `sim.agency.provenance` lists every
number with its source and status.

**Between the tables.** Services belong to service units, programmes to programme units, and each unit has
at least one. Need weights of a unit, and shares of the complaint classes, sum to 1 (within .01). Skill
weights of a service count by their ratio. `staff` is at most the unit's officers.

**Who serves what.** Services take officers in blocks, in the order of the file: the first service the first
`staff` officers after the supervisor, the next service those after them, and on round the unit, so that
blocks overlap when services ask for more officers than there are. The first officer is the supervisor, who
serves only where one service asks for everybody.

**How busy.** On an ordinary day, demand x work (done again after errors, at most three attempts in all, and
with the complaints that follow) over the minutes of the officers who serve: 450 a day times presence. A
unit may state its `utilisation`; a warning tells when the tables imply another by more than .1, or more
than 1.3.

**Personal data.** A number of 16 or 18 digits, as a NIK or NIP, is refused wherever it stands, and not
repeated in the message. The simulation needs nobody's name."""
