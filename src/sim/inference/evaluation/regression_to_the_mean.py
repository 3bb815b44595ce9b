"""Gain of trainees chosen for low scores, and how much of it is regression to the mean.

A low score is partly measurement error, which is different the next time. Before-after gains of people chosen
for low scores therefore contain regression to the mean, about (1 - reliability) times how far they were below
the average [1]_. With untrained people measured twice, the gain splits into that, a change common to all, and
the effect.

References
----------
.. [1] Barnett, van der Pols, Dobson (2005), International Journal of Epidemiology 34, 215-220.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy import stats

from sim.errors import KinerjaError, _
from sim.inference.data.checks import distinct_columns, repeated_notes
from sim.inference.data.panel_data import binary, complete, exact_notes, numeric, require
from sim.inference.models.clusters import Contrast, fit_linear
from sim.inference.result import Note, Result, forest
from sim.inference.wording import effect_text

NOTABLE = 0.2
"""Selection beyond this many standard deviations (and beyond chance) carries a note."""


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class RegressionToTheMeanResult(Result):
    """Parts of the before-after gain of trainees.

    Attributes
    ----------
    estimates : DataFrame
        Rows ``gain`` (after minus before), ``regression_to_mean``, ``common_change`` (only with untrained
        people) and ``effect``, which add up: term, estimate, se, df, low, high, p.
    selection : float
        How far the trained were below (negative) the mean of all before, in SDs.
    reliability : float
        As given, or the slope of after on before.
    trained, untrained : int
    """

    selection: float
    reliability: float
    outcome: str
    trained: int
    untrained: int
    level: float

    def sentences(self) -> list[str]:
        row = {str(r.term): effect_text(r, self.level) for __, r in self.estimates.iterrows()}
        start = (
            _("The {n:,} trainees started {distance:.2f} standard deviations below the mean.")
            if self.selection < 0
            else _("The {n:,} trainees started {distance:.2f} standard deviations above the mean.")
        )
        return [
            str(start.filled(n=self.trained, distance=abs(self.selection))),
            str(
                _(
                    "They gained {gain}. Regression to the mean alone gives {regression}. What is left, the "
                    "effect of training: {effect}.",
                    gain=row["gain"],
                    regression=row["regression_to_mean"],
                    effect=row["effect"],
                )
            ),
        ]

    def _draw_on(self, ax: Axes) -> None:
        forest(ax, self.estimates, "term", zero=0.0)
        ax.set_xlabel(f"Δ {self.outcome}")


def regression_to_the_mean(
    frame: pd.DataFrame,
    before: str,
    after: str,
    trained: str,
    *,
    reliability: float | None = None,
    population_mean: float | None = None,
    level: float = 0.95,
) -> RegressionToTheMeanResult:
    """Split the before-after gain of trainees into regression to the mean, common change and effect.

    With untrained people whose score was taken twice, the expected score of a trainee without training is
    taken from their regression line (after on before, same slope for all: right for any rule of selection on
    the first score); otherwise from `reliability`, assuming that nothing else changed.

    Parameters
    ----------
    frame : DataFrame
        One row per person; `after` may be empty for untrained people.
    before, after : str
        The same score before and after, on one scale.
    trained : str
        0/1.
    reliability : float, optional
        Test-retest reliability of the score (0 to 1), needed when nobody untrained was measured again.
    population_mean : float, optional
        Mean of `before` among all those who could have been chosen; default: of all rows.
    level : float
        Confidence level.

    Returns
    -------
    RegressionToTheMeanResult

    Raises
    ------
    KinerjaError
        Fewer than two trainees, no untrained second scores and no reliability, scores that do not vary.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> ability = rng.normal(size=2000)
    >>> data = pd.DataFrame({"first": ability + rng.normal(size=2000), "second": ability + rng.normal(size=2000)})
    >>> data["course"] = (data["first"] < -1).astype(int)  # the weakest are sent; the course does nothing
    >>> split = regression_to_the_mean(data, "first", "second", "course").table().set_index("term").estimate
    >>> bool(split["gain"] > 0.5), bool(abs(split["effect"]) < 0.2)
    (True, True)
    """
    require(frame, [before, after, trained])
    distinct_columns(before=before, after=after, trained=trained)
    frame = frame.reset_index(drop=True)
    arm, x, y = binary(frame, trained), numeric(frame, before), numeric(frame, after)
    complete(frame, before)
    if reliability is not None and not 0 <= reliability <= 1:
        raise KinerjaError(
            _("reliability is {reliability:g}; it lies between 0 and 1.", reliability=reliability)
        )
    on, off = (arm == 1) & ~np.isnan(y), (arm == 0) & ~np.isnan(y)
    if on.sum() < 2:
        raise KinerjaError(
            _("data: {n} trained people have both scores; at least two are needed.", n=int(on.sum()))
        )
    if np.ptp(x) == 0 or np.ptp(y[on]) == 0:
        raise KinerjaError(_("data: the scores do not vary. Nothing can be said about them."))
    centre = float(x.mean() if population_mean is None else population_mean)
    start = float(x[on].mean())
    change = y[on] - x[on]
    gain = Contrast.of(change.mean(), change.std(ddof=1) / on.sum() ** 0.5, on.sum() - 1, level)
    if off.sum() >= 3 and np.ptp(x[off]) > 0:
        use = on | off
        fit = fit_linear(y[use], np.column_stack([np.ones(use.sum()), arm[use], x[use]]))
        slope = float(fit.coef[2])
        parts = {
            "regression_to_mean": _shifted(
                fit.contrast(np.array([0, 0, start - centre]), level), centre - start
            ),
            "common_change": _shifted(fit.contrast(np.array([1, 0, centre]), level), -centre),
            "effect": fit.contrast(np.array([0, 1, 0]), level),
        }
    elif reliability is not None:
        slope = reliability
        share = 1 - slope
        rest = change + share * x[on]
        outside = share * x.std(ddof=1) / len(x) ** 0.5 if population_mean is None else 0.0
        se = float(np.hypot(rest.std(ddof=1) / on.sum() ** 0.5, outside))
        parts = {
            "regression_to_mean": Contrast.of(share * (centre - start), outside, len(x) - 1, level),
            "effect": Contrast.of(rest.mean() - share * centre, se, on.sum() - 1, level),
        }
    else:
        raise KinerjaError(
            _(
                "data: nobody untrained was measured twice, so the gain cannot be split. Give the "
                "reliability of the score, or the second scores of untrained people."
            )
        )
    others = x[arm == 0]
    selection = (start - centre) / x.std(ddof=1)
    chance = stats.ttest_ind(x[on], others, equal_var=False).pvalue if len(others) > 1 else 0.0
    rows = [{"term": "gain", **gain.row()}, *({"term": k, **c.row()} for k, c in parts.items())]
    table = pd.DataFrame(rows)
    return RegressionToTheMeanResult(
        estimates=table,
        notes=(
            *_notes(selection, chance, "common_change" not in parts),
            *repeated_notes(frame, [before, after, trained]),
            *exact_notes(table),
        ),
        selection=float(selection),
        reliability=slope,
        outcome=after,
        trained=int(on.sum()),
        untrained=int(off.sum()),
        level=level,
    )


def _shifted(contrast: Contrast, by: float) -> Contrast:
    """Return the contrast plus a known number (its p value is against zero after the shift)."""
    moved = Contrast.of(contrast.estimate + by, contrast.se, contrast.df)
    return Contrast(moved.estimate, moved.se, moved.df, contrast.low + by, contrast.high + by, moved.p)


def _notes(selection: float, chance: float, alone: bool) -> list[Note]:
    notes = []
    if abs(selection) > NOTABLE and chance < 0.05:
        low = _(
            "trainees were chosen (or happened) to score low: the raw before-after gain is not an effect."
        )
        high = _(
            "trainees were chosen (or happened) to score high: the raw before-after gain is not an effect."
        )
        notes.append(Note("selected_low", low) if selection < 0 else Note("selected_high", high))
    if alone:
        notes.append(
            Note(
                "nobody_untrained",
                _("without untrained people, whatever else changed meanwhile is counted as effect."),
            )
        )
    return notes
