"""Proportional hazards of closing a case, with open cases counted as open (statsmodels)."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.api as sm
from matplotlib.axes import Axes
from scipy import stats
from statsmodels.tools.sm_exceptions import ConvergenceWarning

from sim.errors import KinerjaError, _
from sim.inference.data.checks import repeated_notes
from sim.inference.data.panel_data import covariate_matrix
from sim.inference.evaluation.survival import open_note, read_durations
from sim.inference.result import Result, forest, interval
from sim.language.numbers import number, p_value


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class HazardModelResult(Result):
    """Proportional hazards of closing.

    Attributes
    ----------
    estimates : DataFrame
        term, estimate (log hazard ratio), se, low, high, p, hazard_ratio.
    proportional : DataFrame
        term, correlation of the scaled residuals with time rank, p: small p speaks against proportionality.
    """

    proportional: pd.DataFrame
    n: int
    level: float

    def sentences(self) -> list[str]:
        ratios = "; ".join(
            f"{r.term} {number(r.hazard_ratio, 2)} "
            f"{interval(float(np.exp(r.low)), float(np.exp(r.high)), level=self.level)}, {p_value(r.p)}"
            for r in self.estimates.itertuples()
        )
        line = _(
            "Hazard ratios of closing ({n:,} cases; above 1 is quicker): {ratios}.",
            n=self.n,
            ratios=ratios,
        )
        return [str(line)]

    def _draw_on(self, ax: Axes) -> None:
        ratio = self.estimates.assign(
            estimate=np.exp(self.estimates["estimate"]),
            low=np.exp(self.estimates["low"]),
            high=np.exp(self.estimates["high"]),
        )
        forest(ax, ratio, "term", zero=1.0)
        ax.set_xscale("log")
        ax.set_xlabel(str(_("hazard ratio")))


def hazard_model(
    frame: pd.DataFrame,
    covariates: Sequence[str],
    days: str = "days",
    done: str = "done",
    *,
    strata: str | None = None,
    cluster: str | None = None,
    level: float = 0.95,
) -> HazardModelResult:
    """Estimate a Cox regression (Efron ties) of the hazard of closing.

    Parameters
    ----------
    frame : DataFrame
        One row per case.
    covariates : sequence of str
        Text becomes dummies.
    days, done : str
        Duration (>= 0) and whether it ended (1) or goes on (0), as `durations` gives.
    strata : str, optional
        Each stratum has its own baseline.
    cluster : str, optional
        Robust standard errors over these groups (statsmodels' sandwich, times G / (G - 1); at least ten).
    level : float
        Confidence level.

    Returns
    -------
    HazardModelResult

    Raises
    ------
    KinerjaError
        A covariate that separates perfectly (no case of some kind ever closes first), no closed case,
        fewer than ten clusters.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> fast = rng.integers(0, 2, 300)
    >>> data = pd.DataFrame({"days": rng.exponential(1 / np.exp(fast)), "done": 1, "fast": fast})
    >>> round(float(hazard_model(data, ["fast"]).table()["hazard_ratio"][0]))
    3
    """
    extra = [c for c in (strata, cluster) if c]
    time, status, frame = read_durations(frame, days, done, [*covariates, *extra])
    x, names = covariate_matrix(frame, covariates)
    if not names:
        raise KinerjaError(_("Name at least one covariate."))
    model = sm.PHReg(
        time, x, status=status, ties="efron", strata=frame[strata].to_numpy() if strata else None
    )
    try:
        groups = pd.factorize(frame[cluster])[0] if cluster else None
        if groups is not None and groups.max() < 9:
            raise KinerjaError(
                _(
                    "data: {n} values of {cluster}; robust errors of a hazard need at least ten. Use "
                    "strata instead.",
                    n=int(groups.max()) + 1,
                    cluster=cluster,
                )
            )
        with warnings.catch_warnings(record=True) as raised:
            warnings.simplefilter("always")  # overflow on the way to an infinite hazard ratio; refused below
            fit = model.fit(groups=groups, disp=False)
        beta, se = np.asarray(fit.params, float), np.asarray(fit.bse, float)
    except np.linalg.LinAlgError as error:
        raise KinerjaError(_("data: the covariates repeat one another. Remove one of them.")) from error
    if groups is not None:
        se = se * np.sqrt((groups.max() + 1) / groups.max())
    spread = x.std(axis=0)
    if not np.isfinite(se).all() or (np.abs(beta) * spread > 12).any() or (se * spread > 50).any():
        worst = names[int(np.nanargmax(np.abs(beta) * spread))]
        raise KinerjaError(
            _(
                "data: {column} separates perfectly who closes first; its hazard ratio has no finite "
                "value. Merge categories or leave it out.",
                column=worst,
            )
        )
    if any(issubclass(w.category, ConvergenceWarning) for w in raised):
        raise KinerjaError(_("The hazard model did not converge. Use fewer covariates, or rescale them."))
    z = stats.norm.ppf(0.5 + level / 2)
    table = pd.DataFrame(
        {"term": names, "estimate": beta, "se": se, "low": beta - z * se, "high": beta + z * se}
    )
    table["p"] = 2 * stats.norm.sf(np.abs(beta / se))
    table["hazard_ratio"] = np.exp(beta)
    return HazardModelResult(
        estimates=table,
        notes=(
            *open_note(float(1 - status.mean())),
            *repeated_notes(frame, [days, done, *covariates, *extra]),
        ),
        proportional=_proportionality(np.asarray(fit.schoenfeld_residuals), names, time, status),
        n=len(time),
        level=level,
    )


def _proportionality(
    residuals: np.ndarray, names: list[str], time: np.ndarray, status: np.ndarray
) -> pd.DataFrame:
    """Return the rank correlation of Schoenfeld residuals with time (the simple form of Grambsch & Therneau 1994)."""
    rows = []
    for j, name in enumerate(names):
        ok = ~np.isnan(residuals[:, j]) & (status == 1)
        if ok.sum() < 5 or np.ptp(residuals[ok, j]) == 0:
            rows.append((name, np.nan, np.nan))
            continue
        test = stats.spearmanr(time[ok], residuals[ok, j])
        rows.append((name, float(test.statistic), float(test.pvalue)))
    return pd.DataFrame(rows, columns=["term", "correlation", "p"])
