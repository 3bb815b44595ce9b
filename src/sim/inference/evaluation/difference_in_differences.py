"""Difference in differences when all treated units start at the same time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sim.errors import KinerjaError, _
from sim.inference.data.panel_data import NEVER, Panel, exact_notes, read_panel
from sim.inference.models.clusters import fit_linear, joint_test
from sim.inference.result import Note, Result
from sim.inference.wording import decimals, effect_text, f_test, method_text, period_text
from sim.language.numbers import scaled


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class DifferenceInDifferencesResult(Result):
    """Effect on the treated, and the event study behind it.

    Attributes
    ----------
    estimates : DataFrame
        One row, ``effect``: term, estimate, se, df, low, high, p, method.
    event : DataFrame
        Effect by periods since the start (0 is the first treated period, -1 the reference): period,
        event_time, estimate, se, df, low, high, p.
    pretrend : Series
        F, df1, df2, p of the test that all differences before the start are zero.
    outcome : str
    start : label of the first treated period
    treated, controls, clusters : int
        Units on each side; independent clusters.
    level : float
    """

    event: pd.DataFrame
    pretrend: pd.Series
    outcome: str
    start: object
    treated: int
    controls: int
    clusters: int
    level: float

    def sentences(self) -> list[str]:
        b, before = self.estimates.iloc[0], self.event[self.event["event_time"] < -1]
        lines = [
            _(
                "From {start} on, the change of {treated:,} treated units differs from that of {controls:,} "
                "control units by {effect}. Method: {method}.",
                start=period_text(self.start),
                treated=self.treated,
                controls=self.controls,
                effect=effect_text(b, self.level),
                method=method_text(b.method),
            )
        ]
        if len(before) and np.isfinite(self.pretrend.p):
            lines.append(
                _(
                    "Test of trends before treatment: {test}; the largest difference is {largest}.",
                    test=f_test(self.pretrend),
                    largest=scaled(most := before["estimate"].abs().max(), decimals(b.se), most),
                )
            )
        return [str(line) for line in lines]

    def _draw_on(self, ax: Axes) -> None:
        draw_event_study(ax, self.event, self.outcome)


def difference_in_differences(
    frame: pd.DataFrame,
    outcome: str,
    unit: str,
    time: str,
    treated: str,
    *,
    covariates: Sequence[str] = (),
    cluster: str | None = None,
    incomplete: str = "refuse",
    level: float = 0.95,
) -> DifferenceInDifferencesResult:
    """Estimate a difference in differences with one starting date, and its event study.

    Each unit is collapsed to its mean after minus its mean before, which makes serial correlation
    harmless [1]_; the changes of treated and control units are then compared (HC2, or CR2 over `cluster`,
    Satterthwaite t). On a balanced panel this is the two-way fixed effects estimate. Covariates, taken
    before treatment, adjust the control units' expected change (centred on the treated, so that the
    estimate stays the effect on the treated).

    Parameters
    ----------
    frame : DataFrame
        One row per unit and period.
    outcome, unit, time : str
        Columns.
    treated : str
        0/1 status: 1 from the start on for treated units. Units treated from their first period on are
        left out, with a note.
    covariates : sequence of str
        Columns that may explain different trends.
    cluster : str, optional
        Level at which treatment was given, if above the unit.
    incomplete : {"refuse", "drop"}
        Units that lack a period are refused, or left out and counted.
    level : float
        Confidence level.

    Returns
    -------
    DifferenceInDifferencesResult

    Raises
    ------
    KinerjaError
        No never-treated unit, several starting dates (use
        :func:`sim.inference.evaluation.staggered_did.staggered_did`), duplicate rows, missing periods, a
        single treated or control cluster.

    References
    ----------
    .. [1] Bertrand, Duflo, Mullainathan (2004), Quarterly Journal of Economics 119, 249-275.

    Examples
    --------
    >>> import pandas as pd
    >>> two = pd.DataFrame({"unit": list("aabbccdd"), "month": [1, 2] * 4, "on": [0, 1, 0, 1, 0, 0, 0, 0],
    ...                     "days": [5.0, 3, 6, 5, 5, 5, 4, 4]})
    >>> effect = difference_in_differences(two, "days", "unit", "month", "on").table()["estimate"]
    >>> float(effect[0].round(6))
    -1.5
    """
    panel = read_panel(
        frame, outcome, unit, time, treated, covariates=covariates, cluster=cluster, incomplete=incomplete
    )
    keep, notes = leave_out_always_treated(panel)
    y, first, groups, x = panel.outcome[keep], panel.first[keep], panel.cluster[keep], panel.covariates[keep]
    starts = np.unique(first[first != NEVER])
    if len(starts) > 1:
        raise KinerjaError(
            _(
                "data: treatment starts in {n} different periods. A single comparison would "
                "mix them: use staggered_did().",
                n=len(starts),
            )
        )
    arm = (first != NEVER).astype(float)
    if arm.all():
        raise KinerjaError(_("data: every unit is treated. Without untreated units there is no comparison."))
    groups = np.unique(groups, return_inverse=True)[1]
    start = int(starts[0])
    design = _design(arm, x)

    def effect(change: np.ndarray) -> dict[str, float]:
        return fit_linear(change, design, groups).contrast(np.eye(design.shape[1])[1], level).row()

    change = y[:, start:].mean(axis=1) - y[:, :start].mean(axis=1)
    if np.ptp(change) == 0:
        raise KinerjaError(
            _(
                "data: {outcome} changes by the same amount in every unit. There is nothing to test.",
                outcome=outcome,
            )
        )
    kind = "CR2" if groups.max() + 1 < len(y) else "HC2"
    rows = []
    for t, period in enumerate(panel.periods):
        diff = y[:, t] - y[:, start - 1]
        nothing = dict.fromkeys(("estimate", "se", "df", "low", "high", "p"), np.nan) | {"estimate": 0.0}
        rows.append(
            {"period": period, "event_time": t - start, **(effect(diff) if np.ptp(diff) else nothing)}
        )
    event = pd.DataFrame(rows)
    pre = y[:, : start - 1] - y[:, [start - 1]]
    method = f"collapsed before/after, {kind}, Satterthwaite t"
    table = pd.DataFrame([{"term": "effect", **effect(change), "method": method}])
    return DifferenceInDifferencesResult(
        estimates=table,
        notes=(*notes, *dropped_note(panel), *_pretrend_notes(start), *exact_notes(table)),
        event=event,
        pretrend=_pretrend(pre, design, groups),
        outcome=outcome,
        start=panel.periods[start],
        treated=int(arm.sum()),
        controls=int((1 - arm).sum()),
        clusters=int(groups.max()) + 1,
        level=level,
    )


def _design(arm: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Intercept, arm, covariates centred on the treated, their products with arm (effect on the treated)."""
    centred = x - x[arm == 1].mean(axis=0)
    return np.column_stack([np.ones(len(arm)), arm, centred, centred * arm[:, None]])


