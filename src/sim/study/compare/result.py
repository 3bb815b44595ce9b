"""The result of a comparison: the tables of every run, and the answers read from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from sim.errors import KinerjaError, _
from sim.intervals import matrix, paired
from sim.language import speaking
from sim.outcomes import HEADLINE, OUTCOMES, across_units
from sim.result import placed
from sim.runs.job import Key, RunTables
from sim.runs.tables import AGENCY, assemble
from sim.study.compare.cost_effectiveness import budget as spending
from sim.study.compare.cost_effectiveness import cost_effectiveness as prices
from sim.study.compare.cost_effectiveness import spent
from sim.study.compare.design import CompareStudy
from sim.study.compare.timing import timing as arrival
from sim.study.registry import figure_of
from sim.study.result import BaselineResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class CompareResult(BaselineResult):
    """Policies compared on one agency with common random numbers.

    Make one with :func:`sim.compare` or read one with :func:`sim.load_result`.

    Attributes
    ----------
    spec : CompareStudy
    outcomes, runs_summary, costs : DataFrame
        See :class:`sim.runs.job.Tables`.
    manifest : mapping
        What was run, how, where and with what; the content of ``manifest.json``.
    """

    kind: ClassVar[str] = "compare"
    files: ClassVar[Mapping[str, str]] = {
        "outcomes": "outcomes",
        "summary": "runs_summary",
        "costs": "costs",
    }

    spec: CompareStudy
    outcomes: pd.DataFrame
    runs_summary: pd.DataFrame
    costs: pd.DataFrame

    @classmethod
    def of_runs(
        cls, spec: CompareStudy, runs: Mapping[Key, RunTables], manifest: Mapping[str, Any]
    ) -> CompareResult:
        """Make a result from the runs of complete replications."""
        tables = assemble(spec.agency, spec.policies, runs)
        return cls(
            spec=spec,
            outcomes=tables.outcomes,
            runs_summary=tables.summary,
            costs=tables.costs,
            manifest=manifest,
        )

    @property
    def headline(self) -> tuple[str, ...]:
        """Outcomes shown first; empty: those of :data:`sim.outcomes.HEADLINE`."""
        return self.spec.headline

    @property
    def replications(self) -> int:
        """Replications every policy has."""
        return self.manifest["replications"]

    @property
    def windows(self) -> list[str]:
        """Periods of the summary, ``"first-last"`` month; the first is the whole study."""
        return list(self.runs_summary["window"].cat.categories)

    def table(
        self,
        outcomes: str | Sequence[str] | None = None,
        window: str | None = None,
        unit: str = AGENCY,
        *,
        simultaneous: bool = True,
    ) -> pd.DataFrame:
        """Return every policy on every outcome, and against the baseline.

        Parameters
        ----------
        outcomes : str or sequence of str, optional
            Names of outcomes; by default the headline ones.
        window : str, optional
            Months, e.g. ``"25-36"``; by default the whole study.
        unit : str
            Code of a unit, or ``"*"`` for the agency.
        simultaneous : bool
            The intervals of an outcome hold for all policies at once with 95 % (Bonferroni), which an answer that
            picks one of the policies needs; False: each interval holds with 95 % on its own.

        Returns
        -------
        DataFrame
            One row per policy and outcome: ``policy, outcome, mean, half_width, difference, low, high,
            probability_better, n, correlation, variance_saved`` (see :class:`sim.intervals.Paired`).
            The columns that compare are NaN in the baseline's own rows.
        """
        names = self._outcomes(outcomes)
        rows = []
        frame = self._rows(window, unit)
        values_of = {name: matrix(frame, name, self.names) for name in names}
        n_intervals = max(1, len(self.policies) - 1) if simultaneous else 1
        for p, policy in enumerate(self.policies):
            for name, values in values_of.items():
                found = asdict(paired(values[p], values[self._base], _better(name), n_intervals))
                if policy.name == self.baseline:
                    found |= dict.fromkeys(set(found) - {"n", "mean", "half_width"}, float("nan"))
                rows.append({"policy": policy.name, "outcome": name, **found})
        columns = [
            "policy",
            "outcome",
            "mean",
            "half_width",
            "difference",
            "low",
            "high",
            "probability_better",
        ]
        frame = pd.DataFrame(rows)[[*columns, "n", "correlation", "variance_saved"]]
        frame["policy"] = pd.Categorical(frame["policy"], categories=self.names)
        return frame

    def differences(
        self, outcomes: str | Sequence[str] | None = None, window: str | None = None, unit: str = AGENCY
    ) -> pd.DataFrame:
        """Return policy minus baseline in each replication: ``policy, replication, outcome, difference``."""
        rows = self._rows(window, unit)
        replications = sorted(rows["replication"].unique())
        frames = []
        for name in self._outcomes(outcomes):
            values = matrix(rows, name, self.names)
            for p, policy in enumerate(self.policies):
                if policy.name != self.baseline:
                    difference = values[p] - values[self._base]
                    keys = {"policy": policy.name, "replication": replications, "outcome": name}
                    frames.append(pd.DataFrame({**keys, "difference": difference}))
        columns = ["policy", "replication", "outcome", "difference"]
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)

    def costs_by_lever(self) -> pd.DataFrame:
        """Return what each lever costs over the whole study, averaged over replications.

        Returns
        -------
        DataFrame
            ``policy, lever, rupiah, half_width, officer_days``; `half_width` is that of the rupiah. A lever
            that cost nothing in a replication counts as nothing there.
        """
        return spent(self)

    def cost_effectiveness(self, outcomes: str | Sequence[str] | None = None) -> pd.DataFrame:
        """Return what a unit of improvement costs, with Fieller's interval.

        See :func:`sim.study.compare.cost_effectiveness.cost_effectiveness`.
        """
        return prices(self, outcomes)

    def budget(self) -> pd.DataFrame:
        """Return what each lever costs in each year; see :func:`sim.study.compare.cost_effectiveness.budget`."""
        return spending(self)

    def timing(self, outcomes: str | Sequence[str] | None = None) -> pd.DataFrame:
        """Return when effects arrive and fade; see :func:`sim.study.compare.timing.timing`."""
        return arrival(self, outcomes)

    def months(self, outcome: str, unit: str = AGENCY) -> pd.DataFrame:
        """Return one outcome month by month.

        Returns
        -------
        DataFrame
            ``policy, month, mean, half_width, p10, p90, difference, low, high, n``: the mean over
            replications with its 95 % interval, the band in which eight of ten replications lie, and the
            paired difference to the baseline with its interval. Months without a value (an appraisal is
            yearly) are left out.
        """
        (name,) = self._outcomes(outcome)
        frame = self.outcomes
        keys = ["policy", "replication", "month"]
        if unit == AGENCY:
            if name not in OUTCOMES:
                raise KinerjaError(
                    _("how {name!r} adds up over units is not known; choose a unit.", name=name)
                )
            weight = OUTCOMES[name].weight or name
            frame = across_units(frame[list(dict.fromkeys([*keys, name, weight]))], keys)
        else:
            frame = frame[frame["unit"] == self._unit(unit)]
        rows = []
        for month, part in frame.dropna(subset=name).groupby("month"):
            values = matrix(part, name, self.names)
            for p, policy in enumerate(self.policies):
                pair = paired(values[p], values[self._base])
                own = part.loc[part["policy"] == policy.name, name]
                low, high = own.quantile([0.1, 0.9])
                compared = (pair.difference, pair.low, pair.high)
                if policy.name == self.baseline:
                    compared = (float("nan"),) * 3
                rows.append((policy.name, month, pair.mean, pair.half_width, low, high, *compared, pair.n))
        columns = ["policy", "month", "mean", "half_width", "p10", "p90", "difference", "low", "high", "n"]
        found = pd.DataFrame(rows, columns=columns)
        found["policy"] = pd.Categorical(found["policy"], categories=self.names)
        return found.sort_values(["policy", "month"], ignore_index=True)

    def trace(self, policy: str, replication: int, unit: str) -> pd.DataFrame:
        """Run one replication again and return the log of every request of a unit.

        Parameters
        ----------
        policy : str
            Name of one of the policies.
        replication : int
            From 0.
        unit : str
            Code of a service unit.
        """
        from sim.runs.run import trace

        chosen = next((p for p in self.policies if p.name == policy), None)
        if chosen is None:
            raise KinerjaError(
                _(
                    "no policy {policy!r} in this study; it has {names}.",
                    policy=policy,
                    names=", ".join(self.names),
                )
            )
        if policy in self.manifest.get("not_restored", ()):
            raise KinerjaError(
                _(
                    "policy {policy!r} has a lever that was defined in a notebook, and no code is read "
                    "from files; run its cell and compare again to trace it.",
                    policy=policy,
                )
            )
        return trace(
            self.agency,
            chosen,
            self._unit(unit),
            seed=self.spec.seed,
            replication=replication,
            months=self.spec.months,
            scenario=self.scenario,
        )

    def to_frame(self) -> pd.DataFrame:
        """Return every run: one row per policy, replication, window and unit (:attr:`runs_summary`)."""
        return self.runs_summary

    def plot(
        self, *, outcomes: Sequence[str] | None = None, lang: str | None = None, ax: Axes | None = None
    ) -> Figure:
        """Draw every policy against the baseline, ranked: one panel per outcome, points with intervals.

        Parameters
        ----------
        outcomes : sequence of str, optional
            Three or four outcomes; the first orders the rows. By default the headline ones.
        lang, ax
            See :meth:`sim.result.Result.plot`.
        """
        with speaking(lang):
            return placed(lambda at: self.draw(at, outcomes), ax)

    def draw(self, ax: Axes | None, outcomes: Sequence[str] | None = None) -> Figure:
        """Draw every policy against the baseline."""
        return figure_of(self.kind).ranking(self, outcomes=outcomes, ax=ax)

    @property
    def _base(self) -> int:
        return self.names.index(self.baseline)

    def _outcomes(self, outcomes: str | Sequence[str] | None) -> list[str]:
        there = [
            str(column)
            for column in self.runs_summary
            if column not in ("policy", "replication", "window", "unit")
        ]
        if outcomes is None:
            return [name for name in self.headline or HEADLINE if name in there]
        names = [outcomes] if isinstance(outcomes, str) else list(outcomes)
        for name in names:
            if name not in there:
                raise KinerjaError(
                    _("no outcome {name!r}; there are {there}.", name=name, there=", ".join(there))
                )
        return names

    def _unit(self, unit: str) -> str:
        units = list(self.runs_summary["unit"].cat.categories)
        if unit not in units:
            raise KinerjaError(_("no unit {unit!r}; there are {units}.", unit=unit, units=", ".join(units)))
        return unit

    def _rows(self, window: str | None, unit: str) -> pd.DataFrame:
        window = window or self.windows[0]
        if window not in self.windows:
            raise KinerjaError(
                _(
                    "no window {window!r}; there are {windows}.",
                    window=window,
                    windows=", ".join(self.windows),
                )
            )
        return self.runs_summary[
            (self.runs_summary["window"] == window) & (self.runs_summary["unit"] == self._unit(unit))
        ]


def _better(outcome: str) -> Any:
    return OUTCOMES[outcome].better if outcome in OUTCOMES else "none"
