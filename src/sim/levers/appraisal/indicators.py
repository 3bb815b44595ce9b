"""Measured indicators of an officer's own cases: the quantitative part of results.

Indicators rest on a finite number of cases, so they are noisy; the noise follows from that number and is returned, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.world.office import CARE_LOGIT, PACE_LOG, PACE_MEAN
from sim.world.officers import CORRELATION, Float
from sim.world.roster import DISCIPLINE_LOGIT, SPELL_GOES_ON
from sim.world.service import OUTPUT_NOISE

if TYPE_CHECKING:
    from sim.world.world import World

MONTH_DAYS = 20.0
"""Working days per month, approximately."""


def measured(world: World) -> tuple[Float, Float]:
    """Return indicators of pace and care from officers' own cases since the last appraisal, weighted by their KPIs.

    Minutes relative to the usual measure pace, wrong answers relative to the usual measure care, each weighted by its
    reliability; in a programme unit only output is measured. Courtesy is not measured: it reaches the appraisal through
    citizens' ratings.

    Returns
    -------
    indicator : float64[n]
        Unit variance at the start of the study; NaN for officers without cases.
    validity : float64[n]
        Correlation of the indicator with true performance, by design; 0 for officers without cases.
    """
    book, officers = world.service, world.officers
    programme = world.sum_by_unit(book.output)[officers.unit] > 0
    n = np.maximum(book.jobs, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        pace = (np.log(book.content / book.busy) - PACE_MEAN) / PACE_LOG
        pace_noise = np.sqrt(book.variance) / book.content / PACE_LOG
    output, output_noise = _output(world)
    pace = np.where(programme, output, pace)
    pace_noise = np.where(programme, output_noise, pace_noise)
    usual = np.maximum(book.expected_errors / n, 1e-6)
    per_sd = CARE_LOGIT * (1 - usual)
    care = (book.expected_errors - book.errors) / np.maximum(book.expected_errors, 1e-9) / per_sd
    care_noise = np.sqrt((1 - usual) / (usual * n)) / per_sd
    a = officers.column("kpi.speed", 1 / 3) / (1 + pace_noise**2)
    b = np.where(programme, 0.0, officers.column("kpi.accuracy", 1 / 3) / (1 + care_noise**2))
    known = (book.jobs >= 1) & np.isfinite(pace)
    with np.errstate(invalid="ignore", divide="ignore"):
        sd = np.sqrt(
            a**2 * (1 + pace_noise**2) + b**2 * (1 + care_noise**2) + 2 * a * b * CORRELATION,
        )
        with_truth = world.people.needs @ (CORRELATION + (1 - CORRELATION) * np.eye(3))
        validity = (a * with_truth[:, 0] + b * with_truth[:, 1]) / sd
        indicator = (a * pace + b * np.where(programme, 0.0, care)) / sd
    indicator = indicator + officers.column(
        "reward.gaming"
    )  # gaming raises the indicator, not the performance
    return np.where(known, indicator, np.nan), np.where(known, validity, 0.0)


def _output(world: World) -> tuple[Float, Float]:
    """Return pace from programme output, adjusted for the unit's usual absence, and its noise in SDs."""
    book = world.service
    months = np.maximum(book.months, 1)
    away = np.array([unit.absence for unit in world.agency.units])[world.officers.unit]
    with np.errstate(divide="ignore"):
        log_output = np.log(book.output / months) - np.log1p(-away) + OUTPUT_NOISE**2 / 2
    # days away come in spells, and some officers are away more than others
    spells = (1 + SPELL_GOES_ON) / (1 - SPELL_GOES_ON) * away / (1 - away) / MONTH_DAYS
    noise = np.sqrt((OUTPUT_NOISE**2 + spells) / months + (DISCIPLINE_LOGIT * away) ** 2)
    return log_output / PACE_LOG, noise / PACE_LOG


def blend(
    judged: Float, validity: Float | float, indicator: Float, indicator_validity: Float, share: float
) -> Float:
    """Combine judgement and indicator, with unit variance at the start of the study; judgement alone where NaN.

    Parameters
    ----------
    judged, indicator : float64[n]
        Unit variance at the start; `indicator` may be NaN.
    validity, indicator_validity : float64[n] or float
        Correlations with true performance, the only thing the two have in common.
    share : float
        Weight of the indicator.
    """
    part = np.where(np.isnan(indicator), 0.0, share)
    alike = validity * indicator_validity
    sd = np.sqrt((1 - part) ** 2 + part**2 + 2 * part * (1 - part) * alike)
    return np.asarray(((1 - part) * judged + part * np.nan_to_num(indicator)) / sd)
