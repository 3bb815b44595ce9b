"""Fit the social relations model of round-robin peer ratings: perceiver, target and relationship."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from sim.errors import KinerjaError, Problem, Problems, _
from sim.inference.data.checks import check_complete, distinct_columns, rows_of
from sim.inference.models.mixed import Array, MixedModel, Root, Solved
from sim.inference.models.mixed_fit import Fit, fit
from sim.inference.models.variance_components import boundary_message, components_table
from sim.inference.result import Note, Result, convergence_notes, forest

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAMES = ("perceiver", "target", "generalised_reciprocity")
KINDS = np.array([-1.0, 0.0, 1.0])  # of rows: difference of two reciprocal ratings, not returned, their sum


@dataclass(frozen=True)
class _Solved:
    sigma: float
    beta: Array
    covariance: Array


class RoundRobinModel(MixedModel):
    """Mixed model of round-robin ratings with a mean for every group.

    Within a group reciprocal ratings are turned into their sum and difference over sqrt(2), with residual variances
    1 + r and 1 - r; what the likelihood needs are then cross-products by kind of row, all groups in one array.

    Parameters
    ----------
    y : float array (n,)
    group, perceiver, target : int array (n,)
        Codes; people are numbered within the whole data.
    """

    def __init__(
        self, y: Array, group: NDArray[np.int64], perceiver: NDArray[np.int64], target: NDArray[np.int64]
    ) -> None:
        super().__init__([Root(NAMES, (1.0, 1.0, 1.0))], ("dyadic_reciprocity",))
        self.n, self.p = len(y), int(group.max()) + 1
        rows = [np.flatnonzero(group == g) for g in range(self.p)]
        turned = [_turned(y[r], perceiver[r], target[r]) for r in rows]
        self.people = [(cross.shape[-1] - 2) // 2 for cross, __ in turned]
        width = 2 * max(self.people)
        self.cross = np.zeros((3, self.p, width + 2, width + 2))
        for g, (cross, __) in enumerate(turned):
            keep = np.concatenate([np.arange(2 * self.people[g]), [width, width + 1]])
            self.cross[:, g][np.ix_(np.arange(3), keep, keep)] = cross
        self.counts = np.sum([counts for __, counts in turned], axis=0)

    def parts(self, theta: Array, *, reml: bool = True) -> tuple[float, float]:
        _v, log_det, information, _mean, rest = self._solve(theta)
        return float(log_det + (np.log(information).sum() if reml else 0.0)), float(rest.sum())

    def solve(self, theta: Array, *, reml: bool = True) -> Solved:
        _v, _log_det, information, mean, rest = self._solve(theta)
        sigma = float(np.sqrt(rest.sum() / (self.n - self.p * reml)))
        return _Solved(sigma, mean, np.diag(sigma**2 / information))

    def effects(self, theta: Array) -> Array:
        """Predict perceiver and target effects, (people, 2), groups in order."""
        v, _log_det, _information, mean, _rest = self._solve(theta)
        u = (v[..., 0] - mean[:, None] * v[..., 1]).reshape(self.p, -1, 2) @ self.roots[0].matrix(theta[:3]).T
        return np.concatenate([effect[:size] for effect, size in zip(u, self.people, strict=True)])

    def _solve(self, theta: Array) -> tuple[Array, float, Array, Array, Array]:
        """Return spherical effects for y and for ones, log determinant of V, and by group: information, mean, rest."""
        variance = 1.0 + float(theta[3]) * KINDS
        whole = np.tensordot(1.0 / variance, self.cross, axes=1)
        width = whole.shape[-1] - 2
        root = np.kron(np.eye(width // 2), self.roots[0].matrix(theta[:3]))
        M = root.T @ whole[:, :width, :width] @ root + np.eye(width)
        right = root.T @ whole[:, :width, width:]
        v = np.linalg.solve(M, right)
        left = whole[:, width:, width:] - right.transpose(0, 2, 1) @ v
        information, mean = left[:, 1, 1], left[:, 0, 1] / left[:, 1, 1]
        log_det = float(self.counts @ np.log(variance)) + float(np.linalg.slogdet(M)[1].sum())
        return v, log_det, information, mean, left[:, 0, 0] - mean**2 * information


def _parts(pairs: NDArray[np.int64]) -> int:
    """Count the connected circles among people who rated each other."""
    people, ends = np.unique(pairs, return_inverse=True)
    i, j = ends.reshape(2, -1)
    graph = sparse.coo_array((np.ones(len(i)), (i, j)), shape=(len(people), len(people)))
    return int(connected_components(graph, directed=False)[0])


def _turned(
    y: Array, perceiver: NDArray[np.int64], target: NDArray[np.int64]
) -> tuple[Array, NDArray[np.int64]]:
    """Return cross-products of [people's columns, y, ones] by kind of row (3, ...), and the rows of each kind."""
    people, codes = np.unique(np.concatenate([perceiver, target]), return_inverse=True)
    n, (i, j) = len(y), codes.reshape(2, -1)
    rows = np.zeros((n, 2 * len(people) + 2))
    rows[np.arange(n), 2 * i], rows[np.arange(n), 2 * j + 1] = 1.0, 1.0
    rows[:, -2], rows[:, -1] = y, 1.0
    place = {pair: row for row, pair in enumerate(zip(i.tolist(), j.tolist(), strict=True))}
    back = np.array([place.get((b, a), -1) for a, b in place])
    pairs = np.array([(row, other) for row, other in enumerate(back.tolist()) if row < other]).reshape(-1, 2)
    first, second = rows[pairs[:, 0]], rows[pairs[:, 1]]
    turned = [(first - second) / np.sqrt(2.0), rows[back < 0], (first + second) / np.sqrt(2.0)]
    return np.stack([part.T @ part for part in turned]), np.array([len(part) for part in turned])


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class RoundRobinResult(Result):
    """Variance components of peer ratings, in points of the score.

    Attributes
    ----------
    estimates : DataFrame
        part ("sd" or "correlation"), term, estimate, se, low, high, method. Terms: perceiver (how people rate others),
        target (how they are rated), residual (the relationship, with error), generalised_reciprocity (are those who
        rate high rated high?), dyadic_reciprocity (is a special liking returned?).
    fit : Fit
    people : DataFrame
        group, person, perceiver and target effect (predicted).
    groups : int
        How many.
    """

    fit: Fit
    people: pd.DataFrame
    groups: int

    @cached_property
    def shares(self) -> dict[str, float]:
        """Shares of variance of perceiver, target and relationship (with error)."""
        sd = self.estimates.set_index("term")["estimate"]
        variance = sd[["perceiver", "target", "residual"]] ** 2
        return dict(
            zip(["perceiver", "target", "relationship"], (variance / variance.sum()).tolist(), strict=True)
        )

    def sentences(self) -> list[str]:
        r = self.estimates.set_index("term")["estimate"]
        return [
            str(
                _(
                    "{people:,} people in {groups:,} groups rated each other. Of the variance, {target:.1%} lies in "
                    "the target (what raters agree on), {perceiver:.1%} in the perceiver, {relationship:.1%} in the "
                    "relationship (error included). Generalised reciprocity {generalised:,.2f}, dyadic reciprocity "
                    "{dyadic:,.2f}.",
                    people=len(self.people),
                    groups=self.groups,
                    target=self.shares["target"],
                    perceiver=self.shares["perceiver"],
                    relationship=self.shares["relationship"],
                    generalised=r["generalised_reciprocity"],
                    dyadic=r["dyadic_reciprocity"],
                )
            )
        ]

    def _draw_on(self, ax: Axes) -> None:
        forest(ax, self.estimates, "term", zero=0.0)


def round_robin(
    ratings: pd.DataFrame,
    *,
    perceiver: str,
    target: str,
    score: str,
    group: str | None = None,
    intervals: bool = True,
    level: float = 0.95,
) -> RoundRobinResult:
    """Fit the social relations model by REML, with profile likelihood intervals.

    Parameters
    ----------
    ratings : DataFrame
        One rating per row: perceiver rates target, within a group; ratings may be missing.
    perceiver, target, score : str
        Column names; both hold the same people.
    group : str, optional
        Column of the group (a unit); one group by default.
    intervals : bool
        Profile intervals (False: quicker).
    level : float

    Returns
    -------
    RoundRobinResult

    Raises
    ------
    KinerjaError
        Groups smaller than four, self-ratings, pairs that occur twice, constant scores, people of a
        group who are not linked by ratings.

    Notes
    -----
    In complete round robins the estimates are those of Warner, Kenny and Stoto (1979), pooled over groups, where none
    of those is negative. One rating per pair cannot separate relationship and error.
    """
    columns = [perceiver, target, score, *([group] if group else [])]
    frame, notes = check_complete(ratings, columns, "ratings")
    distinct_columns("ratings", perceiver=perceiver, target=target, score=score, group=group)
    if not pd.api.types.is_numeric_dtype(frame[score]):
        raise Problems([Problem("ratings", None, score, _("Scores are not numbers."), _("Convert them."))])
    y = frame[score].to_numpy(float)
    label, names = pd.factorize(frame[group]) if group else (np.zeros(len(frame), dtype=np.int64), ["all"])
    people = pd.DataFrame({
        "group": np.concatenate([label, label]),
        "person": pd.concat([frame[perceiver], frame[target]]).to_numpy(),
    })  # fmt: skip
    codes = people.groupby(["group", "person"], sort=True).ngroup().to_numpy().reshape(2, -1)
    problems = []
    own = frame[perceiver] == frame[target]
    if own.any():
        n, rows = int(own.sum()), rows_of(own)
        what = _("{n:,} people rate themselves (rows {rows}).", n=n, rows=rows)
        problems.append(Problem("ratings", None, target, what, _("Leave self-ratings out.")))
    twice = pd.Series(codes[0] * (codes.max() + 1) + codes[1]).duplicated()
    if twice.any():
        n, rows = int(twice.sum()), rows_of(twice)
        what = _("{n:,} pairs occur twice (rows {rows}).", n=n, rows=rows)
        problems.append(Problem("ratings", None, target, what, _("Average them.")))
    if (y == y[0]).all():
        problems.append(
            Problem(
                "ratings",
                None,
                score,
                _("All scores are equal."),
                _("There is nothing to explain; check the column."),
            )
        )
    persons = people.drop_duplicates().sort_values(["group", "person"]).reset_index(drop=True)
    small = persons.groupby("group").size()
    few = small[small < 4].index
    if len(few):
        listed = ", ".join(str(names[g]) for g in few[:5])
        what = _("Groups of fewer than four people cannot separate the components: {groups}.", groups=listed)
        problems.append(Problem("ratings", None, group, what, _("Leave them out.")))
    apart = [names[g] for g in range(len(names)) if _parts(codes[:, label == g]) > 1]
    if apart:
        listed = ", ".join(map(str, apart[:5]))
        what = _(
            "Within {groups} there are circles of people without a rating between them.",
            groups=listed,
        )
        problems.append(
            Problem("ratings", None, group, what, _("Give `group` the column that tells the circles apart."))
        )
    if problems:
        raise Problems(problems)
    model = RoundRobinModel(y, label.astype(np.int64), codes[0], codes[1])
    if model.n - model.p < 6:
        raise KinerjaError(
            _(
                "{n:,} ratings in {groups:,} groups are too few for five components.",
                n=model.n,
                groups=model.p,
            )
        )
    fitted = fit(model)
    notes += convergence_notes(fitted.converged)
    if fitted.boundary:
        notes += (Note("boundary", boundary_message(fitted)),)
    effects = model.effects(fitted.theta)
    persons["perceiver"], persons["target"] = effects.T
    persons["group"] = [names[g] for g in persons["group"]]
    table = components_table(fitted, "profile" if intervals else "none", level).drop(columns=["df", "p"])
    return RoundRobinResult(estimates=table, notes=notes, fit=fitted, people=persons, groups=model.p)
