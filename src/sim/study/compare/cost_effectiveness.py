"""Cost-effectiveness: what a unit of improvement costs, and what each lever costs by year.

A price is a ratio of two means that vary together. Its interval is Fieller's (Fieller 1954, J. R. Stat. Soc. B 16:175;
for cost-effectiveness Willan & O'Brien 1996, Health Economics 5:297), over replications: it is finite exactly where
the interval of the effect excludes zero. Elsewhere there is no price, and none is reported. What a policy still does
after the study's last month is not counted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from sim.errors import KinerjaError, _
from sim.intervals import CONFIDENCE, half_width, matrix
from sim.outcomes import OUTCOMES

if TYPE_CHECKING:
    from sim.study.compare.compared import Compared

Verdict = Literal["price", "unsure_cost", "free", "not_sure", "worse"]
"""price: clearly better and clearly more expensive; unsure_cost: better, but not clear whether it costs more or less;
free: better and clearly not more expensive; not_sure: no clear effect; worse: clearly worse (each with 95 %
confidence)."""

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

Bought = Callable[[np.ndarray, "Compared"], np.ndarray]
"""From differences by policy and replication, more is better, to units bought over the study."""


def _held(differences: np.ndarray, comparison: Compared) -> np.ndarray:
    """A unit held for a year."""
    return differences * comparison.manifest["study"]["years"]


def _complaints(differences: np.ndarray, comparison: Compared) -> np.ndarray:
    """Complaints, had as many come as under the baseline: a policy is not charged for preventing them."""
    return differences * _baseline(comparison, "complaints")


def _officers(differences: np.ndarray, comparison: Compared) -> np.ndarray:
    """Officers times years."""
    return _held(differences, comparison) * _baseline(comparison, "officers")


GOODS: dict[str, Bought] = {
    "ikm_service": _held,
    "complaints_in_time": _complaints,
    "performance": _officers,
    "waiting_minutes": _held,
}
"""Outcome -> what one buys of it: a point of the service's IKM for a year; a complaint answered in time; one officer
better by 1 SD of true performance for a year; a minute off the average visit for a year. Of any other outcome one buys
a unit (of a share, a percentage point) for a year."""


def fieller(cost: np.ndarray, effect: np.ndarray, n_intervals: int = 1) -> tuple[float, float, float]:
    """Return the ratio of two means and the ends of its 95 % interval (Fieller).

    Parameters
    ----------
    cost, effect : float64[n]
        Pairs, one per replication.
    n_intervals : int
        Number of such intervals that hold simultaneously with 95 % (Bonferroni).

    Returns
    -------
    tuple of float
        Ratio, low, high; NaN where the interval of the mean effect includes zero, as no ratio is then excluded.

    Examples
    --------
    >>> ratio, low, high = fieller(np.array([10.0, 11.0, 12.0]), np.array([2.0, 2.1, 2.2]))
    >>> round(ratio, 2), bool(low < ratio < high)
    (5.24, True)
    """
    nothing = (math.nan, math.nan, math.nan)
    n = len(effect)
    if n < 2:
        return nothing
    (vc, cov), (__, ve) = np.cov(cost, effect) / n
    c, e = float(np.mean(cost)), float(np.mean(effect))
    t2 = float(stdtrit(n - 1, 1 - (1 - CONFIDENCE) / (2 * n_intervals))) ** 2
    bounded = e * e - t2 * ve  # above zero exactly where the t interval of the effect excludes it
    if not bounded > 0:
        return nothing
    middle, product = c * e - t2 * cov, c * c - t2 * vc
    root = math.sqrt(max(0.0, middle * middle - bounded * product))
    return c / e, (middle - root) / bounded, (middle + root) / bounded


def cost_effectiveness(comparison: Compared, outcomes: str | Sequence[str] | None = None) -> pd.DataFrame:
    """Return what each policy costs more than the baseline, and the price per unit of what it improves.

    Parameters
    ----------
    comparison : CompareResult
    outcomes : str or sequence of str, optional
        By default those of :data:`GOODS` that have values: the IKM of the service itself (not of its perception),
        complaints answered in time, true performance, minutes of waiting.

    Returns
    -------
    DataFrame
        One row per policy and outcome: ``policy, outcome, cost, cost_low, cost_high, bought, bought_low, bought_high,
        price, low, high, verdict, n``. `cost` is rupiah more than the baseline over the whole study, `bought` the units
        of improvement (see :data:`GOODS`; negative: lost), `price` rupiah per unit with its Fieller interval, NaN
        where the verdict is ``not_sure`` or ``worse``; `verdict` is one of :data:`VERDICTS`. The intervals of an
        outcome hold for all policies at once.

    Raises
    ------
    KinerjaError
        For an outcome that is not there, or of which neither more nor less is better.

    Examples
    --------
    ``compare("contoh", ["status_quo", "citizen_feedback"]).cost_effectiveness("ikm_service")``
    """
    names = [policy.name for policy in comparison.policies]
    others = [name for name in names if name != comparison.baseline]
    summary = comparison.runs_summary
    if outcomes is None:
        outcomes = [name for name in GOODS if name in summary and summary[name].notna().any()]
    chosen = [outcomes] if isinstance(outcomes, str) else list(outcomes)
    extra = extra_costs(comparison)
    rows = []
    for outcome in chosen:
        spec = OUTCOMES.get(outcome)
        if spec is None or outcome not in summary or spec.better == "none" or outcome == "cost":
            raise KinerjaError(
                _(
                    "no price of {outcome!r}; there is one of an outcome of the study that can be better "
                    "or worse, such as {goods}.",
                    outcome=outcome,
                    goods=", ".join(GOODS),
                )
            )
        levels = _levels(comparison, outcome)
        sign = 1.0 if spec.better == "high" else -1.0
        gains = sign * (levels - levels[names.index(comparison.baseline)])
        if outcome not in GOODS and spec.share:
            gains = gains * 100
        bought = GOODS.get(outcome, _held)(gains, comparison)
        for name in others:
            p = names.index(name)
            there = ~np.isnan(bought[p])
            rows.append(
                {
                    "policy": name,
                    "outcome": outcome,
                    **_row(extra[name].to_numpy()[there], bought[p][there], max(1, len(others))),
                }
            )
    columns = ["policy", "outcome", "cost", "cost_low", "cost_high", "bought", "bought_low", "bought_high"]
    frame = pd.DataFrame(rows, columns=[*columns, "price", "low", "high", "verdict", "n"])
    frame["policy"] = pd.Categorical(frame["policy"], categories=names)
    return frame


def _row(cost: np.ndarray, bought: np.ndarray, n_intervals: int) -> dict[str, float | str]:
    n = len(cost)
    c, c_half = (float(cost.mean()), half_width(cost, n_intervals)) if n else (math.nan, math.nan)
    b, b_half = (float(bought.mean()), half_width(bought, n_intervals)) if n else (math.nan, math.nan)
    verdict: Verdict
    if b + b_half < 0:
        verdict = "worse"
    elif not b - b_half > 0:
        verdict = "not_sure"
    elif c - c_half > 0:
        verdict = "price"
    else:
        verdict = "free" if c + c_half <= 0 else "unsure_cost"
    known = verdict not in ("worse", "not_sure")
    price, low, high = fieller(cost, bought, n_intervals) if known else (math.nan,) * 3
    return {
        "cost": c,
        "cost_low": c - c_half,
        "cost_high": c + c_half,
        "bought": b,
        "bought_low": b - b_half,
        "bought_high": b + b_half,
        "price": price,
        "low": low,
        "high": high,
        "verdict": verdict,
        "n": n,
    }


def budget(comparison: Compared) -> pd.DataFrame:
    """Return what each lever of each policy costs in each year.

    Returns
    -------
    DataFrame
        ``policy, lever, year, rupiah, half_width, officer_days``: means over replications, and half the width of the
        95 % interval of the rupiah; a lever that cost nothing in a replication counts as nothing there. Years are
        calendar years.
    """
    names = [policy.name for policy in comparison.policies]
    table = spent(comparison, "year", sort=False)
    table["year"] = comparison.scenario.start.year + table["year"].astype(int) - 1
    return table.sort_values(
        "policy", key=lambda column: column.map(names.index), kind="stable", ignore_index=True
    )


def spent(comparison: Compared, *more: str, sort: bool = True) -> pd.DataFrame:
    """Return what each lever of each policy costs, by `more` columns of the costs: means over replications.

    Columns are ``policy, lever, ..., rupiah, half_width, officer_days``; `half_width` is that of the rupiah. A lever
    that cost nothing in a replication counts as nothing there.
    """
    keys = ["policy", "lever", *more]
    totals = comparison.costs.groupby([*keys, "replication"], observed=True)[["rupiah", "officer_days"]].sum()
    rows = []
    for key, found in totals.groupby(keys, observed=True, sort=sort):
        every = found.droplevel(keys).reindex(range(comparison.replications), fill_value=0.0)
        rupiah = every["rupiah"].to_numpy()
        rows.append((*key, float(rupiah.mean()), half_width(rupiah), float(every["officer_days"].mean())))
    return pd.DataFrame(rows, columns=[*keys, "rupiah", "half_width", "officer_days"])


def extra_costs(comparison: Compared) -> pd.DataFrame:
    """Return what each other policy costs more than the baseline, in rupiah: one row per replication."""
    keys: dict[str, str] = {"index": "replication", "columns": "policy", "values": "rupiah"}
    totals = comparison.costs.pivot_table(**keys, aggfunc="sum", observed=True)
    names = [policy.name for policy in comparison.policies]
    totals = totals.reindex(index=range(comparison.replications), columns=names).fillna(0.0)
    base = totals[comparison.baseline]
    return totals.drop(columns=comparison.baseline).sub(base, axis=0)


def _levels(comparison: Compared, outcome: str) -> np.ndarray:
    """An outcome of the agency over the whole study; float64[policies, replications]."""
    rows = comparison.runs_summary
    rows = rows[(rows["window"] == comparison.windows[0]) & (rows["unit"] == "*")]
    return matrix(rows, outcome, tuple(policy.name for policy in comparison.policies))


def _baseline(comparison: Compared, outcome: str) -> np.ndarray:
    """As :func:`_levels`, under the baseline; float64[replications]."""
    names = [policy.name for policy in comparison.policies]
    return np.asarray(_levels(comparison, outcome)[names.index(comparison.baseline)])
