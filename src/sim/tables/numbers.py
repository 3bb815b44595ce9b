"""Read a column of cells as numbers: one decimal mark for the whole column, and nothing that may mean two numbers."""

from __future__ import annotations

import re
from datetime import date, time

import numpy as np
import pandas as pd

from sim.errors import Message, Problem, _
from sim.tables.places import Place, shown

WHOLE = re.compile(r"[+-]?\d+")
DECIMAL = re.compile(r"[+-]?(\d*)([.,])(\d+)(?:[eE][+-]?\d{1,3})?|[+-]?\d+[eE][+-]?\d{1,3}|[+-]?\d+([.,])")
THOUSANDS = re.compile(
    r"[+-]?\d{1,3}(?:(?:\.\d{3}){2,}(?:,\d+)?|(?:,\d{3}){2,}(?:\.\d+)?|\.\d{3},\d+|,\d{3}\.\d+)"
)
NOTHING = frozenset(
    [
        "na",
        "n/a",
        "n.a.",
        "-",
        "--",
        "—",
        "–",
        "nan",
        "null",
        "none",
        "nil",
        "nihil",
        "kosong",
        "?",
        ".",
        "tidak ada",
        "missing",
        "<na>",
    ]
)
"""Words that often mean an empty cell; they are taken so only where the user says so."""
SPREADSHEET_ERRORS = frozenset(
    {"#n/a", "#ref!", "#div/0!", "#value!", "#name?", "#null!", "#num!", "#spill!", "#calc!"}
)
_INFINITE = frozenset({"inf", "infinity", "∞"})
_MINUS = str.maketrans({"\u2212": "-", "\u2013": "-"})


_NAME_IT = _(
    "Write {whole} if thousands are meant; if not, name the decimal mark (command: --decimal; Python: decimal=)."
)
FAULTS: dict[str, tuple[Message, Message]] = {
    "wrong": (
        _("{n:,} cells are not numbers (rows {rows})."),
        _("Correct them, or leave them empty if unknown."),
    ),
    "nothing": (
        _("{n:,} cells are not numbers (rows {rows})."),
        _(
            "If {word} means that nothing is known, say so (command: --missing={word}; Python: "
            "missing=[{word!r}])."
        ),
    ),
    "error": (
        _("{n:,} cells are errors of the spreadsheet (rows {rows})."),
        _("Correct the formulas, or empty the cells (command: --missing '#N/A'; Python: missing=['#N/A'])."),
    ),
    "infinite": (_("{n:,} values are infinite (rows {rows})."), _("Correct them.")),
    "percent": (
        _("{n:,} cells are percentages (rows {rows})."),
        _("Write a share: 0.12 for 12%."),
    ),
    "thousands": (
        _("{n:,} cells have thousands separators (rows {rows})."),
        _("Write digits and the decimal mark alone."),
    ),
    "dates": (
        _("{n:,} cells are dates or times, not numbers (rows {rows})."),
        _("Give the cells the format Number and type them again."),
    ),
    "both": (
        _(
            "{n:,} cells contradict the decimal mark of the others (rows {rows}): {a} stands in row {row_a}, "
            "{b} in row {row_b}."
        ),
        _("Write all decimals with one mark."),
    ),
    "against": (
        _("{n:,} cells have another decimal mark than the one given, {mark} (rows {rows})."),
        _("Correct them, or give the right mark."),
    ),
    "mark": (
        _(
            "{n:,} cells such as {cell} may mean two numbers (rows {rows}); {other} in row {row} shows that "
            "the decimal mark is {mark}."
        ),
        _NAME_IT,
    ),
    "whole": (
        _(
            "{n:,} cells such as {cell} may mean two numbers (rows {rows}): no cell of the column shows which "
            "mark is the decimal one, and beside them stand whole numbers ({other} in row {row})."
        ),
        _NAME_IT,
    ),
    "alone": (
        _(
            "{n:,} cells such as {cell} may mean two numbers (rows {rows}): no cell of the column shows which "
            "mark is the decimal one."
        ),
        _NAME_IT,
    ),
}
"""What is wrong with cells of a column of numbers, and what to do about it."""


def is_error(cell: object) -> bool:
    """Tell whether a cell holds an error of a spreadsheet, such as #N/A."""
    return isinstance(cell, str) and cell.strip().casefold() in SPREADSHEET_ERRORS


