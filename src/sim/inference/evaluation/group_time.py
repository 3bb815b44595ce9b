"""Group-time effects ATT(g, t) and averages of them, with influence functions (Callaway & Sant'Anna 2021).

`staggered_did` is the public function. An influence column holds what each unit adds to the error
of one estimate, so that variances of any weighted sum are sums of squares, and clusters are added up first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from sim.errors import KinerjaError, _
from sim.inference.data.panel_data import NEVER
from sim.inference.models.clusters import Contrast, joint_test


@dataclass(frozen=True)
class Effects:
    """Estimates with the influence of every unit.

    Attributes
    ----------
    table : DataFrame
        One row per estimate; has a column ``estimate``.
    influence : ndarray (units, rows)
    """

    table: pd.DataFrame
    influence: np.ndarray


def group_time_effects(
    y: np.ndarray,
    first: np.ndarray,
    x: np.ndarray,
    *,
    control: str,
    base: str,
    anticipation: int,
    small_sample: bool,
) -> Effects:
    """Estimate ATT(g, t) for every cohort and period that has a comparison.

    Returns
    -------
    Effects
        Columns cohort, period, event_time (positions), estimate, treated, controls. Under the universal
        base the reference period itself is left out (it is zero by definition).
    """
    periods = y.shape[1]
    rows, influence = [], []
    for g in np.unique(first[first != NEVER]):
        treated = first == g
        if treated.sum() < 2:
            continue
        reference = g - 1 - anticipation
        for t in range(periods):
            before = t - 1 if base == "varying" and t <= reference else reference
            if before < 0 or t == before:
                continue
            waiting = first > max(t, before) + anticipation
            others = (first == NEVER) | (waiting & (control == "not_yet") & (first != g))
            if others.sum() < x.shape[1] + 2:
                continue
            change = y[:, t] - y[:, before]
            if np.ptp(change[treated | others]) == 0:
                raise KinerjaError(
                    _(
                        "data: the outcome of cohort {cohort} and its comparison does not vary between two "
                        "periods.",
                        cohort=g,
                    )
                )
            estimate, psi = _regression_adjusted(change, treated, others, x, small_sample)
            rows.append((g, t, t - g, estimate, int(treated.sum()), int(others.sum())))
            influence.append(psi)
    columns = ["cohort", "period", "event_time", "estimate", "treated", "controls"]
    table = pd.DataFrame(rows, columns=columns)
    return Effects(table, np.column_stack(influence) if influence else np.empty((len(y), 0)))


def _regression_adjusted(
    change: np.ndarray, treated: np.ndarray, others: np.ndarray, x: np.ndarray, small_sample: bool
) -> tuple[float, np.ndarray]:
    """Return the mean change of the treated beyond what the comparison units' regression expects, and its influence."""
    design = np.column_stack([np.ones(len(change)), x])
    q, r = np.linalg.qr(design[others])
    if (np.abs(np.diag(r)) < 1e-9 * np.linalg.norm(design[others], axis=0)).any():
        raise KinerjaError(_("data: a covariate does not vary among the comparison units. Leave it out."))
    residual = change - design @ np.linalg.solve(r, q.T @ change[others])
    n = treated.sum()
    estimate = residual[treated].mean()
    own = (residual[treated] - estimate) / n
    reach = q @ np.linalg.solve(r.T, design[treated].mean(axis=0))
    theirs = -reach * residual[others]
    if small_sample:
        own = own * np.sqrt(n / (n - 1))
        theirs = theirs / np.sqrt(np.maximum(1 - (q**2).sum(axis=1), 1e-9))
    psi = np.zeros(len(change))
    psi[treated] = own
    psi[others] = theirs
    return float(estimate), psi


