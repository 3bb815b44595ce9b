"""Rating errors beyond severity: halo (criteria run together) and central tendency (too little spread)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from sim.errors import KinerjaError
from sim.inference.data.checks import check_ratings
from sim.inference.models.crossed import CrossedModel, Term
from sim.inference.models.mixed import Array
from sim.inference.models.mixed_fit import Fit, fit
from sim.inference.models.mixed_profile import Quantity, profile_interval
from sim.inference.ratings.identification import confounded, disconnected_notes, grouping_term, identification
from sim.inference.ratings.rater_result import RaterModel
from sim.inference.result import Lang, Note, Result, forest, interval
from sim.language.numbers import number, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _place_share(value: float, theta: Array) -> tuple[Array, float | None]:
    """The pair is the first term; its variance over that and the residual is `value`."""
    out = theta.copy()
    out[0] = np.sqrt(value / (1.0 - value))
    return out, None


SHARE_OF_PAIR = Quantity(0, _place_share, high=1.0, attained=(True, False))


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class Halo(Result):
    """How much the criteria run together in one rater's view of one ratee.

    Attributes
    ----------
    table : DataFrame
        component, variance, share: of the ratee, the rater, the pair (halo), their interactions with the criterion and
        the residual.
    estimate, low, high : float
        Correlation of residuals across criteria within a pair of ratee and rater, with its profile interval.
    correlations : DataFrame
        Criteria by criteria: plain correlations of scores across criteria, for comparison.
    level : float
    fit : Fit
    """

    estimate: float
    low: float
    high: float
    correlations: pd.DataFrame
    level: float
    fit: Fit

    def prose(self, lang: Lang) -> str:
        span = interval(self.low, self.high, level=self.level, lang=lang)
        plain = self.correlations.to_numpy(float)
        mean = number(float(plain[np.triu_indices(len(plain), 1)].mean()), 2, lang=lang)
        r = number(self.estimate, 2, lang=lang)
        if lang == "id":
            return (
                f"Setelah mutu pegawai dan keketatan penilai diperhitungkan, korelasi sisaan antarkriteria pada "
                f"pasangan penilai-pegawai yang sama {r} {span}: itulah halo. Korelasi mentah "
                f"antarkriteria rata-rata {mean}."
            )
        return (
            f"With ratees' levels and raters' severities taken out, residuals of the same rater for the same ratee "
            f"correlate {r} across criteria {span}: that is halo. Plain correlations across criteria average {mean}."
        )

    def _draw_on(self, ax: Axes) -> None:
        ax.barh(self.estimates["component"], self.estimates["share"])
        ax.invert_yaxis()
        ax.set_xlabel("share of variance")


def halo(
    ratings: pd.DataFrame,
    *,
    score: str,
    ratee: str,
    rater: str,
    criterion: str,
    intervals: bool = True,
    level: float = 0.95,
) -> Halo:
    """Halo as the correlation of residuals across criteria within pairs of ratee and rater.

    Parameters
    ----------
    ratings : DataFrame
        Long format, one score a ratee, rater and criterion.
    score, ratee, rater, criterion : str
        Column names.
    intervals : bool
        The profile interval (False: quicker).
    level : float

    Returns
    -------
    Halo

    Notes
    -----
    Criteria have fixed means; random are ratee, rater, the pair, ratee by criterion and rater by criterion, as far as
    the design separates them. The correlation is `pair / (pair + residual)`. A true profile shared by all raters is
    in ratee by criterion, so it is not mistaken for halo.
    """
    frame, notes = check_ratings(ratings, score=score, ratee=ratee, rater=rater, columns=[criterion])
    notes += disconnected_notes(identification(frame, ratee=ratee, rater=rater))
    if frame[criterion].nunique() < 2:
        raise KinerjaError("Halo needs at least two criteria.")
    X = pd.get_dummies(frame[criterion], dtype=float).to_numpy()
    basis = X / np.sqrt((X**2).sum(axis=0))
    pair = f"{ratee}:{rater}"
    names = [pair]
    for name in (ratee, rater, f"{ratee}:{criterion}", f"{rater}:{criterion}"):
        if not confounded([grouping_term(frame, n) for n in [*names, name]], basis):
            names.append(name)
    if confounded([grouping_term(frame, pair)], basis):
        raise KinerjaError("Every pair of ratee and rater has one criterion only; halo cannot be seen.")
    terms: list[Term] = [grouping_term(frame, n) for n in names]
    fitted = fit(CrossedModel(frame[score].to_numpy(float), X, terms))
    if not fitted.converged:
        notes += (Note("not_converged", "Taksiran tidak konvergen.", "The fit did not converge."),)
    variance = {name: sd**2 for name, sd in fitted.sds().items()}
    total = sum(variance.values())
    rows = [(name, v, v / total) for name, v in variance.items()]
    estimate = variance[pair] / (variance[pair] + variance["residual"])

    low, high = (
        profile_interval(fitted, SHARE_OF_PAIR, float(estimate), level) if intervals else (np.nan, np.nan)
    )
    wide = frame.pivot_table(index=[ratee, rater], columns=criterion, values=score, observed=True)
    return Halo(
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
class CentralTendency(Result):
    """Spread of every rater's scores against the spread the model expects.

    Attributes
    ----------
    table : DataFrame
        The rater, n, spread (sd of his scores), ratio (to the expected sd; 1 as expected, below 1 bunched together),
        low, high, p, bunched (the interval, corrected for the number of raters, lies below 1).
    rater : str
    level : float
    """

    rater: str
    level: float

    def prose(self, lang: Lang) -> str:
        bunched, n = int(self.estimates["bunched"].sum()), len(self.estimates)
        median = number(float(self.estimates["ratio"].median()), 2, lang=lang)
        if lang == "id":
            return (
                f"{bunched} dari {n} penilai ({percent(bunched / n, lang=lang)}) memberi nilai yang terlalu seragam. "
                f"Median rasio sebaran terhadap yang diharapkan {median}."
            )
        return (
            f"{bunched} of {n} raters ({percent(bunched / n, lang=lang)}) bunch their scores together. The median ratio "
            f"of their spread to the expected one is {median}."
        )

    def _draw_on(self, ax: Axes) -> None:
        forest(ax, self.estimates.head(40), self.rater, zero=1.0, estimate="ratio")
        ax.set_xlabel("spread / expected")


def central_tendency(model: RaterModel, *, level: float = 0.95) -> CentralTendency:
    """Test every rater's spread of scores against the fitted model.

    Parameters
    ----------
    model : RaterModel
    level : float
        Of the intervals; `bunched` is corrected for the number of raters (Holm).

    Returns
    -------
    CentralTendency
        Raters with at least three ratings, the most bunched first.

    Notes
    -----
    Given random ratees, the scores of one rater less their fixed part have variance `ratee + residual`; their sum of
    squares over it is chi-squared on n - 1 degrees of freedom. Raters who see selected ratees need not be bunching.
    A rater who sees half of all ratees or more shares them with the model, and his interval is too wide.
    """
    frame = model.frame
    raw = frame[model.score].to_numpy(float) - model.design.to_numpy(float) @ model.solution.beta
    groups = pd.Series(raw).groupby(frame[model.rater].to_numpy())
    n, variance = groups.size(), groups.var(ddof=1)
    keep = n >= 3
    if not keep.any():
        raise KinerjaError("No rater has three ratings; their spread cannot be judged.")
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
    return CentralTendency(estimates=table, rater=model.rater, level=level)
