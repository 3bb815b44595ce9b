"""How long citizens wait before they give up, from those who did and those who were served before they would have."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import optimize, stats

from sim.errors import KinerjaError, _
from sim.inference.data.panel_data import binary, complete, numeric, require
from sim.inference.desk.inputs import COLUMNS, InputsResult, input_row
from sim.inference.result import Note

FEW = 10
"""Give-ups below which the shape of patience is not looked at."""


def fit_patience(
    waits: pd.DataFrame,
    waited: str,
    left: str,
    service: str,
    source: str,
    *,
    seen: str = "when they left",
    level: float = 0.95,
) -> InputsResult:
    """Estimate the mean patience of citizens by censored maximum likelihood; patience is exponential.

    Whoever gave up shows their patience, whoever was served had more of it than they needed: their wait is censored.
    The mean is the total time waited over the number who gave up, with an exact-in-form chi-squared interval. A desk
    that notices who has gone only when it calls their number records a moment *after* they left; then patience is
    known to be less than that (``seen="when called"``), and the likelihood is maximised by search. Where nobody gave
    up there is no estimate, only a lower bound.

    Parameters
    ----------
    waits : DataFrame
        One row per citizen.
    waited : str
        Column: minutes from arrival to the start of service, or to giving up.
    left : str
        Column: 1 who gave up, 0 who was served (or sent home at closing).
    service, source : str
        Code of the service; where the data come from.
    seen : {"when they left", "when called"}
        What the moment of giving up in the data is.
    level : float
        Confidence level.

    Returns
    -------
    InputsResult
        ``services patience``, in minutes of opening hours; "bound" (at least) where nobody gave up.

    Raises
    ------
    KinerjaError
        Nobody waited, negative waits, everybody gave up at once.

    References
    ----------
    .. [1] Mandelbaum, Zeltyn (2013), Data-stories about (im)patient customers in tele-queues. Queueing Systems 75.

    Examples
    --------
    >>> import pandas as pd
    >>> queue = pd.DataFrame({"waited": [30.0, 60.0, 10.0, 20.0], "left": [1, 0, 0, 1]})
    >>> fit_patience(queue, "waited", "left", "ktp", "queue machine").table()["value"].item()
    60.0
    """
    ways = ("when they left", "when called")
    if seen not in ways:
        raise KinerjaError(
            _("seen is {value!r}; the choices are {ways}.", value=seen, ways=", ".join(map(repr, ways)))
        )
    require(waits, [waited, left], "waits")
    waits = waits.reset_index(drop=True)
    complete(waits, waited, "waits")
    time, gone = numeric(waits, waited, "waits"), binary(waits, left, "waits") == 1
    if (time < 0).any():
        raise KinerjaError(
            _("waits: {n:,} waits are negative. Somebody starts before they arrive.", n=int((time < 0).sum()))
        )
    total, n, events = float(time.sum()), len(time), int(gone.sum())
    if total == 0:
        raise KinerjaError(_("waits: nobody waited, so that patience does not show."))
    data = pd.DataFrame({"waited": time, "left": gone.astype(int)})
    if events == 0:
        least = total / -np.log(1 - level)
        row = input_row(
            "services", service, "patience", least, least, np.inf, "minutes", n,
            f"nobody of {n} gave up in {total:.0f} minutes of waiting", "bound", source, side="lower",
        )  # fmt: skip
        note = Note("nobody_gave_up", _("nobody gave up: patience has a lower bound only."))
        return InputsResult(estimates=pd.DataFrame([row], columns=COLUMNS), notes=(note,), data=data)
    if seen == "when called":
        value, low, high = _called(time, gone, level)
        how = "exponential, censored maximum likelihood, left before the call"
    else:
        value = total / events
        low, high = (
            2 * total / stats.chi2.ppf([0.5 + level / 2, 0.5 - level / 2], [2 * events + 2, 2 * events])
        )
        how = "exponential, censored maximum likelihood"
    row = input_row(
        "services",
        service,
        "patience",
        value,
        low,
        high,
        "minutes",
        n,
        f"{how}, {events} gave up",
        "yes",
        source,
    )
    notes = [] if seen == "when called" or events < FEW else _shape_notes(time, gone)
    return InputsResult(estimates=pd.DataFrame([row], columns=COLUMNS), notes=tuple(notes), data=data)


def _called(time: np.ndarray, gone: np.ndarray, level: float) -> tuple[float, float, float]:
    """Estimate the mean where a give-up is known only to have come before the call; profile likelihood interval."""
    served, missed = time[~gone].sum(), time[gone]
    if served == 0:
        raise KinerjaError(
            _("waits: nobody who waited was served, so that only an upper bound could be given.")
        )
    missed = missed[missed > 0]
    if not len(missed):
        raise KinerjaError(_("waits: who gave up was called at once, so that patience does not show."))

    def deviance(log_mean: float) -> float:
        rate = np.exp(-log_mean)
        return 2 * float(rate * served - np.log(-np.expm1(-rate * missed)).sum())

    ends = np.log(missed.min() * 1e-4), np.log((served + missed.sum()) * 1e4)
    best = optimize.minimize_scalar(deviance, bounds=ends, method="bounded", options={"xatol": 1e-10})
    drop = stats.chi2.ppf(level, 1)

    def beyond(log_mean: float) -> float:
        return deviance(log_mean) - best.fun - drop

    low, high = optimize.brentq(beyond, ends[0], best.x), optimize.brentq(beyond, best.x, ends[1])
    return float(np.exp(best.x)), float(np.exp(low)), float(np.exp(high))


def _shape_notes(time: np.ndarray, gone: np.ndarray) -> list[Note]:
    """Note patience that is clearly not exponential: the shape of a Weibull differs from 1 (likelihood ratio)."""
    wait = np.maximum(time, 1e-6 * time[time > 0].min())
    logs, events = np.log(wait[gone]), int(gone.sum())

    def minus(log_shape: float) -> float:
        shape = np.exp(log_shape)
        scaled = (
            np.log(np.exp(shape * (np.log(wait) - np.log(wait).max())).sum()) + shape * np.log(wait).max()
        )
        # the scale has its maximum in closed form, given the shape
        return -float(events * (log_shape - scaled + np.log(events) - 1) + (shape - 1) * logs.sum())

    best = optimize.minimize_scalar(minus, bounds=(-3, 3), method="bounded")
    if 2 * (minus(0.0) - best.fun) < stats.chi2.ppf(0.99, 1):
        return []
    shape = float(np.exp(best.x))
    if shape > 1:
        said = _(
            "patience is not exponential (Weibull shape {shape:.2f}): few give up at once, more after a while.",
            shape=shape,
        )
    else:
        said = _(
            "patience is not exponential (Weibull shape {shape:.2f}): many give up at once, the others stay long.",
            shape=shape,
        )
    return [Note("not_exponential", said)]
