"""Designs of a field trial: who is treated when, and how the data will be analysed.

A design draws its own randomisation and knows its analysis, so that power, bias and coverage belong to the
whole plan. `sim.inference.trials.power` runs designs through a *world*: any callable

    ``world(schedule, effect, rng) -> DataFrame``

that takes the schedule (one row per unit and period, or per unit and person: columns of the design, with
``treated`` 0/1), the size of the effect, and a random generator, its only source of random numbers. It returns
rows with the schedule's columns, ``outcome``, and, where it is known, ``exposure`` (the share of the treatment
that the row really received, also by leaking from others) and ``true_effect`` (what the treatment changed in
that row's outcome: bias and coverage are then measured against its mean over treated rows). Several rows per
unit and period are persons.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from sim.errors import KinerjaError, Message, _
from sim.inference.models.clusters import Contrast, fit_linear


class World(Protocol):
    """A producer of data under a schedule; see the docstring of the module."""

    def __call__(self, schedule: pd.DataFrame, effect: float, rng: np.random.Generator) -> pd.DataFrame: ...


class Design(Protocol):
    """What `trial_power` needs of a design."""

    def schedule(self, rng: np.random.Generator) -> pd.DataFrame: ...

    def analyse(self, data: pd.DataFrame, level: float) -> Contrast: ...

    def describe(self) -> Message: ...


def _means(values: np.ndarray, codes: np.ndarray, size: int) -> np.ndarray:
    """Return the mean of `values` by code 0..size-1; a code without values is refused."""
    count = np.bincount(codes, minlength=size)
    if (count == 0).any():
        raise KinerjaError(_("A unit has no data before or after the start, so its mean cannot be computed."))
    return np.bincount(codes, values, size) / count


def _arrays(data: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return means per unit and period: unit code, period code, outcome, treated."""
    unit = pd.factorize(data["unit"].to_numpy(), sort=True)[0]
    period, periods = pd.factorize(data["period"].to_numpy(), sort=True)
    key, cell = np.unique(unit * len(periods) + period, return_inverse=True)
    outcome, treated = (_means(data[c].to_numpy(float), cell, len(key)) for c in ("outcome", "treated"))
    return key // len(periods), periods[key % len(periods)], outcome, treated


