"""Who rates whom: kinds of raters, what each adds to a composite, and how long all that takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from sim.world.climate import REFERENCE
from sim.world.effects import per_unit
from sim.world.officers import Float, Int, Officers
from sim.world.ratings import SELF_LENIENCY, Source, composite, rate

if TYPE_CHECKING:
    from sim.world.world import World

USUAL_MINUTES = 45.0
"""Time a rating takes at which the published shares hold (assumption)."""
FORM_MINUTES = 5.0
"""Ticking the boxes: less time than this makes a rating no worse (assumption)."""
FULL_TRAINING = 8.0
"""Hours a year of rater training that have the published effect (assumption: one day)."""
MASKED = 0.5
"""What is left of the bias by closeness when nobody knows whose rating will count (assumption; that attempts to win
over a rater become fewer was found by de Janvry et al. 2023)."""


class RatingDesign(Protocol):
    """Who rates, with what weight, and how well prepared; see :class:`sim.levers.Appraisal`."""

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


def unit_sizes(officers: Officers) -> Int:
    """Headcount of everyone's unit, int64[n]."""
    return np.array([rows.stop - rows.start for rows in officers.slices])[officers.unit]


def sources(design: RatingDesign, world: World) -> dict[str, Source]:
    """The kinds of raters of a design, with everyone's weights; they sum to 1 for each officer.

    Subordinates rate whoever leads; whom nobody of the kinds asked can rate is rated by his superior.
    """
    officers = world.officers
    leads, others = officers.is_supervisor, (unit_sizes(officers) - 1).astype(np.float64)
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
    # how accuracy in SDs cuts variance is not known: an effect of d leaves exp(-d) of it (assumption)
    trained = float(np.exp(-max(0.0, world.effect_size("rater_training").mean) * dose))
    own: dict[str, dict[str, float]] = {
        "supervisor": {"closeness": MASKED if design.second == "masked" else 1.0, "idiosyncratic": trained},
        # it is not him whom the officer is close to; what he thinks of him in particular is in his halo
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
    """Relative weights of the kinds of raters; a second superior shares the superior's."""
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
    """Minutes a round of appraisal takes each officer as a rater.

    Parameters
    ----------
    size : int64[n]
        Headcount of everyone's unit.
    leads : bool[n]
        Who leads a unit. The head of the agency, who rates them, is no officer of a unit, and citizens give their
        own time; a second superior is taken to have as many to rate as the first.
    """
    weight = weights(design)
    others = (size - 1).astype(np.float64)
    ratings = np.zeros(len(size))
    ratings += leads * others * ((weight["supervisor"] > 0) + (weight["second"] > 0))
    ratings += weight["self"] > 0
    ratings += np.minimum(design.peer_raters, others) * (weight["peer"] > 0)
    ratings += ~leads * (weight["subordinate"] > 0)
    return np.asarray(design.minutes * ratings)


def judgement(design: RatingDesign, world: World, luck: Luck) -> tuple[Float, Float]:
    """The composite of all who rate, and its correlation with true performance by design; float64[n] each."""
    officers, shared = world.officers, world.scenario.shared_bias
    kinds = sources(design, world)
    rated = [
        (
            source,
            luck.severity(name),
            luck.of(f"{name}.halo"),
            luck.of(f"{name}.view"),
            luck.now(f"{name}.residual")[:, 0],
        )
        for name, source in kinds.items()
    ]
    _, validity = composite(list(kinds.values()), shared)
    score = rate(rated, world.people.truth, officers.closeness, luck.of("shared"), shared)
    return score, np.broadcast_to(validity, score.shape)


class Luck:
    """An appraisal's draws: some for as long as an officer is in his post, some for each occasion."""

    def __init__(self, world: World) -> None:
        self._world = world

    def of(self, name: str) -> Float:
        """For as long as the officer stays; who is new has luck of his own; float64[n]."""
        world, key = self._world, f"appraisal.{name}"
        first = key not in world.officers.own
        kept = world.officers.column(key, np.nan)
        fresh = np.isnan(kept)
        if fresh.any():
            when = () if first else (world.clock.now,)
            kept[fresh] = per_unit(world.officers, world.streams, key, *when)[fresh]
        return kept

    def now(self, name: str, width: int = 1) -> Float:
        """For this occasion; float64[n, width]."""
        officers, streams, when = self._world.officers, self._world.streams, self._world.clock.now
        return np.concatenate(
            [
                streams.generator(f"appraisal.{name}", when, index).standard_normal(
                    (rows.stop - rows.start, width)
                )
                for index, rows in enumerate(officers.slices)
            ]
        )

    def severity(self, kind: str) -> Float:
        """Of everyone's raters of a kind: superiors rate many, others are drawn for each officer."""
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
        kept = self._world.officers.own
        if "appraisal.head" not in kept:
            kept["appraisal.head"] = self._world.streams.generator("appraisal.head").standard_normal(1)
        return float(kept["appraisal.head"][0])