def _look(text: str) -> tuple[str, str]:
    """Return the kind of a text (whole, decimal, maybe, thousands, or what is wrong) and its decimal mark."""
    if WHOLE.fullmatch(text):
        return "whole", ""
    found = DECIMAL.fullmatch(text)
    if found:
        before, mark, after, lone = found.groups()
        if lone:
            return "wrong", ""
        if mark is None:
            return "whole", ""
        maybe = (
            after is not None
            and len(after) == 3
            and 1 <= len(before) <= 3
            and before[0] != "0"
            and "e" not in text.lower()
        )
        return ("maybe" if maybe else "decimal"), mark
    if THOUSANDS.fullmatch(text):
        return "thousands", ""
    folded = text.casefold()
    if folded in SPREADSHEET_ERRORS:
        return "error", ""
    if folded in NOTHING:
        return "nothing", ""
    if folded.lstrip("+-") in _INFINITE:
        return "infinite", ""
    return ("percent" if "%" in text and re.search(r"\d", text) else "wrong"), ""


def numbers(cells: pd.Series, place: Place, *, decimal: str | None = None) -> tuple[pd.Series, list[Problem]]:
    """Return a column as float64, NaN where a cell is empty, and what is wrong with it.

    Parameters
    ----------
    cells : Series
        Texts, or numbers of a spreadsheet.
    place : Place
    decimal : {".", ","}, optional
        The decimal mark of texts. By default the column shows it itself: a cell such as ``3,5`` or ``0.250``.

    Returns
    -------
    values : Series of float64
    problems : list of Problem
        ``1.250`` where no cell shows the mark; both marks; thousands separators; percentages; infinities; words.
    """
    if pd.api.types.is_numeric_dtype(cells) or pd.api.types.is_bool_dtype(cells):
        values = cells.astype("Float64").astype(object) if cells.isna().any() else cells
        floats = pd.to_numeric(pd.Series(values, index=cells.index).where(cells.notna(), np.nan)).astype(
            float
        )
        return floats, _infinite(floats.to_numpy(), place)
    if pd.api.types.is_datetime64_any_dtype(cells):
        array = np.array(list(cells.astype(object)), dtype=object)
    else:
        array = cells.to_numpy(dtype=object, na_value=None)
    is_text = np.fromiter((isinstance(c, str) for c in array), bool, len(array))
    values = np.full(len(array), np.nan)
    problems: list[Problem] = []
    others = np.flatnonzero(~is_text)
    if len(others):
        problems += _typed(array, others, values, place)
    codes, texts = pd.factorize(array[is_text], use_na_sentinel=False)
    if len(texts):
        found, faults = _texts(list(texts), codes, np.flatnonzero(is_text), place, decimal)
        values[is_text] = found[codes]
        problems += faults
    return pd.Series(values, index=cells.index, name=cells.name), problems + _infinite(values, place)


def _infinite(values: np.ndarray, place: Place) -> list[Problem]:
    bad = np.isinf(values)
    if not bad.any():
        return []
    return [place.problem(bad, *FAULTS["infinite"])]


def _typed(array: np.ndarray, others: np.ndarray, values: np.ndarray, place: Place) -> list[Problem]:
    """Put numbers that a spreadsheet stores as numbers in their place; refuse dates."""
    dates = np.zeros(len(array), bool)
    for k in others:
        cell = array[k]
        if cell is None or cell is pd.NaT or cell is pd.NA:
            continue
        if isinstance(cell, date | time | np.datetime64):
            dates[k] = True
        else:
            values[k] = float(cell)
    if not dates.any():
        return []
    return [place.problem(dates, *FAULTS["dates"])]


