"""What each group of mechanisms contributes to what a policy achieves.

Switch-offs do not add up: feedback with training may do more, or less, than the two alone. The Shapley value shares
out the whole difference: a group's contribution is what it adds when groups are switched on one after the other,
averaged over every order. Every subset of the groups is run with the same random numbers, so it is exact in each
replication.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import factorial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.agency import Agency
from sim.errors import KinerjaError, _
from sim.intervals import half_width, matrix
from sim.language import speaking
from sim.levers import Policy, status_quo
from sim.levers.policy import policy_from, policy_to_dict
from sim.outcomes import OUTCOMES
from sim.paths import write_whole
from sim.report.names import GROUP_NAMES
from sim.result import Result, placed
from sim.runs.job import Simulate
from sim.runs.results import write_result
from sim.runs.tables import AGENCY
from sim.study.compare.design import CompareStudy
from sim.study.compare.result import CompareResult
from sim.study.files import read_policy
from sim.study.registry import figure_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 6
"""Groups: 64 policies are run for six."""

CONTRIBUTIONS = "contributions"
"""The document in a saved comparison that says which levers make a group."""


def shapley(values: np.ndarray) -> np.ndarray:
    """Return the Shapley values of a game, given the value of every subset.

    Parameters
    ----------
    values : float64[2**k, ...]
        Entry ``s`` is the value of the players whose bits are set in ``s``.

    Returns
    -------
    float64[k, ...]
        They sum to ``values[-1] - values[0]``.

    Examples
    --------
    >>> shapley(np.array([0.0, 1.0, 2.0, 5.0])).tolist()  # together 2 more than apart: shared equally
    [2.0, 3.0]
    """
    values = np.asarray(values, np.float64)
    k = len(values).bit_length() - 1
    if len(values) != 1 << k:
        raise ValueError(f"values: {len(values)} entries are not those of every subset; give 2**k")
    out = np.zeros((k, *values.shape[1:]))
    for subset in range(1 << k):
        size = subset.bit_count()
        weight = factorial(size) * factorial(k - size - 1) / factorial(k) if size < k else 0.0
        for player in range(k):
            if not subset >> player & 1:
                out[player] += weight * (values[subset | 1 << player] - values[subset])
    return out


@dataclass(frozen=True, eq=False, repr=False)
class ContributionsResult(Result):
    """What each group of a policy's mechanisms contributes.

    Attributes
    ----------
    policy : Policy
    groups : mapping
        Name of a group -> keys of its levers.
    comparison : CompareResult
        The runs: one policy per subset, the baseline first, the whole policy last; kept, so that every outcome, window
        and unit can be read without running anything again.
    """

    policy: Policy
    groups: Mapping[str, tuple[str, ...]]
    comparison: CompareResult

    @classmethod
    def restored(cls, groups: Mapping[str, Any], comparison: CompareResult) -> ContributionsResult:
        """Make a result from the groups and the comparison that were saved."""
        policy, __ = policy_from(groups["policy"])
        return cls(policy, {name: tuple(keys) for name, keys in groups["groups"].items()}, comparison)

    def table(
        self, outcomes: str | Sequence[str] | None = None, window: str | None = None, unit: str = AGENCY
    ) -> pd.DataFrame:
        """Contribution of each group to the difference the policy makes.

        Parameters
        ----------
        outcomes, window, unit
            As in :meth:`sim.study.CompareResult.table`.

        Returns
        -------
        DataFrame
            A row per outcome and group, then one with group ``*``, the whole difference: ``outcome, group,
            contribution, low, high, alone, last, n``. `low` and `high` are the ends of the 95 % interval over
            replications; `alone` is what the group does by itself, `last` what is lost when it alone is left out.
        """
        chosen = self.comparison.table(outcomes, window, unit)["outcome"].unique()
        rows = []
        for outcome in chosen:
            found = self.by_replication(str(outcome), window, unit)
            values = self._values(str(outcome), window, unit)
            full = len(values) - 1
            for g, group in enumerate((*self.groups, "*")):
                mean, half = float(found[g].mean()), half_width(found[g])
                bit = full if group == "*" else 1 << g
                alone, last = (values[bit] - values[0]).mean(), (values[full] - values[full & ~bit]).mean()
                rows.append((outcome, group, mean, mean - half, mean + half, alone, last, found.shape[1]))
        columns = ["outcome", "group", "contribution", "low", "high", "alone", "last", "n"]
        return pd.DataFrame(rows, columns=columns)

    def by_replication(self, outcome: str, window: str | None = None, unit: str = AGENCY) -> np.ndarray:
        """Contributions in each replication in which every subset has a value; float64[groups + 1, n].

        The last row is the whole difference.
        """
        values = self._values(outcome, window, unit)
        return np.vstack([shapley(values), values[-1] - values[0]])

    def sentences(self) -> Sequence[str]:
        """Name the group that contributes most to the first outcome."""
        rows = self.table()
        rows = rows[(rows["outcome"] == rows["outcome"].iloc[0]) & (rows["group"] != "*")]
        first = rows.loc[rows["contribution"].abs().idxmax()]
        outcome = str(first["outcome"])
        return [
            str(
                _(
                    "{policy}: of {groups} groups of mechanisms, {group} contributes most to {outcome}.",
                    policy=self.policy.label(),
                    groups=len(self.groups),
                    group=GROUP_NAMES.get(str(first["group"]), first["group"]),
                    outcome=OUTCOMES[outcome].label if outcome in OUTCOMES else outcome,
                )
            )
        ]

    def to_frame(self) -> pd.DataFrame:
        """Return the runs of every subset: one row per policy, replication, window and unit."""
        return self.comparison.to_frame()

    def save(self, folder: str | Path) -> Path:
        """Write the runs, as :meth:`sim.study.CompareResult.save` does, the groups, and the contributions as CSV.

        :func:`sim.load_result` reads the folder back as contributions.
        """
        groups = {
            "policy": policy_to_dict(self.policy),
            "groups": {k: list(v) for k, v in self.groups.items()},
        }
        folder = write_result(
            folder,
            tables=self.comparison.tables(),
            documents={**self.comparison.documents(), CONTRIBUTIONS: groups},
            manifest=self.comparison.manifest,
        )
        write_whole(folder / "contributions.csv", self.table().to_csv(index=False, lineterminator="\n"))
        return folder

    def plot(
        self, *, outcomes: Sequence[str] | None = None, lang: str | None = None, ax: Axes | None = None
    ) -> Figure:
        """Draw one panel per outcome, one row per group, the whole difference below.

        Parameters
        ----------
        outcomes : sequence of str, optional
            By default the headline ones.
        lang, ax
            See :meth:`sim.result.Result.plot`.
        """
        with speaking(lang):
            return placed(lambda at: self.draw(at, outcomes), ax)

    def draw(self, ax: Axes | None, outcomes: Sequence[str] | None = None) -> Figure:
        """Draw one panel per outcome."""
        return figure_of("compare").contributions(self, outcomes=outcomes, ax=ax)

    def _values(self, outcome: str, window: str | None, unit: str) -> np.ndarray:
        c = self.comparison
        rows = c.runs_summary
        frame = rows[(rows["window"] == (window or c.windows[0])) & (rows["unit"] == unit)]
        values = matrix(frame, outcome, tuple(policy.name for policy in c.policies))
        return values[:, ~np.isnan(values).any(axis=0)]


def contributions(
    agency: Agency | str | Path,
    policy: Policy | str | Path,
    *,
    against: Policy | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    replications: int = 10,
    workers: int | None = None,
    progress: bool = True,
    out: str | Path | None = None,
    lang: str | None = None,
    simulate: Simulate | None = None,
    **design: Any,
) -> ContributionsResult:
    """Share out what a policy changes among groups of its mechanisms.

    Parameters
    ----------
    agency, policy
        As in :func:`sim.compare`.
    against : Policy, optional
        What the policy is compared with; the status quo.
    groups : mapping, optional
        Name -> keys of levers that are switched together. By default levers of one subject (``Lever.group``). Only
        levers that differ from `against` count; one that both have is switched back, not off.
    replications : int
        Of each of the ``2**groups`` policies that are run.
    workers, progress, out, lang, simulate
        See :func:`sim.study.run_study`.
    **design
        ``years, seed, scenario``...: see :class:`sim.study.CompareStudy`.

    Returns
    -------
    ContributionsResult

    Raises
    ------
    KinerjaError
        Where nothing differs, there are more than six groups, or `groups` leaves a lever out.

    Examples
    --------
    ::

        result = contributions("contoh", "feedback_and_training", years=1)
        result.table(["waiting_minutes"])
    """
    chosen = policy if isinstance(policy, Policy) else read_policy(policy)
    base = against or status_quo()
    by_group = _groups(chosen, base, groups)
    levers, names = list(by_group.values()), list(by_group)
    subsets = [_subset(chosen, base, levers, names, s) for s in range(1 << len(names))]
    study = CompareStudy.of(agency, subsets, replications=replications, **design)
    comparison = study.run(workers=workers, progress=progress, out=out, lang=lang, simulate=simulate)
    return ContributionsResult(chosen, by_group, comparison)


def _groups(
    policy: Policy, base: Policy, wanted: Mapping[str, Sequence[str]] | None
) -> dict[str, tuple[str, ...]]:
    """Keys of the levers that differ, by group."""
    ours, theirs = ({lever.key: lever for lever in p.levers} for p in (policy, base))
    differ = [key for key in (ours | theirs) if ours.get(key) != theirs.get(key)]
    if not differ:
        raise KinerjaError(
            _(
                "policy {policy!r} does not differ from {base!r}; there is nothing to explain.",
                policy=policy.name,
                base=base.name,
            )
        )
    if wanted is None:
        levers = sorted(((theirs | ours)[key] for key in differ), key=lambda lever: lever.sort_key)
        found: dict[str, tuple[str, ...]] = {}
        for lever in levers:
            found[lever.group] = (*found.get(lever.group, ()), lever.key)
    else:
        found = {name: tuple(keys) for name, keys in wanted.items()}
        named = [key for keys in found.values() for key in keys]
        for key in differ:
            if named.count(key) != 1:
                raise KinerjaError(
                    _(
                        "groups: lever {key!r} is there {count} times; put it into one group.",
                        key=key,
                        count=named.count(key),
                    )
                )
        for key in named:
            if key not in differ:
                raise KinerjaError(
                    _(
                        "groups: lever {key!r} does not differ from {base!r}; leave it out.",
                        key=key,
                        base=base.name,
                    )
                )
    if len(found) > MOST:
        raise KinerjaError(
            _(
                "policy {policy!r} has {n_found} groups ({found}); put them into at most {most} with "
                "groups={{name: [keys of levers], ...}}.",
                policy=policy.name,
                n_found=len(found),
                found=", ".join(found),
                most=MOST,
            )
        )
    return found


def _subset(
    policy: Policy, base: Policy, groups: Sequence[tuple[str, ...]], names: Sequence[str], subset: int
) -> Policy:
    """The baseline with the groups whose bits are set as the policy has them."""
    ours, levers = {lever.key: lever for lever in policy.levers}, {lever.key: lever for lever in base.levers}
    on = [g for g in range(len(groups)) if subset >> g & 1]
    for g in on:
        for key in groups[g]:
            if key in ours:
                levers[key] = ours[key]
            else:
                del levers[key]
    if not on:
        return replace(base, before=policy.before)
    return Policy(
        f"{policy.name}[{'+'.join(names[g] for g in on)}]", tuple(levers.values()), before=policy.before
    )
