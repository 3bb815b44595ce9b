"""Fit a mixed model: optimum, boundaries, convergence, curvature, degrees of freedom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy import optimize

from sim.inference.models.mixed import Array, MixedModel, Solved

AT_ZERO = 1e-6  # gain in deviance below which a variance is set to its boundary
LARGEST_RATIO = 1e4  # sd of an effect, residual sds
STEP = 1e-3  # of the scaled parameters, for curvature


class Local(NamedTuple):
    """First (k, 2) and second (k, k, 2) derivatives of log determinants and residual sum of squares in theta."""

    slopes: Array
    bends: Array


@dataclass(frozen=True, eq=False)
class Fit:
    """A mixed model at its (restricted) maximum likelihood.

    Attributes
    ----------
    model : MixedModel
    reml : bool
    theta : float array
        Entries of the relative covariance roots, see `MixedModel`.
    deviance : float
        Minus twice the log-likelihood, comparable with lme4's.
    boundary : tuple of str
        Standard deviations at 0 and correlations at +-1, by name.
    held : tuple of int
        Their places in `theta`.
    decrement : float
        What one more Newton step promises in deviance; the fit has converged when it is below 1e-3.
    local : Local
        Derivatives of the parts of the deviance in the parameters that are not held.
    """

    model: MixedModel
    reml: bool
    theta: Array
    deviance: float
    boundary: tuple[str, ...]
    held: tuple[int, ...]
    decrement: float
    local: Local

    @property
    def converged(self) -> bool:
        """Whether one more Newton step would gain next to nothing."""
        return self.decrement < 1e-3

    @property
    def log_likelihood(self) -> float:
        """Log-likelihood, restricted if `reml`."""
        return -0.5 * self.deviance

    @cached_property
    def solution(self) -> Solved:
        """Estimates at the optimum."""
        return self.model.solve(self.theta, reml=self.reml)

    def sds(self) -> dict[str, float]:
        """Return standard deviations (and correlations) by name, the residual last."""
        values = self.model.natural(self.theta, self.solution.sigma).tolist()
        return dict(zip([*self.model.names, "residual"], values, strict=True))

    def degrees_of_freedom(self) -> Array:
        """Approximate the degrees of freedom of every fixed effect (Satterthwaite), (p,).

        Notes
        -----
        Twice the squared variance over the variance of the variance, the latter by the delta method from the
        curvature of the deviance (Fai and Cornelius 1996; Kuznetsova et al. 2017 use the same).
        """
        free = self._interior
        sigma = self.solution.sigma
        variance = np.diag(self.solution.covariance)
        gradient = np.empty((len(free) + 1, len(variance)))
        for row, k in enumerate(free):
            step = STEP * max(abs(self.theta[k]), 0.1 * self.model.scales[k])
            sides = []
            for sign in (1.0, -1.0):
                theta = self.theta.copy()
                theta[k] += sign * step
                there = self.model.solve(theta, reml=self.reml)
                sides.append(np.diag(there.covariance) * (sigma / there.sigma) ** 2)
            gradient[row] = (sides[0] - sides[1]) / (2.0 * step)
        gradient[-1] = 2.0 * variance / sigma
        return 2.0 * variance**2 / np.einsum("ip,ij,jp->p", gradient, self._spread, gradient)

    def standard_errors(self) -> dict[str, float]:
        """Return standard errors of `sds`, from the curvature of the deviance (delta method); NaN at the boundary."""
        free, sigma, natural = self._interior, self.solution.sigma, self.model.natural
        columns = []
        for k in free:
            shift = np.zeros(len(self.theta))
            shift[k] = 1e-6 * max(1.0, abs(self.theta[k]))
            up, down = natural(self.theta + shift, sigma), natural(self.theta - shift, sigma)
            columns.append((up - down) / (2.0 * shift[k]))
        own = natural(self.theta, 2.0 * sigma) - natural(self.theta, sigma)
        jacobian = np.column_stack([*columns, own / sigma])
        variance = np.einsum("ij,jk,ik->i", jacobian, self._spread, jacobian)
        names = [*self.model.names, "residual"]
        out = dict(zip(names, np.sqrt(np.maximum(variance, 0.0)).tolist(), strict=True))
        return out | dict.fromkeys(self.boundary, float("nan"))

    def theta_covariance(self) -> Array:
        """Return the asymptotic covariance of `theta`; rows of held parameters are zero."""
        free = self._interior
        out = np.zeros((len(self.theta),) * 2)
        out[np.ix_(free, free)] = self._spread[: len(free), : len(free)]
        return out

    @property
    def _interior(self) -> list[int]:
        return [k for k in range(len(self.theta)) if k not in self.held]

    @cached_property
    def _spread(self) -> Array:
        """Asymptotic covariance of the interior parameters and the residual sd."""
        dof, size = self.model.n - self.model.p * self.reml, len(self.local.slopes)
        sigma, (slopes, bends) = self.solution.sigma, self.local
        total = np.zeros((size + 1, size + 1))
        total[:size, :size] = bends[..., 0] + bends[..., 1] / sigma**2
        total[:size, size] = total[size, :size] = -2.0 * slopes[:, 1] / sigma**3
        total[size, size] = 4.0 * dof / sigma**2  # the residual sum of squares is dof sigma^2
        return np.asarray(2.0 * np.linalg.pinv(total))


def fit(model: MixedModel, *, reml: bool = True) -> Fit:
    """Maximise the (restricted) likelihood.

    Quasi-Newton from effects as large as the residual, then Newton steps on central differences; a variance
    whose removal costs nothing is set to 0. Whether the fit converged is in the result.

    Parameters
    ----------
    model : MixedModel
    reml : bool
        Restricted likelihood.

    Returns
    -------
    Fit
    """
    scales = model.scales
    bounds = [(max(low, -LARGEST_RATIO), min(high, LARGEST_RATIO)) for low, high in model.bounds]

    def objective(x: Array) -> float:
        return model.deviance(x * scales, reml=reml)

    def search(start: Array, held: dict[int, float]) -> tuple[Array, float]:
        """Search (quasi-Newton) with some parameters held."""
        box = [(held[k], held[k]) if k in held else b for k, b in enumerate(bounds)]
        return minimise(objective, start, box, ftol=1e-11, gtol=1e-3)

    start = np.array([1.0 if low == 0.0 else 0.0 for low, _ in bounds])
    x, value = search(start, {})
    held: dict[int, float] = {}
    for edge in model.edges(x):
        trial = held | edge
        there, reached = search(np.array([trial.get(k, v) for k, v in enumerate(x)]), trial)
        if reached < value + AT_ZERO:
            x, value, held = there, min(reached, value), trial
    free = [k for k in range(len(x)) if k not in held]
    theta, decrement, local = _polish(model, reml, x * scales, free, np.array(bounds) * scales[:, None])
    value = model.deviance(theta, reml=reml)
    return Fit(
        model, reml, theta, float(value), model.named_boundary(list(held)), tuple(held), decrement, local
    )


def minimise(
    objective: Callable[[Array], float], start: Array, bounds: list[tuple[float, float]], **stop: float
) -> tuple[Array, float]:
    """Minimise within bounds (quasi-Newton).

    The deviance is flat where an sd is 0, so a run that ends there is repeated from elsewhere.
    """
    low, high = np.array(bounds).T
    steps = 1e-7 * np.diag((low < high).astype(float))

    def with_slope(x: Array) -> tuple[float, Array]:
        # Forward differences; written out because scipy's own cost more than a small model's deviance.
        value = objective(x)
        size = np.where(x + 1e-7 * (1.0 + np.abs(x)) > high, -1.0, 1.0) * (1.0 + np.abs(x))
        moved = [
            (objective(x + step * s), step[k] * s)
            for k, (step, s) in enumerate(zip(steps, size, strict=True))
        ]
        return value, np.array([(there - value) / by if by else 0.0 for there, by in moved])

    first = optimize.minimize(with_slope, start, jac=True, method="L-BFGS-B", bounds=bounds, options=stop)
    fallen = (low >= 0.0) & (low < high) & (first.x < 1e-3) & (start > 1e-3)
    if fallen.any():
        again = np.where(fallen, 0.3, first.x)
        second = optimize.minimize(
            with_slope, again, jac=True, method="L-BFGS-B", bounds=bounds, options=stop
        )
        first = second if second.fun < first.fun else first
    return first.x, float(first.fun)


def _polish(
    model: MixedModel, reml: bool, theta: Array, free: list[int], bounds: Array
) -> tuple[Array, float, Local]:
    """Take Newton steps on central differences until they gain nothing.

    Returns the parameters, the gain the last step promised, and the derivatives there.
    """
    dof, scales = model.n - model.p * reml, model.scales[free]
    for _ in range(4):
        steps = STEP * np.maximum(np.abs(theta[free]), 0.1 * scales)

        def parts(shift: Array, at: Array = theta, steps: Array = steps) -> Array:
            there = at.copy()
            there[free] += shift * steps
            return np.array(model.parts(there, reml=reml))

        middle, slopes, bends = _differences(parts, len(free))
        local = Local(slopes / steps[:, None], bends / np.outer(steps, steps)[..., None])
        if not free:
            return theta, 0.0, local
        # The profiled deviance is log_det + dof log(square) + constant.
        g, square = local.slopes, middle[1]
        gradient = g[:, 0] + dof * g[:, 1] / square
        hessian = local.bends[..., 0] + dof * (
            local.bends[..., 1] / square - np.outer(g[:, 1], g[:, 1]) / square**2
        )
        if np.linalg.eigvalsh(hessian * np.outer(scales, scales))[0] <= 0.0:
            return theta, np.inf, local
        move = np.linalg.solve(hessian, -gradient)
        decrement = float(-gradient @ move)
        moved = theta.copy()
        moved[free] = np.clip(theta[free] + move, *bounds[free].T)
        if decrement < 1e-4:  # so near, the step squares the error and the derivatives stay good enough
            return moved, decrement, local
        log_det, after = model.parts(moved, reml=reml)
        if not log_det + dof * np.log(after) < middle[0] + dof * np.log(square):
            break
        theta = moved
    return theta, decrement, local


def _differences(function: Callable[[Array], Array], size: int) -> tuple[Array, Array, Array]:
    """Return the value (d,), first (size, d) and second (size, size, d) central differences at unit shifts."""
    unit = np.eye(size)
    middle = function(np.zeros(size))
    up = [function(e) for e in unit]
    down = [function(-e) for e in unit]
    slopes = np.array([(u - d) / 2.0 for u, d in zip(up, down, strict=True)]).reshape(size, len(middle))
    bends = np.zeros((size, size, len(middle)))
    for a in range(size):
        bends[a, a] = up[a] - 2.0 * middle + down[a]
        for b in range(a):
            both = function(unit[a] + unit[b]) + function(-unit[a] - unit[b])
            bends[a, b] = bends[b, a] = (both - up[a] - down[a] - up[b] - down[b] + 2.0 * middle) / 2.0
    return middle, slopes, bends
