"""The specification of a robust study: the same policies in many futures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from sim.agency import load_agency
from sim.agency.spec import Agency
from sim.errors import KinerjaError, Message, Wrong, _
from sim.evidence import PRESETS
from sim.names import named, nearest
from sim.outcomes import HEADLINE, OUTCOMES
from sim.runs.futures import Space, Uncertainty, space_of, uncertainties
from sim.study.checks import wrong_number, wrong_outcome, wrong_whole
from sim.study.spec import BaselineStudy


@named
@dataclass(frozen=True, kw_only=True)
class RobustStudy(BaselineStudy):
    """Everything that decides the numbers of a robust study, and the words around it.

    Parameters
    ----------
    agency : Agency
    policies : tuple of Policy
        At least two, with different names.
    others : tuple of Agency or str
        Further agencies that meet the same futures.
    baseline : str
        Name of the policy the others are compared with; the first by default.
    futures : int
        How many worlds.
    repeated : int
        How many of them are run twice, so that chance can be separated from what differs between futures.
    presets : tuple of str
        Ways to read the evidence; each holds in an equal part of the futures.
    uncertainties : tuple of Uncertainty, or mapping of str to range
        What else is unknown: a mapping names those that ship, with a range ``[low, high]`` of your own or nothing.
        Empty: all that ship.
    evidence : bool
        Whether means of findings are drawn.
    targets : mapping
        Outcome -> level to be reached, for the share of futures in which a policy does (satisficing).
    headline : tuple of str
        Outcomes kept; the first decides. By default those of :data:`sim.outcomes.HEADLINE`.
    years, seed, scenario, title, question
        See :class:`sim.study.CompareStudy`.

    Raises
    ------
    Problems
        With everything that is wrong; ``column`` is the parameter.
    """

    kind: ClassVar[str] = "robust"

    others: tuple[Agency, ...] = ()
    futures: int = 200
    repeated: int = 24
    presets: tuple[str, ...] = PRESETS
    uncertainties: tuple[Uncertainty, ...] = ()
    evidence: bool = True
    targets: Mapping[str, float] = field(default_factory=dict)
    headline: tuple[str, ...] = ()

    def _settle(self) -> Wrong:
        wrong: list[tuple[str, Message, Message]] = []

        def settle(key: str, value: Any) -> None:
            try:
                object.__setattr__(self, key, value())
            except KinerjaError as error:
                wrong.append((key, error.message, _("Correct it or leave it out.")))
                object.__setattr__(self, key, ())

        if not self.headline:
            object.__setattr__(self, "headline", HEADLINE)
        settle(
            "others", lambda: tuple(load_agency(x) if isinstance(x, (str, Path)) else x for x in self.others)
        )
        settle("uncertainties", lambda: _uncertainties(self.uncertainties))
        yield from (*wrong, *super()._settle())

    @property
    def agencies(self) -> tuple[Agency, ...]:
        """All agencies, in order."""
        return (self.agency, *self.others)

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Outcomes kept: the headline ones, those with a target, and the cost."""
        return tuple(dict.fromkeys((*self.headline, *self.targets, "cost")))

    @property
    def space(self) -> Space:
        """The futures that are possible."""
        return space_of(
            self.policies, uncertainties=self.uncertainties, evidence=self.evidence, presets=self.presets
        )

    def _problems(self) -> Wrong:
        names = [agency.name for agency in self.agencies]
        if len(set(names)) < len(names):
            yield "others", _("an agency is named twice."), _("Name each once.")
        yield from wrong_whole("futures", self.futures, 10, 100_000)
        yield from wrong_whole("repeated", self.repeated, 0, 100_000)
        for preset in self.presets:
            if preset not in PRESETS:
                guess = nearest(str(preset), PRESETS)
                yield (
                    "presets",
                    _("no preset {preset!r} of the evidence{guess}.", preset=preset, guess=guess),
                    _("There are {presets}.", presets=", ".join(PRESETS)),
                )
        if not self.presets:
            yield (
                "presets",
                _("there is no way to read the evidence."),
                _("There are {presets}.", presets=", ".join(PRESETS)),
            )
        for name in self.headline:
            yield from wrong_outcome("headline", name, self.policies)
        if OUTCOMES.get(self.headline[0]) is None or OUTCOMES[self.headline[0]].better == "none":
            yield (
                "headline",
                _("{first_headline!r} is neither good nor bad.", first_headline=self.headline[0]),
                _("Begin with one that decides."),
            )
        for name, target in self.targets.items():
            yield from wrong_number(f"targets.{name}", target, -1e15, 1e15)
            if name not in OUTCOMES or OUTCOMES[name].better == "none":
                yield f"targets.{name}", _("not an outcome that is good or bad."), _("Name one that is.")
        yield from super()._problems()


def _uncertainties(given: Any) -> tuple[Uncertainty, ...]:
    if not isinstance(given, Mapping):
        return tuple(given) or uncertainties()
    ranges = {}
    for name, ends in given.items():
        if ends is None:
            continue
        if not isinstance(ends, (list, tuple)) or len(ends) != 2:
            raise KinerjaError(
                _(
                    "{name}: {ends!r} is not a range; write [low, high], or nothing for the usual one.",
                    name=name,
                    ends=ends,
                )
            )
        ranges[name] = (float(ends[0]), float(ends[1]))
    chosen = {u.key: u for u in uncertainties(*given, **ranges)}
    return tuple(chosen[name] for name in given) if given else uncertainties()
