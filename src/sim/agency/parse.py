"""From cells to typed rows: every column of the spec checked for presence, type, range and choice."""

from __future__ import annotations

import math
import re
from dataclasses import MISSING, Field, dataclass, fields
from datetime import date, time
from typing import Any

from sim.agency.facts import FIGURES
from sim.agency.sheets import Sheet, as_text, near, personal_problems, shown
from sim.agency.spec import KEYS, MAY_BE_EMPTY, TABLES
from sim.errors import Problem, _

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?([eE][+-]?[0-9]{1,3})?")
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}([.,][0-9]{3})+")
_LONGEST = 2000


class Wrong(ValueError):
    """What is wrong with one cell, and what to do."""

    def __init__(self, what: str, do: str) -> None:
        super().__init__(what)
        self.what, self.do = what, do


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one table that are right by themselves, and all its keys, of wrong rows too.

    Attributes
    ----------
    where : str
        File or sheet.
    rows : list of (row number, row)
    keys : set of str
        First key column of every row, right or wrong.
    places : dict of str to str
        Column -> how the user finds it.
    complete : bool
        No row was left out for being wrong.
    """

    where: str
    rows: list[tuple[int, Any]]
    keys: set[str]
    places: dict[str, str]
    complete: bool

    def problem(self, row: int | None, column: str | None, what: str, do: str) -> Problem:
        return Problem(self.where, row, self.places.get(column, column) if column else None, what, do)


def number(cell: object, mark: str = ".") -> float:
    """The number in a cell.

    A text may have a decimal point or a decimal comma, whichever the file uses, but never separators of
    thousands: where the other mark could be one (``1.250`` in a file with decimal commas) it is refused.

    Raises
    ------
    Wrong
        It is no finite number, or could be two.
    """
    if isinstance(cell, bool):
        raise Wrong(_("{cell} is not a number.", cell=shown(cell)), _("Write a number."))
    if isinstance(cell, date | time):
        raise Wrong(
            _("Excel took this for a date or a time."),
            _("Give the cell the format Number and type it again."),
        )
    text = as_text(cell)
    if not isinstance(cell, int | float):
        if _THOUSANDS.fullmatch(text) and (text.count(".") + text.count(",") > 1 or mark not in text):
            plain = re.sub("[.,]", "", text)
            raise Wrong(
                _("{text} may mean two numbers.", text=shown(text)),
                _("Write {plain}, or the decimals with '{mark}'.", plain=plain, mark=mark),
            )
        if "%" in text:
            raise Wrong(_("{text} is a percentage.", text=shown(text)), _("Write a share: 0.12 for 12 %."))
        if not _NUMBER.fullmatch(text):
            raise Wrong(
                _("{text} is not a number.", text=shown(text)),
                _("Write digits alone, no unit and no thousands separator."),
            )
    value = float(text.replace(",", "."))
    if not math.isfinite(value):
        raise Wrong(_("{text} is not a finite number.", text=shown(text)), _("Write an ordinary number."))
    return value


def canonical(value: float) -> str:
    """The shortest text that reads back as the same number; no decimals for whole ones."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def text(cell: object) -> str:
    """The text in a cell; Wrong where a spreadsheet or a reader could not show it."""
    found = as_text(cell)
    if len(found) > _LONGEST:
        raise Wrong(
            _("the text has {n_found} characters.", n_found=len(found)),
            _("Keep it under {longest}.", longest=_LONGEST),
        )
    odd = next((c for c in found if not c.isprintable()), None)
    if odd is not None:
        raise Wrong(
            _("the text holds a character that cannot be seen (U+{ord:04X}).", ord=ord(odd)),
            _("Type the text again."),
        )
    if found.startswith(("=", "+", "@")):
        raise Wrong(
            _("{found} would be a formula in Excel.", found=shown(found)),
            _("Begin the text with a letter or a digit."),
        )
    return found


def _in_range(value: float, low: float | None, high: float | None, unit: str) -> None:
    if (low is not None and value < low) or (high is not None and value > high):
        bounds = f"{canonical(float(low or 0))} to {canonical(float(high or 0))} {unit}".rstrip()
        sign = "is negative" if value < 0 <= (low or 0) else "is out of range"
        raise Wrong(f"{shown(canonical(value))} {sign}.", _("Write a number from {bounds}.", bounds=bounds))


def _code(found: str) -> str:
    if not _CODE.fullmatch(found):
        do = _("Write letters, digits, - and _, at most 40, without spaces.")
        raise Wrong(_("{found} is not a code.", found=shown(found)), do)
    return found


def _value(column: Field, cell: object, mark: str) -> Any:
    """One cell as its column's type; the annotations are texts, as the spec defers them."""
    kind, meta = str(column.type), column.metadata
    if as_text(cell) == "":
        if column.default is not MISSING:
            return column.default
        example = meta["example"]
        raise Wrong(_("the cell is empty."), _("Fill it, e.g. {example}.", example=example))
    if kind == "str":
        found = text(cell)
        if meta["choices"] and found not in meta["choices"]:
            known = ", ".join(meta["choices"])
            raise Wrong(
                _("{found} is not a choice.", found=shown(found)),
                _("{hint}Choices: {known}.", hint=near(found, list(meta["choices"])), known=known),
            )
        return _code(found) if meta["code"] else found
    value = number(cell, mark)
    if kind == "int" and not value.is_integer():
        raise Wrong(
            _("{canonical} is not a whole number.", canonical=shown(canonical(value))),
            _("Write a whole number."),
        )
    _in_range(value, meta["low"], meta["high"], meta["unit"])
    return int(value) if kind == "int" else value


