"""Arms that nobody randomised: what weighting and matching share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sim.errors import KinerjaError
from sim.inference.data.panel_data import binary, covariate_matrix, numeric, require
from sim.inference.result import Note

UNCONFOUNDED = Note(
    "unconfoundedness",
    "ini hanya benar bila semua yang memengaruhi siapa yang ikut dan hasilnya ada di antara kovariat.",
    "this holds only if everything that drove both who took part and the outcome is among the covariates.",
)


def read_observed(
    frame: pd.DataFrame, outcome: str, treated: str, covariates: Sequence[str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[str], int]:
    """Outcome, arm and covariates of the rows with an outcome; their names; rows left out.

    Raises
    ------
    KinerjaError
        No covariates, an arm with fewer rows than coefficients, an outcome that does not vary.
    """
    if not covariates:
        raise KinerjaError("Without covariates there is nothing to make the arms alike; name at least one.")
    require(frame, [outcome, treated, *covariates])
    frame = frame.reset_index(drop=True)
    arm, y = binary(frame, treated), numeric(frame, outcome)
    here = ~np.isnan(y)
    x, names = covariate_matrix(frame[here].reset_index(drop=True), covariates)
    y, arm = y[here], arm[here]
    for side, label in ((1, "treated"), (0, "untreated")):
        n = int((arm == side).sum())
        if n < x.shape[1] + 2:
            raise KinerjaError(
                f"data: {n} {label} rows with an outcome cannot carry {x.shape[1] + 1} coefficients. Use "
                "fewer covariates or more data."
            )
    if np.ptp(y) == 0:
        raise KinerjaError(f"data: {outcome} is {y[0]:g} everywhere. There is nothing to compare.")
    return y, arm, x, names, int((~here).sum())


def left_out(rows: int) -> list[Note]:
    """A note on rows without an outcome."""
    if not rows:
        return []
    return [
        Note(
            "dropped",
            f"{rows} baris tanpa hasil tidak dipakai.",
            f"{rows} rows without an outcome are left out.",
        )
    ]


def draw_balance(ax: Axes, balance: pd.DataFrame) -> None:
    """Standardised differences before (hollow) and after (filled), a covariate a line."""
    rows = np.arange(len(balance))[::-1]
    ax.axvline(0, color="0.8", lw=1, zorder=0)
    for edge in (-0.1, 0.1):
        ax.axvline(edge, color="0.9", lw=1, ls="--", zorder=0)
    ax.plot(balance["std_difference"], rows, "o", mfc="white", mec="0.4")
    ax.plot(balance["weighted_std_difference"], rows, "o", color="C0")
    ax.set_yticks(rows, balance["term"])
    ax.set_xlabel("SD")
