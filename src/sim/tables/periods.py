"""Read a column of periods (months, quarters, years, before and after) so that they sort in order of time."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import pandas as pd

from sim.errors import Problem, _
from sim.tables.dates import MONTHS, Order, dates
from sim.tables.places import Place, Told

_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_PART = r"(?P<part>[1-4]|iv|iii|ii|i)"
_QUARTER = r"(?:tw|triwulan|trw|twl|kuartal|quarter|q|kw)"
_HALF = r"(?:semester|smt|sem|s|half|h)"
_GAP = r"[\s./_\-]*"
_OF_YEAR = r"(?:tahun\s+|thn\s+|th\.?\s+|of\s+)?(?P<year>(?:19|20)\d{2})"
_SHOWN = 14


def _part(text: str) -> int:
    return _ROMAN.get(text.casefold()) or int(text)


def _quarters(word: str, months: int, parts: int) -> Callable[[str], tuple[int | None, int] | None]:
    """Return a reader of quarters or semesters: text -> (year or None, first month)."""
    after = re.compile(rf"{word}{_GAP}(?:ke{_GAP})?{_PART}(?:{_GAP}{_OF_YEAR})?", re.IGNORECASE)
    before = re.compile(rf"(?P<year>(?:19|20)\d{{2}}){_GAP}{word}{_GAP}{_PART}", re.IGNORECASE)

    def read(text: str) -> tuple[int | None, int] | None:
        found = after.fullmatch(text) or before.fullmatch(text)
        if not found or _part(found["part"]) > parts:
            return None
        year = found["year"]
        return (int(year) if year else None), (_part(found["part"]) - 1) * months + 1

    return read


_YYYYMM = re.compile(r"((?:19|20)\d{2})(0[1-9]|1[0-2])")
_YEAR_MONTH = re.compile(r"((?:19|20)\d{2})[-/.\s](0?[1-9]|1[0-2])")
_MONTH_YEAR = re.compile(r"(0?[1-9]|1[0-2])[-/.\s]((?:19|20)\d{2})")
_NAME_YEAR = re.compile(rf"([a-z]+)\.?{_GAP}(?:tahun\s+)?((?:19|20)\d{{2}})", re.IGNORECASE)
_YEAR_NAME = re.compile(rf"((?:19|20)\d{{2}}){_GAP}([a-z]+)\.?", re.IGNORECASE)


def _month(text: str) -> tuple[int | None, int] | None:
    for pattern, year, month in ((_YYYYMM, 1, 2), (_YEAR_MONTH, 1, 2), (_MONTH_YEAR, 2, 1)):
        found = pattern.fullmatch(text)
        if found:
            return int(found[year]), int(found[month])
    for pattern, year, name in ((_NAME_YEAR, 2, 1), (_YEAR_NAME, 1, 2)):
        found = pattern.fullmatch(text)
        if found and found[name].casefold() in MONTHS:
            return int(found[year]), MONTHS[found[name].casefold()]
    number = MONTHS.get(text.rstrip(".").casefold())
    if number is None:
        named = re.fullmatch(r"bulan\s+([a-z]+)", text, re.IGNORECASE)
        number = MONTHS.get(named[1].casefold()) if named else None
    return None if number is None else (None, number)


_READERS: tuple[tuple[int, Callable[[str], tuple[int | None, int] | None]], ...] = (
    (1, _month),
    (3, _quarters(_QUARTER, 3, 4)),
    (6, _quarters(_HALF, 6, 2)),
)


def periods(
    cells: pd.Series,
    place: Place,
    *,
    order: Sequence[str] = (),
    dated: Order | None = None,
    epoch_1904: bool = False,
) -> tuple[pd.Series, list[Problem], list[Told]]:
    """Return a column of periods as numbers or datetimes that sort in order of time.

    Parameters
    ----------
    cells : Series
        Whole numbers and years stay numbers. Months (``202501``, ``01-2025``, ``Januari 2025``), quarters
        (``TW1/2025``) and semesters become their first day; without a year, numbers from 1. Dates become datetimes.
    place : Place
    order : sequence of str, optional
        The periods from first to last, for names that do not tell (``["pre", "post"]``); they become 1, 2, ...
    dated, epoch_1904
        As `dates` takes them.

    Returns
    -------
    values : Series
    problems : list of Problem
        Names without an order; months without a year that run over its end; cells of several kinds.
    told : list of Told
        The order, and what is missing in it.
    """
    if pd.api.types.is_datetime64_any_dtype(cells):
        return cells, [], _told(cells, cells)
    if pd.api.types.is_numeric_dtype(cells) and not order:
        texts: pd.Series = cells.map(_text, na_action="ignore")
    else:
        texts = cells.map(_text, na_action="ignore").astype(object)
    names = [t for t in dict.fromkeys(texts.dropna()) if t]
    if not names:
        return cells, [], []
    if order:
        return _by_order(texts, names, order, place)
    for months, read in _READERS:
        found = {name: read(name) for name in names}
        if None not in found.values():
            return _of_year(texts, {k: v for k, v in found.items() if v}, months, place)
    if all(re.fullmatch(r"[+-]?\d+([.,]\d+)?", n) for n in names):
        if all(re.fullmatch(r"\d{5}", n) and 36_526 <= int(n) <= 73_050 for n in names):
            values, problems, told = dates(cells, place, epoch_1904=epoch_1904)
            return values, problems, told + _told(values, texts)
        numbers = {n: float(n.replace(",", ".")) for n in names}
        values = texts.map(numbers, na_action="ignore").astype(float)
        if values.notna().all() and (values % 1 == 0).all() and (values.abs() < 2**53).all():
            values = values.astype(np.int64)
        return values, [], _told(values, texts)
    named = {n: re.fullmatch(r"(.*?)[\s._\-]*(\d{1,6})", n) for n in names}
    prefixes = {m[1].casefold() for m in named.values() if m}
    if None not in named.values() and len(prefixes) == 1 and not re.search(r"\d", prefixes.copy().pop()):
        values = texts.map({n: int(m[2]) for n, m in named.items() if m}, na_action="ignore")
        return values, [], _told(values, texts)
    values, problems, told = dates(cells, place, order=dated, epoch_1904=epoch_1904)
    if not problems:
        return values, [], told + _told(values, texts)
    if any(re.search(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}", n) or re.match(r"\d{4}-", n) for n in names):
        return values, problems, []
    bad = texts.notna().to_numpy()
    shown = ", ".join(names[:6]) + (" ..." if len(names) > 6 else "")
    what = _("the order in time of {names} is not known (rows {rows}).").filled(names=shown)
    do = _(
        "Say the order (command: --order {example}; Python: order=[...]), or write periods as 2025-01, TW1/2025, "
        "Januari 2025.",
        example=",".join(names[:2]),
    )
    return cells, [place.problem(bad, what, do)], []


def _text(cell: object) -> str | None:
    """Return a cell as a name of a period; None where it is empty."""
    if cell is None or cell is pd.NaT or cell is pd.NA:
        return None
    if isinstance(cell, (float, np.floating)):
        if np.isnan(cell):
            return None
        return str(int(cell)) if float(cell).is_integer() else repr(float(cell))
    if isinstance(cell, (int, np.integer)):
        return str(int(cell))
    if isinstance(cell, date):
        return str(cell)
    return " ".join(str(cell).split()) or None


def _by_order(
    texts: pd.Series, names: list[str], order: Sequence[str], place: Place
) -> tuple[pd.Series, list[Problem], list[Told]]:
    at = {name.strip().casefold(): k for k, name in enumerate(order, start=1)}
    bad = texts.map(lambda t: t.casefold() not in at, na_action="ignore").fillna(False).to_numpy(bool)
    if len(at) < len(order) or bad.any():
        if not bad.any():
            bad = texts.notna().to_numpy()
        what = _("{n:,} cells hold no period of the order given (rows {rows}): {order}.")
        what = what.filled(order=", ".join(order))
        return (
            texts,
            [place.problem(bad, what, _("Name every period once in the order, or correct the cells."))],
            [],
        )
    values = _numbered(texts.map(lambda t: at[t.casefold()], na_action="ignore"))
    return values, [], _told(values, texts)


def _of_year(
    texts: pd.Series, found: dict[str, tuple[int | None, int]], months: int, place: Place
) -> tuple[pd.Series, list[Problem], list[Told]]:
    """Put months, quarters or semesters in order: first days where years are known, else numbers from 1."""
    years = {year is None for year, __ in found.values()}
    if len(years) > 1:
        without = texts.map(lambda t: found[t][0] is None, na_action="ignore").fillna(False).to_numpy(bool)
        what = _("{n:,} periods have no year, while others do (rows {rows}).")
        return texts, [place.problem(without, what, _("Write the year in every cell."))], []
    if years == {False}:
        first = {t: pd.Timestamp(year or 1, month, 1) for t, (year, month) in found.items()}
        values = pd.to_datetime(texts.map(first, na_action="ignore"))
        return values, [], _told(values, texts, months)
    numbers = {t: (month - 1) // months + 1 for t, (__, month) in found.items()}
    there, last = sorted(set(numbers.values())), 12 // months
    holes = [k for k in range(there[0], there[-1]) if k not in there]
    if holes and there[0] == 1 and there[-1] == last:
        what = _("the periods run over the end of a year, and no year is written (rows {rows}).")
        do = _(
            "Write the year in every cell (Januari 2025), or say the order (command: --order; Python: order=[...])."
        )
        return texts, [place.problem(texts.notna().to_numpy(), what, do)], []
    values = _numbered(texts.map(numbers, na_action="ignore"))
    return values, [], _told(values, texts)


def _numbered(values: pd.Series) -> pd.Series:
    """Return numbers of periods as int64, or as float64 where some are missing."""
    return values.astype(np.int64 if values.notna().all() else float)


def _told(values: pd.Series, texts: pd.Series, months: int = 0) -> list[Told]:
    """Tell the order of the periods, by their names in the file, and which are missing in it."""
    labels = pd.Series(texts.map(dated, na_action="ignore").to_numpy(), index=values.to_numpy())
    labels = labels[~labels.index.isna() & labels.notna()]
    labels = labels[~labels.index.duplicated()].sort_index()
    n = len(labels)
    if n < 2:
        return []
    names = labels.astype(str).tolist()
    if n > _SHOWN:
        names = [*names[: _SHOWN - 3], "...", *names[-2:]]
    told: list[Told] = [("periods", {"n": n, "periods": ", ".join(names)})]
    gaps = _gaps(labels.index, months)
    if gaps is not None:
        told.append(("gaps", {"periods": ", ".join(gaps)}) if gaps else ("no_gaps", {}))
    return told


def dated(value: object) -> str:
    """Return a date as ``2026-01-31``, with the time of day where it is not midnight; anything else as text."""
    if isinstance(value, (pd.Timestamp, np.datetime64, date)):
        stamp = pd.Timestamp(value)
        return f"{stamp:%Y-%m-%d}" if stamp == stamp.normalize() else f"{stamp:%Y-%m-%d %H:%M}"
    return str(value)


def _gaps(index: pd.Index, months: int) -> list[str] | None:
    """Return periods missing between the first and the last; None where their step is not known."""
    if isinstance(index, pd.DatetimeIndex):
        plain = index.tz_localize(None) if index.tz is not None else index
        if not (plain.day == 1).all() or not (plain == plain.normalize()).all():
            return None
        count = plain.year * 12 + plain.month - 1
        step = months or int(np.gcd.reduce(np.diff(count)))
        here = set(count.tolist())
        lost = [m for m in range(int(count.min()), int(count.max()), step) if m not in here]
        names = [f"{m // 12}-{m % 12 + 1:02d}" for m in lost]
    else:
        values = index.to_numpy(dtype=float)
        if not (values % 1 == 0).all() or (np.abs(values) > 2**53).any():
            return None
        step = int(np.diff(values).min())
        here = set(values.astype(int).tolist())
        span = range(int(values.min()), int(values.max()), step)
        if len(span) > 10_000:
            return None
        names = [str(k) for k in span if k not in here]
    return [*names[:12], "..."] if len(names) > 12 else names