def _texts(
    texts: list[str], codes: np.ndarray, at: np.ndarray, place: Place, decimal: str | None
) -> tuple[np.ndarray, list[Problem]]:
    """Return the number of each text, and what is wrong with texts; `codes` tells where each stands."""
    plain = [t.strip().translate(_MINUS) for t in texts]
    looks = [_look(t) if t else ("empty", "") for t in plain]
    kinds = np.array([kind for kind, __ in looks], dtype=object)
    marks = np.array([mark for __, mark in looks], dtype=object)

    def cells(which: np.ndarray) -> np.ndarray:
        bad = np.zeros(len(place.rows), bool)
        bad[at[which[codes]]] = True
        return bad

    def first(which: np.ndarray) -> dict[str, object]:
        k = int(np.flatnonzero(which[codes])[0])
        return {"cell": shown(plain[codes[k]]), "row": int(place.rows[at[k]])}

    problems: list[Problem] = []

    def refuse(kind: str, which: np.ndarray, **values: object) -> None:
        if which.any():
            what, do = FAULTS[kind]
            problems.append(place.problem(cells(which), what.filled(**values), do.filled(**values)))

    decisive = kinds == "decimal"
    points, commas = decisive & (marks == "."), decisive & (marks == ",")
    maybe = kinds == "maybe"
    if decimal is None and points.any() and commas.any():
        a, b = first(points), first(commas)
        fewer = points if cells(points).sum() <= cells(commas).sum() else commas
        refuse("both", fewer | maybe, a=a["cell"], row_a=a["row"], b=b["cell"], row_b=b["row"])
        good = np.zeros(len(plain), bool)
    else:
        mark = decimal or ("." if points.any() else "," if commas.any() else "")
        against = (points if mark == "," else commas) if decimal else np.zeros(len(plain), bool)
        refuse("against", against, mark=mark)
        unclear = maybe & (marks != mark) if mark else maybe
        if unclear.any():  # what the column itself shows is said with it
            cell = plain[codes[int(np.flatnonzero(unclear[codes])[0])]]
            values: dict[str, object] = {"cell": shown(cell), "whole": re.sub("[.,]", "", cell), "mark": mark}
            shows, beside = decisive & ~against, kinds == "whole"
            other = first(shows) if shows.any() else first(beside) if beside.any() else None
            if other:
                values |= {"other": other["cell"], "row": other["row"]}
            refuse("mark" if shows.any() else "whole" if beside.any() else "alone", unclear, **values)
        good = (kinds == "whole") | (decisive & ~against) | (maybe & ~unclear)
    for kind in ("thousands", "percent", "infinite", "error", "nothing", "wrong"):
        which = kinds == kind
        refuse(kind, which, word=plain[int(np.flatnonzero(which)[0])] if which.any() else "")
    found = np.full(len(plain), np.nan)
    for k in np.flatnonzero(good):
        found[k] = float(plain[k].replace(",", "."))
    return found, problems


def looks_numeric(cells: pd.Series) -> bool:
    """Tell whether more than half of the filled cells of a column are numbers, or are meant to be."""
    if pd.api.types.is_numeric_dtype(cells):
        return True
    filled = [
        c
        for c in cells.dropna().unique()
        if not (isinstance(c, str) and _look(c.strip())[0] in ("nothing", "error"))
    ]
    if not filled:
        return True
    numeric = sum(
        1
        for c in filled
        if not isinstance(c, str) or re.match(r"[+\-\u2212]?[.,]?\d|[+-]?inf", c.strip(), re.IGNORECASE)
    )
    return numeric > 0.5 * len(filled)


def inferred(cells: pd.Series) -> tuple[pd.Series, bool]:
    """Return a column that nobody has described: numbers where every cell is one for sure, else what it is.

    Returns
    -------
    values : Series
    doubtful : bool
        It holds numbers and other things, or numbers that may mean two, and was left as text.
    """
    if not (pd.api.types.is_object_dtype(cells) or isinstance(cells.dtype, pd.StringDtype)):
        return cells, False
    filled = cells.dropna()
    if filled.empty:
        return cells, False
    texts = [c for c in filled.unique() if isinstance(c, str)]
    if len(texts) == 0:
        return cells.infer_objects(), False
    if len(texts) < len(filled.unique()):
        return cells, True
    looks = [_look(t) for t in texts]
    kinds = {kind for kind, __ in looks}
    marks = {mark for kind, mark in looks if kind == "decimal"}
    maybes = {mark for kind, mark in looks if kind == "maybe"}
    coded = any(
        kind == "whole" and (len(t) > 15 or re.match(r"[+-]?0\d", t))
        for t, (kind, __) in zip(texts, looks, strict=True)
    )
    if kinds <= {"whole", "decimal", "maybe"} and len(marks) <= 1 and maybes <= marks and not coded:
        mapping = {t: float(t.replace(",", ".")) for t in texts}
        if not np.isfinite(list(mapping.values())).all():
            return cells.astype("str").where(cells.notna()), True
        values = cells.map(mapping).astype(float)
        if kinds == {"whole"} and len(filled) == len(cells):
            return values.astype(np.int64), False
        return values, False
    if (
        kinds == {"wrong"}
        and {t.casefold() for t in texts} <= {"true", "false"}
        and len(filled) == len(cells)
    ):
        return cells.map(lambda t: t.casefold() == "true").astype(bool), False
    numeric = sum(1 for kind, __ in looks if kind in ("whole", "decimal", "maybe", "thousands"))
    doubtful = not coded and numeric >= 0.5 * len(texts)
    return cells.astype("str").where(cells.notna()), doubtful
