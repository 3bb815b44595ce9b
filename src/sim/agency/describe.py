"""Descriptions of the tables, made from the metadata of the spec: notes of templates, and docs/agency-format.md.

Templates show both languages side by side, so these functions take the language that comes first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, Field, fields

from sim.agency.columns import UNITS
from sim.agency.facts import FIGURES
from sim.agency.parse import canonical
from sim.agency.spec import KEYS, MAY_BE_EMPTY, OPTIONAL, TABLES
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
            needed = str(_("yes") if figure.default is None else _("no"))
            rows.append(("agency", f"key {key}", needed, _unit(figure.unit), span, *meanings, figure.example))
    return rows


def allowed(column: Field) -> str:
    """Say in words, in the session's language, what a cell of the column may hold."""
    meta, kind = column.metadata, str(column.type).removesuffix(" | None")
    if meta["choices"]:
        return " | ".join(meta["choices"])
    if meta["form"]:
        return str(_("time of day, 00:00 to 24:00") if meta["form"] == "clock" else _("date, as 2026-03-19"))
    if kind == "str":
        return str(_("code: letters, digits, - and _") if meta["code"] else _("text"))
    span = _span(meta["low"], meta["high"])
    return str(_("whole number {span}", span=span)) if kind.startswith("int") else span


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
        empty = (
            " It may be left out."
            if table in OPTIONAL
            else " It may consist of a heading only."
            if table in MAY_BE_EMPTY
            else ""
        )
        summary = str(row.__doc__).splitlines()[0]
        yield f"\n## {table}\n\n{summary} Rows are identified by {keys}.{empty}\n"
        yield "| column | unit | allowed | empty means | meaning | arti | example |\n|---|---|---|---|---|---|---|"
        for c in fields(row):
            meta = c.metadata
            absent = (
                "not allowed"
                if c.default is MISSING
                else "none"
                if c.default is None or c.default == ""
                else c.default
                if isinstance(c.default, str)
                else canonical(c.default)
            )
            cells = (f"`{c.name}`", meta["unit"], allowed(c), absent)
            yield _line(*cells, *_both("en", meta["note"]), str(meta["example"]))


def _figures() -> Iterator[str]:
    yield "\n## Figures of the agency table\n"
    yield "Each without a default is required; further rows are kept and shown, and not simulated.\n"
    yield _heading("key", "unit", "allowed", "left out means", "meaning", "arti", "example")
    for key, f in FIGURES.items():
        span = "text" if f.is_text else _span(f.low, f.high)
        yield _line(f"`{key}`", f.unit, span, f.default or "not allowed", *_both("en", f.note), f.example)


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
`courses.csv`; and, where they are needed, `steps.csv`, `hours.csv`, `closed_days.csv`, `shifts.csv`,
`work_samples.csv`. A file or sheet called `notes` is not read. The first row is the heading; columns may stand
in any order. Text is UTF-8, with or without a byte order mark. Cells are separated by commas, semicolons or
tabs, whichever the heading uses.

**Numbers.** `12.5` and `12,5` both work, but never separators of thousands. Where cells are separated by
semicolons, as Excel in Indonesian does, the decimal mark is the comma, else the point; a number that could
be read both ways (`1.250` beside decimal commas) is refused. Shares are written as `0.12`, not as
percentages. In a workbook numbers should be numbers; formulas count with the result that was saved.

**In Python.** `agency.frames()` gives the tables as DataFrames and `sim.Agency.from_frames(frames)` makes an
agency of them; `agency.with_(units={"dukcapil": {"absence": 0.1}}, agency={"ikm": 80})` changes some numbers. All
go through the same checks, with table, row (from 0, as in `iloc`) and column; so does every agency that a study or
`sim.simulate` is given. `sim.agency.check_agency(agency)` also lists what is odd but not wrong.

**Sources.** Every row says in `source` where its numbers come from, and in `status` how well they are
known: V read in its source, V2 second-hand, M from memory, D derived, A assumed. Where columns differ, the
source has clauses between semicolons, `ikm: SKM report 2025 [V]; pns, pppk: BKD, January 2025 [V]; the rest
assumed`: the numbers without a clause have the status of the row. `sim.agency.provenance` lists every
number with its source and status.

**Between the tables.** Services belong to service units, programmes to programme units, and each unit has
at least one. Need weights of a unit, and shares of the complaint classes, sum to 1 (within .01). Skill
weights of a service count by their ratio. `staff` is at most the unit's number of officers.

