"""Raters of an appraisal: their kinds, what each adds to a composite rating, and the time they need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from sim.world.climate import REFERENCE
from sim.world.effects import per_unit
from sim.world.officers import Float, Int
from sim.world.ratings import SELF_LENIENCY, Source, composite, rate

if TYPE_CHECKING:
    from sim.world.world import World

USUAL_MINUTES = 45.0
"""Minutes per rating at which the published variance shares hold (assumption)."""
FORM_MINUTES = 5.0
"""Minutes to tick the boxes of a form; less time makes a rating no worse (assumption)."""
FULL_TRAINING = 8.0
"""Hours per year of rater training that have the published effect (assumption: one day)."""
MASKED = 0.5
"""Share of the bias by closeness that is left when nobody knows whose rating will count (assumption; de Janvry et al.
2023 found fewer attempts to influence the rater)."""


class RatingDesign(Protocol):
    """Who rates, with what weight and preparation; see :class:`sim.levers.Appraisal`."""

    @property
    def supervisor(self) -> float: ...
    @property
    def own(self) -> float: ...
    @property
    def peers(self) -> float: ...
    @property
    def subordinates(self) -> float: ...
    @property
    def citizens(self) -> float: ...
    @property
    def peer_raters(self) -> int: ...
    @property
    def citizen_raters(self) -> int: ...
    @property
    def second(self) -> str: ...
    @property
    def rater_training(self) -> float: ...
    @property
    def minutes(self) -> float: ...


def sources(design: RatingDesign, world: World) -> dict[str, Source]:
    """Return the kinds of raters of a design; their weights sum to 1 for each officer.

    Subordinates rate those who lead. An officer rated by none of the kinds is rated by their superior.
    """
    officers = world.officers
    leads, others = officers.is_supervisor, officers.colleagues
    raters: dict[str, Float | float] = {
        "supervisor": 1.0,
        "second": 1.0,
        "self": 1.0,
        "peer": np.minimum(design.peer_raters, np.maximum(others, 1.0)),
        "subordinate": np.maximum(others, 1.0),
        "citizen": float(design.citizen_raters),
    }
    weight = {name: np.full(len(officers), value) for name, value in weights(design).items()}
    weight["peer"] = weight["peer"] * (others > 0)
    weight["subordinate"] = weight["subordinate"] * (leads & (others > 0))
    total = np.sum(list(weight.values()), axis=0)
    nobody = total == 0
    weight["supervisor"] = np.where(nobody, 1.0, weight["supervisor"])
    total = np.where(nobody, 1.0, total)
    stakes = world.effect_size("leniency_stakes").mean * (world.climate.stakes - REFERENCE["stakes"])
    dose = min(1.0, design.rater_training / FULL_TRAINING)
    # how a gain of accuracy in SDs cuts variance is not known: an effect of d leaves exp(-d) of it (assumption)
    trained = float(np.exp(-max(0.0, world.effect_size("rater_training").mean) * dose))
    own: dict[str, dict[str, float]] = {
        "supervisor": {"closeness": MASKED if design.second == "masked" else 1.0, "idiosyncratic": trained},
        # the officer is not close to the second superior, whose view of them in particular is in the halo
        "second": {"idiosyncratic": trained},
    }
    hurry = USUAL_MINUTES / max(design.minutes, FORM_MINUTES)
    return {
        name: Source(
            weight[name] / total,
            raters[name],
            leniency=(SELF_LENIENCY if name == "self" else 0.0) + (0.0 if name == "citizen" else stakes),
            residual=1.0 if name == "citizen" else hurry,
            **own.get(name, {}),
        )
        for name in weight
        if weight[name].any()
    }


def weights(design: RatingDesign) -> dict[str, float]:
    """Return the relative weights of the kinds of raters; a second superior shares the superior's weight."""
    both = design.second != "none"
    return {
        "supervisor": design.supervisor / (2 if both else 1),
        "second": design.supervisor / 2 if both else 0.0,
        "self": design.own,
        "peer": design.peers,
        "subordinate": design.subordinates,
        "citizen": design.citizens,
    }


def minutes_of_raters(design: RatingDesign, size: Int, leads: np.ndarray) -> Float:
    """Return the minutes that each officer needs as a rater in one round of appraisal.

    Parameters
    ----------
    size : int64[n]
        Headcount of each officer's unit.
    leads : bool[n]
        Officers who lead a unit. The head of the agency, who rates them, is not an officer of a unit, and citizens use
        their own time; a second superior rates as many officers as the first (assumption).
    """
    weight = weights(design)
    others = (size - 1).astype(np.float64)
    ratings = np.zeros(len(size))
    ratings += leads * others * ((weight["supervisor"] > 0) + (weight["second"] > 0))
    ratings += weight["self"] > 0
    ratings += np.minimum(design.peer_raters, others) * (weight["peer"] > 0)
    ratings += ~leads * (weight["subordinate"] > 0)
    return np.asarray(design.minutes * ratings)


def judgement(design: RatingDesign, world: World, draws: RatingDraws) -> tuple[Float, Float]:
    """Return the composite of all raters, and its correlation with true performance by design; float64[n] each."""
    officers, shared = world.officers, world.scenario.shared_bias
    kinds = sources(design, world)
    rated = [
        (
            source,
            draws.severity(name),
            draws.of(f"{name}.halo"),
            draws.of(f"{name}.view"),
            draws.now(f"{name}.residual")[:, 0],
        )
        for name, source in kinds.items()
    ]
    _, validity = composite(list(kinds.values()), shared)
    score = rate(rated, world.people.truth, officers.closeness, draws.of("shared"), shared)
    return score, np.broadcast_to(validity, score.shape)


class RatingDraws:
    """Random numbers of an appraisal: some kept as long as an officer holds a post, some new on each occasion."""

    def __init__(self, world: World) -> None:
        self._world = world

    def of(self, name: str) -> Float:
        """Return draws kept for as long as an officer stays; newcomers get their own; float64[n]."""
        world, key = self._world, f"appraisal.draw.{name}"
        first = key not in world.officers.own
        kept = world.officers.column(key)
        fresh = np.isnan(kept)
        if fresh.any():
            when = () if first else (world.clock.now,)
            draws = per_unit(world.officers, world.streams.shared, f"appraisal.{name}", *when)
            kept[fresh] = draws[fresh]
        return kept

    def now(self, name: str, width: int = 1) -> Float:
        """Return draws for this occasion; float64[n, width]."""
        world = self._world
        return per_unit(world.officers, world.streams, f"appraisal.{name}", world.clock.now, width=width)

    def severity(self, kind: str) -> Float:
        """Return the severity of each officer's raters: superiors have one of their own, others are drawn."""
        officers = self._world.officers
        if kind == "supervisor":
            # units' leaders are rated by the head of the agency
            head = self._head()
            return np.where(officers.is_supervisor, head, officers.severity[officers.supervisor])
        if kind == "second":
            # the leader of the next unit
            leaders = np.array([rows.start for rows in officers.slices])
            return np.asarray(officers.severity[np.roll(leaders, -1)[officers.unit]])
        return self.of(f"{kind}.severity")

    def _head(self) -> float:
        kept = self._world.kept
        if "appraisal.head" not in kept:
            stream = self._world.streams.shared.generator("appraisal.head")
            kept["appraisal.head"] = float(stream.standard_normal(1)[0])
        return float(kept["appraisal.head"])
