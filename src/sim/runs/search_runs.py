"""The runs of a search: each policy and replication is run once, however often its outcome is needed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.errors import KinerjaError, _
from sim.levers import Policy
from sim.runs.job import Job, RunTables
from sim.runs.replicate import n_parallel, run_jobs
from sim.runs.tables import AGENCY
from sim.world import Scenario

if TYPE_CHECKING:
    from sim.agency import Agency


Compute = Callable[[Iterable[Job]], Iterable[tuple[Job, RunTables]]]


class SearchRuns:
    """Runs of policies on one agency with common random numbers, made when a search first needs them.

    Only the agency's rows and the money spent are kept: a search makes thousands of runs.

    Parameters
    ----------
    agency : Agency
    seed, months, scenario
        As in :func:`sim.runs.run.simulate`.
    compute : callable, optional
        Runs jobs and yields each with its tables, in any order; by default on every core.
    futures : bool
        Replication r happens in future r: every effect drawn from its evidence. The same future for all policies.
    expect : callable, optional
        Called with the number of runs made and about to be made.
    """

    def __init__(
        self,
        agency: Agency,
        *,
        seed: int,
        months: int,
        scenario: Scenario,
        compute: Compute | None = None,
        futures: bool = False,
        expect: Callable[[int], object] = lambda runs: None,
    ) -> None:
        self.agency = agency
        self._given = {"seed": seed, "months": months}
        self._scenario = scenario
        self._futures = futures
        self._compute = compute or _on_every_core
        self._expect = expect
        self._policies: dict[Policy, int] = {}
        self._rows: dict[tuple[int, int], pd.DataFrame] = {}
        self._spent: dict[tuple[int, int], Mapping[str, float]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def run(self, needed: Iterable[tuple[Policy, int]]) -> None:
        """Make the runs (policy, replication) that are missing."""
        missing = [key for key in dict.fromkeys(map(self._key, needed)) if key not in self._rows]
        if not missing:
            return
        missing.sort(key=lambda key: key[1])  # policies of one replication share its draws
        self._expect(len(self) + len(missing))
        policies = list(self._policies)
        jobs = [
            Job(
                key,
                self.agency,
                policies[key[0]],
                replication=key[1],
                scenario=self._world(key[1]),
                **self._given,
            )
            for key in missing
        ]
        for job, tables in self._compute(jobs):
            key = (int(job.key[0]), int(job.key[1]))
            summary = tables.summary
            self._rows[key] = summary[summary["unit"] == AGENCY].set_index("window").drop(columns="unit")
            self._spent[key] = tables.costs.groupby("lever", observed=True)["rupiah"].sum().to_dict()

    def values(
        self, policy: Policy, replications: Iterable[int], outcome: str, window: str = ""
    ) -> np.ndarray:
        """Return an outcome of the agency in some replications, run where they are missing; float64[replications].

        Parameters
        ----------
        window : str
            Months, e.g. ``"25-36"``; "" is the whole study.
        """
        chosen = list(replications)
        self.run((policy, r) for r in chosen)
        return np.array(
            [self._value(self._key((policy, r)), outcome, window) for r in chosen], dtype=np.float64
        )

    def spent(
        self, policy: Policy, replications: Iterable[int], levers: Iterable[str] | None = None
    ) -> np.ndarray:
        """Return the rupiah spent over the study, by some levers or all; float64[replications]."""
        chosen = list(replications)
        self.run((policy, r) for r in chosen)
        rows = [self._spent[self._key((policy, r))] for r in chosen]
        wanted = None if levers is None else set(levers)
        return np.array(
            [sum(x for k, x in row.items() if wanted is None or k in wanted) for row in rows], float
        )

    def count(self, policy: Policy) -> int:
        """Return how many replications of a policy were made."""
        number = self._policies.get(policy)
        return sum(1 for key in self._rows if key[0] == number)

    def table(self) -> pd.DataFrame:
        """Return every run: ``policy, replication, window`` and one column per outcome of the agency, in that order."""
        if not self._rows:
            return pd.DataFrame(columns=["policy", "replication", "window"])
        names = [policy.name for policy in self._policies]
        parts = []
        for (policy, replication), rows in sorted(self._rows.items()):
            part = rows.reset_index()
            part.insert(0, "policy", names[policy])
            part.insert(1, "replication", replication)
            parts.append(part)
        return pd.concat(parts, ignore_index=True)

    def _key(self, wanted: tuple[Policy, int]) -> tuple[int, int]:
        policy, replication = wanted
        return self._policies.setdefault(policy, len(self._policies)), int(replication)

    def _world(self, replication: int) -> Scenario:
        if not self._futures:
            return self._scenario
        return dataclasses.replace(self._scenario, future=replication)

    def _value(self, key: tuple[int, int], outcome: str, window: str) -> float:
        rows = self._rows[key]
        window = window or str(rows.index[0])
        if window not in rows.index:
            raise KinerjaError(
                _(
                    "no window {window!r}; there are {index}.",
                    window=window,
                    index=", ".join(map(str, rows.index)),
                )
            )
        if outcome not in rows:
            raise KinerjaError(_("no outcome {outcome!r} in these runs.", outcome=outcome))
        value = float(rows.loc[window, outcome])
        if not np.isfinite(value):
            name = list(self._policies)[key[0]].name
            raise KinerjaError(
                _(
                    "{outcome!r} has no value under {name!r} in replication {key}, so that it cannot "
                    "decide; choose another outcome or a longer study.",
                    outcome=outcome,
                    name=name,
                    key=key[1],
                )
            )
        return value


def _on_every_core(jobs: Iterable[Job]) -> Iterable[tuple[Job, RunTables]]:
    return ((job, tables) for job, tables, __ in run_jobs(jobs, workers=n_parallel()))
