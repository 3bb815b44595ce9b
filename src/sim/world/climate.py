"""Shared state through which levers interact: stakes, clarity, trust, commitment and the like, one value per officer.

It only stores values. A lever that raises, say, clarity sets it; a lever whose effect depends on clarity reads it and
compares it with the reference, the value under the status quo.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from sim.errors import KinerjaError, _
from sim.names import Fixed, nearest
from sim.world.officers import Float

REFERENCE = {
    "stakes": 0.3,
    "clarity": 0.5,
    "trust": 0.5,
    "engagement": 0.5,
    "commitment": 0.5,
    "awareness": 0.3,
    "communication": 0.5,
    "control": 0.3,
}
"""Values under the status quo (assumption): 0 is none at all, 1 is the most possible."""


@dataclass
class Climate(Fixed):
    """Climate of each officer's work; every column is float64[n], 0 to 1.

    Attributes
    ----------
    stakes : float64[n]
        How much depends on one's appraisal; set by reward and appraisal.
    clarity : float64[n]
        Clarity of what is expected; set by the KPI lever.
    trust : float64[n]
        Trust that appraisal is fair; set by appraisal, from its transparency.
    engagement : float64[n]
        Engagement of the officer's supervisor in leading; set by leadership and careers.
    commitment : float64[n]
        Commitment of the agency's head to the policy; set by leadership.
    awareness : float64[n]
        Awareness of why practices change; set by change.
    communication : float64[n]
        Communication between supervisor and subordinates; set by feedback.
    control : float64[n]
        Felt monitoring, which costs autonomy; set by the dashboard.
    """

    stakes: Float
    clarity: Float
    trust: Float
    engagement: Float
    commitment: Float
    awareness: Float
    communication: Float
    control: Float

    def __post_init__(self) -> None:
        self._fix()

    @classmethod
    def reference(cls, officers: int) -> Climate:
        """Make the climate of the status quo."""
        return cls(**{f.name: np.full(officers, REFERENCE[f.name]) for f in fields(cls)})

    def ratio(self, name: str) -> Float:
        """Return a column relative to its reference, as :meth:`sim.world.effects.Entry.require` takes it."""
        return np.asarray(getattr(self, name) / self.start(name))

    @staticmethod
    def start(name: str) -> float:
        """Return the reference of a column."""
        if name not in REFERENCE:
            raise KinerjaError(
                _(
                    "the climate has no {name!r}{hint}; it has {there}.",
                    name=name,
                    hint=nearest(name, REFERENCE),
                    there=", ".join(REFERENCE),
                )
            )
        return REFERENCE[name]
