"""Is the burn-in long enough? Officers under the status quo, month by month, until nothing changes any more.

Welch's method: the mean over replications of each month, smoothed by a moving average (Welch 1983; Law, Simulation
Modeling and Analysis, section 9.5.1). Beside it a rule that needs no judgement, MSER-5 (White 1997; White, Cobb and
Spratt 2000): leave out the first months so that the mean of the rest has the least standard error, in batches of five.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.calibration.burn_in_figure import NAMES, settling
from sim.errors import KinerjaError, _
from sim.intervals import half_width
from sim.levers import Policy, status_quo
from sim.names import known_arguments
from sim.result import Result
from sim.world import Scenario

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.agency import Agency
    from sim.world import World

MEASURES = ("level", "spread", "motivation", "tenure", "age", "engagement")
"""Mean and SD of true performance; means of felt motivation, tenure, age and engagement of supervisors."""

BATCH = 5
"""Months averaged before MSER is applied."""


@dataclass(frozen=True, eq=False, repr=False)
class BurnInResult(Result):
    """How officers settle in the months before a study.

    Attributes
    ----------
    agency : Agency
    months : int
    burn_in : int
        Months the scenario leaves out.
    series : mapping
        Measure -> float64[replications, months].
    """

    agency: Agency
    months: int
    burn_in: int
    series: Mapping[str, np.ndarray]

    def to_frame(self) -> pd.DataFrame:
        """Return each measure by month.

        Returns
        -------
        DataFrame
            One row per measure and month: ``measure, month, mean, half_width, smoothed``; the half-width is of the 95 %
            interval of the mean over replications.
        """
        parts = []
        for name, values in self.series.items():
            mean = values.mean(axis=0)
            parts.append(
                pd.DataFrame(
                    {
                        "measure": name,
                        "month": np.arange(1, self.months + 1),
                        "mean": mean,
                        "half_width": [half_width(column) for column in values.T],
                        "smoothed": welch(mean, 6),
                    }
                )
            )
        return pd.concat(parts, ignore_index=True)

    def table(self) -> pd.DataFrame:
        """Return the months to leave out by MSER-5, and how much each measure still changes after the burn-in.

        Returns
        -------
        DataFrame
            Per measure ``measure, mser, start, at_burn_in, end, left, half_width``: MSER's months; the means of
            the first, the burn-in's last and the very last 12 months; `left` is the paired difference between the last
            two, with half the width of its 95 % interval.
        """
        rows = []
        for name, values in self.series.items():
            first, at, last = (
                values[:, slice(*ends)].mean(axis=1)
                for ends in ((0, 12), (self.burn_in - 12, self.burn_in), (self.months - 12, self.months))
            )
            rest = last - at
            rows.append(
                (
                    name,
                    mser(values.mean(axis=0)),
                    first.mean(),
                    at.mean(),
                    last.mean(),
                    rest.mean(),
                    half_width(rest),
                )
            )
        columns = ["measure", "mser", "start", "at_burn_in", "end", "left", "half_width"]
        return pd.DataFrame(rows, columns=columns)

    def sentences(self) -> Sequence[str]:
        """State how many months MSER leaves out, and what still moves after the burn-in."""
        table = self.table()
        moving = table[table["left"].abs() > table["half_width"]]
        first = _(
            "The burn-in is {burn_in} months; MSER-5 leaves out at most {months} of {all}.",
            burn_in=self.burn_in,
            months=int(table["mser"].max()),
            all=self.months,
        )
        if moving.empty:
            return [str(first), str(_("No measure clearly changes after the burn-in."))]
        names = [NAMES[name] for name in moving["measure"]]
        return [str(first), str(_("Still clearly changing after the burn-in: {names}.", names=names))]

    def draw(self, ax: Axes | None) -> Figure:
        """Draw each measure by month, its moving average, the burn-in and MSER's months."""
        return settling(self, ax=ax)


@known_arguments()
def burn_in(
    agency: Agency | str | Path,
    *,
    months: int = 84,
    replications: int = 20,
    seed: int = 1,
    policy: Policy | None = None,
    scenario: Scenario | None = None,
) -> BurnInResult:
    """Simulate officers under the status quo for longer than the burn-in of a study.

    Parameters
    ----------
    agency : Agency, str or path
    months : int
        At least 24 more than the scenario's burn-in.
    replications, seed : int
    policy : Policy, optional
        In force; by default the status quo.
    scenario : Scenario, optional

    Examples
    --------
    >>> import sim
    >>> sim.calibration.burn_in("contoh", months=84).plot()  # doctest: +SKIP
    """
    from sim.agency import load_agency

    scenario = scenario or Scenario()
    if months < scenario.burn_in + 24 or scenario.burn_in < 12:
        raise KinerjaError(
            _(
                "months = {months}: watch 24 more than the burn-in ({burn_in}, which must be 12 or more).",
                months=months,
                burn_in=scenario.burn_in,
            )
        )
    own = load_agency(agency) if isinstance(agency, (str, Path)) else agency
    runs = [
        _watched(own, policy or status_quo(), months, seed, r, replace(scenario, burn_in=months))
        for r in range(replications)
    ]
    series = {name: np.array([run[name] for run in runs]) for name in MEASURES}
    return BurnInResult(own, months, scenario.burn_in, series)


def _watched(
    agency: Agency, policy: Policy, months: int, seed: int, replication: int, scenario: Scenario
) -> dict[str, list[float]]:
    from sim.runs.run import make_world

    world = make_world(agency, policy, seed=seed, replication=replication, months=1, scenario=scenario)
    series: dict[str, list[float]] = {name: [] for name in MEASURES}
    for month in range(1, months + 1):
        world.env.run(until=int(world.calendar.month_start[month]))
        for name, value in _state(world).items():
            series[name].append(value)
    return series


def _state(world: World) -> dict[str, float]:
    people, officers, climate = world.people, world.officers, world.climate
    there = officers.there
    return {
        "level": float(people.truth[there].mean()),
        "spread": float(people.truth[there].std()),
        "motivation": float(people.motivation[there].mean()),
        "tenure": float(officers.tenure[there].mean()),
        "age": float(officers.age[there].mean()),
        "engagement": float(climate.engagement[there].mean()),
    }


def welch(series: np.ndarray, window: int) -> np.ndarray:
    """Return the moving average over `window` months to either side, fewer near the start.

    NaN where the window passes the end.

    Examples
    --------
    >>> welch(np.array([0.0, 3.0, 3.0, 0.0]), 1).tolist()[:3]
    [0.0, 2.0, 2.0]
    """
    n = len(series)
    smooth = np.full(n, np.nan)
    for i in range(n - window):
        reach = min(i, window)
        smooth[i] = series[i - reach : i + reach + 1].mean()
    return smooth


def mser(series: np.ndarray, batch: int = BATCH) -> int:
    """Return the months to leave out by MSER: those after which the mean of the rest has the least standard error.

    Only the first half is considered, as the rule requires: a minimum near its end means that the series is too short.

    Examples
    --------
    >>> mser(np.concatenate([np.full(10, 5.0), np.tile([0.0, 1.0], 45)]))
    10
    """
    count = len(series) // batch
    means = series[: count * batch].reshape(count, batch).mean(axis=1)
    errors = [means[d:].var() / (count - d) for d in range(count // 2 + 1)]
    return int(np.argmin(errors)) * batch
