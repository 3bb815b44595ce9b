"""The result of a selection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from sim.intervals import half_width, paired
from sim.outcomes import OUTCOMES
from sim.study.registry import figure_of
from sim.study.result import PolicyResult
from sim.study.selection.design import SelectionStudy

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class SelectionResult(PolicyResult):
    """The policy selected, and how it was.

    Attributes
    ----------
    spec : SelectionStudy
    runs : DataFrame
        Every run: ``policy, replication, window`` and one column per outcome of the agency.
    screening : DataFrame
        One row per policy: ``policy, replications, screened_at, screened_by``; the latter two are 0 and "" for those
        still in at the end.
    manifest : mapping
        What was run, how, where and with what; ``best``, ``decided`` and ``most`` among it.
    """

    kind: ClassVar[str] = "selection"
    files: ClassVar[Mapping[str, str]] = {"runs": "runs", "screening": "screening"}

    spec: SelectionStudy
    runs: pd.DataFrame
    screening: pd.DataFrame

    def __len__(self) -> int:
        """Return how many runs were made."""
        return len(self.runs[["policy", "replication"]].drop_duplicates())

    @property
    def outcome(self) -> str:
        """The outcome that decides."""
        return self.spec.outcome

    @property
    def decided(self) -> bool:
        """Whether the stated probability holds: the procedure came to its end."""
        return self.manifest["decided"]

    @property
    def best(self) -> str:
        """Name of the policy selected; undecided, of the one that looks best."""
        return self.manifest["best"]

    def values(self, policy: str) -> np.ndarray:
        """The outcome under a policy in replications 0, 1...; float64[replications]."""
        window = self.spec.window or self.runs["window"].iloc[0]
        rows = self.runs[(self.runs["policy"] == policy) & (self.runs["window"] == window)]
        return rows.sort_values("replication")[self.outcome].to_numpy(dtype=np.float64)

    def table(self) -> pd.DataFrame:
        """Every policy against the best one, over the replications that both have.

        Returns
        -------
        DataFrame
            One row per policy, the best first, then those that stayed in longest: ``policy, n, mean, half_width,
            difference, low, high, correlation, variance_saved, screened_at, screened_by``. `difference` is to the
            best; its intervals hold for all policies together with 95 % (Bonferroni). They come after a search that
            stopped by a rule that looks at its data: the claim is the stated probability of the selection, not they.
        """
        best = self.values(self.best)
        better = OUTCOMES[self.outcome].better
        rows = []
        for row in self.screening.itertuples():
            own = self.values(str(row.policy))
            n = min(len(own), len(best))
            pair = paired(own[:n], best[:n], better, n_intervals=len(self.policies) - 1)
            itself = row.policy == self.best
            nan = float("nan")
            compared = (pair.difference, pair.low, pair.high, pair.correlation, pair.variance_saved)
            rows.append(
                (
                    row.policy,
                    len(own),
                    own.mean(),
                    half_width(own),
                    *((nan,) * 5 if itself else compared),
                    row.screened_at,
                    row.screened_by,
                )
            )
        columns = [
            "policy",
            "n",
            "mean",
            "half_width",
            "difference",
            "low",
            "high",
            "correlation",
            "variance_saved",
        ]
        frame = pd.DataFrame(rows, columns=[*columns, "screened_at", "screened_by"])
        sign = 1 if better == "low" else -1
        first = (frame["policy"] != self.best).astype(int)
        order = frame.assign(_first=first, _stayed=-frame["n"], _mean=sign * frame["mean"])
        return order.sort_values(["_first", "_stayed", "_mean"], ignore_index=True)[frame.columns]

    def to_frame(self) -> pd.DataFrame:
        """Return every run (:attr:`runs`)."""
        return self.runs

    def draw(self, ax: Axes | None) -> Figure:
        """Draw every policy with its interval, and how long it stayed in."""
        return figure_of(self.kind).selection(self, ax=ax)
