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
        Entries of the relative covariance roots, see `CrossedModel`.
    deviance : float
        Minus twice the log-likelihood, comparable with lme4's.
    boundary : tuple of str
        Standard deviations at 0 and correlations at +-1, by name.
    held : tuple of int
        Their places in `theta`.
    decrement : float
        What one more Newton step promises in deviance; the fit has converged when it is below 1e-3.
    """

    model: CrossedModel
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
    def solution(self) -> Solution:
        return self.model.solve(self.theta, reml=self.reml)

    def sds(self) -> dict[str, float]:
        """Standard deviations (and correlations) by name, the residual last."""
        return dict(zip([*self.model.names, "residual"], self._natural(self.theta), strict=True))

    def _natural(self, theta: Array, sigma: float | None = None) -> Array:
        """Standard deviations and correlations at `theta`, residual last."""
        sigma = self.solution.sigma if sigma is None else sigma
        out: list[float] = []
        for term, own in self.model.parts_of(theta):
            value = term.natural(own)
            out += [v * sigma for v in value[: term.width]] + value[term.width :]
        return np.array([*out, sigma])

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
            step = STEP * max(abs(self.theta[k]), 0.1 * _scales(self.model)[k])
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
        free, sigma = self._interior, self.solution.sigma
        spread = 2.0 * np.linalg.pinv(self._curvature(free))
        columns = []
        for k in free:
            shift = np.zeros(len(self.theta))
            shift[k] = 1e-6 * max(1.0, abs(self.theta[k]))
            up, down = self._natural(self.theta + shift), self._natural(self.theta - shift)
            columns.append((up - down) / (2.0 * shift[k]))
        own = self._natural(self.theta, 2.0 * sigma) - self._natural(self.theta)
        jacobian = np.column_stack([*columns, own / sigma])
        variance = np.einsum("ij,jk,ik->i", jacobian, spread, jacobian)
        names = [*self.model.names, "residual"]
        out = dict(zip(names, np.sqrt(np.maximum(variance, 0.0)).tolist(), strict=True))
        return out | dict.fromkeys(self.boundary, float("nan"))

    @property
    def _interior(self) -> list[int]:
        return [k for k in range(len(self.theta)) if k not in self.held]

    def _curvature(self, free: list[int]) -> Array:
        """Second derivatives of the deviance in the interior parameters and the residual sd."""
        dof = self.model.n - self.model.p * self.reml
        sigma, size = self.solution.sigma, len(free)
        steps = STEP * np.maximum(np.abs(self.theta[free]), 0.1 * _scales(self.model)[free])

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

    Quasi-Newton from effects as large as the residual, then Newton steps on central differences; a variance
    whose removal costs nothing is put at 0. Whether all that converged is in the result.
    """
    scales = _scales(model)
    bounds = [(max(low, -LARGEST_RATIO), min(high, LARGEST_RATIO)) for low, high in model.bounds]

    def objective(x: Array) -> float:
        return model.deviance(x * scales, reml=reml)

    def search(start: Array, held: dict[int, float]) -> tuple[Array, float]:
        """Quasi-Newton with some parameters held."""
        box = [(held[k], held[k]) if k in held else b for k, b in enumerate(bounds)]
        return _minimise(objective, start, box, ftol=1e-12, gtol=1e-6)

    start = np.array([1.0 if low == 0.0 else 0.0 for low, _ in bounds])
    x, value = search(start, {})
    held: dict[int, float] = {}
    for edge in _edges(model, x):
        trial = held | edge
        there, reached = search(np.array([trial.get(k, v) for k, v in enumerate(x)]), trial)
        if reached < value + AT_ZERO:
            x, value, held = there, min(reached, value), trial
    x, value, decrement = _polish(objective, x, [k for k in range(len(x)) if k not in held])
    return Fit(model, reml, x * scales, value, _at_boundary(model, held), tuple(held), decrement)


def _edges(model: CrossedModel, x: Array) -> list[dict[int, float]]:
    """Boundaries near enough to `x` to be tried: no variance, or a perfect correlation."""
    out: list[dict[int, float]] = []
    for term, first in zip(model.terms, model.cut, strict=False):
        if x[first] < 0.1:
            out.append({first: 0.0})
        if term.width == 2 and x[first + 2] < 0.1:
            out += [{first + 2: 0.0}, {first + 1: 0.0, first + 2: 0.0}]
    return out


def _at_boundary(model: CrossedModel, held: dict[int, float]) -> tuple[str, ...]:
    names: list[str] = []
    for term, first in zip(model.terms, model.cut, strict=False):
        names += [term.names[0]] if first in held else []
        if first + 2 in held and term.width == 2:
            names.append(term.names[1] if first + 1 in held else term.names[2])
    return tuple(names)


def _minimise(
    objective: Callable[[Array], float], start: Array, bounds: list[tuple[float, float]], **stop: float
) -> tuple[Array, float]:
    """Quasi-Newton within bounds. The deviance is flat where an sd is 0, so a fall to there is tried again."""
    found = optimize.minimize(objective, start, method="L-BFGS-B", bounds=bounds, options=stop)
    fallen = [k for k, (low, high) in enumerate(bounds) if 0.0 <= low < high and found.x[k] < 1e-3 < start[k]]
    if fallen:
        again = found.x.copy()
        again[fallen] = 0.3
        second = optimize.minimize(objective, again, method="L-BFGS-B", bounds=bounds, options=stop)
        found = second if second.fun < found.fun else found
    return found.x, float(found.fun)


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


