"""Read a column of cells as dates and times: day and month have one order in the whole column."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd

from sim.errors import KinerjaError, Message, Problem, _
from sim.tables.places import Place, Told, shown

Order = Literal["day", "month"]

MONTHS: dict[str, int] = {
    name: number
    for number, names in enumerate(
        [
            "januari january jan", "februari february pebruari feb peb", "maret march mar", "april apr",
            "mei may", "juni june jun",
            "juli july jul", "agustus august agu agt ags aug", "september sept sep", "oktober october okt oct",
            "november nopember nov nop", "desember december des dec",
        ],
        start=1,
    )
    for name in names.split()
}  # fmt: skip
"""Names of months in Indonesian and English, in full and short."""

SERIALS = (20_000, 80_000)
"""Days of a spreadsheet taken as dates: 1954 to 2119."""

_ZONES = {"WIB": 7, "WITA": 8, "WIT": 9, "UTC": 0, "GMT": 0}
_TIME = (
    r"(?:[T\s,]+(?:pukul\s+|jam\s+)?(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?"
    r"\s*(?P<half>[ap]\.?m\.?)?\s*(?P<offset>Z|[+-]\d{2}(?::?\d{2})?|WIB|WITA|WIT|UTC|GMT)?)?"
)
_DAYS = r"(?:(?:senin|selasa|rabu|kamis|jum'?at|sabtu|minggu|ahad|[a-z]+day|mon|tue|wed|thu|fri|sat|sun)\.?,?\s+)?"
_ISO = re.compile(
    rf"(?P<year>\d{{4}})(?P<sep>[-/.])(?P<month>\d{{1,2}})(?P=sep)(?P<day>\d{{1,2}}){_TIME}", re.IGNORECASE
)
_PLAIN = re.compile(rf"(?P<year>(?:19|20)\d{{2}})(?P<month>\d{{2}})(?P<day>\d{{2}}){_TIME}", re.IGNORECASE)
_SLASH = re.compile(
    rf"{_DAYS}(?P<a>\d{{1,2}})(?P<sep>[-/. ])(?P<b>\d{{1,2}})(?P=sep)(?P<year>\d{{4}}|\d{{2}}){_TIME}",
    re.IGNORECASE,
)
_NAMED = re.compile(
    rf"{_DAYS}(?P<day>\d{{1,2}})[\s./-]+(?P<name>[a-z]+)\.?[\s,./-]+(?P<year>\d{{4}}){_TIME}", re.IGNORECASE
)
_ENGLISH = re.compile(
    rf"{_DAYS}(?P<name>[a-z]+)\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}}){_TIME}",
    re.IGNORECASE,
)
_QUICK = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?")
_SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?")


@dataclass(frozen=True, slots=True)
class _Parts:
    """A date as written; `a` and `b` are its first two numbers where their order is open."""

    year: int
    month: int
    day: int
    open: bool
    clock: timedelta
    offset: timedelta | None


def _parts(text: str) -> _Parts | str:
    """Return the parts of a text that is a date, or why it is none."""
    found = _ISO.fullmatch(text) or _PLAIN.fullmatch(text)
    if found:
        return _with_time(found, int(found["year"]), int(found["month"]), int(found["day"]), False)
    found = _SLASH.fullmatch(text)
    if found:
        if len(found["year"]) == 2:
            return "short"
        return _with_time(found, int(found["year"]), int(found["b"]), int(found["a"]), True)
    found = _NAMED.fullmatch(text) or _ENGLISH.fullmatch(text)
    if found:
        month = MONTHS.get(found["name"].casefold())
        return _with_time(found, int(found["year"]), month, int(found["day"]), False) if month else "none"
    return "none"


def _with_time(found: re.Match[str], year: int, month: int, day: int, open_: bool) -> _Parts | str:
    hour, minute, second = (int(found[k] or 0) for k in ("hour", "minute", "second"))
    half = (found["half"] or "").replace(".", "").lower()
    if half and not 1 <= hour <= 12:
        return "none"
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    if minute > 59 or second > 60 or hour > 24 or (hour == 24 and (minute or second)):
        return "none"
    part = int((found["part"] or "0").ljust(9, "0")[:6])
    clock = timedelta(hours=hour, minutes=minute, seconds=second, microseconds=part)
    written = found["offset"]
    offset = None
    if written:
        name = written.upper()
        if name == "Z":
            offset = timedelta(0)
        elif name in _ZONES:
            offset = timedelta(hours=_ZONES[name])
        else:
            digits = name[1:].replace(":", "").ljust(4, "0")
            offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:])) * (-1 if name[0] == "-" else 1)
            if not abs(offset) < timedelta(hours=24):
                return "none"
    return _Parts(year, month, day, open_, clock, offset)


def _is_open(parts: _Parts | str) -> bool:
    return isinstance(parts, _Parts) and parts.open


def order_shown(cells: pd.Series) -> Order | None:
    """Return the order of day and month that a column shows beyond doubt; None where it shows none, or both."""
    if not (pd.api.types.is_object_dtype(cells) or pd.api.types.is_string_dtype(cells)):
        return None
    found = [
        _parts(c.strip())
        for c in cells.dropna().unique()
        if isinstance(c, str) and not _QUICK.fullmatch(c.strip())
    ]
    days = any(isinstance(p, _Parts) and p.open and p.day > 12 for p in found)
    months = any(isinstance(p, _Parts) and p.open and p.month > 12 for p in found)
    return None if days == months else "day" if days else "month"


def dates(
    cells: pd.Series,
    place: Place,
    *,
    order: Order | None = None,
    timezone: str | None = None,
    epoch_1904: bool = False,
) -> tuple[pd.Series, list[Problem], list[Told]]:
    """Return a column as datetimes, NaT where a cell is empty, what is wrong with it, and what was noticed.

    Parameters
    ----------
    cells : Series
        Texts (ISO; day and month with slashes, dashes or dots; names of months), dates, or days of a spreadsheet.
    place : Place
    order : {"day", "month"}, optional
        What other columns of the table show, used where this one leaves the order open; by default day first.
    timezone : str, optional
        Zone of the office, where times carry offsets that differ ("Asia/Makassar"); the times are then in it.
    epoch_1904 : bool
        Days of the spreadsheet count from 1904.

    Returns
    -------
    values : Series of datetime64
        With a zone where the cells carry an offset.
    problems : list of Problem
    told : list of Told

    Raises
    ------
    KinerjaError
        A zone that does not exist.
    """
    zone = _zone(timezone) if timezone else None
    if pd.api.types.is_datetime64_any_dtype(cells):
        return _in_zone(cells, zone), [], []
    array = cells.to_numpy(dtype=object, na_value=None)
    codes, uniques = pd.factorize(pd.Series([_key(c) for c in array], dtype=object), use_na_sentinel=True)
    there = np.flatnonzero(codes >= 0)
    first_at = np.zeros(len(uniques), dtype=np.int64)
    first_at[codes[there[::-1]]] = there[::-1]  # the first cell of each, written last
    firsts = [array[k] for k in first_at]
    return _parsed(cells, codes, firsts, place, order, zone, epoch_1904)


def _key(cell: object) -> object:
    """Return what tells cells apart: 1, True and 1.0 are equal to Python."""
    if cell is None or cell is pd.NaT or cell is pd.NA or (isinstance(cell, float) and np.isnan(cell)):
        return None
    if isinstance(cell, str):
        return cell.strip() or None
    return (type(cell).__name__, str(cell))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise KinerjaError(
            _(
                "{zone} is no time zone; Indonesia has Asia/Jakarta, Asia/Makassar and Asia/Jayapura.",
                zone=name,
            )
        ) from error


def _in_zone(values: pd.Series, zone: tzinfo | None) -> pd.Series:
    """Show times with a zone in another; times without one are those of the office already."""
    return values if zone is None or values.dt.tz is None else values.dt.tz_convert(zone)


def _parsed(
    cells: pd.Series, codes: np.ndarray, firsts: Sequence[object], place: Place,
    order: Order | None, zone: ZoneInfo | None, epoch_1904: bool,
) -> tuple[pd.Series, list[Problem], list[Told]]:  # fmt: skip
    """Parse each different cell once."""
    moments = np.full(len(firsts), np.datetime64("NaT"), dtype="datetime64[us]")
    offsets: list[timedelta | None] = [None] * len(firsts)
    kinds = np.full(len(firsts), "", dtype=object)
    parts: dict[int, _Parts] = {}
    quick = [k for k, c in enumerate(firsts) if isinstance(c, str) and _QUICK.fullmatch(c.strip())]
    if quick:
        read = pd.to_datetime([str(firsts[k]).strip() for k in quick], format="ISO8601", errors="coerce")
        moments[quick] = read.to_numpy().astype("datetime64[us]")
        kinds[quick] = "date"
    known = {k for k in quick if not np.isnat(moments[k])}
    for k, cell in enumerate(firsts):
        if k in known:
            continue
        kinds[k] = _one(cell, k, moments, offsets, parts, epoch_1904)
    told: list[Told] = []
    problems: list[Problem] = []

    def cells_of(which: np.ndarray) -> np.ndarray:
        return np.append(which, False)[codes]

    def first_row(which: np.ndarray) -> int:
        return int(place.rows[int(np.flatnonzero(cells_of(which))[0])])

    open_ = np.array([k in parts and parts[k].open for k in range(len(firsts))], bool)
    days = np.array([open_[k] and parts[k].day > 12 for k in range(len(firsts))], bool)
    months = np.array([open_[k] and parts[k].month > 12 for k in range(len(firsts))], bool)
    if (days & months).any():
        kinds[days & months] = "none"
        days, months = days & ~months, months & ~days
    if days.any() and months.any():
        what = _CONTRADICT.filled(day=first_row(days), month=first_row(months))
        fewer = months if cells_of(months).sum() <= cells_of(days).sum() else days
        problems.append(
            place.problem(cells_of(fewer), what, _("Write all dates in one order, or as 2026-01-31."))
        )
    elif open_.any():
        first: Order = "day" if days.any() else "month" if months.any() else order or "day"
        if first == "month":
            if months.any():
                told.append(("month_first", {"column": place.column, "row": first_row(months)}))
            for k in map(int, np.flatnonzero(open_)):
                p = parts[k]
                parts[k] = _Parts(p.year, p.day, p.month, True, p.clock, p.offset)
        elif not days.any():
            told.append(("day_first", {"column": place.column}))
    for k, p in parts.items():
        if kinds[k] == "none":
            continue
        try:
            moments[k] = np.datetime64(datetime(p.year, p.month, p.day) + p.clock, "us")
            offsets[k] = p.offset
        except (ValueError, OverflowError):
            kinds[k] = "none"
    if days.any() and months.any():
        kinds[open_ & (kinds == "none")] = "date"  # said already
    for kind, (what, do) in _FAULTS.items():
        which = kinds == kind
        if which.any():
            k = int(np.flatnonzero(which)[0])
            problems.append(place.problem(cells_of(which), what.filled(cell=shown(firsts[k])), do))
    serial = kinds == "serial"
    if serial.any():
        k = int(np.flatnonzero(serial)[0])
        told.append(
            ("serial", {"column": place.column, "row": first_row(serial), "date": str(moments[k])[:10]})
        )
    if problems:
        return (
            pd.Series(np.append(moments, np.datetime64("NaT"))[codes], index=cells.index, name=cells.name),
            problems,
            told,
        )
    return _with_offsets(cells, codes, moments, offsets, place, zone, cells_of, told)


_CONTRADICT = _(
    "{n:,} dates contradict the order of the others (rows {rows}): row {day} can only be day/month/year, row "
    "{month} only month/day/year."
)
_FAULTS: dict[str, tuple[Message, Message]] = {
    "none": (
        _("{n:,} cells are not dates (rows {rows})."),
        _("Use 2026-01-31 or 31/01/2026, or leave them empty if unknown."),
    ),
    "short": (
        _("{n:,} dates have a year of two digits, such as {cell} (rows {rows})."),
        _("Write the year with four digits."),
    ),
    "clock": (
        _("{n:,} cells are times of a day without a date (rows {rows})."),
        _("Write date and time in one cell."),
    ),
    "number": (
        _("{n:,} cells are numbers, not dates (rows {rows})."),
        _("Give the cells the format Date in the spreadsheet, or write 2026-01-31."),
    ),
}


def _one(
    cell: object,
    k: int,
    moments: np.ndarray,
    offsets: list[timedelta | None],
    parts: dict[int, _Parts],
    epoch_1904: bool,
) -> str:
    """Read one cell that is no plain ISO date; return what it is."""
    if isinstance(cell, str):
        text = " ".join(cell.split())
        if _SERIAL.fullmatch(text):
            return _serial(float(text.replace(",", ".")), k, moments, epoch_1904)
        found = _parts(text)
        if isinstance(found, _Parts):
            parts[k] = found
            return "date"
        return found
    if isinstance(cell, (pd.Timestamp, datetime)):
        stamp = pd.Timestamp(cell)
        if stamp.tzinfo is not None:
            offsets[k] = stamp.utcoffset()
        moments[k] = np.datetime64(stamp.tz_localize(None).to_pydatetime(), "us")
        return "date"
    if isinstance(cell, np.datetime64):
        moments[k] = cell.astype("datetime64[us]")
        return "date"
    if isinstance(cell, date):
        moments[k] = np.datetime64(cell, "us")
        return "date"
    if isinstance(cell, (time, timedelta)):
        return "clock"
    if isinstance(cell, (int, float, np.number)) and not isinstance(cell, bool):
        return _serial(float(cell), k, moments, epoch_1904)
    return "none"


def _serial(value: float, k: int, moments: np.ndarray, epoch_1904: bool) -> str:
    if not SERIALS[0] <= value <= SERIALS[1]:
        return "number"
    start = datetime(1904, 1, 1) if epoch_1904 else datetime(1899, 12, 30)
    moments[k] = np.datetime64(start + timedelta(seconds=round(value * 86_400)), "us")
    return "serial"


def _with_offsets(
    cells: pd.Series, codes: np.ndarray, moments: np.ndarray, offsets: list[timedelta | None], place: Place,
    zone: ZoneInfo | None, cells_of: Callable[[np.ndarray], np.ndarray], told: list[Told],
) -> tuple[pd.Series, list[Problem], list[Told]]:  # fmt: skip
    """Turn local times with offsets into instants; offsets that differ need a zone to be shown in."""
    values = pd.Series(np.append(moments, np.datetime64("NaT"))[codes], index=cells.index, name=cells.name)
    carried = np.array([o is not None for o in offsets], bool)
    if not carried.any():
        return _in_zone(values, zone), [], told
    if not carried.all():
        what = _("{n:,} times carry no offset, while others do (rows {rows}).")
        do = _("Write all times in one manner.")
        return values, [place.problem(cells_of(~carried), what, do)], told
    different = sorted({o for o in offsets if o is not None})
    if len(different) > 1 and zone is None:
        most = max(different, key=lambda o: cells_of(np.array([x == o for x in offsets], bool)).sum())
        what = _(
            "{n:,} times carry another offset from UTC than the others (rows {rows}): two zones, or summer time."
        )
        do = _("Name the time zone of the office (Python: timezone='Asia/Makassar').")
        return values, [place.problem(cells_of(np.array([o != most for o in offsets], bool)), what, do)], told
    shift = np.array([np.timedelta64(o or timedelta(0), "us") for o in offsets])
    utc = pd.Series(
        np.append(moments - shift, np.datetime64("NaT"))[codes], index=cells.index, name=cells.name
    )
    return utc.dt.tz_localize("UTC").dt.tz_convert(zone or _fixed(different[0])), [], told


def _fixed(offset: timedelta) -> timezone:
    return UTC if not offset else timezone(offset)
