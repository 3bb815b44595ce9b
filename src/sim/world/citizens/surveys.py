"""Who is asked: citizens of a unit by what they experienced, and what surveys by different bodies find.

A survey at the counter misses those who left; a survey of the population meets them. An office that surveys itself
finds more than an independent body does, and its units differ less.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

from sim.calendar import TICKS_PER_MINUTE
from sim.desk import DONE, LEFT, LOST, Cases
from sim.world.citizens.satisfaction import Answers, Experience, Response, answers, doublings
from sim.world.officers import Bool, Float
from sim.world.scenario import USUAL

if TYPE_CHECKING:
    from sim.agency.spec import Agency
    from sim.world.office import Office

REMEMBERED = 12
"""Months for which a citizen's experience is kept, until their complaint ends."""
SETTLED = 0.5
"""A complaint settled in time counts so much of a complaint's logits, one that was not as much less."""


class Respondents:
    """The citizens of one unit, month by month.

    Parameters
    ----------
    office : Office
    response : Response
    usual : float
        The wait citizens are used to, in doublings of what is published.
    """

    def __init__(self, office: Office, response: Response, usual: float) -> None:
        self._office = office
        self._response = response
        self._usual = usual
        self._published = np.array([service.published_wait for service in office.services])
        self._today = np.zeros(3)
        self._past: deque[tuple[np.ndarray, np.ndarray, Experience]] = deque(maxlen=REMEMBERED)
        self._felt: tuple[np.ndarray, Experience] | None = None

    def start(self, ability: Float, there: Bool) -> None:
        """Store pace, care and courtesy of the officers there today, to whom today's IKM was given.

        Parameters
        ----------
        ability : float64[officers, 3]
        there : bool[officers]
            Who holds a post.
        """
        serving = self._office.on_desk & there
        if serving.any():
            self._today = ability[serving].mean(axis=0)

    def month(self, cases: Cases, service: np.ndarray, ability: Float) -> dict[str, float]:
        """Ask those whose case ended in a month; return the outcomes of satisfaction.

        Parameters
        ----------
        cases : Cases
        service : int64[cases]
            Index of the service of each; of complaints, anything.
        ability : float64[officers, 3]
            Pace, care and courtesy.
        """
        now = self._experience(cases, service, ability, 1.0)
        self._felt = plain = self._with_complaints(cases, *now)
        promised = self._office.rules.expected
        if promised != 1.0:
            # a promise of longer waits raises perceived satisfaction without better service
            felt = self._experience(cases, service, ability, promised)
            self._felt = self._with_complaints(cases, *felt)
        self._past.append(now)
        own = self._office.unit.ikm_coverage
        found = self._asked(own, *plain)
        out = {f"u{k}": float(score) for k, score in enumerate(found.elements, 1)}
        perceived = found.ikm if promised == 1.0 else self.perceived(own)
        return out | {"ikm_service": found.ikm, "ikm_perceived": perceived, "satisfied": found.satisfied}

    def perceived(self, coverage: str) -> float:
        """Return the latest month's index as citizens feel it, by who is asked; NaN where nobody is.

        Parameters
        ----------
        coverage : {"counter", "population"}
        """
        return np.nan if self._felt is None else self._asked(coverage, *self._felt).ikm

    def usual(self) -> float:
        """Return the wait, in doublings, at which the months remembered give the IKM of the agency's table.

        NaN where nobody was asked.
        """
        if not any(len(citizens) for *__, citizens in self._past):
            return np.nan
        served = np.concatenate([served for __, served, ___ in self._past])
        citizens = Experience.together([citizens for *__, citizens in self._past])
        ikm, own = self._office.unit.ikm, self._office.unit.ikm_coverage
        asked = citizens if own == "population" else citizens.of(served)

        def off(usual: float) -> float:
            return answers(self._response, ikm, usual, asked).ikm - ikm

        low, high = -USUAL, USUAL
        return float(low if off(low) > 0 else high if off(high) < 0 else brentq(off, low, high, xtol=1e-4))

    def _asked(self, coverage: str, served: np.ndarray, citizens: Experience) -> Answers:
        asked = citizens if coverage == "population" or served.all() else citizens.of(served)
        return answers(self._response, self._office.unit.ikm, self._usual, asked)

    def _experience(
        self, cases: Cases, service: np.ndarray, ability: Float, standard: float
    ) -> tuple[np.ndarray, np.ndarray, Experience]:
        """Return id, whether served, and experience of those whose request ended, served or not."""
        office = self._office
        there = np.flatnonzero(
            (cases.parent < 0) & ((cases.status == DONE) | (cases.status == LEFT) | (cases.status == LOST))
        )
        served = cases.status[there] == DONE
        kind = service[there]
        until = np.where(served & office.is_counter[kind], cases.first_start[there], cases.finish[there])
        waited = (until - cases.arrival[there]) / TICKS_PER_MINUTE
        # who left has no product: it counts as a wrong one, of an officer nobody met (assumption)
        wrong = np.where(served, cases.errors[there] > 0, True).astype(np.float64)
        skill = np.where(served[:, None], ability[cases.officer[there]] - self._today, 0.0)
        citizens = Experience(
            doublings(waited, standard * self._published[kind]),
            wrong,
            skill[:, 1],
            skill[:, 2],
            np.zeros(len(there)),
        )
        return cases.id[there], served, citizens

    def _with_complaints(
        self, cases: Cases, ids: np.ndarray, served: np.ndarray, citizens: Experience
    ) -> tuple[np.ndarray, Experience]:
        """Add how complaints that ended were handled, to the experience of those who complained.

        Those whose request ended in an earlier month are asked again.
        """
        complaint = cases.parent >= 0
        if not complaint.any():
            return served, citizens
        in_time = (cases.status == DONE) & (cases.finish <= cases.due)
        end = np.where(in_time, SETTLED, -SETTLED)
        ended = dict(zip(cases.parent[complaint].tolist(), end[complaint].tolist(), strict=True))
        groups, who = [citizens], [served]
        for k, (known, was_served, past) in enumerate([(ids, served, citizens), *reversed(self._past)]):
            match = np.flatnonzero(np.isin(known, list(ended)))
            if not len(match):
                continue
            outcome = np.array([ended.pop(number) for number in known[match].tolist()])
            if k == 0:
                citizens.complaint[match] = outcome
            else:
                again = past.of(match)
                again.complaint[:] = outcome
                groups.append(again)
                who.append(was_served[match])
            if not ended:
                break
        return np.concatenate(who), Experience.together(groups)


