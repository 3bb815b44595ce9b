"""The order of answers in words: predikat of old and new regulations, Likert scales in Indonesian and English.

Sorted by alphabet, "Baik" comes before "Kurang": wrong, and nothing shows it. An order comes from the data (numbers,
an ordered categorical) or from a scale that is known here; anything else is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import pandas as pd

from sim.errors import Message, Problem, Problems, _
from sim.inference.data.checks import SHOWN

SCALES: tuple[tuple[str, ...], ...] = (
    # PP 30/2019 with SE MenPANRB 3/2023, PP 30/2019 as first written, PP 46/2011
    ("sangat kurang|sk", "kurang|k|kurang/misconduct", "butuh perbaikan|bp", "baik|b", "sangat baik|sb"),
    ("sangat kurang|sk", "kurang|k", "cukup|c", "baik|b", "sangat baik|sb"),
    ("buruk", "kurang", "cukup", "baik", "sangat baik"),
    ("sangat kurang", "kurang", "butuh perbaikan", "baik", "istimewa"),
    ("di bawah ekspektasi|di bawah", "sesuai ekspektasi|sesuai", "di atas ekspektasi|di atas"),
    # agreement
    (
        "sangat tidak setuju|sts",
        "tidak setuju|ts",
        "kurang setuju|agak tidak setuju|ks",
        "netral|ragu-ragu|ragu|cukup|n|r|rr",
        "agak setuju|cukup setuju|cs",
        "setuju|s",
        "sangat setuju|ss",
    ),
    (
        "strongly disagree|disagree strongly|completely disagree|sd",
        "disagree|d",
        "somewhat disagree|slightly disagree|tend to disagree",
        "neutral|neither agree nor disagree|neither|undecided|unsure|n",
        "somewhat agree|slightly agree|tend to agree",
        "agree|a",
        "strongly agree|agree strongly|completely agree|sa",
    ),
    # satisfaction
    (
        "sangat tidak puas|stp",
        "tidak puas|tp",
        "kurang puas|kp",
        "netral|biasa saja",
        "cukup puas|cp",
        "puas|p",
        "sangat puas|sp",
    ),
    (
        "very dissatisfied",
        "dissatisfied",
        "somewhat dissatisfied",
        "neutral|neither satisfied nor dissatisfied",
        "somewhat satisfied",
        "satisfied",
        "very satisfied",
    ),
    # frequency
    ("tidak pernah", "sangat jarang", "jarang", "kadang-kadang|kadang", "sering", "sangat sering", "selalu"),
    (
        "never",
        "very rarely|almost never",
        "rarely|seldom",
        "sometimes|occasionally",
        "often|frequently",
        "very often|very frequently|almost always",
        "always",
    ),
    # quality and amount
    ("sangat tidak baik", "tidak baik", "kurang baik", "cukup baik|cukup", "baik", "sangat baik"),
    ("sangat buruk", "buruk", "kurang|kurang baik", "sedang|cukup", "baik", "sangat baik", "istimewa"),
    ("very poor", "poor", "fair|average", "good", "very good", "excellent"),
    ("very bad", "bad", "average|neutral", "good", "very good"),
    ("unsatisfactory", "needs improvement", "satisfactory|meets expectations", "exceeds expectations", "outstanding"),
    ("sangat rendah", "rendah", "sedang|cukup", "tinggi", "sangat tinggi"),
    ("very low", "low", "medium|moderate", "high", "very high"),
    ("sangat tidak penting", "tidak penting", "kurang penting", "cukup penting", "penting", "sangat penting"),
    ("not important", "slightly important", "moderately important", "important", "very important"),
    ("tidak", "ya"),
    ("no", "yes"),
)  # fmt: skip
"""Known scales, lowest first; spellings of one level are divided by a bar."""

_PLACES = tuple({name: k for k, names in enumerate(scale) for name in names.split("|")} for scale in SCALES)


def plain(label: object) -> str:
    """Return a label without differences of case and spacing: " Sangat_Baik" is "sangat baik"."""
    text = re.sub(r"[\s_]+", " ", str(label)).strip().lower()
    return re.sub(r"\s*([-/])\s*", r"\1", text)


def in_order(
    column: pd.Series,
    levels: Sequence[object] | None = None,
    *,
    where: str = "data",
    cure: Message | None = None,
) -> list[object]:
    """Return the levels of a column, lowest first, those included that nobody has.

    Parameters
    ----------
    column : Series
        Numbers, an ordered categorical, or words of one of `SCALES`; without missing values.
    levels : sequence, optional
        The order, lowest first; it goes before all else.
    where : str
        File or sheet, for messages.
    cure : Message, optional
        What to do where the order is unknown.

    Raises
    ------
    Problems
        Words of no known scale; two spellings of one level; values that are not among the levels given.

    Examples
    --------
    >>> in_order(pd.Series(["Setuju", "Ragu-ragu", "Sangat Setuju"]))
    ['Ragu-ragu', 'Setuju', 'Sangat Setuju']
    """
    present = list(dict.fromkeys(column.tolist()))
    name = str(column.name)
    if levels is not None:
        known = list(levels)
    elif isinstance(column.dtype, pd.CategoricalDtype) and column.cat.ordered:
        known = column.cat.categories.tolist()
    elif not any(isinstance(v, str) for v in present):  # numbers, dates, no and yes
        known = sorted(present)
    elif all(isinstance(v, str) and re.fullmatch(r"\s*[-+]?\d+\s*", v) for v in present):
        known = _by_place(present, {v: int(v) for v in present}, name, where)
    else:
        words = {v: plain(v) for v in present}
        fits = [scale for scale in _PLACES if set(words.values()) <= scale.keys()]
        if not fits:
            shown = sorted(map(str, present))
            what = _("The levels {levels} have no order.", levels=listed(shown))
            raise Problems(
                [
                    Problem(
                        where,
                        None,
                        name,
                        what,
                        cure or _("Give them, lowest first (command: --levels A,B,C; Python: levels=[...])."),
                    )
                ]
            )
        known = _by_place(present, {v: fits[0][word] for v, word in words.items()}, name, where)
    strange = sorted(map(str, set(present) - set(known)))
    if strange:
        what = _("Not among the levels given: {levels}.", levels=listed(strange))
        raise Problems([Problem(where, None, name, what, _("Correct the column or the levels."))])
    return known


def listed(values: Sequence[object]) -> str:
    """Name the first values, for a message."""
    return ", ".join(map(str, values[: SHOWN + 3])) + (" ..." if len(values) > SHOWN + 3 else "")


def _by_place(present: list[object], place: dict[object, int], name: str, where: str) -> list[object]:
    known = sorted(present, key=lambda v: place[v])
    twins = [f"{a} = {b}" for a, b in pairwise(known) if place[a] == place[b]]
    if twins:
        what = _("One level is written in several ways: {levels}.", levels=listed(twins))
        raise Problems([Problem(where, None, name, what, _("Write it in one way, or give `levels`."))])
    return known
