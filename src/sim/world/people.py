"""Officers' pace, care, courtesy and true performance, from their traits and the effects on them."""

from __future__ import annotations

import numpy as np

from sim.agency.routes import flow, routes_of
from sim.agency.spec import DOMAINS, Agency, Service, Step
from sim.world.effects import EffectBook
from sim.world.officers import CORRELATION, OVERALL, PERFORMANCE, Float, Officers

PROGRAMME_MIX = (0.5, 0.1, 0.3, 0.1)
"""Skill weights of programme work: technical, ICT, communication, time management (assumption)."""
_SHARED, _OWN = np.sqrt(CORRELATION), np.sqrt(1 - CORRELATION)


class People:
    """Officers' state this month, in performance SDs from the average officer at the start.

    Attributes
    ----------
    skill : float64[n, 4]
        Change of skill by domain since the start.
    motivation : float64[n]
        Change of motivation since the start; the sum of effects saturates.
    channels : float64[n, 3]
        Pace, care and courtesy in the officer's own mix of work.
    truth : float64[n]
        True performance: channels weighted by what citizens of the unit need, unit variance at the start.
    needs : float64[n, 3]
        These weights.
    mix : float64[n, 4]
        Skill weights of the officer's work.
    """

    def __init__(self, agency: Agency, officers: Officers, effects: EffectBook) -> None:
        self._officers, self._effects = officers, effects
        needs = np.array([[u.speed, u.accuracy, u.courtesy] for u in agency.units])
        needs /= needs.sum(axis=1, keepdims=True)
        correlation = np.full((3, 3), CORRELATION) + (1 - CORRELATION) * np.eye(3)
        sd = np.sqrt(np.einsum("ui,ij,uj->u", needs, correlation, needs))
        self.needs = (needs / sd[:, None])[officers.unit]
        self.mix = np.array([_job_mix(agency, unit.unit) for unit in agency.units])[officers.unit]
        n = len(officers)
        self.skill = np.zeros((n, len(DOMAINS)))
        self.motivation = np.zeros(n)
        self._all = np.zeros(n)
        self._direct = np.zeros((n, len(PERFORMANCE)))
        self.settle()

    def settle(self) -> None:
        """Update the state from the effect book."""
        total = self._effects.total
        self.skill = np.stack([total(f"skill.{domain}") for domain in DOMAINS], axis=1)
        self.motivation = np.tanh(total("motivation"))
        self._all = total("performance")
        self._direct = np.stack([total(channel) for channel in PERFORMANCE], axis=1)
        self.channels = self.perform(self.mix[:, None, :], slice(None))[:, 0, :]
        self.truth = (self.channels * self.needs).sum(axis=1)

    def perform(self, mix: Float, rows: slice) -> Float:
        """Return pace, care and courtesy of some officers at work that takes given skills.

        Parameters
        ----------
        mix : float64[(n,) q, 4]
            Skill weights of each kind of work, summing to 1.
        rows : slice
            Which officers.

        Returns
        -------
        float64[n, q, 3]
        """
        o = self._officers
        # a mean of correlated skills varies less than each of them: standardise the mix at the start
        spread = np.sqrt(CORRELATION + (1 - CORRELATION) * (mix**2).sum(axis=-1))
        start = (mix * o.skill[rows, None, :]).sum(-1)
        change = (mix * self.skill[rows, None, :]).sum(-1)
        general = start / spread + o.motivation[rows, None]
        gained = OVERALL * (change + (self.motivation + self._all)[rows, None])
        common = _SHARED * general + gained
        return common[:, :, None] + (_OWN * o.specific[rows] + self._direct[rows])[:, None, :]


def _job_mix(agency: Agency, unit: str) -> np.ndarray:
    """Return the skill weights of a unit's work, averaged over its services and steps by the time they take."""
    services = agency.services_of(unit)
    if not services:
        return np.array(PROGRAMME_MIX)
    work: list[tuple[Service | Step, float]] = []
    for service, steps in zip(services, routes_of(agency, unit), strict=True):
        reach = flow(steps).reach if steps else ()
        work += [(step, service.demand * step.work * r) for step, r in zip(steps, reach, strict=True)]
        work += [] if steps else [(service, service.demand * service.work)]
    rows = np.array([[getattr(row, domain) for domain in DOMAINS] for row, _load in work])
    rows /= rows.sum(axis=1, keepdims=True)
    load = np.array([load for _row, load in work])
    return np.asarray(load @ rows / load.sum())
