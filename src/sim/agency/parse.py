"""Turn cells into typed rows: every column of the spec is checked for presence, type, range and choice."""

from __future__ import annotations

import math
import re
from dataclasses import MISSING, Field, dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any

from sim.agency.columns import UNITS
from sim.agency.facts import FIGURES
from sim.agency.sheets import Sheet, as_text, near, personal_problems, shown
from sim.agency.spec import KEYS, MAY_BE_EMPTY, TABLES
from sim.errors import Message, Problem, _

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?([eE][+-]?[0-9]{1,3})?")
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}([.,][0-9]{3})+")
_CLOCK = re.compile(r"(\d?\d):(\d\d)(?::00)?|(\d\d)\.(\d\d)")
_LONGEST = 2000


class Wrong(ValueError):
    """One cell is wrong: what is wrong with it, and what to do."""

    def __init__(self, what: Message, do: Message) -> None:
        super().__init__(what)
        self.what, self.do = what, do


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one table that are right by themselves, and the keys of all its rows.

    Attributes
    ----------
    where : str
        File or sheet.
    rows : list of (row number, row)
    keys : set of str
        First key column of every row, right or wrong.
    places : dict of str to str
        Column -> its place as the user sees it.
    complete : bool
        No row was left out as wrong.
    """

    where: str
    rows: list[tuple[int, Any]]
    keys: set[str]
    places: dict[str, str]
    complete: bool

    def problem(self, row: int | None, column: str | None, what: Message, do: Message) -> Problem:
        """Make a problem of this table, its column named as the user sees it."""
        return Problem(self.where, row, self.places.get(column, column) if column else None, what, do)


def number(cell: object, mark: str = ".") -> float:
    """Return the number in a cell.

    A text may have a decimal point or a decimal comma, whichever the file uses, but never thousands separators:
    where the other mark could be one (``1.250`` in a file with decimal commas) the text is refused.

    Raises
    ------
    Wrong
        The cell holds no finite number, or may mean two numbers.
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
            raise Wrong(_("{text} is a percentage.", text=shown(text)), _("Write a share: 0.12 for 12%."))
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
    """Return the shortest text that reads back as the same number; whole numbers have no decimals."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def text(cell: object) -> str:
    """Return the text in a cell; raise Wrong where a spreadsheet could not show it or would compute it."""
    found = as_text(cell)
    if len(found) > _LONGEST:
        raise Wrong(
            _("the text has {n} characters.", n=len(found)), _("Keep it under {longest}.", longest=_LONGEST)
        )
    odd = next((c for c in found if not c.isprintable()), None)
    if odd is not None:
        raise Wrong(
            _("the text holds an invisible character (U+{code:04X}).", code=ord(odd)),
            _("Type the text again."),
        )
    if found.startswith(("=", "+", "@")):
        raise Wrong(
            _("{text} would be a formula in Excel.", text=shown(found)),
            _("Begin the text with a letter or a digit."),
        )
    return found


def clock(cell: object) -> str:
    """Return the time of day in a cell as ``07:30``; raise Wrong where there is none.

    ``7:30`` and ``07.30`` are understood; a bare number (``7.3``) may mean two times and is refused.
    """
    minutes = None
    if isinstance(cell, time) and cell.second == cell.microsecond == 0:
        minutes = 60 * cell.hour + cell.minute
    elif isinstance(cell, timedelta):
        minutes, rest = divmod(cell, timedelta(minutes=1))
        minutes = None if rest else minutes
    elif isinstance(cell, datetime):  # Excel's 24:00 is the day after its day 0
        minutes = 24 * 60 if cell in (datetime(1899, 12, 31), datetime(1900, 1, 1)) else None
    elif isinstance(cell, str) and (match := _CLOCK.fullmatch(as_text(cell))):
        hour, minute = (int(part) for part in match.groups() if part is not None)
        minutes = 60 * hour + minute if minute < 60 else None
    if minutes is None or not 0 <= minutes <= 24 * 60:
        what = _("{cell} is not a time of day.", cell=shown(cell))
        raise Wrong(what, _("Write hours and minutes as 07:30, from 00:00 to 24:00."))
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def day(cell: object) -> str:
    """Return the date in a cell as ``2026-03-19``; raise Wrong where there is none."""
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, date):
        return cell.isoformat()
    try:
        return datetime.strptime(as_text(cell), "%Y-%m-%d").date().isoformat()
    except ValueError as error:
        what = _("{cell} is not a date.", cell=shown(cell))
        raise Wrong(what, _("Write year, month and day as 2026-03-19.")) from error


def _in_range(value: float, low: float | None, high: float | None, unit: str) -> None:
    if (low is not None and value < low) or (high is not None and value > high):
        cell = shown(canonical(value))
        negative = value < 0 <= (low or 0)
        what = _("{cell} is negative.", cell=cell) if negative else _("{cell} is out of range.", cell=cell)
        ends = {"low": canonical(float(low or 0)), "high": canonical(float(high or 0))}
        if unit:
            raise Wrong(
                what, _("Write a number from {low} to {high} {unit}.", unit=UNITS.get(unit, unit), **ends)
            )
        raise Wrong(what, _("Write a number from {low} to {high}.", **ends))


def _code(found: str) -> str:
    if not _CODE.fullmatch(found):
        do = _("Write letters, digits, - and _, at most 40, without spaces.")
        raise Wrong(_("{text} is not a code.", text=shown(found)), do)
    return found


def _value(column: Field, cell: object, mark: str) -> Any:
    """Read one cell as its column's type (a text, because annotations of the spec are deferred)."""
    kind, meta = str(column.type).removesuffix(" | None"), column.metadata
    if as_text(cell) == "":
        if column.default is not MISSING:
            return column.default
        example = meta["example"]
        raise Wrong(_("the cell is empty."), _("Fill it, e.g. {example}.", example=example))
    if meta["form"]:
        return clock(cell) if meta["form"] == "clock" else day(cell)
    if kind == "str":
        found = text(cell)
        if meta["choices"] and found not in meta["choices"]:
            known = ", ".join(meta["choices"])
            raise Wrong(
                _("{text} is not a choice.", text=shown(found)),
                _("{hint}It can be {known}.", hint=near(found, list(meta["choices"])), known=known),
            )
        return _code(found) if meta["code"] else found
    value = number(cell, mark)
    if kind == "int" and not value.is_integer():
        raise Wrong(
            _("{cell} is not a whole number.", cell=shown(canonical(value))),
            _("Write a whole number."),
        )
    _in_range(value, meta["low"], meta["high"], meta["unit"])
    return int(value) if kind == "int" else value