def reading(
    agency: Agency,
    index: npt.ArrayLike,
    by: str,
    *,
    bias: float,
    spread_self: float,
    spread_independent: float,
) -> Float:
    """Return the index that a body would find in each unit, without sampling error.

    Parameters
    ----------
    agency : Agency
        Its units say who found the IKM of the table.
    index : array_like of float, shape (units,)
        Index as citizens feel it, on the level of the table; NaN where there is none.
    by : {"self", "independent"}
    bias : float
        How much more offices find that survey themselves, points, on average over units.
    spread_self, spread_independent : float
        SD between units where they survey themselves, and where an independent body does.

    Returns
    -------
    float64[units]
        25 to 100. A unit far below the mean of self-run surveys is further below it in an independent one; what has
        changed since the table is felt in full, but found in part where offices survey themselves.

    Examples
    --------
    >>> from sim.agency import load_agency
    >>> small = load_agency("contoh")
    >>> how = {"bias": 8.0, "spread_self": 2.3, "spread_independent": 6.5}
    >>> reading(small, [81.0, 81.0, float("nan")], "independent", **how).tolist()
    [73.0, 73.0, nan]
    """
    felt = np.asarray(index, np.float64)
    there = ~np.isnan(felt)
    table = np.array([unit.ikm for unit in agency.units])
    if not there.any():
        return felt.copy()
    share = spread_self / spread_independent
    # as an independent body would have found the table
    honest = table.copy()
    own = there & np.array([unit.ikm_collected == "self" for unit in agency.units])
    if own.any():
        mean = table[own].mean()
        honest[own] = mean - bias + (table[own] - mean) / share
    honest += felt - table
    if by == "self":
        mean = honest[there].mean()
        honest = mean + bias + (honest - mean) * share
    return np.where(there, np.clip(honest, 25.0, 100.0), np.nan)
