"""The two-way fixed effects estimate under staggered adoption, and why not to trust it.

The regression of outcome on treatment with unit and period effects weighs comparisons by their variance and
uses already treated units as controls. Two readings of the damage are given: the weight of each treated
unit-period (de Chaisemartin & D'Haultfoeuille [1]_; some are negative) and the weight of each two-group
comparison (Goodman-Bacon [2]_; "late against early" ones are forbidden when effects grow).

References
----------
.. [1] de Chaisemartin, D'Haultfoeuille (2020), American Economic Review 110, 2964-2996.
.. [2] Goodman-Bacon (2021), Journal of Econometrics 225, 254-277.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sim.errors import KinerjaError, _
from sim.inference.data.panel_data import NEVER, exact_notes, read_panel
from sim.inference.evaluation.difference_in_differences import dropped_note, leave_out_always_treated
from sim.inference.models.clusters import fit_linear
from sim.inference.result import Note, Result
from sim.inference.wording import effect_text

COMPARISONS = {
    "treated_vs_never": ("o", _("treated against never treated")),
    "earlier_vs_later": ("^", _("earlier against later")),
    "later_vs_earlier": ("x", _("later against earlier")),
}
"""Kinds of two-group comparisons: marker and name in the figure."""


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class TwoWayFixedEffectsResult(Result):
    """A two-way fixed effects estimate with its weights.

    Attributes
    ----------
    estimates : DataFrame
        One row, ``two_way``: term, estimate, se, df, low, high, p.
    weights : DataFrame
        One row per treated cohort and period: cohort, period, units, weight. Weights sum to 1 and are what the
        estimate gives to the effect in that cell.
    decomposition : DataFrame
        One row per two-group comparison: kind ("treated_vs_never", "earlier_vs_later", "later_vs_earlier"),
        treated, control, weight, estimate; their weighted sum is the estimate.
    negative_share : float
        Share of treated unit-periods with a negative weight.
    negative_weight : float
        Sum of the negative weights.
    forbidden : float
        Weight of the comparisons of late adopters with units already treated.
    """

    weights: pd.DataFrame
    decomposition: pd.DataFrame
    negative_share: float
    negative_weight: float
    forbidden: float
    outcome: str
    level: float

    def sentences(self) -> list[str]:
        effect = effect_text(self.estimates.iloc[0], self.level)
        return [
            str(_("The two-way regression (unit and period fixed effects) gives {effect}.", effect=effect))
        ]

    def _draw_on(self, ax: Axes) -> None:
        for i, (kind, (marker, label)) in enumerate(COMPARISONS.items()):
            part = self.decomposition[self.decomposition["kind"] == kind]
            if len(part):
                ax.plot(part["weight"], part["estimate"], marker, color=f"C{i}", label=str(label))
        ax.axhline(self.estimates["estimate"].iloc[0], color="0.6", lw=1, ls="--")
        ax.set_xlabel(str(_("weight")))
        ax.set_ylabel(f"Δ {self.outcome}")
        ax.legend(frameon=False)


def two_way_fixed_effects(
    frame: pd.DataFrame,
    outcome: str,
    unit: str,
    time: str,
    treated: str,
    *,
    cluster: str | None = None,
    incomplete: str = "refuse",
    level: float = 0.95,
) -> TwoWayFixedEffectsResult:
    """Estimate one effect with unit and period fixed effects; a note warns where the adoption is staggered.

    It is there to be looked at beside :func:`~sim.inference.evaluation.staggered_did.staggered_did`, which is right
    where effects change over time.

    Parameters and errors are those of `staggered_did`.

    Returns
    -------
    TwoWayFixedEffectsResult

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [(u, t, int(t >= g), (t >= g) * (t - g + 1.0))
    ...         for u, g in enumerate([2, 4, 2, 4]) for t in range(1, 6)]
    >>> panel = pd.DataFrame(rows, columns=["unit", "year", "on", "score"])
    >>> naive = two_way_fixed_effects(panel, "score", "unit", "year", "on")
    >>> naive.has("negative_weights"), float(naive.weights["weight"].sum().round(6))
    (True, 1.0)
    """
    panel = read_panel(frame, outcome, unit, time, treated, cluster=cluster, incomplete=incomplete)
    keep, notes = leave_out_always_treated(panel)
    groups = np.unique(panel.cluster[keep], return_inverse=True)[1]
    result = two_way_panel(panel.outcome[keep], panel.first[keep], groups, panel.periods, outcome, level)
    return replace(result, notes=(*notes, *dropped_note(panel), *result.notes))


def two_way_panel(
    y: np.ndarray, first: np.ndarray, groups: np.ndarray, periods: np.ndarray, outcome: str, level: float
) -> TwoWayFixedEffectsResult:
    """Do `two_way_fixed_effects` on arrays.

    Parameters
    ----------
    y : ndarray (units, periods)
        Outcome.
    first : ndarray of int (units,)
        First treated position.
    groups : ndarray of int (units,)
        Cluster.
    periods : ndarray (periods,)
        Labels.
    """
    n, t = y.shape
    on = ((first != NEVER)[:, None] & (np.arange(t) >= first[:, None])).astype(float)
    residual = on - on.mean(axis=0) - on.mean(axis=1, keepdims=True) + on.mean()
    scale = (residual**2).sum()
    if scale < 1e-9:
        raise KinerjaError(_("data: treatment does not vary once unit and period effects are taken out."))
    within = y - y.mean(axis=1, keepdims=True)
    if np.ptp(within) < 1e-12 * max(1.0, float(np.abs(y).max())):
        raise KinerjaError(
            _("data: {outcome} never changes within a unit. There is nothing to compare.", outcome=outcome)
        )
    dummies = np.tile(np.eye(t)[:, 1:], (n, 1)) - 1 / t
    design = np.column_stack([(on - on.mean(axis=1, keepdims=True)).ravel(), dummies])
    effect = fit_linear(within.ravel(), design, np.repeat(groups, t)).contrast(np.eye(t)[0], level)

    weight = residual / scale
    treated = on == 1
    rows = [
        {
            "cohort": periods[g],
            "period": periods[s],
            "units": int((first == g).sum()),
            "weight": float(weight[first == g, s].sum()),
        }
        for g in np.unique(first[first != NEVER])
        for s in range(g, t)
    ]
    parts = _decompose(y, first, scale / (n * t))
    forbidden = float(parts.loc[parts["kind"] == "later_vs_earlier", "weight"].sum())
    negative = weight[treated] < -1e-12
    share, total = float(negative.mean()), float(weight[treated][negative].sum())
    notes: tuple[Note, ...] = ()
    if forbidden > 0:
        notes = (
            Note(
                "negative_weights",
                _(
                    "staggered start: {forbidden:.1%} of the weight compares late starters with units "
                    "already treated, and {share:.1%} of treated cells have a negative weight (sum "
                    "{total:,.2f}). If effects change over time this number misleads; use "
                    "staggered_did().",
                    forbidden=forbidden,
                    share=share,
                    total=total,
                ),
            ),
        )
    table = pd.DataFrame([{"term": "two_way", **effect.row()}])
    return TwoWayFixedEffectsResult(
        estimates=table,
        notes=(*notes, *exact_notes(table)),
        weights=pd.DataFrame(rows),
        decomposition=parts.assign(
            treated=[periods[g] for g in parts["treated"]],
            control=["never" if c == NEVER else periods[c] for c in parts["control"]],
        ),
        negative_share=share,
        negative_weight=total,
        forbidden=forbidden,
        outcome=outcome,
        level=level,
    )


def _decompose(y: np.ndarray, first: np.ndarray, variance: float) -> pd.DataFrame:
    """Return all two-group comparisons with weights; `variance` is that of the residual treatment."""
    periods = y.shape[1]
    cohorts = [int(g) for g in np.unique(first[first != NEVER])]
    share = {g: float((first == g).mean()) for g in (*cohorts, NEVER)}
    on = {g: (periods - g) / periods for g in cohorts}
    mean = {g: y[first == g].mean(axis=0) for g in (*cohorts, NEVER) if share[g] > 0}

    def compare(a: int, b: int, before: Sequence[int], after: Sequence[int]) -> float:
        change = [mean[g][list(after)].mean() - mean[g][list(before)].mean() for g in (a, b)]
        return float(change[0] - change[1])

    rows = []

    def add(kind: str, treated: int, control: int, weight: float, estimate: float) -> None:
        rows.append(
            {
                "kind": kind,
                "treated": treated,
                "control": control,
                "weight": weight / variance,
                "estimate": estimate,
            }
        )

    for k in cohorts:
        if share[NEVER] > 0:
            both = share[k] + share[NEVER]
            mix = share[k] / both
            add(
                "treated_vs_never",
                k,
                NEVER,
                both**2 * mix * (1 - mix) * on[k] * (1 - on[k]),
                compare(k, NEVER, range(k), range(k, periods)),
            )
        for late in (g for g in cohorts if g > k):
            both, dk, dl = share[k] + share[late], on[k], on[late]
            mix = share[k] / both * (1 - share[k] / both)
            add(
                "earlier_vs_later",
                k,
                late,
                both**2 * mix * (dk - dl) * (1 - dk),
                compare(k, late, range(k), range(k, late)),
            )
            add(
                "later_vs_earlier",
                late,
                k,
                both**2 * mix * dl * (dk - dl),
                compare(late, k, range(k, late), range(late, periods)),
            )
    return pd.DataFrame(rows)
