"""What levers tell one another: stakes, clarity, trust, commitment and the like, one value an officer.

Nothing happens here. A lever that raises, say, clarity sets it; a lever whose effect depends on clarity reads it and
compares it with the reference, the status quo's value. Each column is written by the levers named beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

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
"""The status quo (assumption): 0 is none at all, 1 is all there could be."""


@dataclass
class Climate:
    """float64[n] each, 0 to 1.

    Attributes
    ----------
    stakes : how much hangs on one's appraisal (reward, appraisal)
    clarity : of what is expected (needs and KPIs, goals)
    trust : that appraisal is fair (appraisal: transparency)
    engagement : of the officer's supervisor in leading (leadership)
    commitment : of the head to the policy (leadership)
    awareness : of why practices change (change)
    communication : between supervisor and subordinates (feedback, leadership)
    control : felt monitoring, which costs autonomy (dashboard)
    """

    stakes: Float
    clarity: Float
    trust: Float
    engagement: Float
    commitment: Float
    awareness: Float
    communication: Float
    control: Float

    @classmethod
    def reference(cls, officers: int) -> Climate:
        """Everyone at the status quo."""
        return cls(**{f.name: np.full(officers, REFERENCE[f.name]) for f in fields(cls)})

    def ratio(self, name: str) -> Float:
        """A column over its reference; what :meth:`sim.world.effects.Entry.require` wants."""
        return np.asarray(getattr(self, name) / REFERENCE[name])

    @staticmethod
    def start(name: str) -> float:
        """The reference of a column."""
        return REFERENCE[name]
