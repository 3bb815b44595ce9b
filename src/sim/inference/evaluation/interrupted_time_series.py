"""Interrupted time series: one unit, many periods, one starting date.

Segmented regression with a change of level and of slope. Errors of successive months are correlated, so that
the standard errors of least squares are too small; Newey-West repairs that only in long series. The default is
therefore a first-order autoregression fitted by restricted likelihood (REML) with Satterthwaite degrees of
freedom, which simulation studies find best in short series [1]_.

References
----------
.. [1] Turner, Forbes, Karahalios, Taljaard, McKenzie (2021), BMC Medical Research Methodology 21:181.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import statsmodels.api as sm
from matplotlib.axes import Axes
from scipy import optimize

from sim.errors import KinerjaError, _
from sim.inference.data.checks import distinct_columns
from sim.inference.data.panel_data import complete, even_periods, exact_notes, in_time, numeric, require
from sim.inference.models.clusters import Contrast
from sim.inference.result import Note, Result
from sim.inference.wording import effect_text, method_text, period_text

RHO = (-0.95, 0.99)
"""Range of the autocorrelation."""

SHORT = 12
"""Fewer periods than this on one side are marked in a note."""


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class InterruptedTimeSeriesResult(Result):
    """Change of level and slope.

    Attributes
    ----------
    estimates : DataFrame
        Rows ``level`` (jump at the start), ``slope`` (change of trend per period), ``average`` (mean effect
        over all periods from the start on), ``last`` (effect in the last period), ``trend`` (trend
        before): term, estimate, se, df, low, high, p.
    series : DataFrame
        period, observed (minus the control series where there is one), fitted, counterfactual.
    rho : float
        First-order autocorrelation of the errors.
    start : label of the first period after the change
    """

    series: pd.DataFrame
    rho: float
    start: object
    outcome: str
    method: str
    level: float

    def sentences(self) -> list[str]:
        rows = {str(r.term): effect_text(r, self.level) for __, r in self.estimates.iterrows()}
        line = _(
            "At {start} the level changes by {level}; the slope per period changes by {slope}. "
            "Average effect since then: {mean}. Autocorrelation {rho:.2f}; method: {method}.",
            start=period_text(self.start),
            level=rows["level"],
            slope=rows["slope"],
            mean=rows["average"],
            rho=self.rho,
            method=method_text(self.method),
        )
        return [str(line)]

    def _draw_on(self, ax: Axes) -> None:
        s = self.series
        at = np.arange(len(s))
        start = int(np.flatnonzero(s["counterfactual"].notna())[0])
        ax.plot(at, s["observed"], "o", ms=3, color="0.4")
        ax.plot(at[:start], s["fitted"][:start], color="C0")
        ax.plot(at[start:], s["fitted"][start:], color="C0")
        ax.plot(at, s["counterfactual"], color="C1", ls="--")
        ax.axvline(start - 0.5, color="0.7", lw=1)
        ticks = np.unique(np.linspace(0, len(s) - 1, 4).astype(int))
        ax.set_xticks(ticks, [period_text(p) for p in s["period"].iloc[ticks]])
        ax.set_ylabel(self.outcome)


def interrupted_time_series(
    frame: pd.DataFrame,
    outcome: str,
    time: str,
    start: object,
    *,
    control: str | None = None,
    season: int | None = None,
    errors: Literal["ar1", "newey-west"] = "ar1",
    level: float = 0.95,
) -> InterruptedTimeSeriesResult:
    """Estimate the change of level and slope of a series at a known date.

    Parameters
    ----------
    frame : DataFrame
        One row per period, evenly spaced.
    outcome, time : str
        Columns.
    start : label
        First period after the change, a value of `time`.
    control : str, optional
        Column with a series that the change did not touch; the model is fitted to the difference, so that
        what moved both drops out.
    season : int, optional
        Length of the year in periods, at least 2 (12 for months): adds two pairs of sine and cosine, fewer where
        the year has less than five periods.
    errors : {"ar1", "newey-west"}
        First-order autoregression by REML with Satterthwaite t; or ordinary least squares with a Newey-West
        covariance (statsmodels; lags 4 (n / 100)^(2/9), t of n - k), whose intervals are too narrow in short series.
    level : float
        Confidence level.

    Returns
    -------
    InterruptedTimeSeriesResult

    Raises
    ------
    KinerjaError
        Fewer than four periods on a side, a gap, duplicate periods, `start` not among the periods, an
        outcome without variation.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> t = np.arange(24)
    >>> days = 10 + 0.1 * t - 3.0 * (t >= 12) + np.tile([0.1, -0.1], 12)
    >>> its = interrupted_time_series(pd.DataFrame({"month": t, "days": days}), "days", "month", 12)
    >>> float(its.table().estimate[0].round(1))
    -3.0
    """
    if errors not in ("ar1", "newey-west"):
        raise KinerjaError(_('errors is "{errors}"; use "ar1" or "newey-west".', errors=errors))
    if season is not None and (isinstance(season, bool) or season != int(season) or season < 2):
        raise KinerjaError(
            _(
                "season is {season}; give the periods of a year, 2 or more (12 for months), or None.",
                season=season,
            )
        )
    require(frame, [outcome, time, *([control] if control else [])])
    distinct_columns(outcome=outcome, time=time, control=control)
    frame = frame.reset_index(drop=True)
    for column in (time, outcome, *([control] if control else [])):
        complete(frame, column)
    when = in_time(frame, time)
    frame = frame.loc[when.sort_values(kind="stable").index]
    when = when.loc[frame.index].reset_index(drop=True)
    frame = frame.reset_index(drop=True)
    periods = frame[time].to_numpy()
    if frame[time].duplicated().any():
        twice = frame[time][frame[time].duplicated()].iloc[0]
        raise KinerjaError(
            _(
                "data: {time} {twice} appears twice. A time series has one row per period.",
                time=time,
                twice=twice,
            )
        )
    even_periods(when.to_numpy(), time)
    y = numeric(frame, outcome) - (numeric(frame, control) if control else 0.0)
    where = np.flatnonzero(frame[time] == start)
    if not len(where):
        raise KinerjaError(
            _(
                "data: start {start} is not a value of {time} ({first} to {last}).",
                start=start,
                time=time,
                first=periods[0],
                last=periods[-1],
            )
        )
    n, s = len(y), int(where[0])
    if min(s, n - s) < 4:
        raise KinerjaError(
            _(
                "data: {before} periods before {start} and {after} from it on; at least four on each side "
                "are needed.",
                before=s,
                after=n - s,
                start=start,
            )
        )
    if np.ptp(y) == 0:
        raise KinerjaError(_("data: {outcome} does not vary. There is nothing to test.", outcome=outcome))
    design = _design(n, s, season)
    if n - design.shape[1] < 3:
        raise KinerjaError(
            _(
                "data: {n} periods are too few for {k} coefficients. Leave season out.",
                n=n,
                k=design.shape[1],
            )
        )
    fit = _reml_ar1(y, design) if errors == "ar1" else _newey_west(y, design)
    mean_after = (n - s - 1) / 2
    contrasts = {
        "level": (0, 0, 1, 0),
        "slope": (0, 0, 0, 1),
        "average": (0, 0, 1, mean_after),
        "last": (0, 0, 1, n - s - 1),
        "trend": (0, 1, 0, 0),
    }
    rows = []
    for term, four in contrasts.items():
        weights = np.zeros(design.shape[1])
        weights[:4] = four
        rows.append({"term": term, **fit.contrast(weights, level).row()})
    without = design.copy()
    without[:, 2:4] = 0
    after = np.arange(n) >= s
    table = pd.DataFrame(rows)
    return InterruptedTimeSeriesResult(
        estimates=table,
        notes=(*_notes(s, n - s, control, errors, fit.rho), *exact_notes(table)),
        series=pd.DataFrame(
            {
                "period": periods,
                "observed": y,
                "fitted": design @ fit.coef,
                "counterfactual": np.where(after, without @ fit.coef, np.nan),
            }
        ),
        rho=fit.rho,
        start=start,
        outcome=outcome if control is None else f"{outcome} − {control}",
        method="AR(1), REML, Satterthwaite t" if errors == "ar1" else "OLS, Newey-West",
        level=level,
    )


def _design(n: int, s: int, season: int | None) -> np.ndarray:
    """Intercept, trend, level change, slope change (zero at the start), harmonics."""
    t = np.arange(n)
    after = t >= s
    columns = [np.ones(n), t - s, after, np.where(after, t - s, 0)]
    if season is not None:
        for k in (1, 2):
            if 2 * k < season:
                columns.append(np.sin(2 * np.pi * k * t / season))
            if 2 * k <= season:  # beyond, a faster wave looks like a slower one
                columns.append(np.cos(2 * np.pi * k * t / season))
    return np.column_stack(columns).astype(float)


@dataclass(frozen=True)
class _Fit:
    coef: np.ndarray
    cov: np.ndarray
    rho: float
    slope: np.ndarray | None  # derivative of the covariance by rho
    variance: np.ndarray | None  # covariance of (log sigma2, rho)
    df: float

    def contrast(self, weights: np.ndarray, level: float) -> Contrast:
        v = float(weights @ self.cov @ weights)
        df = self.df
        if self.slope is not None and self.variance is not None:
            gradient = np.array([v, weights @ self.slope @ weights])
            df = min(df, 2 * v**2 / float(gradient @ self.variance @ gradient))
        return Contrast.of(float(weights @ self.coef), v**0.5, df, level)


def _reml_ar1(y: np.ndarray, x: np.ndarray) -> _Fit:
    """Generalised least squares with AR(1) errors, rho by restricted likelihood."""
    n, k = x.shape

    def whiten(rho: float) -> tuple[np.ndarray, np.ndarray]:
        both = np.column_stack([y, x])
        out = np.vstack([np.sqrt(1 - rho**2) * both[:1], both[1:] - rho * both[:-1]])
        return out[:, 0], out[:, 1:]

    def solve(rho: float) -> tuple[np.ndarray, np.ndarray, float]:
        wy, wx = whiten(rho)
        bread = np.linalg.inv(wx.T @ wx)
        coef = bread @ (wx.T @ wy)
        return coef, bread, float(((wy - wx @ coef) ** 2).sum())

    def criterion(rho: float, log_sigma2: float | None = None) -> float:
        """-2 restricted log-likelihood; sigma2 (of the innovations) profiled out when not given."""
        __, bread, rss = solve(rho)
        log_s = np.log(rss / (n - k)) if log_sigma2 is None else log_sigma2
        fixed = -np.log(1 - rho**2) - np.linalg.slogdet(bread)[1]
        return float((n - k) * log_s + rss / np.exp(log_s) + fixed)

    best = optimize.minimize_scalar(criterion, bounds=RHO, method="bounded", options={"xatol": 1e-6})
    rho = float(best.x)
    coef, bread, rss = solve(rho)
    sigma2 = rss / (n - k)
    h = 1e-3
    rho_in = float(np.clip(rho, -0.94, 0.98))
    centre, point = np.log(sigma2), np.array([np.log(sigma2), rho_in])
    hessian = np.empty((2, 2))
    for i in range(2):
        for j in range(2):
            a, b = np.eye(2)[i] * h, np.eye(2)[j] * h
            corners = [(point + p * a + q * b, p * q) for p in (1, -1) for q in (1, -1)]
            hessian[i, j] = sum(sign * criterion(c[1], c[0]) for c, sign in corners) / (4 * h * h)
    variance = 2 * np.linalg.inv(hessian)
    if not (np.linalg.eigvalsh(variance) > 0).all():
        variance = np.diag([2 / (n - k), (1 - rho_in**2) / n])
    step = (solve(rho_in + h)[1] - solve(rho_in - h)[1]) / (2 * h)
    return _Fit(coef, sigma2 * bread, rho, np.exp(centre) * step, variance, float(n - k))


def _newey_west(y: np.ndarray, x: np.ndarray) -> _Fit:
    """Ordinary least squares with statsmodels' HAC covariance."""
    n, k = x.shape
    lags = int(np.floor(4 * (n / 100) ** (2 / 9)))
    fit = sm.OLS(y, x).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}, use_t=True)
    e = np.asarray(fit.resid)
    rho = float(e[1:] @ e[:-1] / (e @ e))
    return _Fit(np.asarray(fit.params), np.asarray(fit.cov_params()), rho, None, None, float(n - k))


def _notes(before: int, after: int, control: str | None, errors: str, rho: float) -> list[Note]:
    notes = []
    if errors == "ar1" and not RHO[0] + 1e-3 < rho < RHO[1] - 1e-3:
        said = _(
            "the autocorrelation reached the end of its range ({rho:.2f}): the series drifts rather than "
            "returns to its trend, and its intervals cannot be trusted.",
            rho=rho,
        )
        notes.append(Note("boundary", said))
    if errors == "newey-west" and before + after < 200:
        notes.append(
            Note(
                "newey_west",
                _(
                    "Newey-West intervals are too narrow in a series this short (see "
                    'docs/evaluation.md); use errors="ar1".'
                ),
            )
        )
    if min(before, after) < SHORT:
        notes.append(
            Note(
                "short_series",
                _(
                    "only {before} periods before and {after} after: trend and autocorrelation are hard "
                    "to separate.",
                    before=before,
                    after=after,
                ),
            )
        )
    if control is None:
        notes.append(
            Note(
                "no_control_series",
                _("without a control series, whatever else changed at that time is counted too."),
            )
        )
    return notes
