"""Read a study design out of a long data frame, and refuse what would silently give a wrong number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.errors import KinerjaError, Problem, Problems, _
from sim.inference.data.checks import distinct_columns, require_columns
from sim.inference.result import Note
from sim.tables import Place
from sim.tables import periods as as_periods

NEVER = -1
"""Position of the first treated period of a unit that is never treated."""


def require(frame: pd.DataFrame, columns: Sequence[str], where: str = "data") -> None:
    """Refuse a frame without rows, or one that lacks a column; every missing column is named at once."""
    require_columns(frame, columns, where)
    if frame.empty:
        raise KinerjaError(_("{where}: there are no rows. Check the file and the filter.", where=where))


def complete(frame: pd.DataFrame, column: str, where: str = "data") -> None:
    """Refuse an empty cell in a column that every row needs."""
    gaps = frame[column].isna().to_numpy()
    if gaps.any():
        row = int(np.flatnonzero(gaps)[0]) + 2
        raise Problems([Problem(where, row, column, _("is empty."), _("Fill it, or leave the row out."))])


def numeric(frame: pd.DataFrame, column: str, where: str = "data") -> np.ndarray:
    """Return a column as floats, NaN where empty; text and infinities are refused with their first row."""
    values = pd.to_numeric(frame[column].astype(object), errors="coerce").to_numpy(float)
    bad = (np.isnan(values) & frame[column].notna().to_numpy()) | np.isinf(values)
    if bad.any():
        at = int(np.flatnonzero(bad)[0])
        what = _('"{value}" is not a finite number.', value=frame[column].iloc[at])
        raise Problems([Problem(where, at + 2, column, what, _("Correct it or leave the cell empty."))])
    return values


def refuse_constant(values: np.ndarray, column: str) -> None:
    """Refuse an outcome that is the same in every row."""
    if np.ptp(values) == 0:
        raise KinerjaError(
            _(
                "data: {column} is {value:g} everywhere. There is nothing to compare.",
                column=column,
                value=values[0],
            )
        )


def binary(frame: pd.DataFrame, column: str, where: str = "data") -> np.ndarray:
    """Return a column of 0/1 (or true/false) as int64; anything else, gaps included, is refused."""
    complete(frame, column, where)
    values = numeric(frame, column, where)
    bad = ~np.isin(values, (0.0, 1.0))
    if bad.any():
        at = int(np.flatnonzero(bad)[0])
        what = _('"{value}" is neither 0 nor 1.', value=frame[column].iloc[at])
        raise Problems(
            [Problem(where, at + 2, column, what, _("Write 1 for yes (treated, closed...), else 0."))]
        )
    return values.astype(np.int64)


def exact_notes(table: pd.DataFrame) -> tuple[Note, ...]:
    """Note a model that fits the data without error, so that its intervals mean nothing."""
    exact = table["se"].abs() <= 1e-9 * table["estimate"].abs()
    if not exact.any():
        return ()
    return (
        Note(
            "exact_fit",
            _(
                "The data fit the model without error: the standard error is zero and the interval means nothing. "
                "Was the outcome computed from the treatment?"
            ),
        ),
    )


def covariate_matrix(
    frame: pd.DataFrame, covariates: Sequence[str], where: str = "data"
) -> tuple[np.ndarray, list[str]]:
    """Return covariates as columns of floats; text and categories become dummies (first level left out).

    Parameters
    ----------
    frame : DataFrame
    covariates : sequence of str
        Column names.
    where : str
        File or sheet, for messages.

    Returns
    -------
    values : ndarray (rows, p)
    names : list of str
        Of the p columns.

    Raises
    ------
    KinerjaError
        A gap in a covariate, or a covariate that does not vary.
    """
    parts: list[pd.DataFrame] = []
    for name in covariates:
        require(frame, [name], where)
        complete(frame, name, where)
        column = frame[name]
        if column.nunique() < 2:
            raise KinerjaError(
                _("{where}: covariate {name} does not vary. Leave it out.", where=where, name=name)
            )
        if pd.api.types.is_numeric_dtype(column):
            parts.append(pd.DataFrame({name: numeric(frame, name, where)}))
        else:
            dummies = pd.get_dummies(column, prefix=name, drop_first=True, dtype=float)
            parts.append(dummies.reset_index(drop=True))
    if not parts:
        return np.empty((len(frame), 0)), []
    joined = pd.concat(parts, axis=1)
    return joined.to_numpy(float), [str(c) for c in joined.columns]


@dataclass(frozen=True)
class Panel:
    """A balanced panel with a treatment that stays on.

    Attributes
    ----------
    outcome : ndarray (units, periods)
    first : ndarray of int (units,)
        Position of the first treated period, `NEVER` where there is none.
    units, periods : ndarray
        Labels, sorted.
    cluster : ndarray of int (units,)
        Cluster of each unit, coded 0, 1...
    covariates : ndarray (units, p)
        Values in the first period.
    covariate_names : list of str
    dropped : int
        Units left out because they lack a period.
    """

    outcome: np.ndarray
    first: np.ndarray
    units: np.ndarray
    periods: np.ndarray
    cluster: np.ndarray
    covariates: np.ndarray
    covariate_names: list[str]
    dropped: int


def read_panel(
    frame: pd.DataFrame,
    outcome: str,
    unit: str,
    time: str,
    treated: str,
    *,
    covariates: Sequence[str] = (),
    cluster: str | None = None,
    incomplete: str = "refuse",
) -> Panel:
    """Read a long frame, one row per unit and period, as a `Panel`.

    Parameters
    ----------
    frame : DataFrame
    outcome, unit, time : str
        Column names.
    treated : str
        Column of the 0/1 status in that period; once 1 it stays 1.
    covariates : sequence of str
        Taken from the first period: later values may already be effects.
    cluster : str, optional
        Column of a grouping above the unit (the level at which treatment was given).
    incomplete : {"refuse", "drop"}
        What to do with units that lack a period or an outcome. Dropped units are counted.

    Returns
    -------
    Panel

    Raises
    ------
    KinerjaError
        Duplicate unit-periods, missing periods, a treatment that is switched off again, no unit treated,
        a unit that changes its cluster.
    """
    if incomplete not in ("refuse", "drop"):
        raise KinerjaError(_('incomplete is "{incomplete}"; use "refuse" or "drop".', incomplete=incomplete))
    require(frame, [outcome, unit, time, treated, *covariates, *([cluster] if cluster else [])])
    distinct_columns(outcome=outcome, unit=unit, time=time, treated=treated)
    frame = frame.reset_index(drop=True)
    complete(frame, unit)
    complete(frame, time)
    one_row_each(frame, unit, time)
    i, units = pd.factorize(frame[unit], sort=True)
    j, when = pd.factorize(in_time(frame, time), sort=True)
    even_periods(np.asarray(when), time)
    periods = frame[time].groupby(j).first().to_numpy()  # as the data name them
    y, d = np.full((2, len(units), len(periods)), np.nan)
    y[i, j], d[i, j] = numeric(frame, outcome), binary(frame, treated)
    gaps = np.isnan(y).any(axis=1)
    if gaps.any():
        if incomplete == "refuse":
            u, t = (int(k[0]) for k in np.nonzero(np.isnan(y)))
            raise KinerjaError(
                _(
                    "data: {n} of {total} units lack a period; the first is {unit} {name}, {time} {period}. "
                    'Fill the gaps, or pass incomplete="drop" to leave those units out (they are counted).',
                    n=int(gaps.sum()),
                    total=len(gaps),
                    unit=unit,
                    name=units[u],
                    time=time,
                    period=periods[t],
                )
            )
        y, d, units = y[~gaps], d[~gaps], units[~gaps]
    if len(y) < 2:
        raise KinerjaError(_("data: fewer than two units have every period. Nothing can be compared."))
    off = (np.diff(d, axis=1) < 0).any(axis=1)
    if off.any():
        raise KinerjaError(
            _(
                "data: {treated} of {unit} {name} goes from 1 back to 0. These methods need a treatment that "
                "stays on once it starts.",
                treated=treated,
                unit=unit,
                name=units[int(np.flatnonzero(off)[0])],
            )
        )
    first = np.where(d.any(axis=1), d.argmax(axis=1), NEVER)
    if (first == NEVER).all():
        raise KinerjaError(_("data: nobody is treated ({treated} is 0 everywhere).", treated=treated))
    baseline = frame.iloc[np.argsort(j, kind="stable")].drop_duplicates(unit).set_index(unit).loc[units]
    groups = np.arange(len(y))
    if cluster is not None and cluster != unit:
        complete(frame, cluster)
        values = frame.groupby(unit)[cluster].nunique().loc[units]
        if values.max() > 1:
            u = values.index[int(values.argmax())]
            raise KinerjaError(
                _(
                    "data: {unit} {name} has {n} values of {cluster}; it needs exactly one.",
                    unit=unit,
                    name=u,
                    n=int(values.max()),
                    cluster=cluster,
                )
            )
        groups = pd.factorize(baseline[cluster], sort=True)[0]
    x, names = covariate_matrix(baseline.reset_index(), covariates)
    return Panel(
        outcome=y,
        first=first.astype(np.int64),
        units=np.asarray(units),
        periods=np.asarray(periods),
        cluster=groups.astype(np.int64),
        covariates=x,
        covariate_names=names,
        dropped=int(gaps.sum()),
    )


def in_time(frame: pd.DataFrame, time: str, where: str = "data") -> pd.Series:
    """Return a column of periods as values that sort in order of time, see `sim.tables.periods`.

    Text would sort by its letters (April before January), and 202412 is next to 202501. An ordered categorical keeps
    its order.

    Raises
    ------
    Problems
        Names of periods without a known order.
    """
    column = frame[time]
    if isinstance(column.dtype, pd.CategoricalDtype) and column.cat.ordered:
        return column
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    values, problems, __ = as_periods(column, Place(where, time, np.arange(len(frame)) + 2))
    if problems:
        raise Problems(problems)
    return values


def one_row_each(frame: pd.DataFrame, unit: str, time: str) -> None:
    """Refuse a second row of the same unit and period."""
    twice = frame.duplicated([unit, time])
    if twice.any():
        at = frame.loc[twice, [unit, time]].iloc[0]
        raise KinerjaError(
            _(
                "data: {n} duplicate unit-period rows; the first is {unit} {name}, {time} {period}. Keep one row "
                "per unit and period (average or sum them yourself).",
                n=int(twice.sum()),
                unit=unit,
                name=at[unit],
                time=time,
                period=at[time],
            )
        )


def even_periods(periods: np.ndarray, time: str) -> None:
    """Refuse a single period, and numbered periods with a hole that no unit fills."""
    if len(periods) < 2:
        raise KinerjaError(_("data: {time} has only one value. Before and after are both needed.", time=time))
    if np.issubdtype(periods.dtype, np.number):
        steps = np.diff(periods.astype(float))
        if not np.allclose(steps, steps.min()):
            at = int(np.argmax(steps))
            raise KinerjaError(
                _(
                    "data: between {time} {before:g} and {after:g} a period is missing for every unit. Number "
                    "the periods evenly.",
                    time=time,
                    before=periods[at],
                    after=periods[at + 1],
                )
            )
