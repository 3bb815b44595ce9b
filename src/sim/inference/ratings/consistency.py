"""Internal consistency of a scale: Cronbach's alpha and McDonald's omega."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from scipy import special, stats
from statsmodels.multivariate.factor import Factor
from statsmodels.tools.sm_exceptions import ConvergenceWarning

from sim.errors import KinerjaError, _
from sim.inference.models.mixed import Array
from sim.inference.ratings.reliability import COLUMNS, ReliabilityResult
from sim.inference.result import Note


def cronbach_alpha(items: pd.DataFrame, *, level: float = 0.95) -> ReliabilityResult:
    """Estimate Cronbach's alpha, with Feldt's (1965) interval.

    Parameters
    ----------
    items : DataFrame
        One row per person, one column per item (criterion), all scored in the same direction.
    level : float

    Returns
    -------
    ReliabilityResult

    Raises
    ------
    KinerjaError
        Items that are not numbers, do not vary or repeat each other; fewer than three complete persons or two items.

    Examples
    --------
    >>> items = pd.DataFrame({"a": [1, 2, 3, 4], "b": [2, 2, 4, 5], "c": [1, 3, 3, 5]})
    >>> round(cronbach_alpha(items)["alpha"], 3)
    0.959
    """
    values, notes = _complete(items)
    n, k = values.shape
    alpha = _alpha(values)
    q = 0.5 + level / 2.0
    low = 1.0 - (1.0 - alpha) * stats.f.ppf(q, n - 1, (n - 1) * (k - 1))
    high = 1.0 - (1.0 - alpha) * stats.f.ppf(1.0 - q, n - 1, (n - 1) * (k - 1))
    return _result("alpha", (alpha, float(low), float(high)), "feldt", values, notes, level)


def omega(items: pd.DataFrame, *, level: float = 0.95) -> ReliabilityResult:
    """Estimate McDonald's omega: the share of a sum score's variance that is due to one common factor.

    Parameters
    ----------
    items : DataFrame
        One row per person, one column per item, at least three.
    level : float

    Returns
    -------
    ReliabilityResult

    Raises
    ------
    KinerjaError
        As `cronbach_alpha`; fewer than three items.

    Notes
    -----
    One factor by maximum likelihood (statsmodels), loadings in the items' own units. The standard error is the
    sandwich one, free of normality, by the delta method; the interval is that of the logit.
    """
    values, notes = _complete(items)
    if values.shape[1] < 3:
        raise KinerjaError(_("A factor needs at least three items; there are {n}.", n=values.shape[1]))
    sd = values.std(axis=0, ddof=1)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fitted = Factor(corr=np.corrcoef(values, rowvar=False), n_factor=1, method="ml").fit()
    if any(issubclass(w.category, ConvergenceWarning) for w in caught) or fitted.uniqueness.min() < 0.01:
        notes += (
            Note(
                "not_converged",
                _(
                    "The one-factor model did not converge, or leaves an item no variance of its own; do "
                    "not use."
                ),
            ),
        )
    loadings, unique = fitted.loadings[:, 0] * sd, fitted.uniqueness * sd**2
    common, rest = float(loadings.sum()) ** 2, float(unique.sum())
    estimate = common / (common + rest)
    gradient = np.concatenate([2.0 * loadings.sum() * rest * np.ones_like(sd), -common * np.ones_like(sd)])
    se = _influence(values - values.mean(axis=0), loadings, unique) @ (gradient / (common + rest) ** 2)
    half = stats.norm.ppf(0.5 + level / 2.0) * float(np.sqrt((se**2).sum())) / (estimate * (1.0 - estimate))
    low, high = special.expit(special.logit(estimate) + half * np.array([-1.0, 1.0]))
    return _result("omega", (estimate, float(low), float(high)), "delta", values, notes, level)


def _influence(centred: Array, loadings: Array, unique: Array) -> Array:
    """Return the influence of every person on loadings and uniquenesses, over n: inverse information times score."""
    inverse = np.linalg.inv(np.outer(loadings, loadings) + np.diag(unique))
    z = centred @ inverse
    towards = inverse @ loadings
    score = np.column_stack([z * (z @ loadings)[:, None], 0.5 * z**2])
    score -= score.mean(axis=0)
    cross = inverse * towards
    top = (loadings @ towards) * inverse + np.outer(towards, towards)
    information = np.block([[top, cross], [cross.T, 0.5 * inverse**2]])
    return np.linalg.solve(information, score.T).T / len(centred)


def _alpha(values: Array) -> float:
    k = values.shape[1]
    return float(k / (k - 1) * (1.0 - values.var(axis=0, ddof=1).sum() / values.sum(axis=1).var(ddof=1)))


def _complete(items: pd.DataFrame) -> tuple[Array, tuple[Note, ...]]:
    text = [str(c) for c in items.columns if not pd.api.types.is_numeric_dtype(items[c])]
    if text:
        raise KinerjaError(
            _("Items {names} are not numbers. Keep the item columns only.", names=", ".join(text))
        )
    whole = items.dropna()
    n, k = whole.shape
    strange = [str(c) for c in whole.columns if np.isinf(whole[c].to_numpy(float)).any()]
    if strange:
        raise KinerjaError(_("Items {names} hold infinite values. Correct them.", names=", ".join(strange)))
    copies = [str(c) for c, same in zip(whole.columns, whole.T.duplicated(), strict=True) if same]
    if n >= 3 and copies:
        raise KinerjaError(
            _(
                "Items {names} repeat another item in every row, so they say nothing about consistency. "
                "Leave them out.",
                names=", ".join(copies),
            )
        )
    if k < 2 or n < 3:
        raise KinerjaError(
            _("{n} persons with complete answers and {k} items; at least 3 and 2 are needed.", n=n, k=k)
        )
    flat = [str(c) for c in whole.columns if (whole[c] == whole[c].iloc[0]).all()]
    if flat:
        raise KinerjaError(
            _("All answers to {names} are equal. Leave these items out.", names=", ".join(flat))
        )
    notes: tuple[Note, ...] = ()
    if n < len(items):
        lost, total = len(items) - n, len(items)
        notes = (
            Note(
                "rows_dropped",
                _("{lost:,} of {n:,} persons are incomplete and were not used.", lost=lost, n=total),
            ),
        )
    return whole.to_numpy(float), notes


def _result(
    name: str,
    estimate: tuple[float, float, float],
    method: str,
    values: Array,
    notes: tuple[Note, ...],
    level: float,
) -> ReliabilityResult:
    table = pd.DataFrame([(name, *estimate, method)], columns=COLUMNS)
    n, k = values.shape
    return ReliabilityResult(estimates=table, notes=notes, ratees=n, raters=float(k), level=level)
