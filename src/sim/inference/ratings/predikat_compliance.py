"""Test whether the mix of predikat follows SE MenPANRB 3/2023, unit by unit."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from sim.errors import Problem, Problems, _
from sim.inference.data.checks import check_complete, distinct_columns, repeated_notes, rows_of
from sim.inference.result import Result, interval
from sim.regulation import PREDIKAT, complies, nearest_mix
from sim.regulation.distribution import ORGANISATIONS
from sim.tables import predikat_code

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class PredikatComplianceResult(Result):
    """Compliance of every unit with the pattern of its organisation's rating.

    Attributes
    ----------
    estimates : DataFrame
        The unit, organisation (its rating), officers, one column per predikat (counts), complies, broken (the rules, in
        words), steps (fewest steps up or down the scale, over all officers, to a mix that follows; NaN where a unit is
        too small to follow).
    unit : str
        Column of the unit.
    share, low, high : float
        Share of units that comply, with its Wilson interval.
    level : float
        Of the interval.
    """

    unit: str
    share: float
    low: float
    high: float
    level: float

    def sentences(self) -> list[str]:
        mixes = self.estimates[list(PREDIKAT)].to_numpy()
        ratings = self.estimates["organisation"]
        # in the session's language; the column `broken` is in English
        broken = Counter(
            str(rule) for mix, rating in zip(mixes, ratings, strict=True) for rule in complies(mix, rating)
        )
        said = [
            _(
                "{complying:,} of {n:,} units, {share:.1%} {interval}, follow the pattern of SE 3/2023; "
                "{officers:,} officers. {steps:,.0f} steps of one predikat up or down would make all units follow.",
                complying=int(self.estimates["complies"].sum()),
                n=len(self.estimates),
                share=self.share,
                interval=interval(100 * self.low, 100 * self.high, 1, self.level),
                officers=int(self.estimates["officers"].sum()),
                steps=self.estimates["steps"].sum(),
            )
        ]
        if broken:
            rule, n = broken.most_common(1)[0]
            said.append(_("The rule broken most often: {rule} ({n:,} units).", rule=rule, n=n))
        return [str(message) for message in said]

    def _draw_on(self, ax: Axes) -> None:
        counts = self.estimates.groupby("organisation")[list(PREDIKAT)].sum()
        shares = counts.div(counts.sum(axis=1), axis=0)
        left = np.zeros(len(shares))
        for k, name in enumerate(PREDIKAT):
            ax.barh(shares.index, shares[name], left=left, label=name, color=f"C{k}")
            left += shares[name].to_numpy()
        ax.set_xlim(0.0, 1.0)
        ax.legend(fontsize="small", ncols=3, loc="upper center", bbox_to_anchor=(0.5, -0.08))


def predikat_compliance(
    data: pd.DataFrame, *, unit: str, predikat: str, organisation: str, level: float = 0.95
) -> PredikatComplianceResult:
    """Test the mix of every unit against SE MenPANRB 3/2023.

    Parameters
    ----------
    data : DataFrame
        One officer per row.
    unit, predikat : str
        Column names. Predikat as in the regulation ("Sangat Baik", "baik", "Butuh Perbaikan"...).
    organisation : str
        Column with the rating of the unit's organisation, or one rating for all ("baik").
    level : float

    Returns
    -------
    PredikatComplianceResult

    Raises
    ------
    Problems
        Names that are no predikat or no rating of an organisation; a unit with two ratings.

    Examples
    --------
    >>> data = pd.DataFrame({"unit": ["A"] * 10, "predikat": ["Baik"] * 9 + ["Sangat Baik"]})
    >>> predikat_compliance(data, unit="unit", predikat="predikat", organisation="baik").table()["steps"].tolist()
    [2.0]
    """
    column = organisation if organisation in data.columns else None
    needed = [unit, predikat, *([column] if column else [])]
    frame, notes = check_complete(data, needed)
    distinct_columns(unit=unit, predikat=predikat)
    notes += repeated_notes(data, needed)
    plain = _plain(frame[predikat])
    names = frame[predikat].map(predikat_code).fillna(plain)
    problems = _unknown(names, PREDIKAT, predikat)
    ratings = _plain(frame[column] if column else pd.Series(organisation, index=frame.index))
    problems += _unknown(ratings, ORGANISATIONS, column or "organisation")
    mixed = ratings.groupby(frame[unit], observed=True).nunique()
    problems += [
        Problem(
            "data",
            None,
            column,
            _("{unit} {name} has {n} ratings.", unit=unit, name=name, n=int(count)),
            _("Give each unit one rating."),
        )
        for name, count in mixed[mixed > 1].items()
    ]
    if problems:
        raise Problems(problems)
    counts = pd.crosstab(frame[unit], names).reindex(columns=list(PREDIKAT), fill_value=0)
    rating = ratings.groupby(frame[unit], observed=True).first()
    rows = []
    for name, mix in zip(counts.index, counts.to_numpy(), strict=True):
        broken = complies(mix, rating[name])
        near = nearest_mix(tuple(int(v) for v in mix), rating[name])
        steps = np.nan if near is None else float(np.abs(np.cumsum(near) - np.cumsum(mix)).sum())
        rules = "; ".join(rule.text(lang="en") for rule in broken)
        rows.append((name, rating[name], int(mix.sum()), *map(int, mix), not broken, rules, steps))
    columns = [unit, "organisation", "officers", *PREDIKAT, "complies", "broken", "steps"]
    table = pd.DataFrame(rows, columns=columns)
    good, n = int(table["complies"].sum()), len(table)
    around = stats.binomtest(good, n).proportion_ci(level, method="wilson")
    return PredikatComplianceResult(
        estimates=table,
        notes=notes,
        unit=unit,
        share=good / n,
        low=float(around.low),
        high=float(around.high),
        level=level,
    )


def _plain(column: pd.Series) -> pd.Series:
    """Return names as the data of the regulation write them."""
    return column.astype(str).str.strip().str.lower().str.replace(r"\s+", "_", regex=True)


def _unknown(values: pd.Series, known: tuple[str, ...], column: str) -> list[Problem]:
    strange = ~values.isin(known)
    if not strange.any():
        return []
    what = _("{n:,} values are not known (rows {rows}).", n=int(strange.sum()), rows=rows_of(strange))
    return [Problem("data", None, column, what, _("Use {known}.", known=", ".join(known)))]