@dataclass(frozen=True, slots=True)
class ClusterTrial:
    """Units are randomised once; all treated units start together.

    Attributes
    ----------
    units : int
        Units in the trial.
    before, after : int
        Periods measured before the start (their unit mean is a covariate) and from the start on.
    treated : int, optional
        Treated units; default half.

    The analysis compares unit means (HC2, Satterthwaite t).
    """

    units: int
    before: int = 1
    after: int = 1
    treated: int | None = None

    def __post_init__(self) -> None:
        on = self.units // 2 if self.treated is None else self.treated
        if self.units < 4 or not 2 <= on <= self.units - 2 or self.before < 0 or self.after < 1:
            raise KinerjaError(
                _(
                    "A cluster trial of {units} units with {treated} treated and {after} periods after the "
                    "start cannot be analysed: at least two units per arm and one period after are needed.",
                    units=self.units,
                    treated=on,
                    after=self.after,
                )
            )

    def describe(self) -> Message:
        """Return the design in words."""
        return _(
            "Trial of {units} units ({treated} treated), {before} periods before and {after} after",
            units=self.units,
            treated=self.units // 2 if self.treated is None else self.treated,
            before=self.before,
            after=self.after,
        )

    def schedule(self, rng: np.random.Generator) -> pd.DataFrame:
        """Return one row per unit and period; period 0 is the first treated one."""
        on = np.zeros(self.units, int)
        on[: self.units // 2 if self.treated is None else self.treated] = 1
        periods = np.arange(-self.before, self.after)
        unit, period = np.repeat(np.arange(self.units), len(periods)), np.tile(periods, self.units)
        arm = rng.permutation(on)[unit]
        return pd.DataFrame({"unit": unit, "period": period, "treated": arm * (period >= 0)})

    def analyse(self, data: pd.DataFrame, level: float = 0.95) -> Contrast:
        """Estimate the difference of unit means after the start, adjusted for the unit mean before."""
        unit, period, outcome, treated = _arrays(data)
        after, units = period >= 0, int(unit.max()) + 1
        design = [np.ones(units), _means(treated[after], unit[after], units)]
        if self.before:
            design.append(_means(outcome[~after], unit[~after], units))
        x = np.column_stack(design)
        return fit_linear(_means(outcome[after], unit[after], units), x).contrast(
            np.eye(x.shape[1])[1], level
        )


@dataclass(frozen=True, slots=True)
class SteppedWedge:
    """All units get the treatment, in random order, a few at each step.

    Attributes
    ----------
    units : int
        Units in the trial; at least two per step.
    steps : int
        Number of starting times (at least two).
    length : int
        Periods between steps (and before the first).

    The analysis is a regression on unit-period means with unit and period effects (CR2 over units). It
    assumes that the effect is the same from the first treated period on; let `staggered_did` analyse the data
    if it may grow.
    """

    units: int
    steps: int
    length: int = 1

    def __post_init__(self) -> None:
        if self.steps < 2 or self.units < 2 * self.steps or self.length < 1:
            raise KinerjaError(
                _(
                    "A stepped wedge of {units} units in {steps} steps cannot be analysed: at least two "
                    "steps, and two units per step, are needed.",
                    units=self.units,
                    steps=self.steps,
                )
            )

    def describe(self) -> Message:
        """Return the design in words."""
        return _(
            "Stepped wedge of {units} units in {steps} steps of {length} periods",
            units=self.units,
            steps=self.steps,
            length=self.length,
        )

    def schedule(self, rng: np.random.Generator) -> pd.DataFrame:
        """Return one row per unit and period."""
        start = rng.permutation(np.arange(self.units) % self.steps + 1) * self.length
        periods = np.arange((self.steps + 1) * self.length)
        unit, period = np.repeat(np.arange(self.units), len(periods)), np.tile(periods, self.units)
        return pd.DataFrame({"unit": unit, "period": period, "treated": (period >= start[unit]).astype(int)})

    def analyse(self, data: pd.DataFrame, level: float = 0.95) -> Contrast:
        """Estimate a two-way regression on unit-period means."""
        unit, period, outcome, treated = _arrays(data)
        when = np.searchsorted(np.unique(period), period)
        both = np.column_stack([outcome, treated, np.eye(when.max() + 1)[when][:, 1:]])
        units = int(unit.max()) + 1
        within = both - np.column_stack([_means(column, unit, units) for column in both.T])[unit]
        x = within[:, 1:]
        return fit_linear(within[:, 0], x, unit).contrast(np.eye(x.shape[1])[0], level)


@dataclass(frozen=True, slots=True)
class FavouritismStudy:
    """One supervisor per unit rates their staff once; some of the staff are close to them.

    Attributes
    ----------
    units : int
        Supervisors.
    staff : int
        People that each supervisor rates.
    close : float
        Share of them with a tie (same group, friend, relative).

    The analysis is the difference between close and other staff of the same supervisor (CR2 over
    supervisors; HC2 within one). It is bias only if both are equally good, or their true performance is
    measured and adjusted for: severity drops out, merit does not.
    """

    units: int
    staff: int
    close: float = 0.3

    def __post_init__(self) -> None:
        friends = round(self.close * self.staff)
        if self.units < 1 or not 1 <= friends <= self.staff - 1 or (self.units == 1 and self.staff < 4):
            raise KinerjaError(
                _(
                    "With {staff} staff, of whom a share of {share:g} is close, all or none are close; at least "
                    "one of each (and four staff in a single unit) are needed.",
                    staff=self.staff,
                    share=self.close,
                )
            )

    def describe(self) -> Message:
        """Return the design in words."""
        return _(
            "{units} supervisors rating {staff} staff each ({share:.0%} of them close)",
            units=self.units,
            staff=self.staff,
            share=self.close,
        )

    def schedule(self, rng: np.random.Generator) -> pd.DataFrame:
        """Return one row per person: unit, person, treated (1 close)."""
        tie = np.zeros(self.staff, int)
        tie[: round(self.close * self.staff)] = 1
        ties = np.concatenate([rng.permutation(tie) for __ in range(self.units)])
        unit = np.repeat(np.arange(self.units), self.staff)
        return pd.DataFrame({"unit": unit, "person": np.arange(len(unit)), "treated": ties})

    def analyse(self, data: pd.DataFrame, level: float = 0.95) -> Contrast:
        """Estimate the difference within supervisors."""
        unit = pd.factorize(data["unit"], sort=True)[0]
        y, tie = data["outcome"].to_numpy(float), data["treated"].to_numpy(float)
        if unit.max() == 0:
            return fit_linear(y, np.column_stack([np.ones(len(y)), tie])).contrast(
                np.array([0.0, 1.0]), level
            )
        size = np.bincount(unit)
        y, tie = (v - (np.bincount(unit, v) / size)[unit] for v in (y, tie))
        return fit_linear(y, tie[:, None], unit).contrast(np.ones(1), level)
