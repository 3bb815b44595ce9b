"""Shares of a rating, as inputs of the simulation, from a fitted rater model."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from sim.errors import KinerjaError
from sim.inference.inputs import COLUMNS, Inputs, input_row
from sim.inference.rater_result import RaterModel
from sim.inference.result import Note


def fit_rater_shares(model: RaterModel, source: str, *, level: float = 0.95) -> Inputs:
    """Shares of ratee, rater and residual in the variance of one rating.

    Intervals are logit-transformed delta-method intervals from the standard errors of the three standard
    deviations, taken as independent (nearly true where many raters cross many ratees).

    Parameters
    ----------
    model : RaterModel
        From :func:`sim.inference.raters.rater_model`, fitted to crossed ratings without further groups.

    Returns
    -------
    Inputs
        Rows of table ``ratings``: truth, rater, residual. They are ``no`` (not identified) where the design
        falls apart into raters who share no ratee.

    Raises
    ------
    KinerjaError
        A model that did not converge.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sim.inference.raters import rater_model
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame({"officer": np.repeat(np.arange(60), 6), "rater": np.arange(360) % 17})
    >>> data["score"] = rng.normal(size=60)[data["officer"]] + rng.normal(size=17)[data["rater"]] + rng.normal(size=360)
    >>> shares = fit_rater_shares(rater_model(data, score="score", ratee="officer", rater="rater"), "example").table
    >>> shares["row"].tolist(), float(shares["value"].sum().round(6))
    (['truth', 'rater', 'residual'], 1.0)
    """
    if not model.converged:
        raise KinerjaError("The rater model did not converge; its shares cannot be used.")
    sds = model.sds
    terms = [str(t) for t in sds.index]
    table = pd.DataFrame(
        {"term": terms, "sd": sds["estimate"].to_numpy(float), "se": sds["se"].to_numpy(float)}
    )
    table = table.set_index("term").loc[[model.ratee, model.rater, "residual"]]
    variance = table["sd"].to_numpy() ** 2
    share = variance / variance.sum()
    # d share_k / d sd_j = 2 sd_j (1{j = k} - share_k) / total
    gradient = 2 * table["sd"].to_numpy() * (np.eye(3) - share[:, None]) / variance.sum()
    se = np.sqrt((gradient**2) @ (table["se"].to_numpy() ** 2))
    logit = np.log(share / (1 - share))
    half = stats.norm.ppf(0.5 + level / 2) * se / (share * (1 - share))
    low, high = (1 / (1 + np.exp(-(logit + k * half))) for k in (-1, 1))
    identified = "yes" if model.identification.connected else "no"
    rows = [
        input_row(
            "ratings", name, "share", share[k], low[k], high[k], "share", len(model.frame),
            "crossed mixed model, delta method", identified, source,
        )
        for k, name in enumerate(("truth", "rater", "residual"))
    ]  # fmt: skip
    note = Note(
        "shared_bias",
        "bagian yang dinilai memuat mutu sesungguhnya dan bias yang dimiliki bersama oleh semua penilai.",
        "the ratee's share holds true performance and whatever bias all raters have in common.",
    )
    return Inputs(
        table=pd.DataFrame(rows, columns=COLUMNS), notes=(note, *model.notes), data=table.reset_index()
    )