def _scales(model: CrossedModel) -> Array:
    """Entries of the roots at which an effect is as large as the residual."""
    out: list[float] = []
    for term in model.terms:
        out += [
            1.0 / max(float(np.sqrt(np.mean(term.columns[:, j] ** 2))), 1e-300) for j in range(term.width)
        ]
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
        `(value, theta) -> (theta, sigma)`: puts the parameter where the quantity has the value, given the
        others; sigma None leaves the residual sd profiled.
    start : callable
        `(value, theta, sigma) -> theta`: where to begin, from an optimum near by and its residual sd.
    low, high : float
        Range of the quantity.
    attained : (bool, bool)
        Whether the model is defined at the ends of the range.
    """

    drop: int | None
    place: Callable[[float, Array], tuple[Array, float | None]]
    start: Callable[[float, Array, float], Array] = lambda value, theta, sigma: theta
    low: float = 0.0
    high: float = np.inf
    attained: tuple[bool, bool] = (True, True)


def component(model: CrossedModel, name: str) -> Quantity:
    """The standard deviation (or correlation) of one random effect, or "residual"."""
    if name == "residual":
        return Quantity(None, lambda value, theta: (theta, value), attained=(False, False))
    term, first = next((t, int(a)) for t, a in zip(model.terms, model.cut, strict=False) if name in t.names)
    which = term.names.index(name)
    stop = first + len(term.bounds)
    if which == 2:
        # The sd of the slope takes the place of the last entry of the root.
        def turn(rho: float, theta: Array) -> tuple[Array, float | None]:
            sd = theta[first + 2]
            placed = _with(theta, first + 1, rho * sd)
            return _with(placed, first + 2, sd * np.sqrt(1.0 - rho * rho)), None

        return Quantity(first + 1, turn, low=-1.0, high=1.0)
    gone = [first] if which == 0 else [first + 1, first + 2]

    # With the sd held at s, its ratio to the residual stays free and gives the residual sd, s / ratio.
    def place(value: float, theta: Array) -> tuple[Array, float | None]:
        if value == 0.0:
            return _with(theta, gone, 0.0), None
        return theta, value / max(term.natural(theta[first:stop])[which], 1e-9)

    def begin(value: float, theta: Array, sigma: float) -> Array:
        ratio = term.natural(theta[first:stop])[which]
        scaled = theta[gone] * value / sigma / ratio if ratio > 0.0 else np.full(len(gone), value / sigma)
        return _with(theta, gone, scaled)

    return Quantity(None, place, begin)


def _with(theta: Array, k: int | list[int], value: float | Array) -> Array:
    out = np.array(theta, dtype=float)
    out[k] = value
    return out


def profile_deviance(
    fitted: Fit, quantity: Quantity, value: float, start: Array | None = None
) -> tuple[float, Array]:
    """Least deviance with the quantity held at `value`, and the parameters where it is reached."""
    model, scales = fitted.model, _scales(fitted.model)
    free = [k for k in range(len(fitted.theta)) if k != quantity.drop]
    limits = [
        (1e-9 if low == 0.0 else -LARGEST_RATIO, min(high, LARGEST_RATIO)) for low, high in model.bounds
    ]
    theta = quantity.start(value, fitted.theta if start is None else start, fitted.solution.sigma).copy()

    def objective(x: Array) -> float:
        theta[free] = x * scales[free]
        placed, sigma = quantity.place(value, theta)
        return model.deviance(placed, reml=fitted.reml, sigma=sigma)

    x0 = np.maximum(theta[free] / scales[free], [limits[k][0] for k in free])
    if not free:
        return objective(x0), theta
    x, least = _minimise(objective, x0, [limits[k] for k in free], ftol=1e-11, gtol=1e-4)
    theta[free] = x * scales[free]
    return least, theta


def profile_interval(
    fitted: Fit, quantity: Quantity, estimate: float, level: float = 0.95
) -> tuple[float, float]:
    """Where the profiled deviance has risen by the chi-square quantile, on both sides of the estimate."""
    wanted = float(np.sqrt(stats.chi2.ppf(level, 1)))
    warm = fitted.theta

    def rise(value: float) -> float:
        """Square root of the rise: close to linear in the value, so few evaluations find the root."""
        nonlocal warm
        deviance, warm = profile_deviance(fitted, quantity, value, warm)
        return float(np.sqrt(max(0.0, deviance - fitted.deviance)))

    def side(edge: float, probe: float, attained: bool) -> float:
        nonlocal warm
        warm = fitted.theta
        if attained and np.isfinite(edge) and rise(edge) <= wanted:
            return edge
        known = {estimate: -wanted}
        inside, outside, reached = estimate, probe, rise(probe)
        for _ in range(60):
            known[outside] = reached - wanted
            if reached >= wanted:
                break
            growth = min(4.0, max(1.2, 1.02 * wanted / max(reached, 1e-3)))
            inside, outside = outside, estimate + growth * (outside - estimate)
            if np.isfinite(edge) and (outside - edge) * (estimate - edge) <= 0.0:
                outside = 0.5 * (inside + edge)
            reached = rise(outside)
        found = optimize.brentq(
            lambda value: known[value] if value in known else rise(value) - wanted,
            inside,
            outside,
            xtol=1e-4 * abs(outside - estimate),
            rtol=1e-8,
        )
        return float(found)

    if np.isfinite(quantity.high):
        step = 0.05 * (quantity.high - quantity.low)
    else:
        step = 0.1 * max(estimate, 0.5 * fitted.solution.sigma * float(np.min(_scales(fitted.model))))
    at_low = estimate - quantity.low <= 1e-9
    down = max(estimate - step, 0.5 * (estimate + quantity.low))
    up = min(estimate + step, 0.5 * (estimate + quantity.high))
    low = quantity.low if at_low else side(quantity.low, down, quantity.attained[0])
    return low, side(quantity.high, up, quantity.attained[1])
