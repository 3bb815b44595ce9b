"""Which policy is best, with a stated probability of being right, and no more runs than that takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from sim.levers import Policy
from sim.outcomes import OUTCOMES
from sim.study.bank import Bank
from sim.study.found import Found
from sim.study.intervals import half_width, paired
from sim.study.kim_nelson import KimNelson
from sim.study.progress import Progress
from sim.study.record import AskedOf, Watch, write
from sim.study.replicate import Simulate
from sim.study.spec import (
    Wrong,
    wrong_number,
    wrong_outcome,
    wrong_whole,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.agency import Agency

STEP = 5
"""Replications asked for at a time once the first stage is over: enough to keep several processes at work."""


@dataclass(frozen=True, kw_only=True)
class Selection(AskedOf):
    """Everything that decides a selection, and the words around it.

    Parameters
    ----------
    agency : Agency
    policies : tuple of Policy
        At least two.
    outcome : str
        The outcome that decides; it must be good or bad.
    indifference : float
        The smallest difference worth detecting, in the outcome's own unit (a share is 0..1).
    probability : float
        With which the best is selected, provided that it is better than the next by `indifference`.
    window : str
        Months that count, e.g. ``"25-36"``; "" is the whole study.
    first : int
        Replications of every policy before any is screened out.
    max_replications : int
        Where a selection that cannot decide stops.
    futures : bool
        Each replication happens in a future of its own (effects drawn from their evidence).
    years, seed, scenario, title, question
        See :class:`sim.study.Study`.
    """

    kind: ClassVar[str] = "selection"
    file_keys: ClassVar[Mapping[str, type]] = {
        "policies": list,
        "outcome": str,
        "indifference": float,
        "probability": float,
        "window": str,
        "first": int,
        "max_replications": int,
        "futures": bool,
    }

    outcome: str
    indifference: float
    probability: float = 0.95
    window: str = ""
    first: int = 10
    max_replications: int = 400
    futures: bool = False

    def run(
        self,
        *,
        workers: int | None = None,
        progress: bool = True,
        lang: str = "id",
        simulate: Simulate | None = None,
    ) -> Selected:
        """Run it; see :func:`select`."""
        return _run(self, workers, progress, lang, simulate)

    def _problems(self) -> Wrong:
        yield from wrong_outcome("outcome", self.outcome)
        if self.outcome in OUTCOMES and OUTCOMES[self.outcome].better == "none":
            yield "outcome", f"{self.outcome!r} is neither good nor bad.", "Choose one that is."
        yield from wrong_number("indifference", self.indifference, 1e-12, 1e15)
        yield from wrong_number("probability", self.probability, 0.5, 0.9999)
        yield from wrong_whole("first", self.first, 5, 1000)
        yield from wrong_whole("max_replications", self.max_replications, self.first, 100_000)
        yield from super()._problems()


@dataclass(frozen=True, eq=False, repr=False)
class Selected(Found):
    """What a selection found.

    Attributes
    ----------
    agency, policies, outcome
        As asked.
    runs : DataFrame
        Every run: ``policy, replication, window`` and a column an outcome of the agency.
    screening : DataFrame
        A row per policy: ``policy, replications, screened_at, screened_by``; the latter two are 0 and "" for those
        still in at the end.
    manifest : mapping
        What was run, how, where and with what; ``best``, ``decided`` and ``most`` among it.
    """

    kind: ClassVar[str] = "selection"

    agency: Agency
    policies: tuple[Policy, ...]
    outcome: str
    runs: pd.DataFrame
    screening: pd.DataFrame
    manifest: Mapping[str, Any]
    title: Mapping[str, str] = field(default_factory=dict)
    question: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        state = "" if self.decided else ", undecided"
        return f"<Selected {self.id}: {self.best} of {len(self.policies)}, {len(self)} runs{state}>"

    def __len__(self) -> int:
        """Runs made."""
        return len(self.runs[["policy", "replication"]].drop_duplicates())

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
        window = self.manifest["study"]["window"] or self.runs["window"].iloc[0]
        rows = self.runs[(self.runs["policy"] == policy) & (self.runs["window"] == window)]
        return rows.sort_values("replication")[self.outcome].to_numpy(dtype=np.float64)

    def table(self) -> pd.DataFrame:
        """Every policy against the best one, over the replications that both have.

        Returns
        -------
        DataFrame
            A row per policy, the best first, then those that stayed in longest: ``policy, n, mean, half_width,
            difference, low, high, correlation, variance_saved, screened_at, screened_by``. `difference` is to the
            best; its intervals hold for all policies together with 95 % (Bonferroni). They come after a search that
            stopped where its data told it to, so that the stated probability of the selection, not they, is the claim.
        """
        best = self.values(self.best)
        better = OUTCOMES[self.outcome].better
        rows = []
        for row in self.screening.itertuples():
            own = self.values(str(row.policy))
            n = min(len(own), len(best))
            pair = paired(own[:n], best[:n], better, together=len(self.policies) - 1)
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

    def plot(self, lang: str = "id") -> Figure:
        """Every policy with its interval, and how long it stayed in."""
        from sim.report.figures.selection import selection

        return selection(self, lang)

    def save(self, folder: str | Path) -> Path:
        """Write the result into `folder` (made; an earlier result there is replaced as a whole)."""
        return write(folder, self.agency, {"runs": self.runs, "screening": self.screening}, self.manifest)


def select(
    agency: Agency | str | Path,
    policies: Sequence[Policy | str | Path],
    outcome: str,
    *,
    indifference: float,
    probability: float = 0.95,
    workers: int | None = None,
    progress: bool = True,
    lang: str = "id",
    **design: Any,
) -> Selected:
    """Select the best of several policies with a stated probability of being right.

    Every policy meets the same luck. After a first stage each further replication is run only for the policies still
    in; one that falls too far behind another is screened out (procedure KN of Kim & Nelson 2001).

    Parameters
    ----------
    agency : Agency, str or path
    policies : sequence of Policy, str or path
    outcome : str
        The outcome that decides.
    indifference : float
        The smallest difference worth detecting, in the outcome's own unit (a share is 0..1).
    probability : float
        Of selecting the best, provided that it is better than the next by `indifference`; else, of selecting one that
        is worse than the best by less than that.
    workers, progress, lang
        See :func:`sim.study.compare`.
    **design
        Further parameters of :class:`Selection`.

    Returns
    -------
    Selected
        Interrupted, it holds the runs that were finished and says so in ``partial``.

    Examples
    --------
    ::

        found = select("contoh", ["status_quo", "citizen_feedback", "ict_training"], "waiting_minutes", indifference=1)
        found.best, found.table()
    """
    from sim.study.compare import study_of

    base = study_of(agency, policies)
    spec = Selection(
        agency=base.agency,
        policies=base.policies,
        outcome=outcome,
        indifference=indifference,
        probability=probability,
        **design,
    )
    return spec.run(workers=workers, progress=progress, lang=lang)


def _run(
    spec: Selection, workers: int | None, progress: bool, lang: str, simulate: Simulate | None
) -> Selected:
    watch, description = Watch(), spec.describe()
    names = [policy.name for policy in spec.policies]
    sign = 1.0 if OUTCOMES[spec.outcome].better == "high" else -1.0
    procedure = KimNelson(len(names), spec.indifference, spec.probability, spec.first)
    interrupted = False
    with Progress(progress, lang, 0, workers or 1) as bar:
        bank = Bank(
            spec.agency,
            seed=spec.seed,
            months=12 * spec.years,
            scenario=spec.scenario,
            futures=spec.futures,
            workers=workers,
            code=description.files,
            progress=bar,
            simulate=simulate,
        )
        try:
            while not procedure.done and procedure.n < spec.max_replications:
                size = spec.first if procedure.n == 0 else STEP
                stage = range(procedure.n, min(procedure.n + size, spec.max_replications))
                bank.run((spec.policies[i], r) for r in stage for i in procedure.alive)
                for r in stage:
                    column = np.full(len(names), np.nan)
                    for i in procedure.alive:
                        column[i] = sign * bank.values(spec.policies[i], [r], spec.outcome, spec.window)[0]
                    procedure.feed(column)
                    if procedure.done:
                        break
        except KeyboardInterrupt:
            interrupted = True
            if not procedure.n:
                raise
    screening = pd.DataFrame(
        [
            (name, bank.count(policy), *_out(procedure, names, i))
            for i, (name, policy) in enumerate(zip(names, spec.policies, strict=True))
        ],
        columns=["policy", "replications", "screened_at", "screened_by"],
    )
    manifest = watch.manifest(
        spec,
        description,
        partial=interrupted,
        workers=bank.workers,
        best=names[procedure.best],
        decided=procedure.done,
        replications=procedure.n,
        most=procedure.most,
        runs=len(bank),
    )
    runs = bank.table()
    return Selected(
        spec.agency, spec.policies, spec.outcome, runs, screening, manifest, spec.title, spec.question
    )


def _out(procedure: KimNelson, names: list[str], i: int) -> tuple[int, str]:
    at, other = procedure.screened.get(i, (0, -1))
    return at, names[other] if other >= 0 else ""
