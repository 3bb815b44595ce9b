"""Fit many-facet Rasch models: severity of raters and difficulty of criteria from ordered ratings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse, special, stats

from sim.errors import KinerjaError, _
from sim.inference.data.checks import check_ratings
from sim.inference.models.mixed import Array
from sim.inference.models.ordinal import OrdinalFit, OrdinalModel
from sim.inference.ratings.identification import (
    disconnected_notes,
    grouping_term,
    identification,
    require_connected,
)
from sim.inference.ratings.ordered_model import ordered_codes
from sim.inference.result import Note, Result, convergence_notes, forest

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class ManyFacetRaschResult(Result):
    """A fitted many-facet rating scale model, in logits.

    Attributes
    ----------
    estimates : DataFrame
        facet, element, n, estimate (severity or difficulty; the mean of each facet is 0), se, low, high, infit, outfit
        (mean squares, 1 expected). Elements with only lowest or only highest ratings have no finite estimate: NaN.
    thresholds : DataFrame
        step ("Baik | Sangat Baik"), estimate, se, low, high: where neighbouring levels are equally likely.
    ratees : DataFrame
        The ratee, n, measure, se, low, high, fair (score expected from average raters and criteria, in steps of the
        scale above its lowest level).
    sd : float
        Of the measures of ratees.
    reliability : float
        Of the measures: the share of their variance that is not error.
    levels : tuple
        Of the score, lowest first.
    fit : OrdinalFit
    rater : str
        Column of the rater.
    """

    thresholds: pd.DataFrame
    ratees: pd.DataFrame
    sd: float
    reliability: float
    levels: tuple[object, ...]
    fit: OrdinalFit
    rater: str

    def facet(self, name: str) -> pd.DataFrame:
        """Return the elements of one facet, indexed by element."""
        table = self.estimates[self.estimates["facet"] == name]
        if table.empty:
            facets = ", ".join(self.estimates["facet"].unique())
            raise KinerjaError(_("{name} is not a facet; the facets are {facets}.", name=name, facets=facets))
        return table.drop(columns="facet").set_index("element")

    def sentences(self) -> list[str]:
        severity = self.facet(self.rater)["estimate"].dropna()
        cuts = self.thresholds["estimate"].to_numpy(float)
        lowest, highest = _expected(np.array([-severity.max(), -severity.min()]), cuts)
        return [
            str(
                _(
                    "{ratees:,} ratees, {raters:,} raters. The standard deviation of severity is {severity:,.2f} "
                    "logits, that of ratees {sd:,.2f}; the measures of ratees have a reliability of "
                    "{reliability:,.2f}. The average ratee gets {lowest:,.2f} steps of the scale from the most severe "
                    "rater and {highest:,.2f} from the most lenient.",
                    ratees=len(self.ratees),
                    raters=len(severity),
                    severity=severity.std(),
                    sd=self.sd,
                    reliability=self.reliability,
                    lowest=lowest,
                    highest=highest,
                )
            )
        ]

    def _draw_on(self, ax: Axes) -> None:
        table = self.facet(self.rater).reset_index().dropna(subset=["estimate"])
        table = table.sort_values("estimate", ascending=False)
        forest(ax, pd.concat([table.head(20), table.tail(20)]).drop_duplicates(), "element", zero=0.0)
        ax.set_xlabel(str(_("severity (logits)")))


def many_facet_rasch(
    ratings: pd.DataFrame,
    *,
    score: str,
    ratee: str,
    rater: str,
    facets: Sequence[str] = (),
    levels: Sequence[object] | None = None,
    disconnected: Literal["refuse", "assume"] = "refuse",
    same_codes: bool | None = None,
    nodes: int = 15,
    level: float = 0.95,
) -> ManyFacetRaschResult:
    """Fit a many-facet Rasch model (Linacre 1989) by marginal maximum likelihood.

    Parameters
    ----------
    ratings : DataFrame
        One rating per row.
    score : str
        Ordered column, as in `ordered_model`.
    ratee, rater : str
        Column names.
    facets : sequence of str
        Further facets, such as the criterion.
    levels : sequence, optional
        Levels of the score, lowest first.
    disconnected : {"refuse", "assume"}
        As in `rater_model`.
    same_codes : bool, optional
        Whether equal codes of ratee and rater are one person (True) or two numberings (False); by default only where
        they are not short numbers, see `self_ratings`.
    nodes : int
        Quadrature points per ratee.
    level : float

    Returns
    -------
    ManyFacetRaschResult

    Raises
    ------
    KinerjaError
        A score without order, too few ratings, facets nested in each other, a disconnected design; ratings that no
        model can use (see `check_ratings`).

    Notes
    -----
    `log P(k) / P(k - 1) = measure - severity - difficulty - threshold_k`; measures of ratees are normal with an
    estimated sd, so that severities are free of the bias of joint maximum likelihood. Measures are posterior means.
    Fit mean squares use them and run a little below 1.
    """
    frame, notes = check_ratings(
        ratings, score=score, ratee=ratee, rater=rater, columns=facets, ordered=True, same_codes=same_codes
    )
    order, codes, more = ordered_codes(frame[score], levels)
    notes += more
    kept, extreme = _without_extremes(frame, codes, [rater, *facets], len(order))
    if extreme:
        listed = "; ".join(f"{facet}: {', '.join(map(str, names[:5]))}" for facet, names in extreme.items())
        notes += (
            Note(
                "extreme",
                _(
                    "{n:,} elements have only lowest or only highest ratings, so their estimate is infinite: "
                    "{names}.",
                    n=sum(map(len, extreme.values())),
                    names=listed,
                ),
            ),
        )
    used, y = frame[kept].reset_index(drop=True), codes[kept]
    if len(used) == 0 or len(np.unique(y)) < len(order):
        raise KinerjaError(_("Too few ratings are left without the elements that have only extreme ratings."))
    if used[rater].nunique() < 2 or used[ratee].nunique() < 2:
        raise KinerjaError(
            _(
                "At least two of {ratee} and of {rater} with different ratings are needed.",
                ratee=ratee,
                rater=rater,
            )
        )
    report = identification(used, ratee=ratee, rater=rater)
    if disconnected == "refuse":
        require_connected(report, ratee, rater)
    notes += disconnected_notes(report)
    terms = [grouping_term(used, name) for name in [rater, *facets]]
    who = grouping_term(used, ratee)
    X = sparse.hstack([term.matrix()[:, 1:] for term in terms], format="csr")
    if np.linalg.matrix_rank((X.T @ X).toarray()) < X.shape[1]:
        raise KinerjaError(
            _(
                "Not identified: {names} are nested in each other. Leave one out.",
                names=", ".join([rater, *facets]),
            )
        )
    fitted = OrdinalModel(y, len(order), X, who.codes, family="adjacent", nodes=nodes).fit()
    notes += convergence_notes(fitted.converged)
    estimates, covariance = _centred(fitted, [len(t.levels) for t in terms])
    se = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    z = stats.norm.ppf(0.5 + level / 2.0)
    k = len(order) - 1
    cuts = estimates[:k]
    difficulty = [estimates[k:][a:b] for a, b in _slices([len(t.levels) for t in terms])]
    eta = fitted.modes[who.codes] - sum(d[t.codes] for d, t in zip(difficulty, terms, strict=True))
    squares, variance = _residuals(y, eta, cuts)
    rows: list[tuple[object, ...]] = []
    at = k
    for term in terms:
        n = np.bincount(term.codes)
        outfit = np.bincount(term.codes, squares / variance) / n
        infit = np.bincount(term.codes, squares) / np.bincount(term.codes, variance)
        for i, name in enumerate(term.levels):
            e, s = float(estimates[at + i]), float(se[at + i])
            rows.append(
                (term.name, name, int(n[i]), e, s, e - z * s, e + z * s, float(infit[i]), float(outfit[i]))
            )
        at += len(n)
    rows += [(f, name, 0, *([np.nan] * 6)) for f, names in extreme.items() for name in names]
    columns = ["facet", "element", "n", "estimate", "se", "low", "high", "infit", "outfit"]
    steps = [f"{a} | {b}" for a, b in pairwise(order)]
    thresholds = pd.DataFrame({
        "step": steps, "estimate": cuts, "se": se[:k], "low": cuts - z * se[:k], "high": cuts + z * se[:k],
    })  # fmt: skip
    measures = pd.DataFrame({
        ratee: who.levels, "n": np.bincount(who.codes), "measure": fitted.modes, "se": fitted.spreads,
        "low": fitted.modes - z * fitted.spreads, "high": fitted.modes + z * fitted.spreads,
        "fair": _expected(fitted.modes, cuts),
    })  # fmt: skip
    error = float(np.mean(fitted.spreads**2))
    signal = float(np.var(fitted.modes))
    return ManyFacetRaschResult(
        estimates=pd.DataFrame(rows, columns=columns),
        notes=notes,
        thresholds=thresholds,
        ratees=measures,
        sd=fitted.sd,
        reliability=signal / (signal + error),
        levels=tuple(order),
        fit=fitted,
        rater=rater,
    )


def _without_extremes(
    frame: pd.DataFrame, codes: NDArray[np.int64], facets: list[str], levels: int
) -> tuple[NDArray[np.bool_], dict[str, list[object]]]:
    """Return the rows left without elements that have only lowest or only highest ratings, and those elements."""
    kept = np.ones(len(frame), dtype=bool)
    extreme: dict[str, list[object]] = {}
    while True:
        before = int(kept.sum())
        for facet in facets:
            mean = pd.Series(codes[kept]).groupby(frame[facet].to_numpy()[kept]).mean()
            out = mean.index[(mean == 0.0) | (mean == levels - 1.0)].tolist()
            if out:
                extreme.setdefault(facet, []).extend(out)
                kept &= ~frame[facet].isin(out).to_numpy()
        if int(kept.sum()) == before:
            return kept, extreme


def _slices(sizes: list[int]) -> list[tuple[int, int]]:
    ends = np.cumsum(sizes).tolist()
    return list(zip([0, *ends[:-1]], ends, strict=True))


def _centred(fitted: OrdinalFit, sizes: list[int]) -> tuple[Array, Array]:
    """Return thresholds and, facet by facet, severities that sum to zero, with their covariance."""
    k = len(fitted.cuts)
    transform = np.zeros((k + sum(sizes), len(fitted.covariance)))
    transform[:k, :k] = np.eye(k)
    column = k
    for (a, b), m in zip(_slices(sizes), sizes, strict=True):
        # Effects relative to the first element, in the direction of leniency.
        raw = np.zeros((m, transform.shape[1]))
        raw[1:, column : column + m - 1] = np.eye(m - 1)
        mean = raw.mean(axis=0)
        transform[k + a : k + b] = mean - raw
        transform[:k] -= mean
        column += m - 1
    values = np.concatenate([fitted.cuts, fitted.beta, [fitted.sd]])
    return transform @ values, transform @ fitted.covariance @ transform.T


def _moments(eta: Array, cuts: Array) -> tuple[Array, Array]:
    """Return mean and variance of the score, in steps above the lowest level."""
    scores = np.arange(len(cuts) + 1)
    p = special.softmax(np.multiply.outer(eta, scores) - np.concatenate([[0.0], np.cumsum(cuts)]), axis=-1)
    mean = p @ scores
    return mean, p @ scores**2 - mean**2


def _expected(eta: Array, cuts: Array) -> Array:
    return _moments(eta, cuts)[0]


def _residuals(y: NDArray[np.int64], eta: Array, cuts: Array) -> tuple[Array, Array]:
    mean, variance = _moments(eta, cuts)
    return (y - mean) ** 2, variance
