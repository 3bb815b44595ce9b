"""Who gains and who is harmed: what policies do to groups of officers, from the officers themselves.

A comparison knows units, not people. Here each run is looked at officer by officer
(:mod:`sim.study.fairness.people`). One who holds a post under two
policies is the same person in both, so that the difference is what a policy did to them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from sim.intervals import FIRST_COUNT
from sim.levers import Policy
from sim.levers.base import nearest
from sim.runs.job import Key, RunTables, Simulate
from sim.runs.progress import Progress
from sim.runs.replicate import n_parallel, replicate
from sim.runs.tables import assemble, complete
from sim.study.checks import Wrong, wrong_whole
from sim.study.fairness.groups import EVERYONE, PAIRED, SPLITS
from sim.study.fairness.people import simulate_people
from sim.study.fairness.result import FairnessResult, splits_of
from sim.study.inputs import resolve
from sim.study.spec import BaselineStudy, Watch

if TYPE_CHECKING:
    from sim.agency import Agency

USUAL = ("closeness", "contract", "tenure", "age")
"""Splits where none are asked for."""


@dataclass(frozen=True, kw_only=True)
class FairnessStudy(BaselineStudy):
    """Everything that decides a study of who gains and who is harmed, and the words around it.

    Parameters
    ----------
    agency : Agency
    policies : tuple of Policy
        At least two.
    baseline : str
        Name of the policy the others are compared with; the first by default.
    replications : int
    splits : tuple of str
        Ways to split officers, of :data:`sim.study.fairness.groups.SPLITS`; "all officers" is always added.
    years, seed, scenario, title, question
        See :class:`sim.study.CompareStudy`.
    """

    kind: ClassVar[str] = "fairness"
    file_keys: ClassVar[Mapping[str, type]] = {
        "policies": list,
        "baseline": str,
        "replications": int,
        "splits": list,
    }

    replications: int = FIRST_COUNT
    splits: tuple[str, ...] = USUAL

    def run(
        self,
        *,
        workers: int | None = None,
        progress: bool = True,
        lang: str = "id",
        simulate: Simulate | None = None,
    ) -> FairnessResult:
        """Run it; see :func:`fairness`."""
        return _run(self, workers, progress, lang, simulate or simulate_people)

    def _problems(self) -> Wrong:
        yield from wrong_whole("replications", self.replications)
        there = ", ".join(split for split in SPLITS if split != EVERYONE)
        if not self.splits:
            yield "splits", "there is no way to split officers.", f"There are {there}."
        for split in self.splits:
            if not isinstance(split, str) or split not in SPLITS:
                yield "splits", f"no split by {split!r}{nearest(str(split), SPLITS)}.", f"There are {there}."
        yield from super()._problems()


def fairness(
    agency: Agency | str | Path,
    policies: Sequence[Policy | str | Path],
    *,
    baseline: int | str = 0,
    replications: int = FIRST_COUNT,
    splits: Sequence[str] = USUAL,
    workers: int | None = None,
    progress: bool = True,
    lang: str = "id",
    **design: Any,
) -> FairnessResult:
    """Run policies and look at the officers of every run: who gains, who is harmed, who is rated fairly.

    Parameters
    ----------
    agency, policies, baseline, workers, progress, lang
        See :func:`sim.study.compare.design.compare`; the runs are the same as there.
    replications, splits
        See :class:`FairnessStudy`.
    **design
        Further parameters of :class:`FairnessStudy`.

    Returns
    -------
    FairnessResult
        Interrupted, it holds the replications that every policy has finished and says so in ``partial``.

    Raises
    ------
    Problems
        With everything wrong in the arguments, before anything runs.

    Examples
    --------
    ::

        found = fairness("contoh", ["status_quo", "citizen_feedback"], years=1)
        found.table("closeness", "worse_off"), found.gaps(), found.plot(lang="en")
    """
    place, chosen, name = resolve(agency, policies, baseline)
    spec = FairnessStudy(
        agency=place,
        policies=chosen,
        baseline=name,
        replications=replications,
        splits=tuple(splits),
        **design,
    )
    return spec.run(workers=workers, progress=progress, lang=lang)


def _run(
    spec: FairnessStudy, workers: int | None, progress: bool, lang: str, simulate: Simulate
) -> FairnessResult:
    watch, description, workers = Watch(), spec.describe(), n_parallel(workers)
    count = len(spec.policies)
    # whole replications first, so that an interruption loses little
    keys = [Key(policy, r) for r in range(spec.replications) for policy in range(count)]
    runs: dict[Key, RunTables] = {}
    interrupted = False
    with Progress(progress, lang, count, workers) as bar:
        bar.expect(len(keys))
        try:
            for key, tables, seconds in replicate(
                spec.agency,
                spec.policies,
                keys,
                seed=spec.seed,
                months=12 * spec.years,
                scenario=spec.scenario,
                workers=workers,
                code=description.files,
                simulate=simulate,
            ):
                runs[key] = tables
                bar.finished(seconds)
        except KeyboardInterrupt:
            interrupted = True
            if not complete(runs, count):
                raise
    n = complete(runs, count)
    whole = {key: tables for key, tables in runs.items() if key.replication < n}
    tables = assemble(spec.agency, spec.policies, whole)
    manifest = watch.manifest(
        spec,
        description,
        partial=interrupted,
        workers=workers,
        replications=n,
        runs=len(whole),
    )
    return FairnessResult(
        spec.agency,
        spec.policies,
        spec.baseline,
        splits_of(spec.splits),
        with_before(tables.outcomes, spec.baseline),
        tables.summary,
        tables.costs,
        manifest,
        spec.title,
        spec.question,
    )


def with_before(people: pd.DataFrame, baseline: str) -> pd.DataFrame:
    """Officers of all runs, each at the end beside himself under the baseline: ``<measure>_before``.

    NaN for one who holds no post under the baseline, and at all other moments.
    """
    yes_no = ["end", "supervisor", "pns"]
    people = people.astype(dict.fromkeys(yes_no, bool))
    keys = ["replication", "person"]
    before = {measure: f"{measure}_before" for measure in PAIRED}
    known = people.loc[people["end"] & (people["policy"] == baseline), [*keys, *before]]
    found = people[keys].merge(known.rename(columns=before), "left", keys, validate="m:1")
    for column in before.values():
        people[column] = found[column].where(people["end"]).to_numpy()
    return people
