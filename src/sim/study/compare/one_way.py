"""Which finding matters most, measured: a one-way sensitivity analysis of a paired difference.

Each finding that a policy leans on is put at the low and at the high end of its range, everything else as it was and
with the same random numbers; how far the difference to the baseline moves is how much the finding matters (one-way
sensitivity, drawn as a "tornado": Howard 1988). It is cheap and it sees no interplay: a study of the kind
``sensitivity`` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtri

from sim.evidence import Evidence
from sim.intervals import ENDS, half_width
from sim.levers import Policy
from sim.runs.futures import OF_THE_WORLD, findings_of, mean_drawn
from sim.world import Scenario

if TYPE_CHECKING:
    from sim.study.compare.result import CompareResult

LOW, HIGH = 0, 1
"""Positions of the two ends."""


@dataclass(frozen=True, eq=False)
class OneWay:
    """How far each finding moves a difference, as far as it has been measured.

    Attributes
    ----------
    policy : Policy
    baseline : Policy
    outcome : str
        Whose paired difference (policy minus baseline) is looked at.
    scenario : Scenario
    findings : tuple of str
        Keys of the findings that are varied: those of the levers in which the two policies differ.
    fixed : tuple of str
        Findings of these levers that are held: nobody has reported their uncertainty, or calibration rests on them.
    total : int
        Replications that are to be run.
    middle : float64[n]
        The difference in each replication with every finding at its mean.
    turned : mapping
        Finding -> float64[2, n], the difference with the finding at its low and at its high end.
    """

    policy: Policy
    baseline: Policy
    outcome: str
    scenario: Scenario
    findings: tuple[str, ...]
    fixed: tuple[str, ...] = ()
    total: int = 0
    middle: np.ndarray = field(default_factory=lambda: np.empty(0))
    turned: Mapping[str, np.ndarray] = field(default_factory=dict)

    @classmethod
    def of(cls, comparison: CompareResult, policy: str, outcome: str, total: int) -> OneWay:
        """Return what is to be measured of a policy of a comparison; nothing is measured yet."""
        chosen = {p.name: p for p in comparison.policies}
        ours, base = chosen[policy], chosen[comparison.baseline]
        changed = [lever for lever in ours.levers if lever not in base.levers]
        changed += [lever for lever in base.levers if lever.key not in {x.key for x in ours.levers}]
        named = list(dict.fromkeys(key for lever in changed for key in lever.evidence))
        table = Evidence.load(comparison.scenario.preset)
        drawn = set(findings_of([ours, base]))
        varied = tuple(key for key in named if key in drawn)
        sized = [key for key in named if key in table and np.isfinite(table[key].mean) and table[key].mean]
        fixed = tuple(key for key in sized if key not in drawn)
        return cls(ours, base, outcome, comparison.scenario, varied, fixed, total if varied else 0)

    @property
    def replications(self) -> int:
        """Replications measured so far."""
        return len(self.middle)

    def world(self, finding: str, end: int) -> Scenario:
        """Return the scenario with a finding at one of its ends."""
        deviate = float(ndtri(ENDS[end]))
        return replace(self.scenario, draws={**self.scenario.draws, finding: deviate})

    def moves_baseline(self, finding: str) -> bool:
        """Return whether the baseline must be run again as well."""
        levers = (*self.baseline.before_levers, *self.baseline.levers)
        return finding in OF_THE_WORLD or any(finding in lever.evidence for lever in levers)

    def plus(self, middle: float, turned: Mapping[str, tuple[float, float]]) -> OneWay:
        """Add one more replication: the difference in the middle, and finding -> at the low and the high end."""
        before = {key: self.turned.get(key, np.empty((2, 0))) for key in self.findings}
        now = {key: np.column_stack([before[key], turned[key]]) for key in self.findings}
        return replace(self, middle=np.append(self.middle, middle), turned=now)

    def table(self) -> pd.DataFrame:
        """Return what each finding moves, the one that moves most first.

        Returns
        -------
        DataFrame
            ``finding, low, high`` (its sizes at the ends), ``at_low, middle, at_high`` (mean difference of the
            outcome), ``swing`` (at_high minus at_low) with ``half_width`` of its 95 % interval, which holds for all
            findings together, and ``n`` replications with a value.
        """
        evidence, rows = Evidence.load(self.scenario.preset), []
        share = {"between_share": self.scenario.between_share}
        for key, values in self.turned.items():
            low, high = (mean_drawn(evidence, key, share, float(ndtri(end))) for end in ENDS)
            there = np.isfinite(values).all(axis=0) & np.isfinite(self.middle)
            means = [
                x[there].mean() if there.any() else np.nan for x in (values[LOW], self.middle, values[HIGH])
            ]
            swing = (values[HIGH] - values[LOW])[there]
            half = half_width(swing, len(self.findings))
            rows.append((key, low, high, *means, means[2] - means[0], half, int(there.sum())))
        columns = ["finding", "low", "high", "at_low", "middle", "at_high", "swing", "half_width", "n"]
        found = pd.DataFrame(rows, columns=columns)
        return found.sort_values("swing", key=lambda x: -x.abs(), kind="stable", ignore_index=True)

    def tied(self) -> list[str]:
        """Return the findings that cannot be distinguished from the one that moves most: they differ by chance only."""
        table = self.table()
        if table.empty:
            return []
        moved = {
            row.finding: np.sign(row.swing) * np.diff(self.turned[row.finding], axis=0)[0]
            for row in table.itertuples()
        }
        first, *others = moved
        found = []
        for key in others:
            ahead = moved[first] - moved[key]
            ahead = ahead[np.isfinite(ahead)]
            half = half_width(ahead, len(others))
            if not ahead.size or not ahead.mean() - half > 0:
                found.append(key)
        return found
