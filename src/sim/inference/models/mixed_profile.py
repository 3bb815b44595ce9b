"""Profile likelihood of variance components and of functions of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from sim.inference.models.mixed import Array, MixedModel
from sim.inference.models.mixed_fit import LARGEST_RATIO, Fit, minimise


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
        `(value, theta, sigma) -> theta`: where to start, from a nearby optimum and its residual sd.
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


def component(model: MixedModel, name: str) -> Quantity:
    """Make a quantity of the standard deviation (or correlation) of one random effect, or of "residual"."""
    if name == "residual":
        return Quantity(None, lambda value, theta: (theta, value), attained=(False, False))
    k = model.names.index(name)
    if name in model.residual_correlations:
        k += int(model.cut[-1]) - len(model.names) + len(model.residual_correlations)
        low, high = model.bounds[k]
        return Quantity(k, lambda value, theta: (_with(theta, k, value), None), low=low, high=high)
    root, first = next((r, int(a)) for r, a in zip(model.roots, model.cut, strict=False) if name in r.names)
    which, stop = root.names.index(name), first + len(root.bounds)
    if which == 2:
        # The sd of the second effect takes the place of the last entry of the root.
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
        return theta, value / max(root.natural(theta[first:stop])[which], 1e-9)

    def begin(value: float, theta: Array, sigma: float) -> Array:
        ratio = root.natural(theta[first:stop])[which]
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
    """Return the least deviance with the quantity held at `value`, and the parameters that reach it."""
    model, scales = fitted.model, fitted.model.scales
    free = [k for k in range(len(fitted.theta)) if k != quantity.drop]
    limits = [
        (1e-9 if low == 0.0 else max(low, -LARGEST_RATIO), min(high, LARGEST_RATIO))
        for low, high in model.bounds
    ]
    theta = quantity.start(value, fitted.theta if start is None else start, fitted.solution.sigma).copy()

    def objective(x: Array) -> float:
        theta[free] = x * scales[free]
        placed, sigma = quantity.place(value, theta)
        return model.deviance(placed, reml=fitted.reml, sigma=sigma)

    x0 = np.clip(theta[free] / scales[free], *np.array([limits[k] for k in free]).reshape(-1, 2).T)
    if not free:
        return objective(x0), theta
    x, least = minimise(objective, x0, [limits[k] for k in free], ftol=1e-11, gtol=1e-4)
    theta[free] = x * scales[free]
    return least, theta


def profile_covers(fitted: Fit, quantity: Quantity, value: float, level: float = 0.95) -> bool:
    """Tell whether the profile likelihood interval holds `value`: a likelihood ratio test, its ends not needed."""
    rise = profile_deviance(fitted, quantity, value)[0] - fitted.deviance
    return bool(rise <= stats.chi2.ppf(level, 1))


def profile_interval(
    fitted: Fit, quantity: Quantity, estimate: float, level: float = 0.95
) -> tuple[float, float]:
    """Return the profile likelihood interval: where the deviance has risen by the chi-square quantile.

    Parameters
    ----------
    fitted : Fit
    quantity : Quantity
    estimate : float
        Value of the quantity at the optimum.
    level : float

    Returns
    -------
    low, high : float
    """
    limit = float(np.sqrt(stats.chi2.ppf(level, 1)))
    warm = fitted.theta

    def rise(value: float) -> float:
        """Return the square root of the rise, close to linear in the value, so that few evaluations find the root."""
        nonlocal warm
        deviance, warm = profile_deviance(fitted, quantity, value, warm)
        return float(np.sqrt(max(0.0, deviance - fitted.deviance)))

    def side(edge: float, probe: float, attained: bool) -> float:
        nonlocal warm
        warm = fitted.theta
        if attained and np.isfinite(edge) and rise(edge) <= limit:
            return edge
        warm = fitted.theta  # do not start the search from the edge
        known = {estimate: -limit}
        inside, outside, reached = estimate, probe, rise(probe)
        for _ in range(60):
            known[outside] = reached - limit
            if reached >= limit:
                break
            growth = min(4.0, max(1.2, 1.02 * limit / max(reached, 1e-3)))
            inside, outside = outside, estimate + growth * (outside - estimate)
            if np.isfinite(edge) and (outside - edge) * (estimate - edge) <= 0.0:
                outside = 0.5 * (inside + edge)
            reached = rise(outside)
        end = optimize.brentq(
            lambda value: known[value] if value in known else rise(value) - limit,
            inside,
            outside,
            xtol=1e-4 * abs(outside - estimate),
            rtol=1e-8,
        )
        return float(end)

    if np.isfinite(quantity.high):
        step = 0.05 * (quantity.high - quantity.low)
    else:
        step = 0.1 * max(estimate, 0.5 * fitted.solution.sigma * float(np.min(fitted.model.scales)))
    at_low = estimate - quantity.low <= 1e-9
    down = max(estimate - step, 0.5 * (estimate + quantity.low))
    up = min(estimate + step, 0.5 * (estimate + quantity.high))
    low = quantity.low if at_low else side(quantity.low, down, quantity.attained[0])
    return low, side(quantity.high, up, quantity.attained[1])