def figure(key: str, value: str, mark: str) -> str:
    """Return the value of a row of the agency table in canonical form; raise Wrong where it cannot have it."""
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
    if known.whole and not found.is_integer():
        raise Wrong(
            _("{cell} is not a whole number.", cell=shown(canonical(found))), _("Write a whole number.")
        )
    return canonical(found)


def parse_table(table: str, sheet: Sheet) -> tuple[Table, list[Problem]]:
    """Read all rows of a table that are right, and find what is wrong with the others."""
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
    """Return the position and place of each known column, and what is wrong with the heading."""
    at: dict[str, int] = {}
    places: dict[str, str] = {}
    problems = []
    unknown = [name for *__, name in sheet.heading if name and name not in columns]
    absent = [name for name in columns if name not in {name for *__, name in sheet.heading}]
    for position, place, name in sheet.heading:
        if name in at:
            do = _("Keep one of the two.")
            problems.append(Problem(sheet.where, 1, place, _("this column is there twice."), do))
        elif name in columns:
            at[name], places[name] = position, place
        elif name:
            do = _("{hint}Remove it, or put its content under 'source'.", hint=near(name, absent))
            problems.append(Problem(sheet.where, 1, place, _("this column is unknown."), do))
        elif any(position < len(cells) and cells[position] is not None for __, cells in sheet.rows):
            what = _("column {position} has cells but no heading.", position=position + 1)
            problems.append(Problem(sheet.where, 1, None, what, _("Name it, or empty it.")))
    for name in absent:
        if columns[name].default is MISSING:
            note = columns[name].metadata["note"]
            do = _("{hint}Add it: {note}.", hint=near(name, unknown), note=note)
            problems.append(Problem(sheet.where, 1, name, _("this column is missing."), do))
    return at, places, problems


def _width(sheet: Sheet, n: int, cells: tuple[object, ...]) -> list[Problem]:
    """Check that a row is as long as the heading; further cells must be empty."""
    wide = len(sheet.heading)
    beyond = [k for k in range(wide, len(cells)) if cells[k] is not None]
    if beyond:
        what = _(
            "the row is too long: {cells} cells under {headings} headings.",
            cells=beyond[-1] + 1,
            headings=wide,
        )
        return [Problem(sheet.where, n, None, what, _("Put texts that hold the separator in double quotes."))]
    if len(cells) < wide:
        what = _(
            "the row is too short: {cells} cells under {headings} headings.", cells=len(cells), headings=wide
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
        what = _("this row is the same as row {first}.", first=first[0])
        return [out.problem(n, None, what, _("Delete one."))]
    what = _("{key} is already in row {first}.", key=list(map(shown, key)), first=first[0])
    return [out.problem(n, KEYS[table][0], what, _("Give each row its own, or merge the two."))]
