"""Field trials in the simulated agency: worlds in which `sim.inference` plans a trial and tests its analysis.

The designs, their analysis and power are in `sim.inference.trials`; here are the worlds they are tested in: the
agency's own units (as many of a kind as the trial needs), its officers, queues and raters::

    from sim.inference import ClusterTrial, trial_power
    from sim.twin.trial import AgencyWorld

    world = AgencyWorld(sim.load_agency("contoh"), outcome="waiting_minutes", contamination=0.2)
    print(trial_power(ClusterTrial(units=12, before=3, after=3), world, 0.5, replications=50).summary(lang="en"))
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np
import pandas as pd

from sim.agency import Agency
from sim.agency.spec import GROUPS
from sim.errors import KinerjaError, _
from sim.evidence import Effect
from sim.levers import Appraisal, Lever, Policy, param, status_quo
from sim.levers.appraisal.lever import MONTHS
from sim.outcomes import OUTCOMES, Outcome
from sim.runs.run import make_world
from sim.world.effects import CHANNELS
from sim.world.officers import Float
from sim.world.ratings import CLOSENESS, Source, composite
from sim.world.scenario import Scenario

EXPOSURE = "trial_exposure"
KINDS_WITH = {
    "service": ("service",),
    "satisfaction": ("service",),
    "complaints": ("service",),
    "programme": ("programme",),
}
"""Group of outcomes -> the kinds of units that have them, where not all do."""
SHORT = Scenario(burn_in=6)
"""Half a year of burn-in before the first period: enough for a trial, and quick (assumption)."""
AT_ONCE = Scenario(burn_in=0)
"""No burn-in: the first appraisal under the policy is the one of interest."""


def enlarged(
    agency: Agency, units: int, *, kinds: tuple[str, ...] = (), officers: int | None = None
) -> Agency:
    """Return an agency of `units` units: those of `agency` repeated, each with officers of its own.

    Parameters
    ----------
    agency : Agency
    units : int
        How many; a code gets a number from the second round on.
    kinds : tuple of str
        Codes of the units to repeat; by default all.
    officers : int, optional
        Headcount of every unit; staff and demand of its desks are scaled in proportion.

    Returns
    -------
    Agency

    Examples
    --------
    >>> from sim import load_agency
    >>> [unit.unit for unit in enlarged(load_agency("contoh"), 4).units]
    ['dukcapil', 'puskesmas', 'disdik', 'dukcapil-2']
    """
    chosen = [unit for unit in agency.units if unit.unit in kinds or not kinds]
    absent = set(kinds) - {unit.unit for unit in agency.units}
    if absent or units < 1:
        raise KinerjaError(
            _(
                "A trial of {n} units of {kinds} cannot be made; {agency} has {units}.",
                n=units,
                kinds=", ".join(kinds) or agency.name,
                agency=agency.name,
                units=", ".join(u.unit for u in agency.units),
            )
        )
    new_units, services, demand, programmes = [], [], [], []
    hours, closed, shifts, samples = [], [d for d in agency.closed_days if d.unit == "*"], [], []
    for k in range(units):
        old, round_ = chosen[k % len(chosen)], k // len(chosen) + 1
        mark = f"-{round_}" if round_ > 1 else ""
        scale = 1.0 if officers is None else officers / old.officers
        pns = old.pns if officers is None else round(old.pns * scale)
        pppk = old.pppk if officers is None else officers - pns
        new_units.append(replace(old, unit=old.unit + mark, pns=pns, pppk=pppk))
        for s in agency.services_of(old.unit):
            staff = min(max(1, round(s.staff * scale)), old.officers if officers is None else officers)
            code = s.service + mark
            services.append(
                replace(s, service=code, unit=s.unit + mark, staff=staff, demand=s.demand * scale)
            )
            demand += [replace(d, service=code) for d in agency.demand if d.service == s.service]
            samples += [replace(w, service=code) for w in agency.work_samples if w.service == s.service]
        hours += [replace(h, unit=old.unit + mark) for h in agency.hours if h.unit == old.unit]
        closed += [replace(d, unit=old.unit + mark) for d in agency.closed_days if d.unit == old.unit]
        for shift in (row for row in agency.shifts if row.unit == old.unit):
            who = shift.who if shift.who in GROUPS else shift.who + mark
            number = None if shift.number is None else max(1, round(shift.number * scale))
            shifts.append(replace(shift, unit=old.unit + mark, who=who, number=number))
        programmes += [
            replace(p, programme=p.programme + mark, unit=p.unit + mark)
            for p in agency.programmes
            if p.unit == old.unit
        ]
    everywhere = [d for d in agency.demand if d.service == "*"]
    return replace(
        agency,
        units=tuple(new_units),
        services=tuple(services),
        demand=tuple(everywhere + demand),
        hours=tuple(hours),
        closed_days=tuple(closed),
        shifts=tuple(shifts),
        work_samples=tuple(samples),
        programmes=tuple(programmes),
    )


class TrialTreatment(Lever):
    """Treatment of a trial: extra performance for the officers of a unit, from the unit's first month on.

    Officers who move to another unit keep it; a part of it may leak to units that still wait.
    """

    title = _("Treatment of a trial")

    first: tuple[int, ...] = param(_("first month of each unit; 0: never"), default=())
    size: float = param(_("size of the effect"), unit="SD", default=0.0)
    spread: float = param(_("spread between officers"), unit="SD", low=0, default=0.0)
    contamination: float = param(
        _("share that leaks when all other units are treated"),
        low=0,
        high=1,
        default=0.0,
    )
    channel: str = param(_("channel of the effect"), choices=CHANNELS, default="performance")

    def run(self, world: Any) -> Generator[Any, Any, None]:
        first, unit = np.array(self.first), world.officers.unit
        entry = world.effects.entry(self.channel, Effect(mean=self.size, spread=self.spread))
        world.recorder.declare(Outcome(EXPOSURE, "own", "none", "mean", "mean"))
        while True:
            yield world.clock.next("month")
            on = (first > 0) & (first <= world.clock.month)
            others = (on.sum() - on) / max(1, len(on) - 1)
            dose = np.where(on, 1.0, self.contamination * others)
            entry.set(world.officers.all(), np.maximum(entry.dose, dose[unit]))
            world.recorder.state(EXPOSURE, world.by_unit(entry.dose))


@dataclass(frozen=True)
class AgencyWorld:
    """World for `sim.inference.trial_power`: units of the simulated agency, month by month.

    Parameters
    ----------
    agency : Agency
        Its units are repeated until the trial has as many as it needs.
    outcome : str
        A column of the outcomes (``performance``, ``waiting_minutes``, ``ikm_service``, ...), a mean over a unit's
        months in each period. The effect of a trial is in SDs of performance whatever the outcome is; its size in the
        outcome is `true_effect`, by comparison with the same run without treatment.
    kinds : tuple of str
        Codes of the units that take part; by default all that have the outcome.
    policy : Policy, optional
        Policy in force in all units; by default the status quo.
    months : int
        Length of a period.
    contamination : float
        Share of the effect that leaks to a unit that waits when all others are treated (assumption).
    spread : float
        Standard deviation of the effect between officers.
    channel : str
        Channel that the treatment acts on: ``performance``, ``pace``, ``care``, ``courtesy``, ``motivation``, ...
    officers : int, optional
        Headcount of every unit.
    scenario : Scenario

    Examples
    --------
    >>> from sim import load_agency
    >>> from sim.inference import SteppedWedge
    >>> world = AgencyWorld(load_agency("contoh"), outcome="performance", kinds=("disdik",))
    >>> rng = np.random.default_rng(1)
    >>> data = world(SteppedWedge(units=4, steps=2).schedule(rng), 0.5, rng)
    >>> list(data.columns)
    ['unit', 'period', 'treated', 'outcome', 'exposure', 'true_effect']
    """

    agency: Agency
    outcome: str = "performance"
    kinds: tuple[str, ...] = ()
    policy: Policy = field(default_factory=status_quo)
    months: int = 1
    contamination: float = 0.0
    spread: float = 0.0
    channel: str = "performance"
    officers: int | None = None
    scenario: Scenario = SHORT

    def __post_init__(self) -> None:
        if self.outcome not in OUTCOMES:
            raise KinerjaError(
                _(
                    "no outcome {name!r}; there are {known}.",
                    name=self.outcome,
                    known=", ".join(OUTCOMES),
                )
            )
        if self.months < 1:
            raise KinerjaError(_("months is {months}; a period has at least 1.", months=self.months))
        if not self.kinds:
            only = KINDS_WITH.get(OUTCOMES[self.outcome].group, ("service", "programme"))
            object.__setattr__(self, "kinds", tuple(u.unit for u in self.agency.units if u.kind in only))

    def __call__(self, schedule: pd.DataFrame, effect: float, rng: np.random.Generator) -> pd.DataFrame:
        """Return the schedule with outcome, exposure and true effect, one row per unit and period."""
        unit, labels = pd.factorize(schedule["unit"], sort=True)
        period, periods = pd.factorize(schedule["period"], sort=True)
        on = np.zeros((len(labels), len(periods)), dtype=bool)
        on[unit, period] = schedule["treated"].to_numpy() == 1
        first = np.where(on.any(axis=1), on.argmax(axis=1) * self.months + 1, 0)
        seed = int(rng.integers(2**31))
        agency = enlarged(self.agency, len(labels), kinds=self.kinds, officers=self.officers)
        seen, exposure = self._run(agency, first, effect, len(periods), seed)
        without = self._run(agency, 0 * first, effect, len(periods), seed)[0] if effect else seen
        return schedule.assign(
            outcome=seen[unit, period],
            exposure=exposure[unit, period],
            true_effect=(seen - without)[unit, period],
        )

    def _run(
        self, agency: Agency, first: np.ndarray, effect: float, periods: int, seed: int
    ) -> tuple[Float, Float]:
        """Run one trial; return outcome and exposure, (units, periods)."""
        treatment = TrialTreatment(
            first=tuple(int(m) for m in first),
            size=effect,
            spread=self.spread,
            contamination=self.contamination,
            channel=self.channel,
        )
        months = periods * self.months
        world = make_world(
            agency, self.policy.plus(treatment), seed=seed, months=months, scenario=self.scenario
        )
        world.run()
        table = world.recorder.outcomes()
        both = []
        for name in (self.outcome, EXPOSURE):
            cells = table[name].to_numpy(float).reshape(periods, self.months, len(agency.units))
            both.append(cells.mean(axis=1).T)
        if np.isnan(both[0]).any():
            code = agency.units[int(np.flatnonzero(np.isnan(both[0]).any(axis=1))[0])].unit
            raise KinerjaError(
                _(
                    "{outcome} is empty for {unit} in some period. Take longer periods, or name units "
                    "that have it (kinds=...).",
                    outcome=self.outcome,
                    unit=code,
                )
            )
        return both[0], both[1]


@dataclass(frozen=True)
class AgencyRatings:
    """World for `FavouritismStudy` and `staff_needed`: the first appraisal of the simulated agency.

    The supervisor of every unit rates their staff by the rules of the policy in force. Staff with a tie are so much
    closer to the supervisor that one superior's rating rises by the effect; what a design with several or masked
    raters leaves of it is `true_effect`. The tie itself is independent of merit; closeness as it is in any office is
    not (a correlation of .24), and stays in the ratings.

    Parameters
    ----------
    agency : Agency
    policy : Policy, optional
        With a lever ``appraisal``; by default the status quo.
    kinds : tuple of str
        Codes of the units that take part; by default all.
    scenario : Scenario

    Examples
    --------
    >>> from sim import load_agency
    >>> from sim.inference import FavouritismStudy
    >>> rng = np.random.default_rng(1)
    >>> data = AgencyRatings(load_agency("contoh"))(FavouritismStudy(5, 10).schedule(rng), 0.3, rng)
    >>> float(data.loc[data["treated"] == 1, "true_effect"].mean().round(2))
    0.3
    """

    agency: Agency
    policy: Policy = field(default_factory=status_quo)
    kinds: tuple[str, ...] = ()
    scenario: Scenario = AT_ONCE

    def __call__(self, schedule: pd.DataFrame, effect: float, rng: np.random.Generator) -> pd.DataFrame:
        """Return the schedule (unit, person, treated) with the rating in standard deviations, and the true effect."""
        unit = pd.factorize(schedule["unit"], sort=True)[0]
        staff = np.bincount(unit)
        if staff.min() != staff.max():
            raise KinerjaError(_("Every supervisor of the study must rate the same number of staff."))
        agency = enlarged(self.agency, len(staff), kinds=self.kinds, officers=int(staff[0]) + 1)
        seed = int(rng.integers(2**31))
        # slot 0 of a unit is its supervisor
        row = unit * (staff[0] + 1) + 1 + schedule.groupby("unit", sort=False).cumcount().to_numpy()
        tie = np.zeros(agency.officers)
        tie[row] = schedule["treated"].to_numpy(float)
        alone = CLOSENESS / float(composite([Source(1.0, closeness=1.0)], self.scenario.shared_bias)[0])
        score = self._rated(agency, tie * effect / alone, seed)[row]
        without = self._rated(agency, 0.0 * tie, seed)[row] if effect else score
        return schedule.assign(outcome=score, true_effect=score - without)

    def _rated(self, agency: Agency, closer: Float, seed: int) -> Float:
        """Return everyone's score in the first appraisal."""
        levers = [lever for lever in self.policy.levers if isinstance(lever, Appraisal)]
        if not levers:
            raise KinerjaError(
                _("policy {policy!r} has no appraisal, so that no one is rated.", policy=self.policy.name)
            )
        months = MONTHS[levers[0].every] + 1
        world = make_world(agency, self.policy, seed=seed, months=months, scenario=self.scenario)
        world.officers.closeness += closer
        world.env.run(until=int(world.calendar.month_start[self.scenario.burn_in + months - 1]) + 1)
        return cast(Float, world.officers.column("appraisal.score").copy())
