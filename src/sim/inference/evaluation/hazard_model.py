"""Proportional hazards of closing a case, with open cases counted as open (statsmodels)."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

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
from sim.inference.result import Note, Result, forest, interval
from sim.language.numbers import number, p_value


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class HazardModelResult(Result):
    """Proportional hazards of closing.

    Attributes
    ----------
    estimates : DataFrame
        term, estimate (log hazard ratio), se, low, high, p, hazard_ratio.
    proportional : DataFrame
        term, correlation (of the scaled Schoenfeld residuals with time), chi2, df, p: a small p speaks against
        proportional hazards. Grambsch and Therneau's score test, with time as 1 - Kaplan-Meier and Efron's ties, as
        ``cox.zph`` of R; the last row, "global", tests several covariates together.
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
        Robust standard errors over these groups (score residuals of Efron's likelihood, variance times G / (G - 1),
        t of G - 1; at least ten).
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
            fit = model.fit(disp=False)
        beta, se = np.asarray(fit.params, float), np.asarray(fit.bse, float)
    except np.linalg.LinAlgError as error:
        raise KinerjaError(_("data: the covariates repeat one another. Remove one of them.")) from error
    levels = pd.factorize(frame[strata])[0] if strata else np.zeros(len(time), dtype=np.int64)
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
    reference = stats.norm()
    if groups is not None:
        se, reference = _robust_errors(x, time, status, levels, beta, groups), stats.t(groups.max())
    z = reference.ppf(0.5 + level / 2)
    table = pd.DataFrame(
        {"term": names, "estimate": beta, "se": se, "low": beta - z * se, "high": beta + z * se}
    )
    table["p"] = 2 * reference.sf(np.abs(beta / se))
    table["hazard_ratio"] = np.exp(beta)
    proportional = _proportionality(x, names, time, status, levels, beta)
    unknown = proportional.loc[proportional["p"].isna(), "term"].tolist()
    too_few = _("Too few times of closing to test whether the hazards of {terms} are proportional.",
                terms=", ".join(unknown))  # fmt: skip
    return HazardModelResult(
        estimates=table,
        notes=(
            *([Note("proportional_unknown", too_few)] if unknown else []),
            *open_note(float(1 - status.mean())),
            *repeated_notes(frame, [days, done, *covariates, *extra]),
        ),
        proportional=proportional,
        n=len(time),
        level=level,
    )


@dataclass(frozen=True)
class _RiskSet:
    """Who is at risk at one time of closing: Efron's sums, one for each of the d cases tied at it.

    Attributes
    ----------
    stratum : int
    dead : ndarray of int (d,)
        Rows that close.
    out : ndarray (d,)
        Share of the tied cases that has left already: 0, 1/d...
    left : ndarray (d,)
        Sum of risks.
    mean : ndarray (d, k)
        Covariates of those at risk, weighted by risk.
    spread : ndarray (k, k)
        Sum over the d of the covariances.
    """

    stratum: int
    dead: np.ndarray
    out: np.ndarray
    left: np.ndarray
    mean: np.ndarray
    spread: np.ndarray


def _risk_sets(
    x: np.ndarray, time: np.ndarray, status: np.ndarray, strata: np.ndarray, beta: np.ndarray
) -> Iterator[_RiskSet]:
    """Yield the times of closing, stratum by stratum, the last time first."""
    risk, k = np.exp((x - x.mean(axis=0)) @ beta), x.shape[1]
    for stratum in np.unique(strata):
        here = np.flatnonzero(strata == stratum)
        here = here[np.argsort(-time[here], kind="stable")]
        s0, s1, s2 = 0.0, np.zeros(k), np.zeros((k, k))
        for block in np.split(here, np.flatnonzero(np.diff(time[here])) + 1):
            r, xb = risk[block], x[block]
            s0, s1, s2 = s0 + r.sum(), s1 + r @ xb, s2 + (xb * r[:, None]).T @ xb
            dead = block[status[block] == 1]
            if not len(dead):
                continue
            r, xb = risk[dead], x[dead]
            out = np.arange(len(dead)) / len(dead)  # tied cases leave the risk set one by one, on average
            left = s0 - out * r.sum()
            mean = (s1 - out[:, None] * (r @ xb)) / left[:, None]
            spread = s2 * (1 / left).sum() - (xb * r[:, None]).T @ xb * (out / left).sum() - mean.T @ mean
            yield _RiskSet(int(stratum), dead, out, left, mean, spread)


