"""Smallest effect that a trial can find, and staff needed to find one: power along effects and sizes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.api as sm
from matplotlib.axes import Axes
from scipy import stats

from sim.errors import KinerjaError, _
from sim.inference.result import Result, interval
from sim.inference.trials.designs import Design, FavouritismStudy, World
from sim.inference.trials.power import PowerResult, exact_interval, trial_power
from sim.inference.trials.worlds import RatingWorld
from sim.language.numbers import number


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class PowerCurveResult(Result):
    """Power along effects (or sizes), and where it reaches the target.

    Attributes
    ----------
    estimates : DataFrame
        One row: quantity ("effect", "staff"...), target, estimate, low, high (Monte Carlo interval), where
        the fitted curve crosses the target.
    curve : DataFrame
        value, power, low, high, fitted.
    """

    curve: pd.DataFrame
    quantity: str
    target: float
    design: Design

    def sentences(self) -> list[str]:
        r, places = self.estimates.iloc[0], 0 if self.quantity == "staff" else 3
        plan = self.design.describe()
        if isinstance(self.design, FavouritismStudy):  # without the staff, which is what is estimated
            plan = _("{units} supervisors", units=self.design.units)
        text = {
            "effect": _(
                "{design}: the smallest effect that can be found with power {power:.0%}: {value} {interval}."
            ),
            "staff": _("{design}: staff per unit needed for power {power:.0%}: {value} {interval}."),
        }[self.quantity]
        value = number(r.estimate, places)
        around = interval(r.low, r.high, places)
        return [str(text.filled(design=plan, power=self.target, value=value, interval=around))]

    def _draw_on(self, ax: Axes) -> None:
        c = self.curve
        ax.errorbar(
            c["value"],
            c["power"],
            [c["power"] - c["low"], c["high"] - c["power"]],
            fmt="o",
            color="0.4",
            ms=4,
        )
        ax.plot(c["value"], c["fitted"], color="C0")
        ax.axhline(self.target, color="0.7", lw=1, ls="--")
        ax.axvline(self.estimates["estimate"].iloc[0], color="C1", ls="--")
        ax.set_ylim(0, 1)
        ax.set_xlabel(str({"effect": _("effect"), "staff": _("staff per unit")}[self.quantity]))
        ax.set_ylabel(str(_("power")))


def detectable_effect(
    design: Design,
    world: World,
    *,
    effects: Sequence[float] | None = None,
    target: float = 0.8,
    replications: int = 400,
    seed: int = 0,
    level: float = 0.95,
) -> PowerCurveResult:
    """Estimate the smallest effect that the design finds with the target power.

    Powers at several effects are simulated and a probit curve through them is solved. The interval is the curve's
    Monte Carlo error.

    Parameters
    ----------
    design, world
        See `sim.inference.trials.designs`.
    effects : sequence of float, optional
        Effects to try, as the world takes them. By default six around the answer, from a first batch with no effect
        that gives the scale; name them where the world measures effects in another unit than its outcome.
    target : float
        Required power.
    replications, seed, level
        As in `trial_power`.

    Returns
    -------
    PowerCurveResult

    Raises
    ------
    KinerjaError
        A target outside (level's error, 1); a curve that does not rise.

    Examples
    --------
    >>> from sim.inference.trials.designs import ClusterTrial
    >>> from sim.inference.trials.worlds import MixedWorld
    >>> answer = detectable_effect(ClusterTrial(units=20, before=0), MixedWorld(staff=10), replications=100)
    >>> 0.3 < answer.table()["estimate"].item() < 0.6  # about 2.9 standard errors of 0.14
    True
    """
    if not 1 - level < target < 1:
        raise KinerjaError(
            _(
                "target is {target:g}; it must lie between {low:g} and 1.",
                target=target,
                low=round(1 - level, 6),
            )
        )
    if effects is None:
        null = trial_power(design, world, 0.0, replications=replications, seed=seed, level=level)
        df = float(null.runs["df"].median())
        scale = float(null.table()["sd"].iloc[0]) * (
            stats.t.ppf(0.5 + level / 2, df) + stats.norm.ppf(target)
        )
        values = [scale * f for f in (0.6, 0.75, 0.9, 1.05, 1.2, 1.4)]
    else:
        values = sorted(float(e) for e in effects)
        if len(values) < 3:
            raise KinerjaError(_("effects: give at least three, to fit a curve through them."))
    powers = [
        trial_power(design, world, v, replications=replications, seed=seed + 1 + i, level=level)
        for i, v in enumerate(values)
    ]
    return _solve(values, powers, "effect", target, design, replications)


def staff_needed(
    bias: float,
    units: int,
    *,
    world: World | None = None,
    close: float = 0.3,
    target: float = 0.8,
    sizes: Sequence[int] = (4, 6, 9, 14, 20, 30, 45, 70),
    replications: int = 300,
    seed: int = 0,
    level: float = 0.95,
) -> PowerCurveResult:
    """Estimate how many staff each supervisor must rate for favouritism of this size to be found.

    Parameters
    ----------
    bias : float
        Extra rating of close staff, in standard deviations of a rating.
    units : int
        Supervisors in the data.
    world : World, optional
        Default `RatingWorld()`.
    close : float
        Share of staff with a tie.
    sizes : sequence of int
        Staff numbers to try; the result is read from a curve through them.
    target, replications, seed, level
        As in `detectable_effect`.

    Returns
    -------
    PowerCurveResult

    Raises
    ------
    KinerjaError
        The target is not reached at the largest size (or already at the smallest): try others.

    Examples
    --------
    >>> needed = staff_needed(0.4, units=20, sizes=(4, 8, 16, 32), replications=60)
    >>> needed.quantity
    'staff'
    """
    ratings = RatingWorld() if world is None else world
    usable = [n for n in sorted(set(sizes)) if 1 <= round(close * n) <= n - 1 and (units > 1 or n >= 4)]
    if len(usable) < 3:
        raise KinerjaError(_("sizes: give at least three at which some staff are close and some are not."))
    powers = [
        trial_power(
            FavouritismStudy(units, n, close),
            ratings,
            bias,
            replications=replications,
            seed=seed + i,
            level=level,
        )
        for i, n in enumerate(usable)
    ]
    design = FavouritismStudy(units, usable[-1], close)
    return _solve([float(n) for n in usable], powers, "staff", target, design, replications)


def _solve(
    values: list[float], powers: list[PowerResult], quantity: str, target: float, design: Design, n: int
) -> PowerCurveResult:
    """Fit a probit of power on the value (square root of a size), solved for the target; delta-method interval."""
    observed = np.array([p.table()["power"].iloc[0] for p in powers])
    grow = np.sqrt(values) if quantity == "staff" else np.asarray(values)
    inside = ((observed > 0) & (observed < 1)).sum()
    if observed.max() < target or observed.min() > target or inside < 2:
        raise KinerjaError(
            _(
                "Power runs from {least:.2f} to {most:.2f} over the values tried ({low:.3g} to {high:.3g}); a "
                "curve through {target:g} needs values on both sides of it, not all at 0 or 1. Try others.",
                least=observed.min(),
                most=observed.max(),
                low=min(values),
                high=max(values),
                target=target,
            )
        )
    hits = np.column_stack([observed * n, (1 - observed) * n])
    probit = sm.families.Binomial(link=sm.families.links.Probit())
    fit = sm.GLM(hits, sm.add_constant(grow), family=probit).fit()
    a, b = (float(v) for v in fit.params)
    if not b > 0:
        raise KinerjaError(_("Power does not rise along the values tried; check the world."))
    at = (stats.norm.ppf(target) - a) / b
    gradient = np.array([-1 / b, -at / b])
    half = 1.96 * float(np.sqrt(gradient @ np.asarray(fit.cov_params()) @ gradient))
    back = (lambda v: max(v, 0.0) ** 2) if quantity == "staff" else (lambda v: v)
    ends = [back(at), back(at - half), back(at + half)]
    if quantity == "staff":
        ends = [float(np.ceil(ends[0])), float(np.floor(ends[1])), float(np.ceil(ends[2]))]
    bounds = [exact_interval(round(p * n), n) for p in observed]
    curve = pd.DataFrame(
        {
            "value": values,
            "power": observed,
            "low": [b[0] for b in bounds],
            "high": [b[1] for b in bounds],
            "fitted": stats.norm.cdf(a + b * grow),
        }
    )
    row = dict(zip(("estimate", "low", "high"), ends, strict=True))
    return PowerCurveResult(
        estimates=pd.DataFrame([{"quantity": quantity, "target": target, **row}]),
        curve=curve,
        quantity=quantity,
        target=target,
        design=design,
    )
