"""Average effect of a randomised trial, of persons or of whole units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sim.errors import KinerjaError, _
from sim.inference.data.checks import distinct_columns, repeated_notes
from sim.inference.data.panel_data import (
    binary,
    covariate_matrix,
    exact_notes,
    numeric,
    refuse_constant,
    require,
)
from sim.inference.evaluation.balance import balance_frame
from sim.inference.models.clusters import Contrast, fit_linear, wild_interval
from sim.inference.result import Note, Result, forest
from sim.inference.wording import effect_text, method_text

FEW_CLUSTERS = 10
"""Below this many clusters on either side the result carries a note."""


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class RandomisedTrialResult(Result):
    """Average effect of a randomised treatment.

    Attributes
    ----------
    estimates : DataFrame
        Rows ``difference`` (of means) and, with covariates, ``adjusted``: term, estimate, se, df, low,
        high, p, method.
    balance : DataFrame
        Covariates before the trial: term, treated, control, std_difference.
    missing : DataFrame
        Rows without an outcome, by arm: arm, n, missing, share.
    outcome : str
    n, clusters : int
        Rows used, and independent clusters (rows where there is no cluster).
    sd : float
        Standard deviation of the outcome among the untreated.
    level : float
    """

    balance: pd.DataFrame
    missing: pd.DataFrame
    outcome: str
    n: int
    clusters: int
    sd: float
    level: float

    @property
    def best(self) -> pd.Series:
        """Row of the estimates to report: adjusted when covariates were given."""
        return self.estimates.iloc[-1]

    def sentences(self) -> list[str]:
        b = self.best
        line = _(
            "The effect of treatment is {effect}; that is {in_sd:.2f} standard deviations. "
            "Data: {n:,} rows, {clusters:,} independent clusters. Method: {method}.",
            effect=effect_text(b, self.level),
            in_sd=b.estimate / self.sd,
            n=self.n,
            clusters=self.clusters,
            method=method_text(b.method),
        )
        return [str(line)]

    def _draw_on(self, ax: Axes) -> None:
        forest(ax, self.estimates, "term", zero=0.0)
        ax.set_xlabel(self.outcome)


def randomised_trial(
    frame: pd.DataFrame,
    outcome: str,
    treated: str,
    *,
    covariates: Sequence[str] = (),
    cluster: str | None = None,
    inference: Literal["cr2", "wild"] = "cr2",
    level: float = 0.95,
    seed: int = 0,
) -> RandomisedTrialResult:
    """Estimate the average effect of a randomised treatment, adjusted for covariates measured before it.

    The adjusted estimate is Lin's [1]_: covariates centred and interacted with treatment, so that it can
    only gain precision. Standard errors are HC2, or CR2 over `cluster`, with Satterthwaite degrees of
    freedom; ``inference="wild"`` uses the restricted wild cluster bootstrap instead.

    Parameters
    ----------
    frame : DataFrame
        One row per person (or unit). Rows without an outcome are left out and counted by arm.
    outcome : str
        Column of numbers.
    treated : str
        0/1, as randomised (not as taken up).
    covariates : sequence of str
        Measured before treatment, complete. Text becomes dummies.
    cluster : str, optional
        The unit that was randomised, where whole units were.
    inference : {"cr2", "wild"}
        Method of the interval, see above.
    level : float
        Confidence level.
    seed : int
        Of the wild bootstrap.

    Returns
    -------
    RandomisedTrialResult

    Raises
    ------
    KinerjaError
        One arm empty, no variation in the outcome, a single cluster in an arm, collinear covariates.

    References
    ----------
    .. [1] Lin (2013), Annals of Applied Statistics 7, 295-318.

    Examples
    --------
    >>> import pandas as pd
    >>> trial = pd.DataFrame({"score": [1.0, 3, 4, 6], "course": [0, 0, 1, 1]})
    >>> randomised_trial(trial, "score", "course").table()[["term", "estimate", "df"]].values.tolist()
    [['difference', 3.0, 2.0]]
    """
    used = [outcome, treated, *covariates, *([cluster] if cluster else [])]
    require(frame, used)
    distinct_columns(outcome=outcome, treated=treated)
    if inference not in ("cr2", "wild"):
        raise KinerjaError(_('inference is "{inference}"; use "cr2" or "wild".', inference=inference))
    frame = frame.reset_index(drop=True)
    arm, y = binary(frame, treated), numeric(frame, outcome)
    here = ~np.isnan(y)
    missing = _missing(arm, here)
    x, names = covariate_matrix(frame[here].reset_index(drop=True), covariates)
    y, arm = y[here], arm[here]
    for side, few in (
        (1, _("data: {n} treated rows have an outcome; at least two are needed.")),
        (0, _("data: {n} control rows have an outcome; at least two are needed.")),
    ):
        if (arm == side).sum() < 2:
            raise KinerjaError(few.filled(n=int((arm == side).sum())))
    refuse_constant(y, outcome)
    if cluster is None and inference == "wild":
        raise KinerjaError(_('inference="wild" resamples clusters: name the cluster column.'))
    if cluster is not None and frame.loc[here, cluster].isna().any():
        raise KinerjaError(
            _("data: {cluster} is empty in some rows. Every row needs its cluster.", cluster=cluster)
        )
    groups = pd.factorize(frame.loc[here, cluster], sort=True)[0] if cluster else np.arange(len(y))

    method = {
        "cr2": ("HC2" if cluster is None else "CR2") + ", Satterthwaite t",
        "wild": "restricted wild cluster bootstrap, Webb weights",
    }[inference]

    def effect(design: np.ndarray) -> Contrast:
        if inference == "cr2":
            return fit_linear(y, design, groups).contrast(np.eye(design.shape[1])[1], level)
        return wild_interval(y, design, groups, 1, level=level, rng=np.random.default_rng(seed))

    rows = [{"term": "difference", **effect(_design(arm, x[:, :0])).row(), "method": method}]
    if names:
        rows.append({"term": "adjusted", **effect(_design(arm, x)).row(), "method": f"Lin, {method}"})
    table = pd.DataFrame(rows)
    return RandomisedTrialResult(
        estimates=table,
        notes=(
            *_notes(arm, groups, cluster, missing, inference),
            *repeated_notes(frame, used),
            *exact_notes(table),
        ),
        balance=balance_frame(x, names, arm),
        missing=missing,
        outcome=outcome,
        n=len(y),
        clusters=int(groups.max()) + 1,
        sd=float(y[arm == 0].std(ddof=1)),
        level=level,
    )


def _design(arm: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Intercept, arm, centred covariates, their products with arm."""
    centred = x - x.mean(axis=0)
    return np.column_stack([np.ones(len(arm)), arm, centred, centred * arm[:, None]])


