"""The result of a search for the best mix: every mix against the base, and the Pareto front among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd

from sim.intervals import half_width
from sim.levers import Policy
from sim.study.optimise.design import OptimiseStudy
from sim.study.optimise.mixes import mixes
from sim.study.optimise.race import COST, Objective, chance_of_front, front, objectives_of
from sim.study.registry import figure_of
from sim.study.result import StudyResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Fate = Literal["in", "budget", "limit", "dominated"]
"""What became of a mix: still in the race, or out, and why."""


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class OptimiseResult(StudyResult):
    """Every mix, and which of them nothing beats.

    Attributes
    ----------
    spec : OptimiseStudy
    points : DataFrame
        One row per mix and replication: ``policy, replication``, one column per objective and limited outcome, and
        ``cost``: rupiah per year more than the base.
    fate : DataFrame
        One row per mix: ``policy, replications, fate, by``; fate is ``in``, ``budget``, ``limit`` or ``dominated``,
        `by` the outcome or mix that put it out.
    manifest : mapping
        What was run, how, where and with what.
    """

    kind: ClassVar[str] = "optimise"
    files: ClassVar[Mapping[str, str]] = {"points": "points", "fate": "fate"}

    spec: OptimiseStudy
    points: pd.DataFrame
    fate: pd.DataFrame

    @property
    def policy(self) -> Policy:
        """The base: what every mix is added to, and compared with."""
        return self.spec.policy

    @cached_property
    def policies(self) -> tuple[Policy, ...]:
        """The policy of every mix, the base first."""
        return tuple(mix.policy for mix in mixes(self.spec.policy, self.spec.options))

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """What mixes are judged by, cost last."""
        return objectives_of(self.spec.objectives)

    @property
    def front(self) -> list[str]:
        """Names of the mixes on the front, the dearest service first in the order of the first objective."""
        table = self.table()
        return table.loc[table["front"], "policy"].tolist()

    @property
    def best(self) -> str:
        """The mix on the front that does best on the first objective."""
        return self.front[0]

    def table(self) -> pd.DataFrame:
        """Every mix against the base.

        Returns
        -------
        DataFrame
            One row per mix, the best first by the first objective: ``policy, n, front, chance, fate, by`` and for every
            objective and limited outcome ``<name>, <name>_low, <name>_high``: mean paired difference from the base with
            its 95 % interval (one at a time), `cost` in rupiah per year. `chance` is the share of bootstrap samples of
            the replications in which the mix is on the front; NaN for those that are out.
        """
        return self._table

    @cached_property
    def _table(self) -> pd.DataFrame:
        goals = self.objectives
        names = [column for column in self.points if column not in ("policy", "replication")]
        values = {
            str(name): part.sort_values("replication").reset_index(drop=True)
            for name, part in self.points.groupby("policy", sort=False)
        }
        base = values[self.policy.name]
        rows = []
        for row in self.fate.itertuples():
            own = values[str(row.policy)]
            n = len(own)
            cells: dict[str, Any] = {"policy": row.policy, "n": n, "fate": row.fate, "by": row.by}
            for name in names:
                difference = own[name].to_numpy() - (0.0 if name == COST else base[name].to_numpy()[:n])
                half = half_width(difference) if n > 1 else float("nan")
                mean = difference.mean()
                cells |= {name: mean, f"{name}_low": mean - half, f"{name}_high": mean + half}
            rows.append(cells)
        frame = pd.DataFrame(rows)
        alive = frame["fate"] == "in"
        chosen = frame.loc[alive, "policy"].tolist()
        frame["front"], frame["chance"] = False, float("nan")
        if chosen:
            n = min(len(values[name]) for name in chosen)
            signs = [1.0 if goal.better == "high" else -1.0 for goal in goals]
            cube = np.array(
                [
                    np.column_stack(
                        [s * values[c][g.name].to_numpy()[:n] for s, g in zip(signs, goals, strict=True)]
                    )
                    for c in chosen
                ]
            )
            frame.loc[alive, "front"] = front(cube.mean(axis=1))
            frame.loc[alive, "chance"] = chance_of_front(cube)
        first = goals[0]
        order = frame[first.name] * (-1 if first.better == "high" else 1)
        return frame.assign(_order=order).sort_values("_order", ignore_index=True).drop(columns="_order")

    def to_frame(self) -> pd.DataFrame:
        """Return every mix in every replication (:attr:`points`)."""
        return self.points

    def draw(self, ax: Axes | None) -> Figure:
        """Draw the Pareto front: service against cost, fairness beside it."""
        return figure_of(self.kind).pareto(self, ax=ax)
