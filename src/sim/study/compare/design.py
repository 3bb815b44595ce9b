"""The specification of a comparison: what is compared, and how precisely the answer must be known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from sim.errors import Wrong, _
from sim.intervals import FIRST_COUNT
from sim.names import named
from sim.study.checks import wrong_outcome, wrong_whole
from sim.study.spec import BaselineStudy


@named
@dataclass(frozen=True, kw_only=True)
class CompareStudy(BaselineStudy):
    """Everything that decides the numbers of a comparison, and the words around it.

    Parameters
    ----------
    agency : Agency
    policies : tuple of Policy
        With different names.
    baseline : str
        Name of the policy the others are compared with; the first by default.
    years : int
        From 1 January of the scenario's first year.
    seed : int
        Root of all random numbers.
    replications : int, optional
        Exactly this many. None: as many as `precision` needs, or 10.
    precision : mapping
        Outcome -> required half-width of the intervals of the differences to the baseline, which hold for all policies
        together with 95 %, in the outcome's own unit (a share is 0..1), checked at 10, 20, 40... replications.
    max_replications : int
        Where a study that has not reached its precision stops.
    scenario : Scenario
    headline : tuple of str
        Outcomes shown first; those of :data:`sim.outcomes.HEADLINE` by default.
    title, question : mapping
        Language -> text.

    Raises
    ------
    Problems
        With everything that is wrong; ``column`` is the parameter.
    """

    kind: ClassVar[str] = "compare"
    fewest: ClassVar[int] = 1

    replications: int | None = None
    precision: Mapping[str, float] = field(default_factory=dict)
    max_replications: int = 40
    headline: tuple[str, ...] = ()

    def _settle(self) -> Wrong:
        if self.replications is None and not self.precision:
            object.__setattr__(self, "replications", FIRST_COUNT)
        yield from super()._settle()

    def _problems(self) -> Wrong:
        if self.replications is not None:
            yield from wrong_whole("replications", self.replications)
        yield from wrong_whole("max_replications", self.max_replications)
        if self.replications is not None and self.precision:
            yield "precision", _("replications and precision are both given."), _("Keep one of them.")
        for name in self.headline:
            yield from wrong_outcome("headline", name, self.policies)
        for name, width in self.precision.items():
            yield from wrong_outcome("precision", name, self.policies)
            if isinstance(width, bool) or not isinstance(width, (int, float)) or not width > 0:
                what = _("{name}: {width!r} is not a number above 0.", name=name, width=width)
                yield "precision", what, _("Write a half-width.")
        yield from super()._problems()