def _missing(arm: np.ndarray, here: np.ndarray) -> pd.DataFrame:
    n = [int((arm == a).sum()) for a in (0, 1)]
    lost = [int(((arm == a) & ~here).sum()) for a in (0, 1)]
    share = [lost_ / n_ if n_ else np.nan for lost_, n_ in zip(lost, n, strict=True)]
    return pd.DataFrame({"arm": ["control", "treated"], "n": n, "missing": lost, "share": share})


def _notes(
    arm: np.ndarray, groups: np.ndarray, cluster: str | None, missing: pd.DataFrame, inference: str
) -> list[Note]:
    notes = []
    if cluster is not None:
        sides = [len(np.unique(groups[arm == a])) for a in (0, 1)]
        if min(sides) < FEW_CLUSTERS:
            said = (
                _(
                    "only {treated} treated and {controls} control clusters: the bootstrap's interval is rough too."
                )
                if inference == "wild"
                else _(
                    "only {treated} treated and {controls} control clusters; the interval uses few "
                    'degrees of freedom. Compare with inference="wild".'
                )
            )
            notes.append(Note("few_clusters", said.filled(treated=sides[1], controls=sides[0])))
    c, t = missing["share"]
    if max(c, t) > 0.05 or abs(c - t) > 0.05:
        notes.append(
            Note(
                "attrition",
                _(
                    "the outcome is missing for {treated:.1%} of the treated and {controls:.1%} of the "
                    "controls; if those who are missing differ, the effect is biased.",
                    treated=t,
                    controls=c,
                ),
            )
        )
    return notes
