"""Who gains and who is harmed: what policies do to groups of officers, from the officers themselves.

The outcome tables of a comparison know units, not people. Here each run is looked at officer by officer: after every
appraisal of the study, and at its end. An officer who holds a post under two policies is the same person in both (same
luck), so that what a policy did to him is the difference between the two.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from sim.agency import Agency
from sim.errors import KinerjaError
from sim.levers import Appraisal, Policy
from sim.levers.base import nearest
from sim.outcomes import Better
from sim.regulation import PREDIKAT
from sim.study.compare import study_of
from sim.study.intervals import paired
from sim.study.progress import Progress
from sim.study.replicate import Job, at_a_time, run_jobs
from sim.world import RunTables, Scenario, make_world
from sim.world.ratings import PAR, published_mix

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.world import World

NEWCOMER = 2.0
"""Years in office below which an officer is a newcomer (convention of ours)."""
AGES = (35, 50)
"""Bounds of the age bands, years (convention of ours)."""
FELT = 0.01
"""SDs by which motivation must be lower for an officer to count as worse off: less is rounding, not harm."""

MEASURES: dict[str, Better] = {
    "performance": "high",
    "motivation": "high",
    "worse_off": "low",
    "workload": "none",
    "rating_gap": "none",
    "rating_validity": "high",
    "favouritism": "low",
    "false_below": "low",
    "missed_below": "low",
    "false_top": "low",
}
"""What is told of a group, and which way is better; see :meth:`ByGroup.table`."""

SPLITS: dict[str, tuple[str, ...]] = {
    "contract": ("pns", "pppk"),
    "closeness": ("close", "not_close"),
    "tenure": ("newcomer", "settled"),
    "age": ("young", "middle", "older"),
    "unit": (),
}
"""How officers can be split -> the groups; those of ``unit`` are the agency's."""


@dataclass(frozen=True, eq=False, repr=False)
class ByGroup:
    """Officers of every run, to be split as one likes; make one with :func:`by_group`.

    Attributes
    ----------
    agency : Agency
    policies : tuple of Policy
    baseline : str
    replications : int
    people : DataFrame
        A row per policy, replication, moment and officer: ``policy, replication, month, end, unit, supervisor, pns,
        age, tenure, closeness, person, performance, motivation, workload, rating, level, gap, before``. `end` tells the
        end of the study (no rating; `workload` is cases relative to the unit's mean since the last appraisal, `before`
        motivation of the same person under the baseline) from the appraisals (0 Sangat Kurang ... 4 Sangat Baik).
    """

    agency: Agency
    policies: tuple[Policy, ...]
    baseline: str
    replications: int
    people: pd.DataFrame

    def __repr__(self) -> str:
        names = ", ".join(policy.name for policy in self.policies)
        return f"<ByGroup: {names} on {self.agency.name}, {self.replications} replications>"

    def groups(self, by: str) -> tuple[str, ...]:
        """The groups of a split, in order."""
        if by not in SPLITS:
            raise KinerjaError(f"no split by {by!r}{nearest(by, SPLITS)}; there are {', '.join(SPLITS)}.")
        return SPLITS[by] or tuple(unit.unit for unit in self.agency.units)

    def table(self, by: str = "contract", measures: str | Sequence[str] | None = None) -> pd.DataFrame:
        """Every group under every policy, and against the baseline.

        Parameters
        ----------
        by : str
            ``contract`` (PNS, PPPK), ``closeness`` (to the supervisor: above or below the average officer; supervisors
            left out), ``tenure`` (newcomer: under two years), ``age`` (under 35, to 49, 50 and over) or ``unit``.
            Groups are those officers who belong to them at the moment looked at.
        measures : str or sequence of str, optional
            ``performance`` and ``motivation`` at the end of the study, SD; ``worse_off``: share of officers whose
            motivation is then lower than the same person's under the baseline; ``workload``: cases handled relative
            to the unit's mean; of the appraisals after the study's first month ``rating_gap`` (rating minus true
            performance, both standardised over the agency: 0 is fair, above 0 favoured), ``rating_validity``
            (correlation within the group), ``favouritism`` (slope of the rating on closeness at equal performance),
            and shares of the group's officers: ``false_below`` (of those who perform), ``missed_below`` (of those who
            do not), ``false_top`` (of those rated Sangat Baik).

        Returns
        -------
        DataFrame
            ``measure, group, policy, officers, mean, half_width, difference, low, high, n``: `officers` a
            replication; mean over replications and half its interval; the paired difference from the baseline, whose
            intervals hold for all groups and policies of a measure at once (Bonferroni). NaN where a group has nobody.
        """
        names = [policy.name for policy in self.policies]
        chosen = (
            list(MEASURES)
            if measures is None
            else [measures]
            if isinstance(measures, str)
            else list(measures)
        )
        for name in chosen:
            if name not in MEASURES:
                raise KinerjaError(
                    f"no measure {name!r}{nearest(name, MEASURES)}; there are {', '.join(MEASURES)}."
                )
        groups = self.groups(by)
        people = self.people.assign(group=_split(self.people, by))
        if by == "closeness":
            people = people[~people["supervisor"]]
        parts: dict[Any, pd.DataFrame] = dict(
            iter(people.groupby(["group", "policy", "replication"], observed=True))
        )
        empty = people.iloc[:0]
        together = max(1, (len(names) - 1) * len(groups))
        rows = []
        for measure in chosen:
            for group in groups:
                found = np.array(
                    [
                        [_TOLD[measure](parts.get((group, name, r), empty)) for r in range(self.replications)]
                        for name in names
                    ]
                )
                base = found[names.index(self.baseline)]
                for p, name in enumerate(names):
                    sizes = [
                        int(parts.get((group, name, r), empty)["end"].sum()) for r in range(self.replications)
                    ]
                    pair = paired(found[p], base, MEASURES[measure], together)
                    compared = (pair.difference, pair.low, pair.high)
                    if name == self.baseline:
                        compared = (float("nan"),) * 3
                    told = (pair.mean, pair.half_width, *compared, pair.n)
                    rows.append((measure, group, name, float(np.mean(sizes)), *told))
        columns = [
            "measure",
            "group",
            "policy",
            "officers",
            "mean",
            "half_width",
            "difference",
            "low",
            "high",
            "n",
        ]
        frame = pd.DataFrame(rows, columns=columns)
        frame["policy"] = pd.Categorical(frame["policy"], categories=names)
        return frame

    def plot(self, by: str = "contract", measures: Sequence[str] | None = None, lang: str = "id") -> Figure:
        """Groups side by side: one panel a measure, a row a group, a mark a policy."""
        from sim.report.figures.groups import groups

        return groups(self, by, measures, lang)


