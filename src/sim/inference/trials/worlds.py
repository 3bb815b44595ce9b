"""Worlds for planning a trial: a mixed model, given or fitted, and ratings by supervisors."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

from sim.errors import KinerjaError, _
from sim.inference.data.panel_data import complete, numeric, require


@dataclass(frozen=True, slots=True)
class MixedWorld:
    """Outcomes of people in units over periods, from variance components.

    Attributes
    ----------
    staff : int
        People measured in each unit and period.
    unit_sd : float
        Lasting differences between units.
    unit_period_sd : float
        Changes of a unit from period to period.
    person_sd : float
        Lasting differences between people of a unit.
    residual_sd : float
        The rest (a person in a period).
    mean : float
    contamination : float
        Share of the effect that leaks to an untreated unit when all others are treated (it grows with the
        share of units treated): transfers, shared supervisors, talk.
    effect_sd : float
        How much the effect differs between units.
    same_people : bool
        Whether the same people are measured each period.

    Examples
    --------
    >>> import numpy as np
    >>> from sim.inference.trials.designs import ClusterTrial
    >>> rng = np.random.default_rng(1)
    >>> world = MixedWorld(staff=10, unit_sd=0.3, residual_sd=1.0)
    >>> world(ClusterTrial(units=6).schedule(rng), 0.5, rng).shape
    (120, 6)
    """

    staff: int
    unit_sd: float = 0.0
    unit_period_sd: float = 0.0
    person_sd: float = 0.0
    residual_sd: float = 1.0
    mean: float = 0.0
    contamination: float = 0.0
    effect_sd: float = 0.0
    same_people: bool = True

    def __post_init__(self) -> None:
        sds = (self.unit_sd, self.unit_period_sd, self.person_sd, self.residual_sd, self.effect_sd)
        if self.staff < 1 or min(sds) < 0 or not 0 <= self.contamination <= 1:
            raise KinerjaError(
                _("A world needs staff >= 1, standard deviations >= 0 and contamination in [0, 1].")
            )

    @property
    def icc(self) -> float:
        """Share of the variance that people of one unit and period have in common."""
        common = self.unit_sd**2 + self.unit_period_sd**2
        return common / (common + self.person_sd**2 + self.residual_sd**2)

    def __call__(self, schedule: pd.DataFrame, effect: float, rng: np.random.Generator) -> pd.DataFrame:
        """Return one row per unit, period and person: unit, period, treated, person, exposure, outcome."""
        unit = pd.factorize(schedule["unit"].to_numpy(), sort=True)[0]
        units, m = int(unit.max()) + 1, self.staff
        on = schedule["treated"].to_numpy(float)
        period = pd.factorize(schedule["period"].to_numpy())[0]
        spread = (np.bincount(period, on) / np.bincount(period))[period]
        others = spread * units / max(units - 1, 1)
        exposure = np.where(on == 1, 1.0, self.contamination * others)
        own = effect + self.effect_sd * rng.standard_normal(units)
        cell = self.mean + self.unit_sd * rng.standard_normal(units)[unit] + own[unit] * exposure
        cell = cell + self.unit_period_sd * rng.standard_normal(len(schedule))
        people = (
            rng.standard_normal((units, m))[unit] if self.same_people else rng.standard_normal((len(on), m))
        )
        noise = self.person_sd * people + self.residual_sd * rng.standard_normal((len(on), m))
        rows = {c: np.repeat(schedule[c].to_numpy(), m) for c in ("unit", "period", "treated")}
        rows["person"] = (unit[:, None] * m + np.arange(m)).ravel()
        rows["exposure"] = np.repeat(exposure, m)
        rows["outcome"] = (cell[:, None] + noise).ravel()
        return pd.DataFrame(rows)


def fit_mixed_world(
    frame: pd.DataFrame,
    outcome: str,
    unit: str,
    *,
    person: str | None = None,
    period: str | None = None,
    staff: int | None = None,
    contamination: float = 0.0,
) -> MixedWorld:
    """Fit the variance components of a `MixedWorld` to existing data (statsmodels MixedLM, REML).

    Parameters
    ----------
    frame : DataFrame
        One row per person (and period), from before any treatment.
    outcome, unit : str
        Columns.
    person, period : str, optional
        With repeated measures; without `person`, person and residual are one.
    staff : int, optional
        People per unit and period in the trial; default: the median in the data.
    contamination : float
        As in `MixedWorld`.

    Returns
    -------
    MixedWorld

    Raises
    ------
    KinerjaError
        Fewer than three units, no variation, a fit that did not converge.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(2)
    >>> unit = np.repeat(np.arange(40), 10)
    >>> data = pd.DataFrame({"unit": unit, "y": rng.normal(size=40)[unit] * 0.5 + rng.normal(size=400)})
    >>> world = fit_mixed_world(data, "y", "unit")
    >>> 0.3 < world.unit_sd < 0.7, 0.9 < world.residual_sd < 1.1
    (True, True)
    """
    require(frame, [outcome, unit, *(c for c in (person, period) if c)])
    frame = frame.reset_index(drop=True)
    for needed in (outcome, unit, *(c for c in (person, period) if c)):
        complete(frame, needed)
    work = pd.DataFrame({"y": numeric(frame, outcome), "unit": pd.factorize(frame[unit], sort=True)[0]})
    if work["unit"].nunique() < 3:
        raise KinerjaError(_("data: fewer than three units; differences between units cannot be estimated."))
    if work["y"].nunique() < 2:
        raise KinerjaError(_("data: {outcome} does not vary. There is nothing to test.", outcome=outcome))
    parts = {}
    for name, column in {"person": person, "period": period}.items():
        if column is None:
            continue
        work[name] = pd.factorize(frame[column], sort=True)[0]
        if work.groupby(["unit", name]).size().max() < 2:
            raise KinerjaError(
                _(
                    "data: every {column} appears once per unit; it cannot be separated from the residual.",
                    column=column,
                )
            )
        parts[name] = f"0 + C({name})"
    fixed = "y ~ C(period)" if period else "y ~ 1"
    with warnings.catch_warnings():  # MixedLM warns of attempts that failed before one that converged
        warnings.simplefilter("ignore")
        fit = smf.mixedlm(fixed, work, groups="unit", vc_formula=parts or None, re_formula="1").fit(reml=True)
    if not fit.converged:
        raise KinerjaError(
            _(
                "The mixed model did not converge. Give fewer grouping columns, or a MixedWorld with "
                "your own numbers."
            )
        )
    components = dict(zip(fit.model.exog_vc.names, fit.vcomp, strict=True)) if parts else {}
    size = work.groupby(["unit", "period"] if period else "unit").size().median()
    return MixedWorld(
        staff=int(size) if staff is None else staff,
        unit_sd=float(np.sqrt(fit.cov_re.iloc[0, 0])),
        unit_period_sd=float(np.sqrt(components.get("period", 0.0))),
        person_sd=float(np.sqrt(components.get("person", 0.0))),
        residual_sd=float(np.sqrt(fit.scale)),
        mean=float(work["y"].mean()),
        contamination=contamination,
    )


@dataclass(frozen=True, slots=True)
class RatingWorld:
    """Ratings of staff by their own supervisor, in rating SDs.

    Attributes
    ----------
    truth, rater, residual : float
        Shares of the variance of a rating: true performance, rater (severity and halo), the rest. The
        defaults .23, .57, .20 are after Scullen, Mount & Goff (2000), Journal of Applied Psychology 85.
    severity : float
        Part of the rater share that is common to all staff of a supervisor (the rest is halo on each
        person); 0.5 is an assumption.
    bias_sd : float
        How much favouritism differs between supervisors.
    """

    truth: float = 0.23
    rater: float = 0.57
    residual: float = 0.20
    severity: float = 0.5
    bias_sd: float = 0.0

    def __post_init__(self) -> None:
        if min(self.truth, self.rater, self.residual, self.bias_sd) < 0 or not 0 <= self.severity <= 1:
            raise KinerjaError(_("Shares of a rating must not be negative, and severity must lie in [0, 1]."))

    def __call__(self, schedule: pd.DataFrame, effect: float, rng: np.random.Generator) -> pd.DataFrame:
        """Return the schedule (unit, person, treated: the tie) with ``outcome``, the rating."""
        unit = pd.factorize(schedule["unit"], sort=True)[0]
        units = int(unit.max()) + 1
        common = np.sqrt(self.rater * self.severity) * rng.standard_normal(units)[unit]
        own = np.sqrt(self.truth + self.rater * (1 - self.severity) + self.residual)
        bias = (effect + self.bias_sd * rng.standard_normal(units))[unit]
        noise = own * rng.standard_normal(len(unit))
        return schedule.assign(outcome=common + noise + bias * schedule["treated"].to_numpy(float))
