"""Estimate the shares of a rating from a fitted rater model, as inputs of the simulation."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special, stats

from sim.errors import KinerjaError, _
from sim.inference.desk.inputs import COLUMNS, InputsResult, input_row
from sim.inference.models.mixed import Array
from sim.inference.models.mixed_profile import Quantity, profile_interval
from sim.inference.models.variance_components import PROFILE_UP_TO
from sim.inference.ratings.rater_model import RaterModelResult
from sim.inference.result import Note

PARTS = ("truth", "rater", "residual")


def share_of(part: str, at: tuple[int, int]) -> Quantity:
    """Return the share of a part as a quantity that can be profiled.

    Parameters
    ----------
    part : {"truth", "rater", "residual"}
    at : (int, int)
        Places of ratee and rater among the parameters.
    """

    def one(k: int, other: int) -> Quantity:
        def place(value: float, theta: Array) -> tuple[Array, float | None]:
            out = theta.copy()
            out[k] = np.sqrt(value / (1.0 - value) * (1.0 + theta[other] ** 2))
            return out, None

        return Quantity(k, place, high=1.0, attained=(True, False))

    def residual(value: float, theta: Array) -> tuple[Array, float | None]:
        out, size = theta.copy(), float(np.hypot(*theta[list(at)]))
        target = np.sqrt(1.0 / value - 1.0)
        out[list(at)] = theta[list(at)] * target / size if size > 0.0 else [target, 0.0]
        return out, None

    if part == "residual":
        return Quantity(None, residual, high=1.0, attained=(False, True))
    return one(*at) if part == "truth" else one(*reversed(at))


def fit_rater_shares(model: RaterModelResult, source: str, *, level: float = 0.95) -> InputsResult:
    """Estimate the shares of ratee, rater and residual in the variance of one rating.

    Intervals are profile likelihood intervals up to 5,000 ratings, beyond that delta-method intervals on the logit.

    Parameters
    ----------
    model : RaterModelResult
        From :func:`sim.inference.ratings.rater_model.rater_model`, fitted to crossed ratings without further groups.
    source : str
        Where the ratings come from; kept with the inputs.
    level : float
        Of the intervals.

    Returns
    -------
    InputsResult
        Rows of table ``ratings``: truth, rater, residual. They are marked ``no`` (not identified) where the design
        falls into parts that share no ratee.

    Raises
    ------
    KinerjaError
        A model that did not converge, or that has more than the two random effects.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sim.inference.ratings.rater_model import rater_model
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame({"officer": np.repeat(np.arange(60), 6), "rater": np.arange(360) % 17})
    >>> data["score"] = rng.normal(size=60)[data["officer"]] + rng.normal(size=17)[data["rater"]] + rng.normal(size=360)
    >>> shares = fit_rater_shares(rater_model(data, score="score", ratee="officer", rater="rater"), "example").table()
    >>> shares["row"].tolist(), float(shares["value"].sum().round(6))
    (['truth', 'rater', 'residual'], 1.0)
    """
    if not model.converged:
        raise KinerjaError(_("The rater model did not converge; its shares cannot be used."))
    places = shares_at(model)
    ratio = np.append(model.fit.theta[list(places)], 1.0)
    total = (ratio**2).sum()
    share = ratio**2 / total
    if len(model.frame) <= PROFILE_UP_TO or share.min() == 0.0:
        ends = [
            profile_interval(model.fit, share_of(part, places), float(share[k]), level)
            for k, part in enumerate(PARTS)
        ]
    else:
        # d share_k / d ratio_j = 2 ratio_j (1{j = k} - share_k) / total
        gradient = (2 * ratio * (np.eye(3) - share[:, None]) / total)[:, :2]
        spread = model.fit.theta_covariance()[np.ix_(places, places)]
        se = np.sqrt(np.einsum("kj,jl,kl->k", gradient, spread, gradient)) / (share * (1 - share))
        half = stats.norm.ppf(0.5 + level / 2) * se[:, None] * [-1.0, 1.0]
        ends = special.expit(special.logit(share)[:, None] + half).tolist()
    identified = "yes" if model.identification.connected else "no"
    rows = [
        input_row(
            "ratings", name, "share", share[k], *ends[k], "share", len(model.frame),
            "crossed mixed model", identified, source,
        )
        for k, name in enumerate(PARTS)
    ]  # fmt: skip
    note = Note(
        "shared_bias",
        _("The ratee's share holds true performance and whatever bias all raters have in common."),
    )
    return InputsResult(
        estimates=pd.DataFrame(rows, columns=COLUMNS),
        notes=(note, *model.notes),
        data=pd.DataFrame({"part": PARTS, "share": share}),
    )


def shares_at(model: RaterModelResult) -> tuple[int, int]:
    """Return the places of ratee and rater among the parameters of a model with no other random effect.

    Raises
    ------
    KinerjaError
        A model with other random effects.
    """
    names = list(model.fit.model.names)
    if sorted(names) != sorted([model.ratee, model.rater]):
        raise KinerjaError(
            _(
                "Shares need a model with random effects of {ratee} and {rater} alone; this one has: {names}.",
                ratee=model.ratee,
                rater=model.rater,
                names=", ".join(names),
            )
        )
    return names.index(model.ratee), names.index(model.rater)
