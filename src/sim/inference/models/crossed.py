"""Linear mixed models with crossed random effects, fast enough for the ratings of a whole agency.

`y = X b + sum_k Z_k u_k + e`, `u_k ~ N(0, s^2 T_k T_k')` level by level, `e ~ N(0, s^2)`. The term with most
columns has a block-diagonal cross-product, so it is eliminated in closed form; what is left (the other
terms, X and y) is one dense Cholesky factor, from which the likelihood, with s and b profiled out, is read
off. With 5,000 ratees and 500 raters that factor has 500 rows, not 5,500.

The formulation is that of Bates, Machler, Bolker and Walker (2015), J. Stat. Softw. 67(1), so log-likelihoods
are those of lme4. statsmodels' MixedLM treats crossed factors as one group, which limits it to a few
thousand ratings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import linalg, sparse

from sim.errors import KinerjaError, _
from sim.inference.models.mixed import Array, MixedModel, Root

DENSE_ABOVE = 0.1  # share of nonzeros above which BLAS beats a sparse product
LARGEST_PAIRS = 20_000_000  # products kept: 320 MB
LARGEST_FACTOR = 12_000  # columns left after elimination: a dense factor of 1.2 GB


@dataclass(frozen=True, eq=False)
class Term:
    """One grouping factor with a random intercept, a random slope, or both (correlated).

    Attributes
    ----------
    name : str
    codes : int array (n,)
        Level of each row, 0-based.
    levels : Index (m,)
        Labels of the levels.
    columns : float array (n, q), q <= 2
        What each coefficient multiplies: a column of ones for an intercept.
    coefficients : tuple of str
        Names of the q coefficients.
    """

    name: str
    codes: NDArray[np.int64]
    levels: pd.Index
    columns: Array
    coefficients: tuple[str, ...] = ("intercept",)

    @property
    def width(self) -> int:
        """Number of coefficients, q."""
        return self.columns.shape[1]

    @property
    def size(self) -> int:
        """Number of random effects, m q."""
        return len(self.levels) * self.width

    def matrix(self) -> sparse.csr_array:
        """Return the design matrix Z, (n, m q), level by level."""
        n, q = self.columns.shape
        where = self.codes[:, None] * q + np.arange(q)
        return sparse.csr_array(
            (self.columns.ravel(), where.ravel(), np.arange(0, n * q + 1, q)), (n, self.size)
        )

    @property
    def root(self) -> Root:
        """Root of the covariance of a level's effects."""
        names = [self.name if c == "intercept" else f"{self.name}:{c}" for c in self.coefficients]
        size = 1.0 / np.sqrt(np.maximum(np.mean(self.columns**2, axis=0), 1e-300))
        if self.width == 1:
            return Root(tuple(names), (float(size[0]),))
        return Root((*names, f"{self.name}:correlation"), (float(size[0]), float(size[1]), float(size[1])))


def _pairs(cross: sparse.csr_array) -> sparse.csr_array | None:
    """Multiply every two entries of a row, so that `cross' diag(w) cross` is one product with w.

    Rows are the entries of the result, columns those of w; None where there are too many.
    """
    sizes = np.diff(cross.indptr).astype(np.int64)
    if (sizes**2).sum() > LARGEST_PAIRS:
        return None
    width = cross.shape[1]
    left = np.repeat(np.arange(cross.nnz), np.repeat(sizes, sizes))
    start = np.repeat(cross.indptr[:-1], sizes**2)
    place = np.arange(len(left)) - np.repeat(np.cumsum(sizes**2) - sizes**2, sizes**2)
    right = start + place % np.repeat(sizes, sizes**2)
    where = cross.indices[left].astype(np.int64) * width + cross.indices[right]
    row = np.repeat(np.arange(cross.shape[0]), sizes**2)
    return sparse.csr_array((cross.data[left] * cross.data[right], (where, row)), (width**2, cross.shape[0]))


@dataclass(frozen=True, eq=False)
class Effects:
    """Predicted random effects of one coefficient and what is needed for their errors.

    The variance of effect i is `own[i] + |L^-1 rows[i]|^2`, relative to the residual variance.

    Attributes
    ----------
    predicted, own : float array (levels,)
    rows : float array (levels, columns of the dense factor)
    """

    predicted: Array
    own: Array
    rows: Array