@dataclass(frozen=True)
class Inference:
    """Variances, intervals and bands from influence columns.

    Attributes
    ----------
    first : ndarray of int (units,)
        First treated position: variances of the cohorts are independent (Welch-Satterthwaite).
    clusters : ndarray of int (units,)
    level : float
    small_sample : bool
        False: normal quantiles.
    draws : int
    rng : Generator
    """

    first: np.ndarray
    clusters: np.ndarray
    level: float
    small_sample: bool
    draws: int
    rng: np.random.Generator

    def summed(self, influence: np.ndarray) -> np.ndarray:
        """Sum the influence by cluster (clusters, columns); times sqrt(G / (G - 1)) where they hold several units."""
        g = int(self.clusters.max()) + 1
        out = np.zeros((g, influence.shape[1]))
        np.add.at(out, self.clusters, influence)
        return out * np.sqrt(g / (g - 1)) if self.small_sample and g < len(self.clusters) else out

    def _df(self, influence: np.ndarray) -> np.ndarray:
        """Return the degrees of freedom of each column: independent variances of the cohorts, n - 1 each."""
        if not self.small_sample:
            return np.full(influence.shape[1], np.inf)
        groups = int(self.clusters.max()) + 1
        square = self.summed(influence) ** 2
        cohort = np.full(groups, np.iinfo(np.int64).min)
        cohort[self.clusters] = self.first
        if (cohort[self.clusters] != self.first).any():  # treatment varies within clusters
            return np.full(influence.shape[1], groups - 1.0)
        kinds, which = np.unique(cohort, return_inverse=True)
        part = np.zeros((len(kinds), influence.shape[1]))
        np.add.at(part, which, square)
        free = np.maximum(np.bincount(which) - 1, 1)
        return part.sum(axis=0) ** 2 / np.maximum((part**2 / free[:, None]).sum(axis=0), 1e-300)

    def contrast(self, estimate: float, influence: np.ndarray) -> Contrast:
        """Return the interval of one estimate."""
        column = influence[:, None]
        return Contrast.of(
            estimate, float(np.linalg.norm(self.summed(column))), float(self._df(column)[0]), self.level
        )

    def with_bands(self, effects: Effects) -> pd.DataFrame:
        """Return the table with se, df, low, high, p and the simultaneous band_low, band_high over its rows."""
        psi, df = self.summed(effects.influence), self._df(effects.influence)
        se = np.linalg.norm(psi, axis=0)
        estimate = effects.table["estimate"].to_numpy(float)
        half = stats.t.ppf(0.5 + self.level / 2, df) * se
        signs = self.rng.choice([-1.0, 1.0], size=(self.draws, len(psi)))
        z = np.quantile(np.abs(signs @ psi / se).max(axis=1), self.level)
        wide = stats.t.isf(stats.norm.sf(z), df) * se
        columns = {
            "se": se,
            "df": df,
            "low": estimate - half,
            "high": estimate + half,
            "p": 2 * stats.t.sf(np.abs(estimate) / se, df),
            "band_low": estimate - wide,
            "band_high": estimate + wide,
        }
        return pd.concat([effects.table, pd.DataFrame(columns)], axis=1)

    def placebo_test(self, dynamic: Effects, anticipation: int) -> pd.Series:
        """Test jointly the placebo effects nearest the start: at most a quarter as many as clusters."""
        before = np.flatnonzero(dynamic.table["event_time"].to_numpy() < -anticipation)
        psi = self.summed(dynamic.influence)
        before = before[max(0, len(before) - max(1, len(psi) // 4)) :]
        test = joint_test(dynamic.table["estimate"].to_numpy(float)[before], psi[:, before])
        return pd.Series(dict(zip(("F", "df1", "df2", "p"), test, strict=True)))


def average(effects: Effects, first: np.ndarray, key: str | None, by_size: bool) -> Effects:
    """Average effects within the values of `key` (one average when None).

    Weights are the shares of the cohorts among all units (their own sampling error is part of the
    influence), or equal when `by_size` is False.
    """
    table = effects.table
    values = [None] if key is None else sorted(table[key].unique())
    rows, influence = [], []
    for value in values:
        pick = np.arange(len(table)) if key is None else np.flatnonzero(table[key] == value)
        att = table["estimate"].to_numpy(float)[pick]
        if by_size:
            member = first[:, None] == table["cohort"].to_numpy()[pick]
            size = member.mean(axis=0)
            weight = size / size.sum()
            off = member - size
            drift = (off - off.sum(axis=1, keepdims=True) * weight) / size.sum() / len(first)
        else:
            weight, drift = np.full(len(pick), 1 / len(pick)), np.zeros((len(first), len(pick)))
        rows.append({**({} if key is None else {key: value}), "estimate": float(weight @ att)})
        influence.append(effects.influence[:, pick] @ weight + drift @ att)
    return Effects(pd.DataFrame(rows), np.column_stack(influence))


def subset(effects: Effects, rows: np.ndarray) -> Effects:
    """Return some of the rows."""
    return Effects(effects.table[rows].reset_index(drop=True), effects.influence[:, np.flatnonzero(rows)])
