"""The specification of a search for the best mix of policies, within a budget and limits on fairness."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sim.errors import KinerjaError, Wrong, _
from sim.names import named
from sim.outcomes import OUTCOMES
from sim.study.checks import wrong_number, wrong_outcome, wrong_whole
from sim.study.optimise.mixes import doses_of
from sim.study.optimise.race import COST
from sim.study.spec import OnePolicyStudy

MOST_MIXES = 256
"""More than that are not raced: the first stage alone would take too long."""


@named
@dataclass(frozen=True, kw_only=True)
class OptimiseStudy(OnePolicyStudy):
    """Everything that decides a search for the best mix, and the words around it.

    Parameters
    ----------
    agency : Agency
    policy : Policy
        What every mix is added to, and compared with.
    options : tuple of mapping
        Each a lever with its parameters, as in a policy's file; a list in place of a value is a dose each. An option
        may always be left out.
    objectives : mapping
        Outcome -> indifference: the difference that does not matter, in its own unit. The first is what service is
        judged by. Cost is always an objective too.
    budget : float, optional
        Rupiah a year that a mix may cost more than `policy`; None: no limit.
    limits : mapping
        Outcome -> by how much its mean may be worse than under `policy`, in its own unit: fairness is not for sale.
    window : str
        Months that count, e.g. ``"25-36"``; "" is the whole study.
    first, most : int
        Replications of every mix, and of those that stay in.
    futures : bool
        Each replication happens in a future of its own (effects drawn from their evidence).
    years, seed, scenario, title, question
        See :class:`sim.study.CompareStudy`.
    """

    kind: ClassVar[str] = "optimise"

    options: tuple[Mapping[str, Any], ...]
    objectives: Mapping[str, float]
    budget: float | None = None
    limits: Mapping[str, float] = field(default_factory=dict)
    window: str = ""
    first: int = 5
    most: int = 40
    futures: bool = True

    def _problems(self) -> Wrong:
        if not self.options:
            yield "options", _("there is no option."), _("Give at least one lever.")
        count = 1
        for i, option in enumerate(self.options, start=1):
            try:
                count *= len(doses_of(option)) + 1
            except (KinerjaError, AttributeError) as error:
                yield (
                    "options",
                    _("option {i}: {error}", i=i, error=error),
                    _("Write it as a lever of a policy, lists for doses."),
                )
        if count > MOST_MIXES:
            yield (
                "options",
                _("they make {count} mixes, more than {most_mixes}.", count=count, most_mixes=MOST_MIXES),
                _("Leave out options or doses."),
            )
        if not self.objectives:
            yield (
                "objectives",
                _("there is no objective."),
                _("Give an outcome and the difference that does not matter."),
            )
        for key in ("objectives", "limits"):
            for name, number in getattr(self, key).items():
                yield from wrong_outcome(key, name, (self.policy,))
                if name == COST or (name in OUTCOMES and OUTCOMES[name].better == "none"):
                    yield (
                        key,
                        _("{name!r} cannot stand here.", name=name),
                        _("Choose an outcome that is good or bad."),
                    )
                yield from wrong_number(key, number, 0, 1e12)
        if self.budget is not None:
            yield from wrong_number("budget", self.budget, 0, 1e15)
        yield from wrong_whole("first", self.first, 3, 1000)
        yield from wrong_whole("most", self.most, self.first, 10_000)
        yield from super()._problems()