def by_group(
    agency: Agency | str | Path,
    policies: Sequence[Policy | str | Path],
    *,
    baseline: int | str = 0,
    years: int = 2,
    replications: int = 5,
    seed: int = 1,
    scenario: Scenario | None = None,
    workers: int | None = None,
    progress: bool = True,
    lang: str = "id",
) -> ByGroup:
    """Run policies and look at the officers of every run.

    Parameters
    ----------
    agency, policies, baseline, seed, scenario, workers, progress, lang
        As in :func:`sim.study.compare`; the runs are the same as there.
    years : int
        Ratings given in the first month are of work before the study, and not looked at.
    replications : int

    Returns
    -------
    ByGroup

    Raises
    ------
    Problems
        With everything wrong in the arguments, before anything runs.

    Examples
    --------
    ``by_group("contoh", ["status_quo", "citizen_feedback"]).table("closeness", "worse_off")``
    """
    study = study_of(
        agency,
        policies,
        baseline=baseline,
        years=years,
        seed=seed,
        replications=replications,
        scenario=scenario or Scenario(),
    )
    where = [(r, p) for r in range(replications) for p in range(len(study.policies))]
    jobs = [
        Job((r, p), study.agency, study.policies[p], seed, r, study.months, study.scenario) for r, p in where
    ]
    runs: dict[tuple[Any, ...], pd.DataFrame] = {}
    workers = at_a_time(workers)
    with Progress(progress, lang, len(study.policies), workers) as bar:
        bar.expect(len(jobs))
        code = study.describe().files
        for job, tables, seconds in run_jobs(jobs, workers=workers, code=code, simulate=simulate_people):
            runs[job.key] = tables.outcomes
            bar.finished(seconds)
    base = study.names.index(study.baseline)
    frames = []
    for r, p in where:
        frame = runs[r, p].copy()
        known = runs[r, base]
        known = known[known["end"]].set_index("person")["motivation"]
        frame["before"] = frame["person"].map(known).where(frame["end"] & (p != base))
        frame.insert(0, "policy", study.names[p])
        frame.insert(1, "replication", r)
        frames.append(frame)
    people = pd.concat(frames, ignore_index=True)
    return ByGroup(study.agency, study.policies, study.baseline, replications, people)


def simulate_people(
    agency: Agency, policy: Policy, *, seed: int, replication: int, months: int, scenario: Scenario
) -> RunTables:
    """As :func:`sim.world.simulate`, but ``outcomes`` has a row an officer and moment; see :class:`ByGroup`."""
    world = make_world(agency, policy, seed=seed, replication=replication, months=months, scenario=scenario)
    seen: list[pd.DataFrame] = []
    appraisal = next((lever for lever in policy.levers if isinstance(lever, Appraisal)), None)
    if appraisal is not None:
        world.env.process(_watch(world, appraisal.every, seen))
    world.run()
    seen.append(_look(world, end=True))
    return RunTables(pd.concat(seen, ignore_index=True), pd.DataFrame(), pd.DataFrame())