class CrossedModel(MixedModel):
    """A crossed mixed model of one response, ready to be evaluated at any covariance parameters.

    Parameters
    ----------
    y : float array (n,)
    X : float array (n, p)
        Fixed effects, of full column rank.
    terms : sequence of Term
    """

    def __init__(self, y: Array, X: Array, terms: Sequence[Term]) -> None:
        super().__init__([term.root for term in terms])
        self.terms = list(terms)
        self.n, self.p = X.shape
        self.main = int(np.argmax([t.size for t in self.terms]))
        self.rest = [k for k in range(len(self.terms)) if k != self.main]
        self.random = sum(self.terms[k].size for k in self.rest)
        if self.random + self.p > LARGEST_FACTOR:
            raise KinerjaError(
                _(
                    "{random:,} effects are left after eliminating the largest grouping factor, more "
                    "than {most:,}. Drop a grouping factor (usually an interaction) or analyse "
                    "part of the data.",
                    random=self.random + self.p,
                    most=LARGEST_FACTOR,
                )
            )
        self.unit = np.arange(self.random)
        # An orthonormal basis of X and the residual of y: same likelihood, no cancellation.
        Q, self.R = linalg.qr(X, mode="economic")
        self.offset = Q.T @ y
        self.log_det_R = 2.0 * float(np.log(np.abs(np.diag(self.R))).sum())

        first = self.terms[self.main]
        Z = first.matrix()
        outer = first.columns[:, :, None] * first.columns[:, None, :]
        m, q = len(first.levels), first.width
        self.D = np.stack(
            [np.bincount(first.codes, outer[:, a, b], m) for a in range(q) for b in range(q)], axis=1
        ).reshape(m, q, q)
        blocks = [self.terms[k].matrix() for k in self.rest]
        right = sparse.hstack(
            [*blocks, sparse.csr_array(np.column_stack([Q, y - Q @ self.offset]))], format="csr"
        )
        cross = (Z.T @ right).tocsr()
        self.cross = cross if cross.nnz < DENSE_ABOVE * np.prod(cross.shape) else cross.toarray()
        self.gram = (right.T @ right).toarray()
        self.pairs = _pairs(self.cross) if q == 1 and not isinstance(self.cross, np.ndarray) else None

    def _weight(self, root: Array) -> tuple[Array, float]:
        """Return `T (T'DT + I)^-1 T'` block by block, and the log determinant of the bracket."""
        bracket = root.T @ self.D @ root + np.eye(len(root))
        return root @ np.linalg.solve(bracket, np.broadcast_to(root.T, bracket.shape)), float(
            np.linalg.slogdet(bracket)[1].sum()
        )

    def _weighted_cross(self, weight: Array) -> sparse.csr_array | Array:
        if weight.shape[1] == 1:
            w = weight.ravel()
            return (
                w[:, None] * self.cross
                if isinstance(self.cross, np.ndarray)
                else sparse.diags_array(w) @ self.cross
            )
        m = len(weight)
        return sparse.bsr_array((weight, np.arange(m), np.arange(m + 1))) @ self.cross

    def _times_roots(self, rows: Array, roots: list[Array]) -> Array:
        """Multiply rows over what was not eliminated by the block-diagonal roots of its terms."""
        if all(self.terms[k].width == 1 for k in self.rest):
            scale = [np.full(self.terms[k].size, roots[k][0, 0]) for k in self.rest]
            return rows * np.concatenate([*scale, np.ones(rows.shape[1] - self.random)])
        out, start = rows.copy(), 0
        for k in self.rest:
            stop = start + self.terms[k].size
            levels = rows[:, start:stop].reshape(len(rows), -1, self.terms[k].width)
            out[:, start:stop] = (levels @ roots[k]).reshape(len(rows), -1)
            start = stop
        return out

    def _eliminated(self, weight: Array) -> Array:
        """Return what elimination of the main term subtracts from the cross-products of the rest."""
        if self.pairs is not None:
            return (self.pairs @ weight.ravel()).reshape(self.gram.shape)
        product = self.cross.T @ self._weighted_cross(weight)
        return product if isinstance(product, np.ndarray) else product.toarray()

    def _factor(self, theta: Array) -> tuple[Array, float, list[Array], Array]:
        roots = [
            root.matrix(entries) for root, entries in zip(self.roots, self.stretches(theta), strict=True)
        ]
        weight, log_det = self._weight(roots[self.main])
        schur = self.gram - self._eliminated(weight)
        schur = self._times_roots(self._times_roots(schur, roots).T, roots)
        schur[self.unit, self.unit] += 1.0
        try:
            factor = linalg.cholesky(schur, lower=True, overwrite_a=True, check_finite=False)
        except linalg.LinAlgError as error:  # no variance is left over
            raise KinerjaError(
                _("The groups explain the scores exactly, so no error is left to estimate. Add ratings.")
            ) from error
        return factor, log_det, roots, weight

    def parts(self, theta: Array, *, reml: bool = True) -> tuple[float, float]:
        L, log_det, *__ = self._factor(np.asarray(theta, dtype=float))
        log_diagonal = 2.0 * np.log(np.diag(L))
        log_det += float(log_diagonal[: self.random].sum())
        if reml:
            log_det += float(log_diagonal[self.random : -1].sum()) + self.log_det_R
        return log_det, float(L[-1, -1]) ** 2

    def solve(self, theta: Array, *, reml: bool = True) -> Solution:
        """Return estimates and predictions at `theta`."""
        return Solution(self, np.asarray(theta, dtype=float), reml)


