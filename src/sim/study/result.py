"""What results of all kinds of study have in common."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import pandas as pd

from sim.agency.spec import Agency
from sim.calendar import holiday_notes
from sim.errors import KinerjaError, Message, _
from sim.language import speaking
from sim.levers import Policy
from sim.levers.base import own_outcomes
from sim.outcomes import OUTCOMES
from sim.result import Result
from sim.runs.results import AGENCY, write_result
from sim.study.registry import report_of
from sim.world import Scenario


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class StudyResult(Result):
    """A result of any kind of study.

    Attributes
    ----------
    spec : StudySpec
        The specification of the study; each kind has its own.
    manifest : mapping
        What was run, how, where and with what: the content of ``manifest.json``.
    """

    kind: ClassVar[str]
    files: ClassVar[Mapping[str, str]]
    """Table on disk -> attribute that holds it."""

    spec: Any
    manifest: Mapping[str, Any]

    @classmethod
    def restored(cls, spec: Any, tables: Mapping[str, pd.DataFrame], manifest: Mapping[str, Any]) -> Self:
        """Make a result from what was saved."""
        return cls(spec=spec, manifest=manifest, **{name: tables[file] for file, name in cls.files.items()})

    @property
    def id(self) -> str:
        """The study's id: the same question of the same model has the same id."""
        return self.manifest["id"]

    @property
    def partial(self) -> bool:
        """Whether it was interrupted, or is still under way."""
        return self.manifest["partial"]

    @property
    def agency(self) -> Agency:
        """The agency; of several, the first."""
        return self.spec.agency

    @property
    def scenario(self) -> Scenario:
        """The scenario."""
        return self.spec.scenario

    @property
    def title(self) -> Mapping[str, str]:
        """Language -> text; empty where nobody wrote one."""
        return self.spec.title

    @property
    def question(self) -> Mapping[str, str]:
        """Language -> text; empty where nobody wrote one."""
        return self.spec.question

    @property
    def notes(self) -> tuple[Message, ...]:  # type: ignore[override]
        """What a reader must know before trusting the numbers."""
        notes = [_("this is a partial result: the study was not run to its end.")] if self.partial else []
        return (*notes, *holiday_notes(self.scenario.start, self.spec.months))

    def sentence(self, *, lang: str | None = None) -> str:
        """State the answer in a sentence, by default in the session's language."""
        self.define_outcomes()
        with speaking(lang) as spoken:
            return report_of(self.kind).sentence(self, lang=spoken)

    def define_outcomes(self) -> None:
        """Let the names of outcomes of one's own mean what the levers of this study say, whatever was defined since."""
        policies = getattr(self.spec, "policies", None) or (self.spec.policy,)
        for lever in (lever for policy in policies for lever in policy.levers):
            for outcome in own_outcomes(lever):
                OUTCOMES.add(outcome)

    def sentences(self) -> Sequence[str]:
        """State the answer, or why there is none."""
        try:
            return [self.sentence()]
        except KinerjaError as error:
            return [str(error)]

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables that are saved, by the name of their file."""
        return {file: getattr(self, name) for file, name in self.files.items()}

    def documents(self) -> dict[str, Any]:
        """Return the plain data that are saved beside the tables, by the name of their file."""
        return {AGENCY: dataclasses.asdict(self.agency)}

    def save(self, folder: str | Path) -> Path:
        """Write the result into `folder` (made; an earlier result there is replaced as a whole)."""
        return write_result(folder, tables=self.tables(), documents=self.documents(), manifest=self.manifest)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class PolicyResult(StudyResult):
    """A result about several policies."""

    @property
    def policies(self) -> tuple[Policy, ...]:
        """The policies, in the order of the tables."""
        return self.spec.policies

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the policies, in order."""
        return tuple(policy.name for policy in self.policies)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class BaselineResult(PolicyResult):
    """A result about policies against one of them."""

    @property
    def baseline(self) -> str:
        """Name of the policy the others are compared with."""
        return self.spec.baseline

    @property
    def others(self) -> tuple[str, ...]:
        """Names of the policies that are compared with the baseline."""
        return tuple(name for name in self.names if name != self.baseline)


def result_folder(result: StudyResult, out: str | Path) -> Path:
    """Return where a result belongs under `out`; a partial one never replaces a complete one."""
    return Path(out) / (f"{result.id}-partial" if result.partial else result.id)
