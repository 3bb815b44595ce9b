"""Read cells that choose from a few words: predikat of the old and the new scales, yes and no."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pandas as pd

from sim.errors import Problem, _
from sim.tables.places import Place, Told

YES = frozenset({"1", "1.0", "ya", "y", "yes", "true", "benar", "t"})
NO = frozenset({"0", "0.0", "tidak", "tdk", "no", "n", "false", "salah", "f", "bukan"})

_LEVELS: dict[str, tuple[str, ...]] = {
    "sangat_kurang": ("sangat kurang", "buruk", "sk", "very poor"),
    "kurang": ("kurang", "kurang/misconduct", "k", "poor", "poor or misconduct"),
    "butuh_perbaikan": ("butuh perbaikan", "perlu perbaikan", "bp", "needs improvement"),
    "cukup": ("cukup", "c", "fair"),
    "baik": ("baik", "b", "good"),
    "sangat_baik": ("sangat baik", "amat baik", "sb", "very good"),
}
_LEVEL = {spelling: level for level, spellings in _LEVELS.items() for spelling in spellings}


def _folded(value: object) -> str:
    return re.sub(r"\s*/\s*", "/", re.sub(r"[\s_\-]+", " ", str(value).strip())).strip(" .").casefold()


def predikat_code(value: object) -> str | None:
    """Return the predikat that a text spells, as the regulation's tables name it; None where it spells none.

    "Cukup" of the scales of 2011 and 2019, in the place of "butuh perbaikan", is that; "buruk" is "sangat kurang".

    Examples
    --------
    >>> [predikat_code(t) for t in ("SANGAT BAIK", "Cukup", "SB", "Kurang/Misconduct", "bagus")]
    ['sangat_baik', 'butuh_perbaikan', 'sangat_baik', 'kurang', None]
    """
    level = _LEVEL.get(_folded(value))
    return "butuh_perbaikan" if level == "cukup" else level


def one_spelling(cells: pd.Series, place: Place) -> tuple[pd.Series, list[Problem], list[Told]]:
    """Return a column of levels with one spelling each: the most frequent one of a predikat that has several.

    A column with "cukup" and "butuh perbaikan", of two scales, is refused.
    """
    text = cells.map(lambda v: " ".join(str(v).split()), na_action="ignore").astype(object)
    counts = Counter(text.dropna())
    levels = {v: _LEVEL.get(_folded(v)) for v in counts}
    if not counts or None in levels.values():
        folded: dict[str, list[str]] = {}
        for v, __ in counts.most_common():
            folded.setdefault(v.casefold(), []).append(v)
        into = {v: group[0] for group in folded.values() for v in group}
    else:
        if "cukup" in levels.values() and "butuh_perbaikan" in levels.values():
            bad = (
                text.map(lambda v: levels.get(v) == "cukup", na_action="ignore").fillna(False).to_numpy(bool)
            )
            what = _(
                "{n:,} cells hold a predikat of the older scale, others one of the newer (rows {rows}): cukup and "
                "butuh perbaikan."
            )
            return (
                text,
                [place.problem(bad, what, _("Analyse the years apart, or write one of the two."))],
                [],
            )
        best: dict[str | None, str] = {}
        for v, __ in counts.most_common():
            best.setdefault(levels[v], v)
        into = {v: best[levels[v]] for v in counts}
    changed = [f"{v} = {name}" for v, name in into.items() if v != name]
    told: list[Told] = [("spellings", {"spellings": ", ".join(changed[:8])})] if changed else []
    return text.map(into, na_action="ignore"), [], told


def flags(cells: pd.Series, place: Place) -> tuple[pd.Series, list[Problem]]:
    """Return a column of yes and no (1/0, ya/tidak, yes/no, true/false, any case) as 1.0 and 0.0, NaN where empty."""

    def one(cell: object) -> float:
        text = str(cell).strip().casefold()
        return 1.0 if text in YES else 0.0 if text in NO else np.inf

    if pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells):
        return cells.astype(float), []
    values = cells.map(one, na_action="ignore").astype(float)
    bad = np.isinf(values.to_numpy())
    if not bad.any():
        return values, []
    what, do = (
        _("{n:,} cells are neither 0 nor 1 (rows {rows})."),
        _("Write 1 for yes (treated, closed...), else 0."),
    )
    return values, [place.problem(bad, what, do)]


def levels_given(cells: pd.Series, levels: list[str], place: Place) -> tuple[pd.Series, list[Problem]]:
    """Return a column as ordered categories in the order given; another value is a problem."""
    folded = {level.strip().casefold(): level.strip() for level in levels}
    text = cells.map(
        lambda v: folded.get(" ".join(str(v).split()).casefold(), "\0"), na_action="ignore"
    ).astype(object)
    bad = (text == "\0").to_numpy(bool)
    values = pd.Series(
        pd.Categorical(text, list(folded.values()), ordered=True), index=cells.index, name=cells.name
    )
    if not bad.any():
        return values, []
    what = _("{n:,} cells hold none of the levels given (rows {rows}): {levels}.")
    what = what.filled(levels=", ".join(folded.values()))
    return values, [place.problem(bad, what, _("Correct the column or the levels."))]