**Times and dates.** A time of day is written `07:30` (`7:30` and `07.30` are understood; a bare number is not), a
date `2026-03-19`; cells that Excel keeps as times and dates are read too.

**When a unit is open.** Without rows in `hours`: the usual hours of government offices (Perpres 21/2023), Monday to
Friday, shorter in Ramadan. With rows: on the weekdays that have one, for instance a Saturday service, or seven rows
from 00:00 to 24:00 for a unit that never closes: nobody is sent home between two days without a night. Closed are
public holidays and joint leave (unless the unit's `holidays` are `own`) and the dates in `closed_days`. The
`demand` of a service is per day that its unit is open: give a short Saturday a factor below 1 in the table
`demand`. Months are those of the calendar for all units.

**Who is on duty.** Without rows in `shifts`: all officers of the unit, from opening to closing. With rows: those
whom a shift takes from its group (`who`), all or as many as `number` or `share` says, in turns from week to week;
an officer on no shift is off duty. A row with a weekday replaces the rows without one of the same shift. Shifts on
one day that draw on the same group take different people as far as it has enough. An absent officer is absent from the
whole date. A case at the counter is finished before a break or the end of a shift; a file is put aside.

**Work and demand.** `work_kind` says how work varies around `work`: `lognormal` and `gamma` with `work_cv`,
`exponential` (`work_cv` 1), `constant` (`work_cv` 0), or `sample`, the minutes in `work_samples`, whose mean and
variation `work` and `work_cv` repeat. Requests of a day are Poisson; with `demand_sd` the day's mean is multiplied
by a gamma factor of that standard deviation, so that variance over mean is 1 + mean x demand_sd squared.

**Who serves what.** Services take officers in blocks, in the order of the file: the first service takes the
first `staff` officers after the supervisor, the next service those after them, and after the last officer
the first again, so that blocks overlap where the services need more officers than there are. The first
officer is the supervisor, who serves only where one service needs every officer.

**Steps.** A service without rows in the steps table is done in one step, as its own row says. With rows it
is a route: requests go from row to row, some skip forward to `skips_to`, some end early, the rest goes on
after the `hand_off`. After an error the request goes back to `returns_to` in `rework_days`, at most twice in
all; the error of a third time stays. A permit through counter, file and signature:

```
service,step,label_id,label_en,place,who,staff,work,error,returns_to,skips,skips_to,ends,hand_off,noticed,source,status
izin,loket,Loket,Counter,counter,front,,6,0.02,,,,,30,,assumed,A
izin,berkas,Pemeriksaan,Check,file,verifier,2,25,0.1,loket,0.2,serah,0.1,,0.5,assumed,A
izin,teken,Tanda tangan,Signature,file,supervisor,,2,0,,,,,,1.5,assumed,A
izin,serah,Penyerahan,Delivery,counter,front,,4,0,,,,,,,assumed,A
```

The row of the service says what holds for steps that leave a cell empty (`work_kind`, `work_cv`, `error`, skills, and
`staff` of the front line), and for the whole route (`demand`, `priority`, `patience`, `returns`,
`rework_days`, `expected_wait`, which is then the time to the end). Its `channel` is the place of the first
step, and its `work` the mean minutes of all steps together, without errors: 6 + 25 + .7 x 2 + .9 x 4 = 36 here.

**Who does a step.** `front`: the service's block of officers, as below, or a block of its own where `staff`
is given. `verifier`: a block of officers who are not the front line of the same service. `supervisor`: a
signature of the unit's first officer, or, with `staff` 3, of any of the first three.

**Attention.** Files, online requests and complaints may wait to be opened: a share never is (`unnoticed`), the
others after a lognormal delay (`noticed` is its median in working days, `noticed_spread` the SD of its
logarithm). After the work another delay may follow until the case is settled and goes on (`settled`). Both
run at the rate of attention that there is at the time, which levers change. Where the cells are empty, and
at a counter, everything is noticed at once.

**How busy.** On an ordinary day: demand x work (of every step, repeated after errors, at most three attempts
in all, and with the complaints that follow) over the minutes that the officers who serve, signatures included,
are on duty (450 per day without `hours` and `shifts`), times presence. A unit may state its `utilisation`; there
is a warning where the tables imply a value that differs by more than .1, or one above 1.3.

**Personal data.** A number of 16 or 18 digits, as a NIK or NIP, is refused wherever it stands, and not
repeated in the message. The simulation needs no names."""
