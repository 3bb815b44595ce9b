"""Base of the mixed models: covariance roots, and the parts of the deviance that fitting needs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Root:
    """Lower root T of the covariance of one or two effects, relative to the residual variance.

    Attributes
    ----------
    names : tuple of str
        One per standard deviation and, for two effects, one for their correlation.
    scales : tuple of float
        Entries of T (by columns) at which an effect is as large as the residual.
    """

    names: tuple[str, ...]
    scales: tuple[float, ...]

    @property
    def width(self) -> int:
        """Number of effects, 1 or 2."""
        return 1 if len(self.names) == 1 else 2

    @property
    def bounds(self) -> list[tuple[float, float]]:
        """Bounds of the entries: those on the diagonal are not negative."""
        return [(0.0, np.inf)] if self.width == 1 else [(0.0, np.inf), (-np.inf, np.inf), (0.0, np.inf)]

    def matrix(self, entries: Array) -> Array:
        """Return T, (width, width)."""
        return np.array([[entries[0]]]) if self.width == 1 else np.array([[entries[0], 0.0], entries[1:]])

    def natural(self, entries: Array) -> list[float]:
        """Return relative standard deviations, then the correlation (NaN where an sd is 0)."""
        if self.width == 1:
            return [float(entries[0])]
        second = float(np.hypot(entries[1], entries[2]))
        rho = float(entries[1]) / second if second > 0.0 and entries[0] > 0.0 else float("nan")
        return [float(entries[0]), second, rho]


class Solved(Protocol):
    """Estimates at given covariance parameters."""

    @property
    def sigma(self) -> float: ...

    @property
    def beta(self) -> Array: ...

    @property
    def covariance(self) -> Array: ...


class MixedModel(ABC):
    """A mixed model of one response, ready to be evaluated at any covariance parameters.

    `theta` holds, root by root, the lower triangle of T by columns, as in lme4, and then the correlations of
    residuals named in `residual_correlations`.

    Attributes
    ----------
    n, p : int
        Rows and fixed effects.
    roots : list of Root
    residual_correlations : tuple of str
    """

    n: int
    p: int

    def __init__(self, roots: Sequence[Root], residual_correlations: tuple[str, ...] = ()) -> None:
        self.roots = list(roots)
        self.residual_correlations = residual_correlations
        self.cut = np.cumsum([0] + [len(root.bounds) for root in self.roots])

    @abstractmethod
    def parts(self, theta: Array, *, reml: bool = True) -> tuple[float, float]:
        """Return log determinants and penalised residual sum of squares: all the deviance needs."""

    @abstractmethod
    def solve(self, theta: Array, *, reml: bool = True) -> Solved:
        """Return the estimates at `theta`."""

    @property
    def names(self) -> list[str]:
        """Names of standard deviations and correlations, the residual left out."""
        return [name for root in self.roots for name in root.names] + list(self.residual_correlations)

    @property
    def correlations(self) -> set[str]:
        """The `names` that are correlations."""
        return {root.names[2] for root in self.roots if root.width == 2} | set(self.residual_correlations)

    @property
    def bounds(self) -> list[tuple[float, float]]:
        """Bounds of `theta`."""
        return [b for root in self.roots for b in root.bounds] + [(-0.99, 0.99)] * len(
            self.residual_correlations
        )

    @property
    def scales(self) -> Array:
        """Entries of `theta` at which an effect is as large as the residual."""
        return np.array(
            [s for root in self.roots for s in root.scales] + [1.0] * len(self.residual_correlations)
        )

    def stretches(self, theta: Array) -> list[Array]:
        """Split `theta` into the entries of every root."""
        return [theta[a:b] for a, b in zip(self.cut[:-1], self.cut[1:], strict=True)]

    def natural(self, theta: Array, sigma: float) -> Array:
        """Return standard deviations and correlations in the order of `names`, then the residual sd."""
        out: list[float] = []
        for root, entries in zip(self.roots, self.stretches(theta), strict=True):
            value = root.natural(entries)
            out += [v * sigma for v in value[: root.width]] + value[root.width :]
        return np.array([*out, *theta[self.cut[-1] :], sigma])

    def edges(self, x: Array) -> list[dict[int, float]]:
        """List the boundaries near enough to the scaled parameters `x` to try: no variance, a perfect correlation."""
        out: list[dict[int, float]] = []
        for root, first in zip(self.roots, self.cut.tolist(), strict=False):
            if x[first] < 0.1:
                out.append({first: 0.0})
            if root.width == 2 and x[first + 2] < 0.1:
                out += [{first + 2: 0.0}, {first + 1: 0.0, first + 2: 0.0}]
        return out

    def named_boundary(self, held: Sequence[int]) -> tuple[str, ...]:
        """Name the standard deviations at 0 and correlations at +-1 that the held parameters stand for."""
        names: list[str] = []
        for root, first in zip(self.roots, self.cut.tolist(), strict=False):
            names += [root.names[0]] if first in held else []
            if root.width == 2 and first + 2 in held:
                names.append(root.names[1] if first + 1 in held else root.names[2])
        return tuple(names)

    def deviance(self, theta: Array, *, reml: bool = True, sigma: float | None = None) -> float:
        """Return minus twice the log-likelihood (restricted if `reml`), residual sd profiled out unless given."""
        log_det, square = self.parts(theta, reml=reml)
        dof = self.n - self.p * reml
        if sigma is None:
            return log_det + dof * (1.0 + np.log(2.0 * np.pi * square / dof))
        return log_det + dof * np.log(2.0 * np.pi * sigma**2) + square / sigma**2
