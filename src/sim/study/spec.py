"""What every kind of study writes beside its tables: what was asked, how it was run, where and with what."""

from __future__ import annotations

import dataclasses
import datetime
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from sim.agency.spec import Agency
from sim.levers import Policy, status_quo
from sim.levers.policy import plain, told_policy
from sim.runs.futures import Uncertainty
from sim.runs.identity import Description, describe
from sim.runs.provenance import commit, machine, model_code, model_data, version, versions
from sim.runs.results import AGENCY, write_result
from sim.study.checks import Wrong, refuse, wrong_baseline, wrong_policies, wrong_scenario, wrong_whole
from sim.world import Scenario

WORDS = ("headline", "title", "question")
"""Parameters of a spec that change no number."""


def described(spec: Any) -> Description:
    """What decides the numbers of a study, as canonical JSON with its id."""
    parts = {f.name: getattr(spec, f.name) for f in dataclasses.fields(spec) if f.name not in WORDS}
    parts |= {"kind": spec.kind, "burn_in": status_quo(), "data": model_data(), "version": version()}
    return describe(parts, "study")


def told(spec: Any) -> dict[str, Any]:
    """A spec as plain data; the agency is told by its name (its tables have a file)."""
    return {"kind": spec.kind} | {f.name: _told(getattr(spec, f.name)) for f in dataclasses.fields(spec)}


def _told(value: Any) -> Any:
    if isinstance(value, Agency):
        return value.name
    if isinstance(value, Policy):
        return told_policy(value)
    if isinstance(value, Scenario):
        return {**dataclasses.asdict(value), "start": value.start.isoformat()}
    if isinstance(value, (tuple, list)):
        if value and all(isinstance(x, Uncertainty) for x in value):
            return {x.key: [x.low, x.high] for x in value}  # as a study file has them
        return [_told(x) for x in value]
    if isinstance(value, Mapping):
        return {str(key): _told(x) for key, x in value.items()}
    return plain(value)


@dataclass(frozen=True, kw_only=True)
class StudySpec:
    """What every kind of study but a comparison is asked with; each kind adds its own.

    Parameters
    ----------
    agency : Agency
    years, seed, scenario, title, question
        See :class:`sim.study.CompareStudy`.

    Raises
    ------
    Problems
        With everything that is wrong; ``column`` is the parameter.
    """

    kind: ClassVar[str]
    file_keys: ClassVar[Mapping[str, type]]

    agency: Agency
    years: int = 3
    seed: int = 1
    scenario: Scenario = field(default_factory=Scenario)
    title: Mapping[str, str] = field(default_factory=dict)
    question: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        refuse(iter((*self._settle(), *self._problems())))

    def describe(self) -> Description:
        """What decides the numbers, as canonical JSON with its id."""
        return described(self)

    def _settle(self) -> Wrong:
        """Fill in what was left to us; what cannot be."""
        yield from ()

    def _problems(self) -> Wrong:
        for key in ("years", "seed"):
            yield from wrong_whole(key, getattr(self, key))
        yield from wrong_scenario(self.scenario)


@dataclass(frozen=True, kw_only=True)
class PolicyStudy(StudySpec):
    """What is asked of several policies.

    Parameters
    ----------
    policies : tuple of Policy
        At least two, with different names.
    """

    policies: tuple[Policy, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the policies, in order."""
        return tuple(policy.name for policy in self.policies)

    def _problems(self) -> Wrong:
        yield from wrong_policies(self.policies)
        if len(self.policies) == 1:
            yield "policies", "there is one policy only.", "Name at least two to choose from."
        yield from super()._problems()


@dataclass(frozen=True, kw_only=True)
class BaselineStudy(PolicyStudy):
    """What is asked of policies against one of them.

    Parameters
    ----------
    baseline : str
        Name of the policy the others are compared with; the first by default.
    """

    baseline: str = ""

    def _settle(self) -> Wrong:
        if not self.baseline and self.policies:
            object.__setattr__(self, "baseline", self.policies[0].name)
        yield from super()._settle()

    def _problems(self) -> Wrong:
        yield from wrong_baseline(self.baseline, self.policies)
        yield from super()._problems()


class Watch:
    """Starts when it is made; :meth:`manifest` says what was run, how, where and with what."""

    def __init__(self) -> None:
        self._began = datetime.datetime.now(datetime.UTC)
        self._clock = time.perf_counter()

    def manifest(
        self, spec: Any, description: Description, *, partial: bool, workers: int, **more: Any
    ) -> dict[str, Any]:
        """The content of ``manifest.json``; `more` is plain data that belongs to the kind."""
        return {
            "id": description.id,
            "kind": spec.kind,
            "partial": partial,
            **more,
            "study": told(spec),
            "sources": description.sources,
            "data": model_data(),
            "code": model_code(),
            "versions": versions(),
            "commit": commit(),
            "machine": machine(),
            "workers": workers,
            "began": self._began.isoformat(timespec="seconds"),
            "seconds": round(time.perf_counter() - self._clock, 3),
        }


def write(
    folder: str | Path, agency: Agency, tables: Mapping[str, pd.DataFrame], manifest: Mapping[str, Any]
) -> Path:
    """Write the tables of a result, its agency and its manifest; see :func:`sim.runs.results.write_result`."""
    documents = {AGENCY: dataclasses.asdict(agency)}
    return write_result(folder, tables=tables, documents=documents, manifest=manifest)
