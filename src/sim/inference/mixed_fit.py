"""Fitting a mixed model: optimum, boundaries, convergence, curvature, degrees of freedom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import optimize

from sim.inference.mixed import Array, MixedModel, Solved

AT_ZERO = 1e-6  # gain in deviance below which a variance is put at its boundary
LARGEST_RATIO = 1e4  # sd of an effect, residual sds
STEP = 1e-3  # of the scaled parameters, for curvature


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
    """

    model: MixedModel
    reml: bool
    theta: Array
    deviance: float
    boundary: tuple[str, ...]
    held: tuple[int, ...]
    decrement: float

    @property
    def converged(self) -> bool:
        return self.decrement < 1e-3

    @property
    def log_likelihood(self) -> float:
        return -0.5 * self.deviance

    @cached_property
    def solution(self) -> Solved:
        return self.model.solve(self.theta, reml=self.reml)

    def sds(self) -> dict[str, float]:
        """Standard deviations (and correlations) by name, the residual last."""
        values = self.model.natural(self.theta, self.solution.sigma).tolist()
        return dict(zip([*self.model.names, "residual"], values, strict=True))

    def degrees_of_freedom(self) -> Array:
        """Satterthwaite's approximation for every fixed effect, (p,).

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
        spread = 2.0 * np.linalg.pinv(self._curvature(free))
        return 2.0 * variance**2 / np.einsum("ip,ij,jp->p", gradient, spread, gradient)

    def standard_errors(self) -> dict[str, float]:
        """Of `sds`, from the curvature of the deviance by the delta method; NaN at the boundary."""
        free, sigma, natural = self._interior, self.solution.sigma, self.model.natural
        spread = 2.0 * np.linalg.pinv(self._curvature(free))
        columns = []
        for k in free:
            shift = np.zeros(len(self.theta))
            shift[k] = 1e-6 * max(1.0, abs(self.theta[k]))
            up, down = natural(self.theta + shift, sigma), natural(self.theta - shift, sigma)
            columns.append((up - down) / (2.0 * shift[k]))
        own = natural(self.theta, 2.0 * sigma) - natural(self.theta, sigma)
        jacobian = np.column_stack([*columns, own / sigma])
        variance = np.einsum("ij,jk,ik->i", jacobian, spread, jacobian)
        names = [*self.model.names, "residual"]
        out = dict(zip(names, np.sqrt(np.maximum(variance, 0.0)).tolist(), strict=True))
        return out | dict.fromkeys(self.boundary, float("nan"))

    def theta_covariance(self) -> Array:
        """Asymptotic covariance of `theta`; rows of held parameters are zero."""
        free = self._interior
        out = np.zeros((len(self.theta),) * 2)
        out[np.ix_(free, free)] = 2.0 * np.linalg.pinv(self._curvature(free))[: len(free), : len(free)]
        return out

    @property
    def _interior(self) -> list[int]:
        return [k for k in range(len(self.theta)) if k not in self.held]

    def _curvature(self, free: list[int]) -> Array:
        """Second derivatives of the deviance in the interior parameters and the residual sd."""
        dof = self.model.n - self.model.p * self.reml
        sigma, size = self.solution.sigma, len(free)
        steps = STEP * np.maximum(np.abs(self.theta[free]), 0.1 * self.model.scales[free])

        def parts(shift: Array) -> Array:
            theta = self.theta.copy()
            theta[free] += shift * steps
            return np.array(self.model.parts(theta, reml=self.reml))

        slopes, bends = _differences(parts, size)
        total = np.zeros((size + 1, size + 1))
        total[:size, :size] = (bends[..., 0] + bends[..., 1] / sigma**2) / np.outer(steps, steps)
        total[:size, size] = total[size, :size] = -2.0 * slopes[:, 1] / steps / sigma**3
        square = dof * sigma**2
        total[size, size] = -2.0 * dof / sigma**2 + 6.0 * square / sigma**4
        return total


def fit(model: MixedModel, *, reml: bool = True) -> Fit:
    """Maximise the (restricted) likelihood.

    Quasi-Newton from effects as large as the residual, then Newton steps on central differences; a variance
    whose removal costs nothing is put at 0. Whether all that converged is in the result.
    """
    scales = model.scales
    bounds = [(max(low, -LARGEST_RATIO), min(high, LARGEST_RATIO)) for low, high in model.bounds]

    def objective(x: Array) -> float:
        return model.deviance(x * scales, reml=reml)

    def search(start: Array, held: dict[int, float]) -> tuple[Array, float]:
        """Quasi-Newton with some parameters held."""
        box = [(held[k], held[k]) if k in held else b for k, b in enumerate(bounds)]
        return minimise(objective, start, box, ftol=1e-12, gtol=1e-6)

    start = np.array([1.0 if low == 0.0 else 0.0 for low, _ in bounds])
    x, value = search(start, {})
    held: dict[int, float] = {}
    for edge in model.edges(x):
        trial = held | edge
        there, reached = search(np.array([trial.get(k, v) for k, v in enumerate(x)]), trial)
        if reached < value + AT_ZERO:
            x, value, held = there, min(reached, value), trial
    x, value, decrement = _polish(objective, x, [k for k in range(len(x)) if k not in held], np.array(bounds))
    return Fit(
        model, reml, x * scales, float(value), model.named_boundary(list(held)), tuple(held), decrement
    )


def minimise(
    objective: Callable[[Array], float], start: Array, bounds: list[tuple[float, float]], **stop: float
) -> tuple[Array, float]:
    """Quasi-Newton within bounds. The deviance is flat where an sd is 0, so a fall to there is tried again."""
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

    found = optimize.minimize(with_slope, start, jac=True, method="L-BFGS-B", bounds=bounds, options=stop)
    fallen = (low >= 0.0) & (low < high) & (found.x < 1e-3) & (start > 1e-3)
    if fallen.any():
        again = np.where(fallen, 0.3, found.x)
        second = optimize.minimize(
            with_slope, again, jac=True, method="L-BFGS-B", bounds=bounds, options=stop
        )
        found = second if second.fun < found.fun else found
    return found.x, float(found.fun)


def _polish(
    objective: Callable[[Array], float], x: Array, free: list[int], bounds: Array
) -> tuple[Array, float, float]:
    """Newton steps on central differences until they promise nothing; the last promise is returned."""
    value = objective(x)
    decrement = 0.0
    for _ in range(3 if free else 0):
        steps = STEP * np.maximum(np.abs(x[free]), 0.1)

        def shifted(shift: Array, at: Array = x, steps: Array = steps) -> Array:
            there = at.copy()
            there[free] += shift * steps
            return np.array([objective(there)])

        slopes, bends = _differences(shifted, len(free))
        gradient, hessian = slopes[:, 0] / steps, bends[..., 0] / np.outer(steps, steps)
        lowest = float(np.linalg.eigvalsh(hessian)[0])
        if lowest <= 0.0:
            return x, value, np.inf
        move = np.linalg.solve(hessian, -gradient)
        decrement = float(-gradient @ move)
        if decrement < 1e-6:
            break
        trial = x.copy()
        trial[free] = np.clip(trial[free] + move, *bounds[free].T)
        there = objective(trial)
        if not there < value:
            break
        x, value = trial, there
    return x, value, decrement


def _differences(function: Callable[[Array], Array], size: int) -> tuple[Array, Array]:
    """Unscaled first (size, d) and second (size, size, d) central differences at unit shifts."""
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
    return slopes, bends
