"""A fitted ordered model: predicted mixes, marginal effects, figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.polynomial.hermite import hermgauss
from scipy import special, stats

from sim.errors import KinerjaError
from sim.inference.models.formulas import FixedEffects
from sim.inference.models.mixed import Array
from sim.inference.result import Lang, Result, forest
from sim.language.numbers import number, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STEP = 1e-5  # relative, for derivatives of probabilities in the parameters


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class OrderedResult(Result):
    """A fitted proportional odds model.

    Attributes
    ----------
    table : DataFrame
        part ("slope", "threshold" or "sd"), term, estimate, se, low, high, p. Slopes are log odds of a higher level.
    levels : tuple
        Levels of the score, lowest first.
    params : float array (K - 1 + p [+ 1],)
        Thresholds, slopes and, with a random rater, its standard deviation.
    covariance : float array
        Of `params`.
    log_likelihood : float
    converged : bool
    raters : DataFrame or None
        Severity of every rater on the logit scale: the rater, n, estimate, se, low, high.
    frame : DataFrame
        Rows used.
    fixed : FixedEffects
    score, rater : str
    level : float
    """

    levels: tuple[object, ...]
    params: Array
    covariance: Array
    log_likelihood: float
    converged: bool
    raters: pd.DataFrame | None
    frame: pd.DataFrame
    fixed: FixedEffects
    score: str
    rater: str | None
    level: float

    @cached_property
    def slopes(self) -> pd.DataFrame:
        return self.estimates[self.estimates["part"] == "slope"].set_index("term")

    def mix(self, data: pd.DataFrame | None = None) -> pd.DataFrame:
        """Predicted mix over the rows of `data` (those used by default), averaged over raters.

        Returns
        -------
        DataFrame
            level, share, se, low, high.
        """
        X = self._columns(self.frame if data is None else data)
        share, se = self._delta(lambda p: self._probabilities(p, X).mean(axis=0))
        return self._shares(share, se)

    def effects(self, of: object | None = None) -> pd.DataFrame:
        """Average marginal effects: how the chance of every level moves with every variable.

        Parameters
        ----------
        of : level, optional
            Only officers who have this level now (``"Baik"``); everyone by default.

        Returns
        -------
        DataFrame
            variable, change (which comparison), level, estimate (a difference in probability), se, low, high, p. A
            variable with two values is moved from the lower to the higher, a category from the first to each other, a
            measure by a small step, expressed per unit.
        """
        frame = self.frame
        if of is not None:
            if of not in self.levels:
                raise KinerjaError(
                    f"{of} is not a level of {self.score}; they are {', '.join(map(str, self.levels))}."
                )
            frame = frame[frame[self.score] == of]
        z = stats.norm.ppf(0.5 + self.level / 2.0)
        rows = []
        for variable in self.fixed.variables:
            for change, low, high, size in _contrasts(frame, self.frame[variable], variable):
                below, above = self._columns(low), self._columns(high)

                def difference(p: Array, a: Array = above, b: Array = below, h: float = size) -> Array:
                    return (self._probabilities(p, a) - self._probabilities(p, b)).mean(axis=0) / h

                estimate, se = self._delta(difference)
                for k, name in enumerate(self.levels):
                    e, s = float(estimate[k]), float(se[k])
                    p = float(2.0 * stats.norm.sf(abs(e) / s)) if s > 0.0 else float("nan")
                    rows.append((variable, change, name, e, s, e - z * s, e + z * s, p))
        names = ["variable", "change", "level", "estimate", "se", "low", "high", "p"]
        return pd.DataFrame(rows, columns=names)

    def prose(self, lang: Lang) -> str:
        top = self.levels[-1]
        table = self.effects()
        table = table[table["level"] == top]
        n = number(len(self.frame), 0, lang=lang)
        found = "; ".join(
            f"{row.variable} ({row.change}): {percent(row.estimate, lang=lang)} "
            f"({percent(row.low, lang=lang)}, {percent(row.high, lang=lang)})"
            for row in table.itertuples()
        )
        if lang == "id":
            text = f"{n} pegawai-penilaian. Perubahan rata-rata peluang {top}: {found}."
        else:
            text = f"{n} ratings. Average change in the chance of {top}: {found}."
        sd = self.estimates[self.estimates["part"] == "sd"]
        if len(sd):
            ratio = number(float(np.exp(sd["estimate"].iloc[0])), 1, lang=lang)
            text += (
                f" Penilai yang satu simpangan baku lebih longgar melipatkan peluang (odds) naik {ratio} kali."
                if lang == "id"
                else f" A rater one standard deviation more lenient multiplies the odds of a higher level by {ratio}."
            )
        return text

    def _draw_on(self, ax: Axes) -> None:
        table = self.effects()
        table = table[table["level"] == self.levels[-1]]
        table = table.assign(label=table["variable"] + " " + table["change"])
        forest(ax, table, "label", zero=0.0)
        ax.set_xlabel(f"P({self.score} = {self.levels[-1]})")

    def _columns(self, data: pd.DataFrame) -> Array:
        built = self.fixed.rebuild(data)
        return built.drop(columns="Intercept", errors="ignore").to_numpy(float)

    def _probabilities(self, params: Array, X: Array) -> Array:
        """Chance of every level (rows, K), integrated over raters."""
        k = len(self.levels) - 1
        eta = (X @ params[k : k + X.shape[1]])[:, None]
        weights = np.ones(1)
        if self.rater is not None:
            nodes, weights = hermgauss(30)
            eta = eta + params[-1] * np.sqrt(2.0) * nodes
            weights = weights / np.sqrt(np.pi)
        reach = special.expit(params[:k] - eta[..., None])  # P(level <= k)
        return np.diff((reach * weights[:, None]).sum(axis=1), axis=1, prepend=0.0, append=1.0)

    def _delta(self, function: Callable[[Array], Array]) -> tuple[Array, Array]:
        """Value of a vector function of the estimates and its standard errors."""
        value = function(self.params)
        jacobian = np.empty((len(value), len(self.params)))
        for j, at in enumerate(self.params):
            shift = np.zeros(len(self.params))
            shift[j] = STEP * max(1.0, abs(float(at)))
            jacobian[:, j] = (function(self.params + shift) - function(self.params - shift)) / (
                2.0 * shift[j]
            )
        variance = np.einsum("ij,jk,ik->i", jacobian, self.covariance, jacobian)
        return value, np.sqrt(np.maximum(variance, 0.0))

    def _shares(self, share: Array, se: Array) -> pd.DataFrame:
        """Intervals on the logit scale, so that they stay between 0 and 1."""
        z = stats.norm.ppf(0.5 + self.level / 2.0) * se / np.maximum(share * (1.0 - share), 1e-300)
        low, high = special.expit(special.logit(share) - z), special.expit(special.logit(share) + z)
        return pd.DataFrame({"level": list(self.levels), "share": share, "se": se, "low": low, "high": high})


def _contrasts(
    frame: pd.DataFrame, whole: pd.Series, variable: str
) -> list[tuple[str, pd.DataFrame, pd.DataFrame, float]]:
    """Comparisons a variable allows: what it is called, the rows before and after, and the size of the step."""
    values = sorted(whole.unique().tolist())
    if len(values) == 1:
        return []
    if pd.api.types.is_numeric_dtype(whole) and not pd.api.types.is_bool_dtype(whole) and len(values) > 2:
        half = 1e-4 * float(whole.std())
        return [("+1", frame.assign(**{variable: frame[variable] - half}),
                 frame.assign(**{variable: frame[variable] + half}), 2.0 * half)]  # fmt: skip
    first = _same(frame, variable, values[0])
    return [(f"{values[0]} → {v}", first, _same(frame, variable, v), 1.0) for v in values[1:]]


def _same(frame: pd.DataFrame, variable: str, value: object) -> pd.DataFrame:
    constant = pd.Series([value] * len(frame), index=frame.index)
    return frame.assign(**{variable: constant.astype(frame[variable].dtype)})
