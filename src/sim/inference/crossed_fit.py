"""Fitting a crossed mixed model: optimum, convergence, curvature, degrees of freedom, profile intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import optimize, stats

from sim.inference.crossed import Array, CrossedModel, Solution

AT_ZERO = 1e-6  # gain in deviance below which a variance is put at its boundary
LARGEST_RATIO = 1e4  # sd of an effect, residual sds
STEP = 1e-3  # of the scaled parameters, for curvature


@dataclass(frozen=True, eq=False)
class Fit:
    """A crossed mixed model at its (restricted) maximum likelihood.

    Attributes
    ----------
    model : CrossedModel
    reml : bool
    theta : float array
        Covariance parameters relative to the residual sd, named by `model.parameters`.
    deviance : float
        Minus twice the log-likelihood, comparable with lme4's.
    boundary : tuple of str
        Parameters at the edge of what is possible (a variance at 0, a correlation at +-1).
    decrement : float
        What one more Newton step promises in deviance; the fit has converged when it is below 1e-3.
    """

    model: CrossedModel
    reml: bool
    theta: Array
    deviance: float
    boundary: tuple[str, ...]
    decrement: float

    @property
    def converged(self) -> bool:
        return self.decrement < 1e-3

    @property
    def log_likelihood(self) -> float:
        return -0.5 * self.deviance

    @cached_property
    def solution(self) -> Solution:
        return self.model.solve(self.theta, reml=self.reml)

    def sds(self) -> dict[str, float]:
        """Standard deviations (and correlations) by name, the residual last."""
        sigma = self.solution.sigma
        out = {
            name: value if name.endswith(":correlation") else value * sigma
            for name, value in zip(self.model.parameters, map(float, self.theta), strict=True)
        }
        return out | {"residual": sigma}

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
            step = STEP * max(self.theta[k], 0.1 * _scales(self.model)[k])
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

    @property
    def _interior(self) -> list[int]:
        return [k for k, name in enumerate(self.model.parameters) if name not in self.boundary]

    def _curvature(self, free: list[int]) -> Array:
        """Second derivatives of the deviance in the interior parameters and the residual sd."""
        dof = self.model.n - self.model.p * self.reml
        sigma, size = self.solution.sigma, len(free)
        steps = STEP * np.maximum(self.theta[free], 0.1 * _scales(self.model)[free])

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


def fit(model: CrossedModel, *, reml: bool = True) -> Fit:
    """Maximise the (restricted) likelihood.

    Quasi-Newton from an effect as large as the residual, then a Newton step on central differences; a variance
    whose removal costs nothing is put at 0. Whether all that converged is in the result.
    """
    scales = _scales(model)
    bounds = [(low, min(high, LARGEST_RATIO)) for low, high in model.bounds]

    def objective(x: Array) -> float:
        return model.deviance(x * scales, reml=reml)

    start = np.array([0.0 if low < 0 else 1.0 for low, _ in bounds])
    found = optimize.minimize(objective, start, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-12, "gtol": 1e-6})
    x, value = found.x, float(found.fun)
    boundary: list[int] = []
    for k, (low, _) in enumerate(bounds):
        if low == 0.0 and x[k] < 0.05:
            edge = x.copy()
            edge[k] = 0.0
            if objective(edge) < value + AT_ZERO:
                x, boundary = edge, [*boundary, k]
        elif low < 0.0 and abs(x[k]) > 0.9999:
            boundary.append(k)
    free = [k for k in range(len(x)) if k not in boundary]
    x, value, decrement = _polish(objective, x, free)
    names = tuple(model.parameters[k] for k in boundary)
    return Fit(model, reml, x * scales, value, names, decrement)


def _polish(objective: Callable[[Array], float], x: Array, free: list[int]) -> tuple[Array, float, float]:
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
        trial[free] += move
        there = objective(trial) if np.all(trial[free] > -1.0) else np.inf
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


def _scales(model: CrossedModel) -> Array:
    """Size of a covariance parameter at which an effect is as large as the residual."""
    out: list[float] = []
    for term in model.terms:
        out += [1.0 / max(float(np.sqrt(np.mean(term.columns[:, j] ** 2))), 1e-300) for j in range(term.width)]
        out += [1.0] * (term.width == 2)
    return np.array(out)


@dataclass(frozen=True)
class Quantity:
    """A function of the covariance parameters that can be held at a value while the rest are optimised.

    Attributes
    ----------
    drop : int or None
        Index of the parameter that `place` sets (None: none is dropped, the residual sd is held).
    place : callable
        `(value, theta) -> (theta, sigma)`: puts the parameter where the quantity has the value, given the others;
        sigma None leaves the residual sd profiled.
    low, high : float
        Range of the quantity.
    """

    drop: int | None
    place: Callable[[float, Array], tuple[Array, float | None]]
    low: float = 0.0
    high: float = np.inf


def component(model: CrossedModel, name: str) -> Quantity:
    """The standard deviation (or correlation) of one random effect, or "residual"."""
    if name == "residual":
        return Quantity(None, lambda value, theta: (theta, value))
    k = model.parameters.index(name)
    if name.endswith(":correlation"):
        return Quantity(k, lambda value, theta: (_with(theta, k, value), None), -1.0, 1.0)

    # With the sd held at s, its ratio to the residual stays free and gives the residual sd: sigma = s / ratio.
    def place(value: float, theta: Array) -> tuple[Array, float | None]:
        return (_with(theta, k, 0.0), None) if value == 0.0 else (theta, value / theta[k])

    return Quantity(None, place)


def _with(theta: Array, k: int, value: float) -> Array:
    out = np.array(theta, dtype=float)
    out[k] = value
    return out


def profile_deviance(fitted: Fit, quantity: Quantity, value: float, start: Array | None = None) -> tuple[float, Array]:
    """Least deviance with the quantity held at `value`, and the parameters where it is reached."""
    model, scales = fitted.model, _scales(fitted.model)
    free = [k for k in range(len(fitted.theta)) if k != quantity.drop]
    limits = [(low + 1e-9 if low == 0.0 else low, min(high, LARGEST_RATIO)) for low, high in model.bounds]
    theta = np.array(fitted.theta if start is None else start, dtype=float)

    def objective(x: Array) -> float:
        theta[free] = x * scales[free]
        placed, sigma = quantity.place(value, theta)
        return model.deviance(placed, reml=fitted.reml, sigma=sigma)

    x0 = np.maximum(theta[free] / scales[free], [limits[k][0] if limits[k][0] > 0 else -1.0 for k in free])
    if not free:
        return objective(x0), theta
    best = optimize.minimize(
        objective, x0, method="L-BFGS-B", bounds=[limits[k] for k in free], options={"ftol": 1e-11, "gtol": 1e-4}
    )
    theta[free] = best.x * scales[free]
    return float(best.fun), theta


def profile_interval(fitted: Fit, quantity: Quantity, estimate: float, level: float = 0.95) -> tuple[float, float]:
    """Where the profiled deviance has risen by the chi-square quantile, on both sides of the estimate."""
    target = float(stats.chi2.ppf(level, 1))

    def side(edge: float, outward: Callable[[float, int], float]) -> float:
        inside, warm = estimate, fitted.theta
        for attempt in range(60):
            outside = outward(estimate, attempt)
            outside = max(outside, edge) if edge < estimate else min(outside, edge)
            rise, there = profile_deviance(fitted, quantity, outside, warm)
            if rise - fitted.deviance > target:
                break
            if outside == edge:
                return edge
            inside, warm = outside, there
        else:
            return edge
        root = optimize.brentq(
            lambda v: profile_deviance(fitted, quantity, v, warm)[0] - fitted.deviance - target,
            inside,
            outside,
            xtol=1e-5 * max(abs(estimate), abs(outside)),
            rtol=1e-6,
        )
        return float(root)

    if np.isfinite(quantity.high):
        width = 0.1 * (quantity.high - quantity.low)
        low = side(quantity.low, lambda e, i: e - width * (i + 1))
        return low, side(quantity.high, lambda e, i: e + width * (i + 1))
    base = max(estimate, 0.05 * fitted.solution.sigma * float(np.min(_scales(fitted.model))))
    low = side(0.0, lambda e, i: e / 1.3 ** (i + 1) if i < 12 else 0.0) if estimate > 0.0 else 0.0
    return low, side(np.inf, lambda e, i: base * 1.3 ** (i + 1))
