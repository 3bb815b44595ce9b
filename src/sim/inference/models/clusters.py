"""Linear regression with few clusters: CR2 variances with Satterthwaite degrees of freedom, wild bootstrap.

statsmodels has cluster-robust variances of the CR0, CR1 and jackknife kind; with ten offices in a trial
those are too small or lack degrees of freedom of their own. The bias-reduced CR2 with degrees of freedom
for each contrast [1]_ [2]_ [3]_ holds its level down to a handful of clusters; the restricted wild cluster
bootstrap with six-point weights [4]_ is the second opinion.

References
----------
.. [1] Bell, McCaffrey (2002), Survey Methodology 28, 169-181.
.. [2] Imbens, Kolesar (2016), Review of Economics and Statistics 98, 701-712.
.. [3] Pustejovsky, Tipton (2018), Journal of Business & Economic Statistics 36, 672-683.
.. [4] Webb (2023), Canadian Journal of Economics 56, 839-858.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from sim.errors import KinerjaError, _

_SIX_POINTS = np.concatenate([np.sqrt([0.5, 1.0, 1.5]), -np.sqrt([0.5, 1.0, 1.5])])


@dataclass(frozen=True)
class Contrast:
    """One estimated number with its uncertainty.

    Attributes
    ----------
    estimate, se, df, low, high, p : float
        `df` belongs to the t distribution behind the interval and the two-sided p value.
    """

    estimate: float
    se: float
    df: float
    low: float
    high: float
    p: float

    @classmethod
    def of(cls, estimate: float, se: float, df: float, level: float = 0.95) -> Contrast:
        """Make one from a t distribution (normal when `df` is infinite); without a standard error all is NaN.

        Parameters
        ----------
        estimate, se, df : float
        level : float
            Of the interval.
        """
        if not (se > 0 and df > 0):
            return cls(float(estimate), np.nan, np.nan, np.nan, np.nan, np.nan)
        half = stats.t.ppf(0.5 + level / 2, df) * se
        p = 2 * stats.t.sf(abs(estimate) / se, df)
        return cls(*map(float, (estimate, se, df, estimate - half, estimate + half, p)))

    def row(self) -> dict[str, float]:
        """Return the numbers as a row of a table."""
        return {k: getattr(self, k) for k in ("estimate", "se", "df", "low", "high", "p")}


@dataclass(frozen=True)
class LinearFit:
    """Least squares with a CR2 variance; HC2 when every row is its own cluster.

    Attributes
    ----------
    coef : ndarray (k,)
    residuals : ndarray (n,)
    clusters : int
        How many.
    """

    coef: np.ndarray
    residuals: np.ndarray
    clusters: int
    _root: np.ndarray  # L with L L' = (X'X)^-1
    _gram: np.ndarray  # S_g = L' X_g' X_g L, one per cluster
    _half: np.ndarray  # (I - S_g)^(-1/2)
    _scores: np.ndarray  # adjusted scores, one per cluster
    _full: np.ndarray  # directions that one cluster determines alone

    @property
    def cov(self) -> np.ndarray:
        """Return the CR2 covariance of the coefficients, (k, k)."""
        return self._root @ self._scores.T @ self._scores @ self._root.T

    def influence(self, weights: np.ndarray) -> np.ndarray:
        """Return what each cluster adds to the error of ``weights @ coef``; the squares sum to its CR2 variance."""
        return self._scores @ (self._root.T @ np.asarray(weights, float))

    def contrast(self, weights: np.ndarray, level: float = 0.95) -> Contrast:
        """Estimate the combination `weights @ coef`, with its Satterthwaite degrees of freedom.

        Parameters
        ----------
        weights : ndarray (k,)
        level : float
            Of the interval.

        Raises
        ------
        KinerjaError
            One cluster alone determines the combination: its uncertainty cannot be estimated.
        """
        w = self._root.T @ np.asarray(weights, float)
        if len(self._full) and (np.abs(self._full @ w) > 1e-6 * np.linalg.norm(w)).any():
            raise KinerjaError(
                _(
                    "The estimate rests on a single cluster (only one is treated, or only one is not): "
                    "its uncertainty cannot be estimated. At least two clusters are needed on each side."
                )
            )
        half_w = self._half @ w
        b = np.einsum("gkl,gl->gk", self._gram, half_w)
        d = np.einsum("gk,gk->g", half_w, b)
        trace = d.sum() - (b**2).sum()
        square = (d**2).sum() - 2 * (d * (b**2).sum(1)).sum() + ((b.T @ b) ** 2).sum()
        return Contrast.of(
            float(np.asarray(weights) @ self.coef),
            float(np.linalg.norm(self._scores @ w)),
            trace**2 / square,
            level,
        )


def fit_linear(y: np.ndarray, x: np.ndarray, cluster: np.ndarray | None = None) -> LinearFit:
    """Fit least squares of `y` on `x` with a CR2 variance over clusters.

    Parameters
    ----------
    y : ndarray (n,)
    x : ndarray (n, k)
        Of full column rank; a column of ones where there is an intercept.
    cluster : ndarray of int (n,), optional
        Coded 0, 1...; by default every row is its own cluster.

    Returns
    -------
    LinearFit

    Raises
    ------
    KinerjaError
        Collinear columns, no degrees of freedom, or fewer than two clusters.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.column_stack([np.ones(4), [0, 0, 1, 1]])
    >>> effect = fit_linear(np.array([1.0, 3.0, 4.0, 6.0]), x).contrast([0, 1])
    >>> round(effect.estimate, 6), round(effect.se, 6), round(effect.df, 6)
    (3.0, 1.414214, 2.0)
    """
    n, k = x.shape
    if n <= k:
        raise KinerjaError(_("{n} rows cannot carry {k} coefficients. Use fewer covariates.", n=n, k=k))
    cluster = np.arange(n) if cluster is None else cluster
    groups = int(cluster.max()) + 1
    if groups < 2:
        raise KinerjaError(_("There is only one cluster. Between-cluster variation cannot be estimated."))
    __, r = np.linalg.qr(x)
    scale = np.abs(np.diag(r))
    if (scale <= 1e-9 * np.linalg.norm(x, axis=0)).any():
        raise KinerjaError(
            _(
                "Columns of the model are collinear (a covariate repeats another, or the treatment): "
                "remove one of them."
            )
        )
    root = np.linalg.inv(r)
    z = x @ root
    coef = root @ (z.T @ y)
    residuals = y - x @ coef
    gram = np.zeros((groups, k, k))
    score = np.zeros((groups, k))
    np.add.at(gram, cluster, z[:, :, None] * z[:, None, :])
    np.add.at(score, cluster, z * residuals[:, None])
    values, vectors = np.linalg.eigh(gram)
    alone = values > 1 - 1e-9
    power = np.where(alone, 0.0, 1 / np.sqrt(np.where(alone, 1.0, 1 - values)))
    half = np.einsum("gkl,gl,gml->gkm", vectors, power, vectors)
    adjusted = np.einsum("gkl,gl->gk", half, score)
    full = np.swapaxes(vectors, 1, 2)[alone]
    return LinearFit(coef, residuals, groups, root, gram, half, adjusted, full)


def joint_test(estimates: np.ndarray, influence: np.ndarray) -> tuple[float, int, int, float]:
    """Test that all `estimates` (q,) are zero (Wald), from independent influence rows (G, q).

    The covariance is the sum of outer products of the (already adjusted) influences; the statistic is
    scaled to an F of (q, G - q - 1) as Hotelling's T squared for two groups.

    Returns
    -------
    statistic, df1, df2, p : float, int, int, float
        NaN for statistic and p when there are no more clusters than estimates.
    """
    groups, q = influence.shape
    df = groups - q - 1
    if q == 0 or df < 1:
        return np.nan, q, df, np.nan
    wald = float(estimates @ np.linalg.pinv(influence.T @ influence, hermitian=True) @ estimates)
    f = wald * df / (q * (groups - 2))
    return f, q, df, float(stats.f.sf(f, q, df))


def wild_interval(
    y: np.ndarray,
    x: np.ndarray,
    cluster: np.ndarray,
    column: int,
    *,
    level: float = 0.95,
    draws: int = 1999,
    rng: np.random.Generator,
) -> Contrast:
    """Run the restricted wild cluster bootstrap-t for one coefficient; the interval inverts the test.

    Parameters
    ----------
    y, x, cluster
        As in `fit_linear`.
    column : int
        Which column of `x`.
    level : float
        Of the interval.
    draws : int
        Bootstrap draws of Webb's six-point weights; the p value is known to about 1 / sqrt(draws).
    rng : Generator
        Draws the weights.

    Returns
    -------
    Contrast
        `se` is the CR1 standard error; `df` is NaN (the reference distribution is the bootstrap's).
    """
    fit = fit_linear(y, x, cluster)
    fit.contrast(np.eye(x.shape[1])[column], level)  # refuses a single cluster on one side
    groups, k = fit.clusters, x.shape[1]
    bread = np.linalg.inv(x.T @ x)
    others = np.delete(np.arange(k), column)

    def residual(v: np.ndarray) -> np.ndarray:
        part = x[:, others]
        return v - part @ np.linalg.lstsq(part, v, rcond=None)[0]

    def by_cluster(values: np.ndarray) -> np.ndarray:
        out = np.zeros((groups, *values.shape[1:]))
        np.add.at(out, cluster, values)
        return out

    r = x @ bread[:, column]
    own = by_cluster(r[:, None] * x)
    score_y, score_x = (by_cluster(x * residual(v)[:, None]) for v in (y, x[:, column]))
    weights = rng.choice(_SIX_POINTS, size=(draws, groups))
    beta = fit.coef[column]
    se = float(np.sqrt((by_cluster(r * fit.residuals) ** 2).sum() * groups / (groups - 1)))
    small = np.sqrt(groups / (groups - 1))

    def p_value(null: float) -> float:
        score = score_y - null * score_x
        shift = score @ bread[:, column]
        total = weights @ shift
        refit = weights * shift - weights @ score @ bread @ own.T
        t = total / (np.sqrt((refit**2).sum(1)) * small)
        return float(((np.abs(t) >= abs(beta - null) / se).sum() + 1) / (draws + 1))

    def end(direction: int) -> float:
        far = 4.0
        while p_value(beta + direction * far * se) > 1 - level:
            far *= 2
            if far > 1e4:
                return direction * np.inf
        reach = optimize.brentq(lambda d: p_value(beta + direction * d * se) - (1 - level), 0, far, xtol=1e-4)
        return beta + direction * reach * se

    return Contrast(float(beta), se, np.nan, float(end(-1)), float(end(1)), p_value(0.0))
