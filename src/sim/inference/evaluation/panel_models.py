"""Fixed and random effects for panels: is the outcome higher in months when x is higher?

Random effects come from linearmodels, fixed effects from the within regression; intervals are CR2 over units
with Satterthwaite degrees of freedom, because a ministry's panel often has twenty units, for which the usual
clustered standard errors are too small.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from linearmodels.panel import RandomEffects
from matplotlib.axes import Axes
from scipy import stats

from sim.errors import KinerjaError, _
from sim.inference.data.checks import distinct_columns
from sim.inference.data.panel_data import complete, covariate_matrix, numeric, one_row_each, require
from sim.inference.models.clusters import LinearFit, fit_linear, joint_test
from sim.inference.result import Note, Result, forest
from sim.inference.wording import effect_text, f_test


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class PanelModelsResult(Result):
    """Fixed and random effects estimates side by side.

    Attributes
    ----------
    estimates : DataFrame
        model ("fixed", "random"), term, estimate, se, df, low, high, p.
    hausman : Series
        statistic, df, p of the classical test (with the error variance of the random effects model in both
        where the difference of variances is not positive).
    mundlak : Series
        F, df1, df2, p: unit means add nothing to the random effects model (cluster-robust Hausman test).
    unit_share : float
        Share of the unexplained variance that lies between units.
    units, rows : int
    """

    hausman: pd.Series
    mundlak: pd.Series
    unit_share: float
    outcome: str
    units: int
    rows: int
    level: float

    def sentences(self) -> list[str]:
        fixed = self.estimates[self.estimates["model"] == "fixed"]
        effects = "; ".join(f"{r.term}: {effect_text(r, self.level)}" for __, r in fixed.iterrows())
        first = _(
            "Panel of {units:,} units, {rows:,} rows. Fixed effects: {effects}.",
            units=self.units,
            rows=self.rows,
            effects=effects,
        )
        if np.isnan(self.mundlak.p):
            share = _("{share:.0%} of the unexplained variance lies between units.", share=self.unit_share)
            return [str(first), str(share)]
        verdict = (
            _("fixed effects are needed") if self.mundlak.p < 0.05 else _("random effects are not rejected")
        )
        return [
            str(first),
            str(
                _(
                    "{share:.0%} of the unexplained variance lies between units. Robust Hausman test "
                    "(Mundlak): {test}; {verdict}.",
                    share=self.unit_share,
                    test=f_test(self.mundlak),
                    verdict=verdict,
                )
            ),
        ]

    def _draw_on(self, ax: Axes) -> None:
        table = self.estimates.assign(label=self.estimates["term"] + " (" + self.estimates["model"] + ")")
        forest(ax, table.sort_values(["term", "model"]), "label", zero=0.0)
        ax.set_xlabel(f"Δ {self.outcome}")


def panel_models(
    frame: pd.DataFrame,
    outcome: str,
    regressors: Sequence[str],
    unit: str,
    time: str,
    *,
    time_effects: bool = False,
    level: float = 0.95,
) -> PanelModelsResult:
    """Estimate fixed effects (within) and random effects (Swamy-Arora) of `outcome` on `regressors`.

    Parameters
    ----------
    frame : DataFrame
        One row per unit and period; missing periods are allowed, empty cells are not.
    outcome, unit, time : str
        Columns.
    regressors : sequence of str
        Must vary within units; text becomes dummies. One that depends on time alone is accepted without
        `time_effects`.
    time_effects : bool
        Add an effect of every period to both.
    level : float
        Confidence level.

    Returns
    -------
    PanelModelsResult

    Raises
    ------
    KinerjaError
        Duplicate rows, a regressor without variation within units, fewer than three units, collinearity.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> unit, t = np.repeat(np.arange(20), 5), np.tile(np.arange(5), 20)
    >>> x = rng.normal(size=100) + unit / 5
    >>> data = pd.DataFrame({"unit": unit, "t": t, "x": x, "y": x + unit + rng.normal(size=100)})
    >>> result = panel_models(data, "y", ["x"], "unit", "t")
    >>> bool(result.table().low[0] < 1 < result.table().high[0]), bool(result.mundlak.p < 0.05)
    (True, True)
    """
    require(frame, [outcome, unit, time, *regressors])
    distinct_columns(outcome=outcome, unit=unit, time=time)
    frame = frame.sort_values([unit, time], kind="stable").reset_index(drop=True)
    for column in (outcome, unit, time):
        complete(frame, column)
    one_row_each(frame, unit, time)
    y = numeric(frame, outcome)
    x, names = covariate_matrix(frame, regressors)
    if not names:
        raise KinerjaError(_("Name at least one regressor."))
    codes, units = pd.factorize(frame[unit], sort=True)
    if len(units) < 3:
        raise KinerjaError(_("data: {n} units; a panel model needs at least three.", n=len(units)))
    means = _unit_means(x, codes)
    still = np.abs(x - means[codes]).max(axis=0) < 1e-12
    if still.any():
        raise KinerjaError(
            _(
                "data: {column} never changes within a unit: fixed effects cannot see it. Leave it out.",
                column=names[int(np.argmax(still))],
            )
        )
    if np.ptp(y - _unit_means(y[:, None], codes)[codes, 0]) < 1e-12 * max(1.0, float(np.abs(y).max())):
        raise KinerjaError(
            _("data: {outcome} never changes within a unit. There is nothing to compare.", outcome=outcome)
        )
    when = pd.factorize(frame[time], sort=True)[0]
    alone = [
        name
        for j, name in enumerate(names)
        if time_effects and pd.Series(x[:, j]).groupby(when).transform(np.ptp).max() < 1e-12
    ]
    if alone:
        raise KinerjaError(
            _(
                "data: {names} is the same for all units in every period: effects of periods take it up. Leave it "
                "out, or use time_effects=False.",
                names=", ".join(alone),
            )
        )
    dummies = np.eye(when.max() + 1)[when][:, 1:] if time_effects else np.empty((len(y), 0))
    index = pd.MultiIndex.from_arrays([codes, when])
    extra = [f"period {k + 1}" for k in range(dummies.shape[1])]
    exog = pd.DataFrame(np.column_stack([x, dummies]), index=index, columns=[*names, *extra])
    endog = pd.Series(y, index=index, name="y")
    with_constant = exog.assign(const=1.0)
    data = np.column_stack([y, exog.to_numpy()])
    centred = data - _unit_means(data, codes)[codes]
    within = fit_linear(centred[:, 0], centred[:, 1:], codes)  # refuses collinear columns
    random = RandomEffects(endog, with_constant).fit(cov_type="unadjusted")

    theta = random.theta.to_numpy(float).ravel()[codes]
    lifted = np.column_stack([data, np.ones(len(y)), means[codes]])
    part = lifted - theta[:, None] * _unit_means(lifted, codes)[codes]
    k = exog.shape[1]
    apart = np.flatnonzero(np.ptp(means, axis=0) > 1e-9 * np.maximum(1.0, np.abs(means).max(axis=0)))
    fits = {
        "fixed": within,
        "random": fit_linear(part[:, 0], part[:, 1 : k + 2], codes),
    }
    rows = [
        {"model": model, "term": name, **fit.contrast(np.eye(len(fit.coef))[j], level).row()}
        for model, fit in fits.items()
        for j, name in enumerate(names)
    ]
    return PanelModelsResult(
        estimates=pd.DataFrame(rows),
        notes=tuple(_notes(len(units), [n for j, n in enumerate(names) if j not in apart])),
        hausman=_hausman(within, centred[:, 1:], len(units), random, apart),
        mundlak=_mundlak(part, k, apart, codes),
        unit_share=float(random.variance_decomposition.iloc[2]),
        outcome=outcome,
        units=len(units),
        rows=len(y),
        level=level,
    )


def _unit_means(values: np.ndarray, codes: np.ndarray) -> np.ndarray:
    total = np.zeros((codes.max() + 1, values.shape[1]))
    np.add.at(total, codes, values)
    return total / np.bincount(codes)[:, None]


def _hausman(within: LinearFit, x: np.ndarray, units: int, random, apart: np.ndarray) -> pd.Series:  # type: ignore[no-untyped-def]
    """Hausman (1978) on the coefficients `apart`, those that may differ; classical covariances.

    Where the difference of covariances is not positive, both take the error variance of the random effects.
    """
    q, block = len(apart), np.ix_(apart, apart)
    if not q:
        return pd.Series({"statistic": np.nan, "df": 0.0, "p": np.nan})
    bread = np.linalg.inv(x.T @ x)[block]
    free = len(x) - units - x.shape[1]
    own = float(within.residuals @ within.residuals) / free * bread
    theirs = random.cov.to_numpy(float)[block]
    if (np.linalg.eigvalsh(own - theirs) <= 0).any():
        own = float(random.s2) * bread
    gap = within.coef[apart] - random.params.to_numpy(float)[apart]
    statistic = float(gap @ np.linalg.pinv(own - theirs) @ gap)
    p = float(stats.chi2.sf(statistic, q)) if statistic >= 0 else np.nan
    return pd.Series({"statistic": statistic, "df": float(q), "p": p})


def _mundlak(part: np.ndarray, k: int, apart: np.ndarray, codes: np.ndarray) -> pd.Series:
    """Joint test of the unit means in the random effects regression, by cluster-robust influence.

    Means that are the same for all units (of the calendar, in a balanced panel) say nothing and are left out.
    """
    if not len(apart):
        return pd.Series({"F": np.nan, "df1": 0.0, "df2": np.nan, "p": np.nan})
    columns = [*range(1, k + 2), *(k + 2 + apart)]
    fit = fit_linear(part[:, 0], part[:, columns], codes)
    at = np.arange(k + 1, k + 1 + len(apart))
    influence = np.column_stack([fit.influence(np.eye(len(fit.coef))[j]) for j in at])
    return pd.Series(dict(zip(("F", "df1", "df2", "p"), joint_test(fit.coef[at], influence), strict=True)))


def _notes(units: int, alike: list[str]) -> list[Note]:
    notes = []
    if alike:
        said = _(
            "{names}: the same for all units on average, so the tests of fixed against random effects leave it out, "
            "and whatever else changed over time is part of its effect.",
            names=", ".join(alike),
        )
        notes.append(Note("time_alone", said))
    if units < 10:
        said = _("only {units} units: the intervals rest on very few degrees of freedom.", units=units)
        notes.append(Note("few_units", said))
    return notes
