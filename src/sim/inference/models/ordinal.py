"""Ordered responses with one random intercept, by adaptive Gauss-Hermite quadrature.

`eta = X b + sd u`, `u ~ N(0, 1)` by cluster, and one of two families for the ordered score y in 0..K-1:

- cumulative: `P(y <= k) = logistic(t_k - eta)`, the proportional odds model;
- adjacent: `log P(y = k) / P(y = k - 1) = eta - t_k`, the rating scale model of Rasch measurement.

The marginal likelihood is maximised by Newton steps: the score by Fisher's identity, the observed information by
Louis' (1982), both exact up to the quadrature. statsmodels has neither family with a random effect.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.polynomial.hermite import hermgauss
from numpy.typing import NDArray
from scipy import optimize, sparse, special, stats

from sim.inference.models.mixed import Array

Family = Literal["cumulative", "adjacent"]


class Pieces(NamedTuple):
    """Log-likelihood of every rating at every node (n, Q) with derivatives in eta and the thresholds."""

    log_p: Array
    by_eta: Array
    by_eta2: Array
    by_cut: Array  # (n, Q, K - 1)
    by_eta_cut: Array  # (n, Q, K - 1)
    cut_hessian: Callable[[Array], Array]  # of weights (n, Q), to (K - 1, K - 1)


def cumulative(y: NDArray[np.int64], cuts: Array, eta: Array) -> Pieces:
    """Return the pieces of the proportional odds model.

    `log(F(a) - F(b)) = log F(a) + log(1 - F(b)) + log(1 - exp(b - a))` is exact.
    """
    k = len(cuts)
    ends = np.concatenate([[-np.inf], cuts, [np.inf]])
    upper, lower = ends[y + 1][:, None] - eta, ends[y][:, None] - eta
    gap = (ends[y + 1] - ends[y])[:, None]
    at_upper, at_lower = special.expit(upper), special.expit(lower)
    log_p = special.log_expit(upper) + special.log_expit(-lower) + np.log1p(-np.exp(-gap))
    ratio = np.exp(-gap) / -np.expm1(-gap)
    bend = -ratio * (1.0 + ratio)
    curve_upper, curve_lower = at_upper * (1.0 - at_upper), at_lower * (1.0 - at_lower)
    by_cut, by_eta_cut = np.zeros((*eta.shape, k)), np.zeros((*eta.shape, k))
    has_upper, has_lower = np.flatnonzero(y < k), np.flatnonzero(y > 0)
    by_cut[has_upper, :, y[has_upper]] = (1.0 - at_upper + ratio)[has_upper]
    by_cut[has_lower, :, y[has_lower] - 1] = (-at_lower - ratio)[has_lower]
    by_eta_cut[has_upper, :, y[has_upper]] = curve_upper[has_upper]
    by_eta_cut[has_lower, :, y[has_lower] - 1] = curve_lower[has_lower]

    def cut_hessian(weight: Array) -> Array:
        out = np.zeros((k, k))
        np.add.at(out, (y[has_upper], y[has_upper]), (weight * (bend - curve_upper)).sum(axis=1)[has_upper])
        np.add.at(out, (y[has_lower] - 1,) * 2, (weight * (bend - curve_lower)).sum(axis=1)[has_lower])
        both = np.flatnonzero((y > 0) & (y < k))
        cross = np.zeros((k, k))
        np.add.at(cross, (y[both], y[both] - 1), (weight * -bend).sum(axis=1)[both])
        return out + cross + cross.T

    slope = at_upper + at_lower - 1.0
    return Pieces(log_p, slope, -curve_upper - curve_lower, by_cut, by_eta_cut, cut_hessian)


def adjacent(y: NDArray[np.int64], cuts: Array, eta: Array) -> Pieces:
    """Return the pieces of the rating scale model."""
    k = len(cuts)
    scores = np.arange(k + 1)
    logits = eta[..., None] * scores - np.concatenate([[0.0], np.cumsum(cuts)])
    log_p = special.log_softmax(logits, axis=-1)
    p = np.exp(log_p)
    mean = p @ scores
    reach = p[..., ::-1].cumsum(axis=-1)[..., ::-1][..., 1:]  # P(score >= l), l = 1..k
    reached = (y[:, None] >= scores[1:])[:, None, :]
    mean_reach = (p * scores)[..., ::-1].cumsum(axis=-1)[..., ::-1][..., 1:]

    def cut_hessian(weight: Array) -> Array:
        total = np.einsum("iq,iql->l", weight, reach)
        either = total[np.maximum.outer(np.arange(k), np.arange(k))]
        return -(either - np.einsum("iq,iql,iqm->lm", weight, reach, reach))

    return Pieces(
        np.take_along_axis(log_p, np.broadcast_to(y[:, None, None], (*eta.shape, 1)), -1)[..., 0],
        y[:, None] - mean,
        -(p @ scores**2 - mean**2),
        reach - reached,
        mean_reach - mean[..., None] * reach,
        cut_hessian,
    )


def cumulative_slopes(y: NDArray[np.int64], cuts: Array, eta: Array) -> tuple[Array, Array]:
    """Return first and second derivatives in eta only, at one point per rating (n,)."""
    ends = np.concatenate([[-np.inf], cuts, [np.inf]])
    upper, lower = special.expit(ends[y + 1] - eta), special.expit(ends[y] - eta)
    return upper + lower - 1.0, -upper * (1.0 - upper) - lower * (1.0 - lower)


def adjacent_slopes(y: NDArray[np.int64], cuts: Array, eta: Array) -> tuple[Array, Array]:
    """Return first and second derivatives in eta only, at one point per rating (n,)."""
    scores = np.arange(len(cuts) + 1)
    p = special.softmax(eta[:, None] * scores - np.concatenate([[0.0], np.cumsum(cuts)]), axis=1)
    mean = p @ scores
    return y - mean, mean**2 - p @ scores**2


FAMILIES: dict[Family, tuple[Callable[..., Pieces], Callable[..., tuple[Array, Array]]]] = {
    "cumulative": (cumulative, cumulative_slopes),
    "adjacent": (adjacent, adjacent_slopes),
}


class State(NamedTuple):
    """The marginal likelihood at given parameters.

    Score (P,) and observed information (P, P); posterior weights and values of u at the nodes (clusters, Q); the
    complete-data score of every cluster and node (clusters * Q, P).
    """

    value: float
    score: Array
    information: Array
    posterior: Array
    u: Array
    rows: sparse.csr_array


@dataclass(frozen=True, eq=False)
class OrdinalFit:
    """Maximum of the marginal likelihood.

    Attributes
    ----------
    cuts : float array (K - 1,)
    beta : float array (p,)
    sd : float
        Of the random intercept.
    covariance : float array (K - 1 + p + 1, same)
        Of cuts, beta and sd in this order: the inverse of the observed information.
    log_likelihood : float
    decrement : float
        What one more Newton step promises in log-likelihood; the fit has converged when it is below 1e-6.
    modes, spreads : float array (clusters,)
        Posterior mean of every cluster's `sd * u`, and its error with that of the parameters.
    """

    cuts: Array
    beta: Array
    sd: float
    covariance: Array
    log_likelihood: float
    decrement: float
    modes: Array
    spreads: Array

    @property
    def converged(self) -> bool:
        """Whether one more Newton step would gain next to nothing."""
        return self.decrement < 1e-6

    @property
    def at_boundary(self) -> bool:
        """Whether the variance of the clusters is estimated at zero."""
        return self.sd < 1e-4


class OrdinalModel:
    """An ordered response with a random intercept, ready to be maximised.

    Parameters
    ----------
    y : int array (n,)
        0 .. levels - 1, every level present.
    levels : int
    X : sparse or dense array (n, p)
        Without an intercept: the thresholds take its place.
    cluster : int array (n,)
        0-based.
    family : {"cumulative", "adjacent"}
    nodes : int
        Quadrature points per cluster, centred and scaled for each.
    """

    def __init__(
        self,
        y: NDArray[np.int64],
        levels: int,
        X: sparse.csr_array | Array,
        cluster: NDArray[np.int64],
        family: Family = "cumulative",
        nodes: int = 10,
    ) -> None:
        self.y, self.levels, self.ordered_cuts = y, levels, family == "cumulative"
        self.pieces, self.slopes = FAMILIES[family]
        self.X = sparse.csr_array(X)
        self.n, self.p = self.X.shape
        self.cluster, self.clusters = cluster, int(cluster.max()) + 1
        self.sums = sparse.csr_array((np.ones(self.n), (cluster, np.arange(self.n))), (self.clusters, self.n))
        self.points, weights = hermgauss(nodes)
        self.log_weights = np.log(weights) + self.points**2
        self._start_modes = np.zeros(self.clusters)

    def start(self) -> Array:
        """Return starting values: cuts from the shares of the levels, no slopes, an sd of 1."""
        share = np.bincount(self.y, minlength=self.levels).cumsum()[:-1] / self.n
        return np.concatenate([special.logit(share), np.zeros(self.p), [1.0]])

    def _unpack(self, params: Array) -> tuple[Array, Array, float]:
        k = self.levels - 1
        return params[:k], params[k : k + self.p], float(params[-1])

    def _modes(self, cuts: Array, fixed: Array, sd: float) -> tuple[Array, Array]:
        """Find the mode of every cluster's u and its scale; the posterior is log-concave."""
        u = self._start_modes.copy()
        for _ in range(50):
            by_eta, by_eta2 = self.slopes(self.y, cuts, fixed + sd * u[self.cluster])
            slope = sd * (self.sums @ by_eta) - u
            bend = sd**2 * (self.sums @ by_eta2) - 1.0
            step = np.clip(-slope / bend, -2.0, 2.0)
            u += step
            if np.abs(step).max() < 1e-7:
                break
        self._start_modes = u
        return u, 1.0 / np.sqrt(-bend)

    def evaluate(self, params: Array) -> State:
        """Compute the marginal likelihood and its derivatives at given parameters."""
        cuts, beta, sd = self._unpack(params)
        if not np.isfinite(params).all() or (self.ordered_cuts and np.any(np.diff(cuts) <= 0.0)):
            none = np.empty(0)
            return State(-np.inf, params, np.eye(len(params)), none, none, sparse.csr_array((0, 0)))
        fixed = self.X @ beta
        mode, scale = self._modes(cuts, fixed, sd)
        u = mode[:, None] + np.sqrt(2.0) * scale[:, None] * self.points
        own = u[self.cluster]
        at = self.pieces(self.y, cuts, fixed[:, None] + sd * own)
        joint = (
            self.sums @ at.log_p
            + self.log_weights
            - 0.5 * u**2
            + np.log(scale)[:, None]
            - 0.5 * np.log(np.pi)
        )
        log_cluster = special.logsumexp(joint, axis=1)
        posterior = np.exp(joint - log_cluster[:, None])
        weight = posterior[self.cluster]
        slope = weight * at.by_eta
        score = np.concatenate(
            [np.einsum("iq,iqk->k", weight, at.by_cut), self.X.T @ slope.sum(axis=1), [np.sum(slope * own)]]
        )
        rows = self._scores(at, own)
        information = self._information(at, weight, posterior, own, rows)
        return State(float(log_cluster.sum()), score, information, posterior, u, rows)

    def _by_node(self, values: Array) -> sparse.csr_array:
        """Arrange values as clusters by (cluster, node), so that a product sums over the nodes of each cluster."""
        ends = np.arange(0, values.size + 1, values.shape[1])
        return sparse.csr_array((values.ravel(), np.arange(values.size), ends), (self.clusters, values.size))

    def _information(
        self, at: Pieces, weight: Array, posterior: Array, own: Array, rows: sparse.csr_array
    ) -> Array:
        """Return the observed information: expected complete-data information less the variance of its score."""
        k, X = self.levels - 1, self.X
        bend = weight * at.by_eta2
        by_eta_cut = np.einsum("iq,iqk->ik", weight, at.by_eta_cut)
        total = np.zeros((k + self.p + 1,) * 2)
        b, s = slice(k, k + self.p), k + self.p
        total[:k, :k] = at.cut_hessian(weight)
        total[b, b] = (X.T @ sparse.diags_array(bend.sum(axis=1)) @ X).toarray()
        total[b, :k] = X.T @ by_eta_cut
        total[b, s] = X.T @ (bend * own).sum(axis=1)
        total[s, :k] = np.einsum("iq,iqk->k", weight * own, at.by_eta_cut)
        total[s, s] = np.sum(bend * own**2)
        total[:k, b], total[s, b], total[:k, s] = total[b, :k].T, total[b, s], total[s, :k]
        spread = (rows.T @ (sparse.diags_array(posterior.ravel()) @ rows)).toarray()
        mean = self._by_node(posterior) @ rows
        return -total - (spread - (mean.T @ mean).toarray())

    def _scores(self, at: Pieces, own: Array) -> sparse.csr_array:
        """Return the complete-data score of every cluster at every node, one row each."""
        size = self.clusters * own.shape[1]
        cuts = (self.sums @ at.by_cut.reshape(self.n, -1)).reshape(size, -1)
        spread = (self.sums @ (at.by_eta * own)).reshape(size, 1)
        X = self.X.tocoo()
        where = self.cluster[X.row][:, None] * own.shape[1] + np.arange(own.shape[1])
        values = X.data[:, None] * at.by_eta[X.row]
        columns = np.repeat(X.col, own.shape[1])
        slopes = sparse.coo_array((values.ravel(), (where.ravel(), columns)), (size, self.p))
        return sparse.hstack([sparse.csr_array(cuts), slopes.tocsr(), sparse.csr_array(spread)], format="csr")

    def fit(self) -> OrdinalFit:
        """Maximise the likelihood and predict the cluster effects; their errors include those of the parameters."""
        params, state, decrement = self._maximise(self.start(), self.p + self.levels)
        if params[-1] < 0.0:  # the sign of the sd is free
            params[-1] *= -1.0
            state = self.evaluate(params)
        cuts, beta, sd = self._unpack(params)
        covariance = np.asarray(np.linalg.pinv(state.information))
        effects = sd * state.u
        mean = (state.posterior * effects).sum(axis=1)
        centred = state.posterior * (effects - mean[:, None])
        # How a cluster's posterior mean moves with the parameters: covariance of effect and score, plus u for the sd.
        moves = (self._by_node(centred) @ state.rows).toarray()
        moves[:, -1] += (state.posterior * state.u).sum(axis=1)
        variance = (centred * effects).sum(axis=1) + np.einsum("ij,jk,ik->i", moves, covariance, moves)
        errors = np.sqrt(np.maximum(variance, 0.0))
        return OrdinalFit(cuts, beta, sd, covariance, state.value, max(0.0, decrement), mean, errors)

    def sd_interval(self, fitted: OrdinalFit, level: float = 0.95) -> tuple[float, float]:
        """Return the profile likelihood interval of the sd of clusters."""
        limit = float(np.sqrt(stats.chi2.ppf(level, 1)))
        warm = np.concatenate([fitted.cuts, fitted.beta])

        def excess(sd: float) -> float:
            """Return the square root of the rise in deviance, close to linear in the sd, over what the level allows."""
            nonlocal warm
            if sd == fitted.sd:
                return -limit
            params, state, _ = self._maximise(np.append(warm, sd), self.p + self.levels - 1)
            warm = params[:-1]
            return float(np.sqrt(max(0.0, 2.0 * (fitted.log_likelihood - state.value)))) - limit

        precision = {"xtol": 1e-3 * max(fitted.sd, 0.1), "rtol": 1e-6}
        low = 0.0 if excess(0.0) <= 0.0 else float(optimize.brentq(excess, 0.0, fitted.sd, **precision))
        high = 1.5 * max(fitted.sd, 0.2)
        while excess(high) < 0.0:
            high *= 1.5
            if high > 1e3:  # a thousand logits: the data set no upper limit
                return low, np.inf
        return low, float(optimize.brentq(excess, fitted.sd, high, **precision))

    def _maximise(self, start: Array, free: int) -> tuple[Array, State, float]:
        """Take Newton steps with halving in the first `free` parameters, damped where the likelihood is not concave."""
        params, state, decrement = start.astype(float).copy(), self.evaluate(start), np.inf
        for _ in range(100):
            information, score = state.information[:free, :free], state.score[:free]
            lowest = float(np.linalg.eigvalsh(information)[0])
            damping = max(0.0, 1e-3 * float(np.trace(information)) / free - lowest)
            step = np.zeros(len(params))
            step[:free] = np.linalg.solve(information + damping * np.eye(free), score)
            decrement = 0.5 * float(score @ step[:free]) if damping == 0.0 else np.inf
            size = min(1.0, 5.0 / max(1e-12, float(np.abs(step).max())))
            for _ in range(20):
                trial = self.evaluate(params + size * step)
                if trial.value >= state.value - 1e-10 * abs(state.value):
                    break
                size *= 0.5
            else:
                break
            params, state = params + size * step, trial
            if decrement < 1e-7:
                break
        return params, state, decrement
