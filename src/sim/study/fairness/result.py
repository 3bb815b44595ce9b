"""The result of a fairness study: every officer of every run, and what policies did to groups of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from sim.errors import KinerjaError, _
from sim.intervals import Paired, matrix, paired
from sim.language import speaking
from sim.levers.base import nearest
from sim.outcomes import OUTCOMES
from sim.result import placed
from sim.study.fairness.design import FairnessStudy
from sim.study.fairness.groups import EVERYONE, MEASURES, PAIRED, SPLITS, change, groups_of, members, value
from sim.study.registry import figure_of
from sim.study.result import BaselineResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Values = tuple[np.ndarray, np.ndarray]
"""Of a measure, under a policy and what it is compared with; float64[groups, policies, replications] each."""


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class FairnessResult(BaselineResult):
    """Officers of every run, to be split in any way; made by :func:`sim.fairness` or :func:`sim.load_result`.

    Attributes
    ----------
    spec : FairnessStudy
    people : DataFrame
        One row per policy, replication, moment and officer; see :func:`sim.study.fairness.people.simulate_people`, and
        ``motivation_before, performance_before``: at the end of the study those of the same person under the baseline.
    runs_summary, costs : DataFrame
        As those of a :class:`sim.study.CompareResult`.
    manifest : mapping
        What was run, how, where and with what.
    """

    kind: ClassVar[str] = "fairness"
    files: ClassVar[Mapping[str, str]] = {"people": "people", "summary": "runs_summary", "costs": "costs"}

    spec: FairnessStudy
    people: pd.DataFrame
    runs_summary: pd.DataFrame
    costs: pd.DataFrame

    @property
    def splits(self) -> tuple[str, ...]:
        """Ways to split officers; ``everyone`` is the first."""
        return tuple(dict.fromkeys((EVERYONE, *self.spec.splits)))

    @property
    def replications(self) -> int:
        """Replications every policy has."""
        return self.manifest["replications"]

    def groups(self, by: str) -> tuple[str, ...]:
        """The groups of a split, in order."""
        if by not in SPLITS:
            raise KinerjaError(
                _(
                    "no split by {by!r}{hint}; there are {splits}.",
                    by=by,
                    hint=nearest(by, SPLITS),
                    splits=", ".join(SPLITS),
                )
            )
        return groups_of(self.agency, by)

    def table(
        self, by: str | Sequence[str] | None = None, measures: str | Sequence[str] | None = None
    ) -> pd.DataFrame:
        """Every group under every policy, and against the baseline.

        Parameters
        ----------
        by : str or sequence of str, optional
            ``everyone``, ``contract`` (PNS, PPPK), ``closeness`` (to the supervisor: above or below the average
            officer; supervisors left out), ``tenure`` (newcomer: under two years), ``age`` (under 35, to 49, 50 and
            over) or ``unit``; by default the splits of the study. Groups are those officers who belong to them at the
            moment looked at.
        measures : str or sequence of str, optional
            ``performance`` and ``motivation`` at the end of the study, SD, their changes being those of the same
            people; ``better_off`` and ``worse_off``: shares of officers whose motivation is then higher or lower than
            the same person's under the baseline; ``workload``: cases handled relative to the unit's mean; of the
            appraisals after the study's first month ``rating_gap`` (rating minus true performance, both standardised
            over the agency: 0 is fair, above 0 favoured), ``rating_validity`` (correlation within the group),
            ``favouritism`` (slope of the rating on closeness at equal performance), and shares of the group's
            officers: ``false_below`` (of those who perform), ``missed_below`` (of those who do not), ``false_top`` (of
            those rated Sangat Baik).

        Returns
        -------
        DataFrame
            ``measure, split, group, policy, officers, mean, half_width, difference, low, high, n``: `officers` a
            replication; mean over replications and half its interval; the paired difference from the baseline, whose
            intervals hold with 95 % for all policies and all groups of the study at once (Bonferroni), a measure at a
            time. NaN for an empty group.
        """
        rows = []
        for measure, split in self._chosen(by, measures):
            own, base = self._values(measure, split)
            sizes = self._sizes(split)
            for g, group in enumerate(self.groups(split)):
                for p, name in enumerate(self.names):
                    pair = paired(own[g, p], base[g, p], MEASURES[measure], self._n_intervals(split))
                    officers = float(sizes[g, p].mean())
                    rows.append((measure, split, group, name, officers, *self._cells(name, pair)))
        columns = ["measure", "split", "group", "policy", "officers", "mean", "half_width"]
        return self._framed(rows, [*columns, "difference", "low", "high", "n"])

    def gaps(
        self, by: str | Sequence[str] | None = None, measures: str | Sequence[str] = "performance"
    ) -> pd.DataFrame:
        """How much more a policy changes a measure in a group than among all other officers of the same run.

        Parameters
        ----------
        by, measures
            See :meth:`table`.

        Returns
        -------
        DataFrame
            ``measure, split, group, policy, gap, low, high, n``; intervals as in :meth:`table`. Where the interval
            includes 0 it is not clear that the group fares differently from the rest.
        """
        rows = []
        for measure, split in self._chosen(by, measures):
            if split == EVERYONE:
                continue
            own, base = self._values(measure, split)
            rest, rest_base = self._values(measure, split, rest=True)
            for g, group in enumerate(self.groups(split)):
                for p, name in enumerate(self.names):
                    if name == self.baseline:
                        continue
                    change, other = own[g, p] - base[g, p], rest[g, p] - rest_base[g, p]
                    pair = paired(change, other, MEASURES[measure], self._n_intervals(split))
                    rows.append((measure, split, group, name, pair.difference, pair.low, pair.high, pair.n))
        return self._framed(rows, ["measure", "split", "group", "policy", "gap", "low", "high", "n"])

    def by_unit(self, outcomes: str | Sequence[str]) -> pd.DataFrame:
        """Outcomes of citizens and programmes by unit, over the whole study.

        Returns
        -------
        DataFrame
            ``outcome, unit, policy, mean, half_width, difference, low, high, n``; intervals of an outcome hold for all
            units and policies at once. Units that do not have an outcome are left out.
        """
        chosen = [outcomes] if isinstance(outcomes, str) else list(outcomes)
        windows = self.runs_summary["window"]
        whole = self.runs_summary[windows == windows.cat.categories[0]]
        rows = []
        for outcome in chosen:
            if outcome not in OUTCOMES or outcome not in whole:
                raise KinerjaError(
                    _(
                        "no outcome {outcome!r}{hint} in these runs.",
                        outcome=outcome,
                        hint=nearest(outcome, OUTCOMES),
                    )
                )
            there = whole[whole[outcome].notna()]
            units = [unit.unit for unit in self.agency.units if unit.unit in set(there["unit"])]
            n_intervals = max(1, len(self.others) * len(units))
            for unit in units:
                values = matrix(there[there["unit"] == unit], outcome, self.names)
                base = values[self.names.index(self.baseline)]
                for name, own in zip(self.names, values, strict=True):
                    pair = paired(own, base, OUTCOMES[outcome].better, n_intervals)
                    rows.append((outcome, unit, name, *self._cells(name, pair)))
        columns = ["outcome", "unit", "policy", "mean", "half_width", "difference", "low", "high", "n"]
        return self._framed(rows, columns)

    def to_frame(self) -> pd.DataFrame:
        """Return the officers of every run (:attr:`people`)."""
        return self.people

    def plot(
        self,
        *,
        by: str | Sequence[str] | None = None,
        measures: Sequence[str] | None = None,
        lang: str | None = None,
        ax: Axes | None = None,
    ) -> Figure:
        """Draw groups side by side: one panel per measure, one row per group, one mark per policy.

        Parameters
        ----------
        by, measures
            See :meth:`table`.
        lang, ax
            See :meth:`sim.result.Result.plot`.
        """
        with speaking(lang):
            return placed(lambda at: self.draw(at, by, measures), ax)

    def draw(
        self,
        ax: Axes | None,
        by: str | Sequence[str] | None = None,
        measures: Sequence[str] | None = None,
    ) -> Figure:
        """Draw groups side by side."""
        return figure_of(self.kind).groups(self, by=by, measures=measures, ax=ax)

    def _chosen(
        self, by: str | Sequence[str] | None, measures: str | Sequence[str] | None
    ) -> list[tuple[str, str]]:
        """Return measures and splits, each pair once; raise for one that does not exist."""
        splits = self.splits if by is None else [by] if isinstance(by, str) else list(by)
        chosen = MEASURES if measures is None else [measures] if isinstance(measures, str) else list(measures)
        for name in chosen:
            if name not in MEASURES:
                there = ", ".join(MEASURES)
                raise KinerjaError(
                    _(
                        "no measure {name!r}{hint}; there are {there}.",
                        name=name,
                        hint=nearest(name, MEASURES),
                        there=there,
                    )
                )
        for split in splits:
            self.groups(split)
        return [(measure, split) for measure in chosen for split in splits]

    def _cells(self, policy: str, pair: Paired) -> tuple[float, ...]:
        """Return mean, half-width, difference, low, high and n; the baseline is not compared with itself."""
        compared = (math.nan,) * 3 if policy == self.baseline else (pair.difference, pair.low, pair.high)
        return (pair.mean, pair.half_width, *compared, pair.n)

    def _n_intervals(self, by: str) -> int:
        """Number of simultaneous intervals: of all groups of the study, and of `by` where it is another split."""
        groups = sum(len(self.groups(split)) for split in dict.fromkeys([*self.splits, by]))
        return max(1, len(self.others) * groups)

    @cached_property
    def _runs(self) -> dict[tuple[str, int], dict[str, np.ndarray]]:
        """Officers of each run."""
        groups = self.people.groupby(["policy", "replication"], observed=True)
        return {
            (str(name), int(r)): {str(column): part[column].to_numpy() for column in part}
            for (name, r), part in groups
        }

    @cached_property
    def _kept(self) -> dict[tuple[str, ...], Any]:
        return {}

    def _parts(self, by: str, rest: bool = False) -> dict[tuple[str, str, int], dict[str, np.ndarray]]:
        """Officers of each group (or of all other groups of the split) of each run: group, policy, replication."""
        key = ("parts", by, str(rest))
        if key not in self._kept:
            found = {}
            for (name, r), rows in self._runs.items():
                group_of = members(rows, by)
                for group in self.groups(by):
                    own = group_of == group
                    chosen = ~own & (group_of != "") if rest else own
                    found[group, name, r] = {column: values[chosen] for column, values in rows.items()}
            self._kept[key] = found
        return self._kept[key]

    def _values(self, measure: str, by: str, rest: bool = False) -> Values:
        """A measure of each group, or of those who are in another group of the split."""
        key = (measure, by, str(rest))
        if key not in self._kept:
            parts, groups = self._parts(by, rest), self.groups(by)
            shape = (len(groups), len(self.policies), self.replications)
            own, base = np.full(shape, np.nan), np.full(shape, np.nan)
            for (group, name, r), rows in parts.items():
                at = (groups.index(group), self.names.index(name), r)
                if measure in PAIRED:
                    own[at], base[at] = change(measure, rows)
                else:
                    own[at] = value(measure, rows)
            if measure not in PAIRED:
                base[:] = own[:, [self.names.index(self.baseline)], :]
            self._kept[key] = own, base
        return self._kept[key]

    def _sizes(self, by: str) -> np.ndarray:
        """Officers of each group at the end of each run; float64[groups, policies, replications]."""
        groups = self.groups(by)
        found = np.zeros((len(groups), len(self.policies), self.replications))
        for (group, name, r), rows in self._parts(by).items():
            found[groups.index(group), self.names.index(name), r] = rows["end"].sum()
        return found

    def _framed(self, rows: list[tuple[Any, ...]], columns: list[str]) -> pd.DataFrame:
        frame = pd.DataFrame(rows, columns=columns)
        frame["policy"] = pd.Categorical(frame["policy"], categories=self.names)
        return frame
