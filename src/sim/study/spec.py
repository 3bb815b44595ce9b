"""Specifications of studies: what decides the numbers, and the words around it. Frozen and checked."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self

from sim.agency.doubt import Doubt
from sim.agency.frames import problems_of
from sim.agency.spec import Agency
from sim.errors import NOTHING, Message, Wrong, _, refuse
from sim.levers import Policy, status_quo
from sim.levers.policy import plain, policy_to_dict
from sim.runs.futures import Uncertainty
from sim.runs.identity import Description, describe
from sim.runs.job import Simulate
from sim.runs.provenance import model_data, version
from sim.study.checks import wrong_baseline, wrong_policies, wrong_whole
from sim.study.inputs import resolve
from sim.study.run import run_study
from sim.world.scenario import Scenario, wrong_units

WORDS = ("headline", "title", "question")
"""Parameters of a specification that change no number."""


@dataclass(frozen=True, kw_only=True)
class StudySpec:
    """What every kind of study is specified with; each kind adds its own.

    Parameters
    ----------
    agency : Agency
    years : int
        From 1 January of the scenario's first year.
    seed : int
        Root of all random numbers.
    scenario : Scenario
    title, question : mapping
        Language -> text.

    Raises
    ------
    Problems
        With everything that is wrong; ``column`` is the parameter.
    """

    kind: ClassVar[str]
    not_in_files: ClassVar[tuple[str, ...]] = ()
    """Parameters that a study file of the kind must not have."""

    agency: Agency
    years: int = 3
    seed: int = 1
    scenario: Scenario = field(default_factory=Scenario)
    title: Mapping[str, str] = field(default_factory=dict)
    question: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        refuse(iter((*self._settle(), *self._problems())))

    @classmethod
    def restored(cls, values: Mapping[str, Any]) -> Self:
        """Make a specification that was checked when it was saved; a lever of a notebook may be lost since."""
        spec = object.__new__(cls)
        for f in dataclasses.fields(cls):
            usual = f.default_factory() if callable(f.default_factory) else f.default
            object.__setattr__(spec, f.name, values.get(f.name, usual))
        refuse(spec._settle())
        return spec

    @property
    def months(self) -> int:
        """Length in months."""
        return 12 * self.years

    def describe(self) -> Description:
        """Return what decides the numbers, as canonical JSON with its id; titles and questions do not."""
        parts = {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name not in WORDS}
        parts |= {"kind": self.kind, "burn_in": status_quo(), "data": model_data(), "version": version()}
        return describe(parts, "study")

    def to_dict(self) -> dict[str, Any]:
        """Return the specification as plain data; the agency by its name (its tables have a file)."""
        return {"kind": self.kind} | {f.name: _plain(getattr(self, f.name)) for f in dataclasses.fields(self)}

    def run(
        self,
        *,
        workers: int | None = None,
        progress: bool = True,
        out: str | Path | None = None,
        lang: str | None = None,
        simulate: Simulate | None = None,
    ) -> Any:
        """Run the study and return the result of its kind; see :func:`sim.study.run.run_study`."""
        return run_study(self, workers=workers, progress=progress, out=out, lang=lang, simulate=simulate)

    def _settle(self) -> Wrong:
        """Fill in what was left out; yield what cannot be filled in."""
        yield from ()

    def _problems(self) -> Wrong:
        for key in ("years", "seed"):
            yield from wrong_whole(key, getattr(self, key))
        for problem in problems_of(self.agency):
            if not isinstance(problem, Doubt):
                yield "agency", Message("{problem}", (("problem", problem),)), NOTHING
        yield from wrong_units(self.scenario, self.agency)


@dataclass(frozen=True, kw_only=True)
class OnePolicyStudy(StudySpec):
    """A study of one policy and what may be changed in it.

    Parameters
    ----------
    policy : Policy
    """

    policy: Policy

    @classmethod
    def of(cls, agency: Agency | str | Path, policy: Policy | str | Path, **design: Any) -> Self:
        """Make a study of an agency and a policy given by name or path; `design` is what else it has, None the default.

        Raises
        ------
        Problems
            With everything wrong in the agency, the policy and the design.
        """
        place, (chosen,), __ = resolve(agency, [policy])
        return cls(agency=place, policy=chosen, **_given(design))


@dataclass(frozen=True, kw_only=True)
class PolicyStudy(StudySpec):
    """A study of several policies.

    Parameters
    ----------
    policies : tuple of Policy
        At least two, with different names.
    """

    fewest: ClassVar[int] = 2
    """Policies that a study of the kind must have."""

    policies: tuple[Policy, ...]

    @classmethod
    def of(cls, agency: Agency | str | Path, policies: Sequence[Policy | str | Path], **design: Any) -> Self:
        """Make a study of an agency and policies given by name or path; `design` is what else it has, None the default.

        Raises
        ------
        Problems
            With everything wrong in the agency, every policy and the design.
        """
        place, chosen, __ = resolve(agency, policies)
        return cls(agency=place, policies=chosen, **_given(design))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the policies, in order."""
        return tuple(policy.name for policy in self.policies)

    def _problems(self) -> Wrong:
        yield from wrong_policies(self.policies)
        if len(self.policies) == 1 < self.fewest:
            yield "policies", _("there is one policy only."), _("Name at least two to choose from.")
        yield from super()._problems()


@dataclass(frozen=True, kw_only=True)
class BaselineStudy(PolicyStudy):
    """A study of policies against one of them.

    Parameters
    ----------
    baseline : str
        Name of the policy the others are compared with; the first by default.
    """

    baseline: str = ""

    @classmethod
    def of(
        cls,
        agency: Agency | str | Path,
        policies: Sequence[Policy | str | Path],
        *,
        baseline: int | str = 0,
        **design: Any,
    ) -> Self:
        """Make a study as :meth:`PolicyStudy.of` does; `baseline` is the position or name of one policy."""
        place, chosen, name = resolve(agency, policies, baseline)
        return cls(agency=place, policies=chosen, baseline=name, **_given(design))

    def _settle(self) -> Wrong:
        if not self.baseline and self.policies:
            object.__setattr__(self, "baseline", self.policies[0].name)
        yield from super()._settle()

    def _problems(self) -> Wrong:
        yield from wrong_baseline(self.baseline, self.policies)
        yield from super()._problems()


def _given(design: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was given: None is the default, and a sequence is a tuple."""
    return {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in design.items()
        if value is not None
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Agency):
        return value.name
    if isinstance(value, Policy):
        return policy_to_dict(value)
    if isinstance(value, Scenario):
        return {**dataclasses.asdict(value), "start": value.start.isoformat()}
    if isinstance(value, (tuple, list)):
        if value and all(isinstance(x, Uncertainty) for x in value):
            return {x.key: [x.low, x.high] for x in value}  # as a study file has them
        return [_plain(x) for x in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(x) for key, x in value.items()}
    return plain(value)
