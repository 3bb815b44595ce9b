"""The specification of a fairness study: which policies, and how officers are split into groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.errors import Wrong, _
from sim.intervals import FIRST_COUNT
from sim.names import named, nearest
from sim.study.checks import wrong_whole
from sim.study.fairness.groups import EVERYONE, SPLITS
from sim.study.spec import BaselineStudy

USUAL = ("closeness", "contract", "tenure", "age")
"""Splits where none are given."""


@named
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

    replications: int = FIRST_COUNT
    splits: tuple[str, ...] = USUAL

    def _problems(self) -> Wrong:
        yield from wrong_whole("replications", self.replications)
        there = ", ".join(split for split in SPLITS if split != EVERYONE)
        if not self.splits:
            yield "splits", _("there is no way to split officers."), _("There are {there}.", there=there)
        for split in self.splits:
            if not isinstance(split, str) or split not in SPLITS:
                yield (
                    "splits",
                    _("no split by {split!r}{hint}.", split=split, hint=nearest(str(split), SPLITS)),
                    _("There are {there}.", there=there),
                )
        yield from super()._problems()
