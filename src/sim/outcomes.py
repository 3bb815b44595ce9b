"""What a run is judged by: every outcome, which way is better, and how it adds up.

Names, units and notes for people are in ``data/labels.csv`` (see :mod:`sim.language.labels`); here is only
what arithmetic needs. A share or a mean of means must be weighted by what it was taken over, a stock is read at
the end, and a percentile of percentiles does not exist: it is NaN unless computed from the cases themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

Better = Literal["high", "low", "none"]
"""Which way a citizen or an officer would want it; "none" where more is neither good nor bad."""

Rule = Literal["sum", "mean", "last", "exact"]
"""sum: counts and money; mean: weighted mean; last: a stock at the end; exact: only from single cases."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One column of the outcome tables.

    Attributes
    ----------
    name : str
        Column name, and key of its label.
    group : str
        What it is about; outcomes of one group stand together.
    better : {"high", "low", "none"}
    months, units : {"sum", "mean", "last", "exact"}
        How months and units add up.
    weight : str or None
        Column that weights a mean; None weights rows equally.
    share : bool
        A number in 0..1 that people read as per cent.
    decimals : int
        Decimals people need (after the change to per cent).
    headline : bool
        Shown first: in rankings and in the answer of a brief.
    """

    name: str
    group: str
    better: Better
    months: Rule
    units: Rule
    weight: str | None = None
    share: bool = False
    decimals: int = 1
    headline: bool = False


def _count(name: str, group: str, better: Better, **more: object) -> Outcome:
    return Outcome(name, group, better, "sum", "sum", **{"decimals": 0, **more})  # type: ignore[arg-type]


def _mean(name: str, group: str, better: Better, weight: str, **more: object) -> Outcome:
    return Outcome(name, group, better, "mean", "mean", weight, **more)  # type: ignore[arg-type]


def _share(name: str, group: str, better: Better, weight: str, **more: object) -> Outcome:
    return Outcome(name, group, better, "mean", "mean", weight, share=True, **more)  # type: ignore[arg-type]


_ALL = (
    # citizens at the counter and at a distance
    _mean("waiting_minutes", "service", "low", "served", headline=True),
    Outcome("waiting_p90", "service", "low", "exact", "exact"),
    _mean("response_days", "service", "low", "served"),
    _count("arrivals", "service", "none"),
    _count("served", "service", "high"),
    _count("sent_home", "service", "low"),
    _count("left", "service", "low"),
    Outcome("backlog", "service", "low", "last", "sum", decimals=0),
    _share("error_rate", "service", "low", "served", headline=True),
    # complaints
    _count("complaints", "complaints", "low"),
    _mean("complaint_days", "complaints", "low", "complaints"),
    Outcome("complaint_p90_days", "complaints", "low", "exact", "exact"),
    _share("complaints_in_time", "complaints", "high", "complaints", headline=True),
    _share("complaints_discarded", "complaints", "low", "complaints"),
    # satisfaction (SKM): 25-100, elements 1-4
    _mean("ikm_service", "satisfaction", "high", "served", headline=True),
    _mean("ikm_perceived", "satisfaction", "high", "served"),
    _mean("ikm_survey", "satisfaction", "none", "served"),
    *(_mean(f"u{i}", "satisfaction", "high", "served", decimals=2) for i in range(1, 10)),
    # programmes
    _count("programme_output", "programme", "high", headline=True),
    _share("participation", "programme", "high", "officers"),
    # officers
    _mean("performance", "people", "high", "officers", decimals=2, headline=True),
    _mean("skill", "people", "high", "officers", decimals=2),
    _mean("motivation", "people", "high", "officers", decimals=2),
    _share("absence", "people", "low", "officers"),
    _share("utilisation", "people", "none", "officers"),
    _count("overtime_hours", "people", "low"),
    _mean("workload_gini", "people", "low", "officers", decimals=2),
    _count("sanctions", "people", "none"),
    _count("feedback_hours", "people", "low"),
    _count("side_payments", "people", "low"),
    _mean("gaming", "people", "low", "officers", decimals=2),
    _share("pay_spread", "people", "none", "officers"),
    _share("control", "people", "none", "officers"),
    _share("engagement", "people", "high", "officers"),
    Outcome("officers", "people", "none", "mean", "sum", decimals=0),
    Outcome("vacancies", "people", "low", "mean", "sum", decimals=1),
    _count("newcomers", "people", "none"),
    # training
    _count("seats_used", "training", "none"),
    Outcome("seats_waiting", "training", "low", "last", "sum", decimals=0),
    _count("desk_days_lost", "training", "low"),
    Outcome("jp20", "training", "high", "last", "mean", "officers", share=True),
    _share("digital_share", "service", "none", "served"),
    # change
    _share("adoption", "change", "high", "officers"),
    _count("innovations", "change", "high"),
    # what is needed, and what is asked for
    _share("needs_error", "needs", "low", "officers"),
    _share("kpi_alignment", "needs", "high", "officers"),
    _mean("kpi_gain", "needs", "high", "officers", decimals=3),
    # how true and how fair the ratings are
    _mean("rating_validity", "fairness", "high", "officers", decimals=2, headline=True),
    _mean("favouritism", "fairness", "low", "officers", decimals=2),
    _mean("severity_sd", "fairness", "low", "officers", decimals=2),
    _share("false_below", "fairness", "low", "officers"),
    _share("missed_below", "fairness", "low", "officers"),
    _share("false_top", "fairness", "low", "officers"),
    _share("trust", "fairness", "high", "officers"),
    _count("rater_hours", "fairness", "low"),
    # the mix of ratings (predikat), which is neither good nor bad in itself
    _share("sangat_baik", "predikat", "none", "officers", decimals=2),
    _share("baik", "predikat", "none", "officers", decimals=2),
    _share("butuh_perbaikan", "predikat", "none", "officers", decimals=2),
    _share("kurang", "predikat", "none", "officers", decimals=2),
    _share("sangat_kurang", "predikat", "none", "officers", decimals=2),
    # money
    _count("cost", "cost", "low", headline=True),
)

OUTCOMES: dict[str, Outcome] = {outcome.name: outcome for outcome in _ALL}
"""Every outcome by name, in the order people read them."""

HEADLINE: tuple[str, ...] = tuple(name for name, outcome in OUTCOMES.items() if outcome.headline)
"""The outcomes a ranking shows first."""


def across_units(frame: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Add units up.

    Parameters
    ----------
    frame : DataFrame
        A row per unit (and whatever `by` names), a column an outcome; other columns are dropped.
    by : sequence of str
        The columns that say which rows belong together, e.g. ``["policy", "replication", "month"]``.

    Returns
    -------
    DataFrame
        A row per group, `by` and the outcomes. A mean without its weight column raises KeyError.

    Examples
    --------
    >>> import pandas as pd
    >>> two = pd.DataFrame({"month": 1, "served": [10.0, 30.0], "waiting_minutes": [8.0, 4.0]})
    >>> float(across_units(two, ["month"])["waiting_minutes"].iloc[0])
    5.0
    """
    return _combine(frame, by, "units")


