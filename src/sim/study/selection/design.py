"""The specification of a selection: which policy is best, with a stated probability of being right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.study.checks import Wrong, wrong_decider, wrong_number, wrong_whole
from sim.study.spec import PolicyStudy


@dataclass(frozen=True, kw_only=True)
class SelectionStudy(PolicyStudy):
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
        Of selecting the best, provided that it is better than the next by `indifference`; else, of selecting one that
        is worse than the best by less than that.
    window : str
        Months that count, e.g. ``"25-36"``; "" is the whole study.
    first : int
        Replications of every policy before any is screened out.
    max_replications : int
        Where a selection that cannot decide stops.
    futures : bool
        Each replication happens in a future of its own (effects drawn from their evidence).
    years, seed, scenario, title, question
        See :class:`sim.study.CompareStudy`.
    """

    kind: ClassVar[str] = "selection"

    outcome: str
    indifference: float
    probability: float = 0.95
    window: str = ""
    first: int = 10
    max_replications: int = 400
    futures: bool = False

    def _problems(self) -> Wrong:
        yield from wrong_decider("outcome", self.outcome)
        yield from wrong_number("indifference", self.indifference, 1e-12, 1e15)
        yield from wrong_number("probability", self.probability, 0.5, 0.9999)
        yield from wrong_whole("first", self.first, 5, 1000)
        yield from wrong_whole("max_replications", self.max_replications, self.first, 100_000)
        yield from super()._problems()
