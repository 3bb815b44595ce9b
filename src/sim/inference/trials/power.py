"""Power of a trial, by simulation.

Every result carries its Monte Carlo error: a power from 500 runs is known to about two percentage points.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy import stats

from sim.errors import KinerjaError, Message, _
from sim.inference.result import Note, Result, interval
from sim.inference.trials.designs import Design, World
from sim.inference.wording import decimals
from sim.language.numbers import number


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class PowerResult(Result):
    """Power of a design against one size of effect.

    Attributes
    ----------
    estimates : DataFrame
        One row: effect (as given to the world), truth (its size in the outcome; the effect itself where the world
        returns no ``true_effect``), power, low, high (exact 95 % Monte Carlo interval), mean_estimate, bias (against
        the truth), bias_se, sd (of the estimates), mean_se, coverage, contamination, replications, failed.
    runs : DataFrame
        replication, estimate, se, low, high, p, truth, exposure_untreated.
    """

    runs: pd.DataFrame
    design: Design
    level: float

    def sentences(self) -> list[str]:
        r = self.estimates.iloc[0]
        size: Message | str = number(r.effect, 2)
        if not np.isclose(r.truth, r.effect):
            size = _(
                "{effect} ({truth} in the outcome)", effect=size, truth=number(r.truth, decimals(r.sd / 4))
            )
        lines = [
            _(
                "{design}: the probability of finding an effect of {size} is {power:.1%} {interval}, from "
                "{n:,} simulations. Standard deviation of the estimate {sd:.3f}; bias {bias:.3f} (Monte Carlo "
                "error {error:.3f}).",
                design=self.design.describe(),
                size=size,
                power=r.power,
                interval=interval(100 * r.low, 100 * r.high, 1),
                n=int(r.replications),
                sd=r.sd,
                bias=r.bias,
                error=r.bias_se,
            )
        ]
        if r.contamination > 0:
            lines.append(
                _(
                    "Untreated units are exposed all the same, by {share:.1%}: the mean estimate is {mean:.3f}.",
                    share=r.contamination,
                    mean=r.mean_estimate,
                )
            )
        return [str(line) for line in lines]

    def to_frame(self) -> pd.DataFrame:
        """Return the runs, one per row."""
        return self.runs

    def _draw_on(self, ax: Axes) -> None:
        significant = self.runs["p"] < 1 - self.level
        edges = np.histogram_bin_edges(self.runs["estimate"].dropna(), 30)
        ax.hist(
            [self.runs.loc[significant, "estimate"], self.runs.loc[~significant, "estimate"]],
            bins=list(edges),
            stacked=True,
            color=["C0", "0.8"],
            label=[f"p < {number(1 - self.level, 2)}", str(_("not significant"))],
        )
        ax.axvline(self.estimates["truth"].iloc[0], color="C1", ls="--")
        ax.set_xlabel(str(_("estimate")))
        ax.legend(frameon=False)


def trial_power(
    design: Design,
    world: World,
    effect: float,
    *,
    replications: int = 500,
    seed: int = 0,
    level: float = 0.95,
) -> PowerResult:
    """Simulate the power of a design in a world (see `sim.inference.trials.designs` for both).

    Replication k always uses the same random numbers, whatever the effect, so that powers at several
    effects can be compared.

    Parameters
    ----------
    design : Design
        `ClusterTrial`, `SteppedWedge`, `FavouritismStudy`, or one of your own.
    world : World
        `MixedWorld`, `RatingWorld`, a world of `sim.twin.trial`, or one of your own.
    effect : float
        As the world takes it.
    replications : int
        Simulated trials.
    seed : int
        Of the random numbers.
    level : float
        Confidence level of the analysis; an effect is found where p < 1 - level.

    Returns
    -------
    PowerResult

    Raises
    ------
    KinerjaError
        No replications; a world that returns no outcome; an analysis that fails in more than a tenth of runs.

    Examples
    --------
    >>> from sim.inference import ClusterTrial, MixedWorld
    >>> plan = ClusterTrial(units=20, before=0)
    >>> power = trial_power(plan, MixedWorld(staff=10, unit_sd=0.3), 0.6, replications=200)
    >>> bool(power.table()["low"][0] < power.table()["power"][0] < power.table()["high"][0])
    True
    """
    if replications < 1:
        raise KinerjaError(_("replications must be at least 1."))
    rows, first_error = [], None
    for k in range(replications):
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(k,)))
        data = world(design.schedule(rng), effect, rng)
        if "outcome" not in data or data["outcome"].isna().any():
            raise KinerjaError(_("The world must return a complete column outcome."))
        leak = _exposure_untreated(data) if "exposure" in data else np.nan
        truth = _truth(data) if "true_effect" in data else effect
        try:
            estimate = design.analyse(data, level).row()
            rows.append({"replication": k, **estimate, "truth": truth, "exposure_untreated": leak})
        except KinerjaError as error:
            first_error = first_error or error
    failed = replications - len(rows)
    if failed > replications / 10:
        raise KinerjaError(
            _(
                "The analysis failed in {failed} of {replications} runs; the first error: {error}",
                failed=failed,
                replications=replications,
                error=first_error,
            )
        )
    runs = pd.DataFrame(rows)
    hits = int((runs["p"] < 1 - level).sum())
    low, high = exact_interval(hits, replications)
    sd = float(runs["estimate"].std(ddof=1)) if len(runs) > 1 else np.nan
    covered = (runs["low"] <= runs["truth"]) & (runs["truth"] <= runs["high"])
    off = runs["estimate"] - runs["truth"]
    row = {
        "effect": effect,
        "truth": runs["truth"].mean(),
        "power": hits / replications,
        "low": low,
        "high": high,
        "mean_estimate": runs["estimate"].mean(),
        "bias": off.mean(),
        "bias_se": float(off.std(ddof=1)) / len(runs) ** 0.5 if len(runs) > 1 else np.nan,
        "sd": sd,
        "mean_se": runs["se"].mean(),
        "coverage": covered.mean(),
        "contamination": np.nan_to_num(runs["exposure_untreated"].mean()),
        "replications": replications,
        "failed": failed,
    }
    return PowerResult(
        estimates=pd.DataFrame([row]), notes=tuple(_notes(failed)), runs=runs, design=design, level=level
    )


def _truth(data: pd.DataFrame) -> float:
    """Return the mean true effect on treated rows."""
    on = data["treated"].to_numpy() == 1
    return float(data["true_effect"].to_numpy(float)[on].mean()) if on.any() else 0.0


def _exposure_untreated(data: pd.DataFrame) -> float:
    """Return the mean exposure of untreated rows at times when others are treated."""
    on = data["treated"].to_numpy(float)
    waiting = on == 0
    if "period" in data:
        period = pd.factorize(data["period"].to_numpy())[0]
        waiting &= (np.bincount(period, on) > 0)[period]
    return float(data["exposure"].to_numpy(float)[waiting].mean()) if waiting.any() else np.nan


def _notes(failed: int) -> list[Note]:
    if not failed:
        return []
    return [
        Note(
            "failed_runs",
            _("the analysis failed in {failed} runs; they count as finding nothing.", failed=failed),
        )
    ]


def exact_interval(hits: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Return the Clopper-Pearson interval of a share."""
    tail = (1 - level) / 2
    low = stats.beta.ppf(tail, hits, n - hits + 1) if hits else 0.0
    high = stats.beta.ppf(1 - tail, hits + 1, n - hits) if hits < n else 1.0
    return float(low), float(high)