class Solution:
    """Fixed effects, residual sd and predicted random effects at given covariance parameters.

    Attributes
    ----------
    theta : float array
    sigma : float
        Residual standard deviation.
    beta : float array (p,)
    covariance : float array (p, p)
        Of `beta`.
    """

    def __init__(self, model: CrossedModel, theta: Array, reml: bool) -> None:
        self.model, self.theta = model, theta
        factor, __, self._roots, self._weight = model._factor(theta)
        self._weighted = model._weighted_cross(self._weight)
        self._L = factor[:-1, :-1]
        self.sigma = float(factor[-1, -1] / np.sqrt(model.n - model.p * reml))
        self._w = linalg.solve_triangular(self._L.T, factor[-1, :-1], lower=False)
        unit = linalg.solve_triangular(self._L, self._fixed_rows(np.eye(model.p)).T, lower=True)
        self.covariance = self.sigma**2 * unit.T @ unit
        self.beta = linalg.solve_triangular(model.R, self._w[model.random :] + model.offset)

    def _fixed_rows(self, x: Array) -> Array:
        """Write combinations of fixed effects, one per row of `x`, as rows over the columns of the dense factor."""
        rows = np.zeros((len(x), self.model.random + self.model.p))
        rows[:, self.model.random :] = linalg.solve_triangular(self.model.R.T, x.T, lower=True).T
        return rows

    def effects(self, name: str, coefficient: int = 0, at: Array | None = None) -> Effects:
        """Predict the effects of every level of a term.

        Parameters
        ----------
        name : str
            Of the term.
        coefficient : int
            Which of the term's coefficients.
        at : float array (p,), optional
            Values of the fixed effects' columns: predictions of the response there, not of the effect alone.
        """
        model = self.model
        k = [t.name for t in model.terms].index(name)
        q = model.terms[k].width
        if k == model.main:
            picked = self._weighted[coefficient::q]
            dense = picked if isinstance(picked, np.ndarray) else picked.toarray()
            rows = -model._times_roots(dense[:, :-1], self._roots)
            own = self._weight[:, coefficient, coefficient]
            predicted = dense[:, -1] + rows @ self._w
        else:
            m = len(model.terms[k].levels)
            start = sum(model.terms[j].size for j in model.rest if j < k)
            rows = np.zeros((m, len(self._L)))
            for j in range(q):
                rows[np.arange(m), start + j + q * np.arange(m)] = self._roots[k][coefficient, j]
            own = np.zeros(len(rows))
            predicted = rows @ self._w
        if at is not None:
            rows = rows + self._fixed_rows(np.asarray(at, dtype=float)[None, :])
            predicted = predicted + at @ self.beta
        return Effects(predicted, own, rows)

    def standard_errors(self, effects: Effects, chunk: int = 2000) -> Array:
        """Return standard errors of prediction, uncertainty of the fixed effects included."""
        total = effects.own.copy()
        for a in range(0, len(total), chunk):
            half = linalg.solve_triangular(self._L, effects.rows[a : a + chunk].T, lower=True)
            total[a : a + chunk] += np.einsum("ij,ij->j", half, half)
        return self.sigma * np.sqrt(total)

    def draws(self, effects: Effects, size: int, rng: np.random.Generator) -> Array:
        """Draw the effects jointly, (levels, size), given the data and the covariance parameters."""
        w = linalg.solve_triangular(self._L.T, rng.standard_normal((len(self._L), size)), lower=False)
        noise = np.sqrt(effects.own)[:, None] * rng.standard_normal((len(effects.own), size))
        return effects.predicted[:, None] + self.sigma * (effects.rows @ w + noise)

    def fitted(self, X: Array) -> Array:
        """Return fitted values at the rows of the data, (n,): fixed plus random part."""
        total = X @ self.beta
        for term in self.model.terms:
            for j in range(term.width):
                total = total + term.columns[:, j] * self.effects(term.name, j).predicted[term.codes]
        return total
