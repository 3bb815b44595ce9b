"""Rating errors beyond severity: halo (criteria run together) and central tendency (too little spread)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from sim.errors import KinerjaError, _
from sim.inference.data.checks import check_ratings
from sim.inference.models.crossed import CrossedModel, Term
from sim.inference.models.mixed import Array
from sim.inference.models.mixed_fit import Fit, fit
from sim.inference.models.mixed_profile import Quantity, profile_interval
from sim.inference.ratings.identification import confounded, disconnected_notes, grouping_term, identification
from sim.inference.ratings.rater_model import RaterModelResult
from sim.inference.result import Result, convergence_notes, forest, interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _place_share(value: float, theta: Array) -> tuple[Array, float | None]:
    """Set the variance of the pair, the first term, so that its share of itself and the residual is `value`."""
    out = theta.copy()
    out[0] = np.sqrt(value / (1.0 - value))
    return out, None


SHARE_OF_PAIR = Quantity(0, _place_share, high=1.0, attained=(True, False))
"""Share of the pair of ratee and rater in what is left of a score: halo."""


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class HaloResult(Result):
    """How much the criteria run together in one rater's view of one ratee.

    Attributes
    ----------
    estimates : DataFrame
        component, variance, share: of the ratee, the rater, the pair (halo), their interactions with the criterion and
        the residual.
    estimate, low, high : float
        Correlation of residuals across criteria within a pair of ratee and rater, with its profile interval.
    correlations : DataFrame
        Criteria by criteria: plain correlations of scores across criteria, for comparison.
    level : float
        Of the interval.
    fit : Fit
    """

    estimate: float
    low: float
    high: float
    correlations: pd.DataFrame
    level: float
    fit: Fit

    def sentences(self) -> list[str]:
        plain = self.correlations.to_numpy(float)
        return [
            str(
                _(
                    "With the levels of ratees and the severities of raters taken out, residuals of the same rater "
                    "for the same ratee correlate {r:,.2f} across criteria {interval}: that is halo. Plain "
                    "correlations across criteria average {mean:,.2f}.",
                    r=self.estimate,
                    interval=interval(self.low, self.high, level=self.level),
                    mean=plain[np.triu_indices(len(plain), 1)].mean(),
                )
            )
        ]

    def _draw_on(self, ax: Axes) -> None:
        ax.barh(self.estimates["component"], self.estimates["share"])
        ax.invert_yaxis()
        ax.set_xlabel(str(_("share of variance")))


def halo(
    ratings: pd.DataFrame,
    *,
    score: str,
    ratee: str,
    rater: str,
    criterion: str,
    intervals: bool = True,
    same_codes: bool | None = None,
    level: float = 0.95,
) -> HaloResult:
    """Estimate halo: the correlation of residuals across criteria within pairs of ratee and rater.

    Parameters
    ----------
    ratings : DataFrame
        Long format, one score per ratee, rater and criterion.
    score, ratee, rater, criterion : str
        Column names.
    intervals : bool
        The profile interval (False: quicker).
    same_codes : bool, optional
        Whether equal codes of ratee and rater are one person (True) or two numberings (False); by default only where
        they are not short numbers, see `self_ratings`.
    level : float

    Returns
    -------
    HaloResult

    Raises
    ------
    KinerjaError
        Fewer than two criteria, or no pair with more than one; ratings that no model can use (see `check_ratings`).

    Notes
    -----
    Criteria have fixed means; random are ratee, rater, the pair, ratee by criterion and rater by criterion, as far as
    the design separates them. The correlation is `pair / (pair + residual)`. A true profile shared by all raters is
    in ratee by criterion, so it is not mistaken for halo.
    """
    frame, notes = check_ratings(
        ratings, score=score, ratee=ratee, rater=rater, columns=[criterion], same_codes=same_codes
    )
    notes += disconnected_notes(identification(frame, ratee=ratee, rater=rater))
    if frame[criterion].nunique() < 2:
        raise KinerjaError(_("Halo needs at least two criteria."))
    X = pd.get_dummies(frame[criterion], dtype=float).to_numpy()
    basis = X / np.sqrt((X**2).sum(axis=0))
    pair = f"{ratee}:{rater}"
    names = [pair]
    for name in (ratee, rater, f"{ratee}:{criterion}", f"{rater}:{criterion}"):
        if not confounded([grouping_term(frame, n) for n in [*names, name]], basis):
            names.append(name)
    if confounded([grouping_term(frame, pair)], basis):
        raise KinerjaError(
            _("Every pair of ratee and rater has one criterion only; halo cannot be estimated.")
        )
    terms: list[Term] = [grouping_term(frame, n) for n in names]
    fitted = fit(CrossedModel(frame[score].to_numpy(float), X, terms))
    notes += convergence_notes(fitted.converged)
    variance = {name: sd**2 for name, sd in fitted.sds().items()}
    total = sum(variance.values())
    rows = [(name, v, v / total) for name, v in variance.items()]
    estimate = variance[pair] / (variance[pair] + variance["residual"])

    low, high = (
        profile_interval(fitted, SHARE_OF_PAIR, float(estimate), level) if intervals else (np.nan, np.nan)
    )
    wide = frame.pivot_table(index=[ratee, rater], columns=criterion, values=score, observed=True)
    return HaloResult(
        estimates=pd.DataFrame(rows, columns=["component", "variance", "share"]),
        notes=notes,
        estimate=float(estimate),
        low=low,
        high=high,
        correlations=wide.corr(),
        fit=fitted,
        level=level,
    )


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class CentralTendencyResult(Result):
    """Spread of every rater's scores against the spread that the model expects.

    Attributes
    ----------
    estimates : DataFrame
        The rater, n, spread (sd of their scores, in points), ratio (to the expected sd; 1 as expected, below 1 bunched
        together), low, high, p, bunched (the interval, corrected for the number of raters, lies below 1).
    rater : str
        Column of the rater.
    level : float
        Of the intervals.
    """

    rater: str
    level: float

    def sentences(self) -> list[str]:
        return [
            str(
                _(
                    "{n:,} of {raters:,} raters ({share:.1%}) bunch their scores together. The median ratio of their "
                    "spread to the expected one is {median:,.2f}.",
                    n=int(self.estimates["bunched"].sum()),
                    raters=len(self.estimates),
                    share=self.estimates["bunched"].mean(),
                    median=self.estimates["ratio"].median(),
                )
            )
        ]

    def _draw_on(self, ax: Axes) -> None:
        forest(ax, self.estimates.head(40), self.rater, zero=1.0, estimate="ratio")
        ax.set_xlabel(str(_("spread / expected spread")))


def central_tendency(model: RaterModelResult, *, level: float = 0.95) -> CentralTendencyResult:
    """Test every rater's spread of scores against the fitted model.

    Parameters
    ----------
    model : RaterModelResult
    level : float
        Of the intervals; `bunched` is corrected for the number of raters (Holm).

    Returns
    -------
    CentralTendencyResult
        Raters with at least three ratings, the most bunched first.

    Raises
    ------
    KinerjaError
        No rater has three ratings.

    Notes
    -----
    Given random ratees, the scores of one rater less their fixed part have variance `ratee + residual`; their sum of
    squares over it is chi-squared on n - 1 degrees of freedom. Raters who see selected ratees need not be bunching.
    A rater who sees half of all ratees or more shares them with the model, and their interval is too wide.
    """
    frame = model.frame
    raw = frame[model.score].to_numpy(float) - model.design.to_numpy(float) @ model.solution.beta
    groups = pd.Series(raw).groupby(frame[model.rater].to_numpy())
    n, variance = groups.size(), groups.var(ddof=1)
    keep = n >= 3
    if not keep.any():
        raise KinerjaError(_("No rater has three ratings; their spread cannot be tested."))
    n, variance = n[keep], variance[keep]
    sds = model.sds["estimate"]
    expected = float(sds[model.ratee] ** 2 + sds["residual"] ** 2)
    ratio = np.sqrt(variance / expected)
    q = np.array([0.5 + level / 2.0, 0.5 - level / 2.0])
    low, high = (ratio * np.sqrt((n - 1) / stats.chi2.ppf(v, n - 1)) for v in q)
    p = pd.Series(stats.chi2.cdf((n - 1) * ratio**2, n - 1), index=n.index)
    table = pd.DataFrame({
        model.rater: n.index, "n": n.to_numpy(), "spread": np.sqrt(variance).to_numpy(), "ratio": ratio.to_numpy(),
        "low": low.to_numpy(), "high": high.to_numpy(), "p": p.to_numpy(),
    })  # fmt: skip
    table = table.sort_values("p", kind="stable").reset_index(drop=True)
    adjusted = np.maximum.accumulate(table["p"] * (len(table) - np.arange(len(table))))
    table["bunched"] = adjusted < (1.0 - level) / 2.0
    return CentralTendencyResult(estimates=table, rater=model.rater, level=level)