def _watch(world: World, every: str, seen: list[pd.DataFrame]) -> Generator[Any, Any, None]:
    """Look at everybody right after each appraisal, before anyone acts on it."""
    while True:
        yield world.clock.next(every, phase="feedback")
        if world.clock.month > 1 and "appraisal.score" in world.officers.own:
            seen.append(_look(world, end=False))


def _look(world: World, *, end: bool) -> pd.DataFrame:
    officers, n = world.officers, len(world.officers)
    nothing = np.full(n, np.nan)
    mean = world.by_unit(world.service.jobs)[officers.unit]
    load = np.divide(world.service.jobs, mean, out=nothing.copy(), where=mean > 0)
    return pd.DataFrame(
        {
            "month": np.full(n, world.months if end else world.clock.month),
            "end": np.full(n, end),
            "unit": np.array([unit.unit for unit in world.agency.units], object)[officers.unit],
            "supervisor": officers.is_supervisor,
            "pns": officers.pns.copy(),
            "age": officers.age.copy(),
            "tenure": officers.tenure.copy(),
            "closeness": officers.closeness.copy(),
            "person": officers.severity.copy(),  # drawn once a person and never changed, so it tells people apart
            "performance": world.people.truth.copy(),
            "motivation": world.people.motivation.copy(),
            "workload": load if end else nothing,
            "rating": nothing if end else officers.column("appraisal.score").copy(),
            "level": nothing if end else officers.column("appraisal.predikat").copy(),
            "gap": nothing
            if end
            else _standard(officers.column("appraisal.score")) - _standard(world.people.truth),
        }
    )


def _standard(x: np.ndarray) -> np.ndarray:
    sd = x.std()
    return np.asarray((x - x.mean()) / sd) if sd > 0 else np.zeros(len(x))


def _mean(name: str, end: bool) -> Callable[[pd.DataFrame], float]:
    return lambda part: float(part.loc[part["end"] == end, name].mean())


def _worse_off(part: pd.DataFrame) -> float:
    known = part[part["before"].notna()]
    return float((known["motivation"] < known["before"] - FELT).mean()) if len(known) else np.nan


def _validity(part: pd.DataFrame) -> float:
    rated = part.dropna(subset="rating")
    vary = len(rated) > 2 and rated["rating"].std() > 0 and rated["performance"].std() > 0
    return float(np.corrcoef(rated["rating"], rated["performance"])[0, 1]) if vary else np.nan


def _favouritism(part: pd.DataFrame) -> float:
    rated = part.dropna(subset="rating")
    if len(rated) < 5:
        return np.nan
    x = np.column_stack([np.ones(len(rated)), rated["performance"], rated["closeness"]])
    return float(np.linalg.lstsq(x, rated["rating"].to_numpy(), rcond=None)[0][2])


def _share(
    event: Callable[[pd.DataFrame], Any], among: Callable[[pd.DataFrame], Any]
) -> Callable[[Any], float]:
    def told(part: pd.DataFrame) -> float:
        rated = part.dropna(subset="rating")
        these = rated[among(rated)]
        return float(event(these).mean()) if len(these) else np.nan

    return told


_BAIK, _TOP = PREDIKAT.index("baik"), PREDIKAT.index("sangat_baik")

_TOLD: dict[str, Callable[[pd.DataFrame], float]] = {
    "performance": _mean("performance", end=True),
    "motivation": _mean("motivation", end=True),
    "worse_off": _worse_off,
    "workload": _mean("workload", end=True),
    "rating_gap": _mean("gap", end=False),
    "rating_validity": _validity,
    "favouritism": _favouritism,
    "false_below": _share(lambda x: x["level"] < _BAIK, lambda x: x["performance"] >= PAR),
    "missed_below": _share(lambda x: x["level"] >= _BAIK, lambda x: x["performance"] < PAR),
    "false_top": _share(
        lambda x: x["performance"] < ndtri(1 - published_mix()["sangat_baik"]), lambda x: x["level"] == _TOP
    ),
}
"""Measure -> its value in the rows of one group in one run; the words for below, best and top are the recorder's."""


def _split(people: pd.DataFrame, by: str) -> Any:
    """The group of each row."""
    if by == "unit":
        return people["unit"]
    names = np.array(SPLITS[by], object)
    if by == "age":
        return names[np.digitize(people["age"], AGES)]
    first = {
        "contract": people["pns"],
        "closeness": people["closeness"] > 0,
        "tenure": people["tenure"] < NEWCOMER,
    }[by]
    return names[np.where(first, 0, 1)]
