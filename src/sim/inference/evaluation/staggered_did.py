"""Difference in differences under staggered adoption: effects for each cohort and period, and their averages.

Each cohort g is compared, in each period t, with units not (yet) treated: ATT(g, t) of Callaway &
Sant'Anna [1]_, from which every average is built. Standard errors come from influence functions; intervals
from t distributions whose degrees of freedom are those of a sum of independent cohort variances;
simultaneous bands from a cluster multiplier bootstrap.

References
----------
.. [1] Callaway, Sant'Anna (2021), Journal of Econometrics 225, 200-230.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sim.errors import KinerjaError, _
from sim.inference.data.panel_data import NEVER, read_panel
from sim.inference.evaluation.difference_in_differences import (
    draw_event_study,
    dropped_note,
    leave_out_always_treated,
)
from sim.inference.evaluation.group_time import Inference, average, group_time_effects, subset
from sim.inference.evaluation.two_way_fixed_effects import TwoWayFixedEffectsResult, two_way_panel
from sim.inference.result import Note, Result
from sim.inference.wording import decimals, effect_text, f_test, period_text
from sim.language.numbers import scaled

SMALL_COHORT = 5
"""Starting times with fewer units than this are marked in a note."""


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class StaggeredDidResult(Result):
    """Group-time effects and their aggregates.

    Attributes
    ----------
    estimates : DataFrame
        Overall effects: aggregate ("simple", "group", "dynamic", "calendar"), estimate, se, df, low, high, p.
        ``group``, the average over treated units of each one's own average effect, is the one to report;
        ``simple`` weighs early cohorts more, because they are treated longer.
    group_time : DataFrame
        cohort, period, event_time, estimate, treated, controls, se, df, low, high, p, band_low, band_high.
    by_group, dynamic, calendar : DataFrame
        The parts of three aggregates, by cohort, event_time and period. Event times before 0 are placebos.
    pretrend : Series
        F, df1, df2, p: the placebo effects before the start are all zero.
    naive : TwoWayFixedEffectsResult
        The two-way fixed effects estimate, with its weights, for contrast.
    units, never, clusters : int
        Units used, those never treated, independent clusters.
    """

    group_time: pd.DataFrame
    by_group: pd.DataFrame
    dynamic: pd.DataFrame
    calendar: pd.DataFrame
    pretrend: pd.Series
    naive: TwoWayFixedEffectsResult
    outcome: str
    units: int
    never: int
    clusters: int
    level: float

    @property
    def best(self) -> pd.Series:
        """Row of the estimates to report (``group``)."""
        return self.estimates[self.estimates["aggregate"] == "group"].iloc[0]

    def sentences(self) -> list[str]:
        naive = self.naive.estimates.iloc[0].estimate
        lines = [
            _(
                "{units:,} units, starting at {starts} different times ({never:,} never). Average effect on "
                "the treated units: {effect}.",
                units=self.units,
                starts=len(self.by_group),
                never=self.never,
                effect=effect_text(self.best, self.level),
            )
        ]
        if np.isfinite(self.pretrend.p):
            lines.append(_("Test of trends before treatment: {test}.", test=f_test(self.pretrend)))
        lines.append(
            _(
                "A plain two-way regression gives {estimate}.",
                estimate=scaled(naive, decimals(self.best.se), naive),
            )
        )
        return [str(line) for line in lines]

    def _draw_on(self, ax: Axes) -> None:
        draw_event_study(ax, self.dynamic, self.outcome, band=True)


def staggered_did(
    frame: pd.DataFrame,
    outcome: str,
    unit: str,
    time: str,
    treated: str,
    *,
    control: Literal["never", "not_yet"] = "not_yet",
    covariates: Sequence[str] = (),
    cluster: str | None = None,
    base: Literal["universal", "varying"] = "universal",
    anticipation: int = 0,
    incomplete: str = "refuse",
    level: float = 0.95,
    small_sample: bool = True,
    draws: int = 999,
    seed: int = 0,
) -> StaggeredDidResult:
    """Estimate group-time effects on the treated under staggered adoption, and their averages.

    Parameters
    ----------
    frame : DataFrame
        One row per unit and period.
    outcome, unit, time : str
        Columns.
    treated : str
        0/1 status in that period; once 1 it stays 1.
    control : {"not_yet", "never"}
        Compare with all units not yet treated by then, or with those never treated only.
    covariates : sequence of str
        Trends may differ with these (first-period values): outcome regression on the comparison units.
    cluster : str, optional
        Level at which treatment was given, if above the unit.
    base : {"universal", "varying"}
        Reference of placebo effects: the last period before treatment for all, or the period just before
        each. Effects after the start are the same.
    anticipation : int
        Periods before the start in which behaviour may already change.
    small_sample : bool
        HC2-type residuals and t quantiles. False gives the large-sample standard errors of R's ``did``.
    draws, seed : int
        Multiplier bootstrap of the simultaneous bands.
    incomplete : {"refuse", "drop"}
        Units that lack a period are refused, or left out and counted.
    level : float
        Confidence level.

    Returns
    -------
    StaggeredDidResult

    Raises
    ------
    KinerjaError
        As :func:`~sim.inference.data.panel_data.read_panel`; no comparison units; cohorts of a single unit only.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [(u, t, int(t >= g), u + (t >= g) * 2.0 + (u * t % 3) / 10)
    ...         for u, g in enumerate([2, 2, 3, 3, 9, 9]) for t in (1, 2, 3)]
    >>> panel = pd.DataFrame(rows, columns=["unit", "year", "on", "score"])
    >>> result = staggered_did(panel, "score", "unit", "year", "on")
    >>> result.table()["aggregate"].tolist(), len(result.group_time)
    (['simple', 'group', 'dynamic', 'calendar'], 4)
    """
    if control not in ("never", "not_yet") or base not in ("universal", "varying") or anticipation < 0:
        raise KinerjaError(
            _('control is "never" or "not_yet", base "universal" or "varying", anticipation >= 0.')
        )
    panel = read_panel(
        frame, outcome, unit, time, treated, covariates=covariates, cluster=cluster, incomplete=incomplete
    )
    keep, notes = leave_out_always_treated(panel)
    y, first, x = panel.outcome[keep], panel.first[keep], panel.covariates[keep]
    never = int((first == NEVER).sum())
    if control == "never" and never < 2:
        raise KinerjaError(
            _(
                'data: {n} units are never treated; control="never" needs at least two. Use "not_yet".',
                n=never,
            )
        )
    cells = group_time_effects(
        y, first, x, control=control, base=base, anticipation=anticipation, small_sample=small_sample
    )
    post = (cells.table["event_time"] >= 0).to_numpy(bool)
    if not post.any():
        raise KinerjaError(
            _(
                "data: no cohort has a comparison: all units start together, or every cohort has a "
                "single unit. Merge starting periods, or find untreated units."
            )
        )
    clusters = np.unique(panel.cluster[keep], return_inverse=True)[1]
    if clusters.max() == 0:
        raise KinerjaError(_("There is only one cluster. Between-cluster variation cannot be estimated."))
    infer = Inference(first, clusters, level, small_sample, draws, np.random.default_rng(seed))
    after = subset(cells, post)
    by_group = average(after, first, "cohort", by_size=False)
    dynamic = average(cells, first, "event_time", by_size=True)
    calendar = average(after, first, "period", by_size=True)
    overall = {
        "simple": average(after, first, None, by_size=True),
        "group": average(by_group, first, None, by_size=True),
        "dynamic": average(
            subset(dynamic, (dynamic.table["event_time"] >= 0).to_numpy()), first, None, by_size=False
        ),
        "calendar": average(calendar, first, None, by_size=False),
    }
    named = dict(enumerate(panel.periods))

    def with_labels(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(**{c: table[c].map(named) for c in ("cohort", "period") if c in table})

    return StaggeredDidResult(
        estimates=pd.DataFrame(
            [
                {"aggregate": k, **infer.contrast(e.table["estimate"].iloc[0], e.influence[:, 0]).row()}
                for k, e in overall.items()
            ]
        ),
        notes=(*notes, *dropped_note(panel), *_uncompared(first, after.table, panel.periods), *_notes(first)),
        group_time=with_labels(infer.with_bands(cells)),
        by_group=with_labels(infer.with_bands(by_group)),
        dynamic=infer.with_bands(dynamic),
        calendar=with_labels(infer.with_bands(calendar)),
        pretrend=infer.placebo_test(dynamic, anticipation),
        naive=two_way_panel(y, first, clusters, panel.periods, outcome, level),
        outcome=outcome,
        units=len(y),
        never=never,
        clusters=int(clusters.max()) + 1,
        level=level,
    )


def _uncompared(first: np.ndarray, cells: pd.DataFrame, periods: np.ndarray) -> list[Note]:
    """Note starting times and periods that no unit can be compared with: everybody is treated by then."""
    starts, size = np.unique(first[first != NEVER], return_counts=True)
    cohorts = [periods[g] for g in starts[size > 1] if g not in set(cells["cohort"])]
    times = [periods[t] for t in range(int(starts.min()), len(periods)) if t not in set(cells["period"])]
    if not cohorts and not times:
        return []
    said = _(
        "Nobody is left to compare with in some periods: no effect for those who start in {cohorts}, and none in "
        "the periods {periods}.",
        cohorts=", ".join(map(period_text, cohorts)) or "-",
        periods=", ".join(map(period_text, times)) or "-",
    )
    return [Note("no_comparison", said)]


def _notes(first: np.ndarray) -> list[Note]:
    cohorts, size = np.unique(first[first != NEVER], return_counts=True)
    notes = []
    if (size == 1).any():
        alone = int((size == 1).sum())
        notes.append(
            Note(
                "single_unit_cohorts",
                _(
                    "{n} starting times have a single unit; their effects are left out because their "
                    "uncertainty cannot be measured. Merge starting times if needed.",
                    n=alone,
                ),
            )
        )
    if ((size > 1) & (size < SMALL_COHORT)).any():
        notes.append(
            Note(
                "small_cohorts",
                _(
                    "some starting times have fewer than {n} units: their intervals are rough.",
                    n=SMALL_COHORT,
                ),
            )
        )
    if len(cohorts) == 1:
        notes.append(
            Note("one_cohort", _("there is one starting time only; difference_in_differences() is enough."))
        )
    return notes