def _pretrend(pre: np.ndarray, design: np.ndarray, groups: np.ndarray) -> pd.Series:
    """Joint test that the differences before treatment are zero; NaN when there is only the reference."""
    q = pre.shape[1]
    estimates, influence = np.empty(q), np.zeros((int(groups.max()) + 1, q))
    for j in range(q):
        fit = fit_linear(pre[:, j], design, groups)
        estimates[j] = fit.coef[1]
        influence[:, j] = fit.influence(np.eye(design.shape[1])[1])
    return pd.Series(dict(zip(("F", "df1", "df2", "p"), joint_test(estimates, influence), strict=True)))


def _pretrend_notes(start: int) -> list[Note]:
    if start == 1:
        return [
            Note(
                "no_pretrend",
                _("there is only one period before treatment: parallel trends cannot be checked."),
            )
        ]
    return [
        Note(
            "parallel_trends",
            _(
                "a pre-trend test that finds nothing is no proof of parallel trends; read the "
                "intervals before treatment in the figure."
            ),
        )
    ]


def leave_out_always_treated(panel: Panel) -> tuple[np.ndarray, list[Note]]:
    """Return which units have a period before treatment, and a note on those without."""
    keep = panel.first != 0
    lost = int((~keep).sum())
    if lost == len(keep) or not (panel.first[keep] != NEVER).any():
        raise KinerjaError(
            _("data: no unit has a period before its treatment. Before and after are both needed.")
        )
    if not lost:
        return keep, []
    return keep, [
        Note(
            "always_treated",
            _("{lost} units are treated from the first period on and are left out.", lost=lost),
        )
    ]


def dropped_note(panel: Panel) -> list[Note]:
    """Return a note on units left out because they lack periods."""
    if not panel.dropped:
        return []
    return [Note("dropped", _("{dropped} units with missing periods are left out.", dropped=panel.dropped))]


def draw_event_study(ax: Axes, event: pd.DataFrame, outcome: str, band: bool = False) -> None:
    """Draw effects by event time with intervals; the treated side shaded, simultaneous band if `band`."""
    e = event.sort_values("event_time")
    k, mid = e["event_time"].to_numpy(float), e["estimate"].to_numpy(float)
    ax.axhline(0, color="0.8", lw=1, zorder=0)
    ax.axvspan(-0.5, k.max() + 0.5, color="C0", alpha=0.06, lw=0)
    if band:
        ax.vlines(k, e["band_low"], e["band_high"], color="0.8", lw=4)
    ax.vlines(k, e["low"], e["high"], color="0.45", lw=1.5)
    ax.plot(k, mid, "o", color="C0", ms=4)
    ax.set_xlim(k.min() - 0.5, k.max() + 0.5)
    ax.set_xlabel("t − t₀")
    ax.set_ylabel(f"Δ {outcome}")
