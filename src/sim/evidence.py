"""The evidence table: published effect sizes with their uncertainty, source and how well they are known.

The table is ``data/evidence/effects.csv``, one row per finding as its authors published it. It is read in three
ways (*presets*): ``published``; ``shrunk``, the mean times a factor for the design (``designs.csv``), or the
value in ``presets.csv`` where there is one; ``indonesia``, the published value of studies made in Indonesia
and the shrunk value of all others. Factors are assumptions; uncertainty is never shrunk.
``python -m sim.evidence`` writes the table as text (docs/evidence.md).
"""

from __future__ import annotations

import math
import numbers
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import pandas as pd

from sim.errors import KinerjaError, _
from sim.names import named, nearest
from sim.paths import data_table

PRESETS = ("published", "shrunk", "indonesia")
ONE_SIDED = ("waiting_satisfaction",)
"""Findings whose sign is certain: in a future their mean is drawn from a lognormal, not a normal, distribution."""
_NUMBERS = ("mean", "se", "between", "spread")

NO_EFFECT = dict.fromkeys(_NUMBERS, 0.0)
"""A change of a finding to no effect at all; see ``Scenario(effects=...)``."""


@named
@dataclass(frozen=True, slots=True)
class Effect:
    """An effect size as the simulation draws it: ``m + s z_i`` with ``m ~ Normal(mean, se^2 + between^2)``.

    Attributes
    ----------
    mean : float
        Mean over studies.
    se : float
        Standard error of that mean.
    between : float
        SD between studies (tau), and so between places.
    spread : float
        SD between persons (s).
    one_sided : bool
        The mean in a future has the sign of `mean`, and its size is lognormal with that mean and the same SD.

    Raises
    ------
    KinerjaError
        Something is no number, or a standard error or SD is negative.
    """

    mean: float
    se: float = 0.0
    between: float = 0.0
    spread: float = 0.0
    one_sided: bool = field(default=False, repr=False)

    def __post_init__(self) -> None:
        for name in _NUMBERS:
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, numbers.Real) or not math.isfinite(value):
                raise KinerjaError(
                    _("effect: {name} is {value!r}, which is no number.", name=name, value=value)
                )
            if name != "mean" and value < 0:
                raise KinerjaError(
                    _("effect: {name} is {value!r}; an SD is not negative.", name=name, value=value)
                )

    @property
    def doubt(self) -> float:
        """SD of the mean in a place that has not been studied: sampling error and spread between studies."""
        return math.hypot(self.se, self.between)

    def drawn(self, deviate: float) -> Effect:
        """Return the effect in one future, in which the mean lies `deviate` SDs from its expectation.

        Examples
        --------
        >>> Effect(0.5, se=0.3, between=0.4, spread=0.1).drawn(1.0)
        Effect(mean=1.0, se=0.0, between=0.0, spread=0.1)
        >>> certain = Effect(-0.7, between=0.5, one_sided=True)
        >>> [round(certain.drawn(z).mean, 2) for z in (-2, 0, 2)]
        [-2.06, -0.57, -0.16]
        """
        if not self.one_sided or not self.mean:
            return Effect(self.mean + deviate * self.doubt, spread=self.spread)
        variance = math.log1p((self.doubt / self.mean) ** 2)
        # a larger deviate is a larger value, whatever the sign: as with a normal
        z = math.copysign(deviate, deviate * self.mean)
        size = abs(self.mean) * math.exp(z * math.sqrt(variance) - variance / 2)
        return Effect(math.copysign(size, self.mean), spread=self.spread)

    def divided(self, between_share: float) -> Effect:
        """Return the effect with its variance divided in another way between studies and persons.

        Parameters
        ----------
        between_share : float
            Part of ``between^2 + spread^2`` that is between studies, 0 to 1.

        Raises
        ------
        KinerjaError
            `between_share` is not from 0 to 1.
        """
        if not 0 <= between_share <= 1:
            raise KinerjaError(
                _(
                    "between_share {between_share} is not a share. Give a number from 0 to 1.",
                    between_share=between_share,
                )
            )
        total = math.hypot(self.between, self.spread)
        return replace(
            self, between=total * math.sqrt(between_share), spread=total * math.sqrt(1 - between_share)
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of the evidence table, as one preset reads it.

    Attributes
    ----------
    key : str
        Name in code.
    group : str
        Subject.
    label_id, label_en : str
        Name for people, in Indonesian and English.
    unit : str
        ``"SD"`` is standard deviations of performance; ``"share"`` a relative change or part; ``"direction"``
        says that only the sign is known.
    mean, se, between, spread : float
        As in :class:`Effect`; NaN: not reported.
    half_life_days : float or None
        Calendar days after which half of the effect is left; None: no decay is known.
    design : str
        Kind of study, a row of ``designs.csv``.
    local : bool
        Measured in Indonesia.
    source, grade, verified : str
        Publication; V read, V2 second-hand, M from memory, D derived, A assumed; whether the figure itself was
        seen (y, part, n).
    basis : str
        Number of studies, number of persons, kind of study.
    note, assumption : str
        A remark; what in this row is assumed rather than known.
    why : str
        Why the mean has this value under this preset.
    """

    key: str
    group: str
    label_id: str
    label_en: str
    unit: str
    mean: float
    se: float
    between: float
    spread: float
    half_life_days: float | None
    design: str
    local: bool
    source: str
    grade: str
    verified: str
    basis: str
    note: str
    assumption: str
    why: str

    @property
    def effect(self) -> Effect:
        """The size to draw from; an SE, tau or spread that was not reported counts as zero.

        Raises
        ------
        KinerjaError
            Only the direction is known.
        """
        return self.changed({})

    def changed(self, numbers: Mapping[str, float]) -> Effect:
        """Return the size to draw from with some of its numbers changed; the others stay as they are.

        Parameters
        ----------
        numbers : mapping
            ``mean``, ``se``, ``between`` or ``spread`` -> number.

        Raises
        ------
        KinerjaError
            There is no such number, it cannot be, or only the direction is known and no mean is given.

        Examples
        --------
        >>> row = Evidence.load("published")["goal_setting"]
        >>> row.changed({"mean": 0.1})
        Effect(mean=0.1, se=0.033, between=0.3, spread=0.0)
        """
        if math.isnan(self.mean) and "mean" not in numbers:
            raise KinerjaError(
                _(
                    "Only the direction of {key!r} is known ({source}). Give a mean of your own: "
                    "Scenario(effects={example}).",
                    key=self.key,
                    source=self.source,
                    example={self.key: {"mean": 0.1}},
                )
            )
        known = {name: getattr(self, name) for name in _NUMBERS}
        known = {name: 0.0 if math.isnan(value) else value for name, value in known.items()}
        return Effect(**{**known, **numbers}, one_sided=self.key in ONE_SIDED)


class Evidence:
    """The findings of one preset, by key.

    Examples
    --------
    >>> evidence = Evidence.load("published")
    >>> evidence["goal_setting"].effect
    Effect(mean=0.34, se=0.033, between=0.3, spread=0.0)
    >>> Evidence.load("shrunk")["training_behaviour"].mean
    0.31
    """

    def __init__(self, preset: str, findings: dict[str, Finding]) -> None:
        self.preset = preset
        self._findings = findings

    @classmethod
    @cache
    def load(cls, preset: str = "published") -> Evidence:
        """Load the evidence as one of :data:`PRESETS` reads it.

        Raises
        ------
        KinerjaError
            No such preset.
        """
        if preset not in PRESETS:
            raise KinerjaError(
                _(
                    "No preset of the evidence is called {preset!r}{hint}. Use {presets}.",
                    preset=preset,
                    hint=nearest(str(preset), PRESETS),
                    presets=list(PRESETS),
                )
            )
        factors = {row["design"]: float(row["factor"]) for row in data_table("evidence", "designs.csv")}
        own = {(row["key"], row["preset"]): row for row in data_table("evidence", "presets.csv")}
        return cls(
            preset,
            {
                row["key"]: _finding(row, preset, factors, own)
                for row in data_table("evidence", "effects.csv")
            },
        )

    def __getitem__(self, key: str) -> Finding:
        if key not in self._findings:
            raise KinerjaError(
                _(
                    "No finding is called {key!r}{hint}. `sim.Evidence.table()` lists them.",
                    key=key,
                    hint=nearest(str(key), self._findings),
                )
            )
        return self._findings[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._findings)

    def __contains__(self, key: object) -> bool:
        return key in self._findings

    def __len__(self) -> int:
        return len(self._findings)

    @staticmethod
    def table() -> pd.DataFrame:
        """Return all findings, one per row, the three presets side by side.

        Returns
        -------
        pandas.DataFrame
            The fields of :class:`Finding`, with ``mean_<preset>``, ``grade_<preset>`` and ``why_<preset>``
            instead of ``mean``, ``grade`` and ``why``, the only ones in which presets differ.
        """
        frames = {
            preset: pd.DataFrame(
                [{f: getattr(found, f) for f in Finding.__slots__} for found in Evidence.load(preset).all()]
            ).set_index("key")
            for preset in PRESETS
        }
        table = frames["published"].drop(columns=["mean", "grade", "why"])
        for name in ("mean", "grade", "why"):
            for preset in PRESETS:
                table[f"{name}_{preset}"] = frames[preset][name]
        return table.reset_index()

    def all(self) -> tuple[Finding, ...]:
        """Return every finding, in the order of the table."""
        return tuple(self._findings.values())


def _finding(
    row: dict[str, str], preset: str, factors: dict[str, float], own: dict[tuple[str, str], dict[str, str]]
) -> Finding:
    values: dict[str, Any] = {name: float(row[name]) if row[name] else math.nan for name in _NUMBERS}
    local, grade, why = row["local"] == "y", row["grade"], "as published"
    if preset == "indonesia" and local:
        why = "measured in Indonesia"
    elif preset != "published":
        factor, exception = factors[row["design"]], own.get((row["key"], "shrunk"))
        if exception:
            values["mean"], grade, why = float(exception["mean"]), exception["grade"], exception["why"]
        elif factor == 1 or not values["mean"] or math.isnan(values["mean"]):
            why = "as published"
        else:
            values["mean"] = round(values["mean"] * factor, 6)
            grade, why = "A", f"{row['design']}: times {factor:g}"
        if preset == "indonesia":
            why = f"no local evidence; {why}"
    text = ("key", "group", "label_id", "label_en", "unit", "design", "source", "verified", "basis")
    fields: dict[str, Any] = {name: row[name] for name in (*text, "note", "assumption")}
    half_life = float(row["half_life_days"]) if row["half_life_days"] else None
    return Finding(**fields, **values, half_life_days=half_life, local=local, grade=grade, why=why)


def document() -> str:
    """Return the evidence as Markdown, for docs/evidence.md."""
    table = Evidence.table()
    lines = [_PREFACE.strip(), ""]
    lines += ["| design | factor | why |", "|---|---|---|"]
    lines += [
        f"| {row['design']} | {row['factor']} | {row['why']} |"
        for row in data_table("evidence", "designs.csv")
    ]
    for group, rows in table.groupby("group", sort=False):
        lines += ["", f"## {str(group).capitalize()}", "", *_HEADINGS]
        for row in rows.to_dict("records"):
            numbers = [
                row[n] for n in ("mean_published", "se", "between", "spread", "mean_shrunk", "mean_indonesia")
            ]
            cells = [f"{row['label_en']} (`{row['key']}`)", row["unit"], *map(_number, numbers)]
            cells += [_number(row["half_life_days"]) + (" d" if row["half_life_days"] > 0 else "")]
            cells += [
                f"{row['source']}; {row['basis']}".rstrip("; "),
                f"{row['grade_published']}, {row['verified']}",
            ]
            lines.append("| " + " | ".join(cells) + " |")
        remarks = [
            f"- `{row['key']}`: "
            + " ".join(text for text in (row["note"], _assumed(row["assumption"])) if text)
            for row in rows.to_dict("records")
            if row["note"] or row["assumption"]
        ]
        lines += ["", *remarks] if remarks else []
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.4g}"


def _assumed(text: str) -> str:
    return f"*Assumed:* {text}" if text else ""


_HEADINGS = (
    "| finding | unit | published | SE | tau | person | shrunk | Indonesia | half-life | source | known |",
    "|---|---|---|---|---|---|---|---|---|---|---|",
)

_PREFACE = """
# Evidence

Written by `python -m sim.evidence` from `data/evidence/`; change the tables, not this page.

Each row is a finding as published. *SE* is the standard error of the mean, *tau* the spread from study
to study, *person* the spread from person to person; an empty cell was not reported and counts as zero
when effects are drawn. SD is standard deviations of performance; a share is a relative change; a row
whose unit is *direction* has no size that was read. *Known*: V read in an excerpt of the source, V2
second-hand, M from memory, D derived, A assumed; then whether the figure itself was seen (y), in part,
or not (n).

*Shrunk* multiplies the published mean by a factor for the kind of study, which is an assumption; a few
rows have a value of their own (`presets.csv`). *Indonesia* is the published mean where the study was
made in Indonesia, the shrunk mean elsewhere. SE, tau and the spread between people are the same in all
three.
"""


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    sys.stdout.write(document())