def figure(key: str, value: str, mark: str) -> str:
    """The value of a row of the agency table in canonical form; Wrong where the figure cannot have it."""
    known = FIGURES.get(key)
    if known is None:
        try:
            return canonical(number(value, mark))
        except Wrong:
            return value
    if known.is_text:
        return _code(value) if key == "name" else value
    found = number(value, mark)
    _in_range(found, known.low, known.high, known.unit)
    return canonical(found)


def parse_table(table: str, sheet: Sheet) -> tuple[Table, list[Problem]]:
    """All rows of a table that can be read, and all that is wrong with the others."""
    problems = personal_problems(sheet)
    columns: dict[str, Field] = {c.name: c for c in fields(TABLES[table])}
    at, places, heading_problems = _columns(sheet, columns)
    problems += heading_problems
    complete = all(name in at or c.default is not MISSING for name, c in columns.items())
    out = Table(sheet.where, [], set(), places, complete)
    seen: dict[tuple, tuple[int, Any]] = {}
    right = True
    for n, cells in sheet.rows:
        wrong = _width(sheet, n, cells)
        values = {}
        for name, position in at.items():
            cell = cells[position] if position < len(cells) else None
            if name == KEYS[table][0] and cell is not None:
                out.keys.add(as_text(cell))
            if position >= len(cells) and wrong:
                continue
            try:
                values[name] = _value(columns[name], cell, sheet.mark)
                if name == "value" and table == "agency" and "key" in values:
                    values[name] = figure(values["key"], values[name], sheet.mark)
            except Wrong as error:
                wrong.append(out.problem(n, name, error.what, error.do))
        if not wrong and complete:
            row = TABLES[table](**values)
            wrong += _repeated(table, out, n, row, seen)
            out.rows.append((n, row))
        right = right and not wrong
        problems += wrong
    if not sheet.rows and table not in MAY_BE_EMPTY:
        problems.append(out.problem(None, None, _("there are no rows."), _("Add at least one.")))
    return Table(out.where, out.rows, out.keys, places, complete and right), problems


def _columns(sheet: Sheet, columns: dict[str, Field]) -> tuple[dict[str, int], dict[str, str], list[Problem]]:
    """Where each known column stands, how the user finds it, and what is wrong with the heading."""
    at: dict[str, int] = {}
    places: dict[str, str] = {}
    problems = []
    unknown = [name for __, __, name in sheet.heading if name and name not in columns]
    absent = [name for name in columns if name not in {name for __, __, name in sheet.heading}]
    for position, place, name in sheet.heading:
        if name in at:
            do = _("Keep one of the two.")
            problems.append(Problem(sheet.where, 1, place, _("this column is there twice."), do))
        elif name in columns:
            at[name], places[name] = position, place
        elif name:
            do = _("{hint}Take it out, or put what it says under 'source'.", hint=near(name, absent))
            problems.append(Problem(sheet.where, 1, place, _("this column is unknown."), do))
        elif any(position < len(cells) and cells[position] is not None for __, cells in sheet.rows):
            what = _("column {position} has cells but no heading.", position=position + 1)
            problems.append(Problem(sheet.where, 1, None, what, _("Name it, or empty it.")))
    for name in absent:
        if columns[name].default is MISSING:
            hint = near(name, unknown)
            what = _("this column is missing.")
            problems.append(
                Problem(
                    sheet.where,
                    1,
                    name,
                    what,
                    _("{hint}Add it: {note_en}.", hint=hint, note_en=columns[name].metadata["note_en"]),
                )
            )
    return at, places, problems


def _width(sheet: Sheet, n: int, cells: tuple[object, ...]) -> list[Problem]:
    """A row must be as long as the heading; empty cells beyond it do no harm."""
    wide = len(sheet.heading)
    beyond = [k for k in range(wide, len(cells)) if cells[k] is not None]
    if beyond:
        what = _(
            "the row is too long: {last_beyond} cells under {wide} headings.",
            last_beyond=beyond[-1] + 1,
            wide=wide,
        )
        return [Problem(sheet.where, n, None, what, _("Put texts that hold the separator in double quotes."))]
    if len(cells) < wide:
        what = _(
            "the row is too short: {n_cells} cells under {wide} headings.", n_cells=len(cells), wide=wide
        )
        return [
            Problem(sheet.where, n, None, what, _("Fill the row, with empty cells where nothing is known."))
        ]
    return []


def _repeated(table: str, out: Table, n: int, row: Any, seen: dict[tuple, tuple[int, Any]]) -> list[Problem]:
    key = tuple(getattr(row, name) for name in KEYS[table])
    first = seen.setdefault(key, (n, row))
    if first[0] == n:
        return []
    if first[1] == row:
        return [
            out.problem(
                n,
                None,
                _("this row is the same as row {first_first}.", first_first=first[0]),
                _("Delete one."),
            )
        ]
    named = ", ".join(map(shown, key))
    what = _("{named} is already in row {first_first}.", named=named, first_first=first[0])
    return [out.problem(n, KEYS[table][0], what, _("Give each row its own, or merge the two."))]
