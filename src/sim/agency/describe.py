"""Descriptions of the tables, made from the metadata of the spec: notes of templates, and docs/agency-format.md.

Templates show both languages side by side, so these functions take the language that comes first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, Field, fields

from sim.agency.columns import UNITS
from sim.agency.facts import FIGURES
from sim.agency.parse import canonical
from sim.agency.spec import KEYS, MAY_BE_EMPTY, TABLES
from sim.errors import Message, _
from sim.language import LANGUAGES, speaking

_HEADINGS = (_("table"), _("column"), _("required"), _("unit"), _("allowed"), _("meaning"))
_OTHER_MEANING = {"id": _("meaning (English)"), "en": _("meaning (Indonesian)")}


def headings(*, lang: str) -> tuple[str, ...]:
    """Return the headings of :func:`notes`."""
    return tuple(heading.text(lang=lang) for heading in (*_HEADINGS, _OTHER_MEANING[lang], _("example")))


def notes(*, lang: str) -> list[tuple[str, ...]]:
    """Return one row per column and per figure of the agency table, under :func:`headings`."""
    rows: list[tuple[str, ...]] = []
    with speaking(lang):
        for table, row in TABLES.items():
            for c in fields(row):
                required = _("yes") if c.default is MISSING else _("no")
                unit, example = _unit(c.metadata["unit"]), str(c.metadata["example"])
                meanings = _both(lang, c.metadata["note"])
                rows.append((table, c.name, str(required), unit, allowed(c), *meanings, example))
        for key, figure in FIGURES.items():
            span = str(_("text")) if figure.is_text else _span(figure.low, figure.high)
            meanings = _both(lang, figure.note)
            rows.append(
                ("agency", f"key {key}", str(_("yes")), _unit(figure.unit), span, *meanings, figure.example)
            )
    return rows


def allowed(column: Field) -> str:
    """Say in words, in the session's language, what a cell of the column may hold."""
    meta, kind = column.metadata, str(column.type)
    if meta["choices"]:
        return " | ".join(meta["choices"])
    if kind == "str":
        return str(_("code: letters, digits, - and _") if meta["code"] else _("text"))
    span = _span(meta["low"], meta["high"])
    return str(_("whole number {span}", span=span)) if kind == "int" else span


def _span(low: float | None, high: float | None) -> str:
    ends = [canonical(float(end)) for end in (low, high) if end is not None]
    return str(_("{low} to {high}", low=ends[0], high=ends[1])) if len(ends) == 2 else "".join(ends)


def _unit(unit: str) -> str:
    return str(UNITS.get(unit, unit))


def _both(lang: str, note: Message) -> tuple[str, str]:
    other = next(x for x in LANGUAGES if x != lang)
    return note.text(lang=lang), note.text(lang=other)


def page() -> str:
    """Return the whole text of docs/agency-format.md."""
    with speaking("en"):
        return "\n".join([_INTRODUCTION, *_tables(), *_figures(), ""])


def _tables() -> Iterator[str]:
    for table, row in TABLES.items():
        keys = ", ".join(f"`{k}`" for k in KEYS[table])
        empty = " It may consist of a heading only." if table in MAY_BE_EMPTY else ""
        summary = str(row.__doc__).splitlines()[0]
        yield f"\n## {table}\n\n{summary} Rows are identified by {keys}.{empty}\n"
        yield "| column | unit | allowed | empty means | meaning | arti | example |\n|---|---|---|---|---|---|---|"
        for c in fields(row):
            meta = c.metadata
            absent = (
                "not allowed"
                if c.default is MISSING
                else "none"
                if c.default is None
                else c.default
                if isinstance(c.default, str)
                else canonical(c.default)
            )
            cells = (f"`{c.name}`", meta["unit"], allowed(c), absent)
            yield _line(*cells, *_both("en", meta["note"]), str(meta["example"]))


def _figures() -> Iterator[str]:
    yield "\n## Figures of the agency table\n"
    yield "Each is required; further rows are kept and shown, and not simulated.\n"
    yield _heading("key", "unit", "allowed", "meaning", "arti", "example")
    for key, f in FIGURES.items():
        span = "text" if f.is_text else _span(f.low, f.high)
        yield _line(f"`{key}`", f.unit, span, *_both("en", f.note), f.example)


def _heading(*names: str) -> str:
    return _line(*names) + "\n" + "|---" * len(names) + "|"


def _line(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


_INTRODUCTION = """\
# The agency format

<!-- Written from the code: sim.agency.describe.page(). A test holds it equal; edit the code. -->

An agency is a folder of CSV files, or one Excel workbook (`.xlsx`) with the same tables as sheets. `kinerja
template OUT` writes either, with notes and example rows (`OUT.xlsx` for a workbook); `kinerja check PATH`
reports everything that is wrong with it, each with its file or sheet, row, column and what to do.

**Files.** `agency.csv`, `units.csv`, `services.csv`, `demand.csv`, `complaints.csv`, `programmes.csv`,
`courses.csv`; a file or sheet called `notes` is not read. The first row is the heading; columns may stand
in any order. Text is UTF-8, with or without a byte order mark. Cells are separated by commas, semicolons or
tabs, whichever the heading uses.

**Numbers.** `12.5` and `12,5` both work, but never separators of thousands. Where cells are separated by
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
weights of a service count by their ratio. `staff` is at most the unit's number of officers.

**Who serves what.** Services take officers in blocks, in the order of the file: the first service takes the
first `staff` officers after the supervisor, the next service those after them, and after the last officer
the first again, so that blocks overlap where the services need more officers than there are. The first
officer is the supervisor, who serves only where one service needs every officer.

**How busy.** On an ordinary day: demand x work (repeated after errors, at most three attempts in all, and
with the complaints that follow) over the minutes of the officers who serve, 450 per day times presence. A
unit may state its `utilisation`; there is a warning where the tables imply a value that differs by more
than .1, or one above 1.3.

**Personal data.** A number of 16 or 18 digits, as a NIK or NIP, is refused wherever it stands, and not
repeated in the message. The simulation needs no names."""
