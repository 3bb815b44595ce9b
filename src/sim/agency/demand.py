"""Demand profiles: how the demand for a service varies over the year, the week and the day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.agency.spec import PERIODS, Agency


@dataclass(frozen=True, slots=True)
class Profile:
    """Factors on the demand for one service; 1 where the demand table has no row.

    Attributes
    ----------
    month : float64[12]
        January first.
    weekday : float64[7]
        Monday first.
    hour : float64[8]
        First eighth of the working day first, about an hour each.
    after_lebaran : float64[12]
        First week after the Eid holidays first.
    open : tuple of int
        Weekdays on which the unit is open, 0 Monday to 6 Sunday.
    """

    month: NDArray[np.float64]
    weekday: NDArray[np.float64]
    hour: NDArray[np.float64]
    after_lebaran: NDArray[np.float64]
    open: tuple[int, ...] = (0, 1, 2, 3, 4)

    @property
    def mean(self) -> float:
        """Mean factor of an ordinary year, the weeks after Lebaran left out."""
        return float(self.month.mean() * self.weekday[list(self.open)].mean() * self.hour.mean())


def profile(agency: Agency, service: str) -> Profile:
    """Return the demand factors of a service.

    A row of the demand table for the service itself replaces the ``*`` row of the same period and index; the kinds
    of period multiply one another.

    Examples
    --------
    >>> from sim.agency import load_agency
    >>> float(profile(load_agency("contoh"), "ktp").after_lebaran[0])
    3.4
    """
    factors = {period: np.ones(count) for period, count in PERIODS.items()}
    for code in ("*", service):
        for row in agency.demand:
            if row.service == code:
                factors[row.period][row.index - 1] = row.factor
    unit = next((row.unit for row in agency.services if row.service == service), "")
    return Profile(**factors, open=agency.open_weekdays(unit))