def _robust_errors(
    x: np.ndarray,
    time: np.ndarray,
    status: np.ndarray,
    strata: np.ndarray,
    beta: np.ndarray,
    groups: np.ndarray,
) -> np.ndarray:
    """Return standard errors robust to likeness within groups: score residuals of Efron's likelihood, G / (G - 1)."""
    x = x - x.mean(axis=0)
    risk = np.exp(x @ beta)
    residual = np.zeros_like(x)
    information = np.zeros((x.shape[1],) * 2)
    for stratum, sets in groupby(_risk_sets(x, time, status, strata, beta), key=lambda rs: rs.stratum):
        steps = list(sets)[::-1]
        times = np.array([time[rs.dead[0]] for rs in steps])
        hazard = np.array([(1 / rs.left).sum() for rs in steps]).cumsum()
        weighted = np.array([(1 / rs.left) @ rs.mean for rs in steps]).cumsum(axis=0)
        here = np.flatnonzero(strata == stratum)
        at = np.searchsorted(times, time[here], side="right") - 1
        seen = at >= 0
        here, at = here[seen], at[seen]
        residual[here] -= risk[here, None] * (x[here] * hazard[at][:, None] - weighted[at])
        for rs in steps:
            information += rs.spread
            part = rs.out / rs.left
            residual[rs.dead] += x[rs.dead] - rs.mean.mean(axis=0)
            residual[rs.dead] += risk[rs.dead, None] * (x[rs.dead] * part.sum() - part @ rs.mean)
    total = np.zeros((groups.max() + 1, x.shape[1]))
    np.add.at(total, groups, residual)
    influence = total @ np.linalg.inv(information)
    return np.sqrt((influence**2).sum(axis=0) * len(total) / (len(total) - 1))


def _proportionality(
    x: np.ndarray,
    names: list[str],
    time: np.ndarray,
    status: np.ndarray,
    strata: np.ndarray,
    beta: np.ndarray,
) -> pd.DataFrame:
    """Test whether coefficients change with time: the score test of x times g(t), g being 1 - Kaplan-Meier.

    Source: Grambsch and Therneau (1994), Biometrika 81, 515-526; Therneau's survival 3 for the exact score test.
    """
    g = _before(time, status)
    g = g - g[status == 1].mean()
    k = len(names)
    score, plain, once, squared = np.zeros(k), *np.zeros((3, k, k))
    when, residuals = [], []
    for rs in _risk_sets(x, time, status, strata, beta):
        at = g[rs.dead[0]]
        rest = x[rs.dead] - rs.mean.mean(axis=0)
        score += at * rest.sum(axis=0)
        plain, once, squared = plain + rs.spread, once + at * rs.spread, squared + at**2 * rs.spread
        when += [at] * len(rs.dead)
        residuals.append(rest)
    left_over = squared - once @ np.linalg.pinv(plain) @ once
    scaled, when_ = np.concatenate(residuals) @ np.linalg.pinv(plain), np.array(when)
    rows = []
    for j, name in enumerate(names):
        enough = left_over[j, j] > 1e-9 * max(squared[j, j], 1e-300) and np.ptp(scaled[:, j]) > 0
        chi2 = score[j] ** 2 / left_over[j, j] if enough else np.nan
        rho = np.corrcoef(when_, scaled[:, j])[0, 1] if enough else np.nan
        rows.append((name, rho, chi2, 1, stats.chi2.sf(chi2, 1)))
    if k > 1:
        known = not any(np.isnan(row[2]) for row in rows)
        chi2 = float(score @ np.linalg.pinv(left_over) @ score) if known else np.nan
        rows.append(("global", np.nan, chi2, k, stats.chi2.sf(chi2, k)))
    return pd.DataFrame(rows, columns=["term", "correlation", "chi2", "df", "p"])


def _before(time: np.ndarray, status: np.ndarray) -> np.ndarray:
    """Return 1 - Kaplan-Meier just before each time."""
    __, at = np.unique(time, return_inverse=True)
    died = np.bincount(at, weights=status)
    here = np.bincount(at)[::-1].cumsum()[::-1]
    survived = np.cumprod(1 - died / here)
    return 1 - np.concatenate([[1.0], survived[:-1]])[at]