def across_months(frame: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Add months up; like :func:`across_units`, for rows with a ``month`` column (any order)."""
    return _combine(frame.sort_values("month", kind="stable"), by, "months")


def _combine(frame: pd.DataFrame, by: Sequence[str], along: Literal["units", "months"]) -> pd.DataFrame:
    rows = frame.groupby(list(by), sort=True, observed=True)
    sizes = rows.size()
    group = rows.ngroup().to_numpy()  # sorted once, used for every column
    columns: dict[str, np.ndarray] = {}
    for name in frame.columns:
        outcome = OUTCOMES.get(name)
        if outcome is None or name in by:
            continue
        rule = outcome.units if along == "units" else outcome.months
        value = frame[name].astype(np.float64)
        if rule == "sum":
            added = value.groupby(group).sum(min_count=1)
        elif rule == "last":
            added = value.groupby(group).last()
        elif rule == "exact":
            added = value.groupby(group).first().where(sizes.to_numpy() == 1)
        else:
            added = _weighted(frame, value, outcome, group)
        columns[name] = added.to_numpy()
    return pd.DataFrame(columns, index=sizes.index).reset_index()


def _weighted(frame: pd.DataFrame, value: pd.Series, outcome: Outcome, group: np.ndarray) -> pd.Series:
    """Weighted mean of the rows that have a value; NaN where none has, or where the weights are all zero."""
    if outcome.weight is None:
        return value.groupby(group).mean()
    if outcome.weight not in frame:
        raise KeyError(
            f"the mean of {outcome.name!r} is weighted by {outcome.weight!r}, which the table has not"
        )
    weight = frame[outcome.weight].astype(np.float64).where(value.notna())
    total = (value * weight).groupby(group).sum(min_count=1)
    weights = weight.groupby(group).sum(min_count=1)
    return total / weights.where(weights > 0)
