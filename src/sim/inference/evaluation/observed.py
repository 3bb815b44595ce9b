"""Comparisons that were not randomised: what weighting and matching share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sim.errors import KinerjaError, _
from sim.inference.data.checks import distinct_columns
from sim.inference.data.panel_data import binary, covariate_matrix, numeric, refuse_constant, require
from sim.inference.models.clusters import Contrast
from sim.inference.result import Note, Result
from sim.inference.wording import effect_text

UNCONFOUNDED = Note(
    "unconfoundedness",
    _(
        "this holds only if the covariates include everything that influenced both who took part and the "
        "outcome."
    ),
)

FOR_WHOM = {"ate": _("everybody"), "att": _("the participants")}
"""Those an average effect is for."""


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class ObservedResult(Result):
    """Average effect where treatment was not randomised.

    Attributes
    ----------
    estimates : DataFrame
        Two rows, unadjusted and adjusted: term, estimate, se, df, low, high, p.
    balance : DataFrame
        Standardised differences before and after (see :func:`~sim.inference.evaluation.balance.balance_frame`).
    outcome : str
    effect : {"att", "ate"}
    level : float
    """

    balance: pd.DataFrame
    outcome: str
    effect: str
    level: float

    def _values(self) -> dict[str, object]:
        """Return what the sentences of all methods have in common: who, effect, unadjusted, worst."""
        before, after = (effect_text(self.estimates.iloc[i], self.level) for i in (0, 1))
        worst = self.balance["weighted_std_difference"].abs().max()
        return {"who": FOR_WHOM[self.effect], "effect": after, "unadjusted": before, "worst": worst}

    def _draw_on(self, ax: Axes) -> None:
        draw_balance(ax, self.balance)


def unadjusted(y: np.ndarray, arm: np.ndarray, level: float) -> dict[str, float | str]:
    """Return the row of the estimates that compares the plain means of the arms."""
    gap = y[arm == 1].mean() - y[arm == 0].mean()
    gap_se = np.sqrt(sum(y[arm == a].var(ddof=1) / (arm == a).sum() for a in (0, 1)))
    return {"term": "unadjusted", **Contrast.of(gap, gap_se, len(y) - 2, level).row()}


def read_observed(
    frame: pd.DataFrame, outcome: str, treated: str, covariates: Sequence[str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[str], int]:
    """Return outcome, arm and covariates of the rows with an outcome; their names; rows left out.

    Raises
    ------
    KinerjaError
        No covariates, an arm with fewer rows than coefficients, an outcome that does not vary.
    """
    if not covariates:
        raise KinerjaError(_("Without covariates the arms cannot be made comparable. Name at least one."))
    require(frame, [outcome, treated, *covariates])
    distinct_columns(outcome=outcome, treated=treated)
    frame = frame.reset_index(drop=True)
    arm, y = binary(frame, treated), numeric(frame, outcome)
    here = ~np.isnan(y)
    x, names = covariate_matrix(frame[here].reset_index(drop=True), covariates)
    y, arm = y[here], arm[here]
    few = {
        1: _(
            "data: {n} treated rows with an outcome are too few for {k} coefficients. Use fewer covariates "
            "or more data."
        ),
        0: _(
            "data: {n} untreated rows with an outcome are too few for {k} coefficients. Use fewer covariates "
            "or more data."
        ),
    }
    for side, message in few.items():
        n = int((arm == side).sum())
        if n < x.shape[1] + 2:
            raise KinerjaError(message.filled(n=n, k=x.shape[1] + 1))
    refuse_constant(y, outcome)
    return y, arm, x, names, int((~here).sum())


def left_out(rows: int) -> list[Note]:
    """Return a note on rows without an outcome."""
    if not rows:
        return []
    return [Note("dropped", _("{n:,} rows without an outcome are left out.", n=rows))]


def draw_balance(ax: Axes, balance: pd.DataFrame) -> None:
    """Draw standardised differences before (hollow) and after (filled), one line per covariate."""
    rows = np.arange(len(balance))[::-1]
    ax.axvline(0, color="0.8", lw=1, zorder=0)
    for edge in (-0.1, 0.1):
        ax.axvline(edge, color="0.9", lw=1, ls="--", zorder=0)
    ax.plot(balance["std_difference"], rows, "o", mfc="white", mec="0.4")
    ax.plot(balance["weighted_std_difference"], rows, "o", color="C0")
    ax.set_yticks(rows, balance["term"])
    ax.set_xlabel(str(_("standard deviations")))
