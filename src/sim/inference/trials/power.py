"""How large must the trial be? Power by simulation.

Every answer carries its Monte Carlo error: a power from 500 runs is known to about two points.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy import stats

from sim.errors import KinerjaError, _
from sim.inference.result import Lang, Note, Result, interval
from sim.inference.trials.designs import ClusterTrial, Design, SteppedWedge, World
from sim.inference.wording import decimals
from sim.language.numbers import number, percent


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class PowerResult(Result):
    """Power of a design against one size of effect.

    Attributes
    ----------
    table : DataFrame
        One row: effect (as given to the world), truth (what it comes to in the outcome; the effect itself where the
        world does not say), power, low, high (exact 95 % Monte Carlo interval), mean_estimate, bias (against the
        truth), bias_se, sd (of the estimates), mean_se, coverage, contamination, replications, failed.
    runs : DataFrame
        replication, estimate, se, low, high, p, truth, exposure_untreated.
    """

    runs: pd.DataFrame
    design: Design
    level: float

    def prose(self, lang: Lang) -> str:
        r = self.estimates.iloc[0]
        around, plan = interval(100 * r.low, 100 * r.high, 1, lang=lang), self.design.describe(lang)
        size = number(r.effect, 2, lang=lang)
        if not np.isclose(r.truth, r.effect):
            in_outcome = number(r.truth, decimals(r.sd / 4), lang=lang)
            size += _(" ({in_outcome} in the outcome)", in_outcome=in_outcome).text(lang)
        if lang == "id":
            text = (
                f"{plan}: peluang menemukan efek {size} adalah "
                f"{percent(r.power, lang=lang)} {around}, dari {r.replications:.0f} simulasi. Simpangan baku dugaan "
                f"{number(r.sd, 3, lang=lang)}; bias {number(r.bias, 3, lang=lang)} (galat simulasi "
                f"{number(r.bias_se, 3, lang=lang)})."
            )
            if r.contamination > 0:
                text += (
                    f" Unit tanpa perlakuan tetap terpapar {percent(r.contamination, lang=lang)}: dugaan rata-rata "
                    f"{number(r.mean_estimate, 3, lang=lang)}."
                )
            return text
        text = (
            f"{plan}: the chance of finding an effect of {size} is "
            f"{percent(r.power, lang=lang)} {around}, from {r.replications:.0f} simulations. Standard deviation of the "
            f"estimate {number(r.sd, 3, lang=lang)}; bias {number(r.bias, 3, lang=lang)} (Monte Carlo error "
            f"{number(r.bias_se, 3, lang=lang)})."
        )
        if r.contamination > 0:
            text += (
                f" Untreated units are exposed all the same, by {percent(r.contamination, lang=lang)}: the mean "
                f"estimate is {number(r.mean_estimate, 3, lang=lang)}."
            )
        return text

    def _draw_on(self, ax: Axes) -> None:
        found = self.runs["p"] < 1 - self.level
        edges = np.histogram_bin_edges(self.runs["estimate"].dropna(), 30)
        ax.hist(
            [self.runs.loc[found, "estimate"], self.runs.loc[~found, "estimate"]],
            bins=list(edges),
            stacked=True,
            color=["C0", "0.8"],
            label=[f"p < {1 - self.level:.2g}", "n.s."],
        )
        ax.axvline(self.estimates["truth"].iloc[0], color="C1", ls="--")
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
    """Power of any design in any world (see `sim.inference.trials.designs` for the two protocols).

    Replication k always uses the same random numbers, whatever the effect, so that powers at several
    effects can be compared.

    Raises
    ------
    KinerjaError
        No replications; a world that returns no outcome; an analysis that fails in more than a tenth of runs.

    Examples
    --------
    >>> from sim.inference.trials.worlds import MixedWorld
    >>> plan = ClusterTrial(units=20, before=0)
    >>> found = trial_power(plan, MixedWorld(staff=10, unit_sd=0.3), 0.6, replications=200)
    >>> bool(found.table()["low"][0] < found.table()["power"][0] < found.table()["high"][0])
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
            found = design.analyse(data, level).row()
            rows.append({"replication": k, **found, "truth": truth, "exposure_untreated": leak})
        except KinerjaError as error:
            first_error = first_error or error
    failed = replications - len(rows)
    if failed > replications / 10:
        raise KinerjaError(
            _(
                "The analysis failed in {failed} of {replications} runs; the first: {first_error}",
                failed=failed,
                replications=replications,
                first_error=first_error,
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
    """Mean true effect on treated rows."""
    on = data["treated"].to_numpy() == 1
    return float(data["true_effect"].to_numpy(float)[on].mean()) if on.any() else 0.0


def _exposure_untreated(data: pd.DataFrame) -> float:
    """Mean exposure of untreated rows at times when somebody is treated."""
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
    """Clopper-Pearson interval of a share."""
    tail = (1 - level) / 2
    low = stats.beta.ppf(tail, hits, n - hits + 1) if hits else 0.0
    high = stats.beta.ppf(1 - tail, hits + 1, n - hits) if hits < n else 1.0
    return float(low), float(high)


def cluster_power(
    world: World,
    effect: float,
    units: int,
    *,
    before: int = 1,
    after: int = 1,
    treated: int | None = None,
    replications: int = 500,
    seed: int = 0,
    level: float = 0.95,
) -> PowerResult:
    """Power of a trial that randomises whole units once (`ClusterTrial`).

    Examples
    --------
    >>> from sim.inference.trials.worlds import MixedWorld
    >>> cluster_power(MixedWorld(staff=10), 1.5, units=12, replications=50).table()["power"].item()
    1.0
    """
    design = ClusterTrial(units, before, after, treated)
    return trial_power(design, world, effect, replications=replications, seed=seed, level=level)


def stepped_wedge_power(
    world: World,
    effect: float,
    units: int,
    steps: int,
    *,
    length: int = 1,
    replications: int = 500,
    seed: int = 0,
    level: float = 0.95,
) -> PowerResult:
    """Power of a trial in which all units start, a few at each step, in random order (`SteppedWedge`).

    Examples
    --------
    >>> from sim.inference.trials.worlds import MixedWorld
    >>> stepped_wedge_power(MixedWorld(staff=20), 1.5, units=12, steps=4, replications=50).table()["power"].item()
    1.0
    """
    design = SteppedWedge(units, steps, length)
    return trial_power(design, world, effect, replications=replications, seed=seed, level=level)
